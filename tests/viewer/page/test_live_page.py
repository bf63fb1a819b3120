"""The page before the server of the live twin."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace

import pytest

from sensors.readings import Sample
from tests.sensors.community import free_port
from tests.twin.example_evaluation import example_evaluation, example_metrics
from tests.viewer.page.conftest import house

pytestmark = pytest.mark.browser

POINTS = """id,quantity,unit,interval_s,privacy,household,urgent
room/temperature,temperature,°C,2,public,,
home-1/temperature,temperature,°C,2,household,home-1,
home-2/temperature,temperature,°C,2,household,home-2,
"""
ALARMS = 'alarms:\n- {id: hot, points: "room/temperature", above: 30, message: Too hot, message_zh: 过热}\n'
PASSWORD = "correct horse battery"


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
            time.sleep(0.02)

    def _scene(self, context) -> None:
        context.background.scene = self.folder / "scene"

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self.server.serve()

        asyncio.run(serve())

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)

    def deliver(self, **values: float) -> None:
        """Take readings in, as a feed does."""
        samples = [Sample(name.replace("__", "/").replace("_", "-"), value) for name, value in values.items()]
        intake = self.app.state.context.live.intake
        asyncio.run_coroutine_threadsafe(intake.deliver(samples, "test"), self.loop).result(10)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest.fixture
def twin_folder(tmp_path):
    from twin.view import write_scene
    from viewer.build import build_page

    build_page()
    model = house()
    evaluation = replace(example_evaluation(), model=model, metrics=example_metrics(model))
    write_scene(model, evaluation, tmp_path / "scene")
    room = model.spaces.global_id[0]
    (tmp_path / "points.csv").write_text(POINTS, "utf-8")
    (tmp_path / "alarms.yaml").write_text(ALARMS, "utf-8")
    (tmp_path / "bindings.csv").write_text(
        f"point,accepted,global_id\nroom/temperature,yes,{room}\n", "utf-8"
    )
    (tmp_path / "twin.toml").write_text(
        '[project]\nname = "House"\n[live]\npoints = "points.csv"\nalarms = "alarms.yaml"\n'
        'bindings = "bindings.csv"\n',
        "utf-8",
    )
    return tmp_path


@pytest.fixture
def open_live(browser):
    contexts = []

    def open_it(server, **options):
        context = browser.new_context(viewport={"width": 1200, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{server.address}?lang=en&theme=light")
        return page

    yield open_it
    for context in contexts:
        context.close()


def test_values_alarms_and_the_connection_as_they_change(twin_folder, open_live) -> None:
    with Server(twin_folder, demo=True) as server:
        page = open_live(server)
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        server.deliver(room__temperature=21.5)
        page.evaluate("() => window.greentwin.select('101')")
        value = page.locator("#live-points .state").first
        page.locator("#live-points .state", has_text="21.5").wait_for(timeout=3000)

        # The best of three: the machine may be busy with something else for a moment.
        seconds = []
        for warmer in (30.5, 31.2, 31.5):
            server.deliver(room__temperature=warmer)
            begin = time.monotonic()
            page.locator("#live-points .state", has_text=str(warmer)).wait_for(timeout=10_000)
            seconds.append(time.monotonic() - begin)
        assert min(seconds) < 1.0
        page.click('[data-quantity="temperature"]')
        assert "°C" in page.locator("#legend").inner_text()
        assert "31.5" in page.locator("#why").inner_text()

        page.locator('[data-alarm][data-state="raised"]').wait_for()
        page.get_by_role("button", name="Acknowledge").click()
        page.locator('[data-alarm][data-state="acknowledged"]').wait_for()

        page.locator('#live-points [data-state="stale"]').wait_for(timeout=15_000)
        page.locator("#why .hatched").wait_for(timeout=3000)
        assert "unknown" in page.locator("#why").inner_text()

        server.stop()
        page.locator('#connection[data-state="lost"]').wait_for()
        server.start()
        page.locator('#connection[data-state="online"]').wait_for(timeout=20_000)
        server.deliver(room__temperature=22.5)
        page.locator("#live-points .state", has_text="22.5").wait_for(timeout=3000)
        assert value.get_attribute("data-state") == "fresh"


def test_a_resident_signs_in_and_sees_no_other_household(twin_folder, open_live) -> None:
    from twin.server.rights import Role

    with Server(twin_folder, demo=False) as server:
        server.app.state.context.accounts.add("anna", Role.RESIDENT, "home-1", PASSWORD)
        server.deliver(home_1__temperature=19.5, home_2__temperature=27.5)
        page = open_live(server)
        page.fill("#sign-in [name=name]", "anna")
        page.fill("#sign-in [name=password]", "wrong password")
        page.locator("#sign-in button").click()
        page.get_by_role("alert").filter(has_text="wrong").wait_for()
        page.fill("#sign-in [name=password]", PASSWORD)
        page.locator("#sign-in button").click()
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        page.locator('#connection[data-state="online"]').wait_for()
        seen = page.evaluate("() => window.greentwin.points()")
        assert sorted(seen) == ["home-1/temperature", "room/temperature"]
