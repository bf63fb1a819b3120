"""Rays against triangles: the closest hit and any hit.

``closest``, ``occluder`` and ``blocked`` are for one ray inside other kernels; ``closest_hits`` and
``any_hits`` take arrays and use every core. Coordinates and distances are in metres, float32; keep them
within a few kilometres of the origin, and start a ray that leaves a surface :func:`surface_offset` above it.

Some triangles exist for some rays only, which is what keeps rooms apart (``Bvh.owners``):

* owner -1, a solid: every ray hits it, from both sides;
* owner 2 r, the shell of room r: only rays that travel in room r hit it, from within;
* owner 2 r + 1, a portal of room r: rays in room r hit it from within, rays in no room (-1) from behind.

Normals of shells and portals (right-hand rule over the corners) point out of their room.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

from twin.kernels.bvh import CHILDREN, NODE, OWNERS, PACK, Bvh
from twin.kernels.lanes import (
    boxes_hit,
    float_lanes,
    float_stack,
    get,
    int_stack,
    lowest_bit,
    put,
    triangles_hit,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

FAR = np.float32(3e38)
_TINY = np.float32(1e-12)


@njit(cache=True, nogil=True, error_model="numpy")
def surface_offset(x: float, y: float, z: float) -> float:
    """How far off its surface (m) a ray must start, so that rounding to float32 never hits it again."""
    return 2e-4 + 2e-7 * (abs(x) + abs(y) + abs(z))


@njit(cache=True, nogil=True, error_model="numpy")
def _seen(bvh: Bvh, slot: int, dx: float, dy: float, dz: float, room: int) -> bool:
    """Whether a ray in ``room`` can hit the owned triangle in ``slot``."""
    base = (slot >> 3) * PACK + (slot & 7)
    owner = bvh.owners[base + OWNERS]
    packs = bvh.packs
    ax, ay, az = packs[base + 24], packs[base + 32], packs[base + 40]
    bx, by, bz = packs[base + 48], packs[base + 56], packs[base + 64]
    along = dx * (ay * bz - az * by) + dy * (az * bx - ax * bz) + dz * (ax * by - ay * bx)
    if room == (owner >> 1):
        return bool(along > 0.0)
    return bool(room == -1 and (owner & 1) == 1 and along < 0.0)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def closest(
    bvh: Bvh, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float, room: int
) -> tuple[float, np.int64]:
    """The nearest hit of one ray in (0, t_max): distance and triangle; (t_max, -1) for none.

    The arguments are float32; ``room`` is the room that the ray travels in, -1 for none.
    """
    waiting = int_stack()
    entered = float_stack()
    lanes = float_lanes()
    sx = dx if abs(dx) > _TINY else _TINY
    sy = dy if abs(dy) > _TINY else _TINY
    sz = dz if abs(dz) > _TINY else _TINY
    ix, iy, iz = np.float32(1) / sx, np.float32(1) / sy, np.float32(1) / sz
    shift_x = 0 if ix > 0 else 8
    shift_y = 0 if iy > 0 else 8
    shift_z = 0 if iz > 0 else 8
    best = np.int64(-1)
    current = np.int64(0)
    top = 0
    while True:
        if current >= 0:
            base = current * NODE + CHILDREN
            mask = boxes_hit(
                bvh.nodes, current * NODE, ox, oy, oz, ix, iy, iz, shift_x, shift_y, shift_z, t_max, lanes
            )
            if mask != 0:
                # Push the children that are hit, nearest last, and go on with the nearest.
                lane = lowest_bit(mask)
                mask = mask & (mask - np.int32(1))
                nearest, nearest_t = bvh.links[base + lane], get(lanes, lane)
                bottom = top
                while mask != 0:
                    lane = lowest_bit(mask)
                    mask = mask & (mask - np.int32(1))
                    child, t = bvh.links[base + lane], get(lanes, lane)
                    if t < nearest_t:
                        child, nearest = nearest, child
                        t, nearest_t = nearest_t, t
                    j = top
                    while j > bottom and get(entered, j - 1) < t:
                        put(entered, j, get(entered, j - 1))
                        put(waiting, j, get(waiting, j - 1))
                        j -= 1
                    put(entered, j, t)
                    put(waiting, j, child)
                    top += 1
                current = np.int64(nearest)
                continue
        else:
            pack = -current - 1
            mask = triangles_hit(bvh.packs, pack * PACK, ox, oy, oz, dx, dy, dz, t_max, lanes)
            while mask != 0:
                lane = lowest_bit(mask)
                mask = mask & (mask - np.int32(1))
                t = get(lanes, lane)
                slot = pack * 8 + lane
                if t < t_max and (
                    bvh.owners[pack * PACK + OWNERS + lane] < 0 or _seen(bvh, slot, dx, dy, dz, room)
                ):
                    t_max = t
                    best = slot
        found = False
        while top > 0:
            top -= 1
            if get(entered, top) < t_max:
                current = np.int64(get(waiting, top))
                found = True
                break
        if not found:
            break
    if best < 0:
        return t_max, np.int64(-1)
    return t_max, np.int64(bvh.triangles[best])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def occluder(
    bvh: Bvh, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float, room: int
) -> np.int64:
    """Any triangle that one ray hits in (0, t_max), -1 for none; arguments as in :func:`closest`."""
    waiting = int_stack()
    lanes = float_lanes()
    sx = dx if abs(dx) > _TINY else _TINY
    sy = dy if abs(dy) > _TINY else _TINY
    sz = dz if abs(dz) > _TINY else _TINY
    ix, iy, iz = np.float32(1) / sx, np.float32(1) / sy, np.float32(1) / sz
    shift_x = 0 if ix > 0 else 8
    shift_y = 0 if iy > 0 else 8
    shift_z = 0 if iz > 0 else 8
    put(waiting, 0, np.int32(0))
    top = 1
    while top > 0:
        top -= 1
        current = np.int64(get(waiting, top))
        if current >= 0:
            mask = boxes_hit(
                bvh.nodes, current * NODE, ox, oy, oz, ix, iy, iz, shift_x, shift_y, shift_z, t_max, lanes
            )
            while mask != 0:
                lane = lowest_bit(mask)
                mask = mask & (mask - np.int32(1))
                put(waiting, top, bvh.links[current * NODE + CHILDREN + lane])
                top += 1
        else:
            pack = -current - 1
            mask = triangles_hit(bvh.packs, pack * PACK, ox, oy, oz, dx, dy, dz, t_max, lanes)
            while mask != 0:
                lane = lowest_bit(mask)
                mask = mask & (mask - np.int32(1))
                slot = pack * 8 + lane
                if bvh.owners[pack * PACK + OWNERS + lane] < 0 or _seen(bvh, slot, dx, dy, dz, room):
                    return np.int64(bvh.triangles[slot])
    return np.int64(-1)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def blocked(
    bvh: Bvh, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float, room: int
) -> bool:
    """Whether one ray hits anything in (0, t_max); arguments as in :func:`closest`."""
    return bool(occluder(bvh, ox, oy, oz, dx, dy, dz, t_max, room) >= 0)


@njit(cache=True, nogil=True, error_model="numpy")
def _closest_range(
    bvh: Bvh,
    origins: Floats,
    directions: Floats,
    rooms: Ints,
    t: Floats,
    triangle: Ints,
    start: int,
    stop: int,
) -> None:
    for i in range(start, stop):
        t[i], triangle[i] = closest(
            bvh, origins[i, 0], origins[i, 1], origins[i, 2],
            directions[i, 0], directions[i, 1], directions[i, 2], FAR, rooms[i],
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _any_range(
    bvh: Bvh, origins: Floats, directions: Floats, t_max: Floats, rooms: Ints, hit: NDArray[np.bool_],
    start: int, stop: int,
) -> None:  # fmt: skip
    for i in range(start, stop):
        hit[i] = blocked(
            bvh, origins[i, 0], origins[i, 1], origins[i, 2],
            directions[i, 0], directions[i, 1], directions[i, 2], t_max[i], rooms[i],
        )  # fmt: skip


def in_threads(work: Callable[[int, int], object], count: int, chunk: int) -> None:
    """Call ``work(start, stop)`` for ranges of at most ``chunk`` over [0, count), on several threads.

    The number of threads is NUMBA_NUM_THREADS.
    ``work`` must release the interpreter lock; kernels with ``nogil=True`` do.
    """
    starts = range(0, count, chunk)
    if len(starts) <= 1 or config.NUMBA_NUM_THREADS == 1:
        for start in starts:
            work(start, min(start + chunk, count))
        return
    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        for future in [pool.submit(work, start, min(start + chunk, count)) for start in starts]:
            future.result()


def closest_hits(
    bvh: Bvh, origins: NDArray[np.floating], directions: NDArray[np.floating], rooms: Ints | None = None
) -> tuple[Floats, Ints]:
    """Nearest hits of R rays: distance (R,) float32 in lengths of ``directions``, triangle (R,) int32.

    ``origins`` and ``directions`` are (R, 3); ``rooms`` (R,) is the room each ray travels in (-1 for none,
    the default). Rays that hit nothing get infinity and -1.
    """
    o, d = _rays(origins, directions)
    room = np.full(len(o), -1, np.int32) if rooms is None else np.ascontiguousarray(rooms, np.int32)
    t, triangle = np.empty(len(o), np.float32), np.empty(len(o), np.int32)
    in_threads(lambda start, stop: _closest_range(bvh, o, d, room, t, triangle, start, stop), len(o), 16384)
    t[triangle < 0] = np.inf
    return t, triangle


def any_hits(
    bvh: Bvh,
    origins: NDArray[np.floating],
    directions: NDArray[np.floating],
    t_max: NDArray[np.floating] | float = float(FAR),
    rooms: Ints | None = None,
) -> NDArray[np.bool_]:
    """Whether each of R rays hits anything nearer than ``t_max`` (R,), as in :func:`closest_hits`."""
    o, d = _rays(origins, directions)
    reach = np.ascontiguousarray(np.broadcast_to(np.asarray(t_max, np.float32), (len(o),)))
    room = np.full(len(o), -1, np.int32) if rooms is None else np.ascontiguousarray(rooms, np.int32)
    hit = np.empty(len(o), np.bool_)
    in_threads(lambda start, stop: _any_range(bvh, o, d, reach, room, hit, start, stop), len(o), 16384)
    return hit


def _rays(origins: NDArray[np.floating], directions: NDArray[np.floating]) -> tuple[Floats, Floats]:
    o = np.ascontiguousarray(origins, np.float32).reshape(-1, 3)
    d = np.ascontiguousarray(directions, np.float32).reshape(-1, 3)
    if o.shape != d.shape:
        raise ValueError(f"{len(o)} origins for {len(d)} directions")
    return o, d
