"""The twin as a scene to look at: what the page and the window show."""

from twin.view.desktop import desktop_scene, require_window, show_window
from twin.view.write import require_page, write_scene, write_static

__all__ = ["desktop_scene", "require_page", "require_window", "show_window", "write_scene", "write_static"]
