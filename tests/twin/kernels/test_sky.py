"""The dome: standard skies and its subdivision."""

from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.sky import (
    CIE_OVERCAST,
    FINE_PATCHES,
    PATCHES,
    UNIFORM,
    fine_patch_directions,
    fine_patch_solid_angles,
    fine_patches_of,
    patch_directions,
    patch_of,
    patch_solid_angles,
    patches_about,
    standard_luminance,
)


@pytest.mark.parametrize("sky", [CIE_OVERCAST, UNIFORM])
def test_a_standard_sky_gives_an_unobstructed_illuminance_of_one(sky: int) -> None:
    sine = (np.arange(20000) + 0.5) / 20000
    luminance = np.array([standard_luminance(sky, s) for s in sine])
    assert (luminance * sine).mean() * 2 * np.pi == pytest.approx(1.0, rel=1e-6)


def test_the_overcast_sky_is_three_times_as_bright_at_the_zenith_as_at_the_horizon() -> None:
    ratio = standard_luminance(CIE_OVERCAST, 1.0) / standard_luminance(CIE_OVERCAST, 1e-12)
    assert ratio == pytest.approx(3.0)


def test_there_is_no_light_from_below_the_horizon() -> None:
    assert standard_luminance(CIE_OVERCAST, -0.1) == 0.0


def test_the_middle_of_every_patch_lies_in_it() -> None:
    assert [patch_of(*direction) for direction in patch_directions()] == list(range(PATCHES))


def test_patches_cover_the_dome_with_their_solid_angles() -> None:
    rng = np.random.default_rng(0)
    count = 400_000
    z, azimuth = rng.random(count), rng.uniform(-np.pi, np.pi, count)
    flat = np.sqrt(1 - z * z)
    patches = [
        patch_of(*direction)
        for direction in np.stack([flat * np.sin(azimuth), flat * np.cos(azimuth), z], axis=1)
    ]
    share = np.bincount(patches, minlength=PATCHES) / count
    assert patch_solid_angles().sum() == pytest.approx(2 * np.pi)
    np.testing.assert_allclose(share * 2 * np.pi, patch_solid_angles(), rtol=0.12)


def test_the_middle_of_every_fine_patch_lies_in_it_and_in_its_patch() -> None:
    directions = fine_patch_directions()
    assert fine_patches_of(directions).tolist() == list(range(FINE_PATCHES))
    whole = np.array([patch_of(*direction) for direction in directions])
    of_patch = np.bincount(whole, fine_patch_solid_angles())
    np.testing.assert_allclose(of_patch, patch_solid_angles(), rtol=1e-9)


def test_any_direction_is_in_a_fine_patch_of_its_patch() -> None:
    rng = np.random.default_rng(3)
    directions = rng.normal(size=(20_000, 3))
    directions[:, 2] = np.abs(directions[:, 2])
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    fine = fine_patches_of(directions)
    assert [patch_of(*way) for way in fine_patch_directions()[fine]] == [patch_of(*w) for w in directions]
    apart = np.degrees(np.arccos(np.clip((fine_patch_directions()[fine] * directions).sum(axis=1), -1, 1)))
    assert apart[fine < FINE_PATCHES - 1].max() < 3.1


def test_a_direction_is_shared_by_the_four_patches_about_it() -> None:
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(500, 3))
    directions[:, 2] = np.abs(directions[:, 2])
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    directions[0] = patch_directions()[70]
    patch, share = patches_about(directions)
    cosine = directions @ patch_directions().T
    nearest = np.argsort(-cosine, axis=1)[:, :4]
    weight = 1 / (1.002 - np.take_along_axis(cosine, nearest, axis=1))
    np.testing.assert_array_equal(np.sort(patch, axis=1), np.sort(nearest, axis=1))
    np.testing.assert_allclose(share, weight / weight.sum(axis=1)[:, None], rtol=1e-9)
    assert patch[0, 0] == 70
    assert share[0, 0] > 0.8
    centre = np.einsum("ik,ikx->ix", share, patch_directions()[patch])
    centre /= np.linalg.norm(centre, axis=1)[:, None]
    high = directions[:, 2] > np.sin(np.radians(6))  # lower, all four lie above
    assert (np.einsum("ix,ix->i", centre, directions)[high] > np.cos(np.radians(5))).all()
