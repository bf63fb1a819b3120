"""How long full sunken green takes to empty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Severity, Text
from twin.kernels.lid import STORAGE_SEEPAGE_M_S, SURFACE, SURFACE_M, initial_units
from twin.kernels.lid_step import lid_step
from twin.metrics.result import Quantity
from twin.metrics.sponge.drainage import SiteDrainage
from twin.metrics.sponge.rules import SpongeRules

STEP_S = 900.0
LONGEST_H = 1000.0
EMPTY_M = 1e-3


def drawdown(site: SiteDrainage, rules: SpongeRules) -> tuple[dict[str, Quantity], list[Diagnostic]]:
    """Time for the ponded water of full sunken green to seep away, from soil at field capacity; the slowest.

    The guide counts storage that is emptied within 24 h; the soil below is assumed, so that this is a note,
    not a verdict. Nothing for a site without sunken green.
    """
    units = [
        unit
        for unit, owner in zip(site.units, site.unit_catchment.tolist(), strict=True)
        if site.kinds[owner] == "sunken_green"
    ]
    if not units:
        return {}, []
    hours, unit = max(((_hours(unit), unit) for unit in units), key=lambda pair: pair[0])
    ponding, percolation = 1000.0 * unit[SURFACE_M], 3.6e6 * unit[STORAGE_SEEPAGE_M_S]
    quantity = Quantity(
        hours,
        "h",
        Text("Drawdown time of sunken green", "下沉式绿地排空时间"),
        "d h / dt = -(infiltration into soil over percolation)",
        rules.facility_source,
    )
    if hours <= rules.drawdown_h:
        return {"sunken_green_drawdown_h": quantity}, []
    return {"sunken_green_drawdown_h": quantity}, [
        Diagnostic(
            "slow-drawdown",
            Severity.NOTE,
            Text(
                f"Sunken green that ponds {ponding:.0f} mm empties in {hours:.0f} h over ground that "
                f"takes {percolation:g} mm/h; the guide asks for {rules.drawdown_h:g} h.",
                f"按原土下渗速率 {percolation:g} mm/h 估算，蓄水 {ponding:.0f} mm 的下沉式绿地需 "
                f"{hours:.0f} h 排空，技术指南要求 {rules.drawdown_h:g} h 以内。",
            ),
            Text(
                "Show a tested permeability, a replaced soil or an underdrain.",
                "请提供土壤渗透试验结果，或采取换土、设置盲管等措施。",
            ),
        )
    ]


def _hours(unit: NDArray[np.float64]) -> float:
    """Time for one unit, (UNIT_COLUMNS,), h."""
    state = initial_units(unit[None, :], np.zeros(1))[0]
    state[SURFACE] = unit[SURFACE_M]
    hours = 0.0
    while state[SURFACE] > EMPTY_M and hours < LONGEST_H:
        lid_step(unit, state, 0.0, 0.0, 0.0, np.zeros(4), 1.0, STEP_S, False)
        hours += STEP_S / 3600.0
    return hours
