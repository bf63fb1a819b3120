"""What is handed on to other systems: through everything from twin.toml to the other side, and what never is."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

import pytest

from sensors.alarms.alarm import Alarm
from sensors.alarms.rules import Severity
from sensors.feeds.contract import FeedState
from sensors.mqtt.connection import BrokerSettings, open_connection
from sensors.outlets.contract import OutletState, Subject
from sensors.outlets.mqtt import MqttTransport
from sensors.points import Point, PointTable, Privacy
from sensors.readings import Sample, readings_of
from sensors.store.contract import HOUR_US
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import Broker, broker_in, free_port, until
from tests.sensors.outlets.peers import service
from tests.sensors.outlets.test_mqtt import Listener
from tests.twin.live.test_composition import project_in
from twin.errors import TwinError
from twin.live.composition import HISTORY, open_live, running
from twin.live.outlets import alarm_body, told_rows
from twin.live.sections import MqttOutletSection
from twin.project import read_project


def to_district(port: int, *subjects: str, topic: str = "district") -> str:
    """The section of an outlet that sends these subjects to the broker of a district."""
    sends = ", ".join(f'"{subject}"' for subject in subjects)
    return (
        f'[[outlets]]\nkind = "mqtt"\nname = "district"\nport = {port}\ntopic = "{topic}"\n'
        f'sends = [{sends}]\nprivacy = "community"\n'
    )


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr("sensors.outlets.contract.FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("sensors.outlets.contract.LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr("twin.live.outlets.AGGREGATES_AFTER_S", 0.0)
    monkeypatch.setattr("twin.live.outlets.AGGREGATES_EACH_S", 0.1)


def desk_at(port: int) -> str:
    return f"""
        [[outlets]]
        kind = "webhook"
        name = "desk"
        url = "http://127.0.0.1:{port}/alarms"
        """


def queue_of(live, outlet, subject):
    return live.outlets.all[outlet].queues[subject]


def test_alarms_are_posted_in_order_and_wait_over_a_restart_while_the_other_side_is_away(tmp_path):
    port = free_port()
    project = project_in(tmp_path, desk_at(port))

    async def before():
        async with running(open_live(project)) as live:
            await live.intake.deliver([Sample("lobby/co2", 1500.0)], "test")
            await live.intake.deliver([Sample("home-1/call", 1.0)], "test")
            await until(lambda: queue_of(live, "desk", Subject.ALARMS).counters.waiting == 2)
            await until(lambda: live.outlets.all["desk"].state is OutletState.AWAY)

    async def after():
        async with running(open_live(project)) as live:
            queue = queue_of(live, "desk", Subject.ALARMS)
            assert queue.counters.found == 2
            await live.intake.deliver([Sample("lobby/co2", 500.0)], "test")
            await until(lambda: queue.counters.sent == 3)
            await until(lambda: live.outlets.all["desk"].state is OutletState.UP)
            assert queue.counters.lost == 0
            assert not live.faults

    asyncio.run(before())
    with service(port) as desk:
        desk.answers = [503, "cut"]
        asyncio.run(after())
    got = [body for _, body, _ in desk.got]
    assert [(one["rule"], one["what"]) for one in got] == [
        ("co2-high", "raised"),
        ("call", "raised"),
        ("co2-high", "cleared"),
    ]
    # What was measured at home is not told, that somebody calls for help is.
    assert [(one["household"], one["value"]) for one in got[:2]] == [("", 1500.0), ("home-1", None)]
    assert got[0]["alarm"] == got[2]["alarm"]


def test_of_a_home_only_a_call_for_help_is_handed_on():
    lobby = Point("lobby/co2", "ppm", privacy=Privacy.PUBLIC)
    home = Point("home-1/motion", "", privacy=Privacy.PERSONAL_SENSITIVE, household="home-1")

    def body(alarm, points):
        return alarm_body(alarm, "raised", 1, points)

    assert body(Alarm("1", "still", "home-1/motion", Severity.WARNING, 0.0, 1), [home]) is None
    assert body(Alarm("2", "both", "", Severity.WARNING, 1.0, 1), [lobby, home]) is None
    assert body(Alarm("3", "gone", "home-9/motion", Severity.WARNING, 1.0, 1), []) is None
    call = body(Alarm("4", "call", "home-1/motion", Severity.EMERGENCY, 1.0, 1), [home])
    high = body(Alarm("5", "co2-high", "lobby/co2", Severity.WARNING, 1500.0, 1), [lobby])
    assert (call["id"], call["household"], call["value"]) == ("4-raised", "home-1", None)
    assert (high["id"], high["household"], high["value"]) == ("5-raised", "", 1500.0)


def test_readings_are_handed_on_of_the_class_that_is_stated_and_never_of_homes():
    table = PointTable(
        [
            Point("lobby/co2", "ppm", privacy=Privacy.PUBLIC),
            Point("lobby/door", "", privacy=Privacy.COMMUNITY),
            Point("home-1/energy", "kWh", privacy=Privacy.HOUSEHOLD, household="home-1"),
            Point("home-1/call", "", privacy=Privacy.PERSONAL_SENSITIVE, household="home-1"),
            # A table may call it public; it is a home's all the same.
            Point("home-1/balcony", "°C", privacy=Privacy.PUBLIC, household="home-1"),
            Point("plain", "°C"),
        ]
    )

    def told(**keys):
        section = MqttOutletSection(kind="mqtt", name="x", topic="x", **keys)
        return [point.id for point, yes in zip(table, told_rows(table, section), strict=True) if yes]

    assert told() == ["lobby/co2"]
    assert told(privacy="community") == ["lobby/co2", "lobby/door"]
    assert told(privacy="community", points=("*/door", "home-1/*")) == ["lobby/door"]
    with pytest.raises(ValueError, match="household"):
        told(privacy="household")


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ('datastreams = {"home-1/call" = 1}', "private-point"),
        ('datastreams = {"lobby/co3" = 1}', "unknown-point"),
        ('datastreams = {"lobby/co2" = 1}', ""),
    ],
)
def test_what_can_never_be_sent_to_a_sensorthings_service_is_refused(keys, code, tmp_path):
    outlet = '[[outlets]]\nkind = "sensorthings"\nname = "d"\nurl = "https://d.example/v1.1"\n'
    outlet += 'privacy = "community"\n' + keys

    async def opened():
        live = open_live(project_in(tmp_path, outlet))
        async with running(live):
            return live.outlets.all["d"].kind

    if not code:
        assert asyncio.run(opened()) == "sensorthings"
        return
    with pytest.raises(TwinError) as caught:
        asyncio.run(opened())
    assert caught.value.code == code
    assert "outlets.d.datastreams" in caught.value.where


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('kind = "webhook"\nname = "a"\nurl = "http:///alarms"', "outlets.0.url"),
        ('kind = "webhook"\nname = "a"\nurl = "http://desk.example:port/"', "outlets.0.url"),
        ('kind = "mqtt"\nname = "a"\ntopic = "district/#"', "outlets.0.topic"),
        ('kind = "mqtt"\nname = "a"\ntopic = "d"\nprivacy = "household"', "outlets.0.privacy"),
        ('kind = "mqtt"\nname = "a"\ntopic = "d"\nsends = ["everything"]', "outlets.0.sends"),
        ('kind = "sensorthings"\nname = "a"\nurl = "https://d.example"', "outlets.0.datastreams"),
    ],
)
def test_a_wrong_outlet_is_told_with_its_place(text, where, tmp_path):
    (tmp_path / "twin.toml").write_text(f"[[outlets]]\n{text}\n")
    with pytest.raises(TwinError) as caught:
        read_project(tmp_path / "twin.toml")
    assert where in str(caught.value)


def test_two_outlets_of_one_name_are_refused(tmp_path):
    with pytest.raises(TwinError) as caught:
        asyncio.run(_opened(project_in(tmp_path, desk_at(1) + desk_at(2))))
    assert caught.value.code == "outlet-twice"


async def _opened(project):
    open_live(project)


@pytest.mark.broker
def test_one_twin_hands_its_readings_on_to_another_over_a_broker(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "district").mkdir()

    async def run():
        with broker_in(tmp_path) as broker:
            site = project_in(
                tmp_path / "site",
                to_district(broker.port, "alarms", "aggregates", "readings", topic="district/site"),
            )
            district = project_in(
                tmp_path / "district",
                f"""
                [[feeds]]
                kind = "mqtt"
                name = "sites"
                port = {broker.port}
                topics = ["district/+/readings/#"]
                """,
            )
            async with running(open_live(site)) as here, running(open_live(district)) as there:
                await until(lambda: there.feeds["sites"][1].state is FeedState.UP)
                now_us = time.time_ns() // 1000
                await here.intake.deliver(
                    [Sample("lobby/co2", 612.0, now_us), Sample("home-1/call", 0.0, now_us)], "test"
                )
                await until(lambda: there.intake.stored.stored == 1)
                assert there.store.series(0, now_us, now_us + 1).value.tolist() == [612.0]
                assert there.intake.feeds["sites"].received == 1

    asyncio.run(run())


HOMES = [f"home-{number}" for number in range(1, 7)]


def test_hours_of_homes_are_handed_on_once_from_five_households_up(tmp_path):
    lines = ["id,quantity,unit,privacy,household"]
    lines += [f"{home}/electricity,electricity,kWh,household,{home}" for home in HOMES]
    (tmp_path / "points.csv").write_text("\n".join(lines))
    (tmp_path / "twin.toml").write_text('[live]\npoints = "points.csv"\n')

    async def groups():
        async with running(open_live(read_project(tmp_path / "twin.toml"))) as live:
            return list(live.aggregates.groups)

    (group,) = asyncio.run(groups())
    with service() as district:
        (tmp_path / "twin.toml").write_text(
            '[live]\npoints = "points.csv"\n[[outlets]]\nkind = "sensorthings"\nname = "district"\n'
            f'url = "{district.url}"\ndatastreams = {{"{group}" = 4}}\n'
        )
        project = read_project(tmp_path / "twin.toml")
        last = (time.time_ns() // 1000 - HOUR_US // 4) // HOUR_US

        async def run(**homes_in):
            live = open_live(project)
            for ago, homes in homes_in.items():
                hour = last - int(ago[1:])
                for row in range(homes):
                    live.store.append(readings_of([row], [hour * HOUR_US], [0], [1.0 + row], [0]))
            # As if the outlet had been there for some hours.
            live.outlets.outbox.put([], [(f"district/aggregates/{group}", (last - 3) * HOUR_US)])
            async with running(live):
                queue = queue_of(live, "district", Subject.AGGREGATES).counters
                await until(lambda: queue.sent)
                await asyncio.sleep(0.3)
                return queue.put

        assert asyncio.run(run(_3=4, _2=5)) == 1  # an hour of four households is not told, now or later
        assert asyncio.run(run(_3=6, _2=6)) == 1  # set back: the same hour again, under the same id
    ids = [found["parameters"]["id"] for _, found in district.observations]
    assert ids == [f"{group}-{last - 2}"] * 2
    assert {found["result"] for _, found in district.observations} == {3.0}


PROCESS = """
import asyncio, sys
from pathlib import Path
from sensors.readings import Sample
from twin.live.composition import open_live, running
from twin.project import read_project

