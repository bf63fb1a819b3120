"""The live twin: MQTT to durable storage from a real Mosquitto, and queries on 10 million readings.

The peer is the naive way: SQL with one row and one transaction per observation, as SensorThings servers keep
them (id, datastream, phenomenon and result time, result; an index on datastream and time), on the same SQLite
and disk. Where there is a PostgreSQL, the store on a server stands beside the embedded one, with the settings
that the server comes with.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.live_publisher import POINTS
from benchmarks.row import Row, median_seconds
from sensors.feeds.contract import FeedState, Sink, supervise
from sensors.feeds.mqtt import MqttFeed, MqttSettings
from sensors.feeds.payloads import TopicRule
from sensors.intake import Intake
from sensors.mqtt.connection import BrokerSettings, open_connection
from sensors.outlets.outbox import Outbox
from sensors.points import Point, PointTable
from sensors.readings import Readings
from sensors.store.contract import HOUR_US, Store
from sensors.store.downsample import drawn, summed
from sensors.store.postgres import PostgresStore
from sensors.store.sqlite import SqliteStore
from tests.conftest import postgres_programs
from tests.sensors.community import broker_in
from tests.sensors.database import database_in
from twin.live.outlets import queue_readings

MESSAGES = 200_000
NAIVE_MESSAGES = 3_000
READINGS = 10_000_000
YEAR_POINTS = 80  # with a reading each 5 minutes of a year; the others share what is left
DAY_US = 24 * HOUR_US
YEAR_US = 365 * DAY_US
BEGIN_US = 1_735_689_600_000_000  # 2025-01-01
NAIVE, EMBEDDED = "row per observation", "embedded store"
ON_SERVER = ", PostgreSQL"
_NAIVE_SCHEMA = """
CREATE TABLE observation(
  id INTEGER PRIMARY KEY, datastream INTEGER NOT NULL, phenomenon_time INTEGER NOT NULL,
  result_time INTEGER NOT NULL, result REAL);
