"""What twin.toml declares: with evidence, without it, against the model, and with wrong names."""

from __future__ import annotations

import pytest

from ifc.model import Severity, Text
from tests.twin.rating.house import House, card, clause, fact
from tests.twin.rating.stated_facts import clause_of, item_of, project_of, scorecard
from twin.errors import TwinError
from twin.metrics.result import MetricResult, Need, Quantity
from twin.rating.declarations import read_declarations
from twin.rating.result import Verdict
from twin.rating.standard_reader import load_standard

STANDARD = load_standard()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "proof.pdf").write_text("proof")
    return tmp_path


def declared(folder, clause_id: str, **fields):
    return project_of(
        folder=folder, declared={clause_id: {"evidence": "proof.pdf", "by": "Li Ming", **fields}}
    )


def test_a_declared_control_item_with_evidence_is_met_and_reported_as_declared(folder):
    card = scorecard({}, declared(folder, "4.1.2", met=True))
    result = clause_of(card, "4.1.2")
    assert result.verdict is Verdict.MET
    for item in result.items:
        assert (item.provenance, item.evidence) == ("declared", "proof.pdf")
        assert item.source == '[declared."4.1.2"] in twin.toml'
        assert item.reason.en.startswith(f"{item.label.en}: declared, not measured.")
        assert "Li Ming" in item.reason.zh


def test_without_its_evidence_file_it_stays_untold_and_the_missing_path_is_named(tmp_path):
    result = clause_of(scorecard({}, declared(tmp_path, "4.1.2", met=True)), "4.1.2")
    assert result.verdict is Verdict.CANNOT_TELL
    need = result.items[0].missing[0]
    assert str(tmp_path / "proof.pdf") in need.what.en
    assert "不存在" in need.what.zh


def test_a_declaration_that_names_no_evidence_does_not_count(folder):
    result = clause_of(scorecard({}, declared(folder, "4.1.2", met=True, evidence=None)), "4.1.2")
    assert result.verdict is Verdict.CANNOT_TELL
    assert "names no evidence file" in result.items[0].missing[0].what.en


def test_what_is_declared_as_not_met_needs_no_evidence(tmp_path):
    project = project_of(folder=tmp_path, declared={"4.1.8": {"met": False}})
    assert clause_of(scorecard({}, project), "4.1.8").verdict is Verdict.NOT_MET


def test_a_declaration_does_not_hide_what_the_model_found_on_its_elements(folder):
    doubt = Need(
        Text("Whether the rule applies (0.0 h < 2 h).", "是否适用该规则（0.0 h < 2 h）。"),
        Text("State it.", "请填写。"),
        ("classroom-307",),
    )
    quantity = Quantity(None, "bool", Text("Sunlight", "日照"), "", "", (doubt,))
    metrics = {"sunlight": MetricResult("sunlight", "1", {"sunlight_standard": quantity})}
    result = clause(House(), "8.1.1", declared(folder, "8.1.1", met=True), metrics)
    assert (result.verdict, result.items[0].elements) == (Verdict.MET, ("classroom-307",))
    assert result.items[0].reason.en.endswith("on 1 element: Whether the rule applies (0.0 h < 2 h).")
    assert "模型中有 1 个构件未能核实" in result.items[0].reason.zh
    assert not result.items[1].elements


def test_one_item_of_a_clause_can_be_declared(folder):
    card = scorecard({}, declared(folder, "4.2.9-1", met=True))
    result = clause_of(card, "4.2.9")
    assert (result.points, result.attainable_points) == (3, 9)
    assert [item.verdict for item in result.items] == [Verdict.MET, Verdict.CANNOT_TELL, Verdict.CANNOT_TELL]


def test_declared_points_of_a_clause_are_its_points(folder):
    result = clause_of(scorecard({}, declared(folder, "9.2.6", points=10)), "9.2.6")
    assert (result.verdict, result.points, result.attainable_points) == (Verdict.MET, 10, 10)
    assert "10 points declared" in result.reason.en
    assert (result.items[0].provenance, result.items[0].evidence) == ("declared", "proof.pdf")
    assert not any(item.missing for item in result.items)


def test_declared_points_without_evidence_say_which_file_is_missing(tmp_path):
    result = clause_of(scorecard({}, declared(tmp_path, "9.2.6", points=10)), "9.2.6")
    assert (result.verdict, result.points, result.attainable_points) == (Verdict.CANNOT_TELL, 0, 15)
    assert str(tmp_path / "proof.pdf") in result.items[0].missing[0].what.en


def test_declared_points_fill_only_what_the_model_leaves_open(folder):
    facts = {"durable_external_finish": False}
    card = scorecard(facts, declared(folder, "4.2.9", points=9))
    assert clause_of(card, "4.2.9").points == 6
    assert card.diagnostics[0].code == "declaration-contradicted"
    assert "leaves 6" in card.diagnostics[0].message.en


