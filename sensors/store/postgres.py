"""The store on a server: PostgreSQL (extra ``postgres``), TimescaleDB used where the database has it.

The same tables as the embedded store, in a schema ``greentwin``: one row per point and time, hourly
statistics beside. One twin writes to a database; an advisory lock keeps a second one out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensors.points import PointTable
from sensors.readings import Quality, Readings, now_us, readings_of
from sensors.store.contract import HOUR_US, NO_KEY, Appended, Buckets, Series, unit_changed
from sensors.store.postgres_connection import PostgresConnection
from sensors.store.rows import merged, runs, series_of

if TYPE_CHECKING:
    import asyncpg

VERSION = 1
SCHEMA = "greentwin"
CHUNK_US = 7 * 86_400_000_000  # of a hypertable
_LOCK = 0x677265656E  # "green": the advisory lock of the twin that writes
_LONG_S = 3600.0  # what maintenance may take
_REMEMBERED = 200_000  # hours known to be dirty
_TABLES = """
CREATE TABLE IF NOT EXISTS about(version integer NOT NULL);
CREATE TABLE IF NOT EXISTS point(
  key integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, unit text NOT NULL);
CREATE TABLE IF NOT EXISTS reading(
  point integer NOT NULL, time bigint NOT NULL, value double precision, quality smallint NOT NULL,
  arrival bigint NOT NULL, PRIMARY KEY(point, time));
CREATE TABLE IF NOT EXISTS hour(
  point integer NOT NULL, hour bigint NOT NULL, count bigint NOT NULL, total double precision,
  minimum double precision, maximum double precision, PRIMARY KEY(point, hour));
CREATE TABLE IF NOT EXISTS dirty(point integer NOT NULL, hour bigint NOT NULL, PRIMARY KEY(point, hour));
"""
# A row that is inserted has no older version (xmax = 0); one that replaces another has.
_APPEND = """
WITH done AS (
  INSERT INTO reading(point, time, value, quality, arrival)
  SELECT * FROM unnest($1::integer[], $2::bigint[], $3::double precision[], $4::smallint[], $5::bigint[])
  ON CONFLICT(point, time) DO UPDATE
  SET value = excluded.value, quality = excluded.quality, arrival = excluded.arrival
  WHERE reading.value IS DISTINCT FROM excluded.value OR reading.quality <> excluded.quality
  RETURNING (xmax = 0) AS fresh)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM done
"""
_TOUCH = """
INSERT INTO dirty SELECT * FROM unnest($1::integer[], $2::bigint[]) ON CONFLICT DO NOTHING
"""
_UNSUM = """
DELETE FROM hour USING unnest($1::integer[], $2::bigint[]) AS due(point, hour)
WHERE hour.point = due.point AND hour.hour = due.hour
"""
_STATISTICS = f"""
count(value), sum(value), min(value), max(value) FROM reading
WHERE point = $1 AND time >= $2 AND time < $3 AND quality < {int(Quality.BAD)}
"""
_ROLL_UP = f"""
WITH due AS (
  DELETE FROM dirty WHERE (point, hour) IN (SELECT point, hour FROM dirty WHERE hour < $1 LIMIT $2)
  RETURNING point, hour),
summed AS (
  INSERT INTO hour(point, hour, count, total, minimum, maximum)
  SELECT due.point, due.hour, count(value), sum(value), min(value), max(value) FROM due JOIN reading
  ON reading.point = due.point AND time >= due.hour * {HOUR_US} AND time < (due.hour + 1) * {HOUR_US}
  AND quality < {int(Quality.BAD)} GROUP BY due.point, due.hour
  ON CONFLICT(point, hour) DO UPDATE SET count = excluded.count, total = excluded.total,
  minimum = excluded.minimum, maximum = excluded.maximum)
