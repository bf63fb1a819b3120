"""Where the sun stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

J2000 = 2451545.0  # Julian date of 2000-01-01 12:00 UTC
UNIX_EPOCH = 2440587.5  # Julian date of 1970-01-01 00:00 UTC
SECONDS_PER_DAY = 86400.0
PARALLAX_RAD = np.radians(8.794 / 3600.0)  # of the sun on the horizon


def sun_directions(
    latitude_deg: float, longitude_deg: float, time_utc: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    """Unit vectors (..., 3) towards the sun, x east, y north, z up, without refraction.

    ``time_utc`` is datetime64 of any shape and unit. The Astronomical Almanac's approximation, good to 0.01°
    from 1950 to 2050: Michalsky, J. (1988), Solar Energy 40(3), 227-235, doi:10.1016/0038-092X(88)90045-X.
    """
    sin_declination, hour_angle = _equatorial(longitude_deg, np.asarray(time_utc))
    return _above_horizon(latitude_deg, sin_declination, hour_angle)


def directions_at_solar_time(
    latitude_deg: float, longitude_deg: float, date: np.datetime64, solar_time_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Unit vectors (H, 3) towards the sun at apparent solar times (H,) of a date, as :func:`sun_directions`.

    The sun stands in the south (or north) at 12 h: its hour angle is 15° (t - 12 h), its declination that of
    the moment. ``date`` is the calendar date at the place. Seen from the ground, not from the earth's centre:
    that is 0.002° only, but where the sun runs along an edge it is minutes.
    """
    mean_noon = date.astype("datetime64[s]") + _seconds(12.0 - longitude_deg / 15.0)
    _, late = _equatorial(longitude_deg, mean_noon)
    noon = mean_noon - _seconds(np.degrees((late + np.pi) % (2 * np.pi) - np.pi) / 15.0)
    after_noon_h = np.asarray(solar_time_h, np.float64) - 12.0
    sin_declination, _ = _equatorial(longitude_deg, noon + _seconds(after_noon_h))
    from_centre = _above_horizon(latitude_deg, sin_declination, np.radians(15.0 * after_noon_h))
    from_ground = from_centre - [0.0, 0.0, PARALLAX_RAD]
    directions: NDArray[np.float64] = from_ground / np.linalg.norm(from_ground, axis=-1, keepdims=True)
    return directions


def elevation_azimuth_deg(directions: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Elevation above the horizon and azimuth clockwise from north of vectors (..., 3), degrees."""
    x, y, z = np.moveaxis(np.asarray(directions, np.float64), -1, 0)
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(x, y)) % 360


def _seconds(hours: ArrayLike) -> NDArray[np.timedelta64]:
    return np.round(np.asarray(hours, np.float64) * 3600.0).astype("timedelta64[s]")


def _equatorial(
    longitude_deg: float, time_utc: NDArray[np.datetime64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sine of the declination of the sun, and its hour angle at a place, rad (not folded), at times (...)."""
    days = time_utc.astype("datetime64[s]").astype(np.float64) / SECONDS_PER_DAY + UNIX_EPOCH - J2000
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    sidereal_hours = 18.697374558 + 24.06570982441908 * days
    hour_angle = np.radians(15 * sidereal_hours + longitude_deg) - right_ascension
    return np.sin(obliquity) * np.sin(longitude), hour_angle


def _above_horizon(
    latitude_deg: float, sin_declination: NDArray[np.float64], hour_angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Equatorial to horizontal coordinates: unit vectors (..., 3), x east, y north, z up."""
    sin_latitude, cos_latitude = np.sin(np.radians(latitude_deg)), np.cos(np.radians(latitude_deg))
    cos_declination = np.sqrt(1 - sin_declination**2)
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
