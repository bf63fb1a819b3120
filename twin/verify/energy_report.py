"""The comparison with EnergyPlus as JSON and as a table on the terminal."""

from __future__ import annotations

import math
from typing import Any

from rich.console import Console
from rich.table import Table

from ifc.model import BuildingModel, Language, Text
from twin.verify.energy import THEIR_STEPS_PER_HOUR, EnergyComparison, Load

SCHEMA_VERSION = "1.0"


def energy_comparison_to_dict(model: BuildingModel, found: EnergyComparison) -> dict[str, Any]:
    """The comparison as plain JSON data: kWh, kW and percent, null where EnergyPlus has no need."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": model.source.path, "sha256": model.source.sha256},
        "peer": "EnergyPlus",
        "zones": found.zones,
        "surfaces": found.surfaces,
        "steps_per_hour": {"ours": found.our_steps_per_hour, "peer": THEIR_STEPS_PER_HOUR},
        "heating": _load(found.heating),
        "cooling": _load(found.cooling),
        "seconds": {"ours": round(found.our_seconds, 3), "peer": round(found.their_seconds, 3)},
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "ours_kwh": [round(float(value), 2) for value in load.ours_kwh],
        "peer_kwh": [round(float(value), 2) for value in load.theirs_kwh],
        "annual_difference_pct": _percent(load.difference),
        "monthly_cv_rmse_pct": _percent(load.cv_rmse),
        "ours_peak_kw": round(load.our_peak_kw, 3),
        "peer_peak_kw": round(load.their_peak_kw, 3),
    }


def _percent(value: float) -> float | None:
    return None if math.isnan(value) else round(100 * value, 3)


def print_energy_comparison(data: dict[str, Any], language: Language) -> None:
    """Months, year, peak and the differences as a table on stdout."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    table = Table(title=say("Need beside EnergyPlus, kWh", "供暖供冷需求与 EnergyPlus 对比（kWh）"))
    table.add_column(say("Month", "月份"), no_wrap=True)
    ours, theirs = say("ours", "本程序"), "EnergyPlus"
    for name in (say("Heating", "供暖"), say("Cooling", "供冷")):
        for program in (ours, theirs):
            table.add_column(f"{name} · {program}", justify="right")
    loads = (data["heating"], data["cooling"])
    for month in range(12):
        cells = (f"{load[key][month]:.0f}" for load in loads for key in ("ours_kwh", "peer_kwh"))
        table.add_row(str(month + 1), *cells)
    table.add_section()
    whole = (f"{sum(load[key]):.0f}" for load in loads for key in ("ours_kwh", "peer_kwh"))
    table.add_row(say("Year", "全年"), *whole)
    peaks = (f"{load[key]:.1f}" for load in loads for key in ("ours_peak_kw", "peer_peak_kw"))
    table.add_row(say("Peak kW", "峰值 kW"), *peaks)
    for key, name, form in (
        ("annual_difference_pct", say("Difference of the year %", "全年偏差 %"), "+.1f"),
        ("monthly_cv_rmse_pct", say("CV(RMSE) of the months %", "逐月 CV(RMSE) %"), ".1f"),
    ):
        shown = ["–" if load[key] is None else format(load[key], form) for load in loads]
        table.add_row(name, shown[0], "", shown[1], "")
    Console().print(table)
