"""The furnished floor: what comparisons of daylight need of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ifc
from ifc.model import BuildingModel
from sample_models.office_floor import OFFICES_A_SIDE, write_office_floor
from twin.project import Project, read_project
from twin.verify.daylight import prepared

FURNISHED = Path(__file__).parents[2] / "sample_models" / "office_floor.toml"


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    return ifc.read(write_office_floor(tmp_path_factory.mktemp("floor") / "office_floor.ifc"))


def test_the_floor_has_twenty_offices_along_a_corridor(floor: BuildingModel) -> None:
    assert floor.spaces.grade.tolist() == ["A"] * (2 * OFFICES_A_SIDE + 1)
    assert (floor.spaces.use == "office").sum() == 2 * OFFICES_A_SIDE


def test_furniture_is_in_the_scene_where_the_project_counts_it(floor: BuildingModel) -> None:
    empty, furnished = (prepared(floor, project) for project in (Project(), read_project(FURNISHED)))
    pieces = floor.elements.rows_of_class("IfcFurniture")
    triangles = sum(len(floor.geometry.mesh(row)[1]) for row in pieces.tolist())
    assert len(furnished.parts.solids.corners) - len(empty.parts.solids.corners) == triangles > 10_000


def test_every_third_door_stands_open(floor: BuildingModel) -> None:
    task = prepared(floor, read_project(FURNISHED))
    corridor = task.scene.rooms.group[task.sensors.room[np.argmax(task.sensors.position[:, 1] > 9.0)]]
    assert (task.scene.rooms.group == corridor).sum() == 1 + 2 * -(-OFFICES_A_SIDE // 3)
