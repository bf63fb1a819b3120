"""Clauses: their items joined as the standard says, with what twin.toml declares for the whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ifc.model import Diagnostic, Severity, Text
from twin.metrics.result import Need
from twin.rating.case import Case
from twin.rating.explain import cannot_tell_whether_it_applies, item_result, joined
from twin.rating.facts import Value, lowest
from twin.rating.items import (
    CORRECT,
    Assessed,
    assess,
    check,
    credit_holds,
    credit_item,
    deciding,
    not_applicable,
    settled,
)
from twin.rating.logic import Truth, all_of, any_of
from twin.rating.points import Points, criteria_truth
from twin.rating.result import ClauseResult, ItemResult, Verdict
from twin.rating.standard import Clause, Item, StarRequirement, Tiers, criteria_metrics

_CONFIDENCE_ZH = {"medium": "中", "low": "低"}
_CREDIT = Text("Full points without a test, after review points", "按审查要点直接得满分")
_SETTLED = Text("Not needed: the points of the clause are decided.", "无需评价：本条得分已确定。")


def score_clause(clause: Clause, case: Case) -> ClauseResult:
    """The verdict of one clause at the stage of the case's project."""
    if case.project.project.stage not in clause.stages:
        reason = Text("Not scored at pre-evaluation.", "预评价阶段不评分。")
        return _clause_result(clause, case, Verdict.NOT_APPLICABLE, (0.0, 0.0), 0.0, (), reason)
    items = [assess(item, clause, case) for item in clause.items]
    if clause.kind == "control":
        return _control_clause(clause, items, case)
    return _scoring_clause(clause, items, case)


def _control_clause(clause: Clause, items: list[Assessed], case: Case) -> ClauseResult:
    left_out = any_of(case.truth(criterion) for criterion in clause.not_applicable_if)
    truths: list[Truth] = []
    for assessed in items:
        if assessed.applies is True:
            truths.append(assessed.truth)
        elif assessed.applies is None:
            truths.append(True if assessed.truth is True else None)
    truth = all_of(truths)
    if left_out is True or not truths:
        verdict = Verdict.NOT_APPLICABLE
    elif left_out is None and truth is not True:
        verdict = Verdict.CANNOT_TELL
    else:
        verdict = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.CANNOT_TELL}[truth]
    results = [assessed.result for assessed in items]
    if verdict is Verdict.NOT_APPLICABLE:
        shown = [check(criterion, case) for criterion in clause.not_applicable_if if case.truth(criterion)]
        reason = joined(Text("Does not apply.", "不适用。"), *(item.statement() for item in shown))
        results = [not_applicable(result) for result in results]
    else:
        reason = _summary(results, clause)
        if left_out is None and truth is False:
            shown = [check(item, case) for item in clause.not_applicable_if if case.truth(item) is None]
            reason = joined(reason, *(item.statement() for item in shown))
            needs = tuple(need for item in shown for need in item.fact.needs)
            results = [_may_not_apply(result, needs) for result in results]
    return _clause_result(clause, case, verdict, (0.0, 0.0), 0.0, results, reason)


def _may_not_apply(result: ItemResult, needs: tuple[Need, ...]) -> ItemResult:
    """A failed requirement of a clause that may not concern the project."""
    if result.verdict is not Verdict.NOT_MET:
        return result
    return replace(result, verdict=Verdict.CANNOT_TELL, missing=(*result.missing, *needs))


