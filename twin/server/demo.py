"""The demonstration: the pilot community with drawn readings, in a folder that goes with the process."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np

from sensors.feeds.simulator import SimulatorSettings, values_at
from sensors.points import PointTable
from sensors.readings import Readings, now_us
from sensors.store.contract import Store
from twin.project import Project, read_project
from twin.server.background import settings_for, start_background
from twin.server.context import Context
from twin.server.run import serve

STEP_US = 300_000_000
DAY_STEPS = 288
PORTION = 24  # steps stored at once
_TABLES = ("community_points.csv", "community_bindings.csv", "community_alarms.yaml")
_DESIGN, _LIVE, _EVIDENCE = "community_centre.toml", "community_live.toml", "evidence/centre"


def serve_demo(*, host: str, port: int, listening: Callable[[str], None]) -> None:
    """Serve the demonstration until a signal ends it; what it stored is deleted then."""
    with tempfile.TemporaryDirectory(prefix="greentwin-demo-") as folder:
        project = demo_project(Path(folder))
        serve(project, settings_for(demo=True), host=host, port=port, started=_started, listening=listening)


def demo_project(folder: Path) -> Project:
    """The project of the demonstration, its state in ``folder``: the pilot's design, and its live twin."""
    source = _source()
    for name in _TABLES:
        shutil.copyfile(source / name, folder / name)
    shutil.copytree(source / _EVIDENCE, folder / _EVIDENCE)
    design, live_text = ((source / name).read_text("utf-8") for name in (_DESIGN, _LIVE))
    stated = folder / _LIVE
    stated.write_text(f"{design}\n{live_text[live_text.index('[live]') :]}", "utf-8")
    project = read_project(stated)
    live = project.live.model_copy(update={"model": source / "community_centre.ifc"})
    return project.model_copy(update={"live": live})


async def fill_day(points: PointTable, store: Store, zone: str) -> None:
    """Store the drawn readings of the last 24 hours, one each 5 minutes."""
    last = now_us() // STEP_US * STEP_US
    settings = SimulatorSettings(zone=zone)
    for first in range(DAY_STEPS, 0, -PORTION):
        moments = [last - step * STEP_US for step in range(first, first - PORTION, -1)]
        await asyncio.to_thread(_fill, points, store, moments, settings)


def _fill(points: PointTable, store: Store, moments: list[int], settings: SimulatorSettings) -> None:
    rows = np.arange(len(points))
    times = np.repeat(np.array(moments, np.int64), len(rows))
    value = np.concatenate([values_at(points, rows, at_us, settings) for at_us in moments])
    point = np.tile(rows, len(moments)).astype(np.int32)
    store.append(Readings(point, times, times, value, np.zeros(len(point), np.uint8)))


def _started(context: Context) -> None:
    start_background(context)
    zone = context.live.project.live.zone

    async def fill() -> None:
        while context.background.model == "running":
            await asyncio.sleep(0.1)  # the picture comes first
        await fill_day(context.live.points, context.live.store, zone)
        # What reports on change only would else be unknown until it does.
        context.live.intake.latest.restore(await asyncio.to_thread(context.live.store.last))
        context.background.runoff_wanted.set()

    context.tasks.append(asyncio.create_task(fill(), name="history"))


def _source() -> Path:
    """The pilot model and its tables: beside the package, or in the checkout."""
    packaged = Path(str(resources.files("twin").joinpath("data", "demo")))
    return packaged if packaged.is_dir() else Path(str(resources.files("twin"))).parent / "sample_models"
