"""Properties of building materials by the names that models use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

from ifc.model import Provenance, Text, Traced

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Material:
    """A material of the library. Properties are at 10 °C and usual moisture."""

    material_id: str
    label: Text
    conductivity_w_mk: float
    density_kg_m3: float
    specific_heat_j_kgk: float
    vapour_permeability_g_mhpa: float | None
    insulation: bool
    sheet: bool  # metal or glass, which no building element is solid of
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Match:
    """What a material name was taken for. ``material`` None: an air layer."""

    material: Material | None
    confidence: Confidence

    @property
    def is_air_gap(self) -> bool:
        """Whether the name says an air layer."""
        return self.material is None

    def traced(self, value: float, unit: str) -> Traced:
        """A property of the matched material with its origin."""
        assert self.material is not None
        source = f"material library: {self.material.label.en} ({self.material.source})"
        return Traced(value, unit, Provenance.DEFAULT, source, self.confidence)


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    material_id: str  # "" for an air layer
    generic: bool


def material(material_id: str) -> Material:
    """A material of the library by its id.

    Raises:
        KeyError: there is none of this id.
    """
    return _library()[0][material_id]


def material_ids() -> tuple[str, ...]:
    """Every id of the library."""
    return tuple(_library()[0])


def outside_first(names: Sequence[str], kind: str) -> bool:
    """Whether layers of these materials run from the outside (of floors: from below) to the inside.

    True unless the first and last material speak for the other order: a file lists layers either way.
    """
    return order_of_layers(names, kind) >= 0


def order_of_layers(names: Sequence[str], kind: str) -> int:
    """Above 0 where the first and last material say that layers run from the outside (of floors: from below).

    Below 0 where they say the other order, 0 where they say nothing.
    """
    inside, outside = ("above", "below") if kind in ("floor", "ground_floor") else ("inside", "outside")
    score = 0
    for name, sign in ((names[0], 1), (names[-1], -1)):
        match = match_material(name)
        if match is not None and match.material is not None:
            score += sign * (match.material.material_id in _faces()[outside])
            score -= sign * (match.material.material_id in _faces()[inside])
    return score


@lru_cache(maxsize=4096)
def match_material(name: str) -> Match | None:
    """What a material name stands for: the longest pattern found in it, specific before generic, or None.

    The confidence is low when the name only says a family ("insulation", "masonry"), when most of the name
    was not understood, or when the library's own values are uncertain.
    """
    text = plain_name(name)
    best: tuple[bool, int, int, _Pattern] | None = None
    for pattern in _library()[1]:
        found = pattern.regex.search(text)
        if found is None:
            continue
        weight = length_said(found.group())
        # of equally long matches the one that begins first: "Wood, Birch" before "Birch"
        rank = (not pattern.generic, weight, -found.start())
        if weight and (best is None or rank > best[:3]):
            best = (*rank, pattern)
    if best is None:
        return None
    _, weight, _, pattern = best
    understood = weight / max(length_said(text), 1)
    if not pattern.material_id:
        return Match(None, "low" if pattern.generic else "medium")
    found_material = material(pattern.material_id)
    weak = pattern.generic or understood < 0.25
    return Match(found_material, "low" if weak else found_material.confidence)


def length_said(text: str) -> int:
    """Length of what is said: a Chinese character says as much as three letters."""
    return sum(3 if "\u3400" <= one <= "\u9fff" else one.isalnum() for one in text)


def plain_name(name: str) -> str:
    """A material's name in small letters without accents and signs, its words apart by single spaces."""
    text = unicodedata.normalize("NFKC", str(name)).replace("ß", "ss")
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    text = re.sub(r"[^\w,/+.]|_", " ", text.casefold())
    text = re.sub(r"(?<=[\u3400-\u9fff])(?=[a-z])|(?<=[a-z])(?=[\u3400-\u9fff])", " ", text)
    return re.sub(r"\s+", " ", re.sub(r"\s*/\s*", " ", text)).strip()


@cache
def _data() -> Mapping[str, Any]:
    text = resources.files("ifc").joinpath("data/materials.yaml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return data


@cache
def _faces() -> Mapping[str, frozenset[str]]:
    return {face: frozenset(names) for face, names in _data()["faces"].items()}


@cache
def _library() -> tuple[Mapping[str, Material], tuple[_Pattern, ...]]:
    data = _data()
    materials = {name: _material(name, raw, data["sources"]) for name, raw in data["materials"].items()}
    patterns = [*_patterns("", data["air_gap"])]
    for name, raw in data["materials"].items():
        patterns += _patterns(name, raw)
    return materials, tuple(patterns)


def _material(name: str, raw: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> Material:
    source = sources[raw["source"]]
    return Material(
        material_id=name,
        label=Text(raw["label"]["en"], raw["label"]["zh"]),
        conductivity_w_mk=float(raw["conductivity"]),
        density_kg_m3=float(raw["density"]),
        specific_heat_j_kgk=float(raw["specific_heat"]),
        vapour_permeability_g_mhpa=raw.get("vapour_permeability"),
        insulation=raw.get("insulation", False),
        sheet=raw.get("sheet", False),
        source=source["text"],
        confidence=raw.get("confidence", source["confidence"]),
    )


def _patterns(material_id: str, raw: Mapping[str, Any]) -> list[_Pattern]:
    generic = raw.get("generic", ())
    return [
        _Pattern(
            re.compile(text if kind == "parts" else rf"\b(?:{text})\b"),
            material_id,
            generic == "all" or text in generic,
        )
        for kind in ("words", "parts")
        for text in raw.get(kind, ())
    ]
