"""Readings that devices and gateways send here over HTTP, with a service token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from sensors.feeds.payloads import JsonMapping, MalformedError, samples_of
from sensors.readings import Sample
from twin.server.context import Caller, Served
from twin.server.schemas import Pushed, Request

router = APIRouter(tags=["push"])

MAX_READINGS = 10_000


class PushedReading(Request):
    """One reading. Without a time it counts from its arrival; without a unit it is in the point's."""

    point: Annotated[str, Field(max_length=200)]
    value: float | bool | Annotated[str, Field(max_length=200)] | None
    time: int | Annotated[str, Field(max_length=40)] | None = None
    unit: Annotated[str, Field(max_length=40)] | None = None
    quality: int | Annotated[str, Field(max_length=40)] | None = None


class Push(Request):
    """Readings."""

    readings: Annotated[list[PushedReading], Field(min_length=1, max_length=MAX_READINGS)]


@router.post("/api/v1/readings")
async def push(caller: Caller, context: Served, body: Push) -> Pushed:
    """Take readings; answers once they are stored. What is rejected and why stands under ``/feeds``."""
    feed, intake = f"push:{caller.name}", context.live.intake
    samples: list[Sample] = []
    for reading in body.readings:
        try:
            samples += samples_of(reading.point, reading.model_dump(), JsonMapping())
        except MalformedError as error:
            intake.reject(str(error), feed)
    await intake.deliver(samples, feed)
    return Pushed(received=len(body.readings))
