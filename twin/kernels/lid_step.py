"""A step of a LID unit by its kind; barrels and swales, which are one layer.

A swale fills by the modified Puls method, all others by one explicit step (:mod:`twin.kernels.lid_layers`),
in the order of SWMM 5.2.4, a public-domain program, so as to equal it. Compiled without reference counts for
the reason that :mod:`twin.kernels.lid` gives.
"""

from __future__ import annotations

import math

from numba import njit

from twin.kernels.infiltration import green_ampt_step
from twin.kernels.lid import (
    AREA_M2,
    DRAIN_COEFFICIENT,
    DRAIN_DELAY_S,
    DRAIN_EXPONENT,
    DRAIN_OFFSET_M,
    DRY_S,
    FOOT,
    GREEN_AMPT_STATE,
    INITIAL_SATURATION,
    KIND,
    LEAST_WIDTH_M,
    MM_H,
    OLD_RISE_M_S,
    PERMEABLE_PAVEMENT,
    POROSITY,
    RAIN_BARREL,
    REUSE,
    SOIL_CONDUCTIVITY_M_S,
    SOIL_M,
    STORAGE,
    STORAGE_M,
    SUCTION_M,
    SURFACE,
    SURFACE_M,
    SURFACE_VOID,
    SWALE_CONVEYANCE,
    SWALE_WIDTH_M,
    TRIED_M,
    VEGETATIVE_SWALE,
    WILTING_POINT,
    ZERO_FEET,
    spilled,
    stored_m,
    swale_section,
)
from twin.kernels.lid_layers import layers_step


@njit(cache=True, _nrt=False)
def lid_step(  # type: ignore[no-untyped-def]
    unit, state, inflow, evaporation, native, infiltration_soil, demand, step_s, as_swmm
):
    """One step of one unit; changes ``state``.

    The explicit step can leave a little more water or less than came, where a layer runs full or dry within
    it; unless ``as_swmm``, that goes to the overflow, or is taken from what leaves.

    Args:
        unit: (UNIT_COLUMNS,) float64.
        state: (UNIT_STATE,) float64.
        inflow: rain and run-on, m/s over the unit.
        evaporation: potential evaporation, m/s.
        native: infiltration rate of the ground around the unit, m/s, for swales without a soil of their own.
        infiltration_soil: (4,) Green and Ampt's parameters under a swale, or conductivity 0.
        demand: factor on the drain of a barrel that is drawn on (REUSE).
        step_s: length of the step.
        as_swmm: leave the balance as the step leaves it.

    Returns:
        evaporation, exfiltration into the ground, overflow and drain flow, m/s over the unit.
    """
    before = stored_m(unit, state)
    evaporated, exfiltrated, overflow, drained = _unlimited_step(
        unit, state, inflow, evaporation, native, infiltration_soil, demand, step_s, as_swmm
    )
    if not as_swmm:
        kept = (stored_m(unit, state) - before) / step_s
        overflow += inflow - evaporated - exfiltrated - overflow - drained - kept
        if overflow < 0.0:
            drained += overflow
            overflow = 0.0
            if drained < 0.0:
                exfiltrated += drained
                drained = 0.0
                if exfiltrated < 0.0:
                    evaporated += exfiltrated
                    exfiltrated = 0.0
    return evaporated, exfiltrated, overflow, drained


@njit(cache=True, _nrt=False)
def _unlimited_step(  # type: ignore[no-untyped-def]
    unit, state, inflow, evaporation, native, infiltration_soil, demand, step_s, as_swmm
):
    """The step by kind of unit."""
    kind = int(unit[KIND])
    if kind == VEGETATIVE_SWALE:
        taken = native
        if infiltration_soil[1] > 0.0:
            taken = green_ampt_step(
                state[GREEN_AMPT_STATE:], inflow, state[SURFACE], step_s,
                infiltration_soil[0], infiltration_soil[1], infiltration_soil[2], True,
            )  # fmt: skip
        return _swale_step(unit, state, inflow, evaporation, taken, step_s)
    if kind == RAIN_BARREL:
        return _barrel_step(unit, state, inflow, demand if unit[REUSE] > 0.0 else 1.0, step_s)
    taken = native
    if unit[SOIL_M] > 0.0 and kind != PERMEABLE_PAVEMENT:
        deficit = (unit[POROSITY] - unit[WILTING_POINT]) * (1.0 - unit[INITIAL_SATURATION])
        taken = green_ampt_step(
            state[GREEN_AMPT_STATE:], inflow, state[SURFACE], step_s,
            unit[SUCTION_M], unit[SOIL_CONDUCTIVITY_M_S], deficit, True,
        )  # fmt: skip
    if kind == PERMEABLE_PAVEMENT:
        taken = 0.0
    return layers_step(unit, state, kind, inflow, evaporation, taken, step_s, as_swmm)


@njit(cache=True, _nrt=False)
def _barrel_step(unit, state, inflow, demand, step_s):  # type: ignore[no-untyped-def]
    """A rain barrel: fills to its height, drains when it has been dry for long enough."""
    storage = state[STORAGE]
    drain = 0.0
    if state[DRY_S] >= unit[DRAIN_DELAY_S] or unit[DRAIN_DELAY_S] == 0.0:
        head = storage - unit[DRAIN_OFFSET_M]
        if head > 0.0:
            rate = demand * unit[DRAIN_COEFFICIENT] * (1000.0 * head) ** unit[DRAIN_EXPONENT] * MM_H
            drain = min(rate, head / step_s)
    kept = min(inflow, (unit[STORAGE_M] - storage) / step_s + drain)
    state[STORAGE] = min(max(storage + (kept - drain) * step_s, 0.0), unit[STORAGE_M])
    return 0.0, 0.0, inflow - kept, drain


@njit(cache=True, _nrt=False)
def _swale_step(unit, state, inflow, evaporation, taken, step_s):  # type: ignore[no-untyped-def]
    """A trapezoidal swale with Manning's flow, by successive approximation."""
    area = unit[AREA_M2]
    bottom, side = swale_section(unit)
    length = area / max(unit[SWALE_WIDTH_M], LEAST_WIDTH_M)
    full = unit[SURFACE_M]
    start = state[SURFACE]
    depth = start
    before = start
    evaporated = 0.0
    infiltrated = 0.0
    outflow = 0.0
    rise = 0.0
    wet = 0.0
    for _ in range(19):
        wet = min(depth, full)
        water_area = length * (bottom + 2.0 * side * wet)
        section = wet * (bottom + side * wet) * unit[SURFACE_VOID]
        evaporated = min(evaporation * water_area, length * section / step_s)
        infiltrated = taken * water_area
        outflow = 0.0
        if wet > ZERO_FEET * FOOT and section >= ZERO_FEET * FOOT**2:
            radius = section / (bottom + 2.0 * wet * math.sqrt(1.0 + side * side))
            outflow = unit[SWALE_CONVEYANCE] * section * radius ** (2.0 / 3.0)
        change = inflow * area - evaporated - infiltrated - outflow
        if wet == full and change > 0.0:
            outflow += change
            change = 0.0
        rise = change / water_area
        depth = max(start + 0.5 * (state[OLD_RISE_M_S] + rise) * step_s, 0.0)
        if abs(depth - before) <= 0.00328 * FOOT:
            break
        before = depth
    state[SURFACE] = depth
    state[OLD_RISE_M_S], state[TRIED_M] = rise, wet
    outflow = outflow / area + spilled(unit, state, step_s)
    return evaporated / area, infiltrated / area, outflow, 0.0
