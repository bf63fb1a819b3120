"""The sun over 8760 hours, and the infrared radiation of the sky."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pvlib import spa
from pvlib.irradiance import get_extra_radiation
from pvlib.solarposition import declination_spencer71
from scipy.interpolate import CubicSpline

from twin.climate.record import HOURS, NOMINAL_YEAR, Hourly

STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m² K⁴), CODATA 2018
KELVIN = 273.15
_PARALLAX = np.radians(8.794 / 3600.0)  # of the sun on the horizon, at its mean distance
_TERRESTRIAL_MINUS_UNIVERSAL_S = 67.0  # ΔT; pvlib's usual value


@dataclass(frozen=True)
class SunHours:
    """The sun at the middle of each hour of the nominal year. Columns have shape (8760,)."""

    elevation_deg: Hourly  # geometric, without refraction
    azimuth_deg: Hourly  # clockwise from north
    sin_elevation: Hourly  # 0 while the sun is below the horizon
    hour_angle_deg: Hourly  # 0 at solar noon, positive in the afternoon
    half_day_deg: Hourly  # hour angle of sunset, the same for the hours of a day
    extraterrestrial_normal_w_m2: Hourly


def sun_hours(latitude_deg: float, longitude_deg: float, utc_offset_h: float) -> SunHours:
    """Sun position at the middle of each hour, local standard time.

    NREL's solar position algorithm (Reda and Andreas 2004, doi:10.1016/j.solener.2003.12.003) and
    Spencer's extraterrestrial irradiance, both from pvlib. The algorithm's hundreds of terms are summed once
    a day: declination and equation of time hardly move in between and are interpolated by cubic splines.
    Elevation and azimuth stay within 0.0001° of the hourly sums.
    """
    hours = np.arange(HOURS)
    day_of_year = hours // 24 + 1
    day = (hours + 0.5 - utc_offset_h) / 24.0  # of the nominal year, universal time
    equation_of_time, declination = np.radians(_slow_sun()(day).T)
    hour_angle = np.radians(360.0 * (day - 0.5) + longitude_deg) + equation_of_time
    latitude = np.radians(latitude_deg)
    sine = np.sin(latitude) * np.sin(declination)
    sine += np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    elevation = np.arcsin(np.clip(sine, -1.0, 1.0))
    elevation -= _PARALLAX * np.cos(elevation)
    azimuth = np.arctan2(
        np.sin(hour_angle),
        np.cos(hour_angle) * np.sin(latitude) - np.tan(declination) * np.cos(latitude),
    )
    # Declination of the day by Spencer (1971): one length per day.
    day_declination = np.asarray(declination_spencer71(day_of_year), np.float64)
    half_day = np.arccos(np.clip(-np.tan(latitude) * np.tan(day_declination), -1.0, 1.0))
    return SunHours(
        elevation_deg=np.degrees(elevation),
        azimuth_deg=(np.degrees(azimuth) + 180.0) % 360.0,  # counted from south above
        sin_elevation=np.maximum(np.sin(elevation), 0.0),
        hour_angle_deg=(np.degrees(hour_angle) + 180.0) % 360.0 - 180.0,
        half_day_deg=np.degrees(half_day),
        extraterrestrial_normal_w_m2=np.asarray(
            get_extra_radiation(day_of_year, method="spencer"), np.float64
        ),
    )


@cache
def _slow_sun() -> CubicSpline:
    """Equation of time and declination, both in degrees, over days of the nominal year, universal time.

    The equation of time is the hour angle at Greenwich less 360° a day, 0 at noon. Seen from the earth's
    centre.
    """
    noon = np.arange(-2, 368) + 0.5  # the year in every time zone, and a margin for the spline
    seconds = np.datetime64(f"{NOMINAL_YEAR}-01-01", "s").astype(np.int64) + noon * 86400.0
    sidereal, ascension, declination = spa.solar_position(
        seconds, 0.0, 0.0, 0.0, 0.0, 0.0, _TERRESTRIAL_MINUS_UNIVERSAL_S, 0.0, sst=True
    )
    return CubicSpline(noon, np.column_stack([(sidereal - ascension + 180.0) % 360.0 - 180.0, declination]))


def sky_infrared_w_m2(
    dry_bulb_c: ArrayLike, dew_point_c: ArrayLike, cloud_tenths: ArrayLike
) -> NDArray[np.float64]:
    """Horizontal infrared radiation from the sky, W/m², of any shape.

    Emissivity of the clear sky by Clark, G. and Allen, C. (1978), The estimation of atmospheric radiation
    for clear and cloudy skies, Proc. 2nd National Passive Solar Conference, 675-678, and the cloud factor
    of Walton, G. (1983), Thermal Analysis Research Program Reference Manual, NBSIR 83-2655:
    ε = (0.787 + 0.764 ln(T_dp / 273)) (1 + 0.0224 N - 0.0035 N² + 0.00028 N³), I = ε σ T_db⁴,
    temperatures in kelvin, N opaque cloud in tenths. The same pair fills weather files for EnergyPlus.
    """
    air_k = np.asarray(dry_bulb_c, np.float64) + KELVIN
    dew_k = np.asarray(dew_point_c, np.float64) + KELVIN
    n = np.asarray(cloud_tenths, np.float64)
    clear = 0.787 + 0.764 * np.log(dew_k / 273.0)
    emissivity = np.clip(clear * (1.0 + 0.0224 * n - 0.0035 * n**2 + 0.00028 * n**3), 0.0, 1.0)
    return emissivity * STEFAN_BOLTZMANN * air_k**4
