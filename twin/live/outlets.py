"""From [[outlets]] of twin.toml to what is queued for other systems, under the rules of privacy.

Alarms of a home are told only when they call for help, and without their value. Readings are handed on of
points of the stated privacy class or a wider one that belong to no household; of homes only the hourly means
that everybody may see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from sensors.alarms.alarm import Alarm, Change
from sensors.alarms.rules import Severity
from sensors.outlets.bodies import json_bytes, readings_body
from sensors.outlets.contract import Outlet, Subject, Transport
from sensors.outlets.http import WebhookTransport
from sensors.outlets.mqtt import MqttTransport
from sensors.outlets.outbox import Outbox, Queue
from sensors.outlets.sensorthings import SensorThingsTransport
from sensors.points import Point, PointTable, Privacy
from sensors.readings import Quality, Readings, now_us, to_iso
from sensors.store.contract import HOUR_US
from twin.errors import TwinError
from twin.live.aggregates import Aggregates
from twin.live.feeds import Resolve, broker_of
from twin.live.sections import MqttOutletSection, OutletSection, SensorThingsSection, WebhookSection

AGGREGATES_AFTER_S = 900.0  # a start: brokers hand over first what was measured meanwhile
AGGREGATES_EACH_S = 60.0
TOGETHER = 500  # readings in one item at most
_TOLD = (Privacy.PUBLIC, Privacy.COMMUNITY)
_MB = 2**20


Telling = tuple[
    Queue, NDArray[np.bool_], bool
]  # (queue, whether of each point is told, whether of bad readings)


class Outlets:
    """All outlets of a live twin, and what is queued for them."""

    def __init__(
        self,
        sections: Sequence[OutletSection],
        points: PointTable,
        outbox: Outbox,
        aggregates: Aggregates,
        points_of: Callable[[Alarm], Sequence[Point]],
        resolve: Resolve,
    ) -> None:
        self.points, self.outbox, self.aggregates = points, outbox, aggregates
        self._points_of = points_of
        self.all: dict[str, Outlet] = {}
        self._readings: list[Telling] = []
        self._aggregates: list[tuple[Queue, frozenset[str]]] = []
        for section in sections:
            if section.name in self.all:
                raise TwinError(
                    "outlet-twice",
                    f"outlets.{section.name}",
                    Text("Two outlets have this name.", "有两个转发目标使用此名称。"),
                    Text("Name each outlet differently.", "请为每个转发目标取不同的名称。"),
                )
            queues = {
                subject: outbox.queue(f"{section.name}/{subject.value}", round(section.keep_mb * _MB))
                for subject in _subjects(section)
            }
            transport = _transport(section, points, resolve)
            self.all[section.name] = Outlet(section.name, section.kind, transport, queues)
            if not isinstance(section, WebhookSection):
                if Subject.READINGS in queues:
                    told = told_rows(points, section)
                    bad = not isinstance(section, SensorThingsSection)  # an Observation needs a result
                    if isinstance(section, SensorThingsSection):
                        _check_names(section, told, points, aggregates)
                    self._readings.append((queues[Subject.READINGS], told, bad))
                if Subject.AGGREGATES in queues:
                    self._aggregates.append((queues[Subject.AGGREGATES], _groups_of(section, aggregates)))

    def keep_readings(self, readings: Readings) -> None:
        """Queue a batch that was stored; a keeper of the intake."""
        queue_readings(self.outbox, self.points, self._readings, readings)

    def keep_alarms(self, changes: Sequence[Change]) -> None:
        """Queue changes of alarms before they are recorded; a keeper of the alarm center."""
        queues = [
            outlet.queues[Subject.ALARMS] for outlet in self.all.values() if Subject.ALARMS in outlet.queues
        ]
        if not queues:
            return
        entries = []
        for alarm, at_us, what, _, _ in changes:
            body = None if alarm.shelved else alarm_body(alarm, what, at_us, self._points_of(alarm))
            if body is not None:
                entries += [(queue, str(body["id"]), 1, json_bytes(body)) for queue in queues]
        if entries:
            self.outbox.put(entries)

    async def keep_aggregates(self) -> None:
        """Queue each hour of each group of households once it can be told, until cancelled."""
        if self._aggregates:
            await asyncio.sleep(AGGREGATES_AFTER_S)
        while self._aggregates:
            for queue, groups in self._aggregates:
                for group in groups:
                    await asyncio.to_thread(self._queue_hours, queue, group)
            await asyncio.sleep(AGGREGATES_EACH_S)

    def _queue_hours(self, queue: Queue, name: str) -> None:
        mark = f"{queue.name}/{name}"
        # A new outlet hears of the hours from now on, not of all that was.
        begin_us = self.outbox.mark(mark)
        if begin_us is None:
            begin_us = now_us() // HOUR_US * HOUR_US
            self.outbox.put([], [(mark, begin_us)])
        group = self.aggregates.groups[name]
        hours, means = self.aggregates.series(name, begin_us, now_us())
        entries = []
        for hour_us, mean in zip(hours, means, strict=True):
            body = {
                "id": f"{name}-{hour_us // HOUR_US}",
                "aggregate": name,
                "quantity": group.quantity,
                "unit": group.unit,
                "begin": to_iso(hour_us),
                "mean": mean,
                "households": group.households,
            }
            entries.append((queue, str(body["id"]), 1, json_bytes(body)))
        if entries:
            self.outbox.put(entries, [(mark, hours[-1] + HOUR_US)])


def queue_readings(
    outbox: Outbox, points: PointTable, tellings: Sequence[Telling], readings: Readings
) -> None:
    """Queue what outlets are told of a batch, in one write."""
    entries = []
    for queue, told, bad in tellings:
        rows = np.flatnonzero(told[readings.point] & (bad | (readings.quality < Quality.BAD)))
        for first in range(0, len(rows), TOGETHER):
            part = rows[first : first + TOGETHER]
            entries.append((queue, None, len(part), readings_body(points, readings, part)))
    if entries:
        outbox.put(entries)


def told_rows(points: PointTable, section: MqttOutletSection | SensorThingsSection) -> NDArray[np.bool_]:
    """The points whose readings an outlet may hand on and is asked to, shape (P,)."""
    allowed = _TOLD if section.privacy == "community" else (Privacy.PUBLIC,)

    def named(point: Point) -> bool:
        if isinstance(section, SensorThingsSection):
            return point.id in section.datastreams
        return any(fnmatchcase(point.id, glob) for glob in section.points)

    told = [point.privacy in allowed and not point.household and named(point) for point in points]
    return np.array(told, np.bool_)


def alarm_body(alarm: Alarm, what: str, at_us: int, points: Sequence[Point]) -> Mapping[str, object] | None:
    """What is told of a change of an alarm, None for nothing.

    Of a home only a call for help is told, without its value.
    """
    told = bool(points) and all(point.privacy in _TOLD for point in points)
    if not told and alarm.severity is not Severity.EMERGENCY:
        return None
    return {
        "id": f"{alarm.id}-{what}",
        "alarm": alarm.id,
        "what": what,
        "time": to_iso(at_us),
        "rule": alarm.rule,
        "severity": alarm.severity.name.lower(),
        "point": alarm.point,
        "household": next((point.household for point in points if point.household), ""),
        "value": alarm.value if told and alarm.value == alarm.value else None,
        "state": alarm.state.value,
        "raised": to_iso(alarm.raised_us),
    }


def _subjects(section: OutletSection) -> Sequence[Subject]:
    if isinstance(section, WebhookSection):
        return (Subject.ALARMS,)
    if isinstance(section, SensorThingsSection):
        return (Subject.READINGS, Subject.AGGREGATES)
    return tuple(Subject(name) for name in section.sends)


def _transport(section: OutletSection, points: PointTable, resolve: Resolve) -> Transport:
    if isinstance(section, WebhookSection):
        return WebhookTransport(section.url, section.token_env)
    if isinstance(section, SensorThingsSection):
        return SensorThingsTransport(section.url, section.datastreams, section.token_env)
    broker = broker_of(section, resolve, section.client_id or f"greentwin-{section.name}", persistent=False)
    return MqttTransport(broker, section.topic, points)


def _groups_of(section: MqttOutletSection | SensorThingsSection, aggregates: Aggregates) -> frozenset[str]:
    if isinstance(section, SensorThingsSection):
        return frozenset(aggregates.groups) & frozenset(section.datastreams)
    return frozenset(aggregates.groups)


def _check_names(
    section: SensorThingsSection, told: NDArray[np.bool_], points: PointTable, groups: Aggregates
) -> None:
    """Refuse what can never be sent, lest somebody waits for it.

    Raises:
        TwinError: a name is neither a point nor a group, or a point that may not be handed on.
    """
    for name in section.datastreams:
        row = points.row_of.get(name)
        where = f"outlets.{section.name}.datastreams.{name}"
        if row is None and name not in groups.groups:
            raise TwinError(
                "unknown-point",
                where,
                Text("There is neither a point nor a group of this name.", "没有该测点或汇总组。"),
                Text("Correct the name.", "请更正名称。"),
            )
        if row is not None and not told[row]:
            raise TwinError(
                "private-point",
                where,
                Text(
                    f"The point is {points[row].privacy.value} or of a household; it is not handed on.",
                    "该测点的隐私级别不允许转发。",
                ),
                Text(
                    'Take it out; for community points set privacy = "community".',
                    '请删除；如为社区级测点，请设 privacy = "community"。',
                ),
            )
