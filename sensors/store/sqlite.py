"""The embedded store: one SQLite file in write-ahead mode, no server.

One row per point and time, clustered by point, so that a span of one point is one sequential read. Hourly
statistics are kept beside: an hour with readings is either in ``hour`` or, until it is summed up, in
``dirty``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sensors.errors import SensorError
from sensors.points import PointTable
from sensors.readings import Quality, Readings, now_us, readings_of
from sensors.store.contract import (
    HOUR_US,
    NO_KEY,
    Appended,
    Buckets,
    Series,
    StoreFullError,
    unit_changed,
)
from sensors.store.rows import merged, runs, series_of
from sensors.text import Text
from sensors.transactions import transaction

VERSION = 1
_SCHEMA = """
CREATE TABLE point(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, unit TEXT NOT NULL) STRICT;
CREATE TABLE reading(
  point INTEGER NOT NULL, time INTEGER NOT NULL, value REAL, quality INTEGER NOT NULL,
  arrival INTEGER NOT NULL,
  PRIMARY KEY(point, time)) STRICT, WITHOUT ROWID;
CREATE TABLE hour(
  point INTEGER NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
  total REAL, minimum REAL, maximum REAL,
  PRIMARY KEY(point, hour)) STRICT, WITHOUT ROWID;
CREATE TABLE dirty(
  point INTEGER NOT NULL, hour INTEGER NOT NULL, PRIMARY KEY(point, hour)) STRICT, WITHOUT ROWID;
