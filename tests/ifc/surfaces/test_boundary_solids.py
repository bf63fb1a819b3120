"""Spaces without a usable solid take the file's boundaries, where these are sound."""

from dataclasses import replace

import numpy as np
import pytest

import ifc
from ifc.model import BuildingModel, Evidence, Neighbour, PolygonTable, SpaceBoundaryTable
from ifc.spaces import measure_spaces
from ifc.surfaces import derive_surfaces
from tests.building_blocks import Blocks, extruded_profile, prism_mesh
from tests.ifc.surfaces.surface_facts import (
    OUTDOORS,
    SPACE,
    area_to,
    areas,
    boundaries_of,
    check_invariants,
    derived,
    openings_of,
    shell,
)


def house() -> BuildingModel:
    """An L-shaped room and a chamber, with a window in the chamber."""
    blocks = Blocks()
    walls = shell(blocks, (0, 0, 0), (8, 6, 3))
    blocks.box("IfcWall", (5, 0, 0), (5.2, 3, 3))
    blocks.box("IfcWall", (5.2, 2.8, 0), (8, 3, 3))
    room = [(0, 0), (5, 0), (5, 3), (8, 3), (8, 6), (0, 6)]
    blocks.space_mesh(prism_mesh(room, 0, 3), name="Room")
    blocks.space((5.2, 0, 0), (8, 2.8, 3), name="Chamber")
    blocks.opening(walls["south"], (6, -0.3, 1), (7, 0, 2), filling="IfcWindow")
    return derived(blocks)


def without_solid(model: BuildingModel, space: int, boundaries: SpaceBoundaryTable) -> BuildingModel:
    """The model with boundaries, derived anew after a space has lost its geometry."""
    geometry = model.geometry
    kept = geometry.instance_element != model.spaces.element[space]
    bare = replace(
        model,
        geometry=replace(
            geometry,
            instance_element=geometry.instance_element[kept],
            instance_shape=geometry.instance_shape[kept],
            transform=geometry.transform[kept],
        ),
        boundaries=boundaries,
    )
    found = derive_surfaces(measure_spaces(bare))
    check_invariants(found)
    return found


@pytest.mark.parametrize("space", [0, 1])
def test_the_surfaces_are_those_of_the_solid(space: int) -> None:
    sound = house()
    found = without_solid(sound, space, boundaries_of(sound))
    for row in (0, 1):
        assert areas(found, row) == pytest.approx(areas(sound, row), abs=1e-3)
        assert area_to(found, row, 1 - row) == pytest.approx(area_to(sound, row, 1 - row), abs=1e-3)
    assert openings_of(found, 1) == openings_of(sound, 1)
    assert found.spaces.volume_m3[space] == pytest.approx(sound.spaces.volume_m3[space], rel=1e-6)
    assert found.spaces.area_m2[space] == pytest.approx(sound.spaces.area_m2[space], rel=1e-6)
    assert found.spaces.floor_z_m[space] == pytest.approx(0)
    assert found.spaces.height_m[space] == pytest.approx(3)


def test_they_are_marked_and_grade_c() -> None:
    sound = house()
    found = without_solid(sound, 0, boundaries_of(sound))
    assert set(found.surfaces.evidence[found.surfaces.space == 0]) == {Evidence.FILE}
    assert Evidence.FILE not in found.surfaces.evidence[found.surfaces.space == 1]
    assert found.spaces.grade.tolist() == ["C", "A"]
    assert "space boundaries" in found.spaces.grade_reason_en[0]
    assert "空间边界" in found.spaces.grade_reason_zh[0]
    (finding,) = [found for found in found.diagnostics if found.code == "space-with-assumptions"]
    assert finding.global_id == sound.spaces.global_id[0]


def test_a_space_with_a_sound_solid_does_not_look_at_them() -> None:
    sound = house()
    table = boundaries_of(sound)
    moved = replace(table, polygon=replace(table.polygon, vertices=table.polygon.vertices + 0.5))
    found = derive_surfaces(replace(sound, boundaries=moved))
    assert np.array_equal(found.surfaces.polygon.vertices, sound.surfaces.polygon.vertices)
    assert found.spaces.grade.tolist() == ["A", "A"]


