"""Infiltration into soil: Horton, Green and Ampt, curve number, each with recovery between rains.

The methods of EPA SWMM 5 (Reference Manual volume I, EPA/600/R-15/162A, chapter 4), in metres and
seconds. Each function takes one step and a state row of ``STATE_COLUMNS`` values that it changes, and returns
the mean infiltration rate of the step; the caller limits it to the water that evaporation leaves.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

HORTON, GREEN_AMPT, CURVE_NUMBER, MODIFIED_HORTON, MODIFIED_GREEN_AMPT = range(5)
SOIL_COLUMNS = 5
NO_SOIL = np.zeros(SOIL_COLUMNS)
STATE_COLUMNS = 6
DRY_M_S = 1e-10 * 0.3048  # supply below this is none
M_PER_INCH = 0.0254
PONDED_M = 0.05 * M_PER_INCH  # a surface holds water to go on infiltrating from above this depth
INCH_H = M_PER_INCH / 3600.0
TOLERANCE_M = 1e-5 * 0.3048


@njit(cache=True, _nrt=False)
def horton_step(  # type: ignore[no-untyped-def]
    state, supply_m_s, step_s, initial_m_s, final_m_s, decay_1_s, recovery_1_s, most_m
):
    """Horton's f = f∞ + (f₀ - f∞) e^(-kt) on its cumulative curve (section 4.2).

    state[0] is the place t on the curve, s, state[1] what has infiltrated, m, up to ``most_m`` unless that is
    0. ``supply_m_s`` is rain plus ponded depth over the step.
    """
    if supply_m_s <= DRY_M_S:
        if recovery_1_s > 0.0 and initial_m_s > final_m_s and decay_1_s > 0.0:
            spent = 1.0 - math.exp(-decay_1_s * state[0])
            t = -math.log(1.0 - math.exp(-recovery_1_s * step_s) * spent) / decay_1_s
            state[0] = t
            if most_m > 0.0:
                spent = 1.0 - math.exp(-decay_1_s * t)
                state[1] = final_m_s * t + (initial_m_s - final_m_s) / decay_1_s * spent
        return 0.0
    rate = _horton_rate(state, supply_m_s, step_s, initial_m_s, final_m_s, decay_1_s)
    if most_m > 0.0:
        rate = max(min(rate, (most_m - state[1]) / step_s), 0.0)
        state[1] += rate * step_s
    return rate


@njit(cache=True, _nrt=False)
def _horton_rate(state, supply_m_s, step_s, initial_m_s, final_m_s, decay_1_s):  # type: ignore[no-untyped-def]
    """Mean infiltration rate of a wet step, which moves state[0] along the curve."""
    t = state[0]
    fall = initial_m_s - final_m_s
    if fall <= 0.0 or decay_1_s <= 0.0:
        return min(initial_m_s, supply_m_s)
    before = final_m_s * t + fall / decay_1_s * (1.0 - math.exp(-decay_1_s * t))
    end = t + step_s
    after = final_m_s * end + fall / decay_1_s * (1.0 - math.exp(-decay_1_s * end))
    capacity = max((after - before) / step_s, final_m_s)
    if supply_m_s >= capacity:
        state[0] = end
        return capacity
    # Less than the capacity came: move along the curve to where it has taken in just that.
    target = before + supply_m_s * step_s
    t += 0.5 * step_s
    for _ in range(20):
        decayed = math.exp(-decay_1_s * t)
        excess = final_m_s * t + fall / decay_1_s * (1.0 - decayed) - target
        change = excess / (final_m_s + fall * decayed)
        t -= change
        if abs(change) <= 1e-6 * step_s:
            break
    state[0] = t
    return supply_m_s


@njit(cache=True, _nrt=False)
def modified_horton_step(  # type: ignore[no-untyped-def]
    state, supply_m_s, step_s, initial_m_s, final_m_s, decay_1_s, recovery_1_s
):
    """Horton's method modified: f = f₀ - k F of what infiltrated in excess of f∞ (section 4.3).

    state[0] is that excess F, m.
    """
    if supply_m_s <= DRY_M_S:
        state[0] *= math.exp(-recovery_1_s * step_s)
        return 0.0
    rate = min(max(initial_m_s - decay_1_s * state[0], final_m_s), supply_m_s)
    state[0] += max(rate - final_m_s, 0.0) * step_s
    return rate


@njit(cache=True, _nrt=False)
def horton_capacity(t, initial_m_s, final_m_s, decay_1_s):  # type: ignore[no-untyped-def]
    """Horton's infiltration capacity at a place t on the curve, m/s."""
    return final_m_s + (initial_m_s - final_m_s) * math.exp(-decay_1_s * t)


