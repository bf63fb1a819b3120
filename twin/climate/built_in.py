"""The built-in typical year of a city."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from ifc.model import Text
from twin.climate.city import CityClimate, city_climate
from twin.climate.kept import Columns, kept
from twin.climate.moist_air import relative_humidity_pct
from twin.climate.record import Climate, Hourly, RainRecord, data_sha256

GENERATOR = "greentwin typical year 1"
FIRST_RAIN_YEAR = 2001  # of the synthetic calendar; it stands for no real year


def typical_year(city: str) -> Climate:
    """The typical year of a built-in city with a long synthetic rain record.

    Deterministic: made from the monthly values of ``twin/data/climate_<city>.yaml`` with the seed that the
    file states, once per process. The monthly means of temperature and wind, the monthly sums of global
    radiation and the mean monthly rain equal those values.

    Raises:
        TwinError: there is no such city.
    """
    return _generate(city_climate(city).names[0])


def synthetic_rain(city: str) -> RainRecord:
    """The synthetic hourly rain record that belongs to :func:`typical_year`.

    Raises:
        TwinError: there is no such city.
    """
    return _rain(city_climate(city).names[0])


@cache
def _generate(name: str) -> Climate:
    city = city_climate(name)
    columns = kept(f"{name}-year", lambda: _year(city))
    climate = Climate(
        place=name,
        latitude_deg=city.latitude_deg,
        longitude_deg=city.longitude_deg,
        elevation_m=city.elevation_m,
        utc_offset_h=city.utc_offset_h,
        **columns,
        rain=_rain(name),
        source=f"{GENERATOR}, {name}",
        note=_note(city),
        sha256="",
        years=None,
    )
    return replace(climate, sha256=data_sha256(climate))


def _year(city: CityClimate) -> Columns:
    """The hourly columns of a typical year."""
    # pvlib and SciPy's filters take seconds to load: only where a year is made.
    from twin.climate.generator import air
    from twin.climate.generator.radiation import radiation_year
    from twin.climate.sky import sky_infrared_w_m2, sun_hours

    monthly, sequence = city.monthly, city.sequence
    # One stream per quantity, so that a change of one leaves the others as they are.
    streams = [np.random.default_rng([int(sequence["seed"]), stream]) for stream in range(4)]
    sun = sun_hours(city.latitude_deg, city.longitude_deg, city.utc_offset_h)
    radiation = radiation_year(
        sun,
        monthly["global_horizontal_kwh_m2"],
        streams[0],
        day_lag_one=sequence["clearness_lag_one"],
        hour_lag_one=sequence["clearness_hour_lag_one"],
    )
    dry_bulb = air.dry_bulb_year(
        monthly["dry_bulb_mean_c"],
        monthly["dry_bulb_daily_range_k"],
        monthly["dry_bulb_daily_mean_deviation_k"],
        monthly["dry_bulb_clearness_correlation"],
        radiation,
        sun,
        streams[1],
        lag_one=sequence["dry_bulb_lag_one"],
        range_slope=sequence["daily_range_clearness_slope"],
    )
    dew_point = air.dew_point_year(
        dry_bulb,
        monthly["relative_humidity_pct"],
        radiation,
        depression_slope=sequence["dew_point_depression_clearness_slope"],
    )
    return {
        "dry_bulb_c": dry_bulb,
        "dew_point_c": dew_point,
        "relative_humidity_pct": relative_humidity_pct(dry_bulb, dew_point),
        "pressure_pa": air.pressure_year(*city.pressure_pa),
        "wind_speed_m_s": air.wind_speed_year(
            monthly["wind_speed_m_s"],
            streams[2],
            lag_one=sequence["wind_hour_lag_one"],
            weibull_shape=sequence["wind_weibull_shape"],
            daily_swing=sequence["wind_daily_swing"],
        ),
        "wind_direction_deg": air.wind_direction_year(
            monthly["wind_direction_deg"],
            streams[3],
            lag_one=sequence["wind_hour_lag_one"],
            deviation_deg=sequence["wind_direction_deviation_deg"],
        ),
        "global_horizontal_w_m2": radiation.global_horizontal_w_m2,
        "direct_normal_w_m2": radiation.direct_normal_w_m2,
        "diffuse_horizontal_w_m2": radiation.diffuse_horizontal_w_m2,
        "sky_infrared_w_m2": sky_infrared_w_m2(dry_bulb, dew_point, radiation.cloud_tenths),
    }


@cache
def _rain(name: str) -> RainRecord:
    city = city_climate(name)
    years = int(city.rain_sequence["years"])
    return RainRecord(
        depth_mm=kept(f"{name}-rain", lambda: {"depth_mm": _depths(city, years)})["depth_mm"],
        step_s=3600,
        start=np.datetime64(f"{FIRST_RAIN_YEAR}-01-01", "s"),
        source=f"{GENERATOR}, {name}: {years} synthetic years",
        synthetic=True,
    )


def _depths(city: CityClimate, years: int) -> Hourly:
    """Hourly rain of the synthetic years, mm."""
    from twin.climate.generator import rain

    sequence = city.rain_sequence
    random = np.random.default_rng([int(sequence["seed"]), 10])
    start = np.datetime64(f"{FIRST_RAIN_YEAR}-01-01", "D")
    days = np.arange(start, np.datetime64(f"{FIRST_RAIN_YEAR + years}-01-01", "D"))
    month = days.astype("datetime64[M]").astype(np.intp) % 12
    daily = rain.daily_rain(
        month,
        city.monthly["rain_mm"],
        city.monthly["rain_days"],
        random,
        years=years,
        wet_day_lag_one=sequence["wet_day_lag_one"],
        gamma_shape=sequence["depth_gamma_shape"],
    )
    return rain.hourly_rain(
        daily,
        random,
        wet_hours_coefficient=sequence["wet_hours_coefficient"],
        wet_hours_density=sequence["wet_hours_density"],
        gamma_shape=sequence["hour_gamma_shape"],
    )


def _note(city: CityClimate) -> Text:
    low = sorted(key for key, confidence in city.confidence.items() if confidence == "low")
    return Text(
        f"Typical year of {city.title.en} generated from monthly normals; no station record stands behind "
        f"its hours. Low confidence, taken over from neighbouring stations: {', '.join(low)}. A weather file "
        f"(weather.epw) and a gauge record (weather.rain) replace it.",
        f"{city.title.zh}典型年由逐月气候统计值生成，逐时数据并非台站实测。以下各项置信度较低，取自邻近台站："
        f"{'、'.join(low)}。可用气象文件（weather.epw）和雨量站记录（weather.rain）替换。",
    )
