"""Hourly temperature, humidity, wind and pressure from monthly values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from twin.climate.city import Monthly
from twin.climate.generator.radiation import RadiationYear
from twin.climate.generator.sequence import autocorrelated_normal
from twin.climate.moist_air import dew_point_c, relative_humidity_pct
from twin.climate.monthly import hours_from_days, month_means, smooth_course, with_month_means
from twin.climate.record import HOURS, MONTH_OF_DAY, MONTH_OF_HOUR, Hourly
from twin.climate.sky import SunHours

Floats = NDArray[np.float64]

LEAST_DEW_POINT_DEPRESSION_K = 0.1


def dry_bulb_year(
    mean_c: Monthly,
    daily_range_k: Monthly,
    deviation_k: Monthly,
    clearness_correlation: Monthly,
    radiation: RadiationYear,
    sun: SunHours,
    random: np.random.Generator,
    *,
    lag_one: float,
    range_slope: float,
) -> Hourly:
    """Hourly dry bulb, °C: monthly means exactly ``mean_c``, mean daily range close to ``daily_range_k``.

    Daily means = smooth course of the monthly means + autoregressive anomaly, correlated with the day's
    clearness. Hours follow the mean daily course of Erbs, Klein and Beckman (1983, Estimation of degree-days
    and ambient temperature bin data from monthly-average temperatures, ASHRAE Journal 25(6), 60-65), whose
    amplitude is the day's range: larger on clear days by ``range_slope``.
    """
    correlation = smooth_course(clearness_correlation, 365)
    own = autocorrelated_normal(random, 365, lag_one)
    anomaly = correlation * radiation.clearness_normal + np.sqrt(1.0 - correlation**2) * own
    anomaly *= smooth_course(deviation_k, 365)
    daily = smooth_course(mean_c, HOURS) + hours_from_days(with_month_means(anomaly, np.zeros(12)))

    relative_range = np.maximum(1.0 + range_slope * (radiation.relative_clearness - 1.0), 0.2)
    relative_range /= month_means(relative_range)[MONTH_OF_DAY]
    course = hours_from_days(relative_range) * _daily_course(sun.hour_angle_deg)
    amplitude = daily_range_k.copy()
    for _ in range(4):  # the day-to-day change adds to the range: take it off the amplitude
        hourly = daily + smooth_course(amplitude, HOURS) * course
        by_day = hourly.reshape(365, 24)
        amplitude += daily_range_k - month_means(by_day.max(axis=1) - by_day.min(axis=1))
    return with_month_means(daily + smooth_course(amplitude, HOURS) * course, mean_c)


def dew_point_year(
    dry_bulb_c: Hourly, humidity_pct: Monthly, radiation: RadiationYear, *, depression_slope: float
) -> Hourly:
    """Hourly dew point, °C, never above the dry bulb, for monthly mean humidities ``humidity_pct``.

    The dew point is steady over a day and lies below the day's mean temperature by a depression that grows
    with the day's clearness; its monthly scale is solved so that the mean relative humidity holds.
    """
    daily_mean = dry_bulb_c.reshape(365, 24).mean(axis=1)
    spread = np.maximum(1.0 + depression_slope * (radiation.relative_clearness - 1.0), 0.1)
    mean_c = month_means(dry_bulb_c)
    depression = mean_c - dew_point_c(mean_c, humidity_pct)
    ceiling = dry_bulb_c - LEAST_DEW_POINT_DEPRESSION_K

    def dew_points() -> Hourly:
        daily = daily_mean - smooth_course(depression, 365) * spread
        return np.minimum(hours_from_days(daily), ceiling)

    for _ in range(30):
        excess = month_means(relative_humidity_pct(dry_bulb_c, dew_points())) - humidity_pct
        # One kelvin of dew point changes the relative humidity by about 6 % of itself.
        depression = np.maximum(depression + excess / (0.06 * humidity_pct), 0.0)
    return dew_points()


def wind_speed_year(
    mean_m_s: Monthly,
    random: np.random.Generator,
    *,
    lag_one: float,
    weibull_shape: float,
    daily_swing: float,
) -> Hourly:
    """Hourly wind speed, m/s: autoregressive and Weibull, higher by day, with exact monthly means."""
    share = ndtr(autocorrelated_normal(random, HOURS, lag_one))
    weibull = (-np.log1p(-share)) ** (1.0 / weibull_shape)
    hour = np.arange(HOURS) % 24 + 0.5
    speed = weibull * (1.0 + daily_swing * np.cos((hour - 15.0) * np.pi / 12.0))
    return np.asarray(speed * (mean_m_s / month_means(speed))[MONTH_OF_HOUR])


def wind_direction_year(
    prevailing_deg: Monthly, random: np.random.Generator, *, lag_one: float, deviation_deg: float
) -> Hourly:
    """Hourly wind direction, degrees from north in [0, 360), autoregressive about the prevailing one."""
    turn = deviation_deg * autocorrelated_normal(random, HOURS, lag_one)
    return (prevailing_deg[MONTH_OF_HOUR] + turn) % 360.0


def pressure_year(winter_pa: float, summer_pa: float) -> Hourly:
    """Hourly pressure, Pa: one harmonic over the year, highest in mid-January, lowest in mid-July."""
    day = np.arange(HOURS) / 24.0
    mean, swing = 0.5 * (winter_pa + summer_pa), 0.5 * (winter_pa - summer_pa)
    return mean + swing * np.cos(2.0 * np.pi * (day - 15.0) / 365.0)


def _daily_course(hour_angle_deg: Hourly) -> Hourly:
    """(T - T_mean) / range over a day, by solar time."""
    # Their t is 1 at 1 h; t* = 2 π (t - 1) / 24 with the hour's end as its time.
    t = np.radians(hour_angle_deg + 180.0 - 15.0)
    return np.asarray(
        0.4632 * np.cos(t - 3.805)
        + 0.0984 * np.cos(2.0 * t - 0.360)
        + 0.0168 * np.cos(3.0 * t - 0.822)
        + 0.0138 * np.cos(4.0 * t - 3.513)
    )
