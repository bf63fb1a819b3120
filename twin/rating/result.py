"""What a rating returns: verdicts, points, stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ifc.model import Diagnostic, Text
from twin.metrics.result import Need


class Verdict(StrEnum):
    """Of one clause or item."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion that an item was held against. ``value`` None: it cannot be told."""

    metric: str  # name in the standard's registry, the NAME of [facts.NAME] in twin.toml
    label: Text
    verdict: Verdict
    value: float | str | bool | None
    comparator: str  # ">=", ">", "<=", "<", "is", "in"
    limit: float | str | bool | None
    unit: str
    formula: str
    provenance: str
    source: str
    reason: Text
    missing: tuple[Need, ...] = ()
    elements: tuple[str, ...] = ()
    evidence: str = ""
    confidence: str = "high"
    at_least: bool = False  # the true value is ``value`` or more


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item (款) of a clause: input -> formula -> number -> source.

    An item of several criteria shows the one that decides it; ``criteria`` holds them all. ``met`` means that
    it earns points (or that a requirement holds), ``not_met`` that it earns none.
    """

    id: str
    label: Text
    verdict: Verdict
    points: float  # guaranteed
    attainable_points: float
    max_points: float
    value: float | str | bool | None
    limit: float | str | bool | None
    unit: str
    formula: str
    provenance: str  # "ifc" | "derived" | "declared" | "default" | "" when it cannot be told
    source: str  # where the value came from
    reason: Text
    missing: tuple[Need, ...] = ()
    elements: tuple[str, ...] = ()  # GlobalIds that fall short or lack the data
    evidence: str = ""  # the evidence file of a declaration
    criteria: tuple[CriterionResult, ...] = ()
    at_least: bool = False  # the true value is ``value`` or more


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """One clause.

    ``met``: it earns points; ``not_met``: it earns none; ``reason`` says what was lost and why.
    ``cannot_tell`` exactly when ``attainable_points > points`` (scoring) or undecided (control).
    """

    id: str
    edition: str
    kind: str  # "control" | "scoring" | "bonus"
    group: str
    title: Text
    verdict: Verdict
    points: float
    attainable_points: float
    max_points: float
    items: tuple[ItemResult, ...]
    reason: Text
    evaluator: str  # "model" when an evaluator of ours decides, "declared" otherwise
    confidence: str  # of the standard's numbers and of the method, the lower of both


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One of the five groups, or the bonus group."""

    id: str
    title: Text
    points: float
    attainable_points: float
    max_points: float
    minimum: float  # 30 % of the full points; 0 for the bonus group
    minimum_met: Verdict


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The rating of one evaluation.

    ``stars`` 0 = basic grade, -1 = not rated: a control item is not met (attainable) or not shown to be met
    (guaranteed). A score holds the 400 points of the control items only when they are all met.
    """

    standard: str
    edition: str
    stage: str  # "pre_evaluation" | "evaluation"
    building_type: str  # "residential" | "public" | "unknown": neither twin.toml nor the rooms say
    score_guaranteed: float
    score_attainable: float
    stars_guaranteed: int
    stars_attainable: int
    control_items_met: Verdict
    groups: tuple[GroupScore, ...]
    clauses: tuple[ClauseResult, ...]
    star_requirements: Mapping[int, tuple[ItemResult, ...]]  # star -> table 3.2.8 and full fit-out
    diagnostics: tuple[Diagnostic, ...] = ()  # contradictions between twin.toml and the model, assumptions
