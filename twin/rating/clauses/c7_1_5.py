"""7.1.5 Separate metering of the energy end uses, from the meters of the model and their names."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c6_2_6 import ENERGY
from twin.rating.facts import Fact, unknown
from twin.rating.metering import END_USES, end_uses_metered
from twin.rating.needs import not_modelled

_FACT = "energy_itemised_metering"
# The clause names sources, distribution and lighting; a dwelling is metered as a household (local reading).
_ASKED = ("cooling and heating source", "distribution", "lighting")


def energy_itemised_metering(case: Case) -> Fact:
    """Whether meters exist for cold and heat source, distribution and lighting.

    In dwellings per household.
    """
    meters = [point for point in case.points if point.kind in ENERGY]
    if case.fact("building_type").value == "residential":
        households = [point for point in meters if "dwellings" in end_uses_metered([point])]
        count = case.number("dwelling_count")
        if count is not None and households:
            formula = f"n(household meters) = {len(households)}, n(dwellings) = {count:g}"
            if len(households) >= count:
                return Fact(True, "bool", Provenance.IFC, "IfcFlowMeter", formula, confidence="medium")
        return unknown("bool", not_modelled(Text("a household meter per dwelling", "分户电表"), _FACT))
    uses = end_uses_metered(meters)
    missing = [use for use in _ASKED if use not in uses]
    if not missing:
        formula = f"meters of {', '.join(uses)}"
        return Fact(True, "bool", Provenance.IFC, "IfcFlowMeter", formula, confidence="medium")
    what = Text(
        f"energy meters of: {', '.join(missing)}",
        f"以下分项的能耗计量表：{'、'.join(END_USES[use][0] for use in missing)}",
    )
    return unknown("bool", not_modelled(what, _FACT))


FACTS: Mapping[str, Evaluator] = {_FACT: energy_itemised_metering}
