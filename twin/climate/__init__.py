"""The climate of a place: weather files, the built-in typical year, rain.

The data classes are light; the functions load pvlib and pandas when they are first used, the typical year
only when it is not kept from before (see :mod:`twin.climate.kept`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from twin.climate.record import (
    DAYS_IN_MONTH,
    HOURS,
    MONTH_OF_DAY,
    MONTH_OF_HOUR,
    NOMINAL_YEAR,
    Climate,
    Hourly,
    RainRecord,
)

if TYPE_CHECKING:
    from twin.climate.built_in import synthetic_rain, typical_year
    from twin.climate.epw import read_epw
    from twin.climate.place import climate_for
    from twin.climate.rain_file import read_rain

__all__ = [
    "DAYS_IN_MONTH",
    "HOURS",
    "MONTH_OF_DAY",
    "MONTH_OF_HOUR",
    "NOMINAL_YEAR",
    "Climate",
    "Hourly",
    "RainRecord",
    "climate_for",
    "read_epw",
    "read_rain",
    "synthetic_rain",
    "typical_year",
]

_HOME = {
    "climate_for": "place",
    "read_epw": "epw",
    "read_rain": "rain_file",
    "synthetic_rain": "built_in",
    "typical_year": "built_in",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"twin.climate.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
