"""9.2.1 Further cut of heating and cooling energy: beside the reference building, as 7.2.8 is.

In public buildings the fans of the fresh air count with heating and cooling.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c7_2_8 import below_reference
from twin.rating.facts import Fact


def hvac_energy_reduction(case: Case) -> Fact:
    """How far the energy of heating and cooling lies below the reference building's, %."""
    return below_reference(case, "hvac_energy_below_reference")


FACTS: Mapping[str, Evaluator] = {"hvac_energy_reduction_vs_GB55015": hvac_energy_reduction}
