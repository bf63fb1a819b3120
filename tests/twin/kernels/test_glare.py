"""Glare formulas against numbers worked out by hand."""

from __future__ import annotations

from math import exp, log10

import numpy as np
import pytest

from twin.kernels.glare import (
    daylight_glare_index,
    daylight_glare_probability,
    faces_contrast,
    position_index,
    simplified_glare_probability,
    sky_contrast,
)

NORTH = np.array([0.0, 1.0, 0.0])


def towards(elevation_deg: float, aside_deg: float = 0.0) -> np.ndarray:
    e, a = np.radians(elevation_deg), np.radians(aside_deg)
    return np.array([np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), np.sin(e)])


def test_a_source_in_the_line_of_sight_counts_fully() -> None:
    assert position_index(NORTH, NORTH) == pytest.approx(1.0, abs=1e-3)


def test_above_the_eye_the_index_is_guths() -> None:
    # Straight above the line of sight: tau = 0, sigma = 30 degrees.
    expected = exp((35.2 - 1.22) * 1e-3 * 30.0 + 21.0 * 1e-5 * 900.0)
    assert position_index(NORTH, towards(30.0)) == pytest.approx(expected)


def test_below_the_eye_the_index_grows_with_the_distance_from_the_line_of_sight() -> None:
    shallow, steep = np.tan(np.radians(20.0)), np.tan(np.radians(50.0))
    assert position_index(NORTH, towards(-20.0)) == pytest.approx(1.0 + 0.8 * shallow)
    assert position_index(NORTH, towards(-50.0)) == pytest.approx(1.0 + 1.2 * steep)


def test_the_glare_probability_of_a_bright_window() -> None:
    contrast = 4000.0**2 * 0.5
    expected = 5.87e-5 * 3000.0 + 0.0918 * log10(1.0 + contrast / 3000.0**1.87) + 0.16
    assert daylight_glare_probability(3000.0, contrast) == pytest.approx(expected)


def test_in_the_dark_nobody_is_disturbed() -> None:
    assert daylight_glare_probability(10.0, 0.0) < 0.01
    assert simplified_glare_probability(0.0) == pytest.approx(0.184)


def test_the_glare_index_of_one_window() -> None:
    glare = 0.478 * 2000.0**1.6 * 0.3**0.8 / (50.0 + 0.07 * 1.0 * 2000.0)
    assert daylight_glare_index([2000.0], [1.0], [0.3], 50.0) == pytest.approx(10.0 * log10(glare))
    assert daylight_glare_index([], [], [], 50.0) == 0.0


def test_only_patches_brighter_than_the_threshold_behind_the_pane_are_sources() -> None:
    luminance = np.array([[3000.0, 9000.0], [5000.0, 100.0], [8000.0, 8000.0]], np.float32)
    pane, weight = np.array([0.5, 0.5, 0.7], np.float32), np.array([0.02, 0.01, 0.0], np.float32)
    contrast = np.ones(2, np.float32)
    sky_contrast(luminance, pane, weight, 2000.0, contrast)
    assert contrast == pytest.approx([1.0 + 0.01 * 5000.0**2, 1.0 + 0.02 * 9000.0**2])


def test_faces_are_sources_by_the_sun_and_by_what_else_lights_them() -> None:
    rng = np.random.default_rng(2)
    glow = rng.uniform(0.0, 0.2, (5, 3)).astype(np.float32)
    cell, sun_lx = rng.integers(0, 3, 40), rng.uniform(0.0, 60000.0, 40).astype(np.float32)
    own = rng.uniform(0.0, 4000.0, (2, 40)).astype(np.float32)
    kind, pane = np.array([0, 1, -1, -1, 0]), rng.uniform(0.4, 1.0, 5)
    weight, contrast = rng.uniform(0.001, 0.1, 5), np.zeros(40, np.float32)
    order = np.argsort(cell)
    faces_contrast(glow, cell, order, sun_lx, own, kind, pane, weight, 2000.0, contrast)
    seen = pane[:, None] * (np.vstack([own, np.zeros(40)])[kind] + glow[:, cell] * sun_lx)
    assert 0 < (seen > 2000.0).sum() < seen.size
    np.testing.assert_allclose(contrast, weight @ np.where(seen > 2000.0, seen, 0.0) ** 2, rtol=1e-4)
