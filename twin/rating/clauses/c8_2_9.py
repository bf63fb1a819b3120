"""8.2.9 Heat island: green roof, solar devices and reflective roof over the whole roof."""

from __future__ import annotations

from collections.abc import Mapping

import shapely

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.rating.site import covers_m2

_FACT = "cool_green_solar_roof_share"


def cool_green_solar_roof_share(case: Case) -> Fact:
    """(green roof + projection of solar devices + roof of reflectance ≥ 0.4) / roof, %.

    The reflectance of the remaining roof is rarely stated: without it the share is known from below only.
    """
    areas = covers_m2(case)
    green = areas.get("green_roof", 0.0)
    roof = areas.get("roof", 0.0) + green
    if roof <= 0:
        return unknown("%", not_modelled(Text("roofs seen from above", "屋面投影"), _FACT))
    solar = min(_solar_area(case), roof - green)
    low = 100 * (green + solar) / roof
    formula = (
        f"(A(green roof) + A(solar)) / A(roof) = ({green:.0f} + {solar:.0f}) / {roof:.0f} m² = {low:.1f} %"
    )
    if low >= 100 - 1e-9:
        return Fact(100.0, "%", Provenance.DERIVED, "ground covers", formula, confidence="medium")
    what = Text(
        "Solar reflectance of the remaining roof (0.4 or more counts).",
        "其余屋面的太阳辐射反射系数（不小于 0.4 计入）。",
    )
    need = fact_missing(what, _FACT)
    reason = Text("Reflective roof surfaces are not counted yet.", "尚未计入反射屋面。")
    return Fact(
        None, "%", Provenance.DERIVED, "ground covers", formula, reason, needs=(need,), confidence="medium",
        bounds=(low, 100.0),
    )  # fmt: skip


def _solar_area(case: Case) -> float:
    """Area of the solar devices seen from above, m²."""
    shapes = []
    for row in case.rows("IfcSolarDevice"):
        vertices, _ = case.model.geometry.mesh(row)
        if len(vertices) >= 3:
            shapes.append(shapely.MultiPoint(vertices[:, :2]).convex_hull)
    return float(shapely.union_all(shapes).area) if shapes else 0.0


FACTS: Mapping[str, Evaluator] = {_FACT: cool_green_solar_roof_share}
