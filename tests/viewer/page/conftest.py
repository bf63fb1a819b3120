"""A small house, evaluated by hand, as a static page behind a plain file server, and a browser to look at it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import chromium
from tests.twin.example_evaluation import example_evaluation, example_metrics
from tests.viewer.page.house import house, revision_before
from tests.viewer.page.live import write_twin

MOST_MS = 120_000  # that a condition is waited for, on a machine that is busy with others
SOFTWARE_GRAPHICS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox", "--lang=en"]


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of the page."""
    from twin.view import write_static
    from viewer.build import build_page

    build_page()
    model = house()
    evaluation = replace(example_evaluation(), model=model, metrics=example_metrics(model))
    folder = tmp_path_factory.mktemp("page")
    write_static(model, evaluation, folder / "house", revision_before(evaluation))
    with serving(folder) as address:
        yield f"{address}/house/"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class serving:  # noqa: N801 - reads as a verb
    """A file server on loopback while the block runs."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_Quiet, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


# Not longer than a module: while Playwright is open, asyncio.run fails in this thread, in every test.
@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium(), args=SOFTWARE_GRAPHICS)
        yield one
        one.close()


@pytest.fixture
def open_page(browser, site):
    """Opens the page and waits for the whole model; a page error fails the test."""
    contexts, errors = [], []

    def open_it(query: str = "lang=en&theme=light", address: str = "", **options):
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        context.set_default_timeout(MOST_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("response", lambda answer: errors.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{address or site}?{query}")
        page.wait_for_function(LOADED)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []


LOADED = """() => document.querySelector("#picture")?.dataset.drawCalls
  && !document.querySelector(".loading, .curtain")"""


@pytest.fixture
def twin_folder(tmp_path) -> Path:
    return write_twin(tmp_path)


@pytest.fixture
def open_live(browser):
    contexts = []

    def open_it(server, held_up: str = "", **options):
        """``held_up``: an address whose answers come two seconds late."""
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        context.set_default_timeout(MOST_MS)
        contexts.append(context)
        page = context.new_page()
        if held_up:
            page.route(held_up, lambda route: (page.wait_for_timeout(2000), route.continue_()))
        page.goto(f"{server.address}?lang=en&theme=light")
        return page

    yield open_it
    for context in contexts:
        context.close()
