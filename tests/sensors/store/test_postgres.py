"""The store on a server: what only a server can do to it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sensors.errors import SensorError
from sensors.points import PointTable
from sensors.readings import Sample
from sensors.store.contract import HOUR_US, StoreAwayError
from sensors.store.postgres import PostgresStore
from tests.sensors.community import POINTS, START_US, free_port, intake_of, until
from tests.sensors.database import database_in
from tests.sensors.store.batches import minutes, rows

pytestmark = pytest.mark.database


@pytest.mark.fault
def test_a_database_killed_under_load_has_lost_nothing_that_was_acknowledged(tmp_path):
    with database_in(tmp_path / "server", "fsync = on\nsynchronous_commit = off") as server:
        store = PostgresStore(server.address, POINTS)
        acknowledged = number = 0
        for _ in range(3):
            for _ in range(30):
                times = [START_US + k for k in range(number, number + 50)]
                store.append(rows(*((0, at, float(at - START_US)) for at in times)))
                acknowledged = number = number + 50
            server.kill()
            with pytest.raises(StoreAwayError):
                store.append(rows((0, START_US + number, 0.0)))
            server.start()
            values = store.series(0, 0, 2**62).value
            assert len(values) >= acknowledged
            assert (values == np.arange(len(values))).all()
        store.close()


def test_a_connection_that_broke_between_two_messages_is_left_for_a_new_one(tmp_path, monkeypatch):
    import asyncpg

    def broken(connection):
        raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

    with database_in(tmp_path / "server") as server:
        store = PostgresStore(server.address, POINTS)
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Connection, "transaction", broken)
            with pytest.raises(StoreAwayError):
                store.append(rows((0, START_US, 1.0)))
        assert store.append(rows((0, START_US, 1.0))).stored == 1
        store.close()


def test_an_intake_waits_while_the_database_is_away_and_goes_on_when_it_is_back(tmp_path, monkeypatch):
    monkeypatch.setattr("sensors.intake.RETRY_S", 0.1)

    async def run():
        with database_in(tmp_path / "server") as server:
            store = PostgresStore(server.address, POINTS)
            async with intake_of(tmp_path, store=store) as intake:
                await intake.deliver([Sample("lobby/co2", 400.0, START_US)], "test")
                server.kill()
                waiting = asyncio.create_task(
                    intake.deliver([Sample("lobby/co2", 401.0, START_US + 1)], "test")
                )
                await until(lambda: intake.trouble is not None)
                assert not waiting.done()
                server.start()
                await asyncio.wait_for(waiting, 60)
                assert intake.trouble is None
                assert (intake.stored.stored, intake.stored.pending) == (2, 0)
                found = await asyncio.to_thread(store.series, 1, 0, 2**62)
                assert found.value.tolist() == [400.0, 401.0]

    asyncio.run(run())


WRITER = """
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from sensors.readings import readings_of
from sensors.store.postgres import PostgresStore
from tests.sensors.community import POINTS, START_US
store = PostgresStore(sys.argv[1], POINTS)
for number in range(10**9):
    base = number * 50
    store.append(readings_of([0] * 50, [START_US + base + i for i in range(50)], [0] * 50, [float(base + i) for i in range(50)], [0] * 50))
    print(number, flush=True)
"""


@pytest.mark.fault
def test_a_twin_that_is_killed_has_lost_nothing_and_lets_the_next_one_in(database):
    database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE")
    acknowledged = -1
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, database.address], stdout=subprocess.PIPE, text=True
        ) as writer:
            for _, line in zip(range(20), writer.stdout, strict=False):
                acknowledged = max(acknowledged, int(line))
            writer.kill()
            for line in writer.stdout:
                if line.endswith("\n"):
                    acknowledged = max(acknowledged, int(line))
        store = _opened_soon(database.address)
        values = store.series(0, 0, 2**62).value
        assert len(values) >= (acknowledged + 1) * 50
        assert len(values) % 50 == 0
        store.close()


def _opened_soon(address):
    """The server needs a moment to see that the other side of a connection was killed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(SensorError):
            return PostgresStore(address, POINTS)
        time.sleep(0.05)
    raise AssertionError("the lock of a killed twin is not released")


