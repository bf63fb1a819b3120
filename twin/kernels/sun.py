"""Where the sun stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

J2000 = 2451545.0  # Julian date of 2000-01-01 12:00 UTC
UNIX_EPOCH = 2440587.5  # Julian date of 1970-01-01 00:00 UTC
SECONDS_PER_DAY = 86400.0


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
    sin_latitude, cos_latitude = np.sin(np.radians(latitude_deg)), np.cos(np.radians(latitude_deg))
    return np.stack(
        [
            -cos_declination * np.sin(hour_angle),
            sin_declination * cos_latitude - cos_declination * sin_latitude * np.cos(hour_angle),
            sin_declination * sin_latitude + cos_declination * cos_latitude * np.cos(hour_angle),
        ],
        axis=-1,
    )


def elevation_azimuth_deg(directions: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Elevation above the horizon and azimuth clockwise from north of vectors (..., 3), degrees."""
    x, y, z = np.moveaxis(np.asarray(directions, np.float64), -1, 0)
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(x, y)) % 360
