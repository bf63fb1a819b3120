"""Bad models: every space gets a grade and a reason, and nothing raises."""

import numpy as np
import pytest

from ifc.surfaces import derive_surfaces
from tests.building_blocks import Blocks, box_mesh
from tests.ifc.surfaces.surface_facts import GROUND, areas, derived, shell


def test_a_space_without_geometry_is_d() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    blocks.space_mesh(None, name="empty")
    model = derived(blocks)
    assert model.spaces.grade[0] == "D"
    assert "geometry" in model.spaces.grade_reason_en[0]
    assert "几何" in model.spaces.grade_reason_zh[0]
    assert "space-not-usable" in {note.code for note in model.diagnostics}


def test_a_space_that_is_not_closed_is_d() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    vertices, triangles = box_mesh((0, 0, 0), (5, 4, 3))
    blocks.space_mesh((vertices, triangles[:-2]))
    model = derived(blocks)
    assert model.spaces.grade[0] == "D"
    assert "closed" in model.spaces.grade_reason_en[0]


def test_a_space_turned_inside_out_is_turned_back() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    vertices, triangles = box_mesh((0, 0, 0), (5, 4, 3))
    mixed = triangles.copy()
    mixed[::3] = mixed[::3, ::-1]
    blocks.space_mesh((vertices, mixed))
    model = derived(blocks)
    assert model.spaces.grade[0] == "A"
    assert model.surfaces.area_m2.sum() == pytest.approx(94)


def test_walls_with_mixed_winding_are_walls() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    for row, (vertices, triangles) in list(blocks._meshes.items()):
        mixed = triangles.copy()
        mixed[row % 2 :: 2] = mixed[row % 2 :: 2, ::-1]
        blocks._meshes[row] = (vertices, mixed)
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert model.spaces.grade[0] == "A"


def test_a_space_without_roof_is_b_or_worse_and_says_so() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[rows["roof"]]
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert model.spaces.grade[0] == "C"  # 20 of 94 m² lose heat through nothing
    assert "20.0 m²" in model.spaces.grade_reason_en[0]


def test_a_missing_floor_slab_is_assumed_on_the_ground() -> None:
    blocks = Blocks()
    rows = shell(blocks, (0, 0, 0), (5, 4, 3))
    del blocks._meshes[rows["floor"]]
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert areas(model, 0)[GROUND] == 20.0
    assert model.spaces.grade[0] == "B"


def test_a_terrace_is_not_enclosed() -> None:
    blocks = Blocks()
    blocks.box("IfcSlab", (0, 0, -0.3), (5, 4, 0))
    blocks.box("IfcWall", (0, 4, 0), (5, 4.3, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert model.spaces.grade[0] == "D"
    assert "open to outdoors" in model.spaces.grade_reason_en[0]


def test_a_zone_that_contains_rooms_is_set_aside() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10.2, 4, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    rooms = [blocks.space((0, 0, 0), (5, 4, 3)), blocks.space((5.2, 0, 0), (10.2, 4, 3))]
    zone = blocks.space((0, 0, 0), (10.2, 4, 3), name="GFA")
    model = derived(blocks)
    assert [model.spaces.grade[row] for row in rooms] == ["A", "A"]
    assert model.spaces.grade[zone] == "D"
    assert "2 other" in model.spaces.grade_reason_en[zone]


def test_of_two_equal_spaces_the_first_is_used() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert list(model.spaces.grade) == ["A", "D"]


def test_spaces_that_overlap_are_told() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (10, 4, 3))
    blocks.space((0, 0, 0), (6, 4, 3), name="left")
    blocks.space((5, 0, 0), (10, 4, 3), name="right")
    model = derived(blocks)
    assert model.spaces.grade[0] in "CD"
    assert "right" in model.spaces.grade_reason_en[0]


def test_a_wrong_volume_quantity_is_told_and_a_wrong_unit_forgiven() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (16, 4, 3))
    for x in (5, 10.5):
        blocks.box("IfcWall", (x, 0, 0), (x + 0.5, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3), declared_volume_m3=60.0)
    blocks.space((5.5, 0, 0), (10.5, 4, 3), declared_volume_m3=66.0)
    blocks.space((11, 0, 0), (16, 4, 3), declared_volume_m3=60000.0)
    model = derived(blocks)
    assert list(model.spaces.grade) == ["A", "B", "A"]
    assert "66.0 m³" in model.spaces.grade_reason_en[1]


def test_nan_and_empty_geometry_raise_nothing() -> None:
    blocks = Blocks()
    shell(blocks, (0, 0, 0), (5, 4, 3))
    vertices, triangles = box_mesh((0, 0, 0), (1, 1, 1))
    blocks.add("IfcWall", (np.full_like(vertices, np.nan), triangles))
    blocks.add("IfcWall", (vertices * 0, triangles))
    blocks.add("IfcWall", (vertices * 1e30, triangles))
    blocks.space((0, 0, 0), (5, 4, 3))
    blocks.space_mesh((np.full_like(vertices, np.nan), triangles))
    model = derived(blocks)
    assert list(model.spaces.grade) == ["A", "D"]


def test_a_model_without_anything_raises_nothing() -> None:
    model = derive_surfaces(Blocks().model())
    assert len(model.surfaces) == 0


def test_spaces_without_any_element_still_get_surfaces() -> None:
    blocks = Blocks()
    blocks.space((0, 0, 0), (5, 4, 3))
    model = derived(blocks)
    assert model.surfaces.area_m2.sum() == pytest.approx(94)
    assert model.spaces.grade[0] == "D"
