"""What a room of a given use holds and needs: people, light, equipment, air, set-points, daylight.

The use ids are those of :attr:`ifc.model.SpaceTable.use`. The numbers are defaults of the codes (see the
``source`` and ``confidence`` of each) and live in ``data/use_types.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import Provenance, Text, Traced
from twin.errors import TwinError

Category = Literal["dwelling", "public", "service", "outdoor"]
Hours = NDArray[np.float64]

_UNITS = {
    "floor_area_per_person_m2": "m²/person",
    "lighting_w_m2": "W/m²",
    "equipment_w_m2": "W/m²",
    "fresh_air_m3_h_person": "m³/(h·person)",
    "air_changes_per_h": "1/h",
}


@dataclass(frozen=True, slots=True, eq=False)
class DaySchedule:
    """24 hourly values each, index i covers [i, i + 1) local standard time. All read-only, shape (24,)."""

    occupancy: Hours  # share of the people, 0..1
    lighting: Hours  # share of the lighting power, 0..1
    equipment: Hours  # share of the equipment power, 0..1
    fresh_air: Hours  # share of the fresh air or air change, 0..1
    heating_setpoint_c: Hours  # NaN when heating is off
    cooling_setpoint_c: Hours  # NaN when cooling is off


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """A week: five weekdays and two weekend days."""

    name: str
    weekday: DaySchedule
    weekend: DaySchedule
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class DaylightRequirement:
    """The daylight that GB 50033-2013 asks of a room, on the zone III basis.

    Multiply the factors by the light climate coefficient K of the place; the illuminance holds everywhere.
    """

    grade: str  # "I" (most) .. "V" (least)
    side_factor_percent: float  # average daylight factor under side lighting
    top_factor_percent: float  # average daylight factor under top lighting
    illuminance_lx: float  # design natural illuminance
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, eq=False)
class UseType:
    """Defaults of one room use. None: the use has no such value (nobody stays, no equipment, ...)."""

    use_id: str
    label: Text
    category: Category
    main_function: bool  # counts as a main functional room (主要功能房间)
    conditioned: bool  # heated and cooled unless the project says otherwise
    floor_area_per_person_m2: Traced | None
    lighting_w_m2: Traced | None
    equipment_w_m2: Traced | None
    fresh_air_m3_h_person: Traced | None  # rooms ventilated by the number of people
    air_changes_per_h: Traced | None  # rooms ventilated by their volume
    schedule: Schedule
    daylight: DaylightRequirement | None


def use_type(use_id: str) -> UseType:
    """The defaults of a room use.

    Raises:
        TwinError: ``use_id`` is not one of :func:`use_ids`.
    """
    try:
        return use_types()[use_id]
    except KeyError:
        raise TwinError(
            "unknown-use-type",
            f"use type {use_id!r}",
            Text("There is no such room use.", "没有该房间用途。"),
            Text(f"Use one of: {', '.join(use_types())}.", f"请选用：{'、'.join(use_types())}。"),
        ) from None


def use_ids() -> tuple[str, ...]:
    """Every use id, in the order of the data file."""
    return tuple(use_types())


@cache
def use_types() -> Mapping[str, UseType]:
    """Every use type by its id."""
    text = resources.files("twin").joinpath("data/use_types.yaml").read_text("utf-8")
    data = yaml.load(text, Loader=yaml.CSafeLoader)
    sources: dict[str, dict[str, str]] = data["sources"]
    schedules = {
        name: _schedule(name, raw, sources[raw["source"]]) for name, raw in data["schedules"].items()
    }
    daylight = {
        name: _daylight(raw, data["daylight"]["grades"]) for name, raw in data["daylight"]["rooms"].items()
    }
    return {
        use_id: _use_type(use_id, raw, sources, schedules, daylight) for use_id, raw in data["uses"].items()
    }


def _use_type(
    use_id: str,
    raw: Mapping[str, Any],
    sources: Mapping[str, Mapping[str, str]],
    schedules: Mapping[str, Schedule],
    daylight: Mapping[str, DaylightRequirement],
) -> UseType:
    traced: dict[str, Traced | None] = {}
    for key, unit in _UNITS.items():
        traced[key] = None
        if key in raw:
            value, source = raw[key]
            origin = sources[source]
            traced[key] = Traced(float(value), unit, Provenance.DEFAULT, origin["text"], origin["confidence"])
    return UseType(
        use_id=use_id,
        label=Text(raw["label"]["en"], raw["label"]["zh"]),
        category=raw["category"],
        main_function=raw["main_function"],
        conditioned=raw["conditioned"],
        schedule=schedules[raw["schedule"]],
        daylight=daylight[raw["daylight"]] if "daylight" in raw else None,
        **traced,
    )


def _schedule(name: str, raw: Mapping[str, Any], source: Mapping[str, str]) -> Schedule:
    weekday = raw.get("every_day") or raw["weekday"]
    weekend = raw.get("every_day") or raw["weekend"]
    return Schedule(name, _day(weekday), _day(weekend), source["text"], source["confidence"])


def _day(raw: Mapping[str, list[float | None]]) -> DaySchedule:
    return DaySchedule(
        occupancy=_hours(raw["occupancy"]),
        lighting=_hours(raw["lighting"]),
        equipment=_hours(raw["equipment"]),
        fresh_air=_hours(raw["fresh_air"]),
        heating_setpoint_c=_hours(raw["heating_c"]),
        cooling_setpoint_c=_hours(raw["cooling_c"]),
    )


def _hours(values: list[float | None]) -> Hours:
    hours = np.array([np.nan if value is None else value for value in values], np.float64)
    hours.flags.writeable = False
    return hours


def _daylight(raw: Mapping[str, str], grades: Mapping[str, Mapping[str, float]]) -> DaylightRequirement:
    grade = grades[raw["grade"]]
    return DaylightRequirement(
        grade=raw["grade"],
        side_factor_percent=float(grade["side_percent"]),
        top_factor_percent=float(grade["top_percent"]),
        illuminance_lx=float(grade["lx"]),
        source=raw["text"],
        confidence=raw["confidence"],
    )
