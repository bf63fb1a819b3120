"""8.1.1 Sunlight standard of the building itself, from the sunlight metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact


def sunlight_standard_met(case: Case) -> Fact:
    """Whether every dwelling and every other room that must get sunlight gets it on the reference day."""
    found = case.quantity("sunlight", "sunlight_standard", "bool", confidence="medium")
    result = case.metrics.get("sunlight")
    if result is None or not found.known:
        return found
    table, met = result.table, bool(found.value)
    rooms = zip(table.get("global_id", ()), table.get("meets", ()), strict=True)
    short = () if met else tuple(str(name) for name, meets in rooms if meets == 0)
    formula = result.summary["sunlight_standard"].formula
    reason = found.reason
    if met and not len(table.get("global_id", ())):
        reason = Text("No room of the building must get sunlight.", "建筑中没有有日照要求的房间。")
    return replace(found, value=met, formula=formula, reason=reason, elements=short)


FACTS: Mapping[str, Evaluator] = {"sunlight_standard_met": sunlight_standard_met}