CREATE INDEX by_datastream ON observation(datastream, phenomenon_time);
"""
_INSERT = "INSERT INTO observation(datastream, phenomenon_time, result_time, result) VALUES(?, ?, ?, ?)"
_SELECT = "SELECT phenomenon_time, result FROM observation WHERE datastream = ?"
_SPANS = """
SELECT (phenomenon_time - ?) / ?, avg(result), min(result), max(result) FROM observation
WHERE datastream = ? AND phenomenon_time >= ? AND phenomenon_time < ? GROUP BY 1
"""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as database:
        return [*ingest_rows(Path(folder), database), *query_rows(Path(folder), database)]


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[str | None]:
    """The address of a PostgreSQL that was started, None where there is none."""
    if postgres_programs() is None:
        print("no PostgreSQL here: its rows are left out", file=sys.stderr)
        yield None
        return
    with database_in(folder / "postgres") as database:
        yield database.address


def ingest_rows(folder: Path, database: str | None) -> list[Row]:
    """Seconds per 20,000 messages, from the first stored to the last."""
    rows = []
    for qos in (0, 1):
        place = folder / f"ours{qos}"
        place.mkdir()
        ours = _ingest(place, SqliteStore(place / "history.db", _points()), qos)
        peer = _ingest_naive(folder / f"naive{qos}", qos)
        case = f"20,000 MQTT messages to disk, QoS {qos}"
        rows.append(Row("live", case, ours * 20_000, NAIVE, peer * 20_000, peer / ours))
        if database is not None:
            place = folder / f"server{qos}"
            place.mkdir()
            server = _ingest(place, PostgresStore(database, _points()), qos)
            rows.append(
                Row("live", f"{case}{ON_SERVER}", server * 20_000, EMBEDDED, ours * 20_000, ours / server)
            )
    place = folder / "outlet"
    place.mkdir()
    queued = _ingest(place, SqliteStore(place / "history.db", _points()), 1, Outbox(place / "outbox.db"))
    case = "20,000 MQTT messages to disk and to an outlet that is away, QoS 1"
    rows.append(Row("live", case, queued * 20_000, "no outlet", ours * 20_000, ours / queued))
    return rows


def _points() -> PointTable:
    return PointTable(Point(f"p{number}", "") for number in range(POINTS))


def _ingest(folder: Path, store: Store, qos: int, outbox: Outbox | None = None) -> float:
    points = _points()

    async def listen(port: int) -> float:
        intake = Intake(points, store)
        if outbox is not None:
            every = np.ones(len(points), np.bool_)
            intake.keep(
                partial(queue_readings, outbox, points, [(outbox.queue("readings", 2**30), every, True)])
            )
        settings = MqttSettings(("site/#",), BrokerSettings(port=port), qos=qos, point=TopicRule("{1}"))
        sink = Sink(intake, "load")
        tasks = [
            asyncio.create_task(intake.run()),
            asyncio.create_task(supervise(MqttFeed("load", settings), sink)),
        ]
        while sink.state is not FeedState.UP:
            await asyncio.sleep(0.01)
        with _load(port, MESSAGES, qos):
            while not intake.stored.stored:
                await asyncio.sleep(0.005)
            begin, first = time.perf_counter(), intake.stored.stored
            while intake.stored.stored < MESSAGES:
                await asyncio.sleep(0.01)
            seconds = (time.perf_counter() - begin) / (MESSAGES - first)
        for task in reversed(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        store.close()
        return seconds

    with broker_in(folder) as broker:
        return asyncio.run(listen(broker.port))


def _ingest_naive(folder: Path, qos: int) -> float:
    """The same broker and messages, each inserted in a transaction of its own, as durable as ours."""
    folder.mkdir()

    async def listen(port: int) -> float:
        with contextlib.closing(_naive(folder / "naive.db")) as file:
            connection = await open_connection(BrokerSettings(port=port))
            await connection.subscribe(["site/#"], qos)
            with _load(port, NAIVE_MESSAGES, qos):
                count, begin = 0, 0.0
                while count < NAIVE_MESSAGES:
                    messages = await connection.receive()
                    begin = begin or time.perf_counter()
                    for message in messages:
                        body = json.loads(message.payload)
                        arrival = time.time_ns() // 1000
                        file.execute(_INSERT, (int(message.topic[6:]), body["time"], arrival, body["value"]))
                    connection.acknowledge(messages)
                    count += len(messages)
                seconds = (time.perf_counter() - begin) / count
            await connection.close()
            return seconds

    with broker_in(folder) as broker:
        return asyncio.run(listen(broker.port))


@contextlib.contextmanager
def _load(port: int, count: int, qos: int) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.live_publisher", str(port), str(count), str(qos)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.kill()


def _naive(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    file.execute("PRAGMA cache_size = -65536")
    file.executescript(_NAIVE_SCHEMA)
    return file


def query_rows(folder: Path, database: str | None) -> list[Row]:
    """Append 10 million readings in order of time to all stores, then ask all the same."""
    points = _points()
    store, naive = SqliteStore(folder / "ours.db", points), _naive(folder / "naive.db")
    server = None if database is None else PostgresStore(database, points)
    if server is not None:
        for row in range(POINTS):  # what the messages have left
            server.delete(row)
    ours_s, naive_s, server_s = _fill(store, naive, server)
    for each in (store, server):
        while each is not None and each.roll_up():
            pass
    end = BEGIN_US + YEAR_US
    newest = naive.execute("SELECT max(phenomenon_time) FROM observation WHERE datastream = 0").fetchone()[0]
    day = (newest - DAY_US, newest)
    week = (end - 7 * DAY_US, end)

    def ask(sql: str, *parameters: int) -> list[tuple[float, ...]]:
        return naive.execute(sql, parameters).fetchall()

    def latest_naive() -> object:
        return [ask(f"{_SELECT} ORDER BY phenomenon_time DESC LIMIT 1", number) for number in range(POINTS)]

    def spans(begin: int, width: int, until: int) -> object:
        return ask(_SPANS, begin, width, 0, begin, until)

    intake = Intake(points, store)
    between = f"{_SELECT} AND phenomenon_time >= ? AND phenomenon_time < ? ORDER BY 1"
    span = -(-YEAR_US // 1000)
    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "latest of 1,000 points": (
            lambda: (intake.latest.value.copy(), intake.latest.states()),
            latest_naive,
        ),
        "one day of one point": (lambda: store.series(0, *day), lambda: ask(between, 0, *day)),
        "7 days of one point, hourly": (
            lambda: store.buckets(0, *week, HOUR_US),
            lambda: spans(week[0], HOUR_US, week[1]),
        ),
        "one year in 1,000 spans": (
            lambda: summed(store, 0, BEGIN_US, end, 1000),
            lambda: spans(BEGIN_US, span, end),
        ),
        "one year, 1,000 samples (LTTB)": (
            lambda: drawn(store, 0, BEGIN_US, end, 1000),
            lambda: ask(between, 0, BEGIN_US, end),
        ),
    }
    append = "append 1,000,000 readings"
    rows = [Row("live", append, ours_s / 10, NAIVE, naive_s / 10, naive_s / ours_s)]
    for case, (mine, its) in cases.items():
        mine_s, its_s = median_seconds(mine, 7), median_seconds(its, 7)
        rows.append(Row("live", f"{case}, 10 M readings", mine_s, NAIVE, its_s, its_s / mine_s))
    if server is not None:
        case = f"{append}{ON_SERVER}"
        rows.append(Row("live", case, server_s / 10, EMBEDDED, ours_s / 10, ours_s / server_s))
        for name, ask_store in _server_cases(day, week, (BEGIN_US, end)).items():
            on_server = median_seconds(lambda work=ask_store: work(server), 7)
            embedded = median_seconds(lambda work=ask_store: work(store), 7)
            case = f"{name}, 10 M readings{ON_SERVER}"
            rows.append(Row("live", case, on_server, EMBEDDED, embedded, embedded / on_server))
        server.close()
    store.close()
    naive.close()
    return rows


def _server_cases(
    day: tuple[int, int], week: tuple[int, int], year: tuple[int, int]
) -> dict[str, Callable[[Store], object]]:
    return {
        "one day of one point": lambda store: store.series(0, *day),
        "7 days of one point, hourly": lambda store: store.buckets(0, *week, HOUR_US),
        "one year in 1,000 spans": lambda store: summed(store, 0, *year, 1000),
        "one year, 1,000 samples (LTTB)": lambda store: drawn(store, 0, *year, 1000),
        "last of 1,000 points, asked of the store": lambda store: store.last(),
    }


def _fill(
    store: SqliteStore, naive: sqlite3.Connection, server: PostgresStore | None
) -> tuple[float, float, float]:
    """All are given a day at a time, the naive store too in one transaction: far better than one by one."""
    rng = np.random.default_rng(1)
    five_minutes = np.arange(288, dtype=np.int64) * (DAY_US // 288)
    rest = (READINGS - YEAR_POINTS * 288 * 365) // 365
    ours_s = naive_s = server_s = 0.0
    for number in range(365):
        start = BEGIN_US + number * DAY_US
        point = np.concatenate(
            (np.tile(np.arange(YEAR_POINTS), 288), rng.integers(YEAR_POINTS, POINTS, rest))
        ).astype(np.int32)
        moment = np.concatenate((np.repeat(five_minutes, YEAR_POINTS), rng.integers(0, DAY_US, rest))) + start
        order = np.argsort(moment, kind="stable")
        readings = _readings(point[order], moment[order], rng)
        begin = time.perf_counter()
        store.append(readings)
        middle = time.perf_counter()
        naive.execute("BEGIN")
        columns = (readings.point, readings.time_us, readings.arrival_us, readings.value)
        naive.executemany(_INSERT, zip(*(column.tolist() for column in columns), strict=True))
        naive.execute("COMMIT")
        naive_s += time.perf_counter() - middle
        ours_s += middle - begin
        if server is not None:
            begin = time.perf_counter()
            server.append(readings)
            server_s += time.perf_counter() - begin
    return ours_s, naive_s, server_s


def _readings(point: NDArray[np.int32], time_us: NDArray[np.int64], rng: np.random.Generator) -> Readings:
    return Readings(
        point, time_us, time_us + 1000, rng.normal(20, 3, len(point)).round(2), np.zeros(len(point), np.uint8)
    )
