"""Continuous simulation of the site on the rain record."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Severity, Text
from twin.climate import Climate, RainRecord
from twin.kernels.subcatchment_parts import EVAPORATED, INFILTRATED, RAIN, REUSED, RUNOFF, STORED
from twin.metrics.sponge.drainage import SiteDrainage, record_case
from twin.metrics.sponge.runoff_case import run_case
from twin.metrics.sponge.water_use import WaterUse

Floats = NDArray[np.float64]

LARGEST_IMBALANCE_MM = 1e-6
DRY_STEP_S = 3600
SERIES = {
    "rain_mm": RAIN,
    "infiltrated_mm": INFILTRATED,
    "evaporated_mm": EVAPORATED,
    "reused_mm": REUSED,
    "runoff_mm": RUNOFF,
    "storage_change_mm": STORED,
}


@dataclass(frozen=True)
class ContinuousResult:
    """Mean monthly balance, mm over the site, shape (12,) each: ``SERIES`` and ``captured_mm``."""

    series: dict[str, Floats]
    tank_inflow_m3: Floats  # (K,) of each step, or (0,) without a tank
    diagnostics: tuple[Diagnostic, ...]

    @property
    def capture_rate_pct(self) -> float:
        """Share of the rain that does not leave the site, %."""
        rain = self.series["rain_mm"].sum()
        return float(100.0 * (1.0 - self.series["runoff_mm"].sum() / rain)) if rain > 0.0 else 100.0


def simulate(site: SiteDrainage, use: WaterUse, record: RainRecord, climate: Climate) -> ContinuousResult:
    """Run the site through a rain record, its tanks drawn on for what they serve.

    The balance rain = infiltrated + evaporated + reused + runoff + change of storage is checked to 1e-6 mm a
    year.

    Raises:
        ArithmeticError: the balance does not close (a fault of the kernel).
    """
    step_h = record.step_s / 3600.0
    mean_m3_h = float(use.demand_m3.mean()) / step_h
    case = record_case(site.with_demand(mean_m3_h), record, climate, DRY_STEP_S)
    if mean_m3_h > 0.0:
        case = replace(case, demand=use.demand_m3 / step_h / mean_m3_h)
    tank = site.row("tank")
    result = run_case(case, by_month=True, keep_flow=tank >= 0)
    years = case.intervals * record.step_s / (365.25 * 86400.0)
    areas = site.catchments[:, 0] / site.area_m2
    leaves = np.where(site.outlet < 0, areas, 0.0)
    series = {
        name: np.einsum("j,jm->m", leaves if row == RUNOFF else areas, result.monthly_mm[:, :, row]) / years
        for name, row in SERIES.items()
    }
    series["captured_mm"] = series["rain_mm"] - series["runoff_mm"]
    imbalance = 2.0 * series["rain_mm"].sum() - sum(series[name].sum() for name in SERIES)
    if not abs(imbalance) < LARGEST_IMBALANCE_MM:
        raise ArithmeticError(f"the runoff balance is off by {imbalance:g} mm a year")
    inflow_m3 = (
        result.flow_m3_s[site.outlet == tank].sum(axis=0) * record.step_s if tank >= 0 else np.zeros(0)
    )
    return ContinuousResult(series, inflow_m3, _diagnostics(record))


def _diagnostics(record: RainRecord) -> tuple[Diagnostic, ...]:
    found = []
    gaps = int(np.isnan(record.depth_mm).sum())
    if gaps:
        found.append(
            Diagnostic(
                "rain-record-gaps",
                Severity.WARNING,
                Text(
                    f"{gaps} of {len(record.depth_mm)} steps of the rain record are missing and count as dry "
                    f"in the simulation.",
                    f"降雨记录共 {len(record.depth_mm)} 个时间步，其中 {gaps} 个缺测，模拟中按无雨计。",
                ),
                Text("Fill the gaps of the record.", "请补全降雨记录。"),
            )
        )
    if record.step_s > 3600:
        found.append(
            Diagnostic(
                "rain-record-coarse",
                Severity.WARNING,
                Text(
                    f"The rain record has steps of {record.step_s / 3600:g} h: the simulated runoff is too "
                    f"small.",
                    f"降雨记录的时间步为 {record.step_s / 3600:g} h，模拟得到的外排量偏小。",
                ),
                Text("Give an hourly record.", "请提供逐时降雨记录。"),
            )
        )
    return tuple(found)
