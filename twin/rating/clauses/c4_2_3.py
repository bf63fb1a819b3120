"""4.2.3 Safety glass, and doors and windows that do not pinch.

Safety glass (tempered or laminated) is asked of the panes that people can fall against or out of: external
windows with a sill below 0.5 m or more than 1.5 m² of glass, and glazed doors (JGJ 113).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every
from twin.rating.limits import limit
from twin.rating.needs import not_modelled, property_missing
from twin.rating.openings import Opening
from twin.rating.reading import DOORS, as_bool, material_text, says

_SAFETY = (
    "钢化",
    "夹层",
    "夹胶",
    "安全玻璃",
    "tempered",
    "toughened",
    "laminated",
    "esg",
    "vsg",
    "safety glass",
)


def safety_glass_used(case: Case) -> Fact:
    """Whether every pane that needs it is tempered or laminated."""
    panes = [opening for opening in case.openings if _needs_safety_glass(case, opening)]
    need = (
        property_missing(Text("Kind of glass.", "玻璃种类。"), "tempered", "safety_glass_used")
        if panes
        else not_modelled(Text("large or low panes", "大面积或低窗台玻璃"), "safety_glass_used")
    )
    return every(
        [_finding(case, pane.element) for pane in panes],
        symbol="tempered or laminated",
        need=need,
        confidence=limit("large_pane").confidence,
    )


def _needs_safety_glass(case: Case, opening: Opening) -> bool:
    if not opening.window:
        return (
            case.get(opening.element, "tempered") is not None
            or case.get(opening.element, "laminated") is not None
        )
    if opening.external is False:
        return False
    low = np.isfinite(opening.sill_m) and opening.sill_m < limit("low_pane").value
    return bool(low or opening.area_m2 > limit("large_pane").value)


def _finding(case: Case, element: int) -> Finding:
    answers = []
    for key in ("safety_glass", "tempered", "laminated"):
        found = case.get(element, key)
        if found is not None and (answer := as_bool(found.value)) is not None:
            answers.append((answer, found.source))
    for answer, source in answers:
        if answer:
            return Finding(case.global_id(element), True, source=source)
    if says(material_text(case.model, element), _SAFETY):
        return Finding(case.global_id(element), True, source="name of the glass")
    if answers:
        return Finding(case.global_id(element), False, source=answers[0][1])
    return Finding(case.global_id(element), None)


def anti_pinch_doors_windows(case: Case) -> Fact:
    """Whether every door that states it is protected against pinching, and all doors state it."""
    findings = []
    for door in case.rows(*DOORS):
        found = case.get(door, "anti_pinch")
        answer = as_bool(found.value) if found else None
        findings.append(Finding(case.global_id(door), answer, source=found.source if found else ""))
    if not any(finding.truth is not None for finding in findings):
        findings = [Finding(finding.global_id, None) for finding in findings]
    need = property_missing(
        Text("Anti-pinch function of the doors.", "门的防夹功能。"), "anti_pinch", "anti_pinch_doors_windows"
    )
    return every(findings, symbol="anti-pinch", need=need)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (safety_glass_used, anti_pinch_doors_windows)
}
