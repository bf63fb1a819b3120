"""The climate as the thermal kernel wants it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.climate import HOURS, MONTH_OF_HOUR, NOMINAL_YEAR, Climate
from twin.kernels.thermal.irradiance import (
    Irradiance,
    extraterrestrial_w_m2,
    middle_of_hours,
    on_planes,
    sun_samples,
)
from twin.kernels.thermal.longwave import KELVIN, STEFAN_BOLTZMANN
from twin.kernels.thermal.network import Weather
from twin.metrics.energy.data import data, number

Floats = NDArray[np.float64]

GAS_CONSTANT_AIR = 287.05  # J/(kg K)


@dataclass(frozen=True)
class Sun:
    """The sun of the year, and of the middle day of each period for shading."""

    samples: Floats  # (8760, S, 3) unit vectors over each hour, x east, y north, z up; 0 at night
    hourly: Floats  # (8760, 3) in the middle of the sunlit part of each hour
    of_period: Floats  # (D, 3), row = period · 24 + hour
    month_of_period: NDArray[np.int64]  # (D,) 0 to 11
    row_of_hour: NDArray[np.int64]  # (8760,)


def sun_of_year(climate: Climate) -> Sun:
    """Positions of the sun at the climate's place, each hour in the year that its data are of."""
    years = NOMINAL_YEAR if climate.years is None else climate.years
    samples = sun_samples(climate.latitude_deg, climate.longitude_deg, climate.utc_offset_h, years)
    hourly = middle_of_hours(samples)
    period_days = int(data()["calculation"]["sun_period_days"])
    days = HOURS // 24
    periods = -(-days // period_days)
    middle = np.minimum(np.arange(periods) * period_days + period_days // 2, days - 1)
    hour = np.arange(HOURS)
    return Sun(
        samples=samples,
        hourly=hourly,
        of_period=hourly.reshape(days, 24, 3)[middle].reshape(-1, 3),
        month_of_period=MONTH_OF_HOUR.reshape(days, 24)[middle].reshape(-1).astype(np.int64),
        row_of_hour=hour // 24 // period_days * 24 + hour % 24,
    )


def monthly_air_temperature(climate: Climate) -> Floats:
    """Mean dry bulb of each month, (12,), °C."""
    return np.bincount(MONTH_OF_HOUR, climate.dry_bulb_c) / np.bincount(MONTH_OF_HOUR)


def kernel_weather(climate: Climate, sun: Sun, given_monthly_c: Floats) -> Weather:
    """Weather for the balance; given temperatures: row 0 outdoor air, then ``given_monthly_c`` (G, 12)."""
    direction = np.radians(climate.wind_direction_deg)
    return Weather(
        air_temperature_c=climate.dry_bulb_c,
        sky_temperature_c=(climate.sky_infrared_w_m2 / STEFAN_BOLTZMANN) ** 0.25 - KELVIN,
        wind_speed_m_s=climate.wind_speed_m_s,
        wind_east=np.sin(direction),
        wind_north=np.cos(direction),
        air_density_kg_m3=climate.pressure_pa / (GAS_CONSTANT_AIR * (climate.dry_bulb_c + KELVIN)),
        given_temperature_c=np.ascontiguousarray(
            np.vstack([climate.dry_bulb_c, given_monthly_c[:, MONTH_OF_HOUR]])
        ),
        sun_row=sun.row_of_hour,
    )


def irradiance(climate: Climate, sun: Sun, normals: Floats) -> Irradiance:
    """Irradiance of planes with the unit normals (O, 3), x east, y north, z up."""
    return on_planes(
        normals,
        sun.samples,
        climate.global_horizontal_w_m2,
        climate.direct_normal_w_m2,
        climate.diffuse_horizontal_w_m2,
        extraterrestrial_w_m2(),
        climate.pressure_pa,
        number("ground_reflectance"),
    )
