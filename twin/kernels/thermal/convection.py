"""Convection at the faces of a surface.

Buoyant part: Walton (1983), TARP reference manual, NBSIR 83-2655, h = factor · |ΔT|^(1/3).
Windows inside: ISO 15099:2003, 8.3.2.2, natural convection along a pane of height H, laminar as it is up to
about 4 m: Nu = 0.56 Ra^(1/4), Ra = ρ² H³ g c |ΔT| / (T μ λ).
Wind part: MoWiTT measurements of Yazdanian & Klems (1994), ASHRAE Transactions 100(1), combined as in DOE-2.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FUSED = {"contract", "nsz", "arcp"}  # a product and a sum may be one instruction; sums keep their order

LEAST_W_M2K = 0.1  # floor of the buoyant coefficient inside
WINDWARD = (3.26, 0.89)  # h = a V^b, V in m/s
LEEWARD = (3.55, 0.617)
LEEWARD_COSINE = -0.17364817766693036  # more than 100° off the wind

# 0.56 λ^(3/4) (ρ² g c / (T μ))^(1/4) of air at 288.15 K and sea level, W/(m^(7/4) K^(5/4)).
PANE = 0.56 * 0.0253**0.75 * (1.225**2 * 9.81 * 1006.0 / (288.15 * 1.79e-5)) ** 0.25
UPRIGHT_COSINE = 0.5  # panes that lean further than 60° from the zenith count as upright

_BIAS_BITS = int(2 / 3 * (1023 - 0.045) * 2**52)  # bits(∛x) ≈ bits(x) / 3 + this, within 4 %


def buoyancy_factors(facing_up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors (..., 2) of |ΔT|^(1/3), W/(m² K^(4/3)): for a face warmer, and colder, than the air.

    ``facing_up`` is the cosine between the face's normal (into the air) and the zenith. A warm face that
    looks up, or a cold one that looks down, is unstable.
    """
    cosine = np.asarray(facing_up, np.float64)
    slope = np.abs(cosine)
    unstable = 9.482 / (7.283 - slope)
    stable = 1.810 / (1.382 + slope)
    vertical = slope < 0.01
    warm = np.where(vertical, 1.31, np.where(cosine > 0, unstable, stable))
    cold = np.where(vertical, 1.31, np.where(cosine > 0, stable, unstable))
    return np.stack([warm, cold], axis=-1)


def pane_factor(height_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor of |ΔT|^(1/4) at the inner face of a pane of this height at sea level, W/(m² K^(5/4))."""
    return np.asarray(PANE * np.asarray(height_m, np.float64) ** -0.25)


def wind_speed_factor(
    height_m: NDArray[np.float64], exponent: float, boundary_layer_m: float
) -> NDArray[np.float64]:
    """Local wind speed over that of the weather station (10 m, open country), of any shape.

    ASHRAE Fundamentals, chapter "Airflow around buildings": (270/10)^0.14 · (z/δ)^α.
    """
    height = np.maximum(np.asarray(height_m, np.float64), 0.1)
    return np.asarray((270.0 / 10.0) ** 0.14 * (height / boundary_layer_m) ** exponent)


@njit(cache=True, error_model="numpy", fastmath=FUSED, forceinline=True)
def cube_root(x: float) -> float:
    """∛x for x ≥ 0, to a relative error below 1e-8, with one division.

    A first guess y from the bits of x, corrected by the binomial series of (y³/x)^(-1/3) about 1.
    """
    if x < 1e-30:
        return 0.0
    root = np.int64(np.float64(x).view(np.int64) // 3 + _BIAS_BITS).view(np.float64)
    d = root * root * root / x - 1.0
    series = -91.0 / 729.0 + d * (728.0 / 6561.0 + d * (-1976.0 / 19683.0 + d * 5434.0 / 59049.0))
    return root * (
        1.0 + d * (-1.0 / 3.0 + d * (2.0 / 9.0 + d * (-14.0 / 81.0 + d * (35.0 / 243.0 + d * series))))
    )
