"""Claims of an evaluation, and readings held against them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from ifc.model import Text
from sensors.points import Point, PointTable
from sensors.readings import readings_of
from sensors.store.contract import HOUR_US
from twin.measured.claims import Claim, Kind, claims_of
from twin.measured.designed import compare
from twin.measured.hours import hourly_increase, hours_between, monthly
from twin.measured.limits import Verdict

YEAR_US = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)
YEAR_HOURS = 8760
DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
MONTH_OF_HOUR = np.repeat(np.arange(12), np.array(DAYS_IN_MONTH) * 24)
POINTS = PointTable(
    [
        Point("room/lux", "lx", quantity="illuminance"),
        Point("room/temperature", "°C", quantity="temperature"),
        Point("room/co2", "ppm", quantity="co2"),
        Point("main/meter", "kWh", quantity="electricity", counter=True),
        Point("main/power", "kW", quantity="power"),
        Point("roof/rain", "mm", quantity="rain"),
        Point("outfall/flow", "m³/h", quantity="flow"),
    ]
)


def fill(store, name, values, first_hour=0):
    """A reading in the middle of each hour; NaN for none."""
    values = np.asarray(values, float)
    at = np.flatnonzero(np.isfinite(values))
    times = (YEAR_US + (first_hour + at) * HOUR_US + HOUR_US // 2).tolist()
    row = POINTS.row_of[name]
    store.append(readings_of([row] * len(at), times, times, values[at].tolist(), [0] * len(at)))


def year(hours=YEAR_HOURS, zone="UTC"):
    return hours_between(YEAR_US, YEAR_US + hours * HOUR_US, zone)


def measure(*names):
    return [(POINTS.row_of[name], POINTS[POINTS.row_of[name]]) for name in names]


def claim(kind, low=-math.inf, high=math.inf, unit="", detail=None):
    return Claim(kind, "room", low, high, unit, Text("", ""), "", detail)


def test_the_claims_of_an_evaluation_are_read_and_what_it_could_not_tell_is_not_claimed():
    evaluation = {
        "metrics": {
            "daylight": {
                "table": {
                    "global_id": ["a", "b"], "target_lx": [300.0, None], "hours_per_day": [7.5, None],
                }
            },
            "energy": {
                "table": {"global_id": ["a", "b", "c"], "use": ["office", "stairwell", "no such use"]},
                "summary": {
                    "electricity_kwh": {"value": 1000.0},
                    "gas_kwh": {"value": 200.0},
                    "delivered_energy_kwh_m2": {"value": 12.0},
                },
                "series": {"electricity_bought_kwh": [1000 / 12] * 12},
            },
            "sponge": {
                "summary": {
                    "annual_runoff_control_rate_simulated": {"value": None},
                    "site_area_m2": {"value": 3572.0},
                }
            },
        }
    }  # fmt: skip
    found = {(each.kind, each.element): each for each in claims_of(evaluation)}
    assert set(found) == {
        (Kind.ILLUMINANCE, "a"),
        (Kind.TEMPERATURE, "a"),
        (Kind.CO2, "a"),
        (Kind.ELECTRICITY, ""),
    }
    assert found[Kind.ILLUMINANCE, "a"].low == 7.5
    assert found[Kind.ELECTRICITY, ""].high == pytest.approx(10.0)  # kWh/m² of 100 m²
    # 0.31 L/min of CO2 a person in 30 m³/h of outdoor air of 420 ppm
    assert found[Kind.CO2, "a"].high == pytest.approx(420 + 0.0186 / 30 * 1e6)
    assert found[Kind.CO2, "a"].statement.zh


def test_daylight_hours_of_a_year_are_counted_and_a_summer_is_not_enough(store):
    day = np.where((np.arange(YEAR_HOURS) % 24 >= 8) & (np.arange(YEAR_HOURS) % 24 < 16), 400.0, 0.0)
    fill(store, "room/lux", day)
    eight = claim(Kind.ILLUMINANCE, low=7.5, detail=300.0)
    found = compare(store, eight, measure("room/lux"), year())
    assert (found.verdict, found.measured) == (Verdict.MET, pytest.approx(8.0))
    nine = claim(Kind.ILLUMINANCE, low=9.0, detail=300.0)
    assert compare(store, nine, measure("room/lux"), year()).verdict is Verdict.NOT_MET
    summer = compare(store, nine, measure("room/lux"), year(24 * 90))
    assert (summer.verdict, summer.measured) == (Verdict.NOT_ENOUGH, pytest.approx(8.0))
    assert summer.share_pct == pytest.approx(25.0)


def test_days_with_gaps_count_by_the_hours_that_are_there_or_not_at_all(store):
    lux = np.where(np.arange(48) % 24 < 12, 400.0, 0.0)
    lux[20:24] = np.nan  # 12 of 20 hours
    lux[24:36] = np.nan  # half a day: not counted
    fill(store, "room/lux", lux)
    found = compare(store, claim(Kind.ILLUMINANCE, low=1, detail=300.0), measure("room/lux"), year(48))
    assert found.measured == pytest.approx(12 * 24 / 20)


def test_a_room_keeps_its_set_points_in_the_hours_in_which_they_hold(store):
    # An office is heated to 20 and cooled to 26 °C from 7 to 18 on weekdays, at night to 5 and 37 °C at most.
    kept = claim(Kind.TEMPERATURE, low=95.0, detail="office")
    fill(store, "room/temperature", [24.0] * 24 * 14)
    good = compare(store, kept, measure("room/temperature"), year(24 * 14))
    assert (good.verdict, good.measured) == (Verdict.MET, 100.0)
    assert compare(store, kept, measure("room/temperature"), year(24)).verdict is Verdict.NOT_ENOUGH
    fill(store, "room/temperature", [31.0] * 24 * 14)
    hot = compare(store, kept, measure("room/temperature"), year(24 * 14))
    assert hot.verdict is Verdict.NOT_MET
    assert hot.measured < 80


def test_carbon_dioxide_is_judged_by_all_but_the_worst_twentieth_of_the_hours(store):
    fill(store, "room/co2", [900.0] * 970 + [3000.0] * 30)
    designed = claim(Kind.CO2, high=1040.0)
    found = compare(store, designed, measure("room/co2"), year(1000))
    assert (found.verdict, found.measured) == (Verdict.MET, 900.0)
    fill(store, "room/co2", [900.0] * 900 + [3000.0] * 100)
    assert compare(store, designed, measure("room/co2"), year(1000)).verdict is Verdict.NOT_MET


def test_a_meter_is_compared_by_whole_months_with_the_same_months_of_the_design(store):
    months = tuple(100.0 + 10 * month for month in range(12))
    rate = np.array(months)[MONTH_OF_HOUR] / (np.array(DAYS_IN_MONTH)[MONTH_OF_HOUR] * 24)
    fill(store, "main/meter", 5000 + np.cumsum(rate) * 1.04)
    bought = claim(Kind.ELECTRICITY, high=sum(months) / 50, unit="kWh/m²", detail=(50.0, months))
    found = compare(store, bought, measure("main/meter"), year())
    assert found.verdict is Verdict.NOT_MET
    assert found.measured / found.claimed == pytest.approx(1.04, rel=1e-3)
    assert found.fit is not None
    assert found.fit.calibrated is True  # by Guideline 14 the model fits all the same
    assert found.fit.nmbe_pct == pytest.approx(100 * (1 - 1 / 1.04) * 12 / 11, rel=1e-2)
    half = compare(store, bought, measure("main/meter"), year(24 * 181))
    assert half.verdict is Verdict.NOT_ENOUGH
    assert half.share_pct == pytest.approx(50.0)
    assert half.claimed == pytest.approx(sum(months[:6]) / 50)


def test_several_meters_are_added_up_and_power_counts_by_its_hours(store):
    fill(store, "main/meter", np.arange(YEAR_HOURS, dtype=float))  # 1 kWh an hour
    fill(store, "main/power", [2.0] * YEAR_HOURS)
    months = tuple(3.0 * 24 * days for days in DAYS_IN_MONTH)
    bought = claim(Kind.ELECTRICITY, high=3.0 * 8760 * 1.001, detail=(1.0, months))
    found = compare(store, bought, measure("main/meter", "main/power"), year())
    assert (found.verdict, found.measured) == (Verdict.MET, pytest.approx(3.0 * 8760))


def test_a_gap_of_a_meter_is_shared_out_and_an_exchange_is_not_known(store):
    readings = [10.0, 12.0, math.nan, math.nan, 18.0, 3.0, 4.0]
    fill(store, "main/meter", readings)
    rise = hourly_increase(store, *measure("main/meter")[0], year(7), "kWh")
    assert np.isnan(rise[[0, 5]]).all()
    assert rise[[1, 2, 3, 4, 6]].tolist() == [2.0, 2.0, 2.0, 2.0, 1.0]


def test_the_share_of_the_rain_that_is_kept_back(store):
    fill(store, "roof/rain", [0.2] * YEAR_HOURS)  # 0.2 mm on 1,000 m² is 0.2 m³ an hour
    fill(store, "outfall/flow", [0.03] * YEAR_HOURS)
    kept = claim(Kind.CAPTURE, low=84.0, unit="%", detail=1000.0)
    rain = measure("roof/rain")[0]
    found = compare(store, kept, measure("outfall/flow"), year(), rain)
    assert (found.verdict, found.measured) == (Verdict.MET, pytest.approx(85.0))
    dry = compare(store, kept, measure("outfall/flow"), year(24), rain)
    assert (dry.verdict, math.isnan(dry.measured)) == (Verdict.NOT_ENOUGH, True)


def test_a_month_counts_with_three_quarters_of_its_hours(store):
    hours = year(24 * 59)
    values = np.ones(hours.count)
    values[: 24 * 7] = np.nan  # a week of January is missing, of 31 days
    values[24 * 31 : 24 * 41] = np.nan  # ten days of February
    found = monthly(values, hours)
    assert found[0] == pytest.approx(24 * 31)
    assert np.isnan(found[1:]).all()


def test_hours_are_those_of_the_place():
    hours = hours_between(YEAR_US, YEAR_US + 24 * HOUR_US, "Asia/Shanghai")
    assert hours.of_day[0] == 8
    assert (hours.day[15], hours.day[16]) == (hours.day[0], hours.day[0] + 1)
    assert not hours.weekend[0]  # a Thursday
