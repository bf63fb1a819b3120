"""A live twin from twin.toml: feeds, store, alarms and their end."""

from __future__ import annotations

import asyncio
import textwrap

import pytest

from sensors.errors import SensorError
from sensors.feeds.bacnet import BacnetObject
from sensors.feeds.contract import FeedState
from sensors.feeds.modbus import Register
from sensors.latest import State
from sensors.mqtt.connection import BrokerSettings, open_connection
from sensors.points import PointTable
from sensors.store.sqlite import SqliteStore
from tests.building_blocks import Blocks
from tests.sensors.community import Broker, until
from tests.sensors.database import database_in
from twin.binding.anchor import Anchor
from twin.binding.table import Binding
from twin.errors import TwinError
from twin.live.composition import HISTORY, open_live, running
from twin.live.feeds import feed_of
from twin.live.places import places_in
from twin.project import read_project

POINT_TABLE = PointTable([])
POINTS = """\
id,device,quantity,unit,household,interval_s
lobby/co2,ed_room_env,co2,ppm,,60
home-1/call,he_emergency_call,,,home-1,
"""
ALARMS = """\
alarms:
- {id: co2-high, points: "*/co2", above: 1000, message: CO2 is high, message_zh: CO2 偏高}
- {id: call, points: "*/call", above: 0.5, severity: emergency}
"""


def project_in(folder, feeds: str = ""):
    (folder / "points.csv").write_text(POINTS)
    (folder / "alarms.yaml").write_text(ALARMS)
    text = '[live]\npoints = "points.csv"\nalarms = "alarms.yaml"\n'
    (folder / "twin.toml").write_text(text + textwrap.dedent(feeds))
    return read_project(folder / "twin.toml")


def replay(name: str, rows: str, folder) -> str:
    (folder / f"{name}.csv").write_text("time,point,value\n" + rows)
    return f'[[feeds]]\nkind = "replay"\nname = "{name}"\npath = "{name}.csv"\nspeed = inf\nas_now = true\n'


def test_readings_of_a_feed_are_stored_raise_alarms_and_survive_the_end(tmp_path):
    rows = "2026-01-01T00:00:00Z,lobby/co2,1500\n2026-01-01T00:00:00Z,home-1/call,1\n"
    project = project_in(tmp_path, replay("recorded", rows, tmp_path))
    heard = []

    async def run():
        live = open_live(project)
        live.alarms.listen(lambda alarm, what: heard.append((alarm.rule, what)))
        async with running(live):
            await until(lambda: live.intake.stored.stored == 2)
            await until(lambda: live.feeds["recorded"][1].state is FeedState.ENDED)
            assert live.intake.latest.states().tolist()[0] == State.FRESH
        return live

    live = asyncio.run(run())
    assert sorted(heard) == [("call", "raised"), ("co2-high", "raised")]
    store = SqliteStore(live.folder / HISTORY, live.points)
    assert store.series(0, 0, 2**62).value.tolist() == [1500.0]
    store.close()
    assert live.folder.stat().st_mode & 0o077 == 0

    async def again():
        async with running(open_live(project)) as second:
            return sorted(alarm.rule for alarm in second.alarms.open_alarms())

    assert asyncio.run(again()) == ["call", "co2-high"]  # what was raised is still to be seen


def test_a_feed_that_breaks_is_lost_and_the_others_go_on(tmp_path, monkeypatch):
    feeds = replay("whole", "2026-01-01T00:00:00Z,lobby/co2,700\n", tmp_path)
    feeds += '[[feeds]]\nkind = "replay"\nname = "gone"\npath = "no-such-file.csv"\n'
    monkeypatch.setattr("twin.live.composition.RESTART_PAUSE_S", 0.05)
    project = project_in(tmp_path, feeds)

    async def run():
        async with running(open_live(project)) as live:
            await until(lambda: live.intake.stored.stored == 1 and len(live.faults) >= 2)
            _, sink, _ = live.feeds["gone"]
            assert sink.state is FeedState.LOST
            assert "no-such-file.csv" in live.faults[0]
            (tmp_path / "no-such-file.csv").write_text("time,point,value\n2026-01-01,lobby/co2,800\n")
            await until(lambda: sink.state is FeedState.ENDED)

    asyncio.run(run())


def test_a_project_without_points_and_a_name_used_twice_are_refused(tmp_path):
    (tmp_path / "twin.toml").write_text("")

    async def run(project):
        open_live(project)

    with pytest.raises(TwinError) as caught:
        asyncio.run(run(read_project(tmp_path / "twin.toml")))
    assert caught.value.code == "project-not-live"
    twice = replay("same", "", tmp_path) * 2
    with pytest.raises(TwinError) as caught:
        asyncio.run(run(project_in(tmp_path, twice)))
    assert caught.value.code == "feed-twice"
    (tmp_path / "points.csv").write_text("id,unit\nx,furlong per fortnight\n")
    with pytest.raises(SensorError):
        asyncio.run(run(read_project(tmp_path / "twin.toml")))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('kind = "mqtt"\nname = "a"\ntopics = ["x"]\nhots = "h"', "feeds.0.hots"),
        ('kind = "mqt"\nname = "a"', "mqt"),
        ('name = "a"', "kind"),
        ('kind = "mqtt"\nname = "a"\ntopics = []', "feeds.0.topics"),
        ('kind = "replay"\nname = "../a"\npath = "x"', "feeds.0.name"),
    ],
)
def test_a_wrong_feed_is_told_with_its_place(text, where, tmp_path):
    (tmp_path / "twin.toml").write_text(f"[[feeds]]\n{text}\n")
    with pytest.raises(TwinError, match=r"twin\.toml") as caught:
        read_project(tmp_path / "twin.toml")
    assert where in str(caught.value)
    assert "Input" not in caught.value.message.zh


