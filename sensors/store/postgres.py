"""The store on a server: PostgreSQL (extra ``postgres``), TimescaleDB used where the database has it.

The same tables as the embedded store, in a schema ``greentwin``: one row per point and time, hourly
statistics beside. One twin writes to a database; an advisory lock keeps a second one out. The driver is
asynchronous: it runs on an event loop of its own, in a thread, so that every method may be called from any
thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sensors.errors import SensorError, missing_extra
from sensors.points import PointTable
from sensors.readings import Quality, Readings, now_us, readings_of
from sensors.store.contract import (
    HOUR_US,
    Appended,
    Buckets,
    Series,
    StoreAwayError,
    StoreFullError,
    unit_changed,
)
from sensors.store.rows import merged, runs, series_of
from sensors.text import Text

if TYPE_CHECKING:
    import asyncpg

VERSION = 1
SCHEMA = "greentwin"
CHUNK_US = 7 * 86_400_000_000  # of a hypertable
_LOCK = 0x677265656E  # "green": the advisory lock of the twin that writes
_LOCK_S = 2.0  # that the server may need to see that a twin is gone
_READERS = 8
_TIMEOUT_S = 60.0
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

Result = TypeVar("Result")


class PostgresStore:
    """See :class:`sensors.store.contract.Store`."""

    def __init__(self, address: str, points: PointTable, password_env: str = "") -> None:
        """Connect, make the tables and make the points of the table known.

        Args:
            address: ``postgresql://user@host:port/database``.
            points: the unit of each must be that of its history.
            password_env: environment variable that holds the password, "" where none is needed.

        Raises:
            SensorError: the extra is missing, the database cannot be reached, another twin writes to it, its
                tables are of another version, or the unit of a point differs from its history's.
        """
        try:
            import asyncpg
        except ImportError:
            raise missing_extra("postgres", "asyncpg") from None
        self._asyncpg = asyncpg
        self.address = address
        self.points = points
        self._password = _password(password_env)
        self._dirty: set[tuple[int, int]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postgres", daemon=True)
        self._thread.start()
        self._gate = threading.Lock()
        self._closed = False
        self._writer: asyncpg.Connection[Any] | None = None
        self._pool: asyncpg.Pool[Any] | None = None
        try:
            self._run(self._open())
        except BaseException:
            self.close()
            raise

    def append(self, readings: Readings) -> Appended:
        """Store a batch as a whole; when this returns, it is on the server's disk."""
        if not len(readings):
            return Appended(0, 0, 0)
        return self._run(self._append(readings))

    def roll_up(self, before_us: int | None = None, limit: int = 10_000) -> int:
        """Sum up hours that ended before a time (now, by default); the number done, at most ``limit``."""
        last = (now_us() if before_us is None else before_us) // HOUR_US

        async def summed() -> int:
            async with self._writing() as writer, writer.transaction():
                done = [tuple(row) for row in await writer.fetch(_ROLL_UP, last, limit)]
            self._dirty.difference_update(done)
            return len(done)

        return self._run(summed(), _LONG_S)

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
        return series_of(self._fetch(_MOMENTS, key, begin_us.tolist(), width_us, value.tolist()))

    def count(self, point: int, begin_us: int, end_us: int) -> int:
        """How many readings of one point have begin <= time < end."""
        rows = self._fetch(
            "SELECT count(*) FROM reading WHERE point = $1 AND time >= $2 AND time < $3",
            int(self._keys[point]),
            begin_us,
            end_us,
        )
        return int(rows[0][0])

    def _series(self, order: str, point: int, begin_us: int, end_us: int, limit: int | None) -> Series:
        rows = self._fetch(
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
        return merged(self._run(self._buckets(point, begin_us, end_us, width_us)), begin_us, width_us)

    def last(self, points: Sequence[int] | None = None, before_us: int | None = None) -> Readings:
        """The newest reading, or the newest before a time, of every point (or of some) that has one."""
        rows = list(range(len(self._keys))) if points is None else [int(row) for row in points]
        before_us = 2**62 if before_us is None else before_us
        found = self._fetch(_LAST, rows, [int(self._keys[row]) for row in rows], before_us)
        columns: list[list[Any]] = [list(column) for column in zip(*found, strict=True)] or [[]] * 5
        columns[3] = [np.nan if value is None else value for value in columns[3]]
        return readings_of(*columns)

    def delete(self, point: int, before_us: int | None = None) -> int:
        """Delete the readings of one point, or those of the whole hours before ``before_us``."""
        key = int(self._keys[point])
        # Whole hours only, so that no statistics speak of half of what is left.
        hour = 2**62 // HOUR_US if before_us is None else before_us // HOUR_US

        async def deleted() -> int:
            async with self._writing() as writer, writer.transaction():
                done = await writer.execute(
                    "DELETE FROM reading WHERE point = $1 AND time < $2", key, hour * HOUR_US
                )
                for table in ("hour", "dirty"):
                    await writer.execute(f"DELETE FROM {table} WHERE point = $1 AND hour < $2", key, hour)
            self._dirty -= {pair for pair in self._dirty if pair[0] == key and pair[1] < hour}
            return int(done.split()[-1])

        return self._run(deleted(), _LONG_S)

    def forget_deleted(self) -> None:
        """Let the server reuse the space of deleted readings; it does not overwrite them at once."""

        async def vacuumed() -> None:
            async with self._writing() as writer:
                await writer.execute("VACUUM reading")

        self._run(vacuumed(), _LONG_S)

    def close(self) -> None:
        """Close every connection and end the thread."""
        with self._gate:
            if self._closed:
                return
            self._closed = True

        async def closed() -> None:
            writer = self._writer  # a batch that fails meanwhile drops it
            if writer is not None:
                with contextlib.suppress(
                    self._asyncpg.PostgresError,
                    self._asyncpg.InterfaceError,
                    self._asyncpg.InternalClientError,
                    OSError,
                ):
                    async with asyncio.timeout(2):
                        await writer.execute("SELECT pg_advisory_unlock_all()")
                writer.terminate()
            if self._pool is not None:
                self._pool.terminate()
            # Whoever still waits for an answer, in a thread of its own, would wait for ever.
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(closed(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        self._lock = asyncio.Lock()  # of the writer
        async with self._writing() as writer, writer.transaction():
            await writer.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            await writer.execute(_TABLES)
            version = await writer.fetchval("SELECT version FROM about")
            if version is None:
                await writer.execute("INSERT INTO about VALUES($1)", VERSION)
                await _partitioned(writer)
            elif version != VERSION:
                raise self._unusable(f"its version is {version}, not {VERSION}")
            await self._register(writer)
        self._pool = await self._asyncpg.create_pool(
            self.address, min_size=1, max_size=_READERS, **self._options()
        )

    async def _register(self, writer: asyncpg.Connection[Any]) -> None:
        await writer.executemany(
            "INSERT INTO point(id, unit) VALUES($1, $2) ON CONFLICT(id) DO NOTHING",
            [(point.id, point.unit) for point in self.points],
        )
        known = {row["id"]: row for row in await writer.fetch("SELECT key, id, unit FROM point")}
        for point in self.points:
            unit = known[point.id]["unit"]
            if unit != point.unit:
                raise unit_changed(point.id, point.unit, unit)
        self._keys = np.array([known[point.id]["key"] for point in self.points], np.int64)

    async def _append(self, readings: Readings) -> Appended:
        keys = self._keys[readings.point]
        pairs = np.unique(np.stack((keys, readings.time_us // HOUR_US)), axis=1).T.tolist()
        stored = replaced = 0
        async with self._writing() as writer:
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
            return await self._read(spans, key, begin_us, end_us, begin_us, width_us)
        hours = (begin_us // HOUR_US, end_us // HOUR_US)
        assert self._pool is not None
        async with self._pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
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

    def _fetch(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        return self._run(self._read(sql, *arguments))

    async def _read(self, sql: str, *arguments: Any) -> list[Any]:
        assert self._pool is not None
        return await self._pool.fetch(sql, *arguments)

    def _writing(self) -> _Writing:
        return _Writing(self)

    async def _connected_writer(self) -> asyncpg.Connection[Any]:
        if self._writer is None or self._writer.is_closed():
            self._dirty.clear()  # whoever wrote meanwhile may have summed up hours
            self._writer = await self._asyncpg.connect(self.address, **self._options())
            deadline = self._loop.time() + _LOCK_S
            while not await self._writer.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                if self._loop.time() > deadline:
                    await self._writer.close()
                    raise self._unusable("another twin writes to it")
                await asyncio.sleep(0.1)
        return self._writer

    def drop_writer(self) -> None:
        """End the connection that writes; the next batch opens another. On the loop of the driver."""
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    def _options(self) -> dict[str, Any]:
        settings = {
            "search_path": f"{SCHEMA}, public",
            "synchronous_commit": "on",  # a commit is on the server's disk
            "application_name": "greentwin",
            # A server that is gone frees the lock of a twin that is gone, and the other way round.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        }
        return {"password": self._password, "timeout": 10, "server_settings": settings}

    def _run(self, work: Coroutine[Any, Any, Result], timeout_s: float = _TIMEOUT_S) -> Result:
        """Await on the loop of the driver; what the server says becomes an error of ours."""
        with self._gate:
            if self._closed:
                work.close()
                raise StoreAwayError(_shown(self.address), "it is closed")
            running: Future[Result] = asyncio.run_coroutine_threadsafe(
                asyncio.wait_for(work, timeout_s), self._loop
            )
        try:
            return running.result()
        except CancelledError:
            raise StoreAwayError(_shown(self.address), "it is closed") from None
        except self._asyncpg.DiskFullError as error:
            raise StoreFullError(_shown(self.address)) from error
        except self._asyncpg.InvalidAuthorizationSpecificationError as error:
            raise self._unusable(str(error)) from error
        except (
            self._asyncpg.PostgresError,
            self._asyncpg.InterfaceError,
            self._asyncpg.InternalClientError,  # a connection that broke between two messages
            OSError,
            TimeoutError,
        ) as error:
            raise StoreAwayError(_shown(self.address), str(error) or type(error).__name__) from error

    def _unusable(self, why: str) -> SensorError:
        return SensorError(
            "store-unusable",
            _shown(self.address),
            Text(f"This database cannot be used: {why}.", f"无法使用该数据库：{why}。"),
            Text("Name another database, or mend this one.", "请换一个数据库，或修复该数据库。"),
        )


class _Writing:
    """The connection that writes, for one task at a time; it is opened again when it was lost."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    async def __aenter__(self) -> asyncpg.Connection[Any]:
        await self._store._lock.acquire()
        try:
            return await self._store._connected_writer()
        except BaseException:
            self._store._lock.release()
            raise

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, self._store._asyncpg.PostgresError):
            # The server answered nothing that the driver understands: the connection may be half dead.
            self._store.drop_writer()
        self._store._lock.release()


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


def _password(variable: str) -> str | None:
    if not variable:
        return None
    password = os.environ.get(variable)
    if password is None:
        raise SensorError(
            "password-missing",
            variable,
            Text("The environment variable is not set.", "未设置该环境变量。"),
            Text("Set it to the password of the database.", "请将其设为数据库的密码。"),
        )
    return password


def _shown(address: str) -> str:
    """An address without what could be a password."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
