"""Names, limits and coordinate systems of catchment files, from ``twin/data/catchments.yaml``."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True)
class Span:
    """What a number may be."""

    least: float
    most: float
    unit: str


@dataclass(frozen=True)
class CatchmentRules:
    """The whole data file."""

    bytes: int
    catchments: int
    vertices: int
    widest_m: float
    coordinate: float
    name_letters: int
    area_tolerance: float
    overlap: float
    far_m: float
    fields: Mapping[str, str]  # plain spelling of a property or column -> field
    numbers: Mapping[str, Span]
    ways: Mapping[str, str]  # plain spelling -> kind of cover, or "outlet"
    degrees: frozenset[int]  # EPSG codes
    metres: tuple[tuple[int, int], ...]  # first and last EPSG code
    stretched: frozenset[int]


@cache
def catchment_rules() -> CatchmentRules:
    """The rules, read once."""
    text = resources.files("twin").joinpath("data", "catchments.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return CatchmentRules(
        **data["limits"],
        fields={plain(one): field for field, names in data["fields"].items() for one in names},
        numbers={name: Span(**row) for name, row in data["numbers"].items()},
        ways={plain(one): way for way, names in data["ways"].items() for one in names},
        degrees=frozenset(data["crs"]["degrees"]),
        metres=tuple((first, last) for first, last, _ in data["crs"]["metres"]),
        stretched=frozenset(data["crs"]["stretched"]),
    )


def plain(name: str) -> str:
    """A name as it is compared: without case, blanks as underscores."""
    return "_".join(unicodedata.normalize("NFKC", name).casefold().replace("-", "_").split())
