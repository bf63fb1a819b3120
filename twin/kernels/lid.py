"""A low-impact development unit: columns of its parameters, state and totals, and the water that it holds.

The units of EPA SWMM 5 (Reference Manual volume III, EPA/600/R-16/093, chapter 6) in metres and seconds; what
they do in a step is :mod:`twin.kernels.lid_step`.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

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

# Columns of a unit's state; the last are those of Green and Ampt's infiltration. TRIED_M: the depth of a
# swale from which the fluxes of its last step come.
SURFACE, SOIL, STORAGE, PAVEMENT, OLD_RISE_M_S, TRIED_M, DRY_S, PACE_S, GREEN_AMPT_STATE = range(9)
UNIT_STATE = GREEN_AMPT_STATE + 6

# Columns of a unit's totals, m over the unit.
INFLOW, EVAPORATED, EXFILTRATED, OVERFLOW, DRAINED, STORED_START, STORED, STORED_BEFORE = range(8)
UNIT_TOTALS = 8

MM_H = 1.0 / 3.6e6
FOOT = 0.3048
ZERO_FEET = 1e-10  # below it SWMM takes a depth, an area or a rate, in feet, for none
WET_M_S = 2.3e-8 * FOOT  # a flux above this keeps the short time step
LEAST_WIDTH_M = 0.5 * FOOT  # of a swale, and of its bottom


@njit(cache=True, _nrt=False)
def stored_m(unit, state):  # type: ignore[no-untyped-def]
    """Water in all layers of a unit, m over it."""
    if unit[KIND] == VEGETATIVE_SWALE:
        return swale_stored_m(unit, state[SURFACE])
    return (
        state[SURFACE] * unit[SURFACE_VOID]
        + state[PAVEMENT] * unit[PAVEMENT_VOID]
        + state[SOIL] * unit[SOIL_M]
        + state[STORAGE] * unit[STORAGE_VOID]
    )


@njit(cache=True, _nrt=False)
def swale_stored_m(unit, depth):  # type: ignore[no-untyped-def]
    """Water in a swale of this depth, m over it."""
    bottom, side = swale_section(unit)
    wet = min(depth, unit[SURFACE_M])
    return wet * (bottom + side * wet) * unit[SURFACE_VOID] / max(unit[SWALE_WIDTH_M], LEAST_WIDTH_M)


@njit(cache=True, _nrt=False)
def swale_section(unit):  # type: ignore[no-untyped-def]
    """Bottom width and run over rise of the sides of a swale."""
    top = max(unit[SWALE_WIDTH_M], LEAST_WIDTH_M)
    side = unit[SWALE_SIDE_SLOPE]
    bottom = top - 2.0 * side * unit[SURFACE_M]
    if bottom < LEAST_WIDTH_M:
        bottom = LEAST_WIDTH_M
        side = 0.5 * (top - LEAST_WIDTH_M) / unit[SURFACE_M]
    return bottom, side


@njit(cache=True, _nrt=False)
def spilled(unit, state, step_s):  # type: ignore[no-untyped-def]
    """What stands above the berm leaves at once where no overland flow is computed, m/s."""
    above = state[SURFACE] - unit[SURFACE_M]
    if unit[SURFACE_CONVEYANCE] > 0.0 or above <= 0.0:
        return 0.0
    state[SURFACE] = unit[SURFACE_M]
    return above * unit[SURFACE_VOID] / step_s


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