def test_a_second_twin_is_kept_out(database):
    database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE")
    first = PostgresStore(database.address, POINTS)
    with pytest.raises(SensorError, match="another twin"):
        PostgresStore(database.address, POINTS)
    first.close()
    PostgresStore(database.address, POINTS).close()


def test_a_history_is_read_beside_the_twin_that_writes(database):
    database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE")
    with pytest.raises(SensorError, match="holds no history yet"):
        PostgresStore(database.address, POINTS, read_only=True)
    writer = PostgresStore(database.address, PointTable([POINTS[0]]))
    writer.append(rows((0, START_US, 1.0)))
    reader = PostgresStore(database.address, POINTS, read_only=True)
    writer.append(rows((0, START_US + 1, 2.0)))
    assert reader.series(0, 0, 2**62).value.tolist() == [1.0, 2.0]
    assert len(reader.series(1, 0, 2**62).value) == 0  # a point that the writer does not know
    assert reader.buckets(0, 0, START_US + HOUR_US, HOUR_US).count.sum() == 2
    with pytest.raises(SensorError):
        reader.append(rows((0, START_US + 2, 3.0)))
    reader.close()
    assert writer.append(rows((0, START_US + 2, 3.0))).stored == 1
    writer.close()


def test_tables_of_another_version_are_refused(database):
    database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE")
    PostgresStore(database.address, POINTS).close()
    database.ask("UPDATE greentwin.about SET version = 77")
    with pytest.raises(SensorError, match="version is 77"):
        PostgresStore(database.address, POINTS)
    database.ask("DROP SCHEMA greentwin CASCADE")


def test_where_there_is_timescaledb_the_readings_become_a_hypertable(database):
    """A function of its name stands for it, since Debian has no package: the call is seen, not its effect."""
    database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE; DROP TABLE IF EXISTS public.called")
    database.ask(
        "CREATE TABLE public.called(relation text, of_column text, width bigint);"
        " CREATE FUNCTION public.create_hypertable(relation regclass, of_column name,"
        " chunk_time_interval bigint, create_default_indexes boolean) RETURNS void LANGUAGE sql AS"
        " $$ INSERT INTO public.called VALUES(relation::text, of_column::text, chunk_time_interval) $$"
    )
    try:
        for _ in range(2):
            PostgresStore(database.address, POINTS).close()
        assert database.ask("SELECT * FROM public.called") == "reading|time|604800000000"
    finally:
        database.ask("DROP FUNCTION public.create_hypertable; DROP TABLE public.called")
        database.ask("DROP SCHEMA greentwin CASCADE")


def test_hours_are_summed_up_once_they_are_over(database):
    database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE")
    store = PostgresStore(database.address, POINTS)
    store.append(minutes(180))
    hour_us = 3_600_000_000
    assert store.roll_up(START_US + 2 * hour_us) == 2
    assert store.roll_up(START_US + 2 * hour_us) == 0
    assert database.ask("SELECT count(*) FROM greentwin.hour") == "2"
    assert database.ask("SELECT count(*) FROM greentwin.dirty") == "1"
    store.close()


def test_what_cannot_be_opened_is_said_without_the_password(monkeypatch):
    monkeypatch.delenv("NO_SUCH_PASSWORD", raising=False)
    with pytest.raises(SensorError, match="not set"):
        PostgresStore("postgresql://twin@127.0.0.1/x", POINTS, "NO_SUCH_PASSWORD")
    monkeypatch.setenv("DB_PASSWORD", "s3cret")
    with pytest.raises(StoreAwayError) as caught:
        PostgresStore(f"postgresql://twin@127.0.0.1:{free_port()}/x", POINTS, "DB_PASSWORD")
    assert "s3cret" not in str(caught.value)


def test_closing_leaves_nobody_waiting_for_an_answer(tmp_path):
    with database_in(tmp_path / "server") as server:
        store = PostgresStore(server.address, POINTS)
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(store._server.fetch, "SELECT pg_sleep(60)")
            while (
                server.ask("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'") != "1"
            ):
                time.sleep(0.02)
            store.close()
            with pytest.raises(StoreAwayError, match="closed"):
                asking.result(60)
        with pytest.raises(StoreAwayError, match="closed"):
            store.count(0, 0, 1)
        store.close()
