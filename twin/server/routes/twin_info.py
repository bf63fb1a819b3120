"""The twin itself, its elements, and what its evaluation found."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Path, Request, Response

from ifc.model import Text
from sensors.readings import now_us
from twin.server.columns import answer, latest_columns
from twin.server.context import Caller, Served
from twin.server.errors import not_found, not_ready
from twin.server.hub import FLUSH_S
from twin.server.routes.points import point_line
from twin.server.schemas import ElementBody, TwinInfo

router = APIRouter(tags=["twin"])


@router.get("/api/v1/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """The description of this API."""
    return answer(request.app.openapi())


@router.get("/api/v1/twin", response_model_exclude_unset=True)
async def twin(request: Request, context: Served) -> TwinInfo:
    """What this twin is; more of it to those who are signed in."""
    project = context.live.project
    name = project.project.name or "greentwin"
    info = TwinInfo(
        name=name, version=version("greentwin"), demo=context.settings.demo, languages=["zh", "en"]
    )
    if request.state.caller is None:
        return info
    return TwinInfo(
        **info.model_dump(exclude_unset=True),
        epoch=context.epoch,
        started_ms=context.live.started_us // 1000,
        now_ms=now_us() // 1000,
        interval_ms=round(FLUSH_S * 1000),
        scene=None if context.background.scene is None else "/scene/",
        model=context.background.model,  # type: ignore[arg-type]
        evaluation=context.background.evaluation,  # type: ignore[arg-type]
        zone=project.live.zone,
    )


@router.get("/api/v1/elements/{global_id}", responses={200: {"model": ElementBody}})
async def element(
    caller: Caller, context: Served, global_id: Annotated[str, Path(max_length=64)]
) -> Response:
    """An element, room or storey of the model with its points and open alarms."""
    place = context.live.places.elements.get(global_id)
    if place is None:
        raise not_found(Text("The model has no such element.", "模型中没有该构件。"))
    points = []
    named = context.live.places.points_of(global_id)
    for point in named:
        row = context.live.points.row_of.get(point)
        if row is None or not caller.knows(context.live.points[row]):
            continue
        line = point_line(context, caller, row)
        points.append({**line, "latest": _latest(context, row) if line["readable"] else None})
    alarms = [
        context.alarm_to(caller, alarm)
        for alarm in context.live.alarms.open_alarms()
        if alarm.point in set(named) and context.hears(caller, alarm)
    ]
    return answer(
        {
            "element": place.element,
            "class": place.ifc_class,
            "name": place.name,
            "storey": place.storey or None,
            "room": place.room or None,
            "points": points,
            "alarms": alarms,
        }
    )


@router.get("/api/v1/evaluation", responses={200: {"model": dict[str, Any]}})
async def evaluation(context: Served, lang: Literal["zh", "en"] = "en") -> Response:
    """The evaluation of the design, as ``twin evaluate --json`` prints it."""
    if context.background.evaluation == "running":
        raise not_ready(Text("The evaluation is still running.", "评价正在进行。"))
    if lang not in context.background.result:
        raise not_found(Text("There is no evaluation of this twin.", "该孪生没有评价结果。"))
    return answer(context.background.result[lang])


def _latest(context: Served, row: int) -> dict[str, Any]:
    columns = latest_columns(context.live.intake.latest, np.array([row]))
    return {name: column[0] for name, column in columns.items() if name not in ("now_ms", "key")}
