"""The page: first picture, draw calls and weight; frames of large models; memory; 1,000 live points.

Needs a Chromium on the path; without a graphics card it draws in software, as on CI.
"""

from __future__ import annotations

import gzip
import statistics
import tempfile
from pathlib import Path

from benchmarks.row import Row
from benchmarks.viewer_browser import LOADED, chromium, serving, spread
from benchmarks.viewer_frames import frame_rows
from benchmarks.viewer_live import live_rows
from benchmarks.viewer_memory import memory_rows

TOWER = Path(__file__).parents[1] / "sample_models" / "residential_tower.ifc"
REPEATS = 5


def run() -> list[Row]:
    return [*_first_picture(), *frame_rows(), *memory_rows(), *live_rows()]


def _first_picture() -> list[Row]:
    import ifc
    from twin.view import write_static
    from viewer.build import BUILT, build_page

    build_page()
    script = sum(len(gzip.compress(path.read_bytes())) for path in (BUILT / "assets").glob("*.js"))
    with tempfile.TemporaryDirectory() as folder:
        write_static(ifc.read(TOWER), None, Path(folder))
        with serving(Path(folder)) as address:
            first, whole, calls = _open(address)
    return [
        Row("viewer", "tower, first picture after navigation", statistics.median(first), noise=spread(first)),
        Row("viewer", "tower, all storeys drawn", statistics.median(whole), noise=spread(whole)),
        Row("viewer", "tower, draw calls (budget 60)", float(calls), unit="calls"),
        Row("viewer", "script, gzip (budget 350)", script / 1000.0, unit="kB"),
    ]


def _open(address: str) -> tuple[list[float], list[float], int]:
    """Seconds to the first picture and to the whole model, and the draw calls of the whole model."""
    first, whole, calls = [], [], 0
    with chromium() as browser:
        for _ in range(REPEATS):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(address)
            page.wait_for_function(LOADED)
            whole.append(page.evaluate("performance.now()") / 1000.0)
            first.append(page.evaluate("performance.getEntriesByName('first-picture')[0].startTime") / 1000.0)
            page.wait_for_timeout(1000)  # the edges come last
            calls = int(page.evaluate("greentwin.frames(1, true).calls"))
            page.close()
    return first, whole, calls
