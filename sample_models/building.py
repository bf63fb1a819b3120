"""Puts storeys, walls, slabs and rooms into the file and remembers their exact solids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely.geometry import Point, Polygon

from sample_models.constructions import Constructions, LayerSet
from sample_models.openings import Catalogue
from sample_models.plan import Wall
from sample_models.solids import Plane, Prism
from sample_models.writer import Entity, IfcWriter, Point3, tidy

CONCRETE_RGB = (0.75, 0.75, 0.73)
WALL_RGB = (0.93, 0.91, 0.86)


@dataclass
class Storey:
    """A storey and the height of its floor finish above the building's zero."""

    key: str
    entity: Entity
    placement: Entity
    level: float


@dataclass(frozen=True)
class Placed:
    """An element with its solid in building coordinates."""

    key: str
    entity: Entity
    solid: Prism
    external: bool


@dataclass(frozen=True)
class Room:
    """A space with its solid in building coordinates."""

    key: str
    entity: Entity
    placement: Entity
    solid: Prism
    storey: Storey
    external: bool = False


@dataclass(frozen=True)
class Hole:
    """An opening: the element it voids, what fills it, its solid and the direction that it leads through."""

    key: str
    host: Placed
    opening: Entity | None
    filling: Entity | None
    solid: Prism
    through: Point3


