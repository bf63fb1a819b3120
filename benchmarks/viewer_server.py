"""The server of the page's benchmark: python -m benchmarks.viewer_server FOLDER.

The project of the folder with its scene; each of its points gets a new value every second, a tenth of them
every tenth of a second.
"""

from __future__ import annotations

import asyncio
import math
import socket
import sys
import time
from pathlib import Path

import uvicorn

from sensors.readings import Sample
from twin.project import read_project
from twin.server.app import create_app
from twin.server.context import Settings
from viewer.page import page_folder

_PARTS = 10


async def main(folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def prepared(context: object) -> None:
        context.background.scene = folder / "scene"  # type: ignore[attr-defined]

    project = read_project(folder / "twin.toml")
    app = create_app(project, Settings(demo=True, page=page_folder()), prepared)
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, lifespan="on", ws="websockets-sansio")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    print(f"http://127.0.0.1:{port}/", flush=True)
    ids = [line.split(",")[0] for line in (folder / "points.csv").read_text("utf-8").splitlines()[1:]]
    intake = app.state.context.live.intake
    tick = 0
    begin = time.monotonic()
    while not serving.done():
        own = ids[tick % _PARTS :: _PARTS]
        await intake.deliver([Sample(one, 22 + 5 * math.sin(tick / 9 + len(one))) for one in own], "bench")
        tick += 1
        await asyncio.sleep(max(0.0, begin + tick / _PARTS - time.monotonic()))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
