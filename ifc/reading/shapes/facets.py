"""Bodies whose faces the file lists."""

from __future__ import annotations

from typing import Any

from ifc.reading.entities import get, items, ref
from ifc.reading.frames import Point, coordinates, cross, unit
from ifc.reading.shapes.body import LARGEST_M, Area, Body, NotOwn, Triangle
from ifc.reading.shapes.profiles import signed_area
from ifc.reading.shapes.triangulation import triangles_of

_FLAT_M = 1e-5


def faceted_brep(brep: Any, length_m: float) -> Body:
    """An IfcFacetedBrep; points of equal coordinates are one.

    Args:
        brep: the entity.
        length_m: one length unit of the file in metres.

    Raises:
        NotOwn: a face is not plane, has holes, or crosses itself.
    """
    points: list[Point] = []
    row_of_entity: dict[int, int] = {}
    row_of_place: dict[Point, int] = {}
    triangles: list[Triangle] = []

    def row(entity: Any) -> int:
        found = row_of_entity.get(entity.id())
        if found is None:
            place = coordinates(entity, "Coordinates")
            if place is None:
                raise NotOwn
            x, y, z = (value * length_m for value in place)
            if not max(abs(x), abs(y), abs(z)) < LARGEST_M:
                raise NotOwn
            found = row_of_entity[entity.id()] = row_of_place.setdefault((x, y, z), len(points))
            if found == len(points):
                points.append((x, y, z))
        return found

    for face in items(ref(brep, "Outer"), "CfsFaces"):
        bounds = list(items(face, "Bounds"))
        if len(bounds) != 1 or face.is_a() != "IfcFace":
            raise NotOwn
        loop = ref(bounds[0], "Bound")
        agrees = get(bounds[0], "Orientation")
        if loop is None or loop.is_a() != "IfcPolyLoop" or not isinstance(agrees, bool):
            raise NotOwn
        rows = [row(point) for point in items(loop, "Polygon")]
        triangles += _face(points, rows if agrees else rows[::-1])
    return Body(points, triangles)


def _face(points: list[Point], listed: list[int]) -> list[Triangle]:
    rows = [row for row, before in zip(listed, [*listed[-1:], *listed[:-1]], strict=True) if row != before]
    if len(rows) < 3:
        return []
    if len(set(rows)) != len(rows):
        raise NotOwn
    if len(rows) == 3:
        return [(rows[0], rows[1], rows[2])]
    corners = [points[row] for row in rows]
    normal = _normal(corners)
    x, y, z = corners[0]
    a, b, c = normal
    if any(abs(a * (px - x) + b * (py - y) + c * (pz - z)) > _FLAT_M for px, py, pz in corners):
        raise NotOwn
    # Seen along the longest axis of the normal, the face keeps its sense where that axis is positive.
    if abs(c) >= max(abs(a), abs(b)):
        ring = [(px - x, (py - y) if c > 0 else (y - py)) for px, py, _ in corners]
    elif abs(a) >= abs(b):
        ring = [(py - y, (pz - z) if a > 0 else (z - pz)) for _, py, pz in corners]
    else:
        ring = [(pz - z, (px - x) if b > 0 else (x - px)) for px, _, pz in corners]
    if signed_area(ring) <= 0:
        raise NotOwn
    return [(rows[i], rows[j], rows[k]) for i, j, k in triangles_of(Area(ring, []))]


def _normal(corners: list[Point]) -> Point:
    """By the sum over all edges, so that collinear corners do no harm."""
    ox, oy, oz = corners[0]
    x = y = z = 0.0
    before = corners[-1]
    for here in corners:
        a = before[0] - ox, before[1] - oy, before[2] - oz
        b = here[0] - ox, here[1] - oy, here[2] - oz
        cx, cy, cz = cross(a, b)
        x, y, z = x + cx, y + cy, z + cz
        before = here
    normal = unit((x, y, z))
    if normal is None:
        raise NotOwn
    return normal
