"""Criteria and items in words: what the value is, what was asked, where it came from, what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ifc.model import Text
from twin.metrics.result import Need
from twin.rating.facts import Fact, Value, least_trusted
from twin.rating.logic import Truth
from twin.rating.result import CriterionResult, ItemResult, Verdict
from twin.rating.standard import Criterion, Item, Metric
from twin.rating.units import behind_number

_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
_VERDICTS = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.CANNOT_TELL}


def joined(*texts: Text) -> Text:
    """Sentences one after the other, without the empty ones and without repeats."""
    kept = list(dict.fromkeys(text for text in texts if text.en))
    return Text(" ".join(text.en for text in kept), "".join(text.zh for text in kept))


def plain_number(value: float) -> str:
    """A number for a sentence: four digits, thousands kept whole."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A criterion, its truth and the fact behind it. ``criterion`` None: only the fact is wanted."""

    criterion: Criterion | None
    metric: Metric
    truth: Truth
    fact: Fact

    def statement(self) -> Text:
        """One sentence: the label, the value and what was asked."""
        label, fact = self.metric.label, self.fact
        label = Text(label.en[:1].upper() + label.en[1:], label.zh)
        value, asked = _value_text(fact, self.metric), self._asked()
        if fact.known and self.metric.unit == "bool" and self.truth is True:
            return Text(f"{label.en}: {value.en}.", f"{label.zh}：{value.zh}。")
        wanted = Text(f", needs {asked.en}", f"，要求{asked.zh}") if asked.en else asked
        return Text(f"{label.en}: {value.en}{wanted.en}.", f"{label.zh}：{value.zh}{wanted.zh}。")

    def _asked(self) -> Text:
        if self.criterion is None:
            return Text("", "")
        limit, unit = self.criterion.threshold, behind_number(self.metric.unit)
        if isinstance(limit, bool):
            return Text("yes", "为“是”") if limit else Text("no", "为“否”")
        if isinstance(limit, tuple):
            return Text(f"one of {', '.join(limit)}", f"为 {'、'.join(limit)} 之一")
        sign = _SIGNS[self.criterion.comparator]
        shown = plain_number(limit) if isinstance(limit, float) else limit
        return Text(f"{sign} {shown}{unit.en}", f" {sign} {shown}{unit.zh}")

    def result(self) -> CriterionResult:
        """This criterion for the report."""
        fact, limit = self.fact, self.criterion.threshold if self.criterion else None
        return CriterionResult(
            metric=self.metric.name,
            label=self.metric.label,
            verdict=_VERDICTS[self.truth],
            value=fact.value,
            comparator=self.criterion.comparator if self.criterion else "",
            limit=", ".join(limit) if isinstance(limit, tuple) else limit,
            unit="" if self.metric.unit in ("bool", "enum") else self.metric.unit,
            formula=fact.formula,
            provenance=fact.provenance.value if fact.known and fact.provenance else "",
            source=fact.source,
            reason=joined(self.statement(), fact.reason),
            missing=() if fact.known else fact.needs,
            elements=() if self.truth is True else fact.elements,
            evidence=fact.evidence,
            confidence=fact.confidence,
            at_least=fact.at_least,
        )


def item_result(
    item: Item, checked: Sequence[Checked], points: tuple[float, float], truth: Truth, requirement: bool
) -> ItemResult:
    """An item from the criteria that explain it. ``truth`` decides a requirement, ``points`` all others."""
    low, high = points
    if requirement:
        verdict = _VERDICTS[truth]
    else:
        verdict = Verdict.CANNOT_TELL if high > low else Verdict.MET if low > 0 else Verdict.NOT_MET
    criteria = tuple(entry.result() for entry in checked)
    shown = _governing(criteria)
    open_needs = [
        need for entry in criteria if entry.verdict is Verdict.CANNOT_TELL for need in entry.missing
    ]
    short = [gid for entry in criteria for gid in entry.elements]
    parts = [entry.reason for entry in criteria]
    if not requirement:
        parts.insert(0, _points_text(low, high, item.points))
    provenance = least_trusted(entry.fact.provenance for entry in checked if entry.fact.known)
    return ItemResult(
        id=item.id,
        label=item.label,
        verdict=verdict,
        points=low,
        attainable_points=high,
        max_points=item.points,
        value=shown.value if shown else None,
        limit=shown.limit if shown else None,
        unit=shown.unit if shown else "",
        formula="; ".join(dict.fromkeys(entry.formula for entry in criteria if entry.formula)),
        provenance=provenance.value if provenance and verdict is not Verdict.CANNOT_TELL else "",
        source="; ".join(dict.fromkeys(entry.source for entry in criteria if entry.source)),
        reason=joined(*parts),
        missing=merged_needs(open_needs) if verdict is Verdict.CANNOT_TELL else (),
        elements=tuple(dict.fromkeys(short)),
        evidence="; ".join(dict.fromkeys(entry.evidence for entry in criteria if entry.evidence)),
        criteria=criteria,
        at_least=shown is not None and shown.at_least,
    )


