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
from twin.kernels.lid import AREA_M2 as UNIT_AREA_M2
from twin.kernels.lid import (
    COVERED,
    DRAINED,
    DRY_S,
    EXFILTRATED,
    FROM_PERVIOUS,
    FROM_SEALED,
    INFLOW,
    KIND,
    OVERFLOW,
    RAIN_BARREL,
    STORED_START,
    SURFACE,
    SURFACE_VOID,
    UNIT_TOTALS,
    WET_M_S,
    lid_step,
    stored_m,
)
from twin.kernels.lid import EVAPORATED as UNIT_EVAPORATED
from twin.kernels.lid import STORED as UNIT_STORED
from twin.kernels.lid import STORED_BEFORE as UNIT_STORED_BEFORE
from twin.kernels.nonlinear_reservoir import reservoir_step

Floats = NDArray[np.float64]

# Columns of ``catchments``; slopes and shares as fractions.
AREA_M2, SEALED_SHARE, WIDTH_M, SLOPE, SEALED_N, PERVIOUS_N = range(6)
SEALED_DEPRESSION_M, PERVIOUS_DEPRESSION_M, BARE_SHARE = range(6, 9)  # bare: sealed without depression
CATCHMENT_COLUMNS = 9

# Columns of the totals, m of water over the catchment.
RAIN, EVAPORATED, INFILTRATED, RUNOFF, STORED = range(5)
TOTALS = 5

# SWMM computes Manning's formula in feet with 1.49 for 3.28084^(1/3).
SWMM_METRE = 1.49 / 3.280839895 ** (1.0 / 3.0)


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
def _infiltration(model, state, soil, rain, depth, step_s):  # type: ignore[no-untyped-def]
    """Infiltration rate of pervious ground by one of the three methods."""
    if model == HORTON:
        return horton_step(state, rain + depth / step_s, step_s, soil[0], soil[1], soil[2], soil[3])
    if model == GREEN_AMPT:
        return green_ampt_step(state, rain, depth, step_s, soil[0], soil[1], soil[2], False)
    return curve_number_step(state, rain, depth, step_s, soil[0], soil[1])


