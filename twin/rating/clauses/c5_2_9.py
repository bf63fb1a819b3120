"""5.2.9 Indoor thermal environment: hours inside the adaptive comfort zone, from the energy metric.

The share of the free-floating hours decides when the envelope is known: on default constructions it says
nothing about the design. Class II while rooms are heated and cooled rests on clothes, air and humidity that
no model holds; it is shown, and a person confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c7_2_4 import silent_envelope
from twin.rating.facts import Fact, unknown


def adaptive_comfort_hours_share(case: Case) -> Fact:
    """Share of the unconditioned occupied hours inside the adaptive comfort zone, %."""
    return _on_known_envelope(case, "adaptive_comfort_hours_share")


def natural_mode_hours_share(case: Case) -> Fact:
    """Share of the occupied hours without heating and cooling, which weighs both parts of the clause, %."""
    return _on_known_envelope(case, "natural_mode_hours_share")


def thermal_class2_area_share(case: Case) -> Fact:
    """Area that keeps class II of GB/T 50785 while it is heated and cooled, %."""
    return case.quantity("energy", "thermal_class2_area_share", "%", confidence="low")


def _on_known_envelope(case: Case, name: str) -> Fact:
    found = case.quantity("energy", name, "%", confidence="medium")
    need = silent_envelope(case)
    if not found.known or need is None:
        return found
    reason = Text(
        f"The simulation gives {found.value:.1f} % on default constructions, which proves nothing.",
        f"按默认构造模拟得 {found.value:.1f} %，不能作为依据。",
    )
    return unknown("%", need, reason=reason)


FACTS: Mapping[str, Evaluator] = {
    "adaptive_comfort_hours_share": adaptive_comfort_hours_share,
    "natural_mode_hours_share": natural_mode_hours_share,
    "thermal_class2_area_share": thermal_class2_area_share,
}
