"""The twin in PyVista: the page's scene as a window, or as pictures (extra ``desktop``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ifc.cutting import cut_openings
from ifc.model import BuildingModel, Language
from twin.errors import TwinError
from twin.view.layers import layers_of
from viewer.desktop import DisplayError, Scene
from viewer.desktop.display import drawing, require_display

if TYPE_CHECKING:
    from twin.evaluate import Evaluation


def desktop_scene(model: BuildingModel, evaluation: Evaluation | None = None) -> Scene:
    """The scene of a model, with every layer that it and its evaluation can show."""
    return Scene(model, cut_openings(model), layers_of(model, evaluation))


def require_window() -> None:
    """Make sure of a window before the work is done.

    Raises:
        TwinError: PyVista or a display is missing.
    """
    try:
        require_display(off_screen=False)
        with drawing(off_screen=False):
            pass
    except DisplayError as error:
        raise TwinError("no-display", "viewer/desktop", error.message, error.remedy) from None


def show_window(model: BuildingModel, evaluation: Evaluation | None, language: Language) -> None:
    """Show the scene in a window until it is closed."""
    desktop_scene(model, evaluation).plot(language=language)
