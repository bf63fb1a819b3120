"""The file's own boundaries as a cross-check of the surfaces."""

from dataclasses import replace

import numpy as np
import pytest

import ifc
from ifc.model import BuildingModel, Neighbour, PolygonTable, SpaceBoundaryTable
from ifc.surfaces.boundary_check import check_boundaries, findings
from tests.building_blocks import Blocks
from tests.ifc.surfaces.surface_facts import boundaries_of, derived, shell


@pytest.fixture
def house() -> BuildingModel:
    """Two rooms with a wall between them and a window."""
    blocks = Blocks()
    walls = shell(blocks, (0, 0, 0), (8, 4, 3))
    blocks.opening(walls["south"], (1, -0.3, 1), (2, 0, 2), filling="IfcWindow")
    blocks.box("IfcWall", (5, 0, 0), (5.2, 4, 3))
    blocks.space((0, 0, 0), (5, 4, 3), name="Room")
    blocks.space((5.2, 0, 0), (8, 4, 3), name="Chamber")
    return derived(blocks)


def told(model: BuildingModel, boundaries: SpaceBoundaryTable) -> dict[str, str]:
    """Code -> message of what is found."""
    found = findings(replace(model, boundaries=boundaries))
    assert all(finding.remedy.en and finding.remedy.zh and finding.message.zh for finding in found)
    return {finding.code: finding.message.en for finding in found}


def with_polygons(table: SpaceBoundaryTable, change: dict[int, list[np.ndarray]]) -> SpaceBoundaryTable:
    """The table with the rings of some rows replaced."""
    rings = [change.get(row, table.polygon.rings(row)) for row in range(len(table))]
    return replace(table, polygon=PolygonTable.pack(rings, 3))


def rows(table: SpaceBoundaryTable, keep: np.ndarray) -> SpaceBoundaryTable:
    return SpaceBoundaryTable(
        table.space[keep],
        table.element[keep],
        table.level[keep],
        table.side[keep],
        PolygonTable.pack([table.polygon.rings(row) for row in keep.tolist()], 3),
    )


def walls_of(model: BuildingModel, name: str) -> list[int]:
    """Rows of the boundaries on the long walls (y) of a room."""
    space = model.spaces.name.tolist().index(name)
    mine = (model.surfaces.space == space) & (np.abs(model.surfaces.normal[:, 1]) > 0.9)
    return np.flatnonzero(mine).tolist()


def test_sound_boundaries_give_no_finding(house: BuildingModel) -> None:
    assert told(house, boundaries_of(house)) == {}


def test_no_boundaries_give_no_finding(house: BuildingModel) -> None:
    assert told(house, house.boundaries) == {}


def test_findings_are_diagnostics_of_the_model(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    level = sound.level.copy()
    level[0] = 1
    checked = check_boundaries(replace(house, boundaries=replace(sound, level=level)))
    (finding,) = [found for found in checked.diagnostics if found.code == "boundaries-of-both-levels"]
    assert finding.count == 1
    assert finding.global_id == house.spaces.global_id[0]
    assert "Room" in finding.message.en
    assert "Room" in finding.message.zh


def test_boundaries_beyond_their_wall_are_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    south = walls_of(house, "Chamber")
    beyond = with_polygons(
        sound, {row: [sound.polygon.rings(row)[0] + 0.3 * house.surfaces.normal[row]] for row in south}
    )
    message = told(house, beyond)
    assert list(message) == ["boundaries-off-the-face"]
    assert "2 of 12" in message["boundaries-off-the-face"]
    assert (
        "(Chamber; half of them more than 0.30 m; 2 on the far side of their element)"
        in (message["boundaries-off-the-face"])
    )


def test_boundaries_on_the_axis_are_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    south = walls_of(house, "Room")
    axis = with_polygons(
        sound, {row: [sound.polygon.rings(row)[0] + 0.15 * house.surfaces.normal[row]] for row in south}
    )
    assert "2 on its axis" in told(house, axis)["boundaries-off-the-face"]


def test_boundaries_beside_their_face_are_told(house: BuildingModel) -> None:
    """In the plane of the wall, but in front of another room."""
    sound = boundaries_of(house)
    (row, _) = walls_of(house, "Room")
    beside = with_polygons(sound, {row: [sound.polygon.rings(row)[0] + np.array([7.0, 0, 0])]})
    assert list(told(house, beside)) == ["boundaries-off-the-face"]


def test_boundaries_in_no_plane_of_the_room_are_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    askew = np.array([[1.0, 1, 0], [3, 2, 1], [3, 3, 2], [1, 2, 1]])
    assert list(told(house, with_polygons(sound, {0: [askew]}))) == [
        "boundaries-off-the-face",
        "boundaries-with-other-areas",
    ]


def test_mixed_normals_are_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    turned = {row: [sound.polygon.rings(row)[0][::-1]] for row in range(3)}
    assert list(told(house, with_polygons(sound, turned))) == ["boundaries-with-mixed-normals"]


def test_normals_that_all_point_inward_are_no_finding(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    turned = {row: [ring[::-1] for ring in sound.polygon.rings(row)] for row in range(len(sound))}
    assert told(house, with_polygons(sound, turned)) == {}


def test_inside_called_outside_is_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    between = house.surfaces.neighbour == Neighbour.SPACE
    side = sound.side.copy()
    side[: len(between)][between] = "external"
    message = told(house, replace(sound, side=side))
    assert list(message) == ["boundaries-on-the-wrong-side"]
    assert "24.0 m² of the boundaries of 2 spaces" in message["boundaries-on-the-wrong-side"]


def test_a_side_that_the_file_leaves_open_is_no_finding(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    assert told(house, replace(sound, side=np.full(len(sound), "", object))) == {}


def test_missing_windows_are_told_by_their_ids(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    message = told(house, rows(sound, np.arange(len(sound) - 1)))
    assert list(message) == ["boundaries-missing-windows"]
    (window,) = house.elements.global_id[house.elements.rows_of_class("IfcWindow")]
    assert (
        f"1 of 1 windows that light a space have no space boundary ({window})"
        in (message["boundaries-missing-windows"])
    )


def test_a_boundary_of_the_opening_stands_for_its_window(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    element = sound.element.copy()
    element[-1] = house.openings.opening[0]
    assert told(house, replace(sound, element=element)) == {}


def test_missing_parts_are_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    message = told(house, rows(sound, np.arange(2, len(sound))))
    assert "of 1 spaces" in message["boundaries-with-other-areas"]
    assert "1 of them to less (Room)" in message["boundaries-with-other-areas"]


def test_missing_geometry_is_told(house: BuildingModel) -> None:
    sound = boundaries_of(house)
    lost = with_polygons(sound, {len(sound) - 1: []})
    assert list(told(house, lost)) == ["boundaries-without-geometry"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "codes"),
    [
        ("AC20-FZK-Haus_with_SB55.ifc", 191, []),
        ("b03_heating_with_building_blenderBIM.ifc", 46, []),
        (
            "Duplex_A_20110907_georeferenced.ifc",
            265,
            ["boundaries-off-the-face", "boundaries-missing-windows", "boundaries-with-other-areas"],
        ),
    ],
)
def test_shared_files(shared_data, name: str, count: int, codes: list[str]) -> None:
    model = ifc.read(shared_data / "models" / name)
    assert len(model.boundaries) == count
    assert [found.code for found in model.diagnostics if found.code.startswith("boundaries-")] == codes
