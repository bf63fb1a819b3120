"""Openings: which surface, which area, which kind."""

import numpy as np
import pytest

from tests.building_blocks import Blocks
from tests.ifc.surfaces.surface_facts import OUTDOORS, SPACE, derived, openings_of, rows_facing, shell


def room(blocks: Blocks) -> tuple[dict[str, int], int]:
    """One 5 x 4 x 3 m room with 0.3 m walls."""
    return shell(blocks, (0, 0, 0), (5, 4, 3)), blocks.space((0, 0, 0), (5, 4, 3))


def test_a_window_lies_in_its_wall() -> None:
    blocks = Blocks()
    walls, space = room(blocks)
    window = blocks.opening(walls["south"], (1, -0.3, 0.9), (2.5, 0, 2.4), filling="IfcWindow")
    model = derived(blocks)
    assert openings_of(model, space) == [("window", window, 2.25)]
    (south,) = rows_facing(model, space, (0, -1, 0))
    assert model.surface_openings.surface.tolist() == [south]
    assert model.surfaces.area_m2[south] == pytest.approx(15)  # gross
    ring = model.surface_openings.polygon.rings(0)[0]
    assert ring.min(axis=0) == pytest.approx([1, 0, 0.9], abs=1e-6)
    assert ring.max(axis=0) == pytest.approx([2.5, 0, 2.4], abs=1e-6)


def test_an_opening_solid_that_sticks_out_of_its_wall_keeps_its_area() -> None:
    blocks = Blocks()
    walls, space = room(blocks)
    window = blocks.opening(walls["east"], (4.4, 1, 0.9), (5.9, 2, 2.4), filling="IfcWindow")
    model = derived(blocks)
    assert openings_of(model, space) == [("window", window, 1.5)]


def test_a_hole_baked_into_the_wall_changes_nothing() -> None:
    blocks = Blocks()
    blocks.box("IfcWall", (-0.3, -0.3, 0), (1, 0, 3))
    rest = shell(blocks, (0, 0, 0), (5, 4, 3))
    blocks = Blocks()
    # The south wall in four pieces around its hole, as one element would be after the cut.
    parent = blocks.add("IfcWall", None)
    for low, high in (
        ((-0.3, -0.3, 0), (1, 0, 3)),
        ((2, -0.3, 0), (5.3, 0, 3)),
        ((1, -0.3, 0), (2, 0, 1)),
        ((1, -0.3, 2), (2, 0, 3)),
    ):
        blocks.box("IfcBuildingElementPart", low, high, parent=parent)
    window = blocks.opening(parent, (1, -0.3, 1), (2, 0, 2), filling="IfcWindow")
    for name in ("north", "west", "east", "floor", "roof"):
        del name
    blocks.box("IfcWall", (-0.3, 4, 0), (5.3, 4.3, 3))
    blocks.box("IfcWall", (-0.3, 0, 0), (0, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.3, 4, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (5.3, 4.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (5.3, 4.3, 3.3))
    space = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert rest
    assert openings_of(model, space) == [("window", window, 1.0)]
    (south,) = rows_facing(model, space, (0, -1, 0))
    assert model.surfaces.element[south] == parent
    assert model.spaces.grade[space] == "A"


def two_rooms(blocks: Blocks) -> int:
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    partition = blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((5.2, 0, 0), (10.2, 4, 3))
    return partition


def test_a_door_between_two_rooms_shows_on_both_sides() -> None:
    blocks = Blocks()
    door = blocks.opening(two_rooms(blocks), (5, 1, 0), (5.2, 1.9, 2.1), filling="IfcDoor")
    model = derived(blocks)
    assert openings_of(model, 0) == openings_of(model, 1) == [("door", door, 1.89)]


def test_an_unfilled_opening_is_an_air_link() -> None:
    blocks = Blocks()
    hole = blocks.opening(two_rooms(blocks), (5, 1, 0), (5.2, 1.9, 2.1))
    model = derived(blocks)
    assert openings_of(model, 0) == openings_of(model, 1) == [("air", hole, 1.89)]


def test_a_niche_is_no_air_link() -> None:
    blocks = Blocks()
    blocks.opening(two_rooms(blocks), (5, 1, 1), (5.12, 2, 2))
    model = derived(blocks)
    assert openings_of(model, 0) == openings_of(model, 1) == []


def test_a_door_through_a_double_wall_counts_once_on_each_side() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.4, 4, 3))
    left = blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    right = blocks.box("IfcWall", (5.2, 0, 0), (5.4, 4, 3))
    door = blocks.opening(left, (5, 1, 0), (5.2, 1.9, 2.1), filling="IfcDoor")
    blocks.opening(right, (5.2, 1, 0), (5.4, 1.9, 2.1))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((5.4, 0, 0), (10.4, 4, 3))
    model = derived(blocks)
    assert openings_of(model, 0) == openings_of(model, 1) == [("door", door, 1.89)]


def test_a_window_without_an_opening_lies_in_the_wall_that_it_stands_in() -> None:
    blocks = Blocks()
    _, space = room(blocks)
    window = blocks.loose("IfcWindow", (1, -0.2, 1), (2, -0.1, 2))
    model = derived(blocks)
    assert openings_of(model, space) == [("window", window, 1.0)]


def test_a_door_is_never_seen_from_above() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 6.3))
    partition = blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    blocks.box("IfcSlab", (0, 0, 3), (10.2, 4, 3.3))
    blocks.opening(partition, (5, 1, 0), (5.2, 1.9, 3.0), filling="IfcDoor")
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((5.2, 0, 0), (10.2, 4, 3))
    upper = blocks.space((0, 0, 3.3), (10.2, 4, 6.3))
    model = derived(blocks)
    assert openings_of(model, upper) == []
    assert [kind for kind, _, _ in openings_of(model, 0)] == ["door"]


def test_a_curtain_wall_is_one_surface_with_its_glazed_panels_as_windows() -> None:
    blocks = Blocks()
    curtain = blocks.add("IfcCurtainWall", None)
    panels = [
        blocks.box("IfcPlate", (x, -0.1, 0), (x + 0.95, -0.08, 3), name="Glazed", parent=curtain)
        for x in np.arange(0, 5, 1.0).tolist()
    ]
    for x in np.arange(0.95, 5, 1.0).tolist():
        blocks.box("IfcMember", (x, -0.15, 0), (x + 0.05, 0, 3), parent=curtain)
    blocks.box("IfcWall", (-0.3, 4, 0), (5.3, 4.3, 3))
    blocks.box("IfcWall", (-0.3, -0.3, 0), (0, 4, 3))
    blocks.box("IfcWall", (5, -0.3, 0), (5.3, 4, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (5.3, 4.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (5.3, 4.3, 3.3))
    space = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    (south,) = rows_facing(model, space, (0, -1, 0))
    assert model.surfaces.element[south] == curtain
    assert model.surfaces.neighbour[south] == OUTDOORS
    found = openings_of(model, space)
    assert {element for _, element, _ in found} == set(panels)
    assert sum(area for _, _, area in found) == pytest.approx(5 * 0.95 * 3, abs=1e-3)
    assert SPACE not in model.surfaces.neighbour
