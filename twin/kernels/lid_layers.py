"""A step of the LID units made of layers: surface, pavement, soil, storage or drainage mat, underdrain.

The layers advance by one explicit Euler step whose fluxes are limited by the water and the room that they
have; the order of the limits is that of SWMM 5.2.4, a public-domain program, so as to equal it. Compiled
without reference counts for the reason that :mod:`twin.kernels.lid` gives.
"""

from __future__ import annotations

import math

from numba import njit

from twin.kernels.lid import (
    DRAIN_COEFFICIENT,
    DRAIN_EXPONENT,
    DRAIN_OFFSET_M,
    FIELD_CAPACITY,
    FOOT,
    GREEN_ROOF,
    INFILTRATION_TRENCH,
    MAT_CONVEYANCE,
    MM_H,
    PAVEMENT,
    PAVEMENT_M,
    PAVEMENT_PERMEABILITY_M_S,
    PAVEMENT_SEALED,
    PAVEMENT_VOID,
    PERMEABLE_PAVEMENT,
    POROSITY,
    SOIL,
    SOIL_CONDUCTIVITY_M_S,
    SOIL_M,
    SOIL_SLOPE,
    STORAGE,
    STORAGE_M,
    STORAGE_SEEPAGE_M_S,
    STORAGE_VOID,
    SURFACE,
    SURFACE_CONVEYANCE,
    SURFACE_M,
    SURFACE_VOID,
    WILTING_POINT,
    ZERO_FEET,
    spilled,
)


