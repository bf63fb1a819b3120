"""Items and clauses: from facts to points, guaranteed and attainable."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ifc.model import Diagnostic, Severity, Text
from twin.rating.case import Case
from twin.rating.declarations import DeclaredVerdict
from twin.rating.explain import Checked, cannot_tell_whether_it_applies, item_result, joined
from twin.rating.facts import Fact, Value, lowest
from twin.rating.logic import TOLERANCE, Truth, all_of, any_of
from twin.rating.result import ClauseResult, ItemResult, Verdict
from twin.rating.standard import (
    Clause,
    Count,
    Criteria,
    Criterion,
    Item,
    Linear,
    Rule,
    StarRequirement,
    Steps,
    Table,
    Tiers,
    criteria_metrics,
)

Points = tuple[float, float]  # guaranteed, attainable

_CONFIDENCE_ZH = {"medium": "中", "low": "低"}
_CORRECT = Text(
    "Correct the model, or state the fact that it gets wrong under [facts.NAME] with evidence.",
    "请更正模型，或在 [facts.NAME] 中填写模型有误的数据并附证明文件。",
)


def criteria_truth(criteria: Criteria, case: Case, given: Mapping[str, Value] | None = None) -> Truth:
    """Whether joined criteria hold."""
    truths = [case.truth(criterion, given) for criterion in criteria.criteria]
    return all_of(truths) if criteria.logic == "all" else any_of(truths)


def rule_points(rule: Rule, most: float, case: Case) -> Points:
    """Guaranteed and attainable points of a rule; ``most`` are the full points of its item."""
    match rule:
        case Tiers(tiers):
            truths = [(tier.points, criteria_truth(tier.when, case)) for tier in tiers]
            return (
                max((points for points, truth in truths if truth is True), default=0.0),
                max((points for points, truth in truths if truth is not False), default=0.0),
            )
        case Steps():
            low, high = case.fact(rule.metric).interval
            starts = _starts(rule, case)
            return _step_points(rule, low, max(starts), most), _step_points(rule, high, min(starts), most)
        case Linear():
            low, high = case.fact(rule.metric).interval
            return _linear_points(rule, low), _linear_points(rule, high)
        case Count(options, steps):
            truths_of = [case.truth(option) for option in options]
            sure = sum(1 for truth in truths_of if truth is True)
            possible = sum(1 for truth in truths_of if truth is not False)
            return _count_points(steps, sure), _count_points(steps, possible)
        case Table(rows):
            points = [rule_points(tiers, most, case) for tiers in possible_rows(rows, case)]
            return min((low for low, _ in points), default=0.0), max(
                (high for _, high in points), default=0.0
            )


def possible_rows(rows: Iterable[tuple[Criteria, Tiers]], case: Case) -> list[Tiers]:
    """The rows of a table that may be the project's own: one when its place is known."""
    return [tiers for when, tiers in rows if criteria_truth(when, case) is not False]


def _starts(rule: Steps, case: Case) -> list[float]:
    if isinstance(rule.start, float):
        return [rule.start]
    word = case.fact(rule.start_by).value
    return [rule.start[str(word)]] if word is not None else list(rule.start.values())


def _step_points(rule: Steps, value: float, start: float, most: float) -> float:
    if math.isinf(value):
        return most if value > 0 else 0.0
    steps = (value - start) / rule.step + TOLERANCE * max(1.0, abs(value))
    return 0.0 if steps < 0 else min(most, rule.points_at_start + math.floor(steps) * rule.points_per_step)


def _linear_points(rule: Linear, value: float) -> float:
    share = (min(max(value, rule.x[0]), rule.x[1]) - rule.x[0]) / (rule.x[1] - rule.x[0])
    return rule.points[0] + share * (rule.points[1] - rule.points[0])


def _count_points(tiers: Iterable[tuple[int, float]], count: int) -> float:
    return max((points for at_least, points in tiers if count >= at_least), default=0.0)


@dataclass(frozen=True, slots=True)
class _Assessed:
    """An item, whether it applies, and its points if it does."""

    item: Item
    applies: Truth
    low: float
    high: float
    truth: Truth  # of a requirement
    result: ItemResult


def score_clause(clause: Clause, case: Case) -> ClauseResult:
    """The verdict of one clause at the stage of the case's project."""
    if case.project.project.stage not in clause.stages:
        reason = Text("Not scored at pre-evaluation.", "预评价阶段不评分。")
        return _clause_result(clause, case, Verdict.NOT_APPLICABLE, (0.0, 0.0), 0.0, (), reason)
    items = [_assess(item, clause, case) for item in clause.items]
    if clause.kind == "control":
        return _control_clause(clause, items, case)
    return _scoring_clause(clause, items, case)


