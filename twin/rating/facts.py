"""Facts: the values that the criteria of the standard are held against, each with its whole story."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ifc.model import Provenance, Text
from twin.metrics.result import Need
from twin.rating.standard import CONFIDENCES

Value = float | bool | str
NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Fact:
    """One value, or why it cannot be told.

    ``at_least``: the true value is ``value`` or more. ``value`` None means that it is not known; ``bounds``
    (low, high) then says what is known of a number, and ``needs`` what is missing. ``formula`` reads
    input -> formula -> number; ``source`` names the place of the inputs; ``elements`` are the GlobalIds that
    fall short or lack the data.
    """

    value: Value | None
    unit: str
    provenance: Provenance | None = None
    source: str = ""
    formula: str = ""
    reason: Text = NOTHING
    elements: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    confidence: str = "high"
    bounds: tuple[float, float] | None = None
    evidence: str = ""
    at_least: bool = False

    @property
    def known(self) -> bool:
        """Whether the value is told."""
        return self.value is not None

    @property
    def interval(self) -> tuple[float, float]:
        """(low, high) of a number; (-inf, inf) when nothing is known."""
        if self.value is not None:
            return (float(self.value), float(self.value))
        return self.bounds or (-math.inf, math.inf)


def unknown(
    unit: str, *needs: Need, reason: Text = NOTHING, bounds: tuple[float, float] | None = None
) -> Fact:
    """A fact that cannot be told."""
    elements = tuple(dict.fromkeys(gid for need in needs for gid in need.global_ids))
    return Fact(None, unit, reason=reason, needs=needs, bounds=bounds, elements=elements)


def lowest(confidences: Iterable[str]) -> str:
    """The lowest of several confidences; "high" for none."""
    return max(confidences, key=CONFIDENCES.index, default="high")


def least_trusted(provenances: Iterable[Provenance | None]) -> Provenance | None:
    """What a result that rests on several values is to be reported as.

    Declared before default before derived before ifc: a declaration must never pass for a measurement.
    """
    present = set(provenances)
    for provenance in (Provenance.DECLARED, Provenance.DEFAULT, Provenance.DERIVED, Provenance.IFC):
        if provenance in present:
            return provenance
    return None


def ratio(part: Fact, whole: Fact, unit: str, formula: str, factor: float) -> Fact:
    """Factor × part / whole, told when both are.

    The least trusted provenance and lowest confidence of both.
    """
    if not part.known or not whole.known or float(whole.value or 0.0) <= 0:
        needs = tuple(need for fact in (part, whole) if not fact.known for need in fact.needs)
        return unknown(unit, *needs)
    numerator, denominator = float(part.value or 0.0), float(whole.value or 0.0)
    value = factor * numerator / denominator
    shown = f"{formula} = {numerator:.6g} {part.unit} / {denominator:.6g} {whole.unit} → {value:.4g} {unit}"
    return Fact(
        value,
        unit,
        least_trusted([part.provenance, whole.provenance]),
        "; ".join(dict.fromkeys(fact.source for fact in (part, whole) if fact.source)),
        shown,
        elements=part.elements,
        confidence=lowest([part.confidence, whole.confidence]),
        evidence="; ".join(dict.fromkeys(fact.evidence for fact in (part, whole) if fact.evidence)),
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What one element says to a yes/no question (None: nothing), and its weight in a share."""

    global_id: str
    truth: bool | None
    weight: float = 1.0
    source: str = ""


def share(
    findings: Sequence[Finding],
    *,
    symbol: str,
    weight_unit: str,
    need: Need,
    provenance: Provenance = Provenance.IFC,
    reason: Text = NOTHING,
    confidence: str = "high",
) -> Fact:
    """The share (%) of the weight of those elements that say yes.

    While some do not say, the share is known only within bounds. ``symbol`` names the counted thing in the
    formula ("n(grade 1)"); ``need`` is filled with the GlobalIds that do not say.
    """
    total = sum(finding.weight for finding in findings)
    yes = sum(finding.weight for finding in findings if finding.truth)
    silent = [finding for finding in findings if finding.truth is None]
    no = tuple(finding.global_id for finding in findings if finding.truth is False)
    source = _sources(findings)
    if not findings or total <= 0:
        return unknown("%", need, reason=reason)
    if silent:
        low = 100 * yes / total
        high = low + 100 * sum(finding.weight for finding in silent) / total
        filled = Need(need.what, need.how, tuple(finding.global_id for finding in silent))
        formula = (
            f"{low:.1f} % ≤ {symbol} / total ≤ {high:.1f} % ({len(silent)} of {len(findings)} not stated)"
        )
        return Fact(
            None, "%", provenance, source, formula, reason, no + filled.global_ids, (filled,), confidence,
            (low, high),
        )  # fmt: skip
    value = 100 * yes / total
    formula = f"{symbol} / total × 100 % = {yes:g} / {total:g} {weight_unit} × 100 % = {value:.1f} %"
    return Fact(value, "%", provenance, source, formula, reason, no, confidence=confidence)


def every(
    findings: Sequence[Finding],
    *,
    symbol: str,
    need: Need,
    provenance: Provenance = Provenance.IFC,
    reason: Text = NOTHING,
    confidence: str = "high",
) -> Fact:
    """Whether every element says yes: false as soon as one says no, unknown while some do not say."""
    no = tuple(finding.global_id for finding in findings if finding.truth is False)
    silent = tuple(finding.global_id for finding in findings if finding.truth is None)
    if not findings or (silent and not no):
        filled = Need(need.what, need.how, silent)
        return unknown("bool", filled, reason=reason)
    yes = sum(1 for finding in findings if finding.truth)
    formula = f"{symbol}: {yes} of {len(findings)} elements"
    return Fact(not no, "bool", provenance, _sources(findings), formula, reason, no, confidence=confidence)


def _sources(findings: Iterable[Finding]) -> str:
    return ", ".join(dict.fromkeys(finding.source for finding in findings if finding.source))
