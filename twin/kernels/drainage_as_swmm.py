"""Rain on subcatchments over a whole record, in steps and with run-on booked as SWMM does.

Compiled with ``_nrt=False`` for the reason that :mod:`twin.kernels.subcatchment_parts` gives.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from twin.kernels.drainage_record import count_stored, raining, spread
from twin.kernels.infiltration import infiltration_step, takes_all
from twin.kernels.lid import INITIAL_SATURATION
from twin.kernels.subcatchment_parts import (
    BARE_M2,
    DEPRESSION,
    FLOW,
    INFILTRATED,
    RAIN,
    RUNOFF,
    SHARE,
    TO_PERVIOUS,
    TO_SEALED,
    WHOLE_M2,
)
from twin.kernels.subcatchments_as_swmm import catchment_step_as_swmm, surfaces_step_as_swmm


@njit(cache=True, _nrt=False)
def run_group_as_swmm(  # type: ignore[no-untyped-def]
    first, last, members, outlet, gage, rain_m_s, dry_only, until, interval_s, evaporation_m_s, demand, span,
    parts, model,
    soil, state, wet_step_s, dry_step_s, integrated, tables, units, first_unit, unit_state, unit_totals,
    surface, courses, out, run_on, totals, peak, flow_m3_s,
):  # fmt: skip
    """The catchments ``members[first:last]`` in steps that all take together.

    Each gets what flowed at the end of the step before as its run-on.
    """
    intervals = rain_m_s.shape[1]
    keep_flow = flow_m3_s.shape[0] > 0
    count = 0
    wet_units = False
    for place in range(first, last):
        j = members[place]
        for row in range(first_unit[j], first_unit[j + 1]):
            count += 1
            wet_units |= units[row, INITIAL_SATURATION] > 0.0
    k = 0
    while k < intervals:
        rains = raining(rain_m_s, k)
        now = span[k]
        spell_s = interval_s * (until[k] - k)
        done_s = 0.0
        while done_s < spell_s - 1e-6:
            step_s = wet_step_s
            if not rains and not wet_units:
                step_s = dry_step_s if count > 0 else spell_s
                for place in range(first, last):
                    step_s = min(
                        step_s,
                        _step_of_surfaces(surface[members[place]], wet_step_s, dry_step_s, spell_s),
                    )
            step_s = min(step_s, spell_s - done_s)
            for place in range(first, last):
                run_on[members[place]] = 0.0
            for place in range(first, last):
                j = members[place]
                if outlet[j] >= 0:
                    run_on[outlet[j]] += out[j]
            wet_units = False
            for place in range(first, last):
                j = members[place]
                rows = slice(first_unit[j], first_unit[j + 1])
                rain = rain_m_s[gage[j], k] if gage[j] >= 0 else 0.0
                out[j], wet = catchment_step_as_swmm(
                    rain, run_on[j], 0.0 if dry_only and rain > 0.0 else evaporation_m_s[k], demand[k],
                    step_s, parts[j], surface[j], courses[j], model,
                    soil[j], state[j], np.bool_(False), units[rows], unit_state[rows], unit_totals[rows],
                    totals[j, now], integrated, tables,
                )  # fmt: skip
                wet_units |= wet
                peak[j] = max(peak[j], out[j])
                if keep_flow:
                    spread(flow_m3_s[j], k + done_s / interval_s, step_s / interval_s, out[j])
            done_s += step_s
        k = until[k]
        if k >= intervals or span[k] != now:
            for place in range(first, last):
                count_stored(
                    members[place], parts, surface, units, first_unit, unit_state, totals, now,
                    span[k] if k < intervals else -1,
                )  # fmt: skip


@njit(cache=True, _nrt=False)
def _step_of_surfaces(surface, wet_step_s, dry_step_s, spell_s):  # type: ignore[no-untyped-def]
    """SWMM's next step without rain: short while water flows, longer while depressions dry."""
    step_s = spell_s
    for part in range(3):
        if surface[FLOW + part] > 0.0:
            return wet_step_s
        if surface[part] > 0.0:
            step_s = dry_step_s
    return step_s


