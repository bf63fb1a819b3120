"""7.2.7 Electrical equipment.

Lighting power density of the main rooms, daylight dimming, efficiency grades.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.clauses.c6_2_7 import main_rooms
from twin.rating.facts import Fact, Finding, every, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_bool, as_grade, as_number


def lpd_over_target_max(case: Case) -> Fact:
    """Highest lighting power density of a main room over its target value.

    The density is the room's own property, else the wattage of the fixtures in it over its area. The target
    values of GB/T 50034-2024 are not in greentwin: the room must state its own
    (GBT50378.LightingPowerTarget).
    """
    name = "lpd_over_target_max"
    rooms = main_rooms(case)
    densities = {room: density for room in rooms if (density := _density(case, room)) is not None}
    if not densities:
        return unknown(
            "ratio", not_modelled(Text("lighting power in the main rooms", "主要功能房间的照明功率"), name)
        )
    ratios: dict[int, float] = {}
    for room, density in densities.items():
        found = case.get(int(case.model.spaces.element[room]), "lighting_power_target")
        target = as_number(found.value) if found else None
        if target:
            ratios[room] = density / target
    silent = [room for room in rooms if room not in ratios]
    highest = max(ratios.values(), default=float("-inf"))
    over = tuple(case.space_id(room) for room, ratio in ratios.items() if ratio > 1)
    formula = f"max LPD / target of {len(ratios)} of {len(rooms)} rooms = {highest:.2f}" if ratios else ""
    if silent:
        what = Text("Lighting power density and its target value.", "照明功率密度及其目标值。")
        ids = [case.space_id(room) for room in silent]
        need = property_missing(what, "lighting_power_target", name, ids)
        bounds = (highest, float("inf")) if ratios else None
        return Fact(None, "ratio", formula=formula, elements=over, needs=(need,), bounds=bounds)
    source = "LightingPowerDensity or TotalWattage, LightingPowerTarget"
    return Fact(highest, "ratio", Provenance.IFC, source, formula, elements=over)


def _density(case: Case, room: int) -> float | None:
    """Lighting power density of a room in W/m²."""
    spaces, seats = case.model.spaces, case.model.elements.space
    found = (
        case.get(int(spaces.element[room]), "lighting_power_density") if spaces.element[room] >= 0 else None
    )
    stated = as_number(found.value) if found else None
    if stated is not None:
        return stated
    fixtures = [row for row in case.rows("IfcLightFixture") if seats[row] == room]
    powers = [
        as_number(item.value) if (item := case.get(row, "lighting_power")) else None for row in fixtures
    ]
    known = [power for power in powers if power is not None]
    area = float(spaces.area_m2[room])
    if not fixtures or len(known) < len(fixtures) or not (np.isfinite(area) and area > 0):
        return None
    return sum(known) / area


def daylight_responsive_lighting(case: Case) -> Fact:
    """Whether the light fixtures that state it dim with daylight; rooms without a statement stay open."""
    name = "daylight_responsive_lighting"
    findings = []
    for row in case.rows("IfcLightFixture"):
        found = case.get(row, "daylight_dimming")
        if found is not None:
            findings.append(Finding(case.global_id(row), as_bool(found.value), source=found.source))
    what = Text("Dimming with daylight in the daylit zones.", "采光区人工照明随天然光自动调节。")
    return every(findings, symbol="dimming fixtures", need=property_missing(what, "daylight_dimming", name))


def electrical_equipment_efficiency_grade_worst(case: Case) -> Fact:
    """Worst efficiency grade of light fixtures, transformers, pumps and fans (1 is best)."""
    name = "electrical_equipment_efficiency_grade_worst"
    rows = case.rows("IfcLightFixture", "IfcTransformer", "IfcPump", "IfcFan")
    if not rows:
        return unknown(
            "grade",
            not_modelled(Text("lights, transformers, pumps or fans", "灯具、变压器、水泵、风机"), name),
        )
    grades: dict[int, int] = {}
    for row in rows:
        found = case.get(row, "efficiency_grade")
        grade = as_grade(found.value) if found else None
        if grade is not None:
            grades[row] = grade
    silent = [row for row in rows if row not in grades]
    worst = max(grades.values(), default=0)
    short = case.global_ids(row for row, grade in grades.items() if grade > 2)
    formula = f"worst grade of {len(grades)} of {len(rows)} = {worst}" if grades else ""
    if silent:
        what = Text("Efficiency grade of the equipment.", "电气设备能效等级。")
        need = property_missing(what, "efficiency_grade", name, case.global_ids(silent))
        bounds = (float(worst), float("inf")) if grades else None
        return Fact(None, "grade", formula=formula, elements=short, needs=(need,), bounds=bounds)
    return Fact(float(worst), "grade", Provenance.IFC, "EfficiencyGrade", formula, elements=short)


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        lpd_over_target_max,
        daylight_responsive_lighting,
        electrical_equipment_efficiency_grade_worst,
    )
}
