"""What twin inspect says about a model."""

from __future__ import annotations

import json

import pytest

import ifc
from ifc.inspection import find_missing, inspect
from ifc.model import BuildingModel
from tests.ifc.test_read_properties import add_layers, add_sensor, add_type
from tests.two_room_house import House


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    return ifc.read(House().write(tmp_path_factory.mktemp("house") / "bare.ifc"), cache=None)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    house = House()
    for addition in (add_layers, add_type, add_sensor):
        addition(house)
    for wall in ("East wall", "West wall", "South wall", "North wall"):
        house.pset(house.element[wall], "Pset_WallCommon", {"ThermalTransmittance": 0.8})
    return ifc.read(house.write(tmp_path_factory.mktemp("house") / "described.ifc"), cache=None)


def missing(model: BuildingModel) -> dict[str, set[str]]:
    return {need.id: set(model.elements.name[list(need.elements)]) for need in find_missing(model)}


def test_the_description_is_json_with_the_documented_keys(bare) -> None:
    found = inspect(bare)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert set(found) == {
        "schema", "application", "project", "path", "sha256", "length_unit_m", "counts", "site", "storeys",
        "spaces", "missing", "diagnostics",
    }  # fmt: skip
    assert found["schema"] == "IFC4"
    assert found["counts"]["IfcWall"] == 5
    assert found["storeys"] == [
        {"global_id": bare.elements.global_id[bare.storeys.element[0]], "name": "Ground floor",
         "elevation_m": 0.0, "elements": 16}
    ]  # fmt: skip


def test_spaces_are_listed_with_area_volume_use_and_grade(bare) -> None:
    living, bedroom = inspect(bare)["spaces"]
    assert living["name"] == "101"
    assert living["storey"] == "Ground floor"
    assert living["area_m2"] == pytest.approx(12.0, rel=1e-6)
    assert living["volume_m3"] == pytest.approx(33.6, rel=1e-6)
    assert (living["use"], bedroom["use"]) == ("living_room", "bedroom")
    assert living["grade"] in ("A", "B")
    assert living["reason"]


def test_it_says_what_is_missing_on_which_elements(bare) -> None:
    found = missing(bare)
    assert found["window_u_values"] == found["glazing"] == {"Window 1", "Window 2"}
    assert found["u_values"] == {"South wall", "North wall", "West wall", "East wall", "Floor", "Roof"}
    assert found["layers"] == found["u_values"]
    assert {"true_north", "sensors"} <= set(found)
    assert not {"location", "spaces", "space_quantities", "space_use", "windows"} & set(found)


def test_what_the_file_states_is_not_missing(described) -> None:
    found = missing(described)
    assert found["u_values"] == {"Floor", "Roof"}
    assert found["layers"] == {"East wall", "West wall", "Floor", "Roof"}
    assert not {"window_u_values", "glazing", "sensors", "sensor_spaces"} & set(found)


def test_every_need_says_what_how_and_what_for_in_both_languages(bare) -> None:
    for language in ("en", "zh"):
        for need in inspect(bare, language)["missing"]:
            assert set(need) == {"id", "what", "how", "for", "elements", "count"}
            assert need["what"]
            assert need["how"]
            assert set(need["for"]) <= {"daylight", "energy", "sponge", "rating", "monitoring"}
            assert need["count"] == len(need["elements"])
    assert inspect(bare, "zh")["missing"][0]["what"] != inspect(bare, "en")["missing"][0]["what"]


def test_a_model_without_spaces_and_windows_says_so(tmp_path) -> None:
    model = ifc.read(House(furnished=False).write(tmp_path / "empty.ifc"), cache=None)
    assert {"spaces", "windows", "site_surface", "sensors"} <= set(missing(model))
    assert inspect(model)["spaces"] == []
