"""The LID units of a subcatchment through an interval: in steps of their own, or in one as SWMM takes it.

What a unit does in a step is :mod:`twin.kernels.lid_step`; here it gets its inflow, and what leaves all units
is summed up for the subcatchment. Compiled without reference counts for the reason that
:mod:`twin.kernels.subcatchment_parts` gives.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from twin.kernels.lid import (
    AREA_M2,
    COVERED,
    DRAINED,
    DRY_S,
    EVAPORATED,
    EXFILTRATED,
    FOOT,
    FROM_PERVIOUS,
    FROM_SEALED,
    INFLOW,
    KIND,
    OVERFLOW,
    PACE_S,
    RAIN_BARREL,
    REUSE,
    STORAGE,
    STORAGE_VOID,
    STORED_BEFORE,
    SURFACE,
    SURFACE_VOID,
    TRIED_M,
    VEGETATIVE_SWALE,
    WET_M_S,
    stored_m,
    swale_stored_m,
)
from twin.kernels.lid_pace import is_settled, unit_pace_s
from twin.kernels.lid_step import lid_step

RAINING_M_S = 2.31481e-8 * FOOT  # SWMM's least rain (0.001 in/h) from which a barrel counts its dry time


@njit(cache=True, _nrt=False)
def _book(sums, inflow, evaporated, exfiltrated, overflow, drained):  # type: ignore[no-untyped-def]
    """Add to the totals of a unit, m over it."""
    sums[INFLOW] += inflow
    sums[EVAPORATED] += evaporated
    sums[EXFILTRATED] += exfiltrated
    sums[OVERFLOW] += overflow
    sums[DRAINED] += drained


@njit(cache=True, _nrt=False)
def _run_unit(  # type: ignore[no-untyped-def]
    unit, state, sums, inflow, rain, evaporation, native, swale_soil, demand, length_s, shortest_s, longest_s,
):  # fmt: skip
    """An interval of one LID unit in steps of its own, which are as long as little changes in them.

    Returns evaporation, exfiltration, overflow and drain flow, means in m/s over the unit, and the highest
    sum of overflow and drain flow.
    """
    evaporated = 0.0
    exfiltrated = 0.0
    overflow = 0.0
    drained = 0.0
    highest = 0.0
    done_s = 0.0
    if inflow > WET_M_S:
        state[PACE_S] = 0.0  # begins with a short step, after which it is known how fast the layers change
    while done_s < length_s - 1e-6:
        left_s = length_s - done_s
        step_s = max(min(state[PACE_S], longest_s), shortest_s)
        if step_s > 0.7 * left_s or (inflow <= 0.0 and is_settled(unit, state)):
            step_s = left_s
        before = state[STORAGE]
        lost, exfiltration, spill, drain = lid_step(
            unit, state, inflow, evaporation, native, swale_soil, demand, step_s, np.bool_(False)
        )
        state[DRY_S] = 0.0 if rain > 0.0 else state[DRY_S] + step_s
        change = abs(state[STORAGE] - before) * unit[STORAGE_VOID] / step_s
        state[PACE_S] = unit_pace_s(unit, state, inflow, drain, change)
        evaporated += lost * step_s
        exfiltrated += exfiltration * step_s
        overflow += spill * step_s
        drained += drain * step_s
        highest = max(highest, spill + (0.0 if unit[REUSE] > 0.0 else drain))
        done_s += step_s
    _book(sums, inflow * length_s, evaporated, exfiltrated, overflow, drained)
    return evaporated / length_s, exfiltrated / length_s, overflow / length_s, drained / length_s, highest


@njit(cache=True, _nrt=False)
def run_units(  # type: ignore[no-untyped-def]
    units, unit_state, unit_totals, rain, run_on, evaporation, q_sealed, q_pervious, native, swale_soil,
    demand,
    length_s, shortest_s, longest_s,
):  # fmt: skip
    """An interval of the LID units of a catchment, its surfaces' flows q in m³/s, run-on m/s over each unit.

    Returns evaporation, exfiltration, flow treated, overflow, drain flow, reuse and the highest overflow and
    drain flow, m³/s.
    """
    evaporated = 0.0
    exfiltrated = 0.0
    treated = 0.0
    overflow = 0.0
    drained = 0.0
    reused = 0.0
    highest = 0.0
    for row in range(units.shape[0]):
        unit = units[row]
        area = unit[AREA_M2]
        captured = q_sealed * unit[FROM_SEALED] + q_pervious * unit[FROM_PERVIOUS]
        treated += captured
        inflow = captured / area + run_on
        if unit[KIND] == RAIN_BARREL and unit[COVERED] > 0.0:
            overflow += rain * area  # runs off the lid
            highest += rain * area
        else:
            inflow += rain
        lost, exfiltration, spill, drain, most = _run_unit(
            unit, unit_state[row], unit_totals[row], inflow, rain, evaporation, native, swale_soil, demand,
            length_s, shortest_s, longest_s,
        )  # fmt: skip
        evaporated += lost * area
        exfiltrated += exfiltration * area
        overflow += spill * area
        highest += most * area
        if unit[REUSE] > 0.0:
            reused += drain * area
        else:
            drained += drain * area
    return evaporated, exfiltrated, treated, overflow, drained, reused, highest


@njit(cache=True, _nrt=False)
def run_units_as_swmm(  # type: ignore[no-untyped-def]
    units, unit_state, unit_totals, rain, run_on, evaporation, q_sealed, q_pervious, native, swale_soil,
    demand,
    step_s,
):  # fmt: skip
    """One step of the LID units of a catchment as SWMM takes it.

    Returns evaporation, exfiltration, flow treated, overflow, drain flow and reuse, m³/s, and whether any
    flux goes on, which asks for the short step.
    """
    evaporated = 0.0
    exfiltrated = 0.0
    treated = 0.0
    overflow = 0.0
    drained = 0.0
    reused = 0.0
    wet = False
    for row in range(units.shape[0]):
        unit, state, sums = units[row], unit_state[row], unit_totals[row]
        area = unit[AREA_M2]
        captured = q_sealed * unit[FROM_SEALED] + q_pervious * unit[FROM_PERVIOUS]
        treated += captured
        inflow = captured / area + run_on
        if not (unit[KIND] == RAIN_BARREL and unit[COVERED] > 0.0):
            inflow += rain
        sums[STORED_BEFORE] = stored_m(unit, state)
        lost, exfiltration, spill, drain = lid_step(
            unit, state, inflow, evaporation, native, swale_soil, demand, step_s, np.bool_(True)
        )
        if unit[KIND] == VEGETATIVE_SWALE:
            sums[STORED_BEFORE] = swale_stored_m(unit, state[TRIED_M])
        state[DRY_S] = 0.0 if rain > RAINING_M_S else state[DRY_S] + step_s
        _book(sums, inflow * step_s, lost * step_s, exfiltration * step_s, spill * step_s, drain * step_s)
        evaporated += lost * area
        exfiltrated += exfiltration * area
        overflow += spill * area
        if unit[REUSE] > 0.0:
            reused += drain * area
        else:
            drained += drain * area
        wet |= max(inflow, spill, drain, exfiltration, lost) >= WET_M_S
    return evaporated, exfiltrated, treated, overflow, drained, reused, wet


@njit(cache=True, _nrt=False)
def ponded_m(units, unit_state):  # type: ignore[no-untyped-def]
    """Water on the surfaces of the units of a catchment, m³."""
    ponded = 0.0
    for row in range(units.shape[0]):
        ponded += unit_state[row, SURFACE] * units[row, SURFACE_VOID] * units[row, AREA_M2]
    return ponded
