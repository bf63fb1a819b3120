"""Compile every kernel, by evaluating a one-room house."""

from __future__ import annotations

from importlib.resources import as_file, files

from twin.evaluate import Progress, evaluate


def warm_up(progress: Progress = lambda stage: None) -> dict[str, float]:
    """Evaluate the one-room house that the package carries; returns the seconds of each stage."""
    with as_file(files("twin.data").joinpath("one_room.ifc")) as model:
        return dict(evaluate(model, cache=None, progress=progress).seconds)
