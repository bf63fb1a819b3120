"""The durable queue, and how it is emptied."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.errors import SensorError
from sensors.outlets.contract import AwayError, FailedError, Outlet, OutletState, Subject
from sensors.outlets.outbox import ROW_BYTES, Outbox, Refused
from tests.sensors.community import until


@pytest.fixture
def outbox(tmp_path):
    opened = Outbox(tmp_path / "outbox.db")
    yield opened
    opened.close()


def books(queue) -> bool:
    c = queue.counters
    return c.found + c.put == c.sent + c.refused + c.lost + c.waiting


class Receiver:
    """A way of sending into a list, that fails as told."""

    items = messages = 2

    def __init__(self):
        self.got, self.taken, self.away, self.refuses, self.fails = [], [], 0, (), ()

    async def send(self, subject, items):
        if self.away:
            self.away -= 1
            self.got += [(subject, items[0].id, items[0].body)]  # arrived, but the answer was lost
            raise AwayError("no answer")
        self.got += [(subject, item.id, item.body) for item in items]
        if any(item.body in self.fails for item in items):
            raise FailedError("the answer is 500")
        self.taken += [item.body for item in items]
        return [Refused(item, item.count, "no such room") for item in items if item.body in self.refuses]

    async def close(self):
        pass


def test_what_was_put_comes_out_in_order_under_the_same_ids_also_after_the_file_was_closed(tmp_path):
    first = Outbox(tmp_path / "outbox.db")
    queue = first.queue("desk/alarms", 10_000)
    first.put([(queue, "a-raised", 1, b"1"), (queue, None, 3, b"2"), (queue, "a-raised", 1, b"again")])
    first.put([(queue, None, 1, b"3")])
    before = queue.head(10, 100)
    assert [item.body for item in before] == [b"1", b"2", b"3"]
    assert before[0].id == "a-raised"
    assert len({item.id for item in before}) == 3
    first.close()
    second = Outbox(tmp_path / "outbox.db")
    queue = second.queue("desk/alarms", 10_000)
    assert queue.head(10, 100) == before
    assert (queue.counters.found, queue.counters.waiting) == (5, 5)
    queue.done(before[:2], [Refused(before[0], 1, "no")])
    assert queue.head(10, 100) == before[2:]
    assert (queue.counters.sent, queue.counters.refused, queue.counters.waiting) == (3, 1, 1)
    assert books(queue)
    second.close()


def test_numbers_are_never_used_twice(tmp_path):
    outbox = Outbox(tmp_path / "outbox.db")
    queue = outbox.queue("q", 10_000)
    outbox.put([(queue, None, 1, b"1")])
    (item,) = queue.head(1, 1)
    queue.done([item])
    outbox.close()
    outbox = Outbox(tmp_path / "outbox.db")
    queue = outbox.queue("q", 10_000)
    outbox.put([(queue, None, 1, b"1")])
    assert queue.head(1, 1)[0].id != item.id
    outbox.close()


def test_a_head_holds_no_more_messages_than_asked_but_one_item_at_least(outbox):
    queue = outbox.queue("q", 10_000)
    outbox.put([(queue, None, 5, b"1"), (queue, None, 2, b"2"), (queue, None, 2, b"3")])
    assert [item.body for item in queue.head(10, 1)] == [b"1"]
    assert [item.body for item in queue.head(10, 7)] == [b"1", b"2"]


def test_the_oldest_go_first_when_there_is_no_room_but_not_what_is_being_sent(outbox):
    queue = outbox.queue("q", 4 * (ROW_BYTES + 1))
    other = outbox.queue("other", 10_000)
    outbox.put([(other, None, 1, b"x"), *((queue, None, 1, b"%d" % number) for number in range(3))])
    sending = queue.head(1, 1)
    outbox.put([(queue, None, 1, b"%d" % number) for number in range(3, 7)])
    queue.done(sending)
    assert [item.body for item in queue.head(10, 10)] == [b"4", b"5", b"6"]
    assert queue.counters.lost == 3
    assert queue.counters.waiting_bytes <= queue.limit_bytes
    assert books(queue)
    assert other.counters.waiting == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("pphdda"), st.integers(0, 300), st.integers(1, 4)), max_size=40))
def test_the_books_of_a_queue_balance_whatever_happens(tmp_path_factory, acts):
    outbox = Outbox(tmp_path_factory.mktemp("o") / "outbox.db")
    queue = outbox.queue("q", 1000)
    handed = []
    for act, size, count in acts:
        if act == "p":
            outbox.put([(queue, None, count, bytes(size))])
        elif act == "h":
            handed = queue.head(count, 10)
        elif act == "a":
            aside = queue.counters.aside
            assert queue.queue_again() == aside
        elif handed:
            queue.done(handed, [Refused(handed[0], min(1, handed[0].count), "no")])
            handed = []
        assert books(queue)
        stored = outbox._file.execute(
            f"SELECT ifnull(sum(count), 0), ifnull(sum(length(body) + {ROW_BYTES}), 0) FROM item"
        ).fetchone()
        assert (queue.counters.waiting, queue.counters.waiting_bytes) == stored
        largest = max((item.count for item in handed), default=0)
        assert queue.counters.waiting_bytes <= 1000 + 300 + ROW_BYTES or largest
    outbox.close()


def test_a_full_disk_keeps_nothing_says_so_and_goes_on_once_there_is_room(outbox):
    queue = outbox.queue("q", 10**9)
    outbox._file.execute("PRAGMA max_page_count = 30")
    while outbox.put([(queue, None, 1, bytes(3000))]):
        pass
    assert outbox.trouble
    assert queue.counters.lost == 1
    outbox._file.execute("PRAGMA max_page_count = 1000000")
    assert outbox.put([(queue, None, 1, b"small")])
    assert outbox.trouble is None
    assert books(queue)


def test_marks_are_kept_with_what_is_put(tmp_path):
    outbox = Outbox(tmp_path / "outbox.db")
    queue = outbox.queue("q", 10_000)
    assert outbox.mark("hour") is None
    outbox.put([(queue, None, 1, b"1")], [("hour", 7)])
    outbox.close()
    outbox = Outbox(tmp_path / "outbox.db")
    assert outbox.mark("hour") == 7
    outbox.close()


def test_what_is_no_outbox_is_refused(tmp_path):
    (tmp_path / "outbox.db").write_bytes(b"no database, but long enough to be read as a header" * 20)
    with pytest.raises(SensorError) as caught:
        Outbox(tmp_path / "outbox.db")
    assert caught.value.code == "outbox-unusable"


WRITER = """
import sys
from sensors.outlets.outbox import Outbox
outbox = Outbox(sys.argv[1])
queue = outbox.queue("q", 10**9)
for number in range(queue.counters.found, 10**9):
    outbox.put([(queue, None, 1, b"%d" % number)])
    print(number, flush=True)
