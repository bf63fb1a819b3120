"""The sun over 8760 hours, and the infrared radiation of the sky."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pvlib.irradiance import get_extra_radiation
from pvlib.solarposition import declination_spencer71, get_solarposition
from pvlib.solarposition import hour_angle as solar_hour_angle

from twin.climate.record import HOURS, NOMINAL_YEAR, Hourly

STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m² K⁴), CODATA 2018
KELVIN = 273.15


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
    Spencer's extraterrestrial irradiance, both from pvlib.
    """
    times = pd.date_range(
        f"{NOMINAL_YEAR}-01-01 00:30", periods=HOURS, freq="h", tz=timezone(timedelta(hours=utc_offset_h))
    )
    day_of_year = times.day_of_year.to_numpy()
    position = get_solarposition(times, latitude_deg, longitude_deg, method="nrel_numpy")
    elevation = position["elevation"].to_numpy()
    hour_angle = np.asarray(solar_hour_angle(times, longitude_deg, position["equation_of_time"]), np.float64)
    # Declination of the day by Spencer (1971): one length per day.
    declination = np.asarray(declination_spencer71(day_of_year), np.float64)
    half_day = np.degrees(
        np.arccos(np.clip(-np.tan(np.radians(latitude_deg)) * np.tan(declination), -1.0, 1.0))
    )
    return SunHours(
        elevation_deg=elevation,
        azimuth_deg=position["azimuth"].to_numpy(),
        sin_elevation=np.maximum(np.sin(np.radians(elevation)), 0.0),
        hour_angle_deg=(hour_angle + 180.0) % 360.0 - 180.0,
        half_day_deg=half_day,
        extraterrestrial_normal_w_m2=np.asarray(
            get_extra_radiation(day_of_year, method="spencer"), np.float64
        ),
    )


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
