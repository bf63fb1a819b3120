"""The runoff of a site by our kernel and by SWMM, subcatchment by subcatchment."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ifc.model import BuildingModel, Language, Text
from twin.climate import Climate
from twin.errors import TwinError
from twin.kernels import lid
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.drainage import record_case, site_drainage, storm_case
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import RunoffCase, RunoffResult, run_case
from twin.metrics.sponge.storm import formula_of, storm_rules
from twin.metrics.sponge.water_use import water_use
from twin.project import Project
from twin.verify.swmm import SwmmResult, require_swmm, run_swmm
from twin.verify.swmm_file import write_swmm

SCHEMA_VERSION = "1.0"
RECORD_STEP_S = 300  # also while it is dry, as SWMM takes its steps with LID units


@dataclass(frozen=True)
class Comparison:
    """One rain on the subcatchments: ours, ours with SWMM's way of booking runoff, and SWMM."""

    name: str  # "storm" or "record"
    case: RunoffCase
    ours: RunoffResult
    as_swmm: RunoffResult
    theirs: SwmmResult
    our_seconds: float


def site_cases(model: BuildingModel, climate: Climate, project: Project) -> dict[str, RunoffCase]:
    """The design storm of the city, if its formula is known, and the rain record, if there is one.

    SWMM's barrels drain at a constant rate: the tanks are drawn on at the mean demand, rain or not.

    Raises:
        TwinError: what covers the site is not known, or there is no rain at all.
    """
    rules, storms = sponge_rules(), storm_rules()
    covers = site_covers(model, project, rules)
    if covers.needs:
        need = covers.needs[0]
        raise TwinError("site-unknown", model.source.path, need.what, need.how)
    site = site_drainage(model, project, covers, rules, storms)
    if climate.rain is not None:
        demand = water_use(model, project, covers, climate.rain, rules).demand_m3
        site = site.with_demand(float(demand.mean()) / climate.rain.step_s * 3600.0)
    found: dict[str, RunoffCase] = {}
    formula = formula_of(project, storms)
    if formula is not None:
        found["storm"] = storm_case(site, storms, formula, storms.return_period_a)
    if climate.rain is not None:
        found["record"] = record_case(site, climate.rain, climate, RECORD_STEP_S)
    if not found:
        raise TwinError(
            "no-rain",
            model.source.path,
            Text("There is neither a storm formula of the city nor rain.", "缺少暴雨强度公式和降雨记录。"),
            Text("Set project.city or weather.rain in twin.toml.", "请填写 project.city 或 weather.rain。"),
        )
    return found


