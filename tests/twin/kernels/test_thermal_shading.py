"""Shading by rays: against the geometry of an endless overhang, and a room with one window."""

from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.bvh import build
from twin.kernels.thermal.shading import landing_shares, sky_visibility, sunlit_shares

SOUTH = np.array([[0.0, -1.0, 0.0]])
HEIGHT, DEPTH = 2.0, 1.0


def rectangle(origin: list[float], u: list[float], v: list[float]) -> np.ndarray:
    o, a, b = np.array(origin), np.array(u), np.array(v)
    return np.array([[o, o + a, o + a + b], [o, o + a + b, o + b]], np.float64)


def wall_points(count: int = 40) -> np.ndarray:
    z = (np.arange(count) + 0.5) / count * HEIGHT
    return np.stack([np.zeros(count), np.zeros(count), z], axis=1)[None]


OVERHANG = build(rectangle([-500, -DEPTH, HEIGHT], [1000, 0, 0], [0, DEPTH, 0]))


@pytest.mark.parametrize("profile_deg", [10, 30, 45, 60, 80])
@pytest.mark.parametrize("sideways", [0.0, 0.7])
def test_an_overhang_shades_as_its_profile_angle_says(profile_deg: float, sideways: float) -> None:
    slope = np.tan(np.radians(profile_deg))
    direction = np.array([[sideways, -1.0, slope]])
    direction /= np.linalg.norm(direction)
    lit = sunlit_shares(OVERHANG, wall_points(), SOUTH, direction)
    assert lit[0, 0] == pytest.approx(max(1 - DEPTH * slope / HEIGHT, 0), abs=0.03)


def test_the_sun_behind_the_wall_or_set_is_left_alone() -> None:
    directions = np.array([[0, 0.8, 0.6], [0, -0.8, -0.6], [0, 0, 0]])
    assert (sunlit_shares(OVERHANG, wall_points(), SOUTH, directions) == 1).all()


def test_the_sky_under_an_overhang() -> None:
    # From a height h below an endless overhang the sky is seen up to the elevation atan(h / depth) at right
    # angles; its cosine-weighted share of the upper quarter is 1 - depth-dependent view factor.
    points = wall_points()
    below = HEIGHT - points[0, :, 2]
    angle = np.arctan2(below, DEPTH)
    expected = np.sin(angle).mean()  # ∫ cos β dβ from 0 to the edge, over that from 0 to 90°
    assert sky_visibility(OVERHANG, points, SOUTH, 24, 96)[0] == pytest.approx(expected, abs=0.02)
    nothing = build(rectangle([0, 50, 0], [1, 0, 0], [0, 0, 1]))
    assert sky_visibility(nothing, points, SOUTH)[0] == 1
    assert sky_visibility(nothing, points, np.array([[0.0, 0.0, -1.0]]))[0] == 1  # looks at no sky


def test_a_low_sun_falls_on_the_back_wall_and_a_high_one_on_the_floor() -> None:
    floor = rectangle([0, 0, 0], [4, 0, 0], [0, 5, 0])
    back = rectangle([0, 5, 0], [4, 0, 0], [0, 0, 3])
    room = build(np.concatenate([floor, back]))
    window = np.array([[1.5, 0, 1.0], [2.5, 0, 2.0]])
    directions = np.array([[0, -1, 0.05], [0, -1, 3.0], [0, 1, 0.5]])
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    shares = landing_shares(room, np.array([0, 0, 1, 1]), window, SOUTH[0], directions)
    np.testing.assert_array_equal(shares[0], [0, 1, 0])
    np.testing.assert_array_equal(shares[1], [1, 0, 0])
