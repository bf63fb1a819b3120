"""Planar polygons in space as triangles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manifold3d import triangulate
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def polygon_triangles(rings: Sequence[Floats], normal: Floats) -> Floats:
    """Triangles (n, 3, 3) of a planar polygon with holes, wound about ``normal`` (3,).

    ``rings`` are (m, 3), the outside first; any winding will do.
    """
    usable = [np.asarray(ring, np.float64) for ring in rings if len(ring) >= 3]
    if not usable:
        return np.zeros((0, 3, 3))
    u, v = plane_axes(normal)
    flat = [np.stack([ring @ u, ring @ v], axis=1) for ring in usable]
    turned = [
        (ring, plane) if (_signed_area(plane) > 0.0) == (row == 0) else (ring[::-1], plane[::-1])
        for row, (ring, plane) in enumerate(zip(usable, flat, strict=True))
    ]
    corners = np.concatenate([ring for ring, _ in turned])
    triangles = np.asarray(triangulate([plane for _, plane in turned]), np.intp)
    found: Floats = corners[triangles].reshape(-1, 3, 3)
    return found


def plane_axes(normal: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors that make a right-handed frame with ``normal`` (3,)."""
    helper = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    u = np.cross(helper, normal)
    u /= np.linalg.norm(u)
    return u, np.cross(normal, u)


def triangle_areas(corners: Floats) -> Floats:
    """Areas (n,) of triangles (n, 3, 3)."""
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas: Floats = np.linalg.norm(cross, axis=1) / 2.0
    return areas


def _signed_area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2.0
