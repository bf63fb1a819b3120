"""The floors of a room, and what lies within it: rooms with galleries, steps and sloped ceilings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.metrics.daylight.plane_polygons import polygon_triangles

Floats = NDArray[np.float64]

_STEEPEST_DEG = 60.0  # of a floor, as for the footprint of a space
_STEP_M = 0.35  # floors further apart than a high step are levels of their own
_NARROWEST_M = 1.0  # a ledge that is narrower is no floor to work on
_WITHIN = 0.5  # of the solid angle 4π that a closed room fills about a point


@dataclass(frozen=True)
class Level:
    """A floor of a room: its outline, outside first, rings (n, 2), and the planes it is made of.

    ``planes`` (F, 4): z = a x + b y + c within the F ``faces``; the last column is the lowest z of the face.
    """

    rings: list[Floats]
    faces: NDArray[np.object_]
    planes: Floats

    def height(self, points: Floats) -> Floats:
        """The floor's z (N,) below points (N, 2) in plan, m; beside every face that of the nearest."""
        places = np.asarray(shapely.points(points), object)
        distance = shapely.distance(self.faces[:, None], places[None, :])
        a, b, c, _ = self.planes[np.argmin(distance, axis=0)].T
        z: Floats = a * points[:, 0] + b * points[:, 1] + c
        return z


def floor_levels(model: BuildingModel, space: int) -> list[Level]:
    """The levels of a room's floor, the lowest first: faces that look down, joined over steps.

    Ledges are left out; a room that has nothing else keeps its largest level. [] for a room without a floor.
    """
    surfaces = model.surfaces
    floor = np.flatnonzero((surfaces.space == space) & (surfaces.tilt_deg > 180.0 - _STEEPEST_DEG))
    faces, planes, tops = [], [], []
    for row in floor.tolist():
        rings = [ring for ring in surfaces.polygon.rings(row) if len(ring) >= 3]
        if not rings:
            continue
        face = shapely.make_valid(shapely.Polygon(rings[0][:, :2], [ring[:, :2] for ring in rings[1:]]))
        normal, corner = surfaces.normal[row], rings[0][0]
        a, b = -normal[0] / normal[2], -normal[1] / normal[2]
        faces.append(face)
        planes.append((a, b, corner[2] - a * corner[0] - b * corner[1], rings[0][:, 2].min()))
        tops.append(rings[0][:, 2].max())
    if not faces:
        return []
    flat, plane, top = np.array(faces, object), np.array(planes), np.array(tops)
    levels = [
        Level(_outline(part), flat[members], plane[members])
        for members in _stacked(plane[:, 3], top)
        for part in shapely.get_parts(shapely.union_all(flat[members], grid_size=1e-4))
        if isinstance(part, shapely.Polygon) and part.area > 0.0
    ]
    wide = [level for level in levels if _width(level.rings) >= _NARROWEST_M]
    return wide or sorted(levels, key=lambda level: -shapely.Polygon(level.rings[0]).area)[:1]


def within_room(model: BuildingModel, space: int, points: Floats) -> NDArray[np.bool_]:
    """Which points (N, 3) lie within a room, by the solid angle that its faces fill about them.

    Small gaps between the faces do no harm. Solid angle of a triangle: Van Oosterom and Strackee 1983,
    doi:10.1109/TBME.1983.325207.
    """
    surfaces = model.surfaces
    corners = np.concatenate(
        [
            np.zeros((0, 3, 3)),
            *(
                polygon_triangles(surfaces.polygon.rings(row), surfaces.normal[row])
                for row in np.flatnonzero(surfaces.space == space).tolist()
            ),
        ]
    )
    angle = np.zeros(len(points))
    for triangle in corners:
        a, b, c = triangle[:, None, :] - points
        la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
        above = np.einsum("ij,ij->i", a, np.cross(b, c))
        below = (
            la * lb * lc
            + np.einsum("ij,ij->i", a, b) * lc
            + np.einsum("ij,ij->i", b, c) * la
            + np.einsum("ij,ij->i", c, a) * lb
        )
        angle += 2.0 * np.arctan2(above, below)
    return np.asarray(angle > _WITHIN * 4.0 * np.pi)


def _stacked(low: Floats, high: Floats) -> list[NDArray[np.intp]]:
    """Faces from ``low`` to ``high`` (F,) grouped so that between groups there is more than a step."""
    order = np.argsort(low, kind="stable")
    reached = np.maximum.accumulate(high[order])
    apart = np.flatnonzero(low[order][1:] > reached[:-1] + _STEP_M) + 1
    return np.split(order, apart)


def _outline(part: shapely.Polygon) -> list[Floats]:
    tidy = shapely.orient_polygons(shapely.simplify(part, 1e-4))
    return [np.asarray(ring.coords)[:-1, :2] for ring in (tidy.exterior, *tidy.interiors)]


def _width(rings: list[Floats]) -> float:
    """Diameter of the largest circle within an outline, m."""
    outline = shapely.Polygon(rings[0], rings[1:])
    return 2.0 * float(shapely.maximum_inscribed_circle(outline, tolerance=0.02).length)
