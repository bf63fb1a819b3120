"""Sending to a SensorThings service (OGC 18-088, 1.1): readings and aggregates as Observations.

Many go in one request where the service knows CreateObservations (data arrays), else one by one, those of a
Datastream in their order. ``parameters/id`` of an Observation is the same whenever it is sent again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sensors.outlets.bodies import readings_in
from sensors.outlets.contract import AwayError, Subject
from sensors.outlets.http import REFUSALS, HttpSender
from sensors.outlets.outbox import Item
from sensors.readings import Quality, parse_time, to_iso
from sensors.store.contract import HOUR_US

AT_ONCE = 8  # Datastreams that are written to at the same time, one by one
_COMPONENTS = ["phenomenonTime", "result", "resultQuality", "parameters"]
_NO_ARRAYS = frozenset({404, 405, 501})

Datastream = int | str
Observation = dict[str, Any]


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

    async def send(self, subject: Subject, items: list[Item]) -> int:
        """Create the Observations of some items; how many the service refused."""
        read = _of_aggregates if subject is Subject.AGGREGATES else _of_readings
        streams: dict[Datastream, list[Observation]] = {}
        unnamed = 0
        for name, observation in read(items):
            stream = self.datastreams.get(name)
            if stream is None:
                unnamed += 1  # it was queued before twin.toml was changed
            else:
                streams.setdefault(stream, []).append(observation)
        if not streams:
            return unnamed
        refused = await self._as_arrays(streams) if self._arrays else None
        if refused is None:
            room = asyncio.Semaphore(AT_ONCE)
            counts = await asyncio.gather(
                *(self._one_by_one(*entry, room) for entry in streams.items()), return_exceptions=True
            )
            for count in counts:
                if isinstance(count, BaseException):
                    raise count
            refused = sum(count for count in counts if isinstance(count, int))
        return unnamed + refused

    async def close(self) -> None:
        """End the connections."""
        await self._sender.close()

    async def _as_arrays(self, streams: Mapping[Datastream, list[Observation]]) -> int | None:
        """How many were refused; None when they have to be sent one by one."""
        body = [
            {
                "Datastream": {"@iot.id": stream},
                "components": _COMPONENTS,
                "dataArray@iot.count": len(observations),
                "dataArray": [[each[name] for name in _COMPONENTS] for each in observations],
            }
            for stream, observations in streams.items()
        ]
        answer = await self._sender.post(f"{self.url}/CreateObservations", body, taken=REFUSALS | _NO_ARRAYS)
        if answer.status_code in _NO_ARRAYS:
            self._arrays = False
            return None
        if not answer.is_success:
            return None  # which of them is at fault, only single answers tell
        try:
            links = answer.json()
        except ValueError:
            raise AwayError("the answer to CreateObservations is no JSON") from None
        return sum(link == "error" for link in links) if isinstance(links, list) else 0

    async def _one_by_one(
        self, stream: Datastream, observations: Iterable[Observation], room: asyncio.Semaphore
    ) -> int:
        id_ = stream if isinstance(stream, int) else "'" + stream.replace("'", "''") + "'"
        refused = 0
        async with room:
            for observation in observations:
                url = f"{self.url}/Datastreams({id_})/Observations"
                answer = await self._sender.post(url, observation, observation["parameters"]["id"])
                refused += not answer.is_success
        return refused


def _of_readings(items: list[Item]) -> Iterable[tuple[str, Observation]]:
    for item in items:
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


def _of_aggregates(items: list[Item]) -> Iterable[tuple[str, Observation]]:
    for item in items:
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
