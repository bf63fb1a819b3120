"""7.2.5 Efficiency of the cooling and heating plant.

The line of table 7.2.5 that the weakest unit reaches.

A unit states its gain over the code's limit in percent (GBT50378.EfficiencyGain), or its efficiency grade
where the table asks for a grade. The code's own limits are not in greentwin, so a bare COP does not tell the
gain.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_grade, as_number

_FACT = "plant_efficiency_line"
_GRADED = "efficiency grade"


def plant_efficiency_line(case: Case) -> Fact:
    """0, 5 or 10: the points of table 7.2.5 that the weakest unit reaches."""
    rows = _table(case)
    lines: dict[int, float] = {}
    silent: list[int] = []
    for unit in case.rows("IfcChiller", "IfcUnitaryEquipment", "IfcBoiler"):
        row = rows.get(_unit_type(case, unit))
        line = None if row is None else _line(case, unit, row)
        if line is None:
            silent.append(unit)
        else:
            lines[unit] = line
    if not lines and not silent:
        return unknown("points", not_modelled(Text("cooling and heating plant", "冷热源机组"), _FACT))
    weakest = min(lines.values(), default=10.0)
    short = case.global_ids(unit for unit, line in lines.items() if line == weakest and line < 10)
    formula = f"min over {len(lines)} units of their line of table 7.2.5 = {weakest:g}" if lines else ""
    source = "EfficiencyGain, EfficiencyGrade; table 7.2.5"
    if silent:
        what = Text("Type and efficiency of the units.", "机组类型和能效。")
        need = property_missing(what, "efficiency_gain", _FACT, case.global_ids(silent))
        return Fact(
            None,
            "points",
            Provenance.IFC,
            source,
            formula,
            elements=short,
            needs=(need,),
            bounds=(0.0, weakest),
        )
    return Fact(weakest, "points", Provenance.IFC, source, formula, elements=short)


def _table(case: Case) -> dict[str, tuple[object, ...]]:
    table = case.standard.clause("7.2.5").tables[0]
    return {str(row[0]): row for row in table.rows}


def _unit_type(case: Case, unit: int) -> str:
    found = case.get(unit, "unit_type")
    if found is not None:
        return str(found.value)
    ifc_class = str(case.model.elements.ifc_class[unit])
    kind = str(case.model.elements.predefined_type[unit])
    if ifc_class == "IfcBoiler":
        return "boiler"
    return "room_ac" if kind == "SPLITSYSTEM" else ""


def _line(case: Case, unit: int, row: tuple[object, ...]) -> float | None:
    """The line that one unit reaches.

    Columns: unit_type, index, baseline, points_5, points_10, unit, zh, en.
    """
    five, ten = float(str(row[3])), float(str(row[4]))
    if row[5] == _GRADED:
        found = case.get(unit, "efficiency_grade")
        grade = as_grade(found.value) if found else None
        return None if grade is None else 10.0 if grade <= ten else 5.0 if grade <= five else 0.0
    found = case.get(unit, "efficiency_gain")
    gain = as_number(found.value) if found else None
    return None if gain is None else 10.0 if gain >= ten else 5.0 if gain >= five else 0.0


FACTS: Mapping[str, Evaluator] = {_FACT: plant_efficiency_line}
