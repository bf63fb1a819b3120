"""Units behind numbers, in both languages."""

from __future__ import annotations

from ifc.model import Text

# What these say of a value is no unit: it answers, names, grades or counts.
_NO_UNITS = frozenset(("", "-", "bool", "enum", "grade", "count", "class", "ratio"))
_WORDS = {
    "months": Text("months", "个月"),
    "points": Text("points", "分"),
    "times": Text("times", "次"),
    "person": Text("person", "人"),
}


def unit_label(unit: str) -> Text:
    """A unit as it stands behind a number: words in both languages, symbols as they are, or nothing."""
    return Text("", "") if unit in _NO_UNITS else _WORDS.get(unit, Text(unit, unit))


def behind_number(unit: str) -> Text:
    """The same with a space before it."""
    label = unit_label(unit)
    return Text(f" {label.en}", f" {label.zh}") if label.en else label