@njit(cache=True)
def _run_units(  # type: ignore[no-untyped-def]
    units,
    unit_state,
    unit_totals,
    rain,
    evaporation,
    q_sealed,
    q_pervious,
    native,
    swale_soil,
    step_s,
    as_swmm,
):
    """One step of the LID units of a catchment, its surfaces' flows q in m³/s.

    Returns evaporation, exfiltration, flow treated, overflow and drain flow, m³/s, and whether a unit is wet.
    """
    evaporated = 0.0
    exfiltrated = 0.0
    treated = 0.0
    overflow = 0.0
    drained = 0.0
    wet = False
    for row in range(units.shape[0]):
        unit, state, sums = units[row], unit_state[row], unit_totals[row]
        area = unit[UNIT_AREA_M2]
        captured = q_sealed * unit[FROM_SEALED] + q_pervious * unit[FROM_PERVIOUS]
        treated += captured
        inflow = captured / area
        covered = unit[KIND] == RAIN_BARREL and unit[COVERED] > 0.0
        if not covered:
            inflow += rain
        elif not as_swmm:
            overflow += rain * area  # runs off the lid
        sums[UNIT_STORED_BEFORE] = stored_m(unit, state)
        lost, exfiltration, spill, drain = lid_step(
            unit, state, inflow, evaporation, native, swale_soil, step_s, as_swmm
        )
        state[DRY_S] = 0.0 if rain > 0.0 else state[DRY_S] + step_s
        sums[INFLOW] += inflow * step_s
        sums[UNIT_EVAPORATED] += lost * step_s
        sums[EXFILTRATED] += exfiltration * step_s
        sums[OVERFLOW] += spill * step_s
        sums[DRAINED] += drain * step_s
        evaporated += lost * area
        exfiltrated += exfiltration * area
        overflow += spill * area
        drained += drain * area
        if max(inflow, spill, drain, exfiltration, lost) >= WET_M_S:
            wet = True
    return evaporated, exfiltrated, treated, overflow, drained, wet


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
    units,
    unit_state,
    unit_totals,
    totals,
    flow_m3_s,
):
    """One catchment of :func:`simulate_subcatchments`; fills its row of totals and flow, returns its peak."""
    intervals = rain_m_s.shape[0]
    peak = 0.0
    whole = site[AREA_M2]
    bare = whole  # without its LID units
    count = units.shape[0]
    wet_units = False
    for row in range(count):
        bare -= units[row, UNIT_AREA_M2]
        unit_totals[row, STORED_START] = stored_m(units[row], unit_state[row])
        wet_units |= unit_totals[row, STORED_START] > 0.0
    if bare < 1e-3 * whole:
        bare = 0.0
    of_whole = bare / whole
    sealed = site[SEALED_SHARE]
    share = np.array([sealed * site[BARE_SHARE], sealed * (1.0 - site[BARE_SHARE]), 1.0 - sealed])
    depression = np.array([0.0, site[SEALED_DEPRESSION_M], site[PERVIOUS_DEPRESSION_M]])
    a = np.zeros(3)
    if bare > 0.0:
        conveyance = site[WIDTH_M] * np.sqrt(site[SLOPE]) / bare
        if as_swmm:
            conveyance *= SWMM_METRE
        if sealed > 0.0:
            a[0] = a[1] = conveyance / (site[SEALED_N] * sealed)
        if sealed < 1.0:
            a[2] = conveyance / (site[PERVIOUS_N] * (1.0 - sealed))
    pervious = bare > 0.0 and sealed < 1.0
    swale_soil = soil if model == GREEN_AMPT else np.zeros(4)
    depth = np.zeros(3)
    k = 0
    while k < intervals:
        rain = rain_m_s[k]
        spell_s = interval_s
        skipped = 1
        if rain == 0.0 and count == 0 and depth[0] + depth[1] + depth[2] == 0.0:
            skipped = next_wet[k] - k
            spell_s = interval_s * skipped
        done_s = 0.0
        while done_s < spell_s - 1e-6:
            step_s = spell_s
            if rain > 0.0 or wet_units:
                step_s = wet_step_s
            else:
                for part in range(3):
                    if depth[part] > depression[part]:
                        step_s = wet_step_s
                    elif depth[part] > 0.0 or count > 0:
                        step_s = min(step_s, dry_step_s)
            step_s = min(step_s, spell_s - done_s)
            infiltration = 0.0
            if pervious:
                infiltration = _infiltration(model, state, soil, rain, depth[2], step_s)
            flow = 0.0
            left = 0.0
            pervious_left = 0.0
            native = 0.0
            if bare > 0.0:
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
                    totals[EVAPORATED] += of_whole * share[part] * evaporated
                    totals[INFILTRATED] += of_whole * share[part] * infiltrated
                    above = depth[part] - depression[part]
                    end_flow = a[part] * above ** (5.0 / 3.0) if above > 0.0 else 0.0
                    flow += share[part] * end_flow
                    lost = share[part] * (end_flow * step_s if as_swmm else runoff)
                    left += lost
                    if part == 2:
                        pervious_left = lost
                        native = share[part] * infiltrated / step_s
            out = left * bare / step_s  # m³/s
            flow *= bare
            if count > 0:
                if not pervious and model != GREEN_AMPT:
                    ponded = 0.0
                    for row in range(count):
                        ponded += (
                            unit_state[row, SURFACE] * units[row, SURFACE_VOID] * units[row, UNIT_AREA_M2]
                        )
                    native = _infiltration(model, state, soil, rain, ponded / (whole - bare), step_s)
                lost, exfiltrated, treated, overflow, drained, wet_units = _run_units(
                    units,
                    unit_state,
                    unit_totals,
                    rain,
                    evaporation_m_s,
                    (left - pervious_left) * bare / step_s,
                    pervious_left * bare / step_s,
                    native,
                    swale_soil,
                    step_s,
                    as_swmm,
                )
                totals[EVAPORATED] += lost * step_s / whole
                totals[INFILTRATED] += exfiltrated * step_s / whole
                flow *= 1.0 - treated / out if out > 0.0 else 1.0
                out += overflow + drained - treated
                flow += overflow + drained
            totals[RAIN] += rain * step_s
            totals[RUNOFF] += out * step_s / whole
            peak = max(peak, flow)
            if flow_m3_s.shape[0] > 0:
                flow_m3_s[k] += out * step_s / interval_s
            done_s += step_s
        k += skipped
    for part in range(3):
        totals[STORED] += of_whole * share[part] * depth[part]
    for row in range(count):
        unit_totals[row, UNIT_STORED] = stored_m(units[row], unit_state[row])
        change = unit_totals[row, UNIT_STORED] - unit_totals[row, STORED_START]
        totals[STORED] += change * units[row, UNIT_AREA_M2] / whole
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
    units,
    first_unit,
    unit_state,
    flow_m3_s,
):
    """Runoff of N independent subcatchments from one rain record.

    Each is a sealed part without depression, a sealed part with depression and a pervious part, which flow to
    the outlet side by side (EPA SWMM 5 Reference Manual volume I, EPA/600/R-15/162A, chapter 3), with
    a = W √S / (n A_part), and LID units that take some of their flow. What runs off is what the balance of
    the step leaves, so that water is conserved. SWMM books the flow at the end of a step for all of it, which
    loses or makes water; ``as_swmm`` does the same, to be compared with it. Dry spells with empty surfaces
    are one step.

    Args:
        rain_m_s: (K,) float64, mean rain of each interval.
        interval_s: length of an interval.
        evaporation_m_s: potential evaporation, constant.
        catchments: (N, CATCHMENT_COLUMNS) float64; the area includes that of its units.
        model: HORTON, GREEN_AMPT or CURVE_NUMBER.
        soil: (N, 4) float64, parameters of :func:`twin.kernels.infiltration.initial_state`.
        state: (N, STATE_COLUMNS) float64, changed.
        wet_step_s: step while it rains, runs off or a unit is wet.
        dry_step_s: step while depressions dry out, not shorter.
        as_swmm: book runoff as SWMM does.
        tables: of :func:`twin.kernels.nonlinear_reservoir.reservoir_tables`.
        units: (M, UNIT_COLUMNS) float64 of :mod:`twin.kernels.lid`, sorted by catchment.
        first_unit: (N + 1,) int64, rows of the units of each catchment.
        unit_state: (M, UNIT_STATE) float64, changed.
        flow_m3_s: (N, K) float64 to receive the mean outflow of each interval, or (0, 0).

    Returns:
        totals (N, TOTALS), m over the catchment; the highest outflow at the end of a step, (N,) m³/s; totals
        of the units (M, UNIT_TOTALS), m over the unit.
    """
    count, intervals = catchments.shape[0], rain_m_s.shape[0]
    totals = np.zeros((count, TOTALS))
    peak = np.zeros(count)
    unit_totals = np.zeros((units.shape[0], UNIT_TOTALS))
    next_wet = np.empty(intervals + 1, np.int64)
    next_wet[intervals] = intervals
    for k in range(intervals - 1, -1, -1):
        next_wet[k] = k if rain_m_s[k] > 0.0 else next_wet[k + 1]
    keep_flow = flow_m3_s.shape[0] > 0
    no_flow = np.zeros(0)
    for j in prange(count):
        rows = slice(first_unit[j], first_unit[j + 1])
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
            units[rows],
            unit_state[rows],
            unit_totals[rows],
            totals[j],
            flow_m3_s[j] if keep_flow else no_flow,
        )
    return totals, peak, unit_totals
