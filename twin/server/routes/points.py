"""Points, their latest values, and what they were at a time."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response

from sensors.latest import TOLERANCE, State
from sensors.points import Point
from sensors.quantities import kind_of_name, quantity_kinds
from sensors.readings import MICROSECONDS, Quality, now_us
from twin.server.columns import answer, latest_columns, numbers, times
from twin.server.context import Caller, Context, Served
from twin.server.rights import Principal
from twin.server.schemas import BindingColumns, LatestColumns, PointColumns, SnapshotColumns
from twin.server.times import Moment, moment_us

router = APIRouter(tags=["points"])

Many = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=1000)]


@router.get("/api/v1/points", responses={200: {"model": PointColumns}})
async def points(caller: Caller, context: Served) -> Response:
    """Every point that this account may know of."""
    lines = [
        point_line(context, caller, row)
        for row, point in enumerate(context.live.points)
        if caller.knows(point)
    ]
    names = [*PointColumns.model_fields]
    names[names.index("ifc_class")] = "class"
    return answer({name: [line[name] for line in lines] for name in names})


@router.get("/api/v1/latest", responses={200: {"model": LatestColumns}})
async def latest(
    caller: Caller,
    context: Served,
    element: Many = [],  # noqa: B006 - FastAPI copies it
    storey: Many = [],  # noqa: B006
    quantity: Many = [],  # noqa: B006
    point: Many = [],  # noqa: B006
) -> Response:
    """The latest values of the points that fit every list given, with what they are worth now."""
    mask = context.chosen(caller, element, storey, quantity, point)
    return answer(latest_columns(context.live.intake.latest, np.flatnonzero(mask)))


@router.get("/api/v1/snapshot", responses={200: {"model": SnapshotColumns}})
async def snapshot(
    caller: Caller,
    context: Served,
    at: Moment,
    element: Many = [],  # noqa: B006
    storey: Many = [],  # noqa: B006
    quantity: Many = [],  # noqa: B006
    point: Many = [],  # noqa: B006
) -> Response:
    """The values of points as they were at a time, and what they were worth then."""
    at_us = moment_us(at, "at")
    rows = np.flatnonzero(context.chosen(caller, element, storey, quantity, point))
    return answer(await asyncio.to_thread(_snapshot, context, caller, rows, at_us))


@router.get("/api/v1/bindings", responses={200: {"model": BindingColumns}})
async def bindings(caller: Caller, context: Served) -> Response:
    """Which element of the model each point belongs to."""
    lines = [
        point_line(context, caller, row)
        for row, point in enumerate(context.live.points)
        if caller.knows(point) and context.place(point.id) is not None
    ]
    columns = {"point": "id", "key": "key", "element": "element", "class": "class", "storey": "storey"}
    columns["room"] = "room"
    return answer({name: [line[key] for line in lines] for name, key in columns.items()})


def point_line(context: Context, caller: Principal, row: int) -> dict[str, Any]:
    """One point as an object."""
    point = context.live.points[row]
    place = context.place(point.id)
    return {
        "key": row,
        "id": point.id,
        "name": point.name or point.id,
        "quantity": point.quantity,
        "kind": _kind(point.quantity, point.name),
        "unit": point.unit,
        "interval_s": point.interval_s,
        "privacy": point.privacy.value,
        "household": point.household,
        "counter": point.counter,
        "readable": caller.reads(point),
        "element": None if place is None else place.element,
        "class": "" if place is None else place.ifc_class,
        "storey": None if place is None else place.storey or None,
        "room": None if place is None else place.room or None,
        "place": _where(point, place),
    }


def _where(point: Point, place: Any) -> str:
    if place is not None and (place.room_name or place.storey_name):
        return " · ".join(filter(None, (place.storey_name, place.room_name)))
    return point.location


@cache
def _kind(quantity: str, name: str) -> str:
    return quantity if quantity in quantity_kinds() else kind_of_name(f"{quantity} {name}")


def _snapshot(context: Context, caller: Principal, rows: np.ndarray[Any, Any], at_us: int) -> dict[str, Any]:
    context.audit_homes(caller, (context.live.points[row] for row in rows.tolist()), "snapshot")
    found = context.live.store.last(rows.tolist(), at_us + 1)
    place = {row: number for number, row in enumerate(found.point.tolist())}
    time_us = np.zeros(len(rows), np.int64)
    value = np.full(len(rows), np.nan)
    quality = np.full(len(rows), int(Quality.BAD), np.uint8)
    for number, row in enumerate(rows.tolist()):
        if row in place:
            time_us[number] = found.time_us[place[row]]
            value[number] = found.value[place[row]]
            quality[number] = found.quality[place[row]]
    age_s = np.where(time_us == 0, np.inf, (at_us - time_us) / MICROSECONDS)
    limits = [context.live.points[row].interval_s for row in rows.tolist()]
    limit_s = np.array([np.inf if each is None else TOLERANCE * each for each in limits])
    state = np.where(age_s > limit_s, int(State.STALE), int(State.FRESH))
    state[(time_us == 0) | (quality == Quality.BAD)] = State.UNKNOWN
    return {
        "at_ms": at_us // 1000,
        "now_ms": now_us() // 1000,
        "key": rows.tolist(),
        "value": numbers(value),
        "time_ms": times(time_us),
        "age_s": numbers(age_s.round(3)),
        "state": state.tolist(),
        "quality": quality.tolist(),
    }
