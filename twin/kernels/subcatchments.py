"""An interval of a subcatchment that conserves water: what runs off is what the balance of a step leaves.

The parts of :mod:`twin.kernels.subcatchment_parts` take the steps that they need: the nonlinear reservoir is
solved exactly, so that infiltration, units and what one part passes on to another decide on them.

Compiled with ``_nrt=False`` for the reason given there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from twin.kernels.infiltration import (
    CURVE_NUMBER,
    GREEN_AMPT,
    MODIFIED_GREEN_AMPT,
    NO_SOIL,
    infiltration_step,
    takes_all,
)
from twin.kernels.nonlinear_reservoir import manning_flow, reservoir_step
from twin.kernels.subcatchment_parts import (
    BARE_M2,
    COEFFICIENT,
    DEPRESSION,
    EVAPORATED,
    INFILTRATED,
    NONE_M,
    RAIN,
    REUSED,
    RUN_ON,
    RUNOFF,
    SHARE,
    TO_PERVIOUS,
    TO_SEALED,
    WHOLE_M2,
)
from twin.kernels.subcatchment_units import ponded_m, run_units

NOTICEABLE_M = 2e-4  # of runoff, whose course within an interval matters to units
GROWTH = 2.0  # of the parts of such an interval


@njit(cache=True, _nrt=False)
def _subarea_step(  # type: ignore[no-untyped-def]
    depth, depression, a, rain, evaporation, infiltration, step_s, rain_evaporates, tables
):
    """One step of one subarea.

    Returns its new depth, what left as evaporation, infiltration and runoff, m, and the flow at the end, m/s.
    """
    evaporated = min(depth + (rain * step_s if rain_evaporates else 0.0), evaporation * step_s)
    infiltrated = min(infiltration * step_s, depth + rain * step_s - evaporated)
    inflow = rain - (evaporated + infiltrated) / step_s
    end = depth + inflow * step_s
    flow = 0.0
    if evaporated + infiltrated >= depth + rain * step_s:
        end = 0.0  # to the last bit, so that a dry surface is known as dry
    elif end > depression or depth > depression:
        flowing_s = step_s
        if depth < depression:
            flowing_s -= (depression - depth) / inflow
        if a == np.inf:
            flow = (end - depression) / flowing_s if end - depression > NONE_M else 0.0
            end = min(end, depression)
        else:
            above, empty_s = reservoir_step(max(depth - depression, 0.0), inflow, a, flowing_s, tables)
            end = max(depression + above + inflow * empty_s, 0.0)
            if end - depression > NONE_M:
                flow = manning_flow(end - depression, a)
    runoff = depth + inflow * step_s - end
    return end, evaporated, infiltrated, runoff, flow


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
            np.bool_(True),  # as an argument, a literal would compile the function once more
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
        if not takes_all(model, state, soil, supply, surface[2], step_s):
            flowing = supply > 0.0 or surface[2] > depression or model == CURVE_NUMBER
            step_s = min(step_s, wet_step_s if flowing else dry_step_s)
        infiltration = infiltration_step(model, state, soil, rain, run_on, surface[2], step_s)
        surface[2], evaporated, infiltrated, runoff, end = _subarea_step(
            surface[2], depression, a, supply, evaporation, infiltration, step_s, np.bool_(False), tables
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
            flow += parts[SHARE + part] * manning_flow(above, parts[COEFFICIENT + part])
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
            native = infiltration_step(
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
