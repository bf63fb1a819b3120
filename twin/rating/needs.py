"""Needs in the same words everywhere: what is missing, and the property or the fact that supplies it."""

from __future__ import annotations

from collections.abc import Iterable

from ifc.model import Text
from twin.metrics.result import Need
from twin.rating.reading import how_to_state


def property_missing(what: Text, key: str, fact: str, global_ids: Iterable[str] = ()) -> Need:
    """A property that elements do not carry; ``fact`` is the fact that may be stated instead."""
    name = how_to_state(key)
    how = Text(
        f"Add {name} to these elements, or state [facts.{fact}] with evidence in twin.toml.",
        f"请为这些构件补充属性 {name}，或在 twin.toml 中填写 [facts.{fact}] 及证明文件。",
    )
    return Need(what, how, tuple(global_ids))


def not_modelled(what: Text, fact: str) -> Need:
    """Elements that the model does not show at all."""
    return Need(
        Text(f"The model shows no {what.en}.", f"模型中没有{what.zh}。"),
        Text(
            f"Model them, or state [facts.{fact}] with evidence in twin.toml.",
            f"请在模型中建立，或在 twin.toml 中填写 [facts.{fact}] 及证明文件。",
        ),
    )


def fact_missing(what: Text, fact: str, global_ids: Iterable[str] = ()) -> Need:
    """Something that only a document can tell."""
    how = Text(
        f"State [facts.{fact}] with evidence in twin.toml.",
        f"请在 twin.toml 中填写 [facts.{fact}] 及证明文件。",
    )
    return Need(what, how, tuple(global_ids))
