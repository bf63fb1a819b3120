"""Topics that a BIM tool opens, as BCF 2.1.

Format: https://github.com/buildingSMART/BCF-XML, release 2.1. A viewpoint selects elements and may stand
before them; the GUID of a topic stays from revision to revision, so that it can be updated.
"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from ifc.model import Language, Text

MOST_COMPONENTS = 1000  # selected in one viewpoint; the description says when there are more
FIELD_OF_VIEW_DEG = 60.0
_AUTHOR = "greentwin"
_NAMESPACE = uuid.UUID("0f6d0f5c-6a39-4f0b-8f39-51c1f0f6a1d4")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where to look from: a point in the file's coordinates (m), unit vectors of view and up."""

    position_m: Vector
    direction: Vector
    up: Vector


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """GlobalIds to select, seen from ``camera`` or from where the BIM tool likes."""

    global_ids: tuple[str, ...]
    camera: Camera | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to mend."""

    id: str  # a GUID
    title: Text
    description: tuple[Text, ...]  # paragraphs
    label: str
    viewpoints: tuple[Viewpoint, ...] = ()


def stable_id(*key: str) -> str:
    """The same GUID for the same key, in every run and revision."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(key)))


def write_topics(topics: Iterable[Topic], model_name: str, path: Path, language: Language) -> Path:
    """Write a BCF file in one language.

    Args:
        topics: in the order of their index.
        model_name: name of the IFC file that they are about.
        path: of the file (.bcf); its folder is made.
        language: of titles and descriptions.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written = datetime.now(UTC).isoformat(timespec="seconds")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bcf.version", _version())
        for index, topic in enumerate(topics, 1):
            views = [view for view in topic.viewpoints if view.global_ids or view.camera]
            names = {str(uuid.uuid5(uuid.UUID(topic.id), f"viewpoint{number or ''}")): view
                     for number, view in enumerate(views)}  # fmt: skip
            files = {guid: f"viewpoint{number or ''}.bcfv" for number, guid in enumerate(names)}
            markup = _markup(topic, index, model_name, written, language, files)
            archive.writestr(f"{topic.id}/markup.bcf", markup)
            for guid, view in names.items():
                archive.writestr(f"{topic.id}/{files[guid]}", _viewpoint(guid, view))
    return path


def _version() -> bytes:
    root = ET.Element("Version", {"VersionId": "2.1"})
    ET.SubElement(root, "DetailedVersion").text = "2.1"
    return _bytes(root)


def _markup(
    topic: Topic, index: int, model_name: str, written: str, language: Language, views: dict[str, str]
) -> bytes:
    root = ET.Element("Markup")
    header = ET.SubElement(root, "Header")
    file = ET.SubElement(header, "File", {"isExternal": "true"})
    ET.SubElement(file, "Filename").text = _clean(model_name)
    element = ET.SubElement(root, "Topic", {"Guid": topic.id, "TopicType": "Issue", "TopicStatus": "Open"})
    paragraphs = [text.in_language(language) for text in (*topic.description, *_left_out(topic)) if text.en]
    for tag, text in (
        ("Title", topic.title.in_language(language)),
        ("Index", str(index)),
        ("Labels", topic.label),
        ("CreationDate", written),
        ("CreationAuthor", _AUTHOR),
        ("Description", "\n".join(paragraphs)),
    ):
        ET.SubElement(element, tag).text = _clean(text)
    for guid, name in views.items():
        link = ET.SubElement(root, "Viewpoints", {"Guid": guid})
        ET.SubElement(link, "Viewpoint").text = name
    return _bytes(root)


def _left_out(topic: Topic) -> list[Text]:
    return [
        Text(
            f"The first {MOST_COMPONENTS} of {len(view.global_ids)} elements are selected.",
            f"共 {len(view.global_ids)} 个构件，仅选中前 {MOST_COMPONENTS} 个。",
        )
        for view in topic.viewpoints
        if len(view.global_ids) > MOST_COMPONENTS
    ]


def _viewpoint(guid: str, view: Viewpoint) -> bytes:
    root = ET.Element("VisualizationInfo", {"Guid": guid})
    components = ET.SubElement(root, "Components")
    if view.global_ids:
        selection = ET.SubElement(components, "Selection")
        for global_id in view.global_ids[:MOST_COMPONENTS]:
            ET.SubElement(selection, "Component", {"IfcGuid": _clean(global_id)})
    ET.SubElement(components, "Visibility", {"DefaultVisibility": "true"})
    if view.camera:
        camera = ET.SubElement(root, "PerspectiveCamera")
        for tag, vector in (
            ("CameraViewPoint", view.camera.position_m),
            ("CameraDirection", view.camera.direction),
            ("CameraUpVector", view.camera.up),
        ):
            axes = ET.SubElement(camera, tag)
            for axis, value in zip("XYZ", vector, strict=True):
                ET.SubElement(axes, axis).text = repr(float(value))
        ET.SubElement(camera, "FieldOfView").text = repr(FIELD_OF_VIEW_DEG)
    return _bytes(root)


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return _FORBIDDEN.sub("�", text)


def _bytes(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return body
