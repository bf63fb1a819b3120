"""One step of a subcatchment: sealed and pervious parts as nonlinear reservoirs, and LID units.

EPA SWMM 5 Reference Manual volume I, EPA/600/R-15/162A, chapter 3: a sealed part without depression, a
sealed part with depression and a pervious part, which flow to the outlet side by side with a = W √S / (n
A_part), and LID units that take some of their flow. What runs off is what the balance of the step leaves, so
that water is conserved. SWMM books the flow at the end of a step for all of it, which loses or makes water;
``as_swmm`` does the same, to be compared with it.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.infiltration import (
    CURVE_NUMBER,
    GREEN_AMPT,
    HORTON,
    MODIFIED_GREEN_AMPT,
    MODIFIED_HORTON,
    SOIL_COLUMNS,
    curve_number_step,
    green_ampt_step,
    horton_capacity,
    horton_step,
    modified_horton_step,
)
from twin.kernels.lid import AREA_M2 as UNIT_AREA_M2
from twin.kernels.lid import stored_m
from twin.kernels.nonlinear_reservoir import flow_as_swmm, integrate_as_swmm, reservoir_step
from twin.kernels.subcatchment_units import ponded_m, run_units, run_units_as_swmm

Floats = NDArray[np.float64]

# Columns of ``catchments``; slopes and shares as fractions.
AREA_M2, SEALED_SHARE, WIDTH_M, SLOPE, SEALED_N, PERVIOUS_N = range(6)
SEALED_DEPRESSION_M, PERVIOUS_DEPRESSION_M, BARE_SHARE = range(6, 9)  # bare: sealed without depression
ONTO_PERVIOUS, ONTO_SEALED = 9, 10  # share of what runs off one kind of ground onto the other
CATCHMENT_COLUMNS = 11

# Columns of the totals, m of water over the catchment; stored: the change of what is stored.
RAIN, RUN_ON, EVAPORATED, INFILTRATED, RUNOFF, REUSED, STORED = range(7)
TOTALS = 7

# Columns of the parts: areas, then share, depression and outflow coefficient of the three parts, which is
# infinite where the ground is without roughness and water runs off at once.
WHOLE_M2, BARE_M2, SHARE, DEPRESSION, COEFFICIENT, TO_PERVIOUS, TO_SEALED = 0, 1, 2, 5, 8, 11, 12
PARTS = 13

# Columns of the surface: depth on the three parts, m, and what ran off each in the last step, m/s.
DEPTH, FLOW = 0, 3
SURFACE_COLUMNS = 6

NOTICEABLE_M = 2e-4  # of runoff, whose course within an interval matters to units
NONE_M = 1e-10 * 0.3048  # above a depression, that does not flow
GROWTH = 2.0  # of the parts of such an interval
NO_SOIL = np.zeros(SOIL_COLUMNS)

# SWMM computes Manning's formula in feet with 1.49 for 3.28084^(1/3).
SWMM_METRE = 1.49 / 3.280839895 ** (1.0 / 3.0)


@njit(cache=True, _nrt=False)
def _subarea_step(  # type: ignore[no-untyped-def]
    depth, depression, a, rain, evaporation, infiltration, step_s, rain_evaporates, integrated, tables
):
    """One step of one subarea, whose depth is exact, or ``integrated`` as SWMM does it.

    Returns its new depth, what left as evaporation, infiltration and runoff, m, and the flow at the end, m/s.
    """
    evaporated = min(depth + (rain * step_s if rain_evaporates else 0.0), evaporation * step_s)
    infiltrated = min(infiltration * step_s, depth + rain * step_s - evaporated)
    inflow = rain - (evaporated + infiltrated) / step_s
    end = depth + inflow * step_s
    flow = 0.0
    if evaporated + infiltrated >= depth + rain * step_s:
        end = 0.0  # to the last bit, so that a dry surface is known as dry
    elif end > depression or (depth > depression and not integrated):
        flowing_s = step_s
        if depth < depression:
            flowing_s -= (depression - depth) / inflow
        if a == np.inf:
            flow = (end - depression) / flowing_s if end - depression > NONE_M else 0.0
            end = min(end, depression)
        elif integrated:
            end = max(integrate_as_swmm(max(depth, depression), depression, inflow, a, flowing_s), 0.0)
        else:
            above, empty_s = reservoir_step(max(depth - depression, 0.0), inflow, a, flowing_s, tables)
            end = max(depression + above + inflow * empty_s, 0.0)
        if a != np.inf and end - depression > NONE_M:
            above = end - depression
            flow = flow_as_swmm(above, a) if integrated else a * above ** (5.0 / 3.0)
    runoff = depth + inflow * step_s - end
    return end, evaporated, infiltrated, runoff, flow


@njit(cache=True, _nrt=False)
def _infiltration(model, state, soil, rain, run_on, depth, step_s):  # type: ignore[no-untyped-def]
    """Infiltration rate of pervious ground by one of the methods; run-on in m/s over it."""
    if model == HORTON:
        supply = rain + run_on + depth / step_s
        return horton_step(state, supply, step_s, soil[0], soil[1], soil[2], soil[3], soil[4])
    if model == MODIFIED_HORTON:
        supply = rain + run_on + depth / step_s
        return modified_horton_step(state, supply, step_s, soil[0], soil[1], soil[2], soil[3])
    if model == CURVE_NUMBER:
        return curve_number_step(state, rain, depth + run_on * step_s, step_s, soil[0], soil[1])
    modified = model == MODIFIED_GREEN_AMPT
    return green_ampt_step(state, rain + run_on, depth, step_s, soil[0], soil[1], soil[2], modified)


@njit(cache=True, _nrt=False)
def _takes_all(model, state, soil, supply, depth, step_s):  # type: ignore[no-untyped-def]
    """Whether dry pervious ground takes in all that comes in a step, which is then exact, however long."""
    if depth > 0.0:
        return False
    if supply == 0.0:
        return True
    if model == HORTON:
        return soil[4] == 0.0 and supply <= horton_capacity(state[0] + step_s, soil[0], soil[1], soil[2])
    if model in (GREEN_AMPT, MODIFIED_GREEN_AMPT):
        return supply <= soil[1] or (
            state[4] < 0.5 and state[0] + supply * step_s < soil[1] * soil[0] * state[2] / (supply - soil[1])
        )
    return False


@njit(cache=True, _nrt=False)
def catchment_parts(site, units, as_swmm, parts):  # type: ignore[no-untyped-def]
    """What a catchment's columns and units come to: fills a row of PARTS columns."""
    whole = site[AREA_M2]
    bare = whole  # without its LID units
    for row in range(units.shape[0]):
        bare -= units[row, UNIT_AREA_M2]
    if bare < 1e-3 * whole:
        if not as_swmm:
            whole -= bare
        bare = 0.0
    sealed = site[SEALED_SHARE]
    parts[WHOLE_M2], parts[BARE_M2] = whole, bare
    parts[SHARE], parts[SHARE + 1] = sealed * site[BARE_SHARE], sealed * (1.0 - site[BARE_SHARE])
    parts[SHARE + 2] = 1.0 - sealed
    parts[DEPRESSION], parts[DEPRESSION + 1] = 0.0, site[SEALED_DEPRESSION_M]
    parts[DEPRESSION + 2] = site[PERVIOUS_DEPRESSION_M]
    parts[COEFFICIENT : COEFFICIENT + 3] = 0.0
    if bare > 0.0:
        conveyance = site[WIDTH_M] * np.sqrt(site[SLOPE]) / bare
        if as_swmm:
            conveyance *= SWMM_METRE
        if sealed > 0.0:
            parts[COEFFICIENT] = parts[COEFFICIENT + 1] = _coefficient(conveyance, site[SEALED_N] * sealed)
        if sealed < 1.0:
            parts[COEFFICIENT + 2] = _coefficient(conveyance, site[PERVIOUS_N] * (1.0 - sealed))
    both = 0.0 < sealed < 1.0
    parts[TO_PERVIOUS] = site[ONTO_PERVIOUS] if both else 0.0
    parts[TO_SEALED] = site[ONTO_SEALED] if both and parts[SHARE + 1] > 0.0 else 0.0


