"""Rules and criteria turned into points, guaranteed and attainable."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from twin.rating.case import Case
from twin.rating.facts import Value
from twin.rating.logic import TOLERANCE, Truth, all_of, any_of
from twin.rating.standard import Count, Criteria, Linear, Rule, Steps, Table, Tiers

Points = tuple[float, float]  # guaranteed, attainable


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
            starts = possible_starts(rule, case)
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


def possible_starts(rule: Steps, case: Case) -> list[float]:
    """The value at which the points begin; all candidates while the place of the project is not known."""
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
