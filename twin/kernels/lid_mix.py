"""Runoff of many mixes of facilities on one site: what changes is how much of each there is."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from twin.kernels.infiltration import GREEN_AMPT, SOIL_COLUMNS, STATE_COLUMNS
from twin.kernels.lid import AREA_M2 as UNIT_AREA_M2
from twin.kernels.lid import DRAIN_COEFFICIENT, STORAGE_M, UNIT_TOTALS
from twin.kernels.subcatchment_parts import PARTS, SURFACE_COLUMNS, TOTALS, catchment_parts
from twin.kernels.subcatchments import catchment_interval

TO_TANK, TO_GREEN, TO_POND, OUT = range(4)


@njit(cache=True)
def _prepare(catchment, area, units, parts):  # type: ignore[no-untyped-def]
    """Parts of a catchment of another area; its unit, if any, covers it."""
    site = catchment.copy()
    site[0] = area
    if units.shape[0] > 0:
        units[0, UNIT_AREA_M2] = area
    catchment_parts(site, units, False, parts)


@njit(cache=True, parallel=True)
def mix_runoff(  # type: ignore[no-untyped-def]
    rain_m_s, interval_s, evaporation_m_s, demand_m3_s, response_m_s, to, area_m2, way, catchments, tank,
    green,
    green_state, tank_m3, green_m2, pond_m2, wet_step_s, dry_step_s, tables,
):  # fmt: skip
    """What leaves the site under A mixes of facilities, m³, shape (A,).

    Covers that nothing runs onto answer to the rain per square metre whatever their area: their runoff is
    given. Tank, sunken green and pond, which take it in turn, run with the steps and the equations of
    :func:`twin.kernels.drainage.simulate_subcatchments`, so that a mix has the runoff the site
    would have.

    Args:
        rain_m_s: (K,) float64, mean rain of each interval.
        interval_s: length of an interval.
        evaporation_m_s: (K,) float64.
        demand_m3_s: (K,) float64, what is drawn from the tank.
        response_m_s: (C, K) float64, runoff of each cover per area.
        to: (C,) int64, where it runs: TO_TANK, TO_GREEN, TO_POND or OUT.
        area_m2: (A, C) float64, area of the covers in each mix.
        way: (2,) int64, where the overflow of the tank and of the sunken green runs.
        catchments: (3, CATCHMENT_COLUMNS) float64, tank, sunken green and pond of any area.
        tank: (UNIT_COLUMNS,) float64 of :mod:`twin.kernels.lid`, a barrel that is drawn on.
        green: (UNIT_COLUMNS,) float64, the sunken green.
        green_state: (UNIT_STATE,) float64, at the start.
        tank_m3: (A,) float64, volume of the tank, 0 for none.
        green_m2: (A,) float64, area of the sunken green, 0 for none.
        pond_m2: area of the pond, 0 for none.
        wet_step_s: of units while water comes or stands.
        dry_step_s: of units while they dry out.
        tables: of :func:`twin.kernels.nonlinear_reservoir.reservoir_tables`.
    """
    count, covers = area_m2.shape
    left = np.zeros(count)
    for mix in prange(count):
        units = np.zeros((3, 1, tank.shape[0]))
        units[0, 0], units[1, 0] = tank, green
        states = np.zeros((3, 1, green_state.shape[0]))
        states[1, 0] = green_state
        parts, surface = np.zeros((3, PARTS)), np.zeros((3, SURFACE_COLUMNS))
        soil, soil_state = np.zeros(SOIL_COLUMNS), np.zeros(STATE_COLUMNS)
        unit_totals, totals = np.zeros((1, UNIT_TOTALS)), np.zeros(TOTALS)
        present = np.array([tank_m3[mix] > 0.0, green_m2[mix] > 0.0, pond_m2 > 0.0])
        if present[0]:
            _prepare(catchments[0], tank_m3[mix] / tank[STORAGE_M], units[0], parts[0])
            units[0, 0, DRAIN_COEFFICIENT] = 3.6e6 / units[0, 0, UNIT_AREA_M2]  # of 1 m³/s, times the demand
        if present[1]:
            _prepare(catchments[1], green_m2[mix], units[1], parts[1])
        if present[2]:
            _prepare(catchments[2], pond_m2, units[2, :0], parts[2])
        flow = np.zeros(4)
        gone = 0.0
        for k in range(rain_m_s.shape[0]):
            flow[:] = 0.0
            for cover in range(covers):
                flow[to[cover]] += area_m2[mix, cover] * response_m_s[cover, k]
            for place in range(3):
                onward = way[place] if place < 2 else OUT
                if not present[place]:
                    flow[onward] += flow[place]
                    continue
                mean, _ = catchment_interval(
                    rain_m_s[k] if place > 0 else 0.0, flow[place], evaporation_m_s[k], demand_m3_s[k],
                    interval_s,
                    wet_step_s, dry_step_s, parts[place], surface[place], np.int64(GREEN_AMPT), soil,
                    soil_state,
                    units[place] if place < 2 else units[place, :0], states[place], unit_totals, totals,
                    tables,
                )  # fmt: skip
                flow[onward] += mean
            gone += flow[OUT] * interval_s
        left[mix] = gone
    return left
