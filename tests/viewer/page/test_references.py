"""The page looks as it did: eight states beside their kept pictures (tests/viewer/references).

Renew them, after a look at what changed, with
``GREENTWIN_WRITE_REFERENCES=1 python -m pytest -n0 tests/viewer/page/test_references.py``.
"""

from __future__ import annotations

import base64
import time
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.viewer.page.live import Server
from tests.viewer.page.references import check, compare

pytestmark = pytest.mark.browser

SIZE = {"width": 1120, "height": 680}
# One font for all machines; Chinese letters come from the system (CI: fonts-noto-cjk).
_FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
STYLE = f"""
@font-face {{ font-family: Kept; src: url(data:font/ttf;base64,{base64.b64encode(_FONT.read_bytes()).decode()}); }}
:root {{ --font: Kept, "Noto Sans CJK SC" !important; --mono: Kept !important; }}
"""


def screenshot(page) -> bytes:
    """A picture of the page once it no longer changes."""
    page.add_style_tag(content=STYLE)
    page.evaluate("() => document.fonts.ready")
    page.mouse.move(1, 1)
    last = b""
    for _ in range(20):
        page.wait_for_timeout(250)
        page.locator("#picture[data-whole=true]").wait_for()
        now = page.screenshot(animations="disabled", caret="hide")
        if now == last:
            break
        last = now
    return last


def start(page) -> None:
    page.locator("#rail-model").wait_for()


def storey_isolated(page) -> None:
    page.get_by_role("button", name="Isolate: 二层").click()


def section(page) -> None:
    page.click("#section")
    page.locator("#section-card input").nth(1).fill("0.5")


def daylight(page) -> None:
    page.click("#rail-colour")
    page.click('[data-layer="daylight.daylight_factor"]')
    page.locator("#legend").wait_for()
    page.evaluate("() => window.greentwin.select('101')")


def verdicts(page) -> None:
    page.click("#rail-score")
    page.locator(".group > button").first.click()
    page.click('[data-clause="5.2.9"]')
    page.get_by_role("button", name="Show elements (1)").click()


def comparison(page) -> None:
    page.click("#rail-compare")
    page.locator("#comparison").get_by_role("button", name="Show elements").first.click()


@pytest.mark.parametrize("state", [start, storey_isolated, section, daylight, verdicts, comparison])
def test_a_state_of_the_page_looks_as_it_did(open_page, state) -> None:
    page = open_page(viewport=SIZE, reduced_motion="reduce")
    state(page)
    check(state.__name__, screenshot(page))


def test_the_page_on_a_phone_in_the_dark_looks_as_it_did(open_page) -> None:
    phone = {"width": 390, "height": 844}
    page = open_page("lang=zh&theme=dark", is_mobile=True, has_touch=True, viewport=phone)
    page.tap("#rail-colour")
    page.tap('[data-layer="model.grade"]')
    page.locator("#legend").wait_for(state="attached")  # comes with the layer's values
    check("phone_dark", screenshot(page))


def test_the_live_page_with_a_stale_room_looks_as_it_did(twin_folder, open_live) -> None:
    with Server(twin_folder, demo=True) as server:
        page = open_live(server, viewport=SIZE, bypass_csp=True)  # for the font
        page.locator("#picture[data-draw-calls]").wait_for()
        page.click("#rail-live")
        server.deliver(room__temperature=21.5)
        page.click('[data-quantity="temperature"]')
        page.evaluate("() => window.greentwin.select('101')")
        page.locator("#live-points .state", has_text="21.5").wait_for()
        server.go_stale("room/temperature")
        page.locator('#live-points [data-state="stale"]').wait_for()
        page.locator("#why .hatched").wait_for()
        page.add_style_tag(content="#playback input { visibility: hidden }")  # day and hour of the run
        time.sleep(0.5)
        check("live_stale", screenshot(page))


def test_the_comparison_sees_a_colour_a_legend_and_a_shift_but_not_another_letter() -> None:
    picture = Image.new("RGB", (SIZE["width"], SIZE["height"]), "#f0f2f1")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(400, 300), (600, 220), (700, 330), (480, 420)], fill="#21918c")
    draw.rectangle((380, 520, 700, 580), fill="#ffffff")
    for line in range(20):
        draw.text((20, 20 + 25 * line), "Daylight factor 2.5 %", fill="#1a2329")
    assert compare(picture, picture).same

    def changed(act) -> Image.Image:
        copy = picture.copy()
        act(ImageDraw.Draw(copy))
        return copy

    recoloured = changed(
        lambda one: one.polygon([(400, 300), (600, 220), (700, 330), (480, 420)], fill="#5ec962")
    )
    without_legend = changed(lambda one: one.rectangle((380, 520, 700, 580), fill="#c0c4c3"))
    shifted = Image.fromarray(np.roll(np.asarray(picture), 12, axis=1))
    letters = changed(lambda one: one.text((20, 20), "Daylight facfor 2.5 %", fill="#1a2329"))
    for other in (recoloured, without_legend, shifted):
        assert not compare(picture, other).same
    assert compare(picture, letters).same
