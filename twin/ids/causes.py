"""Why elements fail a specification, in words: the cause and what to do about it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ifc.model import Text

KINDS = (
    "no_element",  # the model has nothing that the specification applies to, though it must
    "missing",  # the property, attribute, material, classification or whole is not there
    "empty",  # it is there without a value
    "wrong_type",  # of another data type
    "wrong_value",  # out of the limits
    "wrong_class",  # the element or its whole is of another class or predefined type
    "prohibited",  # it is there though it must not be
    "prohibited_element",  # the element itself must not be there
)

_NAMESPACE = uuid.UUID("5d3c1f0e-7a5b-4c1e-9a86-3c9a1b1f7d52")


@dataclass(frozen=True, slots=True)
class FailingElement:
    """An element that fails. ``global_id`` is ``#id`` where the class has none, such as IfcMaterial."""

    global_id: str
    ifc_class: str
    name: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why elements fail one requirement of a specification.

    ``id`` stays the same when another revision of the model fails for the same reason.
    """

    id: str  # a GUID
    kind: str  # one of KINDS
    message: Text
    remedy: Text
    values: Mapping[str, int]  # values found instead -> number of elements
    elements: tuple[FailingElement, ...]

    @property
    def classes(self) -> Mapping[str, int]:
        """IFC class -> number of failing elements, most first."""
        return dict(Counter(element.ifc_class for element in self.elements).most_common())


def read_cause(raw: Mapping[str, Any], specification: Mapping[str, Any], project_id: str) -> Cause:
    """A cause as the worker answers it, in words."""
    elements = tuple(FailingElement(*element) for element in raw["elements"])
    key = (project_id, specification["identifier"], specification["name"], str(raw["number"]), raw["kind"])
    return Cause(
        id=str(uuid.uuid5(_NAMESPACE, "\n".join(key))),
        kind=raw["kind"],
        message=_message(raw["kind"], raw["requirement"], specification, len(elements)),
        remedy=_remedy(raw["kind"], raw["requirement"], specification),
        values=raw["values"],
        elements=elements,
    )


def both_languages(text: str) -> Text:
    """A text of an IDS as ``twin ids`` writes them, "中文 / English", else the same in both languages."""
    chinese, slash, english = text.partition(" / ")
    if slash and any("一" <= letter <= "鿿" for letter in chinese):
        return Text(english, chinese)
    return Text(text, text)


def _message(
    kind: str, facet: Mapping[str, Any] | None, specification: Mapping[str, Any], number: int
) -> Text:
    asked = _classes_text(specification)
    if kind == "no_element":
        return Text(
            f"The model has no element asked for: {asked.en}.", f"模型中没有所要求的构件：{asked.zh}。"
        )
    if kind == "prohibited_element" or facet is None:
        return Text(
            f"Elements that must not be there ({number}): {asked.en}.",
            f"存在不允许的构件（{number} 个）：{asked.zh}。",
        )
    name, needed = _name(facet), _needed(facet, patterns=True)
    count = Text("1 element" if number == 1 else f"{number} elements", f"{number} 个构件")
    match kind:
        case "missing":
            return Text(f"No {name.en} on {count.en}.", f"{count.zh}缺少{name.zh}。")
        case "empty":
            return Text(f"Empty {name.en} on {count.en}.", f"{count.zh}的{name.zh}为空。")
        case "wrong_type":
            asked_type = facet["dataType"]
            return Text(
                f"Another data type of {name.en} than {asked_type} on {count.en}.",
                f"{count.zh}的{name.zh}数据类型不是 {asked_type}。",
            )
        case "prohibited":
            return Text(f"Unwanted {name.en} on {count.en}.", f"{count.zh}不应有{name.zh}。")
        case "wrong_class":
            return Text(f"{count.en} not of {name.en}.", f"{count.zh}不是{name.zh}。")
    return Text(
        f"Another value of {name.en} than asked for ({needed.en}) on {count.en}.",
        f"{count.zh}的{name.zh}取值不符合要求（{needed.zh}）。",
    )


def _remedy(kind: str, facet: Mapping[str, Any] | None, specification: Mapping[str, Any]) -> Text:
    if kind == "no_element":
        return Text(
            "Model these elements, or declare the clauses in twin.toml with their evidence.",
            "请建立这些构件，或在 twin.toml 中声明相应条文并附证明文件。",
        )
    if kind in ("prohibited", "prohibited_element") or facet is None:
        return Text("Remove it from the model.", "请从模型中删除。")
    name, label = _name(facet), both_languages(facet["instructions"])
    needed = _needed(facet, patterns=not label.en)
    details = [facet["dataType"], needed.en], [facet["dataType"], needed.zh]
    en, zh = (", ".join(filter(None, details[0])), "，".join(filter(None, details[1])))
    told = Text(f": {label.en}" if label.en else "", f"：{label.zh}" if label.zh else "")
    return Text(
        f"Give {name.en}{f' ({en})' if en else ''}{told.en}.",
        f"请填写{name.zh}{f'（{zh}）' if zh else ''}{told.zh}。",
    )


def _name(facet: Mapping[str, Any]) -> Text:
    """What a requirement asks for: "GBT50378.SillHeight", "the attribute LongName", "a material"."""
    match facet["facet"]:
        case "property":
            sets, names = _limit_text(facet["propertySet"]), _limit_text(facet["baseName"])
            return Text(f"{sets.en}.{names.en}", f"属性 {sets.zh}.{names.zh}")
        case "attribute":
            name = _limit_text(facet["name"])
            return Text(f"attribute {name.en}", f"字段 {name.zh}")
        case "material":
            return Text("material", "材料")
        case "classification":
            system = _limit_text(facet["system"])
            return Text(f"classification by {system.en}", f"分类编码（{system.zh}）")
        case "partof":
            whole = _limit_text(facet["name"])
            return Text(f"place in an {whole.en}", f"所属 {whole.zh}")
    kind = _limit_text(facet.get("name", ""))
    return Text(kind.en, f" {kind.zh}")


def _needed(facet: Mapping[str, Any], patterns: bool) -> Text:
    """The value that a requirement asks for, empty for any; patterns only where nothing else says it."""
    value = facet.get("value", "")
    if not patterns and not isinstance(value, str):
        value = {option: limits for option, limits in value.items() if option != "pattern"}
    return _limit_text(value)


_SIGNS = {"minInclusive": "≥", "maxInclusive": "≤", "minExclusive": ">", "maxExclusive": "<"}


def _limit_text(value: str | Mapping[str, list[str]]) -> Text:
    """A simple value, or the options of a restriction, in words."""
    if isinstance(value, str):
        return Text(value, value)
    parts = []
    for option, limits in value.items():
        joined = ", ".join(limits)
        if option == "enumeration":
            parts.append(Text(f"one of {joined}" if len(limits) > 1 else joined, joined.replace(", ", "、")))
        elif option in _SIGNS:
            parts.append(Text(f"{_SIGNS[option]} {joined}", f"{_SIGNS[option]} {joined}"))
        elif option == "pattern":
            parts.append(Text(f"like {joined}", f"符合 {joined}"))
        else:
            parts.append(Text(f"{option} {joined}", f"{option} {joined}"))
    return Text(" and ".join(part.en for part in parts), " 且 ".join(part.zh for part in parts))


def _classes_text(specification: Mapping[str, Any]) -> Text:
    """Which elements a specification applies to: "IFCRAILING (GUARDRAIL)"."""
    found = []
    for facet in specification["applies_to"]:
        if facet["facet"] == "entity":
            name = _limit_text(facet["name"])
            kind = _limit_text(facet["predefinedType"]) if "predefinedType" in facet else Text("", "")
            found.append(
                Text(f"{name.en}{kind.en and f' ({kind.en})'}", f"{name.zh}{kind.zh and f'（{kind.zh}）'}")
            )
        else:
            name, value = _name(facet), _needed(facet, patterns=True)
            found.append(
                Text(f"{name.en}{value.en and f' = {value.en}'}", f"{name.zh}{value.zh and f' = {value.zh}'}")
            )
    return Text(" with ".join(text.en for text in found), "，".join(text.zh for text in found))