def _assess(item: Item, clause: Clause, case: Case) -> _Assessed:
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
    checked = list(_checked(item.rule, item.points, low, case))
    credit = _credit(item.credit_if, case)
    if credit is True:
        low = high = item.points
        checked = [_check(criterion, case) for criterion in item.credit_if if case.truth(criterion)]
    elif credit is None:
        high = item.points
        checked += [_check(criterion, case) for criterion in item.credit_if if case.truth(criterion) is None]
    if applies is not False and left_out is None and truth is not True:
        unknown = [criterion for criterion in item.not_applicable_if if case.truth(criterion) is None]
        checked += [_check(criterion, case) for criterion in unknown]
    result = item_result(item, checked, (low, high), truth, clause.kind == "control")
    if applies is None:
        metrics = criteria_metrics(case.standard.applicability[item.applies_to].criteria)
        facts = [case.fact(name) for name in metrics]
        result = cannot_tell_whether_it_applies(result, [fact for fact in facts if not fact.known])
    elif applies is False:
        result = _not_applicable(result)
    return _declared_item(_Assessed(item, applies, low, high, truth, result), clause, case)


def _not_applicable(result: ItemResult) -> ItemResult:
    return replace(
        result, verdict=Verdict.NOT_APPLICABLE, points=0.0, attainable_points=0.0, missing=(), elements=(),
        reason=Text("Does not apply to this project.", "不适用于本项目。"),
    )  # fmt: skip


def _credit(criteria: Iterable[Criterion], case: Case) -> Truth:
    """Whether full points come without a test. A claim that nobody makes does not hold."""
    truths = []
    for criterion in criteria:
        truth = case.truth(criterion)
        truths.append(False if truth is None and criterion.metric in case.standard.claims else truth)
    return any_of(truths)


def _check(criterion: Criterion, case: Case) -> Checked:
    return Checked(
        criterion, case.standard.metrics[criterion.metric], case.truth(criterion), case.fact(criterion.metric)
    )


def _checked(rule: Rule, most: float, low: float, case: Case) -> Iterator[Checked]:
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
                earned = _deciding(
                    [_check(criterion, case) for criterion in reached.when.criteria], reached.when.logic
                )
                yield from (item for item in earned if item.metric.name not in asked)
            checked = [_check(criterion, case) for criterion in wanted.when.criteria]
            yield from _deciding(checked, wanted.when.logic)
        case Steps():
            if rule.start_by and not case.fact(rule.start_by).known:
                yield Checked(None, case.standard.metrics[rule.start_by], None, case.fact(rule.start_by))
            fact = case.fact(rule.metric)
            start = max(_starts(rule, case))
            next_points = min(most, low + rule.points_per_step) if low else rule.points_at_start
            steps = math.floor((next_points - rule.points_at_start) / rule.points_per_step + TOLERANCE)
            yield _check_limit(rule.metric, start + steps * rule.step, fact, case)
        case Linear():
            yield _check_limit(rule.metric, rule.x[1], case.fact(rule.metric), case)
        case Count(options, _):
            yield from (_check(option, case) for option in options)
        case Table(rows):
            for when, _ in rows:
                for criterion in when.criteria:
                    if case.truth(criterion) is None:
                        yield _check(criterion, case)
            possible = possible_rows(rows, case)
            if len(possible) == 1:
                yield from _checked(possible[0], most, low, case)
            else:
                metric = possible[0].tiers[0].when.criteria[0].metric if possible else ""
                if metric:
                    yield Checked(None, case.standard.metrics[metric], None, case.fact(metric))


def _check_limit(metric: str, limit: float, fact: Fact, case: Case) -> Checked:
    criterion = Criterion(metric, ">=", limit)
    return Checked(criterion, case.standard.metrics[metric], case.truth(criterion), fact)


def _deciding(checked: Sequence[Checked], logic: str) -> Iterator[Checked]:
    """Under ``any`` one that holds is enough to show."""
    true = [item for item in checked if item.truth is True]
    yield from true[:1] if logic == "any" and true else checked


def _declared_item(assessed: _Assessed, clause: Clause, case: Case) -> _Assessed:
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
    result = replace(
        result,
        verdict=Verdict.MET if met else Verdict.NOT_MET,
        points=points, attainable_points=points, provenance="declared", source=stated.source,
        evidence=stated.evidence, missing=(), reason=_declared_reason(stated),
        elements=() if met else result.elements,
    )  # fmt: skip
    truth = stated.met if clause.kind == "control" else None
    return replace(assessed, low=points, high=points, truth=truth, result=result, applies=assessed.applies)


def _declared_reason(stated: DeclaredVerdict) -> Text:
    said = Text("Declared, not measured.", "由项目声明，非模型核算。")
    return joined(said, stated.note)


def _note_contradiction(stated: DeclaredVerdict, assessed: _Assessed, clause: Clause, case: Case) -> None:
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
                _CORRECT,
            )
        )


