from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.drainage import drainage_order, simulate_subcatchments
from twin.kernels.infiltration import (
    CURVE_NUMBER,
    GREEN_AMPT,
    HORTON,
    STATE_COLUMNS,
    curve_number_step,
    green_ampt_step,
    horton_step,
    initial_state,
    modified_horton_step,
)
from twin.kernels.lid import UNIT_COLUMNS, UNIT_STATE
from twin.kernels.nonlinear_reservoir import reservoir_tables
from twin.kernels.subcatchment_parts import (
    CATCHMENT_COLUMNS,
    EVAPORATED,
    INFILTRATED,
    ONTO_PERVIOUS,
    ONTO_SEALED,
    RAIN,
    RUNOFF,
    SEALED_N,
    STORED,
    SURFACE_COLUMNS,
)

MM_H = 1 / 3.6e6
SOILS = {
    HORTON: [60 * MM_H, 4 * MM_H, 4 / 3600, 6.5e-6, 0.0],
    GREEN_AMPT: [0.11, 10.9 * MM_H, 0.25, 0.0, 0.0],
    CURVE_NUMBER: [25.4e-3 * (1000 / 80 - 10), 1 / 7 / 86400, 0.0, 0.0, 0.0],
}
NO_FLOW = np.zeros((0, 0))


def catchment(sealed: float) -> np.ndarray:
    site = np.zeros((1, CATCHMENT_COLUMNS))
    site[0] = [10000.0, sealed, 80.0, 0.01, 0.013, 0.2, 0.0015, 0.005, 0.25, 0.0, 0.0]
    return site


def run(
    rain_mm_h,
    sealed: float | np.ndarray,
    model: int,
    flow: np.ndarray = NO_FLOW,
    evaporation: float = 0.0,
    step: float = 60.0,
):  # type: ignore[no-untyped-def]
    soil = np.array([SOILS[model]])
    rain = np.asarray(rain_mm_h, np.float64) * MM_H
    outlet = np.array([-1])
    totals, peak, _ = simulate_subcatchments(
        rain[None, :], False, np.arange(1, len(rain) + 1), 300.0, np.full(len(rain), evaporation), np.ones(len(rain)), np.zeros(len(rain), np.int64), 1,
        catchment(sealed) if isinstance(sealed, float) else sealed, model, soil, initial_state(model, soil), np.zeros((1, SURFACE_COLUMNS)), outlet, np.zeros(1, np.int64),
        *drainage_order(outlet),
        step, 300.0, False, False, reservoir_tables(), np.zeros((0, UNIT_COLUMNS)), np.zeros(2, np.int64),
        np.zeros((0, UNIT_STATE)), flow, NO_FLOW,
    )  # fmt: skip
    return totals[:, 0], peak


def storms(intervals: int = 2000) -> np.ndarray:
    random = np.random.default_rng(1)
    return np.where(random.random(intervals) < 0.08, random.exponential(15.0, intervals), 0.0)


@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT, CURVE_NUMBER])
def test_water_is_conserved(model: int) -> None:
    flow = np.zeros((1, 2000))
    totals, peak = run(storms(), 0.4, model, flow, evaporation=3e-3 / 86400)
    (total,) = totals
    out = total[EVAPORATED] + total[INFILTRATED] + total[RUNOFF] + total[STORED]
    assert out == pytest.approx(total[RAIN], abs=1e-12)
    assert flow.sum() * 300 / 10000 == pytest.approx(total[RUNOFF])
    assert peak[0] >= flow.max()
    assert (total >= 0).all()


def test_a_sealed_catchment_reaches_the_rational_flow() -> None:
    totals, peak = run(np.full(200, 36.0), 1.0, HORTON)
    assert peak[0] == pytest.approx(36.0 * MM_H * 10000, rel=1e-6)
    assert totals[0, STORED] > 0.0015 * 0.75  # its depression, and what flows


def test_an_even_rain_gives_one_answer_for_any_step() -> None:
    fine, coarse = (run(np.full(24, 20.0), 1.0, HORTON, step=step)[0][0] for step in (1.0, 300.0))
    assert fine == pytest.approx(coarse, abs=1e-10)


def test_horton_under_a_flood_follows_its_curve() -> None:
    # F(t) = f∞ t + (f₀ - f∞) / k (1 - e^(-kt)): 4 + 56 / 4 (1 - e^-4) = 17.744 mm in an hour.
    state = np.zeros(STATE_COLUMNS)
    taken = sum(60.0 * horton_step(state, 1.0, 60.0, *SOILS[HORTON]) for _ in range(60))
    assert taken == pytest.approx(17.744e-3, abs=1e-6)
    assert state[0] == pytest.approx(3600.0)


def test_horton_takes_a_light_rain_whole_and_recovers() -> None:
    state = np.zeros(STATE_COLUMNS)
    assert horton_step(state, 3 * MM_H, 3600.0, *SOILS[HORTON]) == pytest.approx(3 * MM_H)
    # 3 mm lie on the curve where 4 t + 14 (1 - e^(-4t)) = 3, t in hours.
    hours = state[0] / 3600
    assert 4 * hours + 14 * (1 - np.exp(-4 * hours)) == pytest.approx(3.0, abs=1e-4)
    horton_step(state, 0.0, 30 * 86400.0, *SOILS[HORTON])
    assert state[0] < 1.0


def test_green_ampt_under_a_flood_solves_its_equation() -> None:
    suction, conductivity, deficit, *_ = SOILS[GREEN_AMPT]
    state = initial_state(GREEN_AMPT, np.array([SOILS[GREEN_AMPT]]))[0]
    taken = sum(
        60.0 * green_ampt_step(state, 1000 * MM_H, 0.0, 60.0, suction, conductivity, deficit, False)
        for _ in range(60)
    )
    head = suction * deficit
    assert taken - head * np.log(1 + taken / head) == pytest.approx(conductivity * 3600, rel=5e-3)


