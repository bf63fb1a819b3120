"""How well a simulation fits what was measured: ASHRAE Guideline 14-2014, Nash and Sutcliffe."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# ASHRAE Guideline 14-2014, 4.3.2.1 (calibrated simulation): (NMBE, CV(RMSE)) in percent.
MONTHLY_LIMITS, HOURLY_LIMITS = (5.0, 15.0), (10.0, 30.0)
LEAST_MONTHS, LEAST_HOURS = 12, 8760  # a year, else the seasons are not in it


@dataclass(frozen=True, slots=True)
class Fit:
    """Percent of the measured mean. ``nmbe_pct`` is positive where the simulation is too low."""

    count: int
    nmbe_pct: float
    cv_rmse_pct: float
    enough: bool  # a whole year of pairs
    calibrated: bool | None  # None while there is not enough


@dataclass(frozen=True, slots=True)
class SeriesFit:
    """How a simulated course follows a measured one, in the unit of both; NaN where it cannot be told."""

    count: int
    bias: float  # mean of simulated less measured
    rmse: float
    efficiency: float  # Nash and Sutcliffe's: 1 is equal, 0 no better than the mean of what was measured


def fit_series(measured: NDArray[np.float64], simulated: NDArray[np.float64]) -> SeriesFit:
    """Bias, root mean square error and efficiency 1 - Σ(m - s)² / Σ(m - m̄)² of the pairs without NaN.

    Source: Nash and Sutcliffe (1970), doi:10.1016/0022-1694(70)90255-6.

    Args:
        measured: shape (N,)
        simulated: of the same moments and unit, shape (N,)
    """
    both = np.isfinite(measured) & np.isfinite(simulated)
    m, s = measured[both], simulated[both]
    if not len(m):
        return SeriesFit(0, math.nan, math.nan, math.nan)
    squares = float(((m - s) ** 2).sum())
    spread = float(((m - m.mean()) ** 2).sum())
    # What never changed has no course to follow; rounding must not give it one.
    varies = spread > 1e-12 * max(float((m**2).sum()), 1e-300)
    return SeriesFit(
        len(m),
        float((s - m).mean()),
        math.sqrt(squares / len(m)),
        1.0 - squares / spread if varies else math.nan,
    )


def fit(measured: NDArray[np.float64], simulated: NDArray[np.float64], *, monthly: bool) -> Fit:
    """Normalised mean bias error and coefficient of variation of the root mean square error.

    NMBE = Σ(m - s) / ((n - 1) m̄), CV(RMSE) = √(Σ(m - s)² / (n - 1)) / m̄, with the measured mean m̄ below.
    Pairs of which one is missing (NaN) do not count.

    Args:
        measured: shape (N,)
        simulated: of the same spans and unit, shape (N,)
        monthly: whether the spans are months; hours otherwise.

    Raises:
        ValueError: the shapes differ.
    """
    if measured.shape != simulated.shape:
        raise ValueError("measured and simulated values must be pairs")
    both = np.isfinite(measured) & np.isfinite(simulated)
    m, s = measured[both], simulated[both]
    mean = float(m.mean()) if len(m) > 1 else 0.0
    enough = len(m) >= (LEAST_MONTHS if monthly else LEAST_HOURS)
    if mean == 0.0:
        return Fit(len(m), math.nan, math.nan, enough, None)
    free = len(m) - 1
    nmbe = 100 * float((m - s).sum()) / (free * mean)
    cv_rmse = 100 * math.sqrt(float(((m - s) ** 2).sum()) / free) / abs(mean)
    bias, spread = MONTHLY_LIMITS if monthly else HOURLY_LIMITS
    calibrated = abs(nmbe) <= bias and cv_rmse <= spread if enough else None
    return Fit(len(m), nmbe, cv_rmse, enough, calibrated)
