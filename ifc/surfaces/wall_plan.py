"""The plan of a storey: walls cut at a height, the rooms that they enclose, and the gaps between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.surfaces.polygons2d import mean_width, object_array, parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

CLOSED_GAP_M = 0.4  # gaps between walls up to this width are closed
REPORTED_GAPS_M = (0.6, 1.2, 2.5)  # wider ones are reported, the narrowest first
SMALLEST_ROOM_M2 = 0.8
NARROWEST_ROOM_M = 0.4  # twice the area over the perimeter
TOUCH_M = 0.02
THREAD_M = 0.005


@dataclass(frozen=True)
class WallGap:
    """An opening in the ring of walls around a would-be room."""

    place: tuple[float, float]  # in the coordinates of the plan
    width_m: float
    walls: tuple[int, ...]  # objects on both sides, one where a wall's own ends face each other
    room_area_m2: float


def section(corners: Floats, owner: Ints, z: float, thin: NDArray[np.bool_]) -> tuple[Polygons, Ints]:
    """Cut solids at a height.

    Args:
        corners: (T, 3, 3) triangles.
        owner: (T,) object of each.
        z: height of the cut.
        thin: (K,) objects that are taken as lines with a little width (doors, virtual elements).

    Returns:
        One polygon or multipolygon per object that is cut, and the object.
    """
    height = corners[:, :, 2] - z
    height = np.where(height == 0, 1e-9, height)  # a corner on the plane counts as above it
    crossing = (height.min(axis=1) < 0) & (height.max(axis=1) > 0)
    corners, height, owner = corners[crossing], height[crossing], owner[crossing]
    points = []
    for k in range(3):
        a, b = height[:, k], height[:, (k + 1) % 3]
        share = np.where((a < 0) != (b < 0), a / np.where(a == b, 1.0, a - b), np.nan)[:, None]
        points.append(corners[:, k, :2] + share * (corners[:, (k + 1) % 3, :2] - corners[:, k, :2]))
    ends = np.stack(points, axis=1)  # (t, 3, 2), one of the three NaN
    order = np.argsort(np.isnan(ends[:, :, 0]), axis=1, kind="stable")[:, :2]
    segments = np.take_along_axis(ends, order[:, :, None], axis=1)
    objects = np.unique(owner)
    found, kept = [], []
    for item in objects.tolist():
        lines = shapely.linestrings(np.round(segments[owner == item], 5))
        network = shapely.union_all(lines)
        area = network.buffer(TOUCH_M) if thin[item] else shapely.build_area(network)
        if area.area > 1e-4:
            found.append(area)
            kept.append(item)
    return object_array(found), np.array(kept, np.int64)


def rooms_between(walls: Polygons) -> Polygons:
    """The rooms that walls (n,) enclose in plan, gaps up to CLOSED_GAP_M closed; sorted by position."""
    if len(walls) == 0:
        return object_array([])
    rooms = _closed_rooms(shapely.union_all(walls, grid_size=1e-4), CLOSED_GAP_M)
    x, y = shapely.get_coordinates(shapely.centroid(rooms)).T.reshape(2, -1)
    return rooms[np.lexsort((np.round(y, 2), np.round(x, 2)))]


def wall_gaps(walls: Polygons, objects: Ints, rooms: Polygons) -> list[WallGap]:
    """Gaps that are too wide to close and that keep a room from being found.

    Args:
        walls: (n,) of :func:`section`.
        objects: (n,) object of each wall.
        rooms: (r,) rooms found already.
    """
    if len(walls) == 0:
        return []
    solid = shapely.union_all(walls, grid_size=1e-4)
    known: shapely.Geometry = shapely.union_all(rooms).buffer(TOUCH_M)
    gaps: list[WallGap] = []
    for width in REPORTED_GAPS_M:
        found = _closed_rooms(solid, width)
        new = found[shapely.area(shapely.difference(found, known)) > 0.5 * shapely.area(found)]
        if len(new) == 0:
            continue
        filled = _bridged(solid, width)
        # Growing and shrinking leaves threads along the walls, which would join gaps far apart.
        between = shapely.buffer(shapely.difference(filled, solid), -THREAD_M, join_style="mitre")
        bridges, _ = parts(object_array([shapely.buffer(between, THREAD_M, join_style="mitre")]))
        areas, _ = parts(object_array([shapely.difference(_frame(solid, width), filled)]))
        for room in new:
            touching = bridges[shapely.distance(bridges, room) < TOUCH_M]
            # Only a bridge that leads out of the room is a gap; others fill corners.
            beyond = areas[shapely.area(shapely.intersection(areas, room)) < 0.5 * shapely.area(areas)]
            leading_out = touching[shapely.distance(touching, shapely.union_all(beyond)) < TOUCH_M]
            gaps += [_gap(bridge, walls, objects, float(room.area)) for bridge in leading_out]
        known = shapely.union_all([known, *shapely.buffer(new, TOUCH_M)])
    return gaps


def _gap(bridge: shapely.Polygon, walls: Polygons, objects: Ints, room_area: float) -> WallGap:
    near = np.flatnonzero(shapely.distance(walls, bridge) < TOUCH_M)
    contact = shapely.length(shapely.intersection(walls[near], shapely.buffer(bridge, TOUCH_M)))
    first, *others = near[np.argsort(-contact, kind="stable")].tolist() or [-1]
    place = bridge.representative_point()
    sides = [first, *others[:1]]
    if others:
        width = float(shapely.distance(walls[sides[0]], walls[sides[1]]))
    else:
        width = float(mean_width(object_array([bridge]))[0])
    return WallGap(
        (place.x, place.y), width, tuple(int(objects[side]) for side in sides if side >= 0), room_area
    )


def _bridged(solid: shapely.Geometry, width: float) -> shapely.Geometry:
    """Walls with gaps up to ``width`` filled."""
    grown = shapely.buffer(solid, width / 2 + 1e-3, join_style="mitre")
    return shapely.union(shapely.buffer(grown, -width / 2 - 1e-3, join_style="mitre"), solid)


def _frame(solid: shapely.Geometry, width: float) -> shapely.Polygon:
    """An area around all walls."""
    return shapely.box(*shapely.bounds(solid)).buffer(width + 1.0)


def _closed_rooms(solid: shapely.Geometry, width: float) -> Polygons:
    """Free areas that do not reach the outside once gaps up to ``width`` are filled.

    What the filling took from a room's corners and niches is given back: only fillings that touch
    another free area, or none, stay closed.
    """
    bounds = _frame(solid, width)
    filled = _bridged(solid, width)
    free, _ = parts(object_array([shapely.difference(bounds, filled)]))
    fillings, _ = parts(object_array([shapely.difference(filled, solid)]))
    outer = shapely.touches(free, bounds.boundary) | shapely.intersects(free, bounds.boundary)
    near = shapely.STRtree(free).query(fillings, predicate="dwithin", distance=1e-3) if len(free) else None
    rooms = list(free)
    if near is not None:
        count = np.bincount(near[0], minlength=len(fillings))
        for filling, area in near.T.tolist():
            if count[filling] == 1 and not outer[area]:
                rooms[area] = shapely.union_all(
                    [rooms[area], shapely.buffer(fillings[filling], 1e-4, join_style="mitre")],
                    grid_size=1e-4,
                )
    inner = object_array([room for room, is_outer in zip(rooms, outer, strict=True) if not is_outer])
    cleaned, _ = parts(shapely.simplify(shapely.difference(inner, solid), 2e-3))
    large = (shapely.area(cleaned) > SMALLEST_ROOM_M2) & (mean_width(cleaned) > NARROWEST_ROOM_M)
    return cleaned[large]
