"""Properties, quantities, attributes with a measure, and classifications of elements, in SI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ifc.model import PropertyTable
from ifc.reading.entities import get, is_a, items, ref, text, wrapped
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
    Elevation, ElevationOfRefHeight, ElevationWithFlooring, in metres) and ``Classification`` (name of the
    system -> "code name").
    """
    sets_of = _own_sets(file, products)
    classified = _classifications(file, products)
    known: dict[int, _Set] = {}

    def described(definition: Any) -> _Set:
        step_id = definition.id()
        found = known.get(step_id)
        if found is None:
            found = known[step_id] = _describe(definition, units)
        return found

    columns = _Columns()
    for row, entity in enumerate(products.entities):
        own = [described(definition) for definition in sets_of.get(row, ())]
        of_type = [described(definition) for definition in items(products.type_of[row], "HasPropertySets")]
        columns.add(
            row,
            [
                (_Set("Attributes", False, _attributes(entity, units)), False),
                (_Set("Classification", False, classified.get(row, [])), False),
                *((definition, False) for definition in own),
                *((definition, True) for definition in of_type),
            ],
        )
    return columns.table()


@dataclass(frozen=True)
class _Set:
    name: str
    quantity: bool
    entries: list[Entry]


class _Columns:
    """The property table while it grows."""

    def __init__(self) -> None:
        self._element: list[int] = []
        self._set_name: list[str] = []
        self._entries: list[Entry] = []
        self._inherited: list[bool] = []
        self._quantity: list[bool] = []

    def add(self, row: int, sets: list[tuple[_Set, bool]]) -> None:
        """Add the sets of an element, (set, inherited) each; the first of equally named properties counts."""
        taken: dict[str, set[str]] = {}
        for definition, inherited in sets:
            hidden = taken.get(definition.name)
            if hidden is None:
                entries = definition.entries
                taken[definition.name] = {entry[0] for entry in entries}
            else:
                entries = [entry for entry in definition.entries if entry[0] not in hidden]
                hidden.update(entry[0] for entry in entries)
            count = len(entries)
            self._element += [row] * count
            self._set_name += [definition.name] * count
            self._entries += entries
            self._inherited += [inherited] * count
            self._quantity += [definition.quantity] * count

    def table(self) -> PropertyTable:
        """The finished table."""
        count = len(self._element)
        set_name, name, value, unit = (np.empty(count, object) for _ in range(4))
        set_name[:] = self._set_name
        for position, entry in enumerate(self._entries):
            name[position], value[position], unit[position] = entry
        return PropertyTable(
            element=np.array(self._element, np.int32),
            set_name=set_name,
            name=name,
            value=value,
            unit=unit,
            inherited=np.array(self._inherited, np.bool_),
            quantity=np.array(self._quantity, np.bool_),
        )


def _describe(definition: Any, units: Units) -> _Set:
    """A set with the entries of distinct names that it holds."""
    entries: dict[str, Entry] = {}
    for entry in _entries(definition, units):
        entries.setdefault(entry[0], entry)
    return _Set(_set_name(definition), bool(definition.is_a("IfcElementQuantity")), list(entries.values()))


def set_values(definition: Any, units: Units) -> dict[str, tuple[Any, str]]:
    """Name -> (value, SI symbol) of one property set, quantity set or set of material properties."""
    return {name: (value, unit) for name, value, unit in _entries(definition, units)}


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
    kind = item.is_a()
    if (
        kind == "IfcPropertySingleValue"
    ):  # nearly all of them: attributes by position, which is ten times faster
        try:
            name, value, own_unit = item[0], item[2], item[3]
        except RuntimeError:
            return []
        if not isinstance(name, str):
            return []
        return _single(prefix + name.strip(), value, own_unit, units)
    name = prefix + text(item, "Name")
    own_unit = ref(item, "Unit")
    if kind == "IfcPropertyEnumeratedValue":
        return _several(name, list(items(item, "EnumerationValues")), own_unit, units)
    if kind == "IfcPropertyListValue":
        return _several(name, list(items(item, "ListValues")), own_unit, units)
    if kind == "IfcPropertyBoundedValue":
        set_point = ref(item, "SetPointValue")
        if set_point is not None:
            return _single(name, set_point, own_unit, units)
        bounds = [ref(item, "LowerBoundValue"), ref(item, "UpperBoundValue")]
        return _several(name, [bound for bound in bounds if bound is not None], own_unit, units)
    if kind == "IfcComplexProperty" and depth < _NESTING_LIMIT:
        return [
            entry
            for inner in items(item, "HasProperties")
            for entry in _property(inner, units, f"{name}.", depth + 1)
        ]
    if kind == "IfcPropertyReferenceValue":
        referred = text(ref(item, "PropertyReference"), "Name")
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
    raw = wrapped(value)
    if raw is None:
        return None, ""
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
    own_unit = ref(item, "Unit")
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
        reference = ref(relation, "RelatingClassification")
        if reference is None or not reference.is_a("IfcClassificationReference"):
            continue
        code = text(reference, "Identification") or text(reference, "ItemReference")
        value = " ".join(part for part in (code, text(reference, "Name")) if part)
        entry = (text(ref(reference, "ReferencedSource"), "Name"), value, "")
        if value:
            for row in products.rows(items(relation, "RelatedObjects")):
                found.setdefault(row, []).append(entry)
    return found
