"""A typical year and a rain record, on the building's place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text

Hourly = NDArray[np.float64]


@dataclass(frozen=True)
class RainRecord:
    """Rain depth per time step, without gaps unless ``depth_mm`` is NaN."""

    depth_mm: Hourly  # (n,)
    step_s: int
    start: np.datetime64
    source: str


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
