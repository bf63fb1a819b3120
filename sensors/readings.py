"""Readings: what a device said, when, and how far it can be trusted."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MICROSECONDS = 1_000_000
# A time this far ahead is that of a wrong clock: a device's, or ours before it was set right.
MAX_AHEAD_US = 300 * MICROSECONDS
Microseconds = NDArray[np.int64]


class Quality(IntEnum):
    """How far a value can be trusted (the three severities of OPC UA part 8)."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Sample(NamedTuple):
    """One value as a feed hands it over. ``time_us`` is the device's own time, None when it states none."""

    point: str
    value: float | bool | str | None
    time_us: int | None = None
    unit: str | None = None  # None: the unit of the point
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class Readings:
    """Accepted readings as columns of shape (N,), in order of arrival.

    ``point`` is a row of the PointTable; values are in the unit of their point, NaN where the quality is BAD.
    Times are microseconds since 1970-01-01 UTC.
    """

    point: NDArray[np.int32]
    time_us: Microseconds
    arrival_us: Microseconds
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.point)


def readings_of(
    point: list[int], time_us: list[int], arrival_us: list[int], value: list[float], quality: list[int]
) -> Readings:
    """Readings from plain lists of equal length."""
    return Readings(
        np.array(point, np.int32),
        np.array(time_us, np.int64),
        np.array(arrival_us, np.int64),
        np.array(value, np.float64),
        np.array(quality, np.uint8),
    )


def now_us() -> int:
    """The time of the wall clock, in microseconds UTC."""
    return time.time_ns() // 1000


def to_us(moment: datetime) -> int:
    """Microseconds UTC of a moment; one without a time zone counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds


def to_iso(time_us: int) -> str:
    """ISO 8601 in UTC, with as many decimals as needed."""
    moment = datetime.fromtimestamp(time_us // MICROSECONDS, UTC).replace(microsecond=time_us % MICROSECONDS)
    return moment.isoformat().replace("+00:00", "Z")


def parse_time(value: object) -> int:
    """Microseconds UTC of a time stamp as devices write it.

    A number is a count since 1970 in seconds, milliseconds, microseconds or nanoseconds: its size tells
    which, for every moment between 1973 and 2286. A text is ISO 8601 or such a number; without a
    time zone it is UTC.

    Raises:
        ValueError: it is no time.
    """
    if value.__class__ is int and 10**14 < value < 10**16:
        return value
    if isinstance(value, bool):
        raise ValueError("a truth value is no time")
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            return to_us(datetime.fromisoformat(text))
        value = float(text) if "." in text else int(text)
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{value!r} is no time")
    for limit, factor in ((1e10, 1_000_000), (1e13, 1_000), (1e16, 1)):
        if value < limit:
            return round(value * factor)
    if value < 1e19:
        return int(value) // 1000
    raise ValueError(f"{value!r} is no time")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{1,20}(\.\d{1,9})?")
