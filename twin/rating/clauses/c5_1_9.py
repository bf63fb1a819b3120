"""5.1.9 Carbon monoxide in underground garages: a CO sensor in each, from the sensors of the model."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every
from twin.rating.needs import fact_missing, not_modelled


def garage_co_sensor_present(case: Case) -> Fact:
    """Whether every garage below ground has a CO sensor.

    A garage without one may lack it in the model only.
    """
    spaces = case.model.spaces
    below = case.storeys.below
    garages = [
        row for row in case.spaces("garage") if spaces.storey[row] >= 0 and below[int(spaces.storey[row])]
    ]
    watched = {point.space for point in case.points if point.kind == "co"}
    findings = [Finding(case.space_id(row), True if row in watched else None) for row in garages]
    name = "garage_co_sensor_present"
    need = (
        fact_missing(
            Text("A CO sensor (IfcSensor, COSENSOR) in these garages.", "这些车库的 CO 传感器。"), name
        )
        if garages
        else not_modelled(Text("underground garages", "地下车库"), name)
    )
    return every(findings, symbol="garages with a CO sensor", need=need)


FACTS: Mapping[str, Evaluator] = {"garage_co_sensor_present": garage_co_sensor_present}
