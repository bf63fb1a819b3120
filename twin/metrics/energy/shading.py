"""How the building shades itself: balconies, overhangs, wings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.kernels.bvh import Bvh, build
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
class Obstacles:
    """What casts shadows, ready to be traced: built once for walls, windows and modules."""

    solid: Bvh  # about ``origin``, as the crowns
    origin: Floats  # (3,)
    crowns: tuple[tuple[Bvh, Floats], ...]  # trees of one kind, and what they leave in each month, (12,)


def obstacles_of(model: BuildingModel, classes: Sequence[str], trees: Trees) -> Obstacles:
    """The elements of some classes, OBSTACLES or MASSING, and the trees that count beside them."""
    rows = model.elements.rows_of_class(*classes)
    triangles = triangles_of(model, rows[~np.isin(rows, trees.elements)])
    crowns = [
        (triangles_of(model, trees.elements[trees.deciduous == kind]), crown_transmittance(kind))
        for kind in np.unique(trees.deciduous).tolist()
    ]
    everything = [triangles, *(faces for faces, _ in crowns)]
    origin = next((faces.mean(axis=(0, 1)) for faces in everything if len(faces)), np.zeros(3))
    return Obstacles(
        build(triangles - origin),
        origin,
        tuple((build(faces - origin), left) for faces, left in crowns),
    )


@dataclass(frozen=True)
class Shading:
    """Of F faces: the sunlit share by row of the sun, and the visible part of the sky."""

    sunlit: Floats  # (F, D)
    sky: Floats  # (F,)
    buried: NDArray[np.bool_]  # (F,) inside an element, its thickness is wrong: counted as unshaded


def self_shading(
    obstacles: Obstacles,
    rings: Sequence[Floats],
    normals: Floats,
    depths_m: Floats,
    sun: Floats,
    month: NDArray[np.int64],
    north_deg: float,
    beside: Floats | None = None,
) -> Shading:
    """Shade the outer faces behind polygons that lie on the rooms' inner faces.

    Args:
        obstacles: what casts shadows. Trees let through what their crowns leave in the month, the sky's light
            by the mean of the year.
        rings: outline (n, 3) of each face, model coordinates.
        normals: (F, 3) unit vectors out of the rooms, model coordinates.
        depths_m: (F,) from the inner face to the outer one.
        sun: (D, 3) unit vectors to the sun, x east, y north, z up; 0 at night.
        month: (D,) of the year, 0 to 11, that each sun stands in.
        north_deg: azimuth of the model's +Y axis.
        beside: triangles (T, 3, 3) in model coordinates that cast shadows on these faces alone.
    """
    count, origin = len(rings), obstacles.origin
    veils = [Veil(faces, left[month]) for faces, left in obstacles.crowns]
    of_sky = [(faces, float(left.mean())) for faces, left in obstacles.crowns]
    if beside is not None and len(beside):
        near = build(beside - origin)
        veils.append(Veil(near, np.zeros(len(sun))))
        of_sky.append((near, 0.0))
    if not count:
        return Shading(np.ones((0, len(sun))), np.ones(0), np.zeros(0, np.bool_))
    points = np.stack([sample_points(ring, normal) for ring, normal in zip(rings, normals, strict=True)])
    points = points + ((depths_m + _GAP_M)[:, None] * normals)[:, None, :] - origin
    sky = sky_visibility(obstacles.solid, points, normals, veils=of_sky)
    distance, _ = closest_hits(obstacles.solid, points.reshape(-1, 3), np.repeat(normals, points.shape[1], 0))
    buried = np.median(distance.reshape(count, -1), axis=1) < _SOLID_M
    sunlit = np.ones((count, len(sun)))
    seen = np.flatnonzero(~buried)
    turned = in_model(sun, north_deg)
    sunlit[seen] = sunlit_shares(obstacles.solid, points[seen], normals[seen], turned, veils)
    return Shading(sunlit, np.where(buried, 1.0, sky), buried)


def triangles_of(model: BuildingModel, rows: NDArray[np.intp]) -> Floats:
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
