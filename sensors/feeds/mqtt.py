"""MQTT 3.1.1 and 5 (extra ``mqtt``).

Paho is used directly, its network loop in a thread of its own: it takes in twice what asyncio wrappers do,
and lets us acknowledge a message (QoS 1, 2) only once its readings are stored. With the persistent session
that is the default, a kill of this side loses nothing that the broker has accepted.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sensors.errors import SensorError, missing_extra
from sensors.feeds.contract import FeedLostError, Sink
from sensors.feeds.payloads import JsonMapping, MalformedError, TopicRule, json_samples, plain_samples
from sensors.feeds.sparkplug import SparkplugDecoder
from sensors.readings import Sample
from sensors.text import Text

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

MAX_BACKLOG = 20_000  # messages read from the socket and not yet taken; then the socket is left unread
MAX_AT_ONCE = 64  # batches on their way to the store
SESSION_S = 7 * 86_400
CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """How a broker is reached and what is subscribed.

    ``topics`` may hold wildcards and shared subscriptions (``$share/group/topic``). The password is read from
    the environment variable ``password_env``. ``tls`` verifies the broker against ``ca`` or the system's
    authorities.
    """

    topics: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 1883
    version: Literal["3.1.1", "5"] = "5"
    qos: Literal[0, 1, 2] = 1
    client_id: str = "greentwin"
    persistent: bool = True
    username: str = ""
    password_env: str = ""
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""
    payload: Literal["json", "plain", "sparkplug"] = "json"
    point: TopicRule = field(default_factory=TopicRule)
    json: JsonMapping = field(default_factory=JsonMapping)
    keepalive_s: int = 30


class MqttFeed:
    """Readings from a broker. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: MqttSettings) -> None:
        self.name = name
        self.settings = settings
        self._sparkplug = SparkplugDecoder()
        self._point_of: dict[str, str] = {}

    async def run(self, sink: Sink) -> None:
        """Connect, subscribe and deliver until the connection is lost."""
        session = _Session(self.settings, asyncio.get_running_loop())
        sending: set[asyncio.Task[None]] = set()
        room = asyncio.Semaphore(MAX_AT_ONCE)
        try:
            await session.connect()
            while True:
                messages = await session.receive(sink)
                samples = self._samples(messages, sink)
                await room.acquire()
                task = asyncio.create_task(_deliver(samples, messages, sink, session, room))
                sending.add(task)
                task.add_done_callback(sending.discard)
        finally:
            for task in sending:
                task.cancel()
            await asyncio.to_thread(session.close)

    def _samples(self, messages: list[MQTTMessage], sink: Sink) -> list[Sample]:
        samples: list[Sample] = []
        for message in messages:
            try:
                found = self._decode(message.topic, bytes(message.payload))
            except MalformedError as error:
                sink.reject(str(error))
                continue
            except UnicodeDecodeError:
                sink.reject("bad-topic")
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
            if len(self._point_of) < 100_000:
                self._point_of[topic] = point
        if self.settings.payload == "plain":
            return plain_samples(point, payload)
        return json_samples(point, payload, self.settings.json)


async def _deliver(
    samples: list[Sample], messages: list[MQTTMessage], sink: Sink, session: _Session, room: asyncio.Semaphore
) -> None:
    try:
        if samples:
            await sink.deliver(samples)
        session.acknowledge(messages)
    finally:
        room.release()


class _Session:
    """One connection, from connect to loss. The callbacks run in paho's thread."""

    def __init__(self, settings: MqttSettings, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._loop = loop
        self._client = _client(settings)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._arrived: list[MQTTMessage] = []
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._something = asyncio.Event()
        self._subscribed = asyncio.Event()
        self._lost: str | None = None
        self._closing = False

    async def connect(self) -> None:
        settings = self._settings
        try:
            await asyncio.to_thread(
                self._client.connect, settings.host, settings.port, settings.keepalive_s, **_start(settings)
            )
        except (OSError, ValueError) as error:
            raise FeedLostError(self._where, str(error) or type(error).__name__) from None
        self._client.loop_start()

    async def receive(self, sink: Sink) -> list[MQTTMessage]:
        """What has come since the last call, at least one message.

        Raises:
            FeedLostError: the connection is lost and all that came before has been returned.
        """
        while True:
            await self._something.wait()
            self._something.clear()
            if self._subscribed.is_set() and self._lost is None:
                self._subscribed.clear()
                sink.up()
            with self._lock:
                arrived, self._arrived = self._arrived, []
                self._room.notify_all()
            if arrived:
                if self._lost is not None:
                    self._something.set()
                return arrived
            if self._lost is not None:
                raise FeedLostError(self._where, self._lost)

    def acknowledge(self, messages: list[MQTTMessage]) -> None:
        for message in messages:
            if message.qos:
                self._client.ack(message.mid, message.qos)

    def close(self) -> None:
        with self._lock:
            self._closing = True
            self._arrived.clear()
            self._room.notify_all()
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def _where(self) -> str:
        return f"mqtt://{self._settings.host}:{self._settings.port}"

    def _tell(self, event: asyncio.Event) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(event.set)

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._lost = f"the broker refuses: {reason}"
            self._tell(self._something)
            return
        settings = self._settings
        qos: int = settings.qos
        client.subscribe([(topic, qos) for topic in settings.topics])

    def _on_subscribe(self, _client: Client, _data: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        refused = [
            topic for topic, reason in zip(self._settings.topics, reasons, strict=False) if reason.is_failure
        ]
        if refused:
            self._lost = f"the broker refuses the subscription of {', '.join(refused)}"
        else:
            self._tell(self._subscribed)
        self._tell(self._something)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if self._lost is None:
            self._lost = str(reason)
        self._tell(self._something)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        with self._room:
            while len(self._arrived) >= MAX_BACKLOG and not self._closing:
                self._room.wait()
            first = not self._arrived
            self._arrived.append(message)
        if first:
            self._tell(self._something)


def _client(settings: MqttSettings) -> Client:
    try:
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise missing_extra("mqtt", "paho-mqtt") from None
    five = settings.version == "5"
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=settings.client_id,
        clean_session=None if five else not settings.persistent,
        protocol=paho.MQTTv5 if five else paho.MQTTv311,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    if settings.username:
        client.username_pw_set(settings.username, _password(settings))
    if settings.tls:
        try:
            context = ssl.create_default_context(cafile=settings.ca or None)
            if settings.certificate:
                context.load_cert_chain(settings.certificate, settings.key or None)
        except OSError as error:
            raise SensorError(
                "bad-certificate",
                settings.ca or settings.certificate,
                Text(f"The certificate cannot be used: {error}.", f"证书无法使用：{error}。"),
                Text("Correct the path or the file.", "请更正路径或文件。"),
            ) from None
        client.tls_set_context(context)
    return client


def _password(settings: MqttSettings) -> str | None:
    if not settings.password_env:
        return None
    password = os.environ.get(settings.password_env)
    if password is None:
        raise SensorError(
            "password-missing",
            settings.password_env,
            Text("The environment variable is not set.", "未设置该环境变量。"),
            Text("Set it to the password of the broker.", "请将其设为代理服务器的密码。"),
        )
    return password


def _start(settings: MqttSettings) -> dict[str, Any]:
    """How a session is begun: MQTT 5 states it with every connect."""
    if settings.version != "5":
        return {}
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S if settings.persistent else 0
    # Messages wait for their acknowledgement until a batch is stored.
    properties.ReceiveMaximum = 65_535
    return {"clean_start": not settings.persistent, "properties": properties}
