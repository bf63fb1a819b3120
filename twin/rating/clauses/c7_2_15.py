"""7.2.15 Structural materials: high-strength rebar, concrete of C50 and above, steel of Q355 and above."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.building import material_family, structural_elements, volume_m3
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, share
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import BEAMS, COLUMNS, MEMBERS, WALLS, as_number, material_text

_REBAR = re.compile(r"(?:HRBF?|RRB|HTRB|HPB|CRB|B)\s*(\d{3})", re.I)
_CONCRETE = re.compile(r"(?<![A-Za-z0-9])C(\d{2,3})(?![0-9])", re.I)
_STEEL = re.compile(r"(?<![A-Za-z0-9])(?:Q|S)(\d{3})(?![0-9])", re.I)
_STEEL_KG_M3 = 7850.0


def rebar_400mpa_share(case: Case) -> Fact:
    """Share of the reinforcement of 400 MPa and above by weight, %."""
    name = "rebar_400MPa_share"
    rows = case.rows("IfcReinforcingBar", "IfcReinforcingMesh")
    findings = []
    for row in rows:
        strength, source = _strength(case, row, _REBAR, "steel_grade")
        stress = case.get(row, "yield_stress")
        number = as_number(stress.value) if stress else None
        if stress and number is not None:
            strength, source = (number / 1e6 if number > 1e4 else number), stress.source  # Pa or MPa
        findings.append(_weighted(case, row, strength, 400, source))
    what = Text("Strength grade of the reinforcement.", "钢筋强度等级。")
    need = (
        property_missing(what, "steel_grade", name)
        if rows
        else not_modelled(Text("reinforcement", "钢筋"), name)
    )
    return share(findings, symbol="m(rebar ≥ 400 MPa)", weight_unit="kg", need=need)


def c50_vertical_concrete_share(case: Case) -> Fact:
    """Share of the concrete of C50 and above in columns and load-bearing walls by volume, %."""
    name = "c50_vertical_concrete_share"
    vertical = (*COLUMNS, *WALLS)
    findings = []
    for row in structural_elements(case):
        text = material_text(case.model, row)
        if case.model.elements.ifc_class[row] not in vertical or material_family(text) not in (
            "concrete",
            "",
        ):
            continue
        strength, source = _strength(case, row, _CONCRETE, "strength_class")
        volume = volume_m3(case, row)
        truth = None if strength is None or volume is None else strength >= 50
        findings.append(Finding(case.global_id(row), truth, volume or 0.0, source))
    what = Text("Strength class of columns and load-bearing walls.", "竖向承重构件混凝土强度等级。")
    none = Text("columns or load-bearing walls of concrete", "混凝土柱或承重墙")
    need = property_missing(what, "strength_class", name) if findings else not_modelled(none, name)
    return share(findings, symbol="V(≥ C50)", weight_unit="m³", need=need, provenance=Provenance.DERIVED)


def steel_q355_share(case: Case) -> Fact:
    """Share of the steel of Q355 and above in columns, beams and members by weight, %."""
    name = "steel_Q355_share"
    findings = []
    for row in case.rows(*COLUMNS, *BEAMS, *MEMBERS):
        text = material_text(case.model, row)
        if material_family(text) == "steel":
            strength, source = _strength(case, row, _STEEL, "steel_grade")
            findings.append(_weighted(case, row, strength, 355, source))
    what = Text("Grade of the steel members.", "钢构件牌号。")
    none = Text("steel members", "钢构件")
    need = property_missing(what, "steel_grade", name) if findings else not_modelled(none, name)
    return share(findings, symbol="m(≥ Q355)", weight_unit="kg", need=need, provenance=Provenance.DERIVED)


def _strength(case: Case, row: int, pattern: re.Pattern[str], key: str) -> tuple[float | None, str]:
    """The number of a grade such as C50 or Q355, from the property or the name of the material."""
    found = case.get(row, key)
    if found is not None:
        match = pattern.search(str(found.value))
        number = float(match[1]) if match else as_number(found.value)
        if number is not None:
            return number, found.source
    match = pattern.search(f"{material_text(case.model, row)} {case.text(row)}")
    return (float(match[1]), "name of the material") if match else (None, "")


def _weighted(case: Case, row: int, strength: float | None, least: float, source: str) -> Finding:
    found = case.get(row, "gross_weight")
    weight = as_number(found.value) if found else None
    if weight is None:
        volume = volume_m3(case, row)
        weight = None if volume is None else volume * _STEEL_KG_M3
    truth = None if strength is None or weight is None else strength >= least
    return Finding(case.global_id(row), truth, weight or 0.0, source)


FACTS: Mapping[str, Evaluator] = {
    "rebar_400MPa_share": rebar_400mpa_share,
    "c50_vertical_concrete_share": c50_vertical_concrete_share,
    "steel_Q355_share": steel_q355_share,
}
