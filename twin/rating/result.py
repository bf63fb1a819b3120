"""What a rating returns: verdicts, points, stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ifc.model import Text
from twin.metrics.result import Need


class Verdict(StrEnum):
    """Of one clause or item."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item (款) of a clause: input -> formula -> number -> source."""

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


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """One clause.

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
    """The rating of one evaluation. ``stars`` 0 = basic grade, -1 = not rated (a control item is not met)."""

    standard: str
    edition: str
    stage: str  # "pre_evaluation" | "evaluation"
    building_type: str  # "residential" | "public"
    score_guaranteed: float
    score_attainable: float
    stars_guaranteed: int
    stars_attainable: int
    control_items_met: Verdict
    groups: tuple[GroupScore, ...]
    clauses: tuple[ClauseResult, ...]
    star_requirements: Mapping[int, tuple[ItemResult, ...]]  # star -> table 3.2.8 and full fit-out
