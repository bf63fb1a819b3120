"""The pictures of walls and roofs in the report."""

from __future__ import annotations

import numpy as np

from tests.twin.metrics.daylight_house import House
from twin.climate import typical_year
from twin.metrics.result import MetricResult
from twin.metrics.sunlight import compute
from twin.metrics.sunlight.facade import Facade
from twin.project import Project
from twin.report.elevations import _pictures, elevations


def wall(depth_m: float, values: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A wall of 3 x 2 points that looks south, ``depth_m`` north of the origin."""
    u, z = (part.ravel() for part in np.meshgrid([0.5, 1.5, 2.5], [0.5, 1.5]))
    points = np.column_stack([u, np.full(6, depth_m), z])
    return points, np.repeat([[0.0, -1.0, 0.0]], 6, axis=0), np.full(6, values)


def shown(*walls: tuple[np.ndarray, np.ndarray, np.ndarray], north_deg: float = 0.0) -> dict[str, str]:
    points, normals, values = (np.concatenate(part) for part in zip(*walls, strict=True))
    outside = Facade(points, normals, np.zeros(len(points), np.int32), 1.0)
    return {name.en: str(picture) for name, picture in _pictures(outside, values, 8.0, north_deg)}


def test_a_wall_in_front_hides_the_one_behind() -> None:
    assert shown(wall(5.0, 1.0), wall(0.0, 7.0)) == shown(wall(0.0, 7.0))
    assert shown(wall(0.0, 7.0), wall(5.0, 1.0)) == shown(wall(0.0, 7.0))
    assert shown(wall(5.0, 1.0)) != shown(wall(0.0, 7.0))


def test_sides_are_named_by_true_north() -> None:
    assert list(shown(wall(0.0, 1.0))) == ["South"]
    assert list(shown(wall(0.0, 1.0), north_deg=90.0)) == ["West"]
    assert list(shown(wall(0.0, 1.0), north_deg=-90.0)) == ["East"]


def test_a_house_has_four_sides_and_a_roof() -> None:
    house = House()
    room = house.room((0, 0, 0), (4, 5, 2.8))
    house.window(room, "y", (1, 0.9), (2.5, 2.4))
    model = house.model()
    found = elevations(model, Project(), compute(model, typical_year("Nanchang"), Project()))
    sides = ["South", "West", "North", "East"]
    assert [[name.en for name, _ in one["pictures"]] for one in found] == [
        sides,
        [*sides, "Roofs, from above"],
    ]
    assert "kWh/(m²·a)" in found[1]["legend"]
    assert elevations(model, Project(), MetricResult("sunlight", "3", {})) == []
