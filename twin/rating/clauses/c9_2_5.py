"""9.2.5 Industrialised structure: a main structure of steel or timber, or precast concrete above ground."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.building import material_family, structural_elements, volume_m3
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, share, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import SLABS, as_bool, material_text, says

_PRECAST = ("预制", "叠合", "precast", "prefabricated", "filigree")
_IN_SITU = ("现浇", "in-situ", "in situ", "cast-in-place", "cast in place")


def main_structure_steel_or_timber(case: Case) -> Fact:
    """Whether the main structure is of steel or timber."""
    structure = case.fact("structure_type")
    if not structure.known:
        return unknown("bool", *structure.needs)
    return Fact(
        structure.value in ("steel", "timber"),
        "bool",
        structure.provenance,
        structure.source,
        f"structure_type = {structure.value} ({structure.formula})",
        confidence=structure.confidence,
        evidence=structure.evidence,
    )


def precast_volume_share_above_ground(case: Case) -> Fact:
    """Share of precast concrete in columns, beams, load-bearing walls and slabs above ground by volume, %."""
    name = "precast_volume_share_above_ground"
    below = case.storeys.below
    findings = []
    for row in (*structural_elements(case), *case.rows(*SLABS)):
        storey = int(case.model.elements.storey[row])
        text = material_text(case.model, row)
        if (storey >= 0 and below[storey]) or material_family(text) not in ("concrete", ""):
            continue
        truth, source = _precast(case, row, text)
        volume = volume_m3(case, row)
        findings.append(
            Finding(case.global_id(row), None if volume is None else truth, volume or 0.0, source)
        )
    what = Text("Whether these concrete elements are precast.", "这些混凝土构件是否预制。")
    none = Text("concrete structure above ground", "地上混凝土结构构件")
    need = property_missing(what, "casting_method", name) if findings else not_modelled(none, name)
    return share(
        findings, symbol="V(precast)", weight_unit="m³", need=need, provenance=Provenance.DERIVED,
        confidence="medium",
    )  # fmt: skip


def _precast(case: Case, row: int, text: str) -> tuple[bool | None, str]:
    found = case.get(row, "precast")
    if found is not None and (answer := as_bool(found.value)) is not None:
        return answer, found.source
    method = case.get(row, "casting_method")
    named = f"{method.value if method else ''} {text} {case.text(row)}"
    source = method.source if method else "name of the element"
    if says(named, _PRECAST):
        return True, source
    return (False, source) if says(named, _IN_SITU) else (None, "")


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function
    for function in (main_structure_steel_or_timber, precast_volume_share_above_ground)
}
