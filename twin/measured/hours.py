"""Hours of the place between two times, and what points measured in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sensors.points import Point
from sensors.readings import MICROSECONDS
from sensors.store.contract import HOUR_US, Store
from sensors.units import conversion, unit_of

Floats = NDArray[np.float64]
RATES = {"kWh": "kW", "m³": "m³/h", "mm": "mm/h"}  # amount -> what it is of an hour
COVERAGE = 0.75  # share of a day's or a month's hours that must hold readings for it to count


@dataclass(frozen=True)
class Hours:
    """Whole hours (UTC) of a span with their local calendar; columns of shape (H,)."""

    begin_us: int
    count: int
    of_day: NDArray[np.int64]  # 0 … 23
    day: NDArray[np.int64]  # ordinal of the local date
    month: NDArray[np.int64]  # 0 … 11
    weekend: NDArray[np.bool_]

    @property
    def end_us(self) -> int:
        """The end of the last hour."""
        return self.begin_us + self.count * HOUR_US


def hours_between(begin_us: int, end_us: int, zone: str) -> Hours:
    """The whole hours between two times."""
    first = -(-begin_us // HOUR_US)
    count = max(end_us // HOUR_US - first, 0)
    place = ZoneInfo(zone)
    moments = [
        datetime.fromtimestamp((first + number) * HOUR_US // MICROSECONDS, UTC).astimezone(place)
        for number in range(count)
    ]
    return Hours(
        first * HOUR_US,
        count,
        np.array([moment.hour for moment in moments], np.int64),
        np.array([moment.toordinal() for moment in moments], np.int64),
        np.array([moment.month - 1 for moment in moments], np.int64),
        np.array([moment.weekday() >= 5 for moment in moments], np.bool_),
    )


def hourly_mean(store: Store, row: int, point: Point, hours: Hours, unit: str) -> Floats:
    """Means of a point in a unit, NaN for hours without a reading, shape (H,)."""
    found = store.buckets(row, hours.begin_us, hours.end_us, HOUR_US)
    scale, shift = conversion(point.unit, unit)
    values = np.full(hours.count, np.nan)
    values[((found.begin_us - hours.begin_us) // HOUR_US).astype(np.intp)] = found.mean * scale + shift
    return values


def hourly_increase(store: Store, row: int, point: Point, hours: Hours, unit: str) -> Floats:
    """By how much a meter rose in each hour, NaN where it cannot be told, shape (H,).

    Of a meter that only rises what it counted over a gap is shared out over the gap; a meter that falls was
    exchanged or set back, and its hour is not known. A point of power or flow counts with its mean; any other
    holds what came in since its last reading, and counts with the sum of an hour's readings.
    """
    return increase(store, row, point, hours.begin_us, hours.count, HOUR_US, unit)


def increase(
    store: Store, row: int, point: Point, begin_us: int, count: int, width_us: int, unit: str
) -> Floats:
    """By how much a meter rose in each of ``count`` spans of ``width_us``: see :func:`hourly_increase`."""
    found = store.buckets(row, begin_us, begin_us + count * width_us, width_us)
    at = ((found.begin_us - begin_us) // width_us).astype(np.intp)
    values = np.full(count, np.nan)
    if unit_of(unit).dimension != unit_of(point.unit).dimension:
        scale, _ = conversion(point.unit, RATES[unit])
        values[at] = found.mean * scale * (width_us / HOUR_US)
        return values
    scale, _ = conversion(point.unit, unit)
    if not point.counter:
        values[at] = found.mean * found.count * scale
        return values
    for first, last, low, high in zip(at, at[1:], found.maximum, found.maximum[1:], strict=False):
        if high >= low:
            values[first + 1 : last + 1] = (high - low) * scale / (last - first)
    return values


def monthly(values: Floats, hours: Hours) -> Floats:
    """Sums of hourly values by month, NaN for a month that is not there or not enough of it, shape (12,).

    Hours that are missing in a month count with the mean of those that are there.
    """
    found = np.full(12, np.nan)
    for month in range(12):
        own = values[hours.month == month]
        known = own[np.isfinite(own)]
        days = len(np.unique(hours.day[hours.month == month]))
        if days >= 28 and len(known) >= COVERAGE * len(own):
            found[month] = known.mean() * len(own)
    return found


def total(columns: Sequence[Floats]) -> Floats:
    """The sum of several meters, NaN in an hour that one of them lacks."""
    summed: Floats = np.sum(np.stack(columns), axis=0)
    return summed
