"""Totals, stars and the rules of the standard, on stated facts."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ifc.model import Provenance
from tests.twin.rating.stated_facts import EVALUATION, clause_of, item_of, project_of, scorecard
from twin.rating.engine import stars_of, total_score
from twin.rating.facts import Fact
from twin.rating.result import Verdict
from twin.rating.standard import Count, Linear, Steps, Table, Tiers
from twin.rating.standard_reader import load_standard

STANDARD = load_standard()

# name, stage, control items, Q1..Q5, QA raw, stars whose table 3.2.8 is met, total, stars
VECTORS = [
    ("pre minimum line", "pre_evaluation", True, (30, 30, 21, 60, 30), 29, {1, 2, 3}, 60.0, 1),
    ("convenience below 21", "pre_evaluation", True, (60, 60, 20.9, 120, 60), 20, {1, 2, 3}, 74.09, 0),
    ("post 84.0", "evaluation", True, (70, 70, 70, 140, 70), 20, {1, 2, 3}, 84.0, 2),
    ("post exactly 85.0", "evaluation", True, (80, 80, 80, 150, 60), 0, {1, 2, 3}, 85.0, 3),
    ("bonus cap", "evaluation", True, (60, 60, 60, 120, 60), 130, {1, 2, 3}, 86.0, 3),
    ("control item failed", "evaluation", False, (90, 90, 90, 180, 90), 50, {1, 2, 3}, None, -1),
    ("three-star table not met", "evaluation", True, (85, 85, 85, 170, 80), 10, {1, 2}, 91.5, 2),
]


@pytest.mark.parametrize(
    ("stage", "control", "points", "bonus", "tables", "total", "stars"),
    [vector[1:] for vector in VECTORS],
    ids=[vector[0] for vector in VECTORS],
)
def test_the_test_vectors_of_the_rating_rule(stage, control, points, bonus, tables, total, stars):
    groups = STANDARD.groups
    capped = [
        min(group.full_points[stage], value) for group, value in zip(groups, (*points, bonus), strict=True)
    ]
    minima = all(
        value >= STANDARD.group_minimum_share * group.full_points[stage] - 1e-9
        for group, value in zip(groups, capped, strict=True)
        if not group.bonus
    )
    score = total_score(capped, control=control, standard=STANDARD)
    if total is not None:
        assert score == pytest.approx(total, abs=1e-9)
    tables = {star: star in tables for star in (1, 2, 3)}
    assert stars_of(score, control=control, minima=minima, tables=tables, standard=STANDARD) == stars


def test_a_project_without_facts_guarantees_nothing_and_excludes_nothing():
    card = scorecard({})
    assert (card.score_guaranteed, card.score_attainable) == (0.0, 107.0)
    assert (card.stars_guaranteed, card.stars_attainable) == (-1, 3)
    assert card.control_items_met is Verdict.CANNOT_TELL
    assert card.building_type == "unknown"


def test_a_perfect_project_reaches_the_highest_total_and_three_stars():
    card = scorecard(perfect_facts("residential"), EVALUATION)
    assert [clause.id for clause in card.clauses if clause.verdict is Verdict.CANNOT_TELL] == []
    assert card.score_guaranteed == card.score_attainable == 110.0
    assert card.stars_guaranteed == 3
    assert card.control_items_met is Verdict.MET


def test_a_failed_control_item_leaves_the_project_unrated_however_good_the_rest_is():
    card = scorecard(perfect_facts("public") | {"lift_energy_saving": False}, EVALUATION)
    assert clause_of(card, "7.1.6").verdict is Verdict.NOT_MET
    assert (card.stars_guaranteed, card.stars_attainable) == (-1, -1)
    assert card.score_attainable == 70.0  # without the 400 points of the control items


def test_at_pre_evaluation_the_operation_clauses_are_not_scored():
    card = scorecard(perfect_facts("public"))
    assert clause_of(card, "6.2.10").verdict is Verdict.NOT_APPLICABLE
    assert {group.id: group.max_points for group in card.groups}["occupant_convenience"] == 70
    assert card.score_guaranteed == 107.0


def test_a_group_below_thirty_percent_costs_every_star():
    facts = perfect_facts("public")
    weak = {
        name: False
        for clause in STANDARD.clauses
        if clause.group == "safety_durability" and clause.kind == "scoring"
        for name in clause.metrics()
        if STANDARD.metrics[name].unit == "bool"
    }
    card = scorecard(
        facts | weak | {"durability_design_life": 50.0, "concrete_cover_raised_or_high_durability": True}
    )
    group = card.groups[0]
    assert group.points < group.minimum == 30.0
    assert group.minimum_met is Verdict.NOT_MET
    assert card.score_guaranteed > 85
    assert card.stars_guaranteed == 0


def test_without_full_fit_out_there_is_no_star():
    card = scorecard(perfect_facts("public") | {"full_fitout": False}, EVALUATION)
    assert card.score_guaranteed == 110.0
    assert card.stars_attainable == 0


def test_tiers_give_the_highest_that_is_reached_and_say_what_the_next_one_asks():
    item = item_of(scorecard({"annual_runoff_control_rate": 62.0}), "8.2.2-1")
    assert (item.verdict, item.points) == (Verdict.MET, 5)
    assert (item.value, item.limit, item.unit) == (62.0, 70.0, "%")
    assert "62 %, needs ≥ 70 %" in item.reason.en
    assert "62 %，要求 ≥ 70 %" in item.reason.zh


def test_the_tier_that_was_reached_is_shown_beside_the_next_one():
    item = item_of(
        scorecard({"waste_material_kinds_ge_50pct": 1.0, "waste_material_kinds_ge_30pct": 1.0}), "7.2.17-2"
    )
    assert item.points == 3
    assert [(criterion.metric, criterion.verdict) for criterion in item.criteria] == [
        ("waste_material_kinds_ge_50pct", Verdict.MET),
        ("waste_material_kinds_ge_30pct", Verdict.NOT_MET),
    ]


@pytest.mark.parametrize(("cut", "points"), [(4.9, 0), (5, 5), (5.99, 5), (6, 6), (10, 10), (40, 10)])
def test_envelope_points_rise_by_one_for_each_whole_percent(cut, points):
    assert item_of(scorecard({"envelope_improvement_vs_GB55015": cut}), "7.2.4-1").points == points


def test_alternatives_count_the_better_one():
    card = scorecard({"envelope_improvement_vs_GB55015": 5.0, "hvac_load_reduction": 6.0})
    assert clause_of(card, "7.2.4").points == 8


def test_the_renewable_line_is_interpolated_and_clamped():
    for rate, points in ((0, 0), (4, 6), (10, 15), (25, 15)):
        assert item_of(
            scorecard({"renewable_utilisation_rate": float(rate)}), "7.2.9-1"
        ).points == pytest.approx(points)


def test_counting_options_keeps_the_unknown_ones_open():
    facts = {"building_type": "residential"} | {
        f"walk_distance_{place}": 100.0
        for place in ("kindergarten", "primary_school", "middle_school", "hospital")
    }
    item = item_of(scorecard(facts), "6.2.3-R")
    assert (item.points, item.attainable_points) == (5, 10)
    assert item.verdict is Verdict.CANNOT_TELL
    assert len(item.missing) == 3


def test_land_per_person_is_read_from_the_row_of_the_zone_and_the_storeys():
    facts = {
        "building_type": "residential",
        "building_climate_zone": "III",
        "per_capita_residential_land": 15.5,
    }
    assert clause_of(scorecard(facts | {"mean_storeys": 18.0}), "7.2.1").points == 15
    assert clause_of(scorecard(facts | {"mean_storeys": 9.0}), "7.2.1").points == 20
    unknown = clause_of(scorecard(facts), "7.2.1")
    assert (unknown.points, unknown.attainable_points) == (0, 20)
    assert any("storeys" in need.what.en for need in unknown.items[0].missing)


def test_a_high_floor_area_ratio_of_a_school_earns_less_than_a_middling_one():
    school = {"building_type": "public", "public_group": "2"}
    assert clause_of(scorecard(school | {"floor_area_ratio": 1.6}), "7.2.1").points == 20
    assert clause_of(scorecard(school | {"floor_area_ratio": 2.4}), "7.2.1").points == 12


def test_an_unknown_building_type_leaves_only_what_both_types_earn():
    card = scorecard({"underground_to_above_ratio": 40.0, "first_basement_to_site_ratio": 50.0})
    assert (clause_of(card, "7.2.2").points, clause_of(card, "7.2.2").attainable_points) == (0, 12)
    both = scorecard(
        {
            "underground_to_above_ratio": 40.0,
            "first_basement_to_site_ratio": 50.0,
            "underground_to_site_ratio": 0.8,
        }
    )
    assert (clause_of(both, "7.2.2").points, clause_of(both, "7.2.2").attainable_points) == (7, 12)


def test_a_clause_that_no_kind_of_building_can_earn_is_lost_and_says_why():
    clause = clause_of(scorecard({"building_type": "public", "floor_area_ratio": 0.2}), "7.2.1")
    assert (clause.verdict, clause.attainable_points) == (Verdict.NOT_MET, 0)
    assert "0.2, needs ≥ 1" in clause.reason.en
    assert not any(item.missing for item in clause.items)


def test_a_mixed_structure_earns_the_mean_of_its_parts():
    facts = {"structure_type": "mixed", "rebar_400MPa_share": 90.0, "c50_vertical_concrete_share": 60.0,
             "steel_Q355_share": 0.0, "non_site_welded_joint_share": 0.0, "propless_floor_slabs": True}  # fmt: skip
    assert clause_of(scorecard(facts), "7.2.15").points == 6
    assert clause_of(scorecard(facts | {"structure_type": "concrete"}), "7.2.15").points == 10


def test_both_modes_of_operation_are_weighted_by_their_hours():
    facts = {"adaptive_comfort_hours_share": 90.0, "thermal_class2_area_share": 60.0}
    assert (
        clause_of(scorecard(facts | {"natural_mode_hours_share": 25.0}), "5.2.9").points
        == 0.25 * 8 + 0.75 * 5
    )
    open_ = clause_of(scorecard(facts), "5.2.9")
    assert (open_.points, open_.attainable_points) == (5, 8)


def test_design_energy_counts_until_the_building_has_run_for_a_year():
    facts = {"design_energy_reduction_vs_GB55015": 11.0, "operating_energy_reduction": 20.0}
    assert clause_of(scorecard(facts), "7.2.8").points == 8
    first_year = scorecard(facts | {"in_operation_one_year": False}, EVALUATION)
    assert clause_of(first_year, "7.2.8").points == 8
    assert clause_of(scorecard(facts | {"in_operation_one_year": True}, EVALUATION), "7.2.8").points == 10
    unknown = clause_of(scorecard(facts, EVALUATION), "7.2.8")
    assert (unknown.points, unknown.attainable_points) == (8, 10)


def test_a_requirement_that_does_not_apply_cannot_fail():
    card = scorecard({"lift_present": False, "lift_energy_saving": False, "escalator_present": False})
    assert clause_of(card, "7.1.6").verdict is Verdict.NOT_APPLICABLE


def test_a_failed_requirement_that_may_not_apply_cannot_be_told():
    clause = clause_of(scorecard({"lift_energy_saving": False, "escalator_vfd_sensing": True}), "7.1.6")
    assert clause.verdict is Verdict.CANNOT_TELL
    assert any("lift" in need.what.en for item in clause.items for need in item.missing)


def test_a_failed_clause_that_may_not_apply_misses_the_fact_that_decides_it():
    clause = clause_of(scorecard({"ev_charging_or_ready": False}), "6.1.3")
    assert clause.verdict is Verdict.CANNOT_TELL
    item = clause.items[0]
    assert item.verdict is Verdict.CANNOT_TELL
    assert "parking" in item.missing[-1].what.en
    without_parking = scorecard({"ev_charging_or_ready": False, "parking_present": False})
    assert clause_of(without_parking, "6.1.3").verdict is Verdict.NOT_APPLICABLE


def test_no_landscape_water_gives_the_points_without_a_test():
    clause = clause_of(scorecard({"landscape_water_present": False}), "7.2.12")
    assert (clause.verdict, clause.points) == (Verdict.MET, 8)
    assert "Full points without a test" in clause.reason.en
    given, *items = clause.items
    assert (given.id, given.points, given.source) == ("7.2.12-0", 8, "test")
    assert {item.verdict for item in items} == {Verdict.NOT_APPLICABLE}


def test_an_alternative_that_is_not_needed_any_more_misses_nothing():
    clause = clause_of(scorecard({"topsoil_recovered": True}), "8.2.1")
    assert (clause.verdict, clause.points) == (Verdict.MET, 10)
    assert [item.verdict for item in clause.items] == [
        Verdict.NOT_APPLICABLE, Verdict.MET, Verdict.NOT_APPLICABLE
    ]  # fmt: skip
    assert not any(item.missing for item in clause.items)


def test_a_claim_that_nobody_makes_does_not_keep_a_clause_open():
    facts = {
        "building_type": "public",
        "underground_to_site_ratio": 0.1,
        "first_basement_to_site_ratio": 10.0,
    }
    assert clause_of(scorecard(facts), "7.2.2").verdict is Verdict.NOT_MET
    claimed = scorecard(facts | {"underground_proven_unsuitable": True})
    assert clause_of(claimed, "7.2.2").points == 12


def test_bounds_can_fail_a_tier_that_one_bad_fixture_excludes():
    share = Fact(None, "%", Provenance.IFC, "test", bounds=(0.0, 90.0))
    clause = clause_of(
        scorecard({"fixture_share_grade2_or_better": share, "fixture_share_grade1": 0.0}), "7.2.10"
    )
    assert clause.verdict is Verdict.NOT_MET
    assert "between 0–90 %" in clause.reason.en


def test_a_low_confidence_rule_carries_its_mark_into_the_reason():
    clause = clause_of(scorecard({"performance_based_seismic_design": True}), "4.2.1")
    assert clause.confidence == "low"
    assert "low confidence" in clause.reason.en
    assert "可信度：低" in clause.reason.zh


def test_star_requirements_of_cold_zones_do_not_bind_in_nanchang():
    card = scorecard({"building_type": "residential", "thermal_zone": "hot_summer_cold_winter"})
    row = next(item for item in card.star_requirements[2] if item.id == "ST-2")
    assert row.verdict is Verdict.NOT_APPLICABLE


def test_one_star_asks_nothing_of_the_envelope():
    card = scorecard({})
    assert "ST-1" not in [item.id for item in card.star_requirements[1]]
    assert "ST-1" in [item.id for item in card.star_requirements[2]]


def test_every_open_item_says_what_is_missing_and_how_to_supply_it():
    for project in (project_of(), EVALUATION):
        card = scorecard({}, project)
        for clause in card.clauses:
            for item in clause.items:
                if item.verdict is Verdict.CANNOT_TELL:
                    assert item.missing, item.id
                    for need in item.missing:
                        assert need.what.en, item.id
                        assert "facts." in need.how.zh or "twin.toml" in need.how.zh, item.id


def test_cannot_tell_is_exactly_an_open_interval():
    card = scorecard({"annual_runoff_control_rate": 62.0, "rain_storage_green_share": 50.0})
    for clause in card.clauses:
        if clause.kind != "control":
            assert (clause.verdict is Verdict.CANNOT_TELL) == (clause.attainable_points > clause.points), (
                clause.id
            )


# --- properties -------------------------------------------------------------------------------------------------

SCORED = sorted({name for clause in STANDARD.clauses for name in clause.metrics()} - STANDARD.claims)
SELECTORS = ("building_type", "public_group", "residential_area_kind", "structure_type", "hvac_kind")


def values_of(name: str) -> st.SearchStrategy:
    metric = STANDARD.metrics[name]
    if metric.unit == "bool":
        return st.booleans()
    if metric.values or metric.order:
        return st.sampled_from(metric.values or metric.order)
    return st.floats(0, 120)


SOME_FACTS = st.fixed_dictionaries({}, optional={name: values_of(name) for name in (*SCORED, *SELECTORS)})


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(SOME_FACTS, st.sampled_from([project_of(), EVALUATION]), st.integers(0, 10_000))
def test_a_fact_more_never_widens_what_is_open(facts, project, seed):
    names = sorted(facts)
    fewer = {name: facts[name] for index, name in enumerate(names) if (index * 7919 + seed) % 3}
    before, after = scorecard(fewer, project), scorecard(facts, project)
    for old, new in zip(before.clauses, after.clauses, strict=True):
        assert new.points >= old.points - 1e-9, old.id
        assert new.attainable_points <= old.attainable_points + 1e-9, old.id
        assert new.points <= new.attainable_points <= max(new.max_points, 0), new.id
    assert (
        before.score_guaranteed <= after.score_guaranteed <= after.score_attainable <= before.score_attainable
    )
    assert (
        before.stars_guaranteed <= after.stars_guaranteed <= after.stars_attainable <= before.stars_attainable
    )


def rising_metrics() -> list[str]:
    """Yes/no metrics that only ever count when true, and numbers that only ever count from some limit up."""
    directions: dict[str, set[str]] = {}

    def note(criteria):
        for criterion in criteria:
            sign = str(criterion.threshold) if criterion.comparator == "is" else criterion.comparator
            directions.setdefault(criterion.metric, set()).add(sign)

    def visit(rule):
        match rule:
            case Tiers(tiers):
                for tier in tiers:
                    note(tier.when.criteria)
            case Count(options, _):
                note(options)
            case Table(rows):
                for when, tiers in rows:
                    note(when.criteria)
                    visit(tiers)
            case Steps() | Linear():
                directions.setdefault(rule.metric, set()).add(">=")

    for clause in STANDARD.clauses:
        note((*clause.not_applicable_if, *clause.credit_if))
        for item in clause.items:
            note((*item.not_applicable_if, *item.credit_if))
            visit(item.rule)
    return [name for name, signs in directions.items() if signs <= {"True"} or signs <= {">=", ">"}]


RISING = rising_metrics()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(SOME_FACTS, st.lists(st.sampled_from(RISING), min_size=1, max_size=40))
def test_a_fact_better_never_lowers_the_score(facts, improved):
    better = {
        name: True if STANDARD.metrics[name].unit == "bool" else 1e6
        for name in improved
        if name in facts and not STANDARD.metrics[name].order
    }
    before, after = scorecard(facts), scorecard(facts | better)
    for old, new in zip(before.clauses, after.clauses, strict=True):
        assert new.points >= old.points - 1e-9, old.id
        assert new.attainable_points >= old.attainable_points - 1e-9, old.id
    assert after.score_guaranteed >= before.score_guaranteed


def perfect_facts(building_type: str) -> dict[str, object]:
    """A value for every metric that satisfies every criterion on it."""
    facts: dict[str, object] = {}

    def satisfy(criteria):
        for criterion in criteria:
            metric = STANDARD.metrics[criterion.metric]
            if criterion.comparator == "is":
                facts[metric.name] = criterion.threshold
            elif criterion.comparator in (">=", ">"):
                facts[metric.name] = metric.order[-1] if metric.order else 1e6
            elif criterion.comparator in ("<=", "<"):
                facts[metric.name] = 0.0

    def visit(rule):
        match rule:
            case Tiers(tiers):
                for tier in tiers:
                    satisfy(tier.when.criteria)
            case Count(options, _):
                satisfy(options)
            case Steps() | Linear():
                facts[rule.metric] = 1e6
            case Table(rows):
                visit(rows[0][1])

    for clause in STANDARD.clauses:
        for item in clause.items:
            visit(item.rule)
    for row in STANDARD.star_requirements:
        for criteria in row.levels.values():
            satisfy(criteria.criteria)
    for clause in STANDARD.clauses:
        for thing in (clause, *clause.items):
            for criterion in (*thing.not_applicable_if, *thing.credit_if):
                if criterion.comparator == "is" and criterion.metric not in STANDARD.claims:
                    facts.setdefault(criterion.metric, not criterion.threshold)
    return facts | {
        "building_type": building_type, "public_group": "1", "residential_area_kind": "new",
        "structure_type": "concrete", "hvac_kind": "central", "stage": "evaluation", "site_area": 12.0,
        "in_operation_one_year": True, "natural_mode_hours_share": 50.0, "thermal_zone": "hot_summer_cold_winter",
        "building_climate_zone": "III", "mean_storeys": 10.0, "per_capita_residential_land": 5.0,
        "floor_area_ratio": 4.0, "water_quota_upper": 10.0, "water_quota_mean": 10.0, "water_quota_lower": 10.0,
    }  # fmt: skip