@njit(cache=True, _nrt=False)
def layers_step(unit, state, kind, inflow, evaporation, taken, step_s, as_swmm):  # type: ignore[no-untyped-def]
    """Bioretention, rain garden, green roof, infiltration trench and permeable pavement.

    Args as :func:`twin.kernels.lid_step.lid_step`; ``taken`` is what the soil or the ground could take in.
    """
    surface, theta, storage, pavement = state[SURFACE], state[SOIL], state[STORAGE], state[PAVEMENT]
    soil_m, porosity = unit[SOIL_M], unit[POROSITY]
    storage_m, storage_void = unit[STORAGE_M], unit[STORAGE_VOID]
    pavement_m, pavement_void = unit[PAVEMENT_M], unit[PAVEMENT_VOID]
    has_soil = soil_m > 0.0
    paved = kind == PERMEABLE_PAVEMENT
    trench = kind == INFILTRATION_TRENCH
    soil_full = has_soil and theta >= porosity
    storage_full = storage >= storage_m
    pavement_full = pavement >= pavement_m

    # Evaporation, from the top down; nothing below the surface while water infiltrates.
    left = evaporation
    surface_water = surface * unit[SURFACE_VOID]
    from_surface = max(0.0, min(left, surface_water / step_s))
    left = max(0.0, left - from_surface) * (1.0 - unit[PAVEMENT_SEALED])
    from_pavement = 0.0
    from_soil = 0.0
    from_storage = 0.0
    if taken <= 0.0:
        if paved:
            from_pavement = min(left, pavement * pavement_void / step_s)
            left = max(0.0, left - from_pavement)
        if has_soil:
            from_soil = min(left, (theta - unit[WILTING_POINT]) * soil_m / step_s)
            left = max(0.0, left - from_soil)
        from_storage = min(left, storage * storage_void / step_s)
    if soil_full or (paved and pavement_full) or (trench and surface > 0.0):
        from_storage = 0.0

    # What each layer would pass on.
    through_pavement = 0.0
    if paved:
        through_pavement = unit[PAVEMENT_PERMEABILITY_M_S] * (1.0 - unit[PAVEMENT_SEALED])
        taken = min(inflow + surface_water / step_s, through_pavement)
        available = max(pavement * pavement_void / step_s + taken - from_pavement, 0.0)
        through_pavement = min(through_pavement, available)
    percolation = through_pavement
    if has_soil:
        percolation = 0.0
        if theta > unit[FIELD_CAPACITY]:
            percolation = unit[SOIL_CONDUCTIVITY_M_S] * math.exp(-(porosity - theta) * unit[SOIL_SLOPE])
            free = max(theta - unit[FIELD_CAPACITY], 0.0) * soil_m
            percolation = max(min(percolation, free / step_s - from_soil), 0.0)
    if trench:
        percolation = inflow + surface_water / step_s
    exfiltration = unit[STORAGE_SEEPAGE_M_S]
    drain = 0.0
    if kind == GREEN_ROOF:
        exfiltration = 0.0
        drain = percolation
        if unit[MAT_CONVEYANCE] > 0.0:
            drain = unit[MAT_CONVEYANCE] * storage ** (5.0 / 3.0) * storage_void
    elif unit[DRAIN_COEFFICIENT] > 0.0:
        drain = _drain_rate(unit, storage, theta, pavement, surface)

    if paved:
        taken, through_pavement, percolation, exfiltration, drain = _limit_pavement(
            unit, theta, storage, pavement, soil_full, storage_full, pavement_full, taken, through_pavement,
            percolation, exfiltration, drain, from_pavement, from_storage, step_s,
        )  # fmt: skip
    elif storage_m == 0.0 and not trench:
        from_storage = 0.0
        percolation = min(percolation, exfiltration)
        exfiltration = percolation
        drain = 0.0
        taken = min(taken, (porosity - theta) * soil_m / step_s + percolation + from_soil)
    elif soil_full and storage_full:
        passed = exfiltration + drain
        if percolation < passed:
            passed = percolation
            if kind == GREEN_ROOF or passed > exfiltration:
                drain = passed - exfiltration
            else:
                exfiltration = passed
                drain = 0.0
        else:
            percolation = passed
        taken = min(taken, passed)
    else:
        room = (storage_m - storage) * storage_void / step_s
        if kind == GREEN_ROOF:
            most = storage * storage_void / step_s - from_storage
            if storage_full:
                most += percolation
            drain = min(drain, max(most, 0.0))
        else:
            most = percolation - from_storage + storage * storage_void / step_s
            exfiltration = max(min(exfiltration, most), 0.0)
            if drain > 0.0:
                drain = _limited_drain(
                    unit, drain, storage, storage_full, percolation, exfiltration, from_storage, step_s
                )
        percolation = min(percolation, room + exfiltration + drain + from_storage)
        if trench:
            taken = percolation
        else:
            taken = min(taken, (porosity - theta) * soil_m / step_s + percolation + from_soil)

    # Overland flow off the surface, explicit too.
    above = surface - unit[SURFACE_M]
    overflow = 0.0
    if above > 0.0 and unit[SURFACE_CONVEYANCE] > 0.0:
        overflow = min(unit[SURFACE_CONVEYANCE] * above ** (5.0 / 3.0), above / step_s)

    # SWMM lets water rise on a pavement as if nothing grew there, but counts the voids in what it holds.
    rises = 1.0 if paved and as_swmm else unit[SURFACE_VOID]
    surface += (inflow - from_surface - taken - overflow) * step_s / rises
    to_storage = percolation
    if paved:
        pavement += (taken - from_pavement - through_pavement) * step_s / pavement_void
        state[PAVEMENT] = min(max(pavement, 0.0), pavement_m)
        if has_soil:
            theta += (through_pavement - from_soil - percolation) * step_s / soil_m
        else:
            to_storage = through_pavement
    elif has_soil:
        theta += (taken - from_soil - percolation) * step_s / soil_m
    if has_soil:
        state[SOIL] = min(max(theta, unit[WILTING_POINT]), porosity)
    if storage_m > 0.0 or paved:
        storage += (to_storage - from_storage - exfiltration - drain) * step_s / storage_void
        if storage_m > 0.0:
            storage = min(storage, storage_m)
        state[STORAGE] = max(storage, 0.0)
    state[SURFACE] = max(surface, 0.0)
    overflow += spilled(unit, state, step_s)
    return from_surface + from_pavement + from_soil + from_storage, exfiltration, overflow, drain


