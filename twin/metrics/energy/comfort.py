"""Hours in which occupied rooms are comfortable without heating and cooling, and hours that are too hot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from twin.metrics.energy.pmv import predicted_mean_vote
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


def conditioned_bounds_c() -> dict[str, tuple[float, float]]:
    """Least and highest operative temperature of class II while a room is heated, and cooled, °C."""
    rule = comfort_data()["conditioned"]
    temperature = np.arange(5.0, 40.0, 0.05)
    bounds = {}
    for mode in ("heating", "cooling"):
        own = rule[mode]
        vote = predicted_mean_vote(
            temperature, temperature, own["air_speed_m_s"], own["humidity_pct"], rule["activity_met"],
            own["clothing_clo"],
        )  # fmt: skip
        limit = float(rule["class_ii_vote"])
        low, high = np.interp([-limit, limit], vote, temperature)
        bounds[mode] = (float(low), float(high))
    return bounds


@dataclass
class _Counted:
    """Occupied hours of the main rooms, times their areas, h m²."""

    whole: float = 0.0
    free: float = 0.0  # neither heated nor cooled
    comfortable: float = 0.0  # of the free ones
    hot: float = 0.0
    area: float = 0.0  # m², of the rooms
    conditioned_area: float = 0.0  # of those that are heated or cooled in some of these hours
    class_ii_area: float = 0.0


def _count(
    model: BuildingModel, climate: Climate, thermal: ThermalModel, year: Year, thermal_zone: str | None
) -> _Counted:
    low, high = np.zeros(HOURS), np.zeros(HOURS)
    if thermal_zone is not None:
        bounds = comfort_bounds(running_mean_c(climate.dry_bulb_c), thermal_zone)
        low, high = (np.repeat(bound, 24) for bound in bounds)
    conditioned = conditioned_bounds_c()
    share = float(comfort_data()["conditioned"]["hours_share"])
    found = _Counted()
    for row, zone in enumerate(thermal.zones):
        kind = use_type(zone.use)
        if not kind.main_function:
            continue
        area = float(model.spaces.area_m2[list(zone.spaces)].sum())
        occupied = hourly_schedule(kind, "occupancy") > 0
        operative = (
            np.asarray(year.air_temperature_c[row], np.float64) + year.mean_radiant_temperature_c[row]
        ) / 2
        heated, cooled = occupied & (year.heating_w[row] > 0), occupied & (year.cooling_w[row] > 0)
        free = occupied & ~heated & ~cooled
        found.area += area
        found.whole += area * np.count_nonzero(occupied)
        found.free += area * np.count_nonzero(free)
        found.comfortable += area * np.count_nonzero(free & (operative >= low) & (operative <= high))
        found.hot += area * np.count_nonzero(occupied & (operative > float(comfort_data()["overheating_c"])))
        hours = inside = 0
        for mode, at in (("heating", heated), ("cooling", cooled)):
            least, most = conditioned[mode]
            hours += int(np.count_nonzero(at))
            inside += int(np.count_nonzero(at & (operative >= least) & (operative <= most)))
        if hours:
            found.conditioned_area += area
            found.class_ii_area += area * (inside >= share * hours)
    return found


def comfort_quantities(
    model: BuildingModel, climate: Climate, thermal: ThermalModel, year: Year, thermal_zone: str | None
) -> dict[str, Quantity]:
    """Area-weighted shares over the occupied hours of the main rooms.

    ``adaptive_comfort_hours_share``: of the occupied hours in which a room is neither heated nor cooled,
    those with an operative temperature inside the adaptive zone of class II. ``natural_mode_hours_share``:
    these hours of all. ``thermal_class2_area_share``: area of the rooms that keep class II by PMV while they
    are heated or cooled. ``overheating_hours``: occupied hours above 28 °C, however the room is cooled. Air
    changes are those of the simulation.
    """
    found = _count(model, climate, thermal, year, thermal_zone)
    no_rooms = Need(
        Text("Main rooms whose use is known.", "用途明确的主要功能房间。"),
        Text("Name the rooms by their use.", "请按用途命名房间。"),
    )
    no_hours = Need(
        Text(
            "Main rooms that are occupied without heating and cooling, in a known thermal zone.",
            "有人使用且不供暖空调的主要功能房间，以及热工分区。",
        ),
        Text(
            "Name the rooms by their use and give project.thermal_zone in twin.toml.",
            "请按用途命名房间，并在 twin.toml 中给出 project.thermal_zone。",
        ),
    )

    def told(
        part: float, whole: float, unit: str, label: Text, formula: str, source: str, need: Need
    ) -> Quantity:
        factor = 100.0 if unit == "%" else 1.0
        value = factor * part / whole if whole > 0 else None
        return Quantity(value, unit, label, formula, source, () if whole > 0 else (need,))

    data = comfort_data()
    return {
        "adaptive_comfort_hours_share": told(
            found.comfortable,
            found.free if thermal_zone is not None else 0.0,
            "%",
            Text(
                "Unconditioned occupied hours in the adaptive comfort zone",
                "非供暖空调使用时段适应性热舒适时间比例",
            ),
            "Σ A h(t_low ≤ t_op ≤ t_high) / Σ A h × 100 %",
            str(data["source"]),
            no_hours,
        ),
        "natural_mode_hours_share": told(
            found.free,
            found.whole,
            "%",
            Text("Occupied hours without heating and cooling", "非供暖空调时段占使用时段的比例"),
            "Σ A h(Φ_H = Φ_C = 0) / Σ A h × 100 %",
            "greentwin",
            no_rooms,
        ),
        "thermal_class2_area_share": told(
            found.class_ii_area,
            found.conditioned_area,
            "%",
            Text(
                "Area that keeps class II while it is heated and cooled",
                "供暖空调时段整体评价达到 Ⅱ 级的面积比例",
            ),
            "Σ A(|PMV| ≤ 1 in 95 % of h) / Σ A × 100 %",
            str(data["conditioned"]["source"]),
            no_rooms,
        ),
        "overheating_hours": told(
            found.hot,
            found.area,
            "h",
            Text("Occupied hours above 28 °C", "使用时段室内高于 28 °C 的小时数"),
            "Σ A h(t_op > 28 °C) / Σ A",
            "greentwin, operative temperature",
            no_rooms,
        ),
    }


def comfort_assumptions() -> tuple[Assumption, ...]:
    """The adaptive zone, and what class II means while a room is heated or cooled."""
    data = comfort_data()
    rule = data["conditioned"]
    shown = ", ".join(
        f"{mode}: {rule[mode]['clothing_clo']:g} clo, {rule[mode]['air_speed_m_s']:g} m/s,"
        f" {rule[mode]['humidity_pct']:g} %, {low:.1f}–{high:.1f} °C"
        for mode, (low, high) in conditioned_bounds_c().items()
    )
    return (
        Assumption(
            Text("Adaptive comfort zone", "适应性热舒适区间"),
            Traced(f"class {CLASS}", "", Provenance.DEFAULT, str(data["source"]), str(data["confidence"])),
        ),
        Assumption(
            Text(
                "Class II while heated or cooled: clothes, air, operative temperature",
                "供暖空调 Ⅱ 级：服装热阻、风速、湿度、操作温度",
            ),
            Traced(shown, "", Provenance.DEFAULT, str(rule["source"]), str(rule["confidence"])),
        ),
    )
