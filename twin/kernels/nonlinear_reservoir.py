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

from twin.kernels.roots import cube_root

Floats = NDArray[np.float64]

CELLS = 1024
LONGEST_DRYING = 0.6 * np.pi / math.sin(0.6 * np.pi)  # τ to dry from any depth: ∫₀^∞ dy / (1 + y^(5/3))
RISING, FALLING, DRYING = 0, 2, 4  # solutions, and rows of the tables; the row after each holds the inverse
RECEDING = 6  # without inflow, in closed form
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
    kind, scale_m, place = find_place(depth_m, inflow_m_s, a, tables)
    place = moved(kind, place, pace(kind, scale_m, inflow_m_s, a, duration_s))
    depth, _ = depth_and_flow(kind, scale_m, place, inflow_m_s, a, tables)
    return depth, empty_s(kind, scale_m, place, inflow_m_s)


# The same in pieces, for steps that follow each other under one inflow: where a depth lies on its solution,
# how far a step moves it, and the depth there.


@njit(cache=True, _nrt=False)
def find_place(depth_m, inflow_m_s, a, tables):  # type: ignore[no-untyped-def]
    """The solution that an inflow follows, its unit of depth, m, and the place of a depth on it.

    The place is what is left of the way to equilibrium, exp(-5 τ / 3) from the solution's start (RISING,
    FALLING), the τ until the surface is dry (DRYING), or x^(-2/3) (RECEDING).
    """
    if abs(inflow_m_s) < STILL_M_S:
        return RECEDING, 1.0, 1.0 / cube_root(depth_m) ** 2 if depth_m > 0.0 else np.inf
    scale_m = (abs(inflow_m_s) / a) ** 0.6
    y = max(depth_m, 0.0) / scale_m
    if inflow_m_s < 0.0:
        return DRYING, scale_m, _lookup(tables[DRYING], 1.0 - 1.0 / cube_root(1.0 + y) ** 2) * LONGEST_DRYING
    if y < 1.0:
        return RISING, scale_m, 1.0 - _lookup(tables[RISING], y)
    return FALLING, scale_m, 1.0 - _lookup(tables[FALLING], 1.0 / cube_root(y) ** 2)


@njit(cache=True, _nrt=False)
def pace(kind, scale_m, inflow_m_s, a, duration_s):  # type: ignore[no-untyped-def]
    """How far a step of some length moves a place: by this factor, this less or this more."""
    if kind == RECEDING:
        return 2.0 / 3.0 * a * duration_s
    tau = duration_s * abs(inflow_m_s) / scale_m
    return tau if kind == DRYING else math.exp(-5.0 / 3.0 * tau)


@njit(cache=True, _nrt=False)
def moved(kind, place, by):  # type: ignore[no-untyped-def]
    """A place after a step of some pace; below 0 a surface that dries has been empty."""
    if kind == RECEDING:
        return place + by
    return place - by if kind == DRYING else place * by


@njit(cache=True, _nrt=False)
def depth_and_flow(kind, scale_m, place, inflow_m_s, a, tables):  # type: ignore[no-untyped-def]
    """Depth, m, and the flow a x^(5/3) of it, m/s, at a place."""
    if kind == RISING:
        y = _lookup(tables[RISING + 1], 1.0 - place)
        return scale_m * y, inflow_m_s * y * cube_root(y) ** 2
    if kind == FALLING:
        r = _lookup(tables[FALLING + 1], 1.0 - place)
        y = 1.0 / (r * math.sqrt(r))
        return scale_m * y, inflow_m_s * y / r
    if kind == DRYING:
        if place <= 0.0:
            return 0.0, 0.0
        q = 1.0 - _lookup(tables[DRYING + 1], place / LONGEST_DRYING)
        y = max(1.0 / (q * math.sqrt(q)) - 1.0, 0.0)
        return scale_m * y, -inflow_m_s * y * cube_root(y) ** 2
    depth_m = 1.0 / (place * math.sqrt(place))
    return depth_m, a * depth_m / place


@njit(cache=True, _nrt=False)
def empty_s(kind, scale_m, place, inflow_m_s):  # type: ignore[no-untyped-def]
    """How long a surface has been empty at a place."""
    return place * scale_m / inflow_m_s if kind == DRYING and place < 0.0 else 0.0


@njit(cache=True, _nrt=False)
def manning_flow(depth_m, a):  # type: ignore[no-untyped-def]
    """Flow a x^(5/3) of a depth above the depression storage, m/s."""
    return a * depth_m * cube_root(depth_m) ** 2


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
