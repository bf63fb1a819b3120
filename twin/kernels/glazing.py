"""Light through a pane of glass."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

REFRACTIVE_INDEX = 1.52


@njit(cache=True, nogil=True, error_model="numpy")
def transmit_reflect(cosine: float, transmissivity: float) -> tuple[float, float]:
    """Transmittance and reflectance of a pane at an angle of incidence with cosine in [0, 1].

    ``transmissivity`` is what one passage through the glass leaves at normal incidence; negative: no glass
    (1, 0). Fresnel's equations for both polarisations with all inner reflections, refractive index 1.52, as
    in the *glass* material of Radiance (Larson and Shakespeare 1998, Rendering with Radiance).
    """
    if transmissivity < 0.0:
        return 1.0, 0.0
    if cosine < 1e-6:
        return 0.0, 1.0
    n = REFRACTIVE_INDEX
    inner = math.sqrt(1.0 - (1.0 - cosine * cosine) / (n * n))
    depth = transmissivity ** (1.0 / inner)
    r = (cosine - n * inner) / (cosine + n * inner)
    r *= r
    q = (1.0 / cosine - n / inner) / (1.0 / cosine + n / inner)
    q *= q
    through = (
        0.5 * depth * ((1.0 - r) ** 2 / (1.0 - (r * depth) ** 2) + (1.0 - q) ** 2 / (1.0 - (q * depth) ** 2))
    )
    back = 0.5 * (
        r * (1.0 + (1.0 - 2.0 * r) * depth * depth) / (1.0 - (r * depth) ** 2)
        + q * (1.0 + (1.0 - 2.0 * q) * depth * depth) / (1.0 - (q * depth) ** 2)
    )
    return through, back


def transmissivity_of(transmittance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transmissivity (P,) of panes with ``transmittance`` (P,) in [0, 1] at normal incidence.

    The inverse of :func:`transmit_reflect` at normal incidence: with r = ((n - 1) / (n + 1))², solve
    T (1 - r² t²) = (1 - r)² t for t. Limited to 1, the clearest glass there is (T = 0.917).
    """
    r = ((REFRACTIVE_INDEX - 1.0) / (REFRACTIVE_INDEX + 1.0)) ** 2
    b = (1.0 - r) ** 2
    given = np.asarray(transmittance, np.float64)
    a = np.maximum(given, 1e-12) * r * r
    root = (np.sqrt(b * b + 4.0 * a * np.maximum(given, 1e-12)) - b) / (2.0 * a)
    return np.where(given <= 0.0, 0.0, np.minimum(root, 1.0))
