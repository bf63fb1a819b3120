"""What IfcOpenShell's parser and geometry engine complained of."""

from __future__ import annotations

import re
from typing import Any

from ifc.reading.entities import get, is_a

_DANGLING = re.compile(r"Instance reference #(\d+) used by instance #(\d+).*?at offset (\d+)")
_UNKNOWN_ENTITY = re.compile(r"Entity with name '([^']*)' not found in schema.*?at offset (\d+)")
_NOT_A_NUMBER = re.compile(r"[-+]?(?:nan|inf|infinity|ind|qnan|snan)\.?", re.IGNORECASE)
_OFFSET = re.compile(r"at offset (\d+)")
_NOT_CONVERTED = re.compile(r"Failed to convert:\n#(\d+)=")
_BRACKETS = re.compile(r"^(?:\[[^\]]*\]\s*)+")  # [error] [time]
# What lies between a part of a shape or a placement and the product that has it.
_WAY_TO_PRODUCTS = (
    "IfcObjectPlacement",
    "IfcRepresentationItem",
    "IfcProfileDef",
    "IfcRepresentation",
    "IfcRepresentationMap",
    "IfcProductRepresentation",
)
_LIMIT = 200  # characters of a message that is passed on


def summarise(log: str) -> dict[str, Any]:
    """Kind -> count and where the first one is.

    Kinds: ``dangling`` (references to entities that are not there), ``not-a-number`` (NaN, INF and the like,
    which the parser takes for entity names and leaves out), ``unknown`` (other entity names that the schema
    does not have), ``syntax`` (anything else that the parser calls an error).
    """
    found: dict[str, Any] = {}

    def note(kind: str, offset: int, detail: str) -> None:
        entry = found.setdefault(kind, {"count": 0, "offset": offset, "detail": detail[:_LIMIT]})
        entry["count"] += 1
        if offset < entry["offset"]:
            entry["offset"], entry["detail"] = offset, detail[:_LIMIT]

    for line in log.splitlines():
        if not line.casefold().startswith("[error]"):
            continue
        if match := _DANGLING.search(line):
            note("dangling", int(match[3]), f"#{match[2]} -> #{match[1]}")
        elif match := _UNKNOWN_ENTITY.search(line):
            kind = "not-a-number" if _NOT_A_NUMBER.fullmatch(match[1]) else "unknown"
            note(kind, int(match[2]), match[1])
        else:
            offset = _OFFSET.search(line)
            note("syntax", int(offset[1]) if offset else 0, _BRACKETS.sub("", line))
    return found


def products_with_failures(file: Any, log: str) -> list[int]:
    """STEP ids of the products of whose shape some part could not be converted, by the engine's log."""
    return _products_above(file, [int(step_id) for step_id in _NOT_CONVERTED.findall(log)])


def products_with_gaps(file: Any, log: str) -> list[int]:
    """STEP ids of the products whose shape or placement refers to entities that are not there.

    Args:
        file: the model.
        log: of its parsing.
    """
    users = {int(match[2]) for match in _DANGLING.finditer(log)}
    parts: list[int] = []
    for step_id in sorted(users):
        try:
            entity = file.by_id(step_id)
        except RuntimeError:
            continue
        if not entity.is_a("IfcProduct") or _lacks_its_own(entity):
            parts.append(step_id)
    return _products_above(file, parts)


def _lacks_its_own(product: Any) -> bool:
    """Whether the reference that leads nowhere is likely that to the placement or the shape.

    The log does not tell. It may be one to the owner's history or, of a building, to the address.
    """
    if get(product, "ObjectPlacement") is None:
        return True
    if is_a(product, "IfcSpatialStructureElement") or get(product, "OwnerHistory") is None:
        return False
    return get(product, "Representation") is None


def _products_above(file: Any, todo: list[int]) -> list[int]:
    """The products whose shape or placement is, or uses, one of the entities."""
    found: set[int] = set()
    seen: set[int] = set()
    while todo:
        step_id = todo.pop()
        if step_id in seen:
            continue
        seen.add(step_id)
        entity = file.by_id(step_id)
        if entity.is_a("IfcProduct"):
            found.add(step_id)
        elif is_a(entity, *_WAY_TO_PRODUCTS):
            todo += [user.id() for user in file.get_inverse(entity)]
    return sorted(found)