def _scoring_clause(clause: Clause, items: list[Assessed], case: Case) -> ClauseResult:
    lows, highs, applicable = [], [], False
    for given in _assignments(items, case):
        present = [item for item in items if _applies(item, case, given)]
        applicable = applicable or bool(present)
        low, high = _join(clause, present, case)
        lows.append(low)
        highs.append(high)
    low, high = min(lows), max(highs)
    results = [assessed.result for assessed in items]
    credit = credit_holds(clause.credit_if, case)
    notes: list[Text] = []
    if credit is True:
        shown = [check(criterion, case) for criterion in clause.credit_if if case.truth(criterion)]
        given_item = credit_item(clause.id, _CREDIT, clause.points, shown)
        notes.append(Text(f"{_CREDIT.en}.", f"{_CREDIT.zh}。"))
        low = high = clause.points
        results = [given_item, *(not_applicable(result) for result in results)]
        applicable = True
    elif credit is None:
        high = clause.points
    declared = _declared_points(clause, low, high, case)
    if not applicable:
        reason = Text("Does not apply to this project.", "不适用于本项目。")
        return _clause_result(
            clause, case, Verdict.NOT_APPLICABLE, (0.0, 0.0), clause.points, results, reason
        )
    if declared is not None and declared.verdict is not Verdict.CANNOT_TELL:
        low = high = declared.points
    if high <= low:
        if credit is not True:
            results = [settled(assessed, _SETTLED) for assessed in items]
    elif credit is None:
        shown = [check(item, case) for item in clause.credit_if if case.truth(item) is None]
        needs = tuple(need for item in shown for need in item.fact.needs)
        results = [
            replace(result, missing=(*result.missing, *needs))
            if result.verdict is not Verdict.NOT_APPLICABLE
            else result
            for result in results
        ]
        notes += [item.statement() for item in shown]
    if declared is not None:
        results = [declared, *results]
    verdict = Verdict.CANNOT_TELL if high > low else Verdict.MET if low > 0 else Verdict.NOT_MET
    reason = joined(_summary(results, clause), *notes)
    return _clause_result(clause, case, verdict, (low, high), clause.points, results, reason)


def _declared_points(clause: Clause, low: float, high: float, case: Case) -> ItemResult | None:
    """What twin.toml claims for the whole clause, as an item, within what the model leaves open.

    Without its evidence the claim counts for nothing, and the item says what is missing.
    """
    stated = case.declarations.verdicts.get(clause.id)
    if stated is None:
        return None
    if stated.points is None and (not stated.met or high <= low or stated.problem is not None):
        return None  # its items have taken it in
    claimed = clause.points if stated.points is None else stated.points
    points = min(max(claimed, low), high)
    reason = joined(
        Text(f"{points:g} points declared, not measured.", f"由项目声明得 {points:g} 分，非模型核算。"),
        stated.note,
    )
    verdict = Verdict.MET if points > 0 else Verdict.NOT_MET
    missing: tuple[Need, ...] = ()
    if stated.problem is not None:
        if high <= low:
            return None
        verdict, missing, reason = Verdict.CANNOT_TELL, (stated.problem,), stated.problem.what
    elif stated.points is not None and abs(points - stated.points) > 1e-6:
        case.diagnostics.append(
            Diagnostic(
                "declaration-contradicted",
                Severity.WARNING,
                Text(
                    f"{stated.source} claims {stated.points:g} points; the model leaves {points:g}.",
                    f"{stated.source} 声明 {stated.points:g} 分；按模型判定只能计 {points:g} 分。",
                ),
                CORRECT,
            )
        )
    return ItemResult(
        id=f"{clause.id}-0",
        label=Text("Points declared for the whole clause", "整条声明得分"),
        verdict=verdict,
        points=points if verdict is not Verdict.CANNOT_TELL else 0.0,
        attainable_points=points,
        max_points=clause.points,
        value=None,
        limit=None,
        unit="",
        formula="",
        provenance="declared" if verdict is not Verdict.CANNOT_TELL else "",
        source=stated.source,
        reason=reason,
        missing=missing,
        evidence=stated.evidence,
    )


def _assignments(items: Sequence[Assessed], case: Case) -> Iterator[Mapping[str, Value]]:
    """Every way in which the unknown selectors (building type, structure, ...) of the items may turn out."""
    names: dict[str, tuple[Value, ...]] = {}
    for assessed in items:
        if assessed.applies is None and assessed.item.applies_to:
            for name in criteria_metrics(case.standard.applicability[assessed.item.applies_to].criteria):
                metric = case.standard.metrics[name]
                if not case.fact(name).known:
                    names[name] = (False, True) if metric.unit == "bool" else metric.values
    for values in itertools.product(*names.values()):
        yield dict(zip(names, values, strict=True))


def _applies(assessed: Assessed, case: Case, given: Mapping[str, Value]) -> bool:
    if assessed.applies is not None:
        return assessed.applies
    return criteria_truth(case.standard.applicability[assessed.item.applies_to], case, given) is True


