"""Reference evapotranspiration of a climate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.climate.moist_air import saturation_pressure_pa
from twin.climate.monthly import month_means
from twin.climate.record import Climate
from twin.climate.sky import KELVIN, sun_hours

Floats = NDArray[np.float64]

MJ_PER_WH = 0.0036


def monthly_reference_evapotranspiration_mm_day(climate: Climate) -> Floats:
    """Mean reference evapotranspiration of each month, mm/day, shape (12,)."""

    def by_day(values: Floats) -> Floats:
        return values.reshape(365, 24)

    sun = sun_hours(climate.latitude_deg, climate.longitude_deg, climate.utc_offset_h)
    outside = by_day(sun.extraterrestrial_normal_w_m2 * sun.sin_elevation).sum(axis=1)
    temperature = by_day(climate.dry_bulb_c)
    return month_means(
        reference_evapotranspiration_mm_day(
            highest_c=temperature.max(axis=1),
            lowest_c=temperature.min(axis=1),
            vapour_kpa=saturation_pressure_pa(by_day(climate.dew_point_c)).mean(axis=1) / 1000.0,
            wind_2m_m_s=by_day(climate.wind_speed_m_s).mean(axis=1) * 4.87 / np.log(67.8 * 10.0 - 5.42),
            global_mj_m2=by_day(climate.global_horizontal_w_m2).sum(axis=1) * MJ_PER_WH,
            extraterrestrial_mj_m2=outside * MJ_PER_WH,
            elevation_m=climate.elevation_m,
        )
    )


def reference_evapotranspiration_mm_day(
    *,
    highest_c: ArrayLike,
    lowest_c: ArrayLike,
    vapour_kpa: ArrayLike,
    wind_2m_m_s: ArrayLike,
    global_mj_m2: ArrayLike,
    extraterrestrial_mj_m2: ArrayLike,
    elevation_m: float,
) -> Floats:
    """Evapotranspiration of well-watered short grass, mm/day, of any shape; not below 0.

    FAO Penman-Monteith with daily values: Allen, R. et al. (1998), Crop evapotranspiration, FAO Irrigation
    and Drainage Paper 56, equations 6, 7, 8, 11 to 13 and 37 to 40 (albedo 0.23, no soil heat flux).
    """
    high, low = np.asarray(highest_c, np.float64), np.asarray(lowest_c, np.float64)
    mean = 0.5 * (high + low)
    vapour, wind = np.asarray(vapour_kpa, np.float64), np.asarray(wind_2m_m_s, np.float64)
    sun = np.asarray(global_mj_m2, np.float64)
    clear = (0.75 + 2e-5 * elevation_m) * np.asarray(extraterrestrial_mj_m2, np.float64)
    pressure = 101.3 * ((293.0 - 0.0065 * elevation_m) / 293.0) ** 5.26
    psychrometric = 0.000665 * pressure

    def saturation(t: Floats) -> Floats:
        return np.asarray(0.6108 * np.exp(17.27 * t / (t + 237.3)))

    slope = 4098.0 * saturation(mean) / (mean + 237.3) ** 2
    fourth_powers = 0.5 * ((high + KELVIN) ** 4 + (low + KELVIN) ** 4)
    share_of_clear = np.clip(sun / clear, 0.3, 1.0)
    long_wave = 4.903e-9 * fourth_powers * (0.34 - 0.14 * np.sqrt(vapour)) * (1.35 * share_of_clear - 0.35)
    net = 0.77 * sun - long_wave
    deficit = 0.5 * (saturation(high) + saturation(low)) - vapour
    numerator = 0.408 * slope * net + psychrometric * 900.0 / (mean + 273.0) * wind * deficit
    return np.asarray(np.maximum(numerator / (slope + psychrometric * (1.0 + 0.34 * wind)), 0.0))
