"""The same building elsewhere, turned, or drawn a little carelessly."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ifc.model import BuildingModel, Neighbour
from ifc.surfaces import derive_surfaces
from tests.building_blocks import Blocks, Mesh, box_mesh, extruded_profile
from tests.ifc.surfaces.surface_facts import (
    ADIABATIC,
    VOID,
    area_to,
    areas,
    check_invariants,
    rows_facing,
    shell,
)

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


@pytest.mark.parametrize("overlap", [0.03, 0.1, 0.14])
def test_a_hall_whose_own_parts_meet_or_overlap_in_its_slab(overlap: float) -> None:
    """The hall runs around a slab of 0.2 m on both sides, and reaches into it by ``overlap``."""
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (8, 5, 6))
    blocks.box("IfcSlab", (0, 0, 2.9), (5, 5, 3.1))
    low, high = 2.9 + overlap, 3.1 - overlap
    section = [(0, 0), (8, 0), (8, 6), (0, 6), (0, high), (5 - overlap, high), (5 - overlap, low), (0, low)]
    if overlap == 0.1:  # two faces in one plane
        section[5:7] = [(5 - overlap, high)]
    hall = (
        blocks.space_mesh(extruded_profile(section, 0, 5))
        if overlap < 0.1
        else blocks.space_mesh(
            joined(
                box_mesh((0, 0, 0), (5, 5, low)),
                box_mesh((5, 0, 0), (8, 5, 6)),
                box_mesh((0, 0, high), (5, 5, 6)),
            )
        )
    )
    model = blocks.model()
    found = derive_surfaces(model)
    inner = areas(found, hall)
    assert VOID not in inner
    assert inner[ADIABATIC] > 2 * 5 * 4.8


def joined(*meshes: Mesh) -> Mesh:
    """Several closed meshes as one."""
    start = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (
        np.concatenate([vertices for vertices, _ in meshes]),
        np.concatenate([triangles + start[row] for row, (_, triangles) in enumerate(meshes)]).astype(
            np.int32
        ),
    )


def plumbing_wall(distance: float) -> BuildingModel:
    """Two rooms behind two leaves with 0.3 m for pipes between them; the rooms stay off all elements."""
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (8, 4, 3))
    blocks.box("IfcWall", (3.6, 0, 0), (3.65, 4, 3))
    blocks.box("IfcWall", (3.95, 0, 0), (4.0, 4, 3))
    d = distance
    blocks.space((d, d, d), (3.6 - d, 4 - d, 3 - d))
    blocks.space((4 + d, d, d), (8 - d, 4 - d, 3 - d))
    return derive_surfaces(blocks.model())


@pytest.mark.parametrize("distance", [0.0, 0.03, 0.1, -0.03, -0.1])
def test_a_plumbing_wall_is_one_wall_wherever_its_rooms_end(distance: float) -> None:
    model = plumbing_wall(distance)
    side = (4 - 2 * distance) * (3 - 2 * distance)
    assert area_to(model, 0, 1) == pytest.approx(side, rel=0.01)
    assert area_to(model, 1, 0) == pytest.approx(side, rel=0.01)


def test_rooms_off_the_partitions_of_the_storey_above() -> None:
    """Strips below the gaps beside a partition upstairs belong to the rooms there."""
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (8, 4, 6.3))
    blocks.box("IfcCovering", (0, 0, 2.7), (8, 4, 2.75))
    blocks.box("IfcSlab", (0, 0, 3), (8, 4, 3.3))
    blocks.box("IfcWall", (4, 0, 3.3), (4.12, 4, 6.3))
    blocks.space((0.1, 0.1, 0.1), (7.9, 3.9, 2.6))
    blocks.space((0.1, 0.1, 3.4), (3.9, 3.9, 6.2))
    blocks.space((4.22, 0.1, 3.4), (7.9, 3.9, 6.2))
    model = derive_surfaces(blocks.model())
    assert VOID not in areas(model, 0)
    above = area_to(model, 0, 1) + area_to(model, 0, 2)
    assert above == pytest.approx(7.8 * 3.8 - 0.12 * 3.8, abs=0.4)


def test_a_room_that_reaches_through_a_doorway_along_a_wall() -> None:
    """The end of the door's niche looks along the inside of the wall, which it never leaves."""
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (8, 9, 3))
    wall = blocks.box("IfcWall", (4, 0, 0), (4.2, 9, 3))
    blocks.opening(wall, (4, 4, 0), (4.2, 5, 2.1), filling="IfcDoor")
    niche = joined(box_mesh((0, 0, 0), (4, 9, 3)), box_mesh((4, 4, 0), (4.2, 5, 2.1)))
    room = blocks.space_mesh(niche)
    blocks.space((4.2, 0, 0), (8, 9, 3))
    model = derive_surfaces(blocks.model())
    ends = [row for normal in ((0, 1, 0), (0, -1, 0)) for row in rows_facing(model, room, normal)]
    ends = [row for row in ends if model.surfaces.area_m2[row] < 1]
    assert {Neighbour(model.surfaces.neighbour[row]) for row in ends} == {ADIABATIC}
    assert all(model.surfaces.element[row] == wall for row in ends)
