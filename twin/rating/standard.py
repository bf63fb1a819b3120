"""GB/T 50378 as data: clauses, items, rules and the metrics that they ask for.

The numbers live in ``data/gbt50378/*.yaml``; :mod:`.standard_reader` reads and checks them.

A criterion is written as one short expression over a metric of ``metrics.yaml``::

    annual_runoff_control_rate >= 55      a number, in the metric's unit
    slip_grade_dry_general >= Bd          a grade, in the metric's order
    lift_energy_saving                    a yes/no metric that must be true
    not over_limit_pollution_source       ... or false
    thermal_zone in severe_cold, cold     one of several words
    daily_water_use <= @water_quota_mean  a number against another metric

An item holds one rule: ``all``/``any`` criteria for its points, ``tiers``, ``steps``, ``linear``, ``count``
or ``table``. ``for`` names an entry of ``applicability`` in ``standard.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ifc.model import Text

Logic = Literal["all", "any"]

CHAPTERS = (4, 5, 6, 7, 8, 9)
STAGES = ("pre_evaluation", "evaluation")
CONFIDENCES = ("high", "medium", "low")  # in falling order


@dataclass(frozen=True, slots=True)
class Metric:
    """One fact that the standard or an evaluator asks for.

    ``order`` lists grades from the worst to the best, ``values`` the words allowed. ``project`` marks project
    data (what the project is, not how well it performs), which needs no evidence file.
    """

    name: str
    unit: str  # "bool" for yes/no, "enum" for words, "grade" with ``order``
    label: Text
    values: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    project: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """``metric comparator threshold``; ``reference`` True: the threshold is the name of another metric."""

    metric: str
    comparator: Literal[">=", ">", "<=", "<", "is", "in"]
    threshold: float | bool | str | tuple[str, ...]
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """Several criteria joined by ``all`` or ``any``. Empty ``all`` is true, empty ``any`` is false."""

    logic: Logic
    criteria: tuple[Criterion, ...]


class Tier(NamedTuple):
    """Points for meeting the criteria."""

    points: float
    when: Criteria


@dataclass(frozen=True, slots=True)
class Tiers:
    """The highest points of any tier whose criteria hold. A requirement or a plain item has one tier."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """0 below the start; then ``points_at_start`` and ``points_per_step`` for each whole ``step`` above it.

    ``start`` is a number, or numbers by the value of the metric ``start_by``.
    """

    metric: str
    start: float | Mapping[str, float]
    start_by: str
    points_at_start: float
    step: float
    points_per_step: float


@dataclass(frozen=True, slots=True)
class Linear:
    """Linear between (x[0], points[0]) and (x[1], points[1]), clamped."""

    metric: str
    x: tuple[float, float]
    points: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Count:
    """Points by the number of ``options`` that hold."""

    options: tuple[Criterion, ...]
    tiers: tuple[tuple[int, float], ...]  # (at least, points), rising


@dataclass(frozen=True, slots=True)
class Table:
    """Tiers that depend on where the project stands: the row whose ``when`` holds counts."""

    rows: tuple[tuple[Criteria, Tiers], ...]


Rule = Tiers | Steps | Linear | Count | Table


@dataclass(frozen=True, slots=True)
class Item:
    """One item (款) of a clause."""

    id: str
    label: Text
    applies_to: str  # key of Standard.applicability, "" for all
    points: float  # 0 for the requirements of control items
    rule: Rule
    credit_if: tuple[Criterion, ...]  # full points when any holds
    not_applicable_if: tuple[Criterion, ...]  # left out when any holds


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table of limits that belongs to a clause."""

    id: str
    title: Text
    unit: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. ``score`` joins its items: sum, single, best, mean_of_parts or hours_weighted_mean."""

    id: str
    title: Text
    kind: Literal["control", "scoring", "bonus"]
    group: str
    section: str
    points: float
    score: str
    stages: tuple[str, ...]
    revision: str  # "unchanged" | "amended" | "new" in the 2024 revision
    confidence: str  # of the numbers and the method, the lower of both
    caveat: Text | None
    evidence: tuple[str, ...]  # ids of Standard.documents
    codes: tuple[str, ...]
    source: tuple[str, ...]
    credit_if: tuple[Criterion, ...]
    not_applicable_if: tuple[Criterion, ...]
    items: tuple[Item, ...]
    tables: tuple[DataTable, ...]

    def metrics(self) -> Iterator[str]:
        """The names of the metrics that decide this clause, without those of the applicability rules."""
        yield from (criterion.metric for criterion in (*self.credit_if, *self.not_applicable_if))
        for item in self.items:
            yield from (criterion.metric for criterion in (*item.credit_if, *item.not_applicable_if))
            yield from rule_metrics(item.rule)


@dataclass(frozen=True, slots=True)
class Group:
    """One of the five groups, or the bonus group."""

    id: str
    title: Text
    symbol: str
    bonus: bool
    full_points: Mapping[str, float]  # by stage


@dataclass(frozen=True, slots=True)
class Level:
    """What a number of stars asks of the total."""

    stars: int
    title: Text
    total: float


@dataclass(frozen=True, slots=True)
class StarRequirement:
    """One row of table 3.2.8; ``levels`` holds the criteria by the number of stars (no entry: none)."""

    id: str
    label: Text
    applies_to: str
    when: tuple[Criterion, ...]
    confidence: str
    caveat: Text | None
    source: tuple[str, ...]
    levels: Mapping[int, Criteria]


@dataclass(frozen=True, slots=True)
class Standard:
    """The whole standard."""

    name: str
    edition: str
    control_points: float
    divisor: float
    group_minimum_share: float
    groups: tuple[Group, ...]
    levels: tuple[Level, ...]
    applicability: Mapping[str, Criteria]
    claims: frozenset[str]  # metrics that count only when stated
    star_requirements: tuple[StarRequirement, ...]
    deleted_clauses: Mapping[str, str]  # old number -> what replaced it
    sources: Mapping[str, str]
    documents: Mapping[str, Text]
    metrics: Mapping[str, Metric]
    clauses: tuple[Clause, ...]

    def clause(self, clause_id: str) -> Clause:
        """The clause with this number.

        Raises:
            KeyError: there is none.
        """
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)


def rule_metrics(rule: Rule) -> Iterator[str]:
    """The names of the metrics that a rule reads."""
    match rule:
        case Tiers(tiers):
            for tier in tiers:
                yield from criteria_metrics(tier.when.criteria)
        case Steps():
            yield rule.metric
            if rule.start_by:
                yield rule.start_by
        case Linear():
            yield rule.metric
        case Count(options, _):
            yield from criteria_metrics(options)
        case Table(rows):
            for when, row in rows:
                yield from criteria_metrics(when.criteria)
                yield from rule_metrics(row)


def criteria_metrics(criteria: Iterable[Criterion]) -> Iterator[str]:
    """The names of the metrics that the criteria read, on both sides."""
    for criterion in criteria:
        yield criterion.metric
        if criterion.reference:
            yield str(criterion.threshold)
