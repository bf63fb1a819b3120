"""7.2.18 and table 3.2.8: application ratio of green building materials.

P = (Q1 + Q2 + Q3 + Q4) / 100 with 45, 35, 15 and 5 points for main structure and envelope, finishes,
services, and outdoors; Qi = points × kinds that qualify / kinds used, and a kind qualifies when at least 80
% of its elements are certified (2021 trial rules as quoted by a template; medium confidence). Kinds are the
classes and types of elements; one that does not state GBT50378.GreenMaterialCertified leaves the ratio
within bounds.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import property_missing
from twin.rating.reading import (
    BEAMS,
    COLUMNS,
    DOORS,
    MEMBERS,
    PLATES,
    SLABS,
    WALLS,
    WINDOWS,
    as_bool,
)

_FACT = "green_material_ratio"
_QUALIFIES = 0.8
_CLASSES: Mapping[str, tuple[float, tuple[tuple[str, ...], ...]]] = {
    "structure and envelope": (
        45.0,
        (WALLS, SLABS, (*COLUMNS, *BEAMS, *MEMBERS, "IfcFooting", "IfcPile"), WINDOWS, DOORS,
         ("IfcRoof",), ("IfcCurtainWall", *PLATES)),
    ),
    "finishes": (35.0, (("IfcCovering",), ("IfcFurniture", "IfcFurnishingElement"), ("IfcRailing",))),
    "services": (
        15.0,
        (("IfcPipeSegment", "IfcPipeFitting"), ("IfcDuctSegment", "IfcDuctFitting"), ("IfcSanitaryTerminal",),
         ("IfcLightFixture",), ("IfcCableSegment", "IfcCableCarrierSegment"), ("IfcSolarDevice",)),
    ),
    "outdoors": (5.0, (("IfcGeographicElement", "IfcPavement", "IfcCivilElement"),)),
}  # fmt: skip


def green_material_ratio(case: Case) -> Fact:
    """Application ratio P of green building materials, %."""
    if not case.properties.column("green_material"):
        what = Text("Which materials are certified green.", "哪些材料为绿色建材。")
        return unknown("%", property_missing(what, "green_material", _FACT))
    low = high = 0.0
    parts: list[str] = []
    silent: list[int] = []
    for label, (points, kinds) in _CLASSES.items():
        used = [rows for classes in kinds if (rows := case.rows(*classes))]
        sure = possible = 0
        for rows in used:
            answers = [
                as_bool(found.value) if (found := case.get(row, "green_material")) else None for row in rows
            ]
            silent += [row for row, answer in zip(rows, answers, strict=True) if answer is None]
            yes, unsaid = sum(1 for answer in answers if answer), answers.count(None)
            sure += yes >= _QUALIFIES * len(rows)
            possible += yes + unsaid >= _QUALIFIES * len(rows)
        if used:
            low, high = low + points * sure / len(used), high + points * possible / len(used)
            parts.append(f"{label} {points:g} × {sure}/{len(used)}")
    formula = f"P = {' + '.join(parts)} = {low:.1f} %"
    source = "GreenMaterialCertified of the elements"
    if low == high:
        return Fact(low, "%", Provenance.IFC, source, formula, confidence="medium")
    what = Text("Whether these elements are of certified green materials.", "这些构件是否采用绿色建材。")
    need = property_missing(what, "green_material", _FACT, case.global_ids(silent))
    return Fact(
        None, "%", Provenance.IFC, source, formula, needs=(need,), confidence="medium", bounds=(low, high)
    )


FACTS: Mapping[str, Evaluator] = {_FACT: green_material_ratio}
