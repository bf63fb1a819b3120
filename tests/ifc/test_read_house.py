"""What ifc.read takes from a file, on a small house written in each schema and unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

import ifc
from ifc.meshes import closure, signed_volume
from ifc.model import BuildingModel
from tests.ifc.reading import codes, read_raw, row
from tests.two_room_house import House

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")


@pytest.fixture(scope="module", params=SCHEMAS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    return read_raw(House(schema=request.param).write(tmp_path_factory.mktemp("house") / "house.ifc"))


@pytest.fixture(scope="module")
def in_metres(tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    return read_raw(House(metre=1.0).write(tmp_path_factory.mktemp("house") / "house.ifc"))


def test_every_product_is_an_element_in_order_of_its_step_id(house) -> None:
    assert sorted(house.elements.name) == sorted(
        ["Site", "House", "Ground floor", "101", "102", "South wall", "North wall", "West wall", "East wall",
         "Inner wall", "Floor", "Roof", "Window 1", "Window 2", "Door", "Hole of Window 1", "Hole of Window 2",
         "Hole of Door"]
    )  # fmt: skip
    assert len(set(house.elements.global_id)) == len(house.elements)
    assert house.elements.ifc_class[row(house, "Inner wall")] == "IfcWall"
    assert house.elements.predefined_type[row(house, "Roof")] == "ROOF"
    assert codes(house) == []


def test_the_source_names_schema_project_and_counts(house) -> None:
    assert house.source.schema in SCHEMAS
    assert house.source.project_name == "Two-room house"
    assert house.source.length_unit_m == pytest.approx(0.001)
    assert house.source.entity_counts["IfcWindow"] == 2
    assert len(house.source.sha256) == 64


def test_parents_are_wholes_hosts_and_containers(house) -> None:
    parent = house.elements.parent
    assert parent[row(house, "Site")] == -1
    assert parent[row(house, "101")] == row(house, "Ground floor")
    assert parent[row(house, "Hole of Door")] == row(house, "Inner wall")
    assert parent[row(house, "South wall")] == row(house, "Ground floor")
    assert (house.elements.storey[row(house, "Hole of Door")]) == 0
    assert (house.elements.storey[row(house, "Site")]) == -1


def test_openings_know_host_and_filling(house) -> None:
    openings = {
        (house.elements.name[o], house.elements.name[h], house.elements.name[f])
        for o, h, f in zip(house.openings.opening, house.openings.host, house.openings.filling, strict=True)
    }
    assert openings == {
        ("Hole of Window 1", "South wall", "Window 1"),
        ("Hole of Window 2", "South wall", "Window 2"),
        ("Hole of Door", "Inner wall", "Door"),
    }


def test_spaces_have_footprint_height_volume_and_the_files_quantities(house) -> None:
    spaces = house.spaces
    assert list(spaces.name) == ["101", "102"]
    assert list(spaces.long_name) == ["Living room", "卧室"]
    np.testing.assert_allclose(spaces.area_m2, [12.0, 9.0], rtol=1e-6)
    np.testing.assert_allclose(spaces.volume_m3, [33.6, 25.2], rtol=1e-6)
    np.testing.assert_allclose(spaces.height_m, 2.8, rtol=1e-6)
    np.testing.assert_allclose(spaces.declared_area_m2, [12.0, 9.0])
    np.testing.assert_allclose(spaces.declared_volume_m3, [33.6, 25.2])
    assert spaces.internal.all()
    footprint = shapely.Polygon(*spaces.footprint.rings(0))
    assert footprint.symmetric_difference(shapely.box(0.2, 0.2, 4.2, 3.2)).area < 1e-6


def test_the_house_stands_in_nanchang(house) -> None:
    assert house.site.latitude_deg == pytest.approx(28.6830, abs=1e-4)
    assert house.site.longitude_deg == pytest.approx(115.86, abs=1e-6)
    assert house.site.elevation_m == pytest.approx(22.0)
    assert not house.site.north_stated


def test_meshes_are_metres_closed_and_wound_outward_with_openings_left_in(house) -> None:
    vertices, triangles = house.geometry.mesh(row(house, "South wall"))
    np.testing.assert_allclose(vertices.min(axis=0), [0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(vertices.max(axis=0), [7.5, 0.2, 2.8], atol=1e-6)
    assert closure(vertices, triangles).closed
    assert signed_volume(vertices, triangles) == pytest.approx(7.5 * 0.2 * 2.8, rel=1e-6)
    assert not house.geometry.openings_subtracted


def test_millimetres_and_metres_give_the_same_model(in_metres, tmp_path) -> None:
    in_millimetres = read_raw(House(metre=1000.0).write(tmp_path / "mm.ifc"))
    for name in ("South wall", "Window 2", "101"):
        np.testing.assert_allclose(
            in_metres.geometry.mesh(row(in_metres, name))[0],
            in_millimetres.geometry.mesh(row(in_millimetres, name))[0],
            atol=1e-6,
        )
    width = in_millimetres.properties.get(row(in_millimetres, "Window 1"), "Attributes", "OverallWidth")
    assert width == pytest.approx(1.5)
    assert in_metres.properties.get(row(in_metres, "Window 1"), "Attributes", "OverallWidth") == 1.5


def test_an_empty_project_has_valid_empty_tables(tmp_path) -> None:
    model = ifc.read(House(furnished=False).write(tmp_path / "empty.ifc"), cache=None)
    assert len(model.elements) == 3
    assert len(model.spaces) == len(model.surfaces) == len(model.surface_openings) == 0
    assert model.geometry.shape_count == 0
    assert len(model.storeys) == 1
    assert model.geometry.mesh(0)[0].shape == (0, 3)


@pytest.mark.parametrize("name", ["house.IFC", "house.txt", "房子 模型.ifc"])
def test_the_name_of_the_file_does_not_matter(name: str, tmp_path: Path) -> None:
    assert len(read_raw(House(furnished=False).write(tmp_path / name)).elements) == 3
