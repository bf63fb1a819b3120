"""Sky view factors against closed forms: open surfaces and an endless street."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kernels.light_scenes import box
from twin.kernels.bvh import Bvh, build
from twin.kernels.sky_view import sky_view_factors

WIDTH, HEIGHT, LENGTH = 20.0, 15.0, 20_000.0


def street() -> Bvh:
    """Two endless rows of houses along y, 20 m apart and 15 m high."""
    half = LENGTH / 2
    left = box((-10, -half, 0), (0, half, HEIGHT))
    right = box((WIDTH, -half, 0), (WIDTH + 10, half, HEIGHT))
    return build(np.concatenate([left, right]))


def test_an_open_roof_sees_all_sky_and_an_open_wall_half_of_it() -> None:
    tree = build(box((0, 0, -2), (1, 1, -1)))
    normals = np.array([(0, 0, 1.0), (1.0, 0, 0), (0, 0, -1.0), (0, np.sqrt(0.5), np.sqrt(0.5))])
    found = sky_view_factors(tree, np.zeros((4, 3)) + 0.5, normals, 4096)
    assert found == pytest.approx([1.0, 0.5, 0.0, (1 + np.sqrt(0.5)) / 2], abs=2e-3)


@pytest.mark.parametrize("height", [0.5, 5.0, 10.0, 14.5])
def test_a_wall_in_an_endless_street(height: float) -> None:
    """(1 - sin θ) / 2 with θ the elevation of the roof edge across the street."""
    elevation = np.arctan((HEIGHT - height) / (WIDTH - 0.01))
    found = sky_view_factors(street(), np.array([(0.01, 0.0, height)]), np.array([(1.0, 0, 0)]), 4096)
    assert found[0] == pytest.approx((1 - np.sin(elevation)) / 2, abs=2e-3)


def test_the_middle_of_an_endless_street() -> None:
    """sin of the half angle between the roof edges."""
    found = sky_view_factors(street(), np.array([(WIDTH / 2, 0.0, 0.01)]), np.array([(0, 0, 1.0)]), 4096)
    assert found[0] == pytest.approx(np.sin(np.arctan(WIDTH / 2 / HEIGHT)), abs=2e-3)


def test_few_rays_are_near_too() -> None:
    heights = np.linspace(0.5, 14.5, 40)
    points = np.column_stack([np.full(40, 0.01), np.zeros(40), heights])
    found = sky_view_factors(street(), points, np.tile([1.0, 0, 0], (40, 1)), 64)
    exact = (1 - np.sin(np.arctan((HEIGHT - heights) / (WIDTH - 0.01)))) / 2
    assert np.abs(found - exact).max() < 0.05
    assert abs((found - exact).mean()) < 0.006
