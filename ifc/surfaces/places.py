"""Where the faults of a space lie: side, direction, point, neighbour and the elements to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, FaultPlace, SurfaceTable, Text
from ifc.surfaces.limits import STEEP

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_PLACES = 2  # told per fault, the largest first
MOST_ELEMENTS = 2
SMALLEST_M2 = 0.05  # smaller places are told only when they are the largest
SIDES = {"wall": "墙面", "floor": "楼面", "ceiling": "顶面"}
DIRECTIONS = {
    "N": ("north", "北"), "NE": ("north-east", "东北"), "E": ("east", "东"), "SE": ("south-east", "东南"),
    "S": ("south", "南"), "SW": ("south-west", "西南"), "W": ("west", "西"), "NW": ("north-west", "西北"),
}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Rows of the SurfaceTable that share a fault of one space. All arrays have shape (n,)."""

    what: str
    rows: Ints
    size: Floats  # of the fault on each row, in m²
    neighbour: Ints  # row of the space on the other side, -1 for none


def fault_places(
    model: BuildingModel, table: SurfaceTable, space: int, stretch: Stretch
) -> tuple[FaultPlace, ...]:
    """The largest places of a fault, rows of one side, direction and neighbour taken together.

    Args:
        model: the building.
        table: the surfaces.
        space: row of the space whose fault it is.
        stretch: where it is; rows of a neighbour are told as ``space`` sees them.
    """
    if len(stretch.rows) == 0:
        return ()
    sides = [_side(model, table, row, table.space[row] != space) for row in stretch.rows.tolist()]
    groups: dict[tuple[str, str, int], list[int]] = {}
    for number, (side, other) in enumerate(zip(sides, stretch.neighbour.tolist(), strict=True)):
        groups.setdefault((*side, int(other)), []).append(number)
    total = {key: float(stretch.size[numbers].sum()) for key, numbers in groups.items()}
    ranked = sorted(groups, key=lambda key: (-round(total[key], 3), key))
    places: list[FaultPlace] = []
    for key in ranked[:MOST_PLACES]:
        if places and total[key] < SMALLEST_M2:
            break
        rows = stretch.rows[groups[key]]
        largest = int(rows[np.argmax(stretch.size[groups[key]])])
        name, direction, other = key
        places.append(
            FaultPlace(
                what=stretch.what,
                size=round(total[key], 3),
                unit="m²",
                side=name,
                direction=direction,
                point_m=_in_file(model, _point_on(table, largest)),
                storey=storey_name(model, int(model.spaces.storey[space])),
                neighbour=str(model.spaces.global_id[other]) if other >= 0 else "",
                elements=_elements_at(model, table, rows, largest),
            )
        )
    return tuple(places)


def place_at(
    model: BuildingModel,
    what: str,
    storey: int,
    point: Floats,
    size: float,
    unit: str,
    neighbour: int = -1,
    elements: Sequence[int] = (),
) -> FaultPlace:
    """A fault at a point.

    Args:
        model: the building.
        what: the fault, machine-readable.
        storey: its row, -1 for none.
        point: (3,) in model coordinates.
        size: of the fault.
        unit: of the size, e.g. "m" for a gap, "m³" for a shared volume.
        neighbour: row of the other space, -1 for none.
        elements: rows of the elements concerned.
    """
    return FaultPlace(
        what=what,
        size=round(float(size), 3),
        unit=unit,
        point_m=_in_file(model, point),
        storey=storey_name(model, storey),
        neighbour=str(model.spaces.global_id[neighbour]) if neighbour >= 0 else "",
        elements=tuple(str(model.elements.global_id[row]) for row in elements[:MOST_ELEMENTS]),
    )


def storey_name(model: BuildingModel, storey: int) -> str:
    """What a message calls a storey."""
    return str(model.storeys.name[storey]) if storey >= 0 else ""


def in_words(model: BuildingModel, places: Sequence[FaultPlace]) -> Text | None:
    """A sentence that leads to the places; None for none."""
    if not places:
        return None
    told = [_in_words(model, place) for place in places]
    return Text(f"Look at {'; '.join(text.en for text in told)}.", f"位置：{'；'.join(t.zh for t in told)}。")


