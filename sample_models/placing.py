"""Windows, doors, roof lights and floor openings: the hole in the host and what fills it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shapely.geometry import Polygon, box

from sample_models.building import Building, Hole, Placed, Storey
from sample_models.openings import DoorKind, WindowKind
from sample_models.plan import Wall
from sample_models.solids import Prism
from sample_models.writer import Entity, Point3

UP: Point3 = (0.0, 0.0, 1.0)
REVEAL = 0.01  # m, how far an opening solid stands out of its host on both sides


def add_window(
    building: Building,
    storey: Storey,
    host: Placed,
    wall: Wall,
    kind: WindowKind,
    at: tuple[float, float],
    sill: float,
    key: str,
    properties: Mapping[str, Mapping[str, Any]],
) -> Hole:
    """A window whose middle is at the axis point ``at``, ``sill`` above the storey's floor."""
    writer = building.writer
    window_type = building.catalogue.window_type(kind)
    window = writer.entity("IfcWindow", f"{storey.key}/{key}", f"{kind.name} {key}", kind.predefined)
    window.OverallWidth, window.OverallHeight = kind.width, kind.height
    window.Tag = kind.name
    writer.type_of(window_type, window)
    for set_name, values in properties.items():
        writer.properties(window, set_name, values)
    writer.quantities(
        window,
        "Qto_WindowBaseQuantities",
        {"Width": kind.width, "Height": kind.height, "Area": kind.width * kind.height},
    )
    return _fill(building, storey, host, wall, kind.name, kind.width, kind.height, at, sill, key, window)


def add_door(
    building: Building,
    storey: Storey,
    host: Placed,
    wall: Wall,
    kind: DoorKind,
    at: tuple[float, float],
    key: str,
    properties: Mapping[str, Mapping[str, Any]],
) -> Hole:
    """A door whose middle is at the axis point ``at``."""
    writer = building.writer
    door_type = building.catalogue.door_type(kind)
    door = writer.entity("IfcDoor", f"{storey.key}/{key}", f"{kind.name} {key}", "DOOR")
    door.OverallWidth, door.OverallHeight = kind.width, kind.height
    door.Tag = kind.name
    writer.type_of(door_type, door)
    for set_name, values in properties.items():
        writer.properties(door, set_name, values)
    writer.quantities(
        door,
        "Qto_DoorBaseQuantities",
        {"Width": kind.width, "Height": kind.height, "Area": kind.width * kind.height},
    )
    return _fill(building, storey, host, wall, kind.name, kind.width, kind.height, at, 0.0, key, door)


def _fill(
    building: Building,
    storey: Storey,
    host: Placed,
    wall: Wall,
    shape: str,
    width: float,
    height: float,
    at: tuple[float, float],
    sill: float,
    key: str,
    filling: Entity,
) -> Hole:
    writer = building.writer
    dx, dy = wall.direction
    along = (at[0] - wall.start[0]) * dx + (at[1] - wall.start[1]) * dy - width / 2
    low = storey.level + sill
    placement = writer.placement(building.placement_of(host), (along, 0.0, low - host.solid.bottom.level))
    opening = writer.entity("IfcOpeningElement", f"{storey.key}/{key}", f"洞口 {key}", "OPENING")
    shape_key = f"hole {wall.kind.name} {width}x{height}"
    local = box(0.0, -wall.kind.outside - REVEAL, width, wall.kind.inside + REVEAL)
    if not writer.has_map(shape_key):
        writer.shared_map(shape_key, writer.body_of([writer.extrusion(local, height)]))
    writer.represent(opening, writer.mapped(shape_key))
    writer.void(host.entity, opening)
    writer.place(opening, placement)
    writer.represent(filling, writer.mapped(shape))
    writer.place(filling, writer.placement(placement))
    writer.fill(opening, filling)
    writer.contain(storey.entity, filling)
    corners = [(along, -wall.kind.outside), (along + width, -wall.kind.outside)]
    corners += [(along + width, wall.kind.inside), (along, wall.kind.inside)]
    x0, y0 = wall.start
    footprint = Polygon([(x0 + u * dx - v * dy, y0 + u * dy + v * dx) for u, v in corners])
    hole = Hole(
        f"{storey.key}/{key}",
        host,
        opening,
        filling,
        Prism.upright(footprint, low, low + height),
        (-dy, dx, 0.0),
    )
    building.holes.append(hole)
    return hole


def add_skylight(
    building: Building, storey: Storey, host: Placed, kind: WindowKind, middle: tuple[float, float], key: str
) -> Hole:
    """A window that lies in a flat roof."""
    writer = building.writer
    window_type = building.catalogue.window_type(kind)
    window = writer.entity("IfcWindow", f"{storey.key}/{key}", f"{kind.name} {key}", kind.predefined)
    window.OverallWidth, window.OverallHeight = kind.width, kind.height
    window.Tag = kind.name
    writer.type_of(window_type, window)
    x, y = middle[0] - kind.width / 2, middle[1] - kind.height / 2
    low, high = host.solid.bottom.level, host.solid.top.level
    opening = writer.entity("IfcOpeningElement", f"{storey.key}/{key}", f"洞口 {key}", "OPENING")
    placement = writer.placement(building.placement_of(host), (x, y, low - storey.level))
    local = box(0.0, 0.0, kind.width, kind.height)
    item = writer.extrusion(local, high - low + 2 * REVEAL, (0.0, 0.0, -REVEAL))
    writer.represent(opening, writer.body_of([item]))
    writer.void(host.entity, opening)
    writer.place(opening, placement)
    writer.represent(window, writer.mapped(kind.name))
    # the window's own x stays, its height runs north and its outside looks up
    writer.place(
        window,
        writer.placement(placement, (0.0, 0.0, high - low - kind.depth), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    )
    writer.fill(opening, window)
    writer.contain(storey.entity, window)
    footprint = box(x, y, x + kind.width, y + kind.height)
    hole = Hole(f"{storey.key}/{key}", host, opening, window, Prism.upright(footprint, low, high), UP)
    building.holes.append(hole)
    return hole


def add_slab_hole(building: Building, storey: Storey, slab: Placed, key: str, outline: Polygon) -> Hole:
    """An unfilled opening right through a floor slab, for stairs and lifts."""
    writer = building.writer
    low, high = slab.solid.bottom.level, slab.solid.top.level
    opening = writer.entity("IfcOpeningElement", f"{storey.key}/{key}", f"楼板洞口 {key}", "OPENING")
    item = writer.extrusion(outline, high - low + 2 * REVEAL, (0.0, 0.0, low - REVEAL - storey.level))
    writer.represent(opening, writer.body_of([item]))
    writer.place(opening, writer.placement(building.placement_of(slab)))
    writer.void(slab.entity, opening)
    hole = Hole(f"{storey.key}/{key}", slab, opening, None, Prism.upright(outline, low, high), UP)
    building.holes.append(hole)
    return hole
