"""The binding table: which point belongs to which element, who said so, and the element's anchor."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from ifc.model import Text
from twin.binding.anchor import Anchor
from twin.errors import TwinError

MAX_BYTES = 64 * 2**20
_ANCHOR = tuple(field.name for field in fields(Anchor))
_NUMBERS = ("x_m", "y_m", "z_m")
_TEXTS = tuple(name for name in _ANCHOR if name not in _NUMBERS)
COLUMNS = ("point", "accepted", "confidence", "reason", *_ANCHOR)


@dataclass(frozen=True, slots=True)
class Binding:
    """One point and the element it belongs to. Only an accepted binding is ever used."""

    point: str
    anchor: Anchor
    accepted: bool = True
    confidence: float = 1.0
    reason: str = "reviewed"


def read_bindings(path: Path | str) -> tuple[Binding, ...]:
    """The bindings of a CSV table or a YAML list.

    ``point`` and ``global_id`` are needed. ``accepted`` is yes or no; empty counts as no, so that a
    suggestion nobody has looked at does nothing; a table without the column is a reviewed one.

    Raises:
        TwinError: the file is unreadable or a line is wrong (with its number).
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(str(path), "The table is too large.", "表格过大。")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(str(path), f"It cannot be read: {error}.", "文件无法读取。") from None
    if path.suffix.lower() in {".yaml", ".yml"}:
        rows = _yaml_rows(path, text)
    else:
        reader = csv.DictReader(io.StringIO(text))
        rows = [(f"{path}:{number}", row) for number, row in enumerate(reader, 2)]
    bindings = tuple(_binding(row, where) for where, row in rows)
    seen: dict[str, str] = {}
    for binding in bindings:
        if (
            binding.accepted
            and seen.setdefault(binding.point, binding.anchor.global_id) != binding.anchor.global_id
        ):
            raise _refused(
                str(path),
                f"The point {binding.point!r} is accepted for two elements.",
                f"测点 {binding.point!r} 被绑定到两个构件。",
            )
    return bindings


def write_bindings(bindings: Iterable[Binding], path: Path | str) -> Path:
    """Write a table that :func:`read_bindings` reads. A binding that is not accepted has the cell empty."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for binding in bindings:
            anchor = [getattr(binding.anchor, name) for name in _ANCHOR]
            writer.writerow(
                [
                    _plain(binding.point),
                    "yes" if binding.accepted else "",
                    f"{binding.confidence:.2f}",
                    _plain(binding.reason),
                    *(_plain(cell) if isinstance(cell, str) else _number(cell) for cell in anchor),
                ]
            )
    return path


def _plain(cell: str) -> str:
    # A spreadsheet must not run a name that a file brought along.
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _yaml_rows(path: Path, text: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
    try:
        data = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise _refused(str(path), f"Not YAML: {error}.", "不是有效的 YAML 文件。") from None
    entries = data.get("bindings") if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _refused(str(path), "A list of bindings was expected.", "应为绑定列表。")
    return [(f"{path}: binding {number}", entry) for number, entry in enumerate(entries, 1)]


def _binding(row: Mapping[str, Any], where: str) -> Binding:
    unknown = sorted(str(key) for key in row if key not in COLUMNS)
    if unknown:
        raise _refused(where, f"Unknown column {unknown[0]!r}.", f"未知列 {unknown[0]!r}。")
    given = {key: _unquoted(value) for key, value in row.items() if value not in (None, "")}
    for key in ("point", "global_id"):
        if not given.get(key):
            raise _refused(where, f"No {key}.", f"缺少 {key}。")
    accepted = str(given.get("accepted", "" if "accepted" in row else "yes")).strip().casefold()
    if accepted not in {"yes", "true", "1", "no", "false", "0", ""}:
        raise _refused(where, f"accepted is {accepted!r}, not yes or no.", "accepted 应为 yes 或 no。")
    try:
        texts = {name: str(given[name]) for name in _TEXTS if name in given}
        numbers = {name: float(given[name]) for name in _NUMBERS if name in given}
        anchor = Anchor(**texts, **numbers)  # type: ignore[arg-type]
        confidence = float(given.get("confidence", 1.0))
    except ValueError as error:
        raise _refused(where, f"{error}.", f"取值无效：{error}。") from None
    return Binding(
        point=str(given["point"]),
        anchor=anchor,
        accepted=accepted in {"yes", "true", "1"},
        confidence=confidence,
        reason=str(given.get("reason", "reviewed")),
    )


def _unquoted(value: Any) -> Any:
    if isinstance(value, str) and value[:1] == "'" and value[1:2] in ("=", "+", "-", "@", "\t", "\r"):
        return value[1:]
    return value


def _refused(where: str, en: str, zh: str) -> TwinError:
    return TwinError(
        "bad-binding-table", where, Text(en, zh), Text("Correct the binding table.", "请更正绑定表。")
    )
