"""9.2.7A and table 3.2.8: the whole-life carbon intensity, from the carbon metric.

The intensity counts as stated when the metric could tell every stage. What the cut is measured against is not
settled in the sources at hand; so the cut itself is left to the calculation report.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import fact_missing

_STATED = "whole_life_carbon_intensity_stated"
_CUT = "whole_life_carbon_reduction"
_UNIT = "kgCO2e/(m²a)"


def intensity_stated(case: Case) -> Fact:
    """Whether the whole-life carbon intensity is stated: the carbon metric gives it."""
    found = case.quantity("carbon", "whole_life_carbon_kg_m2_a", _UNIT, confidence="medium")
    if not found.known:
        return unknown("bool", *found.needs)
    return Fact(
        True, "bool", Provenance.DERIVED, found.source, found.formula, found.reason, confidence="medium"
    )


def reduction(case: Case) -> Fact:
    """Cut of the whole-life carbon intensity: cannot be told without its baseline."""
    found = case.quantity("carbon", "whole_life_carbon_kg_m2_a", _UNIT, confidence="medium")
    need = fact_missing(
        Text(
            "The baseline of the cut, as the commentary of the standard defines it.",
            "碳排放强度降低幅度的对比基准（见标准条文说明）。",
        ),
        _CUT,
    )
    if not found.known:
        return unknown("%", *found.needs, need)
    reason = Text(
        f"The model gives {found.value:.1f} {_UNIT}; what it is held against is not known.",
        f"模型计算值为 {found.value:.1f} {_UNIT}，对比基准未知。",
    )
    return unknown("%", need, reason=reason)


FACTS: Mapping[str, Evaluator] = {_STATED: intensity_stated, _CUT: reduction}
