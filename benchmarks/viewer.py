"""The page with the sample tower: time to the first picture, draw calls, weight of the script.

Needs a Chromium on the path; without a graphics card it draws in software, as on CI.
"""

from __future__ import annotations

import functools
import gzip
import shutil
import statistics
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.row import Row

TOWER = Path(__file__).parents[1] / "sample_models" / "residential_tower.ifc"
REPEATS = 5
_SOFTWARE_GRAPHICS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def run() -> list[Row]:
    import ifc
    from twin.view import write_static
    from viewer.build import BUILT, build_page

    build_page()
    script = sum(len(gzip.compress(path.read_bytes())) for path in (BUILT / "assets").glob("*.js"))
    with tempfile.TemporaryDirectory() as folder:
        write_static(ifc.read(TOWER), None, Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        first, whole, calls = _open(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        server.server_close()
    return [
        Row(
            "viewer", "tower, first picture after navigation", statistics.median(first), noise=_spread(first)
        ),
        Row("viewer", "tower, all storeys drawn", statistics.median(whole), noise=_spread(whole)),
        Row("viewer", "tower, draw calls (budget 60)", float(calls), unit="calls"),
        Row("viewer", "script, gzip (budget 350)", script / 1000.0, unit="kB"),
    ]


def _open(address: str) -> tuple[list[float], list[float], int]:
    """Seconds to the first picture and to the whole model, and the draw calls of the whole model."""
    from playwright.sync_api import sync_playwright

    first, whole, calls = [], [], 0
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_SOFTWARE_GRAPHICS)
        for _ in range(REPEATS):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(address)
            page.wait_for_function(
                "document.querySelector('#picture')?.dataset.drawCalls > 0"
                " && !document.querySelector('.loading, .curtain')"
            )
            whole.append(page.evaluate("performance.now()") / 1000.0)
            first.append(page.evaluate("performance.getEntriesByName('first-picture')[0].startTime") / 1000.0)
            page.wait_for_timeout(1000)  # the edges come last
            calls = int(page.evaluate("document.querySelector('#picture').dataset.drawCalls"))
            page.close()
        browser.close()
    return first, whole, calls


def _spread(values: list[float]) -> float:
    return (max(values) - min(values)) / statistics.median(values)
