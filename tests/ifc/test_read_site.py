"""Location, true north, map conversion, units of the whole file."""

from __future__ import annotations

from typing import Any

import ifcopenshell.api.georeference
import ifcopenshell.api.pset
import numpy as np
import pytest

from ifc.reading.site import compound_angle_deg, true_north_deg
from ifc.reading.units import Units, describe_unit
from tests.ifc.reading import codes, read_raw, row
from tests.two_room_house import House


@pytest.mark.parametrize(
    ("parts", "degrees"),
    [
        ((28, 40, 58, 800000), 28 + 40 / 60 + 58.8 / 3600),
        ((-87, -38, -21, -839999), -(87 + 38 / 60 + 21.839999 / 3600)),  # one sign in all parts, as IFC wants
        ((-87, 38, 21), -(87 + 38 / 60 + 21 / 3600)),  # only the degrees negated
        ((0, -7, -34, -450), -(7 / 60 + 34.00045 / 3600)),  # just west of Greenwich
        ((0, 0, 0, 0), 0.0),
        (None, None),
        ((1, 2), None),
        ((1.5, 2, 3), None),
    ],
)
def test_compound_angles_keep_their_sign(parts: Any, degrees: float | None) -> None:
    assert compound_angle_deg(parts) == (None if degrees is None else pytest.approx(degrees, abs=1e-9))


@pytest.mark.parametrize(
    ("north", "azimuth_of_y"),
    [
        ((0, 1), 0.0),  # north is +Y
        ((1, 0), 270.0),  # north is +X: facing north, +Y is on the left, the west
        ((-1, 0), 90.0),
        ((0, -1), 180.0),
        # By hand: north stands 30° clockwise of +Y, at (sin 30°, cos 30°), so +Y points 30° west of north.
        ((0.5, np.sqrt(3) / 2), 330.0),
        ((1e-18, 1), 0.0),  # never 360
        ((0, 0), None),
        ((np.nan, 1), None),
        (None, None),
    ],
)
def test_north_is_the_azimuth_of_the_models_y_axis(north: Any, azimuth_of_y: float | None) -> None:
    found = true_north_deg(north)
    assert found == (None if azimuth_of_y is None else pytest.approx(azimuth_of_y, abs=1e-9))
    assert found is None or 0 <= found < 360


def test_true_north_is_read_from_the_model_context(tmp_path) -> None:
    house = House(furnished=False)
    context = next(
        c
        for c in house.file.by_type("IfcGeometricRepresentationContext")
        if c.is_a() == "IfcGeometricRepresentationContext"
    )
    context.TrueNorth = house.file.createIfcDirection((0.5, float(np.sqrt(3) / 2)))
    site = read_raw(house.write(tmp_path / "house.ifc")).site
    assert site.north_stated
    assert site.north_deg == pytest.approx(330.0)


def test_map_conversion_is_in_metres(tmp_path) -> None:
    house = House(schema="IFC4", furnished=False)
    ifcopenshell.api.georeference.add_georeferencing(house.file)
    ifcopenshell.api.georeference.edit_georeferencing(
        house.file,
        projected_crs={"Name": "EPSG:4547"},
        coordinate_operation={
            "Eastings": 500_000_000.0, "Northings": 3_170_000_000.0, "OrthogonalHeight": 22_000.0,
            "XAxisAbscissa": 0.8, "XAxisOrdinate": 0.6, "Scale": 1.0,
        },
    )  # fmt: skip
    found = read_raw(house.write(tmp_path / "house.ifc")).site.map_conversion
    assert found is not None
    assert found.crs_name == "EPSG:4547"
    assert (found.eastings_m, found.northings_m) == (500_000.0, 3_170_000.0)
    assert found.orthogonal_height_m == pytest.approx(22.0)
    assert (found.x_axis_abscissa, found.x_axis_ordinate) == (0.8, 0.6)


def test_the_map_conversion_of_ifc2x3_is_a_property_set(tmp_path) -> None:
    house = House(schema="IFC2X3", furnished=False)
    site = house.element["Site"]
    for name, values in (
        ("ePset_MapConversion", {"Eastings": 76670.0, "Northings": 77179.0, "Scale": 1.0}),
        ("ePset_ProjectedCRS", {"Name": "EPSG:9897"}),
    ):
        pset = ifcopenshell.api.pset.add_pset(house.file, product=site, name=name)
        ifcopenshell.api.pset.edit_pset(house.file, pset=pset, properties=values)
    found = read_raw(house.write(tmp_path / "house.ifc")).site.map_conversion
    assert found is not None
    assert (found.crs_name, found.eastings_m, found.northings_m) == ("EPSG:9897", 76670.0, 77179.0)


