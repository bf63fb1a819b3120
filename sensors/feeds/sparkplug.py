"""Sparkplug B payloads: metrics with aliases, births and deaths.

Sources: Eclipse Sparkplug specification 3.0.0, chapters 4 (topics) and 6 (payloads, ``sparkplug_b.proto``);
Protocol Buffers encoding, https://protobuf.dev/programming-guides/encoding/. Gateways that send the same
fields as JSON are read too.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sensors.feeds.payloads import MAX_PAYLOAD_BYTES, MalformedError
from sensors.readings import Quality, Sample, parse_time

MAX_METRICS = 100_000
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}  # datatype Int8 … Int64 -> width


@dataclass(frozen=True, slots=True)
class _Metric:
    name: str
    alias: int | None
    time: int | None  # ms
    value: float | bool | str | None


class SparkplugDecoder:
    """Turns messages into samples; remembers the aliases that a birth has given.

    The id of a point is ``group/node/metric`` or ``group/node/device/metric``.
    """

    def __init__(self) -> None:
        self._aliases: dict[str, dict[int, str]] = {}  # source -> alias -> metric name
        self._points: dict[str, set[str]] = {}  # source -> ids of points

    def __call__(self, topic: str, payload: bytes) -> list[Sample]:
        """The samples of one message; a death makes every point of its source BAD.

        Raises:
            MalformedError: no Sparkplug topic or payload, or an alias without a birth.
        """
        levels = topic.split("/")
        if len(levels) not in (4, 5) or levels[0] != "spBv1.0":
            raise MalformedError("malformed")
        _, group, kind, *place = levels
        source = "/".join((group, *place))
        if kind in ("NDEATH", "DDEATH"):
            return [
                Sample(point, None, None, None, Quality.BAD)
                for name, points in self._points.items()
                if name == source or name.startswith(f"{source}/")
                for point in sorted(points)
            ]
        if kind not in ("NBIRTH", "DBIRTH", "NDATA", "DDATA"):
            raise MalformedError("not-data")
        time, metrics = _payload(payload)
        if kind in ("NBIRTH", "DBIRTH"):
            self._aliases[source] = {m.alias: m.name for m in metrics if m.alias is not None and m.name}
        samples = []
        for metric in metrics:
            name = metric.name or self._aliases.get(source, {}).get(
                metric.alias if metric.alias is not None else -1
            )
            if not name:
                raise MalformedError("unknown-alias")
            if name == "bdSeq" or name.startswith("Node Control/"):
                continue
            stamp = metric.time if metric.time is not None else time
            quality = Quality.BAD if metric.value is None else Quality.GOOD
            point = f"{source}/{name}"
            self._points.setdefault(source, set()).add(point)
            samples.append(Sample(point, metric.value, _time_us(stamp), None, quality))
        return samples


def _time_us(stamp: int | None) -> int | None:
    try:
        return None if stamp is None else parse_time(stamp)
    except ValueError:
        raise MalformedError("bad-time") from None


def _payload(payload: bytes) -> tuple[int | None, list[_Metric]]:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MalformedError("too-large")
    try:
        if payload[:1] == b"{":
            return _json_payload(json.loads(payload))
        time, metrics = None, []
        for number, value in _fields(payload):
            if number == 1:
                time = int(value)
            elif number == 2:
                metrics.append(_metric(value))
        return time, metrics
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, struct.error):
        raise MalformedError("malformed") from None


def _json_payload(data: dict[str, Any]) -> tuple[int | None, list[_Metric]]:
    return data.get("timestamp"), [
        _Metric(str(entry.get("name", "")), entry.get("alias"), entry.get("timestamp"), entry.get("value"))
        for entry in data["metrics"]
    ]


def _metric(data: bytes) -> _Metric:
    name, alias, time, datatype, value = "", None, None, 0, None
    null = False
    for number, content in _fields(data):
        if number == 1:
            name = content.decode("utf-8")
        elif number == 2:
            alias = int(content)
        elif number == 3:
            time = int(content)
        elif number == 4:
            datatype = int(content)
        elif number == 7:
            null = bool(content)
        elif number in (10, 11):
            value = int(content)
        elif number == 12:
            (value,) = struct.unpack("<f", content)
        elif number == 13:
            (value,) = struct.unpack("<d", content)
        elif number == 14:
            value = bool(content)
        elif number == 15:
            value = content.decode("utf-8")
    bits = _SIGNED_BITS.get(datatype)
    if bits and isinstance(value, int) and value >> (bits - 1) & 1:
        value = (value & (1 << bits) - 1) - (1 << bits)
    return _Metric(name, alias, time, None if null else value)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, content) of a message: an int for a varint, bytes for everything else."""
    position, count = 0, 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, position = _varint(data, position)
            yield number, value
        else:
            if kind == 2:
                size, position = _varint(data, position)
            elif kind in (1, 5):
                size = 8 if kind == 1 else 4
            else:
                raise ValueError("unknown wire type")
            if position + size > len(data):
                raise ValueError("cut short")
            yield number, data[position : position + size]
            position += size
        count += 1
        if count > MAX_METRICS:
            raise ValueError("too many fields")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
    raise ValueError("varint too long")