@pytest.mark.broker
def test_a_message_of_a_broker_reaches_the_latest_values(tmp_path):
    broker = Broker(tmp_path)
    broker.start()
    feeds = f"""
        [[feeds]]
        kind = "mqtt"
        name = "broker"
        port = {broker.port}
        topics = ["site/#"]
        point = "{{1}}/{{2}}"
        payload = "plain"
        """

    async def run():
        async with running(open_live(project_in(tmp_path, feeds))) as live:
            await until(lambda: live.feeds["broker"][1].state is FeedState.UP)
            sender = await open_connection(BrokerSettings(port=broker.port, client_id="sender"))
            await sender.publish("site/lobby/co2", b"812", qos=0)
            await until(lambda: live.intake.latest.value[0] == 812)
            await sender.close()

    try:
        asyncio.run(run())
    finally:
        broker.stop()


def test_points_stand_in_rooms_and_storeys_of_the_model():
    blocks = Blocks()
    storey = blocks.storey("Ground floor", 0.0)
    blocks.space((0, 0, 0), (4, 3, 3), name="101", storey=storey)
    sensor = blocks.box("IfcSensor", (1, 1, 1), (1.1, 1.1, 1.1), name="CO2", storey=storey)
    model = blocks.model()
    global_id = str(model.elements.global_id[sensor])
    places = places_in(model, [Binding("lobby/co2", Anchor(global_id))])
    place = places.of("lobby/co2")
    assert place is not None
    assert (place.element, place.ifc_class) == (global_id, "IfcSensor")
    assert place.storey_name == "Ground floor"
    assert place.room_name == "101"
    assert places.points_of(place.room) == places.points_of(place.storey) == ["lobby/co2"]
    assert places.points_of("another") == []
    assert places.of("home-1/call") is None


def test_building_protocols_are_set_up_from_twin_toml(tmp_path):
    feeds = """
        [[feeds]]
        kind = "opcua"
        name = "opc"
        url = "opc.tcp://127.0.0.1:4840"
        nodes = {"ns=2;s=lobby.co2" = "lobby/co2"}
        [[feeds]]
        kind = "modbus"
        name = "meter"
        host = "127.0.0.1"
        registers = [{point = "lobby/co2", address = 4, kind = "float32", swapped = true}]
        [[feeds]]
        kind = "bacnet"
        name = "bms"
        address = "127.0.0.1/32:47999"
        objects = [{point = "lobby/co2", device = "127.0.0.1", object = "analog-input,1"}]
        """
    project = project_in(tmp_path, feeds)
    made = [feed_of(section, POINT_TABLE, "UTC", project.resolve) for section in project.feeds]
    opc, meter, bms = (feed.settings for feed in made)
    assert opc.nodes == {"ns=2;s=lobby.co2": "lobby/co2"}
    assert meter.registers == [Register("lobby/co2", 4, kind="float32", swapped=True)]
    assert bms.objects == [BacnetObject("lobby/co2", "127.0.0.1", "analog-input,1")]


@pytest.mark.database
def test_a_history_on_a_server_is_kept_over_a_restart(tmp_path):
    rows = "2026-01-01T00:00:00Z,lobby/co2,700\n"
    with database_in(tmp_path / "server") as server:
        project = project_in(tmp_path, replay("recorded", rows, tmp_path))
        text = (tmp_path / "twin.toml").read_text()
        (tmp_path / "twin.toml").write_text(text.replace("[live]", f'[live]\npostgres = "{server.address}"'))
        project = read_project(tmp_path / "twin.toml")

        async def run():
            async with running(open_live(project)) as live:
                await until(lambda: live.feeds["recorded"][1].state is FeedState.ENDED)
                return live.intake.stored.stored

        async def again():
            async with running(open_live(project)) as live:
                return live.intake.latest.value.tolist()[0]

        assert asyncio.run(run()) == 1
        assert asyncio.run(again()) == 700.0
        assert server.ask("SELECT count(*) FROM greentwin.reading") >= "1"
    assert not (tmp_path / "live" / HISTORY).exists()


@pytest.mark.parametrize(
    "address", ["postgresql://twin:secret@db/twin", "mysql://db/twin", "postgresql://db"]
)
def test_an_address_of_a_database_names_one_and_holds_no_password(address, tmp_path):
    (tmp_path / "twin.toml").write_text(f'[live]\npostgres = "{address}"\n')
    with pytest.raises(TwinError, match=r"live\.postgres") as caught:
        read_project(tmp_path / "twin.toml")
    assert "secret" not in str(caught.value)
