"""Reading without the derived steps, for tests of what the file says."""

from __future__ import annotations

from pathlib import Path

from ifc.model import BuildingModel
from ifc.reader import read_file
from ifc.step_file import find_source


def read_raw(path: Path, timeout_s: float | None = 60.0) -> BuildingModel:
    """The model as the file states it."""
    return read_file(find_source(path), lambda stage, fraction: None, timeout_s)


def row(model: BuildingModel, name: str) -> int:
    """The element row of a name that occurs once."""
    (found,) = [row for row, own in enumerate(model.elements.name) if own == name]
    return found


def codes(model: BuildingModel) -> list[str]:
    """The codes of the model's diagnostics."""
    return [found.code for found in model.diagnostics]