def _join(clause: Clause, items: Sequence[Assessed], case: Case) -> Points:
    """The items' points joined as the clause says."""
    if not items:
        return 0.0, 0.0
    match clause.score:
        case "best":
            return max(item.low for item in items), max(item.high for item in items)
        case "mean_of_parts":
            parts: dict[str, list[Assessed]] = {}
            for item in items:
                parts.setdefault(item.item.applies_to, []).append(item)
            lows = [sum(item.low for item in part) for part in parts.values()]
            highs = [sum(item.high for item in part) for part in parts.values()]
            return sum(lows) / len(lows), sum(highs) / len(highs)
        case "hours_weighted_mean":
            natural, conditioned = items
            weights = [
                min(max(bound / 100, 0.0), 1.0) for bound in case.fact("natural_mode_hours_share").interval
            ]
            return (
                min(weight * natural.low + (1 - weight) * conditioned.low for weight in weights),
                max(weight * natural.high + (1 - weight) * conditioned.high for weight in weights),
            )
        case _:
            low, high = sum(item.low for item in items), sum(item.high for item in items)
            return min(low, clause.points), min(high, clause.points)


def _summary(results: Sequence[ItemResult], clause: Clause) -> Text:
    """What is met, what is lost and what is open, item by item; with the caveat of an unsure rule."""
    parts = [result.reason for result in results if result.verdict is not Verdict.NOT_APPLICABLE]
    if clause.caveat is not None:
        mark_en = "" if clause.confidence == "high" else f" ({clause.confidence} confidence)"
        mark_zh = "" if clause.confidence == "high" else f"（可信度：{_CONFIDENCE_ZH[clause.confidence]}）"
        parts.append(Text(f"Note{mark_en}: {clause.caveat.en}", f"注{mark_zh}：{clause.caveat.zh}"))
    return joined(*parts)


def _clause_result(
    clause: Clause,
    case: Case,
    verdict: Verdict,
    points: Points,
    most: float,
    items: Sequence[ItemResult],
    reason: Text,
) -> ClauseResult:
    names = set(clause.metrics())
    ours = any(name in case.evaluators for name in names) or any(
        name in result.summary for name in names for result in case.metrics.values()
    )
    used = [
        criterion.confidence
        for item in items
        if item.verdict is not Verdict.NOT_APPLICABLE
        for criterion in item.criteria
        if criterion.value is not None
    ]
    return ClauseResult(
        id=clause.id,
        edition=case.standard.edition,
        kind=clause.kind,
        group=clause.group,
        title=clause.title,
        verdict=verdict,
        points=round(points[0], 6),
        attainable_points=round(points[1], 6),
        max_points=most,
        items=tuple(items),
        reason=reason,
        evaluator="model" if ours else "declared",
        confidence=lowest([clause.confidence, *used]),
    )


def score_star_requirement(row: StarRequirement, stars: int, case: Case) -> ItemResult | None:
    """One row of table 3.2.8 for a number of stars; None when it asks nothing there."""
    criteria = row.levels.get(stars)
    if criteria is None:
        return None
    applies: Truth = True
    if row.applies_to:
        applies = criteria_truth(case.standard.applicability[row.applies_to], case)
    applies = all_of([applies, *(case.truth(criterion) for criterion in row.when)])
    truth = criteria_truth(criteria, case)
    item = Item(row.id, row.label, row.applies_to, 0.0, Tiers(()), (), ())
    checked = list(deciding([check(criterion, case) for criterion in criteria.criteria], criteria.logic))
    result = item_result(item, checked, (0.0, 0.0), truth, requirement=True)
    if applies is False:
        return not_applicable(result)
    if applies is None and truth is not True:
        names = [criterion.metric for criterion in row.when]
        if row.applies_to:
            names += criteria_metrics(case.standard.applicability[row.applies_to].criteria)
        result = cannot_tell_whether_it_applies(result, [f for f in map(case.fact, names) if not f.known])
    if row.caveat is not None:
        result = replace(result, reason=joined(result.reason, row.caveat))
    return result