def test_a_declaration_never_overrules_what_the_model_decides(folder):
    card = scorecard(
        {"lift_energy_saving": False, "lift_present": True}, declared(folder, "7.1.6-1", met=True)
    )
    assert item_of(card, "7.1.6-1").verdict is Verdict.NOT_MET
    assert [diagnostic.code for diagnostic in card.diagnostics] == ["declaration-contradicted"]
    assert "the model decides it" in card.diagnostics[0].message.en


def test_a_declaration_that_agrees_with_the_model_is_silent(folder):
    card = scorecard(
        {"lift_energy_saving": True, "lift_present": True}, declared(folder, "7.1.6-1", met=True)
    )
    assert card.diagnostics == ()


def stated(folder, name: str, value, **fields):
    return project_of(folder=folder, facts={name: {"value": value, "evidence": "proof.pdf", **fields}})


def test_a_stated_fact_counts_as_declared_with_its_evidence(folder):
    item = item_of(scorecard({}, stated(folder, "walk_distance_bus_stop", 280, note="Honggutan")), "6.2.1-1")
    assert (item.points, item.value, item.unit) == (4, 280, "m")
    assert (item.provenance, item.evidence) == ("declared", "proof.pdf")
    assert "Honggutan" in item.reason.en


def test_a_stated_fact_without_evidence_does_not_count(tmp_path):
    item = item_of(scorecard({}, stated(tmp_path, "walk_distance_bus_stop", 280)), "6.2.1-1")
    assert item.verdict is Verdict.CANNOT_TELL
    assert str(tmp_path / "proof.pdf") in item.missing[0].what.zh


def test_project_data_need_no_evidence(tmp_path):
    project = project_of(folder=tmp_path, facts={"structure_type": {"value": "steel"}})
    assert fact(House(), "structure_type", project).value == "steel"


def test_a_stated_fact_overrules_the_model_and_both_are_shown(folder):
    house = House()
    house.element(
        "IfcSanitaryTerminal", type="WASHHANDBASIN", properties={"GBT50378.WaterEfficiencyGrade": 3}
    )
    project = stated(folder, "fixture_share_grade2_or_better", 100)
    item = clause(house, "7.2.10", project).items[0]
    assert {criterion.metric: criterion.value for criterion in item.criteria} == {
        "fixture_share_grade1": 0, "fixture_share_grade2_or_better": 100
    }  # fmt: skip
    assert "The model itself gives 0 %" in item.reason.en
    assert "模型本身给出 0 %" in item.reason.zh
    codes = [diagnostic.code for diagnostic in card(house, project).diagnostics]
    assert codes == ["declared-fact-differs"]


def test_a_finding_of_low_confidence_does_not_call_a_declaration_wrong(folder):
    house = House()
    house.element("IfcRailing", properties={"Pset_RailingCommon.Height": 0.9})
    project = stated(folder, "fall_protection_enhanced", True)
    (found,) = [one for one in card(house, project).diagnostics if one.code == "declared-fact-differs"]
    assert found.severity is Severity.NOTE
    assert "suggests False" in found.message.en
    assert "可信度低" in found.message.zh


@pytest.mark.parametrize(
    ("sections", "code", "en"),
    [
        ({"declared": {"4.1.22": {"met": True}}}, "unknown-clause", "Did you mean 4.1.2?"),
        ({"declared": {"4.2.9-7": {"met": True}}}, "unknown-clause", "Did you mean 4.2.9-"),
        ({"declared": {"5.1.4": {"met": True}}}, "deleted-clause", "Use 5.1.4A"),
        ({"declared": {"4.1.2": {}}}, "empty-declaration", "met = true or false"),
        ({"declared": {"4.2.9": {"points": 12}}}, "declared-points", "Lower them"),
        ({"declared": {"4.1.2": {"points": 1}}}, "declared-points", "control items have no points"),
        ({"declared": {"4.2.9": {"points": 3, "met": False}}}, "contradictory-declaration", "Keep one"),
        (
            {"facts": {"walk_distance_bus_stops": {"value": 3}}},
            "unknown-fact",
            "Did you mean walk_distance_bus_stop?",
        ),
        ({"facts": {"zzz": {"value": 3}}}, "unknown-fact", "docs/rating.md"),
        ({"facts": {"walk_distance_bus_stop": {"value": True}}}, "fact-value", "a number in m"),
        ({"facts": {"walk_distance_bus_stop": {"value": "near"}}}, "fact-value", "a number in m"),
        ({"facts": {"lift_present": {"value": 1}}}, "fact-value", "true or false"),
        ({"facts": {"structure_type": {"value": "bamboo"}}}, "fact-value", "concrete, steel, mixed"),
        ({"facts": {"slip_grade_dry_general": {"value": "Ed"}}}, "fact-value", "Dd, Cd, Bd, Ad"),
    ],
)
def test_wrong_names_and_values_are_refused_with_the_place_and_the_remedy(sections, code, en):
    with pytest.raises(TwinError) as caught:
        read_declarations(project_of(**sections), STANDARD)
    assert caught.value.code == code
    assert en in caught.value.remedy.en
    assert caught.value.remedy.zh
    (section, names), *_ = sections.items()
    assert section in caught.value.where
    assert next(iter(names)) in caught.value.where
