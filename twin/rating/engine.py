"""A model, its metrics and its project before GB/T 50378: the scorecard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ifc.model import BuildingModel
from twin.metrics.result import MetricResult
from twin.project import Project
from twin.rating.case import Case, Evaluator
from twin.rating.clauses import EVALUATORS
from twin.rating.declarations import read_declarations
from twin.rating.logic import TOLERANCE, Truth, all_of
from twin.rating.result import ClauseResult, GroupScore, ItemResult, Scorecard, Verdict
from twin.rating.scoring import score_clause, score_star_requirement
from twin.rating.standard import Standard
from twin.rating.standard_reader import load_standard

_TRUTHS: Mapping[Verdict, Truth] = {Verdict.MET: True, Verdict.NOT_MET: False, Verdict.CANNOT_TELL: None}
_VERDICTS = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.CANNOT_TELL}


def rate(
    model: BuildingModel,
    metrics: Mapping[str, MetricResult],
    project: Project,
    *,
    standard: Standard | None = None,
    evaluators: Mapping[str, Evaluator] = EVALUATORS,
) -> Scorecard:
    """Rate a model against GB/T 50378-2019 (2024 revision).

    Args:
        model: the building.
        metrics: results of the metrics by name; a missing one leaves its clauses untold.
        project: twin.toml, with the stage, the declarations and the facts.
        standard: other data than the package's own, for tests.
        evaluators: fact name -> function that finds it in a case.

    Raises:
        TwinError: the project names a clause or fact that does not exist, or a value that does not fit.
    """
    standard = standard or load_standard()
    case = Case(model, metrics, project, standard, read_declarations(project, standard), evaluators)
    clauses = tuple(score_clause(clause, case) for clause in standard.clauses)
    groups = group_scores(clauses, standard, project.project.stage)
    control = control_items_met(clauses)
    rows = {
        level.stars: tuple(
            result
            for row in standard.star_requirements
            if (result := score_star_requirement(row, level.stars, case)) is not None
        )
        for level in standard.levels
    }
    sure, possible = _totals(groups, control, standard)
    building_type = case.fact("building_type").value
    return Scorecard(
        standard=standard.name,
        edition=standard.edition,
        stage=project.project.stage,
        building_type="unknown" if building_type is None else str(building_type),
        score_guaranteed=sure,
        score_attainable=possible,
        stars_guaranteed=stars_of(
            sure,
            control=control is Verdict.MET,
            minima=all(group.minimum_met is Verdict.MET for group in groups),
            tables={star: _hold(items) is True for star, items in rows.items()},
            standard=standard,
        ),
        stars_attainable=stars_of(
            possible,
            control=control is not Verdict.NOT_MET,
            minima=all(group.minimum_met is not Verdict.NOT_MET for group in groups),
            tables={star: _hold(items) is not False for star, items in rows.items()},
            standard=standard,
        ),
        control_items_met=control,
        groups=groups,
        clauses=clauses,
        star_requirements=rows,
        diagnostics=tuple(dict.fromkeys(case.diagnostics)),
    )


def control_items_met(clauses: Iterable[ClauseResult]) -> Verdict:
    """All control items together (clause 3.2.7)."""
    verdicts = [clause.verdict for clause in clauses if clause.kind == "control"]
    return _VERDICTS[all_of(_TRUTHS[v] for v in verdicts if v is not Verdict.NOT_APPLICABLE)]


def group_scores(clauses: Iterable[ClauseResult], standard: Standard, stage: str) -> tuple[GroupScore, ...]:
    """Points of the five groups and the bonus group, with the 30 % minimum (clause 3.2.8)."""
    clauses = tuple(clauses)
    scores = []
    for group in standard.groups:
        own = [clause for clause in clauses if clause.group == group.id]
        full = group.full_points[stage]
        sure = min(full, sum(clause.points for clause in own))
        possible = min(full, sum(clause.attainable_points for clause in own))
        minimum = 0.0 if group.bonus else standard.group_minimum_share * full
        reached: Truth = None
        if sure >= minimum - TOLERANCE:
            reached = True
        elif possible < minimum - TOLERANCE:
            reached = False
        scores.append(GroupScore(group.id, group.title, sure, possible, full, minimum, _VERDICTS[reached]))
    return tuple(scores)


def total_score(group_points: Iterable[float], *, control: bool, standard: Standard) -> float:
    """Q = (Q0 + Q1 + ... + Q5 + QA) / 10 (clause 3.2.5); Q0 counts only when every control item is met.

    ``group_points`` are the capped points of all six groups.
    """
    base = standard.control_points if control else 0.0
    return round((base + sum(group_points)) / standard.divisor, 6)


def stars_of(
    total: float, *, control: bool, minima: bool, tables: Mapping[int, bool], standard: Standard
) -> int:
    """Stars of a total (clauses 3.2.7 and 3.2.8): -1 not rated, 0 basic grade, 1 to 3.

    ``tables`` says for each number of stars whether table 3.2.8 and full fit-out are met.
    """
    if not control:
        return -1
    reached = [
        level.stars
        for level in standard.levels
        if minima and tables[level.stars] and total >= level.total - TOLERANCE
    ]
    return max(reached, default=0)


def _totals(groups: Iterable[GroupScore], control: Verdict, standard: Standard) -> tuple[float, float]:
    groups = tuple(groups)
    return (
        total_score((group.points for group in groups), control=control is Verdict.MET, standard=standard),
        total_score(
            (group.attainable_points for group in groups),
            control=control is not Verdict.NOT_MET,
            standard=standard,
        ),
    )


def _hold(items: Iterable[ItemResult]) -> Truth:
    return all_of(_TRUTHS[item.verdict] for item in items if item.verdict is not Verdict.NOT_APPLICABLE)
