"""Sky view factors: the share of a surface's hemisphere, by cosine, that is unobstructed sky."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.bvh import Bvh
from twin.kernels.rays import FAR, blocked, in_threads
from twin.kernels.sampling import cosine_direction, radical_inverse, seed, uniform

Floats = NDArray[np.float64]

_POINTS_PER_TASK = 512


def sky_view_factors(obstacles: Bvh, points: Floats, normals: Floats, rays: int = 256) -> NDArray[np.float64]:
    """Configuration factor (N,) of the visible sky seen from N surface points.

    F = 1/π ∫ V cos θ dω over the sky above the horizon: 1 for an open roof, 0.5 for an open wall (Howell,
    Catalog of Radiation Heat Transfer Configuration Factors). Stratified by a shifted Hammersley set per
    point, so the result does not depend on the number of threads; the error is some 0.6 / rays^0.75.

    Args:
        obstacles: everything that hides the sky.
        points: (N, 3) a little off their surfaces, in the coordinates of ``obstacles``.
        normals: (N, 3) unit vectors, z up.
        rays: of each point.
    """
    at, facing = np.ascontiguousarray(points, np.float64), np.ascontiguousarray(normals, np.float64)
    seen = np.zeros(len(at))
    in_threads(
        lambda start, stop: _sky_range(obstacles, at, facing, rays, seen, start, stop),
        len(at),
        _POINTS_PER_TASK,
    )
    return seen


@njit(cache=True, nogil=True, error_model="numpy")
def _sky_range(
    obstacles: Bvh, points: Floats, normals: Floats, rays: int, seen: Floats, start: int, stop: int
) -> None:
    for i in range(start, stop):
        state = seed(np.uint64(i), 0, 0)
        state, shift0 = uniform(state)
        state, shift1 = uniform(state)
        x, y, z = np.float32(points[i, 0]), np.float32(points[i, 1]), np.float32(points[i, 2])
        free = 0
        for k in range(rays):
            u = ((k + 0.5) / rays + shift0) % 1.0
            v = (radical_inverse(k) + shift1) % 1.0
            dx, dy, dz = cosine_direction(normals[i, 0], normals[i, 1], normals[i, 2], u, v)
            if dz > 0.0 and not blocked(
                obstacles, x, y, z, np.float32(dx), np.float32(dy), np.float32(dz), FAR, -1
            ):
                free += 1
        seen[i] = free / rays
