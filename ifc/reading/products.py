"""Elements, the tree they form, storeys, openings and groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import ElementTable, GroupTable, OpeningTable, StoreyTable
from ifc.reading.entities import get, is_a, items, ref, text
from ifc.reading.placements import Placements
from ifc.reading.units import Units

_FILLING_CLASSES = ("IfcWindow", "IfcDoor")


@dataclass(frozen=True)
class Products:
    """The IfcProducts of a file in order of STEP id, and the row of each."""

    entities: list[Any]
    row_of: dict[int, int]  # STEP id -> row
    type_of: list[Any]  # row -> IfcTypeObject or None

    def rows(self, entities: Iterable[Any]) -> list[int]:
        """Rows of those entities that are products."""
        return [row for entity in entities if (row := self.row_of.get(entity.id())) is not None]

    def row(self, entity: Any) -> int:
        """The entity's row, -1 when it is None or no product."""
        return -1 if entity is None else self.row_of.get(entity.id(), -1)


def read_products(file: Any) -> Products:
    """All IfcProducts, with their types."""
    entities = sorted(file.by_type("IfcProduct"), key=lambda entity: entity.id())
    row_of = {entity.id(): row for row, entity in enumerate(entities)}
    type_of: list[Any] = [None] * len(entities)
    for relation in file.by_type("IfcRelDefinesByType"):
        relating_type = ref(relation, "RelatingType")
        for entity in items(relation, "RelatedObjects"):
            if (row := row_of.get(entity.id())) is not None:
                type_of[row] = relating_type
    return Products(entities, row_of, type_of)


def read_elements(file: Any, products: Products) -> ElementTable:
    """The element table, without storeys and constructions."""
    parent = _parents(file, products)
    space = _spaces(file, products, parent)
    count = len(products.entities)
    return ElementTable(
        global_id=_strings(text(entity, "GlobalId") for entity in products.entities),
        ifc_class=_strings(entity.is_a() for entity in products.entities),
        predefined_type=_strings(
            _predefined_type(entity, relating_type)
            for entity, relating_type in zip(products.entities, products.type_of, strict=True)
        ),
        name=_strings(text(entity, "Name") for entity in products.entities),
        long_name=_strings(text(entity, "LongName") for entity in products.entities),
        tag=_strings(text(entity, "Tag") for entity in products.entities),
        type_name=_strings(
            text(relating_type, "Name") or text(entity, "ObjectType")
            for entity, relating_type in zip(products.entities, products.type_of, strict=True)
        ),
        parent=parent,
        storey=np.full(count, -1, np.int32),
        space=space,
        construction=np.full(count, -1, np.int32),
        layer_direction=np.full((count, 3), np.nan),
    )


def read_storeys(products: Products, parent: NDArray[np.int32], units: Units) -> StoreyTable:
    """Storeys from the lowest to the highest, elevations in world coordinates.

    The elevation is the height of the storey's placement. Some exporters write the ``Elevation`` attribute
    but leave the placement of every storey at the building's: then the attribute counts, above the building.
    """
    placements = Placements(units.length_m)
    rows = [row for row, entity in enumerate(products.entities) if entity.is_a("IfcBuildingStorey")]
    elevations: list[float] = []
    buildings: list[int] = []
    for row in rows:
        entity = products.entities[row]
        building = _ancestor(products, parent, row, "IfcBuilding")
        buildings.append(building)
        elevation = float(placements.world(ref(entity, "ObjectPlacement"))[11])
        attribute = get(entity, "Elevation")
        if isinstance(attribute, (int, float)) and building >= 0:
            base = float(placements.world(ref(products.entities[building], "ObjectPlacement"))[11])
            placed_at_building = ref(entity, "ObjectPlacement") is None or abs(elevation - base) < 1e-6
            if placed_at_building:
                elevation = base + float(attribute) * units.length_m
        elevations.append(elevation if np.isfinite(elevation) else 0.0)
    order = sorted(range(len(rows)), key=lambda position: (elevations[position], rows[position]))
    return StoreyTable(
        element=np.array([rows[position] for position in order], np.int32),
        name=_strings(text(products.entities[rows[position]], "Name") for position in order),
        elevation_m=np.array([elevations[position] for position in order], np.float64),
        building=np.array([buildings[position] for position in order], np.int32),
    )


def storey_of_elements(parent: NDArray[np.int32], storeys: StoreyTable) -> NDArray[np.int32]:
    """The nearest storey above each element in the tree, -1 for none; a storey is its own."""
    found = np.full(len(parent), -1, np.int32)
    found[storeys.element] = np.arange(len(storeys), dtype=np.int32)
    return _inherit(parent, found)


