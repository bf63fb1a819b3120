"""Properties, quantities, attributes with a measure, and classifications of elements, in SI."""

from __future__ import annotations

from collections.abc import Iterable
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
_LINING_RATIOS = ("FirstTransomOffset", "SecondTransomOffset", "FirstMullionOffset", "SecondMullionOffset")
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
    properties: dict[int, list[Entry]] = {}  # many sets share them
    sets_of_type: dict[int, list[_Set]] = {}

    def described(definitions: Iterable[Any]) -> list[_Set]:
        found = []
        for definition in definitions:
            step_id = definition.id()
            if step_id not in known:
                known[step_id] = _describe(definition, units, properties)
            found.append(known[step_id])
        return found

    columns = _Columns()
    for row, entity in enumerate(products.entities):
        relating_type = products.type_of[row]
        of_type: list[_Set] = []
        if relating_type is not None:
            type_id = relating_type.id()
            if type_id not in sets_of_type:
                sets_of_type[type_id] = described(items(relating_type, "HasPropertySets"))
            of_type = sets_of_type[type_id]
        pseudo = [
            _Set(name, False, entries)
            for name, entries in (
                ("Attributes", _attributes(entity, units)),
                ("Classification", classified.get(row, [])),
            )
            if entries
        ]
        columns.add(row, [*pseudo, *described(sets_of.get(row, ()))], of_type)
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

    def add(self, row: int, own: list[_Set], of_type: list[_Set]) -> None:
        """Add the sets of an element and of its type; the first of equally named properties counts."""
        taken: dict[str, list[_Set]] = {}
        for position, definition in enumerate((*own, *of_type)):
            entries = definition.entries
            before = taken.setdefault(definition.name, [])
            if before:
                hidden = {entry[0] for other in before for entry in other.entries}
                entries = [entry for entry in entries if entry[0] not in hidden]
            before.append(definition)
            count = len(entries)
            self._element += [row] * count
            self._set_name += [definition.name] * count
            self._entries += entries
            self._inherited += [position >= len(own)] * count
            self._quantity += [definition.quantity] * count

    def table(self) -> PropertyTable:
        """The finished table."""
        count = len(self._element)
        set_name, name, value, unit = (np.empty(count, object) for _ in range(4))
        set_name[:] = self._set_name
        name[:] = [entry[0] for entry in self._entries]
        unit[:] = [entry[2] for entry in self._entries]
        for position, entry in enumerate(
            self._entries
        ):  # a value may be a tuple, which NumPy would take apart
            value[position] = entry[1]
        return PropertyTable(
            element=np.array(self._element, np.int32),
            set_name=set_name,
            name=name,
            value=value,
            unit=unit,
            inherited=np.array(self._inherited, np.bool_),
            quantity=np.array(self._quantity, np.bool_),
        )


def _describe(definition: Any, units: Units, known: dict[int, list[Entry]]) -> _Set:
    """A set with the entries of distinct names that it holds; ``known`` are those of properties by id."""
    entries = _entries(definition, units, known)
    by_name: dict[str, Entry] = {}
    for entry in entries:
        by_name.setdefault(entry[0], entry)
    distinct = entries if len(by_name) == len(entries) else list(by_name.values())
    return _Set(_set_name(definition), bool(definition.is_a("IfcElementQuantity")), distinct)


def set_values(definition: Any, units: Units) -> dict[str, tuple[Any, str]]:
    """Name -> (value, SI symbol) of one property set, quantity set or set of material properties."""
    return {name: (value, unit) for name, value, unit in _entries(definition, units, {})}


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


def _entries(definition: Any, units: Units, known: dict[int, list[Entry]]) -> list[Entry]:
    if definition.is_a("IfcElementQuantity"):
        return [entry for quantity in items(definition, "Quantities") for entry in _quantity(quantity, units)]
    for attribute in ("HasProperties", "Properties", "ExtendedProperties"):
        found = list(items(definition, attribute))
        if found:
            entries: list[Entry] = []
            for item in found:
                step_id = item.id()
                own = known.get(step_id)
                if own is None:
                    own = known[step_id] = _property(item, units)
                entries += own
            return entries
    return [
        *(
            (name, float(value) * units.length_m, "m")
            for name in _LINING_LENGTHS
            if isinstance(value := get(definition, name), (int, float))
        ),
        *(
            (name, float(value), "")
            for name in _LINING_RATIOS
            if isinstance(value := get(definition, name), (int, float))
        ),
        *_panel(definition),
    ]


def _panel(definition: Any) -> list[Entry]:
    """How a panel of a window or door moves, as ``OperationType LEFT``: a window has a set for each panel."""
    operation = get(definition, "OperationType") or get(definition, "PanelOperation")
    position = get(definition, "PanelPosition")
    if not isinstance(operation, str) or not isinstance(position, str):
        return []
    return [(f"OperationType {position}", operation, "")]


def _property(item: Any, units: Units, prefix: str = "", depth: int = 0) -> list[Entry]:
    kind = item.is_a()
    if (
        kind == "IfcPropertySingleValue"
    ):  # nearly all of them: attributes by position, which is ten times faster
        try:
            name, value, own_unit = (item.get_argument(position) for position in (0, 2, 3))
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
