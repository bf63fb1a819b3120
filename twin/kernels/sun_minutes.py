"""When the sun shines on points of facades: one step after another over a day.

Plain shadow rays, but for one thing: what hid the sun a minute ago usually hides it still, so the last
occluder is tried before the hierarchy is walked.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.bvh import Bvh
from twin.kernels.rays import FAR, in_threads, occluder, surface_offset

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_POINTS_PER_TASK = 64


def sunlit_steps(
    bvh: Bvh, corners: Singles, points: Floats, normals: Floats, suns: Floats
) -> NDArray[np.bool_]:
    """Whether the sun reaches N points at each of H steps, (N, H).

    Args:
        bvh: hierarchy over opaque triangles, as :func:`twin.kernels.bvh.build` makes it.
        corners: (T, 3, 3) float32, the triangles of the hierarchy, m.
        points: (N, 3) about the origin of ``corners``, m.
        normals: (N, 3) unit; a point sees only what lies before it. 0 for points that see all around.
        suns: (H, 3) unit vectors towards the sun in order of time; nothing is lit below the horizon (z <= 0).
    """
    lit = np.zeros((len(points), len(suns)), np.bool_)
    at, facing = np.ascontiguousarray(points, np.float64), np.ascontiguousarray(normals, np.float64)
    towards = np.ascontiguousarray(suns, np.float64)
    triangles = np.ascontiguousarray(corners, np.float32)
    in_threads(
        lambda start, stop: _lit_range(bvh, triangles, at, facing, towards, lit, start, stop),
        len(points),
        _POINTS_PER_TASK,
    )
    return lit


@njit(cache=True, nogil=True, error_model="numpy")
def _hits(
    corners: Singles, row: int, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> bool:
    """Möller and Trumbore 1997, doi:10.1080/10867651.1997.10487468; both sides."""
    ax, ay, az = corners[row, 0, 0], corners[row, 0, 1], corners[row, 0, 2]
    ex, ey, ez = corners[row, 1, 0] - ax, corners[row, 1, 1] - ay, corners[row, 1, 2] - az
    fx, fy, fz = corners[row, 2, 0] - ax, corners[row, 2, 1] - ay, corners[row, 2, 2] - az
    px, py, pz = dy * fz - dz * fy, dz * fx - dx * fz, dx * fy - dy * fx
    determinant = ex * px + ey * py + ez * pz
    if abs(determinant) < 1e-12:
        return False
    tx, ty, tz = ox - ax, oy - ay, oz - az
    u = (tx * px + ty * py + tz * pz) / determinant
    if u < 0.0 or u > 1.0:
        return False
    qx, qy, qz = ty * ez - tz * ey, tz * ex - tx * ez, tx * ey - ty * ex
    v = (dx * qx + dy * qy + dz * qz) / determinant
    if v < 0.0 or u + v > 1.0:
        return False
    return bool((fx * qx + fy * qy + fz * qz) / determinant > 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _lit_range(
    bvh: Bvh, corners: Singles, points: Floats, normals: Floats, suns: Floats, lit: NDArray[np.bool_],
    start: int, stop: int,
) -> None:  # fmt: skip
    for i in range(start, stop):
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        free = nx == 0.0 and ny == 0.0 and nz == 0.0
        offset = surface_offset(points[i, 0], points[i, 1], points[i, 2])
        x, y, z = points[i, 0] + offset * nx, points[i, 1] + offset * ny, points[i, 2] + offset * nz
        before = np.int64(-1)  # the last occluder
        for hour in range(suns.shape[0]):
            dx, dy, dz = suns[hour, 0], suns[hour, 1], suns[hour, 2]
            if dz <= 0.0 or not (free or dx * nx + dy * ny + dz * nz > 0.0):
                continue
            if before >= 0 and _hits(corners, before, x, y, z, dx, dy, dz):
                continue
            before = occluder(
                bvh, np.float32(x), np.float32(y), np.float32(z),
                np.float32(dx), np.float32(dy), np.float32(dz), FAR, -1,
            )  # fmt: skip
            lit[i, hour] = before < 0


@njit(cache=True, nogil=True, error_model="numpy")
def lit_periods(
    lit: NDArray[np.bool_], least_steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of N points: steps in the sun in periods of at least ``least_steps``, the longest period, its start.

    ``lit`` (N, H). Returns three arrays (N,); the start is -1 where there is no such period.
    """
    count = lit.shape[0]
    total, longest, begin = np.zeros(count, np.int64), np.zeros(count, np.int64), np.full(count, -1, np.int64)
    for i in range(count):
        run = 0
        for hour in range(lit.shape[1] + 1):
            if hour < lit.shape[1] and lit[i, hour]:
                run += 1
                continue
            if run >= least_steps and run > 0:
                total[i] += run
                if run > longest[i]:
                    longest[i], begin[i] = run, hour - run
            run = 0
    return total, longest, begin


def solar_times(begin_h: float, end_h: float, step_min: float) -> Floats:
    """The middles of the steps of a band of apparent solar time, (H,), h."""
    count = round((end_h - begin_h) * 60.0 / step_min)
    if count < 1 or abs(count * step_min - (end_h - begin_h) * 60.0) > 1e-6:
        raise ValueError(f"{begin_h:g} to {end_h:g} h is no whole number of steps of {step_min:g} min")
    return begin_h + (np.arange(count, dtype=np.float64) + 0.5) * (step_min / 60.0)
