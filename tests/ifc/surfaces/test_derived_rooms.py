"""Rooms of models without spaces."""

import pytest
import shapely

from tests.building_blocks import Blocks, extruded_profile, prism_mesh
from tests.ifc.surfaces.surface_facts import GROUND, OUTDOORS, SPACE, areas, derived, openings_of, shell


def footprint(model, space: int) -> shapely.Polygon:
    rings = model.spaces.footprint.rings(space)
    return shapely.Polygon(rings[0], rings[1:])


def two_rooms() -> tuple[Blocks, int]:
    blocks = Blocks()
    blocks.storey("1F", 0.0)
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    return blocks, blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))


def test_walls_and_slabs_make_rooms() -> None:
    model = derived(two_rooms()[0])
    spaces = model.spaces
    assert spaces.global_id.tolist() == ["derived:0:1", "derived:0:2"]
    assert spaces.name.tolist() == ["1F 1", "1F 2"]
    assert spaces.element.tolist() == [-1, -1]
    assert spaces.derived.all()
    assert spaces.internal.all()
    assert spaces.area_m2 == pytest.approx([20, 20], abs=1e-3)
    assert spaces.height_m == pytest.approx([3, 3], abs=1e-3)
    assert spaces.floor_z_m == pytest.approx([0, 0], abs=1e-6)
    assert footprint(model, 0).symmetric_difference(shapely.box(0, 0, 5, 4)).area < 1e-3
    for space in (0, 1):
        assert areas(model, space) == pytest.approx({OUTDOORS: 62, GROUND: 20, SPACE: 12}, abs=0.01)
        assert spaces.grade[space] == "C"
        assert "derived" in spaces.grade_reason_en[space]
    assert "rooms-derived" in {note.code for note in model.diagnostics}


def test_openings_of_derived_rooms() -> None:
    blocks, partition = two_rooms()
    door = blocks.opening(partition, (5, 1, 0), (5.2, 1.9, 2.1), filling="IfcDoor")
    window = blocks.opening(0, (1, -0.3, 1), (2, 0, 2), filling="IfcWindow")
    model = derived(blocks)
    assert sorted(openings_of(model, 0)) == [("door", door, 1.89), ("window", window, 1.0)]
    assert openings_of(model, 1) == [("door", door, 1.89)]


@pytest.mark.parametrize("gap", [0.05, 0.2, 0.39])
def test_narrow_gaps_between_walls_are_closed(gap: float) -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4 - gap, 3))
    model = derived(blocks)
    assert model.spaces.area_m2 == pytest.approx([20, 20], abs=0.1)


@pytest.mark.parametrize("gap", [0.45, 0.8, 2.0])
def test_a_wide_gap_is_reported_with_place_width_and_walls(gap: float) -> None:
    blocks = Blocks()
    blocks.storey("1F", 0.0)
    walls = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[walls["east"]]
    short = blocks.box("IfcWall", (5, 0, 0), (5.3, 4 - gap, 3), name="short wall")
    model = derived(blocks)
    assert len(model.spaces) == 0
    assert "no-rooms" in {note.code for note in model.diagnostics}
    (note,) = (note for note in model.diagnostics if note.code == "room-not-closed")
    assert f"{gap:.2f} m" in note.message.en
    assert f"(5.15, {4 - gap / 2:.2f})" in note.message.en
    assert "short wall" in note.message.en
    assert f"element{walls['north']:06d}" in note.message.en
    assert f"{gap:.2f} m" in note.message.zh
    both = {f"element{short:06d}", f"element{walls['north']:06d}"}
    assert note.global_id in both
    (place,) = note.places
    assert (place.what, place.size, place.unit, place.storey) == ("gap", pytest.approx(gap), "m", "1F")
    assert place.point_m == pytest.approx((5.15, 4 - gap / 2, 1.5), abs=0.01)
    assert set(place.elements) == both


def test_two_storeys_and_a_cellar_that_no_storey_names() -> None:
    blocks = Blocks()
    blocks.storey("1F", 0.0)
    blocks.storey("2F", 3.3)
    shell(blocks, (0, 0, -3.3), (6, 4, 6.3))
    blocks.box("IfcSlab", (0, 0, -0.3), (6, 4, 0))
    blocks.box("IfcSlab", (0, 0, 3), (6, 4, 3.3))
    model = derived(blocks)
    assert model.spaces.floor_z_m == pytest.approx([-3.3, 0, 3.3], abs=1e-3)
    assert model.spaces.height_m == pytest.approx([3, 3, 3], abs=1e-3)
    assert areas(model, 1)[SPACE] == pytest.approx(48, abs=0.01)


