"""What the finishes of a model reflect: ``twin/data/reflectances.yaml`` by the names of materials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

from ifc.constructions.materials_library import length_said, plain_name
from ifc.model import Provenance, Text, Traced

Face = Literal["floor", "wall", "ceiling"]
DATA_FILE = "reflectances.yaml"

_FACES: tuple[Face, ...] = ("floor", "wall", "ceiling")
_NO_COLOUR = "none"


@dataclass(frozen=True, slots=True)
class _Finish:
    """One entry of the data file; ``by_colours`` the reflectance by all the colours that a name says."""

    label: Text
    faces: frozenset[str]
    inside: bool
    outside: bool
    coating: bool
    patterns: tuple[re.Pattern[str], ...]
    by_colours: Mapping[frozenset[str], Traced]


@lru_cache(maxsize=4096)
def finish_reflectance(material: str, face: Face, outside: bool) -> Traced | None:
    """Diffuse reflectance of a material's face by its name; None where the name tells no finish for it.

    The longest name of a finish that the material's holds decides; the colours that the name says must be
    just those of one of its values.

    Args:
        material: name in the model, in any script.
        face: which way the surface faces.
        outside: whether it is looked at from outdoors.
    """
    table = _table()
    text = plain_name(material)
    covered = any(pattern.search(text) for pattern in table.never)
    best, longest = None, 0
    for finish in table.finishes:
        if face not in finish.faces or not (finish.outside if outside else finish.inside):
            continue
        if covered and not finish.coating:
            continue
        length = max((_longest(pattern, text) for pattern in finish.patterns), default=0)
        if length > longest:
            best, longest = finish, length
    if best is None:
        return None
    value = best.by_colours.get(_colours(text))
    if value is None:
        return None
    source = f"material {material!r} as {best.label.en.lower()} ({best.label.zh}): {value.source}"
    return Traced(value.value, value.unit, value.provenance, source, value.confidence)


def _longest(pattern: re.Pattern[str], text: str) -> int:
    return max((length_said(found.group()) for found in pattern.finditer(text)), default=0)


def _colours(text: str) -> frozenset[str]:
    """The colours that a plain name says."""
    pattern, names = _table().colours
    said = {names[found.lastgroup or ""] for found in pattern.finditer(text)}
    return frozenset(said - {_NO_COLOUR})


@dataclass(frozen=True, slots=True)
class _Table:
    finishes: tuple[_Finish, ...]
    never: tuple[re.Pattern[str], ...]
    colours: tuple[re.Pattern[str], Mapping[str, str]]  # one pattern of named groups, group -> colour


@cache
def _table() -> _Table:
    text = resources.files("twin").joinpath("data", DATA_FILE).read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return _Table(
        tuple(_finish(entry, data["sources"]) for entry in data["finishes"].values()),
        tuple(map(re.compile, _expressions(data["never"]))),
        _colour_pattern(data["colours"]),
    )


def _finish(entry: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> _Finish:
    side = entry.get("side", "both")
    return _Finish(
        label=Text(entry["label"]["en"], entry["label"]["zh"]),
        faces=frozenset(entry.get("faces", _FACES)),
        inside=side != "outside",
        outside=side != "inside",
        coating=entry.get("coating", False),
        patterns=tuple(map(re.compile, _expressions(entry))),
        by_colours={frozenset(value["colours"]): _value(value, sources) for value in entry["values"]},
    )


def _value(value: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> Traced:
    source = sources[value["source"]]
    confidence = value.get("confidence", source["confidence"])
    return Traced(value["reflectance"], "", Provenance.DERIVED, source["text"], confidence)


def _expressions(entry: Mapping[str, Iterable[str]]) -> list[str]:
    return [*(rf"\b(?:{word})\b" for word in entry.get("words", ())), *entry.get("parts", ())]


def _colour_pattern(colours: Mapping[str, Mapping[str, list[str]]]) -> tuple[re.Pattern[str], dict[str, str]]:
    """All colours in one pattern, the longest first: what it has read is not read again."""
    each = [(name, text) for name, entry in colours.items() for text in _expressions(entry)]
    each.sort(key=lambda one: -length_said(one[1]))
    names = {f"g{number}": name for number, (name, _) in enumerate(each)}
    return re.compile("|".join(f"(?P<g{n}>{text})" for n, (_, text) in enumerate(each))), names
