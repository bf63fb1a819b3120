"""7.2.10 and table 3.2.8: water-efficiency grades of the sanitary fixtures."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.equipment import sanitary_fixtures
from twin.rating.facts import Fact, Finding, share, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_grade

_NONE = Text("sanitary fixtures", "卫生器具")


def _grades(case: Case) -> dict[int, tuple[int | None, str]]:
    """Fixture -> grade and its source; None where the fixture does not state one."""
    grades: dict[int, tuple[int | None, str]] = {}
    for row in sanitary_fixtures(case):
        found = case.get(row, "water_grade")
        grades[row] = (as_grade(found.value) if found else None, found.source if found else "")
    return grades


def _share_up_to(case: Case, grade: int, fact: str) -> Fact:
    grades = _grades(case)
    findings = [
        Finding(case.global_id(row), None if known is None else known <= grade, source=source)
        for row, (known, source) in grades.items()
    ]
    need = _grade_missing(fact) if grades else not_modelled(_NONE, fact)
    return share(findings, symbol=f"n(grade ≤ {grade})", weight_unit="fixtures", need=need)


def fixture_share_grade2_or_better(case: Case) -> Fact:
    """Share of the fixtures of grade 1 or 2, %."""
    return _share_up_to(case, 2, "fixture_share_grade2_or_better")


def fixture_share_grade1(case: Case) -> Fact:
    """Share of the fixtures of grade 1, %."""
    return _share_up_to(case, 1, "fixture_share_grade1")


def fixture_water_grade_worst(case: Case) -> Fact:
    """The worst grade (table 3.2.8)."""
    grades = _grades(case)
    name = "fixture_water_grade_worst"
    if not grades:
        return unknown("grade", not_modelled(_NONE, name))
    known = {row: grade for row, (grade, _) in grades.items() if grade is not None}
    silent = [row for row, (grade, _) in grades.items() if grade is None]
    worst = max(known.values(), default=1)
    short = case.global_ids(row for row, grade in known.items() if grade == worst)
    formula = f"worst grade of {len(known)} of {len(grades)} fixtures = {worst}" if known else ""
    if silent:
        need = _grade_missing(name, case.global_ids(silent))
        bounds = (float(worst), float("inf")) if known else None
        return Fact(None, "grade", formula=formula, elements=short, needs=(need,), bounds=bounds)
    sources = ", ".join(dict.fromkeys(source for _, source in grades.values()))
    return Fact(float(worst), "grade", Provenance.IFC, sources, formula, elements=short)


def _grade_missing(fact: str, global_ids: tuple[str, ...] = ()) -> Need:
    return property_missing(
        Text("Water-efficiency grade of the fixtures.", "卫生器具水效等级。"), "water_grade", fact, global_ids
    )


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (fixture_share_grade2_or_better, fixture_share_grade1, fixture_water_grade_worst)
}
