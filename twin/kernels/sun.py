"""Where the sun stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

J2000 = 2451545.0  # Julian date of 2000-01-01 12:00 UTC
UNIX_EPOCH = 2440587.5  # Julian date of 1970-01-01 00:00 UTC
SECONDS_PER_DAY = 86400.0
OBLIQUITY_DEG = 23.4393  # of the ecliptic at J2000


def sun_directions(
    latitude_deg: float, longitude_deg: float, time_utc: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    """Unit vectors (..., 3) towards the sun, x east, y north, z up, without refraction.

    ``time_utc`` is datetime64 of any shape and unit. The Astronomical Almanac's approximation, good to 0.01°
    from 1950 to 2050: Michalsky, J. (1988), Solar Energy 40(3), 227-235, doi:10.1016/0038-092X(88)90045-X.
    """
    seconds = np.asarray(time_utc, "datetime64[s]").astype(np.float64)
    days = seconds / SECONDS_PER_DAY + UNIX_EPOCH - J2000
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    sin_declination = np.sin(obliquity) * np.sin(longitude)
    cos_declination = np.sqrt(1 - sin_declination**2)
    sidereal_hours = 18.697374558 + 24.06570982441908 * days
    hour_angle = np.radians(15 * sidereal_hours + longitude_deg) - right_ascension
    return _above_horizon(latitude_deg, sin_declination, cos_declination, hour_angle)


def elevation_azimuth_deg(directions: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Elevation above the horizon and azimuth clockwise from north of vectors (..., 3), degrees."""
    x, y, z = np.moveaxis(np.asarray(directions, np.float64), -1, 0)
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(x, y)) % 360


def declination_rad(ecliptic_longitude_deg: float) -> float:
    """Declination of the sun at an apparent ecliptic longitude, with the obliquity of J2000, rad.

    The solar terms are defined by this longitude: 270° at the winter solstice, 300° at Dahan (大寒).
    """
    return float(np.arcsin(np.sin(np.radians(OBLIQUITY_DEG)) * np.sin(np.radians(ecliptic_longitude_deg))))


def directions_at_solar_time(
    latitude_deg: float, declination_rad: float, solar_time_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Unit vectors (H, 3) towards the sun at apparent solar times (H,), x east, y north, z up.

    The sun stands in the south (or north) at 12 h, whatever the longitude; the declination is taken as steady
    over the day. Hour angle ω = 15° (t - 12 h).
    """
    hour_angle = np.radians(15.0 * (np.asarray(solar_time_h, np.float64) - 12.0))
    return _above_horizon(latitude_deg, np.sin(declination_rad), np.cos(declination_rad), hour_angle)


def _above_horizon(
    latitude_deg: float,
    sin_declination: NDArray[np.float64] | float,
    cos_declination: NDArray[np.float64] | float,
    hour_angle: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Equatorial to horizontal coordinates: unit vectors (..., 3), x east, y north, z up."""
    sin_latitude, cos_latitude = np.sin(np.radians(latitude_deg)), np.cos(np.radians(latitude_deg))
    return np.stack(
        [
            -cos_declination * np.sin(hour_angle),
            sin_declination * cos_latitude - cos_declination * sin_latitude * np.cos(hour_angle),
            sin_declination * sin_latitude + cos_declination * cos_latitude * np.cos(hour_angle),
        ],
        axis=-1,
    )


def in_model(directions: NDArray[np.float64], north_deg: float) -> NDArray[np.float64]:
    """Vectors (..., 3) with x east, y north in a model whose +Y axis has the azimuth ``north_deg``."""
    angle = np.radians(north_deg)
    x, y, z = np.moveaxis(directions, -1, 0)
    return np.stack(
        [x * np.cos(angle) - y * np.sin(angle), y * np.cos(angle) + x * np.sin(angle), z], axis=-1
    )
