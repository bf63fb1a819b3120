"""Build hook: the page of the viewer is built before it is packed; a Node comes as a build requirement."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _build() -> ModuleType:
    """``viewer/build.py`` of this tree, whichever greentwin is installed."""
    path = Path(__file__).parent / "viewer" / "build.py"
    spec = importlib.util.spec_from_file_location("greentwin_page_build", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _unwanted() -> bool:
    """``make demo`` shows no page and need not wait for it."""
    return os.environ.get("GREENTWIN_PAGE") == "skip"


class PageHook(BuildHookInterface):
    """Builds viewer/web into viewer/web/dist where the built page is not current."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node, unless the built page is current, as it is in a source distribution."""
        build = _build()
        return [] if _unwanted() or build.is_current() else [build.NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page; an editable installation goes on without it, a package does not."""
        if version == "editable" and _unwanted():
            return
        build = _build()
        try:
            build.build_page()
        except build.BuildError as error:
            if version != "editable":
                raise
            print(f"The page of the viewer is not built: {error}", file=sys.stderr)
