"""How the building shades itself: balconies, overhangs, wings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.kernels.bvh import build
from twin.kernels.ray_streams import closest_hits
from twin.kernels.sun import in_model
from twin.kernels.thermal.shading import Veil, sky_visibility, sunlit_shares
from twin.metrics.trees import Trees, crown_transmittance

Floats = NDArray[np.float64]

MASSING = (
    "IfcWall", "IfcWallStandardCase", "IfcWallElementedCase", "IfcColumn", "IfcColumnStandardCase",
    "IfcChimney",
)  # fmt: skip
OBSTACLES = (
    *MASSING, "IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase", "IfcRoof", "IfcBeam",
    "IfcBeamStandardCase", "IfcShadingDevice", "IfcBuildingElementProxy", "IfcCovering", "IfcRamp",
    "IfcRampFlight",
)  # fmt: skip
SAMPLES = 3  # points along each side of a face
_GAP_M = 0.02  # between the outer plane of the wall and the sample points
_SOLID_M = 0.25  # an obstacle closer than this in front of a face: the face lies inside an element


@dataclass(frozen=True)
class Shading:
    """Of F faces: the sunlit share by row of the sun, and the visible part of the sky."""

    sunlit: Floats  # (F, D)
    sky: Floats  # (F,)
    buried: NDArray[np.bool_]  # (F,) inside an element, its thickness is wrong: counted as unshaded


def self_shading(
    model: BuildingModel,
    classes: Sequence[str],
    rings: Sequence[Floats],
    normals: Floats,
    depths_m: Floats,
    sun: Floats,
    month: NDArray[np.int64],
    north_deg: float,
    trees: Trees,
) -> Shading:
    """Shade the outer faces behind polygons that lie on the rooms' inner faces.

    Args:
        model: the building.
        classes: of the elements that cast shadows, OBSTACLES or MASSING.
        rings: outline (n, 3) of each face, model coordinates.
        normals: (F, 3) unit vectors out of the rooms, model coordinates.
        depths_m: (F,) from the inner face to the outer one.
        sun: (D, 3) unit vectors to the sun, x east, y north, z up; 0 at night.
        month: (D,) of the year, 0 to 11, that each sun stands in.
        north_deg: azimuth of the model's +Y axis.
        trees: let through what their crowns leave in the month, the sky's light by the mean of the year.
    """
    solid = model.elements.rows_of_class(*classes)
    triangles = _triangles(model, solid[~np.isin(solid, trees.elements)])
    count = len(rings)
    if not count or not (len(triangles) or len(trees)):
        return Shading(np.ones((count, len(sun))), np.ones(count), np.zeros(count, np.bool_))
    points = np.stack([sample_points(ring, normal) for ring, normal in zip(rings, normals, strict=True)])
    points = points + ((depths_m + _GAP_M)[:, None] * normals)[:, None, :]
    centre = (triangles if len(triangles) else points).mean(axis=(0, 1))
    crowns = [
        (
            build(_triangles(model, trees.elements[trees.deciduous == kind]) - centre),
            crown_transmittance(kind),
        )
        for kind in np.unique(trees.deciduous).tolist()
    ]
    tree = build(triangles - centre)
    turned = in_model(sun, north_deg)
    sky = sky_visibility(
        tree, points - centre, normals, veils=[(faces, float(left.mean())) for faces, left in crowns]
    )
    distance, _ = closest_hits(tree, (points - centre).reshape(-1, 3), np.repeat(normals, points.shape[1], 0))
    buried = np.median(distance.reshape(count, -1), axis=1) < _SOLID_M
    sunlit = np.ones((count, len(sun)))
    seen = np.flatnonzero(~buried)
    veils = [Veil(faces, left[month]) for faces, left in crowns]
    sunlit[seen] = sunlit_shares(tree, points[seen] - centre, normals[seen], turned, veils)
    return Shading(sunlit, np.where(buried, 1.0, sky), buried)


def _triangles(model: BuildingModel, rows: NDArray[np.intp]) -> Floats:
    """Triangles (T, 3, 3) of some elements, model coordinates."""
    parts = []
    for row in rows.tolist():
        vertices, faces = model.geometry.mesh(row)
        parts.append(vertices[faces])
    return np.concatenate([np.zeros((0, 3, 3)), *parts])


def sample_points(ring: Floats, normal: Floats) -> Floats:
    """Points (SAMPLES², 3) inside a planar polygon, on a grid over its box, repeated to fill."""
    across = np.cross([0.0, 0.0, 1.0], normal)
    length = np.linalg.norm(across)
    across = across / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
    up = np.cross(normal, across)
    origin = ring.mean(axis=0)
    plan = np.stack([(ring - origin) @ across, (ring - origin) @ up], axis=1)
    low, high = plan.min(axis=0), plan.max(axis=0)
    at = (np.arange(SAMPLES) + 0.5) / SAMPLES
    u, v = (grid.ravel() for grid in np.meshgrid(*(low + at[:, None] * (high - low)).T))
    polygon = shapely.Polygon(plan)
    inside = shapely.contains_xy(polygon, u, v)
    if not inside.any():
        anchor = shapely.point_on_surface(polygon)
        u, v = np.full(u.shape, shapely.get_x(anchor)), np.full(v.shape, shapely.get_y(anchor))
    else:
        chosen = np.resize(np.flatnonzero(inside), len(u))
        u, v = u[chosen], v[chosen]
    points: Floats = origin + u[:, None] * across + v[:, None] * up
    return points
