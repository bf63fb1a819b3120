"""Walls, windows, films and ground: against published and analytic values."""

from __future__ import annotations

import cmath
from math import pi, sqrt

import numpy as np
import pytest

from tests.twin.kernels.bestest import LIGHT_ROOF, LIGHT_WALL
from twin.kernels.thermal import conduction
from twin.kernels.thermal.conduction import Layer, Wall, node_chain, u_value, wall
from twin.kernels.thermal.convection import buoyancy_factors, cube_root
from twin.kernels.thermal.glazing import Pane, clear_double, from_u_and_shgc, stack
from twin.kernels.thermal.ground import Soil, damped_ground_temperature, slab_on_ground
from twin.kernels.thermal.longwave import mean_radiant_factors

CONCRETE = Layer(0.2, 1.74, 2500, 920)


def test_u_values_of_the_bestest_walls() -> None:
    # ASHRAE 140, case 600: air-to-air 0.514 and 0.318 W/(m²K) with 8.29 inside and 29.3 outside.
    assert u_value(LIGHT_WALL, 1 / 8.29, 1 / 29.3) == pytest.approx(0.514, abs=0.001)
    assert u_value(LIGHT_ROOF, 1 / 8.29, 1 / 29.3) == pytest.approx(0.318, abs=0.001)


def test_nodes_keep_the_resistance_and_the_heat_capacity() -> None:
    resistance, capacity = node_chain((*LIGHT_WALL, CONCRETE), 900)
    assert resistance.sum() == pytest.approx(sum(layer.resistance_m2k_w for layer in (*LIGHT_WALL, CONCRETE)))
    heat = sum(
        layer.thickness_m * layer.density_kg_m3 * layer.specific_heat_j_kgk
        for layer in (*LIGHT_WALL, CONCRETE)
    )
    assert capacity.sum() == pytest.approx(heat)


def periodic_transmittance(layers: tuple[Layer, ...], inside: float, outside: float) -> complex:
    """-1 / Z12 of EN ISO 13786:2017 for a period of 24 h."""
    matrix = np.array([[1, -inside], [0, 1]], complex)
    for layer in reversed(layers):
        depth = sqrt(layer.conductivity_w_mk * 86400 / (pi * layer.density_kg_m3 * layer.specific_heat_j_kgk))
        x = layer.thickness_m / depth * (1 + 1j)
        diagonal = cmath.cosh(x)
        upper = -cmath.sinh(x) * depth / (layer.conductivity_w_mk * (1 + 1j))
        lower = -cmath.sinh(x) * layer.conductivity_w_mk * (1 + 1j) / depth
        matrix = np.array([[diagonal, upper], [lower, diagonal]]) @ matrix
    matrix = np.array([[1, -outside], [0, 1]], complex) @ matrix
    return complex(-1 / matrix[0, 1])


@pytest.mark.parametrize(
    "layers", [(CONCRETE,), (Layer(0.1, 0.04, 30, 1400), CONCRETE), (CONCRETE, Layer(0.1, 0.04, 30, 1400))]
)
def test_the_daily_wave_comes_through_as_iso_13786_says(layers: tuple[Layer, ...]) -> None:
    inside, outside, step = 0.13, 0.04, 900.0
    two_port = wall(layers, step)
    past = np.zeros(two_port.mode_count)
    flow = []
    steps = 96 * 30
    for k in range(1, steps + 1):
        outdoor = np.cos(2 * pi * k / 96)
        system = np.array(
            [
                [two_port.back_admittance + 1 / outside, -two_port.transfer],
                [-two_port.transfer, two_port.front_admittance + 1 / inside],
            ]
        )
        right = [
            two_port.from_back @ past + outdoor / outside,
            two_port.from_front @ past,
        ]
        back, front = np.linalg.solve(system, right)
        past = two_port.decay * past + two_port.from_back * back + two_port.from_front * front
        flow.append(front / inside)
    last = np.array(flow[-96:])
    wave = 2 / 96 * np.sum(last * np.exp(-2j * pi * np.arange(steps - 95, steps + 1) / 96))
    expected = periodic_transmittance(layers, inside, outside)
    assert abs(wave) == pytest.approx(abs(expected), rel=0.02)
    assert abs(cmath.phase(wave / expected)) < 2 * pi * 0.1 / 24  # 0.1 h


