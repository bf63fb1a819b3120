"""The body of ``GET /api/v1/runoff``, for the OpenAPI document. What is None cannot be told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from twin.server.errors import BothLanguages
from twin.server.schemas import Milliseconds


class StoreSensor(BaseModel):
    """A level beside the simulated one, in the point's unit; ``meaning`` is what their distance may mean."""

    point: str
    unit: str
    measured: float | None
    simulated: float | None
    state: Literal["together", "above", "below", "unknown"]
    meaning: BothLanguages | None


class RainStore(BaseModel):
    """What stores rain. ``full_ms`` is when it will be full if it rains on, None for not within the hour."""

    name: str
    kind: Literal["tank", "sunken_green", "water"]
    title: BothLanguages
    capacity_m3: float
    water_m3: float | None
    fill_pct: float | None
    full_ms: Milliseconds | None
    sensors: list[StoreSensor]


class SiteOutflow(BaseModel):
    """What leaves the site, the mean of the last half hour; ``points`` measure it."""

    simulated_m3_h: float | None
    measured_m3_h: float | None
    points: list[str]


class RainPeriod(BaseModel):
    """Rain, and what left the site until ``end_ms``; capture is 1 - outflow / rain. ``why`` one is None."""

    begin_ms: Milliseconds
    end_ms: Milliseconds
    known_pct: float
    rain_mm: float
    simulated_m3: float | None
    measured_m3: float | None
    simulated_capture_pct: float | None
    measured_capture_pct: float | None
    why: BothLanguages | None


class SiteRunoff(BaseModel):
    """What the simulation says up to ``until_ms``, the gauge's newest step. ``why`` nothing is told of now.

    Rain that the gauge did not tell (``unknown_h``, ``gaps_ms`` the newest) is not in the simulation.
    """

    begin_ms: Milliseconds
    until_ms: Milliseconds
    rain_mm_h: float | None
    outflow: SiteOutflow
    stores: list[RainStore]
    why: BothLanguages | None
    today: RainPeriod
    event: RainPeriod | None
    unknown_h: float
    gaps_ms: list[list[Milliseconds]]
    assumptions: list[BothLanguages]


class RunoffBody(BaseModel):
    """The site's runoff of now, or ``why`` it cannot be told."""

    state: Literal["told", "no_gauge", "no_site", "preparing", "gauge_silent", "failed"]
    why: BothLanguages | None
    gauge: str | None
    runoff: SiteRunoff | None
