"""What every store of readings offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sensors.errors import SensorError
from sensors.readings import Readings
from sensors.text import Text

HOUR_US = 3_600_000_000


class Appended(NamedTuple):
    """What became of a batch: new readings, those that replaced an earlier one, and those known already."""

    stored: int
    replaced: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one point in order of time; columns of shape (N,), value NaN where the quality is BAD."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Statistics of one point over spans of equal width, empty spans left out; columns of shape (N,).

    BAD readings do not count.
    """

    width_us: int
    begin_us: NDArray[np.int64]
    count: NDArray[np.int64]
    mean: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]


class Store(Protocol):
    """The history of the points of one table. Every method may be called from any thread."""

    def append(self, readings: Readings) -> Appended:
        """Store a batch as a whole; when this returns, the batch survives a kill of the process.

        A reading of a point and time that is stored already replaces it, unless it is the same.

        Raises:
            StoreFullError: the disk is full; nothing of the batch is stored.
        """
        ...

    def series(self, point: int, begin_us: int, end_us: int, limit: int | None = None) -> Series:
        """The readings of one point with begin <= time < end, at most ``limit``, oldest first."""
        ...

    def newest(self, point: int, begin_us: int, end_us: int, limit: int) -> Series:
        """The newest ``limit`` readings of one point with begin <= time < end, newest first."""
        ...

    def count(self, point: int, begin_us: int, end_us: int) -> int:
        """How many readings of one point have begin <= time < end."""
        ...

    def buckets(self, point: int, begin_us: int, end_us: int, width_us: int) -> Buckets:
        """Statistics per span of ``width_us``, the first span beginning at ``begin_us``.

        A width of whole hours that begins on the hour reads stored hourly statistics.
        """
        ...

    def last(self, points: Sequence[int] | None = None, before_us: int | None = None) -> Readings:
        """The newest reading, or the newest before a time, of every point (or of some) that has one."""
        ...

    def delete(self, point: int, before_us: int | None = None) -> int:
        """Delete the readings of one point, or those older than ``before_us``; the number deleted."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


class StoreFullError(SensorError):
    """The disk is full: nothing of the batch was stored, what was stored before is sound."""

    def __init__(self, where: str) -> None:
        super().__init__(
            "store-full",
            where,
            Text("The disk is full; the batch was not stored.", "磁盘已满，本批读数未保存。"),
            Text("Free space; storing goes on by itself.", "请释放空间，之后会自动继续保存。"),
        )

    def __reduce__(self) -> tuple[type[StoreFullError], tuple[str]]:  # type: ignore[override]
        return (type(self), (self.where,))