def _in_words(model: BuildingModel, place: FaultPlace) -> Text:
    en, zh = [f"{place.size:.2f} {place.unit}"], [f"{place.size:.2f} {place.unit}"]
    if place.side:
        facing, zh_facing = DIRECTIONS.get(place.direction, ("", ""))
        en.append(f"of the {place.side}" + (f" facing {facing}" if facing else ""))
        zh.append(f"（{f'朝{zh_facing}' if zh_facing else ''}{SIDES[place.side]}）")
    at = ", ".join(f"{value:.2f}" for value in place.point_m)
    en.append(f"at ({at})")
    zh.append(f"，坐标（{at}）")
    if place.storey:
        en.append(f"on storey “{place.storey}”")
        zh.append(f"，楼层“{place.storey}”")
    if place.neighbour:
        name = _space_named(model, place.neighbour)
        en.append(f"towards the space “{name}”")
        zh.append(f"，相邻空间“{name}”")
    if place.elements:
        names = [_element_named(model, identity) for identity in place.elements]
        en.append(f"by {' and '.join(names)}")
        zh.append(f"，构件 {'、'.join(names)}")
    return Text(" ".join(en), "".join(zh))


def _space_named(model: BuildingModel, global_id: str) -> str:
    row = int(np.flatnonzero(model.spaces.global_id == global_id)[0])
    return str(model.spaces.long_name[row] or model.spaces.name[row] or global_id)


def _element_named(model: BuildingModel, global_id: str) -> str:
    row = model.elements.row_of[global_id]
    return f"{model.elements.name[row] or model.elements.ifc_class[row]} ({global_id})"


def _side(model: BuildingModel, table: SurfaceTable, row: int, from_beyond: bool) -> tuple[str, str]:
    """Side and compass direction of a surface; ``from_beyond`` where the neighbour's own is told."""
    up = float(table.normal[row, 2]) * (-1 if from_beyond else 1)
    if abs(up) > STEEP:
        return ("ceiling" if up > 0 else "floor"), ""
    azimuth = float(table.azimuth_deg[row]) + (180.0 if from_beyond else 0.0)
    return "wall", list(DIRECTIONS)[int(np.floor((azimuth + 22.5) / 45.0)) % 8]


def _in_file(model: BuildingModel, point: Floats) -> tuple[float, float, float]:
    """A point of the model in the file's coordinates, to the millimetre."""
    x, y, z = (round(float(value), 3) for value in point + model.offset_m)
    return x, y, z


def _point_on(table: SurfaceTable, row: int) -> Floats:
    """A point inside the polygon of a surface, (3,)."""
    rings = table.polygon.rings(row)
    origin, normal = rings[0][0], table.normal[row]
    across = np.cross(normal, np.eye(3)[int(np.argmin(np.abs(normal)))])
    across /= np.linalg.norm(across)
    up = np.cross(normal, across)
    flat = [np.stack([(ring - origin) @ across, (ring - origin) @ up], axis=1) for ring in rings]
    inner = shapely.Polygon(flat[0], flat[1:]).representative_point()
    point: Floats = origin + inner.x * across + inner.y * up
    return point


def _elements_at(model: BuildingModel, table: SurfaceTable, rows: Ints, largest: int) -> tuple[str, ...]:
    """GlobalIds of the elements behind surfaces, or, where there are none, of those around the largest."""
    own = table.element[rows]
    if (own >= 0).any():
        known, slot = np.unique(own[own >= 0], return_inverse=True)
        weight = np.bincount(slot, table.area_m2[rows][own >= 0])
        found = known[np.argsort(-weight, kind="stable")].tolist()
    else:
        begin, end = np.searchsorted(table.space, [table.space[largest], table.space[largest] + 1])
        beside = begin + np.flatnonzero(table.element[begin:end] >= 0)
        away = np.array([_box_distance(table, largest, row) for row in beside.tolist()])
        flat = np.abs(table.normal[beside, 2]) > STEEP  # slabs touch everything; walls lead to the place
        order = np.lexsort((-table.area_m2[beside], np.round(away, 2), flat))
        found = list(dict.fromkeys(table.element[beside[order]].tolist()))
    return tuple(str(model.elements.global_id[row]) for row in found[:MOST_ELEMENTS])


def _box_distance(table: SurfaceTable, a: int, b: int) -> float:
    """Distance between the boxes of two surfaces in metres."""
    low_a, high_a = _box(table, a)
    low_b, high_b = _box(table, b)
    return float(np.linalg.norm(np.maximum(0.0, np.maximum(low_a - high_b, low_b - high_a))))


def _box(table: SurfaceTable, row: int) -> tuple[Floats, Floats]:
    outline = table.polygon.rings(row)[0]
    return outline.min(axis=0), outline.max(axis=0)
