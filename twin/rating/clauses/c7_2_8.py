"""7.2.8 Lower energy use: the design beside the reference building of GB 55015, from the energy metric.

Heating and cooling (in public buildings also fans and lighting) as primary energy. It decides only when the
envelope is known and [systems] of twin.toml states the efficiencies: defaults are those of the reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c7_2_4 import hvac_load_reduction
from twin.rating.facts import Fact, unknown

_FACT = "design_energy_reduction_vs_GB55015"


def design_energy_reduction(case: Case) -> Fact:
    """How far the design's energy use lies below the reference building's, %."""
    return below_reference(case, "energy_below_reference")


def below_reference(case: Case, quantity: str) -> Fact:
    """A comparison with the reference building by the energy metric, unless it rests on defaults."""
    found = case.quantity("energy", quantity, "%", confidence="medium")
    if not found.known:
        return found
    envelope = hvac_load_reduction(case)
    own = case.project.systems
    needs = list(envelope.needs) if not envelope.known else []
    if own.heating_cop is None or (own.cooling_cop is None and own.cooling_part_load is None):
        needs.append(
            Need(
                Text("Seasonal efficiency of heating and cooling.", "供暖与供冷的季节能效。"),
                Text(
                    "State heating_cop and cooling_cop in [systems] of twin.toml.",
                    "请在 twin.toml 的 [systems] 中填写 heating_cop 和 cooling_cop。",
                ),
            )
        )
    if not needs:
        return found
    reason = Text(
        f"The simulation gives {found.value:.1f} % on default values, which proves nothing.",
        f"按默认值模拟得 {found.value:.1f} %，不能作为依据。",
    )
    return unknown("%", *needs, reason=reason)


FACTS: Mapping[str, Evaluator] = {_FACT: design_energy_reduction}