@dataclass
class Building:
    """A building in the making."""

    writer: IfcWriter
    constructions: Constructions
    catalogue: Catalogue
    site: Entity
    site_placement: Entity
    entity: Entity
    placement: Entity
    storeys: dict[str, Storey] = field(default_factory=dict)
    elements: list[Placed] = field(default_factory=list)
    rooms: dict[str, Room] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    share: bool = False  # write equal shapes once and map them; walls then have no axis of their own
    _made_of: dict[str, list[Entity]] = field(default_factory=dict)
    _layered: dict[tuple[LayerSet, str, float], list[Entity]] = field(default_factory=dict)

    def layer(self, entity: Entity, layers: LayerSet, axis: str, offset: float) -> None:
        """Give a wall (AXIS2, first layer outside) or a slab (AXIS3, first layer on top) its layers."""
        self._layered.setdefault((layers, axis, offset), []).append(entity)

    def make_of(self, material: str, *products: Entity) -> None:
        """Make products of one material; they are associated together at the end."""
        self._made_of.setdefault(material, []).extend(products)

    def finish(self, path: Path) -> None:
        """Associate the layers and write the file."""
        for (layers, axis, offset), entities in self._layered.items():
            sense = "POSITIVE" if axis == "AXIS2" else "NEGATIVE"
            self.constructions.apply_layers(entities, layers, axis, sense, offset)
        for material, entities in self._made_of.items():
            self.constructions.apply_material(entities, material)
        self.writer.write(path)

    # -- storeys and solids -----------------------------------------------------------------------------

    def add_storey(self, key: str, name: str, level: float) -> Storey:
        """A storey whose floor finish lies ``level`` m above the building's zero."""
        entity = self.writer.entity("IfcBuildingStorey", key, name)
        entity.Elevation = level
        placement = self.writer.placement(self.placement, (0.0, 0.0, level))
        self.writer.place(entity, placement)
        self.writer.aggregate(self.entity, entity)
        storey = Storey(key, entity, placement, level)
        self.storeys[key] = storey
        return storey

    def prism_items(self, solid: Prism, origin: Point3 = (0.0, 0.0, 0.0)) -> tuple[list[Entity], str]:
        """Representation items of a prism, in coordinates about ``origin``, and their type."""
        writer = self.writer
        footprint = _moved(solid.footprint, origin)
        low = solid.bottom.level - origin[2]
        if not solid.bottom.flat:
            raise ValueError("only prisms with a flat bottom are extruded upwards")
        if solid.top.flat:
            item = writer.extrusion(footprint, solid.top.level - solid.bottom.level, (0.0, 0.0, low))
            return [item], "SweptSolid"
        minx, miny, maxx, maxy = footprint.bounds
        top = Plane(solid.top.z(origin[0], origin[1]) - origin[2], solid.top.slope_x, solid.top.slope_y)
        high = max(top.z(x, y) for x in (minx, maxx) for y in (miny, maxy))
        body = writer.extrusion(footprint, high - low + 0.5, (0.0, 0.0, low))
        clipped = writer.clip(body, (0.0, 0.0, top.level), top.normal)
        return [clipped], "Clipping"

    def prism_body(self, solid: Prism, origin: Point3 = (0.0, 0.0, 0.0), rgb: Any = None) -> Entity:
        """The body of a prism, about ``origin``."""

        def make() -> Entity:
            items, kind = self.prism_items(solid, origin)
            if rgb is not None:
                self.writer.style(items, *rgb)
            return self.writer.body_of(items, kind)

        footprint = _moved(solid.footprint, origin)
        return self._shared(f"prism {rgb} {_signature(footprint, solid, origin[2])}", make)

    def _shared(self, signature: str, make: Callable[[], Entity]) -> Entity:
        """A body of its own, or a mapped one where shapes are shared."""
        if not self.share:
            return make()
        if not self.writer.has_map(signature):
            self.writer.shared_map(signature, make())
        return self.writer.mapped(signature)

    def register(self, key: str, entity: Entity, solid: Prism, external: bool) -> Placed:
        """Remember an element's solid, so that it counts as enclosing rooms."""
        placed = Placed(key, entity, solid, external)
        self.elements.append(placed)
        return placed

    # -- walls, columns, slabs ----------------------------------------------------------------------------

    def add_wall(
        self, storey: Storey, wall: Wall, solid: Prism, properties: Mapping[str, Any], predefined: str
    ) -> Placed:
        """A wall about its axis, with its common properties."""
        writer = self.writer
        key = f"{storey.key}/{wall.key}"
        entity = writer.entity("IfcWall", key, f"{wall.kind.name} {wall.key}", predefined)
        x, y = wall.start
        dx, dy = wall.direction
        base = solid.bottom.level
        placement = writer.placement(
            storey.placement,
            (x, y, base - storey.level),
            (0.0, 0.0, 1.0),
            (round(dx, 12), round(dy, 12), 0.0),
        )
        writer.place(entity, placement)
        local = _turned(solid.footprint, wall)
        top = solid.top

        def make() -> Entity:
            if top.flat:
                items = [writer.extrusion(local, top.level - base)]
                kind = "SweptSolid"
            else:
                # the slope along the wall's own axes
                along = top.slope_x * dx + top.slope_y * dy
                across = -top.slope_x * dy + top.slope_y * dx
                plane = Plane(top.z(x, y) - base, along, across)
                bounds = local.bounds
                high = max(plane.z(px, py) for px in bounds[0::2] for py in bounds[1::2])
                body = writer.extrusion(local, high + 0.5)
                items = [writer.clip(body, (0.0, 0.0, plane.level), plane.normal)]
                kind = "Clipping"
            writer.style(items, "墙面", WALL_RGB)
            return writer.body_of(items, kind)

        body = self._shared(f"wall {_signature(local, solid, base)}", make)
        if self.share:
            writer.represent(entity, body)
        else:
            writer.represent(entity, writer.axis_of((0.0, 0.0), (wall.length, 0.0)), body)
        writer.contain(storey.entity, entity)
        if properties:
            writer.properties(entity, "Pset_WallCommon", properties)
        return self.register(key, entity, solid, wall.kind.external)

    def add_columns(
        self,
        storey: Storey,
        columns: Mapping[str, Polygon],
        low: float,
        top: Any,
        properties: Mapping[str, Any],
    ) -> list[Entity]:
        """Columns from ``low`` up to the plane that ``top`` gives for a footprint."""
        entities = []
        for name, footprint in columns.items():
            key = f"{storey.key}/{name}"
            centre = footprint.centroid
            origin = (centre.x, centre.y, low)
            solid = Prism(footprint, Plane(low), top(footprint))
            entity = self.writer.entity("IfcColumn", key, f"框架柱 {name}", "COLUMN")
            self.writer.place(
                entity, self.writer.placement(storey.placement, (centre.x, centre.y, low - storey.level))
            )
            self.writer.represent(entity, self.prism_body(solid, origin, ("混凝土", CONCRETE_RGB)))
            self.writer.contain(storey.entity, entity)
            for set_name, values in properties.items():
                self.writer.properties(entity, set_name, values)
            self.register(key, entity, solid, False)
            entities.append(entity)
        return entities

    def add_slab(
        self,
        storey: Storey,
        key: str,
        name: str,
        footprint: Polygon,
        low: float,
        high: float,
        predefined: str,
        properties: Mapping[str, Any],
        external: bool = False,
    ) -> Placed:
        """A slab between two levels."""
        writer = self.writer
        full = f"{storey.key}/{key}"
        entity = writer.entity("IfcSlab", full, name, predefined)
        solid = Prism.upright(footprint, low, high)
        writer.place(entity, writer.placement(storey.placement))
        writer.represent(entity, self.prism_body(solid, (0.0, 0.0, storey.level), ("混凝土", CONCRETE_RGB)))
        writer.contain(storey.entity, entity)
        if properties:
            writer.properties(entity, "Pset_SlabCommon", properties)
        return self.register(full, entity, solid, external)

    # -- rooms ------------------------------------------------------------------------------------------

    def add_room(
        self,
        storey: Storey,
        number: str,
        long_name: str,
        solid: Prism,
        properties: Mapping[str, Mapping[str, Any]],
        predefined: str = "INTERNAL",
    ) -> Room:
        """A space with its quantities; ``properties`` are sets by name."""
        writer = self.writer
        entity = writer.entity("IfcSpace", number, number, predefined)
        entity.LongName = long_name
        entity.CompositionType = "ELEMENT"
        placement = writer.placement(storey.placement)
        writer.place(entity, placement)
        writer.represent(entity, self.prism_body(solid, (0.0, 0.0, storey.level)))
        writer.aggregate(storey.entity, entity)
        centre = solid.footprint.centroid
        height = solid.top.z(centre.x, centre.y) - solid.bottom.level
        perimeter = solid.footprint.length
        writer.quantities(
            entity,
            "Qto_SpaceBaseQuantities",
            {
                "Height": height,
                "NetPerimeter": perimeter,
                "GrossFloorArea": solid.footprint.area,
                "NetFloorArea": solid.footprint.area,
                "GrossVolume": solid.volume,
                "NetVolume": solid.volume,
            },
        )
        for set_name, values in properties.items():
            writer.properties(entity, set_name, values)
        room = Room(number, entity, placement, solid, storey, predefined == "EXTERNAL")
        self.rooms[number] = room
        return room

    def placement_of(self, host: Placed) -> Entity:
        """The placement that an element was given."""
        return self.writer.placement_of(host.entity)

    def room_at(self, x: float, y: float, z: float) -> Room | None:
        """The room that holds a point."""
        for room in self.rooms.values():
            solid = room.solid
            if solid.bottom.z(x, y) < z < solid.top.z(x, y) and solid.footprint.contains(Point(x, y)):
                return room
        return None


