"""The file's own space boundaries: what its IfcRelSpaceBoundary say, nothing checked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ifc.model import PolygonTable, SpaceBoundaryTable
from ifc.reading.entities import get, is_a, is_entity, items, ref, text
from ifc.reading.frames import Frame, Point, coordinates, placed, product, unit
from ifc.reading.placements import Placements
from ifc.reading.products import Products
from ifc.reading.units import Units

_FARTHEST_M = 1e9
_NESTED = 8  # composite curves within composite curves that are followed


def read_boundaries(file: Any, products: Products, units: Units) -> SpaceBoundaryTable:
    """The boundaries of IfcSpaces, in order of STEP id, in world coordinates.

    Boundaries of an IfcExternalSpatialElement repeat those of the rooms and are left out. The level is the
    exact class (the second-level class is a subtype of the first-level one), else what Name or Description
    say. A boundary whose surface is curved, or cannot be read, has an empty polygon.
    """
    placements = Placements(units.length_m)
    spaces: list[int] = []
    elements: list[int] = []
    levels: list[int] = []
    sides: list[str] = []
    polygons: list[list[list[Point]]] = []
    for boundary in sorted(file.by_type("IfcRelSpaceBoundary"), key=lambda entity: entity.id()):
        space = ref(boundary, "RelatingSpace")
        row = products.row(space)
        if row < 0 or not is_a(space, "IfcSpace"):
            continue
        spaces.append(row)
        elements.append(products.row(ref(boundary, "RelatedBuildingElement")))
        levels.append(_level(boundary))
        sides.append(_side(boundary))
        surface = ref(ref(boundary, "ConnectionGeometry"), "SurfaceOnRelatingElement")
        world = placements.world(ref(space, "ObjectPlacement"))
        polygons.append(_polygon(surface, world, placements, units.length_m))
    return SpaceBoundaryTable(
        space=np.array(spaces, np.int32),
        element=np.array(elements, np.int32),
        level=np.array(levels, np.int8),
        side=np.array([*sides, None], object)[:-1],
        polygon=_packed(polygons),
    )


def _packed(polygons: Sequence[Sequence[Sequence[Point]]]) -> PolygonTable:
    rings = [ring for polygon in polygons for ring in polygon]
    return PolygonTable(
        vertices=np.array([point for ring in rings for point in ring], np.float64).reshape(-1, 3),
        ring_start=np.cumsum([0, *map(len, rings)], dtype=np.int64),
        polygon_start=np.cumsum([0, *map(len, polygons)], dtype=np.int64),
    )


def _level(boundary: Any) -> int:
    if boundary.is_a() == "IfcRelSpaceBoundary2ndLevel":
        return 2
    said = f"{text(boundary, 'Name')}{text(boundary, 'Description')}".replace(" ", "").lower()
    return 2 if "2nd" in said or "secondlevel" in said or said.endswith(("2a", "2b")) else 1


def _side(boundary: Any) -> str:
    side = text(boundary, "InternalOrExternalBoundary")
    return "internal" if side == "INTERNAL" else "external" if side.startswith("EXTERNAL") else ""


def _polygon(surface: Any, world: Frame, placements: Placements, length_m: float) -> list[list[Point]]:
    """The rings of a boundary's surface in the world, outside first; [] where it is of another kind."""
    if surface is None:
        return []
    placed_in, rings = world, list[list[Point] | None]()
    kind = surface.is_a()
    if kind == "IfcCurveBoundedPlane":
        placed_in = product(world, placements.local(ref(ref(surface, "BasisSurface"), "Position")))
        curves = [ref(surface, "OuterBoundary"), *items(surface, "InnerBoundaries")]
        rings = [_flat(_points(curve)) for curve in curves]
    elif kind == "IfcSurfaceOfLinearExtrusion":
        placed_in = product(world, placements.local(ref(surface, "Position")))
        base = _flat(_points(ref(ref(surface, "SweptCurve"), "Curve")))
        direction = coordinates(ref(surface, "ExtrudedDirection"), "DirectionRatios")
        depth = get(surface, "Depth")
        # A longer curve makes several planes.
        if base is not None and len(base) == 2 and direction is not None and isinstance(depth, (int, float)):
            dx, dy, dz = (depth * part for part in unit(direction) or direction)
            top = [(x + dx, y + dy, z + dz) for x, y, z in base]
            rings = [[base[0], base[1], top[1], top[0]]]
    elif kind in ("IfcFaceSurface", "IfcAdvancedFace"):
        bounds = sorted(items(surface, "Bounds"), key=lambda bound: not bound.is_a("IfcFaceOuterBound"))
        rings = [_loop(ref(bound, "Bound")) for bound in bounds]
    found = []
    for ring in rings:
        if ring is None:
            return []
        if len(ring) > 1 and _same(ring[0], ring[-1]):
            ring = ring[:-1]
        if len(ring) < 3:
            return []
        points = placed(placed_in, [(x * length_m, y * length_m, z * length_m) for x, y, z in ring])
        if not all(abs(part) < _FARTHEST_M for point in points for part in point):
            return []
        found.append(points)
    return found


def _same(a: Point, b: Point) -> bool:
    return all(abs(p - q) <= 1e-8 + 1e-5 * abs(q) for p, q in zip(a, b, strict=True))


def _flat(points: Sequence[Any]) -> list[Point] | None:
    """Points in a plane; None where they are no numbers."""
    try:
        return [(float(point[0]), float(point[1]), 0.0) for point in points]
    except (TypeError, ValueError, IndexError):
        return None


def _loop(loop: Any) -> list[Point] | None:
    """The corners of an IfcPolyLoop, None for any other."""
    corners = [coordinates(point, "Coordinates") for point in items(loop, "Polygon")]
    known = [corner for corner in corners if corner is not None]
    return known if known and len(known) == len(corners) else None


def _points(curve: Any, depth: int = 0) -> list[Any]:
    """Corners of a curve of straight segments; [] for any other."""
    if curve is None or depth > _NESTED:
        return []
    kind = curve.is_a()
    if kind == "IfcPolyline":
        return [get(point, "Coordinates") for point in items(curve, "Points")]
    if kind == "IfcIndexedPolyCurve":
        return _indexed(curve)
    if curve.is_a("IfcCompositeCurve"):
        points: list[Any] = []
        for segment in items(curve, "Segments"):
            part = _points(ref(segment, "ParentCurve"), depth + 1)
            if not part:
                return []
            part = part if get(segment, "SameSense") else part[::-1]
            points += part[1 if points else 0 :]
        return points
    return []


def _indexed(curve: Any) -> list[Any]:
    corners = get(ref(curve, "Points"), "CoordList")
    segments = get(curve, "Segments")
    if not isinstance(corners, (tuple, list)):
        return []
    if not segments:
        return list(corners)
    order: list[int] = []
    for segment in segments:
        if not (is_entity(segment) and segment.is_a("IfcLineIndex")):
            return []
        order += segment[0]
    kept = [order[0], *(here for before, here in pairwise(order) if here != before)] if order else []
    return [corners[index - 1] for index in kept if 0 < index <= len(corners)]
