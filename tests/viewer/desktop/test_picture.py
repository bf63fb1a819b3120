"""Pictures without a display, and what lies under their pixels."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.viewer.page.test_page import WALL
from viewer.colours import scale_rgb
from viewer.desktop.display import DisplayError, require_display

pytestmark = pytest.mark.desktop

SIZE = (600, 400)


@pytest.fixture
def stage(scene):
    """The stage of a picture, still open; ``place`` gives the pixel of a point of the model."""
    import pyvista

    from viewer.desktop.display import drawing
    from viewer.desktop.stage import Stage, coincident_faces

    with drawing(off_screen=True), coincident_faces():
        plotter = pyvista.Plotter(off_screen=True, window_size=list(SIZE))
        one = Stage(scene, plotter)
        one.show(None, None)
        one.look_at(*scene.box_of_interest(None), above=False)
        plotter.render()
        yield one
        plotter.close()


def place_of(stage, point) -> tuple[int, int]:
    renderer = stage.plotter.renderer
    renderer.SetWorldPoint(*point, 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    return round(x), SIZE[1] - 1 - round(y)


def pixels_of(stage) -> np.ndarray:
    stage.plotter.render()
    return np.asarray(stage.plotter.screenshot(return_img=True))[..., :3]


def test_a_pixel_leads_to_the_global_id_drawn_there(scene, stage) -> None:
    row = stage.pick(*place_of(stage, (5.0, -0.2, 1.5)))
    assert scene.columns["global_id"][row] == WALL
    assert stage.pick(2, 2) is None


def test_what_is_cut_away_or_hidden_is_not_picked(scene, stage) -> None:
    stage.show(None, 0)
    place = place_of(stage, (3.0, 2.0, 0.02))
    assert scene.columns["classes"][scene.columns["class"][stage.pick(*place)]] == "IfcSpace"
    stage.hidden.add(stage.pick(*place))
    stage.redraw()
    assert scene.columns["classes"][scene.columns["class"][stage.pick(*place)]] == "IfcSlab"


def test_daylight_has_the_exact_colour_of_the_legend(scene, stage) -> None:
    stage.show(scene.layer("daylight.daylight_factor"), 0)
    stage.look_at(*scene.box_of_interest(0), above=True)
    x, y = place_of(stage, (3.25, 2.75, 0.05))
    # The field is 5 / y: at y = 2.75 m it is 1.818 %.
    expected = scale_rgb(np.array([5.0 / 2.75]), 0.0, 5.0)[0]
    assert np.abs(pixels_of(stage)[y, x].astype(int) - expected).max() <= 2


def test_a_room_without_a_result_is_hatched_grey(scene, stage) -> None:
    stage.show(scene.layer("daylight.daylight_factor_mean_pct"), 1)
    stage.look_at(*scene.box_of_interest(1), above=True)
    x, y = place_of(stage, (3.0, 2.0, 3.22))
    patch = pixels_of(stage)[y - 6 : y + 6, x - 6 : x + 6].reshape(-1, 3).astype(int)
    assert (patch.max(axis=1) - patch.min(axis=1)).max() <= 6, "grey"
    assert np.ptp(patch[:, 0]) > 30, "hatched"


def test_what_is_selected_stands_out(scene, stage) -> None:
    x, y = place_of(stage, (5.0, -0.2, 1.5))
    before = pixels_of(stage)[y, x].astype(int)
    stage.select(scene.row_of(WALL))
    red, _, blue = pixels_of(stage)[y, x].astype(int)
    assert red - blue > 80 > before[0] - before[2]
    stage.select(None)
    assert np.abs(pixels_of(stage)[y, x] - before).max() <= 3


def test_a_tree_outside_is_left_out_where_it_would_be_cut() -> None:
    from tests.building_blocks import Blocks
    from twin.view import desktop_scene

    blocks = Blocks()
    blocks.storey("一层", 0.0)
    blocks.space((0, 0, 0), (6, 4, 3), name="101")
    tree = blocks.box("IfcGeographicElement", (8, 0, 0), (9, 1, 5), storey=-1)
    lawn = blocks.box("IfcGeographicElement", (8, 2, -0.1), (12, 6, 0), storey=-1)
    scene = desktop_scene(blocks.model())
    cut, whole = (scene.plot(storey=storey, off_screen=True, size_px=SIZE).pixels for storey in (0, None))
    assert cut.shape == whole.shape == (400, 600, 3)

    import pyvista

    from viewer.desktop.display import drawing
    from viewer.desktop.stage import Stage

    with drawing(off_screen=True):
        plotter = pyvista.Plotter(off_screen=True)
        stage = Stage(scene, plotter)
        stage.show(None, 0)
        drawn = {int(row) for rows in stage._rows_of.values() for row in rows}
        plotter.close()
    assert tree not in drawn
    assert lawn in drawn


def test_a_plot_is_a_picture_that_notebooks_show(scene, tmp_path) -> None:
    from PIL import Image

    picture = scene.plot("daylight.daylight_factor", off_screen=True, size_px=SIZE, selected=WALL)
    assert picture.pixels.shape == (400, 600, 3)
    assert Image.open(io.BytesIO(picture._repr_png_())).size == SIZE
    picture.save(tmp_path / "daylight.png")
    assert (np.asarray(Image.open(tmp_path / "daylight.png")) == picture.pixels).all()
    legend = picture.pixels[-80:, 12:352].reshape(-1, 3)
    assert (legend == (68, 1, 84)).all(axis=1).any()
    assert (legend == (253, 231, 37)).all(axis=1).any()


def test_what_does_not_exist_is_named(scene) -> None:
    with pytest.raises(KeyError, match=r"daylight\.daylight_factor"):
        scene.plot("daylight.nothing", off_screen=True)
    with pytest.raises(KeyError, match="no storey 7"):
        scene.plot(storey=7, off_screen=True)
    with pytest.raises(KeyError, match="no element 'x'"):
        scene.plot(selected="x", off_screen=True)


def test_without_a_display_a_window_says_what_else_there_is(monkeypatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("viewer.desktop.display.sys.platform", "linux")
    with pytest.raises(DisplayError, match="off_screen=True"):
        require_display(off_screen=False)


def test_a_machine_that_cannot_draw_says_what_to_install(monkeypatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("viewer.desktop.display.sys.platform", "linux")
    monkeypatch.setattr("viewer.desktop.display._loads", lambda library: False)
    with pytest.raises(DisplayError, match="libegl1") as caught:
        require_display(off_screen=True)
    assert "libegl1" in caught.value.remedy.zh
    monkeypatch.setattr("viewer.desktop.display.find_spec", lambda name: None)
    with pytest.raises(DisplayError, match=r"greentwin\[desktop\]"):
        require_display(off_screen=True)


@pytest.mark.parametrize(
    ("broken", "off_screen", "words"),
    [
        ({"__EGL_VENDOR_LIBRARY_FILENAMES": "/nowhere"}, True, "libegl-mesa0"),
        ({"DISPLAY": ":987"}, False, "off_screen=True"),
    ],
)
def test_libraries_that_cannot_draw_end_in_an_error_not_in_a_crash(broken, off_screen, words) -> None:
    script = (
        "from tests.viewer.desktop.conftest import house_scene\n"
        "from viewer.desktop import DisplayError\n"
        "try:\n"
        f"    house_scene().plot(off_screen={off_screen})\n"
        "except DisplayError as error:\n"
        "    print(error)\n"
    )
    clean = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-c", script], env={**clean, **broken}, capture_output=True, text=True,
        timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
