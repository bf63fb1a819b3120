"""Attribute access that survives what broken files hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def get(entity: Any, attribute: str) -> Any:
    """The attribute's value; None where the entity is None, has no such attribute, or it cannot be read.

    IfcOpenShell raises RuntimeError for a reference that leads nowhere and AttributeError for an attribute
    that another schema has.
    """
    if entity is None:
        return None
    try:
        return getattr(entity, attribute)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        return None


def items(entity: Any, attribute: str) -> Iterator[Any]:
    """The members of a set or list attribute that can be read."""
    values = get(entity, attribute)
    if isinstance(values, (tuple, list)):
        yield from (value for value in values if value is not None)
    elif values is not None and hasattr(values, "is_a"):
        yield values


def text(entity: Any, attribute: str) -> str:
    """The attribute as text, "" for none."""
    value = get(entity, attribute)
    return value.strip() if isinstance(value, str) else ""


def is_a(entity: Any, *classes: str) -> bool:
    """Whether the entity is of one of the classes or their subclasses, in any schema that has them."""
    return any(entity.is_a(name) for name in classes)
