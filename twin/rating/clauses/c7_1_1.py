"""7.1.1 Envelope of the energy code: every part within the limits of GB 55015, or the trade-off passed.

The limits are those of 7.2.4. The trade-off compares the design with the reference building that just meets
them: the energy metric's load reduction must not be negative.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, lowest, unknown
from twin.rating.needs import fact_missing

_FACT = "energy_code_prescriptive_or_tradeoff_pass"


def energy_code_prescriptive_or_tradeoff_pass(case: Case) -> Fact:
    """Whether the envelope meets the energy code by its limits or by the trade-off."""
    limits, loads = case.fact("envelope_improvement_vs_GB55015"), case.fact("hvac_load_reduction")
    for fact, how in (
        (limits, "all parts within the limits"),
        (loads, "trade-off: load ≤ reference building"),
    ):
        if fact.interval[0] >= 0:
            return Fact(
                True, "bool", fact.provenance, fact.source, f"{how}: {fact.formula}", fact.reason,
                confidence=lowest(["medium", fact.confidence]), evidence=fact.evidence,
            )  # fmt: skip
    if limits.interval[1] < 0 and loads.interval[1] < 0:
        return Fact(
            False,
            "bool",
            limits.provenance,
            f"{limits.source}; {loads.source}",
            f"limits: {limits.formula}; trade-off: {loads.formula}",
            Text(
                "A part exceeds its limit and the load is above the reference building's.",
                "有部位超过限值，且负荷高于参照建筑。",
            ),
            limits.elements,
            confidence="medium",
        )
    what = Text("The energy-code report of the envelope.", "围护结构节能计算书。")
    needs = (*limits.needs, *loads.needs, fact_missing(what, _FACT, limits.elements))
    return unknown("bool", *needs, reason=limits.reason)


FACTS: Mapping[str, Evaluator] = {_FACT: energy_code_prescriptive_or_tradeoff_pass}
