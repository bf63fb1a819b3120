"""Attribute access that survives what broken files hold, and is fast."""

from __future__ import annotations

from typing import Any

_ENTITY = "entity_instance"
_ABSENT = -1
_INVERSE = -2
# (class, attribute) -> its position, or one of the above. IfcOpenShell looks an attribute up by name in the
# schema every time, and searches all supertypes for one that is not there. A process reads one schema only.
_position: dict[tuple[str, str], int] = {}


def forget_positions() -> None:
    """Forget where the attributes of a schema are: the next file may have another."""
    _position.clear()


def get(entity: Any, attribute: str) -> Any:
    """The attribute's value; None where the entity is None, has no such attribute, or it cannot be read.

    IfcOpenShell raises RuntimeError for a value that it could not parse or that a short record lacks.
    """
    if entity is None:
        return None
    key = (entity.is_a(), attribute)
    position = _position.get(key)
    if position is None:
        position = _position[key] = _find(entity, attribute)
    if position == _ABSENT:
        return None
    try:
        return entity.get_argument(position) if position >= 0 else getattr(entity, attribute)
    except RuntimeError:
        return None


def is_entity(value: Any) -> bool:
    """Whether a value is an entity or a typed value of IfcOpenShell's, which is not imported for that."""
    return type(value).__name__ == _ENTITY


def ref(entity: Any, attribute: str) -> Any:
    """The entity that the attribute refers to; None where there is none, or something else stands there."""
    value = get(entity, attribute)
    return value if is_entity(value) else None


def put(entity: Any, attribute: str, value: Any) -> None:
    """Set an attribute that the entity has, in memory."""
    entity[entity.get_argument_index(attribute)] = value


def make_light() -> None:
    """Let IfcOpenShell make its objects in half the time; attributes are set by :func:`put` only from now on.

    It makes an object for each mention of an entity, and sets the one field of it in a Python method that is
    there for the attributes of entities.
    """
    import ifcopenshell

    ifcopenshell.entity_instance.__setattr__ = object.__setattr__


def items(entity: Any, attribute: str) -> list[Any]:
    """The entities of a set or list attribute that can be read."""
    values = get(entity, attribute)
    if isinstance(values, tuple):
        return [value for value in values if type(value).__name__ == _ENTITY]
    return [values] if is_entity(values) else []


def text(entity: Any, attribute: str) -> str:
    """The attribute as text, "" for none."""
    value = get(entity, attribute)
    return value.strip() if isinstance(value, str) else ""


def wrapped(value: Any) -> Any:
    """What an IfcValue holds, None for none."""
    return value.get_argument(0) if is_entity(value) else None


def is_a(entity: Any, *classes: str) -> bool:
    """Whether the entity is of one of the classes or their subclasses, in any schema that has them."""
    return any(entity.is_a(name) for name in classes)


def _find(entity: Any, attribute: str) -> int:
    for position in range(len(entity)):
        if entity.attribute_name(position) == attribute:
            return position
    try:
        getattr(entity, attribute)
    except AttributeError:
        return _ABSENT
    except RuntimeError:
        pass
    return _INVERSE
