"""Alarm rules: what is watched on which points, and how grave it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from sensors.alarms.expression import Expression
from sensors.errors import SensorError
from sensors.points import PointTable
from sensors.text import Text


class Severity(IntEnum):
    """How soon somebody must act."""

    NOTICE = 0
    WARNING = 1
    CRITICAL = 2
    EMERGENCY = 3  # a person may be in danger


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """One rule. It watches every point whose id fits one of ``points`` (``*`` and ``?`` allowed).

    Just one condition is set. ``above`` and ``below``: the value passes the limit; it clears
    once back by ``hysteresis``. ``rate_per_hour``: it changes faster than this, either way. ``absent_s``:
    no reading for so long. ``stuck_s``: not the least change for so long while readings come. ``expression``:
    over the points that ``variables`` names; it waits while one of them is stale or unknown. ``simulated``:
    what a simulation beside the twin says of the point (:meth:`AlarmCenter.tell`): that it ``departs`` from
    the simulated value, or that what it watches will be ``full``.

    A condition must hold for ``hold_s`` before it raises.
    """

    id: str
    severity: Severity
    message: Text
    points: tuple[str, ...] = ()
    above: float | None = None
    below: float | None = None
    hysteresis: float = 0.0
    rate_per_hour: float | None = None
    absent_s: float | None = None
    stuck_s: float | None = None
    expression: Expression | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    simulated: str | None = None
    hold_s: float = 0.0

    def rows(self, points: PointTable) -> list[int]:
        """Rows of the points that the rule watches."""
        if self.expression is not None:
            return []
        exact = [points.row_of[id_] for id_ in self.points if id_ in points.row_of]
        globs = [glob for glob in self.points if any(sign in glob for sign in "*?[")]
        if not globs:
            return exact
        fits = (row for row, p in enumerate(points) if any(fnmatchcase(p.id, glob) for glob in globs))
        return sorted({*exact, *fits})


_NUMBERS = ("above", "below", "rate_per_hour", "absent_s", "stuck_s")
_CONDITIONS = (*_NUMBERS, "expression", "simulated")
SIMULATED = ("departs", "full")
_KEYS = {
    *_CONDITIONS,
    "id",
    "severity",
    "message",
    "message_zh",
    "points",
    "hysteresis",
    "variables",
    "hold_s",
}


def read_rules(path: Path | str) -> tuple[AlarmRule, ...]:
    """The rules of a YAML file, a list under ``alarms``.

    Raises:
        SensorError: the file is unreadable or a rule is wrong (with its id).
    """
    path = Path(path)
    try:
        data = yaml.load(path.read_text("utf-8-sig"), yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _refused(str(path), f"It cannot be read: {error}.", "文件无法读取。") from None
    entries = data.get("alarms") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise _refused(str(path), "A list under `alarms` was expected.", "应为 alarms 列表。")
    rules = tuple(rule_of(entry, f"{path}: alarm {number}") for number, entry in enumerate(entries, 1))
    if len({rule.id for rule in rules}) != len(rules):
        raise _refused(str(path), "Two rules have one id.", "规则 id 重复。")
    return rules


def rule_of(entry: Any, where: str) -> AlarmRule:
    """One rule from its fields.

    Raises:
        SensorError: a field is unknown, missing or wrong.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise _refused(where, "A rule with an id was expected.", "应为带 id 的规则。")
    where = f"{where} ({entry['id']})"
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise _refused(where, f"Unknown key {unknown[0]!r}.", f"未知字段 {unknown[0]!r}。")
    conditions = [key for key in _CONDITIONS if entry.get(key) is not None]
    if len(conditions) != 1:
        raise _refused(where, f"Just one of {', '.join(_CONDITIONS)} was expected.", "应恰好给出一个条件。")
    points = entry.get("points", [])
    try:
        numbers = {
            key: _finite(entry[key])
            for key in (*_NUMBERS, "hysteresis", "hold_s")
            if entry.get(key) is not None
        }
        expression = Expression(str(entry["expression"])) if conditions == ["expression"] else None
        severity = Severity[str(entry.get("severity", "warning")).upper()]
    except (ValueError, TypeError) as error:
        raise _refused(where, f"{error}.", f"取值无效：{error}。") from None
    except KeyError:
        names = ", ".join(s.name.lower() for s in Severity)
        raise _refused(where, f"The severity is one of {names}.", f"级别应为 {names} 之一。") from None
    if conditions == ["simulated"] and entry["simulated"] not in SIMULATED:
        names = ", ".join(SIMULATED)
        raise _refused(where, f"`simulated` is one of {names}.", f"simulated 应为 {names} 之一。")
    variables = {str(name): str(point) for name, point in dict(entry.get("variables") or {}).items()}
    if expression is not None and expression.names != set(variables):
        raise _refused(
            where, "`variables` must name just the points of the expression.", "variables 与表达式不一致。"
        )
    if expression is None and not points:
        raise _refused(where, "The rule names no points.", "规则未指定测点。")
    message = str(entry.get("message", entry["id"]))
    return AlarmRule(
        id=entry["id"],
        severity=severity,
        message=Text(message, str(entry.get("message_zh", message))),
        points=(points,) if isinstance(points, str) else tuple(map(str, points)),
        expression=expression,
        variables=variables,
        simulated=entry.get("simulated"),
        **numbers,
    )


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not finite")
    return number


def _refused(where: str, en: str, zh: str) -> SensorError:
    return SensorError(
        "bad-alarm-rule", where, Text(en, zh), Text("Correct the alarm rules.", "请更正报警规则。")
    )
