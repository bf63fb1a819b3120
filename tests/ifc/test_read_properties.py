"""Properties, quantities, types, groups and materials, in SI, own before inherited."""

from __future__ import annotations

from typing import Any

import ifcopenshell
import ifcopenshell.api.group
import ifcopenshell.api.material
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.type
import ifcopenshell.api.unit
import ifcopenshell.guid
import pytest

from ifc.model import BuildingModel, Provenance
from tests.ifc.reading import read_raw, row
from tests.two_room_house import House


def add_properties(house: House) -> None:
    """One wall with a property of every kind, own units among them."""
    file = house.file
    wall = house.element["South wall"]
    pset = ifcopenshell.api.pset.add_pset(file, product=wall, name="Test_Kinds")
    inch = ifcopenshell.api.unit.add_conversion_based_unit(file, name="inch")
    celsius = file.createIfcSIUnit(None, "THERMODYNAMICTEMPERATUREUNIT", None, "DEGREE_CELSIUS")

    def single(name: str, measure: str, value: Any, unit: Any = None) -> Any:
        wrapped = file.create_entity(measure, value)
        return file.createIfcPropertySingleValue(name, None, wrapped, unit)

    lengths = [file.createIfcLengthMeasure(value) for value in (1000.0, 2500.0)]
    pset.HasProperties = [
        single("Length", "IfcLengthMeasure", 1500.0),
        single("Inches", "IfcPositiveLengthMeasure", 10.0, inch),
        single("Warm", "IfcThermodynamicTemperatureMeasure", 20.0, celsius),
        single("Ratio", "IfcReal", 0.25),
        single("Count", "IfcInteger", 3),
        single("Yes", "IfcBoolean", True),
        single("Label", "IfcLabel", "外墙"),
        single("Empty", "IfcLabel", ""),
        file.createIfcPropertySingleValue("Nothing", None, None, None),
        file.createIfcPropertyListValue("List", None, lengths, None),
        file.createIfcPropertyEnumeratedValue(
            "Choice", None, [file.createIfcLabel("A"), file.createIfcLabel("B")]
        ),
        file.createIfcPropertyBoundedValue("Range", None, lengths[1], lengths[0], None),
        file.createIfcComplexProperty("Whole", None, "usage", [single("Part", "IfcAreaMeasure", 2.0)]),
    ]
    quantities = ifcopenshell.api.pset.add_qto(file, product=wall, name="Nameless")
    quantities.Name = None
    quantities.Quantities = [
        file.createIfcQuantityLength("Length", None, None, 7500.0),
        file.createIfcQuantityArea("Side", None, None, 21.0),
        file.createIfcQuantityCount("Holes", None, None, 2),
    ]


def add_type(house: House) -> None:
    """A window type with a property that one window overrides."""
    file = house.file
    kind = ifcopenshell.api.root.create_entity(file, ifc_class="IfcWindowType", name="C1515")
    windows = [house.element["Window 1"], house.element["Window 2"]]
    ifcopenshell.api.type.assign_type(file, related_objects=windows, relating_type=kind)
    house.pset(kind, "Pset_WindowCommon", {"ThermalTransmittance": 2.4, "IsExternal": True})
    house.pset(windows[0], "Pset_WindowCommon", {"ThermalTransmittance": 1.8})
    house.pset(
        kind,
        "Pset_DoorWindowGlazingType",
        {"SolarHeatGainTransmittance": 0.4, "VisibleLightTransmittance": 0.6},
    )


def add_layers(house: House) -> None:
    """A layered wall whose concrete is described, and an air gap without a material."""
    file = house.file
    concrete = ifcopenshell.api.material.add_material(file, name="钢筋混凝土")
    for name, values in (
        ("Pset_MaterialThermal", {"ThermalConductivity": 1.74, "SpecificHeatCapacity": 920.0}),
        ("Pset_MaterialCommon", {"MassDensity": 2500.0}),
    ):
        pset = ifcopenshell.api.pset.add_pset(file, product=concrete, name=name)
        ifcopenshell.api.pset.edit_pset(file, pset=pset, properties=values)
    layers = ifcopenshell.api.material.add_material_set(file, name="外墙 WQ1", set_type="IfcMaterialLayerSet")
    for material, thickness in ((concrete, 150.0), (None, 50.0)):
        layer = ifcopenshell.api.material.add_layer(file, layer_set=layers, material=concrete)
        layer.Material, layer.LayerThickness = material, thickness
    for wall in ("South wall", "North wall"):
        ifcopenshell.api.material.assign_material(
            file, products=[house.element[wall]], type="IfcMaterialLayerSet", material=layers
        )
    single = ifcopenshell.api.material.add_material(file, name="Timber")
    ifcopenshell.api.material.assign_material(file, products=[house.element["Inner wall"]], material=single)


