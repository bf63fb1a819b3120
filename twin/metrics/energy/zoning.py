"""Which rooms make one thermal zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour
from twin.metrics.energy.data import data, sector
from twin.use_types import use_type


@dataclass(frozen=True, slots=True)
class ThermalZone:
    """Rooms with the same air: one room, or rooms of one storey, use and orientation."""

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
    """One zone per room; in large models one per storey, use and orientation.

    The orientation of a room is that of its outer wall with the most window, else of its largest outer wall,
    else "inside".
    """
    rooms = usable_spaces(model)
    spaces = model.spaces
    if len(rooms) <= int(data()["calculation"]["merge_above_spaces"]):
        return tuple(
            ThermalZone(
                str(spaces.name[row] or spaces.long_name[row] or spaces.global_id[row]),
                (int(row),),
                str(spaces.use[row]),
                int(spaces.storey[row]),
                use_type(str(spaces.use[row])).conditioned,
            )
            for row in rooms
        )
    facing = orientations(model)
    grouped: dict[tuple[int, str, str], list[int]] = {}
    for row in rooms.tolist():
        key = (int(spaces.storey[row]), str(spaces.use[row]), facing[row])
        grouped.setdefault(key, []).append(row)
    return tuple(
        ThermalZone(
            f"{_storey_name(model, storey)} / {use} / {direction}",
            tuple(rows),
            use,
            storey,
            use_type(use).conditioned,
        )
        for (storey, use, direction), rows in sorted(grouped.items())
    )


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
