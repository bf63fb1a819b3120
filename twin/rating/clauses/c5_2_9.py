"""5.2.9 Indoor thermal environment: hours inside the adaptive comfort zone, from the energy metric.

The share of the free-floating hours decides when the envelope is known: on default constructions it says
nothing about the design. Class II while rooms are heated and cooled rests on clothes, air and humidity that
no model holds; it is shown, and a person confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c7_2_4 import on_known_envelope
from twin.rating.facts import Fact


def adaptive_comfort_hours_share(case: Case) -> Fact:
    """Share of the unconditioned occupied hours inside the adaptive comfort zone, %."""
    return on_known_envelope(case, "adaptive_comfort_hours_share")


def natural_mode_hours_share(case: Case) -> Fact:
    """Share of the occupied hours without heating and cooling, which weighs both parts of the clause, %."""
    return on_known_envelope(case, "natural_mode_hours_share")


def thermal_class2_area_share(case: Case) -> Fact:
    """Area that keeps class II of GB/T 50785 while it is heated and cooled, %."""
    return case.quantity("energy", "thermal_class2_area_share", "%", confidence="low")


FACTS: Mapping[str, Evaluator] = {
    "adaptive_comfort_hours_share": adaptive_comfort_hours_share,
    "natural_mode_hours_share": natural_mode_hours_share,
    "thermal_class2_area_share": thermal_class2_area_share,
}
