"""6.1.4 Bicycle parking: a place for bicycles within reach of an entrance.

The clause has no number; a local reading takes 300 m to the entrance, in a straight line here (low
confidence).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c4_2_2 import entrance_doors
from twin.rating.facts import Fact, unknown
from twin.rating.limits import limit
from twin.rating.needs import not_modelled
from twin.rating.reading import box, says

_WORDS = ("自行车", "非机动车", "电动车停放", "bicycle", "bike", "cycle parking", "fahrrad")


def bicycle_parking_convenient(case: Case) -> Fact:
    """True when a place for bicycles stands within reach of an entrance."""
    name = "bicycle_parking_convenient"
    classes = (
        "IfcSpace",
        "IfcSpatialZone",
        "IfcExternalSpatialElement",
        "IfcGeographicElement",
        "IfcFurniture",
    )
    places = [row for row in case.rows(*classes, "IfcBuildingElementProxy") if says(case.text(row), _WORDS)]
    doors = [corners for row in entrance_doors(case) if (corners := box(case.model, row)) is not None]
    shown = [corners for row in places if (corners := box(case.model, row)) is not None]
    if not shown or not doors:
        return unknown(
            "bool", not_modelled(Text("bicycle parking with an entrance", "自行车停车场所及出入口"), name)
        )
    reach = limit("bicycle_parking_distance")
    distance = min(
        float(np.hypot(*((a[0] + a[1]) / 2 - (b[0] + b[1]) / 2)[:2])) for a in shown for b in doors
    )
    formula = f"d(bicycle parking, entrance) = {distance:.0f} m, limit {reach.value:g} m"
    if distance <= reach.value:
        return Fact(True, "bool", Provenance.DERIVED, f"geometry; {reach.source}", formula, confidence="low")
    return unknown(
        "bool", not_modelled(Text("bicycle parking near an entrance", "邻近出入口的自行车停车场所"), name)
    )


FACTS: Mapping[str, Evaluator] = {"bicycle_parking_convenient": bicycle_parking_convenient}
