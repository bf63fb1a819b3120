"""8.2.3 Green land: the green ratio over the planning figure, central green per person."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, least_trusted, lowest, ratio, unknown


def green_ratio_over_planned(case: Case) -> Fact:
    """Green land ratio over the planning figure, %."""
    built, planned = case.fact("green_land_ratio"), case.fact("planned_green_ratio")
    return ratio(built, planned, "%", "green ratio / planned green ratio × 100 %", 100.0)


def central_green_per_person(case: Case) -> Fact:
    """Central green area over the residents, m² per person."""
    area, dwellings = case.fact("central_green_area"), case.fact("dwelling_count")
    persons = case.fact("persons_per_dwelling")
    facts = (area, dwellings, persons)
    if not all(fact.known for fact in facts) or not dwellings.value or not persons.value:
        return unknown("m²/person", *(need for fact in facts if not fact.known for need in fact.needs))
    green, count, size = (float(fact.value or 0.0) for fact in facts)
    value = green / (count * size)
    return Fact(
        value,
        "m²/person",
        least_trusted(fact.provenance for fact in facts),
        "; ".join(dict.fromkeys(fact.source for fact in facts)),
        f"Ag = A(central green) / (dwellings × persons) = {green:g} / ({count:g} × {size:g}) = {value:.2f}",
        Text(f"{size:g} persons per dwelling.", f"户均 {size:g} 人。"),
        confidence=lowest(fact.confidence for fact in facts),
        evidence=area.evidence,
    )


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (green_ratio_over_planned, central_green_per_person)
}
