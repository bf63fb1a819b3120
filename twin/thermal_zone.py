"""The zones of the codes that a project lies in, and the constructions that follow from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from ifc.constructions import resolve_constructions
from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.cities import city_zones
from twin.project import Project
from twin.use_types import use_type

BuildingCategory = Literal["residential", "public"]

_FALLBACK_ZONE = "3A"
_CODE = "thermal-zone-assumed"


def thermal_zone(project: Project) -> Traced | None:
    """The thermal zone of GB 50176-2016 of a project: declared, else its city's, else None."""
    declared = project.project.thermal_zone
    if declared is None:
        city = city_zones(project.project.city)
        return city.thermal_zone if city is not None else None
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
