"""The massing study against evaluating models in which the elements really stand elsewhere."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import twin.metrics.sunlight.massing as massing
from ifc.model import BuildingModel, PolygonTable
from tests.building_blocks import Blocks
from tests.twin.metrics.daylight_house import WALL_M, House
from twin.climate import Climate, typical_year
from twin.errors import TwinError
from twin.metrics.sunlight import compute, moved_sunlight
from twin.metrics.sunlight.massing_report import massing_to_dict, print_massing
from twin.project import Project, ProjectSection, SiteSection, SunlightSection

Floats = NDArray[np.float64]

PROJECT = Project(
    project=ProjectSection(city="Nanchang"),
    site=SiteSection(latitude_deg=28.6, north_deg=10.0),
    sunlight=SunlightSection(neighbours_modelled=True),
)


@cache
def nanchang() -> Climate:
    return typical_year("Nanchang")


@cache
def community() -> tuple[BuildingModel, NDArray[np.int64]]:
    """Flats of two storeys in the north, a building of three flats, named North and Middle, and a tower without rooms.

    Returns the model and the rows of all elements of Middle, which an IfcBuilding holds together.
    """
    house = House()
    for storey in range(2):
        for place in range(3):
            room = house.room((6 * place, 40, 3.2 * storey), (6 * place + 5, 45, 3.2 * storey + 2.8))
            house.window(room, "y", (6 * place + 1, 3.2 * storey + 0.9), (6 * place + 3, 3.2 * storey + 2.4))
    first = len(house.blocks.model().elements)
    for place in range(3):
        room = house.room((5 * place, 12, 0), (5 * place + 4, 17, 2.8), use="bedroom")
        house.window(room, "y", (5 * place + 1, 0.9), (5 * place + 2.5, 2.4))
    house.blocks.box("IfcRailing", (0, 10.5, 0), (14, 10.6, 1.5))
    last = len(house.blocks.model().elements)
    building = house.blocks.add("IfcBuilding", None, name="Middle")
    house.blocks.box("IfcBuildingElementProxy", (-2, -20, 0), (14, -8, 40), name="Tower")
    house.blocks.box("IfcWall", (30, 20, 0), (31, 60, 15), name="A wall that stays")
    model = house.model()
    rows = np.arange(first, last)
    parent = model.elements.parent.copy()
    parent[rows] = np.where(parent[rows] < 0, building, parent[rows])
    return replace(model, elements=replace(model.elements, parent=parent)), rows


def row_of(name: str) -> int:
    return int(np.flatnonzero(community()[0].elements.name == name)[0])


def really_moved(model: BuildingModel, rows: NDArray[np.int64], offset: Floats) -> BuildingModel:
    """The model with the meshes, rooms, surfaces and windows of these elements elsewhere."""
    spaces, surfaces, openings = model.spaces, model.surfaces, model.surface_openings
    mine = np.isin(spaces.element, rows)
    of_surface = mine[surfaces.space]
    transform = model.geometry.transform.copy()
    transform[np.isin(model.geometry.instance_element, rows), :, 3] += offset

    def moved(polygons: PolygonTable, which: NDArray[np.bool_]) -> PolygonTable:
        every = [
            [ring + offset * float(go) for ring in polygons.rings(row)]
            for row, go in enumerate(which.tolist())
        ]
        return PolygonTable.pack(every, 3)

    return replace(
        model,
        geometry=replace(model.geometry, transform=transform),
        spaces=replace(spaces, floor_z_m=spaces.floor_z_m + offset[2] * mine),
        surfaces=replace(surfaces, polygon=moved(surfaces.polygon, of_surface)),
        surface_openings=replace(openings, polygon=moved(openings.polygon, of_surface[openings.surface])),
    )


OFFSETS = np.array([[0.0, 0, 0], [14, 0, 0], [-3, 11, 0], [4, 2, -18.5], [400, -700, 0], [-14.3, 5.1, 7]])


def assert_as_if_moved(name: str, rows: NDArray[np.int64]) -> massing.Massing:
    model = community()[0]
    found = moved_sunlight(model, nanchang(), PROJECT, [name], OFFSETS)
    for offset, hours, meets, standard, met in zip(
        OFFSETS, found.hours, found.meets, found.standard, found.units_meeting, strict=True
    ):
        expected = compute(really_moved(model, rows, offset), nanchang(), PROJECT)
        np.testing.assert_array_equal(hours, expected.table["hours"])
        np.testing.assert_array_equal(meets, expected.table["meets"])
        assert standard == expected.summary["sunlight_standard"]
        assert met == expected.summary["sunlight_units_meeting"]
    return found


def test_a_tower_that_moves_takes_the_hours_that_it_would_take_there() -> None:
    found = assert_as_if_moved("Tower", np.array([row_of("Tower")]))
    assert not found.moved_spaces.any()
    assert len({tuple(hours) for hours in found.hours.tolist()}) == len(OFFSETS)


def test_a_building_that_moves_takes_its_rooms_and_windows_along() -> None:
    _, rows = community()
    found = assert_as_if_moved("Middle", rows)
    assert found.moved_spaces.tolist() == [False] * 6 + [True] * 3
    assert set(found.moved) == {*rows.tolist(), row_of("Middle")}
    assert len({tuple(hours) for hours in found.hours.tolist()}) == len(OFFSETS)


def test_a_worn_hierarchy_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = community()
    usual = moved_sunlight(model, nanchang(), PROJECT, ["Middle"], OFFSETS)
    built: list[int] = []
    build = massing.build_refittable
    monkeypatch.setattr(massing, "WORN", 1.0 + 1e-9)
    monkeypatch.setattr(massing, "build_refittable", lambda corners: built.append(1) or build(corners))
    often = moved_sunlight(model, nanchang(), PROJECT, ["Middle"], OFFSETS)
    np.testing.assert_array_equal(often.hours, usual.hours)
    assert len(built) > 2


def test_a_storey_takes_along_the_rooms_that_were_derived_for_it() -> None:
    model, rows = community()
    building = row_of("Middle")
    spaces = model.spaces
    derived = np.isin(spaces.element, rows)
    model = replace(
        model,
        spaces=replace(
            spaces,
            element=np.where(derived, -1, spaces.element).astype(np.int32),
            storey=np.where(derived, 0, -1).astype(np.int32),
        ),
        storeys=replace(model.storeys, element=np.full(len(model.storeys), building, np.int32)),
    )
    found = moved_sunlight(model, nanchang(), PROJECT, ["Middle"], OFFSETS)
    expected = moved_sunlight(community()[0], nanchang(), PROJECT, ["Middle"], OFFSETS)
    np.testing.assert_array_equal(found.hours, expected.hours)


def test_a_wall_takes_the_window_in_it_along() -> None:
    """Of a house without a storey: the wall and the room are named, the window is not."""
    house = House()
    room = house.room((0, 0, 0), (4, 5, 2.8))
    house.window(room, "y", (1, 0.9), (2.5, 2.4))
    house.blocks.box("IfcWall", (-500, -WALL_M - 9, 0), (500, -WALL_M - 8, 12))
    model = house.model()
    walls = [model.elements.global_id[row] for row in range(len(model.elements) - 1)
             if model.elements.ifc_class[row] in ("IfcWall", "IfcSlab", "IfcSpace")]  # fmt: skip
    found = moved_sunlight(model, nanchang(), PROJECT, walls, np.array([[0.0, 0, 0], [0, 60, 0]]))
    assert found.hours[1, 0] > found.hours[0, 0] + 1.0


def test_an_alternative_that_puts_a_window_into_a_solid_is_not_told() -> None:
    found = moved_sunlight(*case(), ["Tower"], np.array([[0.0, 0, 0], [0, 56, 0]]))
    assert np.isnan(found.hours[1, [0, 1, 3, 4]]).all()
    assert not np.isnan(found.hours[0]).any()
    assert found.standard[1].value is None
    assert found.standard[0].value is not None


def case() -> tuple[BuildingModel, Climate, Project]:
    return community()[0], nanchang(), PROJECT


def test_names_that_fit_nothing_are_refused() -> None:
    with pytest.raises(TwinError, match="No element is named Towr"):
        moved_sunlight(*case(), ["Tower", "Towr*"], OFFSETS)


def test_what_casts_no_shadow_is_refused() -> None:
    house = House()
    house.room((0, 0, 0), (4, 5, 2.8))
    house.blocks.box("IfcFurniture", (0, -5, 0), (1, -4, 1), name="A bench")
    with pytest.raises(TwinError, match="casts shadows"):
        moved_sunlight(house.model(), nanchang(), PROJECT, ["A bench"], OFFSETS)


def test_rooms_are_not_torn_from_their_windows() -> None:
    model, rows = community()
    wall = next(
        str(model.elements.global_id[host])
        for host in model.openings.host.tolist()
        if host in set(rows.tolist())
    )
    with pytest.raises(TwinError, match="do not move together"):
        moved_sunlight(*case(), [wall], OFFSETS)


@pytest.mark.parametrize("offset", [np.nan, np.inf, 1e30])
def test_offsets_that_no_site_has_are_refused(offset: float) -> None:
    with pytest.raises(TwinError, match="offset"):
        moved_sunlight(*case(), ["Tower"], np.array([[0.0, offset, 0.0]]))


def test_a_model_without_rooms_or_without_rooms_that_need_sun_is_refused() -> None:
    blocks = Blocks()
    blocks.box("IfcWall", (0, 0, 0), (1, 1, 1), name="Tower")
    with pytest.raises(TwinError, match="no rooms"):
        moved_sunlight(blocks.model(), nanchang(), PROJECT, ["Tower"], OFFSETS)
    house = House()
    house.room((0, 0, 0), (4, 5, 2.8), use="office")
    house.blocks.box("IfcWall", (0, -5, 0), (1, -4, 1), name="Tower")
    with pytest.raises(TwinError, match="must get sunlight"):
        moved_sunlight(house.model(), nanchang(), PROJECT, ["Tower"], OFFSETS)


def test_the_text_names_the_rooms_that_fall_short_only_there(capsys: pytest.CaptureFixture[str]) -> None:
    model = community()[0]
    offsets = np.array([[0.0, 0, 0], [0, 14, 0], [80, 0, 0], [0, 56, 0]])
    found = moved_sunlight(model, nanchang(), PROJECT, ["Tower"], offsets)
    short = np.flatnonzero(found.meets[1] == 0.0)
    assert short.tolist() == [6, 7]
    print_massing(massing_to_dict(model, found), "en")
    said = capsys.readouterr().out
    line = " ".join(said[said.index("- 0, 14, 0: no longer meet") :].split()).split(" - ")[0]
    for row in range(9):
        assert (f"Room {row} ({found.hours[1, row]:.2f} h)" in line) == (row in short)
    assert "- 80, 0, 0" not in said
    assert "cannot tell, because" in said
    print_massing(massing_to_dict(model, found), "zh")
    assert "不再达标" in capsys.readouterr().out
