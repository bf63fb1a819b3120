"""Layers behind the first element, columns, curved glazing, links through slabs: counted by hand."""

import numpy as np
import pytest

from tests.building_blocks import Blocks, extruded_profile, prism_mesh
from tests.ifc.surfaces.surface_facts import (
    ADIABATIC,
    GROUND,
    OUTDOORS,
    SPACE,
    areas,
    derived,
    openings_of,
    rows_facing,
    shell,
)


def without_south_wall() -> Blocks:
    """A room of 5 x 4 x 3 m whose south wall is still to come."""
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[rows["south"]]
    return blocks


def test_the_layers_behind_the_first_element_count_to_the_thickness() -> None:
    blocks = without_south_wall()
    concrete = blocks.box("IfcWall", (-0.3, -0.2, 0), (5.3, 0, 3), name="concrete")
    blocks.box("IfcBuildingElementProxy", (-0.3, -0.3, 0), (5.3, -0.2, 3), name="insulation")
    blocks.box("IfcWall", (-0.3, -0.45, 0), (5.3, -0.35, 3), name="brick")  # 5 cm of air
    room = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    (south,) = rows_facing(model, room, (0, -1, 0))
    assert model.surfaces.element[south] == concrete
    assert model.surfaces.neighbour[south] == OUTDOORS
    assert model.surfaces.thickness_m[south] == pytest.approx(0.45, abs=1e-6)
    assert model.spaces.grade[room] == "A"


def test_a_lining_is_not_taken_for_the_wall_behind_it() -> None:
    blocks = without_south_wall()
    wall = blocks.box("IfcWall", (-0.3, -0.32, 0), (5.3, -0.02, 3))
    blocks.box("IfcCovering", (0, -0.02, 0), (5, 0, 3))
    room = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    (south,) = rows_facing(model, room, (0, -1, 0))
    assert model.surfaces.element[south] == wall
    assert model.surfaces.thickness_m[south] == pytest.approx(0.32, abs=1e-6)


def test_the_parts_of_a_layered_wall_act_as_one() -> None:
    blocks = without_south_wall()
    wall = blocks.add("IfcWall", None)
    for y0, y1 in ((-0.1, 0.0), (-0.25, -0.1), (-0.3, -0.25)):
        blocks.box("IfcBuildingElementPart", (-0.3, y0, 0), (5.3, y1, 3), parent=wall)
    room = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    (south,) = rows_facing(model, room, (0, -1, 0))
    assert model.surfaces.element[south] == wall
    assert model.surfaces.thickness_m[south] == pytest.approx(0.3, abs=1e-6)


def test_a_column_in_a_facade_is_a_piece_of_it() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (6, 4, 3))
    column = blocks.box("IfcColumn", (2, 0, 0), (2.4, 0.2, 3))  # stands before the wall, in the room
    plan = [(0, 0), (2, 0), (2, 0.2), (2.4, 0.2), (2.4, 0), (6, 0), (6, 4), (0, 4)]
    room = blocks.space_mesh(prism_mesh(plan, 0, 3))
    model = derived(blocks)
    surfaces = model.surfaces
    front = [row for row in rows_facing(model, room, (0, -1, 0)) if surfaces.element[row] == column]
    assert surfaces.area_m2[front] == pytest.approx([0.4 * 3])
    assert (surfaces.neighbour[front] == OUTDOORS).all()
    assert surfaces.thickness_m[front] == pytest.approx([0.5], abs=1e-6)  # column and wall
    found = areas(model, room)
    assert found[ADIABATIC] == pytest.approx(2 * 0.2 * 3)  # its sides look at each other
    assert found[GROUND] == pytest.approx(24 - 0.08)
    assert found[OUTDOORS] == pytest.approx(2 * (6 + 4) * 3 + 24 - 0.08)
    assert model.spaces.grade[room] == "A"


