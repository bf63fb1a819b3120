"""Continuous water balance of a site: covers, rainwater tank, sunken green, pond."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Columns of ``covers``.
AREA_SHARE, FEEDS_TANK, DEPRESSION_MM, SOIL_MM, FIELD_CAPACITY_MM = range(5)
DRY_INFILTRATION_MM_H, INFILTRATION_MM_H, PERCOLATION_MM_H = range(5, 8)
COVER_COLUMNS = 8

# Rows of the result.
RAIN, EVAPORATED, INFILTRATED, REUSED, DISCHARGED, STORAGE_CHANGE = range(6)
BALANCE_ROWS = 6


@njit(cache=True)
def cover_step(cover, inflow, evaporation, step_h, surface, moisture):  # type: ignore[no-untyped-def]
    """One step of one cover, depths in mm over the cover.

    Returns the new surface and soil stores, evaporation, percolation and runoff.
    """
    soil, field_capacity = cover[SOIL_MM], cover[FIELD_CAPACITY_MM]
    passed = 0.0
    evaporated = 0.0
    surface += inflow
    # Infiltration: the capacity falls in a straight line from dry to wet soil, and ends when it is full.
    if soil > 0.0:
        wet_rate = cover[INFILTRATION_MM_H]
        rate = wet_rate + (cover[DRY_INFILTRATION_MM_H] - wet_rate) * (1.0 - moisture / soil)
        taken = min(surface, rate * step_h, soil - moisture)
        surface -= taken
        moisture += taken
        # Percolation grows from nothing at field capacity to its full rate in saturated soil.
        if moisture > field_capacity:
            free = moisture - field_capacity
            passed = min(cover[PERCOLATION_MM_H] * step_h * free / (soil - field_capacity), free)
            moisture -= passed
    evaporated = min(surface, evaporation)
    surface -= evaporated
    if field_capacity > 0.0:  # plants; a base of gravel has none
        transpired = min((evaporation - evaporated) * min(moisture / field_capacity, 1.0), moisture)
        moisture -= transpired
        evaporated += transpired
    runoff = max(surface - cover[DEPRESSION_MM], 0.0)
    surface -= runoff
    return surface, moisture, evaporated, passed, runoff


@njit(cache=True)
def simulate_site(  # type: ignore[no-untyped-def]
    rain, step_h, month, evaporation_mm_h, covers, sunken, tank_mm, pond_mm, pond_share, demand_mm_h
):
    """Water balance of a site over a rain record.

    Each cover has a surface store (depression) over a soil store. The runoff of covers that feed the tank
    fills it; its overflow and the runoff of the other covers run onto the sunken green (row ``sunken`` of
    ``covers``, whose depression is its ponding depth), its overflow into the pond, and the rest leaves the
    site. Tank and pond are drawn down by a demand in dry steps, the tank first. Explicit steps, each flux
    limited by what is there, so that the balance closes to rounding.

    Args:
        rain: (n,) float64, mm per step, without NaN.
        step_h: length of a step, h.
        month: (n,) int64, calendar month of each step, 0 = January.
        evaporation_mm_h: (12,) float64, potential evaporation of each month, mm/h.
        covers: (c, COVER_COLUMNS) float64, columns as named at the top of this module.
        sunken: row of the sunken green, -1 for none.
        tank_mm: volume of the rain tanks over the site's area, mm.
        pond_mm: rain storage of water bodies over the site's area, mm.
        pond_share: area of the water bodies with storage over the site's area, for evaporation; the rain
            that falls on them comes as the runoff of their cover.
        demand_mm_h: reuse in dry steps over the site's area, mm/h.

    Returns:
        (BALANCE_ROWS, 12) float64: sums over the record per calendar month, mm over the site.
    """
    balance = np.zeros((BALANCE_ROWS, 12))
    surface = np.zeros(covers.shape[0])
    moisture = np.zeros(covers.shape[0])
    for row in range(covers.shape[0]):
        moisture[row] = 0.5 * covers[row, FIELD_CAPACITY_MM]
    tank = 0.0
    pond = 0.0
    for step in range(rain.shape[0]):
        now = month[step]
        depth = rain[step]
        potential = evaporation_mm_h[now] * step_h
        to_tank = 0.0
        to_sunken = 0.0
        before = tank + pond
        after = 0.0
        evaporated = 0.0
        infiltrated = 0.0
        for row in range(covers.shape[0]):
            if row == sunken:
                continue
            share = covers[row, AREA_SHARE]
            before += share * (surface[row] + moisture[row])
            surface[row], moisture[row], lost, passed, runoff = cover_step(
                covers[row], depth, potential, step_h, surface[row], moisture[row]
            )
            after += share * (surface[row] + moisture[row])
            evaporated += share * lost
            infiltrated += share * passed
            if covers[row, FEEDS_TANK] > 0.0:
                to_tank += share * runoff
            else:
                to_sunken += share * runoff
        tank += to_tank
        overflow = max(tank - tank_mm, 0.0)
        tank -= overflow
        to_pond = to_sunken + overflow
        if sunken >= 0:
            share = covers[sunken, AREA_SHARE]
            before += share * (surface[sunken] + moisture[sunken])
            surface[sunken], moisture[sunken], lost, passed, runoff = cover_step(
                covers[sunken], depth + to_pond / share, potential, step_h, surface[sunken], moisture[sunken]
            )
            after += share * (surface[sunken] + moisture[sunken])
            evaporated += share * lost
            infiltrated += share * passed
            to_pond = share * runoff
        pond += to_pond
        discharged = max(pond - pond_mm, 0.0)
        pond -= discharged
        lost = min(pond, potential * pond_share)
        pond -= lost
        evaporated += lost
        reused = 0.0
        if depth == 0.0:
            reused = min(tank, demand_mm_h * step_h)
            tank -= reused
            drawn = min(pond, demand_mm_h * step_h - reused)
            pond -= drawn
            reused += drawn
        after += tank + pond
        balance[RAIN, now] += depth
        balance[EVAPORATED, now] += evaporated
        balance[INFILTRATED, now] += infiltrated
        balance[REUSED, now] += reused
        balance[DISCHARGED, now] += discharged
        balance[STORAGE_CHANGE, now] += after - before
    return balance
