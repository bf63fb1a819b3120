"""Polling, replay and simulation, and how a lost feed is tried again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from sensors.errors import SensorError
from sensors.feeds.contract import FeedLostError, FeedState, Sink, stop_if_cancelled, supervise
from sensors.feeds.http_poll import HttpPollFeed, HttpPollSettings
from sensors.feeds.replay import ReplayFeed, ReplaySettings
from sensors.feeds.simulator import OutdoorDay, SimulatorFeed, SimulatorSettings, values_at
from sensors.points import Point, PointTable
from sensors.readings import now_us
from tests.sensors.community import START_US, intake_of, until


@contextlib.contextmanager
def web(answers):
    """A web server that gives one answer (status, body) after the other, the last for ever; what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(dict(self.headers))
            status, body = answers[min(len(asked), len(answers)) - 1]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/values", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_address_is_polled_and_a_failing_one_is_lost_and_back(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEWAY_TOKEN", "s3cret")

    def body(value):
        return 200, json.dumps([{"point": "lobby/co2", "value": value}]).encode()

    async def run():
        with web([body(1), (503, b""), (200, b"<html>"), body(2), (200, b"x" * 2**21), body(3)]) as (
            url,
            asked,
        ):
            async with intake_of(tmp_path) as intake:
                sink = Sink(intake, "poll")
                states = []
                feed = HttpPollFeed("poll", HttpPollSettings(url, interval_s=0.02, token_env="GATEWAY_TOKEN"))
                task = asyncio.create_task(supervise(feed, sink, 0.05))

                def third():
                    states.append(sink.state)
                    return intake.stored.stored >= 3

                await until(third)
                task.cancel()
                values = intake.store.series(1, 0, 2**62).value.tolist()
                assert values[:3] == [1.0, 2.0, 3.0]
                assert intake.feeds["poll"].rejected == {"malformed": 1, "too-large": 1}
                assert FeedState.LOST in states
                assert sink.state is FeedState.UP
                assert asked[0]["Authorization"] == "Bearer s3cret"

    asyncio.run(run())


def test_a_lost_feed_is_tried_again_with_growing_pauses_and_logged_once(tmp_path, caplog):
    caplog.set_level(logging.WARNING, "sensors")

    tries = []

    class Flaky:
        name = "flaky"

        async def run(self, sink):
            tries.append(asyncio.get_running_loop().time())
            if len(tries) < 5:
                raise FeedLostError("somewhere", "no route")
            sink.up()

    async def run():
        async with intake_of(tmp_path) as intake:
            sink = Sink(intake, "flaky")
            await supervise(Flaky(), sink, 0.02, 0.08)
            assert sink.state is FeedState.ENDED

    asyncio.run(run())
    pauses = np.diff(tries)
    for pause, longest in zip(pauses, (0.02, 0.04, 0.08, 0.08), strict=True):
        assert longest / 2 <= pause < longest + 10.0  # the machine may be busy with something else
    assert len(caplog.records) == 2


def replayed(tmp_path, settings, table):
    async def run():
        async with intake_of(tmp_path, table) as intake:
            sink = Sink(intake, "replay")
            await ReplayFeed("replay", settings).run(sink)
            return intake, [intake.store.series(row, 0, 2**62) for row in range(len(table))]

    return asyncio.run(run())


TABLE = PointTable([Point("t", "°C"), Point("rh", "%")])


def test_a_wide_table_is_replayed_with_its_zone_and_units(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("time,T,RH\n2026-03-01 08:00:00,68,40\n2026-03-01 08:01:00,,41\nnoon,1,1\n")
    settings = ReplaySettings(
        path, zone="Asia/Shanghai", columns={"T": "t", "RH": "rh"}, units={"T": "[degF]"}
    )
    intake, (t, rh) = replayed(tmp_path, settings, TABLE)
    assert t.time_us.tolist() == [START_US]
    assert t.value.tolist() == pytest.approx([20.0])
    assert rh.value.tolist() == [40.0, 41.0]
    assert intake.feeds["replay"].rejected == {"bad-time": 1}


def test_a_long_table_is_replayed_from_csv_and_from_parquet_alike(tmp_path):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(["2026-03-01T00:00:00Z", "2026-03-01T00:01:00Z"]),
            "point": ["t", "rh"],
            "value": [20.0, 40.0],
        }
    )
    frame.to_csv(tmp_path / "long.csv", index=False)
    frame.to_parquet(tmp_path / "long.parquet")
    for name in ("long.csv", "long.parquet"):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        _, (t, rh) = replayed(folder, ReplaySettings(tmp_path / name), TABLE)
        assert (t.time_us.tolist(), t.value.tolist(), rh.value.tolist()) == ([START_US], [20.0], [40.0])


