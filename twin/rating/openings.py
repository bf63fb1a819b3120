"""Windows and doors as the clauses see them: area, room, orientation, inside or outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ifc.model import BuildingModel, Neighbour
from twin.rating.reading import DOORS, WINDOWS, PropertyReader, as_bool, as_number, box


@dataclass(frozen=True, slots=True)
class Opening:
    """A window or door of the model. ``external`` None: neither surfaces nor properties say."""

    element: int
    window: bool
    area_m2: float  # NaN unknown
    space: int  # the room it lights, -1 unknown
    azimuth_deg: float  # of the facade, NaN unknown
    external: bool | None
    sill_m: float  # of its lower edge above the room's floor, NaN unknown


def read_openings(model: BuildingModel, properties: PropertyReader) -> tuple[Opening, ...]:
    """Every window and door, from the surfaces where there are any, else from properties and shapes."""
    seats = _seats(model)
    found = []
    for row in model.elements.rows_of_class(*WINDOWS, *DOORS).tolist():
        area, space, azimuth, external = seats.get(row, (np.nan, -1, np.nan, None))
        if external is None:
            stated = properties.get(row, "is_external")
            external = as_bool(stated.value) if stated else None
        corners = box(model, row)
        if np.isnan(area) and corners is not None:
            extent = np.sort(corners[1] - corners[0])[1:]
            area = float(extent.prod())
        found.append(
            Opening(
                element=row,
                window=str(model.elements.ifc_class[row]) in WINDOWS,
                area_m2=float(area),
                space=space,
                azimuth_deg=float(azimuth),
                external=external,
                sill_m=_sill(model, properties, row, space, corners),
            )
        )
    return tuple(found)


def _seats(model: BuildingModel) -> dict[int, tuple[float, int, float, bool | None]]:
    """Element -> (area, room, azimuth, external). An opening to the outside wins over one between rooms."""
    seats: dict[int, tuple[float, int, float, bool | None]] = {}
    table, surfaces = model.surface_openings, model.surfaces
    for row in range(len(table)):
        element, surface = int(table.element[row]), int(table.surface[row])
        neighbour = int(surfaces.neighbour[surface])
        external = {Neighbour.OUTDOORS: True, Neighbour.SPACE: False}.get(Neighbour(neighbour))
        beyond = int(surfaces.neighbour_space[surface])
        if external is False and beyond >= 0 and not model.spaces.internal[beyond]:
            external = True  # onto a balcony or terrace
        seat = (
            float(table.area_m2[row]),
            int(surfaces.space[surface]),
            float(surfaces.azimuth_deg[surface]),
            external,
        )
        before = seats.get(element)
        if before is None or (external and not before[3]):
            seats[element] = seat
        elif external == before[3] and seat[1] == before[1]:
            seats[element] = (before[0] + seat[0], *before[1:])  # one window cut by several surfaces
    return seats


def _sill(
    model: BuildingModel,
    properties: PropertyReader,
    element: int,
    space: int,
    corners: tuple[np.ndarray, np.ndarray] | None,
) -> float:
    stated = properties.get(element, "sill_height")
    number = as_number(stated.value) if stated else None
    if number is not None:
        return number
    if corners is None:
        return np.nan
    if space >= 0 and np.isfinite(model.spaces.floor_z_m[space]):
        return float(corners[0][2] - model.spaces.floor_z_m[space])
    storey = int(model.elements.storey[element])
    return float(corners[0][2] - model.storeys.elevation_m[storey]) if storey >= 0 else np.nan
