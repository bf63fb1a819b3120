"""Rain on subcatchments that drain to each other, over a whole record.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from twin.kernels.drainage_as_swmm import run_alone_as_swmm, run_group_as_swmm
from twin.kernels.drainage_record import count_stored, raining, spread
from twin.kernels.lid import STORED as UNIT_STORED
from twin.kernels.lid import STORED_START, UNIT_TOTALS, stored_m
from twin.kernels.lid_pace import is_settled
from twin.kernels.subcatchment_parts import (
    DEPRESSION,
    PARTS,
    STORED,
    TOTALS,
    catchment_parts,
    catchment_stored_m,
    standing_m,
)
from twin.kernels.subcatchments import catchment_interval
from twin.kernels.subcatchments_as_swmm import COURSE_COLUMNS, NO_COURSE

Floats = NDArray[np.float64]


@njit(cache=True, _nrt=False)
def _run_group(  # type: ignore[no-untyped-def]
    first, last, members, outlet, gage, rain_m_s, dry_only, until, interval_s, evaporation_m_s, demand, span,
    parts, model,
    soil, state, wet_step_s, dry_step_s, tables, units, first_unit, unit_state, unit_totals, surface, run_on,
    totals, peak, flow_m3_s, level_m,
):  # fmt: skip
    """The catchments ``members[first:last]``, which drain to each other.

    They take one interval after the other, each with the mean outflow of those above it as its run-on and
    with steps of its own: the whole interval where the step is exact, shorter ones where it is not.
    """
    intervals = rain_m_s.shape[1]
    keep_flow = flow_m3_s.shape[0] > 0
    keep_level = level_m.shape[0] > 0
    alone = last - first == 1
    k = 0
    while k < intervals:
        now = span[k]
        length_s = interval_s
        skipped = 1
        if not raining(rain_m_s, k) and _nothing_flows(
            first, last, members, parts, surface, units, first_unit, unit_state
        ):
            skipped = until[k] - k
            length_s = interval_s * skipped
        for place in range(first, last):
            j = members[place]
            rows = slice(first_unit[j], first_unit[j + 1])
            rain = rain_m_s[gage[j], k] if gage[j] >= 0 else 0.0
            mean, highest = catchment_interval(
                rain, run_on[j], 0.0 if dry_only and rain > 0.0 else evaporation_m_s[k], demand[k], length_s,
                wet_step_s, dry_step_s,
                parts[j], surface[j], model, soil[j], state[j], units[rows], unit_state[rows],
                unit_totals[rows],
                totals[j, now], tables,
            )  # fmt: skip
            if not alone:
                run_on[j] = 0.0
                if outlet[j] >= 0:
                    run_on[outlet[j]] += mean
            peak[j] = max(peak[j], highest)
            if keep_flow:
                spread(flow_m3_s[j], float(k), float(skipped), mean)
            if keep_level:
                level_m[j, k : k + skipped] = standing_m(parts[j], surface[j], units[rows], unit_state[rows])
        k += skipped
        if k >= intervals or span[k] != now:
            for place in range(first, last):
                count_stored(
                    members[place], parts, surface, units, first_unit, unit_state, totals, now,
                    span[k] if k < intervals else -1,
                )  # fmt: skip


@njit(cache=True, _nrt=False)
def _nothing_flows(first, last, members, parts, surface, units, first_unit, unit_state):  # type: ignore[no-untyped-def]
    """Whether without rain water only evaporates and infiltrates in a group."""
    for place in range(first, last):
        j = members[place]
        for part in range(3):
            if surface[j, part] > parts[j, DEPRESSION + part]:
                return False
        for row in range(first_unit[j], first_unit[j + 1]):
            if not is_settled(units[row], unit_state[row]):
                return False
    return True


@njit(cache=True, parallel=True)
def simulate_subcatchments(  # type: ignore[no-untyped-def]
    rain_m_s, dry_only, until, interval_s, evaporation_m_s, demand, span, spans, catchments, model, soil,
    state, surface, outlet, gage,
    members, first_member, wet_step_s, dry_step_s, as_swmm, integrated, tables, units, first_unit,
    unit_state, flow_m3_s, level_m,
):  # fmt: skip
    """Runoff of N subcatchments under rain records, groups of them side by side.

    A subcatchment may drain to another, over whose surface or units its flow then spreads: within the same
    interval, so that water is conserved, or, ``as_swmm``, with the flow at the end of the step before, where
    those that are joined take their steps together. Dry spells with empty surfaces are one step.

    Args:
        rain_m_s: (R, K) float64, mean rain of each interval at each gage.
        dry_only: nothing evaporates from a subcatchment on which it rains.
        until: (K,) int64, for the first of some intervals that are alike the place of the first that is not.
            In a step longer than one interval nothing changes but what is stored.
        interval_s: length of an interval.
        evaporation_m_s: (K,) float64, potential evaporation.
        demand: (K,) float64, factor on the drain of units that are drawn on (REUSE).
        span: (K,) int64, the row of the totals that an interval is counted in.
        spans: number of these rows.
        catchments: (N, CATCHMENT_COLUMNS) float64; the area includes that of its units.
        model: one of :mod:`twin.kernels.infiltration`.
        soil: (N, SOIL_COLUMNS) float64, parameters of :func:`twin.kernels.infiltration.initial_state`.
        state: (N, STATE_COLUMNS) float64, changed.
        surface: (N, SURFACE_COLUMNS) float64, water on the surfaces, changed.
        outlet: (N,) int64, the subcatchment that one drains to, -1 for none.
        gage: (N,) int64, row of ``rain_m_s``, -1 for what lies under others.
        members: (N,) int64, subcatchments by group, each before the one that it drains to.
        first_member: (G + 1,) int64, places of the groups in ``members``.
        wet_step_s: longest step while rain infiltrates under ponding, shortest of catchments with units;
            ``as_swmm`` the step while it rains, runs off or a unit is wet.
        dry_step_s: longest step of units; ``as_swmm`` also of depressions, not shorter.
        as_swmm: book runoff as SWMM does.
        integrated: ``as_swmm``, with its integration of depths.
        tables: of :func:`twin.kernels.nonlinear_reservoir.reservoir_tables`.
        units: (M, UNIT_COLUMNS) float64 of :mod:`twin.kernels.lid`, sorted by catchment.
        first_unit: (N + 1,) int64, rows of the units of each catchment.
        unit_state: (M, UNIT_STATE) float64, changed.
        flow_m3_s: (N, K) float64 to receive the mean outflow of each interval, or (0, 0).
        level_m: (N, K) float64 to receive :func:`twin.kernels.subcatchment_parts.standing_m` at the end of
            each step, or (0, 0); not ``as_swmm``.

    Returns:
        totals (N, spans, TOTALS), m over the catchment; the highest outflow at the end of a step, (N,) m³/s;
        totals of the units (M, UNIT_TOTALS), m over the unit.
    """
    count = catchments.shape[0]
    totals = np.zeros((count, spans, TOTALS))
    peak, out, run_on = np.zeros(count), np.zeros(count), np.zeros(count)
    courses = np.full((count if as_swmm else 0, 3, COURSE_COLUMNS), NO_COURSE)
    parts = np.zeros((count, PARTS))
    unit_totals = np.zeros((units.shape[0], UNIT_TOTALS))
    for row in range(units.shape[0]):
        unit_totals[row, STORED_START] = stored_m(units[row], unit_state[row])
    for j in range(count):
        rows = slice(first_unit[j], first_unit[j + 1])
        catchment_parts(catchments[j], units[rows], as_swmm, parts[j])
        totals[j, span[0], STORED] -= catchment_stored_m(parts[j], surface[j], units[rows], unit_state[rows])
    for group in prange(first_member.shape[0] - 1):
        start, stop = first_member[group], first_member[group + 1]
        if as_swmm and stop - start == 1:
            run_alone_as_swmm(
                members[start], gage, rain_m_s, dry_only, until, interval_s, evaporation_m_s, demand, span,
                parts, model, soil, state, wet_step_s, dry_step_s, integrated, tables, units, first_unit,
                unit_state, unit_totals, surface, courses, totals, peak, flow_m3_s,
            )  # fmt: skip
        elif as_swmm:
            run_group_as_swmm(
                start, stop, members, outlet, gage, rain_m_s, dry_only, until, interval_s, evaporation_m_s,
                demand, span,
                parts, model, soil, state, wet_step_s, dry_step_s, integrated, tables, units, first_unit,
                unit_state, unit_totals,
                surface, courses, out, run_on, totals, peak, flow_m3_s,
            )  # fmt: skip
        else:
            _run_group(
                start, stop, members, outlet, gage, rain_m_s, dry_only, until, interval_s, evaporation_m_s,
                demand, span,
                parts, model, soil, state, wet_step_s, dry_step_s, tables, units, first_unit, unit_state,
                unit_totals,
                surface, run_on, totals, peak, flow_m3_s, level_m,
            )  # fmt: skip
    for row in range(units.shape[0]):
        unit_totals[row, UNIT_STORED] = stored_m(units[row], unit_state[row])
    return totals, peak, unit_totals


def drainage_order(outlet: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``members`` and ``first_member`` of subcatchments that drain to ``outlet``, -1 for none.

    Raises:
        ValueError: water would run in a circle.
    """
    count = len(outlet)
    root, steps = np.arange(count), np.zeros(count, np.int64)  # of the way down
    for j in range(count):
        while outlet[root[j]] >= 0:
            root[j] = outlet[root[j]]
            steps[j] += 1
            if steps[j] > count:
                raise ValueError(f"subcatchment {j} drains to itself")
    members = np.lexsort((-steps, root)).astype(np.int64)
    _, first = np.unique(root[members], return_index=True)
    return members, np.append(first, count).astype(np.int64)
