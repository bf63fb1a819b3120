"""What every store of readings does: the embedded one and the one on a server, by the same tests."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.errors import SensorError
from sensors.points import Point, PointTable, Privacy
from sensors.store.contract import HOUR_US
from sensors.store.downsample import drawn, lttb, summed
from sensors.store.parquet import export_parquet
from sensors.store.retention import Retention, apply_retention
from tests.sensors.community import MINUTE_US, POINTS, START_US
from tests.sensors.store.batches import minutes, rows

DAY_US = 24 * HOUR_US


def test_what_is_appended_is_read_back_in_order_of_time(store):
    store.append(
        rows((0, START_US + 9, 3.0), (0, START_US, 1.0), (1, START_US, 7.0), (0, START_US + 4, math.nan))
    )
    series = store.series(0, START_US, START_US + 10)
    assert series.time_us.tolist() == [START_US, START_US + 4, START_US + 9]
    assert series.value[[0, 2]].tolist() == [1.0, 3.0]
    assert np.isnan(series.value[1])
    assert store.series(0, START_US, START_US + 9).value.size == 2
    assert store.series(0, START_US, START_US + 10, limit=1).value.tolist() == [1.0]
    assert store.series(2, 0, 2**62).value.size == 0


def test_a_reading_that_comes_twice_is_stored_once_and_a_corrected_one_replaces(store):
    assert store.append(rows((0, START_US, 1.0), (0, START_US + 1, 2.0))) == (2, 0, 0)
    assert store.append(rows((0, START_US, 1.0), (0, START_US + 2, 3.0))) == (1, 0, 1)
    assert store.append(rows((0, START_US, 1.5))) == (0, 1, 0)
    assert store.series(0, 0, 2**62).value.tolist() == [1.5, 2.0, 3.0]


def test_a_store_that_is_opened_again_knows_the_last_reading_of_every_point(store, opening):
    store.append(rows((0, START_US, 1.0), (0, START_US + 5, 2.0), (3, START_US, 9.0)))
    store.close()
    again = opening()
    last = again.last()
    assert (last.point.tolist(), last.value.tolist()) == ([0, 3], [2.0, 9.0])
    again.close()


def test_points_may_be_added_and_reordered_between_runs(store, opening):
    store.append(rows((1, START_US, 500.0)))
    store.close()
    table = PointTable([Point("new", "lx"), *reversed(POINTS.points)])
    again = opening(table)
    assert again.series(table.row_of["lobby/co2"], 0, 2**62).value.tolist() == [500.0]
    again.close()


def test_a_point_whose_unit_changed_is_refused(store, opening):
    store.close()
    with pytest.raises(SensorError) as caught:
        opening(PointTable([Point("lobby/co2", "%")]))
    assert caught.value.code == "unit-changed"


def by_hand(values, times, begin_us, width_us):
    found = {}
    for time_us, value in zip(times, values, strict=True):
        if not math.isnan(value):
            found.setdefault((time_us - begin_us) // width_us, []).append(value)
    return [
        (begin_us + b * width_us, len(v), pytest.approx(sum(v) / len(v)), min(v), max(v))
        for b, v in sorted(found.items())
    ]


def as_rows(buckets):
    return list(
        zip(
            buckets.begin_us.tolist(),
            buckets.count.tolist(),
            buckets.mean.tolist(),
            buckets.minimum.tolist(),
            buckets.maximum.tolist(),
            strict=True,
        )
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_statistics_are_those_of_the_readings_whatever_was_summed_up_corrected_or_deleted(store, data):
    store.delete(0)
    known = {}
    for _ in range(data.draw(st.integers(1, 5))):
        act = data.draw(st.sampled_from(["append", "append", "roll", "delete"]))
        if act == "append":
            entries = data.draw(
                st.lists(
                    st.tuples(st.integers(0, 6 * 60), st.floats(-50, 50) | st.just(math.nan)),
                    min_size=1,
                    max_size=30,
                )
            )
            readings = [(0, START_US + minute * MINUTE_US, value) for minute, value in entries]
            store.append(rows(*readings))
            known.update({time_us: value for _, time_us, value in readings})
        elif act == "roll":
            store.roll_up(START_US + data.draw(st.integers(0, 7)) * HOUR_US)
        else:
            limit = START_US + data.draw(st.integers(0, 6)) * HOUR_US
            store.delete(0, limit)
            known = {time_us: value for time_us, value in known.items() if time_us >= limit}
    for width_us in (HOUR_US, 3 * HOUR_US, 17 * MINUTE_US):
        found = store.buckets(0, START_US, START_US + 8 * HOUR_US, width_us)
        assert as_rows(found) == by_hand(known.values(), known.keys(), START_US, width_us)


def test_a_year_is_summed_in_at_most_as_many_spans_as_asked_and_none_is_lost(store):
    times = START_US + np.arange(0, 365 * DAY_US, 2 * HOUR_US)
    store.append(rows(*((0, int(t), float(i)) for i, t in enumerate(times))))
    found = summed(store, 0, START_US, START_US + 365 * DAY_US, 1000)
    assert len(found.count) <= 1000
    assert found.count.sum() == len(times)
    assert found.width_us % HOUR_US == 0


def test_lttb_keeps_the_ends_and_the_spike():
    time_us = np.arange(10_000, dtype=np.int64) * MINUTE_US
    value = np.sin(np.arange(10_000) / 500)
    value[4321] = 40
    kept = lttb(time_us, value, 100)
    assert len(kept) == 100
    assert (kept[0], kept[-1]) == (0, 9_999)
    assert 4321 in kept
    assert (np.diff(kept) > 0).all()


def test_lttb_picks_the_triangle_that_can_be_computed_by_hand():
    # Between (0, 0) and the next bucket's mean (3.5, 0) the sample of value 5 spans the largest triangle.
    value = np.array([0.0, 1.0, 5.0, 0.0, 0.0, 0.0])
    assert lttb(np.arange(6, dtype=np.int64), value, 4).tolist()[:2] == [0, 2]


def test_few_samples_are_drawn_as_they_are_and_bad_ones_not_at_all(store):
    store.append(rows((0, START_US, 1.0), (0, START_US + 1, math.nan), (0, START_US + 2, 2.0)))
    assert drawn(store, 0, START_US, START_US + 10, 100).value.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("step_us", "count"), [(15 * MINUTE_US, 100), (2 * MINUTE_US, 60)])
def test_a_long_curve_is_drawn_of_real_readings_and_shows_no_less_than_one_drawn_of_all(
    store, step_us, count
):
    times = START_US + np.arange(4000, dtype=np.int64) * step_us
    value = np.random.default_rng(3).normal(0, 1, 4000).cumsum()
    value[2345], value[1111] = 300.0, math.nan
    store.append(rows(*((0, int(t), float(v)) for t, v in zip(times, value, strict=True))))
    store.roll_up(START_US + 500 * HOUR_US)  # some hours summed up, some not
    begin_us, end_us = START_US - HOUR_US, int(times[-1]) + 5 * MINUTE_US
    curve = drawn(store, 0, begin_us, end_us, count)
    at = np.searchsorted(times, curve.time_us)
    assert times[at].tolist() == curve.time_us.tolist()
    assert value[at].tolist() == curve.value.tolist()
    assert (at[0], at[-1]) == (0, 3999)
    assert (np.diff(at) > 0).all()
    assert 0.9 * count < len(at) <= count
    assert 2345 in at
    good = np.isfinite(value)
    whole = lttb(times[good], value[good], count)

    def error(time_us, values):
        return np.abs(np.interp(times[good], time_us, values) - value[good]).mean()

    # The extremes of spans hold more of the peaks, so that the line between them runs no further away.
    assert error(curve.time_us, curve.value) < 1.2 * error(times[good][whole], value[good][whole])


def test_a_curve_of_long_silence_and_of_few_readings_in_a_long_time_ends(store):
    year = START_US + 365 * DAY_US
    assert drawn(store, 0, START_US, year, 10).value.size == 0
    store.append(rows((0, START_US + 5, 1.0)))
    assert drawn(store, 0, START_US, year, 10).value.tolist() == [1.0]
    store.append(rows((0, year - 5, 3.0), (0, START_US + 90 * DAY_US, 2.0)))
    assert drawn(store, 0, START_US, year, 10).value.tolist() == [1.0, 2.0, 3.0]


def test_the_first_good_reading_of_a_value_is_found_in_each_span(store):
    store.append(minutes(120))
    store.append(rows((0, START_US + 30, 7.0), (0, START_US + 40, 7.0)))
    begins = np.array([START_US, START_US, START_US + HOUR_US], np.int64)
    found = store.moments(0, begins, HOUR_US, np.array([7.0, math.sin(1.25), math.sin(1.25)]))
    assert found.time_us.tolist() == [START_US + 30, START_US + 50 * MINUTE_US]


def test_retention_deletes_by_privacy_class_and_the_points_own_rule_comes_first(store):
    for row in range(4):
        store.append(minutes(60 * 48, row))
    rule = Retention({Privacy.PUBLIC: 1.0, Privacy.HOUSEHOLD: 0.5}, {"lobby/co2": None})
    deleted = apply_retention(store, POINTS, rule, START_US + 2 * DAY_US)
    assert deleted == {"lobby/temperature": 24 * 60, "home-1/electricity": 36 * 60}
    assert store.series(1, 0, 2**62).value.size == 48 * 60
    assert store.series(2, 0, 2**62).value.size == 48 * 60


def test_readings_are_exported_as_parquet(store, tmp_path):
    from pyarrow import parquet

    store.append(minutes(100))
    store.append(rows((1, START_US, 420.0), (1, START_US + 1, math.nan)))
    path = tmp_path / "out.parquet"
    assert export_parquet(store, POINTS, range(len(POINTS)), 0, 2**62, path) == 102
    table = parquet.read_table(path).to_pandas()
    co2 = table[table["point"] == "lobby/co2"]
    assert co2["unit"].tolist() == ["ppm", "ppm"]
    assert co2["value"].isna().tolist() == [False, True]
    assert str(table["time"].dtype) == "datetime64[us, UTC]"
    assert table["time"].min().isoformat() == "2026-03-01T00:00:00+00:00"


def test_of_readings_of_one_time_in_one_batch_the_last_stays_and_all_are_accounted_for(store):
    assert store.append(rows((0, START_US, 1.0), (0, START_US, 2.0), (0, START_US, 2.0))) == (1, 1, 1)
    assert store.append(rows((0, START_US, 2.0), (0, START_US, 3.0), (0, START_US, 2.0))) == (0, 2, 1)
    assert store.append(rows((0, START_US, math.nan), (0, START_US, math.nan))) == (0, 1, 1)
    assert np.isnan(store.series(0, 0, 2**62).value).all()


def test_the_newest_come_first_and_are_counted(store):
    store.append(minutes(100))
    newest = store.newest(0, START_US, START_US + 50 * MINUTE_US, 3)
    assert newest.time_us.tolist() == [START_US + minute * MINUTE_US for minute in (49, 48, 47)]
    assert store.count(0, START_US, START_US + 50 * MINUTE_US) == 50


def test_the_last_before_a_time_is_told_for_the_points_asked(store):
    store.append(minutes(10))
    store.append(rows((1, START_US, 500.0), (1, START_US + 1, math.nan)))
    found = store.last([1, 2, 0], START_US + 1)
    assert sorted(zip(found.point.tolist(), found.value.tolist(), strict=True)) == [(0, 0.0), (1, 500.0)]
    assert np.isnan(store.last([1]).value[0])
    assert len(store.last([])) == 0


def test_deleted_readings_are_gone_from_the_statistics_too(store):
    store.append(minutes(180))
    store.roll_up(START_US + 5 * HOUR_US)
    assert store.delete(0) == 180
    store.forget_deleted()
    assert len(store.buckets(0, START_US, START_US + 5 * HOUR_US, HOUR_US).count) == 0
    assert store.append(minutes(60)) == (60, 0, 0)
    assert store.buckets(0, START_US, START_US + 5 * HOUR_US, HOUR_US).count.tolist() == [60]


def test_threads_read_while_another_writes(store):
    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(store.append, minutes(50, 0, START_US + k * HOUR_US)) for k in range(20)]
        reading = [pool.submit(lambda: len(store.series(0, 0, 2**62).value)) for _ in range(60)]
        assert sum(each.result().stored for each in writing) == 1000
        assert all(each.result() % 50 == 0 for each in reading)
    assert store.count(0, 0, 2**62) == 1000