@njit(cache=True, _nrt=False)
def _coefficient(conveyance, resistance):  # type: ignore[no-untyped-def]
    return conveyance / resistance if resistance > 0.0 else np.inf


@njit(cache=True, _nrt=False)
def catchment_step_as_swmm(  # type: ignore[no-untyped-def]
    rain, run_on_m3_s, evaporation, demand, step_s, parts, surface, model, soil, state, units, unit_state,
    unit_totals,
    totals, integrated, tables,
):  # fmt: skip
    """One step of one catchment, booked as SWMM does; changes its depths and states, adds to its totals.

    Run-on spreads over what the units leave, or over the units where they leave nothing. What units get, or
    all depths if ``integrated``, is integrated as SWMM does, whose small error can decide what a layer does.

    Returns:
        mean outflow of the step, outflow at its end, m³/s, and whether a unit asks for the short step.
    """
    whole, bare = parts[WHOLE_M2], parts[BARE_M2]
    of_whole = bare / whole
    pervious = bare > 0.0 and parts[SHARE + 2] > 0.0
    sealed_flow = 0.0
    pervious_flow = 0.0
    native = 0.0
    infiltration = 0.0
    if bare > 0.0:
        run_on = run_on_m3_s / bare
        # What one part passes on to another is that of the step before.
        from_sealed = 0.0
        if parts[TO_PERVIOUS] > 0.0:
            from_sealed = parts[SHARE] * surface[FLOW] + parts[SHARE + 1] * surface[FLOW + 1]
            from_sealed *= parts[TO_PERVIOUS] / parts[SHARE + 2]
        from_pervious = 0.0
        if parts[TO_SEALED] > 0.0:
            from_pervious = parts[SHARE + 2] * surface[FLOW + 2] * parts[TO_SEALED] / parts[SHARE + 1]
        if pervious:
            infiltration = _infiltration(model, state, soil, rain, run_on + from_sealed, surface[2], step_s)
        for part in range(3):
            share, a = parts[SHARE + part], parts[COEFFICIENT + part]
            if share <= 0.0:
                continue
            supply = rain + run_on
            if part == 1:
                supply += from_pervious
            elif part == 2:
                supply += from_sealed
            surface[part], evaporated, _, _, end_flow = _subarea_step(
                surface[part],
                parts[DEPRESSION + part],
                a,
                supply,
                evaporation,
                infiltration if part == 2 else 0.0,
                step_s,
                False,
                integrated or units.shape[0] > 0,
                tables,
            )
            surface[FLOW + part] = end_flow
            totals[EVAPORATED] += of_whole * share * evaporated
            if part == 2:
                # SWMM books what could infiltrate, although what evaporates of it is no longer there.
                totals[INFILTRATED] += of_whole * share * infiltration * step_s
                pervious_flow = share * end_flow * (1.0 - parts[TO_SEALED])
                native = share * infiltration
            else:
                sealed_flow += share * end_flow * (1.0 - parts[TO_PERVIOUS])
    flow = sealed_flow + pervious_flow
    out = flow * bare
    wet = False
    if units.shape[0] > 0:
        if not pervious and model not in (GREEN_AMPT, MODIFIED_GREEN_AMPT):
            native = _infiltration(
                model, state, soil, rain, 0.0, ponded_m(units, unit_state) / (whole - bare), step_s
            )
        lost, exfiltrated, treated, overflow, drained, reused, wet = run_units_as_swmm(
            units,
            unit_state,
            unit_totals,
            rain,
            run_on_m3_s / whole if bare == 0.0 else 0.0,
            evaporation,
            sealed_flow * bare,
            pervious_flow * bare,
            native,
            soil if model in (GREEN_AMPT, MODIFIED_GREEN_AMPT) else NO_SOIL,
            demand,
            step_s,
        )
        totals[EVAPORATED] += lost * step_s / whole
        totals[INFILTRATED] += exfiltrated * step_s / whole
        totals[REUSED] += reused * step_s / whole
        out += overflow + drained - treated
    totals[RAIN] += rain * step_s
    totals[RUN_ON] += run_on_m3_s * step_s / whole
    totals[RUNOFF] += out * step_s / whole
    return out, out, wet