def test_windows_in_a_curved_wall_lie_in_its_facets() -> None:
    blocks = Blocks()
    angles = np.radians(np.linspace(0, 90, 10))
    inner = [(0.0, 0.0), *((5 * np.cos(a), 5 * np.sin(a)) for a in angles)]
    outer = [(5.3 * np.cos(a), 5.3 * np.sin(a)) for a in angles]
    wall = blocks.prism("IfcWall", [*inner[1:], *outer[::-1]], 0, 3)
    blocks.box("IfcWall", (-0.3, 0, 0), (0, 5.3, 3))
    blocks.box("IfcWall", (-0.3, -0.3, 0), (5.3, 0, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (5.3, 5.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (5.3, 5.3, 3.3))
    windows = []
    for facet in (2, 6):  # 0.6 m wide, 1.2 m high, across the middle of a facet
        middle = (angles[facet] + angles[facet + 1]) / 2
        out, along = np.array([np.cos(middle), np.sin(middle)]), np.array([-np.sin(middle), np.cos(middle)])
        corners = [d * out + s * along for d, s in ((4.8, -0.3), (5.5, -0.3), (5.5, 0.3), (4.8, 0.3))]
        windows.append(blocks.opening_mesh(wall, prism_mesh(corners, 0.9, 2.1), filling="IfcWindow"))
    room = blocks.space_mesh(prism_mesh(inner, 0, 3))
    model = derived(blocks)
    assert sorted(openings_of(model, room)) == [("window", window, 0.72) for window in windows]
    azimuths = model.surfaces.azimuth_deg[model.surface_openings.surface]
    assert sorted(azimuths.tolist()) == pytest.approx([90 - 65, 90 - 25], abs=0.01)


@pytest.mark.parametrize("upright", [True, False])
def test_a_roof_window_has_the_area_of_its_hole_in_the_slope(upright: bool) -> None:
    blocks = Blocks()
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (4.3, 6.3, 0))
    for x0, x1, top in ((-0.3, 0, 2.0), (4, 4.3, 5.0)):
        blocks.box("IfcWall", (x0, -0.3, 0), (x1, 6.3, top))
    for y0, y1 in ((-0.3, 0), (6, 6.3)):
        blocks.add("IfcWall", extruded_profile([(0, 0), (4, 0), (4, 5), (0, 2)], y0, y1))
    # Rises 3 on 4: 5 m along the slope.
    normal = np.array([-0.6, 0.8])
    eaves, ridge = np.array([-0.4, 1.7]), np.array([4.4, 5.3])
    roof = blocks.add(
        "IfcRoof", extruded_profile([eaves, ridge, ridge + 0.2 * normal, eaves + 0.2 * normal], -0.3, 6.3)
    )
    low, high = np.array([1.0, 2.75]), np.array([1.8, 3.35])  # 1 m of the slope
    if upright:
        profile = [(1.0, 2.0), (1.8, 2.0), (1.8, 5.0), (1.0, 5.0)]
    else:
        profile = [low - 0.1 * normal, high - 0.1 * normal, high + 0.3 * normal, low + 0.3 * normal]
    window = blocks.opening_mesh(roof, extruded_profile(profile, 2, 3.5), filling="IfcWindow")
    room = blocks.space_mesh(extruded_profile([(0, 0), (4, 0), (4, 5), (0, 2)], 0, 6))
    model = derived(blocks)
    assert openings_of(model, room) == [("window", window, pytest.approx(1.5, abs=1e-3))]
    surface = model.surface_openings.surface[0]
    assert model.surfaces.element[surface] == roof
    assert model.surfaces.area_m2[surface] == pytest.approx(5 * 6)
    assert model.surfaces.tilt_deg[surface] == pytest.approx(np.degrees(np.arctan2(3, 4)))


def test_a_skylight_in_a_flat_roof_and_a_hole_in_the_slab_below() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 6.3))
    middle = blocks.box("IfcSlab", (0, 0, 3), (5, 4, 3.3))
    skylight = blocks.opening(rows["roof"], (1, 1, 6.2), (2, 2.5, 6.7), filling="IfcWindow")
    hole = blocks.opening(middle, (3, 1, 2.9), (4, 3, 3.4))
    below = blocks.space((0, 0, 0), (5, 4, 3))
    above = blocks.space((0, 0, 3.3), (5, 4, 6.3))
    model = derived(blocks)
    assert openings_of(model, below) == [("air", hole, 2.0)]
    assert sorted(openings_of(model, above)) == [("air", hole, 2.0), ("window", skylight, 1.5)]
    assert areas(model, below)[SPACE] == areas(model, above)[SPACE] == 20.0


def test_an_opening_to_outdoors_without_a_window_is_air() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    hole = blocks.opening(rows["west"], (-0.3, 1, 1), (0, 2, 2))
    room = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert openings_of(model, room) == [("air", hole, 1.0)]
    assert areas(model, room)[OUTDOORS] == 54 + 20


def test_opaque_panels_of_a_curtain_wall_are_no_windows_and_a_corner_has_two_faces() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    for side in ("south", "east"):
        del blocks._meshes[rows[side]]
    curtain = blocks.add("IfcCurtainWall", None)
    glazed, opaque = [], []
    for bottom, top, panels in ((0, 1, opaque), (1, 3, glazed)):
        name = "Spandrel panel" if panels is opaque else "Glazed"
        for low, high in (((0, -0.1), (5.1, -0.06)), ((5.06, -0.06), (5.1, 4))):
            panels.append(blocks.box("IfcPlate", (*low, bottom), (*high, top), name=name, parent=curtain))
    room = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    for normal, area in (((0, -1, 0), 15.0), ((1, 0, 0), 12.0)):
        faces = rows_facing(model, room, normal)
        assert model.surfaces.area_m2[faces].sum() == pytest.approx(area)
        assert set(model.surfaces.element[faces]) == {curtain}
        assert (model.surfaces.neighbour[faces] == OUTDOORS).all()
    found = openings_of(model, room)
    assert {element for _, element, _ in found} == set(glazed)
    assert sum(area for _, _, area in found) == pytest.approx((5 + 4) * 2, abs=1e-3)


def test_a_curtain_wall_in_an_opening_is_a_window() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    curtain = blocks.opening(rows["south"], (1, -0.3, 0), (4, 0, 2.8), filling="IfcCurtainWall")
    room = blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert openings_of(model, room) == [("window", curtain, 8.4)]
