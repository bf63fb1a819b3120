"""Sending to a SensorThings service (OGC 18-088, 1.1): readings and aggregates as Observations.

Many go in one request where the service knows CreateObservations (data arrays), else one by one, those of a
Datastream in their order. ``parameters/id`` of an Observation is the same whenever it is sent again.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sensors.outlets.bodies import readings_in
from sensors.outlets.contract import AwayError, Subject
from sensors.outlets.http import REFUSALS, HttpSender, told_by
from sensors.outlets.outbox import Item, Refused
from sensors.readings import Quality, parse_time, to_iso
from sensors.store.contract import HOUR_US

AT_ONCE = 8  # Datastreams that are written to at the same time, one by one
_COMPONENTS = ["phenomenonTime", "result", "resultQuality", "parameters"]
_NO_ARRAYS = frozenset({404, 405, 501})

Datastream = int | str
Observation = dict[str, Any]
Told = tuple[Item, Observation]


class SensorThingsTransport:
    """Creates Observations. See :class:`sensors.outlets.contract.Transport`.

    ``datastreams`` names the Datastream of the service for each point and aggregate that is sent.
    """

    items = 500
    messages = 1000

    def __init__(self, url: str, datastreams: Mapping[str, Datastream], token_env: str = "") -> None:
        self.url, self.datastreams = url.rstrip("/"), datastreams
        self._sender = HttpSender(token_env)
        self._arrays = True  # until the service says that it knows none

    async def send(self, subject: Subject, items: list[Item]) -> list[Refused]:
        """Create the Observations of some items; those of which the service refused some."""
        read = _of_aggregates if subject is Subject.AGGREGATES else _of_readings
        streams: dict[Datastream, list[Told]] = {}
        faults = _Faults()
        for item in items:
            for name, observation in read(item):
                stream = self.datastreams.get(name)
                if stream is None:  # it was queued before twin.toml was changed
                    faults.note(item, f"twin.toml names no Datastream of {name}")
                else:
                    streams.setdefault(stream, []).append((item, observation))
        if streams and not (self._arrays and await self._as_arrays(streams, faults)):
            room = asyncio.Semaphore(AT_ONCE)
            ends = await asyncio.gather(
                *(self._one_by_one(*entry, room, faults) for entry in streams.items()), return_exceptions=True
            )
            for end in ends:
                if isinstance(end, BaseException):
                    raise end
        return faults.of(items)

    async def close(self) -> None:
        """End the connections."""
        await self._sender.close()

    async def _as_arrays(self, streams: Mapping[Datastream, list[Told]], faults: _Faults) -> bool:
        """Create all in one request; False when they have to be sent one by one."""
        body = [
            {
                "Datastream": {"@iot.id": stream},
                "components": _COMPONENTS,
                "dataArray@iot.count": len(told),
                "dataArray": [[observation[name] for name in _COMPONENTS] for _, observation in told],
            }
            for stream, told in streams.items()
        ]
        answer = await self._sender.post(f"{self.url}/CreateObservations", body, taken=REFUSALS | _NO_ARRAYS)
        if answer.status_code in _NO_ARRAYS:
            self._arrays = False
            return False
        if not answer.is_success:
            return False  # which of them is at fault, only single answers tell
        try:
            links = answer.json()
        except ValueError:
            raise AwayError("the answer to CreateObservations is no JSON") from None
        flat = [item for told in streams.values() for item, _ in told]
        for item, link in zip(flat, links if isinstance(links, list) else (), strict=False):
            if link == "error":
                faults.note(item, "CreateObservations answers error")
        return True

    async def _one_by_one(
        self, stream: Datastream, told: Iterable[Told], room: asyncio.Semaphore, faults: _Faults
    ) -> None:
        id_ = stream if isinstance(stream, int) else "'" + stream.replace("'", "''") + "'"
        async with room:
            for item, observation in told:
                url = f"{self.url}/Datastreams({id_})/Observations"
                answer = await self._sender.post(url, observation, observation["parameters"]["id"])
                if not answer.is_success:
                    faults.note(item, told_by(answer))


class _Faults:
    """Messages that were refused, by item."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._why: dict[int, str] = {}

    def note(self, item: Item, why: str) -> None:
        """One more message of an item."""
        self._counts[item.number] += 1
        self._why[item.number] = why

    def of(self, items: Iterable[Item]) -> list[Refused]:
        """The items with a fault."""
        return [
            Refused(item, self._counts[item.number], self._why[item.number])
            for item in items
            if item.number in self._why
        ]


def _of_readings(item: Item) -> Iterable[tuple[str, Observation]]:
    for told in readings_in(item):
        yield (
            told.point,
            {
                "phenomenonTime": to_iso(told.time_us),
                "result": told.value,
                "resultQuality": _quality(told.quality),
                "parameters": {"id": told.id},
            },
        )


def _of_aggregates(item: Item) -> Iterable[tuple[str, Observation]]:
    body = json.loads(item.body)
    begin_us = parse_time(body["begin"])
    yield (
        body["aggregate"],
        {
            "phenomenonTime": f"{to_iso(begin_us)}/{to_iso(begin_us + HOUR_US)}",
            "result": body["mean"],
            "resultQuality": _quality(Quality.GOOD),
            "parameters": {"id": item.id, "households": body["households"]},
        },
    )


def _quality(quality: Quality) -> dict[str, str]:
    return {"quality": quality.name.lower()}