@njit(cache=True, _nrt=False)
def _sealed_interval(rain, run_on, evaporation, length_s, parts, surface, totals, tables):  # type: ignore[no-untyped-def]
    """An interval of the sealed parts, whose step is exact; run-on goes onto the part with depression.

    Returns what runs off, m over all parts, and the flow at the end, m/s.
    """
    of_whole = parts[BARE_M2] / parts[WHOLE_M2]
    left = 0.0
    flow = 0.0
    for part in range(2):
        share, a = parts[SHARE + part], parts[COEFFICIENT + part]
        supply = rain + (run_on if part == 1 else 0.0)
        if share <= 0.0 or (supply == 0.0 and surface[part] == 0.0):
            continue
        surface[part], evaporated, _, runoff, end = _subarea_step(
            surface[part],
            parts[DEPRESSION + part],
            a,
            supply,
            evaporation,
            0.0,
            length_s,
            True,
            False,
            tables,
        )
        totals[EVAPORATED] += of_whole * share * evaporated
        left += share * runoff
        flow += share * end
    return left, flow


@njit(cache=True, _nrt=False)
def _pervious_interval(  # type: ignore[no-untyped-def]
    rain, run_on, evaporation, length_s, wet_step_s, dry_step_s, parts, surface, model, soil, state, totals,
    tables,
):  # fmt: skip
    """An interval of the pervious part in steps that infiltration asks for.

    Returns what runs off and what infiltrates, m over all parts, and the highest flow at the end of a step.
    """
    share, a, depression = parts[SHARE + 2], parts[COEFFICIENT + 2], parts[DEPRESSION + 2]
    if share <= 0.0:
        return 0.0, 0.0, 0.0
    of_whole = parts[BARE_M2] / parts[WHOLE_M2]
    supply = rain + run_on
    left = 0.0
    taken = 0.0
    highest = 0.0
    done_s = 0.0
    while done_s < length_s - 1e-6:
        step_s = length_s - done_s
        if not _takes_all(model, state, soil, supply, surface[2], step_s):
            flowing = supply > 0.0 or surface[2] > depression or model == CURVE_NUMBER
            step_s = min(step_s, wet_step_s if flowing else dry_step_s)
        infiltration = _infiltration(model, state, soil, rain, run_on, surface[2], step_s)
        surface[2], evaporated, infiltrated, runoff, end = _subarea_step(
            surface[2], depression, a, supply, evaporation, infiltration, step_s, False, False, tables
        )
        totals[EVAPORATED] += of_whole * share * evaporated
        taken += share * infiltrated
        left += share * runoff
        highest = max(highest, share * end)
        done_s += step_s
    totals[INFILTRATED] += of_whole * taken
    return left, taken, highest