def compare(
    cases: dict[str, RunoffCase],
    *,
    keep: Path | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> list[Comparison]:
    """Run each case three times; ``keep`` keeps SWMM's input and report."""
    require_swmm()
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        for name, case in cases.items():
            progress(f"sponge {name}")
            theirs = run_swmm(write_swmm(case, folder / f"{name}.inp", series=keep is not None))
            as_swmm = run_case(case, as_swmm=True, common_step=True)
            begin = time.perf_counter()
            ours = run_case(case)
            found.append(Comparison(name, case, ours, as_swmm, theirs, time.perf_counter() - begin))
    return found


def comparison_to_dict(model: BuildingModel, found: list[Comparison]) -> dict[str, Any]:
    """The comparison as plain JSON data; depths in mm over the subcatchment."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": model.source.path, "sha256": model.source.sha256},
        "peer": f"EPA SWMM {found[0].theirs.version}",
        "cases": [_case_to_dict(one) for one in found],
    }


def _case_to_dict(one: Comparison) -> dict[str, Any]:
    ours, same, theirs = one.ours, one.as_swmm, one.theirs
    # SWMM's runoff of a subcatchment includes what its drains send elsewhere.
    our_runoff, same_runoff = ours.runoff_mm + ours.reused_mm, same.runoff_mm + same.reused_mm
    drawn = _drawn_m3_s(one.case)
    our_peak, same_peak = ours.peak_m3_s + drawn, same.peak_m3_s + drawn
    return {
        "name": one.name,
        "rain_mm": round(float(one.case.rain_mm.sum()), 3),
        "hours": round(one.case.intervals * one.case.interval_s / 3600.0, 3),
        "subcatchments": [
            {
                "name": name,
                "runoff_mm": {
                    "ours": _r(our_runoff[i]),
                    "as_swmm": _r(same_runoff[i]),
                    "swmm": _r(theirs.runoff_mm[i]),
                },
                "infiltrated_mm": {"ours": _r(ours.infiltrated_mm[i]), "swmm": _r(theirs.infiltrated_mm[i])},
                "evaporated_mm": {"ours": _r(ours.evaporated_mm[i]), "swmm": _r(theirs.evaporated_mm[i])},
                "peak_l_s": {"ours": _r(1e3 * our_peak[i]), "swmm": _r(1e3 * theirs.peak_m3_s[i])},
            }
            for i, name in enumerate(one.case.names)
        ],
        "largest_difference_pct": {
            "runoff": _worst(same_runoff, theirs.runoff_mm),
            "runoff_conserving": _worst(our_runoff, theirs.runoff_mm),
            "peak": _worst(1e3 * same_peak, 1e3 * theirs.peak_m3_s),
            "infiltration": _worst(same.infiltrated_mm, theirs.infiltrated_mm),
            "evaporation": _worst(same.evaporated_mm, theirs.evaporated_mm),
        },
        "imbalance_pct": {
            "ours": float(f"{100 * np.abs(ours.imbalance).max():.3g}"),
            "swmm": theirs.imbalance_pct,
        },
        "seconds": {"ours": round(one.our_seconds, 4), "swmm": round(theirs.seconds, 4)},
    }  # fmt: skip


def _drawn_m3_s(case: RunoffCase) -> np.ndarray:
    """What is drawn from the tanks of each subcatchment, (N,)."""
    drawn = (
        case.units[:, lid.DRAIN_COEFFICIENT] * case.units[:, lid.AREA_M2] * (case.units[:, lid.REUSE] > 0.0)
    )
    return np.bincount(case.unit_catchment, drawn / 3.6e6, len(case.names))


def _r(value: float) -> float:
    return round(float(value), 4)


def _worst(ours: np.ndarray, theirs: np.ndarray) -> float | None:
    """The largest relative difference, %, beyond the half hundredth that SWMM prints; None if all dry."""
    wet = theirs >= 0.1
    if not wet.any():
        return None
    beyond = np.maximum(np.abs(ours - theirs)[wet] - 0.005, 0.0)
    return round(float(100.0 * (beyond / theirs[wet]).max()), 4)


def print_comparison(data: dict[str, Any], language: Language) -> None:
    """The subcatchments and the largest differences as tables on stdout."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    names = {"storm": say("design storm", "设计暴雨"), "record": say("rain record", "降雨记录")}
    for case in data["cases"]:
        table = Table(
            title=f"{names[case['name']]}: {case['rain_mm']:.1f} mm, {case['hours']:.0f} h, {data['peer']}"
        )
        table.add_column(say("Cover", "下垫面"))
        for heading in (
            say("Runoff, ours mm", "径流 本程序 mm"),
            say("booked as SWMM", "按 SWMM 计账"),
            "SWMM",
            say("Peak, ours l/s", "峰值 本程序 L/s"),
            "SWMM",
        ):
            table.add_column(heading, justify="right")
        for row in case["subcatchments"]:
            runoff, peak = row["runoff_mm"], row["peak_l_s"]
            cells = (*runoff.values(), *peak.values())
            table.add_row(row["name"].replace("_", " "), *(f"{cell:.2f}" for cell in cells))
        Console().print(table)
        worst, balance = case["largest_difference_pct"], case["imbalance_pct"]
        shown = {key: "–" if value is None else f"{value:.3f} %" for key, value in worst.items()}
        print(
            say(
                f"Largest difference: runoff {shown['runoff']}, peak {shown['peak']}, infiltration "
                f"{shown['infiltration']}, evaporation {shown['evaporation']}; conserving water, runoff "
                f"{shown['runoff_conserving']}. Balance off by {balance['ours']:.2g} % (ours), "
                f"{balance['swmm']:.3f} % (SWMM).",
                f"最大差异：径流 {shown['runoff']}，峰值 {shown['peak']}，下渗 {shown['infiltration']}，蒸发 "
                f"{shown['evaporation']}；水量守恒模式径流 {shown['runoff_conserving']}。水量平衡误差："
                f"本程序 {balance['ours']:.2g} %，SWMM {balance['swmm']:.3f} %。",
            )
        )