@njit(cache=True, _nrt=False)
def green_ampt_step(  # type: ignore[no-untyped-def]
    state, rain_m_s, depth_m, step_s, suction_m, conductivity_m_s, deficit, modified
):
    """Green and Ampt with Mein and Larson's ponding and an upper zone that dries between rains (section 4.4).

    state: cumulative infiltration of the event F, water in the upper zone, moisture deficit, time until the
    next event is new (s), 1 when the surface is saturated. ``modified``: rain below the conductivity does not
    begin a new event (SWMM's modified method, which it uses for the soil of LID units).
    """
    upper_zone_m = 4.0 * math.sqrt(conductivity_m_s / INCH_H) * M_PER_INCH
    upper_limit = deficit * upper_zone_m
    recovery_1_s = math.sqrt(conductivity_m_s / INCH_H) / 75.0 / 3600.0
    pause_s = 0.06 / recovery_1_s
    state[3] -= step_s
    supply = rain_m_s + depth_m / step_s
    saturated = state[4] > 0.5
    if not saturated:
        if supply <= DRY_M_S:
            if state[1] <= 0.0:
                return 0.0
            dried = recovery_1_s * upper_limit * step_s
            state[0] -= dried
            state[1] -= dried
            if state[1] <= 0.0:
                state[0] = 0.0
                state[1] = 0.0
                state[2] = deficit
            elif state[3] <= 0.0:
                state[2] = (upper_limit - state[1]) / upper_zone_m
                state[0] = 0.0
            return 0.0
        if supply <= conductivity_m_s:
            state[0] += supply * step_s
            state[1] = min(state[1] + supply * step_s, upper_limit)
            if state[3] <= 0.0 and not modified:
                state[2] = (upper_limit - state[1]) / upper_zone_m
                state[0] = 0.0
            return supply
        state[3] = pause_s
        head = (suction_m + depth_m) * state[2]
        at_ponding = conductivity_m_s * head / (supply - conductivity_m_s)
        if state[0] + supply * step_s < at_ponding:
            state[0] += supply * step_s
            state[1] = min(state[1] + supply * step_s, upper_limit)
            return supply
        if state[0] <= at_ponding:  # the surface ponds within the step
            ponded_s = max(step_s - (at_ponding - state[0]) / supply, 0.0)
            total = _green_ampt_total(at_ponding, head, conductivity_m_s, ponded_s)
            taken = min(total - state[0], supply * step_s)
            state[0] += taken
            state[1] = min(state[1] + taken, upper_limit)
            state[4] = 1.0
            return taken / step_s
    elif supply <= DRY_M_S:
        return 0.0
    state[3] = pause_s
    head = (suction_m + depth_m) * state[2]
    taken = _green_ampt_total(state[0], head, conductivity_m_s, step_s) - state[0]
    state[4] = 1.0
    if taken > supply * step_s:
        taken = supply * step_s
        state[4] = 0.0
    state[0] += taken
    state[1] = min(state[1] + taken, upper_limit)
    return taken / step_s


@njit(cache=True, _nrt=False)
def _green_ampt_total(start_m, head_m, conductivity_m_s, step_s):  # type: ignore[no-untyped-def]
    """Cumulative infiltration after a ponded step: F - F₁ - C ln((F + C) / (F₁ + C)) = K Δt.

    Newton's method from F₁ with SWMM's tolerance, which leaves F up to 3 μm too large.
    """
    least = start_m + conductivity_m_s * step_s
    if head_m <= 0.0 or step_s <= 0.0:
        return least
    if step_s < 10.0 and start_m > 0.01 * head_m:
        return start_m + conductivity_m_s * (1.0 + head_m / start_m) * step_s
    total = start_m
    for _ in range(20):
        value = total - least - head_m * math.log((total + head_m) / (start_m + head_m))
        change = value * (total + head_m) / max(total, 1e-12)
        if abs(change) < TOLERANCE_M:
            return max(total, least)
        total -= change
    return least


