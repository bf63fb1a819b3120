"""A long hourly rain record from monthly rain and rain days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from twin.climate.city import Monthly

Floats = NDArray[np.float64]

LEAST_DAILY_RAIN_MM = 0.1  # what counts as a rain day


def daily_rain(
    month: NDArray[np.intp],
    rain_mm: Monthly,
    rain_days: Monthly,
    random: np.random.Generator,
    *,
    years: float,
    wet_day_lag_one: float,
    gamma_shape: float,
) -> Floats:
    """Daily rain, mm, shape (n,), for days of the months ``month`` (n,), 0 = January.

    Wet and dry days form a Markov chain (Richardson 1981, doi:10.1029/WR017i001p00182) with the
    probabilities p₁₁ = π + r (1 - π), p₀₁ = π (1 - r), π = rain days / days; depths are gamma distributed.
    The mean of each calendar month over the record is exactly ``rain_mm``.
    """
    days_in_month = np.bincount(month, minlength=12) / years
    wet_share = rain_days / days_in_month
    after_wet = (wet_share + wet_day_lag_one * (1.0 - wet_share))[month]
    after_dry = (wet_share * (1.0 - wet_day_lag_one))[month]
    draws = random.random(len(month))
    becomes_wet = np.stack([draws < after_dry, draws < after_wet])
    wet = np.zeros(len(month), np.bool_)
    state = 0
    for day, (from_dry, from_wet) in enumerate(becomes_wet.T.tolist()):
        state = from_wet if state else from_dry
        wet[day] = state
    excess = np.where(wet, gammaincinv(gamma_shape, random.random(len(month))), 0.0)
    wet_count = np.bincount(month, wet, minlength=12)
    wanted = rain_mm * years - LEAST_DAILY_RAIN_MM * wet_count
    scale = wanted / np.bincount(month, excess, minlength=12)
    return np.where(wet, LEAST_DAILY_RAIN_MM + excess * scale[month], 0.0)


def hourly_rain(
    daily_mm: Floats,
    random: np.random.Generator,
    *,
    wet_hours_coefficient: float,
    wet_hours_density: float,
    gamma_shape: float,
) -> Floats:
    """Hourly rain, mm, shape (24 n,), whose daily sums are ``daily_mm`` (n,).

    A day of depth P has about ``wet_hours_coefficient`` √P wet hours, scattered over a stretch of which they
    fill ``wet_hours_density``; their shares of the day are gamma variates over their sum.
    """
    wet = np.flatnonzero(daily_mm > 0.0)
    depth = daily_mm[wet]
    wet_hours = np.clip(
        np.floor(wet_hours_coefficient * np.sqrt(depth) + random.random(len(wet))), 1, 24
    ).astype(np.intp)
    stretch = np.minimum(np.ceil(wet_hours / wet_hours_density), 24).astype(np.intp)
    start = np.floor(random.random(len(wet)) * (25 - stretch))
    hour = np.arange(24)
    inside = (hour >= start[:, None]) & (hour < (start + stretch)[:, None])
    order = np.where(inside, random.random((len(wet), 24)), 2.0).argsort(axis=1).argsort(axis=1)
    # The 1e-3 keeps the share of every chosen hour above zero.
    weight = gammaincinv(gamma_shape, random.random((len(wet), 24))) + 1e-3
    weight[order >= wet_hours[:, None]] = 0.0
    hourly = np.zeros((len(daily_mm), 24))
    hourly[wet] = depth[:, None] * weight / weight.sum(axis=1, keepdims=True)
    return hourly.ravel()
