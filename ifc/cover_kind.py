"""Which kind of ground cover a text or an element stands for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

from ifc.model import BuildingModel, Provenance

# Kinds that lie over or under the other covers and do not count as a part of the ground.
OVERLAYS = frozenset(["tree", "tank"])

# Classes that cover the ground by what they are, when their texts say no more.
_KIND_OF_TYPE = {
    ("IfcGeographicElement", "VEGETATION"): "green",
    ("IfcTank", ""): "tank",
    ("IfcPavement", ""): "paving",
    ("IfcRoof", ""): "roof",
    ("IfcSlab", "ROOF"): "roof",
    ("IfcSlab", "PAVING"): "paving",
    ("IfcSlab", "SIDEWALK"): "paving",
    ("IfcCovering", "ROOFING"): "roof",
    ("IfcRoad", ""): "road",
}


@dataclass(frozen=True, slots=True)
class CoverFacts:
    """What the file says about one cover. Depth in metres and volume in m³ are None where it says nothing."""

    kind: str
    provenance: Provenance
    storage_depth_m: float | None
    storage_volume_m3: float | None


def cover_kinds() -> tuple[str, ...]:
    """Every kind that a text can stand for."""
    return tuple(_data()["kinds"])


def precedence(kind: str) -> int:
    """Rank of a kind among covers at one height: the smaller wins."""
    order: list[str] = _data()["precedence"]
    return order.index(kind) if kind in order else len(order)


@lru_cache(maxsize=4096)
def kind_of_text(text: str) -> str | None:
    """The cover that a text names, or None; an id of :func:`cover_kinds` names itself."""
    normal = _normalise(text)
    identifier = normal.replace(" ", "_")
    if identifier in _data()["kinds"]:
        return identifier
    best: tuple[bool, int, int] = (False, 0, 0)
    kind = None
    for name, strong, pattern in _patterns():
        for found in pattern.finditer(normal):
            rank = (strong, found.end(), found.end() - found.start())
            if rank > best:
                best, kind = rank, name
    return kind


def stated_kind(model: BuildingModel, row: int) -> str | None:
    """The kind that a property of an element states; ``"unknown"`` for a word that is not understood."""
    found = model.properties.find(row, *_data()["properties"]["kind"])
    if found is None or not isinstance(found[1], str) or not found[1].strip():
        return None
    return kind_of_text(found[1]) or "unknown"


def named_kind(model: BuildingModel, row: int) -> str | None:
    """The kind that an element's name, type or predefined type says."""
    elements = model.elements
    for text in (
        elements.name[row],
        elements.long_name[row],
        elements.predefined_type[row],
        elements.type_name[row],
    ):
        kind = kind_of_text(str(text)) if text else None
        if kind is not None:
            return kind
    return None


def kind_of_class(model: BuildingModel, row: int) -> str | None:
    """The kind that an element's class says."""
    ifc_class, predefined = model.elements.ifc_class[row], model.elements.predefined_type[row]
    return _KIND_OF_TYPE.get((ifc_class, predefined)) or _KIND_OF_TYPE.get((ifc_class, ""))


def storage(model: BuildingModel, row: int) -> tuple[float | None, float | None]:
    """Storage depth in metres and volume in m³ that an element states.

    A depth without unit above 5 is taken for millimetres.
    """
    names = _data()["properties"]
    depth = _number(model, row, names["depth"])
    if depth is not None and depth > 5.0:
        depth /= 1000.0
    return depth, _number(model, row, names["volume"])


def _number(model: BuildingModel, row: int, names: list[str]) -> float | None:
    found = model.properties.find(row, *names)
    if found is None or isinstance(found[1], bool) or not isinstance(found[1], (int, float)):
        return None
    return float(found[1]) if found[1] > 0 else None


def _normalise(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).replace("ß", "ss")
    normal = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", normal)
    normal = "".join(one for one in unicodedata.normalize("NFKD", normal) if not unicodedata.combining(one))
    normal = re.sub(r"[^\w]|_|\d+", " ", normal.casefold())
    return re.sub(r"\s+", " ", normal).strip()


@cache
def _patterns() -> tuple[tuple[str, bool, re.Pattern[str]], ...]:
    data = _data()
    return tuple(
        (kind, kind in data["strong"], re.compile(text if group == "parts" else rf"\b(?:{text})\b"))
        for kind, groups in data["kinds"].items()
        for group in ("parts", "words")
        for text in groups.get(group, ())
    )


@cache
def _data() -> Mapping[str, Any]:
    text = resources.files("ifc").joinpath("data/ground_covers.yaml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return data
