"""Humidity and pressure of outdoor air."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def saturation_pressure_pa(temperature_c: ArrayLike) -> Floats:
    """Saturation vapour pressure over water, Pa, of any shape.

    Magnus form with the coefficients of the WMO Guide to Instruments and Methods of Observation
    (WMO-No. 8, annex 4.B): e_w = 6.112 exp(17.62 t / (243.12 + t)) hPa, for -45 to 60 °C.
    """
    t = np.asarray(temperature_c, np.float64)
    return 611.2 * np.exp(17.62 * t / (243.12 + t))


def relative_humidity_pct(temperature_c: ArrayLike, dew_point_c: ArrayLike) -> Floats:
    """Relative humidity, %, of air of a dry bulb and a dew point, °C (over water)."""
    return 100.0 * saturation_pressure_pa(dew_point_c) / saturation_pressure_pa(temperature_c)


def dew_point_c(temperature_c: ArrayLike, relative_humidity_pct: ArrayLike) -> Floats:
    """Dew point, °C: the inverse of :func:`relative_humidity_pct`. Humidity below 1 % counts as 1 %."""
    t = np.asarray(temperature_c, np.float64)
    humidity = np.maximum(np.asarray(relative_humidity_pct, np.float64), 1.0)
    x = np.log(humidity / 100.0) + 17.62 * t / (243.12 + t)
    return np.asarray(243.12 * x / (17.62 - x))


def standard_pressure_pa(elevation_m: float) -> float:
    """Pressure of the standard atmosphere (ISO 2533), Pa, at an elevation above sea level."""
    return float(101325.0 * (1.0 - 2.25577e-5 * elevation_m) ** 5.2559)


def wet_bulb_c(temperature_c: ArrayLike, relative_humidity_pct: ArrayLike) -> Floats:
    """Wet-bulb temperature, °C, at sea-level pressure.

    Stull, R. (2011), Wet-Bulb Temperature from Relative Humidity and Air Temperature, J. Appl. Meteor.
    Climatol. 50, 2267-2269, doi:10.1175/JAMC-D-11-0143.1; error within -1 to +0.65 K for 5-99 % and
    -20 to 50 °C.
    """
    t = np.asarray(temperature_c, np.float64)
    rh = np.asarray(relative_humidity_pct, np.float64)
    return np.asarray(
        t * np.arctan(0.151977 * np.sqrt(rh + 8.313659))
        + np.arctan(t + rh)
        - np.arctan(rh - 1.676331)
        + 0.00391838 * rh**1.5 * np.arctan(0.023101 * rh)
        - 4.686035
    )
