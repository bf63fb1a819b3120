"""Points: what is measured somewhere, in which unit, how often, and who may see it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from sensors.errors import SensorError
from sensors.text import Text
from sensors.units import unit_of

MAX_POINTS = 1_000_000
MAX_TABLE_BYTES = 64 * 2**20


class Privacy(StrEnum):
    """Who may see the readings of a point, from everyone to the household and whom it authorised."""

    PUBLIC = "public"
    COMMUNITY = "community"
    HOUSEHOLD = "household"
    PERSONAL_SENSITIVE = "personal_sensitive"


@dataclass(frozen=True, slots=True)
class DeviceType:
    """A kind of device of a smart community."""

    id: str
    subsystem: str
    en: str
    zh: str
    quantities: Mapping[str, str]  # name -> unit
    interval_s: float | None
    privacy: Privacy
    ifc: str | None  # "IfcSensor.CO2SENSOR"
    brick: str | None
    urgent: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One measured quantity. Its readings are in ``unit``.

    ``interval_s`` is the longest expected time between two readings, None for a point that reports on
    change only. A value outside ``minimum`` … ``maximum`` is implausible and refused. ``states`` turns the
    words of a device ("open", "closed") into numbers. A ``counter`` only rises (a meter). An ``urgent``
    point never queues behind others.
    """

    id: str
    unit: str
    name: str = ""
    quantity: str = ""
    interval_s: float | None = None
    privacy: Privacy = Privacy.PERSONAL_SENSITIVE
    household: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    counter: bool = False
    urgent: bool = False
    tag: str = ""  # the tag of the device in the model or on its label
    location: str = ""  # the name of a room, storey or building
    states: Mapping[str, float] = field(default_factory=dict)


@cache
def device_types() -> Mapping[str, DeviceType]:
    """Every known type of device by its id."""
    text = resources.files("sensors").joinpath("data/device_types.yaml").read_text("utf-8")
    return {
        key: DeviceType(
            id=key,
            subsystem=entry["subsystem"],
            en=entry["en"],
            zh=entry["zh"],
            quantities=entry["quantities"],
            interval_s=entry["interval_s"],
            privacy=Privacy(entry["privacy"]),
            ifc=entry["ifc"],
            brick=entry["brick"],
            urgent=bool(entry.get("urgent", False)),
        )
        for key, entry in yaml.load(text, yaml.CSafeLoader).items()
    }


class PointTable:
    """Points in a fixed order; a row of it stands for a point in every column of readings."""

    def __init__(self, points: Iterable[Point]) -> None:
        self.points: tuple[Point, ...] = tuple(points)
        self.row_of: dict[str, int] = {point.id: row for row, point in enumerate(self.points)}
        if len(self.row_of) != len(self.points):
            twice = next(p.id for row, p in enumerate(self.points) if self.row_of[p.id] != row)
            raise _refused("duplicate-point", twice, "This point is listed twice.", "该测点重复。")

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[Point]:
        return iter(self.points)

    def __getitem__(self, row: int) -> Point:
        return self.points[row]


def read_points(path: Path | str) -> PointTable:
    """The points of a CSV table or a YAML list.

    Columns or keys: ``id`` and ``unit`` (or ``device``, a type of ``device_types.yaml``, with ``quantity``),
    and any other field of :class:`Point`. What a line leaves out comes from its device type. A point
    without device type and ``privacy`` counts as personal and sensitive.

    Raises:
        SensorError: the file is unreadable, or a line is wrong (with its number).
    """
    path = Path(path)
    rows = _rows_of_yaml(path) if path.suffix.lower() in {".yaml", ".yml"} else _rows_of_csv(path)
    points = []
    for where, row in rows:
        points.append(point_of(row, where))
        if len(points) > MAX_POINTS:
            raise _refused("too-many-points", str(path), f"More than {MAX_POINTS} points.", "测点过多。")
    return PointTable(points)


