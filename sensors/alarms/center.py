"""The alarm desk: readings in, alarms out to listeners at once and to the record right after."""

from __future__ import annotations

import asyncio
import logging
import math
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sensors.alarms.alarm import Alarm, Change, Shelf
from sensors.alarms.log import AlarmLog
from sensors.alarms.monitors import Monitor
from sensors.alarms.rules import AlarmRule
from sensors.errors import SensorError
from sensors.latest import Latest, State
from sensors.points import PointTable
from sensors.readings import Quality, Readings, now_us
from sensors.text import Text

log = logging.getLogger(__name__)

Listener = Callable[[Alarm, str], None]  # the alarm, and what happened: raised, acknowledged, cleared
TICK_S = 1.0


class AlarmCenter:
    """Runs on one event loop. Alarms that were open at the last stop are open again at the start."""

    def __init__(
        self, rules: Sequence[AlarmRule], points: PointTable, latest: Latest, record: AlarmLog
    ) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self._points, self._latest, self._record = points, latest, record
        self._listeners: list[Listener] = []
        self._by_row: dict[int, list[Monitor]] = {}
        self._monitors: list[Monitor] = []
        for rule in rules:
            for row in rule.rows(points) if rule.expression is None else [-1]:
                monitor = Monitor(rule, row)
                self._monitors.append(monitor)
                if rule.simulated is None:
                    self._by_row.setdefault(row, []).append(monitor)
        self._variables = {rule.id: self._rows_of(rule) for rule in rules if rule.expression is not None}
        self._open = {alarm.id: alarm for alarm in record.open_alarms()}
        self._active = {(a.rule, a.point): a.id for a in self._open.values() if not a.cleared_us}
        for monitor in self._monitors:
            # What was raised before the stop is cleared by readings, not by the restart.
            monitor.holds = (monitor.rule.id, self._name(monitor.row)) in self._active
        self._shelves = {(shelf.rule, shelf.point): shelf for shelf in record.shelves(now_us())}
        self._unwritten: list[Change] = []
        self._keepers: list[Callable[[Sequence[Change]], None]] = []
        self._wake = asyncio.Event()
        self._started_s = time.monotonic()

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with every change of every alarm that is not shelved."""
        self._listeners.append(listener)

    def keep(self, keeper: Callable[[Sequence[Change]], None]) -> None:
        """Call ``keeper`` with changes before they are recorded, in the record's thread; it raises nothing.

        A record that fails is tried again, and its keepers are called again.
        """
        self._keepers.append(keeper)

    def read(self, readings: Readings) -> None:
        """Judge a batch. A reading that was judged already (an urgent one) changes nothing."""
        if not self._by_row:
            return
        for row, time_us, arrival_us, value, quality in zip(
            readings.point.tolist(), readings.time_us.tolist(), readings.arrival_us.tolist(),
            readings.value.tolist(), readings.quality.tolist(), strict=True,
        ):  # fmt: skip
            monitors = self._by_row.get(row)
            if monitors is None or quality == Quality.BAD:
                continue
            for monitor in monitors:
                was = monitor.holds
                monitor.read(time_us, value, arrival_us)
                if monitor.holds or was:
                    self._judge(monitor, max(time_us, monitor.last_us))

    def tell(self, simulated: str, row: int, holds: bool, value: float) -> None:
        """Take in what a simulation says of a point; until it says something else, that stands.

        Args:
            simulated: what it speaks of, as rules name it.
            row: of the point.
            holds: whether it is so.
            value: of the point, NaN for none.
        """
        at_us = now_us()
        for monitor in self._monitors:
            if monitor.rule.simulated == simulated and monitor.row == row:
                if holds and not monitor.holds:
                    monitor.since_us = at_us
                monitor.holds, monitor.value = holds, value
                self._judge(monitor, at_us)

    def tick(self) -> None:
        """Judge what depends on the clock: absence, stuck values, delays and expressions."""
        at_us = now_us()
        ages = self._latest.age_s()
        listened_s = time.monotonic() - self._started_s
        states = self._latest.states()
        for monitor in self._monitors:
            if monitor.row < 0:
                rows = self._variables[monitor.rule.id]
                if all(states[row] == State.FRESH for row in rows.values()):
                    assert monitor.rule.expression is not None
                    holds = monitor.rule.expression(
                        {name: float(self._latest.value[row]) for name, row in rows.items()}
                    )
                    if holds and not monitor.holds:
                        monitor.since_us = at_us
                    monitor.holds = holds
            else:
                # Silence while nobody listened raises nothing.
                age_s = float(ages[monitor.row])
                monitor.tick(at_us, age_s if monitor.holds else min(age_s, listened_s))
            self._judge(monitor, at_us)

    async def run(self) -> None:
        """Tick each second and write the record, until cancelled; then write what is left."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "alarms") as thread:
            try:
                while True:
                    try:
                        async with asyncio.timeout(TICK_S):
                            await self._wake.wait()
                    except TimeoutError:
                        self.tick()
                    self._wake.clear()
                    await self._write(loop, thread)
            finally:
                if self._unwritten:
                    self._save(self._unwritten)

    async def _write(self, loop: asyncio.AbstractEventLoop, thread: ThreadPoolExecutor) -> None:
        batch, self._unwritten = self._unwritten, []
        if not batch:
            return
        writing = asyncio.ensure_future(loop.run_in_executor(thread, self._save, batch))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing  # leaving: what was begun is written first
            raise
        except Exception as error:  # noqa: BLE001 - a full disk must not silence the alarms
            log.error("Alarms could not be recorded, to be tried again: %s", error)
            self._unwritten = batch + self._unwritten

    def _save(self, batch: list[Change]) -> None:
        for keeper in self._keepers:
            keeper(batch)
        self._record.write(batch)

    def open_alarms(self) -> list[Alarm]:
        """Alarms that somebody has to see or mend, the gravest and newest first."""
        return sorted(self._open.values(), key=lambda alarm: (-alarm.severity, -alarm.raised_us))

    def acknowledge(self, alarm_id: str, who: str, note: str = "") -> Alarm:
        """Somebody has seen an alarm.

        Raises:
            SensorError: there is no such open alarm, or it was acknowledged already.
        """
        alarm = self._open.get(alarm_id)
        if alarm is None or alarm.acknowledged_us:
            raise SensorError(
                "no-such-alarm" if alarm is None else "already-acknowledged",
                alarm_id,
                Text("There is no open alarm to acknowledge.", "没有可确认的报警。"),
                Text("Reload the list of alarms.", "请刷新报警列表。"),
            )
        at_us = now_us()
        return self._change(
            replace(alarm, acknowledged_us=at_us, acknowledged_by=who), at_us, "acknowledged", who, note
        )

    def shelve(self, rule: str, point: str, until_us: int, who: str, reason: str) -> Shelf:
        """Keep a rule quiet on a point (on all with ``""``) for a time. Emergencies cannot be shelved.

        Raises:
            SensorError: no such rule, or one of emergencies.
        """
        found = self.rules.get(rule)
        if found is None or found.severity == max(type(found.severity)):
            raise SensorError(
                "no-such-rule" if found is None else "emergency-not-shelved",
                rule,
                Text("This rule cannot be shelved.", "该规则不能搁置。"),
                Text("Name a rule below emergency.", "请指定非紧急级别的规则。"),
            )
        shelf = Shelf(rule, point, until_us, who, reason)
        self._record.shelve(shelf, now_us())
        self._shelves[(rule, point)] = shelf
        return shelf

    def shelves(self) -> list[Shelf]:
        """Shelves that have not ended."""
        at_us = now_us()
        return [shelf for shelf in self._shelves.values() if shelf.until_us > at_us]

    def _judge(self, monitor: Monitor, at_us: int) -> None:
        key = (monitor.rule.id, self._name(monitor.row))
        active = self._active.get(key)
        if active is None and monitor.due(at_us):
            moment_us = now_us()
            alarm = Alarm(
                id=uuid.uuid4().hex,
                rule=key[0],
                point=key[1],
                severity=monitor.rule.severity,
                value=monitor.value if monitor.row >= 0 else math.nan,
                raised_us=moment_us,
                shelved=self._is_shelved(key, moment_us),
            )
            self._active[key] = alarm.id
            self._change(alarm, moment_us, "raised", "", "")
        elif active is not None and not monitor.holds:
            del self._active[key]
            moment_us = now_us()
            self._change(replace(self._open[active], cleared_us=moment_us), moment_us, "cleared", "", "")

    def _change(self, alarm: Alarm, at_us: int, what: str, who: str, note: str) -> Alarm:
        if alarm.open:
            self._open[alarm.id] = alarm
        else:
            self._open.pop(alarm.id, None)
        if not alarm.shelved:
            for listener in self._listeners:
                listener(alarm, what)
        self._unwritten.append((alarm, at_us, what, who, note))
        self._wake.set()
        return alarm

    def _is_shelved(self, key: tuple[str, str], at_us: int) -> bool:
        shelves = (self._shelves.get(key), self._shelves.get((key[0], "")))
        return any(shelf is not None and shelf.until_us > at_us for shelf in shelves)

    def _name(self, row: int) -> str:
        return "" if row < 0 else self._points[row].id

    def _rows_of(self, rule: AlarmRule) -> dict[str, int]:
        missing = [point for point in rule.variables.values() if point not in self._points.row_of]
        if missing:
            raise SensorError(
                "unknown-point",
                rule.id,
                Text(
                    f"The expression names {missing[0]!r}, which is no point.",
                    f"表达式引用了未知测点 {missing[0]!r}。",
                ),
                Text("Correct the alarm rules.", "请更正报警规则。"),
            )
        return {name: self._points.row_of[point] for name, point in rule.variables.items()}