SELECT point, hour FROM due
"""
_MOMENTS = f"""
SELECT found.time, found.value, found.quality
FROM unnest($2::bigint[], $4::double precision[]) WITH ORDINALITY AS span(begin, value, number)
CROSS JOIN LATERAL (
  SELECT time, reading.value, quality FROM reading WHERE point = $1 AND time >= span.begin
  AND time < span.begin + $3 AND reading.value = span.value AND quality < {int(Quality.BAD)}
  ORDER BY time LIMIT 1) AS found
ORDER BY span.number
"""
_LAST = """
SELECT wanted.row, found.time, found.arrival, found.value, found.quality
FROM unnest($1::integer[], $2::integer[]) AS wanted(row, key) CROSS JOIN LATERAL (
  SELECT time, arrival, value, quality FROM reading WHERE point = wanted.key AND time < $3
  ORDER BY time DESC LIMIT 1) AS found
ORDER BY wanted.row
"""


class PostgresStore:
    """See :class:`sensors.store.contract.Store`."""

    def __init__(
        self, address: str, points: PointTable, password_env: str = "", *, read_only: bool = False
    ) -> None:
        """Connect, make the tables and make the points of the table known.

        Args:
            address: ``postgresql://user@host:port/database``.
            points: the unit of each must be that of its history.
            password_env: environment variable that holds the password, "" where none is needed.
            read_only: read beside the twin that writes; a point that it does not know has no history.

        Raises:
            SensorError: the extra is missing, the database cannot be reached, another twin writes to it, its
                tables are of another version, or the unit of a point differs from its history's.
        """
        self.points = points
        self._dirty: set[tuple[int, int]] = set()
        # Whoever wrote while the connection was lost may have summed up hours.
        self._server = PostgresConnection(address, password_env, SCHEMA, _LOCK, self._dirty.clear, read_only)
        try:
            self._server.run(self._looked_up() if read_only else self._prepared())
        except BaseException:
            self.close()
            raise

    def append(self, readings: Readings) -> Appended:
        """Store a batch as a whole; when this returns, it is on the server's disk."""
        if not len(readings):
            return Appended(0, 0, 0)
        return self._server.run(self._append(readings))

    def roll_up(self, before_us: int | None = None, limit: int = 10_000) -> int:
        """Sum up hours that ended before a time (now, by default); the number done, at most ``limit``."""
        last = (now_us() if before_us is None else before_us) // HOUR_US

        async def summed() -> int:
            async with self._server.writing() as writer, writer.transaction():
                done = [tuple(row) for row in await writer.fetch(_ROLL_UP, last, limit)]
            self._dirty.difference_update(done)
            return len(done)

        return self._server.run(summed(), _LONG_S)

    def series(self, point: int, begin_us: int, end_us: int, limit: int | None = None) -> Series:
        """The readings of one point with begin <= time < end, oldest first."""
        return self._series("ORDER BY time LIMIT $4", point, begin_us, end_us, limit)

    def newest(self, point: int, begin_us: int, end_us: int, limit: int) -> Series:
        """The newest ``limit`` readings of one point with begin <= time < end, newest first."""
        return self._series("ORDER BY time DESC LIMIT $4", point, begin_us, end_us, limit)

    def moments(
        self, point: int, begin_us: NDArray[np.int64], width_us: int, value: NDArray[np.float64]
    ) -> Series:
        """Of each span the first good reading of its value."""
        key = int(self._keys[point])
        return series_of(self._server.fetch(_MOMENTS, key, begin_us.tolist(), width_us, value.tolist()))

    def count(self, point: int, begin_us: int, end_us: int) -> int:
        """How many readings of one point have begin <= time < end."""
        rows = self._server.fetch(
            "SELECT count(*) FROM reading WHERE point = $1 AND time >= $2 AND time < $3",
            int(self._keys[point]),
            begin_us,
            end_us,
        )
        return int(rows[0][0])

    def _series(self, order: str, point: int, begin_us: int, end_us: int, limit: int | None) -> Series:
        rows = self._server.fetch(
            "SELECT time, coalesce(value, 'infinity'), quality FROM reading"
            f" WHERE point = $1 AND time >= $2 AND time < $3 {order}",
            int(self._keys[point]),
            begin_us,
            end_us,
            limit,
        )
        return series_of(rows)

    def buckets(self, point: int, begin_us: int, end_us: int, width_us: int) -> Buckets:
        """Statistics per span; whole hours come from the stored statistics."""
        return merged(self._server.run(self._buckets(point, begin_us, end_us, width_us)), begin_us, width_us)

    def last(self, points: Sequence[int] | None = None, before_us: int | None = None) -> Readings:
        """The newest reading, or the newest before a time, of every point (or of some) that has one."""
        rows = list(range(len(self._keys))) if points is None else [int(row) for row in points]
        before_us = 2**62 if before_us is None else before_us
        found = self._server.fetch(_LAST, rows, [int(self._keys[row]) for row in rows], before_us)
        columns: list[list[Any]] = [list(column) for column in zip(*found, strict=True)] or [[]] * 5
        columns[3] = [np.nan if value is None else value for value in columns[3]]
        return readings_of(*columns)

    def delete(self, point: int, before_us: int | None = None) -> int:
        """Delete the readings of one point, or those of the whole hours before ``before_us``."""
        key = int(self._keys[point])
        # Whole hours only, so that no statistics speak of half of what is left.
        hour = 2**62 // HOUR_US if before_us is None else before_us // HOUR_US

        async def deleted() -> int:
            async with self._server.writing() as writer, writer.transaction():
                done = await writer.execute(
                    "DELETE FROM reading WHERE point = $1 AND time < $2", key, hour * HOUR_US
                )
                for table in ("hour", "dirty"):
                    await writer.execute(f"DELETE FROM {table} WHERE point = $1 AND hour < $2", key, hour)
            self._dirty -= {pair for pair in self._dirty if pair[0] == key and pair[1] < hour}
            return int(done.split()[-1])

        return self._server.run(deleted(), _LONG_S)

    def forget_deleted(self) -> None:
        """Let the server reuse the space of deleted readings; it does not overwrite them at once."""

        async def vacuumed() -> None:
            async with self._server.writing() as writer:
                await writer.execute("VACUUM reading")

        self._server.run(vacuumed(), _LONG_S)

    def close(self) -> None:
        """Close every connection and end the thread."""
        self._server.close()

    async def _prepared(self) -> None:
        async with self._server.writing() as writer, writer.transaction():
            await writer.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            await writer.execute(_TABLES)
            version = await writer.fetchval("SELECT version FROM about")
            if version is None:
                await writer.execute("INSERT INTO about VALUES($1)", VERSION)
                await _partitioned(writer)
            else:
                self._check_version(version)
            await self._register(writer)
        await self._server.open_readers()

    async def _looked_up(self) -> None:
        await self._server.open_readers()
        (there,) = await self._server.read("SELECT to_regclass($1) IS NOT NULL", f"{SCHEMA}.about")
        if not there[0]:
            raise self._server.unusable("it holds no history yet")
        for (version,) in await self._server.read("SELECT version FROM about"):
            self._check_version(version)
        self._know(await self._server.read("SELECT key, id, unit FROM point"))

    def _check_version(self, version: int) -> None:
        if version != VERSION:
            raise self._server.unusable(f"its version is {version}, not {VERSION}")

    async def _register(self, writer: asyncpg.Connection[Any]) -> None:
        await writer.executemany(
            "INSERT INTO point(id, unit) VALUES($1, $2) ON CONFLICT(id) DO NOTHING",
            [(point.id, point.unit) for point in self.points],
        )
        self._know(await writer.fetch("SELECT key, id, unit FROM point"))

    def _know(self, rows: Sequence[Any]) -> None:
        known = {id_: (key, unit) for key, id_, unit in rows}
        found = [known.get(point.id, (NO_KEY, point.unit)) for point in self.points]
        for point, (_, unit) in zip(self.points, found, strict=True):
            if unit != point.unit:
                raise unit_changed(point.id, point.unit, unit)
        self._keys = np.array([key for key, _ in found], np.int64)

    async def _append(self, readings: Readings) -> Appended:
        keys = self._keys[readings.point]
        pairs = np.unique(np.stack((keys, readings.time_us // HOUR_US)), axis=1).T.tolist()
        stored = replaced = 0
        async with self._server.writing() as writer:
            touched = [pair for pair in map(tuple, pairs) if pair not in self._dirty]
            async with writer.transaction():
                for rows in _layers(keys, readings.time_us):
                    values = [value if value == value else None for value in readings.value[rows].tolist()]
                    counts = await writer.fetchrow(
                        _APPEND,
                        keys[rows].tolist(),
                        readings.time_us[rows].tolist(),
                        values,
                        readings.quality[rows].tolist(),
                        readings.arrival_us[rows].tolist(),
                    )
                    assert counts is not None
                    stored, replaced = stored + counts[0], replaced + counts[1]
                if touched:
                    columns = [list(column) for column in zip(*touched, strict=True)]
                    await writer.execute(_TOUCH, *columns)
                    await writer.execute(_UNSUM, *columns)
            if len(self._dirty) > _REMEMBERED:
                self._dirty.clear()
            self._dirty.update(touched)
        return Appended(stored, replaced, len(readings) - stored - replaced)

    async def _buckets(self, point: int, begin_us: int, end_us: int, width_us: int) -> list[tuple[Any, ...]]:
        key = int(self._keys[point])
        spans = f"SELECT (time - $4) / $5, {_STATISTICS} GROUP BY 1"
        if width_us % HOUR_US or begin_us % HOUR_US or end_us % HOUR_US:
            return await self._server.read(spans, key, begin_us, end_us, begin_us, width_us)
        hours = (begin_us // HOUR_US, end_us // HOUR_US)
        async with self._server.reading() as reader:
            rows = await reader.fetch(
                "SELECT (hour - $2) / $4, sum(count)::bigint, sum(total), min(minimum), max(maximum)"
                " FROM hour WHERE point = $1 AND hour >= $2 AND hour < $3 GROUP BY 1",
                key, *hours, width_us // HOUR_US,
            )  # fmt: skip
            dirty = await reader.fetch(
                "SELECT hour FROM dirty WHERE point = $1 AND hour >= $2 AND hour < $3 ORDER BY hour",
                key, *hours,
            )  # fmt: skip
            for first, last in runs([hour for (hour,) in dirty]):
                rows += await reader.fetch(
                    spans, key, first * HOUR_US, (last + 1) * HOUR_US, begin_us, width_us
                )
        return [tuple(row) for row in rows]


def _layers(keys: np.ndarray[Any, Any], times: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """Rows of a batch, each point and time at most once in each part: the first of them, then the second."""
    order = np.lexsort((times, keys))  # stable: equal ones stay in their order
    same = (np.diff(keys[order]) == 0) & (np.diff(times[order]) == 0)
    if not same.any():
        yield np.arange(len(keys))
        return
    starts = np.flatnonzero(np.concatenate(([True], ~same)))
    occurrence = np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))
    for number in range(int(occurrence.max()) + 1):
        yield np.sort(order[occurrence == number])


async def _partitioned(writer: asyncpg.Connection[Any]) -> None:
    """Make the readings a hypertable where the database has TimescaleDB."""
    if await writer.fetchval("SELECT EXISTS(SELECT FROM pg_proc WHERE proname = 'create_hypertable')"):
        await writer.execute(
            f"SELECT create_hypertable('{SCHEMA}.reading', 'time', chunk_time_interval => {CHUNK_US},"
            " create_default_indexes => false)"
        )
