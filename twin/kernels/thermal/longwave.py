"""Long-wave exchange inside a zone through one mean radiant temperature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m² K⁴), CODATA 2018
KELVIN = 273.15

_MOST_ITERATIONS = 200
_SETTLED = 1e-12
_LARGEST_SHARE = 0.5  # of Σ A F: no plane face of a closed room has more


def mean_radiant_factors(
    area_m2: NDArray[np.float64], emissivity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factors F' (n,) such that a face sends σ F' (T⁴ - T_star⁴) W/m² to the zone's star node.

    Carroll (1980), An 'MRT method' of computing radiant energy exchange in rooms, 2nd Systems Simulation
    and Economic Analysis Conference: F_i = 1 / (1 - A_i F_i / Σ A F), 1/F' = (1 - ε)/ε + 1/F.
    In an enclosure that is not closed a face may have more than half of Σ A F; it then counts as half.
    """
    factor = np.ones(len(area_m2))
    for _ in range(_MOST_ITERATIONS):
        share = np.minimum(area_m2 * factor / (area_m2 @ factor), _LARGEST_SHARE)
        better = 0.5 * factor + 0.5 / (1 - share)
        moved = np.abs(better - factor).max()
        factor = better
        if moved < _SETTLED:
            break
    return np.asarray(1 / ((1 - emissivity) / emissivity + 1 / factor))
