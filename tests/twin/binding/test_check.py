"""Bindings on a model that was exported again."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from pathlib import Path

import ifcopenshell.guid
import numpy as np
import pytest
from typer.testing import CliRunner

import ifc
from sensors.points import Point, PointTable
from twin.binding import bind
from twin.binding.anchor import AnchorIndex
from twin.binding.check import check_bindings
from twin.binding.table import Binding, read_bindings
from twin.cli import app

CENTRE = Path(__file__).parents[3] / "sample_models" / "community_centre.ifc"


@pytest.fixture(scope="module")
def centre():
    return ifc.read(CENTRE)


@pytest.fixture(scope="module")
def bindings(centre):
    index = AnchorIndex(centre)
    return [Binding(f"P{i}", index.anchor_of(b.element)) for i, b in enumerate(bind(centre))]


def points(bindings):
    return PointTable([Point(b.point, "") for b in bindings])


def exported_again(model, seed=1):
    """The model with every GlobalId new, its elements in another order of names unchanged."""
    rng = np.random.default_rng(seed)
    ids = model.elements.global_id.copy()
    for row in range(len(ids)):
        ids[row] = ifcopenshell.guid.compress(rng.bytes(16).hex())
    return dataclasses.replace(model, elements=dataclasses.replace(model.elements, global_id=ids))


def rows_of(model, bindings):
    return {b.point: model.elements.row_of[b.anchor.global_id] for b in bindings}


def test_bindings_hold_on_the_model_they_were_made_on(centre, bindings):
    check = check_bindings(centre, bindings, points(bindings))
    assert len(check.bound) == len(bindings)
    assert {check.moved, check.review, check.dead, check.unbound, check.strangers} == {()}


def test_bindings_survive_a_re_export_that_changes_every_global_id(centre, bindings):
    again = exported_again(centre)
    check = check_bindings(again, bindings, points(bindings))
    assert not check.bound
    assert len(check.moved) >= 0.95 * len(bindings)
    truth = rows_of(centre, bindings)
    assert all(row == truth[point] for point, row in rows_of(again, check.moved).items())
    assert {b.point for b in check.review} | {b.point for b in check.dead} == set(check.unbound)
    once_more = check_bindings(again, check.usable, points(bindings))
    assert len(once_more.bound) == len(check.moved)


def test_what_was_renumbered_shifted_or_removed_is_never_bound_to_something_else(centre):
    index = AnchorIndex(centre)
    elements = centre.elements
    rows = elements.rows_of_class(
        "IfcSensor", "IfcFlowMeter", "IfcUnitaryControlElement", "IfcLightFixture"
    ).tolist()
    made = [Binding(f"P{row}", index.anchor_of(row)) for row in rows]
    again = exported_again(centre)
    rng = np.random.default_rng(3)
    removed = {row for row in rows if rng.random() < 0.2}
    names, classes = elements.name.copy(), elements.ifc_class.copy()
    for row in rows:
        names[row] = f"{names[row]}:{100_000 + row}"
        classes[row] = "IfcBuildingElementProxy" if row in removed else classes[row]
    changed = dataclasses.replace(again.elements, name=names, ifc_class=classes)
    again = dataclasses.replace(again, elements=changed, offset_m=again.offset_m + np.array([0.05, 0, 0]))
    check = check_bindings(again, made, points(made))
    assert all(row == int(point[1:]) for point, row in rows_of(again, check.moved).items())
    assert len(check.moved) > 0.75 * (len(rows) - len(removed))


def test_what_is_not_sure_is_never_used(centre, bindings):
    """Of two equal sensors in one place neither is taken."""
    sensor = bindings[0]
    row = centre.elements.row_of[sensor.anchor.global_id]
    vague = dataclasses.replace(
        sensor.anchor, global_id="gone", x_m=float("nan"), y_m=float("nan"), z_m=float("nan"), name="", tag=""
    )
    check = check_bindings(centre, [Binding("P", vague)], [Point("P", "")])
    assert not check.usable
    assert check.unbound == ("P",)
    assert all(not binding.accepted for binding in check.review)
    assert centre.elements.ifc_class[row] == "IfcSensor"


def test_two_bindings_that_claim_one_element_are_both_reviewed(centre, bindings):
    anchor = bindings[0].anchor
    moved = [
        Binding("A", dataclasses.replace(anchor, global_id="gone-1")),
        Binding("B", dataclasses.replace(anchor, global_id="gone-2")),
    ]
    check = check_bindings(centre, moved, [Point("A", ""), Point("B", "")])
    assert not check.usable
    assert {b.point for b in check.review} == {"A", "B"}


def test_an_element_that_is_gone_is_dead_and_its_point_unbound(centre, bindings):
    anchor = dataclasses.replace(bindings[0].anchor, global_id="gone", ifc_class="IfcTelepathySensor")
    check = check_bindings(centre, [Binding("A", anchor)], [Point("A", ""), Point("B", "")])
    assert [b.point for b in check.dead] == ["A"]
    assert check.unbound == ("A", "B")


def test_a_global_id_that_another_class_has_taken_over_is_not_it(centre, bindings):
    wall = str(centre.elements.global_id[centre.elements.rows_of_class("IfcWall")[0]])
    anchor = dataclasses.replace(bindings[0].anchor, global_id=wall)
    check = check_bindings(centre, [Binding("A", anchor)], [Point("A", "")])
    assert not check.bound
    assert check.usable[0].anchor.global_id == bindings[0].anchor.global_id


def test_bindings_of_unknown_points_are_listed(centre, bindings):
    check = check_bindings(centre, bindings[:2], [Point(bindings[0].point, "")])
    assert [b.point for b in check.strangers] == [bindings[1].point]


def test_an_unaccepted_binding_binds_nothing(centre, bindings):
    shy = dataclasses.replace(bindings[0], accepted=False)
    assert check_bindings(centre, [shy], [Point(shy.point, "")]).unbound == (shy.point,)


def test_the_command_suggests_a_person_accepts_and_the_command_agrees(tmp_path):
    table = tmp_path / "points.csv"
    table.write_text("id,unit,quantity,location\nlobby/t,°C,temperature,门厅\nroof/x,lx,,\n", "utf-8")
    run = CliRunner().invoke
    first = run(
        app,
        [
            "bind",
            str(CENTRE),
            "--points",
            str(table),
            "--suggest",
            "--out",
            str(tmp_path),
            "--json",
            "--lang",
            "en",
        ],
    )
    assert first.exit_code == 1, first.output
    found = json.loads(first.stdout.splitlines()[0])
    assert found["unbound"] == ["lobby/t", "roof/x"]
    assert found["bound"] == []
    review = tmp_path / "bindings.review.csv"
    rows = list(csv.DictReader(review.open(encoding="utf-8-sig")))
    assert all(row["accepted"] == "" for row in rows)
    rows[0]["accepted"] = "yes"
    with review.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    second = run(
        app,
        [
            "bind",
            str(CENTRE),
            "--points",
            str(table),
            "-b",
            str(review),
            "--out",
            str(tmp_path),
            "--lang",
            "en",
        ],
    )
    assert second.exit_code == 1, "roof/x is still unbound"
    assert re.search(r"bound 1 .* unbound 1", second.output)
    assert [b.point for b in read_bindings(tmp_path / "bindings.csv")] == ["lobby/t"]
    table.write_text("id,unit\nlobby/t,°C\n", "utf-8")
    third = run(
        app,
        [
            "bind",
            str(CENTRE),
            "--points",
            str(table),
            "-b",
            str(tmp_path / "bindings.csv"),
            "--out",
            str(tmp_path / "n"),
            "--lang",
            "zh",
        ],
    )
    assert third.exit_code == 0, third.output
    assert "已绑定 1" in third.output


def test_a_wrong_table_is_told_without_a_traceback(tmp_path):
    table = tmp_path / "points.csv"
    table.write_text("id,unit\na,furlong\n")
    told = CliRunner().invoke(app, ["bind", str(CENTRE), "--points", str(table), "--lang", "en"])
    assert told.exit_code == 2
    assert "This unit is not known" in told.output
