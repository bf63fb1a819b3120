"""7.2.3 Structured parking: few cars on the surface."""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, ratio


def surface_bays_per_dwelling(case: Case) -> Fact:
    """Surface parking bays over dwellings, %."""
    bays, dwellings = case.fact("surface_parking_bays"), case.fact("dwelling_count")
    return ratio(bays, dwellings, "%", "n(surface bays) / n(dwellings) × 100 %", 100.0)


def surface_parking_area_ratio(case: Case) -> Fact:
    """Surface parking area over the site, %."""
    area, site = case.fact("surface_parking_area"), case.fact("site_area")
    return ratio(area, site, "%", "A(surface parking) / A(site) × 100 %", 1e-2)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (surface_bays_per_dwelling, surface_parking_area_ratio)
}
