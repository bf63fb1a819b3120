"""A floor on the ground as a resistance and a virtual temperature."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

SECONDS_PER_YEAR = 3.15e7
GROUND_LAYER_M = 0.5  # of real ground that the balance models below the slab
_RESISTANCE_INSIDE_FLOOR = 0.17  # m²K/W, ISO 6946, heat flow downwards
_RESISTANCE_INSIDE_WALL = 0.13
_RESISTANCE_OUTSIDE = 0.04


@dataclass(frozen=True, slots=True)
class Soil:
    """Ground under a building (ISO 13370 table 7)."""

    conductivity_w_mk: float
    heat_capacity_j_m3k: float


@dataclass(frozen=True)
class GroundFloor:
    """What lies under the slab: 0.5 m of soil, then ``virtual_resistance``, then a given temperature."""

    u_value_w_m2k: float
    virtual_resistance_m2k_w: float
    temperature_c: NDArray[np.float64]  # (12,) monthly virtual temperature


def slab_on_ground(
    area_m2: float,
    perimeter_m: float,
    wall_thickness_m: float,
    floor_resistance_m2k_w: float,
    soil: Soil,
    outdoor_monthly_c: NDArray[np.float64],
) -> GroundFloor:
    """Slab-on-ground floor of ISO 13370:2017, 7.1 and annex F, with the inside temperature constant.

    Args:
        area_m2: of the slab inside the external walls.
        perimeter_m: its exposed perimeter.
        wall_thickness_m: of the external walls.
        floor_resistance_m2k_w: of the slab's own layers.
        soil: conductivity and heat capacity of the ground.
        outdoor_monthly_c: (12,) monthly mean outdoor temperature.
    """
    conductivity = soil.conductivity_w_mk
    dimension = area_m2 / (0.5 * max(perimeter_m, 1e-6))
    thickness = wall_thickness_m + conductivity * (
        _RESISTANCE_INSIDE_FLOOR + floor_resistance_m2k_w + _RESISTANCE_OUTSIDE
    )
    if thickness < dimension:
        u = 2 * conductivity / (pi * dimension + thickness) * log(pi * dimension / thickness + 1)
    else:
        u = conductivity / (0.457 * dimension + thickness)
    virtual = 1 / u - _RESISTANCE_INSIDE_FLOOR - floor_resistance_m2k_w - GROUND_LAYER_M / conductivity
    penetration = sqrt(SECONDS_PER_YEAR * conductivity / (pi * soil.heat_capacity_j_m3k))
    periodic = 0.37 * perimeter_m * conductivity * log(penetration / thickness + 1)
    months = np.arange(12)
    first = np.exp(-2j * pi * (months + 0.5) / 12)
    harmonic = 2 / 12 * (outdoor_monthly_c @ first)
    lag_months = 1.0
    swing = np.real(harmonic * np.exp(2j * pi * (months + 0.5 - lag_months) / 12))
    return GroundFloor(
        u_value_w_m2k=u,
        virtual_resistance_m2k_w=max(virtual, 1e-3),
        temperature_c=outdoor_monthly_c.mean() + periodic / (area_m2 * u) * swing,
    )


def buried_wall_u_value(depth_m: float, wall_resistance_m2k_w: float, soil: Soil) -> float:
    """Mean U-value, W/(m²K), of a basement wall down to ``depth_m`` (ISO 13370:2017, 7.3.3).

    The floor beside it counts as equally insulated.
    """
    conductivity = soil.conductivity_w_mk
    thickness = conductivity * (_RESISTANCE_INSIDE_WALL + wall_resistance_m2k_w + _RESISTANCE_OUTSIDE)
    corner = 1 + 0.5 * thickness / (thickness + depth_m)
    return 2 * conductivity / (pi * depth_m) * corner * log(depth_m / thickness + 1)


def damped_ground_temperature(
    depth_m: float, soil: Soil, outdoor_monthly_c: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Undisturbed ground temperature (12,) at ``depth_m``: the yearly wave, damped and late (Kusuda 1965)."""
    penetration = sqrt(SECONDS_PER_YEAR * soil.conductivity_w_mk / (pi * soil.heat_capacity_j_m3k))
    months = np.arange(12) + 0.5
    harmonic = 2 / 12 * (outdoor_monthly_c @ np.exp(-2j * pi * months / 12))
    damping = exp(-depth_m / penetration)
    lag = depth_m / penetration * 12 / (2 * pi)
    wave = np.real(harmonic * np.exp(2j * pi * (months - lag) / 12))
    return np.asarray(outdoor_monthly_c.mean() + damping * wave)
