from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.nonlinear_reservoir import (
    LONGEST_DRYING,
    reservoir_step,
    reservoir_tables,
)
from twin.kernels.swmm_integration import integrate_as_swmm


@pytest.fixture(scope="module")
def tables() -> np.ndarray:
    return reservoir_tables()


def integrated(depth: float, inflow: float, a: float, duration: float, steps: int = 20000) -> float:
    """The same by many small Runge-Kutta steps, stopping at an empty surface."""
    h = duration / steps

    def slope(x: float) -> float:
        return inflow - a * max(x, 0.0) ** (5 / 3)

    for _ in range(steps):
        k1 = slope(depth)
        k2 = slope(depth + 0.5 * h * k1)
        k3 = slope(depth + 0.5 * h * k2)
        k4 = slope(depth + h * k3)
        depth += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if depth <= 0.0 and inflow <= 0.0:
            return 0.0
    return depth


@pytest.mark.parametrize("depth_m", [0.0, 1e-5, 0.002, 0.05])
@pytest.mark.parametrize("inflow_mm_h", [-40.0, -3.0, 0.0, 0.5, 20.0, 200.0])
@pytest.mark.parametrize("duration_s", [10.0, 300.0])
def test_a_step_equals_the_integrated_equation(
    tables: np.ndarray, depth_m: float, inflow_mm_h: float, duration_s: float
) -> None:
    a = 0.1 / (0.013 * 30)
    inflow = inflow_mm_h / 3.6e6
    ours, _ = reservoir_step(depth_m, inflow, a, duration_s, tables)
    assert ours == pytest.approx(integrated(depth_m, inflow, a, duration_s), rel=2e-7, abs=1e-10)


def test_two_half_steps_are_one(tables: np.ndarray) -> None:
    random = np.random.default_rng(2)
    for _ in range(300):
        a, inflow = 10 ** random.uniform(-3, 0.5), random.choice([-1, 1]) * 10 ** random.uniform(-8, -4.5)
        depth, duration = 10 ** random.uniform(-6, -1), 10 ** random.uniform(0, 4)
        whole, _ = reservoir_step(depth, inflow, a, duration, tables)
        half, _ = reservoir_step(depth, inflow, a, duration / 2, tables)
        assert reservoir_step(half, inflow, a, duration / 2, tables)[0] == pytest.approx(
            whole, rel=1e-6, abs=1e-11
        )


def test_a_long_rain_ends_in_the_steady_state(tables: np.ndarray) -> None:
    a, inflow = 0.2, 30 / 3.6e6
    depth, _ = reservoir_step(0.0, inflow, a, 1e6, tables)
    assert a * depth ** (5 / 3) == pytest.approx(inflow, rel=1e-12)
    from_above, _ = reservoir_step(0.3, inflow, a, 1e6, tables)
    assert from_above == pytest.approx(depth, rel=1e-12)


def test_the_recession_follows_its_closed_form(tables: np.ndarray) -> None:
    a, start = 0.05, 0.01
    for seconds in (1.0, 60.0, 3600.0, 1e5):
        expected = (start ** (-2 / 3) + 2 / 3 * a * seconds) ** -1.5
        assert reservoir_step(start, 0.0, a, seconds, tables)[0] == pytest.approx(expected, rel=1e-14)
        if seconds < 1e4:  # later the tiny inflow counts
            assert reservoir_step(start, 1e-14, a, seconds, tables)[0] == pytest.approx(expected, rel=1e-6)


def test_a_drying_surface_tells_when_it_was_empty(tables: np.ndarray) -> None:
    # From any depth it takes at most T x_e / |i|; T = 0.6 π / sin 0.6 π = 1.98196.
    assert pytest.approx(1.98196, abs=1e-6) == LONGEST_DRYING
    a, loss = 0.1, 5 / 3.6e6
    unit_s = (loss / a) ** 0.6 / loss
    depth, empty_s = reservoir_step(1e6, -loss, a, 3 * unit_s, tables)
    assert depth == 0.0
    assert empty_s == pytest.approx((3 - LONGEST_DRYING) * unit_s, rel=1e-3)


def test_the_tables_are_inverse_pairs(tables: np.ndarray) -> None:
    assert tables.shape[0] == 6
    for row in (0, 2, 4):
        forward = np.interp(tables[row + 1, :, 0], np.linspace(0, 1, tables.shape[1]), tables[row, :, 0])
        assert forward == pytest.approx(np.linspace(0, 1, tables.shape[1]), abs=2e-6)
        assert (np.diff(tables[row, :, 0]) > 0).all()


def test_the_integration_of_swmm_keeps_its_tolerance() -> None:
    # Recession in closed form; depth of equilibrium under steady rain.
    a, start = 0.2, 0.01
    closed = (start ** (-2 / 3) + 2 / 3 * a * 600.0) ** -1.5
    assert integrate_as_swmm(0.002 + start, 0.002, 0.0, a, 600.0) == pytest.approx(0.002 + closed, rel=1e-4)
    rain = 1e-5
    assert integrate_as_swmm(0.0, 0.0, rain, a, 1e5) == pytest.approx((rain / a) ** 0.6, rel=1e-4)
    assert integrate_as_swmm(0.001, 0.002, 1e-6, a, 60.0) == pytest.approx(0.001 + 6e-5)
