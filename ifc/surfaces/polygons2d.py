"""Plane polygons as arrays of Shapely geometries: parts, slivers, sample points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from ifc.surfaces.limits import SLIVER_M, SMALLEST_PIECE_M2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

# The plastic number's lattice: evenly spread points that avoid the edges of grids.
# M. Roberts, The unreasonable effectiveness of quasirandom sequences (2018).
LATTICE = (0.7548776662466927, 0.5698402909980532)
# In floating point the overlay of nearly coincident edges can lose a polygon without a word.
OVERLAY_GRID_M = 1e-5
POLYGON, MULTIPOLYGON = 3, 6  # shapely's type ids


def object_array(items: Sequence[shapely.Geometry]) -> Polygons:
    """A list of geometries as an array of objects."""
    array = np.empty(len(items), object)
    array[:] = items
    return array


def parts(geometries: Polygons) -> tuple[Polygons, Ints]:
    """The polygons in any geometries, without lines, points and slivers; and the source row of each."""
    pieces, source = shapely.get_parts(geometries, return_index=True)
    nested = shapely.get_type_id(pieces) > POLYGON
    if nested.any():
        inner, of = shapely.get_parts(pieces[nested], return_index=True)
        source = np.concatenate([source[~nested], source[nested][of]])
        pieces = np.concatenate([pieces[~nested], inner])
    keep = (shapely.get_type_id(pieces) == POLYGON) & (shapely.area(pieces) > SMALLEST_PIECE_M2)
    pieces, source = pieces[keep], source[keep]
    if not shapely.is_valid(pieces).all():
        pieces, again = parts(valid(pieces))
        return pieces, source[again].astype(np.int64)
    keep = ~slivers(pieces)
    return pieces[keep], source[keep].astype(np.int64)


def polygon_rings(polygon: shapely.Polygon) -> list[Floats]:
    """The rings of a polygon, outside first, without the closing point."""
    return [np.asarray(ring.coords)[:-1, :2] for ring in (polygon.exterior, *polygon.interiors)]


def valid(polygons: Polygons) -> Polygons:
    """The polygons with invalid ones repaired: overlays in floating point rarely return some."""
    broken = ~shapely.is_valid(polygons)
    if not broken.any():
        return polygons
    result = polygons.copy()
    result[broken] = shapely.buffer(shapely.make_valid(polygons[broken]), 0)
    still = ~shapely.is_valid(result)
    result[still] = [areal(_outline(polygon)) for polygon in polygons[still]]
    return result


def areal(geometry: shapely.Geometry) -> shapely.Geometry:
    """A geometry without its lines and points: overlays leave some, and take none."""
    if shapely.get_type_id(geometry) in (POLYGON, MULTIPOLYGON):
        return geometry
    inner = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([part for part in inner.tolist() if part.geom_type == "Polygon"])


def _outline(polygon: shapely.Geometry) -> shapely.Geometry:
    """The area between the rings of a broken polygon, by even and odd."""
    result: shapely.Geometry = shapely.Polygon()
    for ring in shapely.get_rings(polygon):
        result = shapely.symmetric_difference(result, shapely.Polygon(ring).buffer(0), grid_size=1e-4)
    return result


def united(polygons: Polygons | Sequence[shapely.Geometry]) -> shapely.Geometry:
    """The union of polygons, on a grid."""
    return shapely.union_all(polygons, grid_size=OVERLAY_GRID_M)


def intersections(a: Polygons, b: Polygons) -> Polygons:
    """The intersection of each pair, on a grid."""
    return np.asarray(shapely.intersection(a, b, grid_size=OVERLAY_GRID_M))


def difference(a: shapely.Geometry, b: shapely.Geometry) -> shapely.Geometry:
    """What ``b`` leaves of ``a``, on a grid."""
    return areal(shapely.difference(a, b, grid_size=OVERLAY_GRID_M))


def mean_width(polygons: Polygons) -> Floats:
    """Twice the area over the perimeter, in metres: the width of a long strip."""
    result: Floats = 2 * shapely.area(polygons) / np.maximum(shapely.length(polygons), 1e-12)
    return result


def slivers(polygons: Polygons) -> NDArray[np.bool_]:
    """Which polygons are nowhere wider than twice SLIVER_M."""
    thin = mean_width(polygons) < 4 * SLIVER_M
    result = np.zeros(len(polygons), np.bool_)
    if thin.any():
        eroded = shapely.buffer(polygons[thin], -SLIVER_M, join_style="mitre")
        result[thin] = shapely.area(eroded) < 1e-6
    return result


def sample_points(polygons: Polygons, spacing_m: float, most: int) -> tuple[Floats, Ints]:
    """Points spread evenly inside polygons, at least one in each.

    Args:
        polygons: (P,) Shapely polygons.
        spacing_m: about one point per square of this side.
        most: about the largest number of points per polygon.

    Returns:
        Points (n, 2) and the polygon of each, (n,), sorted by polygon.
    """
    if len(polygons) == 0:
        return np.zeros((0, 2)), np.zeros(0, np.int64)
    rings, ring_of = shapely.get_parts(shapely.boundary(polygons), return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    segment = np.flatnonzero(ring[1:] == ring[:-1])
    segments = np.concatenate([coordinates[segment], coordinates[segment + 1]], axis=1)
    of = ring_of[ring[segment]]
    start = np.searchsorted(of, np.arange(len(polygons) + 1))
    area = shapely.area(polygons)
    wanted = np.clip(np.ceil(area / spacing_m**2), 3, most).astype(np.int64)
    points, counts = _lattice(segments, start, shapely.bounds(polygons), area, wanted)
    inner = shapely.get_coordinates(shapely.point_on_surface(polygons))
    item = np.concatenate([np.repeat(np.arange(len(polygons)), counts), np.arange(len(polygons))])
    order = np.argsort(item, kind="stable")
    return np.concatenate([points, inner])[order], item[order]


@njit(cache=True, nogil=True)
def _lattice(
    segments: Floats, start: Ints, bounds: Floats, area: Floats, wanted: Ints
) -> tuple[Floats, Ints]:
    """Lattice points of each polygon's bounding box that lie inside the polygon.

    Args:
        segments: (S, 4) x0, y0, x1, y1 of the boundaries, sorted by polygon.
        start: (P + 1,) first segment of each polygon.
        bounds: (P, 4).
        area: (P,).
        wanted: (P,) about how many points inside.
    """
    count = start.shape[0] - 1
    tries = np.empty(count, np.int64)
    total = 0
    for item in range(count):
        box = (bounds[item, 2] - bounds[item, 0]) * (bounds[item, 3] - bounds[item, 1])
        tries[item] = min(4000, int(wanted[item] * box / max(area[item], 1e-9)) + 1)
        total += tries[item]
    points = np.empty((total, 2))
    counts = np.zeros(count, np.int64)
    found = 0
    for item in range(count):
        x0, y0 = bounds[item, 0], bounds[item, 1]
        width, height = bounds[item, 2] - x0, bounds[item, 3] - y0
        for number in range(1, tries[item] + 1):
            x = x0 + width * ((0.5 + number * 0.7548776662466927) % 1.0)
            y = y0 + height * ((0.5 + number * 0.5698402909980532) % 1.0)
            inside = False
            for k in range(start[item], start[item + 1]):
                ya, yb = segments[k, 1], segments[k, 3]
                if (ya > y) != (yb > y):
                    at = segments[k, 0] + (y - ya) / (yb - ya) * (segments[k, 2] - segments[k, 0])
                    if at > x:
                        inside = not inside
            if inside:
                points[found, 0], points[found, 1] = x, y
                counts[item] += 1
                found += 1
    return points[:found], counts
