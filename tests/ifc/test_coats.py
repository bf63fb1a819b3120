"""Layers of 0 mm: what the file lists without a thickness shows at a face, and nothing else reckons with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import ifcopenshell.api.material
import ifcopenshell.api.pset
import pytest

import ifc
from ifc.inspection import find_missing
from ifc.model import BuildingModel, Construction, Provenance
from tests.ifc.reading import read_raw, row
from tests.two_room_house import House

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")
WALL = "South wall"
CONDUCTIVITY = {"Brick": 0.81, "Plaster": 0.87}
REFLECTANCE = {"White paint": 0.84, "Primer": 0.5}


def materials(house: House) -> dict[str, Any]:
    """The materials of the tests: conductivities of the thick ones, reflectances of the coats."""
    found = {}
    for name in ("Brick", "Plaster", "White paint", "Primer", "Wallpaper", "Vapour retarder", "Air"):
        found[name] = material = ifcopenshell.api.material.add_material(house.file, name=name)
        for pset_name, own, values in (
            ("Pset_MaterialThermal", "ThermalConductivity", CONDUCTIVITY),
            ("Pset_MaterialOptical", "VisibleReflectanceFront", REFLECTANCE),
        ):
            if name not in values:
                continue
            if house.schema == "IFC2X3":
                ifc_class = pset_name.replace("Pset_Material", "Ifc") + "MaterialProperties"
                house.file.create_entity(ifc_class, Material=material, **{own: values[name]})
            else:
                pset = ifcopenshell.api.pset.add_pset(house.file, product=material, name=pset_name)
                ifcopenshell.api.pset.edit_pset(house.file, pset=pset, properties={own: values[name]})
    return found


def layered(house: House, own: dict[str, Any], *layers: tuple[str, float], name: str = WALL) -> None:
    """Give an element layers of (material, thickness in mm); "" for none."""
    of_set = ifcopenshell.api.material.add_material_set(house.file, name=name, set_type="IfcMaterialLayerSet")
    of_set.MaterialLayers = [
        house.file.create_entity("IfcMaterialLayer", own.get(material), thickness, None)
        for material, thickness in layers
    ]
    ifcopenshell.api.material.assign_material(
        house.file, products=[house.element[name]], type="IfcMaterialLayerSet", material=of_set
    )


def construction(model: BuildingModel, name: str = WALL) -> Construction | None:
    found = int(model.elements.construction[row(model, name)])
    return None if found < 0 else model.constructions[found]


def names(one: Construction | None) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    assert one is not None
    return tuple(layer.material for layer in one.layers), tuple(
        coat.material if coat is not None else None for coat in one.coats
    )


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_outermost_layers_without_thickness_are_coats_of_the_first_and_the_last(
    schema: str, tmp_path: Path
) -> None:
    house = House(schema=schema)
    own = materials(house)
    layered(
        house, own, ("White paint", 0), ("Primer", 0), ("Brick", 200), ("Vapour retarder", 0), ("Plaster", 15),
        ("Primer", 0), ("Wallpaper", 0),
    )  # fmt: skip
    layered(house, own, ("Brick", 200), ("Plaster", 15), ("White paint", 0), name="North wall")
    layered(house, own, ("Air", 0), ("", 0), ("Brick", 200), ("Primer", 0), ("Air", 0), name="West wall")
    model = read_raw(house.write(tmp_path / "house.ifc"))
    south = construction(model)
    assert names(south) == (("Brick", "Plaster"), ("White paint", "Wallpaper"))
    assert south is not None
    paint, wallpaper = south.coats
    assert paint is not None
    assert paint.thickness_m == 0.0
    assert paint.visible_reflectance is not None
    assert paint.visible_reflectance.value == REFLECTANCE["White paint"]
    assert paint.visible_reflectance.source.endswith(".VisibleReflectanceFront")
    assert wallpaper is not None
    assert wallpaper.visible_reflectance is None
    assert names(construction(model, "North wall")) == (("Brick", "Plaster"), (None, "White paint"))
    assert names(construction(model, "West wall")) == (("Brick",), (None, "Primer"))


def test_coats_alone_are_no_build_up(tmp_path: Path) -> None:
    house = House()
    own = materials(house)
    layered(house, own, ("White paint", 0))
    layered(house, own, ("White paint", 0), ("Primer", 0), name="North wall")
    path = house.write(tmp_path / "house.ifc")
    raw = read_raw(path)
    assert construction(raw) is construction(raw, "North wall") is None
    model = ifc.read(path, cache=None)
    (assumed,) = [found for found in model.diagnostics if found.code == "construction-default"]
    assert (
        assumed.count == 8
    )  # five walls, floor, roof and door: no wall is told from those without a material
    found = construction(model)
    assert found is not None
    assert found.stated is not None
    assert found.stated.layers == ()
    assert found.u_value_w_m2k is not None
    assert found.u_value_w_m2k.provenance is Provenance.DEFAULT


def test_k_and_what_is_missing_are_those_of_the_layers_with_thickness(tmp_path: Path) -> None:
    plain, coated = House(), House()
    layered(plain, materials(plain), ("Brick", 200), ("Plaster", 15))
    layered(
        coated, materials(coated),
        ("White paint", 0), ("Brick", 200), ("Vapour retarder", 0), ("Plaster", 15), ("Primer", 0),
    )  # fmt: skip
    models = [
        ifc.read(house.write(tmp_path / f"{number}.ifc"), cache=None)
        for number, house in enumerate((plain, coated))
    ]
    without, resolved = (construction(model) for model in models)
    assert without is not None
    assert resolved is not None
    assert resolved.stated is not None
    assert names(resolved.stated) == (("Brick", "Plaster"), ("White paint", "Primer"))
    assert resolved.u_value_w_m2k is not None
    assert resolved.u_value_w_m2k.value == pytest.approx(1 / (0.15 + 0.2 / 0.81 + 0.015 / 0.87))
    # every other user takes the layers of one of these two
    assert replace(resolved, stated=None, name="") == replace(without, stated=None, name="")
    assert without.stated is not None
    assert replace(resolved.stated, coats=(None, None), name="") == replace(without.stated, name="")
    for need in find_missing(models[1]):
        assert WALL not in models[1].elements.name[list(need.elements)]
    assert [found.code for found in models[1].diagnostics] == [found.code for found in models[0].diagnostics]
