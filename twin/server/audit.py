"""The audit log: who did what, when, to whom; each line seals the ones before it.

One thread writes: lines that come together share a commit, and the event loop never waits for the disk. A
look for broken seals goes on where the last one ended, as long as nobody else has written to the file; once
an hour, and whenever somebody has, it begins anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sqlite3
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sensors.readings import now_us
from sensors.transactions import transaction

log = logging.getLogger(__name__)

LOOK_ANEW_S = 3600.0
_PORTION = 10_000  # lines read at once
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry(
  number INTEGER PRIMARY KEY, time INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,
  action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL, seal TEXT NOT NULL) STRICT;
"""
_COLUMNS = "number, time, who, role, action, target, detail"

_Line = tuple[int, str, str, str, str, str]  # all but the number


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``target`` is a household, a point, an alarm or an account."""

    number: int
    time_us: int
    who: str
    role: str
    action: str
    target: str
    detail: str


class AuditLog:
    """May be used from any thread. A line that is written survives a kill."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._open()
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_SCHEMA)
        newest = self._file.execute("SELECT number, seal FROM entry ORDER BY number DESC LIMIT 1").fetchone()
        self._number: int = newest[0] if newest else 0
        self._seal: str = newest[1] if newest else ""
        self._thread = ThreadPoolExecutor(1, "audit")
        self._waiting: list[tuple[_Line, Future[None]]] = []
        self._lock = threading.Lock()  # of what waits
        self._looking = threading.Lock()
        self._looked = (0, "")  # the last line found whole, and its seal
        self._looked_anew_s = -LOOK_ANEW_S
        self._version = -1

    def write(self, who: str, role: str, action: str, target: str = "", detail: str = "") -> Future[None]:
        """Add a line; it is on the disk once the future has its result."""
        done: Future[None] = Future()
        with self._lock:
            self._waiting.append(((now_us(), who, role, action, target, detail), done))
            if len(self._waiting) == 1:
                self._thread.submit(self._write_waiting)
        return done

    async def add(self, who: str, role: str, action: str, target: str = "", detail: str = "") -> None:
        """Add a line from the event loop; it is on the disk when this returns."""
        await asyncio.shield(asyncio.wrap_future(self.write(who, role, action, target, detail)))

    def note(self, who: str, role: str, action: str, target: str = "", detail: str = "") -> None:
        """Add a line without waiting for the disk, where nothing may wait: an alarm that is being shown."""
        self.write(who, role, action, target, detail).add_done_callback(_told)

    def newest(self, limit: int, before: int | None = None) -> list[Entry]:
        """The newest lines, or those before a number, newest first."""
        with closing(self._open()) as file:
            rows = file.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE number < ? ORDER BY number DESC LIMIT ?",
                (2**62 if before is None else before, limit),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def broken_at(self) -> int | None:
        """The number of the first line that was changed, or that follows a removed one; None when whole."""
        with self._looking:
            # Changes whenever another connection than the writer's has changed the file.
            version = self._thread.submit(self._data_version).result()
            if version != self._version or time.monotonic() - self._looked_anew_s >= LOOK_ANEW_S:
                self._version, self._looked = version, (0, "")
                self._looked_anew_s = time.monotonic()
            number, seal = self._looked
            with closing(self._open()) as file:
                while rows := file.execute(
                    f"SELECT {_COLUMNS}, seal FROM entry WHERE number > ? ORDER BY number LIMIT {_PORTION}",
                    (number,),
                ).fetchall():
                    for *fields, found in rows:
                        seal = _sealed(seal, *fields)
                        if seal != found or fields[0] != number + 1:
                            return int(fields[0])
                        number += 1
                    self._looked = (number, seal)
        return None

    def close(self) -> None:
        """Write what waits and release the file."""
        self._thread.shutdown()
        self._file.close()

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)

    def _data_version(self) -> int:
        return int(self._file.execute("PRAGMA data_version").fetchone()[0])

    def _write_waiting(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        number, seal = self._number, self._seal
        try:
            with transaction(self._file):
                for line, _ in batch:
                    number += 1
                    seal = _sealed(seal, number, *line)
                    row = (number, *line, seal)
                    self._file.execute("INSERT INTO entry VALUES(?, ?, ?, ?, ?, ?, ?, ?)", row)
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
            for _, done in batch:
                done.set_exception(error)
            return
        self._number, self._seal = number, seal
        for _, done in batch:
            done.set_result(None)


def _told(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        log.error("A line of the audit log could not be written: %s", error)


def _sealed(before: str, *fields: object) -> str:
    return hashlib.sha256(json.dumps([before, *fields], ensure_ascii=False).encode()).hexdigest()