def test_a_courtyard_is_no_room() -> None:
    blocks = Blocks()
    blocks.storey("1F", 0.0)
    outer, inner = (0, 0, 12, 12), (4, 4, 8, 8)
    for (x0, y0, x1, y1), inward in ((outer, 0.3), (inner, -0.3)):
        a, b = sorted((0.0, inward))
        blocks.box("IfcWall", (x0, y0 + a, 0), (x1, y0 + b, 3))
        blocks.box("IfcWall", (x0, y1 - b, 0), (x1, y1 - a, 3))
        blocks.box("IfcWall", (x0 + a, y0, 0), (x0 + b, y1, 3))
        blocks.box("IfcWall", (x1 - b, y0, 0), (x1 - a, y1, 3))
    ring = [(0, 0), (12, 0), (12, 12), (0, 12)]
    hole = [(4, 4), (8, 4), (8, 8), (4, 8)]
    for bottom, top in ((-0.3, 0), (3, 3.3)):
        blocks.add("IfcSlab", prism_mesh(ring, bottom, top, [hole]))
    model = derived(blocks)
    assert len(model.spaces) == 1
    assert model.spaces.area_m2[0] == pytest.approx(
        11.4**2 - (4.6**2 - 4 * 0.3**2), abs=0.05
    )  # notched corners
    assert len(model.spaces.footprint.rings(0)) == 2
    assert "room-without-roof" in {note.code for note in model.diagnostics}


def test_a_room_below_a_gable_roof_follows_the_roof() -> None:
    blocks = Blocks()
    blocks.storey("1F", 0.0)
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (6.3, 8.3, 0))
    blocks.box("IfcWall", (-0.3, -0.3, 0), (0, 8.3, 3))
    blocks.box("IfcWall", (6, -0.3, 0), (6.3, 8.3, 3))
    for start, end in ((-0.3, 0), (8, 8.3)):
        gable = [(0, 0), (6, 0), (6, 3), (3, 5), (0, 3)]
        blocks.add("IfcWall", extruded_profile(gable, start, end))
    west = [(-0.3, 2.8), (3, 5.0), (3, 5.25), (-0.3, 3.05)]
    for side in (west, [(6 - x, z) for x, z in west][::-1]):
        blocks.add("IfcRoof", extruded_profile(side, -0.3, 8.3))
    model = derived(blocks)
    assert model.spaces.volume_m3 == pytest.approx([8 * (6 * 3 + 6 * 2 / 2)], rel=0.01)
    slope = (3**2 + 2**2) ** 0.5
    up = model.surfaces.normal[:, 2] > 0.1
    assert model.surfaces.area_m2[up].sum() == pytest.approx(2 * slope * 8, rel=0.02)


def test_a_room_goes_on_where_its_sloped_roof_is_lower_than_the_cut() -> None:
    blocks = Blocks()
    blocks.storey("attic", 0.0)
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (6.3, 8.3, 0))
    for x in (-0.3, 6):  # knee walls
        blocks.box("IfcWall", (x, -0.3, 0), (x + 0.3, 8.3, 0.5))
    for start, end in ((-0.3, 0), (8, 8.3)):
        blocks.add("IfcWall", extruded_profile([(0, 0), (6, 0), (6, 0.5), (3, 3.5), (0, 0.5)], start, end))
    west = [(-0.3, 0.2), (3, 3.5), (3, 3.8), (-0.3, 0.5)]
    for side in (west, [(6 - x, z) for x, z in west][::-1]):
        blocks.add("IfcRoof", extruded_profile(side, -0.3, 8.3))
    model = derived(blocks)
    assert model.spaces.area_m2 == pytest.approx([6 * 8], rel=0.01)
    assert model.spaces.volume_m3 == pytest.approx([8 * (6 * 0.5 + 6 * 3 / 2)], rel=0.01)


def test_a_file_with_spaces_gets_no_derived_rooms() -> None:
    blocks, _ = two_rooms()
    blocks.space((0, 0, 0), (5, 4, 3))
    assert len(derived(blocks).spaces) == 1


def test_spaces_without_solids_are_replaced_by_derived_rooms() -> None:
    blocks, _ = two_rooms()
    blocks.space_mesh(None)
    model = derived(blocks)
    assert model.spaces.grade.tolist() == ["D", "C", "C"]
