"""Arrays of rays against triangles: the closest hit and any hit, of many rays at a time.

Rays are sorted by the octant of their direction and the cell that they start in. A *stream* of such
neighbours walks the hierarchy together: at each node the list of its rays is split into one list per child,
eight rays against one box at a time (Tsakok 2009, Faster Incoherent Rays: Multi-BVH Ray Stream Tracing,
doi:10.1145/1572769.1572793). So the rays of a list wait for one another neither at memory nor at a branch,
which is where a ray alone spends most of its time. Coordinates, rooms and owners are those of
:mod:`twin.kernels.rays`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

from twin.kernels.bvh import CHILDREN, NODE, OWNERS, PACK, Bvh
from twin.kernels.lanes import LANES, STACK_SIZE, float_lanes, get, lowest_bit, put, triangles_hit
from twin.kernels.rays import FAR, TINY, in_threads, seen
from twin.kernels.stream_lanes import append_lanes, fill_lanes, prefetch, rays_hit_box, take_rays

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

_STREAM = 1024
_NOBODY = np.int32(_STREAM)  # a ray of no reach, which fills up lists to whole eights
_AHEAD = 16
_BLOCK = 7 * LANES  # numbers of eight rays side by side
_MOST_CELL_BITS = 4  # sixteen cells along the longest side
_LEAST_RAYS_PER_THREAD = 16384


def closest_hits(
    bvh: Bvh, origins: NDArray[np.floating], directions: NDArray[np.floating], rooms: Ints | None = None
) -> tuple[Floats, Ints]:
    """Nearest hits of R rays: distance (R,) float32 in lengths of ``directions``, triangle (R,) int32.

    ``origins`` and ``directions`` are (R, 3); ``rooms`` (R,) is the room each ray travels in (-1 for none,
    the default). Rays that hit nothing get infinity and -1.
    """
    t = np.full(len(origins), np.inf, np.float32)
    return t, _trace(bvh, origins, directions, np.array([FAR]), rooms, t)


def any_hits(
    bvh: Bvh,
    origins: NDArray[np.floating],
    directions: NDArray[np.floating],
    t_max: NDArray[np.floating] | float = float(FAR),
    rooms: Ints | None = None,
) -> NDArray[np.bool_]:
    """Whether each of R rays hits anything nearer than ``t_max`` (R,), as in :func:`closest_hits`."""
    reach = np.ascontiguousarray(t_max, np.float32).reshape(-1)
    if reach.shape not in ((1,), (len(origins),)):
        raise ValueError(f"{len(origins)} rays with {len(reach)} lengths")
    return _trace(bvh, origins, directions, reach, rooms, np.empty(0, np.float32)) >= 0


def _trace(
    bvh: Bvh, origins: NDArray[np.floating], directions: NDArray[np.floating], reach: Floats,
    rooms: Ints | None, t: Floats,
) -> Ints:  # fmt: skip
    """Triangles (R,) that rays hit nearer than ``reach`` (R,) or (1,), -1 for none.

    The nearest, whose distance goes to ``t`` (R,); or any where ``t`` is empty.
    """
    o = np.ascontiguousarray(origins, np.float32).reshape(-1, 3)
    d = np.ascontiguousarray(directions, np.float32).reshape(-1, 3)
    if o.shape != d.shape:
        raise ValueError(f"{len(o)} origins for {len(d)} directions")
    room = np.empty(0, np.int32) if rooms is None else np.ascontiguousarray(rooms, np.int32)
    triangle = np.full(len(o), -1, np.int32)
    share = max(-(-len(o) // config.NUMBA_NUM_THREADS), _LEAST_RAYS_PER_THREAD)
    in_threads(
        lambda start, stop: _trace_range(bvh, o.ravel(), d.ravel(), reach, room, t, triangle, start, stop),
        len(o),
        share,
    )
    return triangle


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(x: int) -> int:
    """The bits of a small number, two zeros between each."""
    x = (x | (x << 4)) & 0xC3
    return (x | (x << 2)) & 0x249


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _cell(x: float, low: float, scale: float, last: float) -> int:
    """Which of the cells along one side of the scene a coordinate lies in."""
    place = (x - low) * scale
    place = place if place < last else last
    return int(place) if place > 0 else 0


@njit(cache=True, nogil=True, error_model="numpy")
def _neighbours(bvh: Bvh, origins: Floats, directions: Floats, start: int, stop: int) -> tuple[Ints, Ints]:
    """Rays [start, stop) in the order of octant and cell of the origin, and where each octant begins (9,)."""
    count = stop - start
    bits = 0
    while bits < _MOST_CELL_BITS and 8 << (3 * bits + 3) <= count:
        bits += 1
    low = np.empty(3, np.float32)
    widest = np.float32(0)
    for axis in range(3):
        first, last = np.float32(np.inf), np.float32(-np.inf)
        for lane in range(LANES):
            first = min(first, bvh.nodes[16 * axis + lane])
            last = max(last, bvh.nodes[16 * axis + 8 + lane])
        low[axis] = first
        widest = max(widest, last - first)
    scale = np.float32(1 << bits) / max(widest, TINY)
    last_cell = np.float32((1 << bits) - 1)
    low_x, low_y, low_z = low[0], low[1], low[2]
    key = np.empty(count, np.uint16)
    end = np.zeros((8 << 3 * bits) + 1, np.int32)
    for i in range(count):
        o = 3 * (start + i)
        bucket = (
            _spread(_cell(origins[o], low_x, scale, last_cell))
            | _spread(_cell(origins[o + 1], low_y, scale, last_cell)) << 1
            | _spread(_cell(origins[o + 2], low_z, scale, last_cell)) << 2
        )
        octant = (
            np.int64(directions[o] > 0)
            | np.int64(directions[o + 1] > 0) << 1
            | np.int64(directions[o + 2] > 0) << 2
        )
        bucket |= octant << (3 * bits)
        key[i] = bucket
        end[bucket + 1] += 1
    for bucket in range(8 << 3 * bits):
        end[bucket + 1] += end[bucket]
    begin = end[:: 1 << 3 * bits].copy()
    order = np.empty(count, np.int32)
    for i in range(count):
        place_now = end[key[i]]
        end[key[i]] = place_now + 1
        order[place_now] = start + i
    return order, begin


class _Stream(NamedTuple):
    """Work space for rays that walk together; a ray is its place in the stream from here on.

    ``starts`` (4 S + 4,): x, y, z and the reach left; ``along`` (4 S,): the direction; ``inverses``
    (4 S + 4,): one over it, never infinite; ``room`` (S,); ``hit`` (S,): the slot of the triangle hit, -1
    for none. Ray S has no reach. ``lists``: the rays of every node that waits, filled up with ray S to whole
    eights; ``block``: those of one node, eight side by side. ``waiting`` (STACK_SIZE, 4): the nodes, where
    the lists of their rays begin, their length, and where all lists end.
    """

    starts: Floats
    along: Floats
    inverses: Floats
    room: Ints
    hit: Ints
    lists: Ints
    block: Floats
    waiting: NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def _new_stream() -> _Stream:
    starts = np.zeros(4 * _STREAM + 4, np.float32)
    starts[4 * _STREAM + 3] = -1
    return _Stream(
        starts,
        np.ones(4 * _STREAM, np.float32),
        np.zeros(4 * _STREAM + 4, np.float32),
        np.empty(_STREAM, np.int32),
        np.empty(_STREAM, np.int32),
        np.empty((LANES * STACK_SIZE + 1) * (_STREAM + 2 * LANES), np.int32),
        np.empty(_BLOCK * (_STREAM // LANES), np.float32),
        np.empty((STACK_SIZE, 4), np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _trace_range(
    bvh: Bvh, origins: Floats, directions: Floats, reach: Floats, rooms: Ints, t: Floats, triangle: Ints,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Trace rays [start, stop), see :func:`_trace`; without ``rooms`` (0,) they travel in none."""
    any_will_do = len(t) == 0
    order, begin = _neighbours(bvh, origins, directions, start, stop)
    stream = _new_stream()
    waiting, starts, hit = stream.waiting, stream.starts, stream.hit
    for octant in range(8):
        for first in range(begin[octant], begin[octant + 1], _STREAM):
            number = min(_STREAM, begin[octant + 1] - first)
            rays = order[first : first + number]
            _gather(stream, origins, directions, reach, rooms, rays)
            waiting[0, 0], waiting[0, 1], waiting[0, 2], waiting[0, 3] = 0, 0, number, number + LANES
            top = 1
            while top > 0:
                top -= 1
                if waiting[top, 0] < 0:
                    _test_pack(bvh, stream, top, any_will_do)
                else:
                    top = _share_out(bvh, stream, top, octant, any_will_do)
            for k in range(number):
                if hit[k] >= 0:
                    triangle[rays[k]] = bvh.triangles[hit[k]]
                    if not any_will_do:
                        t[rays[k]] = starts[4 * k + 3]


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy", forceinline=True)
def _gather(
    stream: _Stream, origins: Floats, directions: Floats, reach: Floats, rooms: Ints, rays: Ints
) -> None:
    """Make the stream of ``rays``, whose data lie all over memory: they are asked for some rays ahead."""
    number = len(rays)
    starts, along, inverses = stream.starts, stream.along, stream.inverses
    for k in range(number):
        if k + _AHEAD < number:
            ahead = 3 * np.int64(rays[k + _AHEAD])
            prefetch(origins, ahead, 1)
            prefetch(directions, ahead, 1)
        i = np.int64(rays[k])
        for axis in range(3):
            starts[4 * k + axis] = origins[3 * i + axis]
            along[4 * k + axis] = directions[3 * i + axis]
        starts[4 * k + 3] = reach[i] if len(reach) > 1 else reach[0]
        stream.hit[k] = -1
        stream.room[k] = rooms[i] if len(rooms) > 0 else -1
        stream.lists[k] = k
    fill_lanes(stream.lists, number, _NOBODY)
    for k in range(4 * number):
        d = along[k]
        steep = d if abs(d) > TINY else (TINY if d > 0 else -TINY)
        inverses[k] = np.float32(1) / steep


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy", forceinline=True)
def _test_pack(bvh: Bvh, stream: _Stream, top: int, any_will_do: bool) -> None:
    """Try the triangles of the pack ``waiting[top]`` on all of its rays."""
    starts, along = stream.starts, stream.along
    pack, own, size = -stream.waiting[top, 0] - 1, stream.waiting[top, 1], stream.waiting[top, 2]
    distances = float_lanes()
    for j in range(own, own + size):
        k = np.int64(stream.lists[j])
        dx, dy, dz = along[4 * k], along[4 * k + 1], along[4 * k + 2]
        mask = triangles_hit(
            bvh.packs, pack * PACK, starts[4 * k], starts[4 * k + 1], starts[4 * k + 2], dx, dy, dz,
            starts[4 * k + 3], distances,
        )  # fmt: skip
        while mask != 0:
            lane = lowest_bit(mask)
            mask = mask & (mask - np.int32(1))
            distance, slot = get(distances, lane), pack * LANES + lane
            if distance < starts[4 * k + 3] and (
                bvh.owners[pack * PACK + OWNERS + lane] < 0 or seen(bvh, slot, dx, dy, dz, stream.room[k])
            ):
                # A reach below 0 enters no further box.
                starts[4 * k + 3] = np.float32(-1) if any_will_do else distance
                stream.hit[k] = slot


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy", forceinline=True)
def _share_out(bvh: Bvh, stream: _Stream, top: int, octant: int, any_will_do: bool) -> int:
    """Put the children of the node ``waiting[top]``, with the rays that enter them, in its place.

    The child that rays enter soonest, in the mean, comes last, and so is taken up first; where any hit will
    do the children stay in the order of the node. Returns the new number of those that wait.
    """
    waiting, lists, block = stream.waiting, stream.lists, stream.block
    nodes, links, packs = bvh.nodes, bvh.links, bvh.packs
    node, own, size, free = waiting[top, 0], waiting[top, 1], waiting[top, 2], waiting[top, 3]
    shift_x = 0 if octant & 1 else LANES
    shift_y = 0 if octant & 2 else LANES
    shift_z = 0 if octant & 4 else LANES
    groups = (size + LANES - 1) // LANES
    for group in range(groups):
        take_rays(stream.inverses, stream.starts, lists, own + LANES * group, block, _BLOCK * group)
    base, bottom = node * NODE, top
    entries, means = float_lanes(), float_lanes()  # means: of the children that wait, first to last
    children = 0
    while children < LANES and nodes[base + children] <= nodes[base + LANES + children]:
        children += 1
    for lane in range(children):
        low, high = base + lane, base + LANES + lane
        near_x, far_x = nodes[low + shift_x], nodes[high - shift_x]
        near_y, far_y = nodes[low + 16 + shift_y], nodes[high + 16 - shift_y]
        near_z, far_z = nodes[low + 32 + shift_z], nodes[high + 32 - shift_z]
        for k in range(LANES):
            put(entries, k, np.float32(0))
        begin = free
        for group in range(groups):
            mask = rays_hit_box(block, _BLOCK * group, near_x, near_y, near_z, far_x, far_y, far_z, entries)
            free = append_lanes(lists, free, mask, own + LANES * group)
        inside = free - begin
        if inside > 0:
            fill_lanes(lists, free, _NOBODY)
            free += LANES
            place = top
            if not any_will_do:
                mean = np.float32(0)
                for k in range(LANES):
                    mean += get(entries, k)
                mean /= np.float32(inside)
                while place > bottom and get(means, place - bottom - 1) < mean:
                    put(means, place - bottom, get(means, place - bottom - 1))
                    for part in range(3):
                        waiting[place, part] = waiting[place - 1, part]
                    place -= 1
                put(means, place - bottom, mean)
            child = np.int64(links[base + CHILDREN + lane])
            waiting[place, 0], waiting[place, 1], waiting[place, 2] = child, begin, inside
            top += 1
            if child < 0:
                prefetch(packs, (-child - 1) * PACK, PACK)
            else:
                prefetch(nodes, child * NODE, NODE)
    for place in range(bottom, top):
        waiting[place, 3] = free
    return top
