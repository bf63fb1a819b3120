"""``twin serve --demo`` as a new user meets it: empty caches, no kernel compiled, a browser opened at once.

The clock runs from the start of the command to its address, to the first picture of the model in the page,
and to the first value of a room in it: wall clock, so it means something on a quiet machine only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks.row import Row
from benchmarks.viewer_browser import LOADED, chromium

_ROOM = """async () => {
  const { room, kind } = await (await fetch("/api/v1/points")).json();
  return room.find((one, row) => one && kind[row] === "temperature");
}"""


def run() -> list[Row]:
    """Seconds from the start of the command; the browser runs before."""
    from viewer.build import build_page

    build_page()
    with tempfile.TemporaryDirectory() as cache, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
        page.set_default_timeout(120_000)
        folders = dict.fromkeys(("XDG_CACHE_HOME", "GREENTWIN_CACHE", "NUMBA_CACHE_DIR"), cache)
        begin = time.perf_counter()
        command = [sys.executable, "-m", "twin.cli", "serve", "--demo", "--port", "0"]
        with subprocess.Popen(
            command, env={**os.environ, **folders}, stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                found = _watch(page, server, begin)
            finally:
                server.terminate()
    return [Row("demo", f"twin serve --demo, new caches: {what}", seconds) for what, seconds in found.items()]


def _watch(page: Any, server: subprocess.Popen[str], begin: float) -> dict[str, float]:
    found = {}
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    found["its address"] = time.perf_counter() - begin
    page.goto(f"{address}?lang=en&theme=light", wait_until="commit")
    page.wait_for_function(LOADED)
    found["the model drawn in the page"] = time.perf_counter() - begin
    room = page.evaluate(_ROOM)
    page.evaluate("(room) => greentwin.select(room)", room)
    page.locator("#live-points [data-state=fresh]").first.wait_for()
    found["a room's value live in the page"] = time.perf_counter() - begin
    return found
