"""Measured against designed: limits on means, and how well a simulation fits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sensors.points import Point, PointTable
from sensors.readings import readings_of
from sensors.store.contract import HOUR_US
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import START_US
from twin.measured.limits import Verdict, hold, limit_of
from twin.measured.statistics import fit

CO2 = Point("room/co2", "ppm", quantity="co2")
DUST = Point("room/pm10", "mg/m³", quantity="pm10")
DAY_US = 24 * HOUR_US


def held(folder, point, hours, days, zone="UTC"):
    """The verdict on hourly values, None for an hour without a reading."""
    store = SqliteStore(folder / "h.db", PointTable([point]))
    times = [START_US + hour * HOUR_US for hour, value in enumerate(hours) if value is not None]
    values = [float(value) for value in hours if value is not None]
    store.append(readings_of([0] * len(times), times, times, values, [0] * len(times)))
    limit = limit_of(point)
    assert limit is not None
    found = hold(store, 0, point, limit, START_US, START_US + days * DAY_US, zone)
    store.close()
    return found


def test_a_week_below_the_limit_is_met_and_a_day_is_not_enough(tmp_path):
    found = held(tmp_path, CO2, [900] * 168, 7)
    assert (found.verdict, found.highest, found.spans, found.over) == (Verdict.MET, 900.0, 168, 0)
    short = held(tmp_path, CO2, [900] * 24, 1)
    assert (short.verdict, short.spans) == (Verdict.NOT_ENOUGH, 24)


def test_one_hour_over_the_limit_is_told_at_once(tmp_path):
    found = held(tmp_path, CO2, [900, 1001, 900], 1)
    assert (found.verdict, found.highest, found.over) == (Verdict.NOT_MET, 1001.0, 1)


def test_a_day_counts_with_three_quarters_of_its_hours_and_in_the_limits_unit(tmp_path):
    days = [0.09] * 24 + [0.2] * 17 + [None] * 7 + [0.08] * 18 + [None] * 6
    found = held(tmp_path, DUST, days, 3)
    assert found.spans == 2  # the second day lacks seven hours
    assert found.highest == pytest.approx(90.0)  # µg/m³
    assert found.verdict is Verdict.NOT_ENOUGH


def test_days_are_those_of_the_place(tmp_path):
    # 16 hours to midnight in Shanghai, then two days of 60 and 140.
    hours = [500e-3] * 16 + [60e-3] * 24 + [140e-3] * 24
    found = held(tmp_path, DUST, hours, 3, "Asia/Shanghai")
    assert (found.spans, found.over) == (2, 1)
    assert found.highest == pytest.approx(140.0)


def test_no_reading_is_no_verdict_and_no_other_unit_is_compared(tmp_path):
    assert held(tmp_path, CO2, [], 7).verdict is Verdict.NOT_ENOUGH
    assert limit_of(Point("x", "°C", quantity="co2")) is None
    assert limit_of(Point("x", "°C", quantity="temperature")) is None


def test_the_statistics_of_guideline_14_by_hand():
    measured = np.array([100.0, 110, 120, 130] * 3)
    found = fit(measured, measured - 5, monthly=True)
    # m̄ = 115, Σ(m - s) = 60, Σ(m - s)² = 300, n - 1 = 11
    assert found.nmbe_pct == pytest.approx(100 * 60 / (11 * 115))
    assert found.cv_rmse_pct == pytest.approx(100 * math.sqrt(300 / 11) / 115)
    assert (found.enough, found.calibrated) == (True, True)
    assert fit(measured, measured * 1.2, monthly=True).calibrated is False
    assert fit(measured, measured + 5, monthly=True).nmbe_pct < 0


def test_less_than_a_year_is_not_enough_and_missing_pairs_do_not_count():
    measured = np.array([100.0] * 11 + [np.nan])
    found = fit(measured, np.full(12, 100.0), monthly=True)
    assert (found.count, found.enough, found.calibrated, found.nmbe_pct) == (11, False, None, 0.0)
    assert math.isnan(fit(np.zeros(12), np.ones(12), monthly=True).cv_rmse_pct)
    with pytest.raises(ValueError, match="pairs"):
        fit(np.zeros(3), np.zeros(4), monthly=False)
