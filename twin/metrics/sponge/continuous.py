"""Continuous simulation of the site on the rain record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Provenance, Severity, Text, Traced
from twin.climate import Climate, RainRecord
from twin.climate.evapotranspiration import monthly_reference_evapotranspiration_mm_day
from twin.kernels.runoff import (
    DISCHARGED,
    EVAPORATED,
    INFILTRATED,
    RAIN,
    REUSED,
    STORAGE_CHANGE,
    simulate_site,
)
from twin.metrics.result import Assumption
from twin.metrics.sponge.covers import GREEN, SiteCovers
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.site_table import SiteTable

Floats = NDArray[np.float64]

LARGEST_IMBALANCE_MM = 1e-6
SERIES = {
    "rain_mm": RAIN,
    "infiltrated_mm": INFILTRATED,
    "evaporated_mm": EVAPORATED,
    "reused_mm": REUSED,
    "runoff_mm": DISCHARGED,
    "storage_change_mm": STORAGE_CHANGE,
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
        return float(100.0 * (1.0 - self.series["runoff_mm"].sum() / rain))


def simulate(
    site: SiteTable, covers: SiteCovers, record: RainRecord, climate: Climate, rules: SpongeRules
) -> ContinuousResult:
    """Run the site through a rain record.

    The balance rain = infiltrated + evaporated + reused + runoff + change of storage is checked to 1e-6 mm a
    year.

    Raises:
        ArithmeticError: the balance does not close (a fault of the kernel).
    """
    rain = np.nan_to_num(record.depth_mm)
    years = len(rain) * record.step_s / (365.25 * 86400.0)
    times = record.start + np.arange(len(rain)) * np.timedelta64(record.step_s, "s")
    month = times.astype("datetime64[M]").astype(np.int64) % 12
    evaporation = monthly_reference_evapotranspiration_mm_day(climate) / 24.0
    demand = rules.irrigation_l_m2_day / 24.0 * covers.area_of(*GREEN) / site.area_m2
    balance = simulate_site(
        rain,
        record.step_s / 3600.0,
        month,
        evaporation,
        site.covers,
        site.sunken,
        site.tank_mm,
        site.pond_mm,
        site.pond_share,
        demand,
    )
    sums = balance.sum(axis=1) / years
    imbalance = sums[RAIN] - sums[EVAPORATED : STORAGE_CHANGE + 1].sum()
    if not abs(imbalance) < LARGEST_IMBALANCE_MM:
        raise ArithmeticError(f"the runoff balance is off by {imbalance:g} mm a year")
    series = {name: balance[row] / years for name, row in SERIES.items()}
    series["captured_mm"] = series["rain_mm"] - series["runoff_mm"]
    return ContinuousResult(series, _assumptions(covers, rules), _diagnostics(record))


def _assumptions(covers: SiteCovers, rules: SpongeRules) -> tuple[Assumption, ...]:
    source, confidence = rules.continuous_source, rules.continuous_confidence
    green, paving = rules.covers["green"], rules.covers["permeable_paving"]
    found = [
        Assumption(
            Text("Way of the water", "雨水径流组织"),
            Traced("roofs > tank > sunken green > pond > outlet", "", Provenance.DEFAULT, "greentwin", "low"),
        )
    ]
    if covers.area_of(*GREEN) > 0.0:
        found.append(
            Assumption(
                Text("Percolation below green (clay loam)", "绿地下渗透速率（黏壤土）"),
                Traced(green.percolation_mm_h, "mm/h", Provenance.DEFAULT, source, confidence),
            )
        )
    if covers.area_of("permeable_paving") > 0.0:
        found.append(
            Assumption(
                Text("Void storage of permeable paving", "透水铺装结构层孔隙蓄水量"),
                Traced(paving.soil_mm, "mm", Provenance.DEFAULT, source, confidence),
            )
        )
    if covers.storage_of("tank", "water") > 0.0:
        found.append(
            Assumption(
                Text("Irrigation on dry days, from tanks and ponds", "无雨日绿化浇灌用水（取自调蓄设施）"),
                Traced(
                    rules.irrigation_l_m2_day,
                    "L/(m²·d)",
                    Provenance.DEFAULT,
                    rules.irrigation_source,
                    rules.irrigation_confidence,
                ),
            )
        )
    return tuple(found)


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
