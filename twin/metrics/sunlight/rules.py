"""The numbers of the sunlight rules, from ``twin/data/sunlight.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import Provenance, Text, Traced
from twin.cities import city_zones
from twin.kernels.sun import directions_at_solar_time
from twin.kernels.sun_minutes import solar_times
from twin.project import SunlightSection


@dataclass(frozen=True, slots=True)
class Day:
    """A reference day: the date whose sun shines, and the band of apparent solar time that counts, h."""

    day_id: str
    label: Text
    date: Traced  # ISO 8601
    band_h: tuple[float, float]

    def suns(self, latitude_deg: float, longitude_deg: float, step_min: float) -> NDArray[np.float64]:
        """Unit vectors (H, 3) to the sun in the middle of every step, x east, y north, z up."""
        times = solar_times(*self.band_h, step_min)
        date = np.datetime64(str(self.date.value))
        return directions_at_solar_time(latitude_deg, longitude_deg, date, times)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What rooms of some uses need: ``hours`` on a day, of which share of them."""

    uses: frozenset[str]
    day: Day
    hours: Traced  # h
    least_share: float
    per_dwelling: bool  # one room of a dwelling is enough


@dataclass(frozen=True, slots=True)
class Counting:
    """How hours are counted. Lengths in metres, times in minutes."""

    step_min: float
    least_period_min: float
    sill_above_floor_m: Traced
    widest_window_m: float
    point_spacing_m: float


def days() -> Mapping[str, Day]:
    """The reference days by their id."""
    block = _data()["days"]
    return {
        name: Day(
            name,
            Text(**raw["label"]),
            Traced(str(raw["date"]), "", Provenance.DEFAULT, block["source"], block["confidence"]),
            (raw["band_h"][0], raw["band_h"][1]),
        )
        for name, raw in block["rows"].items()
    }


def counting() -> Counting:
    """How hours are counted."""
    raw = _data()["counting"]
    sill = Traced(raw["sill_above_floor_m"], "m", Provenance.DEFAULT, raw["source"], raw["confidence"])
    return Counting(
        float(raw["step_min"]),
        float(raw["least_period_min"]),
        sill,
        float(raw["widest_window_m"]),
        float(raw["point_spacing_m"]),
    )


def requirements(city: str, section: SunlightSection) -> tuple[Requirement, ...]:
    """What the rooms of a building in a city need. Dwellings are left out where their rule is not known."""
    known = days()
    found = [
        Requirement(
            frozenset(raw["uses"]),
            known[raw["day"]],
            Traced(float(raw["hours"]), "h", Provenance.DEFAULT, raw["source"], raw["confidence"]),
            float(raw["least_share"]),
            per_dwelling=False,
        )
        for raw in _data()["rooms"]
    ]
    dwellings = _of_dwellings(city, section)
    return (*found, dwellings) if dwellings is not None else tuple(found)


def dwelling_uses() -> frozenset[str]:
    """Uses of which one room per dwelling needs sun."""
    return frozenset(_data()["dwellings"]["uses"])


def _of_dwellings(city: str, section: SunlightSection) -> Requirement | None:
    block = _data()["dwellings"]
    day, hours = section.day, section.hours
    if day is not None and hours is not None:
        said = Traced(hours, "h", Provenance.DECLARED, "sunlight.day, sunlight.hours in twin.toml")
        return Requirement(dwelling_uses(), days()[day], said, 1.0, per_dwelling=True)
    zones = city_zones(city)
    if zones is None or zones.building_climate_zone is None or zones.large is None:
        return None
    zone, large = str(zones.building_climate_zone.value), bool(zones.large.value)
    row = next(row for row in block["rows"] if zone in row["zones"] and row["large"] == large)
    people = f"{'≥' if large else '<'} 500 000 people"
    source = f"{block['source']}, zone {zone}, {people}; {block['one_room_per_dwelling']}"
    confidences = (zones.building_climate_zone.confidence, zones.large.confidence, block["confidence"])
    surest = "medium" if "low" not in confidences else "low"
    value = Traced(float(row["hours"]), "h", Provenance.DEFAULT, source, surest)
    return Requirement(dwelling_uses(), days()[row["day"]], value, 1.0, per_dwelling=True)


@cache
def _data() -> dict[str, Any]:
    text = resources.files("twin").joinpath("data", "sunlight.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return data
