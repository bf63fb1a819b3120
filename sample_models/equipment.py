"""Fittings and equipment made of boxes: each kind is written once as a type and mapped where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import box

from sample_models.building import Building, Room, Storey
from sample_models.writer import Entity, Point3

Box = tuple[float, float, float, float, float, float]  # x0, y0, z0, x1, y1, z1


@dataclass(frozen=True)
class EquipmentKind:
    """A kind of equipment. ``object_type`` goes with the predefined type USERDEFINED."""

    name: str
    ifc_class: str
    predefined: str
    boxes: tuple[Box, ...]
    rgb: tuple[float, float, float] = (0.9, 0.9, 0.9)
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    object_type: str = ""
    material: str = ""


class Equipment:
    """Places equipment in one building."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self._types: dict[str, Entity] = {}

    def put(
        self,
        kind: EquipmentKind,
        key: str,
        name: str,
        where: Room | Storey,
        origin: Point3,
        x_axis: Point3 | None = None,
        properties: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Entity:
        """One piece in a room or on a storey; ``origin`` is in building coordinates."""
        writer = self.building.writer
        entity = writer.entity(kind.ifc_class, key, name)
        if hasattr(entity, "PredefinedType"):
            entity.PredefinedType = kind.predefined
            if kind.object_type:
                entity.ObjectType = kind.object_type
        writer.type_of(self._type(kind), entity)
        writer.represent(entity, writer.mapped(kind.name))
        storey = where.storey if isinstance(where, Room) else where
        local = (origin[0], origin[1], origin[2] - storey.level)
        writer.place(entity, writer.placement(storey.placement, local, x=x_axis))
        writer.contain(where.entity, entity)
        for set_name, values in (properties or {}).items():
            writer.properties(entity, set_name, values)
        return entity

    def _type(self, kind: EquipmentKind) -> Entity:
        if kind.name in self._types:
            return self._types[kind.name]
        writer = self.building.writer
        element_type = writer.entity(f"{kind.ifc_class}Type", kind.name, kind.name)
        element_type.PredefinedType = kind.predefined
        if kind.object_type:
            element_type.ElementType = kind.object_type
        for set_name, values in kind.properties.items():
            writer.properties(element_type, set_name, values)
        items = [
            writer.extrusion(box(x0, y0, x1, y1), z1 - z0, (0.0, 0.0, z0))
            for x0, y0, z0, x1, y1, z1 in kind.boxes
        ]
        writer.style(items, kind.name, kind.rgb)
        writer.shared_map(kind.name, writer.body_of(items))
        element_type.RepresentationMaps = [writer.shared_map(kind.name)]
        if kind.material:
            self.building.constructions.apply_material([element_type], kind.material)
        self._types[kind.name] = element_type
        return element_type
