"""Fewer samples of a series that still show its shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensors.store.contract import HOUR_US, Buckets, Series, Store


def lttb(time_us: NDArray[np.int64], value: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Rows of at most ``count`` samples chosen by largest triangle three buckets, ascending.

    The first and the last are kept; each bucket between them gives the sample that spans the largest
    triangle with the one chosen before and the mean of the next bucket.

    Args:
        time_us: ascending times, shape (N,)
        value: finite values, shape (N,)
        count: at least 3

    Source: S. Steinarsson, Downsampling Time Series for Visual Representation, University of Iceland, 2013,
    http://hdl.handle.net/1946/15343, section 4.2
    """
    if count < 3:
        raise ValueError("at least 3 samples are needed")
    size = len(value)
    if size <= count:
        return np.arange(size)
    x = (time_us - time_us[0]).astype(np.float64)
    edges = np.floor(np.linspace(1, size - 1, count - 1)).astype(np.intp)
    sums_x, sums_y = (np.concatenate(([0.0], np.cumsum(column))) for column in (x, value))
    chosen = np.empty(count, np.intp)
    chosen[0], chosen[-1] = 0, size - 1
    before = 0
    for bucket in range(count - 2):
        begin, end = edges[bucket], edges[bucket + 1]
        after = edges[bucket + 2] if bucket + 2 < len(edges) else size
        next_x = (sums_x[after] - sums_x[end]) / (after - end)
        next_y = (sums_y[after] - sums_y[end]) / (after - end)
        area = np.abs(
            (x[before] - next_x) * (value[begin:end] - value[before])
            - (x[before] - x[begin:end]) * (next_y - value[before])
        )
        before = chosen[bucket + 1] = begin + int(np.argmax(area))
    return chosen


def drawn(store: Store, point: int, begin_us: int, end_us: int, count: int) -> Series:
    """A series of one point for a curve of ``count`` samples. BAD readings are left out."""
    series = store.series(point, begin_us, end_us)
    good = np.isfinite(series.value)
    time_us, value, quality = series.time_us[good], series.value[good], series.quality[good]
    rows = lttb(time_us, value, count)
    return Series(time_us[rows], value[rows], quality[rows])


def summed(store: Store, point: int, begin_us: int, end_us: int, count: int) -> Buckets:
    """Statistics of one point in at most ``count`` spans that cover begin … end.

    Spans of an hour and more are whole hours and begin on the hour, so that stored statistics serve.
    """
    width_us = max(-(-(end_us - begin_us) // count), 1)
    if width_us < HOUR_US:
        return store.buckets(point, begin_us, end_us, width_us)
    begin_us -= begin_us % HOUR_US
    end_us += -end_us % HOUR_US
    hours = -(-(end_us - begin_us) // HOUR_US)
    return store.buckets(point, begin_us, end_us, -(-hours // count) * HOUR_US)
