"""The tables beside the storeys' GLB files: elements, properties, materials, surfaces, places."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np

from ifc.model import BuildingModel, Construction, Neighbour, Traced
from viewer.scene import HIDDEN_CLASSES
from viewer.shown import space_rows


def row_count(model: BuildingModel) -> int:
    """Scene rows: the elements, then one for each space (used by derived rooms only)."""
    return len(model.elements) + len(model.spaces)


def element_columns(model: BuildingModel) -> dict[str, Any]:
    """Columns over all scene rows: GlobalId, class (index into ``classes``), name, type, storey, space."""
    elements, spaces = model.elements, model.spaces
    classes = sorted({*elements.ifc_class.tolist(), "IfcSpace"})
    index = {name: number for number, name in enumerate(classes)}
    extra = len(spaces)
    name = [str(own or long) for own, long in zip(elements.name, elements.long_name, strict=True)]
    columns: dict[str, Any] = {
        "classes": classes,
        "hidden_classes": list(HIDDEN_CLASSES),
        "global_id": [*elements.global_id.tolist(), *[""] * extra],
        "class": [*(index[one] for one in elements.ifc_class.tolist()), *[index["IfcSpace"]] * extra],
        "name": [*name, *[""] * extra],
        "type": [*elements.type_name.tolist(), *[""] * extra],
        "storey": [*elements.storey.tolist(), *[-1] * extra],
        "space": [*elements.space.tolist(), *[-1] * extra],
        "parent": [*elements.parent.tolist(), *[-1] * extra],
    }
    columns["space_row"] = space_rows(model).tolist()
    for space, row in enumerate(columns["space_row"]):
        columns["global_id"][row] = str(spaces.global_id[space])
        columns["name"][row] = " ".join(
            dict.fromkeys(part for part in (str(spaces.name[space]), str(spaces.long_name[space])) if part)
        )
        columns["storey"][row] = int(spaces.storey[space])
    return columns


def space_columns(model: BuildingModel) -> dict[str, Any]:
    """Columns over the spaces: scene row, use, area, height, grade and its reason, outline for the plan."""
    spaces = model.spaces
    return {
        "row": space_rows(model).tolist(),
        "use": spaces.use.tolist(),
        "area_m2": [_plain(value) for value in spaces.area_m2],
        "height_m": [_plain(value) for value in spaces.height_m],
        "volume_m3": [_plain(value) for value in spaces.volume_m3],
        "floor_z_m": [_plain(value) for value in spaces.floor_z_m],
        "internal": spaces.internal.tolist(),
        "grade": spaces.grade.tolist(),
        "reason_en": spaces.grade_reason_en.tolist(),
        "reason_zh": spaces.grade_reason_zh.tolist(),
        "outline": [
            [np.round(ring, 3).ravel().tolist() for ring in spaces.footprint.rings(space)]
            for space in range(len(spaces))
        ],
    }


def group_list(model: BuildingModel) -> list[dict[str, Any]]:
    """Systems, zones and other groups with the scene rows of their members."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    groups = model.groups
    for kind, name, global_id, element in zip(
        groups.group_class, groups.group_name, groups.group_global_id, groups.element.tolist(), strict=True
    ):
        if element >= 0:
            found[(str(kind), str(name), str(global_id))].append(element)
    return [
        {"class": kind, "name": name, "global_id": global_id, "rows": rows}
        for (kind, name, global_id), rows in sorted(found.items())
    ]


def details_by_storey(model: BuildingModel) -> dict[int, dict[str, Any]]:
    """Storey (-1 for none) -> GlobalId -> properties, materials, surfaces: what a click wants to know."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    properties: dict[int, list[list[Any]]] = defaultdict(list)
    table = model.properties
    for row, element in enumerate(table.element.tolist()):
        properties[element].append(
            [
                str(table.set_name[row]), str(table.name[row]), _plain(table.value[row]),
                str(table.unit[row]), int(table.inherited[row]), int(table.quantity[row]),
            ]
        )  # fmt: skip
    by_element, by_space = _surfaces(model)
    space_of = {row: space for space, row in enumerate(space_rows(model).tolist())}
    rows = [*range(len(model.elements)), *(row for row in space_of if row >= len(model.elements))]
    for row in rows:
        space = space_of.get(row, -1)
        is_element = row < len(model.elements)
        one: dict[str, Any] = {}
        if is_element and properties[row]:
            one["properties"] = properties[row]
        construction = int(model.elements.construction[row]) if is_element else -1
        if construction >= 0:
            one["construction"] = _construction(model.constructions[construction])
        surfaces = by_space.get(space) if space >= 0 else by_element.get(row)
        if surfaces:
            one["surfaces"] = surfaces
        if not one:
            continue
        storey = int(model.elements.storey[row]) if is_element else -1
        if space >= 0:
            storey = int(model.spaces.storey[space])
        global_id = model.elements.global_id[row] if is_element else model.spaces.global_id[space]
        found[storey].setdefault(str(global_id), one)
    return found


def _surfaces(model: BuildingModel) -> tuple[dict[int, list[Any]], dict[int, list[Any]]]:
    """Element row -> its surfaces, and space -> its own.

    A surface is [space row, element row, neighbour, m², tilt °, azimuth °, row of the space beyond].
    """
    by_element: dict[int, list[Any]] = defaultdict(list)
    by_space: dict[int, list[Any]] = defaultdict(list)
    table = model.surfaces
    row_of_space = space_rows(model).tolist()
    for row in range(len(table)):
        space, element, beyond = (
            int(column[row]) for column in (table.space, table.element, table.neighbour_space)
        )
        one = [
            row_of_space[space], element, Neighbour(int(table.neighbour[row])).name.lower(),
            _plain(table.area_m2[row]), _plain(table.tilt_deg[row]), _plain(table.azimuth_deg[row]),
            row_of_space[beyond] if beyond >= 0 else -1,
        ]  # fmt: skip
        by_space[space].append(one)
        if element >= 0:
            by_element[element].append(one)
    return by_element, by_space


def _construction(construction: Construction) -> dict[str, Any]:
    values = {
        name: _traced(getattr(construction, name))
        for name in ("u_value_w_m2k", "shgc", "visible_transmittance", "frame_ratio")
        if getattr(construction, name) is not None
    }
    return {
        "name": construction.name,
        "kind": construction.kind,
        "layers": [
            [layer.material, _plain(layer.thickness_m), _traced(layer.conductivity_w_mk)]
            for layer in construction.layers
        ],
        "values": values,
    }


def _traced(value: Traced | None) -> list[Any] | None:
    if value is None:
        return None
    return [_plain(value.value), value.unit, value.provenance.value, value.source, value.confidence]


def _plain(value: Any) -> Any:
    """A value as JSON data; numbers that are not finite become null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else None
    return value if isinstance(value, int | str | bool | None) else str(value)
