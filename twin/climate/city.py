"""What is known of the climate of the built-in cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError

Monthly = NDArray[np.float64]


@dataclass(frozen=True)
class CityClimate:
    """Monthly climate of one city, from ``twin/data/climate_*.yaml``. Monthly arrays have shape (12,)."""

    names: tuple[str, ...]
    title: Text
    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    utc_offset_h: float
    monthly: Mapping[str, Monthly]
    pressure_pa: tuple[float, float]  # winter, summer
    sequence: Mapping[str, float]
    rain_sequence: Mapping[str, float]
    confidence: Mapping[str, str]  # of each monthly column


def city_climate(name: str) -> CityClimate:
    """The climate of a built-in city by its English or Chinese name.

    Raises:
        TwinError: there is no such city.
    """
    wanted = name.strip().casefold()
    for city in built_in_cities():
        if any(wanted == own.casefold() for own in city.names):
            return city
    known = ", ".join(city.names[0] for city in built_in_cities())
    raise TwinError(
        "unknown-city",
        f"project.city = {name!r}",
        Text(
            f"There is no built-in typical year for this city (built in: {known}).",
            f"没有该城市的内置典型年（内置城市：{known}）。",
        ),
        Text(
            "Give an EPW weather file in weather.epw of twin.toml.",
            "请在 twin.toml 的 weather.epw 中提供 EPW 气象文件。",
        ),
    )


@cache
def built_in_cities() -> tuple[CityClimate, ...]:
    """Every city with a data file."""
    folder = resources.files("twin").joinpath("data")
    files = sorted(file.name for file in folder.iterdir() if file.name.startswith("climate_"))
    return tuple(_load(folder.joinpath(name).read_text("utf-8")) for name in files)


def _load(text: str) -> CityClimate:
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    location = data["location"]
    return CityClimate(
        names=tuple(data["names"]),
        title=Text(**data["title"]),
        latitude_deg=location["latitude_deg"],
        longitude_deg=location["longitude_deg"],
        elevation_m=location["elevation_m"],
        utc_offset_h=location["utc_offset_h"],
        monthly={key: np.array(block["values"], np.float64) for key, block in data["monthly"].items()},
        pressure_pa=(data["pressure_hpa"]["winter"] * 100.0, data["pressure_hpa"]["summer"] * 100.0),
        sequence=_values(data["sequence"]),
        rain_sequence=_values(data["rain_sequence"]),
        confidence={key: block["confidence"] for key, block in data["monthly"].items()},
    )


def _values(block: dict[str, Any]) -> dict[str, float]:
    return {key: item["value"] if isinstance(item, dict) else item for key, item in block.items()}
