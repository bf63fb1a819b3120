"""Properties, quantities, attributes with a measure, and classifications of elements, in SI."""

from __future__ import annotations

from typing import Any

import numpy as np

from ifc.model import PropertyTable
from ifc.reading.entities import get, is_a, items, text
from ifc.reading.products import Products
from ifc.reading.units import Units

# (property name, value, SI symbol)
Entry = tuple[str, Any, str]

_QUANTITY_VALUES = {
    "IfcQuantityLength": ("LengthValue", "LENGTHUNIT"),
    "IfcQuantityArea": ("AreaValue", "AREAUNIT"),
    "IfcQuantityVolume": ("VolumeValue", "VOLUMEUNIT"),
    "IfcQuantityWeight": ("WeightValue", "MASSUNIT"),
    "IfcQuantityTime": ("TimeValue", "TIMEUNIT"),
    "IfcQuantityCount": ("CountValue", ""),
    "IfcQuantityNumber": ("NumberValue", ""),
}
_LENGTH_ATTRIBUTES = (
    "OverallHeight",
    "OverallWidth",
    "Elevation",
    "ElevationOfRefHeight",
    "ElevationWithFlooring",
)
_LINING_LENGTHS = (
    "LiningDepth", "LiningThickness", "TransomThickness", "MullionThickness", "ThresholdDepth",
    "ThresholdThickness", "FrameDepth", "FrameThickness", "PanelDepth",
)  # fmt: skip
_NESTING_LIMIT = 8


def read_properties(file: Any, products: Products, units: Units) -> PropertyTable:
    """All properties and quantities of all products.

    Besides the file's own sets there are two pseudo-sets: ``Attributes`` (OverallWidth, OverallHeight,
    Elevation, ElevationOfRefHeight, ElevationWithFlooring, in metres) and ``Classification`` (name of the system
    -> "code name").
    """
    sets_of = _own_sets(file, products)
    classified = _classifications(file, products)
    known: dict[int, tuple[str, bool, list[Entry]]] = {}

    def described(definition: Any) -> tuple[str, bool, list[Entry]]:
        found = known.get(definition.id())
        if found is None:
            found = known[definition.id()] = (
                _set_name(definition),
                definition.is_a("IfcElementQuantity"),
                _entries(definition, units),
            )
        return found

    element: list[int] = []
    rows: list[tuple[str, str, Any, str, bool, bool]] = []
    for row, entity in enumerate(products.entities):
        taken: set[tuple[str, str]] = set()

        def add(
            set_name: str, entry: Entry, inherited: bool, quantity: bool, row: int, taken: set[Any]
        ) -> None:
            name, value, unit = entry
            if (set_name, name) not in taken:
                taken.add((set_name, name))
                element.append(row)
                rows.append((set_name, name, value, unit, inherited, quantity))

        for entry in _attributes(entity, units):
            add("Attributes", entry, False, False, row, taken)
        for entry in classified.get(row, ()):
            add("Classification", entry, False, False, row, taken)
        type_sets = items(products.type_of[row], "HasPropertySets")
        for inherited, definitions in ((False, sets_of.get(row, ())), (True, type_sets)):
            for definition in definitions:
                set_name, quantity, entries = described(definition)
                for entry in entries:
                    add(set_name, entry, inherited, quantity, row, taken)
    return _table(element, rows)


def set_values(definition: Any, units: Units) -> dict[str, tuple[Any, str]]:
    """Name -> (value, SI symbol) of one property set, quantity set or set of material properties."""
    return {name: (value, unit) for name, value, unit in _entries(definition, units)}


def _table(element: list[int], rows: list[tuple[str, str, Any, str, bool, bool]]) -> PropertyTable:
    columns = np.empty((4, len(rows)), object)
    for position, (set_name, name, value, unit, _, _) in enumerate(rows):
        columns[0, position], columns[1, position], columns[3, position] = set_name, name, unit
        columns[2, position] = value
    return PropertyTable(
        element=np.array(element, np.int32),
        set_name=columns[0].copy(),
        name=columns[1].copy(),
        value=columns[2].copy(),
        unit=columns[3].copy(),
        inherited=np.array([row[4] for row in rows], np.bool_),
        quantity=np.array([row[5] for row in rows], np.bool_),
    )


def _own_sets(file: Any, products: Products) -> dict[int, list[Any]]:
    sets_of: dict[int, list[Any]] = {}
    for relation in sorted(file.by_type("IfcRelDefinesByProperties"), key=lambda entity: entity.id()):
        definitions = list(items(relation, "RelatingPropertyDefinition"))
        for row in products.rows(items(relation, "RelatedObjects")):
            sets_of.setdefault(row, []).extend(definitions)
    return sets_of


def _set_name(definition: Any) -> str:
    if is_a(definition, "IfcPropertySet", "IfcElementQuantity"):
        return text(definition, "Name")
    return str(definition.is_a())  # IfcWindowLiningProperties and its kind


