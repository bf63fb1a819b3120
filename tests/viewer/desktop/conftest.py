"""The house of the page's tests as a scene for PyVista."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.twin.example_evaluation import example_evaluation, example_metrics
from tests.viewer.page.house import house
from viewer.desktop import Scene


def house_scene() -> Scene:
    from twin.view import desktop_scene

    model = house()
    evaluation = replace(example_evaluation(), model=model, metrics=example_metrics(model))
    return desktop_scene(model, evaluation)


@pytest.fixture(scope="session")
def scene() -> Scene:
    return house_scene()
