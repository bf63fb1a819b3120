"""7.2.4 Envelope better than GB 55015, or a lower heating and cooling load.

The improvement is the least over the main parts (local reading): K of walls, roof and floors over air, K and
SHGC of the windows of each orientation. External shading is not counted, so an SHGC improvement is known
from below only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ifc.constructions.surface_resistances import gb50176_surfaces
from ifc.model import Provenance, Text
from twin.metrics.result import Need
from twin.rating.case import Case, Evaluator
from twin.rating.envelope import (
    Comparison,
    compare,
    envelope_parts,
    limit_table,
    public_class,
    with_limits,
)
from twin.rating.facts import Fact, least_trusted, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.rating.site import thermal_zone_code

_FACT = "envelope_improvement_vs_GB55015"


def comparisons(case: Case) -> list[Comparison] | Fact:
    """Every index of the envelope against its limit, or the fact that says why there is none."""
    building, code = case.fact("building_type"), thermal_zone_code(case)
    if not building.known:
        return unknown("%", *building.needs)
    kind = (
        "residential"
        if building.value == "residential"
        else public_class(case.number("floor_area_above_ground"))
    )
    table = limit_table(kind, code) if code else None
    if table is None:
        zone = case.fact("thermal_zone")
        need = fact_missing(
            Text(
                f"Envelope limits of GB 55015 for zone {code or '?'}.",
                f"GB 55015 热工分区 {code or '？'} 的限值。",
            ),
            _FACT,
        )
        return unknown("%", *zone.needs, need)
    parts = envelope_parts(case.model, case.properties, case.project.energy)
    if not parts:
        return unknown("%", not_modelled(Text("outer surfaces of rooms", "房间外围护结构表面"), _FACT))
    return compare(with_limits(parts, kind, table))


def envelope_improvement(case: Case) -> Fact:
    """Least improvement of the envelope over the limits, %."""
    found = comparisons(case)
    if isinstance(found, Fact):
        return found
    low = min(entry.improvement[0] for entry in found)
    high = min(entry.improvement[1] for entry in found)
    provenance = least_trusted(p for entry in found for p in entry.provenances) or Provenance.DERIVED
    surfaces = gb50176_surfaces()
    convention = f"K with Ri = {surfaces.inside:.2f}, Re = {surfaces.outside:.2f} m²·K/W (GB 50176, winter)"
    formula = "; ".join([convention, *map(_shown, found)])
    weakest = [entry for entry in found if entry.improvement[0] <= low + 1e-9]
    elements = case.global_ids(row for entry in weakest for row in entry.elements if row >= 0)
    source = "GB 55015-2021 tables 3.1.8 to 3.1.12; constructions of the model"
    reason = Text(
        f"Governed by {', '.join(entry.label for entry in weakest[:3])}.",
        f"控制指标：{'、'.join(_label_zh(entry) for entry in weakest[:3])}。",
    )
    if math.isclose(low, high, abs_tol=1e-9):
        return Fact(low, "%", provenance, source, formula, reason, elements, confidence="medium")
    bounds = (low, high) if np.isfinite(low) or high < 100 else None
    return Fact(
        None, "%", provenance, source, formula, reason, elements, _needs(case, found), "medium", bounds
    )


_ZH = {
    "wall": "外墙", "roof": "屋面", "floor_over_air": "架空楼板", "window": "外窗", "skylight": "天窗",
    "N": "北向", "E": "东向", "S": "南向", "W": "西向", "H": "水平",
}  # fmt: skip


def _label_zh(entry: Comparison) -> str:
    """``K window N`` as K 外窗（北向）."""
    index, component, *side = entry.label.split()
    return f"{index} {_ZH.get(component, component)}" + "".join(f"（{_ZH.get(word, word)}）" for word in side)


def _shown(entry: Comparison) -> str:
    value = "?" if entry.value is None else f"{entry.value:.2f}"
    low, high = entry.improvement
    if low == high:
        gain = f"{low:.1f} %"
    elif np.isfinite(low):
        gain = f"≥ {low:.1f} %"
    else:
        gain = f"≤ {high:.1f} %" if high < 100 else "?"
    return f"{entry.label}: {value}, limit {entry.limit:.2f}, improvement {gain}"


def _needs(case: Case, found: list[Comparison]) -> tuple[Need, ...]:
    needs = []
    silent = sorted({row for entry in found if entry.value is None for row in entry.elements if row >= 0})
    if any(entry.value is None for entry in found):
        needs.append(
            Need(
                Text(
                    "K and SHGC of these elements, or of all that lies behind their surfaces.",
                    "这些构件（或其后全部构造）的传热系数和太阳得热系数。",
                ),
                Text(
                    "Add ThermalTransmittance and SolarHeatGainTransmittance or complete material layers.",
                    "请补充 ThermalTransmittance、SolarHeatGainTransmittance 属性或完整的材料层。",
                ),
                case.global_ids(silent),
            )
        )
    if any(entry.value is not None and entry.improvement[0] < entry.improvement[1] for entry in found):
        needs.append(
            fact_missing(
                Text("The effect of external shading on the SHGC.", "外遮阳对太阳得热系数的影响。"), _FACT
            )
        )
    return tuple(needs)


def hvac_load_reduction(case: Case) -> Fact:
    """Heating and cooling load below the reference building's, %, from the energy metric.

    Where parts of the envelope rest on defaults the comparison proves nothing: the defaults are the limits
    themselves.
    """
    return on_known_envelope(case, "hvac_load_reduction")


def on_known_envelope(case: Case, name: str) -> Fact:
    """A share of the energy metric, %, where the model states the whole envelope."""
    found = case.quantity("energy", name, "%", confidence="medium")
    need = silent_envelope(case)
    if not found.known or need is None:
        return found
    reason = Text(
        f"The simulation gives {found.value:.1f} % on default constructions, which proves nothing.",
        f"按默认构造模拟得 {found.value:.1f} %，不能作为依据。",
    )
    return unknown("%", need, reason=reason)


def silent_envelope(case: Case) -> Need | None:
    """The K and SHGC for which defaults stand in; None where the model states all of them."""
    limits = comparisons(case)
    if isinstance(limits, list) and not any(entry.value is None for entry in limits):
        return None
    silent = (
        sorted({row for entry in limits if entry.value is None for row in entry.elements if row >= 0})
        if isinstance(limits, list)
        else []
    )
    return Need(
        Text(
            "K and SHGC of these elements: defaults stand in for them.",
            "这些构件的传热系数和太阳得热系数：目前采用默认值。",
        ),
        Text(
            "Add them to the model, or state the fact with evidence in twin.toml.",
            "请在模型中补充，或在 twin.toml 中声明该数据并附证明文件。",
        ),
        case.global_ids(silent),
    )


FACTS: Mapping[str, Evaluator] = {_FACT: envelope_improvement, "hvac_load_reduction": hvac_load_reduction}