def heat_flow(two_port: Wall, period_steps: float) -> np.ndarray:
    """Answer (2, 2) of the heat into the faces to a wave of their temperatures, W/(m²K)."""
    turn = np.exp(2j * pi / period_steps)
    modes = np.stack([two_port.from_back, two_port.from_front], axis=1)
    past = modes.T @ (modes / (turn - two_port.decay)[:, None])
    now = np.array(
        [
            [two_port.back_admittance, -two_port.transfer],
            [-two_port.transfer, two_port.front_admittance],
        ]
    )
    return now - past


@pytest.mark.parametrize(
    "layers", [LIGHT_WALL, (CONCRETE,), (*LIGHT_WALL, CONCRETE), (Layer(1, 2, 2000, 1000),)]
)
def test_few_modes_answer_like_all_of_them(monkeypatch, layers: tuple[Layer, ...]) -> None:
    few = wall.__wrapped__(layers, 900.0)
    monkeypatch.setattr(conduction, "MODE_ACCURACY_W_M2K", 0.0)
    every = wall.__wrapped__(layers, 900.0)
    assert few.mode_count < every.mode_count
    for period in (1e9, 96 * 365, 96, 8, 2):
        difference = heat_flow(few, period) - heat_flow(every, period)
        assert np.linalg.norm(difference, 2) <= 0.01
    resistance = sum(layer.resistance_m2k_w for layer in layers)
    steady = np.array([[1, -1], [-1, 1]]) / resistance
    np.testing.assert_allclose(heat_flow(few, 1e12).real, steady, atol=1e-9)


def test_a_pane_has_the_properties_it_was_made_from() -> None:
    through, back = Pane.from_normal(0.86156, 0.07846).transmittance_reflectance()
    assert (through[0], back[0]) == pytest.approx((0.86156, 0.07846), abs=1e-6)
    assert Pane.from_normal(0.86156, 0.07846).index == pytest.approx(1.526, abs=5e-4)  # as ASHRAE 140 states
    assert (through[-1], back[-1]) == (0, 1)
    assert (np.diff(through) <= 1e-12).all()


def test_two_panes_are_the_closed_formula_and_lose_no_light() -> None:
    pane = Pane.from_normal(0.86156, 0.07846)
    through, back = pane.transmittance_reflectance()
    optics = stack(pane, 2)
    t, r = through[:90], back[:90]
    np.testing.assert_allclose(optics.transmittance[:90], t**2 / (1 - r**2))
    np.testing.assert_allclose(optics.absorptance_outer[:90], (1 - t - r) * (1 + t * r / (1 - r**2)))
    for panes in (1, 2, 3):
        optics = stack(pane, panes)
        kept = optics.transmittance + optics.absorptance_outer + optics.absorptance_inner
        assert ((kept >= 0) & (kept <= 1)).all()


def test_the_bestest_window_has_its_shgc() -> None:
    # ASHRAE 140: SHGC 0.789 at normal incidence, films 21.0 and 8.29, gap 6.297 W/(m²K).
    window = clear_double(Pane.from_normal(0.86156, 0.07846), 0.013, 2 * 0.003175 / 1.06)
    outside, gap, inside = 1 / 21.0, 0.1588 + 2 * 0.003175 / 1.06, 1 / 8.29
    total = outside + gap + inside
    optics = window.front
    shgc = (
        optics.transmittance[0]
        + optics.absorptance_outer[0] * outside / total
        + optics.absorptance_inner[0] * (outside + gap) / total
    )
    assert shgc == pytest.approx(0.789, abs=0.004)


