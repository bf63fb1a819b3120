"""Where all feeds end: samples are checked and converted, shown at once, and stored in batches.

Showing does not wait for storing: while the disk is slow or full, values and alarms go on until the queue
is full.
The queue before the store is bounded. A feed that can wait (``deliver``) waits for room, so that its
broker or client keeps what we cannot take yet; one that cannot (``offer``) loses the newest, counted as
``queue-full``.
Urgent points pass by the queue's bound and are told before the batch they stand in.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sensors.counters import FeedCounters, StoreCounters, UnknownPoints
from sensors.errors import SensorError
from sensors.latest import Latest
from sensors.points import Point, PointTable
from sensors.readings import MAX_AHEAD_US, MICROSECONDS, Quality, Readings, Sample, now_us, readings_of
from sensors.store.contract import Appended, Store
from sensors.units import conversion

log = logging.getLogger(__name__)

# A device's clock before the first networked sensors is wrong, not late.
EARLIEST_US = 946_684_800 * MICROSECONDS  # 2000-01-01
QUEUE_LIMIT = 200_000
WINDOW_S = 0.02  # readings gathered before a commit
SHOW_S = 0.01  # readings gathered before listeners hear of them
RETRY_S = 1.0

Listener = Callable[[Readings], None]


class Intake:
    """Takes samples from feeds; hands accepted readings to listeners, the store and ``latest``.

    Everything but the store's append runs on one event loop. Listeners are called in turn and must not block.
    """

    def __init__(
        self, points: PointTable, store: Store, *, queue_limit: int = QUEUE_LIMIT, window_s: float = WINDOW_S
    ) -> None:
        self.points = points
        self.store = store
        self.latest = Latest(points)
        self.latest.restore(store.last())
        self.feeds: dict[str, FeedCounters] = defaultdict(FeedCounters)
        self.stored = StoreCounters()
        self.unknown = UnknownPoints()
        self.trouble: str | None = None  # why the store takes nothing at present
        self.served: dict[str, set[int]] = defaultdict(set)  # rows that each feed has delivered
        self._listeners: list[Listener] = []
        self._urgent_listeners: list[Listener] = []
        self._keepers: list[Listener] = []
        self._kept: Readings | None = None  # the batch that keepers were given last
        self._queue_limit = queue_limit
        self._window_s = window_s
        self._checks = [_check_of(point) for point in points]
        self._stamped = [0] * len(points)
        self._shown = 0  # of the queue, listeners have heard of
        self._empty_columns()
        self._done: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()
        self._unshown = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with accepted readings once ``latest`` has them, before they are stored."""
        self._listeners.append(listener)

    def listen_urgent(self, listener: Listener) -> None:
        """Call ``listener`` with the readings of urgent points the moment they come in."""
        self._urgent_listeners.append(listener)

    def keep(self, keeper: Listener) -> None:
        """Call ``keeper`` once with every batch, in a thread, beside its storing; feeds are told after both.

        A keeper raises nothing.
        """
        self._keepers.append(keeper)

    async def deliver(self, samples: Sequence[Sample], feed: str) -> None:
        """Take samples; returns once they are stored (or rejected). Waits while the queue is full."""
        if not self._room.is_set():
            samples = self._take_urgent_first(samples, feed)
            while not self._room.is_set():
                await self._room.wait()
        if self._accept(samples, feed):
            if self._done is None:
                self._done = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._done)

    def offer(self, samples: Sequence[Sample], feed: str) -> None:
        """Take samples without waiting; what finds no room is counted as ``queue-full``."""
        if not self._room.is_set():
            samples = self._take_urgent_first(samples, feed)
            self.feeds[feed].reject("queue-full", len(samples))
            return
        self._accept(samples, feed)

    def reject(self, reason: str, feed: str, count: int = 1) -> None:
        """Count messages that hold no sample that could be read."""
        self.feeds[feed].reject(reason, count)

    def set_available(self, feed: str, available: bool) -> None:
        """Say that a feed is lost or back: its points that report on change only go stale meanwhile."""
        self.latest.available[list(self.served[feed])] = available

    def show(self) -> None:
        """Hand to ``latest`` and the listeners what came in since the last time."""
        self._unshown.clear()
        if self._shown == len(self._point):
            return
        readings, self._shown = self._queued(self._shown), len(self._point)
        self.latest.update(readings)
        for listener in self._listeners:
            try:
                listener(readings)
            except Exception:  # storing and the other listeners go on
                log.exception("A listener to readings broke")

    async def run(self) -> None:
        """Show and store what comes in until cancelled; then store what is left."""
        loop = asyncio.get_running_loop()
        showing = asyncio.create_task(self._show_on(), name="show")
        with ThreadPoolExecutor(1, "store") as thread, ThreadPoolExecutor(1, "keepers") as keeping:
            try:
                while True:
                    await self._wake.wait()
                    await asyncio.sleep(self._window_s)
                    await self._store_batch(loop, thread, keeping)
            except asyncio.CancelledError:
                if self._point:
                    readings, done = self._cut()
                    self._book(
                        len(readings), await loop.run_in_executor(thread, self._save, readings, keeping)
                    )
                    _finish(done)
                raise
            finally:
                showing.cancel()

    async def _show_on(self) -> None:
        while True:
            await self._unshown.wait()
            await asyncio.sleep(SHOW_S)
            self.show()

    async def _store_batch(
        self, loop: asyncio.AbstractEventLoop, thread: ThreadPoolExecutor, keeping: ThreadPoolExecutor
    ) -> None:
        self.show()
        readings, done = self._cut()
        storing = asyncio.ensure_future(loop.run_in_executor(thread, self._save, readings, keeping))
        while True:
            try:
                appended = await asyncio.shield(storing)
                break
            except asyncio.CancelledError:
                # Leaving: what was cut is stored first.
                appended = await storing
                self._book(len(readings), appended)
                _finish(done)
                raise
            except (SensorError, sqlite3.Error, OSError) as error:
                if self.trouble is None:
                    log.error("The store takes nothing: %s", error)
                self.trouble = str(error)
                await asyncio.sleep(RETRY_S)
                storing = asyncio.ensure_future(loop.run_in_executor(thread, self._save, readings, keeping))
        if self.trouble is not None:
            log.warning("The store takes readings again")
            self.trouble = None
        self._book(len(readings), appended)
        _finish(done)

    def _save(self, readings: Readings, keeping: ThreadPoolExecutor) -> Appended:
        """Store a batch and hand it to the keepers, side by side: both wait for the disk."""
        handed = []
        if readings is not self._kept:  # not again when storing is tried again
            self._kept = readings
            handed = [keeping.submit(keeper, readings) for keeper in self._keepers]
        try:
            return self.store.append(readings)
        finally:
            for each in handed:
                each.result()

    def _book(self, count: int, appended: Appended) -> None:
        stored, replaced, duplicates = appended
        self.stored.stored += stored
        self.stored.replaced += replaced
        self.stored.duplicates += duplicates
        self.stored.pending -= count
        if self.stored.pending < self._queue_limit:
            self._room.set()

    def _take_urgent_first(self, samples: Sequence[Sample], feed: str) -> Sequence[Sample]:
        urgent: list[Sample] = []
        others: list[Sample] = []
        for sample in samples:
            row = self.points.row_of.get(sample.point)
            (urgent if row is not None and self.points[row].urgent else others).append(sample)
        if urgent:
            self._accept(urgent, feed)
        return others

    def _accept(self, samples: Iterable[Sample], feed: str) -> int:
        """Check, convert and queue samples; the number accepted."""
        counters, served = self.feeds[feed], self.served[feed]
        arrival_us = now_us()
        row_of, checks, stamped = self.points.row_of, self._checks, self._stamped
        before = len(self._point)
        urgent: list[int] = []
        for point, value, time_us, unit, quality in samples:
            row = row_of.get(point)
            if row is None:
                counters.reject("unknown-point")
                self.unknown.note(point)
                continue
            own_unit, minimum, maximum, states, is_urgent = checks[row]
            try:
                number = value if value.__class__ is float else _number_of(value, states, quality)
                if unit is not None and unit != own_unit:
                    scale, offset = conversion(unit, own_unit)
                    number = number * scale + offset
            except SensorError as error:
                counters.reject(error.code)
                continue
            except ValueError:
                counters.reject("not-a-number")
                continue
            if not minimum <= number <= maximum:
                if quality < Quality.BAD:
                    counters.reject("out-of-range" if number == number else "not-a-number")
                    continue
                number = float("nan")
            if time_us is None or not EARLIEST_US <= time_us <= arrival_us + MAX_AHEAD_US:
                if time_us is not None:
                    counters.restamped += 1
                    quality = max(quality, Quality.UNCERTAIN)
                # Two of one point in one message must not fall on one moment, nor may a clock of ours that is
                # set back a little make the new ones older than the last.
                ahead_us = stamped[row] - arrival_us
                time_us = stamped[row] + 1 if 0 <= ahead_us < MAX_AHEAD_US else arrival_us
                stamped[row] = time_us
            self._point.append(row)
            self._time_us.append(time_us)
            self._value.append(number)
            self._quality.append(quality)
            served.add(row)
            if is_urgent:
                urgent.append(len(self._point) - 1)
        accepted = len(self._point) - before
        if not accepted:
            return 0
        self._arrival_us.extend([arrival_us] * accepted)
        counters.received += accepted
        counters.accepted += accepted
        self.stored.pending += accepted
        if self.stored.pending >= self._queue_limit:
            self._room.clear()
        if urgent:
            self._tell_urgent(urgent)
        self._wake.set()
        self._unshown.set()
        return accepted

    def _tell_urgent(self, positions: list[int]) -> None:
        readings = readings_of(
            [self._point[i] for i in positions],
            [self._time_us[i] for i in positions],
            [self._arrival_us[i] for i in positions],
            [self._value[i] for i in positions],
            [self._quality[i] for i in positions],
        )
        for listener in self._urgent_listeners:
            listener(readings)

    def _queued(self, begin: int) -> Readings:
        return readings_of(
            self._point[begin:],
            self._time_us[begin:],
            self._arrival_us[begin:],
            self._value[begin:],
            self._quality[begin:],
        )

    def _cut(self) -> tuple[Readings, asyncio.Future[None] | None]:
        readings = self._queued(0)
        done, self._done = self._done, None
        self._empty_columns()
        self._wake.clear()
        return readings, done

    def _empty_columns(self) -> None:
        self._point: list[int] = []
        self._time_us: list[int] = []
        self._arrival_us: list[int] = []
        self._value: list[float] = []
        self._quality: list[int] = []
        self._shown = 0


def _check_of(point: Point) -> tuple[str, float, float, dict[str, float], bool]:
    """(unit, minimum, maximum, states, urgent); the bounds are finite, so that no infinity passes."""
    largest = sys.float_info.max
    return (
        point.unit,
        max(point.minimum, -largest),
        min(point.maximum, largest),
        {word.casefold(): value for word, value in {**_WORDS, **point.states}.items()},
        point.urgent,
    )


_WORDS = {"true": 1.0, "false": 0.0, "on": 1.0, "off": 0.0}


def _number_of(value: object, states: dict[str, float], quality: int) -> float:
    """A number from what a device writes.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool | int):
        try:
            return float(value)
        except OverflowError:
            raise ValueError("too large") from None
    if isinstance(value, str):
        text = value.strip()
        number = states.get(text.casefold())
        return float(text) if number is None else number
    if value is None and quality >= Quality.BAD:
        return float("nan")
    raise ValueError("no number")


def _finish(done: asyncio.Future[None] | None) -> None:
    if done is not None and not done.done():
        done.set_result(None)
