"""Outflow of a site during one storm."""

from __future__ import annotations

import numpy as np
from numba import njit

from twin.kernels.nonlinear_reservoir import reservoir_step
from twin.kernels.runoff import AREA_SHARE, FEEDS_TANK, FIELD_CAPACITY_MM, cover_step


@njit(cache=True)
def storm_outflow(rain_mm, step_s, covers, a, sunken, tank_mm, pond_mm, tables):  # type: ignore[no-untyped-def]
    """Outflow of each step of a storm, mm over the site, shape (n,).

    The covers and the way of the water are those of :func:`twin.kernels.runoff.simulate_site`, without
    evaporation and reuse; in addition the runoff of each cover flows off as a nonlinear reservoir.

    Args:
        rain_mm: (n,) float64, rain of each step; carry on with zeros until the site has emptied.
        step_s: length of a step, s.
        covers: (c, COVER_COLUMNS) float64, as in :mod:`twin.kernels.runoff`.
        a: (c,) float64, outflow coefficient √S / (n L) of each cover, m^(-2/3)/s.
        sunken: row of the sunken green, -1 for none.
        tank_mm: volume of the rain tanks over the site's area, empty at the start.
        pond_mm: rain storage of water bodies over the site's area, empty at the start.
        tables: of :func:`twin.kernels.nonlinear_reservoir.reservoir_tables`.
    """
    outflow = np.zeros(rain_mm.shape[0])
    count = covers.shape[0]
    surface = np.zeros(count)
    moisture = 0.5 * covers[:, FIELD_CAPACITY_MM]
    flowing_m = np.zeros(count)
    step_h = step_s / 3600.0
    tank = 0.0
    pond = 0.0
    for step in range(rain_mm.shape[0]):
        to_tank = 0.0
        to_pond = 0.0
        for row in range(count):
            if row == sunken:
                continue
            surface[row], moisture[row], _, _, excess = cover_step(
                covers[row], rain_mm[step], 0.0, step_h, surface[row], moisture[row]
            )
            supply_m = excess / 1000.0
            depth_m, _ = reservoir_step(flowing_m[row], supply_m / step_s, a[row], step_s, tables)
            left_mm = 1000.0 * (flowing_m[row] + supply_m - depth_m) * covers[row, AREA_SHARE]
            flowing_m[row] = depth_m
            if covers[row, FEEDS_TANK] > 0.0:
                to_tank += left_mm
            else:
                to_pond += left_mm
        tank += to_tank
        overflow = max(tank - tank_mm, 0.0)
        tank -= overflow
        to_pond += overflow
        if sunken >= 0:
            share = covers[sunken, AREA_SHARE]
            surface[sunken], moisture[sunken], _, _, excess = cover_step(
                covers[sunken],
                rain_mm[step] + to_pond / share,
                0.0,
                step_h,
                surface[sunken],
                moisture[sunken],
            )
            to_pond = share * excess
        pond += to_pond
        outflow[step] = max(pond - pond_mm, 0.0)
        pond -= outflow[step]
    return outflow
