"""What the design claims, held against what is measured."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from fastapi import APIRouter, Response

from ifc.model import Text
from sensors.points import Point
from sensors.quantities import kind_of_name, quantity_kinds
from sensors.units import unit_of
from twin.measured.claims import Claim, Kind, claims_of
from twin.measured.designed import Measure, compare
from twin.measured.hours import Hours, hours_between
from twin.server.columns import answer
from twin.server.context import Caller, Context, Served
from twin.server.errors import not_found, not_ready
from twin.server.rights import Principal
from twin.server.routes.measured import LONGEST_US
from twin.server.schemas import DesignedColumns
from twin.server.times import Moment, span_us

router = APIRouter(tags=["measured"])

_UNITS = {Kind.ILLUMINANCE: "lx", Kind.TEMPERATURE: "°C", Kind.CO2: "ppm"}


@router.get("/api/v1/designed", responses={200: {"model": DesignedColumns}})
async def designed(caller: Caller, context: Served, begin: Moment, end: Moment) -> Response:
    """What the evaluation claims of rooms and of the building, against readings between two times."""
    if context.background.evaluation == "running":
        raise not_ready(Text("The evaluation is still running.", "评价正在进行。"))
    if "en" not in context.background.result:
        raise not_found(Text("There is no evaluation of this twin.", "该孪生没有评价结果。"))
    begin_us, end_us = span_us(begin, end, LONGEST_US)
    return answer(await asyncio.to_thread(_columns, context, caller, begin_us, end_us))


def _columns(context: Context, caller: Principal, begin_us: int, end_us: int) -> dict[str, Any]:
    claims = claims_of(context.background.result["en"])
    hours = hours_between(begin_us, end_us, context.live.project.live.zone)
    measures = _measures(context, caller)
    used = {row: point for each in measures.values() for row, point in each}
    context.audit_homes(caller, used.values(), "designed")
    columns: dict[str, list[Any]] = {name: [] for name in DesignedColumns.model_fields}
    for claim in claims:
        found = measures.get((claim.kind, claim.element), [])
        # Each sensor of a room stands for itself; the meters of a building are added up.
        groups = [found] if claim.element == "" else [[each] for each in found]
        for group in groups or [[]]:
            for name, value in _line(context, claim, group, hours, caller).items():
                columns[name].append(value)
    return columns


def _line(
    context: Context, claim: Claim, measures: list[Measure], hours: Hours, caller: Principal
) -> dict[str, Any]:
    rain = _named(context, caller, (context.live.project.live.meters.rain,))
    measurable = bool(measures) and (claim.kind is not Kind.CAPTURE or bool(rain))
    found = None
    if measurable:
        found = compare(context.live.store, claim, measures, hours, rain[0] if rain else None)
    fit = None if found is None else found.fit
    return {
        "kind": claim.kind.value,
        "element": claim.element or None,
        "points": [point.id for _, point in measures],
        "low": _finite(claim.low),
        "high": _finite(claim.high),
        "unit": claim.unit,
        "statement": {"en": claim.statement.en, "zh": claim.statement.zh},
        "source": claim.source,
        "verdict": "not_measured" if found is None else found.verdict.value,
        "measured": None if found is None else _finite(found.measured),
        "claimed": None if found is None else _finite(found.claimed),
        "share_pct": None if found is None else _finite(found.share_pct),
        "nmbe_pct": None if fit is None else _finite(fit.nmbe_pct),
        "cv_rmse_pct": None if fit is None else _finite(fit.cv_rmse_pct),
    }


def _measures(context: Context, caller: Principal) -> dict[tuple[Kind, str], list[Measure]]:
    """What measures the claims, as far as an account may read it."""
    meters = context.live.project.live.meters
    found = {
        (Kind.ELECTRICITY, ""): _named(context, caller, meters.electricity),
        (Kind.CAPTURE, ""): _named(context, caller, meters.runoff),
    }
    for row, point in enumerate(context.live.points):
        place = context.place(point.id)
        kind = _kind_of(point)
        if kind is not None and place is not None and place.room and caller.reads(point):
            found.setdefault((kind, place.room), []).append((row, point))
    return found


def _named(context: Context, caller: Principal, ids: tuple[str, ...]) -> list[Measure]:
    """Points by their ids; none of them when one may not be read: a part of a sum would mislead."""
    points = context.live.points
    rows = [points.row_of[id_] for id_ in ids if id_]
    return [(row, points[row]) for row in rows] if all(caller.reads(points[row]) for row in rows) else []


def _kind_of(point: Point) -> Kind | None:
    known = point.quantity in quantity_kinds()
    name = point.quantity if known else kind_of_name(f"{point.quantity} {point.name}")
    kind = next((each for each in _UNITS if each.value == name), None)
    if kind is None or unit_of(_UNITS[kind]).dimension != unit_of(point.unit).dimension:
        return None
    return kind


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
