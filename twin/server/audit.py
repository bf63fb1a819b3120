"""The audit log: who did what, when, to whom; each line seals the ones before it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from sensors.readings import now_us

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry(
  number INTEGER PRIMARY KEY, time INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,
  action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL, seal TEXT NOT NULL) STRICT;
"""


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
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_SCHEMA)
        newest = self._file.execute("SELECT number, seal FROM entry ORDER BY number DESC LIMIT 1").fetchone()
        self._number: int = newest[0] if newest else 0
        self._seal: str = newest[1] if newest else ""

    def write(self, who: str, role: str, action: str, target: str = "", detail: str = "") -> None:
        """Add a line."""
        with self._lock:
            number, time_us = self._number + 1, now_us()
            seal = _sealed(self._seal, number, time_us, who, role, action, target, detail)
            self._file.execute(
                "INSERT INTO entry VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                (number, time_us, who, role, action, target, detail, seal),
            )
            self._number, self._seal = number, seal

    def newest(self, limit: int, before: int | None = None) -> list[Entry]:
        """The newest lines, or those before a number, newest first."""
        with self._lock:
            rows = self._file.execute(
                "SELECT number, time, who, role, action, target, detail FROM entry"
                " WHERE number < ? ORDER BY number DESC LIMIT ?",
                (2**62 if before is None else before, limit),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def broken_at(self) -> int | None:
        """The number of the first line that was changed, or that follows a removed one; None when whole."""
        seal = ""
        with self._lock:
            rows = self._file.execute(
                "SELECT number, time, who, role, action, target, detail, seal FROM entry ORDER BY number"
            ).fetchall()
        for expected, (*fields, found) in enumerate(rows, 1):
            seal = _sealed(seal, *fields)
            if seal != found or fields[0] != expected:
                return int(fields[0])
        return None

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._file.close()


def _sealed(before: str, *fields: object) -> str:
    return hashlib.sha256(json.dumps([before, *fields], ensure_ascii=False).encode()).hexdigest()
