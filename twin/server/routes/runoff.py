"""The site's runoff of now: simulated under the rain of the gauge, beside what is measured."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from ifc.model import Text
from sensors.latest import State
from sensors.readings import MICROSECONDS, now_us
from twin.server.columns import answer
from twin.server.context import Caller, Context, Served
from twin.server.rights import Principal
from twin.server.runoff_schemas import RunoffBody
from twin.server.site_runoff import EVERY_S, WHY

router = APIRouter(tags=["measured"])

LATE_US = round(3 * EVERY_S * MICROSECONDS)


@router.get("/api/v1/runoff", responses={200: {"model": RunoffBody}})
async def runoff(caller: Caller, context: Served) -> Response:
    """Simulated water in tanks, sunken green and ponds, outflow and capture, beside what is measured.

    Computed every five minutes; what the account may not read is left out.
    """
    meters = context.live.project.live.meters
    points = context.live.points
    named = [points[points.row_of[id_]] for id_ in (meters.rain, *meters.reuse) if id_]
    open_to = bool(meters.rain) and all(caller.reads(point) for point in named)
    state, why = _unless_told(context) if open_to else ("no_gauge", _NO_GAUGE)
    found = None
    if why is None and context.background.runoff is not None:
        found = _seen(context, caller, context.background.runoff)
        used = {row for row in map(points.row_of.get, _points(found)) if row is not None}
        rows = [points[row] for row in used] + named
        await asyncio.to_thread(context.audit_homes, caller, rows, "runoff")
    return answer(
        {
            "state": state,
            "why": None if why is None else {"en": why.en, "zh": why.zh},
            "gauge": meters.rain if open_to else None,
            "runoff": found,
        }
    )


_NO_GAUGE = Text(
    "no rain gauge is named that this account may read (live.meters.rain)",
    "未指定该账户可见的雨量计（live.meters.rain）",
)


def _unless_told(context: Context) -> tuple[str, Text | None]:
    """How far it is, and why nothing can be told, None when it can."""
    live, background = context.live, context.background
    if live.project.live.model is None:
        return "no_site", Text("no model of the site is named (live.model)", "未指定场地模型（live.model）")
    if background.evaluation == "failed":
        return "failed", Text("the model could not be evaluated", "模型评价失败")
    gauge = live.points.row_of[live.project.live.meters.rain]
    if live.intake.latest.states()[gauge] != State.FRESH:
        return "gauge_silent", _silent(context, gauge)
    found = background.runoff
    if found is None:
        return "preparing", Text("the simulation is being prepared", "模拟正在准备")
    if WHY in found:
        return found["state"], Text(found[WHY]["en"], found[WHY]["zh"])
    if now_us() - background.runoff_us > LATE_US:
        return "failed", Text("the simulation does not answer", "模拟程序无响应")
    return "told", None


def _silent(context: Context, gauge: int) -> Text:
    time_us = int(context.live.intake.latest.time_us[gauge])
    if not time_us:
        return Text("the rain gauge has told nothing yet", "雨量计尚无读数")
    zone = ZoneInfo(context.live.project.live.zone)
    at = datetime.fromtimestamp(time_us // MICROSECONDS, zone).strftime("%Y-%m-%d %H:%M")
    return Text(f"the rain gauge has been silent since {at}", f"雨量计自 {at} 起没有读数")


def _seen(context: Context, caller: Principal, found: dict[str, Any]) -> dict[str, Any]:
    """What an account may see: no reading of a point that it may not read, and nothing computed from one."""
    points = context.live.points

    def reads(ids: list[str]) -> bool:
        return all(caller.reads(points[points.row_of[id_]]) for id_ in ids)

    stores = [
        store | {"sensors": [each for each in store["sensors"] if reads([each["point"]])]}
        for store in found["stores"]
    ]
    seen = found | {"stores": stores}
    if not reads(found["outflow"]["points"]):
        hidden = {"measured_m3": None, "measured_capture_pct": None}
        seen["outflow"] = found["outflow"] | {"measured_m3_h": None, "points": []}
        seen |= {name: found[name] and found[name] | hidden for name in ("today", "event")}
    return seen


def _points(found: dict[str, Any]) -> list[str]:
    levels = [each["point"] for store in found["stores"] for each in store["sensors"]]
    return [*found["outflow"]["points"], *levels]
