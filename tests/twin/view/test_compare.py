"""What changed between two revisions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.twin.example_evaluation import example_clause, example_evaluation
from twin.rating.result import Verdict
from twin.view.compare import compare


def with_elements(evaluation, **columns):
    model = evaluation.model
    return replace(evaluation, model=replace(model, elements=replace(model.elements, **columns)))


def test_a_model_does_not_differ_from_itself() -> None:
    one = example_evaluation()
    found = compare(one, one)
    assert (found["added"], found["removed"], found["changed"], found["clauses"]) == ([], [], [], [])
    assert found["unchanged"] == 3, "wall, window and space; the opening is no element to see"


def test_a_new_name_is_a_change_and_a_new_global_id_an_addition_and_a_removal() -> None:
    before = example_evaluation()
    elements = before.model.elements
    names, ids = elements.name.copy(), elements.global_id.copy()
    names[0] = "renamed"
    window = int(elements.rows_of_class("IfcWindow")[0])
    ids[window] = "another"
    found = compare(before, with_elements(before, name=names, global_id=ids))
    assert found["changed"] == [{"row": 0, "what": ["name"]}]
    assert found["added"] == [window]
    assert [one["global_id"] for one in found["removed"]] == [str(elements.global_id[window])]


def test_a_shape_that_moved_by_more_than_a_millimetre_is_a_change_not_one_that_shifted_its_origin() -> None:
    before = example_evaluation()
    model = before.model
    moved = model.geometry.transform.copy()
    moved[0, 0, 3] += 0.1
    after = replace(before, model=replace(model, geometry=replace(model.geometry, transform=moved)))
    assert [one["what"] for one in compare(before, after)["changed"]] == [["shape"]]
    shifted = model.geometry.transform.copy()
    shifted[:, :, 3] -= 5.0
    same = replace(model, geometry=replace(model.geometry, transform=shifted), offset_m=model.offset_m + 5.0)
    assert compare(before, replace(before, model=same))["changed"] == []


def test_a_clause_that_is_decided_otherwise_is_listed() -> None:
    before = example_evaluation()
    clauses = (example_clause(Verdict.NOT_MET), *before.scorecard.clauses[1:])
    after = replace(before, scorecard=replace(before.scorecard, clauses=clauses))
    (found,) = compare(before, after)["clauses"]
    assert found["id"] == "5.2.8"
    assert (found["before"]["verdict"], found["after"]["verdict"]) == ("met", "not_met")
    assert np.isclose(found["before"]["points"], 12.0)
