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
_ZONE_ASSUMED, _TYPE_ASSUMED = "thermal-zone-assumed", "building-type-assumed"


def thermal_zone(project: Project) -> Traced | None:
    """The thermal zone of GB 50176-2016 of a project: declared, else its city's, else None."""
    declared = project.project.thermal_zone
    if declared is None:
        city = city_zones(project.project.city)
        return city.thermal_zone if city is not None else None
    return Traced(declared, "", Provenance.DECLARED, "project.thermal_zone in twin.toml")


def category_areas(model: BuildingModel) -> tuple[float, float]:
    """Floor area of the rooms of dwellings and of public rooms, m²; both 0 where no room shows its use."""
    categories = np.array([use_type(str(use)).category for use in model.spaces.use], object)
    dwelling, public = (
        float(np.nansum(model.spaces.area_m2[categories == category])) for category in ("dwelling", "public")
    )
    return dwelling, public


def building_category(model: BuildingModel, project: Project) -> BuildingCategory:
    """Residential or public: declared, else what the larger area of the rooms is used for.

    Where neither says, public: :func:`with_constructions` tells so in a diagnostic; the rating has no type.
    """
    declared = project.project.building_type
    if declared is not None:
        return declared
    dwelling, public = category_areas(model)
    return "public" if public >= dwelling else "residential"


def with_constructions(model: BuildingModel, project: Project) -> BuildingModel:
    """The model with the constructions that its place and use imply where the file is silent.

    A city without a known zone counts as 3A, a building of which nothing says its type as public, each with a
    diagnostic.
    """
    zone = thermal_zone(project)
    done = resolve_constructions(
        model,
        zone=_FALLBACK_ZONE if zone is None else str(zone.value),
        building_category=building_category(model, project),
    )
    others = tuple(one for one in done.diagnostics if one.code not in (_ZONE_ASSUMED, _TYPE_ASSUMED))
    if zone is None:
        others += (_zone_assumed(project.project.city),)
    if project.project.building_type is None and not any(category_areas(model)):
        others += (_type_assumed(),)
    return replace(done, diagnostics=others)


def _zone_assumed(city: str) -> Diagnostic:
    return Diagnostic(
        code=_ZONE_ASSUMED,
        severity=Severity.WARNING,
        message=Text(
            f"The thermal zone of {city} is not known; default constructions are those of {_FALLBACK_ZONE}.",
            f"未知{city}的热工分区，默认构造按 {_FALLBACK_ZONE} 区考虑。",
        ),
        remedy=Text("Set project.thermal_zone in twin.toml.", "请在 twin.toml 中填写 project.thermal_zone。"),
    )


def _type_assumed() -> Diagnostic:
    return Diagnostic(
        code=_TYPE_ASSUMED,
        severity=Severity.WARNING,
        message=Text(
            "Nothing says whether the building is residential or public; default constructions and the "
            "reference building have the limits of public buildings.",
            "无法判断建筑为居住建筑还是公共建筑；默认构造与参照建筑按公共建筑的限值考虑。",
        ),
        remedy=Text(
            "Name the rooms by their use, or set project.building_type in twin.toml.",
            "请按用途命名房间，或在 twin.toml 中填写 project.building_type。",
        ),
    )
