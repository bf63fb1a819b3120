"""How long full sunken green takes to empty."""

from __future__ import annotations

from ifc.model import Diagnostic, Severity, Text
from twin.kernels.runoff import DEPRESSION_MM, FIELD_CAPACITY_MM, PERCOLATION_MM_H, cover_step
from twin.metrics.result import Quantity
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.site_table import SiteTable

STEP_H = 0.25
LONGEST_H = 1000.0
EMPTY_MM = 1.0


def drawdown(site: SiteTable, rules: SpongeRules) -> tuple[dict[str, Quantity], list[Diagnostic]]:
    """Time for the ponded water of full sunken green to seep away, from soil at field capacity.

    The guide counts storage that is emptied within 24 h; the soil below is assumed, so that this is a note,
    not a verdict. Nothing for a site without sunken green.
    """
    if site.sunken < 0:
        return {}, []
    row = site.covers[site.sunken]
    ponding, percolation = row[DEPRESSION_MM], row[PERCOLATION_MM_H]
    surface, moisture, hours = ponding, row[FIELD_CAPACITY_MM], 0.0
    while surface > EMPTY_MM and hours < LONGEST_H:
        surface, moisture, *_ = cover_step(row, 0.0, 0.0, STEP_H, surface, moisture)
        hours += STEP_H
    quantity = Quantity(
        hours,
        "h",
        Text("Drawdown time of sunken green", "下沉式绿地排空时间"),
        "d h / dt = -(infiltration into soil over percolation)",
        rules.continuous_source,
    )
    if hours <= rules.drawdown_h:
        return {"sunken_green_drawdown_h": quantity}, []
    return {"sunken_green_drawdown_h": quantity}, [
        Diagnostic(
            "slow-drawdown",
            Severity.NOTE,
            Text(
                f"Sunken green that ponds {ponding:.0f} mm empties in {hours:.0f} h on the clay loam that is "
                f"assumed ({percolation:g} mm/h); the guide asks for {rules.drawdown_h:g} h.",
                f"按黏壤土渗透速率 {percolation:g} mm/h 估算，蓄水 {ponding:.0f} mm 的下沉式绿地需 "
                f"{hours:.0f} h 排空，技术指南要求 {rules.drawdown_h:g} h 以内。",
            ),
            Text(
                "Show a tested permeability, a replaced soil or an underdrain.",
                "请提供土壤渗透试验结果，或采取换土、设置盲管等措施。",
            ),
        )
    ]
