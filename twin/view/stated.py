"""The scene of a model as its file states it: what can be shown before anything is derived or evaluated."""

from __future__ import annotations

from pathlib import Path

from ifc.cutting import cut_openings
from ifc.model import BuildingModel
from twin.view.about import about
from viewer.scene_folder import write_scene_folder


def write_stated_scene(model: BuildingModel, folder: Path) -> Path:
    """Write the scene folder of the shapes, properties and rooms of a file; returns ``folder``.

    No kernel is needed for it, so it does not wait for a compiler.
    """
    write_scene_folder(folder, model, cut_openings(model), about=about(None))
    return folder
