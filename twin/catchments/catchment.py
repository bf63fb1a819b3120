"""What one catchment is, and how the words and numbers of its record are understood."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from ifc.cover_kind import OVERLAYS, cover_kinds, kind_of_text
from ifc.model import Diagnostic, Severity, Text
from twin.catchments.rules import CatchmentRules, plain
from twin.errors import TwinError

OUTLET = "outlet"
_SIGNS = re.compile(r'[;"\[\]]')  # that SWMM's input files do not allow in a name
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")


@dataclass(frozen=True)
class Catchment:
    """A piece of ground, a roof or a tank of the file. NaN and "" where it states nothing."""

    name: str  # no other has it
    kind: str  # of ifc.model.GroundCoverTable
    area_m2: float
    storage_depth_m: float
    storage_volume_m3: float
    slope: float
    manning_n: float
    flow_length_m: float
    drains_to: str  # a name of the file, a kind of cover, or "outlet"
    outline: (
        BaseGeometry | None
    )  # m, on the plane of the file's projection or an equal-area one about the site


@dataclass(frozen=True)
class Catchments:
    """A whole file."""

    path: Path
    rows: tuple[Catchment, ...]
    apart: frozenset[str]  # names of those that are not joined with the others of their kind
    epsg: int | None  # of the outlines' plane; None for degrees and tables
    middle_deg: tuple[float, float] | None  # longitude and latitude of the outlines, of degrees only
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Record:
    """One row of a table or one feature, before it is understood."""

    where: str  # "site.csv:4", "site.geojson, features[3]"
    values: Mapping[str, object]  # by field
    outline: BaseGeometry | None = None


def bad(where: str, en: str, zh: str, remedy: Text | None = None) -> TwinError:
    """Something in the file that cannot be used."""
    return TwinError(
        "bad-catchments",
        where,
        Text(en, zh),
        remedy or Text("Correct it; docs/sponge.md shows an example.", "请改正；docs/sponge.md 中有示例。"),
    )


def fields_of(names: Iterable[str], where: str, rules: CatchmentRules) -> dict[str, str]:
    """Field of each property or column that is one; of several that name it, a name before an id.

    Raises:
        TwinError: two of them mean the same.
    """
    order = list(rules.fields)
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda one: order.index(plain(one)) if plain(one) in rules.fields else -1):
        field = rules.fields.get(plain(name))
        if field is None or (field == "name" and field in found.values()):
            continue
        if field in found.values():
            raise bad(
                where, f"{name[:40]!r} says {field} once more.", f"“{name[:40]}”与另一列重复表示 {field}。"
            )
        found[name] = field
    return found


def unused(names: Iterable[str], where: str, rules: CatchmentRules) -> list[Diagnostic]:
    """A note on each property or column that is almost one of ours."""
    notes = []
    for name in names:
        near = get_close_matches(plain(name[:40]), rules.fields, n=1, cutoff=0.8)
        if near and plain(name) not in rules.fields:
            notes.append(_unused(where, name, near[0]))
    return notes


def _unused(where: str, name: str, near: str) -> Diagnostic:
    shown = name[:40]
    return Diagnostic(
        "catchment-column-unused",
        Severity.NOTE,
        Text(f"{where}: {shown!r} is not used.", f"{where}：未使用“{shown}”。"),
        Text(f"If {near} is meant, write it so.", f"如指 {near}，请改为该名称。"),
    )


def understand(
    records: list[Record], rules: CatchmentRules
) -> tuple[tuple[Catchment, ...], frozenset[str], list[Diagnostic]]:
    """Catchments with names of their own and their ways checked, and which of them stand apart.

    A catchment that says where it drains to, how steep, rough or long it is, or that another drains to, is a
    subcatchment of its own; the others are joined by kind.

    Raises:
        TwinError: a value cannot be used, or catchments drain in a circle.
    """
    rows: list[Catchment] = []
    diagnostics: list[Diagnostic] = []
    stated: dict[str, list[int]] = {}
    taken: set[str] = {plain(kind) for kind in (*cover_kinds(), "unknown", OUTLET)}
    for number, record in enumerate(records, 1):
        name = _name(record, rules)
        if name:
            stated.setdefault(plain(name), []).append(len(rows))
        own, again = name or f"catchment {number}", 1
        while plain(own) in taken:
            again += 1
            own = f"{name or 'catchment'} {number if again == 2 else f'{number}.{again}'}"
        taken.add(plain(own))
        rows.append(_catchment(record, own, rules, diagnostics))
    for place, row in enumerate(rows):
        if row.drains_to:
            rows[place] = replace(row, drains_to=_way(row, rows, stated, records[place].where, rules))
    targets = {row.drains_to for row in rows}
    apart = frozenset(
        row.name
        for row in rows
        if row.kind not in OVERLAYS
        and (
            row.drains_to
            or row.name in targets
            or not all(map(math.isnan, (row.slope, row.manning_n, row.flow_length_m)))
        )
    )
    _no_circle(rows, records)
    return tuple(rows), apart, diagnostics


def _name(record: Record, rules: CatchmentRules) -> str:
    value = record.values.get("name")
    if isinstance(value, float) and value.is_integer():
        value = f"{value:.0f}"
    if not isinstance(value, str | float):
        return ""
    name = " ".join(_SIGNS.sub("_", str(value)).split())
    if len(name) > rules.name_letters or not name.isprintable():
        raise bad(
            record.where,
            f"A name of more than {rules.name_letters} letters, or with signs that cannot be printed.",
            f"名称超过 {rules.name_letters} 个字符或含不可显示字符。",
        )
    return name


def _catchment(record: Record, name: str, rules: CatchmentRules, diagnostics: list[Diagnostic]) -> Catchment:
    kind = _kind(record)
    numbers = {field: _number(record, field, rules) for field in rules.numbers}
    stated = numbers["area_m2"]
    drains_to = record.values.get("drains_to")
    if drains_to is not None and not isinstance(drains_to, str):
        drains_to = f"{drains_to:.0f}" if isinstance(drains_to, float) else ""
    drains_to = " ".join((drains_to or "").split())
    if kind in OVERLAYS and (
        drains_to or not all(math.isnan(numbers[field]) for field in ("slope", "manning_n", "flow_length_m"))
    ):
        raise bad(
            record.where,
            f"A {kind} has no slope, roughness or way of its own.",
            f"{kind} 不能填写坡度、糙率或去向。",
            Text(
                "Say under [site.drainage] of twin.toml where tanks drain to.",
                "请在 twin.toml 的 [site.drainage] 中说明调蓄池的去向。",
            ),
        )
    if record.outline is None:
        if math.isnan(stated) and kind not in OVERLAYS:
            raise bad(
                record.where,
                "It has neither an outline nor area_m2.",
                "既没有多边形，也没有 area_m2。",
            )
        area = 0.0 if math.isnan(stated) else stated
    else:
        area = float(record.outline.area)
        if abs(stated - area) > rules.area_tolerance * area:
            diagnostics.append(_area_differs(record.where, name, stated, area))
    return Catchment(
        name, kind, area, numbers["storage_depth_m"], numbers["storage_volume_m3"], numbers["slope"],
        numbers["manning_n"], numbers["flow_length_m"], drains_to, record.outline,
    )  # fmt: skip


def _kind(record: Record) -> str:
    value = record.values.get("kind")
    if isinstance(value, str) and plain(value) in ("unknown", "未知", "不明"):
        return "unknown"
    kind = kind_of_text(value[:200]) if isinstance(value, str) else None
    if kind is None:
        known = ", ".join(cover_kinds())
        said = "no kind" if value is None or value == "" else f"the kind {str(value)[:40]!r}"
        raise bad(
            record.where,
            f"It has {said}, which names no cover.",
            "没有填写下垫面类型。" if said == "no kind" else f"无法识别下垫面类型“{str(value)[:40]}”。",
            Text(f"Write one of {known} or a usual name of it.", f"请填写 {known} 之一或其常用中文名称。"),
        )
    return kind


def _number(record: Record, field: str, rules: CatchmentRules) -> float:
    """A number of the record, NaN where it states none."""
    value, span = record.values.get(field), rules.numbers[field]
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        value = float(value)
    if not isinstance(value, float) or not span.least <= value <= span.most:
        raise bad(
            record.where,
            f"{field} = {str(value)[:40]}, needs {span.least:g} to {span.most:g} ({span.unit}).",
            f"{field} = {str(value)[:40]}，应为 {span.least:g} 至 {span.most:g} 的数值（{span.unit}）。",
        )
    return value


def _area_differs(where: str, name: str, stated: float, area: float) -> Diagnostic:
    return Diagnostic(
        "catchment-area-differs",
        Severity.WARNING,
        Text(
            f"{where}: {name} states {stated:,.1f} m², its outline has {area:,.1f} m², which counts.",
            f"{where}：{name} 填写面积 {stated:,.1f} m²，多边形面积为 {area:,.1f} m²，按后者计算。",
        ),
        Text(
            "Correct area_m2 or the outline, or take area_m2 away.",
            "请改正 area_m2 或多边形，或删除 area_m2。",
        ),
        name,
    )


def _way(
    row: Catchment, rows: list[Catchment], stated: dict[str, list[int]], where: str, rules: CatchmentRules
) -> str:
    """Where a catchment drains to: a name, a kind or "outlet"."""
    wanted = plain(row.drains_to)
    places = stated.get(wanted, [])
    if len(places) > 1:
        raise bad(
            where,
            f"{len(places)} catchments have the name {row.drains_to!r} that it drains to.",
            f"有 {len(places)} 个汇水区名为“{row.drains_to}”，去向不明确。",
            Text("Give each a name of its own.", "请为每个汇水区取不同的名称。"),
        )
    if places:
        to = rows[places[0]]
        if to.kind == "tree":
            raise bad(where, f"It drains to the tree {to.name!r}.", f"去向“{to.name}”是树木。")
        return "tank" if to.kind == "tank" else to.name
    if wanted in rules.ways:
        return rules.ways[wanted]
    raise bad(
        where,
        f"It drains to {row.drains_to[:40]!r}, which is no catchment of the file and no kind of cover.",
        f"去向“{row.drains_to[:40]}”既不是文件中的汇水区，也不是下垫面类型。",
        Text(
            f"Write a name of the file, or one of {', '.join(dict.fromkeys(rules.ways.values()))}.",
            f"请填写文件中的名称，或 {', '.join(dict.fromkeys(rules.ways.values()))} 之一。",
        ),
    )


def _no_circle(rows: list[Catchment], records: list[Record]) -> None:
    below = {row.name: row.drains_to for row in rows}
    out: set[str] = set()
    for row, record in zip(rows, records, strict=True):
        passed: dict[str, None] = {}
        at = row.name
        while at in below and at not in out:
            if at in passed:
                shown = " > ".join([*list(passed)[list(passed).index(at) :][:5], at])
                raise bad(
                    record.where,
                    f"Catchments drain in a circle: {shown}.",
                    f"汇水区的去向构成循环：{shown}。",
                )
            passed[at] = None
            at = below[at]
        out.update(passed)
