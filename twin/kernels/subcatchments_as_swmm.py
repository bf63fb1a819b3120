"""One step of a subcatchment booked as SWMM does: the flow at the end of a step counts for all of it.

That loses or makes water, and is here to be compared with SWMM. The parts and columns are those of
:mod:`twin.kernels.subcatchment_parts`; LID units are those of :mod:`twin.kernels.subcatchment_units`.

Steps are short and many, and the rain is the same through most of them: then the depth of a part moves along
one solution of the reservoir, whose place is kept from step to step (a course) instead of being looked for.

Compiled with ``_nrt=False`` for the reason given there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from twin.kernels.infiltration import GREEN_AMPT, MODIFIED_GREEN_AMPT, NO_SOIL, infiltration_step
from twin.kernels.nonlinear_reservoir import depth_and_flow, empty_s, find_place, moved, pace
from twin.kernels.subcatchment_parts import (
    BARE_M2,
    COEFFICIENT,
    DEPRESSION,
    EVAPORATED,
    FLOW,
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
from twin.kernels.subcatchment_units import ponded_m, run_units_as_swmm
from twin.kernels.swmm_integration import flow_as_swmm, integrate_as_swmm

# Columns of a course: the solution, inflow, step and unit of depth that it belongs to, the place on it and
# what a step moves it by.
KIND, INFLOW, STEP_S, SCALE_M, PLACE, PACE = range(6)
COURSE_COLUMNS = 6
NO_COURSE = -1.0


@njit(cache=True, _nrt=False)
def _run_on_course(depth, depression, inflow, a, flowing_s, course, tables):  # type: ignore[no-untyped-def]
    """Depth of a part that flows, m, and its flow, m/s, at the end of a step."""
    if course[KIND] == NO_COURSE or course[INFLOW] != inflow:
        kind, scale_m, place = find_place(max(depth - depression, 0.0), inflow, a, tables)
        course[KIND], course[INFLOW], course[SCALE_M], course[PLACE] = kind, inflow, scale_m, place
        course[STEP_S] = 0.0
    kind, scale_m = int(course[KIND]), course[SCALE_M]
    if course[STEP_S] != flowing_s:
        course[PACE], course[STEP_S] = pace(kind, scale_m, inflow, a, flowing_s), flowing_s
    place = moved(kind, course[PLACE], course[PACE])
    course[PLACE] = place
    above, flow = depth_and_flow(kind, scale_m, place, inflow, a, tables)
    if above > NONE_M:
        return depression + above, flow
    course[KIND] = NO_COURSE
    return max(depression + above + inflow * empty_s(kind, scale_m, place, inflow), 0.0), 0.0


@njit(cache=True, _nrt=False)
def _subarea_step(  # type: ignore[no-untyped-def]
    depth, depression, a, supply, evaporation, infiltration, step_s, integrated, course, tables
):
    """One step of one subarea, whose depth is exact, or ``integrated`` as SWMM does it.

    Returns its new depth and what evaporated, m, and the flow at the end, m/s.
    """
    evaporated = min(depth, evaporation * step_s)
    infiltrated = min(infiltration * step_s, depth + supply * step_s - evaporated)
    inflow = supply - (evaporated + infiltrated) / step_s
    end = depth + inflow * step_s
    flow = 0.0
    if evaporated + infiltrated >= depth + supply * step_s:
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
            if end - depression > NONE_M:
                flow = flow_as_swmm(end - depression, a)
        else:
            end, flow = _run_on_course(depth, depression, inflow, a, flowing_s, course, tables)
            return end, evaporated, flow
    course[KIND] = NO_COURSE
    return end, evaporated, flow


@njit(cache=True, _nrt=False)
def surfaces_step_as_swmm(  # type: ignore[no-untyped-def]
    rain, run_on, evaporation, step_s, parts, surface, courses, model, soil, state, taken, totals, integrated,
    tables,
):  # fmt: skip
    """One step of the sealed and pervious parts of a catchment; run-on in m/s over them.

    ``taken``: pervious ground is dry and takes in all of the rain, which has been booked.

    Returns:
        outflow of the sealed parts and of the pervious part at the end, and infiltration, m/s over all parts.
    """
    of_whole = parts[BARE_M2] / parts[WHOLE_M2]
    # What one part passes on to another is that of the step before.
    from_sealed = 0.0
    if parts[TO_PERVIOUS] > 0.0:
        from_sealed = parts[SHARE] * surface[FLOW] + parts[SHARE + 1] * surface[FLOW + 1]
        from_sealed *= parts[TO_PERVIOUS] / parts[SHARE + 2]
    from_pervious = 0.0
    if parts[TO_SEALED] > 0.0:
        from_pervious = parts[SHARE + 2] * surface[FLOW + 2] * parts[TO_SEALED] / parts[SHARE + 1]
    sealed_flow = 0.0
    evaporated = 0.0
    for part in range(2):
        share = parts[SHARE + part]
        supply = rain + run_on + (from_pervious if part == 1 else 0.0)
        if share <= 0.0:
            continue
        if supply == 0.0 and surface[part] == 0.0:
            surface[FLOW + part] = 0.0
            continue
        surface[part], lost, flow = _subarea_step(
            surface[part], parts[DEPRESSION + part], parts[COEFFICIENT + part], supply, evaporation, 0.0,
            step_s, integrated, courses[part], tables,
        )  # fmt: skip
        surface[FLOW + part] = flow
        evaporated += share * lost
        sealed_flow += share * flow
    share = parts[SHARE + 2]
    pervious_flow = 0.0
    infiltration = 0.0
    if share > 0.0:
        if taken:
            surface[FLOW + 2] = 0.0
            infiltration = rain
        else:
            infiltration = infiltration_step(
                model, state, soil, rain, run_on + from_sealed, surface[2], step_s
            )
            surface[2], lost, flow = _subarea_step(
                surface[2], parts[DEPRESSION + 2], parts[COEFFICIENT + 2], rain + run_on + from_sealed,
                evaporation, infiltration, step_s, integrated, courses[2], tables,
            )  # fmt: skip
            surface[FLOW + 2] = flow
            evaporated += share * lost
            pervious_flow = share * flow
            # SWMM books what could infiltrate, although what evaporates of it is no longer there.
            totals[INFILTRATED] += of_whole * share * infiltration * step_s
    totals[EVAPORATED] += of_whole * evaporated
    sealed_flow *= 1.0 - parts[TO_PERVIOUS]
    pervious_flow *= 1.0 - parts[TO_SEALED]
    return sealed_flow, pervious_flow, share * infiltration


@njit(cache=True, _nrt=False)
def catchment_step_as_swmm(  # type: ignore[no-untyped-def]
    rain, run_on_m3_s, evaporation, demand, step_s, parts, surface, courses, model, soil, state, taken, units,
    unit_state, unit_totals, totals, integrated, tables,
):  # fmt: skip
    """One step of one catchment, booked as SWMM does; changes its depths and states, adds to its totals.

    Run-on spreads over what the units leave, or over the units where they leave nothing. What units get, or
    all depths if ``integrated``, is integrated as SWMM does, whose small error can decide what a layer does.
    ``taken`` as in :func:`surfaces_step_as_swmm`.

    Returns:
        outflow at the end of the step, m³/s, and whether a unit asks for the short step.
    """
    whole, bare = parts[WHOLE_M2], parts[BARE_M2]
    sealed_flow = 0.0
    pervious_flow = 0.0
    native = 0.0
    if bare > 0.0:
        sealed_flow, pervious_flow, native = surfaces_step_as_swmm(
            rain, run_on_m3_s / bare, evaporation, step_s, parts, surface, courses, model, soil, state, taken,
            totals, integrated or units.shape[0] > 0, tables,
        )  # fmt: skip
    out = (sealed_flow + pervious_flow) * bare
    wet = False
    if units.shape[0] > 0:
        pervious = bare > 0.0 and parts[SHARE + 2] > 0.0
        if not pervious:
            run_on = run_on_m3_s / (bare if bare > 0.0 else whole)
            native = infiltration_step(
                model, state, soil, rain, run_on, ponded_m(units, unit_state) / (whole - bare), step_s
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
    return out, wet
