"""The page in a real browser, as a user sees it."""

from __future__ import annotations

import io
import re
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tests.viewer.page.conftest import MOST_MS
from tests.viewer.page.house import house
from viewer.colours import scale_rgb

pytestmark = pytest.mark.browser

WALL = "element000000"  # the south wall of the lower storey

# Whatever is asked of the graphics is said to be done a tenth of a second later.
SLOW_GRAPHICS = """() => {
  const { fenceSync, clientWaitSync } = WebGL2RenderingContext.prototype;
  let asked = 0;
  WebGL2RenderingContext.prototype.fenceSync = function (...args) {
    asked = performance.now();
    return fenceSync.apply(this, args);
  };
  WebGL2RenderingContext.prototype.clientWaitSync = function (...args) {
    return performance.now() < asked + 100 ? this.TIMEOUT_EXPIRED : clientWaitSync.apply(this, args);
  };
}"""


# No colour is on its way to another.
STILL = """() => document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity
)"""


def settle(page) -> None:
    """Wait until what was asked for is drawn."""
    page.evaluate("() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
    page.locator("#picture[data-whole=true]").wait_for()


def place_of(page, x: float, y: float, z: float) -> tuple[float, float]:
    """Where a point of the model (z up) is in the window."""
    return tuple(page.evaluate("([x, y, z]) => window.greentwin.project(x, y, z)", [x, y, z]))


def pixel(page, x: float, y: float) -> tuple[int, int, int]:
    """Colour of a pixel of the window, from a screenshot of it alone."""
    shot = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    return Image.open(io.BytesIO(shot)).convert("RGB").getpixel((0, 0))


def test_a_click_on_a_pixel_finds_the_element_drawn_there(open_page) -> None:
    page = open_page()
    page.mouse.click(*place_of(page, 5.0, -0.2, 1.5))
    assert page.locator("#element-guid").inner_text() == WALL
    assert page.locator(".inspector .kind").inner_text() == "IfcWall"


def test_a_storey_alone_is_what_the_tree_isolates(open_page) -> None:
    page = open_page()
    page.get_by_role("button", name="Isolate: 二层").click()
    settle(page)
    page.mouse.click(*place_of(page, 3.0, 4.0, 5.0))
    upper = page.locator("#element-guid").inner_text()
    model = house().elements
    row = model.global_id.tolist().index(upper)
    assert (model.ifc_class[row], model.storey[row]) == ("IfcWall", 1)


def test_daylight_colours_the_floor_as_the_legend_says(open_page) -> None:
    page = open_page()
    page.click("#rail-colour")
    page.click('[data-layer="daylight.daylight_factor"]')
    legend = page.locator("#legend")
    legend.wait_for()
    assert legend.locator(".ticks").inner_text().split() == ["0", "1.25", "2.5", "3.75", "5"]
    assert "%" in legend.inner_text()
    page.evaluate("() => window.greentwin.hide('IfcSlab', 'IfcWall', 'IfcWindow')")
    settle(page)
    # The field is 5 / y: at y = 2.75 m it is 1.818 %.
    found = pixel(page, *place_of(page, 3.25, 2.75, 0.05))
    expected = scale_rgb([5.0 / 2.75], 0.0, 5.0)[0]
    assert max(abs(int(a) - int(b)) for a, b in zip(found, expected, strict=True)) <= 3


def test_a_room_without_a_result_is_hatched_grey_and_says_so(open_page) -> None:
    page = open_page()
    page.click("#rail-colour")
    page.click('[data-layer="daylight.daylight_factor_mean_pct"]')
    page.locator("#legend").wait_for()
    page.select_option("#cut-storey", "1")
    page.evaluate("() => window.greentwin.hide('IfcSlab', 'IfcWall', 'IfcWindow')")
    settle(page)
    x, y = place_of(page, 3.0, 2.0, 3.2)
    colours = {pixel(page, x + step, y) for step in range(0, 12, 2)}
    assert all(max(colour) - min(colour) <= 6 for colour in colours), "grey"
    assert max(c[0] for c in colours) - min(c[0] for c in colours) > 40, "hatched"
    page.mouse.click(x, y)
    assert "unknown" in page.locator("#why").inner_text()


def test_why_is_it_this_colour(open_page) -> None:
    page = open_page()
    page.click("#rail-colour")
    page.click('[data-layer="daylight.daylight_factor_mean_pct"]')
    page.evaluate("() => window.greentwin.select('101')")
    why = page.locator("#why").inner_text()
    assert "2.5 %" in why
    assert "GB 50033" in why


def test_a_storey_cut_opens_the_view_to_its_floor(open_page) -> None:
    page = open_page()
    page.click("#cut")
    page.wait_for_selector("#cut-card")
    settle(page)
    page.mouse.click(*place_of(page, 3.0, 2.0, 0.02))
    assert page.locator(".inspector .kind").inner_text() == "IfcSpace"


def test_a_tree_outside_is_left_out_where_the_storey_cut_would_go_through_it(open_page) -> None:
    page = open_page()
    page.mouse.click(*place_of(page, 2.5, -4.0, 3.0))
    assert page.locator(".inspector .kind").inner_text() == "IfcGeographicElement"
    page.click("#cut")
    page.wait_for_selector("#cut-card")
    for _ in range(6):
        page.locator("#picture").press("-")
    settle(page)
    page.mouse.click(*place_of(page, 3.0, -0.1, 1.3))
    assert page.locator(".inspector .kind").inner_text() == "IfcWall"
    page.mouse.click(*place_of(page, 2.5, -4.0, 0.2))
    page.locator(".inspector").wait_for(state="detached")


def test_the_section_box_takes_away_what_is_outside(open_page) -> None:
    page = open_page()
    x, y = place_of(page, 5.0, -0.2, 1.5)
    page.click("#section")
    page.locator("#section-card input").nth(1).fill("0.5")  # X to the middle
    settle(page)
    page.mouse.click(x, y)
    inspector = page.locator("#element-guid")
    assert inspector.count() == 0 or inspector.inner_text() != WALL


def test_two_clicks_measure_between_corners(open_page) -> None:
    page = open_page()
    page.click("#measure")
    for x, z in ((0.05, 0.05), (5.95, 0.05)):
        page.mouse.click(*place_of(page, x, -0.2, z))
    assert page.locator("#measured").inner_text().startswith("6 m")


def test_the_sun_stands_where_the_place_and_the_hour_put_it(open_page) -> None:
    """Nanchang, equinox, 12:00 UTC+8: 61° high, a little east of south."""
    page = open_page()
    page.click("#sun")
    page.locator("#sun-card input[type=range]").fill("12")
    text = page.locator("#sun-card [role=status]").inner_text()
    altitude = float(re.search(r"Altitude ([\d.]+)", text)[1])
    azimuth = float(re.search(r"Azimuth ([\d.]+)", text)[1])
    assert altitude == pytest.approx(61.5, abs=0.6)
    assert 165 < azimuth < 180


def test_slow_graphics_make_the_same_picture_in_slices(open_page) -> None:
    def picture() -> np.ndarray:
        settle(page)
        return np.asarray(Image.open(io.BytesIO(page.locator("#picture").screenshot())).convert("RGB"), int)

    page = open_page()
    # The browser blends the gradient behind the canvas now one way, now another, a step of colour apart.
    page.add_style_tag(content=".picture { background: white !important }")
    page.evaluate("() => new Promise((idle) => requestIdleCallback(idle))")  # the edges are drawn then
    page.evaluate("() => greentwin.select('201')")
    before = picture()
    page.evaluate(SLOW_GRAPHICS)
    for name in ("101", "201"):
        page.evaluate("(name) => greentwin.select(name)", name)
        settle(page)
    assert int(page.locator("#picture").get_attribute("data-slices")) > 1
    assert np.abs(picture() - before).max() == 0


def test_the_plan_names_the_rooms(open_page) -> None:
    page = open_page()
    page.click("#plan")
    settle(page)
    assert "101" in page.locator(".room-label:visible").first.inner_text()


def test_walking_forward_moves_the_eye(open_page) -> None:
    page = open_page()
    page.click("#walk")
    page.locator("#walk-card").wait_for()
    page.wait_for_function("() => Math.abs(window.greentwin.eye()[2] - 1.62) < 0.05")
    x, y, _ = page.evaluate("() => window.greentwin.eye()")
    page.keyboard.down("w")
    # Towards +Y, as the walk begins.
    page.wait_for_function("(y) => window.greentwin.eye()[1] - y > 0.1", arg=y)
    page.keyboard.up("w")
    assert abs(page.evaluate("() => window.greentwin.eye()")[0] - x) < 0.05
    page.keyboard.press("Escape")
    page.locator("#walk-card").wait_for(state="detached")


def test_a_view_is_saved_as_a_bcf_topic_and_opened_again(open_page, tmp_path) -> None:
    from bcf.v2.bcfxml import BcfXml

    page = open_page()
    page.evaluate(SLOW_GRAPHICS)  # the picture is still being made when it is saved
    page.evaluate("() => window.greentwin.select('101')")
    page.click("#cut")
    page.click("#rail-topics")
    page.fill("#topic-form [name=title]", "Door <missing> & more")
    with page.expect_download() as download:
        page.locator("#topic-form button").click()
    path = tmp_path / "topic.bcf"
    download.value.save_as(path)
    with BcfXml.load(path) as file:
        (topic,) = file.topics.values()
        (viewpoint,) = topic.viewpoints.values()
    assert topic.topic.title == "Door <missing> & more"
    picture = Image.open(io.BytesIO(viewpoint.snapshot)).convert("RGB")
    assert len(picture.getcolors(1 << 20)) > 100, "a building, not a blank"
    seen = viewpoint.visualization_info
    selected = [one.ifc_guid for one in seen.components.selection.component]
    assert selected == [str(house().spaces.global_id[0])]
    (plane,) = seen.clipping_planes.clipping_plane
    assert (plane.location.z, plane.direction.z) == pytest.approx((1.4, 1.0))

    eye = page.evaluate("() => window.greentwin.eye()")
    again = open_page()
    again.click("#rail-topics")
    again.set_input_files(".panel input[type=file]", path)
    again.locator("#topics button").click()
    assert again.evaluate("() => window.greentwin.eye()") == pytest.approx(eye, abs=1e-3)
    assert "101" in again.locator("#element-name").inner_text()


def open_viewpoint(page, path, camera: str) -> None:
    """Open a BCF file with one topic that has the given camera."""
    with ZipFile(path, "w") as file:
        file.writestr("a/markup.bcf", "<Markup><Topic Guid='a'><Title>View</Title></Topic></Markup>")
        file.writestr("a/v.bcfv", f"<VisualizationInfo>{camera}</VisualizationInfo>")
    page.click("#rail-topics")
    page.set_input_files(".panel input[type=file]", path)
    page.locator("#topics button").click()
    settle(page)


def xyz(tag: str, x: float, y: float, z: float) -> str:
    return f"<{tag}><X>{x}</X><Y>{y}</Y><Z>{z}</Z></{tag}>"


def test_a_viewpoint_without_perspective_keeps_its_scale_and_what_is_up(open_page, tmp_path) -> None:
    page = open_page()
    camera = (
        f"<OrthogonalCamera>{xyz('CameraViewPoint', 3, 2, 20)}{xyz('CameraDirection', 0, 0, -1)}"
        f"{xyz('CameraUpVector', 1, 0, 0)}<ViewToWorldScale>12</ViewToWorldScale></OrthogonalCamera>"
    )
    open_viewpoint(page, tmp_path / "top.bcf", camera)
    height = page.locator("#picture").bounding_box()["height"]
    middle, east, north, deep = (
        place_of(page, *point) for point in ((3, 2, 6), (6, 2, 6), (3, 4, 6), (6, 2, 0))
    )
    assert middle[1] - east[1] == pytest.approx(3 / 12 * height, abs=1), "+X is up"
    assert middle[0] - north[0] == pytest.approx(2 / 12 * height, abs=1), "+Y is to the left"
    assert deep == pytest.approx(east, abs=0.5), "no perspective"
    page.get_by_role("button", name="Fit").click()
    settle(page)
    assert place_of(page, 6, 2, 0) != pytest.approx(place_of(page, 6, 2, 6), abs=5)


def test_a_viewpoint_with_a_wide_lens_and_a_tilt_is_seen_so(open_page, tmp_path) -> None:
    page = open_page()
    tilted = (-0.7071067811865476, 0.0, 0.7071067811865476)
    camera = (
        f"<PerspectiveCamera>{xyz('CameraViewPoint', 3, -20, 3)}{xyz('CameraDirection', 0, 1, 0)}"
        f"{xyz('CameraUpVector', *tilted)}<FieldOfView>60</FieldOfView></PerspectiveCamera>"
    )
    open_viewpoint(page, tmp_path / "tilt.bcf", camera)
    height = page.locator("#picture").bounding_box()["height"]
    middle = place_of(page, 3, 0, 3)
    up = place_of(page, 3 + 2 * tilted[0], 0, 3 + 2 * tilted[2])
    assert up[0] == pytest.approx(middle[0], abs=1)
    expected = 2 / (20 * 3**-0.5) * height / 2  # tan 30° is 1 / √3
    assert middle[1] - up[1] == pytest.approx(expected, abs=1)


def test_a_file_that_is_no_bcf_is_told(open_page, tmp_path) -> None:
    page = open_page()
    (tmp_path / "x.bcf").write_bytes(b"no zip")
    page.click("#rail-topics")
    page.set_input_files(".panel input[type=file]", tmp_path / "x.bcf")
    page.get_by_role("alert").wait_for()


def test_a_zip_without_topics_is_told_and_a_topic_without_a_direction_cannot_be_opened(
    open_page, tmp_path
) -> None:
    page = open_page()
    page.click("#rail-topics")
    with ZipFile(tmp_path / "empty.bcf", "w") as file:
        file.writestr("bcf.version", "<Version/>")
    page.set_input_files(".panel input[type=file]", tmp_path / "empty.bcf")
    page.get_by_role("alert").wait_for()
    here = "<CameraViewPoint><X>1</X><Y>1</Y><Z>1</Z></CameraViewPoint>"
    with ZipFile(tmp_path / "bad.bcf", "w") as file:
        file.writestr(
            "a/MARKUP.BCF", "<Markup><Topic Guid='a'><Title>&lt;img src=x&gt;</Title></Topic></Markup>"
        )
        file.writestr(
            "a/v.bcfv",
            f"<VisualizationInfo><PerspectiveCamera>{here}<CameraDirection><X>0</X><Y>0</Y><Z>0</Z>"
            "</CameraDirection></PerspectiveCamera></VisualizationInfo>",
        )
    page.set_input_files(".panel input[type=file]", tmp_path / "bad.bcf")
    topic = page.locator("#topics button")
    topic.wait_for()
    assert topic.is_disabled()
    assert topic.locator("b").inner_text() == "<img src=x>"
    assert page.get_by_role("alert").count() == 0


def test_two_revisions_are_compared(open_page, site) -> None:
    page = open_page()
    page.click("#rail-compare")
    panel = page.locator("#comparison")
    panel.wait_for()
    assert "+4.0" in panel.inner_text()
    panel.get_by_role("button", name="Show elements").first.click()
    assert "added · 1 elements" in page.locator(".legend").inner_text()


def test_the_score_panel_leads_from_a_clause_to_its_elements(open_page) -> None:
    page = open_page()
    page.click("#rail-score")
    assert page.locator("#score-guaranteed").inner_text() == "61.2"
    page.locator(".group > button").first.click()
    page.click('[data-clause="5.2.9"]')
    page.get_by_role("button", name="Show elements (1)").click()
    assert "5.2.9" in page.locator(".legend").inner_text()


def test_the_language_of_the_page_changes_and_stays(open_page) -> None:
    page = open_page()
    page.click("#language")
    assert page.locator("#rail-score").inner_text() == "得分"
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.goto(page.url.split("?")[0])
    page.locator("#rail-score").wait_for()
    assert page.locator("#rail-score").inner_text() == "得分"


def test_on_a_phone_nothing_is_wider_than_the_screen(open_page) -> None:
    phone = {"width": 390, "height": 844}
    page = open_page("lang=zh&theme=dark", is_mobile=True, has_touch=True, viewport=phone)
    for panel in ("model", "colour", "score"):
        page.tap(f"#rail-{panel}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        box = page.locator(".panel").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_text_of_the_model_is_text_not_markup(open_page) -> None:
    page = open_page()
    page.evaluate("() => window.greentwin.select('101')")
    assert page.locator("#element-name").inner_text() == "101 阅览室 <A&B>"


def test_a_folder_without_a_scene_says_what_is_missing(browser, site) -> None:
    page = browser.new_page()
    page.set_default_timeout(MOST_MS)
    page.goto(f"{site}?scene=nothing&lang=en")
    page.get_by_role("alert").wait_for()
    assert re.search(r"scene\.json|elements\.json", page.get_by_role("alert").inner_text())
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, theme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"lang=en&theme={theme}")
    page.evaluate("() => window.greentwin.select('101')")
    for panel in ("model", "colour", "score"):
        if page.locator(f"#rail-{panel}").get_attribute("aria-pressed") != "true":
            page.click(f"#rail-{panel}")
        page.wait_for_function(STILL)
        found = Axe().run(page).response["violations"]
        serious = [
            (one["id"], [node["html"][:120] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []
