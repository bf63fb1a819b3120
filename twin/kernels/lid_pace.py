"""How long the next step of a LID unit may be, where the unit is free to choose.

The units are explicit (:mod:`twin.kernels.lid`): a step is short while layers or fluxes change, and as long
as a dry spell once nothing moves in them but what evaporates.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from twin.kernels.lid import (
    DRAIN_COEFFICIENT,
    DRAIN_OFFSET_M,
    FIELD_CAPACITY,
    KIND,
    MAT_CONVEYANCE,
    PAVEMENT,
    POROSITY,
    RAIN_BARREL,
    REUSE,
    SOIL,
    SOIL_CONDUCTIVITY_M_S,
    SOIL_M,
    SOIL_SLOPE,
    STORAGE,
    STORAGE_VOID,
    SURFACE,
    VEGETATIVE_SWALE,
    WET_M_S,
)

STANDING_M = 1e-4  # water on a unit that asks for the short step
LITTLE_M = 5e-4  # of water in a storage, whose changes ask for no step of their own
CHANGING = 0.1  # of the water in a layer, or of its flux, in a step
STABLE = 0.4  # of the water in a storage that may drain in a step


@njit(cache=True, _nrt=False)
def unit_pace_s(unit, state, inflow, drain, storage_change):  # type: ignore[no-untyped-def]
    """Longest next step of a unit, in which its layers and fluxes change little; 0 for the shortest.

    Args:
        unit: (UNIT_COLUMNS,) float64.
        state: (UNIT_STATE,) float64.
        inflow: rain and run-on, m/s over the unit.
        drain: its drain flow, m/s.
        storage_change: of the water in its storage, m/s.
    """
    if unit[KIND] == VEGETATIVE_SWALE and state[SURFACE] + inflow > 0.0:
        return 0.0
    if unit[KIND] != RAIN_BARREL and state[SURFACE] > STANDING_M:
        return 0.0
    pace_s = np.inf
    drains = unit[DRAIN_COEFFICIENT] > 0.0 or unit[MAT_CONVEYANCE] > 0.0
    if drains and unit[REUSE] == 0.0:
        above = max((state[STORAGE] - unit[DRAIN_OFFSET_M]) * unit[STORAGE_VOID], LITTLE_M)
        pace_s = min(CHANGING * above / max(storage_change, 1e-15), STABLE * above / max(drain, 1e-15))
    if unit[SOIL_M] > 0.0 and state[SOIL] > unit[FIELD_CAPACITY]:
        percolation = unit[SOIL_CONDUCTIVITY_M_S] * math.exp(
            -(unit[POROSITY] - state[SOIL]) * unit[SOIL_SLOPE]
        )
        pace_s = min(pace_s, CHANGING * unit[SOIL_M] / (unit[SOIL_SLOPE] * max(percolation, inflow)))
    return pace_s


@njit(cache=True, _nrt=False)
def is_settled(unit, state):  # type: ignore[no-untyped-def]
    """Whether a unit that gets no water only loses some by evaporation, so that any step is exact.

    What is left on a drainage mat may drain meanwhile, slower than SWMM takes notice of.
    """
    if state[SURFACE] + state[PAVEMENT] > 0.0:
        return False
    if unit[SOIL_M] > 0.0 and state[SOIL] > unit[FIELD_CAPACITY]:
        return False
    storage = state[STORAGE]
    if unit[KIND] == RAIN_BARREL:
        return storage <= unit[DRAIN_OFFSET_M] or unit[DRAIN_COEFFICIENT] == 0.0
    if unit[MAT_CONVEYANCE] > 0.0:
        return unit[MAT_CONVEYANCE] * storage ** (5.0 / 3.0) * unit[STORAGE_VOID] < WET_M_S
    return storage <= 0.0
