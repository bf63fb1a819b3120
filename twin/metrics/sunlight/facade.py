"""Points on the outer walls and roofs, for the maps of sunlight and irradiation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour

Floats = NDArray[np.float64]

_SPACING_M = 1.0
_MOST_POINTS = 200_000  # beyond which the spacing grows
_GAP_M = 0.02
_ROOF_UP = 0.5  # upward part of the normal from which a face is a roof: up to 60° steep


@dataclass(frozen=True)
class Facade:
    """Points (N, 3) before the outer faces of walls or roofs and the normals (N, 3) there, model coordinates.

    ``surface`` (N,) is the row of the surface.
    """

    points: Floats
    normals: Floats
    surface: NDArray[np.int32]
    spacing_m: float

    @property
    def is_roof(self) -> NDArray[np.bool_]:
        """Which points (N,) lie on roofs rather than on walls."""
        return np.asarray(self.normals[:, 2] > _ROOF_UP)

    @property
    def along(self) -> Floats:
        """Unit vectors (N, 3), level in the planes of the points."""
        return _level(self.normals)


def facade_points(model: BuildingModel) -> Facade:
    """A grid of 1 m over every outer wall surface; coarser where that would be more than 200,000 points."""
    return _points(model, 60.0, 120.0)


def sunny_points(model: BuildingModel) -> Facade:
    """A grid of 1 m over every outer wall and roof, as :func:`facade_points`."""
    return _points(model, 0.0, 120.0)


def _points(model: BuildingModel, least_tilt_deg: float, most_tilt_deg: float) -> Facade:
    surfaces = model.surfaces
    outer = np.flatnonzero(
        (surfaces.neighbour == Neighbour.OUTDOORS)
        & (surfaces.tilt_deg >= least_tilt_deg)
        & (surfaces.tilt_deg < most_tilt_deg)
    )
    area = float(surfaces.area_m2[outer].sum())
    spacing = max(_SPACING_M, float(np.sqrt(area / _MOST_POINTS)))
    points, normals = [np.zeros((0, 3))], [np.zeros((0, 3))]
    rows = [np.zeros(0, np.int32)]
    for row in outer.tolist():
        rings = [ring for ring in surfaces.polygon.rings(row) if len(ring) >= 3]
        if not rings:
            continue
        normal = surfaces.normal[row]
        depth = float(np.nan_to_num(surfaces.thickness_m[row])) + _GAP_M
        places = _grid(rings, normal, spacing) + depth * normal
        points.append(places)
        normals.append(np.repeat(normal[None], len(places), axis=0))
        rows.append(np.full(len(places), row, np.int32))
    return Facade(np.concatenate(points), np.concatenate(normals), np.concatenate(rows), spacing)


def _level(normals: Floats) -> Floats:
    """Level unit vectors (..., 3) across normals (..., 3); along x where these are upright."""
    along = np.cross([0.0, 0.0, 1.0], normals)
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    level: Floats = np.where(length > 1e-6, along / np.maximum(length, 1e-6), [1.0, 0.0, 0.0])
    return level


def _grid(rings: list[Floats], normal: Floats, spacing: float) -> Floats:
    """Centres (n, 3) of the squares over a planar polygon; its middle where it is smaller than one."""
    along = _level(normal)
    up = np.cross(normal, along)
    origin = rings[0][0]
    flat = [np.column_stack([(ring - origin) @ along, (ring - origin) @ up]) for ring in rings]
    polygon = shapely.make_valid(shapely.Polygon(flat[0], flat[1:]))
    low, high = flat[0].min(axis=0), flat[0].max(axis=0)
    axes = [
        a + (np.arange(max(round((b - a) / spacing), 1)) + 0.5) * (b - a) / max(round((b - a) / spacing), 1)
        for a, b in zip(low, high, strict=True)
    ]
    u, v = (part.ravel() for part in np.meshgrid(*axes, indexing="ij"))
    inside = shapely.contains_xy(polygon, u, v)
    if not inside.any():
        middle = shapely.point_on_surface(polygon)
        u, v, inside = np.array([middle.x]), np.array([middle.y]), np.array([True])
    places: Floats = origin + u[inside, None] * along + v[inside, None] * up
    return places
