"""7.2.17 Recyclable materials by weight, from the materials and volumes of the elements.

The mass of an element is its volume times the density of its materials; layers share the volume by
thickness. What counts as recyclable is stated by the material's element (GBT50378.Recyclable) or by the kind
of material. The share means something only when the reinforcement is modelled: it is most of what a concrete
building recycles.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.building import material_family, volume_m3
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.rating.reading import (
    BEAMS,
    COLUMNS,
    COVERINGS,
    DOORS,
    MEMBERS,
    PLATES,
    SLABS,
    WALLS,
    WINDOWS,
    as_bool,
    as_number,
    says,
)

_FACT = "recyclable_reusable_share"
_BODIES = (
    *WALLS, *SLABS, *COLUMNS, *BEAMS, *MEMBERS, *PLATES, *COVERINGS, *WINDOWS, *DOORS, "IfcFooting",
    "IfcPile", "IfcRoof", "IfcStairFlight", "IfcRailing",
)  # fmt: skip
_RECYCLABLE = (
    "铝", "铜", "玻璃", "石膏", "aluminium", "aluminum", "copper", "glass", "gypsum", "plasterboard", "glas",
    "gips",
)  # fmt: skip


def recyclable_reusable_share(case: Case) -> Fact:
    """Mass of recyclable and reusable materials over the mass of all, %."""
    bars = case.rows("IfcReinforcingBar", "IfcReinforcingMesh", "IfcTendon")
    if not bars and case.fact("structure_type").value not in ("steel", "timber"):
        return unknown(
            "%",
            not_modelled(
                Text("reinforcement, most of what is recyclable", "钢筋（可再循环材料的主要部分）"), _FACT
            ),
        )
    total = recyclable = 0.0
    silent: list[int] = []
    for row in bars:
        found = case.get(row, "gross_weight")
        mass = as_number(found.value) if found else None
        volume = None if mass is not None else volume_m3(case, row)
        mass = mass if mass is not None else None if volume is None else volume * 7850.0
        if mass is None:
            silent.append(row)
            continue
        total, recyclable = total + mass, recyclable + mass
    for row in case.rows(*_BODIES):
        masses = _masses(case, row)
        if masses is None:
            silent.append(row)
            continue
        total, recyclable = total + masses[0], recyclable + masses[1]
    if silent or total <= 0:
        what = Text("Volume, material and density of these elements.", "这些构件的体积、材料和密度。")
        return unknown("%", fact_missing(what, _FACT, case.global_ids(silent)))
    value = 100 * recyclable / total
    formula = f"m(recyclable) / m(all) × 100 % = {recyclable:.0f} / {total:.0f} kg × 100 % = {value:.1f} %"
    return Fact(value, "%", Provenance.DERIVED, "volumes and materials", formula, confidence="medium")


def _masses(case: Case, row: int) -> tuple[float, float] | None:
    """(all, recyclable) mass of an element in kg; None while volume, material or density is not known."""
    volume = volume_m3(case, row)
    construction = int(case.model.elements.construction[row])
    if volume is None or construction < 0:
        return None
    layers = [layer for layer in case.model.constructions[construction].layers if not layer.is_air_gap]
    thickness = sum(layer.thickness_m for layer in layers)
    if not layers or (thickness <= 0 and len(layers) > 1):
        return None
    stated = case.get(row, "recyclable")
    answer = as_bool(stated.value) if stated else None
    total = recyclable = 0.0
    for layer in layers:
        density = layer.density_kg_m3
        if density is None or (density.provenance is Provenance.DEFAULT and density.confidence == "low"):
            return None
        mass = volume * (layer.thickness_m / thickness if thickness > 0 else 1.0) * float(density.value)
        counts = answer if answer is not None else _is_recyclable(layer.material)
        total, recyclable = total + mass, recyclable + (mass if counts else 0.0)
    return total, recyclable


def _is_recyclable(material: str) -> bool:
    return material_family(material) in ("steel", "timber") or says(material, _RECYCLABLE)


FACTS: Mapping[str, Evaluator] = {_FACT: recyclable_reusable_share}
