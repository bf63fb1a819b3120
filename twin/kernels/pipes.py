"""Flow through a sewer network to its outfalls: kinematic wave or steady flow, with storages.

The kinematic wave as EPA SWMM 5 solves it (Reference Manual volume II, EPA/600/R-17/111, chapter 4): one
conduit is one cell of the implicit box scheme

    V = L ((1 - w) A₁ + w A₂),   ΔV = Δt (Q_in - Q_out),   Q = √S / n A R^(2/3),   w = 0.6

Here Q_in is the mean inflow of the step and Q_out = (1 - w) Q₂ + w Q₂' the mean outflow, which the next
conduit gets, so that water is conserved whatever the step. Where the step is short for the conduit the scheme
overshoots; the outflow is kept within the flows around it, and the volume remembers the rest. What a full
conduit cannot take floods the node above it and is lost, as in SWMM without ponding. A storage passes on what
rating curves over its depth allow (outlets, weirs, orifices, pumps between their on and off depths, conduits
at their entry), by the trapezoidal rule.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from twin.kernels.pipe_sections import FACTOR, SQUARE_ROOT_OF_AREA, section_factor

Floats = NDArray[np.float64]

# Columns of ``pipes``; what is no conduit has no length and passes on at once what its rating gives it.
LENGTH_M, FULL_AREA_M2, FULL_FLOW_M3_S = range(3)
PIPE_COLUMNS = 3

# Columns of the state of a link, relative to its full section: water in it, area and flow at its lower end;
# whether a pump runs.
VOLUME, END, END_FLOW, RUNNING = range(4)
PIPE_STATE = 4

# Columns of the totals of a node, m³.
LATERAL, LEFT, FLOODED = range(3)
NODE_TOTALS = 3

# Columns of the record of a link: largest mean flow of a step that is offered, largest flow at its lower end,
# and for how long more was offered than it takes.
OFFERED_M3_S, PASSED_M3_S, FLOODING_S = range(3)
LINK_RECORD = 3

WEIGHT = 0.6  # of the new time and of the lower end
DRY = 1e-9  # relative flow that is none
CHANGE = 0.02  # of inflow and outflow in a step, where that takes more than one in an interval
NEGLIGIBLE = 1e-4  # of the largest pipe's full flow, a change that asks for no step of its own
STILL_M3_S = 1e-9
ITERATIONS = 40
TOLERANCE = 1e-7


@njit(cache=True, _nrt=False)
def conduit_step(pipe, state, tables, mean_in, flow_in, step_s):  # type: ignore[no-untyped-def]
    """One step of a conduit; changes ``state``.

    Args:
        pipe: (PIPE_COLUMNS,) float64.
        state: (PIPE_STATE,) float64.
        tables: of :func:`twin.kernels.pipe_sections.section_tables`.
        mean_in: inflow offered, mean of the step, m³/s.
        flow_in: the same at its end.
        step_s: length of the step.

    Returns:
        mean outflow, outflow at the end, and the part of the mean inflow that floods, m³/s.
    """
    full = pipe[FULL_FLOW_M3_S]
    offered = mean_in / full
    entering = min(offered, 1.0)
    q_in = min(flow_in / full, 1.0)
    before = state[END_FLOW]
    held = pipe[LENGTH_M] * pipe[FULL_AREA_M2] / (full * step_s)  # the full conduit, in steps of full flow
    available = state[VOLUME] * held + entering
    if q_in <= DRY and before <= DRY and available < DRY * min(held, 1.0):
        state[VOLUME] = 0.0
        state[END] = 0.0
        state[END_FLOW] = 0.0
        return available * full, 0.0, 0.0
    factor = tables[FACTOR]
    root, _ = section_factor(tables[SQUARE_ROOT_OF_AREA], np.cbrt(max(q_in, 0.0)))
    within, _ = section_factor(factor, np.sqrt(state[VOLUME]))
    constant = (1.0 - WEIGHT) * (held * root * root + before) - available
    linear = WEIGHT * held
    if constant >= 0.0:  # the wave has not come through
        flow = 0.0
        state[END] = 0.0
    elif WEIGHT + linear + constant <= 0.0:
        flow = 1.0
        state[END] = 1.0
    else:
        low, high = 0.0, 1.0
        root = np.sqrt(state[END])
        if root <= 0.0:
            root = 0.5
        for _ in range(ITERATIONS):
            value, slope = section_factor(factor, root)
            excess = WEIGHT * value + linear * root * root + constant
            if excess < 0.0:
                low = root
            else:
                high = root
            gradient = WEIGHT * slope + 2.0 * linear * root
            new = root - excess / gradient if gradient > 0.0 else -1.0
            if new <= low or new >= high:
                new = 0.5 * (low + high)
            change = abs(new - root)
            root = new
            if change < TOLERANCE or abs(excess) < TOLERANCE:
                break
        state[END] = root * root
        # What flows out is what the balance leaves, whatever the error of the root.
        flow = -(constant + linear * root * root) / WEIGHT
    # No wave rises or falls beyond the flows around it, however short the step for the conduit.
    flow = max(min(flow, max(q_in, before, within)), min(q_in, before, within))
    mean_out = min((1.0 - WEIGHT) * before + WEIGHT * flow, available)
    kept = available - mean_out
    state[END_FLOW] = flow
    state[VOLUME] = min(kept / held, 1.0)
    return mean_out * full, flow * full, (offered - entering + max(kept - held, 0.0)) * full


@njit(cache=True, _nrt=False)
def _interpolated(table, x):  # type: ignore[no-untyped-def]
    """Linear in a table (n, 2) of rising x and value; constant beyond its ends."""
    if x <= table[0, 0]:
        return table[0, 1]
    low, high = 0, table.shape[0] - 1
    if x >= table[high, 0]:
        return table[high, 1]
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle, 0] <= x:
            low = middle
        else:
            high = middle
    return table[low, 1] + (table[high, 1] - table[low, 1]) * (x - table[low, 0]) / (
        table[high, 0] - table[low, 0]
    )


@njit(cache=True, _nrt=False)
def _ratings(first, last, order, rating, depth, pipe_state, pump):  # type: ignore[no-untyped-def]
    """Outflow of a storage at a depth through all its links, which follow each other in ``order``, m³/s."""
    total = 0.0
    for place in range(first, last):
        link = order[place]
        if pump[link, 1] <= 0.0 or pipe_state[link, RUNNING] > 0.5:
            total += _interpolated(rating[link], depth)
    return total


@njit(cache=True, _nrt=False)
def _storage_step(first, last, order, rating, pump, depths, capacity, volume, pipe_state, mean_in, step_s):  # type: ignore[no-untyped-def]
    """Volume of a storage after a step, its depth before and after, and what overflows, m³/s."""
    before = _interpolated(depths, volume)
    for place in range(first, last):
        link = order[place]
        if pump[link, 1] > 0.0:
            if before >= pump[link, 0]:
                pipe_state[link, RUNNING] = 1.0
            elif before <= pump[link, 1]:
                pipe_state[link, RUNNING] = 0.0
    fixed = volume + step_s * (mean_in - 0.5 * _ratings(first, last, order, rating, before, pipe_state, pump))
    low, high = 0.0, capacity
    full_out = 0.5 * step_s * _ratings(first, last, order, rating, depths[-1, 1], pipe_state, pump)
    if fixed - full_out >= capacity:
        return capacity, before, depths[-1, 1], (fixed - full_out - capacity) / step_s
    for _ in range(60):
        middle = 0.5 * (low + high)
        out = _ratings(first, last, order, rating, _interpolated(depths, middle), pipe_state, pump)
        if middle + 0.5 * step_s * out < fixed:
            low = middle
        else:
            high = middle
    new = 0.5 * (low + high) if fixed > 0.0 else 0.0
    return new, before, _interpolated(depths, new), 0.0


@njit(cache=True, _nrt=False)
def _network_step(  # type: ignore[no-untyped-def]
    first, last, order, upper, lower, pipes, section, tables, steady, rating, pump, storage, depths, capacity,
    volume, pipe_state, mean, flow, step_s, totals, record,
):  # fmt: skip
    """One step of the links ``order[first:last]``, each after those above it.

    ``mean`` and ``flow``, (N,), hold the lateral inflow of each node before, all its inflow after: the mean
    of the step, and at its end.
    """
    place = first
    while place < last:
        link = order[place]
        node = upper[link]
        stop = place + 1
        if storage[node] >= 0:
            while stop < last and upper[order[stop]] == node:
                stop += 1
            row = storage[node]
            old = volume[row]
            new, before, after, spilled = _storage_step(
                place, stop, order, rating, pump, depths[row], capacity[row], old, pipe_state, mean[node],
                step_s,
            )  # fmt: skip
            wanted = 0.0
            for k in range(place, stop):
                if pump[order[k], 1] <= 0.0 or pipe_state[order[k], RUNNING] > 0.5:
                    wanted += 0.5 * (
                        _interpolated(rating[order[k]], before) + _interpolated(rating[order[k]], after)
                    )
            given = mean[node] + (old - new) / step_s - spilled
            volume[row] = new
            totals[node, FLOODED] += spilled * step_s
        for k in range(place, stop):
            link = order[k]
            mean_in, flow_in = mean[node], flow[node]
            if storage[node] >= 0:
                mean_in = 0.0
                flow_in = 0.0
                if wanted > 0.0 and (pump[link, 1] <= 0.0 or pipe_state[link, RUNNING] > 0.5):
                    flow_in = _interpolated(rating[link], after)
                    mean_in = 0.5 * (_interpolated(rating[link], before) + flow_in) * given / wanted
            full = pipes[link, FULL_FLOW_M3_S]
            if pipes[link, LENGTH_M] <= 0.0:
                out, end, flooded = mean_in, flow_in, 0.0
            elif steady:
                out, end, flooded = min(mean_in, full), min(flow_in, full), max(mean_in - full, 0.0)
            else:
                out, end, flooded = conduit_step(
                    pipes[link], pipe_state[link], tables[section[link]], mean_in, flow_in, step_s
                )
            totals[node, FLOODED] += flooded * step_s
            record[link, OFFERED_M3_S] = max(record[link, OFFERED_M3_S], mean_in)
            record[link, PASSED_M3_S] = max(record[link, PASSED_M3_S], end)
            if flooded > 0.0:
                record[link, FLOODING_S] += step_s
            mean[lower[link]] += out
            flow[lower[link]] += end
        place = stop


@njit(cache=True, _nrt=False)
def _active(first, last, order, upper, pipe_state, storage, volume):  # type: ignore[no-untyped-def]
    """Whether any link of a part of the network moves or holds water, or any storage does."""
    for place in range(first, last):
        link = order[place]
        if pipe_state[link, VOLUME] + pipe_state[link, END_FLOW] > 0.0:
            return True
        row = storage[upper[link]]
        if row >= 0 and volume[row] > 0.0:
            return True
    return False


@njit(cache=True, parallel=True)
def route_network(  # type: ignore[no-untyped-def]
    inflow_m3_s, interval_s, step_s, upper, lower, order, first_link, nodes, first_node, outlet, pipes,
    section, tables, steady, rating, pump, storage, depths, capacity, volume, pipe_state, flow_m3_s, record,
):  # fmt: skip
    """Route the lateral inflow of nodes through a network whose parts run side by side.

    An interval has as many steps as inflow and outflow change, none longer than it and none shorter than
    ``step_s``; no steps are taken while no water comes and none is left.

    Args:
        inflow_m3_s: (N, K) float64, mean inflow of each node in each interval.
        interval_s: length of an interval.
        step_s: shortest step.
        upper: (C,) int64, node above each link.
        lower: (C,) int64, node below it.
        order: (C,) int64, links by part, each after those above it, the links of a node together.
        first_link: (P + 1,) int64, places of the parts in ``order``.
        nodes: (N,) int64, nodes by part.
        first_node: (P + 1,) int64, places of the parts in ``nodes``.
        outlet: (N,) int64, row of ``flow_m3_s`` of a node without a link below it, -1 for others.
        pipes: (C, PIPE_COLUMNS) float64.
        section: (C,) int64, row of ``tables``.
        tables: (S, 2, SECTION_CELLS + 1, 2) float64 of :mod:`twin.kernels.pipe_sections`.
        steady: pass on at once what comes, instead of the kinematic wave.
        rating: (C, R, 2) float64, depth of the storage above a link and its flow, m and m³/s, depths rising.
        pump: (C, 2) float64, depths at which a pump starts and stops, m; 0, 0 for what always runs.
        storage: (N,) int64, row of ``depths`` and ``volume``, -1 for junctions and outfalls.
        depths: (V, D, 2) float64, volume and depth of a storage, both rising, m³ and m.
        capacity: (V,) float64, m³.
        volume: (V,) float64, m³, changed.
        pipe_state: (C, PIPE_STATE) float64, changed.
        flow_m3_s: (O, K) float64 to receive the mean outflow of each outlet.
        record: (C, LINK_RECORD) float64, zeros, to receive the record of each link.

    Returns:
        totals of the nodes (N, NODE_TOTALS), m³, and the highest outflow of each outlet at the end of a step,
        (O,) m³/s.
    """
    count, intervals = inflow_m3_s.shape
    totals = np.zeros((count, NODE_TOTALS))
    peak = np.zeros(flow_m3_s.shape[0])
    mean, flow = np.zeros(count), np.zeros(count)
    for part in prange(first_node.shape[0] - 1):
        start, stop = first_link[part], first_link[part + 1]
        least = STILL_M3_S
        for place in range(start, stop):
            least = max(least, NEGLIGIBLE * pipes[order[place], FULL_FLOW_M3_S])
        out_before = 0.0
        changed = 0.0
        for k in range(intervals):
            came = 0.0
            change = 0.0
            for place in range(first_node[part], first_node[part + 1]):
                inflow = inflow_m3_s[nodes[place], k]
                came += inflow
                change += abs(inflow - (inflow_m3_s[nodes[place], k - 1] if k > 0 else 0.0))
            if came <= 0.0 and not _active(start, stop, order, upper, pipe_state, storage, volume):
                out_before = 0.0
                changed = 0.0
                continue
            most = int(np.ceil(interval_s / step_s - 1e-9))
            steps = int(
                min(max(change, changed) / max(CHANGE * came, CHANGE * out_before, least) + 1.0, most)
            )
            length_s = interval_s / steps
            out_end = 0.0
            for _ in range(steps):
                for place in range(first_node[part], first_node[part + 1]):
                    node = nodes[place]
                    mean[node] = inflow_m3_s[node, k]
                    flow[node] = mean[node]
                    totals[node, LATERAL] += mean[node] * length_s
                _network_step(
                    start, stop, order, upper, lower, pipes, section, tables, steady, rating, pump, storage,
                    depths,
                    capacity, volume, pipe_state, mean, flow, length_s, totals, record,
                )  # fmt: skip
                out_end = 0.0
                for place in range(first_node[part], first_node[part + 1]):
                    node = nodes[place]
                    row = outlet[node]
                    if row >= 0:
                        totals[node, LEFT] += mean[node] * length_s
                        flow_m3_s[row, k] += mean[node] / steps
                        peak[row] = max(peak[row], flow[node])
                        out_end += flow[node]
            changed = abs(out_end - out_before)
            out_before = out_end
    return totals, peak


def pipe_volume_m3(pipes: Floats, pipe_state: Floats) -> Floats:
    """Water in each link, (C,) m³."""
    return np.asarray(pipes[:, LENGTH_M] * pipes[:, FULL_AREA_M2] * pipe_state[:, VOLUME])
