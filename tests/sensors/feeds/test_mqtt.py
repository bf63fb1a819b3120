"""MQTT against a real Mosquitto of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from sensors.feeds.contract import FeedState, Sink, supervise
from sensors.feeds.mqtt import MqttFeed, MqttSettings
from sensors.feeds.payloads import TopicRule
from sensors.mqtt.connection import BrokerSettings
from sensors.readings import now_us
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import POINTS, broker_in, free_port, intake_of, until

pytestmark = pytest.mark.broker


@contextlib.contextmanager
def publisher(port, **options):
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    if "tls_ca" in options:
        client.tls_set(ca_certs=options["tls_ca"])
    if "user" in options:
        client.username_pw_set(*options["user"])
    client.max_inflight_messages_set(10_000)
    client.connect("localhost", port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def publish(client, topic, data, **options):
    payload = data if isinstance(data, bytes | str) else json.dumps(data)
    client.publish(topic, payload, **{"qos": 1, **options}).wait_for_publish(60)


@contextlib.asynccontextmanager
async def fed(tmp_path, settings, name="mqtt"):
    """(intake, sink) of a supervised feed."""
    async with intake_of(tmp_path) as intake:
        sink = Sink(intake, name)
        task = asyncio.create_task(supervise(MqttFeed(name, settings), sink, 0.05, 0.2))
        try:
            yield intake, sink
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def settings_for(broker, **options):
    reached = {
        name: options.pop(name) for name in list(options) if name in BrokerSettings.__dataclass_fields__
    }
    address = BrokerSettings(**{"port": broker.port, "client_id": "t", **reached})
    return MqttSettings(
        **{"topics": ("site/#",), "broker": address, "point": TopicRule("{1}/{2}"), **options}
    )


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_readings_arrive_with_either_version_and_every_quality_of_service(tmp_path, version, qos):
    async def run():
        with broker_in(tmp_path) as broker:
            async with fed(tmp_path, settings_for(broker, version=version, qos=qos)) as (intake, sink):
                await until(lambda: sink.state is FeedState.UP)
                with publisher(broker.port) as client:
                    now = now_us()
                    for i in range(50):
                        publish(client, "site/lobby/co2", {"value": 400 + i, "time": now + i}, qos=qos)
                await until(lambda: intake.stored.stored == 50)
                assert intake.store.series(1, 0, 2**62).value.tolist() == [400.0 + i for i in range(50)]

    asyncio.run(run())


def test_plain_and_malformed_payloads_are_counted(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            async with fed(tmp_path, settings_for(broker, payload="plain")) as (intake, sink):
                await until(lambda: sink.state is FeedState.UP)
                with publisher(broker.port) as client:
                    publish(client, "site/lobby/door", "OPEN")
                    publish(client, "site/lobby/door", "ajar")
                    publish(client, "site/lobby/door", b"\xff")
                    publish(client, "site/attic/door", "OPEN")
                await until(lambda: intake.feeds["mqtt"].received == 4)
                assert intake.feeds["mqtt"].rejected == {
                    "not-a-number": 1,
                    "malformed": 1,
                    "unknown-point": 1,
                }
                await until(lambda: intake.stored.stored == 1)

    asyncio.run(run())


@pytest.mark.fault
def test_a_flood_of_malformed_messages_costs_only_itself(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            async with fed(tmp_path, settings_for(broker)) as (intake, sink):
                await until(lambda: sink.state is FeedState.UP)
                with publisher(broker.port) as client:
                    junk = [b"{", b"\x00" * 100, b"[[[[", b'{"value": "x"}', b'{"value": {}}']
                    for i in range(3000):
                        client.publish("site/lobby/co2", junk[i % 5], qos=1)
                    publish(client, "site/lobby/co2", {"value": 400})
                await until(lambda: intake.stored.stored == 1)
                counters = intake.feeds["mqtt"]
                assert counters.received == 3001
                assert sum(counters.rejected.values()) == 3000
                assert sink.state is FeedState.UP

    asyncio.run(run())


def test_a_retained_value_is_taken_only_with_its_own_time(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            old = now_us() - 3_600_000_000
            with publisher(broker.port) as client:
                publish(client, "site/lobby/co2", {"value": 700}, retain=True)
                publish(client, "site/lobby/temperature", {"value": 20, "time": old}, retain=True)
            async with fed(tmp_path, settings_for(broker)) as (intake, _):
                await until(lambda: intake.feeds["mqtt"].received == 2 and intake.stored.stored == 1)
                assert intake.feeds["mqtt"].rejected == {"retained-without-time": 1}
                assert intake.store.series(0, 0, 2**62).time_us.tolist() == [old]

    asyncio.run(run())


def test_two_feeds_of_a_shared_subscription_divide_the_messages(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            options = {"topics": ("$share/twin/site/#",)}
            async with (
                fed(tmp_path, settings_for(broker, client_id="a", **options), "a") as (intake, first),
            ):
                second = Sink(intake, "b")
                task = asyncio.create_task(
                    supervise(MqttFeed("b", settings_for(broker, client_id="b", **options)), second, 0.05)
                )
                await until(lambda: first.state is FeedState.UP and second.state is FeedState.UP)
                with publisher(broker.port) as client:
                    for i in range(100):
                        publish(client, "site/lobby/co2", {"value": i, "time": now_us()})
                await until(lambda: intake.stored.stored == 100)
                assert min(intake.feeds[name].accepted for name in "ab") > 0
                task.cancel()

    asyncio.run(run())


@pytest.mark.fault
def test_a_broker_killed_and_restarted_is_logged_once_lost_and_once_back_and_costs_no_reading(
    tmp_path, caplog
):
    caplog.set_level(logging.WARNING, "sensors")

    async def run():
        with broker_in(tmp_path) as broker:
            async with fed(tmp_path, settings_for(broker)) as (intake, sink):
                await until(lambda: sink.state is FeedState.UP)
                with publisher(broker.port) as client:
                    for i in range(20):
                        publish(client, "site/lobby/door", {"value": 1, "time": now_us() - 1000 + i})
                await until(lambda: intake.stored.stored == 20)
                await asyncio.sleep(1.2)  # the broker writes its sessions each second
                broker.kill()
                await until(lambda: sink.state is FeedState.LOST)
                assert not intake.latest.available[2]
                await asyncio.sleep(0.5)
                broker.start()
                await until(lambda: sink.state is FeedState.UP)
                assert intake.latest.available[2]
                with publisher(broker.port) as client:
                    for _ in range(20):
                        publish(client, "site/lobby/door", {"value": 0, "time": now_us()})
                await until(lambda: intake.stored.stored == 40)
                counters = intake.feeds["mqtt"]
                # The session may bring again what was not acknowledged; nothing is rejected, nothing is lost.
                assert counters.received == counters.accepted == 40 + intake.stored.duplicates

    asyncio.run(run())
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "Feed mqtt is lost",
        "Feed mqtt is back",
    ]


def test_messages_published_while_nobody_listens_are_kept_by_the_session(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            async with fed(tmp_path, settings_for(broker)) as (_, sink):
                await until(lambda: sink.state is FeedState.UP)
            with publisher(broker.port) as client:
                for i in range(30):
                    publish(client, "site/lobby/co2", {"value": i, "time": now_us()})
            async with fed(tmp_path, settings_for(broker)) as (intake, _):
                await until(lambda: intake.stored.stored == 30)

    asyncio.run(run())


class Proxy:
    """A wire to the broker that can be cut: bytes are swallowed, and nobody is told."""

    def __init__(self, target):
        self.target, self.port, self.whole = target, free_port(), True

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _join(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))

    async def _carry(self, source, sink):
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                if self.whole:
                    sink.write(data)
                    await sink.drain()
            while not self.whole:
                await asyncio.sleep(0.01)  # nobody is told of an end either
            sink.close()


@pytest.mark.fault
def test_a_network_that_swallows_everything_is_noticed_and_costs_no_reading(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            async with (
                Proxy(broker.port) as wire,
                fed(tmp_path, settings_for(broker, port=wire.port, keepalive_s=1)) as (intake, sink),
            ):
                await until(lambda: sink.state is FeedState.UP)
                base = now_us()

                def send(client, first, count):
                    for i in range(first, first + count):
                        publish(client, "site/lobby/co2", {"value": i, "time": base + i})

                with publisher(broker.port) as client:
                    send(client, 0, 50)
                    await until(lambda: intake.stored.stored == 50)
                    wire.whole = False
                    send(client, 50, 50)
                    await until(lambda: sink.state is FeedState.LOST)
                    assert sink.why == "the broker is silent"
                    wire.whole = True
                    send(client, 100, 50)
                    await until(lambda: intake.stored.stored == 150)
                assert intake.store.series(1, 0, 2**62).value.tolist() == list(map(float, range(150)))
                counters = intake.feeds["mqtt"]
                assert counters.received == counters.accepted
                assert counters.accepted == intake.stored.stored + intake.stored.duplicates

    asyncio.run(run())


class Killing:
    """Ends a process whatever happens, so that nobody waits for it."""

    def __init__(self, process):
        self.close = process.kill


LISTENER = """
import asyncio, sys
from pathlib import Path
from sensors.feeds.contract import Sink, supervise
from sensors.feeds.mqtt import MqttFeed, MqttSettings
from sensors.feeds.payloads import TopicRule
from sensors.mqtt.connection import BrokerSettings
from tests.sensors.community import intake_of
async def main():
    settings = MqttSettings(("site/#",), BrokerSettings(port=int(sys.argv[2]), client_id="t"), point=TopicRule("{1}/{2}"))
    async with intake_of(Path(sys.argv[1])) as intake:
        sink = Sink(intake, "mqtt")
        task = asyncio.create_task(supervise(MqttFeed("mqtt", settings), sink, 0.05))
        while sink.state != "up":
            await asyncio.sleep(0.01)
        print("up", flush=True)
        while intake.stored.stored < 300:
            await asyncio.sleep(0.01)
        print("stored", flush=True)
        await task
