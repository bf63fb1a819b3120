"""What the whole rating must never do, whatever the model."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from tests.twin.rating.house import PUBLIC, RESIDENTIAL, House, card, metric, project
from twin.project import Project, read_project
from twin.rating import rate
from twin.rating.clauses import EVALUATORS
from twin.rating.result import Verdict
from twin.rating.standard_reader import load_standard

EMPTY = House()


@pytest.mark.parametrize("stated", [Project(), RESIDENTIAL, PUBLIC], ids=["unknown", "residential", "public"])
def test_an_empty_model_decides_nothing(stated):
    for clause in card(EMPTY, stated).clauses:
        stage_only = "pre_evaluation" not in load_standard().clause(clause.id).stages
        assert clause.verdict is Verdict.CANNOT_TELL or stage_only, (clause.id, clause.reason.en)


def test_an_empty_model_names_what_is_missing_for_every_item_in_both_languages():
    for clause in card(EMPTY, PUBLIC).clauses:
        for item in clause.items:
            if item.verdict is Verdict.CANNOT_TELL:
                assert item.missing, item.id
                for need in item.missing:
                    for text in (*need.what, *need.how):
                        assert text.strip(), item.id
                    assert any("\u4e00" <= char <= "\u9fff" for char in need.what.zh + need.how.zh), item.id


def test_every_evaluator_answers_in_the_unit_of_its_fact():
    from tests.twin.rating.house import case_of

    case = case_of(EMPTY, PUBLIC)
    metrics = load_standard().metrics
    for name in EVALUATORS:
        assert EVALUATORS[name](case).unit == metrics[name].unit, name


def test_every_evaluator_finds_a_fact_that_the_standard_knows():
    assert EVALUATORS.keys() <= load_standard().metrics.keys()


def furnished() -> House:
    """A house with a little of everything, most of it silent about its properties."""
    house = House()
    ground, cellar = "一层", "地下一层"
    house.storey(cellar, -4.0)
    house.storey(ground, 0.0)
    house.room("garage", storey=0)
    rooms = [house.room(use, storey=1) for use in ("bedroom", "bathroom", "kitchen", "corridor", "office")]
    wall = house.element("IfcWall", (0, 0, 0), (5, 0.2, 3), made_of="混凝土")
    for room in rooms:
        surface = house.surface(room, element=wall)
        house.window(surface, 3.0)
        house.surface(room, tilt=180, area=20)
    for ifc_class in (
        "IfcColumn", "IfcSlab", "IfcRailing", "IfcStairFlight", "IfcDoor", "IfcCovering", "IfcTransportElement",
        "IfcChiller", "IfcFan", "IfcPump", "IfcLightFixture", "IfcSanitaryTerminal", "IfcSensor", "IfcFlowMeter",
        "IfcReinforcingBar", "IfcShadingDevice", "IfcSolarDevice", "IfcFurniture", "IfcBuilding", "IfcSite",
    ):  # fmt: skip
        house.element(ifc_class, (0, 0, 0), (1, 1, 1))
    house.cover("green", 100)
    house.cover("roof", 100)
    return house


def test_elements_that_say_nothing_earn_nothing_and_lose_only_what_geometry_shows():
    lost = {
        clause.id: clause.reason.en
        for clause in card(furnished(), RESIDENTIAL).clauses
        if clause.verdict is Verdict.NOT_MET
    }
    assert lost == {}


def test_whatever_a_property_holds_the_rating_does_not_break():
    strange = ("", "n/a", -1, 0, 1e9, True, (), ("a", "b"), "C", "Q", "1/0", "是是", float("nan"), "∞", "级")
    keys = sorted({f"{pair[0] or 'Any'}.{pair[1]}" for pairs in _property_names().values() for pair in pairs})
    for value in strange:
        house = furnished()
        for row in range(len(house.blocks._classes)):
            house.properties(row, dict.fromkeys(keys, value))
        result = card(house, PUBLIC)
        assert [diagnostic.message.en for diagnostic in result.diagnostics] == []
        for clause in result.clauses:
            assert clause.points <= clause.attainable_points <= clause.max_points, (clause.id, value)


def _property_names():
    from twin.rating.reading import property_names

    return property_names()


def test_numbers_of_a_scorecard_are_finite():
    for clause in card(furnished(), RESIDENTIAL, metric("energy", hvac_load_reduction=4.0)).clauses:
        for item in clause.items:
            for number in (item.value, item.limit, item.points, item.attainable_points):
                assert not isinstance(number, float) or np.isfinite(number), item.id


def test_an_evaluator_that_breaks_costs_its_fact_and_says_so():
    def broken(case):
        raise ValueError("no such wall")

    result = rate(EMPTY.model(), {}, RESIDENTIAL, evaluators={**EVALUATORS, "safety_glass_used": broken})
    clause = next(clause for clause in result.clauses if clause.id == "4.2.3")
    assert clause.verdict is Verdict.CANNOT_TELL
    assert "no such wall" in clause.items[0].missing[0].what.en
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["evaluator-failed"]


def test_a_scorecard_can_be_pickled():
    result = card(furnished(), RESIDENTIAL)
    assert pickle.loads(pickle.dumps(result)) == result


def test_a_model_without_unique_ids_is_rated_all_the_same():
    model = furnished().model()
    same = np.full(len(model.elements), "same", object)
    model = dataclasses.replace(model, elements=dataclasses.replace(model.elements, global_id=same))
    assert rate(model, {}, RESIDENTIAL).score_attainable > 0


def test_a_declaration_of_every_clause_reaches_every_point(tmp_path):
    (tmp_path / "all.pdf").write_text("x")
    standard = load_standard()
    declared = {
        clause.id: {"met": True, "evidence": "all.pdf"}
        for clause in standard.clauses
        if "pre_evaluation" in clause.stages
    }
    stated = project(
        folder=tmp_path, project={"building_type": "public", "full_fit_out": True}, declared=declared
    )
    result = card(EMPTY, stated)
    assert result.score_guaranteed == 107.0
    assert result.control_items_met is Verdict.MET
    assert result.stars_guaranteed == 0  # table 3.2.8 still asks for its facts


@pytest.mark.parametrize("name", ["community_centre", "residential_tower", "community_site"])
def test_the_twin_toml_of_the_pilots_names_only_what_exists(name):
    from pathlib import Path

    from twin.rating.declarations import read_declarations

    folder = Path(__file__).parents[3] / "sample_models"
    declarations = read_declarations(read_project(folder / f"{name}.toml"), load_standard())
    problems = [fact.problem for fact in declarations.facts.values()]
    problems += [verdict.problem for verdict in declarations.verdicts.values()]
    assert [problem.what.en for problem in problems if problem is not None] == []
