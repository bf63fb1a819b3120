"""The window: keys, clicks, and a card about what was clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ifc.model import Text
from viewer.desktop.about import about
from viewer.desktop.cards import Line, text_card
from viewer.desktop.stage import Stage

_CLICK_PX = 5  # a pointer that moved further has turned the model
_HELP = (
    Text("Click: what is it, and why this colour", "单击：查看构件与颜色原因"),
    Text("N, M: next, previous layer", "N、M：下一个、上一个图层"),
    Text("Page Up, Page Down: storey cut", "Page Up、Page Down：楼层剖切"),
    Text("H, A: hide what is selected, show all", "H、A：隐藏所选、全部显示"),
    Text(
        "Drag, Shift + drag, wheel: turn, move, zoom; Q: close",
        "拖动、Shift+拖动、滚轮：旋转、平移、缩放；Q：关闭",
    ),
)


class Window:
    """What keys and clicks do to a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._pressed = (0, 0)
        plotter = stage.plotter
        plotter.enable_terrain_style(mouse_wheel_zooms=True, shift_pans=True)
        interactor = plotter.iren.interactor
        style = interactor.GetInteractorStyle()
        style.AddObserver("LeftButtonPressEvent", lambda *_: self._press(interactor.GetEventPosition()))
        style.AddObserver("LeftButtonReleaseEvent", lambda *_: self._release(interactor.GetEventPosition()))
        plotter.render_window.AddObserver("WindowResizeEvent", lambda *_: stage.place_cards())
        keys: dict[str, Callable[[], Any]] = {
            "n": lambda: self.turn_layer(1),
            "m": lambda: self.turn_layer(-1),
            "Prior": lambda: self.turn_storey(1),
            "Next": lambda: self.turn_storey(-1),
            "h": self.hide_selected,
            "a": self.show_all,
        }
        for key, action in keys.items():
            plotter.add_key_event(key, action)
        self.tell()

    def click(self, x: float, y: float) -> None:
        """Select what lies under a pixel of the window (from its upper left corner)."""
        self.stage.select(self.stage.pick(x, y))
        self.tell()

    def turn_layer(self, step: int) -> None:
        """The next layer, or the one before; the colours of the materials are one of them."""
        scene = self.stage.scene
        choices = [None, *scene.layers]
        layer = choices[(choices.index(self.stage.layer) + step) % len(choices)]
        storey = self.stage.storey
        if storey is None:
            storey = scene.storey_to_cut(layer)
        self.stage.show(layer, storey)
        self.tell()

    def turn_storey(self, step: int) -> None:
        """The storey above, or the one below; beyond the last one the whole building."""
        scene = self.stage.scene
        choices = [None, *range(len(scene.storey_elevations))]
        storey = choices[(choices.index(self.stage.storey) + step) % len(choices)]
        self.stage.show(self.stage.layer, storey)
        self.tell()

    def hide_selected(self) -> None:
        """Leave out what is selected."""
        if self.stage.selected is not None:
            self.stage.hidden.add(self.stage.selected)
            self.stage.selected = None
            self.stage.redraw()
            self.tell()

    def show_all(self) -> None:
        """Show what was hidden."""
        self.stage.hidden.clear()
        self.stage.redraw()
        self.tell()

    def tell(self) -> None:
        """Say what is selected, or how to use the window."""
        stage = self.stage
        if stage.selected is None:
            lines = [Line(one.in_language(stage.language)) for one in _HELP]
        else:
            lines = about(stage.scene, stage.selected, stage.layer, stage.language)
        if stage.storey is not None:
            lines.append(Line(f"✂ {stage.scene.model.storeys.name[stage.storey]}"))
        stage.card("about", text_card(lines))
        stage.plotter.render()

    def _press(self, position: tuple[int, int]) -> None:
        self._pressed = position

    def _release(self, position: tuple[int, int]) -> None:
        x, y = position
        if max(abs(x - self._pressed[0]), abs(y - self._pressed[1])) <= _CLICK_PX:
            self.click(x, self.stage.plotter.window_size[1] - 1 - y)


def open_window(stage: Stage) -> None:
    """Show the window until it is closed."""
    Window(stage)
    stage.plotter.show(auto_close=False)
