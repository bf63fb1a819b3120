"""The server of the live twin in a thread, with the house of the page's tests."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path

from sensors.readings import Sample
from tests.sensors.community import free_port
from tests.twin.example_evaluation import example_evaluation, example_metrics
from tests.viewer.page.house import house

ROOM = str(house().spaces.global_id[0])
# No reading goes stale, and is taken off the page, while a busy machine gets round to looking at it.
POINTS = """id,quantity,unit,interval_s,privacy,household,urgent
room/temperature,temperature,°C,3600,public,,
home-1/temperature,temperature,°C,3600,household,home-1,
home-2/temperature,temperature,°C,3600,household,home-2,
"""
# Of an evaluation, what the design claims of the lower room.
CLAIMS = {
    "metrics": {"energy": {"table": {"global_id": [ROOM], "use": ["library"]}, "summary": {}, "series": {}}}
}
ALARMS = 'alarms:\n- {id: hot, points: "room/temperature", above: 30, message: Too hot, message_zh: 过热}\n'


class Server:
    """A server in a thread of its own, which can be stopped and started again on its port."""

    def __init__(self, folder, *, demo: bool) -> None:
        self.folder, self.demo, self.port = folder, demo, free_port()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        import uvicorn

        from twin.project import read_project
        from twin.server.app import create_app
        from twin.server.context import Settings
        from viewer.page import page_folder

        settings = Settings(demo=self.demo, page=page_folder())
        self.app = create_app(read_project(self.folder / "twin.toml"), settings, self._scene)
        config = uvicorn.Config(
            self.app, port=self.port, log_config=None, lifespan="on", ws="websockets-sansio"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive(), "the server did not start"
            time.sleep(0.02)

    def _scene(self, context) -> None:
        context.background.scene = self.folder / "scene"
        context.background.result = {"en": CLAIMS}
        context.background.evaluation = "ready"

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self.server.serve()

        asyncio.run(serve())

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive(), "the server goes on"

    def deliver(self, **values: float) -> None:
        """Take readings in, as a feed does."""
        samples = [Sample(name.replace("__", "/").replace("_", "-"), value) for name, value in values.items()]
        intake = self.app.state.context.live.intake
        asyncio.run_coroutine_threadsafe(intake.deliver(samples, "test"), self.loop).result(60)

    def go_stale(self, point: str) -> None:
        """Let a reading be too old from now on."""
        live = self.app.state.context.live
        live.intake.latest._limit_s[live.points.row_of[point]] = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


def write_twin(folder: Path, *, feed: str = "") -> Path:
    """A project of the house with three points, bindings, an alarm and its scene; ``feed`` is TOML."""
    from twin.view import write_scene
    from viewer.build import build_page

    build_page()
    model = house()
    evaluation = replace(example_evaluation(), model=model, metrics=example_metrics(model))
    write_scene(model, evaluation, folder / "scene")
    (folder / "points.csv").write_text(POINTS, "utf-8")
    (folder / "alarms.yaml").write_text(ALARMS, "utf-8")
    (folder / "bindings.csv").write_text(f"point,accepted,global_id\nroom/temperature,yes,{ROOM}\n", "utf-8")
    (folder / "twin.toml").write_text(
        '[project]\nname = "House"\n[live]\npoints = "points.csv"\nalarms = "alarms.yaml"\n'
        'bindings = "bindings.csv"\n' + feed,
        "utf-8",
    )
    return folder