def _signature(footprint: Polygon, solid: Prism, datum: float) -> str:
    """Equal for shapes that are equal about their own origin."""
    rings = [footprint.exterior, *footprint.interiors]
    points = [[(tidy(x), tidy(y)) for x, y in ring.coords] for ring in rings]
    return f"{points} {tidy(solid.bottom.level - datum)} {tidy(solid.top.level - datum)} {solid.top.slope_y}"


def _moved(polygon: Polygon, origin: Point3) -> Polygon:
    def ring(coordinates: Any) -> list[tuple[float, float]]:
        return [(x - origin[0], y - origin[1]) for x, y in list(coordinates)[:-1]]

    return Polygon(ring(polygon.exterior.coords), [ring(hole.coords) for hole in polygon.interiors])


def _turned(polygon: Polygon, wall: Wall) -> Polygon:
    """A footprint in the wall's own axes: x along it from its start, y to its inside."""
    (x0, y0), (dx, dy) = wall.start, wall.direction

    def ring(coordinates: Any) -> list[tuple[float, float]]:
        return [
            ((x - x0) * dx + (y - y0) * dy, -(x - x0) * dy + (y - y0) * dx) for x, y in list(coordinates)[:-1]
        ]

    return Polygon(ring(polygon.exterior.coords), [ring(hole.coords) for hole in polygon.interiors])
