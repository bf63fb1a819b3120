"""The climate of a place: weather files, the built-in typical year, rain.

The data classes are light; the functions load pvlib and pandas when they are first used.
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
    from twin.climate.epw import read_epw

__all__ = [
    "DAYS_IN_MONTH",
    "HOURS",
    "MONTH_OF_DAY",
    "MONTH_OF_HOUR",
    "NOMINAL_YEAR",
    "Climate",
    "Hourly",
    "RainRecord",
    "read_epw",
]

_HOME = {"read_epw": "epw"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"twin.climate.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
