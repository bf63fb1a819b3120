"""From rows of a database to series and statistics of a point; what both stores share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from sensors.store.contract import Buckets, Series


def series_of(rows: Iterable[Iterable[float]]) -> Series:
    """Rows (time, value, quality) as a Series; an infinite value stands for none."""
    # One flat run of numbers is half the work of three columns; a float64 holds microseconds exactly.
    flat = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 3)
    value = flat[:, 1].copy()
    value[np.isinf(value)] = np.nan  # stored as NULL; no finite reading is infinite
    return Series(flat[:, 0].astype(np.int64), value, flat[:, 2].astype(np.uint8))


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of every run of consecutive numbers."""
    first = 0
    for position, number in enumerate(numbers):
        if position + 1 == len(numbers) or numbers[position + 1] != number + 1:
            yield numbers[first], number
            first = position + 1


def merged(rows: Sequence[tuple[Any, ...]], begin_us: int, width_us: int) -> Buckets:
    """Rows (bucket, count, total, min, max), several per bucket allowed, as Buckets."""
    table = np.array([row for row in rows if row[1]], np.float64).reshape(-1, 5)
    bucket, group = np.unique(table[:, 0].astype(np.int64), return_inverse=True)
    count = np.zeros(len(bucket))
    total = np.zeros(len(bucket))
    minimum = np.full(len(bucket), np.inf)
    maximum = np.full(len(bucket), -np.inf)
    np.add.at(count, group, table[:, 1])
    np.add.at(total, group, table[:, 2])
    np.minimum.at(minimum, group, table[:, 3])
    np.maximum.at(maximum, group, table[:, 4])
    return Buckets(
        width_us, begin_us + bucket * width_us, count.astype(np.int64), total / count, minimum, maximum
    )
