"""Sending to a real Mosquitto, killed and restarted meanwhile."""

from __future__ import annotations

import asyncio
import json

import pytest

from sensors.mqtt.connection import BrokerSettings, MqttLostError, MqttRefusedError, open_connection
from sensors.outlets.contract import AwayError, Outlet, OutletState, Subject
from sensors.outlets.mqtt import MqttTransport
from sensors.outlets.outbox import Item, Outbox
from tests.sensors.community import POINTS, Broker, broker_in, free_port, until
from tests.sensors.outlets.test_http import ALARM, item_of


class Listener:
    """A subscriber with a session that the broker keeps, so that it misses nothing."""

    def __init__(self, broker: Broker, version: str = "5") -> None:
        self.settings = BrokerSettings(port=broker.port, client_id="platform", version=version)
        self.messages: list[tuple[str, dict]] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.connection = await open_connection(self.settings)
        await self.connection.subscribe(["district/#"], 1)
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                found = await self.connection.receive()
            except MqttLostError:
                return
            self.messages += [(each.topic, json.loads(each.payload)) for each in found]
            self.connection.acknowledge(found)

    async def hear_the_end(self) -> None:
        """Read what is still on its way of a broker that has ended."""
        assert self._task is not None
        await self._task
        await self.connection.close()

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.connection.close()


@pytest.mark.broker
@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_alarms_readings_and_aggregates_have_topics_of_their_own(tmp_path, version):
    async def run():
        with broker_in(tmp_path) as broker:
            listener = Listener(broker, version)
            await listener.start()
            settings = BrokerSettings(port=broker.port, client_id="site", version=version, persistent=False)
            transport = MqttTransport(settings, "district/site-7/", POINTS)
            hour = Item(3, "x-1", 1, b'{"id": "x-1", "aggregate": "x", "mean": 1.5}')
            assert await transport.send(Subject.ALARMS, [ALARM]) == []
            assert await transport.send(Subject.AGGREGATES, [hour]) == []
            assert await transport.send(Subject.READINGS, [item_of(2, (0, 0, 20.5))]) == []
            await until(lambda: len(listener.messages) == 3)
            await transport.close()
            await listener.stop()
            return listener.messages

    alarm, hour, reading = asyncio.run(run())
    assert alarm == ("district/site-7/alarms", {"id": "a-raised", "rule": "co2-high"})
    assert hour[0] == "district/site-7/aggregates/x"
    assert reading == (
        "district/site-7/readings/lobby/temperature",
        {
            "id": "site-2-0",
            "point": "lobby/temperature",
            "time": "2026-03-01T00:00:00Z",
            "value": 20.5,
            "unit": "°C",
            "quality": "good",
        },
    )


