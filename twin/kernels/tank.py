"""A tank over a record: what it delivers and what overflows, for many sizes at once or step by step."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

# Columns of the result, m³.
DELIVERED, OVERFLOW, SPILLS, STORED = range(4)
TANK_COLUMNS = 4


@njit(cache=True, parallel=True)
def tank_balance(inflow_m3, demand_m3, volume_m3):  # type: ignore[no-untyped-def]
    """Water balance of tanks that fill from one inflow and serve one demand.

    In each step the demand is drawn from what is there, then the inflow fills the room and the rest overflows
    (yield before spillage; Fewkes and Butler (2000), doi:10.1177/014362440002100105): inflow = delivered +
    overflow + change of storage. Tanks begin empty.

    Args:
        inflow_m3: (K,) float64, of each step.
        demand_m3: (K,) float64.
        volume_m3: (V,) float64, sizes.

    Returns:
        (V, TANK_COLUMNS) float64: delivered, overflow, number of steps that overflow, left at the end.
    """
    result = np.zeros((volume_m3.shape[0], TANK_COLUMNS))
    for size in prange(volume_m3.shape[0]):
        volume = volume_m3[size]
        stored = 0.0
        delivered = 0.0
        overflow = 0.0
        spills = 0
        for k in range(inflow_m3.shape[0]):
            taken = min(demand_m3[k], stored)
            stored += inflow_m3[k] - taken
            delivered += taken
            if stored > volume:
                overflow += stored - volume
                stored = volume
                spills += 1
        result[size, DELIVERED] = delivered
        result[size, OVERFLOW] = overflow
        result[size, SPILLS] = spills
        result[size, STORED] = stored
    return result


@njit(cache=True)
def tank_supply(inflow_m3, demand_m3, volume_m3):  # type: ignore[no-untyped-def]
    """What one tank delivers in each step, by the rule of :func:`tank_balance`.

    Args:
        inflow_m3: (K,) float64, of each step.
        demand_m3: (K,) float64.
        volume_m3: its size.

    Returns:
        (K,) float64, m³.
    """
    delivered = np.empty(inflow_m3.shape[0])
    stored = 0.0
    for k in range(inflow_m3.shape[0]):
        delivered[k] = min(demand_m3[k], stored)
        stored = min(stored + inflow_m3[k] - delivered[k], volume_m3)
    return delivered
