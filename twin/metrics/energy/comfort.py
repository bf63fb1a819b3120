"""Hours in which occupied rooms are comfortable without heating and cooling, and hours that are too hot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.climate import HOURS, Climate
from twin.kernels.thermal.year import Year
from twin.metrics.energy.operation import hourly_schedule
from twin.metrics.energy.thermal_model import ThermalModel
from twin.metrics.result import Assumption, Need, Quantity
from twin.use_types import use_type

Floats = NDArray[np.float64]

CLASS = "II"


@cache
def comfort_data() -> Mapping[str, Any]:
    """The whole of ``twin/data/comfort.yaml``."""
    text = resources.files("twin").joinpath("data/comfort.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


def running_mean_c(dry_bulb_c: Floats) -> Floats:
    """Weighted mean of the daily means of the seven days before, (365,); the year follows on itself."""
    rule = comfort_data()["running_mean"]
    factor, days = float(rule["factor"]), int(rule["days"])
    daily = dry_bulb_c.reshape(-1, 24).mean(axis=1)
    weights = factor ** np.arange(days)
    past = np.stack([np.roll(daily, lag) for lag in range(1, days + 1)])
    return np.asarray(weights @ past / weights.sum())


def comfort_bounds(running_mean: Floats, thermal_zone: str, grade: str = CLASS) -> tuple[Floats, Floats]:
    """Least and highest operative temperature, °C, of the shape of ``running_mean``."""
    row = comfort_data()["zones"][thermal_zone[0]][grade]
    (upper, high), (lower, low) = row["upper"], row["lower"]
    least, most = float(row["least"]), float(row["most"])
    return (
        np.clip(lower * running_mean + low, least, most),
        np.clip(upper * running_mean + high, least, most),
    )


def comfort_quantities(
    model: BuildingModel, climate: Climate, thermal: ThermalModel, year: Year, thermal_zone: str | None
) -> dict[str, Quantity]:
    """Area-weighted shares over the occupied hours of the main rooms.

    ``adaptive_comfort_hours_share``: of the occupied hours in which a room is neither heated nor cooled,
    those with an operative temperature inside the adaptive zone of class II. ``overheating_hours``: occupied
    hours above 28 °C, however the room is cooled. Air changes are those of the simulation.
    """
    inside = free = hot = whole = 0.0
    low, high = np.zeros(HOURS), np.zeros(HOURS)
    if thermal_zone is not None:
        bounds = comfort_bounds(running_mean_c(climate.dry_bulb_c), thermal_zone)
        low, high = (np.repeat(bound, 24) for bound in bounds)
    for row, zone in enumerate(thermal.zones):
        kind = use_type(zone.use)
        if not kind.main_function:
            continue
        area = float(model.spaces.area_m2[list(zone.spaces)].sum())
        occupied = hourly_schedule(kind, "occupancy") > 0
        operative = (
            np.asarray(year.air_temperature_c[row], np.float64) + year.mean_radiant_temperature_c[row]
        ) / 2
        floating = occupied & (year.heating_w[row] <= 0) & (year.cooling_w[row] <= 0)
        inside += area * np.count_nonzero(floating & (operative >= low) & (operative <= high))
        free += area * np.count_nonzero(floating)
        hot += area * np.count_nonzero(occupied & (operative > float(comfort_data()["overheating_c"])))
        whole += area
    needs: tuple[Need, ...] = ()
    if whole <= 0 or free <= 0 or thermal_zone is None:
        needs = (
            Need(
                Text(
                    "Main rooms that are occupied without heating and cooling, in a known thermal zone.",
                    "有人使用且不供暖空调的主要功能房间，以及热工分区。",
                ),
                Text(
                    "Name the rooms by their use and give project.thermal_zone in twin.toml.",
                    "请按用途命名房间，并在 twin.toml 中给出 project.thermal_zone。",
                ),
            ),
        )
    told = not needs
    source = str(comfort_data()["source"])
    return {
        "adaptive_comfort_hours_share": Quantity(
            100 * inside / free if told else None,
            "%",
            Text(
                "Unconditioned occupied hours in the adaptive comfort zone",
                "非供暖空调使用时段适应性热舒适时间比例",
            ),
            "Σ A h(t_low ≤ t_op ≤ t_high) / Σ A h × 100 %",
            source,
            needs,
        ),
        "overheating_hours": Quantity(
            hot / whole if whole > 0 else None,
            "h",
            Text("Occupied hours above 28 °C", "使用时段室内高于 28 °C 的小时数"),
            "Σ A h(t_op > 28 °C) / Σ A",
            "greentwin, operative temperature",
            needs if whole <= 0 else (),
        ),
    }


def comfort_assumption() -> Assumption:
    """The adaptive zone."""
    data = comfort_data()
    return Assumption(
        Text("Adaptive comfort zone", "适应性热舒适区间"),
        Traced(f"class {CLASS}", "", Provenance.DEFAULT, str(data["source"]), str(data["confidence"])),
    )
