"""7.2.1 Intensive land use: residential land per person, or the floor area ratio of a public building."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, least_trusted, lowest, ratio, unknown


def floor_area_ratio(case: Case) -> Fact:
    """Floor area above ground over the site."""
    floor, site = case.fact("floor_area_above_ground"), case.fact("site_area")
    return ratio(floor, site, "-", "R = A(above ground) / A(site)", 1e-4)


def per_capita_residential_land(case: Case) -> Fact:
    """Residential land over dwellings times persons per dwelling, m² per person.

    Without a stated residential land area the site is taken: a block of dwellings is its residential land.
    """
    land, dwellings = case.fact("residential_land_area"), case.fact("dwelling_count")
    persons = case.fact("persons_per_dwelling")
    if not land.known:
        site = case.fact("site_area")
        area = None if site.value is None else float(site.value) * 1e4
        land = Fact(area, "m²", site.provenance, site.source, needs=site.needs, confidence="medium")
    facts = (land, dwellings, persons)
    if not all(fact.known for fact in facts):
        return unknown("m²/person", *(need for fact in facts if not fact.known for need in fact.needs))
    area, count, size = (float(fact.value or 0.0) for fact in facts)
    if count <= 0 or size <= 0:
        return unknown("m²/person")
    value = area / (count * size)
    return Fact(
        value,
        "m²/person",
        least_trusted(fact.provenance for fact in facts) or Provenance.DERIVED,
        "; ".join(dict.fromkeys(fact.source for fact in facts)),
        f"A = A(land) / (dwellings × persons) = {area:.0f} / ({count:g} × {size:g}) = {value:.1f} m²/person",
        Text("Persons per dwelling by default.", "户均人口采用默认值。")
        if persons.provenance is Provenance.DEFAULT
        else Text("", ""),
        confidence=lowest(fact.confidence for fact in facts),
    )


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (floor_area_ratio, per_capita_residential_land)
}
