"""Continuous simulation of the site on the rain record."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Provenance, Severity, Text, Traced
from twin.climate import Climate, RainRecord
from twin.kernels.subcatchments import EVAPORATED, INFILTRATED, RAIN, REUSED, RUNOFF, STORED
from twin.metrics.result import Assumption
from twin.metrics.sponge.covers import GREEN, SiteCovers
from twin.metrics.sponge.drainage import SiteDrainage, record_case
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.runoff_case import run_case

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
    assumptions: tuple[Assumption, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def capture_rate_pct(self) -> float:
        """Share of the rain that does not leave the site, %."""
        rain = self.series["rain_mm"].sum()
        return float(100.0 * (1.0 - self.series["runoff_mm"].sum() / rain)) if rain > 0.0 else 100.0


def simulate(
    site: SiteDrainage, covers: SiteCovers, record: RainRecord, climate: Climate, rules: SpongeRules
) -> ContinuousResult:
    """Run the site through a rain record.

    The balance rain = infiltrated + evaporated + reused + runoff + change of storage is checked to 1e-6 mm a
    year.

    Raises:
        ArithmeticError: the balance does not close (a fault of the kernel).
    """
    irrigation_m3_h = rules.irrigation_l_m2_day / 24e3 * covers.area_of(*GREEN)
    case = record_case(site.with_demand(irrigation_m3_h), record, climate, DRY_STEP_S)
    case = replace(case, demand=(case.rain_mm == 0.0).astype(np.float64))
    result = run_case(case, by_month=True)
    years = len(case.rain_mm) * record.step_s / (365.25 * 86400.0)
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
    return ContinuousResult(series, _assumptions(covers, rules), _diagnostics(record))


def _assumptions(covers: SiteCovers, rules: SpongeRules) -> tuple[Assumption, ...]:
    if covers.storage_of("tank") <= 0.0:
        return ()
    return (
        Assumption(
            Text("Irrigation on dry days, from tanks", "无雨日绿化浇灌用水（取自雨水调蓄池）"),
            Traced(
                rules.irrigation_l_m2_day,
                "L/(m²·d)",
                Provenance.DEFAULT,
                rules.irrigation_source,
                rules.irrigation_confidence,
            ),
        ),
    )


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
