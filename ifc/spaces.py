"""Floor outline, height, area and volume of spaces, from their solids."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.meshes import closure, signed_volume
from ifc.model import (
    BuildingModel,
    Diagnostic,
    ElementTable,
    PolygonTable,
    PropertyTable,
    Severity,
    SpaceTable,
    Text,
)

_AREA_QUANTITIES = ("NetFloorArea", "GrossFloorArea", "GSA BIM Area", "NetArea", "Area", "面积")
_VOLUME_QUANTITIES = ("NetVolume", "GrossVolume", "Volume", "体积")
_OUTSIDE_TYPES = frozenset(["EXTERNAL", "GFA", "PARKING_OUTDOOR"])
_GRID_M = 1e-4
_SLIVER_M2 = 1e-4
# z of the unit normals that count as floor: up to 60° steep, so that a wall leaning outward does not; where a space
# has no such face, whatever looks down.
_FLOOR_NORMALS = (-0.5, -1e-3)
_PRISM_TOLERANCE = 0.01
_NO_VOLUME_M3 = 1e-6
_SAME_M = 0.01


@dataclass(frozen=True)
class _Measured:
    rings: list[NDArray[np.float64]]
    floor_z: float
    height: float
    area: float
    volume: float


_UNMEASURED = _Measured([], np.nan, np.nan, np.nan, np.nan)


def measure_spaces(model: BuildingModel) -> BuildingModel:
    """Fill the space table from the IfcSpaces, their solids and quantities.

    The footprint is the union of the downward-facing triangles seen from above, so a sloped or stepped floor
    counts once. The height of a room that is no prism is volume / footprint area. Grades stay "" until the
    surfaces are derived.
    """
    rows = model.elements.rows_of_class("IfcSpace")
    measured: list[_Measured] = []
    diagnostics: list[Diagnostic] = []
    first_of: dict[tuple[int, ...], int] = {}
    for row in rows.tolist():
        vertices, triangles = model.geometry.mesh(row)
        space = _measure(vertices, triangles)
        measured.append(space)
        finding = _finding(model.elements, row, vertices, triangles, space)
        if finding is not None:
            diagnostics.append(finding)
        if len(vertices):
            key = tuple(
                np.round(np.array([*vertices.min(0), *vertices.max(0), space.volume]) / _SAME_M).astype(int)
            )
            first = first_of.setdefault(key, row)
            if first != row:
                diagnostics.append(_duplicate(model.elements, row, first))
    count = len(rows)
    elements = model.elements
    spaces = SpaceTable(
        element=rows.astype(np.int32),
        global_id=elements.global_id[rows],
        name=elements.name[rows],
        long_name=elements.long_name[rows],
        storey=elements.storey[rows],
        use=_filled(count, "unknown"),
        use_provenance=np.full(count, -1, np.int8),
        footprint=PolygonTable.pack([space.rings for space in measured], 2),
        floor_z_m=np.array([space.floor_z for space in measured], np.float64),
        height_m=np.array([space.height for space in measured], np.float64),
        area_m2=np.array([space.area for space in measured], np.float64),
        volume_m3=np.array([space.volume for space in measured], np.float64),
        declared_area_m2=_declared(model.properties, rows, _AREA_QUANTITIES),
        declared_volume_m3=_declared(model.properties, rows, _VOLUME_QUANTITIES),
        internal=np.array([_is_internal(model, row) for row in rows.tolist()], np.bool_),
        derived=np.zeros(count, np.bool_),
        grade=_filled(count, ""),
        grade_reason_en=_filled(count, ""),
        grade_reason_zh=_filled(count, ""),
    )
    return replace(model, spaces=spaces, diagnostics=(*model.diagnostics, *diagnostics))


def _measure(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> _Measured:
    if not len(triangles):
        return _UNMEASURED
    volume = abs(signed_volume(vertices, triangles))
    floor_z = float(vertices[:, 2].min())
    extent = float(vertices[:, 2].max() - floor_z)
    origin = vertices[:, :2].min(axis=0)
    parts = _floor(vertices[triangles] - np.array([*origin, 0.0]))
    if not parts:
        return replace(_UNMEASURED, floor_z=floor_z, volume=volume)
    area = sum(part.area for part in parts)
    largest = shapely.orient_polygons(shapely.simplify(max(parts, key=lambda part: part.area), _GRID_M))
    rings = [np.asarray(ring.coords)[:-1] + origin for ring in (largest.exterior, *largest.interiors)]
    prism = abs(area * extent - volume) <= _PRISM_TOLERANCE * area * extent
    return _Measured(rings, floor_z, extent if prism else volume / area, area, volume)


def _floor(corners: NDArray[np.float64]) -> list[shapely.Polygon]:
    """Union of the triangles (n, 3, 3) that face downward, seen from above."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    down = normals[:, 2] / np.maximum(lengths, 1e-300)
    for steepest in _FLOOR_NORMALS:
        flat = shapely.polygons(corners[(down < steepest) & (lengths > 0)][:, :, :2])
        union = shapely.union_all(flat[shapely.is_valid(flat)], grid_size=_GRID_M)
        parts = [
            part
            for part in shapely.get_parts(union)
            if isinstance(part, shapely.Polygon) and part.area > _SLIVER_M2
        ]
        if parts:
            return parts
    return []


