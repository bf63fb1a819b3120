"""Sensors and meters of a model, and the rooms they stand in."""

from __future__ import annotations

import dataclasses

import numpy as np

from tests.building_blocks import Blocks
from twin.binding.model_points import bind


def with_types(model, types):
    column = model.elements.predefined_type.copy()
    for row, name in types.items():
        column[row] = name
    return dataclasses.replace(model, elements=dataclasses.replace(model.elements, predefined_type=column))


def test_a_sensor_is_recognised_by_its_predefined_type():
    blocks = Blocks()
    sensor = blocks.add("IfcSensor", None, name="S-01")
    (point,) = bind(with_types(blocks.model(), {sensor: "CO2SENSOR"}))
    assert (point.kind, point.global_id, point.meter) == ("co2", "element000000", False)


def test_a_user_defined_sensor_is_recognised_by_its_name():
    blocks = Blocks()
    sensor = blocks.add("IfcSensor", None, name="PM2.5 传感器")
    (point,) = bind(with_types(blocks.model(), {sensor: "USERDEFINED"}))
    assert point.kind == "pm2_5"


def test_a_sensor_that_says_nothing_is_not_bound():
    blocks = Blocks()
    blocks.add("IfcSensor", None, name="S-01")
    assert bind(blocks.model()) == ()


def test_an_energy_meter_counts_electricity_unless_its_name_says_heat():
    blocks = Blocks()
    lights = blocks.add("IfcFlowMeter", None, name="照明")
    heat = blocks.add("IfcFlowMeter", None, name="空调冷热量表")
    points = bind(with_types(blocks.model(), {lights: "ENERGYMETER", heat: "ENERGYMETER"}))
    assert [(point.kind, point.meter) for point in points] == [("electricity", True), ("heat", True)]


def test_a_sensor_on_the_wall_of_a_room_belongs_to_the_room():
    blocks = Blocks()
    blocks.space((0, 0, 0), (5, 4, 3), name="101")
    blocks.space((5.2, 0, 0), (9, 4, 3), name="102")
    blocks.box("IfcSensor", (5.2, 1, 1.5), (5.25, 1.1, 1.6), name="温度")
    (point,) = bind(blocks.model())
    assert point.space == 1


def test_a_sensor_without_geometry_keeps_the_space_of_the_file():
    blocks = Blocks()
    blocks.space((0, 0, 0), (5, 4, 3), name="101")
    sensor = blocks.add("IfcSensor", None, name="温度")
    model = blocks.model()
    space = model.elements.space.copy()
    space[sensor] = 0
    model = dataclasses.replace(model, elements=dataclasses.replace(model.elements, space=space))
    assert bind(model)[0].space == 0


def test_a_sensor_outside_every_room_stands_in_none():
    blocks = Blocks()
    blocks.space((0, 0, 0), (5, 4, 3), name="101")
    blocks.box("IfcSensor", (20, 1, 1.5), (20.1, 1.1, 1.6), name="气象站温度")
    assert bind(blocks.model())[0].space == -1


def test_a_thousand_sensors_are_bound_quickly():
    blocks = Blocks()
    for row in range(100):
        blocks.space((row * 5, 0, 0), (row * 5 + 4.8, 4, 3))
    places = np.random.default_rng(1).uniform(0.2, 4.6, (1000, 2))
    for row, (x, y) in enumerate(places):
        blocks.box(
            "IfcSensor",
            (row % 100 * 5 + x, y * 0.8, 1),
            (row % 100 * 5 + x + 0.01, y * 0.8 + 0.01, 1.01),
            name="温度",
        )
    points = bind(blocks.model())
    assert [point.space for point in points] == [row % 100 for row in range(1000)]
