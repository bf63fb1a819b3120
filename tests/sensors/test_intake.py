"""The intake: what is taken, what is refused and why, and that every reading is accounted for."""

from __future__ import annotations

import asyncio
import math
import threading
import time

import pytest

from sensors.latest import State
from sensors.readings import MICROSECONDS, Quality, Sample, now_us
from sensors.store.contract import StoreFullError
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import POINTS, START_US, intake_of, until

FEED = "test"


def taken(tmp_path, *samples):
    """(counters, series of every point) after some samples."""

    async def run():
        async with intake_of(tmp_path) as intake:
            await intake.deliver(samples, FEED)
            return intake, [intake.store.series(row, 0, 2**62) for row in range(len(POINTS))]

    return asyncio.run(run())


def test_a_value_in_another_unit_is_stored_in_the_points_own(tmp_path):
    intake, series = taken(
        tmp_path,
        Sample("lobby/temperature", 68.0, now_us(), "[degF]"),
        Sample("lobby/co2", 0.05, now_us(), "%"),
        Sample("home-1/electricity", 1234, now_us(), "Wh"),
    )
    assert [float(series[row].value[0]) for row in (0, 1, 3)] == pytest.approx([20.0, 500.0, 1.234])
    assert intake.latest.states()[0] == State.FRESH


def test_words_and_truth_values_become_numbers(tmp_path):
    now = now_us()
    words = ["open", "CLOSED", "ON", "false", True, "1"]
    _, series = taken(tmp_path, *(Sample("lobby/door", word, now + i) for i, word in enumerate(words)))
    assert series[2].value.tolist() == [1, 0, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (Sample("attic/temperature", 20.0), "unknown-point"),
        (Sample("lobby/temperature", 850.0), "out-of-range"),
        (Sample("lobby/temperature", math.inf), "out-of-range"),
        (Sample("lobby/temperature", math.nan), "not-a-number"),
        (Sample("lobby/temperature", "warm"), "not-a-number"),
        (Sample("lobby/temperature", None), "not-a-number"),
        (Sample("lobby/temperature", 10**400), "not-a-number"),
        (Sample("lobby/temperature", [20]), "not-a-number"),
        (Sample("lobby/temperature", 20.0, None, "Pa"), "unit-mismatch"),
        (Sample("lobby/temperature", 20.0, None, "furlong"), "unknown-unit"),
    ],
)
def test_what_cannot_be_a_reading_is_refused_with_its_reason(tmp_path, sample, reason):
    intake, series = taken(tmp_path, sample)
    counters = intake.feeds[FEED]
    assert (counters.received, counters.accepted, dict(counters.rejected)) == (1, 0, {reason: 1})
    assert all(part.value.size == 0 for part in series)


def test_unknown_points_are_listed(tmp_path):
    intake, _ = taken(tmp_path, *[Sample("attic/temperature", 20.0)] * 3)
    assert intake.unknown.seen == {"attic/temperature": 3}


def test_a_bad_reading_is_stored_as_bad_without_a_value(tmp_path):
    intake, series = taken(tmp_path, Sample("lobby/co2", None, now_us(), None, Quality.BAD))
    assert series[1].quality.tolist() == [Quality.BAD]
    assert math.isnan(series[1].value[0])
    assert intake.latest.states()[1] == State.UNKNOWN


@pytest.mark.fault
@pytest.mark.parametrize("offset_s", [3600, -30 * 365 * 86_400])
def test_a_device_with_a_wrong_clock_is_stored_under_the_arrival_and_marked_uncertain(tmp_path, offset_s):
    before = now_us()
    intake, series = taken(tmp_path, Sample("lobby/co2", 500.0, before + offset_s * MICROSECONDS))
    assert before <= series[1].time_us[0] <= now_us()
    assert series[1].quality.tolist() == [Quality.UNCERTAIN]
    assert intake.feeds[FEED].restamped == 1


def test_two_readings_of_one_point_without_a_time_in_one_message_are_both_kept(tmp_path):
    _, series = taken(tmp_path, *(Sample("lobby/co2", float(i)) for i in range(5)))
    assert series[1].value.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.fault
