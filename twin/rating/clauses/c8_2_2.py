"""8.2.2 Annual runoff volume capture of the site, from the sponge metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ifc.model import Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact

_RECORD = Need(
    Text(
        "The rate lies below the table of the city, which tells no more than its bounds.",
        "控制率低于该城市设计降雨量表的范围，只能给出上下限。",
    ),
    Text(
        "A measured rain record of 30 years (weather.rain) gives the exact rate.",
        "提供 30 年实测降雨记录（weather.rain）可得到准确控制率。",
    ),
)


def annual_runoff_control_rate(case: Case) -> Fact:
    """The control rate α, %; below the table of a city what it is at least and at most."""
    found = case.quantity("sponge", "annual_runoff_control_rate", "%", confidence="medium")
    most = case.quantity("sponge", "annual_runoff_control_rate_most", "%")
    if not isinstance(found.value, float) or not isinstance(most.value, float):
        return found
    return replace(found, value=None, at_least=False, bounds=(found.value, most.value), needs=(_RECORD,))


FACTS: Mapping[str, Evaluator] = {"annual_runoff_control_rate": annual_runoff_control_rate}