def point_of(row: Mapping[str, Any], where: str) -> Point:
    """One point from its fields, all of them texts or plain values.

    Raises:
        SensorError: a field is unknown, missing or out of its range.
    """
    given = {str(key).strip(): value for key, value in row.items() if value not in (None, "")}
    unknown = sorted(set(given) - _FIELDS)
    if unknown:
        raise _refused("unknown-key", where, f"Unknown key {unknown[0]!r}.", f"未知字段 {unknown[0]!r}。")
    device = _device_of(given, where)
    quantity = str(given.get("quantity", ""))
    if device is not None and not quantity and len(device.quantities) == 1:
        quantity = next(iter(device.quantities))
    unit = given.get("unit", device.quantities.get(quantity) if device else None)
    if unit is None and "unit" not in row:
        raise _refused("missing-key", where, "The point has no unit.", "测点缺少单位。")
    if "id" not in given:
        raise _refused("missing-key", where, "The point has no id.", "测点缺少 id。")
    try:
        return Point(
            id=str(given["id"]),
            unit=unit_of(str(unit or "")).symbol,
            name=str(given.get("name", given["id"])),
            quantity=quantity,
            interval_s=_number(given, "interval_s", device.interval_s if device else None),
            privacy=Privacy(given.get("privacy", device.privacy if device else Privacy.PERSONAL_SENSITIVE)),
            household=str(given.get("household", "")),
            minimum=_number(given, "minimum", -math.inf),
            maximum=_number(given, "maximum", math.inf),
            counter=_truth(given.get("counter", False)),
            urgent=_truth(given.get("urgent", device.urgent if device else False)),
            tag=str(given.get("tag", "")),
            location=str(given.get("location", "")),
            states={str(k): float(v) for k, v in dict(given.get("states", {})).items()},
        )
    except SensorError as error:
        raise SensorError(error.code, f"{where}: {error.where}", error.message, error.remedy) from None
    except (ValueError, TypeError) as error:
        raise _refused("bad-value", where, f"{error}.", f"取值无效：{error}。") from None


_FIELDS = {*Point.__dataclass_fields__, "device"}


def _device_of(given: Mapping[str, Any], where: str) -> DeviceType | None:
    if "device" not in given:
        return None
    device = device_types().get(str(given["device"]))
    if device is None:
        raise _refused(
            "unknown-device", where, f"Unknown device type {given['device']!r}.", "未知的设备类型。"
        )
    return device


def _number(given: Mapping[str, Any], key: str, default: Any) -> Any:
    if key not in given:
        return default
    number = float(given[key])
    if math.isnan(number) or (key == "interval_s" and not 0 < number < math.inf):
        raise ValueError(f"{key} is {number}")
    return number


def _truth(value: Any) -> bool:
    text = str(value).strip().casefold()
    if text not in {"true", "false", "yes", "no", "1", "0"}:
        raise ValueError(f"{value!r} is neither true nor false")
    return text in {"true", "yes", "1"}


def _rows_of_csv(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(_text_of(path).splitlines())
    for row in reader:
        if None in row:
            raise _refused(
                "bad-line", f"{path}:{reader.line_num}", "More cells than columns.", "单元格多于列数。"
            )
        yield f"{path}:{reader.line_num}", row


def _rows_of_yaml(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = yaml.load(_text_of(path), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise _refused("bad-yaml", str(path), f"Not YAML: {error}.", "不是有效的 YAML 文件。") from None
    entries = data.get("points") if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _refused("bad-yaml", str(path), "A list of points was expected.", "应为测点列表。")
    for number, entry in enumerate(entries, 1):
        yield f"{path}: point {number}", entry


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise _refused("file-too-large", str(path), "The table is too large.", "表格过大。")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused("unreadable", str(path), f"{error}.", "文件无法读取。") from None


def _refused(code: str, where: str, en: str, zh: str) -> SensorError:
    return SensorError(code, where, Text(en, zh), Text("Correct the point table.", "请更正测点表。"))
