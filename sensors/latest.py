"""The latest reading of every point, in memory, and whether it may still be believed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sensors.points import PointTable
from sensors.readings import MAX_AHEAD_US, MICROSECONDS, Quality, Readings, now_us

# A reading may be late by this share of its interval before it counts as stale: one is lost, the next is due.
TOLERANCE = 2.5


class State(IntEnum):
    """Whether the latest value of a point may be shown as the present one."""

    FRESH = 0
    STALE = 1  # too old, or its feed is lost
    UNKNOWN = 2  # never read, or read as bad


class Latest:
    """Columns of shape (P,), one row per point of the table. A point never read has time 0 and value NaN.

    Ages run on the monotonic clock from the moment of arrival, so that a wall clock that jumps makes
    nothing fresh or stale.
    """

    def __init__(self, points: PointTable) -> None:
        count = len(points)
        self.time_us = np.zeros(count, np.int64)
        self.value = np.full(count, np.nan)
        self.quality = np.full(count, int(Quality.BAD), np.uint8)
        self.available = np.ones(count, np.bool_)  # False while the feed of the point is lost
        self._age_at_arrival_s = np.zeros(count)
        self._arrived_s = np.zeros(count)  # monotonic
        self._limit_s = np.array(
            [np.inf if point.interval_s is None else TOLERANCE * point.interval_s for point in points]
        )

    def update(self, readings: Readings) -> NDArray[np.int32]:
        """Take over what is newer than what is known; the rows of the points that changed, ascending.

        What is known from a time that is still to come was read while our clock was wrong: it is replaced.
        """
        if not len(readings):
            return np.empty(0, np.int32)
        order = np.lexsort((readings.time_us, readings.point))
        points = readings.point[order]
        last = order[np.flatnonzero(np.append(points[1:] != points[:-1], True))]
        rows = readings.point[last]
        newer = (readings.time_us[last] >= self.time_us[rows]) | (
            self.time_us[rows] > readings.arrival_us[last] + MAX_AHEAD_US
        )
        last, rows = last[newer], rows[newer]
        self.time_us[rows] = readings.time_us[last]
        self.value[rows] = readings.value[last]
        self.quality[rows] = readings.quality[last]
        waited_s = (readings.arrival_us[last] - readings.time_us[last]) / MICROSECONDS
        self._age_at_arrival_s[rows] = np.maximum(waited_s, 0)
        self._arrived_s[rows] = time.monotonic()
        return rows

    def restore(self, readings: Readings) -> None:
        """Take over readings of an earlier run: they have aged by the wall clock meanwhile."""
        since = Readings(
            readings.point,
            readings.time_us,
            np.full(len(readings), now_us(), np.int64),
            readings.value,
            readings.quality,
        )
        self.update(since)

    def forget(self, rows: Sequence[int]) -> None:
        """Know nothing of some points until they are read again."""
        at = np.asarray(rows, np.intp)
        self.time_us[at], self.value[at], self.quality[at] = 0, np.nan, int(Quality.BAD)

    def age_s(self) -> NDArray[np.float64]:
        """Seconds since the time of each latest reading, inf for none, shape (P,)."""
        age = self._age_at_arrival_s + (time.monotonic() - self._arrived_s)
        return np.where(self.time_us == 0, np.inf, age)

    def states(self) -> NDArray[np.uint8]:
        """The State of every point now, shape (P,).

        A point with an interval is stale once its reading is older than 2.5 intervals; one that reports on
        change only is stale while its feed is lost.
        """
        state = np.full(len(self.value), int(State.FRESH), np.uint8)
        state[self.age_s() > self._limit_s] = State.STALE
        state[np.isinf(self._limit_s) & ~self.available] = State.STALE
        state[(self.time_us == 0) | (self.quality == Quality.BAD)] = State.UNKNOWN
        return state
