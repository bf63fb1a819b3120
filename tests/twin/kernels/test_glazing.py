"""Panes of glass: Fresnel transmission and its inverse."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from twin.kernels.glazing import transmissivity_of, transmit_reflect


def test_a_pane_of_70_percent_reflects_six_and_a_half_percent() -> None:
    through, back = transmit_reflect(1.0, float(transmissivity_of(np.array([0.70]))[0]))
    assert through == pytest.approx(0.7000, abs=1e-6)
    assert back == pytest.approx(0.0653, abs=5e-5)


def test_the_transmissivity_of_70_percent_is_the_one_that_radiance_uses() -> None:
    assert transmissivity_of(np.array([0.70]))[0] == pytest.approx(0.7628, abs=1e-4)


def test_hemispherical_transmittance_under_a_uniform_sky() -> None:
    glass = float(transmissivity_of(np.array([0.70]))[0])
    total = quad(lambda a: transmit_reflect(np.cos(a), glass)[0] * np.sin(2 * a), 0, np.pi / 2)[0]
    assert total == pytest.approx(0.619509, abs=1e-5)


def test_nothing_is_gained_at_any_angle() -> None:
    for cosine in np.linspace(0, 1, 50):
        through, back = transmit_reflect(cosine, 1.0)
        assert 0 <= through <= 1
        assert through + back == pytest.approx(1.0)  # clear glass absorbs nothing


def test_an_open_hole_lets_everything_through() -> None:
    assert transmit_reflect(0.3, -1.0) == (1.0, 0.0)


def test_black_glass_lets_nothing_through() -> None:
    assert transmissivity_of(np.array([0.0]))[0] == 0.0
    assert transmit_reflect(1.0, 0.0)[0] == 0.0
