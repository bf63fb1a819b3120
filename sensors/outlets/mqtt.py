"""Sending to an MQTT broker: a message for each alarm, aggregate and reading, all of QoS 1.

Below the base topic: ``alarms``, ``aggregates/ID``, ``readings/POINT``. A payload is a JSON object whose
``id`` is the same whenever it is sent again. A batch counts as sent once the broker has answered for all of
it; one that was cut off is sent again as a whole, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator

from sensors.errors import SensorError
from sensors.mqtt.connection import BrokerSettings, MqttConnection, MqttLostError, MqttRefusedError
from sensors.mqtt.connection import open_connection as open_broker
from sensors.outlets.bodies import json_bytes, readings_in
from sensors.outlets.contract import AwayError, Subject
from sensors.outlets.outbox import Item, Refused
from sensors.points import PointTable
from sensors.readings import to_iso

SILENCE_S = 30.0  # without an answer to what was published
# What a topic's level cannot hold (MQTT 5, 4.7); the payload has the id as it is.
_NOT_IN_TOPICS = str.maketrans({"+": "_", "#": "_", "\0": "_"})
MAX_TOPIC_BYTES = 65_535


class MqttTransport:
    """Publishes. See :class:`sensors.outlets.contract.Transport`."""

    items = 500
    messages = 500

    def __init__(self, broker: BrokerSettings, topic: str, points: PointTable) -> None:
        self.broker, self.topic, self.points = broker, topic.strip("/"), points
        self._connection: MqttConnection | None = None
        self._pump: asyncio.Task[None] | None = None

    async def send(self, subject: Subject, items: list[Item]) -> list[Refused]:
        """Publish the messages of some items; those of which the broker refused some."""
        messages = [(item, *message) for item in items for message in self._of(subject, item)]
        connection = await self._connected()
        try:
            async with asyncio.timeout(SILENCE_S):
                results = await asyncio.gather(
                    *(connection.publish(topic, payload) for _, topic, payload in messages),
                    return_exceptions=True,
                )
        except TimeoutError:
            await self.close()
            raise AwayError("the broker does not answer") from None
        counts: dict[int, int] = {}
        why: dict[int, str] = {}
        for (item, _, _), result in zip(messages, results, strict=True):
            if isinstance(result, MqttRefusedError) and result.for_good:
                counts[item.number] = counts.get(item.number, 0) + 1
                why[item.number] = str(result)
            elif isinstance(result, OSError):
                await self.close()
                raise AwayError(str(result))
            elif isinstance(result, BaseException):
                raise result
        return [
            Refused(item, counts[item.number], why[item.number]) for item in items if item.number in counts
        ]

    async def close(self) -> None:
        """End the connection."""
        connection, pump = self._connection, self._pump
        self._connection = self._pump = None
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        if connection is not None:
            await connection.close()

    async def _connected(self) -> MqttConnection:
        if self._pump is not None and self._pump.done():
            await self.close()
        if self._connection is None:
            try:
                self._connection = await open_broker(self.broker)
            except (MqttLostError, SensorError) as error:
                raise AwayError(str(error)) from None
            self._pump = asyncio.create_task(_hear(self._connection))
        return self._connection

    def _of(self, subject: Subject, item: Item) -> Iterator[tuple[str, bytes]]:
        """(topic, payload) of the messages of an item."""
        if subject is Subject.READINGS:
            for told in readings_in(item):
                row = self.points.row_of.get(told.point)
                body = {
                    "id": told.id,
                    "point": told.point,
                    "time": to_iso(told.time_us),
                    "value": told.value,
                    "unit": None if row is None else self.points[row].unit,
                    "quality": told.quality.name.lower(),
                }
                yield self._topic(f"readings/{told.point}"), json_bytes(body)
        elif subject is Subject.AGGREGATES:
            yield self._topic(f"aggregates/{json.loads(item.body)['aggregate']}"), item.body
        else:
            yield self._topic("alarms"), item.body

    def _topic(self, below: str) -> str:
        topic = f"{self.topic}/{below}".translate(_NOT_IN_TOPICS)
        return topic.encode()[:MAX_TOPIC_BYTES].decode("utf-8", "ignore")


async def _hear(connection: MqttConnection) -> None:
    """Take the broker's answers until the connection is lost, which whoever publishes is told."""
    with contextlib.suppress(MqttLostError):
        while True:
            await connection.receive()
