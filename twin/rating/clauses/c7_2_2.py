"""7.2.2 Underground space: floor areas below ground over those above and over the site."""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, ratio


def underground_to_above_ratio(case: Case) -> Fact:
    """Rr, floor area below over above ground, %."""
    below, above = case.fact("floor_area_below_ground"), case.fact("floor_area_above_ground")
    return ratio(below, above, "%", "Rr = A(below ground) / A(above ground) × 100 %", 100.0)


def underground_to_site_ratio(case: Case) -> Fact:
    """Rp1, floor area below ground over the site."""
    below, site = case.fact("floor_area_below_ground"), case.fact("site_area")
    if below.value == 0.0:
        return below  # nothing over any site
    return ratio(below, site, "-", "Rp1 = A(below ground) / A(site)", 1e-4)


def first_basement_to_site_ratio(case: Case) -> Fact:
    """Rp, area of the first basement over the site, %."""
    first, site = case.fact("first_basement_area"), case.fact("site_area")
    if first.value == 0.0:
        return first
    return ratio(first, site, "%", "Rp = A(first basement) / A(site) × 100 %", 1e-2)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (underground_to_above_ratio, underground_to_site_ratio, first_basement_to_site_ratio)
}
