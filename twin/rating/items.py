"""One item of a clause before a case: whether it applies, its points, and the whole story."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ifc.model import Diagnostic, Severity, Text
from twin.metrics.result import Need
from twin.rating.case import Case
from twin.rating.declarations import DeclaredVerdict
from twin.rating.explain import Checked, cannot_tell_whether_it_applies, item_result, joined
from twin.rating.facts import Fact
from twin.rating.logic import TOLERANCE, Truth, any_of
from twin.rating.points import criteria_truth, possible_rows, possible_starts, rule_points
from twin.rating.result import ItemResult, Verdict
from twin.rating.standard import (
    Clause,
    Count,
    Criterion,
    Item,
    Linear,
    Rule,
    Steps,
    Table,
    Tiers,
    criteria_metrics,
)

CORRECT = Text(
    "Correct the model, or state the fact that it gets wrong under [facts.NAME] with evidence.",
    "请更正模型，或在 [facts.NAME] 中填写模型有误的数据并附证明文件。",
)


@dataclass(frozen=True, slots=True)
class Assessed:
    """An item, whether it applies, and its points if it does."""

    item: Item
    applies: Truth
    low: float
    high: float
    truth: Truth  # of a requirement
    result: ItemResult


def assess(item: Item, clause: Clause, case: Case) -> Assessed:
    """One item with the facts, the credits and the declarations of a case."""
    applies: Truth = True
    if item.applies_to:
        applies = criteria_truth(case.standard.applicability[item.applies_to], case)
    left_out = any_of(case.truth(criterion) for criterion in item.not_applicable_if)
    if left_out is True:
        applies = False
    low, high = rule_points(item.rule, item.points, case)
    truth: Truth = None
    if clause.kind == "control":
        assert isinstance(item.rule, Tiers)
        truth = criteria_truth(item.rule.tiers[0].when, case)
        if left_out is None and truth is False:
            truth = None  # it may not apply
    checked = list(checked_criteria(item.rule, item.points, low, case))
    credit = credit_holds(item.credit_if, case)
    if credit is True:
        low = high = item.points
        checked = [check(criterion, case) for criterion in item.credit_if if case.truth(criterion)]
    elif credit is None:
        high = item.points
        checked += [check(criterion, case) for criterion in item.credit_if if case.truth(criterion) is None]
    if applies is not False and left_out is None and truth is not True:
        unknown = [criterion for criterion in item.not_applicable_if if case.truth(criterion) is None]
        checked += [check(criterion, case) for criterion in unknown]
    result = item_result(item, checked, (low, high), truth, clause.kind == "control")
    if applies is None:
        metrics = criteria_metrics(case.standard.applicability[item.applies_to].criteria)
        facts = [case.fact(name) for name in metrics]
        result = cannot_tell_whether_it_applies(result, [fact for fact in facts if not fact.known])
    elif applies is False:
        result = not_applicable(result)
    return _declared_item(Assessed(item, applies, low, high, truth, result), clause, case)


def not_applicable(result: ItemResult) -> ItemResult:
    """The item of a project that it does not concern."""
    return replace(
        result, verdict=Verdict.NOT_APPLICABLE, points=0.0, attainable_points=0.0, missing=(), elements=(),
        reason=Text("Does not apply to this project.", "不适用于本项目。"),
    )  # fmt: skip


def credit_holds(criteria: Iterable[Criterion], case: Case) -> Truth:
    """Whether full points come without a test. A claim that nobody makes does not hold."""
    truths = []
    for criterion in criteria:
        truth = case.truth(criterion)
        truths.append(False if truth is None and criterion.metric in case.standard.claims else truth)
    return any_of(truths)


def check(criterion: Criterion, case: Case) -> Checked:
    """A criterion held against the case."""
    return Checked(
        criterion, case.standard.metrics[criterion.metric], case.truth(criterion), case.fact(criterion.metric)
    )


def checked_criteria(rule: Rule, most: float, low: float, case: Case) -> Iterator[Checked]:
    """The criteria that explain the points: of the next tier to reach, or of the best tier when full."""
    match rule:
        case Tiers(tiers):
            above = [tier for tier in tiers if tier.points > low]  # in the order of the standard
            open_tiers = [tier for tier in above if criteria_truth(tier.when, case) is None]
            reached = next(
                (tier for tier in tiers if tier.points == low and criteria_truth(tier.when, case)), None
            )
            wanted = next(iter(open_tiers or above), reached or tiers[0])
            asked = {criterion.metric for criterion in wanted.when.criteria}
            if reached is not None and reached is not wanted:
                earned = deciding(
                    [check(criterion, case) for criterion in reached.when.criteria], reached.when.logic
                )
                yield from (item for item in earned if item.metric.name not in asked)
            checked = [check(criterion, case) for criterion in wanted.when.criteria]
            yield from deciding(checked, wanted.when.logic)
        case Steps():
            if rule.start_by and not case.fact(rule.start_by).known:
                yield Checked(None, case.standard.metrics[rule.start_by], None, case.fact(rule.start_by))
            fact = case.fact(rule.metric)
            start = max(possible_starts(rule, case))
            next_points = min(most, low + rule.points_per_step) if low else rule.points_at_start
            steps = math.floor((next_points - rule.points_at_start) / rule.points_per_step + TOLERANCE)
            yield _check_limit(rule.metric, start + steps * rule.step, fact, case)
        case Linear():
            yield _check_limit(rule.metric, rule.x[1], case.fact(rule.metric), case)
        case Count(options, _):
            yield from (check(option, case) for option in options)
        case Table(rows):
            for when, _ in rows:
                for criterion in when.criteria:
                    if case.truth(criterion) is None:
                        yield check(criterion, case)
            possible = possible_rows(rows, case)
            if len(possible) == 1:
                yield from checked_criteria(possible[0], most, low, case)
            else:
                metric = possible[0].tiers[0].when.criteria[0].metric if possible else ""
                if metric:
                    yield Checked(None, case.standard.metrics[metric], None, case.fact(metric))


def _check_limit(metric: str, limit: float, fact: Fact, case: Case) -> Checked:
    criterion = Criterion(metric, ">=", limit)
    return Checked(criterion, case.standard.metrics[metric], case.truth(criterion), fact)


def deciding(checked: Sequence[Checked], logic: str) -> Iterator[Checked]:
    """Under ``any`` one that holds is enough to show."""
    true = [item for item in checked if item.truth is True]
    yield from true[:1] if logic == "any" and true else checked


def credit_item(clause_id: str, label: Text, points: float, checked: Sequence[Checked]) -> ItemResult:
    """What gives a whole clause its points without a test of its items."""
    item = Item(f"{clause_id}-0", label, "", points, Tiers(()), (), ())
    return item_result(item, checked, (points, points), None, requirement=False)


def settled(assessed: Assessed, why: Text) -> ItemResult:
    """An item of a decided clause: where it is untold itself, nothing is missing any more."""
    result = assessed.result
    if result.verdict is not Verdict.CANNOT_TELL:
        return result
    if assessed.high <= assessed.low:  # only whether it applies is not known
        verdict = Verdict.MET if assessed.low > 0 else Verdict.NOT_MET
        return replace(
            result, verdict=verdict, points=assessed.low, attainable_points=assessed.low, missing=()
        )
    return replace(
        result,
        verdict=Verdict.NOT_APPLICABLE,
        points=0.0,
        attainable_points=0.0,
        missing=(),
        elements=(),
        reason=why,
    )


def _declared_item(assessed: Assessed, clause: Clause, case: Case) -> Assessed:
    """Apply a declaration of the item, or of the whole clause by met, to what cannot be told."""
    verdicts = case.declarations.verdicts
    stated = verdicts.get(assessed.item.id)
    if stated is None and clause.id in verdicts and verdicts[clause.id].points is None:
        stated = verdicts[clause.id]
    if stated is None or assessed.applies is False:
        return assessed
    result = assessed.result
    undecided = assessed.truth is None if clause.kind == "control" else assessed.high > assessed.low
    if not undecided:
        _note_contradiction(stated, assessed, clause, case)
        return assessed
    if stated.problem is not None:
        reason = joined(result.reason, stated.problem.what)
        return replace(
            assessed, result=replace(result, missing=(stated.problem, *result.missing), reason=reason)
        )
    if stated.points is not None:
        points = min(max(stated.points, assessed.low), assessed.high)
    else:
        points = assessed.high if stated.met else assessed.low
    met = stated.met if clause.kind == "control" else points > 0
    doubts = [need for need in result.missing if need.global_ids]
    doubtful = tuple(dict.fromkeys(gid for need in doubts for gid in need.global_ids))
    result = replace(
        result,
        verdict=Verdict.MET if met else Verdict.NOT_MET,
        points=points, attainable_points=points, provenance="declared", source=stated.source,
        evidence=stated.evidence, missing=(),
        reason=joined(_declared_reason(stated, assessed.item), *map(_left_open, doubts)),
        elements=doubtful if met else result.elements, criteria=(),
    )  # fmt: skip
    truth = stated.met if clause.kind == "control" else None
    return replace(assessed, low=points, high=points, truth=truth, result=result, applies=assessed.applies)


def _declared_reason(stated: DeclaredVerdict, item: Item) -> Text:
    said = Text(f"{item.label.en}: declared, not measured.", f"{item.label.zh}：由项目声明，非模型核算。")
    return joined(said, stated.note)


def _left_open(doubt: Need) -> Text:
    """What the model found on elements of its own and could not decide: a declaration must not hide it."""
    count = len(doubt.global_ids)
    return Text(
        f"The model leaves open, on {count} element{'s' if count > 1 else ''}: {doubt.what.en}",
        f"模型中有 {count} 个构件未能核实：{doubt.what.zh}",
    )


def _note_contradiction(stated: DeclaredVerdict, assessed: Assessed, clause: Clause, case: Case) -> None:
    if clause.kind == "control":
        differs = stated.met != assessed.truth
    elif stated.points is not None:
        differs = abs(stated.points - assessed.low) > 1e-6
    else:
        differs = stated.met != (assessed.low > 0)
    if differs:
        item = assessed.item
        case.diagnostics.append(
            Diagnostic(
                "declaration-contradicted",
                Severity.WARNING,
                Text(
                    f"{stated.source} is not applied to {item.id} ({item.label.en}): the model decides it.",
                    f"{stated.source} 未用于 {item.id}（{item.label.zh}）：该款由模型判定。",
                ),
                CORRECT,
            )
        )
