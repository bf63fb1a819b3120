"""The numbers of the sponge rules, from ``twin/data/sponge.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import Provenance, Traced

Floats = NDArray[np.float64]


KINDS = (
    "roof", "green_roof", "road", "paving", "parking", "permeable_paving", "green", "sunken_green", "water",
    "unknown",
)  # fmt: skip
QUOTAS = {
    "irrigation_m3_m2_a": "m³/(m²·a)",
    "road_washing_l_m2": "L/m²",
    "road_washings_a": "1/a",
    "flushing_resident_l_d": "L/d",
    "flushing_worker_l_d": "L/d",
    "domestic_resident_l_d": "L/d",
    "greywater_bathing_share": "",
    "greywater_basin_share": "",
    "greywater_laundry_share": "",
    "greywater_gathered": "",
    "greywater_own_use": "",
}
_LAYERED = {"depression_mm": 0.0}  # what lies on layers is in twin.metrics.sponge.facilities


@dataclass(frozen=True)
class CoverRule:
    """How one kind of ground cover handles rain."""

    runoff_coefficient: float
    row: str  # of the guide's table
    depression_mm: float  # of a surface without layers


@dataclass(frozen=True)
class DesignRules:
    """Which mixes of facilities are tried, and what they cost."""

    targets_pct: tuple[float, ...]
    ranges: Mapping[str, tuple[float, float]]  # least and most
    sunken_depth_m: float
    costs: Mapping[str, float]  # of a square metre, of a cubic metre of tank
    cost_source: str
    cost_confidence: str


@dataclass(frozen=True)
class FloodRules:
    """The storm and the grid of the flood map."""

    return_period_a: float
    source: str
    confidence: str
    deep_m: float  # on roads
    draining_min: int  # simulated after the storm
    cells: int
    finest_m: float
    flat_m: float
    slope: float
    slope_source: str
    unsafe_depth_m: float  # for children and the elderly
    unsafe_speed_m_s: float
    unsafe_flow_m2_s: float
    unsafe_source: str


@dataclass(frozen=True)
class PipeRules:
    """What holds for storm sewers where twin.toml is silent, and how they are run."""

    manning_n: float
    source: str
    confidence: str
    step_s: float
    area_beyond: float  # share of the site's area by which the pipes' may be larger


@dataclass(frozen=True)
class SpongeRules:
    """The whole data file, as far as the metric uses it."""

    rates_pct: Floats
    city_rainfall_mm: Mapping[str, Floats]  # by English and Chinese name, case-folded
    design_rainfall_source: str
    least_daily_rain_mm: float
    least_years: float
    covers: Mapping[str, CoverRule]
    coefficient_source: str
    coefficient_confidence: str
    continuous_source: str
    continuous_confidence: str
    storage_source: str
    storage_confidence: str
    sunken_green_default_depth_m: float
    drawdown_h: float
    largest_unknown_share: float
    largest_roof_share: float
    area_tolerance: float
    area_properties: tuple[str, ...]
    water_use: Mapping[str, Traced]  # quotas and shares
    dry_day_mm: float
    reuse_properties: tuple[str, ...]
    reuse_words: Mapping[str, tuple[str, ...]]
    curve_days: Floats
    design: DesignRules
    flood: FloodRules
    pipes: PipeRules
    facility_layers: Mapping[str, Mapping[str, float]]  # kind of cover -> layer value
    facility_properties: Mapping[str, tuple[str, ...]]  # layer value -> names of element properties
    facility_source: str
    facility_confidence: str
    tank_depth_m: float
    solids_removal: Mapping[str, float]  # of the water that a facility treats, fractions
    solids_source: str
    solids_confidence: str


@cache
def sponge_rules() -> SpongeRules:
    """The rules, read once."""
    text = resources.files("twin").joinpath("data", "sponge.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    rain, continuous, site = data["design_rainfall"], data["continuous"], data["site"]
    coefficient, storage = data["runoff_coefficient"], data["storage"]
    rows = {city.casefold(): np.array(row, np.float64) for city, row in rain["cities_mm"].items()}
    rows |= {chinese: rows[english.casefold()] for chinese, english in rain["names_zh"].items()}
    layers, surfaces = data["facilities"], continuous["covers"]
    uses, solids = data["water_use"], data["suspended_solids_removal"]
    return SpongeRules(
        rates_pct=np.array(rain["rates_pct"], np.float64),
        city_rainfall_mm=rows,
        design_rainfall_source=rain["source"],
        least_daily_rain_mm=data["rate_algorithm"]["least_daily_rain_mm"],
        least_years=data["rate_algorithm"]["least_years"],
        covers={
            kind: CoverRule(
                coefficient[kind]["value"],
                coefficient[kind]["row"],
                surfaces.get(kind, _LAYERED)["depression_mm"],
            )
            for kind in coefficient
            if kind in KINDS
        },
        coefficient_source=coefficient["source"],
        coefficient_confidence=coefficient["confidence"],
        continuous_source=continuous["source"],
        continuous_confidence=continuous["confidence"],
        storage_source=storage["source"],
        storage_confidence=storage["confidence"],
        sunken_green_default_depth_m=storage["sunken_green_default_depth_m"]["value"],
        drawdown_h=storage["drawdown_h"]["value"],
        largest_unknown_share=site["largest_unknown_share"],
        largest_roof_share=site["largest_roof_share"],
        area_tolerance=site["area_tolerance"],
        area_properties=tuple(site["area_properties"]),
        water_use={
            name: Traced(row["value"], QUOTAS[name], Provenance.DEFAULT, row["source"], row["confidence"])
            for name, row in uses.items()
            if name in QUOTAS
        },
        dry_day_mm=uses["dry_day_mm"],
        reuse_properties=tuple(uses["properties"]),
        reuse_words={use: tuple(words) for use, words in uses["words"].items()},
        curve_days=np.array(uses["curve_days"], np.float64),
        design=_design(data["design"]),
        flood=FloodRules(**data["flood"]),
        pipes=PipeRules(**data["pipes"]),
        facility_layers={kind: layers[kind] for kind in KINDS if kind in layers},
        facility_properties={name: tuple(names) for name, names in layers["properties"].items()},
        facility_source=layers["source"],
        facility_confidence=layers["confidence"],
        tank_depth_m=layers["tank_depth_m"],
        solids_removal={kind: row["value"] for kind, row in solids.items() if isinstance(row, dict)},
        solids_source=solids["source"],
        solids_confidence=solids["confidence"],
    )


def _design(data: Mapping[str, Any]) -> DesignRules:
    costs = data["costs"]
    return DesignRules(
        targets_pct=tuple(map(float, data["targets_pct"])),
        ranges={
            name: (float(row["least"]), float(row["most"]))
            for name, row in data.items()
            if isinstance(row, dict) and "most" in row
        },
        sunken_depth_m=data["sunken_depth_m"],
        costs={kind: float(row["value"]) for kind, row in costs.items() if isinstance(row, dict)},
        cost_source=costs["source"],
        cost_confidence=costs["confidence"],
    )
