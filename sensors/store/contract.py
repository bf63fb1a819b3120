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

    def moments(
        self, point: int, begin_us: NDArray[np.int64], width_us: int, value: NDArray[np.float64]
    ) -> Series:
        """The first reading of ``value`` in each span of ``width_us`` from ``begin_us``; both of shape (N,).

        BAD readings do not count; a span without such a reading gives none.
        """
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

    def roll_up(self, before_us: int | None = None, limit: int = 10_000) -> int:
        """Sum up hours that ended before a time (now, by default); the number done, at most ``limit``."""
        ...

    def forget_deleted(self) -> None:
        """Let nothing of deleted readings stand where the store itself can prevent it."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


NO_KEY = -1  # of a point that a history which is only read does not know


class StoreAwayError(SensorError):
    """The server of the store cannot be reached or does not answer as it should."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            "store-away",
            where,
            Text(f"The database cannot be used at present: {why}.", f"数据库暂不可用：{why}。"),
            Text(
                "Start it or mend the connection; storing goes on by itself.",
                "请恢复数据库，之后会自动继续保存。",
            ),
        )
        self.why = why

    def __reduce__(self) -> tuple[type[StoreAwayError], tuple[str, str]]:  # type: ignore[override]
        return (type(self), (self.where, self.why))


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


def unit_changed(point: str, unit: str, before: str) -> SensorError:
    """The error of a point whose history is in another unit."""
    return SensorError(
        "unit-changed",
        point,
        Text(
            f"The point is in {unit!r}, its history in {before!r}.",
            f"测点单位为 {unit!r}，历史数据单位为 {before!r}。",
        ),
        Text("Keep the unit, or give the point a new id.", "请保持原单位，或更换测点 id。"),
    )
