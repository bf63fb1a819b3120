"""The nonlinear reservoir of overland flow, solved exactly.

A surface of depth x above its depression storage gains i and loses a x^(5/3) by Manning's law:

    dx/dt = i - a x^(5/3),   a = √S / (n L)   (metres, seconds; L = area / width)

(EPA SWMM 5 Reference Manual volume I, EPA/600/R-15/162A, section 3.2). Scaled by the equilibrium depth
x_e = (|i| / a)^(3/5) and the time x_e / |i| it has one solution for each sign of i and of x - x_e, so that
one table each replaces the integration, whatever the step:

    rising,  y = x / x_e < 1:          dy/dτ = 1 - y^(5/3)
    falling, r = (x / x_e)^(-2/3) < 1: dr/dτ = (2/3) (1 - r^(5/2))
    drying,  i < 0:                    dy/dτ = -1 - y^(5/3), empty at a finite time

With i = 0 the recession is x = (x₀^(-2/3) + (2/3) a t)^(-3/2). What flows out of a step is i Δt - Δx, so that
water is conserved exactly, whatever the table's error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CELLS = 1024
LONGEST_DRYING = 0.6 * np.pi / math.sin(0.6 * np.pi)  # τ to dry from any depth: ∫₀^∞ dy / (1 + y^(5/3))
RISING, FALLING, DRYING = 0, 2, 4  # rows of the tables; the row after each holds the inverse
SWMM_EXPONENT = 1.6666667  # 5/3 as SWMM writes it
FEET = 0.3048 ** (5.0 / 3.0 - SWMM_EXPONENT)  # SWMM raises feet to it
STILL_M_S = 1e-15  # an inflow that changes nothing within any step


@cache
def reservoir_tables() -> Floats:
    """The universal tables, shape (6, CELLS + 1, 2): value, and slope times cell width, over [0, 1].

    Rows: rising y -> p and back, falling r -> p and back, with p = 1 - exp(-5 τ / 3); drying c -> τ / T and
    back, with c = 1 - (1 + y)^(-2/3) and T = ``LONGEST_DRYING``.
    """
    grid = np.linspace(0.0, 1.0, CELLS + 1)
    tables = np.empty((6, CELLS + 1, 2))
    for row, progress, slope in (
        (RISING, _rising_progress, _rising_slope),
        (FALLING, _falling_progress, _falling_slope),
        (DRYING, _drying_progress, _drying_slope),
    ):
        inverse = _inverse(progress, grid)
        tables[row, :, 0], tables[row, :, 1] = progress(grid), slope(grid) / CELLS
        tables[row + 1, :, 0], tables[row + 1, :, 1] = inverse, 1.0 / slope(inverse) / CELLS
    return tables


@njit(cache=True, _nrt=False)
def reservoir_step(depth_m, inflow_m_s, a, duration_s, tables):  # type: ignore[no-untyped-def]
    """Depth above the depression storage after a step of constant net inflow.

    Args:
        depth_m: depth at its beginning, m, >= 0.
        inflow_m_s: net inflow i (rain less evaporation and infiltration), m/s, of any sign.
        a: outflow coefficient √S / (n L), m^(-2/3)/s, > 0.
        duration_s: any length.
        tables: of :func:`reservoir_tables`.

    Returns:
        the depth at the end, m, and the seconds at the end during which the surface was empty (else 0).
    """
    if abs(inflow_m_s) < STILL_M_S:
        if depth_m <= 0.0:
            return 0.0, 0.0
        return (depth_m ** (-2.0 / 3.0) + 2.0 / 3.0 * a * duration_s) ** -1.5, 0.0
    rate = abs(inflow_m_s)
    scale_m = (rate / a) ** 0.6
    tau = duration_s * rate / scale_m
    y = max(depth_m, 0.0) / scale_m
    if inflow_m_s < 0.0:
        start = _lookup(tables[DRYING], 1.0 - (1.0 + y) ** (-2.0 / 3.0)) * LONGEST_DRYING
        if tau >= start:
            return 0.0, (tau - start) * scale_m / rate
        c = _lookup(tables[DRYING + 1], (start - tau) / LONGEST_DRYING)
        return scale_m * max((1.0 - c) ** -1.5 - 1.0, 0.0), 0.0
    decay = math.exp(-5.0 / 3.0 * tau)
    if y < 1.0:
        p = 1.0 - (1.0 - _lookup(tables[RISING], y)) * decay
        return scale_m * _lookup(tables[RISING + 1], p), 0.0
    p = 1.0 - (1.0 - _lookup(tables[FALLING], y ** (-2.0 / 3.0))) * decay
    return scale_m * _lookup(tables[FALLING + 1], p) ** -1.5, 0.0


@njit(cache=True, _nrt=False)
def integrate_as_swmm(depth_m, depression_m, inflow_m_s, a, duration_s):  # type: ignore[no-untyped-def]
    """Depth after a step as SWMM integrates it: Runge and Kutta's fifth order by Cash and Karp (1990).

    doi:10.1145/79505.79507. Its steps keep an error of 1e-4 of the depth, which decides where the water meets
    a threshold of a soil or a LID unit.
    """
    y = depth_m
    done_s = 0.0
    step_s = duration_s
    for _ in range(10000):
        k1 = _change(y, depression_m, inflow_m_s, a)
        scale = abs(y) + abs(k1 * step_s) + 1e-30
        step_s = min(step_s, duration_s - done_s)
        while True:
            h = step_s
            k2 = _change(y + 0.2 * h * k1, depression_m, inflow_m_s, a)
            k3 = _change(y + h * (3.0 * k1 + 9.0 * k2) / 40.0, depression_m, inflow_m_s, a)
            k4 = _change(y + h * (0.3 * k1 - 0.9 * k2 + 1.2 * k3), depression_m, inflow_m_s, a)
            k5 = _change(
                y + h * (-11.0 / 54.0 * k1 + 2.5 * k2 - 70.0 / 27.0 * k3 + 35.0 / 27.0 * k4),
                depression_m, inflow_m_s, a,
            )  # fmt: skip
            k6 = _change(
                y + h * (1631.0 / 55296.0 * k1 + 175.0 / 512.0 * k2 + 575.0 / 13824.0 * k3
                         + 44275.0 / 110592.0 * k4 + 253.0 / 4096.0 * k5),
                depression_m, inflow_m_s, a,
            )  # fmt: skip
            new = y + h * (37.0 / 378.0 * k1 + 250.0 / 621.0 * k3 + 125.0 / 594.0 * k4 + 512.0 / 1771.0 * k6)
            error = h * (
                (37.0 / 378.0 - 2825.0 / 27648.0) * k1 + (250.0 / 621.0 - 18575.0 / 48384.0) * k3
                + (125.0 / 594.0 - 13525.0 / 55296.0) * k4 - 277.0 / 14336.0 * k5
                + (512.0 / 1771.0 - 0.25) * k6
            )  # fmt: skip
            worst = abs(error / scale) / 1e-4
            if not worst > 1.0:
                break
            step_s = max(0.9 * h * worst**-0.25, 0.1 * h)
            if done_s + step_s == done_s:
                return y
        y = new
        done_s += h
        if done_s >= duration_s:
            break
        step_s = 0.9 * h * worst**-0.2 if worst > 1.89e-4 else 5.0 * h  # at most five times as long
    return y


@njit(cache=True, _nrt=False)
def flow_as_swmm(above_m, a):  # type: ignore[no-untyped-def]
    """Manning's flow, m/s, with SWMM's exponent of the depth in feet."""
    return a * FEET * above_m**SWMM_EXPONENT


@njit(cache=True, _nrt=False)
def _change(depth_m, depression_m, inflow_m_s, a):  # type: ignore[no-untyped-def]
    """Rise of the depth, m/s."""
    above = depth_m - depression_m
    return inflow_m_s - flow_as_swmm(above, a) if above > 0.0 else inflow_m_s


@njit(cache=True, _nrt=False)
def _lookup(table, x):  # type: ignore[no-untyped-def]
    """Cubic Hermite interpolation in a table of (value, slope times cell width) over [0, 1]."""
    position = min(max(x, 0.0), 1.0) * CELLS
    cell = min(int(position), CELLS - 1)
    s = position - cell
    low, high = table[cell, 0], table[cell + 1, 0]
    rise = high - low
    # Written about the lower end, so that small values keep their relative precision.
    return low + s * (
        table[cell, 1]
        + s * (3.0 * rise - 2.0 * table[cell, 1] - table[cell + 1, 1])
        + s * s * (table[cell, 1] + table[cell + 1, 1] - 2.0 * rise)
    )


def _other_roots(argument: Floats, power: int) -> Floats:
    """Exp Re Σ ω^(-power) ln(1 - argument / ω) over the fifth roots of unity ω except 1."""
    roots = np.exp(2j * np.pi * np.arange(1, 5) / 5.0)[:, None]
    return np.asarray(np.exp((roots**-power * np.log(1.0 - argument / roots)).sum(axis=0).real))


def _rising_progress(y: Floats) -> Floats:
    """1 - exp(-5 τ / 3) with τ = ∫₀^y du / (1 - u^(5/3)), in partial fractions of v = u^(1/3)."""
    v = np.cbrt(y)
    return np.asarray(1.0 - (1.0 - v) * _other_roots(v, 2))


def _rising_slope(y: Floats) -> Floats:
    return _safe_ratio(
        5.0 / 3.0 * (1.0 - _rising_progress(y)), 1.0 - y ** (5.0 / 3.0), _other_roots(y, 2) / 3.0
    )


def _falling_progress(r: Floats) -> Floats:
    """1 - exp(-5 τ / 3) with τ = (3/2) ∫₀^r dq / (1 - q^(5/2)), in partial fractions of w = q^(1/2)."""
    w = np.sqrt(r)
    return np.asarray(1.0 - (1.0 - w) * _other_roots(w, 3))


def _falling_slope(r: Floats) -> Floats:
    return _safe_ratio(2.5 * (1.0 - _falling_progress(r)), 1.0 - r**2.5, _other_roots(r, 3) / 2.0)


def _drying_progress(c: Floats) -> Floats:
    """τ / T with τ = ∫₀^y du / (1 + u^(5/3)) and y = (1 - c)^(-3/2) - 1."""
    open_ = np.minimum(c, 1.0 - 1e-15)
    v = np.cbrt((1.0 - open_) ** -1.5 - 1.0)
    tau = 0.6 * (np.log1p(v) + np.log(_other_roots(-v, 2)))
    return np.asarray(np.where(c < 1.0, tau / LONGEST_DRYING, 1.0))


def _drying_slope(c: Floats) -> Floats:
    open_ = np.minimum(c, 1.0 - 1e-15)
    y = (1.0 - open_) ** -1.5 - 1.0
    slope = 1.5 * (1.0 - open_) ** -2.5 / (1.0 + y ** (5.0 / 3.0))
    return np.asarray(np.where(c < 1.0, slope, 1.5) / LONGEST_DRYING)


def _safe_ratio(above: Floats, below: Floats, limit_at_one: Floats) -> Floats:
    """Above / below, and the limit where both vanish."""
    zero = below < 1e-9
    return np.where(zero, limit_at_one, above / np.where(zero, 1.0, below))


def _inverse(function: Callable[[Floats], Floats], values: Floats) -> Floats:
    """Arguments in [0, 1] at which an increasing function takes ``values``, by bisection."""
    low, high = np.zeros_like(values), np.ones_like(values)
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = function(middle) < values
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    high[0], high[-1] = 0.0, 1.0
    return high
