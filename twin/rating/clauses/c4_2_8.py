"""4.2.8 Durable structural materials.

Raised cover or high-durability concrete, weathering steel, durable timber.

In a mixed structure every material part must qualify (local reading). The fact of a material that the
structure does not have is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ifc.model import Provenance, Text
from twin.rating.building import material_family, structural_elements
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every, unknown
from twin.rating.needs import property_missing
from twin.rating.reading import as_bool, material_text, says

_HIGH_DURABILITY = ("高耐久", "高性能混凝土", "high-durability", "high durability", "hpc")
_WEATHERING = ("耐候", "weathering", "corten", "cor-ten")
_WEATHERING_GRADE = re.compile(r"Q\d{3}(?:NH|GNH)", re.I)
_DURABLE_TIMBER = ("防腐木", "耐久木", "防腐处理", "preserved", "treated timber", "pressure treated")

Answer = tuple[bool | None, str]  # and where it stands


def _fact(case: Case, family: str, fact: str, key: str, what: Text) -> Fact:
    materials = {row: material_text(case.model, row) for row in structural_elements(case)}
    families = {row: material_family(text) for row, text in materials.items()}
    structure = case.fact("structure_type")
    if family not in families.values():
        if structure.known and structure.value not in (family, "mixed"):
            formula = f"structure_type = {structure.value}"
            return Fact(
                False, "bool", Provenance.DERIVED, structure.source, formula, confidence=structure.confidence
            )
        return unknown("bool", property_missing(what, key, fact, case.global_ids(materials)))
    findings = []
    for row, text in materials.items():
        if families[row] == family or (structure.value == "mixed" and families[row] in _CHECKS):
            truth, source = _CHECKS[families[row]](case, row, text)
            findings.append(Finding(case.global_id(row), truth, source=source))
    return every(findings, symbol=key, need=property_missing(what, key, fact), confidence="medium")


def concrete_cover_raised_or_high_durability(case: Case) -> Fact:
    """Whether all concrete members have raised cover or are of high-durability concrete."""
    what = Text("Raised cover or high-durability concrete.", "提高保护层厚度或高耐久混凝土。")
    return _fact(case, "concrete", "concrete_cover_raised_or_high_durability", "cover_raised", what)


def steel_weathering_or_weathering_coating(case: Case) -> Fact:
    """Whether all steel members are of weathering steel or carry a weathering coating."""
    what = Text("Weathering steel or weathering coating.", "耐候结构钢或耐候型防腐涂料。")
    return _fact(case, "steel", "steel_weathering_or_weathering_coating", "weathering_coating", what)


def timber_preserved_or_durable(case: Case) -> Fact:
    """Whether all timber members are preserved or durable."""
    what = Text("Preserved or durable timber.", "防腐木材或耐久木材。")
    return _fact(case, "timber", "timber_preserved_or_durable", "timber_preserved", what)


def _concrete(case: Case, row: int, text: str) -> Answer:
    if says(text, _HIGH_DURABILITY):
        return True, "name of the concrete"
    return _stated(case, row, "cover_raised", "high_durability_concrete")


def _steel(case: Case, row: int, text: str) -> Answer:
    if says(text, _WEATHERING) or _WEATHERING_GRADE.search(text):
        return True, "grade of the steel"
    return _stated(case, row, "weathering_coating")


def _timber(case: Case, row: int, text: str) -> Answer:
    if says(text, _DURABLE_TIMBER):
        return True, "name of the timber"
    return _stated(case, row, "timber_preserved")


def _stated(case: Case, row: int, *keys: str) -> Answer:
    """The first property that says yes, else the first that says no."""
    answers = []
    for key in keys:
        found = case.get(row, key)
        if found is not None and (answer := as_bool(found.value)) is not None:
            answers.append((answer, found.source))
    return max(answers, key=lambda pair: pair[0], default=(None, ""))


_CHECKS: Mapping[str, Callable[[Case, int, str], Answer]] = {
    "concrete": _concrete,
    "steel": _steel,
    "timber": _timber,
}

FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (
        concrete_cover_raised_or_high_durability,
        steel_weathering_or_weathering_coating,
        timber_preserved_or_durable,
    )
}
