"""What the file says about itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ifc.reading.entities import text


def read_project(file: Any) -> dict[str, Any]:
    """Application, project name and the number of instances of each class."""
    projects = sorted(file.by_type("IfcProject"), key=lambda entity: entity.id())
    project = next(iter(projects), None)
    applications = sorted(file.by_type("IfcApplication"), key=lambda entity: entity.id())
    application = next(iter(applications), None)
    written = [text(application, "ApplicationFullName"), text(application, "Version")]
    return {
        "application": " ".join(part for part in written if part) or _originating_system(file),
        "project_name": text(project, "LongName") or text(project, "Name"),
        "entity_counts": {
            name: len(file.by_type(name, include_subtypes=False)) for name in sorted(file.types())
        },
    }


def repeated_ids(file: Any) -> dict[str, int]:
    """GlobalIds that several entities share, and how many do."""
    counts = Counter(text(entity, "GlobalId") for entity in file.by_type("IfcRoot"))
    return {global_id: count for global_id, count in sorted(counts.items()) if count > 1 and global_id}


def _originating_system(file: Any) -> str:
    try:
        name = file.header.file_name.originating_system
    except (AttributeError, RuntimeError):
        return ""
    return name.strip() if isinstance(name, str) else ""
