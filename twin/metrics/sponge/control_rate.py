"""Annual runoff control rate against design rainfall (年径流总量控制率与设计降雨量)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.climate import RainRecord

Floats = NDArray[np.float64]

DAY_S = 86400
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class CaptureCurve:
    """The volume-based control rate of a rain record, GB/T 51345-2018.

    α(H) = Σ min(pᵢ, H) / Σ pᵢ over the days with more than 2 mm: each day's rain is held back up to
    the design rainfall H, what exceeds it runs off. It counts volume, not days.
    """

    depth_mm: Floats  # (n,) rain of the days that count, ascending
    years: float  # of complete days

    def rate_pct(self, rainfall_mm: float) -> float:
        """Control rate of a design rainfall, %."""
        total = self.depth_mm.sum()
        return float(100.0 * np.minimum(self.depth_mm, rainfall_mm).sum() / total) if total > 0.0 else 100.0

    def rainfall_mm(self, rate_pct: float) -> float:
        """Design rainfall of a control rate, mm: the exact inverse of :meth:`rate_pct`."""
        count = len(self.depth_mm)
        if not count:
            return 0.0
        held = np.cumsum(self.depth_mm) + self.depth_mm * np.arange(count - 1, -1, -1)
        held = np.concatenate(([0.0], held))
        return float(np.interp(rate_pct / 100.0 * held[-1], held, np.concatenate(([0.0], self.depth_mm))))


def capture_curve(record: RainRecord, least_daily_rain_mm: float) -> CaptureCurve:
    """The curve of a record. Days with a gap are left out; days run from midnight to midnight."""
    daily = daily_depths(record)
    return CaptureCurve(np.sort(daily[daily > least_daily_rain_mm]), len(daily) / DAYS_PER_YEAR)


def daily_depths(record: RainRecord) -> Floats:
    """Rain of each complete day of a record, mm, from midnight to midnight."""
    start = record.start.astype("datetime64[s]").astype(np.int64)
    day = (start + np.arange(len(record.depth_mm)) * record.step_s) // DAY_S
    day -= day[0]
    steps = np.bincount(day)
    sums = np.bincount(day, record.depth_mm)  # NaN where a step of the day is a gap
    return np.asarray(sums[(steps >= DAY_S // record.step_s) & ~np.isnan(sums)])


@dataclass(frozen=True)
class DesignRainfallTable:
    """The published design rainfall of a city at some rates, both ascending."""

    rates_pct: Floats
    rainfall_mm: Floats

    def rate_pct(self, rainfall_mm: float) -> tuple[float, Text | None]:
        """Control rate of a design rainfall, %, and what is to be said when the table does not reach it.

        Linear between the table's rates. Below them the chord to (0, 0), which lies under the curve, as
        α(H) is concave; above them the highest rate. Both are rates that the site certainly reaches.
        """
        if rainfall_mm < self.rainfall_mm[0]:
            rate = self.rates_pct[0] * rainfall_mm / self.rainfall_mm[0]
            return float(rate), Text(
                f"{rainfall_mm:.1f} mm lies below the table, which begins with {self.rates_pct[0]:g} % at "
                f"{self.rainfall_mm[0]:g} mm; the rate is the lower bound given by the chord from zero.",
                f"设计降雨量 {rainfall_mm:.1f} mm 低于表中最低值（{self.rates_pct[0]:g}% 对应 "
                f"{self.rainfall_mm[0]:g} mm），控制率按过原点的弦线取下限值。",
            )
        if rainfall_mm > self.rainfall_mm[-1]:
            return float(self.rates_pct[-1]), Text(
                f"{rainfall_mm:.1f} mm lies above the table, which ends with {self.rates_pct[-1]:g} % at "
                f"{self.rainfall_mm[-1]:g} mm; the rate is at least that.",
                f"设计降雨量 {rainfall_mm:.1f} mm 高于表中最高值（{self.rates_pct[-1]:g}% 对应 "
                f"{self.rainfall_mm[-1]:g} mm），控制率至少为该值，不作外推。",
            )
        return float(np.interp(rainfall_mm, self.rainfall_mm, self.rates_pct)), None

    def most_pct(self, rainfall_mm: float) -> float:
        """What the control rate of a design rainfall below the table can be at most, %.

        The line through the first two rates lies above the curve there, as α(H) is concave.
        """
        slope = (self.rates_pct[1] - self.rates_pct[0]) / (self.rainfall_mm[1] - self.rainfall_mm[0])
        return float(self.rates_pct[0] - slope * (self.rainfall_mm[0] - rainfall_mm))

    def rainfall(self, rate_pct: float) -> float:
        """Design rainfall of a rate within the table, mm."""
        return float(np.interp(rate_pct, self.rates_pct, self.rainfall_mm))
