"""The data of the standard, and the loader that refuses what contradicts itself."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from importlib import resources

import pytest
import yaml

from twin.rating.points import rule_points
from twin.rating.standard import CHAPTERS, STAGES, Criterion
from twin.rating.standard_reader import StandardDataError, load_standard, parse_standard

STANDARD = load_standard()


@pytest.fixture(scope="module")
def documents():
    folder = resources.files("twin").joinpath("rating", "data", "gbt50378")
    names = ["standard", "metrics", *(f"chapter_{number}" for number in CHAPTERS)]
    return {
        name: yaml.load(folder.joinpath(f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)
        for name in names
    }


def test_every_clause_of_the_standard_is_there():
    assert Counter(clause.kind for clause in STANDARD.clauses) == {"control": 45, "scoring": 60, "bonus": 10}


def test_the_points_of_each_group_are_those_of_table_3_2_4():
    for stage, full in (
        ("pre_evaluation", [100, 100, 70, 200, 100, 210]),
        ("evaluation", [100, 100, 100, 200, 100, 230]),
    ):
        sums = [
            sum(c.points for c in STANDARD.clauses if c.group == group.id and stage in c.stages)
            for group in STANDARD.groups
        ]
        assert sums == full


def test_five_clauses_wait_for_the_finished_building():
    late = [clause.id for clause in STANDARD.clauses if "pre_evaluation" not in clause.stages]
    assert late == ["6.2.10", "6.2.11", "6.2.12", "6.2.13", "9.2.8"]


def test_every_kind_of_project_can_reach_the_full_points_of_every_clause():
    selectors = {
        "building_type": ("residential", "public"),
        "public_group": ("1", "2"),
        "residential_area_kind": ("new", "old"),
        "structure_type": ("concrete", "steel", "mixed"),
        "stage": STAGES,
        "in_operation_one_year": (False, True),
    }

    def holds(criterion: Criterion, given) -> bool:
        value = given[criterion.metric]
        return value == criterion.threshold if criterion.comparator == "is" else value in criterion.threshold

    def applies(item, given) -> bool:
        if not item.applies_to:
            return True
        rule = STANDARD.applicability[item.applies_to]
        join = all if rule.logic == "all" else any
        return join(holds(criterion, given) for criterion in rule.criteria)

    for values in itertools.product(*selectors.values()):
        given = dict(zip(selectors, values, strict=True))
        for clause in STANDARD.clauses:
            if clause.kind == "control" or given["stage"] not in clause.stages:
                continue
            points = [item.points for item in clause.items if applies(item, given)]
            parts = {item.applies_to for item in clause.items if applies(item, given)}
            best = {
                "best": max(points),
                "mean_of_parts": sum(points) / len(parts),
                "hours_weighted_mean": max(points),
            }.get(clause.score, min(sum(points), clause.points))
            if clause.id == "9.2.4A" and given["stage"] == "pre_evaluation":
                assert best == 3  # the measured route opens with the finished building
            else:
                assert best == clause.points, (clause.id, given)


def test_two_metrics_of_one_name_have_one_unit_and_a_label_in_both_languages():
    for metric in STANDARD.metrics.values():
        assert metric.label.en
        assert metric.label.zh
        assert metric.unit


def first_item(documents):
    return documents["chapter_4"]["clauses"][0]["items"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["chapter_4"]["clauses"][0].update(colour="green"), "unknown keys"),
        (lambda d: d["chapter_4"]["clauses"][0].pop("kind"), "missing keys"),
        (lambda d: d["chapter_4"]["clauses"][9].update(points=11), "table 3.2.4"),
        (lambda d: first_item(d).update(credit_if=["no_such_metric"]), "not in metrics.yaml"),
        (lambda d: first_item(d).update(credit_if=["site_area >="]), "cannot read"),
        (lambda d: first_item(d).update(credit_if=["lift_present >= 1"]), "cannot be compared"),
        (lambda d: first_item(d).update(credit_if=["site_area"]), "not a yes/no metric"),
        (lambda d: first_item(d).update(credit_if=["thermal_zone in cool"]), "not all values"),
        (lambda d: first_item(d).update(any=["lift_present"]), "exactly one rule"),
        (lambda d: first_item(d).update({"for": "castles"}), "no applicability"),
        (lambda d: d["chapter_4"]["clauses"][0].update(evidence=["a_letter"]), "no such document"),
        (lambda d: d["chapter_4"]["clauses"][1].update(id="4.1.1"), "ids used twice"),
        (lambda d: d["metrics"]["metrics"].update(lonely={"unit": "m"}), "no label"),
        (lambda d: d["metrics"]["metrics"]["lift_present"].update(weight=1), "unknown keys"),
    ],
)  # fmt: skip
def test_data_that_contradict_themselves_are_refused(documents, change, message):
    changed = copy.deepcopy(documents)
    change(changed)
    with pytest.raises(StandardDataError, match=message):
        parse_standard(changed)


def test_the_rules_of_every_item_can_be_scored_without_any_fact():
    from tests.twin.rating.stated_facts import empty_model, project_of
    from twin.rating.case import Case
    from twin.rating.declarations import read_declarations

    project = project_of()
    case = Case(empty_model(), {}, project, STANDARD, read_declarations(project, STANDARD), {})
    for clause in STANDARD.clauses:
        for item in clause.items:
            low, high = rule_points(item.rule, item.points, case)
            assert (low, high) == (0, item.points), item.id


def test_the_page_with_every_fact_is_up_to_date():
    from pathlib import Path

    from twin.rating.fact_list import fact_list

    page = Path(__file__).parents[3] / "docs" / "rating_facts.md"
    assert page.read_text("utf-8") == "\n".join(fact_list(STANDARD)) + "\n"
