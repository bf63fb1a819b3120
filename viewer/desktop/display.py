"""Whether this machine can draw, and what to install where it cannot."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from ifc.model import Text

_CHOICE = "VTK_DEFAULT_OPENGL_WINDOW"
_EGL, _MESA = "vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"


class DisplayError(Exception):
    """This machine cannot draw. ``message`` says why, ``remedy`` what to do."""

    def __init__(self, message: Text, remedy: Text) -> None:
        super().__init__(f"{message.en} {remedy.en}")
        self.message = message
        self.remedy = remedy


def require_display(*, off_screen: bool) -> None:
    """Make sure of PyVista and of a way to draw, before VTK ends the process over its lack.

    Raises:
        DisplayError: something is missing.
    """
    if find_spec("pyvista") is None:
        raise DisplayError(
            Text("PyVista is not installed.", "未安装 PyVista。"),
            Text(
                "Install the extra: pip install 'greentwin[desktop]'.",
                "请安装扩展：pip install 'greentwin[desktop]'。",
            ),
        )
    if _has_display():
        return
    if not off_screen:
        raise _no_display()
    if _window_without_display() is None:
        raise _no_graphics()


@contextmanager
def drawing(*, off_screen: bool) -> Iterator[None]:
    """Windows of VTK that are made in the block ask for no X server where there is none.

    Raises:
        DisplayError: the libraries are there but draw nothing (no driver, no such display).
    """
    kind = None if _has_display() else _window_without_display()
    chosen = kind is not None and _CHOICE not in os.environ
    if chosen:
        os.environ[_CHOICE] = str(kind)
    try:
        _try_window(off_screen=off_screen)
        yield
    finally:
        if chosen:
            del os.environ[_CHOICE]


def _try_window(*, off_screen: bool) -> None:
    """VTK goes from one kind of window to the next, and dies when it draws on the last and has no library."""
    import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - registers the kinds
    from vtkmodules.vtkRenderingCore import vtkRenderWindow

    window = vtkRenderWindow()
    if window.GetClassName() == _MESA and not _loads("libOSMesa.so.8"):
        raise _no_graphics()
    if not off_screen:
        require_shown(window)


def require_shown(window: Any) -> None:
    """Make sure that a window of VTK is one that people see.

    VTK asks the display anew for each window, and where it does not answer just then (a server
    between two sessions) gives one that nobody sees, whose loop of events ends at once.

    Raises:
        DisplayError: it is never shown.
    """
    if window.GetClassName() in (_EGL, _MESA):
        raise _no_display()


def _no_display() -> DisplayError:
    return DisplayError(
        Text("There is no display for a window.", "没有可用于打开窗口的显示器。"),
        Text(
            "Set DISPLAY, or draw without a window: scene.plot(off_screen=True), twin view --static.",
            "请设置 DISPLAY，或不开窗口：scene.plot(off_screen=True)、twin view --static。",
        ),
    )


def _no_graphics() -> DisplayError:
    return DisplayError(
        Text(
            "Neither EGL with a driver nor OSMesa is installed to draw without a display.",
            "未安装 EGL（含驱动）或 OSMesa，无法在没有显示器时绘图。",
        ),
        Text(
            "On Debian and Ubuntu: apt install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri.",
            "Debian 与 Ubuntu：apt install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri。",
        ),
    )


def _has_display() -> bool:
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY"))


def _window_without_display() -> str | None:
    """VTK's class of windows that are never shown; None where nothing draws them."""
    if _loads("libEGL.so.1") and _loads("libGL.so.1"):
        return _EGL
    return _MESA if _loads("libOSMesa.so.8") else None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
