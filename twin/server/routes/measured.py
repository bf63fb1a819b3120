"""Measured values held against limits."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Response

from twin.measured.limits import hold, limit_of
from twin.server.columns import answer
from twin.server.context import Caller, Context, Served
from twin.server.rights import Principal
from twin.server.schemas import MeasuredColumns
from twin.server.times import Moment, span_us

router = APIRouter(tags=["measured"])

LONGEST_US = 366 * 86_400_000_000


@router.get("/api/v1/measured", responses={200: {"model": MeasuredColumns}})
async def measured(caller: Caller, context: Served, begin: Moment, end: Moment) -> Response:
    """Means of indoor air between two times against their limits: met, not met, not enough data yet."""
    begin_us, end_us = span_us(begin, end, LONGEST_US)
    return answer(await asyncio.to_thread(_held, context, caller, begin_us, end_us))


def _held(context: Context, caller: Principal, begin_us: int, end_us: int) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {name: [] for name in MeasuredColumns.model_fields}
    zone = context.live.project.live.zone
    for row, point in enumerate(context.live.points):
        limit = limit_of(point)
        if limit is None or not caller.reads(point):
            continue
        context.audit_homes(caller, [point], f"measured {point.id}")
        held = hold(context.live.store, row, point, limit, begin_us, end_us, zone)
        place = context.place(point.id)
        line = {
            "key": row,
            "point": point.id,
            "element": None if place is None else place.room or place.element,
            "quantity": limit.kind,
            "at_most": limit.at_most,
            "unit": limit.unit,
            "hours": limit.hours,
            "highest": held.highest if held.spans else None,
            "spans": held.spans,
            "over": held.over,
            "verdict": held.verdict.value,
            "source": limit.source,
        }
        for name, column in columns.items():
            column.append(line[name])
    return columns