@njit(cache=True, _nrt=False)
def curve_number_step(state, rain_m_s, depth_m, step_s, retention_m, recovery_1_s):  # type: ignore[no-untyped-def]
    """The curve number method step by step: F = P (1 - P / (P + S)) within an event (section 4.5).

    state: remaining retention S, rain of the event P, infiltration of the event F, dry time (s), retention at
    the event's start, last rate. ``retention_m`` is S_max = 25.4 (1000 / CN - 10) mm.
    """
    rate = 0.0
    if rain_m_s > DRY_M_S:
        if state[3] >= 0.06 / recovery_1_s:
            state[1] = 0.0
            state[2] = 0.0
            state[4] = state[0]
        state[3] = 0.0
        state[1] += rain_m_s * step_s
        if state[0] > 0.0:
            total = state[1] * (1.0 - state[1] / (state[1] + state[4]))
            rate = max((total - state[2]) / step_s, 0.0)
    elif depth_m > PONDED_M and state[0] > 0.0:
        rate = min(state[5], state[0] / step_s)
    else:
        state[3] += step_s
    if rate > 0.0:
        rate = min(rate, rain_m_s + depth_m / step_s)
        state[0] = max(state[0] - rate * step_s, 0.0)
        state[2] += rate * step_s
    else:
        state[0] = min(state[0] + recovery_1_s * retention_m * step_s, retention_m)
    state[5] = rate
    return rate


@njit(cache=True, _nrt=False)
def infiltration_step(model, state, soil, rain, run_on, depth, step_s):  # type: ignore[no-untyped-def]
    """Mean infiltration rate of pervious ground by one of the methods; run-on in m/s over it."""
    if model == HORTON:
        supply = rain + run_on + depth / step_s
        return horton_step(state, supply, step_s, soil[0], soil[1], soil[2], soil[3], soil[4])
    if model == MODIFIED_HORTON:
        supply = rain + run_on + depth / step_s
        return modified_horton_step(state, supply, step_s, soil[0], soil[1], soil[2], soil[3])
    if model == CURVE_NUMBER:
        return curve_number_step(state, rain, depth + run_on * step_s, step_s, soil[0], soil[1])
    modified = model == MODIFIED_GREEN_AMPT
    return green_ampt_step(state, rain + run_on, depth, step_s, soil[0], soil[1], soil[2], modified)


@njit(cache=True, _nrt=False)
def takes_all(model, state, soil, supply, depth, length_s):  # type: ignore[no-untyped-def]
    """Whether dry pervious ground takes in all that comes in a time, which one step then gives exactly."""
    if depth > 0.0:
        return False
    if supply == 0.0:
        return True
    if model == HORTON:
        return soil[4] == 0.0 and supply <= horton_capacity(state[0] + length_s, soil[0], soil[1], soil[2])
    if model in (GREEN_AMPT, MODIFIED_GREEN_AMPT) and state[4] < 0.5:
        return supply <= soil[1] or state[0] + supply * length_s < soil[1] * soil[0] * state[2] / (
            supply - soil[1]
        )
    return False


def initial_state(model: int, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """State rows, shape (n, STATE_COLUMNS), of soils at the start: dry, or with the deficit that is stated.

    ``parameters`` (n, SOIL_COLUMNS), unused ones 0: Horton f₀, f∞ (m/s), k, recovery (1/s), largest volume
    (m, 0 for none); Green-Ampt suction (m), conductivity (m/s), deficit; curve number S_max (m), recovery
    (1/s).
    """
    state = np.zeros((len(parameters), STATE_COLUMNS))
    if model in (GREEN_AMPT, MODIFIED_GREEN_AMPT):
        state[:, 2] = parameters[:, 2]
    elif model == CURVE_NUMBER:
        state[:, 0] = state[:, 4] = parameters[:, 0]
    return state