def read_openings(file: Any, products: Products) -> OpeningTable:
    """Openings with host and filling, then windows and doors that fill none."""
    host_of: dict[int, int] = {}
    for relation in file.by_type("IfcRelVoidsElement"):
        opening = products.row(ref(relation, "RelatedOpeningElement"))
        if opening >= 0:
            host_of.setdefault(opening, products.row(ref(relation, "RelatingBuildingElement")))
    fillings: dict[int, list[int]] = {}
    for relation in file.by_type("IfcRelFillsElement"):
        opening = products.row(ref(relation, "RelatingOpeningElement"))
        filling = products.row(ref(relation, "RelatedBuildingElement"))
        if opening >= 0 and filling >= 0:
            fillings.setdefault(opening, []).append(filling)
    rows: list[tuple[int, int, int]] = []
    filled: set[int] = set()
    for row, entity in enumerate(products.entities):
        if entity.is_a("IfcOpeningElement"):
            for filling in sorted(set(fillings.get(row, [-1]))):
                rows.append((row, host_of.get(row, -1), filling))
                filled.add(filling)
    rows += [
        (-1, -1, row)
        for row, entity in enumerate(products.entities)
        if row not in filled and is_a(entity, *_FILLING_CLASSES)
    ]
    columns = np.array(rows, np.int32).reshape(-1, 3)
    return OpeningTable(*(np.ascontiguousarray(columns[:, column]) for column in range(3)))


def read_groups(file: Any, products: Products) -> GroupTable:
    """Memberships of products in systems, zones and other groups."""
    rows: list[tuple[str, str, str, int]] = []
    for relation in sorted(file.by_type("IfcRelAssignsToGroup"), key=lambda entity: entity.id()):
        group = ref(relation, "RelatingGroup")
        if group is None:
            continue
        described = (group.is_a(), text(group, "Name"), text(group, "GlobalId"))
        rows += [(*described, row) for row in products.rows(items(relation, "RelatedObjects"))]
    return GroupTable(
        group_class=_strings(row[0] for row in rows),
        group_name=_strings(row[1] for row in rows),
        group_global_id=_strings(row[2] for row in rows),
        element=np.array([row[3] for row in rows], np.int32),
    )


def _parents(file: Any, products: Products) -> NDArray[np.int32]:
    """Rows of parents: the whole, else what is voided, the spatial container, or the filled opening."""
    parent = np.full(len(products.entities), -1, np.int32)
    for relation_class, whole, parts in (
        ("IfcRelAggregates", "RelatingObject", "RelatedObjects"),
        ("IfcRelNests", "RelatingObject", "RelatedObjects"),
        ("IfcRelVoidsElement", "RelatingBuildingElement", "RelatedOpeningElement"),
        ("IfcRelProjectsElement", "RelatingElement", "RelatedFeatureElement"),
        ("IfcRelContainedInSpatialStructure", "RelatingStructure", "RelatedElements"),
        ("IfcRelFillsElement", "RelatingOpeningElement", "RelatedBuildingElement"),
        ("IfcRelConnectsPortToElement", "RelatedElement", "RelatingPort"),
    ):
        for relation in sorted(file.by_type(relation_class), key=lambda entity: entity.id()):
            above = products.row(ref(relation, whole))
            if above < 0:
                continue
            for row in products.rows(items(relation, parts)):
                if parent[row] < 0 and row != above:
                    parent[row] = above
    return parent


def _spaces(file: Any, products: Products, parent: NDArray[np.int32]) -> NDArray[np.int32]:
    """The space (its position among the IfcSpaces) that contains or references each element."""
    position = -np.ones(len(products.entities), np.int32)
    rows = [row for row, entity in enumerate(products.entities) if entity.is_a() == "IfcSpace"]
    position[rows] = np.arange(len(rows), dtype=np.int32)
    space = _inherit(parent, position)
    for relation in sorted(
        file.by_type("IfcRelReferencedInSpatialStructure"), key=lambda entity: entity.id()
    ):
        row = products.row(ref(relation, "RelatingStructure"))
        if row < 0 or position[row] < 0:
            continue
        for element in products.rows(items(relation, "RelatedElements")):
            if space[element] < 0:
                space[element] = position[row]
    return space


def _inherit(parent: NDArray[np.int32], own: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each element's own value where it is not negative, else that of the nearest parent that has one."""
    result = own.copy()
    for row in range(len(parent)):
        chain: list[int] = []
        current = row
        seen: set[int] = set()
        while current >= 0 and result[current] < 0 and current not in seen:
            seen.add(current)
            chain.append(current)
            current = int(parent[current])
        value = result[current] if current >= 0 else -1
        result[chain] = value
    return result


def _ancestor(products: Products, parent: NDArray[np.int32], row: int, ifc_class: str) -> int:
    seen: set[int] = set()
    while row >= 0 and row not in seen:
        if products.entities[row].is_a(ifc_class):
            return row
        seen.add(row)
        row = int(parent[row])
    return -1


def _predefined_type(entity: Any, relating_type: Any) -> str:
    """PredefinedType of the element, else of its type; USERDEFINED replaced by the user's own word.

    IFC2X3 spaces say whether they are inside or outside by InteriorOrExteriorSpace.
    """
    for owner, own_word in ((entity, "ObjectType"), (relating_type, "ElementType")):
        value = get(owner, "PredefinedType")
        if value == "USERDEFINED":
            return text(owner, own_word) or "USERDEFINED"
        if isinstance(value, str) and value != "NOTDEFINED":
            return value
    outside = get(entity, "InteriorOrExteriorSpace")
    return outside if isinstance(outside, str) and outside != "NOTDEFINED" else ""


def _strings(values: Iterable[str]) -> NDArray[np.object_]:
    found = list(values)
    column = np.empty(len(found), object)
    column[:] = found
    return column
