"""The same building elsewhere, turned, or drawn a little carelessly."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ifc.model import BuildingModel
from ifc.surfaces import derive_surfaces
from tests.building_blocks import Blocks
from tests.ifc.surfaces.surface_facts import areas, check_invariants, shell

Move = Callable[[np.ndarray], np.ndarray]


def house() -> BuildingModel:
    """Two storeys with three rooms each, doors and windows."""
    blocks = Blocks()
    blocks.storey("1F", 0.0)
    blocks.storey("2F", 3.3)
    walls = shell(blocks, (0, 0, 0), (10, 6, 6.3))
    blocks.box("IfcSlab", (0, 0, 3), (10, 6, 3.3))
    for bottom in (0.0, 3.3):
        top = bottom + 3.0
        partition = blocks.box("IfcWall", (4, 0, bottom), (4.2, 6, top))
        blocks.box("IfcWall", (4.2, 3, bottom), (10, 3.2, top))
        blocks.space((0, 0, bottom), (4, 6, top))
        blocks.space((4.2, 0, bottom), (10, 3, top))
        blocks.space((4.2, 3.2, bottom), (10, 6, top))
        blocks.opening(partition, (4, 1, bottom), (4.2, 1.9, bottom + 2.1), filling="IfcDoor")
        blocks.opening(walls["south"], (1, -0.3, bottom + 0.9), (3, 0, bottom + 2.4), filling="IfcWindow")
    return blocks.model()


def moved(model: BuildingModel, move: Move, only_spaces: bool = False) -> BuildingModel:
    """The model with every vertex moved (in world coordinates)."""
    geometry = model.geometry
    spaces = set(model.spaces.element.tolist())
    vertices, transform = geometry.vertices.copy(), geometry.transform.copy()
    for row, element in enumerate(geometry.instance_element.tolist()):
        if only_spaces and element not in spaces:
            continue
        rows = slice(geometry.vertex_start[row], geometry.vertex_start[row + 1])
        world = move(geometry.vertices[rows].astype(np.float64) + geometry.transform[row, :, 3])
        transform[row, :, 3] = world[0]
        vertices[rows] = world - world[0]
    return replace(model, geometry=replace(geometry, vertices=vertices, transform=transform))


def turned(degrees: float) -> Move:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return lambda points: points @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]])


def shaken(sigma: float) -> Move:
    random = np.random.default_rng(7)

    def move(points: np.ndarray) -> np.ndarray:
        corner, index = np.unique(np.round(points, 5), axis=0, return_inverse=True)
        return points + random.normal(0, sigma, corner.shape)[index.ravel()]

    return move


def assert_same(found: BuildingModel, expected: BuildingModel, tolerance: float) -> None:
    check_invariants(found)
    assert found.spaces.grade.tolist() == expected.spaces.grade.tolist() == ["A"] * 6
    for space in range(6):
        before, after = areas(expected, space), areas(found, space)
        total = sum(before.values())
        for kind in set(before) | set(after):
            assert after.get(kind, 0) == pytest.approx(before.get(kind, 0), abs=tolerance * total)
    before, after = opening_areas(expected), opening_areas(found)
    assert set(before) == set(after)
    for key, area in before.items():
        assert after[key] == pytest.approx(area, rel=0.02)


def opening_areas(model: BuildingModel) -> dict[tuple[int, int], float]:
    """Area of each opening in each space; noise may split its surface."""
    openings, total = model.surface_openings, {}
    for row in range(len(openings)):
        key = int(openings.element[row]), int(model.surfaces.space[openings.surface[row]])
        total[key] = total.get(key, 0.0) + float(openings.area_m2[row])
    return total


def test_far_from_the_origin() -> None:
    shift = np.array([512345.678, 5412345.9, 112.3])
    model = house()
    far = moved(model, lambda points: points + shift)
    far = replace(
        far,
        offset_m=-shift,
        storeys=replace(far.storeys, elevation_m=far.storeys.elevation_m + shift[2]),
    )
    found = derive_surfaces(far)
    assert_same(found, derive_surfaces(model), 1e-5)
    corner = found.surfaces.polygon.vertices.min(axis=0) - shift
    assert corner == pytest.approx([0, 0, 0], abs=1e-4)


def test_turned_by_17_degrees() -> None:
    model = house()
    found = derive_surfaces(moved(model, turned(17.3)))
    expected = derive_surfaces(model)
    assert_same(found, expected, 1e-4)
    azimuths = np.unique(np.round(found.surfaces.azimuth_deg[~np.isnan(found.surfaces.azimuth_deg)], 1))
    assert azimuths == pytest.approx([72.7, 162.7, 252.7, 342.7])


@pytest.mark.parametrize("sigma", [0.001, 0.005])
def test_spaces_drawn_with_noise(sigma: float) -> None:
    model = house()
    assert_same(derive_surfaces(moved(model, shaken(sigma), only_spaces=True)), derive_surfaces(model), 0.02)


def test_everything_drawn_with_noise() -> None:
    model = house()
    assert_same(derive_surfaces(moved(model, shaken(0.005))), derive_surfaces(model), 0.02)