@njit(cache=True, _nrt=False)
def run_alone_as_swmm(  # type: ignore[no-untyped-def]
    j, gage, rain_m_s, dry_only, until, interval_s, evaporation_m_s, demand, span, parts, model, soil, state,
    wet_step_s, dry_step_s, integrated, tables, units, first_unit, unit_state, unit_totals, surface, courses,
    totals, peak, flow_m3_s,
):  # fmt: skip
    """Catchment ``j``, to which none drains, in the same steps but where they change nothing.

    Once its pervious ground is dry and takes in all that is to come in a spell of even rain, or recovers in a
    dry one, that is one step of the soil. Depressions from which water only evaporates are one step too.
    """
    intervals = rain_m_s.shape[1]
    keep_flow = flow_m3_s.shape[0] > 0
    rows = slice(first_unit[j], first_unit[j + 1])
    count = first_unit[j + 1] - first_unit[j]
    site, ground, standing, course = parts[j], soil[j], surface[j], courses[j]
    bare = site[BARE_M2]
    of_whole = bare / site[WHOLE_M2]
    pervious = bare > 0.0 and site[SHARE + 2] > 0.0
    passes = site[TO_PERVIOUS] + site[TO_SEALED] > 0.0
    highest = 0.0
    wet_units = False
    for row in range(first_unit[j], first_unit[j + 1]):
        wet_units |= units[row, INITIAL_SATURATION] > 0.0
    k = 0
    while k < intervals:
        rains = raining(rain_m_s, k)
        rain = rain_m_s[gage[j], k] if gage[j] >= 0 else 0.0
        evaporation = 0.0 if dry_only and rain > 0.0 else evaporation_m_s[k]
        now = span[k]
        spell_s = interval_s * (until[k] - k)
        done_s = 0.0
        taken = False
        total = totals[j, now]
        while done_s < spell_s - 1e-6:
            left_s = spell_s - done_s
            if pervious and not passes and not taken:
                taken = takes_all(model, state[j], ground, rain, standing[2], left_s)
                if taken:
                    infiltration = infiltration_step(model, state[j], ground, rain, 0.0, 0.0, left_s)
                    total[INFILTRATED] += of_whole * site[SHARE + 2] * infiltration * left_s
            step_s = wet_step_s
            if not rains and not wet_units:
                only_evaporates = count == 0 and (taken or not pervious) and _below(site, standing)
                longest_s = dry_step_s if count > 0 else left_s
                step_s = _step_of_surfaces(
                    standing, wet_step_s, left_s if only_evaporates else dry_step_s, longest_s
                )
            step_s = min(step_s, left_s)
            if count == 0:  # a short way through most of all steps
                sealed, unsealed, _ = surfaces_step_as_swmm(
                    rain, 0.0, evaporation, step_s, site, standing, course, model, ground, state[j], taken,
                    total, integrated, tables,
                )  # fmt: skip
                out = (sealed + unsealed) * bare
                total[RAIN] += rain * step_s
                total[RUNOFF] += (sealed + unsealed) * of_whole * step_s
            else:
                out, wet_units = catchment_step_as_swmm(
                    rain, 0.0, evaporation, demand[k], step_s, site, standing, course, model, ground,
                    state[j], taken, units[rows], unit_state[rows], unit_totals[rows], total, integrated,
                    tables,
                )  # fmt: skip
            highest = max(highest, out)
            if keep_flow:
                spread(flow_m3_s[j], k + done_s / interval_s, step_s / interval_s, out)
            done_s += step_s
        k = until[k]
        if k >= intervals or span[k] != now:
            count_stored(
                j,
                parts,
                surface,
                units,
                first_unit,
                unit_state,
                totals,
                now,
                span[k] if k < intervals else -1,
            )
    peak[j] = highest


@njit(cache=True, _nrt=False)
def _below(parts, surface):  # type: ignore[no-untyped-def]
    """Whether no part holds more than its depression does."""
    below = True
    for part in range(3):
        below &= surface[part] <= parts[DEPRESSION + part]
    return below
