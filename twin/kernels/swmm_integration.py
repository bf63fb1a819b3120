"""The integration of SWMM: Manning's flow as it writes it, and its Runge-Kutta steps of adaptive length."""

from __future__ import annotations

from numba import njit

SWMM_EXPONENT = 1.6666667  # 5/3 as SWMM writes it
FEET = 0.3048 ** (5.0 / 3.0 - SWMM_EXPONENT)  # SWMM raises feet to it


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
    """Manning's flow, m/s, with SWMM's exponent of the depth in feet.

    A power, not a cube root: the drain of a LID unit can open and shut by its last digits.
    """
    return a * FEET * above_m**SWMM_EXPONENT


@njit(cache=True, _nrt=False)
def _change(depth_m, depression_m, inflow_m_s, a):  # type: ignore[no-untyped-def]
    """Rise of the depth, m/s."""
    above = depth_m - depression_m
    return inflow_m_s - flow_as_swmm(above, a) if above > 0.0 else inflow_m_s
