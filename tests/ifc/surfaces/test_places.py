"""Where the faults of a room lie, as data and in words: counted by hand."""

import numpy as np
import pytest

from ifc.inspection import inspect
from ifc.model import BuildingModel, Diagnostic, FaultPlace
from tests.building_blocks import Blocks
from tests.ifc.surfaces.surface_facts import derived, shell


def only_place(model: BuildingModel, space: int = 0) -> FaultPlace:
    (place,) = places_of(model, space)
    return place


def places_of(model: BuildingModel, space: int) -> tuple[FaultPlace, ...]:
    return finding(model, space).places


def finding(model: BuildingModel, space: int = 0) -> Diagnostic:
    (found,) = [
        note for note in model.diagnostics if note.places and note.global_id == model.spaces.global_id[space]
    ]
    return found


def test_a_missing_roof_is_placed_in_the_ceiling() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[rows["roof"]]
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    place = only_place(model)
    assert (place.what, place.size, place.unit, place.side) == ("no-element", 20.0, "m²", "ceiling")
    assert (place.direction, place.storey, place.neighbour) == ("", "Ground floor", "")
    x, y, z = place.point_m
    assert 0 < x < 5
    assert 0 < y < 4
    assert z == 3
    walls = {str(model.elements.global_id[rows[side]]) for side in ("south", "north", "west", "east")}
    assert len(place.elements) == 2
    assert set(place.elements) <= walls
    remedy = finding(model).remedy
    for text, side in (
        (remedy.en, "ceiling"),
        (remedy.zh, "顶面"),
    ):
        assert f"{x:.2f}, {y:.2f}, 3.00" in text
        assert side in text
        assert all(identity in text for identity in place.elements)


@pytest.mark.parametrize(("north_deg", "direction", "zh"), [(0.0, "E", "朝东"), (90.0, "S", "朝南")])
def test_a_hole_in_a_wall_is_placed_by_true_north(north_deg: float, direction: str, zh: str) -> None:
    blocks = Blocks(north_deg=north_deg)
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[rows["east"]]
    east = blocks.box("IfcWall", (5, 0, 0), (5.3, 3, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    place = only_place(model)
    assert (place.size, place.side, place.direction) == (3.0, "wall", direction)
    assert place.point_m[0] == 5
    assert 3 < place.point_m[1] < 4
    assert model.elements.global_id[east] in place.elements
    assert zh in finding(model).remedy.zh


def test_a_missing_floor_between_rooms_names_the_room_below() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 6.2))
    blocks.box("IfcSlab", (0, 0, 3), (5, 2, 3.2))
    below = blocks.space((0, 0, 0), (5, 4, 3), name="below")
    above = blocks.space((0, 0, 3.2), (5, 4, 6.2), name="above")
    model = derived(blocks)
    for space, other, side in ((below, above, "ceiling"), (above, below, "floor")):
        place = only_place(model, space)
        assert (place.size, place.side) == (10.0, side)
        assert place.neighbour == model.spaces.global_id[other]
    assert "“above”" in finding(model, below).remedy.en


def test_an_overlap_is_placed_in_both_spaces() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10, 4, 3))
    left = blocks.space((0, 0, 0), (6, 4, 3), name="left")
    right = blocks.space((5, 0, 0), (10, 4, 3), name="right")
    model = derived(blocks)
    place = next(place for place in places_of(model, left) if place.what == "overlap")
    assert place.unit == "m³"
    assert place.size == pytest.approx(12, rel=0.15)  # by points inside
    assert place.neighbour == model.spaces.global_id[right]
    assert 5 < place.point_m[0] < 6


def test_a_hole_in_a_solid_is_placed_at_its_longest_edge() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    space = blocks.space((0, 0, 0), (5, 4, 3))
    vertices, triangles = blocks._meshes[blocks._spaces[space]["element"]]
    corners = vertices[triangles]
    top = (corners[..., 2] == 3).all(axis=1)
    blocks._meshes[blocks._spaces[space]["element"]] = (vertices, triangles[~top])
    model = derived(blocks)
    place = only_place(model)
    assert (place.what, place.size, place.unit) == ("open-edge", 5.0, "m")
    assert place.point_m[0] == 2.5
    assert place.point_m[2] == 3


def test_displaced_faces_are_placed_at_their_wall() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    blocks.space((0, 0, 0), (4.9, 4, 3))
    model = derived(blocks)
    assert model.spaces.grade[0] == "B"  # 12 of 93 m²
    place = only_place(model)
    assert (place.what, place.size, place.direction) == ("displaced", 12.0, "E")
    assert place.elements == (model.elements.global_id[rows["east"]],)
    assert "stands 0.10 m off them" in model.spaces.grade_reason_en[0]


@pytest.mark.parametrize("counter", [True, False])
def test_rooms_are_open_to_each_other_over_a_counter_and_miss_a_wall_without(counter: bool) -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    if counter:
        blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 1.1))
    for low, high in (((0, 0, 0), (5, 4, 3)), ((5.2, 0, 0), (10.2, 4, 3))):
        blocks.space(low, high)
    model = derived(blocks)
    assert list(model.spaces.grade) == (["A", "A"] if counter else ["B", "B"])
    if not counter:
        assert only_place(model).size == 12.0


def test_a_room_that_opens_into_an_area_without_a_space_says_so() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 2, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert model.spaces.grade[0] == "B"
    place = only_place(model)
    assert (place.size, place.side, place.direction, place.neighbour) == (6.0, "wall", "E", "")
    assert "6.0 m² of it opens into an enclosed area that is no space" in model.spaces.grade_reason_en[0]
    assert "封闭区域" in model.spaces.grade_reason_zh[0]


def test_inspection_gives_the_places() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[rows["roof"]]
    blocks.space((0, 0, 0), (5, 4, 3))
    found = inspect(derived(blocks), "zh")["diagnostics"]
    (place,) = next(note["places"] for note in found if note["places"])
    assert place["what"] == "no-element"
    assert np.isfinite(place["point_m"]).all()
