"""From twelve monthly values to smooth courses over the year, and back."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from twin.climate.record import DAYS_IN_MONTH, HOURS

Floats = NDArray[np.float64]


def month_means(values: Floats) -> Floats:
    """Mean of each month, shape (12,), of a year of days (365,) or hours (8760,)."""
    return np.asarray(month_sums(values) / (DAYS_IN_MONTH * (len(values) // 365)))


def month_sums(values: Floats) -> Floats:
    """Sum of each month, shape (12,), of a year of days (365,) or hours (8760,)."""
    per_day = len(values) // 365
    starts = np.concatenate(([0], np.cumsum(DAYS_IN_MONTH)[:-1])) * per_day
    return np.add.reduceat(values, starts)


def smooth_course(monthly: Floats, steps: int) -> Floats:
    """A smooth course over the year, shape (steps,), whose monthly means are exactly ``monthly`` (12,).

    A periodic cubic spline through mid-month nodes; the nodes are solved for, so that the average over each
    month is the value asked for, which a curve through the monthly means themselves would not give.
    """
    basis, averaging = _spline_basis(steps)
    return np.asarray(basis @ np.linalg.solve(averaging, monthly))


def with_month_means(values: Floats, monthly: Floats) -> Floats:
    """``values`` shifted by a smooth course so that their monthly means become exactly ``monthly``."""
    return np.asarray(values + smooth_course(monthly - month_means(values), len(values)))


def hours_from_days(daily: Floats) -> Floats:
    """Daily values (365,) to hours (8760,): straight lines between the noons, the year closed to a ring."""
    noon = np.arange(365) * 24.0 + 12.0
    return np.asarray(np.interp(np.arange(HOURS) + 0.5, noon, daily, period=HOURS))


@cache
def _spline_basis(steps: int) -> tuple[Floats, Floats]:
    """Spline values per node, (steps, 12), and their monthly means, (12, 12)."""
    ends = np.cumsum(DAYS_IN_MONTH).astype(np.float64)
    nodes = ends - DAYS_IN_MONTH / 2.0
    periodic = np.append(nodes, nodes[0] + 365.0)
    spline = CubicSpline(periodic, np.vstack([np.eye(12), np.eye(12)[:1]]), bc_type="periodic")
    basis = np.asarray(spline((np.arange(steps) + 0.5) * 365.0 / steps), np.float64)
    averaging = np.column_stack([month_means(basis[:, node]) for node in range(12)])
    return basis, averaging
