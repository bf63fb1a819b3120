"""A check as BCF 2.1, one topic per cause.

Format: https://github.com/buildingSMART/BCF-XML, release 2.1. A topic selects its elements in a viewpoint, so
that a BIM tool shows them; its GUID stays from revision to revision, so that it can be updated.
"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from ifc.model import Language, Text
from twin.ids.causes import Cause
from twin.ids.check import CheckResult, SpecificationResult

MOST_COMPONENTS = 1000  # selected in one topic; the description says when there are more
_AUTHOR = "greentwin"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_bcf(result: CheckResult, path: Path, language: Language) -> Path:
    """Write the causes to ``path`` (.bcf) in one language and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = datetime.now(UTC).isoformat(timespec="seconds")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bcf.version", _version())
        index = 0
        for specification in result.specifications:
            for cause in specification.causes:
                index += 1
                selected = _components(cause)
                view = str(uuid.uuid5(uuid.UUID(cause.id), "viewpoint"))
                markup = _markup(
                    result, specification, cause, index, written, language, view if selected else ""
                )
                archive.writestr(f"{cause.id}/markup.bcf", markup)
                if selected:
                    archive.writestr(f"{cause.id}/viewpoint.bcfv", _viewpoint(view, selected))
    return path


def _components(cause: Cause) -> list[str]:
    """GlobalIds to select; elements without one cannot be."""
    ids = [element.global_id for element in cause.elements if not element.global_id.startswith("#")]
    return ids[:MOST_COMPONENTS]


def _version() -> bytes:
    root = ET.Element("Version", {"VersionId": "2.1"})
    ET.SubElement(root, "DetailedVersion").text = "2.1"
    return _bytes(root)


def _markup(
    result: CheckResult,
    specification: SpecificationResult,
    cause: Cause,
    index: int,
    written: str,
    language: Language,
    viewpoint: str,
) -> bytes:
    root = ET.Element("Markup")
    header = ET.SubElement(root, "Header")
    file = ET.SubElement(header, "File", {"isExternal": "true"})
    ET.SubElement(file, "Filename").text = Path(result.model_path).name
    topic = ET.SubElement(root, "Topic", {"Guid": cause.id, "TopicType": "Issue", "TopicStatus": "Open"})
    message = cause.message.in_language(language)
    name = specification.name.in_language(language)
    for tag, text in (
        ("Title", f"{name}{'：' if language == 'zh' else ': '}{message}"),
        ("Index", str(index)),
        ("Labels", "IDS"),
        ("CreationDate", written),
        ("CreationAuthor", _AUTHOR),
        ("Description", _description(specification, cause, language)),
    ):
        ET.SubElement(topic, tag).text = _clean(text)
    if viewpoint:
        link = ET.SubElement(root, "Viewpoints", {"Guid": viewpoint})
        ET.SubElement(link, "Viewpoint").text = "viewpoint.bcfv"
    return _bytes(root)


def _description(specification: SpecificationResult, cause: Cause, language: Language) -> str:
    lines = [cause.message, cause.remedy, specification.description]
    classes = ", ".join(f"{name} {count}" for name, count in cause.classes.items())
    if classes:
        lines.append(Text(f"Elements: {classes}.", f"构件：{classes}。"))
    values = ", ".join(f"{value!r} × {count}" for value, count in cause.values.items())
    if values:
        lines.append(Text(f"Values found: {values}.", f"现有取值：{values}。"))
    if len(cause.elements) > MOST_COMPONENTS:
        lines.append(
            Text(
                f"The first {MOST_COMPONENTS} of {len(cause.elements)} elements are selected.",
                f"共 {len(cause.elements)} 个构件，仅选中前 {MOST_COMPONENTS} 个。",
            )
        )
    return "\n".join(line.in_language(language) for line in lines if line.en)


def _viewpoint(guid: str, components: Sequence[str]) -> bytes:
    root = ET.Element("VisualizationInfo", {"Guid": guid})
    found = ET.SubElement(root, "Components")
    selection = ET.SubElement(found, "Selection")
    for global_id in components:
        ET.SubElement(selection, "Component", {"IfcGuid": _clean(global_id)})
    ET.SubElement(found, "Visibility", {"DefaultVisibility": "true"})
    return _bytes(root)


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return _FORBIDDEN.sub("�", text)


def _bytes(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return body
