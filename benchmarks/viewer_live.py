"""The page before 1,000 live points that change once a second: processor time, long tasks, frames."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.row import Row
from benchmarks.viewer_browser import LOADED, chromium
from ifc.model import BuildingModel

POINTS = 1000
SECONDS = 30
_TOWER = Path(__file__).parents[1] / "sample_models" / "residential_tower.ifc"
_WATCH = """() => {
  window.watched = { tasks: [], gaps: [], last: 0, batches: 0 };
  new PerformanceObserver((list) => watched.tasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: "longtask" });
  const frame = (now) => {
    if (watched.last) watched.gaps.push(now - watched.last);
    watched.last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def live_rows() -> list[Row]:
    """Over half a minute each, with the rooms coloured and one selected: the tower, and a house of two rooms.

    What the tower waits for is mostly software graphics; what the house waits for is the page itself.
    """
    import ifc
    from tests.viewer.page.house import house
    from viewer.build import build_page

    build_page()
    return [*_rows("the tower", ifc.read(_TOWER)), *_rows("a house of two rooms", house())]


def _rows(label: str, model: BuildingModel) -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        room = _write_project(folder, model)
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.viewer_server", str(folder)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            share, watched = _watch(server.stdout.readline().strip(), room)
        finally:
            server.terminate()
            server.wait(20)
    gaps = watched["gaps"]
    over = sum(gap > 100 for gap in gaps)
    case = f"1,000 points at 1 Hz, {label}"
    return [
        Row("viewer", f"{case}: page's share of a core (budget 15)", 100 * share, unit="%"),
        Row("viewer", f"{case}: longest task of the page", max(watched["tasks"], default=0.0), unit="ms"),
        Row("viewer", f"{case}: longest wait between frames", max(gaps), unit="ms"),
        Row("viewer", f"{case}: waits over 100 ms in {len(gaps)} frames", float(over), unit="frames"),
    ]


def _watch(address: str, room: str) -> tuple[float, dict[str, list[float]]]:
    """The processor's share of the page's thread, and its long tasks and frame distances in ms."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
        page.goto(f"{address}?lang=en&theme=light")
        page.wait_for_function(LOADED, timeout=120_000)
        page.click("#rail-live")
        page.click('[data-quantity="temperature"]')
        page.evaluate("(room) => greentwin.select(room)", room)
        page.locator("#live-points [data-state=fresh]").first.wait_for()
        page.wait_for_function(f"greentwin.points().length === {POINTS}")
        page.wait_for_timeout(3000)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(_WATCH)
        before = _task_seconds(session)
        begin = time.monotonic()
        page.wait_for_timeout(SECONDS * 1000)
        used = _task_seconds(session) - before
        return used / (time.monotonic() - begin), page.evaluate("watched")


def _task_seconds(session: object) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]  # type: ignore[attr-defined]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _write_project(folder: Path, model: BuildingModel) -> str:
    """A project with 1,000 temperatures, at most 20 of them in the first room, whose GlobalId is returned."""
    from twin.view import write_scene

    write_scene(model, None, folder / "scene")
    rooms = [str(one) for one in model.spaces.global_id]
    points = ["id,quantity,unit,interval_s,privacy"]
    bindings = ["point,accepted,global_id"]
    for number in range(POINTS):
        room = number % len(rooms)
        if room == 0 and number >= 20 * len(rooms):
            room = 1
        points.append(f"p{number},temperature,°C,1,public")
        bindings.append(f"p{number},yes,{rooms[room]}")
    (folder / "points.csv").write_text("\n".join(points), "utf-8")
    (folder / "bindings.csv").write_text("\n".join(bindings), "utf-8")
    (folder / "twin.toml").write_text(
        '[project]\nname = "Tower"\n[live]\npoints = "points.csv"\nbindings = "bindings.csv"\n', "utf-8"
    )
    return rooms[0]
