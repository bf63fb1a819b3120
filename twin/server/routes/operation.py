"""Feeds, the audit log, and deletion on request."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Annotated

from fastapi import APIRouter, Path, Query

from sensors.outlets.contract import Outlet
from twin.server.context import Caller, Context, Served
from twin.server.errors import forbidden, not_found
from twin.server.rights import Role
from twin.server.schemas import (
    AuditColumns,
    Deleted,
    FeedBody,
    Feeds,
    Items,
    OutletBody,
    QueueBody,
    RefusedColumns,
    StoreBody,
)

router = APIRouter(tags=["operation"])


@router.get("/api/v1/feeds")
async def feeds(context: Served) -> Feeds:
    """What every feed hears, and what became of it."""
    intake = context.live.intake
    found = []
    for name, (_, sink, kind) in context.live.feeds.items():
        counters = intake.feeds[name]
        found.append(
            FeedBody(
                name=name,
                kind=kind,
                state=sink.state.value,
                since_ms=sink.since_us // 1000,
                why=sink.why,
                received=counters.received,
                accepted=counters.accepted,
                rejected=dict(counters.rejected),
                restamped=counters.restamped,
            )
        )
    found += [
        FeedBody(
            name=name,
            kind="http_push",
            state="up",
            since_ms=context.live.started_us // 1000,
            why="",
            received=counters.received,
            accepted=counters.accepted,
            rejected=dict(counters.rejected),
            restamped=counters.restamped,
        )
        for name, counters in intake.feeds.items()
        if name not in context.live.feeds
    ]
    stored = intake.stored
    return Feeds(
        feeds=found,
        store=StoreBody(
            stored=stored.stored,
            replaced=stored.replaced,
            duplicates=stored.duplicates,
            pending=stored.pending,
            trouble=intake.trouble,
        ),
        outlets=[_outlet(each) for each in context.live.outlets.all.values()],
        outbox_trouble=context.live.outlets.outbox.trouble,
        unknown_points=[name for name, _ in intake.unknown.seen.most_common(100)],
        faults=context.live.faults,
        clients=len(context.hub.clients),
        dropped_batches=context.hub.dropped_batches,
    )


def _outlet(outlet: Outlet) -> OutletBody:
    return OutletBody(
        name=outlet.name,
        kind=outlet.kind,
        state=outlet.state.value,
        since_ms=outlet.since_us // 1000,
        why=outlet.why,
        queues=[
            QueueBody(subject=subject.value, **dataclasses.asdict(queue.counters))
            for subject, queue in outlet.queues.items()
        ],
    )


OutletName = Annotated[str, Path(max_length=64)]


@router.get("/api/v1/outlets/{outlet}/refused")
async def refused(context: Served, outlet: OutletName) -> RefusedColumns:
    """What another system refused for good, and why."""
    found = [
        (subject, each)
        for subject, queue in _found(context, outlet).queues.items()
        for each in await asyncio.to_thread(queue.set_aside)
    ]
    return RefusedColumns(
        subject=[subject for subject, _ in found],
        id=[each.id for _, each in found],
        messages=[each.messages for _, each in found],
        why=[each.why for _, each in found],
        time_ms=[each.time_us // 1000 for _, each in found],
    )


@router.post("/api/v1/outlets/{outlet}/refused")
async def send_again(caller: Caller, context: Served, outlet: OutletName) -> Items:
    """Queue all that another system refused once more."""
    queues = _found(context, outlet).queues.values()
    await context.audit.add(caller.name, caller.role, "refused-sent-again", outlet)
    return Items(items=sum([await asyncio.to_thread(queue.queue_again) for queue in queues]))


@router.delete("/api/v1/outlets/{outlet}/refused")
async def forget_refused(caller: Caller, context: Served, outlet: OutletName) -> Items:
    """Delete what another system refused."""
    queues = _found(context, outlet).queues.values()
    await context.audit.add(caller.name, caller.role, "refused-deleted", outlet)
    return Items(items=sum([await asyncio.to_thread(queue.forget_refused) for queue in queues]))


def _found(context: Context, outlet: str) -> Outlet:
    found = context.live.outlets.all.get(outlet)
    if found is None:
        raise not_found()
    return found


@router.get("/api/v1/audit")
async def audit(
    caller: Caller,
    context: Served,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> AuditColumns:
    """Who did what, newest first."""
    await context.audit.add(caller.name, caller.role, "audit-read")
    lines = await asyncio.to_thread(context.audit.newest, limit, before)
    broken = await asyncio.to_thread(context.audit.broken_at)
    return AuditColumns(
        number=[line.number for line in lines],
        time_ms=[line.time_us // 1000 for line in lines],
        who=[line.who for line in lines],
        role=[line.role for line in lines],
        action=[line.action for line in lines],
        target=[line.target for line in lines],
        detail=[line.detail for line in lines],
        broken_at=broken,
    )


@router.delete("/api/v1/households/{household}/readings")
async def delete_readings(
    caller: Caller, context: Served, household: Annotated[str, Path(max_length=200)]
) -> Deleted:
    """Delete what is stored of a household. Residents may do so for their own."""
    if caller.role is Role.RESIDENT and household != caller.household:
        raise forbidden()
    rows = [row for row, point in enumerate(context.live.points) if point.household == household]
    if not rows:
        raise not_found()
    await context.audit.add(caller.name, caller.role, "readings-deleted", household)
    count = 0
    for row in rows:
        count += await asyncio.to_thread(context.live.store.delete, row)
    await asyncio.to_thread(context.live.store.forget_deleted)
    context.live.intake.latest.forget(rows)
    return Deleted(household=household, readings=count)