def _control_clause(clause: Clause, items: list[_Assessed], case: Case) -> ClauseResult:
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
        shown = [_check(criterion, case) for criterion in clause.not_applicable_if if case.truth(criterion)]
        reason = joined(Text("Does not apply.", "不适用。"), *(item.statement() for item in shown))
        results = [_not_applicable(result) for result in results]
    else:
        reason = _summary(results, clause)
        if left_out is None and truth is False:
            shown = [_check(item, case) for item in clause.not_applicable_if if case.truth(item) is None]
            reason = joined(reason, *(item.statement() for item in shown))
    return _clause_result(clause, case, verdict, (0.0, 0.0), 0.0, results, reason)


def _scoring_clause(clause: Clause, items: list[_Assessed], case: Case) -> ClauseResult:
    lows, highs, applicable = [], [], False
    for given in _assignments(items, case):
        present = [item for item in items if _applies(item, case, given)]
        applicable = applicable or bool(present)
        low, high = _join(clause, present, case)
        lows.append(low)
        highs.append(high)
    low, high = min(lows), max(highs)
    results = [assessed.result for assessed in items]
    credit = _credit(clause.credit_if, case)
    notes: list[Text] = []
    if credit is True:
        low = high = clause.points
        applicable = True
        shown = [_check(criterion, case) for criterion in clause.credit_if if case.truth(criterion)]
        notes.append(
            joined(
                Text("Full points without a test, after review points:", "按审查要点直接得满分："),
                *(item.statement() for item in shown),
            )
        )
    elif credit is None:
        high = clause.points
    low, high, declared = _declared_points(clause, low, high, case)
    if declared is not None:
        notes.append(declared)
    if not applicable:
        reason = Text("Does not apply to this project.", "不适用于本项目。")
        return _clause_result(
            clause, case, Verdict.NOT_APPLICABLE, (0.0, 0.0), clause.points, results, reason
        )
    verdict = Verdict.CANNOT_TELL if high > low else Verdict.MET if low > 0 else Verdict.NOT_MET
    if credit is True:
        results = [
            replace(
                result,
                verdict=Verdict.NOT_APPLICABLE,
                points=0.0,
                attainable_points=0.0,
                missing=(),
                elements=(),
            )
            for result in results
        ]
    elif credit is None and high > low:
        shown = [_check(item, case) for item in clause.credit_if if case.truth(item) is None]
        results = [
            replace(result, missing=(*result.missing, *(need for item in shown for need in item.fact.needs)))
            if result.verdict is not Verdict.NOT_APPLICABLE
            else result
            for result in results
        ]
        notes += [item.statement() for item in shown]
    reason = joined(*notes) if credit is True else joined(_summary(results, clause), *notes)
    return _clause_result(clause, case, verdict, (low, high), clause.points, results, reason)


def _declared_points(clause: Clause, low: float, high: float, case: Case) -> tuple[float, float, Text | None]:
    """Points that twin.toml claims for the whole clause, within what the model leaves open."""
    stated = case.declarations.verdicts.get(clause.id)
    if stated is None or stated.points is None:
        return low, high, None
    if stated.problem is not None:
        return low, high, stated.problem.what
    points = min(max(stated.points, low), high)
    if abs(points - stated.points) > 1e-6:
        case.diagnostics.append(
            Diagnostic(
                "declaration-contradicted",
                Severity.WARNING,
                Text(
                    f"{stated.source} claims {stated.points:g} points; the model leaves {points:g}.",
                    f"{stated.source} 声明 {stated.points:g} 分；按模型判定只能计 {points:g} 分。",
                ),
                _CORRECT,
            )
        )
    claimed = Text(
        f"{points:g} points declared ({stated.evidence or stated.source}).",
        f"声明得 {points:g} 分（{stated.evidence or stated.source}）。",
    )
    return points, points, joined(claimed, stated.note)


def _assignments(items: Sequence[_Assessed], case: Case) -> Iterator[Mapping[str, Value]]:
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


def _applies(assessed: _Assessed, case: Case, given: Mapping[str, Value]) -> bool:
    if assessed.applies is not None:
        return assessed.applies
    return criteria_truth(case.standard.applicability[assessed.item.applies_to], case, given) is True


def _join(clause: Clause, items: Sequence[_Assessed], case: Case) -> Points:
    """The items' points joined as the clause says."""
    if not items:
        return 0.0, 0.0
    match clause.score:
        case "best":
            return max(item.low for item in items), max(item.high for item in items)
        case "mean_of_parts":
            parts: dict[str, list[_Assessed]] = {}
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
        criterion.confidence for item in items for criterion in item.criteria if criterion.value is not None
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
    checked = list(_deciding([_check(criterion, case) for criterion in criteria.criteria], criteria.logic))
    result = item_result(item, checked, (0.0, 0.0), truth, requirement=True)
    if applies is False:
        return _not_applicable(result)
    if applies is None and truth is not True:
        names = [criterion.metric for criterion in row.when]
        if row.applies_to:
            names += criteria_metrics(case.standard.applicability[row.applies_to].criteria)
        result = cannot_tell_whether_it_applies(result, [f for f in map(case.fact, names) if not f.known])
    if row.caveat is not None:
        result = replace(result, reason=joined(result.reason, row.caveat))
    return result
