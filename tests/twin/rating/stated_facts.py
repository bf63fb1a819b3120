"""Rating an empty model with stated facts only, to test the engine apart from its evaluators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ifc.model import BuildingModel, Provenance
from tests.building_blocks import Blocks
from twin.project import Project
from twin.rating.engine import rate
from twin.rating.facts import Fact, Value
from twin.rating.result import ClauseResult, ItemResult, Scorecard
from twin.rating.standard_reader import load_standard


@cache
def empty_model() -> BuildingModel:
    return Blocks().model()


def scorecard(facts: Mapping[str, Value | Fact], project: Project | None = None) -> Scorecard:
    """The scorecard of a project about which exactly these facts are known."""
    units = load_standard().metrics

    def evaluator(name: str, value: Value | Fact):
        fact = value if isinstance(value, Fact) else Fact(value, units[name].unit, Provenance.IFC, "test")
        return lambda case: fact

    project = project or Project()
    stage = {"stage": project.project.stage}
    evaluators = {name: evaluator(name, value) for name, value in {**stage, **facts}.items()}
    return rate(empty_model(), {}, project, evaluators=evaluators)


def clause_of(card: Scorecard, clause_id: str) -> ClauseResult:
    return next(clause for clause in card.clauses if clause.id == clause_id)


def item_of(card: Scorecard, item_id: str) -> ItemResult:
    return next(item for clause in card.clauses for item in clause.items if item.id == item_id)


def project_of(**sections) -> Project:
    return Project.model_validate(sections)


EVALUATION = project_of(project={"stage": "evaluation"})
