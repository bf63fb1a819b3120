"""How rooms are used: set-points, gains and air over the year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ifc.model import Traced
from twin.climate import HOURS, NOMINAL_YEAR
from twin.kernels.thermal.network import Operation
from twin.metrics.energy.data import data, number
from twin.project import EnergySection
from twin.use_types import DaySchedule, UseType, use_type

Floats = NDArray[np.float64]

_WEEKDAY = (np.arange(HOURS) // 24 + date(NOMINAL_YEAR, 1, 1).weekday()) % 7 < 5
_HOUR = np.arange(HOURS) % 24
_HEIGHT_STEP_M = 0.05  # rooms whose clear heights round to the same step share a schedule


@dataclass(frozen=True, slots=True)
class Use:
    """A row of the operation: a room use, and the clear height that turns fresh air into air changes."""

    use_id: str
    height_m: float

    @classmethod
    def of(cls, use_id: str, height_m: float) -> Use:
        """With the height rounded; only rooms with fresh air per person need it."""
        per_person = use_type(use_id).fresh_air_m3_h_person is not None
        steps = max(round(height_m / _HEIGHT_STEP_M), 1)
        return cls(use_id, steps * _HEIGHT_STEP_M if per_person else 0.0)


def operation(uses: Iterable[Use], energy: EnergySection, seasonal: bool, steps_per_hour: int) -> Operation:
    """Schedules of ``uses`` over the year; ``seasonal`` keeps dwellings to their two seasons."""
    rows = [_row(use, energy, seasonal) for use in uses]
    return Operation(
        *(np.repeat(np.stack(column), steps_per_hour, axis=1) for column in zip(*rows, strict=True))
    )


def _row(use: Use, energy: EnergySection, seasonal: bool) -> tuple[Floats, ...]:
    kind = use_type(use.use_id)
    heating = _setpoint(kind, "heating_setpoint_c", energy.heating_setpoint_c, -np.inf)
    cooling = _setpoint(kind, "cooling_setpoint_c", energy.cooling_setpoint_c, np.inf)
    if seasonal and kind.category == "dwelling":
        seasons = data()["dwelling_seasons"]
        heating[~_between(*seasons["heating"])] = -np.inf
        cooling[~_between(*seasons["cooling"])] = np.inf
    convective, radiative = _gains(kind)
    return heating, cooling, air_changes(use, energy), convective, radiative


def hourly_schedule(kind: UseType, column: str) -> Floats:
    """A column of a use's schedule over the year, (8760,)."""

    def day(schedule: DaySchedule) -> Floats:
        values: Floats = getattr(schedule, column)
        return values[_HOUR]

    return np.where(_WEEKDAY, day(kind.schedule.weekday), day(kind.schedule.weekend))


def _setpoint(kind: UseType, column: str, declared: float | None, off: float) -> Floats:
    if not kind.conditioned:
        return np.full(HOURS, off)
    values = hourly_schedule(kind, column)
    if declared is not None:
        values = np.where(np.isnan(values), np.nan, declared)
    return np.where(np.isnan(values), off, values)


def _between(first: str, last: str) -> NDArray[np.bool_]:
    """Hours from the first to the last day (month-day), also over the turn of the year."""

    def day_of_year(text: str) -> int:
        return date.fromisoformat(f"{NOMINAL_YEAR}-{text}").timetuple().tm_yday - 1

    start, end, day = day_of_year(first), day_of_year(last), np.arange(HOURS) // 24
    if start <= end:
        return (day >= start) & (day <= end)
    return (day >= start) | (day <= end)


def _value(traced: Traced | None) -> float:
    return float(traced.value) if traced is not None else 0.0


def _gains(kind: UseType) -> tuple[Floats, Floats]:
    """Convective and radiative sensible gains, W/m² of floor."""
    convective, radiative = np.zeros(HOURS), np.zeros(HOURS)
    people = 0.0
    if kind.floor_area_per_person_m2 is not None:
        people = number("person_sensible_heat") / _value(kind.floor_area_per_person_m2)
    for power, column, share in (
        (people, "occupancy", "person_convective_share"),
        (_value(kind.lighting_w_m2), "lighting", "lighting_convective_share"),
        (_value(kind.equipment_w_m2), "equipment", "equipment_convective_share"),
    ):
        gain = power * hourly_schedule(kind, column)
        convective += number(share) * gain
        radiative += (1 - number(share)) * gain
    return convective, radiative


def lighting_gains(use_id: str) -> tuple[Floats, Floats]:
    """Convective and radiative heat (8760,) of the undimmed lights of a use, W/m² of floor."""
    kind = use_type(use_id)
    gain = _value(kind.lighting_w_m2) * hourly_schedule(kind, "lighting")
    share = number("lighting_convective_share")
    return share * gain, (1 - share) * gain


def air_changes(use: Use, energy: EnergySection, *, leaks: bool = True) -> Floats:
    """Outdoor air (8760,), volumes of the room per hour; ``leaks`` False: without the usual leakage."""
    kind = use_type(use.use_id)
    if energy.air_changes_per_hour is not None:
        return np.full(HOURS, energy.air_changes_per_hour)
    if kind.fresh_air_m3_h_person is not None and kind.floor_area_per_person_m2 is not None:
        flow = _value(kind.fresh_air_m3_h_person) / _value(kind.floor_area_per_person_m2)
        supplied = flow / use.height_m * hourly_schedule(kind, "fresh_air")
        return np.maximum(supplied, number("background_air_changes") if leaks else 0.0)
    if kind.air_changes_per_h is not None:
        schedule = hourly_schedule(kind, "fresh_air")
        if not schedule.any():  # a use that names air changes but no hours of them: all day
            schedule = np.ones(HOURS)
        return _value(kind.air_changes_per_h) * schedule
    return np.full(HOURS, number("unknown_air_changes") if leaks else 0.0)