def test_an_address_is_written_in_one_line(tmp_path) -> None:
    house = House(furnished=False)
    house.element["House"].BuildingAddress = house.file.createIfcPostalAddress(
        AddressLines=["红谷滩区 1 号"], Town="南昌", Country="中国"
    )
    assert read_raw(house.write(tmp_path / "house.ifc")).site.address == "红谷滩区 1 号, 南昌, 中国"


@pytest.mark.parametrize("order", [("MILLI", None), (None, "MILLI")])
def test_of_two_length_units_the_one_that_makes_doors_human_counts(order: Any, tmp_path) -> None:
    house = House()
    assignment = house.file.by_type("IfcUnitAssignment")[0]
    others = [unit for unit in assignment.Units if unit.UnitType != "LENGTHUNIT"]
    lengths = [house.file.createIfcSIUnit(None, "LENGTHUNIT", prefix, "METRE") for prefix in order]
    assignment.Units = [*lengths, *others]
    model = read_raw(house.write(tmp_path / "house.ifc"))
    assert model.source.length_unit_m == pytest.approx(0.001)
    assert model.spaces.height_m[0] == pytest.approx(2.8, rel=1e-6)
    assert model.properties.get(row(model, "Door"), "Attributes", "OverallHeight") == pytest.approx(2.1)
    assert codes(model) == ["two-units-of-one-kind"]


def test_a_file_without_units_is_in_metres_with_a_warning(tmp_path) -> None:
    house = House(metre=1.0)
    house.file.remove(house.file.by_type("IfcUnitAssignment")[0])
    model = read_raw(house.write(tmp_path / "house.ifc"))
    assert model.spaces.height_m[0] == pytest.approx(2.8, rel=1e-6)
    assert "no-length-unit" in codes(model)


def test_quantities_in_another_unit_than_declared_are_converted_and_told(tmp_path) -> None:
    house = House()
    for quantity in house.file.by_type("IfcQuantityVolume"):
        quantity.VolumeValue = quantity.VolumeValue * 1000  # litres, though m³ are declared
    model = read_raw(house.write(tmp_path / "house.ifc"))
    np.testing.assert_allclose(model.spaces.declared_volume_m3, [33.6, 25.2])
    assert codes(model) == ["quantity-unit-nonsense"]


def test_feet_derived_units_and_fahrenheit_have_factors_to_si() -> None:
    file = House(furnished=False).file
    foot = file.createIfcConversionBasedUnit(
        None, "LENGTHUNIT", "FOOT",
        file.createIfcMeasureWithUnit(
            file.createIfcLengthMeasure(0.3048), file.createIfcSIUnit(None, "LENGTHUNIT", None, "METRE")
        ),
    )  # fmt: skip
    assert describe_unit(foot) == ("m", pytest.approx(0.3048), 0.0)
    kilo_hour = file.createIfcDerivedUnit(
        [
            file.createIfcDerivedUnitElement(file.createIfcSIUnit(None, "POWERUNIT", "KILO", "WATT"), 1),
            file.createIfcDerivedUnitElement(foot, -2),
            file.createIfcDerivedUnitElement(
                file.createIfcSIUnit(None, "THERMODYNAMICTEMPERATUREUNIT", None, "DEGREE_CELSIUS"), -1
            ),
        ],
        "THERMALTRANSMITTANCEUNIT",
    )
    assert describe_unit(kilo_hour) == ("W/(m²·K)", pytest.approx(1000 / 0.3048**2), 0.0)
    fahrenheit = file.createIfcConversionBasedUnitWithOffset(
        None, "THERMODYNAMICTEMPERATUREUNIT", "FAHRENHEIT",
        file.createIfcMeasureWithUnit(
            file.createIfcReal(5 / 9),
            file.createIfcSIUnit(None, "THERMODYNAMICTEMPERATUREUNIT", None, "KELVIN"),
        ),
        459.67 * 5 / 9,
    )  # fmt: skip
    _, factor, offset = describe_unit(fahrenheit)
    assert 68 * factor + offset == pytest.approx(293.15)


def test_areas_that_a_file_leaves_undeclared_follow_its_length_unit() -> None:
    units = Units({"LENGTHUNIT": ("m", 0.001, 0.0)})
    assert units.of("AREAUNIT") == ("m²", pytest.approx(1e-6), 0.0)
    assert units.of("VOLUMEUNIT") == ("m³", pytest.approx(1e-9), 0.0)
