"""Rooms whose surfaces can be counted by hand."""

import numpy as np
import pytest

from tests.building_blocks import Blocks, prism_mesh
from tests.ifc.surfaces.surface_facts import (
    ADIABATIC,
    GROUND,
    OUTDOORS,
    SPACE,
    VOID,
    area_to,
    areas,
    derived,
    rows_facing,
    shell,
)


def two_rooms() -> Blocks:
    """5 x 4 and 5 x 4 m, 3 m high, a 0.2 m wall between, 0.3 m around."""
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3), name="partition")
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((5.2, 0, 0), (10.2, 4, 3))
    return blocks


def test_two_rooms_and_a_wall() -> None:
    model = derived(two_rooms())
    for space in (0, 1):
        # South and north 5 x 3 each, one side 4 x 3, the roof 5 x 4.
        assert areas(model, space) == {OUTDOORS: 62.0, GROUND: 20.0, SPACE: 12.0}
        assert area_to(model, space, 1 - space) == 12.0
    assert list(model.spaces.grade) == ["A", "A"]


def test_a_surface_knows_its_element_thickness_tilt_and_azimuth() -> None:
    model = derived(two_rooms())
    surfaces = model.surfaces
    (wall,) = rows_facing(model, 0, (1, 0, 0))
    assert model.elements.name[surfaces.element[wall]] == "partition"
    assert surfaces.thickness_m[wall] == pytest.approx(0.2, abs=1e-6)
    assert surfaces.tilt_deg[wall] == pytest.approx(90)
    assert surfaces.azimuth_deg[wall] == pytest.approx(90)
    (floor,) = rows_facing(model, 0, (0, 0, -1))
    assert surfaces.tilt_deg[floor] == pytest.approx(180)
    assert np.isnan(surfaces.azimuth_deg[floor])


def test_azimuth_counts_from_true_north() -> None:
    blocks = two_rooms()
    blocks.north_deg = 30.0
    model = derived(blocks)
    (south,) = rows_facing(model, 0, (0, -1, 0))
    assert model.surfaces.azimuth_deg[south] == pytest.approx(210)


def test_an_l_shaped_room_around_a_square_one() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (6, 6, 3))
    blocks.box("IfcWall", (3, 3, 0), (3.2, 6, 3))
    blocks.box("IfcWall", (3.2, 3, 0), (6, 3.2, 3))
    outline = [(0, 0), (6, 0), (6, 3), (3, 3), (3, 6), (0, 6)]
    l_room = blocks.space_mesh(prism_mesh(outline, 0, 3))
    square = blocks.space((3.2, 3.2, 0), (6, 6, 3))
    model = derived(blocks)
    # The L's two inner walls are 3 m, the square's 2.8 m: the corner of the partition is seen end-on.
    assert area_to(model, l_room, square) == pytest.approx(2 * 2.8 * 3, abs=1e-3)
    assert area_to(model, square, l_room) == pytest.approx(2 * 2.8 * 3, abs=1e-3)
    assert areas(model, l_room)[ADIABATIC] == pytest.approx(2 * 0.2 * 3, abs=1e-3)
    assert areas(model, l_room)[GROUND] == pytest.approx(27)
    assert list(model.spaces.grade) == ["A", "A"]


def test_a_hall_over_two_storeys_beside_two_rooms() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (8.2, 5, 6.3))
    blocks.box("IfcWall", (4, 0, 0), (4.2, 5, 6.3))
    blocks.box("IfcSlab", (4.2, 0, 3), (8.2, 5, 3.3))
    hall = blocks.space((0, 0, 0), (4, 5, 6.3))
    lower = blocks.space((4.2, 0, 0), (8.2, 5, 3))
    upper = blocks.space((4.2, 0, 3.3), (8.2, 5, 6.3))
    model = derived(blocks)
    assert area_to(model, hall, lower) == 15.0
    assert area_to(model, hall, upper) == 15.0
    assert areas(model, hall)[ADIABATIC] == pytest.approx(0.3 * 5, abs=1e-3)  # the slab's edge
    assert area_to(model, lower, upper) == 20.0
    assert list(model.spaces.grade) == ["A", "A", "A"]