def _entries(definition: Any, units: Units) -> list[Entry]:
    if definition.is_a("IfcElementQuantity"):
        return [entry for quantity in items(definition, "Quantities") for entry in _quantity(quantity, units)]
    for attribute in ("HasProperties", "Properties", "ExtendedProperties"):
        found = list(items(definition, attribute))
        if found:
            return [entry for item in found for entry in _property(item, units)]
    return [
        (name, float(value) * units.length_m, "m")
        for name in _LINING_LENGTHS
        if isinstance(value := get(definition, name), (int, float))
    ]


def _property(item: Any, units: Units, prefix: str = "", depth: int = 0) -> list[Entry]:
    name = prefix + text(item, "Name")
    kind = item.is_a()
    own_unit = get(item, "Unit")
    if kind == "IfcPropertySingleValue":
        return _single(name, get(item, "NominalValue"), own_unit, units)
    if kind == "IfcPropertyEnumeratedValue":
        return _several(name, list(items(item, "EnumerationValues")), own_unit, units)
    if kind == "IfcPropertyListValue":
        return _several(name, list(items(item, "ListValues")), own_unit, units)
    if kind == "IfcPropertyBoundedValue":
        set_point = get(item, "SetPointValue")
        if set_point is not None:
            return _single(name, set_point, own_unit, units)
        bounds = [get(item, "LowerBoundValue"), get(item, "UpperBoundValue")]
        return _several(name, [bound for bound in bounds if bound is not None], own_unit, units)
    if kind == "IfcComplexProperty" and depth < _NESTING_LIMIT:
        return [
            entry
            for inner in items(item, "HasProperties")
            for entry in _property(inner, units, f"{name}.", depth + 1)
        ]
    if kind == "IfcPropertyReferenceValue":
        referred = text(get(item, "PropertyReference"), "Name")
        return [(name, referred, "")] if referred else []
    return []


def _single(name: str, value: Any, own_unit: Any, units: Units) -> list[Entry]:
    if value is None:
        return []
    converted, unit = si_value(value, own_unit, units)
    return [] if converted is None else [(name, converted, unit)]


def _several(name: str, values: list[Any], own_unit: Any, units: Units) -> list[Entry]:
    pairs = [si_value(value, own_unit, units) for value in values]
    known = [pair for pair in pairs if pair[0] is not None]
    return [(name, tuple(value for value, _ in known), known[0][1])] if known else []


def si_value(value: Any, own_unit: Any, units: Units) -> tuple[Any, str]:
    """(value in SI, SI symbol) of an IfcValue; (None, "") where it cannot be read."""
    raw = get(value, "wrappedValue")
    measure = value.is_a()
    if isinstance(raw, bool) or measure in ("IfcBoolean", "IfcLogical"):
        return (raw if isinstance(raw, (bool, str)) else None), ""
    if isinstance(raw, str):
        return raw, ""
    if isinstance(raw, int) and measure in (
        "IfcInteger",
        "IfcCountMeasure",
        "IfcPositiveInteger",
        "IfcTimeStamp",
    ):
        return raw, ""
    if isinstance(raw, (int, float)):
        symbol, factor, offset = units.of_measure(measure, own_unit)
        return float(raw) * factor + offset, symbol
    return None, ""


def _quantity(item: Any, units: Units, prefix: str = "", depth: int = 0) -> list[Entry]:
    name = prefix + text(item, "Name")
    if item.is_a("IfcPhysicalComplexQuantity") and depth < _NESTING_LIMIT:
        return [
            entry
            for inner in items(item, "HasQuantities")
            for entry in _quantity(inner, units, f"{name}.", depth + 1)
        ]
    attribute, unit_type = _QUANTITY_VALUES.get(item.is_a(), ("", ""))
    value = get(item, attribute) if attribute else None
    if not isinstance(value, (int, float)):
        return []
    own_unit = get(item, "Unit")
    if not unit_type:
        return [(name, value, "")]
    symbol, factor, offset = units.of(unit_type) if own_unit is None else units.of_measure("", own_unit)
    return [(name, float(value) * factor + offset, symbol)]


def _attributes(entity: Any, units: Units) -> list[Entry]:
    return [
        (name, float(value) * units.length_m, "m")
        for name in _LENGTH_ATTRIBUTES
        if isinstance(value := get(entity, name), (int, float))
    ]


def _classifications(file: Any, products: Products) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = {}
    for relation in sorted(file.by_type("IfcRelAssociatesClassification"), key=lambda entity: entity.id()):
        reference = get(relation, "RelatingClassification")
        if reference is None or not reference.is_a("IfcClassificationReference"):
            continue
        code = text(reference, "Identification") or text(reference, "ItemReference")
        value = " ".join(part for part in (code, text(reference, "Name")) if part)
        entry = (text(get(reference, "ReferencedSource"), "Name"), value, "")
        if value:
            for row in products.rows(items(relation, "RelatedObjects")):
                found.setdefault(row, []).append(entry)
    return found
