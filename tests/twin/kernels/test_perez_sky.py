"""The all-weather sky: its light adds up, and its shape follows the weather."""

from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.perez_sky import SkyHours, perez_sky
from twin.kernels.sky import patch_directions, patch_solid_angles


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
