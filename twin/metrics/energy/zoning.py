"""Which rooms make one thermal zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ifc.model import BuildingModel, Neighbour
from twin.metrics.energy.data import data, sector
from twin.use_types import use_type

OPEN_BELOW_M = 0.02  # two rooms this close with no element between them are open to each other


@dataclass(frozen=True, slots=True)
class ThermalZone:
    """Rooms with the same air."""

    name: str
    spaces: tuple[int, ...]  # rows of the SpaceTable
    use: str
    storey: int
    conditioned: bool


def usable_spaces(model: BuildingModel) -> NDArray[np.intp]:
    """Internal rooms that have a volume and at least one surface."""
    spaces = model.spaces
    enclosed = np.zeros(len(spaces), np.bool_)
    enclosed[model.surfaces.space[model.surfaces.area_m2 > 0.01]] = True
    return np.flatnonzero(spaces.internal & enclosed & (spaces.volume_m3 > 0) & (spaces.area_m2 > 0))


def thermal_zones(model: BuildingModel) -> tuple[ThermalZone, ...]:
    """One zone per room; in large models one per use and orientation of a storey, or of equal storeys.

    Rooms of one use that are open to each other (stairwells, shafts, open plans; see :func:`open_groups`) are
    one zone in any model. The orientation of a room is that of its outer wall with the most window, else of
    its largest outer wall, else "inside". Storeys are joined by :func:`alike_storeys`.
    """
    spaces = model.spaces
    groups = open_groups(model, usable_spaces(model).tolist())
    if sum(map(len, groups)) > int(data()["calculation"]["merge_above_spaces"]):
        facing = orientations(model)
        level = alike_storeys(model, facing)
        merged: dict[tuple[int, str, str], list[int]] = {}
        kept = []
        for group in groups:
            if len({int(spaces.storey[row]) for row in group}) > 1:
                kept.append(group)  # stairwells and shafts run through the storeys
                continue
            row = max(group, key=lambda room: float(spaces.area_m2[room]))
            key = (level[int(spaces.storey[row])], str(spaces.use[row]), facing[row])
            merged.setdefault(key, []).extend(group)
        groups = sorted([*kept, *merged.values()])
    return tuple(_zone(model, sorted(group)) for group in groups)


def _zone(model: BuildingModel, rows: list[int]) -> ThermalZone:
    spaces = model.spaces
    use, storey = str(spaces.use[rows[0]]), min(int(spaces.storey[row]) for row in rows)
    if len(rows) == 1:
        name = str(spaces.name[rows[0]] or spaces.long_name[rows[0]] or spaces.global_id[rows[0]])
    else:
        storeys = [_storey_name(model, storey), _storey_name(model, max(spaces.storey[rows].tolist()))]
        name = f"{' – '.join(dict.fromkeys(storeys))} / {use} / {spaces.name[rows[0]]} + {len(rows) - 1}"
    return ThermalZone(name, tuple(rows), use, storey, use_type(use).conditioned)


def open_groups(model: BuildingModel, rooms: list[int]) -> list[list[int]]:
    """Rooms of one use joined where they are open to each other by a third of the smaller floor or more."""
    open_area: dict[tuple[int, int], float] = {}
    surfaces, openings = model.surfaces, model.surface_openings
    for row in open_surfaces(model).tolist():
        pair = (int(surfaces.space[row]), int(surfaces.neighbour_space[row]))
        open_area[pair] = open_area.get(pair, 0.0) + float(surfaces.area_m2[row])
    for opening in np.flatnonzero(openings.kind == "air").tolist():
        row = int(openings.surface[opening])
        if surfaces.neighbour[row] == Neighbour.SPACE:
            pair = (int(surfaces.space[row]), int(surfaces.neighbour_space[row]))
            open_area[pair] = open_area.get(pair, 0.0) + float(openings.area_m2[opening])
    place = {room: index for index, room in enumerate(rooms)}
    spaces = model.spaces
    joined = [
        (place[a], place[b])
        for (a, b), area in open_area.items()
        if a in place
        and b in place
        and spaces.use[a] == spaces.use[b]
        and area >= float(data()["calculation"]["open_share"]) * min(spaces.area_m2[a], spaces.area_m2[b])
    ]
    ends = np.array(joined, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(rooms), len(rooms)))
    label = connected_components(graph, directed=False)[1]
    groups: dict[int, list[int]] = {}
    for room, group in zip(rooms, label.tolist(), strict=True):
        groups.setdefault(group, []).append(room)
    return list(groups.values())


def open_surfaces(model: BuildingModel) -> NDArray[np.intp]:
    """Surfaces where two rooms touch with no element between them."""
    surfaces = model.surfaces
    thin = np.nan_to_num(surfaces.thickness_m, nan=1.0) < OPEN_BELOW_M
    return np.flatnonzero((surfaces.neighbour == Neighbour.SPACE) & (surfaces.element < 0) & thin)


def alike_storeys(model: BuildingModel, facing: list[str]) -> dict[int, int]:
    """Storey -> the lowest storey that stands for it.

    Storeys are equal when their rooms agree in use, orientation, size, and the kind, direction, construction
    and area of their surfaces and windows. Of a run of equal storeys those with an equal one above *and*
    below are joined, so that what lies next to the ground, the roof or another plan stays apart.
    """
    storeys = range(-1, len(model.storeys))
    signature = _storey_signatures(model, facing)
    building = [int(model.storeys.building[row]) for row in range(len(model.storeys))]

    def equal(one: int, other: int) -> bool:
        inside = 0 <= one < len(building) and 0 <= other < len(building)
        return inside and building[one] == building[other] and signature.get(one) == signature.get(other)

    level = {storey: storey for storey in storeys}
    for storey in storeys:
        if equal(storey - 2, storey) and all(equal(storey + k, storey) for k in (-1, 1)):
            level[storey] = level[storey - 1]
    return level


def _storey_signatures(model: BuildingModel, facing: list[str]) -> dict[int, tuple[object, ...]]:
    spaces, surfaces, openings = model.spaces, model.surfaces, model.surface_openings
    area_of: dict[int, dict[tuple[object, ...], float]] = {}

    def add(space: int, key: tuple[object, ...], area: float) -> None:
        own = area_of.setdefault(space, {})
        own[key] = own.get(key, 0.0) + area

    def direction(row: int) -> tuple[int, str]:
        return round(float(surfaces.tilt_deg[row]) / 45), sector(float(surfaces.azimuth_deg[row]))

    for row in range(len(surfaces)):
        other = int(surfaces.neighbour_space[row])
        behind = str(spaces.use[other]) if other >= 0 else ""
        face = (int(surfaces.neighbour[row]), *direction(row), int(surfaces.construction[row]), behind)
        add(int(surfaces.space[row]), face, float(surfaces.area_m2[row]))
    for row in range(len(openings)):
        surface = int(openings.surface[row])
        key = (str(openings.kind[row]), *direction(surface), int(openings.construction[row]))
        add(int(surfaces.space[surface]), key, float(openings.area_m2[row]))
    rooms: dict[int, list[tuple[object, ...]]] = {}
    for space in usable_spaces(model).tolist():
        surfaces_seen = sorted((repr(key), round(area)) for key, area in area_of.get(space, {}).items())
        rooms.setdefault(int(spaces.storey[space]), []).append(
            (str(spaces.use[space]), facing[space], round(float(spaces.area_m2[space])), tuple(surfaces_seen))
        )
    return {storey: tuple(sorted(own)) for storey, own in rooms.items()}


def orientations(model: BuildingModel) -> list[str]:
    """Sector of each space: "N", "E", "S", "W" or "inside"."""
    surfaces, openings = model.surfaces, model.surface_openings
    window = np.zeros(len(surfaces))
    glazed = openings.kind == "window"
    np.add.at(window, openings.surface[glazed], openings.area_m2[glazed])
    outer = np.flatnonzero((surfaces.neighbour == Neighbour.OUTDOORS) & ~np.isnan(surfaces.azimuth_deg))
    best: dict[int, tuple[float, float, float]] = {}
    for row in outer.tolist():
        space = int(surfaces.space[row])
        rank = (float(window[row]), float(surfaces.area_m2[row]), float(surfaces.azimuth_deg[row]))
        best[space] = max(best.get(space, rank), rank)
    return [sector(best[row][2]) if row in best else "inside" for row in range(len(model.spaces))]


def _storey_name(model: BuildingModel, storey: int) -> str:
    return str(model.storeys.name[storey]) if 0 <= storey < len(model.storeys) else "-"
