"""Units and their conversion."""

from __future__ import annotations

import pytest

from sensors.errors import SensorError
from sensors.points import device_types
from sensors.quantities import quantity_kinds
from sensors.units import conversion, unit_of


@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [
        ("[degF]", "°C", 32, 0),
        ("°F", "Cel", 212, 100),
        ("K", "°C", 293.15, 20),
        ("%", "ppm", 0.1, 1000),
        ("1", "%", 0.45, 45),
        ("Wh", "kWh", 1500, 1.5),
        ("MJ", "kWh", 3.6, 1),
        ("L/s", "m³/h", 1, 3.6),
        ("hPa", "Pa", 1013.25, 101_325),
        ("mg/m3", "ug/m3", 0.08, 80),
        ("km/h", "m/s", 36, 10),
    ],
)
def test_a_value_is_converted(source, target, value, expected):
    scale, offset = conversion(source, target)
    assert value * scale + offset == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_two_spellings_of_one_unit_are_the_same():
    assert unit_of("℃") == unit_of(" degC ") == unit_of("Cel")


def test_a_temperature_does_not_become_a_pressure():
    with pytest.raises(SensorError, match="cannot become") as caught:
        conversion("°C", "Pa")
    assert caught.value.code == "unit-mismatch"


def test_case_matters_where_it_changes_the_unit():
    assert unit_of("MW").scale == 1000
    with pytest.raises(SensorError):
        unit_of("mw")


def test_every_quantity_kind_and_device_type_has_known_units():
    for kind in quantity_kinds().values():
        unit_of(kind.unit)
    types = device_types()
    assert len(types) > 80
    for device in types.values():
        for unit in device.quantities.values():
            unit_of(unit)
