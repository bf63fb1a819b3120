"""Writes IFC4 with the same bytes in every run.

``ifcopenshell.api`` draws random GlobalIds and keeps relationship members in sets. :class:`IfcWriter` gives
every rooted entity an id derived from a stable name instead, sorts the members and fixes the header's time.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.feature
import ifcopenshell.api.georeference
import ifcopenshell.api.group
import ifcopenshell.api.project
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.type
import ifcopenshell.api.unit
import ifcopenshell.guid

from sample_models.shapes import Entity, Point3, ShapeWriter, tidy

__all__ = ["Entity", "IfcWriter", "Point3", "stable_guid", "tidy"]

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sample-models.greentwin")
TIMESTAMP = "2026-11-23T09:00:00"
TIMESTAMP_SECONDS = 1795395600  # the same instant, UTC, for the owner history
_PER_KELVIN = ("THERMODYNAMICTEMPERATUREUNIT", -1)


def stable_guid(key: str) -> str:
    """The IFC GlobalId of a stable name."""
    return str(ifcopenshell.guid.compress(uuid.uuid5(NAMESPACE, key).hex))


class IfcWriter(ShapeWriter):
    """One IFC4 file in the making. Lengths in metres, angles in degrees."""

    def __init__(self, key: str, name: str, description: str) -> None:
        self.key = key
        super().__init__(ifcopenshell.api.project.create_file(version="IFC4"))
        self._keys: dict[int, str] = {}
        self._children: dict[int, tuple[Entity, list[Entity]]] = {}
        self._contained: dict[int, tuple[Entity, list[Entity]]] = {}
        self._typed: dict[int, tuple[Entity, list[Entity]]] = {}
        self._property_sets: dict[tuple[str, tuple[tuple[str, str], ...]], Entity] = {}
        self._described: dict[int, tuple[Entity, list[Entity]]] = {}

        self.project = self.entity("IfcProject", "project", name)
        self.project.LongName, self.project.Description = name, description
        self.project.Phase = "施工图设计"
        units = [
            ifcopenshell.api.unit.add_si_unit(self.file, unit_type=unit)
            for unit in ("LENGTHUNIT", "AREAUNIT", "VOLUMEUNIT", "TIMEUNIT", "ENERGYUNIT")
        ]
        units.append(ifcopenshell.api.unit.add_si_unit(self.file, unit_type="MASSUNIT", prefix="KILO"))
        units.append(ifcopenshell.api.unit.add_si_unit(self.file, unit_type="POWERUNIT"))
        units.append(ifcopenshell.api.unit.add_si_unit(self.file, unit_type="PRESSUREUNIT"))
        units.append(ifcopenshell.api.unit.add_si_unit(self.file, unit_type="ILLUMINANCEUNIT"))
        units.append(ifcopenshell.api.unit.add_si_unit(self.file, unit_type="THERMODYNAMICTEMPERATUREUNIT"))
        units.append(ifcopenshell.api.unit.add_conversion_based_unit(self.file, name="degree"))
        units += [
            self._derived_unit("THERMALTRANSMITTANCEUNIT", ("POWERUNIT", 1), ("LENGTHUNIT", -2), _PER_KELVIN),
            self._derived_unit("THERMALCONDUCTANCEUNIT", ("POWERUNIT", 1), ("LENGTHUNIT", -1), _PER_KELVIN),
            self._derived_unit("SPECIFICHEATCAPACITYUNIT", ("ENERGYUNIT", 1), ("MASSUNIT", -1), _PER_KELVIN),
            self._derived_unit("MASSDENSITYUNIT", ("MASSUNIT", 1), ("LENGTHUNIT", -3)),
        ]
        ifcopenshell.api.unit.assign_unit(self.file, units=units)
        self.add_contexts()

    # -- identity -------------------------------------------------------------------------------------

    def entity(
        self, ifc_class: str, key: str, name: str | None = None, predefined: str | None = None
    ) -> Entity:
        """A new rooted entity whose GlobalId follows from ``key``."""
        element = ifcopenshell.api.root.create_entity(
            self.file, ifc_class=ifc_class, predefined_type=predefined, name=name
        )
        self.remember(element, f"{ifc_class}:{key}")
        return element

    def remember(self, element: Entity, key: str) -> None:
        """State the stable name of a rooted entity that the API made."""
        self._keys[element.id()] = f"{self.key}/{key}"

    def _owner_history(self) -> Entity:
        """One history for all, made last: the API would otherwise stamp its own with the time of day."""
        person = self.file.create_entity("IfcPerson", FamilyName="greentwin")
        organisation = self.file.create_entity("IfcOrganization", Name="greentwin 示范设计组")
        both = self.file.create_entity(
            "IfcPersonAndOrganization", ThePerson=person, TheOrganization=organisation
        )
        application = self.file.create_entity(
            "IfcApplication", organisation, "1", "greentwin sample models", "greentwin.sample_models"
        )
        return self.file.create_entity(
            "IfcOwnerHistory", both, application, None, "NOCHANGE", None, None, None, TIMESTAMP_SECONDS
        )

    def _derived_unit(self, unit_type: str, *factors: tuple[str, int]) -> Entity:
        """A product of powers of SI units; mass counts in kg."""
        elements = []
        for base, exponent in factors:
            prefix = "KILO" if base == "MASSUNIT" else None
            unit = ifcopenshell.api.unit.add_si_unit(self.file, unit_type=base, prefix=prefix)
            elements.append(self.file.create_entity("IfcDerivedUnitElement", unit, exponent))
        return self.file.create_entity("IfcDerivedUnit", elements, unit_type)

    # -- relationships, kept back until the end ---------------------------------------------------------

    def aggregate(self, parent: Entity, *children: Entity) -> None:
        """Make ``children`` parts of ``parent``."""
        self._children.setdefault(parent.id(), (parent, []))[1].extend(children)

    def contain(self, structure: Entity, *products: Entity) -> None:
        """Put products into a spatial structure."""
        self._contained.setdefault(structure.id(), (structure, []))[1].extend(products)

    def type_of(self, element_type: Entity, *occurrences: Entity) -> None:
        """Give occurrences their type."""
        self._typed.setdefault(element_type.id(), (element_type, []))[1].extend(occurrences)

    def void(self, host: Entity, opening: Entity) -> None:
        """Cut an opening into its host."""
        ifcopenshell.api.feature.add_feature(self.file, feature=opening, element=host)

    def fill(self, opening: Entity, filling: Entity) -> None:
        """Put a window or door into an opening."""
        ifcopenshell.api.feature.add_filling(self.file, opening=opening, element=filling)

    def group(self, ifc_class: str, key: str, name: str, members: Sequence[Entity]) -> Entity:
        """A group, zone or system with its members."""
        group = self.entity(ifc_class, key, name)
        ifcopenshell.api.group.assign_group(self.file, products=list(members), group=group)
        return group

    # -- properties -----------------------------------------------------------------------------------

    def properties(self, product: Entity, set_name: str, values: Mapping[str, Any]) -> None:
        """State properties; equal sets are written once and shared."""
        signature = (set_name, tuple((name, repr(value)) for name, value in values.items()))
        is_type = product.is_a("IfcTypeObject")
        found = None if is_type else self._property_sets.get(signature)
        if found is None:
            found = ifcopenshell.api.pset.add_pset(self.file, product=product, name=set_name)
            ifcopenshell.api.pset.edit_pset(self.file, pset=found, properties=dict(values))
            if is_type:
                self.remember(found, f"{set_name}:{self._keys[product.id()]}")
                return
            self.remember(found, f"{set_name}:{signature[1]}")
            self._property_sets[signature] = found
            self._described[found.id()] = (found, [])
            return
        self._described[found.id()][1].append(product)

    def quantities(self, product: Entity, set_name: str, values: Mapping[str, float]) -> None:
        """State quantities; the name tells the kind (…Area, …Volume, else a length)."""
        items = []
        for name, value in values.items():
            if name.endswith("Volume"):
                ifc_class = "IfcQuantityVolume"
            elif name.endswith("Area"):
                ifc_class = "IfcQuantityArea"
            else:
                ifc_class = "IfcQuantityLength"
            items.append(self.file.create_entity(ifc_class, name, None, None, round(value, 4)))
        quantity = self.file.create_entity(
            "IfcElementQuantity",
            GlobalId=ifcopenshell.guid.new(),
            Name=set_name,
            Quantities=items,
        )
        self.remember(quantity, f"{set_name}:{self._keys[product.id()]}")
        self.file.create_entity(
            "IfcRelDefinesByProperties",
            GlobalId=ifcopenshell.guid.new(),
            RelatedObjects=[product],
            RelatingPropertyDefinition=quantity,
        )

    # -- the end --------------------------------------------------------------------------------------

    def write(self, path: Path) -> None:
        """Settle what was kept back, make it reproducible, and write the file."""
        for pset, products in self._described.values():
            if products:
                ifcopenshell.api.pset.assign_pset(self.file, products=products, pset=pset)
        for element_type, occurrences in self._typed.values():
            ifcopenshell.api.type.assign_type(
                self.file,
                related_objects=occurrences,
                relating_type=element_type,
                should_map_representations=False,
            )
        for parent, children in self._children.values():
            ifcopenshell.api.aggregate.assign_object(self.file, products=children, relating_object=parent)
        for structure, products in self._contained.values():
            ifcopenshell.api.spatial.assign_container(
                self.file, products=products, relating_structure=structure
            )
        for product, placement in self._placements.values():
            product.ObjectPlacement = placement
        self._sort_members()
        self._name_everything()
        header = self.file.header
        header.file_description.description = ("ViewDefinition [ReferenceView_V1.2]",)
        header.file_name.name = path.name
        header.file_name.time_stamp = TIMESTAMP
        header.file_name.author = ("greentwin",)
        header.file_name.organization = ("greentwin",)
        header.file_name.preprocessor_version = "IfcOpenShell"
        header.file_name.originating_system = "greentwin sample models"
        header.file_name.authorization = ""
        path.write_text(self.file.to_string(), encoding="ascii", newline="\n")

    def _sort_members(self) -> None:
        """Members in the order in which they were made, which the API's sets forget."""
        for relation in [*self.file.by_type("IfcRelationship"), *self.file.by_type("IfcUnitAssignment")]:
            for index in range(len(relation)):
                value = relation[index]
                if isinstance(value, tuple) and value and isinstance(value[0], ifcopenshell.entity_instance):
                    relation[index] = sorted(value, key=lambda entity: entity.id())

    def _name_everything(self) -> None:
        history = self._owner_history()
        used: dict[str, int] = {}
        relations = []
        for root in self.file.by_type("IfcRoot"):
            root.OwnerHistory = history
            if root.id() not in self._keys:
                relations.append(root)
                continue
            self._set_guid(root, self._keys[root.id()], used)
        for relation in relations:
            relating, related = _ends(relation)
            key = f"{self.key}/{relation.is_a()}:{_identity(relating)}"
            if relation.is_a("IfcRelAssociates"):
                key += f":{_identity(related)}"
            self._set_guid(relation, key, used)

    def _set_guid(self, root: Entity, key: str, used: dict[str, int]) -> None:
        guid = stable_guid(key)
        if guid in used:
            raise ValueError(f"two entities are called {key}: #{used[guid]} and #{root.id()}")
        used[guid] = root.id()
        root.GlobalId = guid


def _ends(relation: Entity) -> tuple[Entity, Entity]:
    """The one that a relationship is told from, and the first of the others."""
    info = relation.get_info(recursive=False)
    single = [value for name, value in info.items() if name.startswith("Relating")]
    many = [value for name, value in info.items() if name.startswith("Related")]
    first = many[0][0] if isinstance(many[0], tuple) else many[0]
    if relation.is_a("IfcRelVoidsElement") or relation.is_a("IfcRelFillsElement"):
        return first, single[0]
    return single[0], first


def _identity(entity: Entity) -> str:
    if entity.is_a("IfcRoot"):
        return str(entity.GlobalId)
    name = getattr(entity, "Name", None) or getattr(entity, "LayerSetName", None)
    if name is None and entity.is_a("IfcMaterialLayerSetUsage"):
        name = entity.ForLayerSet.LayerSetName
    return f"{entity.is_a()}:{name}"
