"""What a server computes beside serving: the places of the points, from the model."""

from __future__ import annotations

import asyncio
import logging

from ifc.errors import IfcError
from ifc.model import BuildingModel
from twin.project import Project
from twin.server.context import Context, Settings

log = logging.getLogger(__name__)


def settings_for(project: Project) -> Settings:
    """The settings of a server of a project."""
    return Settings()


def start_background(context: Context) -> None:
    """Begin to read the model; the server answers meanwhile."""
    context.tasks.append(asyncio.create_task(_locate(context), name="model"))


async def _locate(context: Context) -> None:
    path = context.live.project.live.model
    if path is None:
        return
    context.background.model = "running"
    try:
        model = await asyncio.to_thread(_read, str(context.live.project.resolve(path)))
    except IfcError as error:
        log.error("The model cannot be read: %s", error)
        context.background.model = "failed"
        return
    await asyncio.to_thread(context.live.locate, model)
    context.background.model = "ready"


def _read(path: str) -> BuildingModel:
    import ifc

    return ifc.read(path)
