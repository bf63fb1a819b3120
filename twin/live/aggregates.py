"""What others may know of homes: hourly means over all households of a quantity, five or more.

The groups are fixed: one for each quantity and unit, over the whole table, so that no two of them can be
subtracted from one another. An hour is published once, after it has ended, from the households that have
readings in it, and never again: neither a late reading nor a deletion can be read off a changed figure.
"""

from __future__ import annotations

import hashlib
import math
import re
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sensors.points import PointTable, Privacy
from sensors.readings import now_us
from sensors.store.contract import HOUR_US, Store

WAIT_US = HOUR_US // 4  # for readings that come late
_SCHEMA = """
CREATE TABLE IF NOT EXISTS published(
  aggregate TEXT NOT NULL, hour INTEGER NOT NULL, mean REAL,
  PRIMARY KEY(aggregate, hour)) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One fixed group. ``rows`` are its points by household; a counter counts by its increase in an hour."""

    id: str
    quantity: str
    unit: str
    counter: bool
    rows: Mapping[str, tuple[int, ...]]

    @property
    def households(self) -> int:
        """Households of the group, rounded down to five so that the one more or less does not show."""
        return len(self.rows) // 5 * 5


class Aggregates:
    """May be used from any thread."""

    def __init__(self, path: Path, points: PointTable, store: Store, least: int) -> None:
        self._store, self._least = store, least
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.executescript(_SCHEMA)
        self.groups = {group.id: group for group in _groups(points) if len(group.rows) >= least}

    def series(self, aggregate: str, begin_us: int, end_us: int) -> tuple[list[int], list[float]]:
        """(begin of the hour in µs, mean) of the hours of a group that can be told."""
        group = self.groups[aggregate]
        first = -(-begin_us // HOUR_US)
        last = min(end_us, now_us() - WAIT_US) // HOUR_US  # hours that ended before this
        with self._lock:
            known: dict[int, float | None] = dict(
                self._file.execute(
                    "SELECT hour, mean FROM published WHERE aggregate = ? AND hour >= ? AND hour < ?",
                    (aggregate, first, last),
                ).fetchall()
            )
            missing = [hour for hour in range(first, last) if hour not in known]
            if missing:
                found = self._compute(group, missing[0], missing[-1] + 1)
                fresh = [(aggregate, hour, found[hour - missing[0]]) for hour in missing]
                rows = [(name, hour, None if math.isnan(mean) else mean) for name, hour, mean in fresh]
                self._file.executemany("INSERT INTO published VALUES(?, ?, ?)", rows)
                known.update({hour: mean for _, hour, mean in rows})
        told = [(hour, mean) for hour, mean in sorted(known.items()) if mean is not None]
        return [hour * HOUR_US for hour, _ in told], [mean for _, mean in told]

    def _compute(self, group: Aggregate, first: int, last: int) -> NDArray[np.float64]:
        """Means of the hours first … last - 1, NaN where too few households have readings."""
        homes = np.full((len(group.rows), last - first), np.nan)
        for home, rows in enumerate(group.rows.values()):
            columns = np.full((len(rows), last - first), np.nan)
            for column, row in zip(columns, rows, strict=True):
                hours = self._store.buckets(row, first * HOUR_US, last * HOUR_US, HOUR_US)
                value = hours.maximum - hours.minimum if group.counter else hours.mean
                column[(hours.begin_us // HOUR_US - first).astype(np.intp)] = value
            # A household counts in an hour only with all its points.
            homes[home] = columns.sum(axis=0) if group.counter else columns.mean(axis=0)
        present = np.isfinite(homes)
        count = present.sum(axis=0)
        mean = np.where(present, homes, 0.0).sum(axis=0) / np.maximum(count, 1)
        return np.array([_rounded(value) for value in np.where(count >= self._least, mean, np.nan)])

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._file.close()


def _groups(points: PointTable) -> list[Aggregate]:
    rows: dict[tuple[str, str, bool], dict[str, list[int]]] = {}
    for row, point in enumerate(points):
        private = point.privacy in (Privacy.HOUSEHOLD, Privacy.PERSONAL_SENSITIVE)
        if private and point.household and point.quantity and not point.urgent:
            key = (point.quantity, point.unit, point.counter)
            rows.setdefault(key, {}).setdefault(point.household, []).append(row)
    return [
        Aggregate(
            _id_of(quantity, unit, counter),
            quantity,
            unit,
            counter,
            {home: tuple(at) for home, at in homes.items()},
        )
        for (quantity, unit, counter), homes in sorted(rows.items())
    ]


def _id_of(quantity: str, unit: str, counter: bool) -> str:
    """The same on every run, whatever other groups there are: hours that were told are kept by it."""
    digest = hashlib.sha256(f"{quantity}\n{unit}\n{counter}".encode()).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_]+', '_', quantity)}-{digest[:6]}"


def _rounded(value: float) -> float:
    """Three significant digits: one household more or less should not be worth computing back."""
    if not math.isfinite(value) or value == 0:
        return value
    return round(value, 2 - math.floor(math.log10(abs(value))))
