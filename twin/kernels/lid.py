"""Low-impact development by layers: surface, pavement, soil, storage or drainage mat, underdrain.

The units of EPA SWMM 5 (Reference Manual volume III, EPA/600/R-16/093, chapter 6), in metres and seconds; the
order in which limits are applied is that of SWMM 5.2 itself, a public-domain program, so as to equal it.
Layers advance by one explicit Euler step whose fluxes are limited by the water and the room that the layers
have; swales, of one layer, by the modified Puls method.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.infiltration import green_ampt_step

Floats = NDArray[np.float64]

BIORETENTION, RAIN_GARDEN, GREEN_ROOF, INFILTRATION_TRENCH = range(4)
PERMEABLE_PAVEMENT, RAIN_BARREL, VEGETATIVE_SWALE = range(4, 7)

# Columns of a unit's parameters. Conveyance: √S / n W / A; 0 where what overflows leaves at once.
KIND, AREA_M2, FROM_SEALED, FROM_PERVIOUS, INITIAL_SATURATION = range(5)
SURFACE_M, SURFACE_VOID, SURFACE_CONVEYANCE = range(5, 8)
SOIL_M, POROSITY, FIELD_CAPACITY, WILTING_POINT, SOIL_CONDUCTIVITY_M_S, SOIL_SLOPE, SUCTION_M = range(8, 15)
STORAGE_M, STORAGE_VOID, STORAGE_SEEPAGE_M_S = range(15, 18)
PAVEMENT_M, PAVEMENT_VOID, PAVEMENT_PERMEABILITY_M_S, PAVEMENT_SEALED = range(18, 22)
# Underdrain q = C h^n, q in mm/h, h in mm above the offset; that of a barrel opens a while after the rain.
DRAIN_COEFFICIENT, DRAIN_EXPONENT, DRAIN_OFFSET_M, DRAIN_DELAY_S = range(22, 26)
MAT_CONVEYANCE = 26
SWALE_WIDTH_M, SWALE_SIDE_SLOPE, SWALE_CONVEYANCE, COVERED = range(27, 31)
REUSE = 31  # 1: what its drain takes is used and does not run off
UNIT_COLUMNS = 32

# Columns of a unit's state; the last are those of Green and Ampt's infiltration.
SURFACE, SOIL, STORAGE, PAVEMENT, OLD_RISE_M_S, DRY_S, PACE_S, GREEN_AMPT_STATE = range(8)
UNIT_STATE = GREEN_AMPT_STATE + 6

# Columns of a unit's totals, m over the unit.
INFLOW, EVAPORATED, EXFILTRATED, OVERFLOW, DRAINED, STORED_START, STORED, STORED_BEFORE = range(8)
UNIT_TOTALS = 8

MM_H = 1.0 / 3.6e6
WET_M_S = 0.001 * 0.0254 / 3600.0  # a flux above this keeps the short time step


@njit(cache=True, _nrt=False)
def stored_m(unit, state):  # type: ignore[no-untyped-def]
    """Water in all layers of a unit, m over it."""
    if unit[KIND] == VEGETATIVE_SWALE:
        bottom, side = _swale_section(unit)
        depth = min(state[SURFACE], unit[SURFACE_M])
        return depth * (bottom + side * depth) * unit[SURFACE_VOID] / max(unit[SWALE_WIDTH_M], 0.1524)
    return (
        state[SURFACE] * unit[SURFACE_VOID]
        + state[PAVEMENT] * unit[PAVEMENT_VOID]
        + state[SOIL] * unit[SOIL_M]
        + state[STORAGE] * unit[STORAGE_VOID]
    )


@njit(cache=True, _nrt=False)
def lid_step(  # type: ignore[no-untyped-def]
    unit, state, inflow, evaporation, native, infiltration_soil, demand, step_s, as_swmm
):
    """One step of one unit; changes ``state``.

    The explicit step can leave a little more water or less than came, where a layer runs full or dry within
    it; unless ``as_swmm``, that goes to the overflow, or is taken from what leaves.

    Args:
        unit: (UNIT_COLUMNS,) float64.
        state: (UNIT_STATE,) float64.
        inflow: rain and run-on, m/s over the unit.
        evaporation: potential evaporation, m/s.
        native: infiltration rate of the ground around the unit, m/s, for swales without a soil of their own.
        infiltration_soil: (4,) Green and Ampt's parameters under a swale, or conductivity 0.
        demand: factor on the drain of a barrel that is drawn on (REUSE).
        step_s: length of the step.
        as_swmm: leave the balance as the step leaves it.

    Returns:
        evaporation, exfiltration into the ground, overflow and drain flow, m/s over the unit.
    """
    before = stored_m(unit, state)
    evaporated, exfiltrated, overflow, drained = _unlimited_step(
        unit, state, inflow, evaporation, native, infiltration_soil, demand, step_s
    )
    if not as_swmm:
        kept = (stored_m(unit, state) - before) / step_s
        overflow += inflow - evaporated - exfiltrated - overflow - drained - kept
        if overflow < 0.0:
            drained += overflow
            overflow = 0.0
            if drained < 0.0:
                exfiltrated += drained
                drained = 0.0
                if exfiltrated < 0.0:
                    evaporated += exfiltrated
                    exfiltrated = 0.0
    return evaporated, exfiltrated, overflow, drained


@njit(cache=True, _nrt=False)
def _unlimited_step(unit, state, inflow, evaporation, native, infiltration_soil, demand, step_s):  # type: ignore[no-untyped-def]
    """The step by kind of unit."""
    kind = int(unit[KIND])
    if kind == VEGETATIVE_SWALE:
        taken = native
        if infiltration_soil[1] > 0.0:
            taken = green_ampt_step(
                state[GREEN_AMPT_STATE:], inflow, state[SURFACE], step_s,
                infiltration_soil[0], infiltration_soil[1], infiltration_soil[2], True,
            )  # fmt: skip
        return _swale_step(unit, state, inflow, evaporation, taken, step_s)
    if kind == RAIN_BARREL:
        return _barrel_step(unit, state, inflow, demand if unit[REUSE] > 0.0 else 1.0, step_s)
    taken = native
    if unit[SOIL_M] > 0.0 and kind != PERMEABLE_PAVEMENT:
        deficit = (unit[POROSITY] - unit[WILTING_POINT]) * (1.0 - unit[INITIAL_SATURATION])
        taken = green_ampt_step(
            state[GREEN_AMPT_STATE:], inflow, state[SURFACE], step_s,
            unit[SUCTION_M], unit[SOIL_CONDUCTIVITY_M_S], deficit, True,
        )  # fmt: skip
    if kind == PERMEABLE_PAVEMENT:
        taken = 0.0
    return _layers_step(unit, state, kind, inflow, evaporation, taken, step_s)


@njit(cache=True, _nrt=False)
def _layers_step(unit, state, kind, inflow, evaporation, taken, step_s):  # type: ignore[no-untyped-def]
    """Bioretention, rain garden, green roof, infiltration trench and permeable pavement."""
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

    surface += (inflow - from_surface - taken - overflow) * step_s / unit[SURFACE_VOID]
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
    overflow += _spilled(unit, state, step_s)
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
    if head <= 3e-11:
        return 0.0
    return unit[DRAIN_COEFFICIENT] * (1000.0 * head) ** unit[DRAIN_EXPONENT] * MM_H


@njit(cache=True, _nrt=False)
def _spilled(unit, state, step_s):  # type: ignore[no-untyped-def]
    """What stands above the berm leaves at once where no overland flow is computed, m/s."""
    above = state[SURFACE] - unit[SURFACE_M]
    if unit[SURFACE_CONVEYANCE] > 0.0 or above <= 0.0:
        return 0.0
    state[SURFACE] = unit[SURFACE_M]
    return above * unit[SURFACE_VOID] / step_s


@njit(cache=True, _nrt=False)
def _barrel_step(unit, state, inflow, demand, step_s):  # type: ignore[no-untyped-def]
    """A rain barrel: fills to its height, drains when it has been dry for long enough."""
    storage = state[STORAGE]
    drain = 0.0
    if state[DRY_S] >= unit[DRAIN_DELAY_S] or unit[DRAIN_DELAY_S] == 0.0:
        head = storage - unit[DRAIN_OFFSET_M]
        if head > 0.0:
            rate = demand * unit[DRAIN_COEFFICIENT] * (1000.0 * head) ** unit[DRAIN_EXPONENT] * MM_H
            drain = min(rate, head / step_s)
    kept = min(inflow, (unit[STORAGE_M] - storage) / step_s + drain)
    state[STORAGE] = min(max(storage + (kept - drain) * step_s, 0.0), unit[STORAGE_M])
    return 0.0, 0.0, inflow - kept, drain


@njit(cache=True, _nrt=False)
def _swale_section(unit):  # type: ignore[no-untyped-def]
    """Bottom width and run over rise of the sides; widths of less than half a foot are half a foot."""
    top = max(unit[SWALE_WIDTH_M], 0.1524)
    side = unit[SWALE_SIDE_SLOPE]
    bottom = top - 2.0 * side * unit[SURFACE_M]
    if bottom < 0.1524:
        bottom = 0.1524
        side = 0.5 * (top - 0.1524) / unit[SURFACE_M]
    return bottom, side


@njit(cache=True, _nrt=False)
def _swale_step(unit, state, inflow, evaporation, taken, step_s):  # type: ignore[no-untyped-def]
    """A trapezoidal swale with Manning's flow, by successive approximation."""
    area = unit[AREA_M2]
    bottom, side = _swale_section(unit)
    length = area / max(unit[SWALE_WIDTH_M], 0.1524)
    full = unit[SURFACE_M]
    start = state[SURFACE]
    depth = start
    before = start
    evaporated = 0.0
    infiltrated = 0.0
    outflow = 0.0
    rise = 0.0
    for _ in range(19):
        wet = min(depth, full)
        water_area = length * (bottom + 2.0 * side * wet)
        section = wet * (bottom + side * wet) * unit[SURFACE_VOID]
        evaporated = min(evaporation * water_area, length * section / step_s)
        infiltrated = taken * water_area
        outflow = 0.0
        if wet > 3e-11 and section > 1e-11:
            radius = section / (bottom + 2.0 * wet * math.sqrt(1.0 + side * side))
            outflow = unit[SWALE_CONVEYANCE] * section * radius ** (2.0 / 3.0)
        change = inflow * area - evaporated - infiltrated - outflow
        if wet == full and change > 0.0:
            outflow += change
            change = 0.0
        rise = change / water_area
        depth = max(start + 0.5 * (state[OLD_RISE_M_S] + rise) * step_s, 0.0)
        if abs(depth - before) <= 0.00328 * 0.3048:
            break
        before = depth
    state[SURFACE] = depth
    state[OLD_RISE_M_S] = rise
    outflow = outflow / area + _spilled(unit, state, step_s)
    return evaporated / area, infiltrated / area, outflow, 0.0


def initial_units(units: Floats, swale_deficit: Floats) -> Floats:
    """State rows (M, UNIT_STATE) of units at their initial saturation; ``swale_deficit`` (M,)."""
    state = np.zeros((len(units), UNIT_STATE))
    wet = units[:, INITIAL_SATURATION]
    soil = units[:, SOIL_M] > 0.0
    range_ = units[:, POROSITY] - units[:, WILTING_POINT]
    state[:, SOIL] = np.where(soil, units[:, WILTING_POINT] + wet * range_, 0.0)
    state[:, STORAGE] = wet * units[:, STORAGE_M]
    swale = units[:, KIND] == VEGETATIVE_SWALE
    state[:, GREEN_AMPT_STATE + 2] = np.where(swale, swale_deficit, range_ * (1.0 - wet))
    return state
