"""Removal of suspended solids (SS) by what stores the rain."""

from __future__ import annotations

from ifc.model import Text
from twin.metrics.result import Quantity
from twin.metrics.sponge.covers import SiteCovers
from twin.metrics.sponge.rules import SpongeRules


def solids_removal(covers: SiteCovers, rate: Quantity, rules: SpongeRules) -> dict[str, Quantity]:
    """Share of the year's suspended solids kept back, %.

    The control rate times the mean removal of the facilities that hold the rain, weighted with their storage
    (Technical Guide 3.3.2: 年SS总量去除率 = 年径流总量控制率 × 设施对SS的平均去除率).
    """
    label = Text("Removal of suspended solids", "年径流污染（SS）去除率")
    formula, source = "α Σ V_i η_i / Σ V_i", rules.solids_source
    storage = {kind: covers.storage_of(kind) for kind in rules.solids_removal}
    total = sum(storage.values())
    if rate.value is None:
        return {"suspended_solids_removal_pct": Quantity(None, "%", label, formula, source, rate.needs)}
    removed = sum(volume * rules.solids_removal[kind] for kind, volume in storage.items())
    mean = removed / total if total > 0.0 else 0.0
    return {
        "suspended_solids_removal_pct": Quantity(
            rate.value * mean, "%", label, formula, source, at_least=rate.at_least
        )
    }
