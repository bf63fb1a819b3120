"""The zones of the codes that a project lies in, and the constructions that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
import yaml

from ifc.constructions import climate_zones, resolve_constructions
from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.errors import TwinError
from twin.project import Project
from twin.use_types import use_type

BuildingCategory = Literal["residential", "public"]

_FALLBACK_ZONE = "3A"
_CODE = "thermal-zone-assumed"


@dataclass(frozen=True, slots=True)
class CityZones:
    """One city in the codes' zoning. None: not known here."""

    name: Text
    thermal_zone: Traced | None  # "1A" .. "5B"
    light_climate: Traced | None  # "I" .. "V"


def city_zones(name: str) -> CityZones | None:
    """The zones of a city by its English or Chinese name, None for one that is not listed."""
    return _cities().get(_key(name))


def thermal_zone(project: Project) -> Traced | None:
    """The thermal zone of GB 50176-2016 of a project: declared, else its city's, else None.

    Raises:
        TwinError: twin.toml declares a zone that does not exist.
    """
    declared = project.project.thermal_zone
    if declared is None:
        city = city_zones(project.project.city)
        return city.thermal_zone if city is not None else None
    if declared not in climate_zones():
        raise TwinError(
            "project-value",
            f"project.thermal_zone = {declared!r}",
            Text("There is no such thermal zone in GB 50176-2016.", "GB 50176-2016 中没有该热工分区。"),
            Text(f"Use one of: {', '.join(climate_zones())}.", f"请选用：{'、'.join(climate_zones())}。"),
        )
    return Traced(declared, "", Provenance.DECLARED, "project.thermal_zone in twin.toml")


def building_category(model: BuildingModel, project: Project) -> BuildingCategory:
    """Residential or public: declared, else what the larger area of the rooms is used for."""
    declared = project.project.building_type
    if declared is not None:
        return declared
    categories = np.array([use_type(str(use)).category for use in model.spaces.use], object)
    dwelling, public = (
        float(np.nansum(model.spaces.area_m2[categories == category])) for category in ("dwelling", "public")
    )
    return "public" if public >= dwelling else "residential"


def with_constructions(model: BuildingModel, project: Project) -> BuildingModel:
    """The model with the constructions that its place and use imply where the file is silent.

    A city without a known zone counts as 3A, with a diagnostic.

    Raises:
        TwinError: twin.toml declares a zone that does not exist.
    """
    zone = thermal_zone(project)
    done = resolve_constructions(
        model,
        zone=_FALLBACK_ZONE if zone is None else str(zone.value),
        building_category=building_category(model, project),
    )
    others = tuple(one for one in done.diagnostics if one.code != _CODE)
    if zone is None:
        others += (_zone_assumed(project.project.city),)
    return replace(done, diagnostics=others)


def _zone_assumed(city: str) -> Diagnostic:
    return Diagnostic(
        code=_CODE,
        severity=Severity.WARNING,
        message=Text(
            f"The thermal zone of {city} is not known; default constructions are those of {_FALLBACK_ZONE}.",
            f"未知{city}的热工分区，默认构造按 {_FALLBACK_ZONE} 区考虑。",
        ),
        remedy=Text("Set project.thermal_zone in twin.toml.", "请在 twin.toml 中填写 project.thermal_zone。"),
    )


def _key(name: str) -> str:
    return name.strip().removesuffix("市").casefold()


def _traced(zone: list[str] | None, source: str) -> Traced | None:
    return None if zone is None else Traced(zone[0], "", Provenance.DEFAULT, source, zone[1])


@cache
def _cities() -> Mapping[str, CityZones]:
    text = resources.files("twin").joinpath("data/cities.yaml").read_text("utf-8")
    data = yaml.load(text, Loader=yaml.CSafeLoader)
    found: dict[str, CityZones] = {}
    for english, chinese, thermal, light in data["cities"]:
        city = CityZones(
            Text(english, chinese),
            _traced(thermal, data["sources"]["thermal"]),
            _traced(light, data["sources"]["light"]),
        )
        found[_key(english)] = found[_key(chinese)] = city
    return found
