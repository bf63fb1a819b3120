"""Data needs as a buildingSMART IDS 1.0 file, texts in Chinese and English.

Format: https://github.com/buildingSMART/IDS, schema ids.xsd 1.0.0. The same needs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from ifc.model import Text
from twin.ids.needs import (
    SCHEMA_IDENTIFIERS,
    Ask,
    DataNeed,
    Limit,
    Schema,
    Value,
    clause_text,
    goal_of,
    select_needs,
)
from twin.project import Project
from twin.rating.standard_reader import load_standard

NAMESPACE = "http://standards.buildingsmart.org/IDS"
_LOCATION = f"{NAMESPACE} http://standards.buildingsmart.org/IDS/1.0/ids.xsd"
_HOW = Text(
    "Write the property set and the property exactly as named, on the element or its type.",
    "请在构件或其类型上按所列名称填写属性集与属性。",
)
_BASES = {bool: "xs:boolean", int: "xs:integer", float: "xs:double", str: "xs:string"}


def ids_for(
    project: Project | None = None,
    *,
    clauses: Sequence[str] | None = None,
    stars: int | None = None,
    schema: Schema = "IFC4",
) -> str:
    """The IDS of the data that a project's model must carry, as XML text.

    Args:
        project: what twin.toml says (building type, stage, what is declared); None for every default.
        clauses: the clauses to be earned; None for those of ``stars``, else for all that a model can carry.
        stars: the stars to be reached, 1 to 3, with the limits of table 3.2.8.
        schema: of the models that will be checked.

    Raises:
        TwinError: an unknown clause, or one that no model can show; a wrong declaration.
    """
    project = project or Project()
    goal = goal_of(project, clauses, stars)
    return write_ids(select_needs(goal, schema, project), schema, project)


def save_ids(text: str, path: Path) -> Path:
    """Write the XML to ``path`` and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def write_ids(needs: Sequence[DataNeed], schema: Schema, project: Project) -> str:
    """The needs as IDS, one specification each."""
    standard = load_standard()
    root = ET.Element(
        "ids",
        {
            "xmlns": NAMESPACE,
            "xmlns:xs": "http://www.w3.org/2001/XMLSchema",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": _LOCATION,
        },
    )
    info = ET.SubElement(root, "info")
    name = project.project.name
    title = Text("Model data for the green building rating", "绿色建筑评价模型数据需求")
    _child(info, "title", f"{name}：{_both(title)}" if name else _both(title))
    _child(info, "version", "1.0")
    clauses = tuple(dict.fromkeys(clause for need in needs for clause in need.clauses))
    _child(info, "description", _both(_clauses_line(clauses)))
    _child(info, "purpose", f"{standard.name} ({standard.edition})")
    stages = {"pre_evaluation": "预评价 / pre-evaluation", "evaluation": "评价 / evaluation"}
    _child(info, "milestone", stages[project.project.stage])
    specifications = ET.SubElement(root, "specifications")
    for need in needs:
        _specification(specifications, need, schema)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _clauses_line(clauses: Sequence[str]) -> Text:
    return Text(f"For the clauses {', '.join(clauses)}.", f"服务条文：{'、'.join(clauses)}。")


def _specification(parent: ET.Element, need: DataNeed, schema: Schema) -> None:
    served = [clause_text(clause) for clause in need.clauses]
    description = Text(
        f"Serves {'; '.join(text.en for text in served)}.",
        f"服务条文：{'；'.join(text.zh for text in served)}。",
    )
    specification = ET.SubElement(
        parent,
        "specification",
        {
            "name": _both(need.title),
            "ifcVersion": SCHEMA_IDENTIFIERS[schema],
            "identifier": need.id,
            "description": _both(description),
            "instructions": _both(_HOW),
        },
    )
    least = "1" if need.occurs == "required" else "0"
    applicability = ET.SubElement(
        specification, "applicability", {"minOccurs": least, "maxOccurs": "unbounded"}
    )
    entity = ET.SubElement(applicability, "entity")
    _value(entity, "name", Limit(one_of=tuple(name.upper() for name in need.entities)))
    if need.predefined:
        _value(entity, "predefinedType", Limit(one_of=need.predefined))
    for attribute, pattern in need.matching:
        found = ET.SubElement(applicability, "attribute")
        _value(found, "name", Limit(value=attribute))
        _value(found, "value", Limit(pattern=pattern))
    for name, value in need.where:
        found = ET.SubElement(applicability, "property")
        _named(found, name)
        if value is not None:
            _value(found, "value", Limit(value=value))
    requirements = ET.SubElement(specification, "requirements")
    for kind in ("inside", "attribute", "property", "material"):  # the order of the schema
        for ask in need.asks:
            if ask.kind == kind:
                _requirement(requirements, ask)


def _requirement(parent: ET.Element, ask: Ask) -> None:
    attributes = {"instructions": _both(ask.label)}
    if ask.kind != "inside":
        attributes["cardinality"] = "optional" if ask.may else "required"
    match ask.kind:
        case "inside":
            part = ET.SubElement(parent, "partOf", {"relation": ask.relation, **attributes})
            _value(ET.SubElement(part, "entity"), "name", Limit(value=ask.name.upper()))
        case "attribute":
            attribute = ET.SubElement(parent, "attribute", attributes)
            _value(attribute, "name", Limit(value=ask.name))
            _value(attribute, "value", ask.limit)
        case "property":
            if ask.data_type:
                attributes["dataType"] = ask.data_type.upper()
            found = ET.SubElement(parent, "property", attributes)
            _named(found, ask.name)
            _value(found, "value", ask.limit)
        case "material":
            ET.SubElement(parent, "material", attributes)


def _named(parent: ET.Element, name: str) -> None:
    set_name, base_name = name.rsplit(".", 1)
    _value(parent, "propertySet", Limit(value=set_name))
    _value(parent, "baseName", Limit(value=base_name))


def _value(parent: ET.Element, tag: str, limit: Limit) -> None:
    """An idsValue: a simple value, or a restriction; nothing when there is no limit."""
    if limit == Limit():
        return
    element = ET.SubElement(parent, tag)
    choices = limit.one_of
    single = limit.value if limit.value is not None else choices[0] if len(choices) == 1 else None
    if single is not None:
        _child(element, "simpleValue", _text(single))
        return
    bounds = {"minInclusive": limit.min, "maxInclusive": limit.max, "minExclusive": limit.above}
    numeric = any(bound is not None for bound in bounds.values())
    base = "xs:double" if numeric else _BASES[type(choices[0])] if choices else "xs:string"
    restriction = ET.SubElement(element, "xs:restriction", {"base": base})
    for choice in choices:
        ET.SubElement(restriction, "xs:enumeration", {"value": _text(choice)})
    for name, bound in bounds.items():
        if bound is not None:
            ET.SubElement(restriction, f"xs:{name}", {"value": _text(bound)})
    if limit.pattern:
        ET.SubElement(restriction, "xs:pattern", {"value": limit.pattern})


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}"


def _child(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
