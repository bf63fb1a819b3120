"""Arrays of rays against triangles: the closest hit and any hit, of many rays at a time.

Rays are sorted by the octant of their direction and the cell that they start in. A *stream* of such
neighbours walks the hierarchy together: at each node the list of its rays is split into one list per child
(Tsakok 2009, Faster Incoherent Rays: Multi-BVH Ray Stream Tracing, doi:10.1145/1572769.1572793). So the rays
of a list wait for one another neither at memory nor at a branch, which is where a ray alone spends most of
its time. Coordinates, rooms and owners are those of :mod:`twin.kernels.rays`.
"""

from __future__ import annotations

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

from twin.kernels.bvh import CHILDREN, NODE, OWNERS, PACK, Bvh
from twin.kernels.lanes import (
    LANES,
    STACK_SIZE,
    add_lanes,
    append_lanes,
    boxes_hit,
    float_lanes,
    get,
    int_lanes,
    lowest_bit,
    put,
    triangles_hit,
)
from twin.kernels.rays import BOX_SLACK, FAR, TINY, in_threads, seen

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

_STREAM = 1024  # rays that walk together at most
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
        lambda start, stop: _trace_range(bvh, o, d, reach, room, t, triangle, start, stop),
        len(o),
        share,
    )
    return triangle


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(x: int) -> int:
    """The bits of a small number, two zeros between each."""
    x = (x | (x << 4)) & 0xC3
    return (x | (x << 2)) & 0x249


@njit(cache=True, nogil=True, error_model="numpy")
def _neighbours(
    bvh: Bvh, origins: Floats, directions: Floats, start: int, stop: int
) -> tuple[Ints, NDArray[np.int64]]:
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
    cells = np.float32(1 << bits)
    scale = cells / max(widest, TINY)
    key = np.empty(count, np.uint16)
    end = np.zeros((8 << 3 * bits) + 1, np.int64)
    for i in range(count):
        ray = start + i
        bucket = 0
        for axis in range(3):
            place = (origins[ray, axis] - low[axis]) * scale
            cell = np.int64(place) if 0 <= place < cells else (0 if place < 0 else (1 << bits) - 1)
            bucket |= _spread(cell) << axis
            if directions[ray, axis] > 0:
                bucket |= 1 << (3 * bits + axis)
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


@njit(cache=True, nogil=True, error_model="numpy")
def _trace_range(
    bvh: Bvh, origins: Floats, directions: Floats, reach: Floats, rooms: Ints, t: Floats, triangle: Ints,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Trace rays [start, stop), see :func:`_trace`; without ``rooms`` (0,) they travel in none."""
    any_will_do = len(t) == 0
    order, begin = _neighbours(bvh, origins, directions, start, stop)
    # Per ray of a stream: start, direction, its inverse, what boxes_hit wants, and the reach left.
    ray = np.empty((_STREAM, 16), np.float32)
    hit = np.empty(_STREAM, np.int64)
    room = np.empty(_STREAM, np.int64)
    # Lists of rays: those of a node's children stand after all that still wait.
    lists = np.empty((LANES * STACK_SIZE + 1) * _STREAM, np.int16)
    waiting = np.empty((STACK_SIZE, 4), np.int64)  # node, first and number of its rays, end of all lists
    nearest_last = np.empty(LANES, np.int64)
    entry, entries, ends = float_lanes(), float_lanes(), int_lanes()
    for octant in range(8):
        shift_x = 0 if octant & 1 else 8
        shift_y = 0 if octant & 2 else 8
        shift_z = 0 if octant & 4 else 8
        for first in range(begin[octant], begin[octant + 1], _STREAM):
            number = min(_STREAM, begin[octant + 1] - first)
            for k in range(number):
                i = order[first + k]
                for axis in range(3):
                    o, d = origins[i, axis], directions[i, axis]
                    steep = d if abs(d) > TINY else (TINY if d > 0 else -TINY)
                    inverse = np.float32(1) / steep
                    ray[k, axis], ray[k, 3 + axis], ray[k, 6 + axis] = o, d, inverse
                    ray[k, 9 + axis] = o * inverse + abs(o * inverse) * BOX_SLACK
                    ray[k, 12 + axis] = o * inverse - abs(o * inverse) * BOX_SLACK
                ray[k, 15] = reach[i] if len(reach) > 1 else reach[0]
                hit[k] = -1
                room[k] = rooms[i] if len(rooms) > 0 else -1
                lists[k] = k
            waiting[0, 0], waiting[0, 1], waiting[0, 2], waiting[0, 3] = 0, 0, number, number
            top = 1
            while top > 0:
                top -= 1
                node, own, size, free = waiting[top, 0], waiting[top, 1], waiting[top, 2], waiting[top, 3]
                if node < 0:
                    pack = -node - 1
                    for j in range(own, own + size):
                        k = lists[j]
                        mask = triangles_hit(
                            bvh.packs, pack * PACK, ray[k, 0], ray[k, 1], ray[k, 2],
                            ray[k, 3], ray[k, 4], ray[k, 5], ray[k, 15], entry,
                        )  # fmt: skip
                        while mask != 0:
                            lane = lowest_bit(mask)
                            mask = mask & (mask - np.int32(1))
                            distance, slot = get(entry, lane), pack * LANES + lane
                            if distance < ray[k, 15] and (
                                bvh.owners[pack * PACK + OWNERS + lane] < 0
                                or seen(bvh, slot, ray[k, 3], ray[k, 4], ray[k, 5], room[k])
                            ):
                                # A reach below 0 enters no further box.
                                ray[k, 15] = np.float32(-1) if any_will_do else distance
                                hit[k] = slot
                    continue
                for lane in range(LANES):
                    put(ends, lane, np.int32(free + lane * size))
                    put(entries, lane, np.float32(0))
                for j in range(own, own + size):
                    k = lists[j]
                    mask = boxes_hit(
                        bvh.nodes, node * NODE, ray[k, 6], ray[k, 7], ray[k, 8], ray[k, 9], ray[k, 10],
                        ray[k, 11], ray[k, 12], ray[k, 13], ray[k, 14], shift_x, shift_y, shift_z,
                        ray[k, 15], entry,
                    )  # fmt: skip
                    append_lanes(lists, ends, mask, k)
                    if not any_will_do:
                        add_lanes(entries, mask, entry)
                entered = 0
                for lane in range(LANES):
                    inside = get(ends, lane) - free - lane * size
                    if inside > 0:
                        mean = get(entries, lane) / np.float32(inside)
                        put(entries, lane, mean)
                        j = entered
                        while not any_will_do and j > 0 and get(entries, nearest_last[j - 1]) < mean:
                            nearest_last[j] = nearest_last[j - 1]
                            j -= 1
                        nearest_last[j] = lane
                        entered += 1
                for j in range(entered):
                    lane = nearest_last[j]
                    waiting[top, 0] = bvh.links[node * NODE + CHILDREN + lane]
                    waiting[top, 1] = free + lane * size
                    waiting[top, 2] = get(ends, lane) - free - lane * size
                    waiting[top, 3] = free + LANES * size
                    top += 1
            for k in range(number):
                if hit[k] >= 0:
                    if not any_will_do:
                        t[order[first + k]] = ray[k, 15]
                    triangle[order[first + k]] = bvh.triangles[hit[k]]
