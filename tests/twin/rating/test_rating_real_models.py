"""The rating of real models: honest about what they do not say."""

from __future__ import annotations

from pathlib import Path

import pytest

import ifc
from twin.project import Project
from twin.rating import rate
from twin.rating.result import Scorecard, Verdict

pytestmark = pytest.mark.shared


def card_of(folder: Path, name: str) -> Scorecard:
    return rate(ifc.read(folder / "models" / name), {}, Project())


def clause_of(card: Scorecard, clause_id: str):
    return next(clause for clause in card.clauses if clause.id == clause_id)


@pytest.mark.parametrize(
    ("name", "building_type"),
    [
        ("AC20-FZK-Haus_with_SB55.ifc", "unknown"),  # its rooms have no names
        ("Duplex_A_20110907_georeferenced.ifc", "residential"),
        ("AC90R1-niedriha-V2-2x3.ifc", "residential"),
    ],
)
def test_a_model_made_for_another_purpose_guarantees_no_star_and_fails_no_control_item(
    shared_data, name, building_type
):
    card = card_of(shared_data, name)
    assert card.building_type == building_type
    assert card.stars_guaranteed == -1
    assert card.control_items_met is Verdict.CANNOT_TELL
    assert card.score_guaranteed < 5
    assert [diagnostic.message.en for diagnostic in card.diagnostics] == []


def test_the_cellar_of_a_house_is_its_underground_space(shared_data):
    clause = clause_of(card_of(shared_data, "AC90R1-niedriha-V2-2x3.ifc"), "7.2.2")
    assert clause.points == 7
    assert "Rr: 30" in clause.reason.en


def test_the_windows_of_the_duplex_bound_its_ventilation(shared_data):
    clause = clause_of(card_of(shared_data, "Duplex_A_20110907_georeferenced.ifc"), "5.2.10")
    assert clause.verdict is Verdict.CANNOT_TELL
    assert 0 < clause.attainable_points < clause.max_points
    assert clause.items[0].missing[0].global_ids
