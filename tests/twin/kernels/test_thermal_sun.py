"""Where the sun stands and what it gives: against NREL's algorithm and pvlib."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest

from twin.kernels.sun import elevation_azimuth_deg, sun_directions
from twin.kernels.thermal.irradiance import middle_of_hours, on_planes, sun_samples

TIMES = pd.date_range("2001-01-01 00:30", periods=8760, freq="h", tz="Etc/GMT-8")


@pytest.mark.parametrize(("latitude", "longitude"), [(28.68, 115.89), (65.0, 20.0), (-33.9, 151.2)])
def test_the_sun_stands_where_nrel_puts_it(latitude: float, longitude: float) -> None:
    expected = pvlib.solarposition.get_solarposition(TIMES, latitude, longitude, method="nrel_numpy")
    utc = TIMES.tz_convert("UTC").tz_localize(None).to_numpy()
    directions = sun_directions(latitude, longitude, utc)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    elevation, azimuth = np.radians(expected["elevation"]), np.radians(expected["azimuth"])
    nrel = np.stack(
        [np.cos(elevation) * np.sin(azimuth), np.cos(elevation) * np.cos(azimuth), np.sin(elevation)], axis=1
    )
    apart = np.degrees(np.linalg.norm(directions - nrel, axis=1))
    assert apart.max() < 0.015
    mine = elevation_azimuth_deg(directions)
    np.testing.assert_allclose(mine[0], expected["elevation"], atol=0.015)


def test_the_sun_of_an_hour_is_in_the_middle_of_its_sunlit_part() -> None:
    sun = middle_of_hours(sun_samples(28.68, 115.89, 8.0, 2001))
    assert sun.shape == (8760, 3)
    assert not sun[0].any()  # midnight
    noon = 171 * 24 + 12
    utc = TIMES.tz_convert("UTC").tz_localize(None).to_numpy()
    np.testing.assert_allclose(sun[noon], sun_directions(28.68, 115.89, utc)[noon], atol=2e-3)
    assert (sun[np.linalg.norm(sun, axis=1) > 0, 2] > 0).all()


def test_every_hour_has_the_sun_of_its_own_year() -> None:
    years = np.full(8760, 2001)
    years[59 * 24 :] = 2004  # from March on, in a leap year
    mixed = sun_samples(28.68, 115.89, 8.0, years)
    for year, hours in ((2001, slice(0, 59 * 24)), (2004, slice(59 * 24, None))):
        np.testing.assert_array_equal(mixed[hours], sun_samples(28.68, 115.89, 8.0, year)[hours])
    march = (59 + 19) * 24 + 12  # 20 March, noon: the equinox of 2004 is over sooner than that of 2001
    assert mixed[march, 0, 2] > sun_samples(28.68, 115.89, 8.0, 2001)[march, 0, 2] + 5e-4


def test_the_beam_of_an_hour_keeps_its_energy() -> None:
    samples = sun_samples(28.68, 115.89, 8.0, 2001)
    fine = sun_samples(28.68, 115.89, 8.0, 2001, samples=60)
    normals = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    direct, none = np.full(8760, 500.0), np.zeros(8760)
    beam = on_planes(normals, samples, none, direct, none, np.full(8760, 1361.0), none + 1e5, 0.2).beam
    cosine = np.maximum(np.einsum("oi,hki->ohk", normals, fine), 0.0)
    up = np.maximum((fine[..., 2] > 0).sum(axis=1), 1)
    whole = (samples[..., 2] > 0).all(axis=1) & (fine[..., 2] > 0).all(axis=1)
    np.testing.assert_allclose(beam[:, whole], 500 * (cosine.sum(axis=2) / up)[:, whole], atol=5.0)


def test_tilted_irradiance_is_that_of_pvlib() -> None:
    latitude, longitude = 28.68, 115.89
    samples = sun_samples(latitude, longitude, 8.0, 2001, samples=1)
    sun = samples[:, 0]
    elevation, azimuth = elevation_azimuth_deg(sun)
    high = elevation > 5.5  # below 85° of zenith pvlib and the original bound the circumsolar ratio alike
    generator = np.random.default_rng(7)
    direct = np.where(high, generator.uniform(0, 800, 8760), 0.0)
    diffuse = np.where(high, generator.uniform(20, 350, 8760), 0.0)
    horizontal = direct * sun[:, 2] + diffuse
    extraterrestrial, pressure = np.full(8760, 1361.0), np.full(8760, 95000.0)
    tilts, azimuths = np.array([90.0, 35.0, 0.0, 120.0]), np.array([180.0, 250.0, 0.0, 30.0])
    t, a = np.radians(tilts), np.radians(azimuths)
    normals = np.stack([np.sin(t) * np.sin(a), np.sin(t) * np.cos(a), np.cos(t)], axis=1)
    ours = on_planes(normals, samples, horizontal, direct, diffuse, extraterrestrial, pressure, 0.2)
    air_mass = pvlib.atmosphere.get_relative_airmass(90 - elevation, "kastenyoung1989") * 95000 / 101325
    for row, (tilt, facing) in enumerate(zip(tilts, azimuths, strict=True)):
        sky = pvlib.irradiance.perez(
            tilt, facing, diffuse, direct, extraterrestrial, 90 - elevation, azimuth, air_mass,
            return_components=True,
        )  # fmt: skip
        beam = pvlib.irradiance.beam_component(tilt, facing, 90 - elevation, azimuth, direct)
        expected_beam = beam + np.asarray(sky["poa_circumsolar"])
        expected_sky = np.asarray(sky["poa_isotropic"] + sky["poa_horizon"])
        np.testing.assert_allclose(ours.beam[row][high], expected_beam[high], atol=1e-6)
        np.testing.assert_allclose(ours.diffuse[row][high], np.maximum(expected_sky, 0)[high], atol=1e-6)
        ground = pvlib.irradiance.get_ground_diffuse(tilt, horizontal, albedo=0.2)
        np.testing.assert_allclose(ours.ground[row][high], ground[high], atol=1e-9)
