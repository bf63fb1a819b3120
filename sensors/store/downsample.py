"""Fewer samples of a series that still show its shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensors.store.contract import HOUR_US, Buckets, Series, Store

SPANS = 4  # for each sample of a curve, of whose extremes it is chosen
READINGS = 8  # in a span, on the average, from which on its extremes are asked for instead of all of them


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
    """A series of one point for a curve of ``count`` samples. BAD readings are left out.

    Of a long series, samples are chosen among the least and the greatest reading of spans, at least 4 for
    each sample (MinMaxLTTB): spans of whole hours, which stored statistics tell, so that a year is not read
    reading by reading.

    Source: J. Van Der Donckt et al., MinMaxLTTB: Leveraging MinMax-Preselection to Scale LTTB, IEEE VIS 2023,
    https://arxiv.org/abs/2305.00332
    """
    width_us = (end_us - begin_us) // (SPANS * count)
    if width_us >= HOUR_US:
        return _of_extremes(store, point, begin_us, end_us, width_us - width_us % HOUR_US, count)
    if width_us and store.count(point, begin_us, end_us) > READINGS * SPANS * count:
        return _of_extremes(store, point, begin_us, end_us, width_us, count)
    series = _good(store.series(point, begin_us, end_us))
    return _of(series, lttb(series.time_us, series.value, count))


def _of_extremes(store: Store, point: int, begin_us: int, end_us: int, width_us: int, count: int) -> Series:
    """A curve whose samples between the first and last span are extremes of spans of ``width_us``."""
    first, last = store.series(point, begin_us, end_us, 1), store.newest(point, begin_us, end_us, 1)
    if not len(first.time_us):
        return first
    step_us = HOUR_US if width_us % HOUR_US == 0 else 1
    inner_us = (int(first.time_us[0]) // step_us + 1) * step_us
    outer_us = max(int(last.time_us[0]) // step_us * step_us, inner_us)
    head, tail = (
        _good(store.series(point, *span))
        for span in ((begin_us, min(inner_us, end_us)), (min(outer_us, end_us), end_us))
    )
    spans = store.buckets(point, inner_us, outer_us, width_us)
    # The least and the greatest reading of a span, as if they stood a quarter from its ends.
    begins = np.repeat(spans.begin_us, 2)
    value = np.column_stack((spans.minimum, spans.maximum)).ravel()
    time_us = begins + np.tile([width_us // 4, 3 * width_us // 4], len(spans.begin_us))
    rows = lttb(
        np.concatenate((head.time_us, time_us, tail.time_us)),
        np.concatenate((head.value, value, tail.value)),
        count,
    )
    inside = rows[(rows >= len(head.value)) & (rows < len(head.value) + len(value))] - len(head.value)
    middle = store.moments(point, begins[inside], width_us, value[inside])
    _, once = np.unique(middle.time_us, return_index=True)
    before = rows[rows < len(head.value)]
    after = rows[rows >= len(head.value) + len(value)] - len(head.value) - len(value)
    return _joined(_of(head, before), _of(middle, once), _of(tail, after))


def _good(series: Series) -> Series:
    return _of(series, np.flatnonzero(np.isfinite(series.value)))


def _of(series: Series, rows: NDArray[np.intp]) -> Series:
    return Series(series.time_us[rows], series.value[rows], series.quality[rows])


def _joined(*parts: Series) -> Series:
    return Series(
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
    )


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
