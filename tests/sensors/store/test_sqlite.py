"""The embedded store: what only a file can show."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from sensors.errors import SensorError
from sensors.points import PointTable
from sensors.store.contract import HOUR_US, StoreFullError
from sensors.store.sqlite import SqliteStore, copy_store
from tests.sensors.community import POINTS, START_US
from tests.sensors.store.batches import minutes, rows


@pytest.fixture
def store(tmp_path):
    opened = SqliteStore(tmp_path / "history.db", POINTS)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "content", [b"no database, but long enough to be read as a header of one" * 20, None]
)
def test_what_is_no_store_is_refused(tmp_path, content):
    path = tmp_path / "x.db"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA user_version = 77")
    else:
        path.write_bytes(content)
    with pytest.raises(SensorError) as caught:
        SqliteStore(path, POINTS)
    assert caught.value.code == "store-unusable"


def test_hours_are_summed_up_once_they_are_over(store):
    store.append(minutes(180))
    assert store.roll_up(START_US + 2 * HOUR_US) == 2
    assert store.roll_up(START_US + 2 * HOUR_US) == 0
    with sqlite3.connect(store.path) as file:
        assert file.execute("SELECT count(*) FROM hour").fetchone() == (2,)
        assert file.execute("SELECT count(*) FROM dirty").fetchone() == (1,)


def test_what_is_deleted_on_request_is_not_in_the_file_any_more(tmp_path):
    store = SqliteStore(tmp_path / "h.db", POINTS)
    secret = 0.123456789123
    store.append(rows((3, START_US, secret), (0, START_US, 1.0)))
    assert store.delete(3) == 1
    store.forget_deleted()
    store.close()
    needle = np.array([secret], ">f8").tobytes()
    assert all(needle not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_full_disk_is_said_and_storing_goes_on_once_there_is_room(store):
    store.append(minutes(10))
    store._writer.execute("PRAGMA max_page_count = 12")

    def fill():
        for hour in range(200):
            store.append(minutes(60, 0, START_US + (1 + hour) * HOUR_US))

    with pytest.raises(StoreFullError, match="full"):
        fill()
    whole = store.series(0, 0, 2**62).value.size
    assert (whole - 10) % 60 == 0, "a batch is stored as a whole or not at all"
    store._writer.execute("PRAGMA max_page_count = 1000000")
    store.append(minutes(60, 1))
    assert store.series(1, 0, 2**62).value.size == 60
    with sqlite3.connect(store.path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


WRITER = """
import sys
from sensors.readings import readings_of
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import POINTS, START_US
store = SqliteStore(sys.argv[1], POINTS)
for number in range(10**9):
    base = number * 50
    store.append(readings_of([0] * 50, [START_US + base + i for i in range(50)], [0] * 50, [float(base + i) for i in range(50)], [0] * 50))
    print(number, flush=True)
"""


@pytest.mark.fault
def test_a_store_killed_under_load_has_lost_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "h.db"
    acknowledged = -1
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            for _, line in zip(range(40), writer.stdout, strict=False):
                acknowledged = max(acknowledged, int(line))
            writer.kill()
            for line in writer.stdout:
                if line.endswith("\n"):
                    acknowledged = max(acknowledged, int(line))
        store = SqliteStore(path, POINTS)
        values = store.series(0, 0, 2**62).value
        assert len(values) >= (acknowledged + 1) * 50
        assert len(values) % 50 == 0
        assert (values == np.arange(len(values))).all()
        store.close()


def test_a_copy_of_a_store_in_use_is_whole(store, tmp_path):
    store.append(minutes(100))
    copy_store(store.path, tmp_path / "copy.db")
    copy = SqliteStore(tmp_path / "copy.db", POINTS)
    assert copy.series(0, 0, 2**62).value.size == 100
    copy.close()


def test_a_history_is_read_beside_the_twin_that_writes(tmp_path):
    path = tmp_path / "history.db"
    with pytest.raises(SensorError, match="no history here yet"):
        SqliteStore(path, POINTS, read_only=True)
    assert not path.exists()
    writer = SqliteStore(path, PointTable([POINTS[0]]))
    writer.append(rows((0, START_US, 1.0)))
    reader = SqliteStore(path, POINTS, read_only=True)
    writer.append(rows((0, START_US + 1, 2.0)))
    assert reader.series(0, 0, 2**62).value.tolist() == [1.0, 2.0]
    assert len(reader.series(1, 0, 2**62).value) == 0  # a point that the writer does not know
    with pytest.raises((SensorError, sqlite3.OperationalError)):
        reader.append(rows((0, START_US + 2, 3.0)))
    writer.close()
    reader.close()
    SqliteStore(path, POINTS, read_only=True).close()  # also where nobody writes
