"""Emission factors: those of ``twin/data/carbon.yaml``, each replaceable in twin.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml

from ifc.constructions.materials_library import Material, match_material
from ifc.model import Provenance, Traced
from twin.calculation_sections import CarbonSection
from twin.cities import city_zones
from twin.project import Project

_STEEL_KG_M3 = 7850.0


@dataclass(frozen=True, slots=True)
class Factor:
    """Emissions of one material: ``per_m3`` kgCO2e/m³ at ``density_kg_m3``, and where they came from."""

    per_m3: float
    density_kg_m3: float
    stated: Traced  # as the source gives it


@dataclass(frozen=True, slots=True)
class AreaFactor:
    """Emissions of a window, door or pane: kgCO2e/m² and kg/m²."""

    per_m2: float
    mass_kg_m2: float
    stated: Traced


@cache
def data() -> Mapping[str, Any]:
    """The whole file."""
    text = resources.files("twin").joinpath("data/carbon.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


def default(value: float, unit: str, source: str) -> Traced:
    """A number of the file with the text and confidence of its source."""
    entry = data()["sources"][source]
    return Traced(float(value), unit, Provenance.DEFAULT, entry["text"], entry["confidence"])


def group_of(ifc_class: str) -> str | None:
    """The group of elements that a class counts to; None for what is no part of the building."""
    return _groups().get(ifc_class)


@cache
def _groups() -> Mapping[str, str]:
    return {name: group for group, names in data()["groups"].items() for name in names}


def material_factor(name: str, density_kg_m3: float | None, section: CarbonSection) -> Factor | None:
    """The factor of a material by the name that the model uses; None where neither names it.

    A factor of twin.toml, under the material's name (``*`` and ``?`` allowed) or its id in the library, comes
    first. ``density_kg_m3`` is what the model states; None takes the library's.
    """
    match = match_material(name)
    known = match.material if match is not None else None
    density = density_kg_m3 or (known.density_kg_m3 if known else None)
    own = declared(name, known, section)
    if own is not None:
        return _scaled(own, density)
    if known is None or known.material_id not in data()["materials"]:
        return None
    value, unit, source = data()["materials"][known.material_id]
    traced = default(value, f"kgCO2e/{unit[3:]}", source)
    if known.material_id in ("reinforced_concrete", "concrete"):
        traced = _of_grade(name) or traced
    return _scaled(traced, density)


def _scaled(stated: Traced, density_kg_m3: float | None) -> Factor | None:
    if stated.unit == "kgCO2e/m3":
        return Factor(float(stated.value), density_kg_m3 or 0.0, stated)
    if density_kg_m3 is None or stated.unit != "kgCO2e/t":
        return None
    return Factor(float(stated.value) * density_kg_m3 / 1e3, density_kg_m3, stated)


def _of_grade(name: str) -> Traced | None:
    """The factor of concrete by the strength grade in its name, C10 to C100."""
    found = re.search(r"(?<![A-Za-z0-9])[Cc] ?(\d{2,3})(?!\d)", name)
    if found is None or not 10 <= int(found[1]) <= 100:
        return None
    (low, low_source), (high, high_source) = (
        data()["concrete_grades"]["C30"],
        data()["concrete_grades"]["C50"],
    )
    share = min(max((int(found[1]) - 30) / 20, 0.0), 1.0)
    source = low_source if share == 0 else high_source
    return default(low + share * (high - low), "kgCO2e/m3", source)


def declared(name: str, known: Material | None, section: CarbonSection) -> Traced | None:
    """The factor that twin.toml gives for a material."""
    for key, factor in section.factors.items():
        if (known is not None and key == known.material_id) or fnmatchcase(name.casefold(), key.casefold()):
            source = f'[carbon.factors."{key}"] in twin.toml' + (
                f": {factor.source}" if factor.source else ""
            )
            return Traced(factor.value, f"kgCO2e/{factor.unit[3:]}", Provenance.DECLARED, source)
    return None


def area_factor(names: list[str], group: str, section: CarbonSection) -> AreaFactor | None:
    """The factor of a window, door or pane: the first of ``names`` in which a word of the file is found."""
    for name in names:
        rows = [row for row in data()["areas"] if group in row["of"] and _says(name, row["words"])]
        own = declared(name, None, section)
        if own is not None and own.unit == "kgCO2e/m2":
            return AreaFactor(float(own.value), float(rows[0]["value"][1]) if rows else 0.0, own)
        if rows:
            value, mass, source = rows[0]["value"]
            return AreaFactor(float(value), float(mass), default(value, "kgCO2e/m2", source))
    return None


def _says(name: str, words: list[str]) -> bool:
    plain = name.casefold()
    return any(
        re.search(rf"(?<![a-z]){re.escape(word)}", plain) if word.isascii() else word in plain
        for word in words
    )


def steel_bars(section: CarbonSection) -> Factor:
    """Hot-rolled bars; ``reinforcement`` is their name in twin.toml."""
    own = declared("reinforcement", None, section)
    value, unit, source = data()["reinforcement_factor"]
    factor = _scaled(own or default(value, f"kgCO2e/{unit[3:]}", source), _STEEL_KG_M3)
    assert factor is not None
    return factor


def reinforcement_kg_m3(group: str, section: CarbonSection) -> Traced:
    """Bars in a cubic metre of reinforced concrete of a group of elements, where the model shows none."""
    if section.reinforcement_kg_m3 is not None:
        source = "carbon.reinforcement_kg_m3 in twin.toml"
        return Traced(section.reinforcement_kg_m3, "kg/m³", Provenance.DECLARED, source)
    contents = data()["reinforcement"]
    return default(contents.get(group, contents["other"]), "kg/m³", data()["reinforcement_source"])


def transport_km(material_id: str, section: CarbonSection) -> Traced:
    """Distance from the maker to the site."""
    kind = "concrete" if material_id in data()["transport"]["concrete"] else "other"
    if kind in section.transport_km:
        source = f"carbon.transport_km.{kind} in twin.toml"
        return Traced(section.transport_km[kind], "km", Provenance.DECLARED, source)
    value, source = data()["transport"][f"{kind}_km"]
    return default(value, "km", source)


def grid_factor(project: Project) -> Traced:
    """kgCO2 per kWh of electricity: declared, else the latest of the city's region, else the nation's.

    Declared factors by year count with their mean over the life: straight lines between the years, constant
    before the first and after the last.
    """
    section = project.carbon
    if section.grid_factors:
        years, values = zip(*sorted(section.grid_factors.items()), strict=True)
        first = section.first_year or years[0]
        life = round(section.life_years or data()["life_years"][0])
        mean = float(np.interp(np.arange(first, first + life), years, values).mean())
        source = f"carbon.grid_factors in twin.toml, mean of {first} to {first + life - 1}"
        return Traced(mean, "kgCO2/kWh", Provenance.DECLARED, source)
    own = section.grid_factor_kg_kwh
    if own is not None:
        return Traced(own, "kgCO2/kWh", Provenance.DECLARED, "carbon.grid_factor_kg_kwh in twin.toml")
    city = city_zones(project.project.city)
    name = city.name.en if city is not None else project.project.city
    region = next((key for key, names in data()["grid_of_city"].items() if name in names), "national")
    year, (value, confidence) = max(data()["grid"][region].items())
    source = f"{data()['grid_source']}, {region.replace('_', ' ')}, {year}"
    return Traced(float(value), "kgCO2/kWh", Provenance.DEFAULT, source, confidence)


def unused_factors(names: set[str], section: CarbonSection) -> list[tuple[str, str]]:
    """(key, nearest name) of the factors in twin.toml that no material of the model has."""
    ids = {m.material.material_id for name in names if (m := match_material(name)) and m.material is not None}
    plain = [name.casefold() for name in names]
    return [
        (key, next(iter(get_close_matches(key, [*names, *ids], n=1)), ""))
        for key in section.factors
        if key not in ids
        and key != "reinforcement"
        and not any(fnmatchcase(name, key.casefold()) for name in plain)
    ]
