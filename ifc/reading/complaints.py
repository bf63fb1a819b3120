"""What IfcOpenShell's parser and geometry engine complained of."""

from __future__ import annotations

import re
from typing import Any

from ifc.reading.entities import is_a

_DANGLING = re.compile(r"Instance reference #(\d+) used by instance #(\d+).*?at offset (\d+)")
_UNKNOWN_ENTITY = re.compile(r"Entity with name '([^']*)' not found in schema.*?at offset (\d+)")
_NOT_A_NUMBER = re.compile(r"[-+]?(?:nan|inf|infinity|ind|qnan|snan)\.?", re.IGNORECASE)
_OFFSET = re.compile(r"at offset (\d+)")
_NOT_CONVERTED = re.compile(r"Failed to convert:\n#(\d+)=")
_BRACKETS = re.compile(r"^(?:\[[^\]]*\]\s*)+")  # [error] [time]
# What lies between a part of a shape and the product that has it.
_WAY_TO_PRODUCTS = (
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
    found: set[int] = set()
    seen: set[int] = set()
    todo = [int(step_id) for step_id in _NOT_CONVERTED.findall(log)]
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
