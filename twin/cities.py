"""Cities in the zoning of the codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ifc.model import Provenance, Text, Traced


@dataclass(frozen=True, slots=True)
class CityZones:
    """One city in the codes' zoning. None: not known here."""

    name: Text
    thermal_zone: Traced | None  # of GB 50176-2016, "1A" .. "5B"
    light_climate: Traced | None  # of GB 50033-2013, "I" .. "V"
    building_climate_zone: Traced | None  # of GB 50178-93, "I" .. "VII"
    large: Traced | None  # whether at least 500,000 people live there


def city_zones(name: str) -> CityZones | None:
    """The zones of a city by its English or Chinese name, None for one that is not listed."""
    return _cities().get(_key(name))


def _key(name: str) -> str:
    return name.strip().removesuffix("市").casefold()


def _traced(zone: list[Any] | None, source: str) -> Traced | None:
    return None if zone is None else Traced(zone[0], "", Provenance.DEFAULT, source, zone[1])


@cache
def _cities() -> Mapping[str, CityZones]:
    text = resources.files("twin").joinpath("data/cities.yaml").read_text("utf-8")
    data = yaml.load(text, Loader=yaml.CSafeLoader)
    found: dict[str, CityZones] = {}
    for english, chinese, thermal, light, climate, people in data["cities"]:
        sources = data["sources"]
        city = CityZones(
            Text(english, chinese),
            _traced(thermal, sources["thermal"]),
            _traced(light, sources["light"]),
            _traced(climate, sources["climate"]),
            _traced(people, sources["people"]),
        )
        found[_key(english)] = found[_key(chinese)] = city
    return found
