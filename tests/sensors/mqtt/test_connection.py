"""The connection against a real Mosquitto, and against peers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from sensors.errors import SensorError
from sensors.mqtt.connection import BrokerSettings, MqttLostError, open_connection
from tests.sensors.community import broker_in, free_port

TRIES = 5  # of which one must last: a machine that is busy with others holds up the heart or the broker


@pytest.mark.parametrize("version", ["3.1.1", "5"])
@pytest.mark.broker
def test_a_large_message_is_published_and_received(tmp_path, version):
    async def run():
        with broker_in(tmp_path) as broker:
            settings = BrokerSettings(port=broker.port, version=version, client_id="x", persistent=False)
            connection = await open_connection(settings)
            await connection.subscribe(["big/#"], 1)
            receiving = asyncio.create_task(connection.receive())
            payload = bytes(range(256)) * 4000
            await connection.publish("big/one", payload, qos=0)
            (message,) = await receiving
            assert (message.topic, message.payload) == ("big/one", payload)
            await connection.close()

    asyncio.run(run())


@pytest.mark.broker
def test_a_published_message_of_qos_1_is_answered(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            connection = await open_connection(
                BrokerSettings(port=broker.port, client_id="x", persistent=False)
            )
            await connection.subscribe(["a"], 0)

            async def pump():
                while True:
                    await connection.receive()

            pumping = asyncio.create_task(pump())
            async with asyncio.timeout(60):
                await connection.publish("a", b"1", qos=1)
            broker.kill()
            with pytest.raises(MqttLostError):
                await pumping
            with pytest.raises(MqttLostError):
                async with asyncio.timeout(60):
                    await connection.publish("a", b"1", qos=1)
            await connection.close()

    asyncio.run(run())


@pytest.mark.broker
def test_a_silent_broker_is_lost_after_its_keep_alive(tmp_path, monkeypatch):
    async def run():
        with broker_in(tmp_path) as broker:
            settings = BrokerSettings(port=broker.port, client_id="x", persistent=False, keepalive_s=1)
            connection = await open_connection(settings)
            await connection.subscribe(["a"], 0)
            connection._heart.cancel()
            with pytest.raises(MqttLostError, match=r"silent|closed"):
                async with asyncio.timeout(60):
                    await connection.receive()
            await connection.close()

    asyncio.run(run())


@pytest.mark.broker
def test_a_quiet_broker_that_answers_the_heartbeat_is_not_lost(tmp_path):
    async def lasts(broker) -> bool:
        settings = BrokerSettings(port=broker.port, client_id="x", persistent=False, keepalive_s=2)
        connection = await open_connection(settings)
        await connection.subscribe(["a"], 0)
        try:
            async with asyncio.timeout(3.5):
                await connection.receive()
        except MqttLostError:
            return False
        except TimeoutError:
            return True
        finally:
            await connection.close()
        raise AssertionError("nobody published anything")

    async def run():
        with broker_in(tmp_path) as broker:
            for _ in range(TRIES):
                if await lasts(broker):
                    return
        raise AssertionError("lost again and again")

    asyncio.run(run())


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x20\x00", b"\xff" * 64])
def test_a_peer_that_speaks_no_mqtt_is_refused(answer):
    async def talk(reader, writer):
        await reader.read(100)
        writer.write(answer)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async def run():
        port = free_port()
        server = await asyncio.start_server(talk, "127.0.0.1", port)
        async with server:
            with pytest.raises(MqttLostError):
                await open_connection(BrokerSettings(port=port))

    asyncio.run(run())


def test_nobody_at_the_address_is_said():
    with pytest.raises(MqttLostError):
        asyncio.run(open_connection(BrokerSettings(port=free_port())))


def test_a_missing_password_is_said_without_a_connection(monkeypatch):
    monkeypatch.delenv("NO_SUCH_PASSWORD", raising=False)
    with pytest.raises(SensorError, match="not set"):
        asyncio.run(open_connection(BrokerSettings(username="u", password_env="NO_SUCH_PASSWORD")))


def test_a_missing_certificate_is_said():
    with pytest.raises(SensorError, match="certificate"):
        asyncio.run(open_connection(BrokerSettings(tls=True, ca="/no/such/file")))