def add_sensor(house: House) -> None:
    """A sensor in a room, a second one that only references its room, a group of both, a classification."""
    file = house.file
    inside = house.box("IfcSensor", "S1", (1, 1, 1), (0.1, 0.1, 0.1), PredefinedType="TEMPERATURESENSOR")
    ifcopenshell.api.spatial.assign_container(
        file, products=[inside], relating_structure=house.element["101"]
    )
    referring = house.box("IfcSensor", "S2", (5, 1, 1), (0.1, 0.1, 0.1), PredefinedType="USERDEFINED")
    referring.ObjectType = "PM2.5"
    ifcopenshell.api.spatial.reference_structure(
        file, products=[referring], relating_structure=house.element["102"]
    )
    group = ifcopenshell.api.group.add_group(file, name="IAQ")
    ifcopenshell.api.group.assign_group(file, products=[inside, referring], group=group)
    reference = file.createIfcClassificationReference(
        None, "13-11", "Living room", file.createIfcClassification(Name="OmniClass")
    )
    file.createIfcRelAssociatesClassification(
        ifcopenshell.guid.new(), None, None, None, [house.element["101"]], reference
    )


def add_panels(house: House) -> None:
    """A window of two panels, the left of which opens."""
    file = house.file
    for definition in (
        file.create_entity("IfcWindowPanelProperties", ifcopenshell.guid.new(), None, "Panel 1", None,
                           "SIDEHUNGLEFTHAND", "LEFT"),
        file.create_entity("IfcWindowPanelProperties", ifcopenshell.guid.new(), None, "Panel 2", None,
                           "FIXEDCASEMENT", "RIGHT"),
        file.create_entity("IfcWindowLiningProperties", ifcopenshell.guid.new(), FirstMullionOffset=0.4),
    ):  # fmt: skip
        file.createIfcRelDefinesByProperties(
            ifcopenshell.guid.new(), None, None, None, [house.element["Window 1"]], definition
        )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    house = House()
    for addition in (add_properties, add_type, add_layers, add_sensor, add_panels):
        addition(house)
    return read_raw(house.write(tmp_path_factory.mktemp("properties") / "house.ifc"))


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("Length", 1.5, "m"),
        ("Inches", 0.254, "m"),
        ("Warm", 293.15, "K"),
        ("Ratio", 0.25, ""),
        ("Count", 3, ""),
        ("Yes", True, ""),
        ("Label", "外墙", ""),
        ("Empty", "", ""),
        ("List", (1.0, 2.5), "m"),
        ("Choice", ("A", "B"), ""),
        ("Range", (1.0, 2.5), "m"),
        ("Whole.Part", 2.0, "m²"),
    ],
)
def test_values_are_in_si(model: BuildingModel, name: str, value: Any, unit: str) -> None:
    wall = row(model, "South wall")
    found = model.properties.get(wall, "Test_Kinds", name)
    assert found == (pytest.approx(value) if isinstance(value, (float, tuple)) and unit else value)
    assert type(found) is type(value)
    (at,) = [
        at
        for at, element in enumerate(model.properties.element)
        if element == wall
        and model.properties.name[at] == name
        and model.properties.set_name[at] == "Test_Kinds"
    ]
    assert model.properties.unit[at] == unit


def test_a_property_without_a_value_is_no_property(model: BuildingModel) -> None:
    assert model.properties.get(row(model, "South wall"), "Test_Kinds", "Nothing") is None


def test_a_quantity_set_without_a_name_has_the_empty_name(model: BuildingModel) -> None:
    wall = row(model, "South wall")
    assert model.properties.get(wall, "", "Length") == pytest.approx(7.5)
    assert model.properties.get(wall, "", "Side") == pytest.approx(21.0)
    assert model.properties.get(wall, "", "Holes") == 2