@njit(cache=True, _nrt=False)
def _surface_interval(  # type: ignore[no-untyped-def]
    rain, run_on, evaporation, length_s, wet_step_s, dry_step_s, parts, surface, model, soil, state, totals,
    tables,
):  # fmt: skip
    """An interval of the sealed and pervious parts of a catchment that conserves water.

    The part that passes water on to the other goes first, so that it arrives in the same interval.

    Returns what runs off the sealed and the pervious parts, m over all of them, the highest outflow at the
    end of a step, m/s, and the mean infiltration, m/s.
    """
    sealed_left = 0.0
    sealed_flow = 0.0
    passed = 0.0
    if parts[TO_SEALED] == 0.0:
        sealed_left, sealed_flow = _sealed_interval(
            rain + run_on, 0.0, evaporation, length_s, parts, surface, totals, tables
        )
        if parts[TO_PERVIOUS] > 0.0:
            passed = sealed_left * parts[TO_PERVIOUS] / parts[SHARE + 2] / length_s
            sealed_left *= 1.0 - parts[TO_PERVIOUS]
            sealed_flow *= 1.0 - parts[TO_PERVIOUS]
    pervious_left, taken, pervious_flow = _pervious_interval(
        rain, run_on + passed, evaporation, length_s, wet_step_s, dry_step_s, parts, surface, model, soil,
        state, totals, tables,
    )  # fmt: skip
    if parts[TO_SEALED] > 0.0:
        passed = pervious_left * parts[TO_SEALED] / parts[SHARE + 1] / length_s
        pervious_left *= 1.0 - parts[TO_SEALED]
        pervious_flow *= 1.0 - parts[TO_SEALED]
        sealed_left, sealed_flow = _sealed_interval(
            rain + run_on, passed, evaporation, length_s, parts, surface, totals, tables
        )
    return sealed_left, pervious_left, sealed_flow + pervious_flow, taken / length_s


@njit(cache=True, _nrt=False)
def _settles(supply, parts, surface, length_s):  # type: ignore[no-untyped-def]
    """Whether the flow off the surfaces of a catchment changes noticeably within an interval."""
    flow = 0.0
    for part in range(3):
        above = surface[part] - parts[DEPRESSION + part]
        if above > 0.0:
            flow += parts[SHARE + part] * parts[COEFFICIENT + part] * above ** (5.0 / 3.0)
    return abs(supply - flow) * length_s > NOTICEABLE_M


