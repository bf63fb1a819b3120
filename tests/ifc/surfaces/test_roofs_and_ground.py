"""Sloped roofs, attics, terrain and ground levels."""

import numpy as np
import pytest

from tests.building_blocks import Blocks, extruded_profile
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

ROOF_RISE = 2.0


def gable(blocks: Blocks, *, attic: bool) -> tuple[int, int]:
    """A 6 x 8 m room, 3 m high, below a gable roof with its ridge along y; attic as a space or not."""
    blocks.box("IfcWall", (-0.3, -0.3, 0), (6.3, 0, 3))
    blocks.box("IfcWall", (-0.3, 8, 0), (6.3, 8.3, 3))
    blocks.box("IfcWall", (-0.3, 0, 0), (0, 8, 3))
    blocks.box("IfcWall", (6, 0, 0), (6.3, 8, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (6.3, 8.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (6.3, 8.3, 3.2))
    profile = [(0, 3.2), (6, 3.2), (3, 3.2 + ROOF_RISE)]
    for start, end in ((-0.3, 0), (8, 8.3)):  # gable walls
        blocks.add("IfcWall", extruded_profile([(-0.3, 3.2), (6.3, 3.2), (3, 5.6)], start, end))
    west = [(-0.3, 3.0), (0, 3.2), (3, 5.2), (3, 5.44), (-0.3, 3.24)]
    east = [(6 - x, z) for x, z in west][::-1]
    for side in (west, east):
        blocks.add("IfcSlab", extruded_profile(side, -0.3, 8.3))
    room = blocks.space((0, 0, 0), (6, 8, 3))
    upper = blocks.space_mesh(extruded_profile(profile, 0, 8)) if attic else -1
    return room, upper


def test_an_attic_room_has_sloped_ceilings() -> None:
    blocks = Blocks()
    room, attic = gable(blocks, attic=True)
    model = derived(blocks)
    slope = np.hypot(3, ROOF_RISE) * 8
    found = areas(model, attic)
    assert found[SPACE] == pytest.approx(48)
    assert found[OUTDOORS] == pytest.approx(2 * slope + 2 * 6 * ROOF_RISE / 2, abs=1e-3)
    assert area_to(model, room, attic) == pytest.approx(48)
    up = np.flatnonzero((model.surfaces.space == attic) & (model.surfaces.normal[:, 2] > 0.1))
    assert model.surfaces.tilt_deg[up] == pytest.approx(np.full(2, np.degrees(np.arctan2(ROOF_RISE, 3))))
    assert sorted(model.surfaces.azimuth_deg[up]) == pytest.approx([90, 270])
    assert list(model.spaces.grade) == ["A", "A"]


def test_an_attic_without_a_space_is_a_void() -> None:
    blocks = Blocks()
    room, _ = gable(blocks, attic=False)
    model = derived(blocks)
    assert areas(model, room)[VOID] == pytest.approx(48)
    assert model.spaces.grade[room] == "A"


def test_a_window_in_the_roof_lies_in_the_sloped_ceiling() -> None:
    blocks = Blocks()
    _, attic = gable(blocks, attic=True)
    west_roof = (
        max(row for row, name in enumerate(blocks.model().elements.ifc_class) if name == "IfcSlab") - 1
    )
    # A box through the west slope, upright, 1 m wide in plan.
    window = blocks.opening(west_roof, (1, 3, 3), (2, 4.5, 6), filling="IfcWindow")
    model = derived(blocks)
    openings = model.surface_openings
    assert openings.element.tolist() == [window]
    slope = np.sqrt(1 + (ROOF_RISE / 3) ** 2)
    # Seen along the normal the upright box is wider than its hole in plan; it stays within the roof.
    assert openings.area_m2[0] >= 1.5 * slope - 1e-3
    surface = openings.surface[0]
    assert model.surfaces.space[surface] == attic
    assert model.surfaces.normal[surface][0] < 0


def terrain(blocks: Blocks, z_of_x: list[tuple[float, float]]) -> None:
    """A terrain that rises along x, 60 m wide."""
    corners, triangles = [], []
    for x, z in z_of_x:
        corners += [(x, -30.0, z), (x, 30.0, z)]
    for k in range(len(z_of_x) - 1):
        a = 2 * k
        triangles += [(a, a + 2, a + 3), (a, a + 3, a + 1)]
    blocks.add("IfcSite", (np.array(corners), np.array(triangles, np.int32)))


def test_a_wall_half_in_the_ground_is_split_at_the_terrain() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (6, 4, 3))
    room = blocks.space((0, 0, 0), (6, 4, 3))
    terrain(blocks, [(-30, 1.2), (30, 1.2)])
    model = derived(blocks)
    found = areas(model, room)
    assert found[GROUND] == pytest.approx(24 + 20 * 1.2, abs=1e-3)
    assert found[OUTDOORS] == pytest.approx(24 + 20 * 1.8, abs=1e-3)
    assert "ground-from-terrain" in {note.code for note in model.diagnostics}
    assert model.spaces.grade[room] == "A"


def test_a_wall_along_a_slope_is_split_on_the_slope() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (6, 4, 3))
    room = blocks.space((0, 0, 0), (6, 4, 3))
    terrain(blocks, [(-30, -2.0), (30, 4.0)])  # 10 % up along x, 1 m at x = 0
    model = derived(blocks)
    for normal in ((0, -1, 0), (0, 1, 0)):
        rows = rows_facing(model, room, normal)
        ground = sum(model.surfaces.area_m2[r] for r in rows if model.surfaces.neighbour[r] == GROUND)
        assert ground == pytest.approx(6 * (1.0 + 1.6) / 2, abs=0.02)


