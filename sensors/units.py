"""Units of readings and their conversion: a small table with UCUM codes and the spellings of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

import yaml

from sensors.errors import SensorError
from sensors.text import Text


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. The value in the first unit of its dimension is ``value * scale + offset``."""

    symbol: str
    dimension: str
    scale: float
    offset: float


class Conversion(NamedTuple):
    """``value * scale + offset`` turns a value of one unit into another."""

    scale: float
    offset: float


@cache
def _units() -> Mapping[str, Unit]:
    text = resources.files("sensors").joinpath("data/units.yaml").read_text("utf-8")
    found: dict[str, Unit] = {}
    for dimension, entries in yaml.load(text, yaml.CSafeLoader).items():
        for entry in entries:
            unit = Unit(entry["unit"], dimension, float(entry["scale"]), float(entry.get("offset", 0)))
            for name in (unit.symbol, *entry["names"]):
                if name in found:
                    raise ValueError(f"units.yaml names {name!r} twice")
                found[name] = unit
    return found


def unit_symbols() -> frozenset[str]:
    """The symbol of every unit, without the other spellings."""
    return frozenset(unit.symbol for unit in _units().values())


@cache
def unit_of(name: str) -> Unit:
    """The unit of a spelling: ``"degC"``, ``"Cel"`` and ``"℃"`` are all °C.

    Raises:
        SensorError: ``unknown-unit``.
    """
    unit = _units().get(name.strip())
    if unit is None:
        raise SensorError(
            "unknown-unit",
            repr(name[:40]),
            Text("This unit is not known.", "无法识别该单位。"),
            Text(
                "Use a UCUM code or a symbol of sensors/data/units.yaml.",
                "请使用 UCUM 代码或 sensors/data/units.yaml 中的符号。",
            ),
        )
    return unit


@cache
def conversion(source: str, target: str) -> Conversion:
    """How a value in ``source`` becomes one in ``target``.

    Raises:
        SensorError: ``unknown-unit``; ``unit-mismatch`` when the two measure different things.
    """
    given, wanted = unit_of(source), unit_of(target)
    if given.dimension != wanted.dimension:
        raise SensorError(
            "unit-mismatch",
            f"{source} -> {target}",
            Text(
                f"{given.symbol} ({given.dimension}) cannot become {wanted.symbol} ({wanted.dimension}).",
                f"{given.symbol} 不能换算为 {wanted.symbol}。",
            ),
            Text("Correct the unit of the point or of the source.", "请更正测点或数据源的单位。"),
        )
    if given == wanted:
        return Conversion(1.0, 0.0)
    return Conversion(given.scale / wanted.scale, (given.offset - wanted.offset) / wanted.scale)
