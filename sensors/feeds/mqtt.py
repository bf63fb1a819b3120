"""Readings from an MQTT broker.

A message of QoS 1 or 2 is acknowledged only once its readings are stored. With the persistent session that is
the default, a kill of this side loses nothing that the broker has accepted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from sensors.feeds.contract import FeedLostError, Sink
from sensors.feeds.payloads import JsonMapping, MalformedError, TopicRule, json_samples, plain_samples
from sensors.feeds.sparkplug import SparkplugDecoder
from sensors.mqtt.connection import BrokerSettings, MqttConnection, MqttLostError, open_connection
from sensors.mqtt.packets import Message
from sensors.readings import Sample

MAX_AT_ONCE = 64  # reads of the socket on their way to the store; then the socket is left unread
MAX_TOPICS = 100_000  # whose point ids are remembered


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """What is subscribed and how it is read.

    ``topics`` may hold wildcards and shared subscriptions (``$share/group/topic``).
    """

    topics: tuple[str, ...]
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    qos: Literal[0, 1, 2] = 1
    payload: Literal["json", "plain", "sparkplug"] = "json"
    point: TopicRule = field(default_factory=TopicRule)
    json: JsonMapping = field(default_factory=JsonMapping)


class MqttFeed:
    """Readings from a broker. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: MqttSettings) -> None:
        self.name = name
        self.settings = settings
        self._sparkplug = SparkplugDecoder()
        self._point_of: dict[str, str] = {}

    async def run(self, sink: Sink) -> None:
        """Connect, subscribe and deliver until the connection is lost."""
        broker = self.settings.broker
        try:
            connection = await open_connection(broker)
        except MqttLostError as error:
            raise FeedLostError(f"mqtt://{broker.host}:{broker.port}", str(error)) from None
        sending: set[asyncio.Task[None]] = set()
        room = asyncio.Semaphore(MAX_AT_ONCE)
        try:
            await connection.subscribe(self.settings.topics, self.settings.qos)
            sink.up()
            while True:
                messages = await connection.receive()
                await room.acquire()
                task = asyncio.create_task(self._deliver(messages, sink, connection, room))
                sending.add(task)
                task.add_done_callback(sending.discard)
        except (MqttLostError, TimeoutError) as error:
            raise FeedLostError(f"mqtt://{broker.host}:{broker.port}", str(error) or "no answer") from None
        finally:
            for task in sending:
                task.cancel()
            await connection.close()

    async def _deliver(
        self, messages: list[Message], sink: Sink, connection: MqttConnection, room: asyncio.Semaphore
    ) -> None:
        try:
            samples = self._samples(messages, sink)
            if samples:
                await sink.deliver(samples)
            connection.acknowledge(messages)
        finally:
            room.release()

    def _samples(self, messages: list[Message], sink: Sink) -> list[Sample]:
        samples: list[Sample] = []
        for message in messages:
            try:
                found = self._decode(message.topic, message.payload)
            except MalformedError as error:
                sink.reject(str(error))
                continue
            if message.retain:
                # A retained value may be days old: without its own time it must not pass for a fresh one.
                timed = [sample for sample in found if sample.time_us is not None]
                if len(timed) < len(found):
                    sink.reject("retained-without-time", len(found) - len(timed))
                found = timed
            samples += found
        return samples

    def _decode(self, topic: str, payload: bytes) -> list[Sample]:
        if self.settings.payload == "sparkplug":
            return self._sparkplug(topic, payload)
        point = self._point_of.get(topic)
        if point is None:
            point = self.settings.point.point_of(topic)
            if len(self._point_of) < MAX_TOPICS:
                self._point_of[topic] = point
        if self.settings.payload == "plain":
            return plain_samples(point, payload)
        return json_samples(point, payload, self.settings.json)
