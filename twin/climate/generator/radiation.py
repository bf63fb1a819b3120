"""Hourly irradiance and cloud from twelve monthly sums of global radiation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pvlib.irradiance import erbs
from scipy.optimize import brentq

from twin.climate.city import Monthly
from twin.climate.generator.sequence import autocorrelated_normal, rank_share
from twin.climate.monthly import hours_from_days, month_means, month_sums
from twin.climate.record import HOURS, MONTH_OF_DAY, MONTH_OF_HOUR, Hourly
from twin.climate.sky import SunHours

Floats = NDArray[np.float64]

LEAST_CLEARNESS = 0.05  # of a day, Bendt et al. 1981


@dataclass(frozen=True)
class RadiationYear:
    """Irradiance over the year; GHI = DHI + DNI sin h holds in every hour."""

    global_horizontal_w_m2: Hourly
    direct_normal_w_m2: Hourly
    diffuse_horizontal_w_m2: Hourly
    cloud_tenths: Hourly
    relative_clearness: Floats  # (365,) clearness index of the day over its month's mean
    clearness_normal: Floats  # (365,) the normal sequence behind it


def radiation_year(
    sun: SunHours,
    monthly_kwh_m2: Monthly,
    random: np.random.Generator,
    *,
    day_lag_one: float,
    hour_lag_one: float,
) -> RadiationYear:
    """A year of irradiance whose monthly sums are ``monthly_kwh_m2`` (12,).

    1. The daily clearness index follows the distribution of Bendt, Collares-Pereira and Rabl (1981,
       doi:10.1016/0038-092X(81)90013-X) about the month's mean, in the order of an autoregressive sequence
       (Graham, Hollands and Huget 1988, doi:10.1016/0038-092X(88)90039-9).
    2. The day's sum is spread by Collares-Pereira and Rabl (1979, doi:10.1016/0038-092X(79)90100-2), with
       autoregressive scatter of the hourly clearness index of standard deviation 0.6 K (0.8 - K), which
       fits the typical years of Changsha, Shanghai and Hangzhou; no hour exceeds Haurwitz' clear sky (1945).
    3. Diffuse by Erbs, Klein and Duffie (1982, doi:10.1016/0038-092X(82)90302-4); the beam is limited to a
       clear one (Meinel 1976: I₀ 0.7^(m^0.678)) and the diffuse part closes the balance.
    4. Cloud from the day's share of the clear sky, Kasten and Czeplak (1980,
       doi:10.1016/0038-092X(80)90391-6): G / G_clear = 1 - 0.75 (N / 8)^3.4.
    """
    outside = sun.extraterrestrial_normal_w_m2 * sun.sin_elevation
    clear = _clear_sky(sun.sin_elevation)
    outside_day = outside.reshape(365, 24).sum(axis=1)
    clear_day = clear.reshape(365, 24).sum(axis=1)
    mean_clearness = monthly_kwh_m2 * 1000.0 / month_sums(outside_day)

    normal = autocorrelated_normal(random, 365, day_lag_one)
    share = rank_share(normal, MONTH_OF_DAY)
    highest = month_sums(clear_day) / month_sums(outside_day)
    clearness = np.empty(365)
    for month in range(12):
        days = month == MONTH_OF_DAY
        clearness[days] = _daily_clearness(share[days], float(mean_clearness[month]), float(highest[month]))

    scatter = autocorrelated_normal(random, HOURS, hour_lag_one)
    global_ = _spread_over_hours(clearness, scatter, sun, outside, clear)
    global_ *= (monthly_kwh_m2 * 1000.0 / month_sums(global_))[MONTH_OF_HOUR]
    direct, diffuse = _split(global_, sun)
    clear_share = np.clip(global_.reshape(365, 24).sum(axis=1) / clear_day, 0.25, 1.0)
    cloud_tenths = 10.0 * ((1.0 - clear_share) / 0.75) ** (1.0 / 3.4)
    return RadiationYear(
        global_horizontal_w_m2=global_,
        direct_normal_w_m2=direct,
        diffuse_horizontal_w_m2=diffuse,
        cloud_tenths=hours_from_days(cloud_tenths),
        relative_clearness=clearness / month_means(clearness)[MONTH_OF_DAY],
        clearness_normal=normal,
    )


def _clear_sky(sin_elevation: Hourly) -> Hourly:
    """Global irradiance of a clear sky, Haurwitz (1945): 1098 sin h exp(-0.057 / sin h) W/m²."""
    up = sin_elevation > 0.0
    return np.where(up, 1098.0 * sin_elevation * np.exp(-0.057 / np.where(up, sin_elevation, 1.0)), 0.0)


def _daily_clearness(share: Floats, mean: float, highest: float) -> Floats:
    """Clearness index at the cumulative frequencies ``share`` of a month.

    The density is exponential between K_min and K_max; its rate follows from the mean. K_max by Hollands and
    Huget (1983, doi:10.1016/0038-092X(83)90149-4), not above a clear sky.
    """
    top = min(0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8, highest)
    width = top - LEAST_CLEARNESS
    relative_mean = (mean - LEAST_CLEARNESS) / width

    def mean_at(rate: float) -> float:
        if abs(rate) < 1e-4:
            return 0.5 + rate / 12.0
        return float(-1.0 / np.expm1(-rate) - 1.0 / rate)

    rate = brentq(lambda value: mean_at(value) - relative_mean, -200.0, 200.0)
    relative = share if abs(rate) < 1e-4 else np.log1p(share * np.expm1(rate)) / rate
    return LEAST_CLEARNESS + width * relative


def _spread_over_hours(
    clearness: Floats, scatter: Hourly, sun: SunHours, outside: Hourly, clear: Hourly
) -> Hourly:
    """Hourly global irradiance whose daily sums are clearness times ``outside``."""
    half_day = np.radians(sun.half_day_deg)
    a = 0.409 + 0.5016 * np.sin(half_day - np.pi / 3.0)
    b = 0.6609 - 0.4767 * np.sin(half_day - np.pi / 3.0)
    course = (a + b * np.cos(np.radians(sun.hour_angle_deg))) * outside
    daily_sum = clearness * outside.reshape(365, 24).sum(axis=1)
    course = _to_daily_sums(course, daily_sum)
    deviation = np.repeat(0.6 * clearness * np.maximum(0.8 - clearness, 0.0), 24)
    hourly = np.clip(course + deviation * scatter * outside, 0.1 * course, clear)
    for _ in range(6):  # what the clear sky cuts off goes to the day's other hours
        hourly = np.minimum(_to_daily_sums(hourly, daily_sum), clear)
    return hourly


def _to_daily_sums(hourly: Hourly, daily_sum: Floats) -> Hourly:
    by_day = hourly.reshape(365, 24)
    return np.asarray(by_day * (daily_sum / by_day.sum(axis=1))[:, None]).ravel()


def _split(global_: Hourly, sun: SunHours) -> tuple[Hourly, Hourly]:
    """Direct normal and diffuse horizontal irradiance of ``global_``."""
    day_of_year = np.arange(HOURS) // 24 + 1
    diffuse = np.asarray(erbs(global_, 90.0 - sun.elevation_deg, day_of_year)["dhi"], np.float64)
    up = sun.sin_elevation > 0.0
    sine = np.where(up, sun.sin_elevation, 1.0)
    # Kasten and Young (1989) relative air mass, for the limit of the beam.
    elevation = np.maximum(sun.elevation_deg, 0.0)
    air_mass = 1.0 / (sine + 0.50572 * (elevation + 6.07995) ** -1.6364)
    limit = sun.extraterrestrial_normal_w_m2 * 0.7 ** (air_mass**0.678)
    direct = np.where(up, np.clip((global_ - diffuse) / sine, 0.0, limit), 0.0)
    return direct, global_ - direct * sun.sin_elevation
