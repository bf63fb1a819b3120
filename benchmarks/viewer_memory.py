"""Memory of the page after opening and closing models again and again."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.row import Row
from benchmarks.viewer_browser import LOADED, chromium, serving

OPENINGS = 20
_MODELS = Path(__file__).parents[1] / "sample_models"
_OPENED = ("residential_tower.ifc", "community_centre.ifc")  # by turns


def memory_rows() -> list[Row]:
    """The heap of the script, what the graphics hold, and the browser's memory: first and last openings."""
    import ifc
    from twin.view import write_static

    heap: list[float] = []
    held: list[float] = []
    resident: list[float] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in _OPENED:
            write_static(ifc.read(_MODELS / name), None, folder / name)
        with serving(folder) as address, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable")
            for opening in range(OPENINGS):
                page.goto(f"{address}{_OPENED[opening % len(_OPENED)]}/")
                page.wait_for_function(LOADED, timeout=120_000)
                page.wait_for_timeout(500)
                for _ in range(2):
                    session.send("HeapProfiler.collectGarbage")
                metrics = {
                    one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]
                }
                counts = page.evaluate("greentwin.held()")
                heap.append(metrics["JSHeapUsedSize"] / 1e6)
                held.append(float(counts["geometries"] + counts["textures"] + counts["programs"]))
                page.goto("about:blank")
                page.wait_for_timeout(500)
                session.send("HeapProfiler.collectGarbage")
                resident.append(_resident_mb(browser))
    return [
        Row(
            "viewer", f"{OPENINGS} models opened: {what} with a model open, mean of the last four", last,
            "the first four", first, unit=unit, error=last - first,
        )
        for what, values, unit in (("script heap", heap, "MB"), ("graphics objects", held, "objects"))
        for first, last in [(statistics.mean(values[:4]), statistics.mean(values[-4:]))]
    ] + [
        Row(
            "viewer", f"{OPENINGS} models opened: the browser's processes after closing, the last four",
            statistics.mean(resident[-4:]), "openings 5 to 8", statistics.mean(resident[4:8]), unit="MB",
            error=statistics.mean(resident[-4:]) - statistics.mean(resident[4:8]),
        )
    ]  # fmt: skip


def _resident_mb(browser: Any) -> float:
    """Resident memory of all processes of the browser."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    pages = 0
    for process in processes:
        statm = Path(f"/proc/{process['id']}/statm")
        if statm.is_file():
            pages += int(statm.read_text().split()[1])
    return pages * 4096 / 1e6
