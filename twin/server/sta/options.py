"""The query options of SensorThings: $filter, $expand, $orderby, $top, $skip, $count, $select."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from twin.server.sta.expression import Evaluate, ExpressionError, parse

DEFAULT_TOP, MAX_TOP, MAX_SKIP = 100, 1000, 1_000_000
MAX_EXPANDS, MAX_EXPAND_DEPTH = 20, 4
_NAMES = {"$filter", "$expand", "$orderby", "$top", "$skip", "$count", "$select", "$resultFormat"}


class OptionError(ValueError):
    """A query option cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a collection or an entity."""

    top: int = DEFAULT_TOP
    skip: int = 0
    count: bool = False
    select: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()  # (path, descending)
    filter_text: str = ""
    expand: Mapping[str, Options] = field(default_factory=dict)

    @property
    def filter(self) -> Evaluate | None:
        """The condition, None for none."""
        return parse(self.filter_text) if self.filter_text else None


def options_of(query: Mapping[str, str], depth: int = 0) -> Options:
    """The options of a query.

    Raises:
        OptionError: one is unknown, wrong, or asks for too much.
    """
    unknown = [name for name in query if name.startswith("$") and name not in _NAMES]
    if unknown:
        raise OptionError(f"the option {unknown[0]} is not known")
    if query.get("$resultFormat", "") not in ("", "default"):
        raise OptionError("only the default $resultFormat is given")
    count = query.get("$count", "false").strip().lower()
    if count not in ("true", "false"):
        raise OptionError("$count is true or false")
    text = query.get("$filter", "")
    try:
        if text:
            parse(text)
    except ExpressionError as error:
        raise OptionError(f"$filter: {error}") from None
    return Options(
        top=min(_number(query.get("$top", str(DEFAULT_TOP)), "$top"), MAX_TOP),
        skip=_number(query.get("$skip", "0"), "$skip", MAX_SKIP),
        count=count == "true",
        select=tuple(_listed(query.get("$select", ""))),
        order=tuple(_ordered(each) for each in _listed(query.get("$orderby", ""))),
        filter_text=text,
        expand=_expanded(query.get("$expand", ""), depth),
    )


def split_outside(text: str, sign: str) -> list[str]:
    """The parts of a text between ``sign``, except within brackets and quotes."""
    parts, part, depth, quoted = [], "", 0, False
    for character in text:
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if depth < 0:
                raise OptionError("a bracket is closed that was not opened")
        if character == sign and not depth and not quoted:
            parts.append(part)
            part = ""
        else:
            part += character
    if depth or quoted:
        raise OptionError("a bracket or a quote is not closed")
    return [each for each in (*parts, part) if each.strip()]


def _expanded(text: str, depth: int) -> dict[str, Options]:
    if text and depth >= MAX_EXPAND_DEPTH:
        raise OptionError("$expand is too deep")
    found: dict[str, Options] = {}
    for item in split_outside(text, ","):
        name, bracket, inner = item.strip().partition("(")
        query = {}
        if bracket:
            for option in split_outside(inner.removesuffix(")"), ";"):
                key, _, value = option.strip().partition("=")
                query[key] = value
        first, _, rest = name.partition("/")
        if rest:
            inner = ";".join(f"{key}={value}" for key, value in query.items())
            query = {"$expand": f"{rest}({inner})" if inner else rest}
        before = found.get(first)
        options = options_of(query, depth + 1)
        if before is not None:
            options = replace(before, expand={**before.expand, **options.expand})
        found[first] = options
    if len(found) > MAX_EXPANDS:
        raise OptionError("$expand names too much")
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _ordered(text: str) -> tuple[str, bool]:
    path, _, direction = text.partition(" ")
    if direction.strip().lower() not in ("", "asc", "desc"):
        raise OptionError("$orderby is asc or desc")
    return path, direction.strip().lower() == "desc"


def _number(text: str, name: str, largest: int = 2**31) -> int:
    if not text.strip().isdecimal() or int(text) > largest:
        raise OptionError(f"{name} is a number from 0 to {largest}")
    return int(text)