@njit(cache=True, _nrt=False)
def _limited_drain(unit, drain, storage, storage_full, supply, exfiltration, evaporated, step_s):  # type: ignore[no-untyped-def]
    """Underdrain flow that the water above the drain's offset allows."""
    most = -exfiltration - evaporated
    if storage_full:
        most += supply
    if unit[DRAIN_OFFSET_M] <= storage:
        most += (storage - unit[DRAIN_OFFSET_M]) * unit[STORAGE_VOID] / step_s
    return min(drain, max(most, 0.0))


@njit(cache=True, _nrt=False)
def _limit_pavement(  # type: ignore[no-untyped-def]
    unit, theta, storage, pavement, soil_full, storage_full, pavement_full,
    taken, through, percolation, exfiltration, drain, from_pavement, from_storage, step_s,
):  # fmt: skip
    """Fluxes of a permeable pavement, limited where neighbouring layers are full."""
    soil_m = unit[SOIL_M]
    has_soil = soil_m > 0.0
    room = (unit[PAVEMENT_M] - pavement) * unit[PAVEMENT_VOID] / step_s
    storage_water = storage * unit[STORAGE_VOID] / step_s
    if not has_soil and storage_full and pavement_full:
        most = from_storage + drain + exfiltration
        if through > most:
            through = most
        else:
            exfiltration = min(exfiltration, through)
            drain = through - exfiltration
        percolation = through
        taken = min(taken, through)
    elif has_soil and storage_full and soil_full:
        if pavement_full:
            passed = exfiltration + drain
            passed = percolation if percolation < passed else min(passed, through)
            if passed > exfiltration:
                drain = passed - exfiltration
            else:
                exfiltration = passed
                drain = 0.0
            percolation = passed
            through = passed
            taken = min(taken, through)
        else:
            passed = drain + exfiltration
            if percolation > passed:
                percolation = passed
            else:
                exfiltration = min(exfiltration, percolation)
                drain = percolation - exfiltration
            through = min(through, percolation)
            taken = min(taken, room + through + from_pavement)
    elif has_soil and pavement_full and soil_full:
        through = min(through, percolation)
        percolation = through
        taken = min(taken, through)
        exfiltration = min(exfiltration, max(storage_water + percolation - from_storage, 0.0))
    else:
        exfiltration = min(exfiltration, max(percolation - from_storage + storage_water, 0.0))
        if drain > 0.0:
            drain = _limited_drain(
                unit, drain, storage, storage_full, percolation, exfiltration, from_storage, step_s
            )
        most = (unit[STORAGE_M] - storage) * unit[STORAGE_VOID] / step_s + from_storage + drain + exfiltration
        most = max(most, 0.0)
        if has_soil:
            percolation = min(percolation, most)
            most = (unit[POROSITY] - theta) * soil_m / step_s + percolation
        through = min(through, most)
        taken = min(taken, room + through + from_pavement)
    return taken, through, percolation, exfiltration, drain


@njit(cache=True, _nrt=False)
def _drain_rate(unit, storage, theta, pavement, surface):  # type: ignore[no-untyped-def]
    """Underdrain flow, m/s, under the head that stands in the layers above as they fill."""
    head = storage
    if storage >= unit[STORAGE_M]:
        standing = pavement + (surface if pavement >= unit[PAVEMENT_M] else 0.0)
        if unit[SOIL_M] > 0.0:
            wet = (theta - unit[FIELD_CAPACITY]) / (unit[POROSITY] - unit[FIELD_CAPACITY])
            if wet > 0.0:
                head += wet * unit[SOIL_M]
            if theta >= unit[POROSITY]:
                head += standing if unit[PAVEMENT_M] > 0.0 else surface
        elif unit[PAVEMENT_M] > 0.0:
            head += standing
    head -= unit[DRAIN_OFFSET_M]
    if head <= ZERO_FEET * FOOT:
        return 0.0
    return unit[DRAIN_COEFFICIENT] * (1000.0 * head) ** unit[DRAIN_EXPONENT] * MM_H