asyncio.run(main())
"""


@pytest.mark.fault
def test_a_listener_killed_under_load_loses_no_message_that_the_broker_accepted(tmp_path):
    with broker_in(tmp_path) as broker:
        arguments = [sys.executable, "-c", LISTENER, str(tmp_path), str(broker.port)]
        with (
            subprocess.Popen(arguments, stdout=subprocess.PIPE) as listener,
            contextlib.closing(Killing(listener)),
        ):
            assert listener.stdout.readline() == b"up\n"
            base = now_us()
            with publisher(broker.port) as client:
                for i in range(4000):
                    client.publish("site/lobby/co2", json.dumps({"value": i, "time": base + i}), qos=1)
                    if i % 100 == 0:
                        time.sleep(0.01)
                    if i == 2000:
                        assert listener.stdout.readline() == b"stored\n"
                        os.kill(listener.pid, signal.SIGKILL)
                client.publish(
                    "site/lobby/co2", json.dumps({"value": 4000, "time": base + 4000}), qos=1
                ).wait_for_publish(60)

        async def rest():
            async with fed(tmp_path, settings_for(broker)) as (intake, _):
                await until(lambda: intake.store.series(1, base + 4000, base + 4001).value.size == 1)

        asyncio.run(rest())
    store = SqliteStore(tmp_path / "history.db", POINTS)
    assert store.series(1, base, base + 4001).value.tolist() == list(map(float, range(4001)))
    store.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
        "-subj",
        "/CN=test-ca",
    )
    openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=localhost"
    )
    (folder / "san").write_text("subjectAltName=DNS:localhost\n")
    openssl(
        "x509",
        "-req",
        "-in",
        "s.csr",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-out",
        "s.crt",
        "-extfile",
        "san",
    )
    return folder


def test_a_broker_with_tls_and_password_is_heard_and_one_of_an_unknown_authority_is_not(
    tmp_path, certificates, monkeypatch
):
    monkeypatch.setenv("BROKER_PASSWORD", "correct horse")
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "twin", "correct horse"], check=True)
    lines = (
        f"listener {{port}} 127.0.0.1\ncafile {certificates}/ca.crt\ncertfile {certificates}/s.crt\n"
        f"keyfile {certificates}/s.key\nallow_anonymous false\npassword_file {passwords}\n"
    )

    async def run():
        with broker_in(tmp_path, lines) as broker:
            secure = {"host": "localhost", "tls": True, "username": "twin", "password_env": "BROKER_PASSWORD"}
            good = settings_for(broker, ca=str(certificates / "ca.crt"), **secure)
            async with fed(tmp_path, good) as (intake, sink):
                await until(lambda: sink.state is FeedState.UP)
                with publisher(
                    broker.port, tls_ca=str(certificates / "ca.crt"), user=("twin", "correct horse")
                ) as client:
                    publish(client, "site/lobby/co2", {"value": 1})
                await until(lambda: intake.stored.stored == 1)
            async with fed(tmp_path, settings_for(broker, **secure)) as (_, sink):
                await until(lambda: sink.state is FeedState.LOST)
                assert "certificate verify failed" in sink.why
            monkeypatch.setenv("BROKER_PASSWORD", "wrong")
            async with fed(tmp_path, good) as (_, sink):
                await until(lambda: sink.state is FeedState.LOST)
                assert "not authorised" in sink.why
                assert "wrong" not in sink.why

    asyncio.run(run())
