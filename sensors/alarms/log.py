"""The record of alarms: every change of every alarm, who made it and when, in a SQLite file of its own."""

from __future__ import annotations

import math
import sqlite3
import threading
from pathlib import Path

from sensors.alarms.alarm import Alarm, Change, Shelf
from sensors.alarms.rules import Severity
from sensors.errors import SensorError
from sensors.text import Text
from sensors.transactions import transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS alarm(
  id TEXT PRIMARY KEY, rule TEXT NOT NULL, point TEXT NOT NULL, severity INTEGER NOT NULL, value REAL,
  raised INTEGER NOT NULL, acknowledged INTEGER NOT NULL, acknowledged_by TEXT NOT NULL,
  cleared INTEGER NOT NULL, shelved INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS alarm_raised ON alarm(raised);
CREATE INDEX IF NOT EXISTS alarm_open ON alarm(raised) WHERE acknowledged = 0 OR cleared = 0;
CREATE TABLE IF NOT EXISTS event(
  time INTEGER NOT NULL, what TEXT NOT NULL, alarm TEXT NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS shelf(
  rule TEXT NOT NULL, point TEXT NOT NULL, until INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY(rule, point)) STRICT;
"""


class AlarmLog:
    """May be used from any thread. What a method has written survives a kill."""

    def __init__(self, path: Path | str) -> None:
        """Open or create the file.

        Raises:
            SensorError: it is no record of alarms.
        """
        self._lock = threading.Lock()
        try:
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = FULL")
            self._file.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise SensorError(
                "alarm-log-unusable",
                str(path),
                Text(f"This is no record of alarms: {error}.", f"不是报警记录文件：{error}。"),
                Text("Name another file, or restore a backup.", "请换一个文件，或恢复备份。"),
            ) from None

    def write(self, alarms: list[Change]) -> None:
        """Record changes, all or none."""
        with self._lock, transaction(self._file):
            for alarm, time_us, what, who, note in alarms:
                self._file.execute(
                    "INSERT OR REPLACE INTO alarm VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        alarm.id, alarm.rule, alarm.point, int(alarm.severity),
                        None if math.isnan(alarm.value) else alarm.value, alarm.raised_us,
                        alarm.acknowledged_us, alarm.acknowledged_by, alarm.cleared_us, int(alarm.shelved),
                    ),
                )  # fmt: skip
                self._file.execute(
                    "INSERT INTO event VALUES(?, ?, ?, ?, ?)", (time_us, what, alarm.id, who, note)
                )

    def shelve(self, shelf: Shelf, time_us: int) -> None:
        """Record a shelf; one that ends in the past takes the shelf away."""
        what = "shelved" if shelf.until_us > time_us else "unshelved"
        with self._lock, transaction(self._file):
            self._file.execute(
                "INSERT OR REPLACE INTO shelf VALUES(?, ?, ?, ?, ?)",
                (shelf.rule, shelf.point, shelf.until_us, shelf.by, shelf.reason),
            )
            self._file.execute(
                "INSERT INTO event VALUES(?, ?, ?, ?, ?)",
                (time_us, what, f"{shelf.rule} {shelf.point}".strip(), shelf.by, shelf.reason),
            )

    def open_alarms(self) -> list[Alarm]:
        """Alarms that are not both acknowledged and cleared, oldest first."""
        return self._alarms("WHERE acknowledged = 0 OR cleared = 0 ORDER BY raised")

    def history(self, begin_us: int, end_us: int, limit: int = 1000) -> list[Alarm]:
        """Alarms raised in a time, newest first."""
        return self._alarms(
            "WHERE raised >= ? AND raised < ? ORDER BY raised DESC LIMIT ?", begin_us, end_us, limit
        )

    def find(self, alarm: str) -> Alarm | None:
        """One alarm by its id, as it is recorded."""
        return next(iter(self._alarms("WHERE id = ?", alarm)), None)

    def shelves(self, at_us: int) -> list[Shelf]:
        """Shelves that have not ended."""
        with self._lock:
            rows = self._file.execute("SELECT * FROM shelf WHERE until > ?", (at_us,)).fetchall()
        return [Shelf(*row) for row in rows]

    def events(self, alarm: str) -> list[tuple[int, str, str, str]]:
        """(time, what, who, note) of one alarm, in order."""
        with self._lock:
            return self._file.execute(
                "SELECT time, what, who, note FROM event WHERE alarm = ? ORDER BY rowid", (alarm,)
            ).fetchall()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._file.close()

    def _alarms(self, where: str, *parameters: int | str) -> list[Alarm]:
        with self._lock:
            rows = self._file.execute(f"SELECT * FROM alarm {where}", parameters).fetchall()
        return [
            Alarm(
                id=row[0],
                rule=row[1],
                point=row[2],
                severity=Severity(row[3]),
                value=math.nan if row[4] is None else row[4],
                raised_us=row[5],
                acknowledged_us=row[6],
                acknowledged_by=row[7],
                cleared_us=row[8],
                shelved=bool(row[9]),
            )
            for row in rows
        ]