"""
_INSERT = """
INSERT INTO reading(value, quality, arrival, point, time) VALUES(?, ?, ?, ?, ?)
ON CONFLICT(point, time) DO NOTHING
"""
_REPLACE = """
UPDATE reading SET value = ?1, quality = ?2, arrival = ?3
WHERE point = ?4 AND time = ?5 AND (value IS NOT ?1 OR quality <> ?2)
"""
_STATISTICS = f"""
count(value), total(value), min(value), max(value) FROM reading
WHERE point = ? AND time >= ? AND time < ? AND quality < {int(Quality.BAD)}
"""
_MOMENT = f"""
SELECT time, value, quality FROM reading
WHERE point = ? AND time >= ? AND time < ? AND value = ? AND quality < {int(Quality.BAD)}
ORDER BY time LIMIT 1
"""
_ROLL_UP = f"""
INSERT OR REPLACE INTO hour
SELECT due.point, due.hour, count(value), total(value), min(value), max(value) FROM due JOIN reading
ON reading.point = due.point AND time >= due.hour * {HOUR_US} AND time < (due.hour + 1) * {HOUR_US}
AND quality < {int(Quality.BAD)} GROUP BY due.point, due.hour
"""
_REMEMBERED = 200_000  # hours known to be dirty; forgetting one costs a statement that does nothing
_WAL_PAGES = 16_000  # 64 MB between checkpoints: streaming many points touches many pages per commit


def _missing(path: Path) -> SensorError:
    return SensorError(
        "store-missing",
        str(path),
        Text("There is no history here yet.", "此处尚无历史数据。"),
        Text("Let twin serve run on the project first.", "请先对该项目运行 twin serve。"),
    )


class SqliteStore:
    """See :class:`sensors.store.contract.Store`."""

    def __init__(self, path: Path | str, points: PointTable, *, read_only: bool = False) -> None:
        """Open or create the file and make the points of the table known to it.

        Args:
            path: the file.
            points: the unit of each must be that of its history.
            read_only: read beside the twin that writes; a point that it does not know has no history.

        Raises:
            SensorError: not a store of this version, or the unit of a point differs from its history's.
        """
        self.path = Path(path)
        self._read_only = read_only
        self._dirty: set[tuple[int, int]] = set()
        if read_only and not self.path.exists():
            raise _missing(self.path)
        self.points = points
        self._lock = threading.Lock()
        self._readers = threading.local()
        self._all_readers: list[sqlite3.Connection] = []
        try:
            self._writer = self._connect()
            try:
                self._prepare()
            except BaseException:
                self._writer.close()
                raise
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error

    def _connect(self) -> sqlite3.Connection:
        place = f"{self.path.absolute().as_uri()}?mode=ro" if self._read_only else str(self.path)
        connection = sqlite3.connect(
            place, timeout=30, isolation_level=None, check_same_thread=False, uri=self._read_only
        )
        connection.execute("PRAGMA cache_size = -65536")
        return connection

    def _prepare(self) -> None:
        write = self._writer.execute
        if self._read_only:
            self._check_version(write("PRAGMA user_version").fetchone()[0])
            self._register()
            return
        write("PRAGMA journal_mode = WAL")
        write("PRAGMA synchronous = FULL")  # a commit is on the disk, not only in the system's cache
        write("PRAGMA secure_delete = ON")  # deleted personal data is overwritten
        write(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        (version,) = write("PRAGMA user_version").fetchone()
        if version:
            self._check_version(version)
        with self._transaction():
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    write(statement)
                write(f"PRAGMA user_version = {VERSION}")
            self._register()

    def _check_version(self, version: int) -> None:
        if version != VERSION:
            raise self._unusable(f"its version is {version}, not {VERSION}")

    def _register(self) -> None:
        known = {
            id_: (key, unit) for key, id_, unit in self._writer.execute("SELECT key, id, unit FROM point")
        }
        keys = []
        for point in self.points:
            if point.id not in known and self._read_only:
                known[point.id] = (NO_KEY, point.unit)
            elif point.id not in known:
                row = self._writer.execute("INSERT INTO point(id, unit) VALUES(?, ?)", (point.id, point.unit))
                assert row.lastrowid is not None
                known[point.id] = (row.lastrowid, point.unit)
            key, unit = known[point.id]
            if unit != point.unit:
                raise unit_changed(point.id, point.unit, unit)
            keys.append(key)
        self._keys = np.array(keys, np.int64)

    def append(self, readings: Readings) -> Appended:
        """Store a batch as a whole; when this returns, it is on the disk."""
        if not len(readings):
            return Appended(0, 0, 0)
        keys = self._keys[readings.point]
        values = readings.value.tolist()
        if np.isnan(readings.value).any():
            values = [None if value != value else value for value in values]
        rows = list(
            zip(
                values,
                readings.quality.tolist(),
                readings.arrival_us.tolist(),
                keys.tolist(),
                readings.time_us.tolist(),
                strict=True,
            )
        )
        pairs = np.unique(np.stack((keys, readings.time_us // HOUR_US)), axis=1).T.tolist()
        with self._lock:
            touched = [pair for pair in map(tuple, pairs) if pair not in self._dirty]
            with self._transaction():
                before = self._writer.total_changes
                self._writer.executemany(_INSERT, rows)
                stored = self._writer.total_changes - before
                replaced = 0
                if stored < len(rows):
                    self._writer.executemany(_REPLACE, rows)
                    replaced = self._writer.total_changes - before - stored
                self._writer.executemany("INSERT OR IGNORE INTO dirty(point, hour) VALUES(?, ?)", touched)
                self._writer.executemany("DELETE FROM hour WHERE point = ? AND hour = ?", touched)
            if len(self._dirty) > _REMEMBERED:
                self._dirty.clear()
            self._dirty.update(touched)
        return Appended(stored, replaced, max(len(rows) - stored - replaced, 0))

    def roll_up(self, before_us: int | None = None, limit: int = 10_000) -> int:
        """Sum up hours that ended before a time (now, by default); the number done, at most ``limit``."""
        last = (now_us() if before_us is None else before_us) // HOUR_US
        write = self._writer.execute
        with self._lock, self._transaction():
            write(
                "CREATE TEMP TABLE IF NOT EXISTS due(point INTEGER, hour INTEGER, PRIMARY KEY(point, hour))"
            )
            write("INSERT INTO due SELECT point, hour FROM dirty WHERE hour < ? LIMIT ?", (last, limit))
            write(_ROLL_UP)
            write("DELETE FROM dirty WHERE (point, hour) IN (SELECT point, hour FROM due)")
            done = write("SELECT point, hour FROM due").fetchall()
            write("DELETE FROM due")
            self._dirty.difference_update(done)
        return len(done)

    def series(self, point: int, begin_us: int, end_us: int, limit: int | None = None) -> Series:
        """The readings of one point with begin <= time < end, oldest first."""
        return self._series("ORDER BY time LIMIT ?", point, begin_us, end_us, -1 if limit is None else limit)

    def newest(self, point: int, begin_us: int, end_us: int, limit: int) -> Series:
        """The newest ``limit`` readings of one point with begin <= time < end, newest first."""
        return self._series("ORDER BY time DESC LIMIT ?", point, begin_us, end_us, limit)

    def moments(
        self, point: int, begin_us: NDArray[np.int64], width_us: int, value: NDArray[np.float64]
    ) -> Series:
        """Of each span the first good reading of its value."""
        key, ask = int(self._keys[point]), self._reader().execute
        found = [
            ask(_MOMENT, (key, begin, begin + width_us, wanted)).fetchone()
            for begin, wanted in zip(begin_us.tolist(), value.tolist(), strict=True)
        ]
        return series_of(row for row in found if row is not None)

    def count(self, point: int, begin_us: int, end_us: int) -> int:
        """How many readings of one point have begin <= time < end."""
        found = self._reader().execute(
            "SELECT count(*) FROM reading WHERE point = ? AND time >= ? AND time < ?",
            (int(self._keys[point]), begin_us, end_us),
        )
        return int(found.fetchone()[0])

    def _series(self, order: str, point: int, begin_us: int, end_us: int, limit: int) -> Series:
        rows = self._reader().execute(
            f"SELECT time, ifnull(value, 9e999), quality FROM reading"
            f" WHERE point = ? AND time >= ? AND time < ? {order}",
            (int(self._keys[point]), begin_us, end_us, limit),
        )
        return series_of(rows)

    def buckets(self, point: int, begin_us: int, end_us: int, width_us: int) -> Buckets:
        """Statistics per span; whole hours come from the stored statistics."""
        key = int(self._keys[point])
        reader = self._reader()
        if width_us % HOUR_US or begin_us % HOUR_US or end_us % HOUR_US:
            rows = reader.execute(
                f"SELECT (time - ?) / ?, {_STATISTICS} GROUP BY 1",
                (begin_us, width_us, key, begin_us, end_us),
            ).fetchall()
        else:
            hours = (begin_us // HOUR_US, end_us // HOUR_US)
            with _snapshot(reader):
                rows = reader.execute(
                    "SELECT (hour - ?) / ?, sum(count), total(total), min(minimum), max(maximum) FROM hour"
                    " WHERE point = ? AND hour >= ? AND hour < ? GROUP BY 1",
                    (hours[0], width_us // HOUR_US, key, *hours),
                ).fetchall()
                dirty = reader.execute(
                    "SELECT hour FROM dirty WHERE point = ? AND hour >= ? AND hour < ? ORDER BY hour",
                    (key, *hours),
                ).fetchall()
                for first, last in runs([hour for (hour,) in dirty]):
                    rows += reader.execute(
                        f"SELECT (time - ?) / ?, {_STATISTICS} GROUP BY 1",
                        (begin_us, width_us, key, first * HOUR_US, (last + 1) * HOUR_US),
                    ).fetchall()
        return merged(rows, begin_us, width_us)

    def last(self, points: Sequence[int] | None = None, before_us: int | None = None) -> Readings:
        """The newest reading, or the newest before a time, of every point (or of some) that has one."""
        reader = self._reader()
        found_rows: list[tuple[int, int, int, float, int]] = []
        before_us = 2**62 if before_us is None else before_us
        for row in range(len(self._keys)) if points is None else points:
            found = reader.execute(
                "SELECT time, arrival, value, quality FROM reading"
                " WHERE point = ? AND time < ? ORDER BY time DESC LIMIT 1",
                (int(self._keys[row]), before_us),
            ).fetchone()
            if found is not None:
                time, arrival, value, quality = found
                found_rows.append((row, time, arrival, np.nan if value is None else value, quality))
        columns = zip(*found_rows, strict=True) if found_rows else ((),) * 5
        return readings_of(*(list(column) for column in columns))

    def delete(self, point: int, before_us: int | None = None) -> int:
        """Delete the readings of one point, or those of the whole hours before ``before_us``."""
        key = int(self._keys[point])
        with self._lock:
            with self._transaction():
                if before_us is None:
                    deleted = self._writer.execute("DELETE FROM reading WHERE point = ?", (key,)).rowcount
                    for table in ("hour", "dirty"):
                        self._writer.execute(f"DELETE FROM {table} WHERE point = ?", (key,))
                    gone = {pair for pair in self._dirty if pair[0] == key}
                else:
                    # Whole hours only, so that no statistics speak of half of what is left.
                    hour = before_us // HOUR_US
                    deleted = self._writer.execute(
                        "DELETE FROM reading WHERE point = ? AND time < ?", (key, hour * HOUR_US)
                    ).rowcount
                    for table in ("hour", "dirty"):
                        self._writer.execute(f"DELETE FROM {table} WHERE point = ? AND hour < ?", (key, hour))
                    gone = {pair for pair in self._dirty if pair[0] == key and pair[1] < hour}
            self._dirty -= gone
        return deleted

    def forget_deleted(self) -> None:
        """Empty the write-ahead file, in which deleted readings may still stand."""
        with self._lock:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for reader in self._all_readers:
                reader.close()
            self._writer.close()

    def _reader(self) -> sqlite3.Connection:
        """The reading connection of this thread."""
        reader: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if reader is None:
            reader = self._readers.connection = self._connect()
            with self._lock:
                self._all_readers.append(reader)
        return reader

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with transaction(self._writer):
                yield
        except sqlite3.OperationalError as error:
            if _says_full(error):
                raise StoreFullError(str(self.path)) from error
            raise

    def _unusable(self, why: str) -> SensorError:
        return SensorError(
            "store-unusable",
            str(self.path),
            Text(f"This is no store of readings that can be used: {why}.", f"无法用作读数存储：{why}。"),
            Text("Name another file, or restore a backup.", "请换一个文件，或恢复备份。"),
        )


def copy_store(source: Path | str, target: Path | str) -> None:
    """A consistent copy of a store that may be in use."""
    with (
        closing(sqlite3.connect(f"file:{Path(source)}?mode=ro", uri=True)) as opened,
        closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)


def _says_full(error: sqlite3.OperationalError) -> bool:
    full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
    return error.sqlite_errorcode in full


@contextmanager
def _snapshot(reader: sqlite3.Connection) -> Iterator[None]:
    """Several queries that see the same state."""
    reader.execute("BEGIN")
    try:
        yield
    finally:
        reader.execute("COMMIT")
