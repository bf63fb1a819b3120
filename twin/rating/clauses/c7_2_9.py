"""7.2.9 Renewable energy: photovoltaics over the building's demand, from the energy metric.

The rate follows GB/T 51350-2019 with energies as primary energy. Whether the ambient heat of heat pumps
counts is not settled: the rate is known between both readings. Hot water rests on a usual consumption; so it
is an indication.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled

_FACT = "renewable_utilisation_rate"


def renewable_utilisation_rate(case: Case) -> Fact:
    """Renewable over all energy demand, %."""
    low = case.quantity("energy", "renewable_share_low", "%", confidence="low")
    high = case.quantity("energy", "renewable_share_high", "%", confidence="low")
    made = case.quantity("energy", "pv_kwh", "kWh")
    if not (low.known and high.known and made.known):
        return low
    if not made.value:
        return unknown("%", not_modelled(Text("photovoltaic modules", "光伏组件"), _FACT))
    return (
        low
        if low.value == high.value
        else replace(low, value=None, bounds=(low.interval[0], high.interval[0]))
    )


FACTS: Mapping[str, Evaluator] = {_FACT: renewable_utilisation_rate}