def test_a_replay_keeps_the_rhythm_times_its_speed_and_may_be_moved_to_now(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("time,t\n" + "".join(f"2026-03-01 00:0{i}:00,{i}\n" for i in range(4)))
    begin = now_us()
    _, (t, _) = replayed(tmp_path, ReplaySettings(path, speed=600, as_now=True), TABLE)
    assert now_us() - begin >= 0.3e6, "three minutes at 600-fold speed"
    assert begin <= t.time_us[0] <= now_us()


@pytest.mark.parametrize("text", ["", "when,t\n1,2\n"])
def test_a_table_without_its_time_column_is_refused(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(SensorError, match="no column 'time'"):
        replayed(tmp_path, ReplaySettings(path), TABLE)


@pytest.mark.shared
def test_a_real_office_record_is_replayed_in_full(tmp_path, shared_data):
    path = shared_data / "sensors" / "uci_occupancy_datatraining.txt"
    table = PointTable([Point("office/co2", "ppm"), Point("office/temperature", "°C")])
    settings = ReplaySettings(
        path,
        time="date",
        zone="Europe/Brussels",
        columns={"CO2": "office/co2", "Temperature": "office/temperature"},
    )
    intake, (co2, temperature) = replayed(tmp_path, settings, table)
    assert intake.feeds["replay"].accepted == 2 * 8143
    assert len(co2.value) == len(temperature.value) == 8143
    assert 400 < co2.value.min() < co2.value.max() < 2100


def room(quantity, unit, **options):
    return Point(f"room/{quantity}", unit, name=quantity, quantity=quantity, **options)


ROOMS = PointTable(
    [
        room("co2", "ppm"), room("temperature", "°F"), room("power", "W"), room("electricity", "kWh", counter=True),
        room("illuminance", "lx"), Point("out/temperature", "°C", name="室外温度", quantity="temperature"),
        room("motion", ""),
    ]
)  # fmt: skip


def drawn_day(seed=1):
    settings = SimulatorSettings(seed=seed, zone="UTC")
    rows = np.arange(len(ROOMS))
    return np.array([values_at(ROOMS, rows, START_US + h * 1_800_000_000, settings) for h in range(48)])


def test_a_simulated_day_is_believable_and_the_same_every_time():
    day = drawn_day()
    assert (day == drawn_day()).all()
    assert (day != drawn_day(2)).any()
    co2, fahrenheit, watts, kwh, lux, outdoors, motion = day.T
    assert co2[20:34].mean() > co2[:12].mean() + 200, "people breathe by day"
    assert 60 < fahrenheit.min() < fahrenheit.max() < 85
    assert 1_000 < watts.min() < watts.max() < 40_000
    assert (np.diff(kwh) > 0).all(), "a meter only rises"
    assert lux[24] > lux[0]
    assert outdoors.argmax() in range(24, 36)
    assert set(motion) <= {0.0, 1.0}


def test_the_weather_of_the_simulation_can_be_given():
    cold = SimulatorSettings(day=OutdoorDay(air_c=np.full(24, -10.0)), zone="UTC")
    assert values_at(ROOMS, np.array([5]), START_US, cold)[0] == pytest.approx(-10, abs=0.6)


def test_a_shower_fills_the_gauge_and_the_tank_and_the_day_ends_as_it_began():
    table = PointTable(
        [
            Point("sum", "mm", quantity="rain", interval_s=300, counter=True),
            Point("amount", "mm", quantity="rain", interval_s=300),
            Point("rate", "mm/h", quantity="rain_intensity"),
            Point("tank", "m", name="雨水池液位", quantity="water_level"),
            Point("pool", "m", name="液位", quantity="water_level"),
            Point("reuse", "m³/h", name="雨水回用", quantity="flow"),
        ]
    )
    settings = SimulatorSettings(zone="Asia/Shanghai")
    times = [START_US + step * 300_000_000 for step in range(577)]
    drawn = np.array([values_at(table, np.arange(6), at_us, settings) for at_us in times])
    total, amount, rate, tank, pool, reuse = drawn.T
    assert (np.diff(total) >= 0.0).all(), "a meter only rises"
    assert total[288] - total[0] == pytest.approx(20.0)
    assert np.diff(total) == pytest.approx(amount[:-1])
    assert amount == pytest.approx(rate / 12)
    assert rate.max() == 14.0
    assert tank[288] == pytest.approx(tank[0])
    assert tank.max() - tank.min() > 0.3
    assert np.ptp(pool) < 0.5
    assert reuse == pytest.approx(0.8)
    assert tank[150] - tank[250] == pytest.approx(0.8 * 100 / 12 / 32)  # by day, 32 m² below


def test_the_simulator_draws_each_point_at_its_interval(tmp_path):
    table = PointTable([room("co2", "ppm", interval_s=0.1), room("temperature", "°C", interval_s=3600)])

    async def run():
        async with intake_of(tmp_path, table) as intake:
            feed = SimulatorFeed("sim", table, SimulatorSettings(fastest_s=0.1))
            begin = time.monotonic()
            drawing = asyncio.create_task(feed.run(Sink(intake, "sim")))
            await until(lambda: intake.store.series(0, 0, 2**62).value.size >= 5)
            most = (time.monotonic() - begin) / 0.1 + 1
            assert intake.store.series(0, 0, 2**62).value.size <= most
            assert intake.store.series(1, 0, 2**62).value.size <= 1
            drawing.cancel()
            assert math.isfinite(intake.latest.value[0])

    asyncio.run(run())


class Deaf:
    """Loses a cancellation, as ``asyncio.wait_for`` of Python 3.11 may, and goes on."""

    name = "deaf"

    async def run(self, sink):
        while True:
            stop_if_cancelled()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)


class Translating:
    """Makes an error of its own of a cancellation."""

    name = "translating"

    async def run(self, sink):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise FeedLostError("somewhere", "request cancelled") from None


@pytest.mark.parametrize("feed", [Deaf(), Translating()])
def test_a_feed_ends_when_it_is_cancelled_though_a_library_takes_no_notice(feed, tmp_path):
    async def run():
        async with intake_of(tmp_path) as intake:
            task = asyncio.create_task(supervise(feed, Sink(intake, feed.name), 0.02, 0.08))
            await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.wait({task}, timeout=60)
            assert task.cancelled()

    asyncio.run(run())
