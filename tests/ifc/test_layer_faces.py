"""Which way the layers of an element follow each other, and what its materials reflect."""

from __future__ import annotations

from pathlib import Path

import ifcopenshell.api.geometry
import ifcopenshell.api.material
import ifcopenshell.api.pset
import ifcopenshell.guid
import numpy as np
import pytest

from ifc.model import BuildingModel, Provenance
from tests.ifc.reading import read_raw, row
from tests.two_room_house import House

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")


def usage(house: House, name: str, axis: str, sense: str, material: str = "Plaster") -> None:
    """Give an element two layers with a direction."""
    file = house.file
    layers = ifcopenshell.api.material.add_material_set(file, name="Layers", set_type="IfcMaterialLayerSet")
    for one in ("Brick", material):
        added = ifcopenshell.api.material.add_material(file, name=one)
        layer = ifcopenshell.api.material.add_layer(file, layer_set=layers, material=added)
        layer.LayerThickness = 100.0
    of_use = file.create_entity("IfcMaterialLayerSetUsage", layers, axis, sense, 0.0)
    file.create_entity(
        "IfcRelAssociatesMaterial",
        GlobalId=ifcopenshell.guid.new(),
        OwnerHistory=file.by_type("IfcProject")[0].OwnerHistory,
        RelatedObjects=[house.element[name]],
        RelatingMaterial=of_use,
    )


def turned(house: House, name: str) -> None:
    """Turn an element by a quarter about the vertical: its y axis looks along -x."""
    matrix = np.eye(4)
    matrix[:2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    ifcopenshell.api.geometry.edit_object_placement(house.file, product=house.element[name], matrix=matrix)


@pytest.fixture(scope="module", params=SCHEMAS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    house = House(schema=request.param)
    usage(house, "South wall", "AXIS2", "POSITIVE")
    usage(house, "North wall", "AXIS2", "NEGATIVE")
    turned(house, "West wall")
    usage(house, "West wall", "AXIS2", "POSITIVE")
    usage(house, "Floor", "AXIS3", "POSITIVE")
    single = ifcopenshell.api.material.add_material(house.file, name="White tile")
    ifcopenshell.api.material.assign_material(
        house.file, products=[house.element["Inner wall"]], material=single
    )
    if request.param == "IFC2X3":
        house.file.create_entity(
            "IfcOpticalMaterialProperties", Material=single, VisibleReflectanceFront=0.77
        )
    else:
        pset = ifcopenshell.api.pset.add_pset(house.file, product=single, name="Pset_MaterialOptical")
        values = {"VisibleReflectanceBack": 0.2, "VisibleReflectanceFront": 0.77}
        ifcopenshell.api.pset.edit_pset(house.file, pset=pset, properties=values)
    house.pset(house.element["East wall"], "Finish", {"VisibleLightReflectance": 0.5})
    return read_raw(house.write(tmp_path_factory.mktemp("house") / "house.ifc"))


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("South wall", (0, 1, 0)),
        ("North wall", (0, -1, 0)),
        ("West wall", (-1, 0, 0)),
        ("Floor", (0, 0, 1)),
    ],
)
def test_layers_follow_the_axis_of_the_element_in_the_stated_sense(
    model: BuildingModel, name: str, direction: tuple[float, float, float]
) -> None:
    found = model.elements.layer_direction[row(model, name)]
    np.testing.assert_allclose(found, direction, atol=1e-12)
    layers = model.constructions[model.elements.construction[row(model, name)]].layers
    assert [layer.material for layer in layers] == ["Brick", "Plaster"]


def test_elements_without_a_usage_have_no_direction(model: BuildingModel) -> None:
    assert model.elements.layer_direction.shape == (len(model.elements), 3)
    for name in ("Inner wall", "East wall", "Window 1"):
        assert np.isnan(model.elements.layer_direction[row(model, name)]).all()


def test_the_front_of_a_material_says_what_it_reflects(model: BuildingModel) -> None:
    (tile,) = model.constructions[model.elements.construction[row(model, "Inner wall")]].layers
    assert tile.visible_reflectance is not None
    assert tile.visible_reflectance.value == 0.77
    assert tile.visible_reflectance.provenance is Provenance.IFC
    assert tile.visible_reflectance.source.endswith(".VisibleReflectanceFront")
    brick = model.constructions[model.elements.construction[row(model, "South wall")]].layers[0]
    assert brick.visible_reflectance is None


def test_a_reflectance_alone_makes_a_construction(model: BuildingModel) -> None:
    construction = model.elements.construction[row(model, "East wall")]
    assert construction >= 0
    found = model.constructions[construction].reflectance_inside
    assert found is not None
    assert found.value == 0.5


@pytest.mark.shared
def test_the_layers_of_real_walls_end_with_their_plaster_in_the_room(shared_data: Path) -> None:
    """Outer walls of bricks and plasterboard: the direction puts the plasterboard on the rooms' side."""
    import ifc

    model = ifc.read(shared_data / "models" / "Duplex_A_20110907_georeferenced.ifc")
    surfaces, seen = model.surfaces, 0
    for surface in np.flatnonzero(surfaces.neighbour == 0).tolist():
        element = int(surfaces.element[surface])
        construction = model.constructions[model.elements.construction[element]] if element >= 0 else None
        if construction is None or construction.stated is None or construction.kind != "wall":
            continue
        names = [layer.material for layer in construction.stated.layers]
        if not names or {names[0], names[-1]} != {"Masonry - Brick", "Plasterboard"}:
            continue
        along = float(model.elements.layer_direction[element] @ surfaces.normal[surface])
        assert abs(along) > 0.99
        assert names[0 if along > 0 else -1] == "Plasterboard"
        seen += 1
    assert seen > 20
