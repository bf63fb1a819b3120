"""Claims of the design held against readings: met, not met, or not enough data yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensors.points import Point
from sensors.store.contract import Store
from twin.measured.claims import Claim, Kind, rules
from twin.measured.hours import (
    COVERAGE,
    Floats,
    Hours,
    hourly_increase,
    hourly_mean,
    monthly,
    total,
)
from twin.measured.limits import LEAST_HOURS, Verdict
from twin.measured.statistics import Fit, fit
from twin.use_types import use_type

Measure = tuple[int, Point]  # row of the table, point


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim against what was measured; ``measured`` is in the unit of the claim, NaN for nothing yet.

    ``share_pct`` is the share of what a verdict needs that is there: hours of a week, or months of a year.
    ``claimed`` is what the claim says of the same span, where it speaks of months.
    """

    verdict: Verdict
    measured: float
    claimed: float
    share_pct: float
    fit: Fit | None = None


def compare(
    store: Store, claim: Claim, measures: Sequence[Measure], hours: Hours, rain: Measure | None = None
) -> Compared:
    """Hold a claim against points: one sensor of a room, or the meters of a building that are added up.

    Args:
        store: the history.
        claim: what is claimed.
        measures: what measures it; of the capture ratio the meters of what leaves the site.
        hours: the span, at most a year.
        rain: the rain gauge (mm), for the capture ratio.
    """
    if claim.kind is Kind.ILLUMINANCE:
        return _illuminance(claim, hourly_mean(store, *measures[0], hours, "lx"), hours)
    if claim.kind is Kind.TEMPERATURE:
        return _temperature(claim, hourly_mean(store, *measures[0], hours, "°C"), hours)
    if claim.kind is Kind.CO2:
        return _co2(claim, hourly_mean(store, *measures[0], hours, "ppm"))
    if claim.kind is Kind.ELECTRICITY:
        return _electricity(
            claim, total([hourly_increase(store, *each, hours, "kWh") for each in measures]), hours
        )
    assert rain is not None
    out = total([hourly_increase(store, *each, hours, "m³") for each in measures])
    return _capture(claim, out, hourly_increase(store, *rain, hours, "mm"), hours)


def _illuminance(claim: Claim, lux: Floats, hours: Hours) -> Compared:
    """Mean hours a day at the target, days with three quarters of their hours counting."""
    known = np.isfinite(lux)
    bright = np.where(known, lux >= claim.detail, False)
    _, first, of_hour = np.unique(hours.day, return_index=True, return_inverse=True)
    present = np.bincount(of_hour, known)
    lit = np.bincount(of_hour, bright)
    counts = present >= 24 * COVERAGE
    by_month = np.bincount(hours.month[first][counts], minlength=12)
    share = float((by_month >= rules()["least_days_of_month"]).sum()) / 12
    if not counts.any():
        return Compared(Verdict.NOT_ENOUGH, math.nan, claim.low, 0.0)
    measured = float((lit[counts] * 24 / present[counts]).mean())
    return Compared(_verdict(claim, measured, share), measured, claim.low, 100 * share)


def _temperature(claim: Claim, celsius: Floats, hours: Hours) -> Compared:
    """Share of the hours with a set-point in force whose mean keeps it."""
    schedule = use_type(claim.detail).schedule

    def setpoint(name: str) -> Floats:
        week, rest = (getattr(day, name) for day in (schedule.weekday, schedule.weekend))
        values: Floats = np.where(hours.weekend, rest[hours.of_day], week[hours.of_day])
        return values

    low, high = setpoint("heating_setpoint_c"), setpoint("cooling_setpoint_c")
    held = np.isfinite(celsius) & (np.isfinite(low) | np.isfinite(high))
    kept = (celsius >= np.where(np.isnan(low), -np.inf, low)) & (
        celsius <= np.where(np.isnan(high), np.inf, high)
    )
    return _of_hours(claim, kept[held], claim.low)


def _co2(claim: Claim, ppm: Floats) -> Compared:
    """The concentration that 95 % of the hourly means stay below."""
    known = ppm[np.isfinite(ppm)]
    share = min(len(known) / LEAST_HOURS, 1.0)
    if not len(known):
        return Compared(Verdict.NOT_ENOUGH, math.nan, claim.high, 0.0)
    measured = float(np.quantile(known, rules()["share_of_hours"] / 100))
    return Compared(_verdict(claim, measured, share), measured, claim.high, 100 * share)


def _of_hours(claim: Claim, kept: np.ndarray[tuple[int], np.dtype[np.bool_]], claimed: float) -> Compared:
    share = min(len(kept) / LEAST_HOURS, 1.0)
    if not len(kept):
        return Compared(Verdict.NOT_ENOUGH, math.nan, claimed, 0.0)
    measured = 100 * float(kept.mean())
    return Compared(_verdict(claim, measured, share), measured, claimed, 100 * share)


def _electricity(claim: Claim, kwh: Floats, hours: Hours) -> Compared:
    """The sum of whole months against the claim of the same months."""
    area_m2, of_months = claim.detail
    designed, months = np.array(of_months, np.float64) / area_m2, monthly(kwh, hours) / area_m2
    known = np.isfinite(months)
    share = float(known.sum()) / 12
    if not known.any():
        return Compared(Verdict.NOT_ENOUGH, math.nan, claim.high, 0.0)
    measured, claimed = float(months[known].sum()), float(designed[known].sum())
    verdict = _verdict(claim, measured, share)
    return Compared(verdict, measured, claimed, 100 * share, fit(months, designed, monthly=True))


def _capture(claim: Claim, out_m3: Floats, rain_mm: Floats, hours: Hours) -> Compared:
    """The share of the rain of whole months that did not leave the site."""
    out, rain = monthly(out_m3, hours), monthly(rain_mm, hours) * float(claim.detail) / 1e3
    known = np.isfinite(out) & np.isfinite(rain)
    share = float(known.sum()) / 12
    fallen = float(rain[known].sum())
    if fallen <= 0:
        return Compared(Verdict.NOT_ENOUGH, math.nan, claim.low, 100 * share)
    measured = 100 * (1 - float(out[known].sum()) / fallen)
    return Compared(_verdict(claim, measured, share), measured, claim.low, 100 * share)


def _verdict(claim: Claim, measured: float, share: float) -> Verdict:
    if share < 1:
        return Verdict.NOT_ENOUGH
    return Verdict.MET if claim.low <= measured <= claim.high else Verdict.NOT_MET
