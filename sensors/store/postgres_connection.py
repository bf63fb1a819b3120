"""Connections to a PostgreSQL server (extra ``postgres``) that any thread may use.

The driver is asynchronous: it runs on an event loop of its own, in a thread. One connection writes, under an
advisory lock that keeps a second twin out; a few read. What the server says becomes an error of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sensors.errors import SensorError, missing_extra
from sensors.store.contract import StoreAwayError, StoreFullError
from sensors.text import Text

if TYPE_CHECKING:
    import asyncpg

_LOCK_S = 2.0  # that the server may need to see that a twin is gone
_READERS = 8
_TIMEOUT_S = 60.0

Result = TypeVar("Result")


class PostgresConnection:
    """A database, under the lock of one writer."""

    def __init__(
        self,
        address: str,
        password_env: str,
        schema: str,
        lock: int,
        lost: Callable[[], object],
        read_only: bool,
    ) -> None:
        """Start the loop of the driver; nothing is opened yet.

        Args:
            address: ``postgresql://user@host:port/database``.
            password_env: environment variable that holds the password, "" where none is needed.
            schema: whose tables are meant.
            lock: number of the advisory lock of the writer.
            lost: called before the writing connection is opened again.
            read_only: the server itself refuses what would write.

        Raises:
            SensorError: the extra is missing, or the password is not set.
        """
        try:
            import asyncpg
        except ImportError:
            raise missing_extra("postgres", "asyncpg") from None
        self._asyncpg = asyncpg
        self.address = address
        self._password = _password(password_env)
        self._schema, self._lock_number, self._lost = schema, lock, lost
        self._read_only = read_only
        self._gate = threading.Lock()
        self._closed = False
        self._turn = asyncio.Lock()  # of the writer
        self._writer: asyncpg.Connection[Any] | None = None
        self._pool: asyncpg.Pool[Any] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postgres", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result], timeout_s: float = _TIMEOUT_S) -> Result:
        """Await on the loop of the driver, from any other thread.

        Raises:
            StoreFullError: the server's disk is full.
            StoreAwayError: the server cannot be reached, does not answer as it should, or this is closed.
            SensorError: the server lets us not in, or another twin writes.
        """
        with self._gate:
            if self._closed:
                work.close()
                raise StoreAwayError(self.shown, "it is closed")
            running: Future[Result] = asyncio.run_coroutine_threadsafe(
                asyncio.wait_for(work, timeout_s), self._loop
            )
        try:
            return running.result()
        except CancelledError:
            raise StoreAwayError(self.shown, "it is closed") from None
        except self._asyncpg.DiskFullError as error:
            raise StoreFullError(self.shown) from error
        except self._asyncpg.InvalidAuthorizationSpecificationError as error:
            raise self.unusable(str(error)) from error
        except (
            self._asyncpg.PostgresError,
            self._asyncpg.InterfaceError,
            self._asyncpg.InternalClientError,  # a connection that broke between two messages
            OSError,
            TimeoutError,
        ) as error:
            raise StoreAwayError(self.shown, str(error) or type(error).__name__) from error

    def fetch(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, from any other thread; see :meth:`run`."""
        return self.run(self.read(sql, *arguments))

    async def open_readers(self) -> None:
        """Open the connections that read."""
        self._pool = await self._asyncpg.create_pool(
            self.address, min_size=1, max_size=_READERS, **self._options()
        )

    async def read(self, sql: str, *arguments: Any) -> list[Any]:
        """The rows of a query."""
        assert self._pool is not None
        return await self._pool.fetch(sql, *arguments)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        """A connection whose queries all see the same state."""
        assert self._pool is not None
        async with self._pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
            yield reader

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """The connection that writes, for one task at a time; it is opened again when it was lost."""
        async with self._turn:
            writer = await self._connected_writer()
            try:
                yield writer
            except self._asyncpg.PostgresError:
                raise
            except BaseException:
                # The server answered nothing that the driver understands: it may be half dead.
                self._drop_writer()
                raise

    def unusable(self, why: str) -> SensorError:
        """The error of a database that is not for us."""
        return SensorError(
            "store-unusable",
            self.shown,
            Text(f"This database cannot be used: {why}.", f"无法使用该数据库：{why}。"),
            Text("Name another database, or mend this one.", "请换一个数据库，或修复该数据库。"),
        )

    @property
    def shown(self) -> str:
        """The address without what could be a password."""
        scheme, _, rest = self.address.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"

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

    async def _connected_writer(self) -> asyncpg.Connection[Any]:
        if self._writer is None or self._writer.is_closed():
            self._lost()
            writer = await self._asyncpg.connect(self.address, **self._options())
            deadline = self._loop.time() + _LOCK_S
            try:
                while not await writer.fetchval("SELECT pg_try_advisory_lock($1)", self._lock_number):
                    if self._loop.time() > deadline:
                        raise self.unusable("another twin writes to it")
                    await asyncio.sleep(0.1)
            except BaseException:
                writer.terminate()
                raise
            self._writer = writer
        return self._writer

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    def _options(self) -> dict[str, Any]:
        settings = {
            "search_path": f"{self._schema}, public",
            "synchronous_commit": "on",  # a commit is on the server's disk
            "default_transaction_read_only": "on" if self._read_only else "off",
            "application_name": "greentwin",
            # A server that is gone frees the lock of a twin that is gone, and the other way round.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        }
        return {"password": self._password, "timeout": 10, "server_settings": settings}


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
