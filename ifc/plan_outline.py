"""Outlines of meshes seen from above."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

GRID_M = 1e-3
_UPWARD = 0.05  # least vertical part of a face's normal
_SMALLEST_M2 = 1e-6
_THINNEST_M = 0.02
EMPTY: BaseGeometry = shapely.Polygon()


def upward_outline(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> BaseGeometry:
    """Union of the faces that look up, projected to the plan.

    Args:
        vertices: (n, 3) metres, z up.
        triangles: (m, 3). A mesh turned inside out gives the outline of its underside.
    """
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    up = normals[:, 2] > _UPWARD * lengths
    up &= normals[:, 2] > 2.0 * _SMALLEST_M2
    if not up.any():
        return EMPTY
    return joined(np.asarray(shapely.polygons(corners[up][:, :, :2]), object))


def hull_outline(vertices: NDArray[np.float64]) -> BaseGeometry:
    """Convex outline of all vertices (n, 3) in the plan."""
    return shapely.MultiPoint(vertices[:, :2]).convex_hull if len(vertices) > 2 else EMPTY


def joined(shapes: NDArray[np.object_] | list[BaseGeometry]) -> BaseGeometry:
    """Union on the grid, which leaves no slivers between neighbours."""
    found = np.asarray(shapes, object)
    return shapely.union_all(found, grid_size=GRID_M) if len(found) else EMPTY


def without(shape: BaseGeometry, taken: BaseGeometry) -> BaseGeometry:
    """What of a shape another leaves, on the grid."""
    shape, taken = _areas(shape), _areas(taken)
    if shape.is_empty or taken.is_empty:
        return shape
    return shapely.difference(shape, taken, grid_size=GRID_M)


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """A shape without its points and lines, which overlays refuse beside areas."""
    if isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return shape
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(parts) if parts else EMPTY


def polygons_of(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of a shape that are wider than 2 cm, from the south-west to the north-east."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    for collection in (part for part in shapely.get_parts(shape) if hasattr(part, "geoms")):
        parts += [part for part in collection.geoms if isinstance(part, shapely.Polygon)]
    wide = [part for part in parts if part.area > _THINNEST_M * part.length / 2.0]
    return sorted(wide, key=lambda part: (round(part.bounds[1], 3), round(part.bounds[0], 3), part.area))


def filled(shape: BaseGeometry, largest_hole_m2: float = np.inf) -> BaseGeometry:
    """The shape without its holes up to a size."""
    return joined(
        [
            shapely.Polygon(
                part.exterior,
                [hole for hole in part.interiors if shapely.Polygon(hole).area > largest_hole_m2],
            )
            for part in polygons_of(shape)
        ]
    )