@pytest.mark.parametrize(("u", "shgc"), [(5.7, 0.80), (2.8, 0.60), (2.0, 0.25), (1.4, 0.40), (5.9, 0.4)])
def test_a_window_known_by_two_numbers_gives_them_back(u: float, shgc: float) -> None:
    inside, outside = 0.11, 0.04
    window = from_u_and_shgc(u, shgc, inside, outside)
    resistance = 1 / window.conductance_w_m2k
    assert 1 / (inside + resistance + outside) == pytest.approx(u, rel=0.01)
    inward = (resistance + outside) / (inside + resistance + outside)
    solar = window.front.transmittance + inward * window.front.absorptance_inner
    assert solar[0] == pytest.approx(shgc, rel=1e-6)
    assert solar[60] < solar[0]
    assert solar[90] == 0
    through, outer, inner = window.front.hemispherical()
    assert through + outer + inner <= 1


def test_cube_roots_and_films() -> None:
    values = np.concatenate([[0.0], np.logspace(-12, 6, 200)])
    np.testing.assert_allclose([cube_root(v) for v in values], np.cbrt(values), rtol=1e-9)
    wall_film, floor_film, ceiling_film = buoyancy_factors(np.array([0.0, 1.0, -1.0]))
    assert tuple(wall_film) == (1.31, 1.31)
    assert tuple(floor_film) == pytest.approx((9.482 / 6.283, 1.810 / 2.382))  # warm floor: unstable
    assert tuple(ceiling_film) == pytest.approx((1.810 / 2.382, 9.482 / 6.283))


def test_the_mean_radiant_star_of_simple_enclosures() -> None:
    # Two black plates: F = 2 each, so that both in series give σ(T1⁴ - T2⁴).
    np.testing.assert_allclose(mean_radiant_factors(np.ones(2), np.ones(2)), [2, 2], rtol=1e-6)
    # A cube of equal faces: F = 1 / (1 - 1/6).
    np.testing.assert_allclose(mean_radiant_factors(np.ones(6), np.ones(6)), 1.2, rtol=1e-9)
    assert np.isfinite(mean_radiant_factors(np.array([3.0]), np.array([0.9]))).all()


def test_a_slab_on_the_ground_is_that_of_iso_13370() -> None:
    # 7.2 and 7.3 by hand: B' = 4 m, λ = 2.0, d_t = 0.3 + 2.0 · (0.17 + R_f + 0.04).
    soil = Soil(2.0, 2.0e6)
    months = np.array([2.0, 3, 6, 10, 15, 18, 20, 20, 16, 11, 6, 3])
    uninsulated = slab_on_ground(80.0, 40.0, 0.3, 0.0, soil, months)
    thickness = 0.3 + 2.0 * 0.21
    expected = 2 * 2.0 / (pi * 4 + thickness) * np.log(pi * 4 / thickness + 1)
    assert uninsulated.u_value_w_m2k == pytest.approx(expected)
    insulated = slab_on_ground(80.0, 40.0, 0.3, 2.5, soil, months)
    assert insulated.u_value_w_m2k == pytest.approx(2.0 / (0.457 * 4 + 0.3 + 2 * 2.71))
    assert insulated.temperature_c.mean() == pytest.approx(months.mean())
    assert np.ptp(insulated.temperature_c) < np.ptp(months)
    assert insulated.temperature_c.argmin() == (months.argmin() + 1)  # a month late


def test_deep_ground_is_calm_and_late() -> None:
    months = 15 - 12 * np.cos(2 * pi * (np.arange(12) + 0.5) / 12)
    soil = Soil(1.5, 3.0e6)
    depth = sqrt(3.15e7 * 1.5 / (pi * 3.0e6))
    calm = damped_ground_temperature(depth, soil, months)
    assert np.ptp(calm) == pytest.approx(np.ptp(months) / np.e, rel=0.05)
    assert 1 <= (calm.argmin() - months.argmin()) % 12 <= 3
