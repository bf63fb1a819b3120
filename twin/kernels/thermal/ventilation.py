"""Outdoor air that is let in where it cools: windows that people open, and fans at night.

Flow through an open window on one side of a room: de Gids & Phaff (1982), Ventilation rates and energy
consumption due to open windows, Air Infiltration Review 4(1), 4-5, as in EN 15242:2007, 6.7.1.
Flow through leaks: Walker & Wilson (1998), Field validation of algebraic equations for stack and wind driven
air infiltration calculations, HVAC&R Research 4(2), 119-139 (AIM-2), the enhanced model of ASHRAE
Fundamentals, "Ventilation and infiltration".
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIND, STACK, TURBULENCE = 0.001, 0.0035, 0.01  # of the formula, with speeds in m/s, heights in m, K
LEAK_EXPONENT = 0.67  # of the pressure


class Ventilation(NamedTuple):
    """What may be let in beside the air changes of the operation, by its P rows, each (P, steps).

    Where a closed zone would be warmer than ``open_above_c``, and warmer than outdoors by more than
    ``least_difference_k``, just as much air is let in as keeps it there, or all that there is. Where even
    that leaves it above its cooling set-point, all is shut and the plant cools.
    """

    opened: Floats  # share of the zone's openable windows that people open
    purge_air_changes_per_h: Floats  # of fans
    open_above_c: Floats
    least_difference_k: float


def no_ventilation() -> Ventilation:
    """Nothing is let in."""
    return Ventilation(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0)), 0.0)


@njit(cache=True, error_model="numpy", forceinline=True)
def conductance_let_in(
    closed_c: float,
    stiffness_w_k: float,
    cooling_setpoint_c: float,
    outdoor_c: float,
    most_w_k: float,
    open_above_c: float,
    least_difference_k: float,
) -> float:
    """Heat that the air let in carries, W/K: from none to ``most_w_k``.

    ``closed_c`` is the zone's air with everything shut and ``stiffness_w_k`` what one kelvin more takes.
    """
    if closed_c <= open_above_c or closed_c <= outdoor_c + least_difference_k:
        return 0.0
    open_c = (stiffness_w_k * closed_c + most_w_k * outdoor_c) / (stiffness_w_k + most_w_k)
    if open_c > cooling_setpoint_c:
        return 0.0
    if open_c >= open_above_c:
        return most_w_k
    return stiffness_w_k * (closed_c - open_above_c) / (open_above_c - outdoor_c)


@njit(cache=True, error_model="numpy", forceinline=True)
def single_sided_flow_m3_s(
    area_m2: float, height_m: float, difference_k: float, wind_speed_m_s: float
) -> float:
    """Air through a window of this open area and height, m³/s; wind of the station at 10 m.

    q = A/2 √(0.001 U² + 0.0035 H |ΔT| + 0.01).
    """
    driving = WIND * wind_speed_m_s * wind_speed_m_s + STACK * height_m * abs(difference_k) + TURBULENCE
    return 0.5 * area_m2 * math.sqrt(driving)


@njit(cache=True, error_model="numpy", forceinline=True)
def leakage_m3_s(stack_m3_s: float, wind_m3_s: float, difference_k: float, wind_speed_m_s: float) -> float:
    """Air through the leaks of a room, m³/s; wind of the station.

    ``stack_m3_s`` is the flow at one kelvin without wind (c C_s), ``wind_m3_s`` the flow at 1 m/s of the
    station's wind without a difference in temperature (c C_w (s f)^2n, with the shelter s and the local
    wind's factor f). √((c C_s ΔT^n)² + (c C_w (s f U)^2n)²).
    """
    stack = stack_m3_s * abs(difference_k) ** LEAK_EXPONENT
    wind = wind_m3_s * wind_speed_m_s ** (2.0 * LEAK_EXPONENT)
    flow: float = math.sqrt(stack * stack + wind * wind)
    return flow


def flow_coefficient_m3_s(air_changes_at_50_pa: float, volume_m3: float) -> float:
    """Flow at 1 Pa, m³/(s Paⁿ), of leaks that change the air this often per hour at 50 Pa."""
    coefficient: float = air_changes_at_50_pa * volume_m3 / 3600.0 / 50.0**LEAK_EXPONENT
    return coefficient
