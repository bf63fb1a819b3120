"""One MQTT connection, from its opening to its loss."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sensors.errors import SensorError
from sensors.mqtt import packets
from sensors.mqtt.packets import Control, Message, PacketReader, ProtocolError
from sensors.text import Text

READ_BYTES = 2**18
OPEN_S = 10.0
SESSION_S = 7 * 86_400


class MqttLostError(OSError):
    """The connection cannot be opened or is lost; the text says why."""


class MqttRefusedError(OSError):
    """The broker does not take a message (MQTT 5). ``for_good``: it never will; the text says why."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """How a broker is reached.

    The password is read from the environment variable ``password_env``. ``tls`` verifies the broker against
    ``ca`` or, without it, the system's authorities.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    version: Literal["3.1.1", "5"] = "5"
    client_id: str = "greentwin"
    persistent: bool = True
    username: str = ""
    password_env: str = ""
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""
    keepalive_s: int = 30


class MqttConnection:
    """Open with :func:`open_connection`. One task receives; any task may publish."""

    def __init__(
        self, settings: BrokerSettings, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._settings = settings
        self._version = 5 if settings.version == "5" else 4
        self._reader, self._writer = reader, writer
        self._packets = PacketReader(self._version)
        self._early: list[Message] = []  # came before the answer that was waited for
        self._unanswered: dict[int, asyncio.Future[None]] = {}
        self._next_id = 0
        self._window = asyncio.Semaphore(packets.MAX_UNANSWERED)  # as many as the broker wants unanswered
        self._gone = ""  # why nothing can be published any more
        self._heart = asyncio.create_task(self._beat())

    async def subscribe(self, topics: Sequence[str], qos: int) -> None:
        """Subscribe; shared subscriptions are ``$share/group/topic``.

        Raises:
            MqttLostError: the broker refuses, or is lost.
        """
        self._writer.write(packets.subscribe_packet(self._version, self._new_id(), topics, qos))
        with self._protocol():
            body = await self._wait_for(packets.SUBACK)
            refused = packets.suback_failures(self._version, body, topics)
        if refused:
            raise MqttLostError(f"the broker refuses the subscription of {', '.join(refused)}")

    async def receive(self) -> list[Message]:
        """The messages that came since the last call, at least one.

        Raises:
            MqttLostError: the connection is lost.
        """
        messages, self._early = self._early, []
        with self._protocol():
            while not messages:
                messages, controls = await self._read()
                for control in controls:
                    self._answer(control)
        return messages

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Say that messages of QoS 1 and 2 are in safe hands; the broker forgets them."""
        for qos, kind in ((1, packets.PUBACK), (2, packets.PUBREC)):
            ids = [message.id for message in messages if message.qos == qos]
            if ids:
                self._writer.write(packets.answer_packets(kind, ids))

    async def publish(
        self, topic: str, payload: bytes, *, qos: Literal[0, 1] = 1, retain: bool = False
    ) -> None:
        """Publish; with QoS 1 this returns once the broker has it. Some task must be receiving.

        Messages go out in the order of the calls.

        Raises:
            MqttLostError: the connection is lost; with QoS 1 the broker may have it or not.
            MqttRefusedError: the broker says that it does not take it.
        """
        if not qos:
            await self._send(topic, payload, 0, retain, 0)
            return
        async with self._window:
            packet_id = self._new_id()
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._unanswered[packet_id] = done
            try:
                await self._send(topic, payload, qos, retain, packet_id)
                await done
            finally:
                self._unanswered.pop(packet_id, None)
                if done.done() and not done.cancelled():
                    done.exception()  # told already, where the sending itself failed

    async def _send(self, topic: str, payload: bytes, qos: int, retain: bool, packet_id: int) -> None:
        if self._gone:
            raise MqttLostError(self._gone)
        message = packets.publish_packet(
            self._version, topic, payload, qos=qos, retain=retain, packet_id=packet_id
        )
        with self._protocol():
            self._writer.write(message)
            await self._writer.drain()

    async def close(self, *, politely: bool = True) -> None:
        """End the connection; the session stays with the broker when it is persistent."""
        self._heart.cancel()
        with contextlib.suppress(OSError):
            if politely:
                self._writer.write(packets.GOODBYE)
            self._writer.close()
            async with asyncio.timeout(2):
                await self._writer.wait_closed()
        self._forsake("the connection is closed")

    async def _handshake(self, password: str | None) -> None:
        settings = self._settings
        self._writer.write(
            packets.connect_packet(
                self._version,
                settings.client_id,
                settings.keepalive_s,
                clean=not settings.persistent,
                session_s=SESSION_S if settings.persistent else 0,
                username=settings.username,
                password=password,
            )
        )
        with self._protocol():
            body = await self._wait_for(packets.CONNACK)
            reason = packets.connack_reason(self._version, body)
            if reason:
                raise MqttLostError(f"the broker refuses: {reason}")
            if self._version == 5:
                self._window = asyncio.Semaphore(packets.receive_maximum(body))

    async def _wait_for(self, kind: int) -> bytes:
        """The body of the next packet of a kind; messages that come before it are kept."""
        async with asyncio.timeout(OPEN_S):
            while True:
                messages, controls = await self._read()
                self._early += messages
                for control in controls:
                    if control.kind == kind:
                        return control.body
                    self._answer(control)

    async def _read(self) -> tuple[list[Message], list[Control]]:
        try:
            async with asyncio.timeout(1.5 * self._settings.keepalive_s):
                data = await self._reader.read(READ_BYTES)
        except TimeoutError:
            raise self._lost("the broker is silent") from None
        if not data:
            raise self._lost("the broker has closed the connection")
        return self._packets.take(data)

    @contextlib.contextmanager
    def _protocol(self) -> Iterator[None]:
        """What the peer breaks is a lost connection."""
        try:
            yield
        except (MqttLostError, TimeoutError):
            raise
        except (OSError, ProtocolError) as error:
            raise self._lost(str(error) or type(error).__name__) from None

    def _answer(self, control: Control) -> None:
        if control.kind == packets.PUBREL:
            ids = [packets.packet_id_of(control.body)]
            self._writer.write(packets.answer_packets(packets.PUBCOMP, ids))
        elif control.kind == packets.PUBACK:
            done = self._unanswered.pop(packets.packet_id_of(control.body), None)
            refused = packets.puback_failure(self._version, control.body)
            if done is not None and not done.done():
                if refused is None:
                    done.set_result(None)
                else:
                    done.set_exception(MqttRefusedError(refused[0], for_good=refused[1]))
        elif control.kind == packets.DISCONNECT:
            raise self._lost(packets.disconnect_reason(control.body))

    def _lost(self, why: str) -> MqttLostError:
        self._forsake(why)
        return MqttLostError(why)

    def _forsake(self, why: str) -> None:
        self._gone = self._gone or why
        for done in self._unanswered.values():
            if not done.done():
                done.set_exception(MqttLostError(why))
        self._unanswered.clear()

    def _new_id(self) -> int:
        while True:
            self._next_id = self._next_id % 65_535 + 1
            if self._next_id not in self._unanswered:
                return self._next_id

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._settings.keepalive_s / 2)
            self._writer.write(packets.PING)


async def open_connection(settings: BrokerSettings) -> MqttConnection:
    """Connect to a broker.

    Raises:
        MqttLostError: it cannot be reached or refuses.
        SensorError: the password or a certificate is missing.
    """
    password, context = _password(settings), _tls(settings)
    try:
        async with asyncio.timeout(OPEN_S):
            reader, writer = await asyncio.open_connection(
                settings.host, settings.port, ssl=context, limit=READ_BYTES
            )
    except TimeoutError:
        raise MqttLostError("no answer") from None
    except OSError as error:
        raise MqttLostError(str(error) or type(error).__name__) from None
    connection = MqttConnection(settings, reader, writer)
    try:
        await connection._handshake(password)
    except BaseException as error:
        await connection.close(politely=False)
        if isinstance(error, TimeoutError):
            raise MqttLostError("no answer") from None
        raise
    return connection


def _password(settings: BrokerSettings) -> str | None:
    if not settings.password_env:
        return None
    password = os.environ.get(settings.password_env)
    if password is None:
        raise SensorError(
            "password-missing",
            settings.password_env,
            Text("The environment variable is not set.", "未设置该环境变量。"),
            Text("Set it to the password of the broker.", "请将其设为消息代理的密码。"),
        )
    return password


def _tls(settings: BrokerSettings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
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
    return context
