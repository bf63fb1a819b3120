"""7.2.6 Low-energy terminals and distribution.

The stated cut of fan power and pump ratio of every fan and pump.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_number


def least_stated(case: Case, fact: str, ifc_class: str, key: str, what: Text, none: Text) -> Fact:
    """The least value of a property over all elements of a class, %."""
    rows = case.rows(ifc_class)
    if not rows:
        return unknown("%", not_modelled(none, fact))
    values: dict[int, float] = {}
    sources: dict[str, None] = {}
    for row in rows:
        found = case.get(row, key)
        number = as_number(found.value) if found else None
        if found and number is not None:
            values[row] = number
            sources[found.source] = None
    silent = [row for row in rows if row not in values]
    least = min(values.values(), default=float("inf"))
    short = case.global_ids(row for row, value in values.items() if value == least)
    formula = f"min over {len(values)} of {len(rows)} = {least:g} %" if values else ""
    if silent:
        need = property_missing(what, key, fact, case.global_ids(silent))
        bounds = (float("-inf"), least) if values else None
        return Fact(None, "%", formula=formula, elements=short, needs=(need,), bounds=bounds)
    return Fact(least, "%", Provenance.IFC, ", ".join(sources), formula, elements=short)


FACTS: Mapping[str, Evaluator] = {
    "fan_specific_power_reduction": partial(
        least_stated,
        fact="fan_specific_power_reduction",
        ifc_class="IfcFan",
        key="specific_fan_power_cut",
        what=Text(
            "Cut of the fan power per air flow below GB 50189.", "风机单位风量耗功率较 GB 50189 降低幅度。"
        ),
        none=Text("fans", "风机"),
    ),
    "pump_transport_ratio_reduction": partial(
        least_stated,
        fact="pump_transport_ratio_reduction",
        ifc_class="IfcPump",
        key="pump_ratio_cut",
        what=Text(
            "Cut of the pumps' transport ratio below GB 50736.",
            "循环水泵耗电输冷（热）比较 GB 50736 降低幅度。",
        ),
        none=Text("pumps", "循环水泵"),
    ),
}
