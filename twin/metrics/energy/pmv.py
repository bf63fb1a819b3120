"""How warm people vote a room (PMV) after ISO 7730:2005, annex D."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MET_W_M2, _CLO_M2K_W = 58.15, 0.155
_SETTLED = 1.5e-4  # hundreds of kelvins
_MOST_ITERATIONS = 150


def predicted_mean_vote(
    air_c: Floats,
    radiant_c: Floats,
    air_speed_m_s: float,
    humidity_pct: float,
    activity_met: float,
    clothing_clo: float,
) -> Floats:
    """PMV of the shape of ``air_c`` and ``radiant_c``, from -3 (cold) to +3 (hot), without outside work."""
    air_c, radiant_c = np.asarray(air_c, np.float64), np.asarray(radiant_c, np.float64)
    vapour_pa = 10 * humidity_pct * np.exp(16.6536 - 4030.183 / (air_c + 235))
    heat, resistance = activity_met * _MET_W_M2, clothing_clo * _CLO_M2K_W
    area = 1.05 + 0.645 * resistance if resistance > 0.078 else 1.0 + 1.29 * resistance
    air_k, radiant_4 = air_c + 273, ((radiant_c + 273) / 100) ** 4
    forced = 12.1 * np.sqrt(air_speed_m_s)
    # The temperature of the clothes' surface, in hundreds of kelvins.
    surface = (air_k + (35.5 - air_c) / (3.5 * (6.45 * resistance + 0.1))) / 100
    known = 308.7 - 0.028 * heat + 3.96 * resistance * area * radiant_4
    film = np.full_like(air_c, forced)
    before = surface
    for _ in range(_MOST_ITERATIONS):
        before = (before + surface) / 2
        film = np.maximum(forced, 2.38 * np.abs(100 * before - air_k) ** 0.25)
        surface = (known + resistance * area * (air_k * film - 3.96 * before**4)) / (
            100 + 100 * resistance * area * film
        )
        if np.abs(surface - before).max(initial=0.0) < _SETTLED:
            break
    lost = (
        3.05e-3 * (5733 - 6.99 * heat - vapour_pa)  # through the skin
        + max(0.42 * (heat - _MET_W_M2), 0.0)  # by sweating
        + 1.7e-5 * heat * (5867 - vapour_pa)  # by breathing: latent, sensible
        + 1.4e-3 * heat * (34 - air_c)
        + 3.96 * area * (surface**4 - radiant_4)
        + area * film * (100 * surface - 273 - air_c)
    )
    return np.asarray((0.303 * np.exp(-0.036 * heat) + 0.028) * (heat - lost))
