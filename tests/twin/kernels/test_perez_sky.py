"""The all-weather sky: its light adds up, and its shape follows the weather."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.kernels.perez_sky import _LUMINANCE, SkyHours, luminance_of, perez_sky
from twin.kernels.sky import (
    PATCHES,
    fine_patch_directions,
    fine_patch_solid_angles,
    fine_patches_of,
    patch_directions,
    patch_solid_angles,
)


def one_hour(altitude_deg: float, direct: float, diffuse: float, azimuth_deg: float = 180.0) -> SkyHours:
    altitude, azimuth = np.radians(altitude_deg), np.radians(azimuth_deg)
    sun = np.array(
        [[np.cos(altitude) * np.sin(azimuth), np.cos(altitude) * np.cos(azimuth), np.sin(altitude)]]
    )
    return perez_sky(sun, np.array([direct]), np.array([diffuse]), np.array([10.0]), np.array([1367.0]))


def horizontal_lx(sky: SkyHours) -> float:
    return float((patch_solid_angles() * patch_directions()[:, 2]) @ sky.luminance[:, 0])


def test_patches_add_up_to_the_illuminance_of_the_diffuse_light() -> None:
    """About 105 to 130 lm per watt of sky light, more under a clear blue sky."""
    assert horizontal_lx(one_hour(40, 0, 150)) / 150 == pytest.approx(115, rel=0.06)
    assert horizontal_lx(one_hour(50, 850, 90)) / 90 == pytest.approx(133, rel=0.06)


def test_the_sun_gives_about_a_hundred_lumen_per_watt() -> None:
    assert one_hour(50, 850, 90).sun_normal_lx[0] / 850 == pytest.approx(102, rel=0.05)
    assert one_hour(50, 0, 200).sun_normal_lx[0] == 0.0


def test_an_overcast_sky_is_brighter_at_the_zenith_than_at_the_horizon() -> None:
    luminance = one_hour(40, 0, 150).luminance[:, 0]
    assert 1.5 < luminance[144] / luminance[:30].mean() < 3.5


def test_a_clear_sky_is_brightest_about_the_sun_and_darkest_opposite() -> None:
    luminance = one_hour(42, 850, 90, azimuth_deg=90).luminance[:, 0]
    directions = patch_directions()
    assert directions[np.argmax(luminance), 0] > 0.6
    assert luminance.max() > 8 * luminance.min()
    assert directions[np.argmin(luminance), 0] < 0.0


def test_hours_without_sky_light_are_dark() -> None:
    sky = one_hour(10, 0, 0)
    assert sky.luminance.max() == 0.0
    assert np.isfinite(sky.luminance).all()


def test_a_finely_divided_sky_has_the_same_light_and_a_sharper_glow() -> None:
    sky = one_hour(35, 750, 95, azimuth_deg=170)
    altitude, azimuth = np.radians(35), np.radians(170)
    sun = np.array([np.cos(altitude) * np.sin(azimuth), np.cos(altitude) * np.cos(azimuth), np.sin(altitude)])
    directions, omega = fine_patch_directions(), fine_patch_solid_angles()
    fine = luminance_of(sky.shape, sky.diffuse_lx, sun[None], directions, omega)[:, 0]
    assert (omega * directions[:, 2]) @ fine == pytest.approx(float(sky.diffuse_lx[0]), rel=1e-5)
    assert np.argmax(fine) == fine_patches_of(sun[None])[0]
    assert fine.max() > 1.2 * sky.luminance.max()


def plain_shape(sun: NDArray[np.float64], direct: float, diffuse: float) -> NDArray[np.float64]:
    """Relative luminance (145,) of one hour, the papers' formulas written down once more; horizontal sum 1."""
    zenith = np.arccos(sun[2])
    clearness = ((diffuse + direct) / diffuse + 1.041 * zenith**3) / (1 + 1.041 * zenith**3)
    air_mass = 1 / (sun[2] + 0.50572 * (96.07995 - np.degrees(zenith)) ** -1.6364)
    brightness = min(max(diffuse * air_mass / 1367.0, 0.01), 0.6)
    if 1.065 < clearness < 2.8:
        brightness = max(brightness, 0.2)
    k = _LUMINANCE[sum(clearness >= edge for edge in (1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2))]
    a, b, c, d, e = (x[0] + x[1] * zenith + brightness * (x[2] + x[3] * zenith) for x in k)
    if clearness < 1.065:
        (c1, c2, c3, c4), (d1, d2, d3, d4) = k[2], k[3]
        c = np.exp(max(brightness * (c1 + c2 * zenith), 0.0) ** c3) - c4
        d = -np.exp(brightness * (d1 + d2 * zenith)) + d3 + brightness * d4
    directions = patch_directions()
    cosine = np.clip(directions @ sun, -1, 1)
    found = (1 + a * np.exp(b / directions[:, 2])) * (1 + c * np.exp(d * np.arccos(cosine)) + e * cosine**2)
    found = np.maximum(found, 0.0) if found.max() > 0.0 else np.ones(PATCHES)
    return np.asarray(found / ((patch_solid_angles() * directions[:, 2]) @ found))


def test_every_hour_has_the_luminance_of_the_formulas() -> None:
    rng = np.random.default_rng(4)
    altitude, azimuth = np.radians(rng.uniform(0.5, 89.5, 400)), rng.uniform(0, 2 * np.pi, 400)
    flat = np.cos(altitude)
    sun = np.column_stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(altitude)])
    diffuse = rng.uniform(5.0, 350.0, 400)
    direct = np.where(rng.random(400) < 0.2, 0.0, rng.uniform(0.0, 900.0, 400))
    sky = perez_sky(sun, direct, diffuse, np.full(400, 10.0), np.full(400, 1367.0))
    shape = sky.luminance / ((patch_solid_angles() * patch_directions()[:, 2]) @ sky.luminance)
    expected = np.stack([plain_shape(*hour) for hour in zip(sun, direct, diffuse, strict=True)], axis=1)
    np.testing.assert_allclose(shape, expected, rtol=1e-5, atol=1e-6)
