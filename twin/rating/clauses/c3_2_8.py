"""Table 3.2.8, air-tightness of the external windows, from their stated grade (GB/T 7106)."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every
from twin.rating.limits import limit
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_grade

_FACT = "window_airtightness_meets_energy_code"


def window_airtightness_meets_energy_code(case: Case) -> Fact:
    """Whether every external window has the grade that the energy code asks for."""
    asked = limit("window_airtightness_grade")
    windows = [
        opening.element for opening in case.openings if opening.window and opening.external is not False
    ]
    findings = []
    for row in windows:
        found = case.get(row, "airtightness_grade")
        grade = as_grade(found.value) if found else None
        truth = None if grade is None else grade >= asked.value
        findings.append(Finding(case.global_id(row), truth, source=found.source if found else ""))
    what = Text("Air-tightness grade of the windows.", "外窗气密性等级。")
    need = (
        property_missing(what, "airtightness_grade", _FACT)
        if windows
        else not_modelled(Text("windows", "外窗"), _FACT)
    )
    return every(findings, symbol=f"grade ≥ {asked.value:g}", need=need, confidence=asked.confidence)


FACTS: Mapping[str, Evaluator] = {_FACT: window_airtightness_meets_energy_code}
