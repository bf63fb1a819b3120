"""7.2.16 Industrialised interior components: kinds of which at least half is industrialised.

Kinds by class and type: partitions, ceilings, floorings, claddings, furniture, and assemblies such as
bathroom pods. A kind counts when its elements state GBT50378.IsIndustrialised; kinds that state nothing keep
the count open.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import COVERINGS, WALLS, as_bool

_FACT = "industrialised_component_kinds"
_FURNITURE = ("IfcFurniture", "IfcSystemFurnitureElement", "IfcFurnishingElement")


def industrialised_component_kinds(case: Case) -> Fact:
    """Number of component kinds with at least 50 % industrialised, by count of elements."""
    kinds = _kinds(case)
    if not kinds:
        return unknown("count", not_modelled(Text("interior components", "内装部品"), _FACT))
    sure: list[str] = []
    possible: list[str] = []
    silent: list[int] = []
    stated = False
    for kind, rows in kinds.items():
        answers = {
            row: as_bool(found.value) if (found := case.get(row, "industrialised")) else None for row in rows
        }
        yes = sum(1 for answer in answers.values() if answer)
        unsaid = [row for row, answer in answers.items() if answer is None]
        stated = stated or len(unsaid) < len(rows)
        silent += unsaid
        if yes >= 0.5 * len(rows):
            sure.append(kind)
        if yes + len(unsaid) >= 0.5 * len(rows):
            possible.append(kind)
    what = Text("Whether these components are industrialised.", "这些部品是否为工业化内装部品。")
    need = property_missing(what, "industrialised", _FACT, case.global_ids(silent))
    if not stated:
        return unknown("count", need)
    formula = f"kinds ≥ 50 %: {', '.join(sure) or 'none'} of {', '.join(kinds)}"
    if len(sure) == len(possible):
        return Fact(
            float(len(sure)), "count", Provenance.IFC, "IsIndustrialised", formula, confidence="medium"
        )
    return Fact(
        None, "count", Provenance.IFC, "IsIndustrialised", formula, needs=(need,), confidence="medium",
        bounds=(float(len(sure)), float(len(possible))),
    )  # fmt: skip


def _kinds(case: Case) -> dict[str, list[int]]:
    kinds: dict[str, list[int]] = {}
    types = case.model.elements.predefined_type
    for row in case.rows(*WALLS):
        bearing, external = case.get(row, "load_bearing"), case.get(row, "is_external")
        inside = bool(external) and external is not None and as_bool(external.value) is False
        if inside and not (bearing and as_bool(bearing.value)):
            kinds.setdefault("partitions", []).append(row)
    for row in case.rows(*COVERINGS):
        if types[row] in ("CEILING", "FLOORING", "CLADDING"):
            kinds.setdefault(str(types[row]).lower(), []).append(row)
    for row in case.rows(*_FURNITURE):
        kinds.setdefault("furniture", []).append(row)
    for row in case.rows("IfcElementAssembly"):
        kinds.setdefault("assemblies", []).append(row)
    return kinds


FACTS: Mapping[str, Evaluator] = {_FACT: industrialised_component_kinds}
