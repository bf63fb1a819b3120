"""5.2.9 Indoor thermal environment: hours inside the adaptive comfort zone, from the energy metric.

The bounds of GB/T 50785 were recalled without its text; so the share is an indication that a person confirms.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact

_FACT = "adaptive_comfort_hours_share"


def adaptive_comfort_hours_share(case: Case) -> Fact:
    """Share of the unconditioned occupied hours inside the adaptive comfort zone, %."""
    return case.quantity("energy", _FACT, "%", confidence="low")


FACTS: Mapping[str, Evaluator] = {_FACT: adaptive_comfort_hours_share}
