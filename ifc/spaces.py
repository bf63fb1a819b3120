"""Floor outline, height, area and volume of spaces, from their solids."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.meshes import signed_volume
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
# z of the unit normals that count as floor: up to 60° steep, so that a wall leaning outward does not; where a
# space has no such face, whatever looks down.
_FLOOR_NORMALS = (-0.5, -1e-3)
_PRISM_TOLERANCE = 0.01
_SAME_M = 0.01
_SAME_RATIO = 0.1
_MOST = 0.8


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

    The footprint is the union of the triangles that face downward, seen from above, so that a sloped or
    stepped floor counts once; of a floor in several parts the footprint is the largest, the area that of all.
    The height of a room that is no prism is volume / area. Quantities that are off by the same power of ten
    in all spaces are corrected, with a diagnostic. Grades stay "" until the surfaces are derived.
    """
    elements = model.elements
    rows = elements.rows_of_class("IfcSpace")
    measured = [_measure(*model.geometry.mesh(row)) for row in rows.tolist()]
    area = np.array([space.area for space in measured], np.float64)
    volume = np.array([space.volume for space in measured], np.float64)
    declared_area, wrong_area = _corrected(_declared(model.properties, rows, _AREA_QUANTITIES), area)
    declared_volume, wrong_volume = _corrected(_declared(model.properties, rows, _VOLUME_QUANTITIES), volume)
    count = len(rows)
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
        area_m2=area,
        volume_m3=volume,
        declared_area_m2=declared_area,
        declared_volume_m3=declared_volume,
        internal=np.array([_is_internal(model, row) for row in rows.tolist()], np.bool_),
        derived=np.zeros(count, np.bool_),
        grade=_filled(count, ""),
        grade_reason_en=_filled(count, ""),
        grade_reason_zh=_filled(count, ""),
    )
    diagnostics = [
        *(_unit_nonsense("area", "面积", factor, spaces) for factor in wrong_area),
        *(_unit_nonsense("volume", "体积", factor, spaces) for factor in wrong_volume),
        *_duplicates(elements, rows, measured),
    ]
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


def _corrected(
    declared: NDArray[np.float64], measured: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[float]]:
    """Declared values in SI, and the factor by which the file's were off where all are off by the same."""
    both = (declared > 0) & (measured > 0)
    if not both.any():
        return declared, []
    ratio = declared[both] / measured[both]
    middle = float(np.median(ratio))
    factor = 10.0 ** round(math.log10(middle))
    agree = np.abs(ratio / factor - 1.0) < _SAME_RATIO
    if factor == 1.0 or agree.mean() < _MOST:
        return declared, []
    return declared / factor, [factor]


def _unit_nonsense(name: str, name_zh: str, factor: float, spaces: SpaceTable) -> Diagnostic:
    return Diagnostic(
        "quantity-unit-nonsense",
        Severity.WARNING,
        Text(
            f"The {name} quantities of the spaces are {factor:g} times those of their solids: they are not "
            "in the unit that the file declares. They are converted.",
            f"各空间的{name_zh}工程量为其实体的 {factor:g} 倍，单位与文件声明不符，已按此换算。",
        ),
        Text(
            "Export the quantities again in the units of the project.",
            "请按项目单位重新导出工程量。",
        ),
        count=len(spaces),
    )


def _duplicates(
    elements: ElementTable, rows: NDArray[np.intp], measured: list[_Measured]
) -> Iterator[Diagnostic]:
    """Spaces that fill the same volume as an earlier one."""
    first_of: dict[tuple[int, ...], int] = {}
    for row, space in zip(rows.tolist(), measured, strict=True):
        if not space.rings:
            continue
        outline = space.rings[0]
        box = [
            *outline.min(axis=0),
            *outline.max(axis=0),
            space.floor_z,
            space.height,
            space.area,
            space.volume,
        ]
        first = first_of.setdefault(tuple(np.round(np.array(box) / _SAME_M).astype(int).tolist()), row)
        if first != row:
            yield Diagnostic(
                "duplicate-space",
                Severity.WARNING,
                Text(
                    "Space {name} fills the same volume as space {first} ({first_id}).",
                    "空间 {name} 与空间 {first}（{first_id}）占据同一体积。",
                ).format(
                    name=elements.name[row], first=elements.name[first], first_id=elements.global_id[first]
                ),
                Text("Delete one of the two spaces.", "请删除其中一个空间。"),
                elements.global_id[row],
            )


def _filled(count: int, value: str) -> NDArray[np.object_]:
    column = np.empty(count, object)
    column[:] = value
    return column
