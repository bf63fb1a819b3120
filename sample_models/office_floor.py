"""A floor of 20 furnished offices on both sides of a corridor, for comparisons of daylight.

    python -m sample_models.office_floor office_floor.ifc
    twin verify daylight office_floor.ifc --project sample_models/office_floor.toml

Every office has a wide window, six places to work with desk, chair and screen, and a cupboard; every third
door stands open. Fins and three louvres shade each window, a building of 9 m stands 15 m before the south
side. The file is not kept beside the pilots: it is quickly written, and nothing rests on it but figures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from shapely.geometry import box

from sample_models.writer import Entity, IfcWriter, Point3

OFFICES_A_SIDE = 10
WIDTH_M, DEPTH_M, HEIGHT_M, CORRIDOR_M = 3.6, 8.2, 2.8, 2.4
WALL_M, FACADE_M, SLAB_M = 0.2, 0.3, 0.3
_PITCH_M = WIDTH_M + WALL_M
_WINDOW = (0.3, 3.3, 0.9, 2.4)  # from, to along the facade; sill, head
_DOOR = (1.3, 2.3, 2.1)  # from, to along the corridor; head
_OPEN_EVERY = 3
_RGB = {"shell": (0.93, 0.91, 0.86), "wood": (0.75, 0.6, 0.42), "glass": (0.6, 0.75, 0.8)}

Box = tuple[float, float, float, float, float, float]  # x0, y0, z0, x1, y1, z1


def _legs(x1: float, y1: float, top: float) -> tuple[Box, ...]:
    """Four legs of 5 cm below a rectangle from the origin to (x1, y1)."""
    return tuple((x, y, 0.0, x + 0.05, y + 0.05, top) for x in (0.0, x1 - 0.05) for y in (0.0, y1 - 0.05))


# The desk lies below the working plane of 0.75 m, on which the grid points lie.
_DESK: tuple[Box, ...] = (*_legs(1.2, 0.7, 0.69), (0.0, 0.0, 0.69, 1.2, 0.7, 0.72))
_SCREEN: tuple[Box, ...] = ((0.3, 0.1, 0.73, 0.9, 0.13, 1.05),)
_CHAIR: tuple[Box, ...] = (
    *_legs(0.5, 0.45, 0.43),
    (0.0, 0.0, 0.43, 0.5, 0.45, 0.48),
    (0.0, 0.42, 0.48, 0.5, 0.45, 0.95),
)
_CUPBOARD: tuple[Box, ...] = ((0.0, 0.0, 0.0, 0.45, 1.4, 2.0),)
_KINDS = {"desk": _DESK, "screen": _SCREEN, "chair": _CHAIR, "cupboard": _CUPBOARD}


class _Floor:
    """The file in the making."""

    def __init__(self) -> None:
        writer = IfcWriter("office_floor", "Office floor", "20 furnished offices along a corridor")
        self.writer = writer
        site = writer.entity("IfcSite", "site", "Site")
        site.RefLatitude, site.RefLongitude = (28, 41, 0), (115, 52, 0)
        building = writer.entity("IfcBuilding", "building", "Offices")
        self.storey = writer.entity("IfcBuildingStorey", "floor", "Ground floor")
        self.storey.Elevation = 0.0
        self.origin = writer.placement(None)
        for parent, child in ((writer.project, site), (site, building), (building, self.storey)):
            writer.aggregate(parent, child)
            writer.place(child, self.origin)

    def solid(self, ifc_class: str, name: str, boxes: Sequence[Box], predefined: str | None = None) -> Entity:
        """An element of boxes."""
        made = self.writer.entity(ifc_class, name, name, predefined)
        items = list(self._items(boxes))
        if ifc_class not in ("IfcOpeningElement", "IfcSpace"):
            name, opaque = ("glass", 0.3) if ifc_class == "IfcWindow" else ("shell", 1.0)
            self.writer.style(items, name, _RGB[name], 1.0 - opaque)
            self.writer.contain(self.storey, made)
        self.writer.represent(made, self.writer.body_of(items))
        self.writer.place(made, self.writer.placement(self.origin))
        return made

    def opening(self, wall: Entity, name: str, hole: Box) -> Entity:
        """A hole in a wall."""
        made = self.solid("IfcOpeningElement", name, (hole,), "OPENING")
        self.writer.void(wall, made)
        return made

    def room(self, name: str, use: str, low: Point3, high: Point3) -> None:
        """A space."""
        space = self.solid("IfcSpace", name, ((*low, *high),), "INTERNAL")
        space.LongName = use
        self.writer.aggregate(self.storey, space)

    def furniture(self, kind: str, name: str, place: Point3) -> None:
        """A piece of furniture, its shape shared by all of its kind."""
        writer = self.writer
        if not writer.has_map(kind):
            items = list(self._items(_KINDS[kind]))
            writer.style(items, "wood", _RGB["wood"])
            writer.shared_map(kind, writer.body_of(items))
        made = writer.entity("IfcFurniture", name, name)
        writer.represent(made, writer.mapped(kind))
        writer.place(made, writer.placement(self.origin, place))
        writer.contain(self.storey, made)

    def _items(self, boxes: Iterable[Box]) -> Iterable[Entity]:
        for x0, y0, z0, x1, y1, z1 in boxes:
            yield self.writer.extrusion(box(x0, y0, x1, y1), z1 - z0, (0.0, 0.0, z0))


def write_office_floor(path: Path) -> Path:
    """Write the floor as IFC4; the same bytes in every run."""
    floor = _Floor()
    length = OFFICES_A_SIDE * _PITCH_M - WALL_M
    depth = 2.0 * (DEPTH_M + WALL_M) + CORRIDOR_M
    low, high = -WALL_M, length + WALL_M
    south, north = -FACADE_M, depth + FACADE_M
    floor.solid("IfcSlab", "Floor slab", ((low, south, -SLAB_M, high, north, 0.0),), "BASESLAB")
    floor.solid("IfcSlab", "Roof slab", ((low, south, HEIGHT_M, high, north, HEIGHT_M + SLAB_M),), "ROOF")
    for name, x in (("West", low), ("East", length)):
        floor.solid("IfcWall", f"{name} wall", ((x, 0.0, 0.0, x + WALL_M, depth, HEIGHT_M),))
    middle = (0.0, DEPTH_M + WALL_M, 0.0), (length, DEPTH_M + WALL_M + CORRIDOR_M, HEIGHT_M)
    floor.room("Corridor", "走廊", *middle)
    for side, name in enumerate(("South", "North")):
        # Depth into the building from the facade of this side.
        def across(a: float, b: float, side: int = side) -> tuple[float, float]:
            return (depth - b, depth - a) if side else (a, b)

        _side(floor, name, across, length)
    floor.solid("IfcBuildingElementProxy", "Opposite building", ((low, -25.0, -SLAB_M, high, -15.0, 9.0),))
    floor.writer.write(path)
    return path


def _side(
    floor: _Floor,
    side: str,
    across: Callable[[float, float], tuple[float, float]],
    length: float,
) -> None:
    """The offices of one side; ``across`` turns depths from its facade into y."""

    def solid(x0: float, x1: float, depths: tuple[float, float], z0: float, z1: float) -> Box:
        y0, y1 = across(*depths)
        return (x0, y0, z0, x1, y1, z1)

    front, back = (-FACADE_M, 0.0), (DEPTH_M, DEPTH_M + WALL_M)
    facade = floor.solid(
        "IfcWall", f"{side} facade", (solid(-WALL_M, length + WALL_M, front, 0.0, HEIGHT_M),)
    )
    inner = floor.solid("IfcWall", f"{side} corridor wall", (solid(0.0, length, back, 0.0, HEIGHT_M),))
    for number in range(OFFICES_A_SIDE):
        x, name = number * _PITCH_M, f"{side} {number + 1:02d}"
        if number > 0:
            wall = solid(x - WALL_M, x, (0.0, DEPTH_M), 0.0, HEIGHT_M)
            floor.solid("IfcWall", f"{name} partition", (wall,))
        y0, y1 = across(0.0, DEPTH_M)
        floor.room(f"{name} office", "办公室", (x, y0, 0.0), (x + WIDTH_M, y1, HEIGHT_M))
        a, b, sill, head = _WINDOW
        hole = floor.opening(facade, f"{name} window opening", solid(x + a, x + b, front, sill, head))
        pane = solid(x + a, x + b, (-0.18, -0.12), sill, head)
        floor.writer.fill(hole, floor.solid("IfcWindow", f"{name} window", (pane,)))
        a, b, head = _DOOR
        hole = floor.opening(inner, f"{name} door opening", solid(x + a, x + b, back, 0.0, head))
        if number % _OPEN_EVERY:
            leaf = solid(x + a, x + b, (DEPTH_M + 0.07, DEPTH_M + 0.13), 0.0, head)
            floor.writer.fill(hole, floor.solid("IfcDoor", f"{name} door", (leaf,)))
        shades = [
            solid(x + 0.3, x + 3.3, (-0.7, -0.4), 2.45 + 0.15 * louvre, 2.46 + 0.15 * louvre)
            for louvre in range(3)
        ]
        fin = solid(x - 0.15, x - 0.05, (-0.8, -FACADE_M), -SLAB_M, HEIGHT_M + SLAB_M)
        floor.solid("IfcShadingDevice", f"{name} shading", (*shades, fin))
        for place in range(6):
            row, column = divmod(place, 2)
            at = (x + 0.5 + 1.5 * column, 0.8 + 2.5 * row)
            for kind, along, into in (("desk", 0.0, 0.0), ("screen", 0.0, 0.0), ("chair", 0.4, 0.75)):
                # Turned about with the side: the low corner is the nearer one to the facade, or the farther.
                reach = max(one[4] for one in _KINDS[kind])
                y = across(at[1] + into, at[1] + into + reach)[0]
                floor.furniture(kind, f"{name} {kind} {place + 1}", (at[0] + along, y, 0.0))
        y = across(DEPTH_M - 1.6, DEPTH_M - 0.2)[0]
        floor.furniture("cupboard", f"{name} cupboard", (x + 0.01, y, 0.0))


if __name__ == "__main__":
    print(write_office_floor(Path(sys.argv[1])))