@njit(cache=True, _nrt=False)
def catchment_interval(  # type: ignore[no-untyped-def]
    rain, run_on_m3_s, evaporation, demand, length_s, wet_step_s, dry_step_s, parts, surface, model, soil,
    state,
    units, unit_state, unit_totals, totals, tables,
):  # fmt: skip
    """One interval of one catchment that conserves water; changes its depths and states, adds to its totals.

    Run-on spreads over what the units leave, or over the units where they leave nothing. Surfaces and units
    take steps of their own; the units get the mean of what runs off the surfaces, in parts of the interval
    that grow from ``wet_step_s`` while that changes.

    Returns:
        its mean outflow and the highest outflow at the end of a step, m³/s.
    """
    bare = parts[BARE_M2]
    part_s = length_s
    passes = units.shape[0] > 0 or parts[TO_PERVIOUS] + parts[TO_SEALED] > 0.0
    if bare > 0.0 and passes and _settles(rain + run_on_m3_s / bare, parts, surface, length_s):
        part_s = wet_step_s
    mean = 0.0
    highest = 0.0
    done_s = 0.0
    while done_s < length_s - 1e-6:
        left_s = length_s - done_s
        if part_s > 0.7 * left_s:
            part_s = left_s
        out, most = _part_of_interval(
            rain, run_on_m3_s, evaporation, demand, part_s, wet_step_s, dry_step_s, parts, surface, model,
            soil, state,
            units, unit_state, unit_totals, totals, tables,
        )  # fmt: skip
        mean += out * part_s / length_s
        highest = max(highest, most)
        done_s += part_s
        part_s *= GROWTH
    return mean, highest


@njit(cache=True, _nrt=False)
def _part_of_interval(  # type: ignore[no-untyped-def]
    rain, run_on_m3_s, evaporation, demand, length_s, wet_step_s, dry_step_s, parts, surface, model, soil,
    state,
    units, unit_state, unit_totals, totals, tables,
):  # fmt: skip
    """The surfaces, then the units; mean and highest outflow, m³/s."""
    whole, bare = parts[WHOLE_M2], parts[BARE_M2]
    out = 0.0
    highest = 0.0
    native = 0.0
    sealed_left = 0.0
    pervious_left = 0.0
    if bare > 0.0:
        sealed_left, pervious_left, highest, native = _surface_interval(
            rain, run_on_m3_s / bare, evaporation, length_s, wet_step_s, dry_step_s, parts, surface, model,
            soil, state, totals, tables,
        )  # fmt: skip
        out = (sealed_left + pervious_left) * bare / length_s
        highest *= bare
    if units.shape[0] > 0:
        ground = bare > 0.0 and parts[SHARE + 2] > 0.0
        if not ground and model not in (GREEN_AMPT, MODIFIED_GREEN_AMPT):
            native = _infiltration(
                model, state, soil, rain, 0.0, ponded_m(units, unit_state) / (whole - bare), length_s
            )
        lost, exfiltrated, treated, overflow, drained, reused, most = run_units(
            units,
            unit_state,
            unit_totals,
            rain,
            run_on_m3_s / whole if bare == 0.0 else 0.0,
            evaporation,
            sealed_left * bare / length_s,
            pervious_left * bare / length_s,
            native,
            soil if model in (GREEN_AMPT, MODIFIED_GREEN_AMPT) else NO_SOIL,
            demand,
            length_s,
            wet_step_s,
            dry_step_s,
        )
        totals[EVAPORATED] += lost * length_s / whole
        totals[INFILTRATED] += exfiltrated * length_s / whole
        totals[REUSED] += reused * length_s / whole
        highest *= 1.0 - treated / out if out > 0.0 else 1.0
        highest += most
        out += overflow + drained - treated
    totals[RAIN] += rain * length_s
    totals[RUN_ON] += run_on_m3_s * length_s / whole
    totals[RUNOFF] += out * length_s / whole
    return out, highest


@njit(cache=True, _nrt=False)
def catchment_stored_m(parts, surface, units, unit_state):  # type: ignore[no-untyped-def]
    """Water on the surfaces and in the units of a catchment, m over it."""
    of_whole = parts[BARE_M2] / parts[WHOLE_M2]
    stored = 0.0
    for part in range(3):
        stored += of_whole * parts[SHARE + part] * surface[part]
    for row in range(units.shape[0]):
        stored += stored_m(units[row], unit_state[row]) * units[row, UNIT_AREA_M2] / parts[WHOLE_M2]
    return stored
