"""The built page and the scene of the model."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from ifc.model import Text
from twin.server.context import Served
from twin.server.errors import not_found, not_ready

router = APIRouter(include_in_schema=False)

WAIT_S, POLL_S = 20.0, 0.05
_TYPES = {
    ".js": "text/javascript",
    ".glb": "model/gltf-binary",
    ".wasm": "application/wasm",
    ".bin": "application/octet-stream",
}


@router.get("/")
async def index(context: Served) -> FileResponse:
    """The page."""
    return _file(context.settings.page, "index.html", "no-cache")


@router.get("/icon.svg")
async def icon(context: Served) -> FileResponse:
    """The page's icon."""
    return _file(context.settings.page, "icon.svg", "public, max-age=86400")


@router.get("/assets/{path:path}")
async def asset(context: Served, path: str) -> FileResponse:
    """A part of the page; its name changes with its content."""
    folder = context.settings.page
    return _file(None if folder is None else folder / "assets", path, "public, max-age=31536000, immutable")


@router.get("/scene/{path:path}")
async def scene(context: Served, path: str) -> FileResponse:
    """A part of the scene of the model; whoever asks for it while the model is read waits a while for it."""
    deadline = time.monotonic() + WAIT_S
    while context.background.scene is None and context.background.model == "running":
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(POLL_S)
    if context.background.scene is None:
        if context.background.model == "running":
            raise not_ready(Text("The model is being read.", "正在读取模型。"))
        raise not_found(Text("This twin has no model to show.", "该孪生没有可显示的模型。"))
    return _file(context.background.scene, path, "private, no-cache")


def _file(folder: Path | None, path: str, caching: str) -> FileResponse:
    if folder is None:
        raise not_found(
            Text(
                "The page is not built (python -m viewer.build); the API is under /api/v1.",
                "页面尚未构建（python -m viewer.build）；接口位于 /api/v1。",
            )
        )
    try:
        file = (folder / path).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.is_file()
    except (OSError, ValueError):
        inside = False
    if not inside:
        raise not_found()
    return FileResponse(file, media_type=_TYPES.get(file.suffix), headers={"Cache-Control": caching})
