"""What the file says about itself."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from ifc.reading.entities import get, text

_CLASS = re.compile(rb"=\s*(IFC[A-Z0-9]+)\s*\(")
_BLOCK_BYTES = 1 << 21


def read_project(file: Any, path: Path) -> dict[str, Any]:
    """Application, project name, the number of entities, and of instances of each class.

    Args:
        file: the model.
        path: its text.
    """
    projects = sorted(file.by_type("IfcProject"), key=lambda entity: entity.id())
    project = next(iter(projects), None)
    applications = sorted(file.by_type("IfcApplication"), key=lambda entity: entity.id())
    application = next(iter(applications), None)
    entities = len(file.entity_names())
    written = [text(application, "ApplicationFullName"), text(application, "Version")]
    return {
        "application": " ".join(part for part in written if part) or _originating_system(file),
        "project_name": text(project, "LongName") or text(project, "Name"),
        "entities": entities,
        "entity_counts": _entity_counts(file, path, entities),
    }


def repeated_ids(file: Any) -> dict[str, int]:
    """GlobalIds that several entities share, and how many do."""
    values = [get(entity, "GlobalId") for entity in file.by_type("IfcRoot")]
    counts = Counter([value.strip() for value in values if isinstance(value, str)])
    return {global_id: count for global_id, count in sorted(counts.items()) if count > 1 and global_id}


def _entity_counts(file: Any, path: Path, entities: int) -> dict[str, int]:
    """Class -> instances, in order of the class's name.

    IfcOpenShell tells a number only by making an object of each entity. The text is counted instead; where it
    does not say what was parsed (comments, unknown names, numbers used twice), that is done after all.
    """
    stated: Counter[bytes] = Counter()
    with path.open("rb") as file_text:
        rest = b""
        while block := file_text.read(_BLOCK_BYTES):
            whole, end, rest = (rest + block).rpartition(b";")
            stated.update(_CLASS.findall(whole + end))
        stated.update(_CLASS.findall(rest))
    classes = sorted(file.types())
    counts = {name: stated.pop(name.upper().encode(), 0) for name in classes}
    if not stated and all(counts.values()) and sum(counts.values()) == entities:
        return counts
    return {name: len(file.by_type(name, include_subtypes=False)) for name in classes}


def _originating_system(file: Any) -> str:
    try:
        name = file.header.file_name.originating_system
    except (AttributeError, RuntimeError):
        return ""
    return name.strip() if isinstance(name, str) else ""
