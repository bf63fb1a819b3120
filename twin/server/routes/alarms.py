"""Alarms and shelves."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query

from ifc.model import Text
from sensors.alarms.alarm import Alarm, Shelf
from sensors.readings import MICROSECONDS, now_us
from twin.server.context import Caller, Context, Served
from twin.server.errors import not_found
from twin.server.rights import Principal
from twin.server.schemas import (
    AlarmBody,
    AlarmEvents,
    Alarms,
    Note,
    ShelfBody,
    ShelfRequest,
    Shelves,
    ShortText,
)
from twin.server.times import Moment, span_us

router = APIRouter(tags=["alarms"])

AlarmId = Annotated[str, Path(max_length=64)]
LONGEST_US = 3 * 366 * 86_400_000_000


@router.get("/api/v1/alarms")
async def open_alarms(caller: Caller, context: Served) -> Alarms:
    """Alarms that somebody has to see or mend."""
    return _list(context, caller, context.live.alarms.open_alarms())


@router.get("/api/v1/alarms/history")
async def past_alarms(
    caller: Caller,
    context: Served,
    begin: Moment,
    end: Moment,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Alarms:
    """Alarms that were raised in a time, newest first."""
    begin_us, end_us = span_us(begin, end, LONGEST_US)
    found = await asyncio.to_thread(context.live.alarm_log.history, begin_us, end_us, limit)
    return _list(context, caller, found)


@router.get("/api/v1/alarms/{alarm}/events")
async def alarm_events(caller: Caller, context: Served, alarm: AlarmId) -> AlarmEvents:
    """What happened to an alarm."""
    found = await asyncio.to_thread(context.live.alarm_log.find, alarm)
    if found is None or not context.hears(caller, found):
        raise not_found()
    events = await asyncio.to_thread(context.live.alarm_log.events, alarm)
    return AlarmEvents(
        time_ms=[event[0] // 1000 for event in events],
        what=[event[1] for event in events],
        who=[event[2] for event in events],
        note=[event[3] for event in events],
    )


@router.post("/api/v1/alarms/{alarm}/acknowledge")
async def acknowledge(caller: Caller, context: Served, alarm: AlarmId, body: Note) -> AlarmBody:
    """Say that somebody has seen an alarm."""
    known = {one.id: one for one in context.live.alarms.open_alarms()}
    if alarm not in known or not context.hears(caller, known[alarm]):
        raise not_found()
    changed = context.live.alarms.acknowledge(alarm, caller.name, body.note)
    await context.audit.add(
        caller.name, caller.role, "alarm-acknowledged", changed.point, f"{alarm} {body.note}"
    )
    return AlarmBody.model_validate(context.alarm_to(caller, changed))


@router.get("/api/v1/shelves")
async def shelves(context: Served) -> Shelves:
    """Rules that are kept quiet now."""
    return Shelves(shelves=[_shelf(shelf) for shelf in context.live.alarms.shelves()])


@router.post("/api/v1/shelves", status_code=201)
async def shelve(caller: Caller, context: Served, body: ShelfRequest) -> ShelfBody:
    """Keep a rule quiet for a time."""
    if body.point and not context.is_point(body.point):
        raise not_found(Text("There is no such point.", "没有该测点。"))
    until_us = now_us() + body.minutes * 60 * MICROSECONDS
    shelf = context.live.alarms.shelve(body.rule, body.point, until_us, caller.name, body.reason)
    await context.audit.add(caller.name, caller.role, "shelved", body.point, f"{body.rule}: {body.reason}")
    return _shelf(shelf)


@router.delete("/api/v1/shelves", status_code=204)
async def unshelve(caller: Caller, context: Served, rule: ShortText, point: ShortText = "") -> None:
    """Take a shelf away."""
    if not any((shelf.rule, shelf.point) == (rule, point) for shelf in context.live.alarms.shelves()):
        raise not_found(Text("This rule is not shelved.", "该规则未被搁置。"))
    context.live.alarms.shelve(rule, point, 0, caller.name, "")
    await context.audit.add(caller.name, caller.role, "unshelved", point, rule)


def _list(context: Context, caller: Principal, alarms: list[Alarm]) -> Alarms:
    heard = [context.alarm_to(caller, alarm) for alarm in alarms if context.hears(caller, alarm)]
    return Alarms(alarms=[AlarmBody.model_validate(alarm) for alarm in heard])


def _shelf(shelf: Shelf) -> ShelfBody:
    return ShelfBody(
        rule=shelf.rule,
        point=shelf.point,
        until_ms=shelf.until_us // 1000,
        by=shelf.by,
        reason=shelf.reason,
    )