"""


@pytest.mark.fault
def test_an_outbox_killed_under_load_has_kept_everything_it_had_taken(tmp_path):
    path, taken = tmp_path / "outbox.db", -1
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            for _, line in zip(range(40), writer.stdout, strict=False):
                taken = max(taken, int(line))
            writer.kill()
            for line in writer.stdout:
                if line.endswith("\n"):
                    taken = max(taken, int(line))
        outbox = Outbox(path)
        queue = outbox.queue("q", 10**9)
        bodies = [int(item.body) for item in queue.head(10**6, 10**6)]
        assert len(bodies) >= taken + 1
        assert bodies == list(range(len(bodies)))
        outbox.close()
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_outlet_sends_again_what_was_not_answered_and_alarms_before_readings(outbox, monkeypatch, caplog):
    monkeypatch.setattr("sensors.outlets.contract.FIRST_PAUSE_S", 0.01)
    receiver = Receiver()
    queues = {each: outbox.queue(each.value, 10_000) for each in (Subject.READINGS, Subject.ALARMS)}
    outlet = Outlet("desk", "test", receiver, queues)
    receiver.away, receiver.refuses = 3, (b"r2",)

    async def run():
        outbox.put([(queues[Subject.READINGS], None, 1, b"r%d" % number) for number in range(4)])
        outbox.put([(queues[Subject.ALARMS], "call-raised", 1, b"call")])
        task = asyncio.create_task(outlet.run())
        await until(lambda: outlet.state is OutletState.AWAY)
        assert outlet.why == "no answer"
        await until(lambda: queues[Subject.READINGS].counters.waiting == 0)
        assert outlet.state is OutletState.UP
        # What comes while it waits for work is sent at once, whatever thread it comes from.
        await asyncio.to_thread(outbox.put, [(queues[Subject.ALARMS], "call-cleared", 1, b"end")])
        await until(lambda: queues[Subject.ALARMS].counters.sent == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert [body for _, _, body in receiver.got] == [
        b"call", b"call", b"call", b"call", b"r0", b"r1", b"r2", b"r3", b"end",
    ]  # fmt: skip
    assert {id_ for _, id_, body in receiver.got if body == b"call"} == {"call-raised"}
    readings = queues[Subject.READINGS].counters
    assert (readings.sent, readings.refused) == (3, 1)
    assert all(map(books, queues.values()))
    assert [record.message for record in caplog.records if "away" in record.message] == [
        "The outlet desk is away: no answer"
    ]


def test_what_is_refused_is_set_aside_with_its_reason_over_a_restart_and_can_be_queued_again(tmp_path):
    path = tmp_path / "outbox.db"
    first = Outbox(path)
    queue = first.queue("desk", 10_000)
    first.put([(queue, "a", 1, b"a"), (queue, None, 3, b"b")])
    items = queue.head(10, 100)
    queue.done(items, [Refused(items[1], 2, "no such room")])
    assert (queue.counters.sent, queue.counters.refused, queue.counters.aside) == (2, 2, 1)
    first.close()
    again = Outbox(path)
    queue = again.queue("desk", 10_000)
    ((aside),) = queue.set_aside()
    assert (aside.id, aside.messages, aside.why) == (items[1].id, 2, "no such room")
    assert queue.queue_again() == 1
    assert [(item.id, item.body, item.count) for item in queue.head(10, 100)] == [(items[1].id, b"b", 3)]
    assert (queue.counters.waiting, queue.counters.aside, queue.set_aside()) == (3, 0, [])
    assert books(queue)
    queue.done(queue.head(1, 1), [Refused(queue.head(1, 1)[0], 3, "again")])
    assert queue.forget_refused() == 1
    assert queue.counters.aside == 0
    assert books(queue)
    again.close()


def test_refused_items_are_kept_up_to_a_number(outbox, monkeypatch):
    monkeypatch.setattr("sensors.outlets.outbox.MAX_REFUSED", 2)
    queue = outbox.queue("desk", 10_000)
    outbox.put([(queue, f"n{number}", 1, b"x") for number in range(5)])
    for _ in range(5):
        (head,) = queue.head(1, 1)
        queue.done([head], [Refused(head, 1, "no")])
    assert [each.id for each in queue.set_aside()] == ["n3", "n4"]
    assert (queue.counters.refused, queue.counters.aside) == (5, 2)


def emptied(outbox, receiver, queues, until_done, monkeypatch):
    monkeypatch.setattr("sensors.outlets.contract.FIRST_PAUSE_S", 0.005)
    monkeypatch.setattr("sensors.outlets.contract.LONGEST_PAUSE_S", 0.005)
    outlet = Outlet("desk", "test", receiver, queues)

    async def run():
        task = asyncio.create_task(outlet.run())
        await until(lambda: until_done(outlet))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_a_message_that_its_receiver_fails_with_does_not_hold_up_the_others(outbox, monkeypatch):
    receiver = Receiver()
    receiver.fails = (b"r1", b"r4")
    queue = outbox.queue("readings", 10_000)
    outbox.put([(queue, None, 1, b"r%d" % number) for number in range(6)])
    queues = {Subject.READINGS: queue}
    emptied(outbox, receiver, queues, lambda outlet: queue.counters.waiting == 0, monkeypatch)
    assert receiver.taken == [b"r0", b"r2", b"r3", b"r5"]
    assert [each.why for each in queue.set_aside()] == ["the answer is 500"] * 2
    assert (queue.counters.sent, queue.counters.refused) == (4, 2)
    assert books(queue)


def test_a_receiver_that_fails_with_everything_loses_nothing(outbox, monkeypatch):
    receiver = Receiver()
    receiver.fails = (b"r0", b"r1", b"r2")
    queue = outbox.queue("readings", 10_000)
    outbox.put([(queue, None, 1, b"r%d" % number) for number in range(3)])
    queues = {Subject.READINGS: queue}
    emptied(outbox, receiver, queues, lambda outlet: outlet._failed > 12, monkeypatch)
    assert (queue.counters.waiting, queue.counters.aside) == (3, 0)
    receiver.fails = ()
    emptied(outbox, receiver, queues, lambda outlet: queue.counters.waiting == 0, monkeypatch)
    assert receiver.taken == [b"r0", b"r1", b"r2"]


def test_a_lone_alarm_that_fails_does_not_hold_up_the_readings(outbox, monkeypatch):
    receiver = Receiver()
    receiver.fails = (b"call",)
    queues = {each: outbox.queue(each.value, 10_000) for each in (Subject.READINGS, Subject.ALARMS)}
    outbox.put(
        [(queues[Subject.READINGS], None, 1, b"r0"), (queues[Subject.ALARMS], "call-raised", 1, b"call")]
    )
    waits = lambda outlet: any(queue.counters.waiting for queue in queues.values())  # noqa: E731
    emptied(outbox, receiver, queues, lambda outlet: not waits(outlet), monkeypatch)
    assert receiver.taken == [b"r0"]
    assert [each.id for each in queues[Subject.ALARMS].set_aside()] == ["call-raised"]