def test_an_own_property_hides_that_of_the_type(model: BuildingModel) -> None:
    for window, u_value in (("Window 1", 1.8), ("Window 2", 2.4)):
        at = row(model, window)
        assert model.properties.get(at, "Pset_WindowCommon", "ThermalTransmittance") == u_value
        assert model.properties.get(at, "Pset_WindowCommon", "IsExternal") is True
        assert model.elements.type_name[at] == "C1515"
    own = model.properties.inherited[
        (model.properties.element == row(model, "Window 1"))
        & (model.properties.name == "ThermalTransmittance")
    ]
    assert own.tolist() == [False]


def test_every_panel_of_a_window_says_how_it_moves(model: BuildingModel) -> None:
    window = row(model, "Window 1")
    panels = {
        position: model.properties.get(window, "IfcWindowPanelProperties", f"OperationType {position}")
        for position in ("LEFT", "RIGHT")
    }
    assert panels == {"LEFT": "SIDEHUNGLEFTHAND", "RIGHT": "FIXEDCASEMENT"}
    assert model.properties.get(window, "IfcWindowLiningProperties", "FirstMullionOffset") == 0.4


def test_properties_are_sorted_by_element(model: BuildingModel) -> None:
    assert (model.properties.element[1:] >= model.properties.element[:-1]).all()


def test_layers_carry_the_materials_values_and_their_source(model: BuildingModel) -> None:
    rows = model.elements.construction[[row(model, "South wall"), row(model, "North wall")]]
    assert rows[0] == rows[1] >= 0
    construction = model.constructions[rows[0]]
    assert (construction.name, construction.kind) == ("外墙 WQ1", "wall")
    concrete, air = construction.layers
    assert concrete.material == "钢筋混凝土"
    assert concrete.thickness_m == pytest.approx(0.15)
    assert concrete.conductivity_w_mk is not None
    assert concrete.conductivity_w_mk.value == 1.74
    assert concrete.conductivity_w_mk.provenance is Provenance.IFC
    assert concrete.conductivity_w_mk.source == "Pset_MaterialThermal.ThermalConductivity"
    assert concrete.density_kg_m3 is not None
    assert concrete.density_kg_m3.value == 2500
    assert concrete.specific_heat_j_kgk is not None
    assert concrete.specific_heat_j_kgk.value == 920
    assert air.is_air_gap
    assert air.conductivity_w_mk is None


def test_a_single_material_is_a_layer_of_unknown_thickness(model: BuildingModel) -> None:
    (layer,) = model.constructions[model.elements.construction[row(model, "Inner wall")]].layers
    assert (layer.material, layer.thickness_m) == ("Timber", 0.0)


def test_windows_carry_u_value_and_glazing_from_element_and_type(model: BuildingModel) -> None:
    first, second = (
        model.constructions[model.elements.construction[row(model, name)]]
        for name in ("Window 1", "Window 2")
    )
    assert first.u_value_w_m2k is not None
    assert second.u_value_w_m2k is not None
    assert (first.u_value_w_m2k.value, second.u_value_w_m2k.value) == (1.8, 2.4)
    assert first.shgc is not None
    assert (first.shgc.value, first.shgc.source) == (
        0.4, "Pset_DoorWindowGlazingType.SolarHeatGainTransmittance",
    )  # fmt: skip
    assert first.visible_transmittance is not None
    assert first.visible_transmittance.value == 0.6


def test_an_element_of_which_the_file_says_nothing_has_no_construction(model: BuildingModel) -> None:
    assert model.elements.construction[row(model, "East wall")] == -1


def test_sensors_know_their_space_by_containment_or_reference(model: BuildingModel) -> None:
    assert model.elements.space[row(model, "S1")] == 0
    assert model.elements.space[row(model, "S2")] == 1
    assert model.elements.space[row(model, "South wall")] == -1
    assert model.elements.predefined_type[row(model, "S1")] == "TEMPERATURESENSOR"
    assert model.elements.predefined_type[row(model, "S2")] == "PM2.5"


def test_groups_list_their_members(model: BuildingModel) -> None:
    assert sorted(model.elements.name[model.groups.element]) == ["S1", "S2"]
    assert set(model.groups.group_name) == {"IAQ"}


def test_classifications_are_properties(model: BuildingModel) -> None:
    assert model.properties.get(row(model, "101"), "Classification", "OmniClass") == "13-11 Living room"
