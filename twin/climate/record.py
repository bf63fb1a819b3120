"""A typical year and a rain record, on the building's place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text

Hourly = NDArray[np.float64]

HOURS = 8760
NOMINAL_YEAR = 2001  # calendar of the 8760 hours: not a leap year, begins on a Monday
DAYS_IN_MONTH = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
MONTH_OF_HOUR = np.repeat(np.arange(12), DAYS_IN_MONTH * 24)  # (8760,) 0 = January
MONTH_OF_DAY = np.repeat(np.arange(12), DAYS_IN_MONTH)  # (365,)


@dataclass(frozen=True)
class RainRecord:
    """Rain depth per time step, without gaps unless ``depth_mm`` is NaN."""

    depth_mm: Hourly  # (n,)
    step_s: int
    start: np.datetime64
    source: str
    synthetic: bool = False  # True: made by a generator, no gauge measured it


@dataclass(frozen=True)
class Climate:
    """8760 hours in local standard time; index i covers the hour [i, i + 1).

    Irradiances are means over the hour. The sun is to be taken at the middle of the hour.
    """

    place: str
    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    utc_offset_h: float
    dry_bulb_c: Hourly
    dew_point_c: Hourly
    relative_humidity_pct: Hourly
    pressure_pa: Hourly
    wind_speed_m_s: Hourly
    wind_direction_deg: Hourly
    global_horizontal_w_m2: Hourly
    direct_normal_w_m2: Hourly
    diffuse_horizontal_w_m2: Hourly
    sky_infrared_w_m2: Hourly  # horizontal infrared from the sky
    rain: RainRecord | None
    source: str  # the file, or the generator with its version
    note: Text  # what it rests on, for the report
    sha256: str  # of the data
    years: NDArray[np.int64] | None = None  # (8760,) the calendar year that each hour was taken from


def data_sha256(climate: Climate) -> str:
    """Hash of the place, the hourly columns and the rain: equal data, equal hash, whatever the source."""
    digest = hashlib.sha256()
    for column in fields(climate):
        value = getattr(climate, column.name)
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value).tobytes())
        elif isinstance(value, float):
            digest.update(np.float64(value).tobytes())
    if climate.rain is not None:
        digest.update(climate.rain.depth_mm.tobytes())
        digest.update(f"{climate.rain.step_s} {climate.rain.start}".encode())
    return digest.hexdigest()
