"""The site's runoff under the rain of its gauge, simulated every few minutes in a process of its own.

The process prepares the site once, then answers each line of its input, a time, with a line of JSON. All that
it knows comes from the history: a new one goes on where the last one stood. It ends with the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sensors.text
from ifc.model import Text
from sensors.errors import SensorError
from sensors.latest import State
from sensors.readings import now_us
from twin.errors import TwinError
from twin.server.beside import end_with_server
from twin.server.evaluation import NICENESS, load_model

if TYPE_CHECKING:
    from twin.server.context import Context

log = logging.getLogger(__name__)

EVERY_S = 300.0
MOST_BYTES = 1_000_000  # of a line
WHY = "why_none"  # key of an answer that is none: why, in both languages; beside it a ``state`` of the route


class Verdict(NamedTuple):
    """What the simulation says of a point, for the rules that wait for it (``simulated`` of an alarm)."""

    what: str  # departs or full
    point: str
    holds: bool
    value: float  # what was measured; NaN for none


def verdicts(found: Mapping[str, Any], gauge: str) -> Iterator[Verdict]:
    """What the alarms should hear; nothing of what cannot be told.

    That a store will be full is said of the sensors in it and, of a rain tank, of the gauge.

    Args:
        found: what :func:`twin.measured.live_runoff.live_runoff` found.
        gauge: the point that measures the rain.
    """
    if found["why"]:
        return
    tank_full = False
    for store in found["stores"]:
        full = store["full_ms"] is not None
        tank_full |= full and store["kind"] == "tank"
        for sensor in store["sensors"]:
            value = math.nan if sensor["measured"] is None else sensor["measured"]
            yield Verdict("full", sensor["point"], full, value)
            if sensor["state"] != "unknown":
                departs = sensor["state"] != "together"
                yield Verdict("departs", sensor["point"], departs, value)
    yield Verdict("full", gauge, tank_full, math.nan)


async def follow(context: Context, folder: Path) -> None:
    """Simulate until cancelled, or until the site turns out to be one that cannot be simulated.

    Args:
        context: whose ``background.runoff`` the answers are, and whose alarms hear them.
        folder: the evaluated model (:func:`twin.server.evaluation.folder_for`).
    """
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "twin.server.site_runoff",
            str(context.live.project.file),
            str(folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MOST_BYTES,
        )
        try:
            await _ask(context, process)
            if await process.wait() == 0:
                return
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        log.error("The simulation of the site's runoff broke; it is started again")
        context.background.runoff = _cannot("failed", Text("the simulation broke", "模拟程序异常退出"))
        await _pause(context)


async def _ask(context: Context, process: asyncio.subprocess.Process) -> None:
    """Ask again and again, until the process ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    while True:
        with contextlib.suppress(ConnectionError):  # it ended: what it said before, it still said
            process.stdin.write(b"%d\n" % now_us())
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            return
        context.background.runoff = found = json.loads(line)
        context.background.runoff_us = now_us()
        live = context.live
        rows, gauge = live.points.row_of, live.project.live.meters.rain
        if WHY not in found and live.intake.latest.states()[rows[gauge]] == State.FRESH:
            for each in verdicts(found, gauge):
                live.alarms.tell(each.what, rows[each.point], each.holds, each.value)
        await _pause(context)


async def _pause(context: Context) -> None:
    """Wait until it is time, or somebody wants it at once."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(EVERY_S):
            await context.background.runoff_wanted.wait()
    context.background.runoff_wanted.clear()


def _cannot(state: str, why: Text | sensors.text.Text) -> dict[str, Any]:
    return {"state": state, WHY: {"en": why.en, "zh": why.zh}}


def main(project_file: str, folder: str) -> None:
    """Answer the times that the server asks for, until it ends."""
    asked = end_with_server()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    from twin.live.composition import open_store, places_of_project, points_of_project
    from twin.measured.live_runoff import live_runoff
    from twin.measured.runoff import site_model
    from twin.project import read_project

    project = read_project(project_file)
    model = load_model(Path(folder))
    assert model is not None
    points = points_of_project(project)
    try:
        site = site_model(model, project)
    except TwinError as error:
        print(json.dumps(_cannot("no_site", error.message)), flush=True)
        return
    places = places_of_project(project, model, points)
    while True:
        line = asked.get()
        try:
            store = open_store(project, points, read_only=True)
            try:
                found = live_runoff(store, points, places, site, int(line))
            finally:
                store.close()
        except TwinError as error:
            found = _cannot("gauge_silent", error.message)
        except SensorError as error:
            found = _cannot("failed", error.message)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