async def run():
    async with running(open_live(read_project(Path(sys.argv[1])))) as live:
        number = int(sys.argv[2])
        while True:
            samples = [Sample("lobby/co2", float(k % 900), 1_772_323_200_000_000 + k) for k in range(number, number + 50)]
            await live.intake.deliver(samples, "load")
            number += 50
            print(number, flush=True)

asyncio.run(run())
"""


@pytest.mark.broker
def test_a_twin_killed_while_its_broker_is_away_loses_nothing_that_it_had_acknowledged(tmp_path):
    (tmp_path / "broker").mkdir()
    broker = Broker(tmp_path / "broker")
    project = project_in(tmp_path, to_district(broker.port, "readings"))
    acknowledged = 0
    for _ in range(2):
        command = [sys.executable, "-c", PROCESS, str(project.file), str(acknowledged)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _, line in zip(range(20), process.stdout, strict=False):
                acknowledged = int(line)
            process.kill()
            for line in process.stdout:
                if line.endswith("\n"):
                    acknowledged = int(line)

    async def run():
        broker.start()
        listener = Listener(broker)
        await listener.start()
        async with running(open_live(project)) as live:
            queue = queue_of(live, "district", Subject.READINGS)
            assert queue.counters.found >= acknowledged
            await until(lambda: queue.counters.waiting == 0)
            count = len({each["id"] for _, each in listener.messages})
            await until(lambda: len(listener.messages) >= queue.counters.found)
            assert count <= queue.counters.found
        await listener.stop()
        return [each for _, each in listener.messages]

    try:
        told = asyncio.run(run())
    finally:
        broker.stop()
    times = {each["time"] for each in told}
    store = SqliteStore(tmp_path / "live" / HISTORY, open_points(project))
    assert len(times) >= acknowledged
    assert len(times) >= store.count(0, 0, 2**62)
    store.close()


def open_points(project):
    from sensors.points import read_points

    return read_points(project.resolve(project.live.points))


@pytest.mark.broker
def test_a_call_for_help_is_on_its_way_while_readings_wait_by_the_thousand(tmp_path, monkeypatch):
    send = MqttTransport.send

    async def run():
        called = asyncio.Event()

        async def one_batch_before_the_call(self, subject, items):
            if readings.sent:  # however long the disk takes to write the call down
                await called.wait()
            return await send(self, subject, items)

        monkeypatch.setattr(MqttTransport, "send", one_batch_before_the_call)
        with broker_in(tmp_path) as broker:
            listener = Listener(broker)
            await listener.start()
            project = project_in(tmp_path, to_district(broker.port, "alarms", "readings"))
            live = open_live(project)
            base_us = time.time_ns() // 1000 - 10**6
            many = [Sample("lobby/co2", float(k % 900), base_us + k) for k in range(20_000)]
            readings = queue_of(live, "district", Subject.READINGS).counters
            async with running(live):
                await live.intake.deliver(many, "load")
                await until(lambda: readings.sent)
                await live.intake.deliver([Sample("home-1/call", 1.0)], "load")
                await until(lambda: queue_of(live, "district", Subject.ALARMS).counters.waiting)
                called.set()
                await until(lambda: any(topic == "district/alarms" for topic, _ in listener.messages))
                assert readings.waiting > 0
            await listener.stop()

    asyncio.run(run())


@pytest.mark.broker
def test_a_client_of_the_broker_reads_json_with_the_words_of_our_own_feed(tmp_path):
    async def run():
        with broker_in(tmp_path) as broker:
            reader = await open_connection(BrokerSettings(port=broker.port, client_id="reader"))
            await reader.subscribe(["district/readings/#"], 1)
            project = project_in(tmp_path, to_district(broker.port, "readings"))
            async with running(open_live(project)) as live:
                await live.intake.deliver([Sample("lobby/co2", 612.0, 1_772_323_200_000_000)], "test")
                (message,) = await reader.receive()
                await reader.close()
                return message.topic, json.loads(message.payload)

    topic, body = asyncio.run(run())
    assert topic == "district/readings/lobby/co2"
    assert {key: body[key] for key in ("point", "time", "value", "unit", "quality")} == {
        "point": "lobby/co2",
        "time": "2026-03-01T00:00:00Z",
        "value": 612.0,
        "unit": "ppm",
        "quality": "good",
    }
