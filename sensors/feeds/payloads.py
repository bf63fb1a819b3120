"""Payloads as devices write them, turned into samples: plain values and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sensors.readings import Quality, Sample, parse_time

MAX_PAYLOAD_BYTES = 2**20


class MalformedError(ValueError):
    """A payload of which nothing can be read. The text is the reason to be counted."""


@dataclass(frozen=True, slots=True)
class JsonMapping:
    """Where the fields of a reading stand in a JSON object; a path names nested keys with dots.

    With ``values`` an object holds several readings: their points are the base id, a slash and the name.
    A list of objects is read one by one.
    """

    value: str = "value"
    time: str = "time"
    unit: str = "unit"
    quality: str = "quality"
    point: str = "point"  # where it is missing, the id comes from the topic or the address
    values: Mapping[str, str] = field(default_factory=dict)  # name -> path


def plain_samples(point: str, payload: bytes) -> list[Sample]:
    """A payload that is the value itself: ``21.5``, ``ON``.

    Raises:
        MalformedError: it is not a short UTF-8 text.
    """
    if len(payload) > 200:
        raise MalformedError("malformed")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("malformed") from None
    try:
        return [Sample(point, float(text))]
    except ValueError:
        return [Sample(point, text)]


def json_samples(point: str, payload: bytes, mapping: JsonMapping) -> list[Sample]:
    """The samples of a JSON payload.

    Raises:
        MalformedError: it is not JSON, or has no value where the mapping says.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MalformedError("too-large")
    try:
        data = json.loads(payload)
    except (ValueError, RecursionError):
        raise MalformedError("malformed") from None
    return samples_of(point, data, mapping)


def samples_of(point: str, data: Any, mapping: JsonMapping) -> list[Sample]:
    """The samples of a JSON value that is read already: an object, or a list of them.

    Raises:
        MalformedError: nothing stands where the mapping says.
    """
    if isinstance(data, list):
        return [sample for entry in data for sample in _of_object(point, entry, mapping)]
    return _of_object(point, data, mapping)


def _of_object(point: str, data: Any, mapping: JsonMapping) -> list[Sample]:
    if not isinstance(data, dict):
        raise MalformedError("malformed")
    stated, time = _at(data, mapping.point), _at(data, mapping.time)
    unit, stated_quality = _at(data, mapping.unit), _at(data, mapping.quality)
    base = point if stated is None else str(stated)
    try:
        time_us = None if time is None else parse_time(time)
    except (ValueError, OverflowError):
        raise MalformedError("bad-time") from None
    quality = Quality.GOOD if stated_quality is None else quality_of(stated_quality)
    if not mapping.values:
        value = _at(data, mapping.value)
        if value is None and quality is not Quality.BAD:
            raise MalformedError("no-value")
        return [Sample(base, value, time_us, None if unit is None else str(unit), quality)]
    values = [(name, _at(data, path)) for name, path in mapping.values.items()]
    found = [
        Sample(f"{base}/{name}", value, time_us, None, quality) for name, value in values if value is not None
    ]
    if not found:
        raise MalformedError("no-value")
    return found


def quality_of(value: Any) -> Quality:
    """The quality of a word or an OPC status code; what is not understood is uncertain."""
    if value is None:
        return Quality.GOOD
    if isinstance(value, str):
        return _QUALITY_WORDS.get(value.strip().casefold(), Quality.UNCERTAIN)
    if isinstance(value, bool):
        return Quality.GOOD if value else Quality.BAD
    if isinstance(value, int):
        # OPC UA part 4, 7.39: the top two bits are the severity. OPC Classic: 192 good, 64 uncertain, 0 bad.
        if value > 255:
            return (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)[value >> 30 & 3]
        return {0xC0: Quality.GOOD, 0x40: Quality.UNCERTAIN}.get(value & 0xC0, Quality.BAD)
    return Quality.UNCERTAIN


_QUALITY_WORDS = {
    "good": Quality.GOOD, "ok": Quality.GOOD, "valid": Quality.GOOD,
    "uncertain": Quality.UNCERTAIN, "questionable": Quality.UNCERTAIN, "estimated": Quality.UNCERTAIN,
    "bad": Quality.BAD, "invalid": Quality.BAD, "error": Quality.BAD, "fault": Quality.BAD,
}  # fmt: skip


def _at(data: dict[str, Any], path: str) -> Any:
    if path in data or "." not in path:
        return data.get(path)
    value: Any = data
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


@dataclass(frozen=True, slots=True)
class TopicRule:
    """How a topic becomes the id of a point: ``{0}``, ``{1}`` … are its levels, ``{topic}`` is all of it."""

    template: str = "{topic}"

    def point_of(self, topic: str) -> str:
        """The id of the point that a topic stands for; a level that is missing is empty."""
        levels = topic.split("/")

        def level(match: re.Match[str]) -> str:
            name = match[1]
            if name == "topic":
                return topic
            return levels[int(name)] if int(name) < len(levels) else ""

        return re.sub(r"\{(topic|\d{1,2})\}", level, self.template)
