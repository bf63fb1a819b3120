"""Where the light of a room is computed: a grid on its working plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Points (N, 2) in plan, each for the same share of the room, and the margin that was kept, m."""

    points: Floats
    margin_m: float


def working_grid(
    rings: Sequence[Floats], spacing_m: float, margin_m: float, narrowest_margin_m: float
) -> Grid:
    """A square grid over a floor outline, along its longer side and centred.

    ``rings`` are (n, 2), outside first. The margin to the walls is ``margin_m``, in narrow rooms as much of
    it as leaves a third of the room's width (twice the radius of its largest inscribed circle), at least
    ``narrowest_margin_m``. A room too small for any grid point gets one in its middle.
    """
    outline = shapely.Polygon(rings[0], rings[1:]) if len(rings) else shapely.Polygon()
    outline = outline if outline.is_valid else _largest(shapely.make_valid(outline))
    if outline.area <= 0.0:
        return Grid(np.zeros((0, 2)), margin_m)
    radius = shapely.maximum_inscribed_circle(outline, tolerance=0.02).length
    margin = min(margin_m, max(2.0 / 3.0 * radius, narrowest_margin_m))
    inner = shapely.buffer(outline, -margin, join_style="mitre")
    points = _lattice(inner, _direction(outline), spacing_m)
    if len(points) == 0:
        middle = shapely.point_on_surface(inner if shapely.area(inner) > 0.0 else outline)
        points = np.array([[middle.x, middle.y]])
    return Grid(points, margin)


def _direction(outline: shapely.Geometry) -> float:
    """Angle of the longer side of the smallest rectangle about the outline, radians."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))
    sides = np.diff(box, axis=0)
    x, y = sides[np.argmax(np.hypot(sides[:, 0], sides[:, 1]))]
    return float(np.arctan2(y, x))


def _largest(geometry: shapely.Geometry) -> shapely.Polygon:
    """The largest polygon of a geometry."""
    polygons = [part for part in shapely.get_parts(geometry) if isinstance(part, shapely.Polygon)]
    return max(polygons, key=lambda polygon: polygon.area, default=shapely.Polygon())


def _lattice(area: shapely.Geometry, angle: float, spacing_m: float) -> Floats:
    """The points of a centred square lattice at ``angle`` that lie in ``area``, (N, 2)."""
    if shapely.area(area) <= 0.0:
        return np.zeros((0, 2))
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    corners = shapely.get_coordinates(area)
    axes = []
    for axis in (along, across):
        low, high = float((corners @ axis).min()), float((corners @ axis).max())
        count = int((high - low) / spacing_m + 1e-6) + 1
        axes.append((low + high) / 2.0 + spacing_m * (np.arange(count) - (count - 1) / 2.0))
    u, v = np.meshgrid(*axes, indexing="ij")
    points = u.reshape(-1, 1) * along + v.reshape(-1, 1) * across
    # Points on the very edge of the area count: the margin is theirs already.
    inside = shapely.intersects_xy(shapely.buffer(area, 1e-6), points[:, 0], points[:, 1])
    kept: Floats = points[inside]
    return kept
