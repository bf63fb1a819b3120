"""What the simulation says of now: a roof above a tank, whose balance is told by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tests.sensors.community import START_US
from tests.twin.measured.test_runoff import (
    AREA_M2,
    DAY,
    POINTS,
    STEP_US,
    TANK_M2,
    TANK_M3,
    balance,
    built_site,
    keep,
    two_storms,
)
from twin.errors import TwinError
from twin.live.places import Places
from twin.live.sections import MetersSection
from twin.measured.live_runoff import live_runoff

WET = 3 * DAY + 6  # half an hour into the second storm


@pytest.fixture(scope="module")
def built():
    return built_site()


def told(store, built, steps):
    found = live_runoff(store, POINTS, Places(), built, START_US + steps * STEP_US)
    return json.loads(json.dumps(found, allow_nan=False))


def filled(store, steps, rain=None, level=None):
    """Readings of all four points up to a step; what the tank and the outfall did by hand."""
    rain = two_storms() if rain is None else rain
    draw = np.full(len(rain), 2.0 / DAY)
    levels, out = balance(np.nan_to_num(rain), draw)
    keep(store, "roof/rain", rain[:steps])
    keep(store, "tank/draw", np.cumsum(draw)[:steps] + 100.0)
    keep(store, "outfall/flow", out[:steps] * 12.0)
    keep(store, "tank/level", (levels if level is None else level(levels))[:steps])
    return levels, out


def test_the_tank_while_it_rains_is_as_full_as_the_balance_says_and_will_be_full_when_it_says(store, built):
    levels, out = filled(store, WET)
    found = told(store, built, WET)
    (tank,) = found["stores"]
    assert (tank["kind"], tank["capacity_m3"]) == ("tank", TANK_M3)
    assert tank["water_m3"] == pytest.approx(levels[WET - 1] * TANK_M2, abs=1.6)  # less what wets the roof
    assert tank["fill_pct"] == pytest.approx(100 * tank["water_m3"] / TANK_M3, rel=1e-3)
    assert found["rain_mm_h"] == pytest.approx(12.0)
    assert found["until_ms"] == (START_US + WET * STEP_US) // 1000
    full_step = int(np.flatnonzero(out[WET:])[0]) + WET  # the storm goes on as it began
    assert tank["full_ms"] == pytest.approx((START_US + full_step * STEP_US) / 1000, abs=3 * STEP_US / 1000)
    (sensor,) = tank["sensors"]
    assert sensor["measured"] == pytest.approx(levels[WET - 1], rel=1e-4)
    assert sensor["simulated"] == pytest.approx(levels[WET - 2 : WET].mean(), abs=0.16)  # of the step
    assert (sensor["state"], sensor["meaning"], found["why"]) == ("together", None, None)
    assert found["outflow"]["simulated_m3_h"] == pytest.approx(0.012, abs=0.012)  # of 1 m² of paving
    assert (found["outflow"]["measured_m3_h"], found["outflow"]["points"]) == (0.0, ["outfall/flow"])
    assert (found["unknown_h"], found["gaps_ms"]) == (0.0, [])


def test_what_was_kept_of_this_rain_and_of_today_is_that_of_the_balance(store, built):
    steps = 3 * DAY + 36
    _, out = filled(store, steps)
    found = told(store, built, steps)
    event, today = found["event"], found["today"]
    kept = 100 * (1 - out[3 * DAY : steps].sum() / (0.024 * AREA_M2))
    assert event["begin_ms"] == (START_US + 3 * DAY * STEP_US) // 1000
    assert event["rain_mm"] == pytest.approx(24.0)
    assert event["measured_capture_pct"] == pytest.approx(kept, abs=0.1)
    assert event["simulated_capture_pct"] == pytest.approx(kept, abs=2.5)
    # It is 11:00 of the place, whose day began eight hours before the third of the records.
    assert today["begin_ms"] == (START_US + 3 * DAY * STEP_US) // 1000 - 8 * 3_600_000
    assert today["measured_m3"] == pytest.approx(out[3 * DAY : steps].sum(), rel=1e-3)
    assert today["simulated_capture_pct"] == pytest.approx(kept, abs=2.5)
    assert found["stores"][0]["full_ms"] is None or found["stores"][0]["fill_pct"] > 99.9


def test_without_rain_nothing_was_kept_and_it_says_so(store, built):
    steps = 2 * DAY + 100
    filled(store, steps)
    found = told(store, built, steps)
    assert found["today"]["rain_mm"] == 0.0
    assert found["today"]["simulated_capture_pct"] is None
    assert "not rained" in found["today"]["why"]["en"]
    assert found["event"]["rain_mm"] == pytest.approx(12.0)  # the last one stays
    assert found["stores"][0]["full_ms"] is None


def test_a_gap_of_the_gauge_is_told_and_not_taken_as_dry(store, built):
    rain = two_storms()
    rain[3 * DAY - 60 : 3 * DAY - 12] = math.nan  # four of the last 24 hours
    filled(store, WET, rain)
    found = told(store, built, WET)
    assert found["unknown_h"] == pytest.approx(4.0)
    begin = START_US + (3 * DAY - 60) * STEP_US
    assert found["gaps_ms"] == [[begin // 1000, (begin + 48 * STEP_US) // 1000]]
    assert "83 %" in found["why"]["en"]
    (tank,) = found["stores"]
    assert (tank["water_m3"], tank["fill_pct"], tank["full_ms"]) == (None, None, None)
    assert tank["sensors"][0]["state"] == "unknown"
    assert tank["sensors"][0]["measured"] is not None  # the sensor still says what it says
    assert found["outflow"]["simulated_m3_h"] is None
    assert found["rain_mm_h"] is None
    assert found["today"]["simulated_capture_pct"] is None
    assert "gauge" in found["today"]["why"]["en"]
    assert found["event"]["simulated_capture_pct"] is not None  # all of the rain since is known


def test_a_short_gap_is_told_and_costs_nothing(store, built):
    rain = two_storms()
    rain[3 * DAY - 20 : 3 * DAY - 16] = math.nan
    filled(store, WET, rain)
    found = told(store, built, WET)
    assert found["unknown_h"] == pytest.approx(4 / 12, rel=1e-4)
    assert found["why"] is None
    assert found["stores"][0]["water_m3"] is not None


def test_what_the_gauge_has_not_told_yet_is_not_dry(store, built):
    filled(store, WET)
    early, late = told(store, built, WET), told(store, built, WET + 3)
    assert early == late
    keep(store, "roof/rain", np.append(np.full(WET, math.nan), [1.0]))
    assert told(store, built, WET + 3)["until_ms"] == (START_US + (WET + 1) * STEP_US) // 1000


def test_a_history_that_begins_today_knows_of_today_only_what_it_holds(store, built):
    keep(store, "roof/rain", np.full(12, 0.5))
    found = told(store, built, 12)
    assert found["begin_ms"] == (START_US + STEP_US) // 1000  # the first whole step
    assert found["today"]["known_pct"] == pytest.approx(100 * 11 / 108, rel=1e-3)  # less than an hour of nine
    assert found["today"]["simulated_capture_pct"] is None
    assert any("begins empty" in each["en"] for each in found["assumptions"])


def test_a_level_that_departs_says_what_it_may_mean(store, built):
    filled(store, WET, level=np.minimum.accumulate)
    sensor = told(store, built, WET)["stores"][0]["sensors"][0]
    assert sensor["state"] == "below"
    assert "gutter" in sensor["meaning"]["en"]


def test_without_a_meter_of_the_outflow_the_simulation_stands_alone(store):
    built = built_site(meters=MetersSection(rain="roof/rain"), levels=())
    filled(store, 3 * DAY + 36)
    found = told(store, built, 3 * DAY + 36)
    assert found["stores"][0]["sensors"] == []
    assert found["outflow"]["measured_m3_h"] is None
    assert found["event"]["measured_capture_pct"] is None
    assert "no meter" in found["event"]["why"]["en"]
    assert found["event"]["simulated_capture_pct"] < 100.0


def test_a_gauge_that_has_told_nothing_is_refused(store, built):
    with pytest.raises(TwinError) as caught:
        told(store, built, DAY)
    assert caught.value.code == "no-rain-told"