@pytest.mark.broker
def test_a_broker_killed_again_and_again_gets_everything_in_order_and_repeats_show_by_their_ids(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("sensors.outlets.contract.FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("sensors.outlets.contract.LONGEST_PAUSE_S", 0.1)
    batches, each = 120, 100

    async def run():
        (tmp_path / "broker").mkdir()
        outbox = Outbox(tmp_path / "outbox.db")
        queue = outbox.queue("district/readings", 10**8)
        with broker_in(tmp_path / "broker") as broker:
            settings = BrokerSettings(port=broker.port, client_id="site", persistent=False)
            listening = asyncio.Event()

            class OnceListening(MqttTransport):
                """Away until the listener is there: what a new broker is given before, nobody would hear."""

                async def send(self, subject: Subject, items: list[Item]) -> int:
                    if not listening.is_set():
                        raise AwayError("nobody listens yet")
                    return await super().send(subject, items)

            outlet = Outlet(
                "district", "mqtt", OnceListening(settings, "district", POINTS), {Subject.READINGS: queue}
            )
            sending = asyncio.create_task(outlet.run())
            listener = Listener(broker)
            await listener.start()
            listening.set()

            def seen() -> int:
                return len({body["id"] for _, body in listener.messages})

            def put(number: int) -> None:
                rows = [(k % 2, number * each + k, float(number * each + k)) for k in range(each)]
                outbox.put([(queue, None, each, item_of(number, *rows).body)])

            for number in range(batches):
                killed = number % 40 == 20
                if killed:
                    # What the broker has taken and not yet passed on dies with it: that is not ours to keep.
                    await until(lambda: seen() >= queue.counters.sent)
                    broker.kill()
                    listening.clear()
                    await listener.hear_the_end()
                await asyncio.to_thread(put, number)
                if killed:
                    await until(lambda: outlet.state is OutletState.AWAY)
                    broker.start()
                    await listener.start()
                    listening.set()
            await until(lambda: queue.counters.waiting == 0)
            await until(lambda: outlet.state is OutletState.UP)
            await until(lambda: seen() >= batches * each)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await listener.stop()
        counters = queue.counters
        assert (counters.sent, counters.lost, counters.refused) == (batches * each, 0, 0)
        outbox.close()
        return [body for _, body in listener.messages]

    bodies = asyncio.run(run())
    first_seen = list({body["id"]: body for body in bodies}.values())
    for point in ("lobby/temperature", "lobby/co2"):
        values = [body["value"] for body in first_seen if body["point"] == point]
        assert values == [float(v) for v in range(batches * each) if v % 2 == ("co2" in point)]


@pytest.mark.broker
def test_no_more_is_on_its_way_than_the_broker_wants(tmp_path):
    lines = "listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 5\n"

    async def run():
        broker = Broker(tmp_path, lines)
        text = broker._config.read_text().replace("max_inflight_messages 0\n", "")
        broker._config.write_text(text)
        broker.start()
        try:
            listener = Listener(broker)
            await listener.start()
            settings = BrokerSettings(port=broker.port, client_id="site", persistent=False)
            transport = MqttTransport(settings, "district", POINTS)
            rows = [(0, minute, float(minute)) for minute in range(400)]
            assert await transport.send(Subject.READINGS, [item_of(1, *rows)]) == []
            assert transport._connection is not None
            assert transport._connection._window._value == 5
            await until(lambda: len(listener.messages) == 400)
            await transport.close()
            await listener.stop()
            assert [body["value"] for _, body in listener.messages] == [float(v) for v in range(400)]
        finally:
            broker.stop()

    asyncio.run(run())


@pytest.mark.broker
def test_a_broker_that_does_not_allow_a_topic_is_away_and_nothing_is_taken_for_sent(tmp_path):
    rights = tmp_path / "rights"
    rights.write_text("topic read #\n")

    async def run():
        lines = f"listener {{port}} 127.0.0.1\nallow_anonymous true\nacl_file {rights}\n"
        with broker_in(tmp_path, lines) as broker:
            settings = BrokerSettings(port=broker.port, client_id="site", persistent=False)
            transport = MqttTransport(settings, "district", POINTS)
            with pytest.raises(AwayError, match="not authorised"):
                await transport.send(Subject.ALARMS, [ALARM])
            connection = await open_connection(settings)
            pump = asyncio.create_task(connection.receive())
            with pytest.raises(MqttRefusedError):
                await connection.publish("district/x", b"1", qos=1)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await connection.close()

    asyncio.run(run())


def test_nobody_at_the_address_is_away():
    transport = MqttTransport(BrokerSettings(port=free_port(), persistent=False), "district", POINTS)
    with pytest.raises(AwayError):
        asyncio.run(transport.send(Subject.ALARMS, [ALARM]))


def test_a_password_that_is_not_set_is_said_and_nothing_is_lost(monkeypatch):
    monkeypatch.delenv("NO_SUCH_PASSWORD", raising=False)
    settings = BrokerSettings(username="u", password_env="NO_SUCH_PASSWORD")
    with pytest.raises(AwayError, match="NO_SUCH_PASSWORD"):
        asyncio.run(MqttTransport(settings, "district", POINTS).send(Subject.ALARMS, [ALARM]))
