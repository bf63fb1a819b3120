"""Times, the latest value and its state."""

from __future__ import annotations

import time

import numpy as np
import pytest

from sensors.latest import Latest, State
from sensors.readings import Quality, now_us, parse_time, readings_of, to_iso
from tests.sensors.community import POINTS, START_US


@pytest.mark.parametrize(
    "stamp",
    [
        1772323200, 1772323200.0, "1772323200", 1772323200_000, 1772323200_000_000, 1772323200_000_000_000,
        "2026-03-01T00:00:00Z", "2026-03-01T08:00:00+08:00", "2026-03-01 00:00:00",
    ],
)  # fmt: skip
def test_a_time_is_read_however_it_is_written(stamp):
    assert parse_time(stamp) == START_US


@pytest.mark.parametrize(
    "stamp", ["yesterday", "", -1, float("nan"), float("inf"), True, None, 1e30, [], "9" * 400]
)
def test_what_is_no_time_is_refused(stamp):
    with pytest.raises(ValueError):  # noqa: PT011 - every wording is fine
        parse_time(stamp)


def test_a_time_is_written_with_the_decimals_it_has():
    assert to_iso(START_US) == "2026-03-01T00:00:00Z"
    assert to_iso(START_US + 1) == "2026-03-01T00:00:00.000001Z"


def batch(*rows):
    point, time_us, arrival_us, value, quality = zip(*rows, strict=True)
    return readings_of(list(point), list(time_us), list(arrival_us), list(value), list(quality))


def test_a_point_that_was_never_read_is_unknown_and_has_no_value():
    latest = Latest(POINTS)
    assert set(latest.states()) == {State.UNKNOWN}
    assert np.isnan(latest.value).all()
    assert np.isinf(latest.age_s()).all()


def test_a_reading_is_fresh_until_it_is_older_than_its_interval_allows():
    latest = Latest(POINTS)
    now = now_us()
    latest.update(batch((0, now, now, 21.0, 0), (1, now - 151_000_000, now, 500.0, 0)))
    assert latest.states()[:2].tolist() == [State.FRESH, State.STALE]


def test_a_bad_reading_makes_the_point_unknown_and_leaves_no_old_value():
    latest = Latest(POINTS)
    now = now_us()
    latest.update(batch((0, now - 1, now, 21.0, 0)))
    latest.update(batch((0, now, now, float("nan"), Quality.BAD)))
    assert latest.states()[0] == State.UNKNOWN
    assert np.isnan(latest.value[0])


def test_an_older_reading_that_comes_late_does_not_replace_the_newest():
    latest = Latest(POINTS)
    now = now_us()
    changed = latest.update(batch((0, now, now, 2.0, 0), (0, now - 5, now, 1.0, 0), (1, now, now, 7.0, 0)))
    assert changed.tolist() == [0, 1]
    assert latest.update(batch((0, now - 9, now, 0.0, 0))).tolist() == []
    assert latest.value[0] == 2.0


def test_a_point_that_reports_on_change_is_stale_only_while_its_feed_is_lost():
    latest = Latest(POINTS)
    now = now_us()
    latest.update(batch((2, now - 10**12, now, 1.0, 0)))
    assert latest.states()[2] == State.FRESH
    latest.available[2] = False
    assert latest.states()[2] == State.STALE


def test_a_wall_clock_that_jumps_makes_nothing_fresh_or_stale(monkeypatch):
    latest = Latest(POINTS)
    now = now_us()
    latest.update(batch((0, now, now, 21.0, 0), (1, now - 151_000_000, now, 500.0, 0)))
    for jump_ns in (-86_400 * 10**9, 86_400 * 10**9):
        monkeypatch.setattr(time, "time_ns", lambda jump_ns=jump_ns: now * 1000 + jump_ns)
        assert latest.states()[:2].tolist() == [State.FRESH, State.STALE]


def test_what_was_read_while_our_clock_was_ahead_gives_way_once_it_is_set_right():
    latest = Latest(POINTS)
    now = now_us()
    ahead = now + 86_400_000_000
    latest.update(batch((0, ahead, ahead, 21.0, 0), (1, now + 60_000_000, now, 500.0, 0)))
    latest.update(batch((0, now, now, 22.0, 0), (1, now, now, 400.0, 0)))
    assert latest.value[:2].tolist() == [22.0, 500.0]  # a device may be a minute ahead
    assert latest.states()[0] == State.FRESH


def test_what_an_earlier_run_read_has_aged_meanwhile():
    latest = Latest(POINTS)
    old = now_us() - 3_600_000_000
    latest.restore(batch((0, old, old, 21.0, 0)))
    assert latest.states()[0] == State.STALE
