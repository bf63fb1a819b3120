"""What a server computes beside serving: the places of the points from the model, then the evaluation."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from ifc.errors import IfcError
from ifc.model import BuildingModel
from twin.server import evaluation
from twin.server.context import Context, Settings
from viewer.page import page_folder

log = logging.getLogger(__name__)


def settings_for(*, demo: bool = False) -> Settings:
    """The settings of a server that shows the page, where it has been built."""
    return Settings(demo=demo, page=page_folder())


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
    if result is None:

        def drawn(scene: Path) -> None:
            context.background.scene = scene  # the model can be shown before it is evaluated

        if await evaluation.compute(project, folder, drawn):
            result = await asyncio.to_thread(evaluation.load, folder)
    if result:
        context.background.result, context.background.scene = result, folder / evaluation.SCENE
    context.background.evaluation = "ready" if result else "failed"


def _read(path: str) -> BuildingModel:
    import ifc

    return ifc.read(path)
