"""Long-wave exchange inside a zone through one mean radiant temperature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m² K⁴), CODATA 2018
KELVIN = 273.15

_ITERATIONS = 200
_LARGEST_SHARE = 0.45  # of one face in the enclosure; above it the factors do not converge


def mean_radiant_factors(
    area_m2: NDArray[np.float64], emissivity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factors F' (n,) such that a face sends σ F' (T⁴ - T_star⁴) W/m² to the zone's star node.

    Carroll (1980), An 'MRT method' of computing radiant energy exchange in rooms, 2nd Systems Simulation
    and Economic Analysis Conference: F_i = 1 / (1 - A_i F_i / Σ A F), 1/F' = (1 - ε)/ε + 1/F.
    A face of more than 45 % of the enclosure is treated as 45 %, where the iteration still converges.
    """
    share = np.minimum(area_m2 / area_m2.sum(), _LARGEST_SHARE)
    factor = np.ones(len(share))
    for _ in range(_ITERATIONS):
        factor = 0.5 * factor + 0.5 / (1 - share * factor / (share @ factor))
    return np.asarray(1 / ((1 - emissivity) / emissivity + 1 / factor))
