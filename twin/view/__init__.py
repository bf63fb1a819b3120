"""The twin as a scene to look at: what the page shows."""

from twin.view.write import require_page, write_scene, write_static

__all__ = ["require_page", "write_scene", "write_static"]