def _declared(
    properties: PropertyTable, rows: NDArray[np.intp], names: tuple[str, ...]
) -> NDArray[np.float64]:
    """The first positive one of the named quantities (or properties) of each space, NaN for none."""
    values = np.full(len(rows), np.nan)
    for position, row in enumerate(rows.tolist()):
        for name in names:
            found = properties.find(row, name)
            if found is not None and isinstance(found[1], float) and 0 < found[1] < np.inf:
                values[position] = found[1]
                break
    return values


def _is_internal(model: BuildingModel, row: int) -> bool:
    if model.elements.predefined_type[row].upper() in _OUTSIDE_TYPES:
        return False
    for set_name, name in (("Pset_SpaceCommon", "IsExternal"), ("Pset_SpaceCommon", "IsOutside")):
        value = model.properties.get(row, set_name, name)
        if isinstance(value, bool):
            return not value
    return True


def _finding(
    elements: ElementTable,
    row: int,
    vertices: NDArray[np.float64],
    triangles: NDArray[np.int32],
    space: _Measured,
) -> Diagnostic | None:
    label = {"name": elements.name[row] or elements.long_name[row] or elements.global_id[row]}
    global_id = elements.global_id[row]
    if not len(triangles):
        return Diagnostic(
            "space-without-geometry",
            Severity.ERROR,
            Text("Space {name} has no solid.", "空间 {name} 没有实体几何。").format(**label),
            Text(
                "Give the space a body in the authoring tool and export it with space geometry.",
                "请在建模软件中为该空间生成实体，并在导出时包含空间几何。",
            ),
            global_id,
        )
    if not space.volume > _NO_VOLUME_M3 or not space.rings:
        return Diagnostic(
            "space-without-volume",
            Severity.ERROR,
            Text("Space {name} encloses no volume.", "空间 {name} 的体积为零。").format(**label),
            Text(
                "Redraw the space so that it has a floor and a height.",
                "请重新绘制该空间，使其具有楼面和高度。",
            ),
            global_id,
        )
    state = closure(vertices, triangles)
    if not state.closed:
        return Diagnostic(
            "space-not-closed",
            Severity.WARNING,
            Text(
                "The solid of space {name} is not closed ({edges} open edges); its volume is approximate.",
                "空间 {name} 的实体不封闭（{edges} 条开放边），体积为近似值。",
            ).format(**label, edges=state.open_edges),
            Text("Redraw the space or export it as a closed solid.", "请重新绘制该空间，或按封闭实体导出。"),
            global_id,
        )
    return None


def _duplicate(elements: ElementTable, row: int, first: int) -> Diagnostic:
    return Diagnostic(
        "duplicate-space",
        Severity.WARNING,
        Text(
            "Space {name} fills the same volume as space {first} ({first_id}).",
            "空间 {name} 与空间 {first}（{first_id}）占据同一体积。",
        ).format(name=elements.name[row], first=elements.name[first], first_id=elements.global_id[first]),
        Text("Delete one of the two spaces.", "请删除其中一个空间。"),
        elements.global_id[row],
    )


def _filled(count: int, value: str) -> NDArray[np.object_]:
    column = np.empty(count, object)
    column[:] = value
    return column
