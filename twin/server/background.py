"""What is computed beside serving: the model's picture, the points in it, the evaluation, the runoff."""

from __future__ import annotations

import asyncio
from pathlib import Path

from twin.server import evaluation, site_runoff
from twin.server.context import Context, Settings
from viewer.page import page_folder


def settings_for(*, demo: bool = False) -> Settings:
    """The settings of a server that shows the page, where it has been built."""
    return Settings(demo=demo, page=page_folder())


def start_background(context: Context) -> None:
    """Begin to read and evaluate the model; the server answers meanwhile."""
    context.tasks.append(asyncio.create_task(_work(context), name="model"))


async def _work(context: Context) -> None:
    live, background = context.live, context.background
    folder = evaluation.folder_for(live.project)
    if folder is None:
        background.model = "none" if live.project.live.model is None else "failed"
        return
    background.model = background.evaluation = "running"

    async def show(scene: Path) -> None:
        model = await asyncio.to_thread(evaluation.load_model, folder)
        if model is not None:
            await asyncio.to_thread(live.locate, model)
            background.scene, background.model = scene, "ready"

    result = await asyncio.to_thread(evaluation.load, folder)
    if result is None and await evaluation.compute(live.project, folder, show):
        result = await asyncio.to_thread(evaluation.load, folder)
    if result:
        await show(folder / evaluation.SCENE)  # now with the rooms that the model itself does not state
        background.result = result
    background.evaluation = "ready" if result else "failed"
    if background.model != "ready":
        background.model = "failed"
    if result and live.project.live.meters.rain:
        await site_runoff.follow(context, folder)