def test_duplicates_and_out_of_order_readings_add_up(tmp_path):
    now = now_us()
    samples = [Sample("lobby/co2", float(i), now - i * 1000) for i in range(100)]
    intake, series = taken(tmp_path, *samples, *samples[:30], Sample("lobby/co2", -1.0, now))
    counters = intake.feeds[FEED]
    assert (counters.received, counters.accepted) == (131, 130)
    assert counters.rejected == {"out-of-range": 1}
    assert intake.stored.stored + intake.stored.replaced + intake.stored.duplicates == 130
    assert intake.stored.duplicates == 30
    assert series[1].value.tolist() == [float(i) for i in reversed(range(100))]


@pytest.mark.fault
@pytest.mark.parametrize("jump_s", [-86_400, -30, 30, 86_400])
def test_a_clock_of_ours_that_jumps_loses_no_reading_and_every_one_is_shown(tmp_path, monkeypatch, jump_s):
    true_ns = time.time_ns

    async def run():
        async with intake_of(tmp_path) as intake:
            intake.offer([Sample("lobby/co2", 400.0 + i) for i in range(10)], FEED)
            await until(lambda: intake.stored.stored == 10)
            monkeypatch.setattr(time, "time_ns", lambda: true_ns() + jump_s * 10**9)
            for i in range(10):
                intake.offer([Sample("lobby/co2", 500.0 + i)], FEED)
                intake.show()
                assert intake.latest.value[1] == 500.0 + i
            await until(lambda: intake.stored.stored == 20)
            counters = intake.feeds[FEED]
            assert (counters.received, counters.accepted) == (20, 20)
            assert (intake.stored.duplicates, intake.stored.replaced, intake.stored.pending) == (0, 0, 0)
            values = intake.store.series(1, 0, 2**62).value
            assert sorted(values.tolist()) == [400.0 + i for i in range(10)] + [500.0 + i for i in range(10)]

    asyncio.run(run())