def cannot_tell_whether_it_applies(result: ItemResult, unknown: Iterable[Fact]) -> ItemResult:
    """The item of a project whose kind (building type, structure, ...) is not known."""
    needs = [need for fact in unknown for need in fact.needs]
    told = ", ".join(need.what.en for need in needs), "、".join(need.what.zh for need in needs)
    reason = Text(
        f"It cannot be told whether this item applies ({told[0]}).", f"无法判断本款是否适用（{told[1]}）。"
    )
    return replace(
        result,
        verdict=Verdict.CANNOT_TELL,
        points=0.0,
        reason=joined(reason, result.reason),
        missing=merged_needs([*needs, *result.missing]),
    )


def merged_needs(needs: Iterable[Need]) -> tuple[Need, ...]:
    """One need per thing that is missing, with all its GlobalIds."""
    merged: dict[tuple[Text, Text], dict[str, None]] = {}
    for need in needs:
        merged.setdefault((need.what, need.how), {}).update(dict.fromkeys(need.global_ids))
    return tuple(Need(what, how, tuple(ids)) for (what, how), ids in merged.items())


def _governing(criteria: Sequence[CriterionResult]) -> CriterionResult | None:
    """The first that fails, else the first that cannot be told, else the first."""
    for verdict in (Verdict.NOT_MET, Verdict.CANNOT_TELL):
        for entry in criteria:
            if entry.verdict is verdict:
                return entry
    return criteria[0] if criteria else None


def _points_text(low: float, high: float, most: float) -> Text:
    sure, possible, full = plain_number(low), plain_number(high), plain_number(most)
    if high > low:
        return Text(
            f"{sure} of {full} points are sure, {possible} can be reached.",
            f"满分 {full} 分，确定得 {sure} 分，最多可得 {possible} 分。",
        )
    return Text(f"{sure} of {full} points.", f"满分 {full} 分，得 {sure} 分。")


def _value_text(fact: Fact, metric: Metric) -> Text:
    unit = behind_number(metric.unit)
    if fact.known and fact.at_least and not isinstance(fact.value, str | None):
        return _at_least(float(fact.value), unit)
    if fact.known:
        return _shown(fact.value, unit)
    if fact.bounds is None:
        return Text("cannot be told", "无法判定")
    low, high = fact.bounds
    if metric.order:
        best = metric.order[int(high)]
        return Text(f"at most {best}", f"不高于 {best}")
    if math.isinf(low) and math.isinf(high):
        return Text("cannot be told", "无法判定")
    if math.isinf(high):
        return _at_least(low, unit)
    if math.isinf(low):
        return Text(f"at most {plain_number(high)}{unit.en}", f"不大于 {plain_number(high)}{unit.zh}")
    between = f"{plain_number(low)}–{plain_number(high)}"
    return Text(f"between {between}{unit.en}", f"介于 {between}{unit.zh}")


def _at_least(value: float, unit: Text) -> Text:
    return Text(f"at least {plain_number(value)}{unit.en}", f"不小于 {plain_number(value)}{unit.zh}")


def _shown(value: Value | None, unit: Text) -> Text:
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    if isinstance(value, float | int):
        return Text(f"{plain_number(value)}{unit.en}", f"{plain_number(value)}{unit.zh}")
    return Text(str(value), str(value))
