"""Rays that go straight on through panes and whatever else lets light through.

The walks call :func:`twin.kernels.rays.closest` themselves: inlined by way of another function it takes twice
the time.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.rays import surface_offset

PANES = 32  # that a ray passes at most


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def behind_face(
    normal: NDArray[np.float32], triangle: int,
    x: float, y: float, z: float, dx: float, dy: float, dz: float, t: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Where a ray that meets a triangle after t metres starts anew behind it.

    ``normal`` (T, 3) unit normals of the triangles; the start and the unit direction of the ray are float64.
    Returns the cosine between the ray and the normal, and the new start.
    """
    mx = np.float64(normal[triangle, 0])
    my = np.float64(normal[triangle, 1])
    mz = np.float64(normal[triangle, 2])
    slope = dx * mx + dy * my + dz * mz
    x, y, z = x + dx * t, y + dy * t, z + dz * t
    offset = surface_offset(x, y, z) * (1.0 if slope > 0.0 else -1.0)
    return slope, x + offset * mx, y + offset * my, z + offset * mz
