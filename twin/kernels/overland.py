"""Shallow flow over the ground in two dimensions: the local-inertial equations on a grid of squares.

Bates, Horritt and Fewtrell (2010), J. Hydrology 387, 33-45, doi:10.1016/j.jhydrol.2010.03.027: unit flow on
the edges of the cells, with the friction of Manning taken implicitly, and the flow of the neighbouring edges
mixed in by de Almeida et al. (2012), doi:10.1029/2011WR011570, against ripples. The velocity is capped at the
Froude number ``LARGEST_FROUDE``, as the equations lack the advection that would limit it, and where more
would leave a cell than it holds, what leaves is scaled down: water is conserved and depths stay positive.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float64]

G = 9.80665
WALL_M = 1e6  # level of the ground of blocked cells
THINNEST_M = 1e-6  # below which water does not flow
THIN_M = 1e-3  # below which a cell's speed is not counted
LARGEST_FROUDE = 1.0
# Ripples from cell to cell, λ² - (1 + a - c²) λ + a = 0 with a = 2 θ - 1 and, in two directions, c² = 8 C²,
# grow beyond c² = 2 (1 + a), that is beyond C = √(θ / 2) = 0.63.
COURANT = 0.6
OWN_SHARE = 0.8  # of an edge's own flow in the mean with its neighbours' (θ)

# Totals of a run, m³.
RAIN, SUNK, OUTFLOW = range(3)
# What is largest of each cell.
DEPTH, SPEED, UNIT_FLOW = range(3)


# The compiler may reorder what it likes; the run has no NaN, and balances are sums of what was moved.
@njit(cache=True, fastmath=True, inline="always")
def _edge_flow(  # type: ignore[no-untyped-def]
    before, flow, beyond, level0, level1, ground0, ground1, roughness2, gravity_dt, per_dx
):
    """Unit flow over an edge after a step, m²/s, from side 0 to 1; ``before``, ``beyond``: next edges."""
    water = max(level0, level1) - max(ground0, ground1)
    depth = max(water, THINNEST_M)
    # The cube root: an estimate from the exponent and one step of Halley's method, to 3e-5.
    root = np.float64(np.int32(np.float32(depth).view(np.int32) // 3 + 709921077).view(np.float32))
    cube = root * root * root
    seven_thirds = depth * depth * root * (cube + 2.0 * depth)  # of the depth, times the divisor
    divisor = 2.0 * cube + depth
    mean = OWN_SHARE * flow + 0.5 * (1.0 - OWN_SHARE) * (before + beyond)
    pushed = mean - gravity_dt * depth * (level1 - level0) * per_dx
    friction = gravity_dt * roughness2 * abs(flow) * divisor
    found = pushed * seven_thirds / (seven_thirds + friction)
    most = LARGEST_FROUDE * depth * math.sqrt(G * depth)
    found = min(max(found, -most), most)
    return found if water > THINNEST_M else 0.0


@njit(cache=True, parallel=True)
def overland_flow(  # type: ignore[no-untyped-def]
    ground, roughness, depth, flow_x, flow_y, rain_m_s, interval_s, rained, sink_m_s, outlet, outlet_slope,
    dx, start_s, duration_s, longest_step_s, largest, totals,
):  # fmt: skip
    """Run the flow for a while; changes ``depth``, ``flow_x``, ``flow_y``, ``largest`` and ``totals``.

    Rows whose cells are all dry cost next to nothing while it does not rain.

    Args:
        ground: (R, C) float64, level of the ground, m; ``WALL_M`` for blocked cells.
        roughness: (R, C) float64, Manning's n.
        depth: (R, C) float64, m.
        flow_x: (R, C + 1) float64, unit flow between columns, m²/s; the outer ones stay 0.
        flow_y: (R + 1, C) float64, between rows.
        rain_m_s: (K,) float64, mean rain of each interval from time 0; none after the last.
        interval_s: length of an interval.
        rained: (R, C) float64, rain that reaches the cell as a share of ``rain_m_s``.
        sink_m_s: (R, C) float64, what infiltrates or enters an inlet while there is water.
        outlet: (R, C) uint8, cells that water leaves at normal depth.
        outlet_slope: slope of the ground there.
        dx: side of a cell, m.
        start_s: time at the beginning.
        duration_s: length of the run.
        longest_step_s: of a time step.
        largest: (3, R, C) float64, receives the largest depth, m, speed, m/s, and unit flow (depth times
            speed), m²/s, so far: columns ``DEPTH``, ``SPEED`` and ``UNIT_FLOW``.
        totals: (3,) float64, RAIN, SUNK and OUTFLOW are added to, m³.

    Returns:
        the number of time steps.
    """
    rows, columns = ground.shape
    after = depth.copy()
    next_x, next_y = flow_x.copy(), flow_y.copy()
    share = np.ones((rows, columns))
    # Range of columns of each row that held water in the last three steps, and so may flow or have flowed.
    wet = np.zeros((3, 2, rows), np.int64)
    wet[:, 1] = columns - 1
    first, last = wet[0, 0].copy(), wet[0, 1].copy()
    row_depth = np.zeros(rows)
    row_sums = np.zeros((rows, 3))
    negative = np.zeros(rows, np.int64)
    for j in prange(rows):
        row_depth[j] = depth[j].max()
    done = 0.0
    steps = 0
    while done < duration_s - 1e-9:
        step = min(longest_step_s, COURANT * dx / math.sqrt(G * max(row_depth.max(), 1e-3)))
        step = min(step, duration_s - done)
        now = start_s + done
        k = int(now / interval_s + 1e-9)
        rain = 0.0
        if k < rain_m_s.shape[0]:
            rain = rain_m_s[k]
            step = min(step, max((k + 1) * interval_s - now, 1e-3))
        gravity_dt, per_dx = G * step, 1.0 / dx
        for j in prange(rows):
            low, high = first[j], last[j]
            for i in range(max(low, 1), min(high + 2, columns)):
                n = 0.5 * (roughness[j, i - 1] + roughness[j, i])
                next_x[j, i] = _edge_flow(
                    flow_x[j, i - 1], flow_x[j, i], flow_x[j, i + 1],
                    ground[j, i - 1] + depth[j, i - 1], ground[j, i] + depth[j, i],
                    ground[j, i - 1], ground[j, i], n * n, gravity_dt, per_dx,
                )  # fmt: skip
            if j > 0:
                low, high = min(low, first[j - 1]), max(high, last[j - 1])
                for i in range(low, high + 1):
                    n = 0.5 * (roughness[j - 1, i] + roughness[j, i])
                    next_y[j, i] = _edge_flow(
                        flow_y[j - 1, i], flow_y[j, i], flow_y[j + 1, i],
                        ground[j - 1, i] + depth[j - 1, i], ground[j, i] + depth[j, i],
                        ground[j - 1, i], ground[j, i], n * n, gravity_dt, per_dx,
                    )  # fmt: skip
        for attempt in range(2):
            for j in prange(rows):
                negative[j] = _update_row(
                    j, roughness, depth, after, next_x, next_y, rain, rained, sink_m_s, outlet,
                    outlet_slope, dx, step, first, last, row_depth, row_sums, largest,
                )  # fmt: skip
            if negative.sum() == 0 or attempt == 1:
                break
            # More than it holds would leave a cell: scale what leaves.
            for j in prange(rows):
                low, high = _span(first, last, j, columns)
                for i in range(low, high + 1):
                    out = max(next_x[j, i + 1], 0.0) + max(-next_x[j, i], 0.0)
                    out += max(next_y[j + 1, i], 0.0) + max(-next_y[j, i], 0.0)
                    share[j, i] = 1.0
                    if out * step > depth[j, i] * dx:
                        share[j, i] = depth[j, i] * dx / (out * step)
            for j in prange(rows):
                low, high = _span(first, last, j, columns)
                for i in range(max(low, 1), high + 1):
                    next_x[j, i] *= share[j, i - 1] if next_x[j, i] > 0.0 else share[j, i]
                if j > 0:
                    for i in range(low, high + 1):
                        next_y[j, i] *= share[j - 1, i] if next_y[j, i] > 0.0 else share[j, i]
        area = dx * dx
        for j in range(rows):
            for term in range(3):
                totals[term] += row_sums[j, term] * area
        depth, after = after, depth
        flow_x, next_x = next_x, flow_x
        flow_y, next_y = next_y, flow_y
        slot = steps % 3
        for j in prange(rows):
            wet[slot, 0, j], wet[slot, 1, j] = _wet_range(depth[j], first[j], last[j], rain)
            first[j] = min(wet[0, 0, j], wet[1, 0, j], wet[2, 0, j])
            last[j] = max(wet[0, 1, j], wet[1, 1, j], wet[2, 1, j])
        done += step
        steps += 1
    if steps % 2 == 1:  # the caller's arrays are the others
        after[:] = depth
        next_x[:] = flow_x
        next_y[:] = flow_y
    return steps


@njit(cache=True)
def _span(first, last, j, columns):  # type: ignore[no-untyped-def]
    """First and last column of a row that water of it or of its neighbours may reach."""
    above, below = max(j - 1, 0), min(j + 1, first.shape[0] - 1)
    low = min(first[above], first[j], first[below]) - 1
    high = max(last[above], last[j], last[below]) + 1
    return max(low, 0), min(high, columns - 1)


@njit(cache=True)
def _wet_range(depth, first, last, rain):  # type: ignore[no-untyped-def]
    """Range of columns of a row that may flow in the next step; empty as (columns, -1)."""
    columns = depth.shape[0]
    low, high = max(first - 1, 0), min(last + 1, columns - 1)
    if rain > 0.0:
        low, high = 0, columns - 1
    while low < columns and depth[low] == 0.0:
        low += 1
    while high >= 0 and depth[high] == 0.0:
        high -= 1
    return low, high


@njit(cache=True)
def _update_row(  # type: ignore[no-untyped-def]
    j, roughness, depth, after, flow_x, flow_y, rain, rained, sink_m_s, outlet, outlet_slope, dx, step,
    first, last, row_depth, row_sums, largest,
):  # fmt: skip
    """New depths of a row; its totals, m of water; 1 if a depth would be negative."""
    columns = depth.shape[1]
    low, high = _span(first, last, j, columns)
    if rain > 0.0:
        low, high = 0, columns - 1
    bad = 0
    deepest = 0.0
    fallen = 0.0
    sunk = 0.0
    left = 0.0
    ratio = step / dx
    for i in range(low, high + 1):
        gain = flow_x[j, i] - flow_x[j, i + 1] + flow_y[j, i] - flow_y[j + 1, i]
        here = depth[j, i] + ratio * gain
        if here < 0.0:
            if here < -1e-12:
                bad = 1
            here = 0.0
        if rain > 0.0:
            caught = rain * rained[j, i] * step
            here += caught
            fallen += caught
        if here > 0.0:
            if sink_m_s[j, i] > 0.0:
                taken = min(here, sink_m_s[j, i] * step)
                here -= taken
                sunk += taken
            if outlet[j, i]:
                normal = here ** (5.0 / 3.0) * math.sqrt(outlet_slope) / roughness[j, i]
                gone = min(here, normal * ratio)
                here -= gone
                left += gone
            deepest = max(deepest, here)
            across_x, across_y = flow_x[j, i] + flow_x[j, i + 1], flow_y[j, i] + flow_y[j + 1, i]
            flow = 0.5 * math.sqrt(across_x * across_x + across_y * across_y)  # in the middle of the cell
            largest[DEPTH, j, i] = max(largest[DEPTH, j, i], here)
            largest[UNIT_FLOW, j, i] = max(largest[UNIT_FLOW, j, i], flow)
            if here > THIN_M:
                largest[SPEED, j, i] = max(largest[SPEED, j, i], flow / here)
        after[j, i] = here
    row_depth[j] = deepest
    row_sums[j, RAIN] = fallen
    row_sums[j, SUNK] = sunk
    row_sums[j, OUTFLOW] = left
    return bad
