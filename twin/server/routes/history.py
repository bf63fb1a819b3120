"""The past of one point, and the hourly means of homes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from sensors.store.downsample import drawn, summed
from twin.server.columns import answer, numbers, times
from twin.server.context import Caller, Context, Served
from twin.server.errors import not_found
from twin.server.schemas import AggregateColumns, AggregateSeries, History
from twin.server.times import Moment, span_us

router = APIRouter(tags=["history"])

DAY_US = 86_400_000_000
LONGEST_US = 10 * 366 * DAY_US
MAX_READINGS = 100_000


@router.get("/api/v1/history", responses={200: {"model": History}})
async def history(
    caller: Caller,
    context: Served,
    point: Annotated[str, Query(max_length=200)],
    begin: Moment,
    end: Moment,
    count: Annotated[int, Query(ge=3, le=10_000)] = 1000,
    mode: Literal["curve", "buckets", "readings"] = "curve",
) -> Response:
    """The readings of a point: as a curve of ``count`` samples, as statistics of spans, or as they came."""
    row = context.live.points.row_of.get(point)
    if row is None or not caller.reads(context.live.points[row]):
        raise not_found()
    begin_us, end_us = span_us(begin, end, LONGEST_US)
    found = context.live.points[row]
    await asyncio.to_thread(context.audit_homes, caller, [found], point)
    columns = await asyncio.to_thread(_columns, context, row, begin_us, end_us, count, mode)
    return answer(
        {
            "point": point,
            "key": row,
            "unit": found.unit,
            "mode": mode,
            "begin_ms": begin_us // 1000,
            "end_ms": end_us // 1000,
            **columns,
        }
    )


@router.get("/api/v1/aggregates")
async def aggregates(context: Served) -> AggregateColumns:
    """The fixed groups of households of which hourly means are told."""
    groups = list(context.live.aggregates.groups.values())
    return AggregateColumns(
        id=[group.id for group in groups],
        quantity=[group.quantity for group in groups],
        unit=[group.unit for group in groups],
        households=[group.households for group in groups],
    )


@router.get("/api/v1/aggregates/{aggregate}")
async def aggregate_series(
    context: Served, aggregate: Annotated[str, Path(max_length=200)], begin: Moment, end: Moment
) -> AggregateSeries:
    """Hourly means over the households of a group; an hour that speaks of fewer than five is missing."""
    group = context.live.aggregates.groups.get(aggregate)
    if group is None:
        raise not_found()
    begin_us, end_us = span_us(begin, end, 366 * DAY_US)
    hours, means = await asyncio.to_thread(context.live.aggregates.series, aggregate, begin_us, end_us)
    return AggregateSeries(id=group.id, unit=group.unit, time_ms=[at // 1000 for at in hours], mean=means)


def _columns(context: Context, row: int, begin_us: int, end_us: int, count: int, mode: str) -> dict[str, Any]:
    store = context.live.store
    if mode == "buckets":
        spans = summed(store, row, begin_us, end_us, count)
        return {
            "time_ms": (spans.begin_us // 1000).tolist(),
            "mean": numbers(spans.mean),
            "minimum": numbers(spans.minimum),
            "maximum": numbers(spans.maximum),
            "count": spans.count.tolist(),
            "width_ms": spans.width_us / 1000,
        }
    if mode == "curve":
        series = drawn(store, row, begin_us, end_us, count)
        truncated = {}
    else:
        series = store.series(row, begin_us, end_us, MAX_READINGS)
        truncated = {"truncated": len(series.time_us) == MAX_READINGS}
    return {
        "time_ms": times(series.time_us),
        "value": numbers(series.value),
        "quality": series.quality.tolist(),
        **truncated,
    }