def test_whichever_way_the_normals_point() -> None:
    sound = house()
    table = boundaries_of(sound)
    rings = [table.polygon.rings(row) for row in range(len(table))]
    rings[::2] = [[ring[::-1] for ring in polygon] for polygon in rings[::2]]
    found = without_solid(sound, 0, replace(table, polygon=PolygonTable.pack(rings, 3)))
    assert areas(found, 0) == pytest.approx(areas(sound, 0), abs=1e-3)


def test_strips_that_the_file_leaves_out_below_partitions() -> None:
    """Second-level boundaries without those of type 2b leave gaps as wide as the walls behind."""
    sound = house()
    table = boundaries_of(sound)
    rings = [table.polygon.rings(row) for row in range(len(table))]
    floor = int(np.flatnonzero((sound.surfaces.space == 0) & (sound.surfaces.normal[:, 2] < -0.9))[0])
    ring = rings[floor][0]
    rings[floor] = [np.column_stack([np.minimum(ring[:, 0], 5.0), ring[:, 1:]])]
    rest = [np.array([[5.18, 3, 0], [5.18, 6, 0], [8, 6, 0], [8, 3, 0.0]])]
    extra = SpaceBoundaryTable(
        np.append(table.space, table.space[floor]),
        np.append(table.element, table.element[floor]),
        np.append(table.level, np.int8(2)),
        np.append(table.side, "external"),
        PolygonTable.pack([*rings, rest], 3),
    )
    found = without_solid(sound, 0, extra)
    assert found.spaces.grade[0] == "C"
    assert found.spaces.volume_m3[0] == pytest.approx(sound.spaces.volume_m3[0], rel=1e-3)


def test_a_room_below_a_sloped_roof() -> None:
    blocks = Blocks()
    walls = shell(blocks, (0, 0, 0), (6, 4, 5))
    assert walls
    profile = [(0, 0), (6, 0), (6, 2.5), (3, 4.5), (0, 2.5)]
    blocks.space_mesh(extruded_profile(profile, 0, 4), name="Attic")
    blocks.add(
        "IfcSlab", extruded_profile([(0, 2.5), (3, 4.5), (6, 2.5), (6, 2.8), (3, 4.8), (0, 2.8)], 0, 4)
    )
    sound = derived(blocks)
    found = without_solid(sound, 0, boundaries_of(sound))
    assert found.spaces.grade[0] == "C"
    assert found.spaces.volume_m3[0] == pytest.approx(84.0, rel=1e-4)
    assert areas(found, 0) == pytest.approx(areas(sound, 0), abs=0.01)


def test_boundaries_that_do_not_enclose_a_room_are_not_taken() -> None:
    sound = house()
    table = boundaries_of(sound)
    walls = np.flatnonzero(np.abs(sound.surfaces.normal[:, 2]) < 0.1)
    some = SpaceBoundaryTable(
        table.space[walls],
        table.element[walls],
        table.level[walls],
        table.side[walls],
        PolygonTable.pack([table.polygon.rings(row) for row in walls.tolist()], 3),
    )
    found = without_solid(sound, 0, some)
    assert found.spaces.grade.tolist() == ["D", "A"]
    assert "its space boundaries do not enclose a room" in found.spaces.grade_reason_en[0]
    assert not (found.surfaces.space == 0).any()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "least"),
    [("AC20-FZK-Haus_with_SB55.ifc", 3), ("b03_heating_with_building_blenderBIM.ifc", 5)],
)
def test_shared_files(shared_data, name: str, least: int) -> None:
    sound = ifc.read(shared_data / "models" / name)
    taken = 0
    for space in range(len(sound.spaces)):
        found = without_solid(sound, space, sound.boundaries)
        if found.spaces.grade[space] == "C":
            taken += 1
            before, after = areas(sound, space), areas(found, space)
            total = sum(before.values())
            for kinds in ((OUTDOORS, Neighbour.GROUND), (SPACE,)):
                assert sum(after.get(kind, 0) for kind in kinds) == pytest.approx(
                    sum(before.get(kind, 0) for kind in kinds), abs=0.01 * total
                )
    assert taken >= least