def test_a_column_in_a_room_is_no_way_out() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (6, 4, 3))
    column = blocks.box("IfcColumn", (2, 2, 0), (2.4, 2.4, 3))
    hole = [(2, 2), (2.4, 2), (2.4, 2.4), (2, 2.4)]
    room = blocks.space_mesh(prism_mesh([(0, 0), (6, 0), (6, 4), (0, 4)], 0, 3, [hole]))
    model = derived(blocks)
    assert areas(model, room)[ADIABATIC] == pytest.approx(4 * 0.4 * 3)
    assert areas(model, room)[GROUND] == pytest.approx(24 - 0.16)
    around = model.surfaces.neighbour == ADIABATIC
    assert set(model.surfaces.element[around]) == {column}
    assert (model.surfaces.pair[around] >= 0).all()
    assert model.spaces.grade[room] == "A"


def test_a_curved_wall_is_a_row_of_facets() -> None:
    blocks = Blocks()
    angles = np.radians(np.linspace(0, 90, 19))
    inner = [(0.0, 0.0), *((5 * np.cos(a), 5 * np.sin(a)) for a in angles)]
    outer = [(5.3 * np.cos(a), 5.3 * np.sin(a)) for a in angles]
    wall = blocks.prism("IfcWall", [*inner[1:], *outer[::-1]], 0, 3)
    blocks.box("IfcWall", (-0.3, 0, 0), (0, 5.3, 3))
    blocks.box("IfcWall", (-0.3, -0.3, 0), (5.3, 0, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (5.3, 5.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (5.3, 5.3, 3.3))
    room = blocks.space_mesh(prism_mesh(inner, 0, 3))
    model = derived(blocks)
    facets = np.flatnonzero(model.surfaces.element == wall)
    chord = 2 * 5 * np.sin(np.radians(2.5))
    assert len(facets) == 18
    assert model.surfaces.area_m2[facets] == pytest.approx(np.full(18, chord * 3), rel=1e-4)
    assert np.sort(model.surfaces.azimuth_deg[facets]) == pytest.approx(np.arange(2.5, 90, 5), abs=0.01)
    assert (model.surfaces.neighbour[facets] == OUTDOORS).all()
    assert model.spaces.grade[room] == "A"


@pytest.mark.parametrize("gap", [0.02, 0.05, 0.10, 0.15])
def test_a_gap_between_space_and_wall_changes_no_neighbour(gap: float) -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    blocks.space((gap, gap, 0), (5 - gap, 4 - gap, 3))
    blocks.space((5.2 + gap, gap, 0), (10.2 - gap, 4 - gap, 3))
    model = derived(blocks)
    long, short = 5 - 2 * gap, 4 - 2 * gap
    for space in (0, 1):
        found = areas(model, space)
        assert found[SPACE] == pytest.approx(short * 3, abs=1e-3)
        assert found[GROUND] == pytest.approx(long * short, abs=1e-3)
        assert found[OUTDOORS] == pytest.approx(2 * long * 3 + short * 3 + long * short, abs=1e-3)
    # A room whose faces stand farther off its walls has other areas than it shows.
    assert list(model.spaces.grade) == (["B", "B"] if gap > 0.06 else ["A", "A"])
    assert ("off them" in model.spaces.grade_reason_en[0]) == (gap > 0.06)


@pytest.mark.parametrize("overlap", [0.03, 0.10])
def test_spaces_that_reach_into_their_walls_keep_their_neighbours(overlap: float) -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    blocks.space((0, 0, 0), (5 + overlap, 4 + overlap, 3))
    blocks.space((5.2 - overlap, 0, 0), (10.2, 4 + overlap, 3))
    model = derived(blocks)
    for space in (0, 1):
        assert area_to(model, space, 1 - space) == pytest.approx((4 + overlap) * 3, abs=1e-3)
        assert areas(model, space)[OUTDOORS] == pytest.approx(
            2 * (5 + overlap) * 3 + (4 + overlap) * 3 + (5 + overlap) * (4 + overlap), abs=1e-3
        )
    assert list(model.spaces.grade) == (["B", "B"] if overlap > 0.06 else ["A", "A"])
    assert ("into them" in model.spaces.grade_reason_en[0]) == (overlap > 0.06)


def test_a_double_wall_is_one_chain_with_two_faces() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.4, 4, 3))
    left = blocks.box("IfcWall", (5, 0, 0), (5.15, 4, 3))
    right = blocks.box("IfcWall", (5.25, 0, 0), (5.4, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((5.4, 0, 0), (10.4, 4, 3))
    model = derived(blocks)
    (east,) = rows_facing(model, 0, (1, 0, 0))
    (west,) = rows_facing(model, 1, (-1, 0, 0))
    assert model.surfaces.pair[east] == west
    assert model.surfaces.element[east] == left
    assert model.surfaces.element[west] == right
    assert model.surfaces.thickness_m[east] == pytest.approx(0.4, abs=1e-6)


def test_two_constructions_behind_one_face_are_two_surfaces() -> None:
    blocks = Blocks()
    blocks.box("IfcWall", (-0.3, -0.3, 0), (2, 0, 3))
    blocks.box("IfcWall", (2, -0.3, 0), (6.3, 0, 3))
    blocks.box("IfcWall", (-0.3, 4, 0), (6.3, 4.3, 3))
    blocks.box("IfcWall", (-0.3, 0, 0), (0, 4, 3))
    blocks.box("IfcWall", (6, 0, 0), (6.3, 4, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (6.3, 4.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (6.3, 4.3, 3.3))
    room = blocks.space((0, 0, 0), (6, 4, 3))
    model = derived(blocks)
    south = rows_facing(model, room, (0, -1, 0))
    found = {int(model.surfaces.element[row]): round(model.surfaces.area_m2[row], 6) for row in south}
    assert found == {0: 6.0, 1: 12.0}


def test_an_unmodelled_shaft_is_a_void() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (11.4, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    blocks.box("IfcWall", (6.2, 0, 0), (6.4, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((6.4, 0, 0), (11.4, 4, 3))
    model = derived(blocks)
    for space in (0, 1):
        assert areas(model, space)[VOID] == 12.0
    assert list(model.spaces.grade) == ["A", "A"]


def test_an_open_border_between_two_spaces_needs_no_element() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((5, 0, 0), (10, 4, 3))
    model = derived(blocks)
    (east,) = rows_facing(model, 0, (1, 0, 0))
    assert model.surfaces.neighbour_space[east] == 1
    assert model.surfaces.element[east] == -1
    assert model.surfaces.thickness_m[east] == pytest.approx(0, abs=1e-6)
    assert list(model.spaces.grade) == ["A", "A"]


def test_a_balcony_is_outdoors_and_shades_nothing() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    blocks.box("IfcSlab", (0, -2.3, -0.2), (5, -0.3, 0))
    room = blocks.space((0, 0, 0), (5, 4, 3))
    balcony = blocks.space((0, -2.3, 0), (5, -0.3, 3), internal=False)
    model = derived(blocks)
    assert areas(model, room) == {OUTDOORS: 54 + 20.0, GROUND: 20.0}
    assert areas(model, balcony) == {}
    assert model.spaces.grade[balcony] == "A"
    assert "external" in model.spaces.grade_reason_en[balcony].lower()


def test_a_glazed_balcony_is_outdoors_and_a_zone_around_a_shaft_is_not() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 6, 3))
    blocks.box("IfcWall", (0, 1.8, 0), (5, 2, 3))
    room = blocks.space((0, 2, 0), (5, 6, 3))
    blocks.space((0, 0, 0), (5, 1.8, 3), internal=False)
    model = derived(blocks)
    assert areas(model, room)[OUTDOORS] == 30 + 24 + 20  # three outer walls' and the balcony's, the roof

    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 6, 3))
    blocks.box("IfcWall", (0, 1.8, 0), (5, 2, 3))
    room = blocks.space((0, 2, 0), (5, 6, 3))
    blocks.space((0, 0, 0), (5, 6, 3), internal=False, name="GFA")
    assert areas(derived(blocks), room)[VOID] == 15.0


def test_a_plenum_above_a_suspended_ceiling_belongs_to_the_floor() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 7))
    blocks.box("IfcCovering", (0, 0, 2.7), (5, 4, 2.72))
    slab = blocks.box("IfcSlab", (0, 0, 3.4), (5, 4, 3.7))
    lower = blocks.space((0, 0, 0), (5, 4, 2.7))
    upper = blocks.space((0, 0, 3.7), (5, 4, 7))
    model = derived(blocks)
    assert area_to(model, lower, upper) == 20.0
    (ceiling,) = rows_facing(model, lower, (0, 0, 1))
    assert model.surfaces.element[ceiling] == slab  # the covering is a finish
    assert model.surfaces.thickness_m[ceiling] == pytest.approx(1.0, abs=1e-6)


def test_the_same_input_gives_the_same_bits() -> None:
    first, second = derived(two_rooms()), derived(two_rooms())
    assert first.surfaces.polygon.vertices.tobytes() == second.surfaces.polygon.vertices.tobytes()
    assert first.surfaces.area_m2.tobytes() == second.surfaces.area_m2.tobytes()
    assert first.surfaces.pair.tobytes() == second.surfaces.pair.tobytes()