def test_without_terrain_the_level_is_stated() -> None:
    blocks = Blocks()
    blocks.storey("地下一层", -3.3)
    blocks.storey("首层", 0.0)
    shell(blocks, (0, 0, -3.3), (6, 4, -0.3))
    basement = blocks.space((0, 0, -3.3), (6, 4, -0.3))
    model = derived(blocks)
    assert areas(model, basement) == {GROUND: 24 + 60.0, OUTDOORS: 24.0}
    (note,) = (note for note in model.diagnostics if note.code == "ground-by-level")
    assert "首层" in note.message.en
    assert "0.00 m" in note.message.zh


def test_a_crawl_space_is_a_void_below() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (6, 4, 6.3))
    blocks.box("IfcSlab", (0, 0, 3), (6, 4, 3.3))
    room = blocks.space((0, 0, 3.3), (6, 4, 6.3))
    model = derived(blocks)
    assert areas(model, room)[VOID] == 24.0


def test_a_slab_edge_in_a_facade_is_outdoors() -> None:
    blocks = Blocks()
    blocks.box("IfcWall", (-0.3, -0.3, 0), (6.3, 0, 3))
    blocks.box("IfcSlab", (-0.3, -0.3, 3), (6.3, 4.3, 3.3))
    blocks.box("IfcWall", (-0.3, -0.3, 3.3), (6.3, 0, 6))
    blocks.box("IfcWall", (-0.3, 4, 0), (6.3, 4.3, 6))
    blocks.box("IfcWall", (-0.3, 0, 0), (0, 4, 6))
    blocks.box("IfcWall", (6, 0, 0), (6.3, 4, 6))
    blocks.box("IfcSlab", (-0.3, -0.3, -0.3), (6.3, 4.3, 0))
    blocks.box("IfcSlab", (-0.3, -0.3, 6), (6.3, 4.3, 6.3))
    room = blocks.space((0, 0, 0), (6, 4, 6))  # a hall that reaches through the slab
    model = derived(blocks)
    south = rows_facing(model, room, (0, -1, 0))
    found = {int(model.surfaces.element[row]): round(float(model.surfaces.area_m2[row]), 4) for row in south}
    assert found == {0: 18.0, 1: 1.8, 2: 16.2}
    assert ADIABATIC not in areas(model, room)
