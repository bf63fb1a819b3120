"""Room uses from the names that the file gives its spaces.

Names are matched against ``data/room_uses.yaml``: Chinese, English, German, French and Dutch words. A word
whose meaning hangs on the building (厨房 in a flat or in a canteen) is settled by the storey's other rooms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import numpy as np
import yaml

from ifc.model import PROVENANCE_CODES, BuildingModel, Diagnostic, Provenance, Severity, Text

Context = Literal["", "dwelling", "below_dwellings", "public", "restaurant"]

UNKNOWN = "unknown"

# Properties that may name a use when the attributes do not, in order of trust.
_USE_PROPERTIES = (
    "OccupancyType",
    "OmniClass Table 13 Category",
    "Category Description",
    "Reference",
    "Category",
    "房间用途",
    "房间功能",
    "房间类型",
    "Usage",
    "Function",
    "SpaceType",
)
_LISTED_NAMES = 12


@dataclass(frozen=True, slots=True)
class _Rules:
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    separators: re.Pattern[str]
    by_context: Mapping[str, Mapping[str, str]]
    evidence: Mapping[str, frozenset[str]]
    external: frozenset[str]


@cache
def _rules() -> _Rules:
    text = resources.files("ifc").joinpath("data/room_uses.yaml").read_text("utf-8")
    data = yaml.load(text, Loader=yaml.CSafeLoader)
    patterns = [
        (re.compile(pattern.replace("$", r"(?=[\s\d]*$)") if kind == "parts" else rf"\b(?:{pattern})\b"), use)
        for use, groups in data["uses"].items()
        for kind in ("parts", "words")
        for pattern in groups.get(kind, ())
    ]
    return _Rules(
        tuple(patterns),
        re.compile(data["separators"]),
        data["by_context"],
        {name: frozenset(uses) for name, uses in data["evidence"].items()},
        frozenset(data["external_uses"]),
    )


def use_of_name(name: str, context: Context = "") -> str:
    """The use id that a room's name stands for, ``"unknown"`` if it says none.

    ``context`` settles words that mean different rooms in a dwelling, a public building or a restaurant.
    """
    return _settle(_match(name), context)


def recognise_room_uses(model: BuildingModel) -> BuildingModel:
    """Fill ``spaces.use`` and ``use_provenance`` from names and properties; mark outdoor spaces as external.

    Uses that are already recognised are kept. Names that say nothing stay ``"unknown"`` and share one
    diagnostic.
    """
    spaces = model.spaces
    count = len(spaces)
    raw = [
        spaces.use[row] if spaces.use[row] not in ("", UNKNOWN) else _match_space(model, row)
        for row in range(count)
    ]
    contexts = _contexts(raw, spaces.storey.tolist())
    use = np.array([_settle(raw[row], contexts[row]) for row in range(count)], dtype=object)
    provenance = spaces.use_provenance.copy()
    known = use != UNKNOWN
    provenance[known & (provenance < 0)] = PROVENANCE_CODES.index(Provenance.IFC)
    provenance[~known] = -1
    outdoors = np.array([one in _rules().external for one in use], dtype=bool)
    diagnostics = [one for one in model.diagnostics if one.code != "room-use-unknown"]
    if not known.all():
        diagnostics.append(_unknown_uses(model, np.flatnonzero(~known).tolist()))
    return replace(
        model,
        spaces=replace(spaces, use=use, use_provenance=provenance, internal=spaces.internal & ~outdoors),
        diagnostics=tuple(diagnostics),
    )


def _match_space(model: BuildingModel, row: int) -> str:
    for text in _texts(model, row):
        found = _match(text)
        if found != UNKNOWN:
            return found
    element = int(model.spaces.element[row])
    predefined = model.elements.predefined_type[element] if element >= 0 else ""
    if predefined == "PARKING":
        return "garage"
    if predefined == "EXTERNAL":
        return "outdoor_space"
    return UNKNOWN


def _texts(model: BuildingModel, row: int) -> Iterator[str]:
    spaces, elements, properties = model.spaces, model.elements, model.properties
    yield spaces.long_name[row]
    yield spaces.name[row]
    element = int(spaces.element[row])
    if element < 0:
        return
    yield elements.predefined_type[element]  # the ObjectType of a USERDEFINED space
    yield elements.type_name[element]
    for name in _USE_PROPERTIES:
        found = properties.find(element, name)
        if found is not None and isinstance(found[1], str):
            yield found[1]
    for (set_name, _), value in properties.of(element).items():
        if set_name == "Classification" and isinstance(value, str):
            yield value


@lru_cache(maxsize=4096)
def _match(name: str) -> str:
    """A use id, an ambiguous word in angle brackets, or "unknown"."""
    text = _normalise(name)
    outside = re.sub(r"\([^)]*\)", " ", text)
    whole = re.sub(r"[()]", " ", text)
    for candidate in (*_rules().separators.split(outside), *_rules().separators.split(whole), whole):
        use = _match_segment(" ".join(candidate.split()))
        if use != UNKNOWN:
            return use
    return UNKNOWN


def _match_segment(text: str) -> str:
    """The pattern that ends last, then the longest: the head noun stands last in all but French names."""
    best = (0, 0, UNKNOWN)
    if not text:
        return UNKNOWN
    for pattern, use in _rules().patterns:
        for found in pattern.finditer(text):
            end, length = found.end(), found.end() - found.start()
            if (end, length) > best[:2]:
                best = (end, length, use)
    return best[2]


def _normalise(name: str) -> str:
    """Lower case, no accents, camelCase and punctuation opened, room numbers and codes dropped."""
    text = unicodedata.normalize("NFKC", str(name)).replace("ß", "ss")
    text = re.sub(r"(?<=[a-zäöü])(?=[A-Z])", " ", text)
    text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    text = text.casefold().replace("（", "(").replace("）", ")")
    text = re.sub(r"^[\d\s.:-]+(?=\D)", " ", text)  # "13-51 24: Living Spaces", "1 - Living room"
    text = re.sub(r"[^\w()/+&,;|、，；]|_", " ", text)
    text = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", text)
    return re.sub(r"(?<=[\u3400-\u9fff])(?=[a-z])|(?<=[a-z])(?=[\u3400-\u9fff])", " ", text)


def _settle(match: str, context: Context) -> str:
    meanings = _rules().by_context.get(match)
    if meanings is None:
        return match
    general = {"restaurant": "public", "below_dwellings": "dwelling"}.get(context, context)
    return meanings.get(context) or meanings.get(general) or meanings["default"]


def _contexts(uses: Sequence[str], storeys: Sequence[int]) -> list[Context]:
    """What kind of building each room is in: by its storey, else by the whole model."""
    whole = _context(uses)
    if not whole and any(use in _rules().evidence["dwelling_weak"] for use in uses):
        return ["dwelling"] * len(uses)
    of_storey = {
        storey: _context([use for use, other in zip(uses, storeys, strict=True) if other == storey])
        for storey in set(storeys)
    }
    elsewhere: Context = "below_dwellings" if whole == "dwelling" else whole
    return [of_storey[storey] or elsewhere for storey in storeys]


def _context(uses: Sequence[str]) -> Context:
    evidence = _rules().evidence
    present = set(uses)
    if present & evidence["dwelling"]:
        return "dwelling"
    public = present & evidence["public"]
    dining_hall = "<dining>" in present and bool(public)
    if present & evidence["restaurant"] or dining_hall:
        return "restaurant"
    return "public" if public else ""


def _unknown_uses(model: BuildingModel, rows: Sequence[int]) -> Diagnostic:
    spaces = model.spaces
    names = sorted({" ".join(str(spaces.long_name[row] or spaces.name[row]).split()) or "—" for row in rows})
    listed = ", ".join(names[:_LISTED_NAMES]) + (" …" if len(names) > _LISTED_NAMES else "")
    first = str(spaces.global_id[rows[0]])
    return Diagnostic(
        code="room-use-unknown",
        severity=Severity.WARNING,
        message=Text(
            f"The use of {len(rows)} of {len(spaces)} spaces is not clear from their names: {listed}.",
            f"{len(spaces)} 个房间中有 {len(rows)} 个无法由名称判断用途：{listed}。",
        ),
        remedy=Text(
            "Give each IfcSpace a LongName that says its use (e.g. Bedroom, Office, Corridor), or set "
            "Pset_SpaceOccupancyRequirements.OccupancyType.",
            "请在 IfcSpace 的 LongName 中写明用途（如卧室、办公室、走廊），"
            "或填写 Pset_SpaceOccupancyRequirements.OccupancyType。",
        ),
        global_id=first if len(rows) == 1 else "",
        count=len(rows),
    )
