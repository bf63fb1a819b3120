"""Take a convex body out of a triangle mesh that is no closed solid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Triangles = NDArray[np.int32]

_INSIDE_M = 1e-6
_PLANE_GRID = 1e4
_SMALLEST_M2 = 1e-9


def convex_planes(vertices: Floats, triangles: Triangles) -> Floats | None:
    """Outward planes (n, 4) of a convex mesh, n·x = d with columns (n, d); None when it is not convex."""
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    solid = lengths > 2.0 * _SMALLEST_M2
    if not solid.any():
        return None
    normals = normals[solid] / lengths[solid, None]
    centre = vertices.mean(axis=0)
    offsets = np.einsum("ij,ij->i", normals, corners[solid, 0])
    inverted = normals @ centre > offsets
    normals[inverted] *= -1.0
    offsets[inverted] *= -1.0
    planes = np.c_[normals, offsets]
    _, first = np.unique(np.round(planes * _PLANE_GRID), axis=0, return_index=True)
    planes = planes[np.sort(first)]
    outside = vertices @ planes[:, :3].T - planes[:, 3]
    return planes if outside.max() < 1e-4 else None


def without_convex(
    vertices: Floats, triangles: Triangles, planes: Floats
) -> tuple[Floats, Triangles, NDArray[np.intp]]:
    """The part of a mesh outside a convex body.

    Args:
        vertices: (n, 3).
        triangles: (m, 3).
        planes: (p, 4) outward planes of the body, see :func:`convex_planes`.

    Returns:
        Vertices (not shared between triangles that were cut), triangles, and the row of the triangle that
        each one comes from.
    """
    distance = vertices @ planes[:, :3].T - planes[:, 3]
    of_corners = distance[triangles]  # (m, 3, p)
    untouched = np.any(np.all(of_corners >= -_INSIDE_M, axis=1), axis=1)
    pieces: list[Floats] = []
    sources: list[int] = []
    for row in np.flatnonzero(~untouched).tolist():
        inside = vertices[triangles[row]]
        for plane in planes:
            outside, inside = _split(inside, plane)
            for corner in range(1, len(outside) - 1):
                piece = outside[[0, corner, corner + 1]]
                if np.linalg.norm(np.cross(piece[1] - piece[0], piece[2] - piece[0])) > 2.0 * _SMALLEST_M2:
                    pieces.append(piece)
                    sources.append(row)
            if len(inside) < 3:
                break
    kept = np.flatnonzero(untouched)
    new = np.arange(3 * len(pieces), dtype=np.int32).reshape(-1, 3) + np.int32(len(vertices))
    return (
        np.concatenate([vertices, *pieces]),
        np.concatenate([triangles[kept], new]),
        np.concatenate([kept, np.array(sources, np.intp)]),
    )


def _split(polygon: Floats, plane: Floats) -> tuple[Floats, Floats]:
    """A convex polygon (k, 3) cut by a plane: the part beyond it and the part behind."""
    distance = polygon @ plane[:3] - plane[3]
    if (distance >= -_INSIDE_M).all():
        return polygon, polygon[:0]
    if (distance <= _INSIDE_M).all():
        return polygon[:0], polygon
    beyond: list[Floats] = []
    behind: list[Floats] = []
    for here in range(len(polygon)):
        there = (here + 1) % len(polygon)
        a, b = distance[here], distance[there]
        (beyond if a >= 0.0 else behind).append(polygon[here])
        if (a >= 0.0) != (b >= 0.0):
            crossing = polygon[here] + (polygon[there] - polygon[here]) * (a / (a - b))
            beyond.append(crossing)
            behind.append(crossing)
    return np.array(beyond).reshape(-1, 3), np.array(behind).reshape(-1, 3)
