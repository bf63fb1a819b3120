"""Rainfall to runoff of subcatchments: sealed and pervious parts as nonlinear reservoirs."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from twin.kernels.infiltration import (
    GREEN_AMPT,
    HORTON,
    curve_number_step,
    green_ampt_step,
    horton_step,
)
from twin.kernels.nonlinear_reservoir import reservoir_step

Floats = NDArray[np.float64]

# Columns of ``catchments``; slopes and shares as fractions.
AREA_M2, SEALED_SHARE, WIDTH_M, SLOPE, SEALED_N, PERVIOUS_N = range(6)
SEALED_DEPRESSION_M, PERVIOUS_DEPRESSION_M, BARE_SHARE = range(6, 9)  # bare: sealed without depression
CATCHMENT_COLUMNS = 9

# Columns of the totals, m of water over the catchment.
RAIN, EVAPORATED, INFILTRATED, RUNOFF, STORED = range(5)
TOTALS = 5


@njit(cache=True)
def _subarea_step(  # type: ignore[no-untyped-def]
    depth, depression, a, rain, evaporation, infiltration, step_s, tables
):
    """New depth of one subarea after a step, and what left as evaporation, infiltration, runoff, m."""
    evaporated = min(depth, evaporation * step_s)
    infiltrated = min(infiltration * step_s, depth + rain * step_s - evaporated)
    inflow = rain - (evaporated + infiltrated) / step_s
    end = depth + inflow * step_s
    if evaporated + infiltrated >= depth + rain * step_s:
        end = 0.0  # to the last bit, so that a dry surface is known as dry
    elif end > depression or depth > depression:
        flowing_s = step_s
        if depth < depression:
            flowing_s -= (depression - depth) / inflow
        above, empty_s = reservoir_step(max(depth - depression, 0.0), inflow, a, flowing_s, tables)
        end = max(depression + above + inflow * empty_s, 0.0)
    runoff = depth + inflow * step_s - end
    return end, evaporated, infiltrated, runoff


@njit(cache=True)
def _run_catchment(  # type: ignore[no-untyped-def]
    rain_m_s,
    next_wet,
    interval_s,
    evaporation_m_s,
    site,
    model,
    soil,
    state,
    wet_step_s,
    dry_step_s,
    as_swmm,
    tables,
    totals,
    flow_m3_s,
):
    """One catchment of :func:`simulate_subcatchments`; fills its row of totals and flow, returns its peak."""
    intervals = rain_m_s.shape[0]
    peak = 0.0
    sealed = site[SEALED_SHARE]
    share = np.array([sealed * site[BARE_SHARE], sealed * (1.0 - site[BARE_SHARE]), 1.0 - sealed])
    depression = np.array([0.0, site[SEALED_DEPRESSION_M], site[PERVIOUS_DEPRESSION_M]])
    a = np.zeros(3)
    conveyance = site[WIDTH_M] * np.sqrt(site[SLOPE]) / site[AREA_M2]
    if sealed > 0.0:
        a[0] = a[1] = conveyance / (site[SEALED_N] * sealed)
    if sealed < 1.0:
        a[2] = conveyance / (site[PERVIOUS_N] * (1.0 - sealed))
    depth = np.zeros(3)
    k = 0
    while k < intervals:
        rain = rain_m_s[k]
        spell_s = interval_s
        skipped = 1
        if rain == 0.0 and depth[0] + depth[1] + depth[2] == 0.0:
            skipped = next_wet[k] - k
            spell_s = interval_s * skipped
        done_s = 0.0
        while done_s < spell_s - 1e-6:
            step_s = spell_s
            if rain > 0.0:
                step_s = wet_step_s
            else:
                for part in range(3):
                    if depth[part] > depression[part]:
                        step_s = wet_step_s
                    elif depth[part] > 0.0:
                        step_s = min(step_s, dry_step_s)
            step_s = min(step_s, spell_s - done_s)
            infiltration = 0.0
            if sealed < 1.0:
                if model == HORTON:
                    supply = rain + depth[2] / step_s
                    infiltration = horton_step(state, supply, step_s, soil[0], soil[1], soil[2], soil[3])
                elif model == GREEN_AMPT:
                    infiltration = green_ampt_step(state, rain, depth[2], step_s, soil[0], soil[1], soil[2])
                else:
                    infiltration = curve_number_step(state, rain, depth[2], step_s, soil[0], soil[1])
            flow = 0.0
            left = 0.0
            for part in range(3):
                if share[part] <= 0.0:
                    continue
                depth[part], evaporated, infiltrated, runoff = _subarea_step(
                    depth[part],
                    depression[part],
                    a[part],
                    rain,
                    evaporation_m_s,
                    infiltration if part == 2 else 0.0,
                    step_s,
                    tables,
                )
                totals[EVAPORATED] += share[part] * evaporated
                totals[INFILTRATED] += share[part] * infiltrated
                above = depth[part] - depression[part]
                end_flow = a[part] * above ** (5.0 / 3.0) if above > 0.0 else 0.0
                flow += share[part] * end_flow
                left += share[part] * (end_flow * step_s if as_swmm else runoff)
            totals[RAIN] += rain * step_s
            totals[RUNOFF] += left
            peak = max(peak, flow * site[AREA_M2])
            if flow_m3_s.shape[0] > 0:
                flow_m3_s[k] += left * site[AREA_M2] / interval_s
            done_s += step_s
        k += skipped
    for part in range(3):
        totals[STORED] += share[part] * depth[part]
    return peak


@njit(cache=True, parallel=True)
def simulate_subcatchments(  # type: ignore[no-untyped-def]
    rain_m_s,
    interval_s,
    evaporation_m_s,
    catchments,
    model,
    soil,
    state,
    wet_step_s,
    dry_step_s,
    as_swmm,
    tables,
    flow_m3_s,
):
    """Runoff of N independent subcatchments from one rain record.

    Each is a sealed part without depression, a sealed part with depression and a pervious part, which flow to
    the outlet side by side (EPA SWMM 5 Reference Manual volume I, EPA/600/R-15/162A, chapter 3), with
    a = W √S / (n A_part). What runs off is what the balance of the step leaves, so that water is conserved.
    SWMM books the flow at the end of a step for all of it, which loses or makes water; ``as_swmm`` does the
    same, to be compared with it. Dry spells with empty surfaces are one step.

    Args:
        rain_m_s: (K,) float64, mean rain of each interval.
        interval_s: length of an interval.
        evaporation_m_s: potential evaporation, constant.
        catchments: (N, CATCHMENT_COLUMNS) float64.
        model: HORTON, GREEN_AMPT or CURVE_NUMBER.
        soil: (N, 4) float64, parameters of :func:`twin.kernels.infiltration.initial_state`.
        state: (N, STATE_COLUMNS) float64, changed.
        wet_step_s: step while it rains or runs off.
        dry_step_s: step while depressions dry out, not shorter.
        as_swmm: book runoff as SWMM does.
        tables: of :func:`twin.kernels.nonlinear_reservoir.reservoir_tables`.
        flow_m3_s: (N, K) float64 to receive the mean outflow of each interval, or (0, 0).

    Returns:
        totals (N, TOTALS), m over the catchment, and the highest outflow at the end of a step, (N,) m³/s.
    """
    count, intervals = catchments.shape[0], rain_m_s.shape[0]
    totals = np.zeros((count, TOTALS))
    peak = np.zeros(count)
    next_wet = np.empty(intervals + 1, np.int64)
    next_wet[intervals] = intervals
    for k in range(intervals - 1, -1, -1):
        next_wet[k] = k if rain_m_s[k] > 0.0 else next_wet[k + 1]
    keep_flow = flow_m3_s.shape[0] > 0
    no_flow = np.zeros(0)
    for j in prange(count):
        peak[j] = _run_catchment(
            rain_m_s,
            next_wet,
            interval_s,
            evaporation_m_s,
            catchments[j],
            model,
            soil[j],
            state[j],
            wet_step_s,
            dry_step_s,
            as_swmm,
            tables,
            totals[j],
            flow_m3_s[j] if keep_flow else no_flow,
        )
    return totals, peak