class SlowStore(SqliteStore):
    """A store that waits for a signal, and may be full."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.gate = threading.Event()
        self.full = False

    def append(self, readings):
        self.gate.wait(60)
        if self.full:
            raise StoreFullError(str(self.path))
        return super().append(readings)


def test_a_feed_that_can_wait_waits_for_room_and_one_that_cannot_loses_the_newest_counted(tmp_path):
    async def run():
        store = SlowStore(tmp_path / "h.db", POINTS)
        async with intake_of(tmp_path, store=store, queue_limit=10) as intake:
            now = now_us()
            first = asyncio.create_task(
                intake.deliver([Sample("lobby/co2", 1.0, now + i) for i in range(10)], FEED)
            )
            await until(lambda: intake.stored.pending == 10)
            waiting = asyncio.create_task(intake.deliver([Sample("lobby/co2", 2.0, now + 100)], FEED))
            intake.offer([Sample("lobby/co2", 3.0, now + 200)], "impatient")
            await asyncio.sleep(0.05)
            assert not waiting.done()
            assert intake.feeds["impatient"].rejected == {"queue-full": 1}
            store.gate.set()
            await asyncio.gather(first, waiting)
            assert store.series(1, 0, 2**62).value.tolist() == [1.0] * 10 + [2.0]

    asyncio.run(run())


def test_an_urgent_reading_is_told_at_once_though_the_queue_is_full(tmp_path):
    async def run():
        store = SlowStore(tmp_path / "h.db", POINTS)
        async with intake_of(tmp_path, store=store, queue_limit=5) as intake:
            told = []
            intake.listen_urgent(lambda readings: told.extend(readings.value.tolist()))
            tasks = [asyncio.create_task(intake.deliver([Sample("lobby/co2", 1.0)] * 5, FEED))]
            await until(lambda: intake.stored.pending == 5)
            tasks.append(
                asyncio.create_task(
                    intake.deliver([Sample("lobby/co2", 2.0), Sample("home-1/call", True)], FEED)
                )
            )
            await asyncio.sleep(0)
            assert told == [1.0]
            store.gate.set()
            await asyncio.gather(*tasks)
            assert store.series(4, 0, 2**62).value.tolist() == [1.0]
            assert store.series(1, 0, 2**62).value.size == 6

    asyncio.run(run())


@pytest.mark.fault
def test_readings_wait_while_the_disk_is_full_and_nothing_is_lost(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("sensors.intake.RETRY_S", 0.02)

    async def run():
        store = SlowStore(tmp_path / "h.db", POINTS)
        store.gate.set()
        store.full = True
        async with intake_of(tmp_path, store=store) as intake:
            delivery = asyncio.create_task(intake.deliver([Sample("lobby/co2", 1.0)] * 7, FEED))
            await until(lambda: intake.trouble is not None)
            await asyncio.sleep(0.1)
            assert not delivery.done()
            store.full = False
            await delivery
            assert intake.trouble is None
            assert intake.stored.stored == 7

    asyncio.run(run())
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


def test_listeners_see_a_batch_before_it_is_stored(tmp_path):
    async def run():
        store = SlowStore(tmp_path / "h.db", POINTS)
        async with intake_of(tmp_path, store=store) as intake:
            seen = []
            intake.listen(lambda readings: seen.append((len(readings), float(intake.latest.value[1]))))
            delivery = asyncio.create_task(intake.deliver([Sample("lobby/co2", 1.0)], FEED))
            await until(lambda: seen)
            assert seen == [(1, 1.0)]
            assert not delivery.done()
            store.gate.set()
            await delivery

    asyncio.run(run())


def test_values_are_shown_while_the_disk_is_full_each_once(tmp_path, monkeypatch):
    monkeypatch.setattr("sensors.intake.RETRY_S", 0.02)

    async def run():
        store = SlowStore(tmp_path / "h.db", POINTS)
        store.gate.set()
        store.full = True
        async with intake_of(tmp_path, store=store) as intake:
            seen = []
            intake.listen(lambda readings: seen.extend(readings.value.tolist()))
            now = now_us()
            intake.offer([Sample("lobby/co2", 1.0, now)], FEED)
            await until(lambda: intake.trouble is not None)
            intake.offer([Sample("lobby/co2", 2.0, now + 1)], FEED)
            await until(lambda: len(seen) == 2)
            assert intake.latest.value[1] == 2.0
            store.full = False
            await until(lambda: intake.stored.stored == 2)
            await intake.deliver([Sample("lobby/co2", 3.0, now + 2)], FEED)
            assert seen == [1.0, 2.0, 3.0]

    asyncio.run(run())


def test_a_listener_that_breaks_keeps_no_reading_from_the_others_and_the_store(tmp_path, caplog):
    async def run():
        async with intake_of(tmp_path) as intake:
            seen = []
            intake.listen(lambda readings: 1 / 0)
            intake.listen(lambda readings: seen.extend(readings.value.tolist()))
            await intake.deliver([Sample("lobby/co2", 1.0)], FEED)
            assert (seen, intake.stored.stored) == ([1.0], 1)

    asyncio.run(run())
    assert "A listener to readings broke" in caplog.text


def test_what_is_queued_at_the_stop_is_stored(tmp_path):
    async def run():
        async with intake_of(tmp_path, window_s=5) as intake:
            intake.offer([Sample("lobby/co2", 1.0)] * 3, FEED)
            await asyncio.sleep(0.01)

    asyncio.run(run())
    again = SqliteStore(tmp_path / "history.db", POINTS)
    assert again.series(1, 0, 2**62).value.size == 3
    again.close()


def test_keepers_have_every_batch_once_before_its_feed_is_told_even_when_storing_is_tried_again(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("sensors.intake.RETRY_S", 0.01)
    kept = []

    def keep(readings):
        time.sleep(0.05)  # slower than the store
        kept.append(readings.value.tolist())

    async def run():
        async with intake_of(tmp_path) as intake:
            intake.keep(keep)
            failures = [StoreFullError("x"), StoreFullError("x")]
            append = intake.store.append

            def full_at_first(readings):
                if failures:
                    raise failures.pop()
                return append(readings)

            monkeypatch.setattr(intake.store, "append", full_at_first)
            await intake.deliver([Sample("lobby/co2", 400.0, START_US)], "test")
            assert kept == [[400.0]]
            await intake.deliver([Sample("lobby/co2", 401.0, START_US + 1)], "test")
            assert kept == [[400.0], [401.0]]
            assert intake.stored.stored == 2

    asyncio.run(run())
