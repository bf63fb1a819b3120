"""Suggestions of elements for points."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import ifc
from sensors.points import Point, PointTable
from sensors.quantities import quantity_kinds
from tests.building_blocks import Blocks
from twin.binding import bind
from twin.binding.brick import read_brick
from twin.binding.suggest import suggest, suggestions_for
from twin.errors import TwinError

CENTRE = Path(__file__).parents[3] / "sample_models" / "community_centre.ifc"


def model_with(*sensors, tags=()):
    """Sensors (name, room) in two rooms, 阅览室 and 阅览室前厅."""
    blocks = Blocks()
    blocks.space((0, 0, 0), (5, 4, 3), name="阅览室")
    blocks.space((6, 0, 0), (9, 4, 3), name="阅览室前厅")
    rows = [
        blocks.box(
            "IfcSensor", (1 + 6 * room, 1 + i / 10, 1), (1.05 + 6 * room, 1.05 + i / 10, 1.1), name=name
        )
        for i, (name, room) in enumerate(sensors)
    ]
    model = blocks.model()
    tag = model.elements.tag.copy()
    for row, text in zip(rows, tags, strict=False):
        tag[row] = text
    return dataclasses.replace(model, elements=dataclasses.replace(model.elements, tag=tag)), rows


def best(model, point):
    found = suggest(model, [point])
    assert not any(binding.accepted for binding in found)
    return (
        (model.elements.row_of[found[0].anchor.global_id], found[0].confidence, found[0].reason)
        if found
        else None
    )


def test_the_same_tag_is_nearly_certain():
    model, rows = model_with(("温度", 0), ("温度", 0), tags=("TE-101", "TE-102"))
    row, confidence, reason = best(model, Point("bms/te_102", "°C", quantity="temperature"))
    assert (row, reason) == (rows[1], "the same tag")
    assert confidence >= 0.9


def test_a_device_that_measures_something_else_counts_half():
    model, _ = model_with(("CO2 传感器", 0), tags=("TE-101",))
    _, confidence, reason = best(model, Point("TE-101", "°C", quantity="temperature"))
    assert confidence < 0.5
    assert "but it measures co2" in reason


def test_the_only_device_of_its_kind_in_the_room_is_likely_and_one_of_two_is_half_as_likely():
    model, rows = model_with(("温度传感器A", 0), ("CO2传感器A", 0), ("温度传感器B", 1))
    point = Point("x", "°C", name="读数", quantity="temperature", location="阅览室")
    row, confidence, _ = best(model, point)
    assert row == rows[0]
    assert confidence == pytest.approx(0.85)
    model, _ = model_with(("温度传感器A", 0), ("温度传感器B", 0))
    assert best(model, point)[1] < 0.61


def test_of_room_names_that_hold_one_another_the_longest_is_meant():
    model, rows = model_with(("温度传感器A", 0), ("温度传感器B", 1))
    assert best(model, Point("x", "°C", name="阅览室前厅温度", quantity="temperature"))[0] == rows[1]


def test_a_point_without_a_device_in_the_model_may_stand_for_its_room():
    model, _ = model_with(("温度传感器A", 0))
    row, confidence, reason = best(
        model, Point("x", "%", name="湿度", quantity="humidity", location="阅览室")
    )
    assert model.elements.ifc_class[row] == "IfcSpace"
    assert confidence <= 0.6
    assert "room" in reason


def test_a_point_that_says_nothing_gets_no_suggestion():
    model, _ = model_with(("温度传感器A", 0))
    assert best(model, Point("x17", "", name="x17")) is None


@pytest.fixture(scope="module")
def centre():
    return ifc.read(CENTRE)


def points_of(model):
    """The sensors of a model as an integrator would list them: a running number, the kind, the room's name."""
    kinds = quantity_kinds()
    found = [
        (bound, Point(f"P{i:03}", kinds[bound.kind].unit, name=kinds[bound.kind].zh, quantity=bound.kind,
                      location=str(model.spaces.name[bound.space])))
        for i, bound in enumerate(bind(model)) if bound.space >= 0 and not bound.meter
    ]  # fmt: skip
    return [bound for bound, _ in found], [point for _, point in found]


def test_most_sensors_of_the_pilot_centre_are_found_by_kind_and_room_and_confidence_tells_the_sure_ones(
    centre,
):
    truth, points = points_of(centre)
    assert len(points) > 100
    first = {}
    for binding in suggest(centre, points):
        first.setdefault(binding.point, binding)
    right = np.array(
        [first[p.id].anchor.global_id == b.global_id for b, p in zip(truth, points, strict=True)]
    )
    confidence = np.array([first[p.id].confidence for p in points])
    assert right[confidence >= 0.8].mean() > 0.97
    assert (confidence >= 0.8).mean() > 0.5


BRICK = """
@prefix brick: <https://brickschema.org/schema/Brick#> .
@prefix ref: <https://brickschema.org/schema/Brick/ref#> .
@prefix : <urn:centre#> .
:te1 a brick:Air_Temperature_Sensor ; brick:isPointOf :room1 ;
  ref:hasExternalReference [ a ref:TimeseriesReference ; ref:hasTimeseriesId "lobby/temperature" ],
                           [ a ref:IFCReference ; ref:ifcGlobalID "GLOBAL_ID" ] .
:room1 a brick:Room ; brick:hasPoint :co2 ; ref:hasExternalReference [ a ref:IFCReference ; ref:ifcGlobalID "ROOM_ID" ] .
:orphan a brick:Sensor ; brick:isPointOf :nowhere .
"""


def test_a_brick_model_leads_to_the_points_own_element_or_to_its_room(tmp_path):
    path = tmp_path / "m.ttl"
    path.write_text(BRICK)
    found = {b.point: (b.anchor.global_id, b.confidence, b.accepted) for b in read_brick(path)}
    assert found == {"lobby/temperature": ("GLOBAL_ID", 0.99, False), "co2": ("ROOM_ID", 0.9, False)}


def test_suggestions_of_brick_come_first_and_need_a_living_element(tmp_path):
    model, rows = model_with(("温度传感器A", 0))
    path = tmp_path / "m.ttl"
    path.write_text(BRICK.replace("GLOBAL_ID", str(model.elements.global_id[rows[0]])))
    points = PointTable([Point("lobby/temperature", "°C"), Point("co2", "ppm")])
    found = suggestions_for(model, points, [p.id for p in points], path)
    assert [b.point for b in found] == ["lobby/temperature"]


def test_a_file_that_is_no_turtle_is_refused(tmp_path):
    path = tmp_path / "m.ttl"
    path.write_text("<rdf:RDF")
    with pytest.raises(TwinError, match="no Turtle"):
        read_brick(path)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["brick_rice_hall.ttl", "brick_soda_hall.ttl"])
def test_a_real_brick_model_without_ifc_references_suggests_nothing(shared_data, name):
    assert read_brick(shared_data / "sensors" / name) == []
