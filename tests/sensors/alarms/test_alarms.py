"""Alarms from the reading to the record."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time

import pytest

from sensors.alarms.alarm import AlarmState
from sensors.alarms.center import AlarmCenter
from sensors.alarms.log import AlarmLog
from sensors.alarms.rules import Severity, read_rules
from sensors.errors import SensorError
from sensors.latest import Latest
from sensors.readings import MICROSECONDS, Quality, Sample, now_us, readings_of
from tests.sensors.community import POINTS, intake_of

RULES = """
alarms:
- {id: co2-high, points: "*/co2", above: 1000, hysteresis: 100, severity: warning, message: CO2 is high, message_zh: CO2 偏高}
- {id: cold, points: [lobby/temperature], below: 12, hold_s: 60}
- {id: jump, points: [lobby/temperature], rate_per_hour: 20, severity: notice}
- {id: silent, points: [lobby/temperature], absent_s: 300}
- {id: stuck, points: [lobby/co2], stuck_s: 7200}
- {id: airing, expression: "co2 > 900 and t < 18", variables: {co2: lobby/co2, t: lobby/temperature}}
- {id: call, points: ["*/call"], above: 0.5, severity: emergency}
"""
SECOND = MICROSECONDS


class Desk:
    """A center fed by hand, with everything it announced."""

    def __init__(self, folder, text=RULES):
        path = folder / "alarms.yaml"
        path.write_text(text, "utf-8")
        self.latest = Latest(POINTS)
        self.record = AlarmLog(folder / "alarms.db")
        self.center = AlarmCenter(read_rules(path), POINTS, self.latest, self.record)
        self.said = []
        self.center.listen(lambda alarm, what: self.said.append((alarm.rule, what)))
        self.now = now_us()

    def read(self, point, value, after_s=0.0, quality=Quality.GOOD):
        at = self.now + round(after_s * SECOND)
        readings = readings_of([POINTS.row_of[point]], [at], [max(at, self.now)], [value], [quality])
        self.latest.update(readings)
        self.center.read(readings)

    def write(self):
        self.record.write(self.center._unwritten)
        self.center._unwritten = []


def later(monkeypatch, seconds):
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + seconds)


@pytest.fixture
def desk(tmp_path):
    opened = Desk(tmp_path)
    yield opened
    opened.record.close()


def test_a_threshold_raises_once_and_clears_only_beyond_its_hysteresis(desk):
    for i, value in enumerate([900, 1001, 1200, 950, 1001, 899, 1001]):
        desk.read("lobby/co2", value, i)
    assert desk.said == [("co2-high", "raised"), ("co2-high", "cleared"), ("co2-high", "raised")]


def test_a_condition_must_hold_for_its_time_by_the_clock_of_the_readings(desk):
    desk.read("lobby/temperature", 11.0, 0)
    desk.read("lobby/temperature", 13.0, 30)
    desk.read("lobby/temperature", 11.0, 40)
    desk.read("lobby/temperature", 11.0, 90)
    assert ("cold", "raised") not in desk.said
    desk.read("lobby/temperature", 11.0, 101)
    assert ("cold", "raised") in desk.said


def test_a_value_that_changes_too_fast_raises(desk):
    desk.read("lobby/temperature", 20.0, 0)
    desk.read("lobby/temperature", 20.2, 60)
    assert desk.said == []
    desk.read("lobby/temperature", 22.0, 300)
    assert desk.said == [("jump", "raised")]


def test_a_point_that_falls_silent_raises_and_its_next_reading_clears(desk, monkeypatch):
    desk.read("lobby/temperature", 20.0, -1)
    desk.center.tick()
    assert desk.said == []
    later(monkeypatch, 300)
    desk.center.tick()
    assert desk.said == [("silent", "raised")]
    desk.read("lobby/temperature", 20.0, 0)
    assert desk.said == [("silent", "raised"), ("silent", "cleared")]


def test_a_point_that_never_spoke_is_absent_once_we_have_listened_for_long_enough(desk, monkeypatch):
    desk.center.tick()
    assert desk.said == []
    later(monkeypatch, 301)
    desk.center.tick()
    assert ("silent", "raised") in desk.said


def test_silence_while_we_did_not_listen_is_no_alarm_but_one_raised_before_stays(desk, tmp_path, monkeypatch):
    long_ago = readings_of([0], [desk.now - 10**10], [desk.now - 10**10], [20.0], [0])
    desk.latest.restore(long_ago)
    desk.center.tick()
    assert desk.said == []
    later(monkeypatch, 301)
    desk.center.tick()
    desk.write()
    desk.record.close()
    again = Desk(tmp_path)
    again.latest.restore(long_ago)
    again.center.tick()
    assert again.said == []
    assert [alarm.state for alarm in again.center.open_alarms()] == [AlarmState.RAISED]
    again.record.close()


def test_a_value_that_does_not_move_is_stuck_until_it_moves(desk):
    for hour in range(4):
        desk.read("lobby/co2", 500.0, hour * 3600)
    assert desk.said == [("stuck", "raised")]
    desk.read("lobby/co2", 501.0, 4 * 3600)
    assert desk.said[-1] == ("stuck", "cleared")


def test_an_expression_waits_while_one_of_its_points_is_unknown_or_stale(desk):
    desk.read("lobby/co2", 950.0)
    desk.center.tick()
    assert ("airing", "raised") not in desk.said
    desk.read("lobby/temperature", 15.0, -3600)
    desk.center.tick()
    assert ("airing", "raised") not in desk.said
    desk.read("lobby/temperature", 15.0)
    desk.center.tick()
    assert ("airing", "raised") in desk.said
    desk.read("lobby/temperature", float("nan"), 1, Quality.BAD)
    desk.center.tick()
    assert ("airing", "cleared") not in desk.said, "an unknown value clears nothing"
    desk.read("lobby/temperature", 21.0, 2)
    desk.center.tick()
    assert ("airing", "cleared") in desk.said


def test_a_clock_of_ours_that_was_a_day_ahead_keeps_no_alarm_back_once_it_is_set_right(desk):
    ahead = ahead_by(desk, 86_400)
    ahead("home-1/call", 0.0)
    ahead("lobby/temperature", 20.0)
    desk.read("home-1/call", 1.0)
    assert desk.said == [("call", "raised")]
    assert desk.latest.value[4] == 1.0
    for after_s in (1, 30, 62):
        desk.read("lobby/temperature", 5.0, after_s)
    assert ("cold", "raised") in desk.said


def ahead_by(desk, ahead_s):
    """Readings as they come in while our clock is ahead."""

    def read(point, value):
        now, desk.now = desk.now, desk.now + ahead_s * SECOND
        desk.read(point, value)
        desk.now = now

    return read


def test_a_bad_or_late_reading_neither_raises_nor_clears(desk):
    desk.read("lobby/co2", 1200.0, 0)
    desk.read("lobby/co2", float("nan"), 1, Quality.BAD)
    desk.read("lobby/co2", 400.0, -60)
    assert desk.said == [("co2-high", "raised")]


def test_an_alarm_is_acknowledged_by_somebody_and_everything_is_on_record(desk):
    desk.read("lobby/co2", 1200.0)
    (alarm,) = desk.center.open_alarms()
    assert (alarm.state, alarm.value, alarm.severity) == (AlarmState.RAISED, 1200.0, Severity.WARNING)
    alarm = desk.center.acknowledge(alarm.id, "li.wei", "windows opened")
    assert (alarm.state, alarm.acknowledged_by) == (AlarmState.ACKNOWLEDGED, "li.wei")
    with pytest.raises(SensorError, match="no open alarm"):
        desk.center.acknowledge(alarm.id, "someone")
    desk.read("lobby/co2", 500.0, 1)
    assert desk.center.open_alarms() == []
    desk.write()
    (kept,) = desk.record.history(0, 2**62)
    assert kept.state is AlarmState.CLEARED
    assert [(what, who, note) for _, what, who, note in desk.record.events(alarm.id)] == [
        ("raised", "", ""),
        ("acknowledged", "li.wei", "windows opened"),
        ("cleared", "", ""),
    ]


def test_an_alarm_that_cleared_unseen_stays_on_the_list(desk):
    desk.read("lobby/co2", 1200.0)
    desk.read("lobby/co2", 500.0, 1)
    (alarm,) = desk.center.open_alarms()
    assert alarm.state is AlarmState.CLEARED_UNSEEN
    assert desk.center.acknowledge(alarm.id, "li.wei").state is AlarmState.CLEARED
    assert desk.center.open_alarms() == []


def test_an_open_alarm_survives_a_restart_and_is_not_raised_twice(desk, tmp_path):
    desk.read("lobby/co2", 1200.0)
    desk.write()
    desk.record.close()
    again = Desk(tmp_path)
    assert [alarm.rule for alarm in again.center.open_alarms()] == ["co2-high"]
    again.read("lobby/co2", 1300.0, 1)
    assert again.said == []
    again.read("lobby/co2", 500.0, 2)
    assert again.said == [("co2-high", "cleared")]
    again.record.close()


def test_a_shelved_alarm_is_listed_but_announced_to_no_one_until_the_shelf_ends(desk, tmp_path):
    desk.center.shelve(
        "co2-high", "lobby/co2", now_us() + 3600 * SECOND, "li.wei", "sensor is being calibrated"
    )
    desk.read("lobby/co2", 1200.0)
    assert desk.said == []
    (alarm,) = desk.center.open_alarms()
    assert alarm.shelved
    desk.read("lobby/co2", 400.0, 1)
    desk.center.shelve("co2-high", "lobby/co2", now_us(), "li.wei", "done")
    desk.read("lobby/co2", 1200.0, 2)
    assert desk.said == [("co2-high", "raised")]


def test_an_emergency_cannot_be_shelved(desk):
    with pytest.raises(SensorError) as caught:
        desk.center.shelve("call", "", now_us() + SECOND, "x", "")
    assert caught.value.code == "emergency-not-shelved"


def test_what_a_simulation_says_raises_and_clears_and_readings_and_silence_do_neither(tmp_path):
    rules = """alarms:
- {id: departs, points: "lobby/*", simulated: departs, hold_s: 60}
- {id: full, points: lobby/co2, simulated: full}
"""
    desk = Desk(tmp_path, rules)
    row = POINTS.row_of["lobby/co2"]
    desk.center.tell("full", row, True, math.nan)
    desk.center.tell("full", POINTS.row_of["lobby/door"], True, 1.0)  # nobody asked
    assert desk.said == [("full", "raised")]
    desk.center.tell("departs", row, True, 700.0)
    desk.read("lobby/co2", 400.0, 1)
    desk.center.tick()
    assert desk.said == [("full", "raised")]  # it must hold for a minute
    desk.write()
    desk.record.close()
    again = Desk(tmp_path, rules)
    again.center.tick()
    assert again.said == []  # a restart clears nothing
    again.center.tell("full", row, False, 400.0)
    assert again.said == [("full", "cleared")]
    again.record.close()


def test_a_simulation_that_departs_for_long_enough_raises_with_what_was_measured(tmp_path, monkeypatch):
    desk = Desk(tmp_path, "alarms:\n- {id: departs, points: lobby/co2, simulated: departs, hold_s: 60}\n")
    row = POINTS.row_of["lobby/co2"]
    desk.center.tell("departs", row, True, 700.0)
    assert desk.said == []
    monkeypatch.setattr("sensors.alarms.center.now_us", lambda: now_us() + 61 * SECOND)
    desk.center.tell("departs", row, True, 710.0)
    (alarm,) = desk.center.open_alarms()
    assert (alarm.rule, alarm.point, alarm.value) == ("departs", "lobby/co2", 710.0)
    desk.record.close()


def test_the_gravest_alarm_stands_first(desk):
    desk.read("home-1/call", 1.0)
    desk.read("lobby/co2", 1200.0, 1)
    assert [alarm.rule for alarm in desk.center.open_alarms()] == ["call", "co2-high"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{id: a, points: x}", "Just one of"),
        ("{id: a, points: x, above: 1, below: 2}", "Just one of"),
        ("{id: a, above: 1}", "names no points"),
        ("{id: a, points: x, above: hot}", "could not convert"),
        ("{id: a, points: x, above: .inf}", "not finite"),
        ("{id: a, points: x, above: 1, severity: dire}", "severity is one of"),
        ("{id: a, points: x, above: 1, colour: red}", "Unknown key"),
        ("{id: a, expression: 'b > 1'}", "must name just the points"),
        ("{id: a, expression: 'b.c > 1', variables: {b: x}}", "not allowed"),
        ("{points: x, above: 1}", "with an id"),
        ("{id: a, points: x, simulated: dry}", "departs, full"),
        ("{id: a, simulated: full}", "names no points"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(tmp_path, rule, message):
    path = tmp_path / "alarms.yaml"
    path.write_text(f"alarms:\n- {rule}\n")
    with pytest.raises(SensorError, match=message) as caught:
        read_rules(path)
    assert "alarm 1" in caught.value.where


def test_an_expression_over_an_unknown_point_is_refused(tmp_path):
    with pytest.raises(SensorError, match="no point"):
        Desk(tmp_path, "alarms:\n- {id: a, expression: 'b > 1', variables: {b: nowhere}}\n")


def test_an_emergency_is_announced_the_moment_it_comes_in_while_readings_wait_by_the_hundred(tmp_path):
    desk = Desk(tmp_path)
    heard = []

    async def run():
        async with intake_of(tmp_path) as intake:
            center = AlarmCenter(tuple(desk.center.rules.values()), POINTS, intake.latest, desk.record)
            center.listen(lambda alarm, what: heard.append((alarm.rule, what)))
            intake.listen_urgent(center.read)
            intake.listen(center.read)
            center_task = asyncio.create_task(center.run())
            for number in range(30):
                now = now_us()
                flood = [Sample("lobby/co2", 500.0 + i % 7, now + i) for i in range(333)]
                intake.offer(flood, "flood")
                intake.offer([Sample("home-1/call", number % 2 == 0, now_us())], "calls")
                assert intake.stored.pending >= 334, "nobody was waited for"
                assert heard == [("call", "raised"), ("call", "cleared")] * (number // 2) + [
                    ("call", "raised"), *[("call", "cleared")] * (number % 2),
                ]  # fmt: skip
                await asyncio.sleep(1 / 30)
            center_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await center_task

    asyncio.run(run())
    assert len([alarm for alarm in desk.record.history(0, 2**62) if alarm.rule == "call"]) == 15
