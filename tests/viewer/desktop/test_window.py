"""The window on a virtual display: keys and clicks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.window

# Drives the window from a timer, as a user would; prints what it then shows.
SCRIPT = """
import json, os
from tests.viewer.desktop.conftest import house_scene
import viewer.desktop.window as window

told = []

class Driven(window.Window):
    def __init__(self, stage):
        super().__init__(stage)
        stage.plotter.add_timer_event(max_steps=20, duration=100, callback=self.step)

    def step(self, number):
        try:
            self.act(number)
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)

    def act(self, number):
        stage, interactor = self.stage, self.stage.plotter.iren.interactor
        if number == 3:
            renderer = stage.plotter.renderer
            renderer.SetWorldPoint(5.0, -0.2, 1.5, 1.0)
            renderer.WorldToDisplay()
            x, y, _ = renderer.GetDisplayPoint()
            interactor.SetEventPosition(round(x), round(y))
            interactor.InvokeEvent("LeftButtonPressEvent")
            interactor.InvokeEvent("LeftButtonReleaseEvent")
        elif number in (5, 6, 7, 8):
            interactor.SetKeySym({5: "n", 6: "Prior", 7: "h", 8: "a"}[number])
            interactor.InvokeEvent("KeyPressEvent")
        elif number == 10:
            stage.plotter.iren.terminate_app()
        if number in (3, 5, 6, 7, 8):
            row = stage.selected
            told.append([
                None if row is None else stage.scene.columns["global_id"][row],
                stage.layer.id if stage.layer else None, stage.storey, len(stage.hidden),
            ])

window.Window = Driven
house_scene().plot(language="zh")
print(json.dumps(told))
"""


@pytest.fixture
def display():
    """A display of a virtual X server, which chooses a free number itself.

    Without ``-noreset`` the server starts anew whenever its last client has left, and refuses the next
    meanwhile: VTK asks for a display and leaves before it opens its window.
    """
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(60)


def test_a_display_that_answers_the_question_but_not_the_window_is_an_error_not_a_window_nobody_sees(
    display,
) -> None:
    script = (
        "import os, pyvista\n"
        "from tests.viewer.desktop.conftest import house_scene\n"
        "from viewer.desktop import DisplayError\n"
        "class Late(pyvista.Plotter):\n"
        "    def __init__(self, **options):\n"
        "        os.environ['DISPLAY'] = ':987'\n"
        "        super().__init__(**options)\n"
        "pyvista.Plotter = Late\n"
        "try:\n"
        "    house_scene().plot()\n"
        "except DisplayError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "DISPLAY": display}, capture_output=True,
        text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "There is no display for a window." in done.stdout


def test_a_click_selects_and_keys_change_layer_storey_and_what_is_hidden(display) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**os.environ, "DISPLAY": display}, capture_output=True,
        text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    clicked, layer, storey, hidden, shown = json.loads(done.stdout.splitlines()[-1])
    wall, daylight = "element000000", "daylight.daylight_factor"
    assert clicked == [wall, None, None, 0]
    assert layer == [wall, daylight, 0, 0]
    assert storey == [wall, daylight, 1, 0]
    assert hidden == [None, daylight, 1, 1]
    assert shown == [None, daylight, 1, 0]
