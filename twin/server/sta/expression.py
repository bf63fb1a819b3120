"""$filter and $orderby: the OData expressions of SensorThings (OGC 18-088, 9.3.3.5), with limits."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sensors.readings import now_us, to_us

MAX_LENGTH, MAX_TOKENS, MAX_DEPTH = 2000, 300, 30

Get = Callable[[str], Any]  # the value at a path of the entity, None where there is none
Evaluate = Callable[[Get], Any]


class ExpressionError(ValueError):
    """The expression cannot be read; the text says why."""


_TOKEN = re.compile(
    r"\s*(?:(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<name>@?[A-Za-z_][\w.@]*(?:/@?[A-Za-z_][\w.@]*)*)|(?P<sign>[(),]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "ge": operator.ge,
    "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_SUM: dict[str, Callable[[Any, Any], Any]] = {"add": operator.add, "sub": operator.sub}
_PRODUCT: dict[str, Callable[[Any, Any], Any]] = {
    "mul": operator.mul, "div": operator.truediv, "mod": math.fmod,
}  # fmt: skip


def _part(name: str) -> Callable[[Any], Any]:
    return lambda moment: getattr(moment, name) if isinstance(moment, datetime) else None


_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "substringof": (2, lambda part, text: part in text),
    "contains": (2, lambda text, part: part in text),
    "startswith": (2, lambda text, part: text.startswith(part)),
    "endswith": (2, lambda text, part: text.endswith(part)),
    "length": (1, len),
    "indexof": (2, lambda text, part: text.find(part)),
    "tolower": (1, lambda text: text.lower()),
    "toupper": (1, lambda text: text.upper()),
    "trim": (1, lambda text: text.strip()),
    "concat": (2, lambda one, other: f"{one}{other}"),
    "round": (1, lambda number: math.floor(number + 0.5)),
    "floor": (1, math.floor),
    "ceiling": (1, math.ceil),
    "now": (0, lambda: datetime.fromtimestamp(now_us() / 1e6, UTC)),
    **{name: (1, _part(name)) for name in ("year", "month", "day", "hour", "minute", "second")},
}


def parse(text: str) -> Evaluate:
    """An expression as a function of an entity.

    A comparison with something that is not there, or of another kind, is false.

    Raises:
        ExpressionError: it is none, or longer or deeper than is taken.
    """
    parser = _Parser(text)
    found = parser.either(0)
    parser.end()
    return found


def conjunction(text: str) -> str:
    """An expression without its texts; "" where some comparison in it need not hold for the whole to hold."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", text)
    return "" if re.search(r"\b(or|not|ne|true|false)\b", bare) else bare


def time_bounds(text: str, field: str) -> tuple[int, int]:
    """Bounds [begin, end) in microseconds that the ``and``-ed comparisons of a time put on it.

    Wider than the expression where that is more than conditions that all hold; it still decides itself.
    """
    begin_us, end_us = 0, 2**62
    text = conjunction(text)
    moments = rf"\b{field}\s+(eq|gt|ge|lt|le)\s+(\d{{4}}-\d\d-\d\dT[\d:.]+\S*?)(?=[\s)]|$)"
    for sign, moment in re.findall(moments, text):
        try:
            at_us = to_us(datetime.fromisoformat(moment))
        except ValueError:
            continue
        if sign in ("gt", "ge", "eq"):
            begin_us = max(begin_us, at_us + (sign == "gt"))
        if sign in ("lt", "le", "eq"):
            end_us = min(end_us, at_us + (sign != "lt"))
    return begin_us, end_us


class _Parser:
    """Recursive descent, loosest operator first."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError("the expression is too long")
        self._tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise ExpressionError(f"{text[at : at + 20]!r} is not understood")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        if len(self._tokens) > MAX_TOKENS:
            raise ExpressionError("the expression is too long")
        self._at = 0

    def either(self, depth: int) -> Evaluate:
        found = self._all(depth)
        while self._takes("or"):
            found = _or(found, self._all(depth))
        return found

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ExpressionError(f"{self._tokens[self._at][1]!r} is unexpected")

    def _all(self, depth: int) -> Evaluate:
        found = self._denied(depth)
        while self._takes("and"):
            found = _and(found, self._denied(depth))
        return found

    def _denied(self, depth: int) -> Evaluate:
        if depth > MAX_DEPTH:
            raise ExpressionError("the expression is too deep")
        if self._takes("not"):
            inner = self._denied(depth + 1)
            return lambda get: not inner(get)
        return self._compared(depth)

    def _compared(self, depth: int) -> Evaluate:
        left = self._chain(depth, _SUM, lambda deeper: self._chain(deeper, _PRODUCT, self._value))
        name = self._takes(*_COMPARE)
        if not name:
            return left
        right = self._chain(depth, _SUM, lambda deeper: self._chain(deeper, _PRODUCT, self._value))
        return _comparison(_COMPARE[name], left, right)

    def _chain(
        self, depth: int, signs: dict[str, Callable[[Any, Any], Any]], inner: Callable[[int], Evaluate]
    ) -> Evaluate:
        found = inner(depth)
        while name := self._takes(*signs):
            found = _calculation(signs[name], (found, inner(depth)))
        return found

    def _value(self, depth: int) -> Evaluate:
        if depth > MAX_DEPTH:
            raise ExpressionError("the expression is too deep")
        kind, text = self._next()
        if kind == "sign" and text == "(":
            found = self.either(depth + 1)
            self._expect(")")
            return found
        if kind == "name" and self._takes("("):
            return self._call(text, depth + 1)
        if kind == "name" and text not in ("true", "false", "null"):
            return lambda get: get(text)
        constant = _constant(kind, text)
        return lambda get: constant

    def _call(self, name: str, depth: int) -> Evaluate:
        arguments: list[Evaluate] = []
        if not self._takes(")"):
            arguments.append(self.either(depth))
            while self._takes(","):
                arguments.append(self.either(depth))
            self._expect(")")
        count, function = _FUNCTIONS.get(name, (-1, None))
        if function is None:
            raise ExpressionError(f"the function {name} is not known")
        if len(arguments) != count:
            raise ExpressionError(f"{name} takes {count} arguments")
        return _calculation(function, tuple(arguments))

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ExpressionError("the expression ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, *words: str) -> str:
        if self._at >= len(self._tokens):
            return ""
        kind, text = self._tokens[self._at]
        if kind not in ("name", "sign") or text not in words:
            return ""
        self._at += 1
        return text

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise ExpressionError(f"{sign!r} is missing")


def _constant(kind: str, text: str) -> Any:
    if kind == "number":
        return float(text)
    if kind == "text":
        return text[1:-1].replace("''", "'")
    if kind == "time":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ExpressionError(f"{text} is no time") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    raise ExpressionError(f"{text!r} is unexpected")


def _or(left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda get: bool(left(get)) or bool(right(get))


def _and(left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda get: bool(left(get)) and bool(right(get))


def _comparison(compare: Callable[[Any, Any], bool], left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(get: Get) -> bool:
        one, other = left(get), right(get)
        if compare not in (operator.eq, operator.ne) and (one is None or other is None):
            return False
        try:
            return bool(compare(one, other))
        except TypeError:
            return False

    return evaluate


def _calculation(function: Callable[..., Any], arguments: tuple[Evaluate, ...]) -> Evaluate:
    def evaluate(get: Get) -> Any:
        values = [argument(get) for argument in arguments]
        if any(value is None for value in values):
            return None
        try:
            return function(*values)
        except (TypeError, ValueError, AttributeError, ArithmeticError):
            return None

    return evaluate
