"""A check as BCF topics, one per cause."""

from __future__ import annotations

from pathlib import Path

from ifc.model import Language, Text
from twin.bcf import Topic, Viewpoint, write_topics
from twin.ids.causes import Cause
from twin.ids.check import CheckResult, SpecificationResult


def write_bcf(result: CheckResult, path: Path, language: Language) -> Path:
    """Write the causes to ``path`` (.bcf) in one language and return it."""
    topics = (
        _topic(specification, cause)
        for specification in result.specifications
        for cause in specification.causes
    )
    return write_topics(topics, Path(result.model_path).name, path, language)


def _topic(specification: SpecificationResult, cause: Cause) -> Topic:
    # an element without GlobalId, such as a material, cannot be selected
    ids = tuple(one.global_id for one in cause.elements if not one.global_id.startswith("#"))
    return Topic(
        id=cause.id,
        title=Text(
            f"{specification.name.en}: {cause.message.en}", f"{specification.name.zh}：{cause.message.zh}"
        ),
        description=_description(specification, cause),
        label="IDS",
        viewpoints=(Viewpoint(ids),) if ids else (),
    )


def _description(specification: SpecificationResult, cause: Cause) -> tuple[Text, ...]:
    lines = [cause.message, cause.remedy, specification.description]
    classes = ", ".join(f"{name} {count}" for name, count in cause.classes.items())
    if classes:
        lines.append(Text(f"Elements: {classes}.", f"构件：{classes}。"))
    values = ", ".join(f"{value!r} × {count}" for value, count in cause.values.items())
    if values:
        lines.append(Text(f"Values found: {values}.", f"现有取值：{values}。"))
    return tuple(lines)
