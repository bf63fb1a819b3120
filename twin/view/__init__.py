"""The twin as a scene to look at: what the page and the window show."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.view.desktop import desktop_scene as desktop_scene
    from twin.view.desktop import require_window as require_window
    from twin.view.desktop import show_window as show_window
    from twin.view.stated import write_stated_scene as write_stated_scene
    from twin.view.write import require_page as require_page
    from twin.view.write import write_scene as write_scene
    from twin.view.write import write_static as write_static

_HOMES = {
    "desktop_scene": "twin.view.desktop",
    "require_page": "twin.view.write",
    "require_window": "twin.view.desktop",
    "show_window": "twin.view.desktop",
    "write_scene": "twin.view.write",
    "write_stated_scene": "twin.view.stated",
    "write_static": "twin.view.write",
}
__all__ = [
    "desktop_scene",
    "require_page",
    "require_window",
    "show_window",
    "write_scene",
    "write_stated_scene",
    "write_static",
]


def __getattr__(name: str) -> Any:
    # Layers bring in the metrics and their kernels: only who colours by them pays for it.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
