"""Measuring points of a model: its sensors and meters, what they measure and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from ifc.model import BuildingModel
from sensors.quantities import kind_of_name

SENSOR_CLASSES = ("IfcSensor", "IfcFlowMeter", "IfcDistributionControlElement", "IfcFlowController")
_SENSORS = {
    "TEMPERATURESENSOR": "temperature", "HUMIDITYSENSOR": "humidity", "CO2SENSOR": "co2", "COSENSOR": "co",
    "LIGHTSENSOR": "illuminance", "SOUNDSENSOR": "noise", "MOVEMENTSENSOR": "occupancy",
    "RADIATIONSENSOR": "irradiance", "WINDSENSOR": "wind_speed", "LEVELSENSOR": "water_level",
    "PHSENSOR": "water_quality", "PRESSURESENSOR": "pressure", "FLOWSENSOR": "flow",
}  # fmt: skip
_METERS = {
    "ENERGYMETER": "electricity", "ELECTRICMETER": "electricity", "WATERMETER": "water", "GASMETER": "gas",
    "FLOWMETER": "flow",
}  # fmt: skip
# Predefined types that say too little: the name decides first.
_VAGUE = frozenset(
    {"", "NOTDEFINED", "USERDEFINED", "GASSENSOR", "MOISTURESENSOR", "ENERGYMETER", "FLOWSENSOR"}
)


@dataclass(frozen=True, slots=True)
class BoundPoint:
    """A sensor or meter of the model."""

    global_id: str
    name: str
    kind: str  # id of a sensors.quantities.QuantityKind
    element: int  # row in the ElementTable
    space: int  # row in the SpaceTable, -1 when it stands in no room
    storey: int  # row in the StoreyTable, -1 for none
    meter: bool  # counts an amount (IfcFlowMeter), rather than sensing a state


def bind(model: BuildingModel) -> tuple[BoundPoint, ...]:
    """The measuring points of a model, in the order of its elements.

    A sensor is recognised by its predefined type where that says enough, else by its name, long name and type
    name. It stands in the space that contains it in the file, else in the room around its geometry.
    """
    elements = model.elements
    spaces_of: dict[int, list[int]] = {}
    for space, storey in enumerate(model.spaces.storey.tolist()):
        spaces_of.setdefault(storey, []).append(space)
    points = []
    for row in elements.rows_of_class(*SENSOR_CLASSES).tolist():
        kind = kind_of_element(model, row)
        if not kind:
            continue
        space = int(elements.space[row])
        if space < 0:
            space = room_around(model, row, spaces_of)
        points.append(
            BoundPoint(
                global_id=str(elements.global_id[row]),
                name=str(elements.name[row]),
                kind=kind,
                element=row,
                space=space,
                storey=int(elements.storey[row]),
                meter=elements.ifc_class[row] != "IfcSensor"
                and str(elements.predefined_type[row]) not in _SENSORS,
            )
        )
    return tuple(points)


def kind_of_element(model: BuildingModel, row: int) -> str:
    """The quantity kind of one sensor or meter, "" when neither its type nor its name shows it."""
    elements = model.elements
    stated = str(elements.predefined_type[row]).upper()
    types: Mapping[str, str] = {**_SENSORS, **_METERS}
    if stated in types and stated not in _VAGUE:
        return types[stated]
    named = kind_of_name(f"{elements.name[row]} {elements.long_name[row]} {elements.type_name[row]} {stated}")
    return named or types.get(stated, "")


def room_around(model: BuildingModel, element: int, spaces_of: Mapping[int, list[int]]) -> int:
    """The space whose footprint and height hold the middle of an element, -1 for none.

    ``spaces_of`` gives the rows of the spaces of each storey row; without a storey in it all are tried.
    """
    vertices, _ = model.geometry.mesh(element)
    if not len(vertices):
        return -1
    x, y, z = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    spaces = model.spaces
    storey = int(model.elements.storey[element])
    for space in spaces_of.get(storey, range(len(spaces))):
        floor, height = spaces.floor_z_m[space], spaces.height_m[space]
        rings = spaces.footprint.rings(space)
        if not rings or not (np.isfinite(floor) and floor - 0.5 <= z <= floor + height + 0.5):
            continue
        # A sensor on the wall stands up to a wall's thickness outside the room's footprint.
        if shapely.Polygon(rings[0], rings[1:]).distance(shapely.Point(x, y)) <= 0.15:
            return space
    return -1
