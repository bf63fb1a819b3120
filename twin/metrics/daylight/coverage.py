"""How much of the required illuminance daylight gives in each room and hour, for dimmed lights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import HOURS
from twin.kernels.daylight import DaylightFactors
from twin.metrics.daylight.annual import SkyYear, hourly_illuminance
from twin.metrics.daylight.curtains import Drawn
from twin.metrics.daylight.rooms import GridPoints, Room
from twin.metrics.daylight.scene import RoomScene

Floats = NDArray[np.float64]

COVERAGE = "daylight_coverage:"  # before the GlobalId of the room, names of the series


def covered_rooms(rooms: Sequence[Room]) -> NDArray[np.bool_]:
    """Rooms (R,) whose lights can follow the daylight: with an illuminance to keep and a lighting power."""
    return np.array(
        [room.use.daylight is not None and room.use.lighting_w_m2 is not None for room in rooms], np.bool_
    )


def daylight_coverage(
    model: BuildingModel,
    rooms: Sequence[Room],
    points: GridPoints,
    scene: RoomScene,
    light_room: NDArray[np.int32],
    found: DaylightFactors,
    sky: SkyYear,
    drawn: Drawn | None,
) -> Mapping[str, Floats]:
    """Mean over the points of each room of min(E / E_required, 1), (8760,), by COVERAGE and its GlobalId.

    0 at night; with the curtains as they are ``drawn``. ``found`` holds the daylight coefficients of the
    rooms of :func:`covered_rooms`.
    """
    assert found.direct is not None
    assert found.reflected is not None
    series: dict[str, Floats] = {}
    for row in np.flatnonzero(covered_rooms(rooms)).tolist():
        here = np.flatnonzero(points.room == row)
        required = rooms[row].use.daylight
        if not len(here) or required is None:
            continue
        total, _ = hourly_illuminance(
            scene.scene,
            points.position[here],
            light_room[here],
            found.direct[here],
            found.reflected[here],
            sky,
            drawn,
        )
        hourly = np.zeros(HOURS)
        hourly[sky.hour] = np.minimum(total / np.float32(required.illuminance_lx), 1.0).mean(axis=0)
        series[f"{COVERAGE}{model.spaces.global_id[rooms[row].space]}"] = hourly
    return series