def test_green_ampt_ponds_when_mein_and_larson_say() -> None:
    # Rain of 3 K ponds after F = ψ Δθ / (i / K - 1) = 0.11 · 0.25 / 2 = 13.75 mm, that is 25.2 min.
    suction, conductivity, deficit, *_ = SOILS[GREEN_AMPT]
    state = initial_state(GREEN_AMPT, np.array([SOILS[GREEN_AMPT]]))[0]
    rain = 3 * conductivity
    minute = 0
    while minute < 60:
        minute += 1
        if green_ampt_step(state, rain, 0.0, 60.0, suction, conductivity, deficit, False) < rain * (1 - 1e-9):
            break
    assert minute == pytest.approx(13.75e-3 / rain / 60, abs=1.0)


def test_the_curve_number_gives_its_event_infiltration() -> None:
    # S = 63.5 mm, P = 40 mm: F = P S / (P + S) = 24.54 mm.
    retention, recovery, *_ = SOILS[CURVE_NUMBER]
    state = initial_state(CURVE_NUMBER, np.array([SOILS[CURVE_NUMBER]]))[0]
    taken = sum(60.0 * curve_number_step(state, 40 * MM_H, 0.0, 60.0, retention, recovery) for _ in range(60))
    assert taken == pytest.approx(40e-3 * 63.5 / 103.5, rel=1e-3)


def test_horton_stops_when_the_soil_is_full() -> None:
    state = np.zeros(6)
    taken = sum(60.0 * horton_step(state, 1.0, 60.0, *SOILS[HORTON][:4], 0.012) for _ in range(60))
    assert taken == pytest.approx(0.012)


def test_modified_horton_decays_with_what_has_infiltrated() -> None:
    # dF/dt = f0 - k F - f of what infiltrates in excess of f: F = (f0 - f) / k (1 - e^(-k t)).
    first, last, decay, recovery, _ = SOILS[HORTON]
    state = np.zeros(6)
    taken = sum(modified_horton_step(state, 1.0, 1.0, first, last, decay, recovery) for _ in range(3600))
    excess = (first - last) / decay * (1.0 - np.exp(-decay * 3600.0))
    assert taken == pytest.approx(last * 3600.0 + excess, rel=1e-3)
    modified_horton_step(state, 0.0, 86400.0, first, last, decay, recovery)
    assert state[0] == pytest.approx(excess * np.exp(-recovery * 86400.0), rel=1e-3)


@pytest.mark.parametrize("column", [ONTO_PERVIOUS, ONTO_SEALED])
def test_what_runs_onto_the_other_part_is_conserved(column: int) -> None:
    site = catchment(0.4)
    site[0, column] = 1.0
    rain = storms(600)
    (apart,), _ = run(rain, 0.4, HORTON)
    (joined,), _ = run(rain, site, HORTON)
    left = joined[EVAPORATED] + joined[INFILTRATED] + joined[RUNOFF] + joined[STORED]
    assert left == pytest.approx(joined[RAIN])
    if column == ONTO_PERVIOUS:
        assert joined[INFILTRATED] > apart[INFILTRATED] + 0.2 * apart[RUNOFF]


def test_ground_without_roughness_drains_at_once() -> None:
    site = catchment(1.0)
    site[0, SEALED_N] = 0.0
    (found,), peak = run([20.0] * 12 + [0.0] * 12, site, HORTON)
    assert found[RUNOFF] == pytest.approx(0.020 - 0.75 * 0.0015)
    assert peak[0] == pytest.approx(20 * MM_H * 10000.0)


@pytest.mark.parametrize("model", [HORTON, GREEN_AMPT, CURVE_NUMBER])
def test_booked_as_swmm_one_alone_equals_two_alike_that_take_their_steps_together(model: int) -> None:
    # Alone, ground that takes in all the rain of a spell is one step; in company every step is taken.
    soil = np.array([SOILS[model]] * 2)
    rain = np.repeat(storms(500), 4)[None, :] * MM_H
    until = np.concatenate([np.flatnonzero(np.diff(rain[0])) + 1, [2000]])
    until = until[np.searchsorted(until, np.arange(2000), side="right")]

    def run_both(first_member: list[int]) -> tuple[np.ndarray, ...]:
        totals, peak, _ = simulate_subcatchments(
            rain, False, until, 300.0, np.full(2000, 3e-3 / 86400), np.ones(2000), np.zeros(2000, np.int64), 1,
            np.repeat(catchment(0.4), 2, axis=0), model, soil, initial_state(model, soil),
            np.zeros((2, SURFACE_COLUMNS)), np.array([-1, -1]), np.zeros(2, np.int64), np.arange(2), np.array(first_member), 60.0, 3600.0, True, False,
            reservoir_tables(), np.zeros((0, UNIT_COLUMNS)), np.zeros(3, np.int64),
            np.zeros((0, UNIT_STATE)), NO_FLOW, NO_FLOW,
        )  # fmt: skip
        return totals[0, 0], peak

    (alone, peak), (together, other_peak) = run_both([0, 1, 2]), run_both([0, 2])
    assert alone == pytest.approx(together, rel=1e-9)
    assert peak == pytest.approx(other_peak, rel=1e-9)
    assert alone[RUNOFF] > 0.1 * alone[RAIN]
    assert alone[INFILTRATED] > 0.1 * alone[RAIN]
