"""The numbers of the daylight rules, from ``twin/data/daylight.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ifc.model import Provenance, Traced
from twin.cities import city_zones
from twin.daylight_sections import DaylightSection, FinishSection


@dataclass(frozen=True)
class LightClimate:
    """The light climate zone of a place; ``k`` scales the required daylight factors.

    ``design_outdoor_lx`` is the horizontal illuminance outdoors that rooms are designed with.
    """

    zone: str
    k: Traced
    design_outdoor_lx: float


@dataclass(frozen=True)
class DaylightRules:
    """The whole data file, as far as the metric uses it. Ratios are fractions, angles degrees."""

    reflectance: Mapping[str, Traced]  # "floor", "wall", "ceiling", "outside", "ground", "frame"
    floor_below_tilt_deg: float
    transmittance: Traced
    frame_ratio: Traced
    dirt: Mapping[str, Traced]  # "vertical", "inclined", "horizontal"
    vertical_above_tilt_deg: float
    horizontal_below_tilt_deg: float
    glass_opacity_below: float
    clear_glass_transmittance: Traced
    curtain_closed_above: Traced  # W/m²
    narrowest_margin_m: float
    rating_source: str
    inner_zone_from_facade_m: Traced
    underground_daylight_factor_pct: float
    top_lighting_below_tilt_deg: float
    dwelling_illuminance_lx: float
    dwelling_hours_per_day: float
    public_hours_per_day: float
    unknown_area_share: float
    light_lost_share: float
    window_blocked_within_m: float
    most_glare_index: Mapping[str, float]  # by daylight grade, "I" to "V"
    glare_source: str
    glare_eye_height_m: Traced
    glare_eye_from_window_m: Traced
    glare_source_luminance: float
    disturbing_glare_probability: float
    rare_glare_share: float
    view_eye_height_m: Traced
    dwelling_view_distance_m: Traced
    solid_classes: frozenset[str]
    passing_proxy_names: re.Pattern[str]
    declared_finishes: tuple[FinishSection, ...] = ()

    def declared_light_climate(self, zone: str) -> LightClimate:
        """The light climate that twin.toml declares, "I" to "V"."""
        numbers = _data()["light_climate"]["zones"][zone]
        k = Traced(numbers["k"], "", Provenance.DECLARED, "daylight.light_climate in twin.toml")
        return LightClimate(zone, k, numbers["design_outdoor_lx"])

    def light_climate(self, city: str) -> LightClimate | None:
        """The light climate of a city by its English or Chinese name; None for one that is not listed."""
        zones = city_zones(city)
        if zones is None or zones.light_climate is None:
            return None
        block, found = _data()["light_climate"], zones.light_climate
        zone = str(found.value)
        source = f"{block['source']}, zone {zone} for {zones.name.en} ({found.source})"
        numbers = block["zones"][zone]
        k = Traced(numbers["k"], "", Provenance.DEFAULT, source, found.confidence)
        return LightClimate(zone, k, numbers["design_outdoor_lx"])


@cache
def daylight_rules(furniture: bool = False) -> DaylightRules:
    """The rules, read once; with ``furniture`` its classes are solid too."""
    data = _data()
    reflectance, window, criteria = data["reflectance"], data["window"], data["criteria"]
    glare, view = data["glare"], data["view"]
    dirt = window["dirt"]
    return DaylightRules(
        reflectance={
            name: _traced(reflectance[name], reflectance)
            for name in ("floor", "wall", "ceiling", "outside", "ground", "frame")
        },
        floor_below_tilt_deg=reflectance["floor_below_tilt_deg"],
        transmittance=_own(window["transmittance"]),
        frame_ratio=_own(window["frame_ratio"]),
        dirt={name: _traced(dirt[name], dirt) for name in ("vertical", "inclined", "horizontal")},
        vertical_above_tilt_deg=dirt["vertical_above_tilt_deg"],
        horizontal_below_tilt_deg=dirt["horizontal_below_tilt_deg"],
        glass_opacity_below=window["glass_opacity_below"],
        clear_glass_transmittance=_own(window["clear_glass_transmittance"]),
        curtain_closed_above=_own(data["curtain"]["closed_above_w_m2"], "W/m²"),
        narrowest_margin_m=data["grid"]["narrowest_margin_m"],
        rating_source=criteria["rating_source"],
        inner_zone_from_facade_m=_own(criteria["inner_zone_from_facade_m"], "m"),
        underground_daylight_factor_pct=criteria["underground_daylight_factor_pct"]["value"],
        top_lighting_below_tilt_deg=criteria["top_lighting_below_tilt_deg"],
        dwelling_illuminance_lx=criteria["dwelling"]["illuminance_lx"],
        dwelling_hours_per_day=criteria["dwelling"]["hours_per_day"],
        public_hours_per_day=criteria["public"]["hours_per_day"],
        unknown_area_share=criteria["unknown_area_share"],
        light_lost_share=criteria["light_lost_share"],
        window_blocked_within_m=criteria["window_blocked_within_m"],
        most_glare_index=glare["most_dgi"],
        glare_source=glare["source"],
        glare_eye_height_m=_traced(glare["eye"]["height_m"], glare["eye"], "m"),
        glare_eye_from_window_m=_traced(glare["eye"]["from_window_m"], glare["eye"], "m"),
        glare_source_luminance=glare["source_luminance_cd_m2"],
        disturbing_glare_probability=glare["disturbing_dgp"],
        rare_glare_share=glare["rare_share"],
        view_eye_height_m=_traced(view["eye"]["height_m"], view["eye"], "m"),
        dwelling_view_distance_m=_own(view["dwelling_distance_m"], "m"),
        solid_classes=frozenset([*data["solid_classes"], *(data["furniture_classes"] if furniture else ())]),
        passing_proxy_names=re.compile(data["passing_proxy_names"], re.IGNORECASE),
    )


def project_rules(options: DaylightSection) -> DaylightRules:
    """The rules with the reflectances that twin.toml declares in their place."""
    rules = daylight_rules(options.furniture)
    declared = {
        kind: Traced(value, "", Provenance.DECLARED, f"daylight.reflectance.{kind} in twin.toml")
        for kind, value in options.reflectance.model_dump(exclude_none=True).items()
    }
    return replace(rules, reflectance={**rules.reflectance, **declared}, declared_finishes=options.finishes)


@cache
def _data() -> dict[str, Any]:
    text = resources.files("twin").joinpath("data", "daylight.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return data


def _traced(value: float, block: Mapping[str, Any], unit: str = "") -> Traced:
    return Traced(value, unit, Provenance.DEFAULT, block["source"], block["confidence"])


def _own(block: Mapping[str, Any], unit: str = "") -> Traced:
    return Traced(block["value"], unit, Provenance.DEFAULT, block["source"], block["confidence"])
