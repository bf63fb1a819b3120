"""Rays against triangles: the closest hit and any hit.

``closest``, ``occluder`` and ``blocked`` are for one ray inside other kernels;
:mod:`twin.kernels.ray_streams` takes arrays of rays. Coordinates and distances are in metres, float32; keep
them within a few kilometres of the origin, and start a ray that leaves a surface :func:`surface_offset`
above it.

Some triangles exist for some rays only, which is what keeps rooms apart (``Bvh.owners``):

* owner -1, a solid: every ray hits it, from both sides;
* owner 2 r, the shell of room r: only rays that travel in room r hit it, from within;
* owner 2 r + 1, a portal of room r: rays in room r hit it from within, rays in no room (-1) from behind.

Normals of shells and portals (right-hand rule over the corners) point out of their room.

Compiled with ``_nrt=False``: nothing here allocates, and references to the arrays of the hierarchy would be
counted ten times a ray.
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
TINY = np.float32(1e-12)  # stands for a direction component of 0
BOX_SLACK = np.float32(2.0**-23)  # of start x inverse direction, for its rounding


@njit(cache=True, nogil=True, error_model="numpy")
def surface_offset(x: float, y: float, z: float) -> float:
    """How far off its surface (m) a ray must start, so that rounding to float32 never hits it again."""
    return 2e-4 + 2e-7 * (abs(x) + abs(y) + abs(z))


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy")
def seen(bvh: Bvh, slot: int, dx: float, dy: float, dz: float, room: int) -> bool:
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


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy", forceinline=True)
def closest(
    bvh: Bvh, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float, room: int
) -> tuple[float, np.int64]:
    """The nearest hit of one ray in (0, t_max): distance and triangle; (t_max, -1) for none.

    The arguments are float32; ``room`` is the room that the ray travels in, -1 for none.
    """
    waiting = int_stack()
    entered = float_stack()
    lanes = float_lanes()
    sx = dx if abs(dx) > TINY else TINY
    sy = dy if abs(dy) > TINY else TINY
    sz = dz if abs(dz) > TINY else TINY
    ix, iy, iz = np.float32(1) / sx, np.float32(1) / sy, np.float32(1) / sz
    shift_x = 0 if ix > 0 else 8
    shift_y = 0 if iy > 0 else 8
    shift_z = 0 if iz > 0 else 8
    px, py, pz = ox * ix, oy * iy, oz * iz
    gx, gy, gz = abs(px) * BOX_SLACK, abs(py) * BOX_SLACK, abs(pz) * BOX_SLACK
    nx, ny, nz, fx, fy, fz = px + gx, py + gy, pz + gz, px - gx, py - gy, pz - gz
    best = np.int64(-1)
    current = np.int64(0)
    top = 0
    while True:
        if current >= 0:
            base = current * NODE + CHILDREN
            mask = boxes_hit(
                bvh.nodes, current * NODE, ix, iy, iz, nx, ny, nz, fx, fy, fz,
                shift_x, shift_y, shift_z, t_max, lanes,
            )  # fmt: skip
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
                    bvh.owners[pack * PACK + OWNERS + lane] < 0 or seen(bvh, slot, dx, dy, dz, room)
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


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy", forceinline=True)
def occluder(
    bvh: Bvh, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float, room: int
) -> np.int64:
    """Any triangle that one ray hits in (0, t_max), -1 for none; arguments as in :func:`closest`."""
    waiting = int_stack()
    lanes = float_lanes()
    sx = dx if abs(dx) > TINY else TINY
    sy = dy if abs(dy) > TINY else TINY
    sz = dz if abs(dz) > TINY else TINY
    ix, iy, iz = np.float32(1) / sx, np.float32(1) / sy, np.float32(1) / sz
    shift_x = 0 if ix > 0 else 8
    shift_y = 0 if iy > 0 else 8
    shift_z = 0 if iz > 0 else 8
    px, py, pz = ox * ix, oy * iy, oz * iz
    gx, gy, gz = abs(px) * BOX_SLACK, abs(py) * BOX_SLACK, abs(pz) * BOX_SLACK
    nx, ny, nz, fx, fy, fz = px + gx, py + gy, pz + gz, px - gx, py - gy, pz - gz
    put(waiting, 0, np.int32(0))
    top = 1
    while top > 0:
        top -= 1
        current = np.int64(get(waiting, top))
        if current >= 0:
            mask = boxes_hit(
                bvh.nodes, current * NODE, ix, iy, iz, nx, ny, nz, fx, fy, fz,
                shift_x, shift_y, shift_z, t_max, lanes,
            )  # fmt: skip
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
                if bvh.owners[pack * PACK + OWNERS + lane] < 0 or seen(bvh, slot, dx, dy, dz, room):
                    return np.int64(bvh.triangles[slot])
    return np.int64(-1)


@njit(cache=True, _nrt=False, nogil=True, error_model="numpy", forceinline=True)
def blocked(
    bvh: Bvh, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float, room: int
) -> bool:
    """Whether one ray hits anything in (0, t_max); arguments as in :func:`closest`."""
    return bool(occluder(bvh, ox, oy, oz, dx, dy, dz, t_max, room) >= 0)


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
