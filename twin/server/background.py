"""What a server computes beside serving: the places of the points from the model, then the evaluation."""

from __future__ import annotations

import asyncio
import logging

from ifc.errors import IfcError
from ifc.model import BuildingModel
from twin.project import Project
from twin.server import evaluation
from twin.server.context import Context, Settings

log = logging.getLogger(__name__)


def settings_for(project: Project) -> Settings:
    """The settings of a server of a project."""
    return Settings()


def start_background(context: Context) -> None:
    """Begin to read and evaluate the model; the server answers meanwhile."""
    context.tasks.append(asyncio.create_task(_work(context), name="model"))


async def _work(context: Context) -> None:
    if await _locate(context):
        await _evaluate(context)


async def _locate(context: Context) -> bool:
    path = context.live.project.live.model
    if path is None:
        return False
    context.background.model = "running"
    try:
        model = await asyncio.to_thread(_read, str(context.live.project.resolve(path)))
    except IfcError as error:
        log.error("The model cannot be read: %s", error)
        context.background.model = "failed"
        return False
    await asyncio.to_thread(context.live.locate, model)
    context.background.model = "ready"
    return True


async def _evaluate(context: Context) -> None:
    project = context.live.project
    folder = evaluation.folder_for(project)
    if folder is None:
        return
    context.background.evaluation = "running"
    result = await asyncio.to_thread(evaluation.load, folder)
    if result is None and await evaluation.compute(project, folder):
        result = await asyncio.to_thread(evaluation.load, folder)
    context.background.result = result or {}
    context.background.evaluation = "ready" if result else "failed"


def _read(path: str) -> BuildingModel:
    import ifc

    return ifc.read(path)
