"""Storey plans: walls on axis lines become footprints that meet without overlap, and rooms between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

GRID = 1e-5  # m, coordinates are snapped to it


@dataclass(frozen=True)
class WallKind:
    """A wall construction about its axis line; ``outside`` is to the right of the axis, ``inside`` left."""

    name: str
    outside: float
    inside: float
    rank: int  # lower ranks run through at junctions, higher ones butt against them
    external: bool = False

    @property
    def thickness(self) -> float:
        """Total thickness in m."""
        return self.outside + self.inside


@dataclass(frozen=True)
class Wall:
    """A straight wall from one axis point to another. ``top`` and ``bottom`` in building coordinates."""

    key: str
    kind: WallKind
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def length(self) -> float:
        """Length of the axis in m."""
        return LineString([self.start, self.end]).length

    @property
    def direction(self) -> tuple[float, float]:
        """Unit vector from start to end."""
        length = self.length
        return ((self.end[0] - self.start[0]) / length, (self.end[1] - self.start[1]) / length)

    def strip(self, before: float = 0.0, after: float = 0.0) -> Polygon:
        """The wall's rectangle, lengthened at both ends."""
        (dx, dy), kind = self.direction, self.kind
        x0, y0 = self.start[0] - dx * before, self.start[1] - dy * before
        x1, y1 = self.end[0] + dx * after, self.end[1] + dy * after
        right, left = (dy, -dx), (-dy, dx)
        return Polygon(
            [
                (x0 + right[0] * kind.outside, y0 + right[1] * kind.outside),
                (x1 + right[0] * kind.outside, y1 + right[1] * kind.outside),
                (x1 + left[0] * kind.inside, y1 + left[1] * kind.inside),
                (x0 + left[0] * kind.inside, y0 + left[1] * kind.inside),
            ]
        )

    def along(self, part: Polygon) -> float:
        """Where the middle of ``part`` lies on the axis, from the start."""
        (dx, dy), centre = self.direction, part.centroid
        return (centre.x - self.start[0]) * dx + (centre.y - self.start[1]) * dy

    def touches(self, x: float, y: float) -> bool:
        """Whether a point lies on the axis."""
        return bool(LineString([self.start, self.end]).distance(Point(x, y)) < 1e-6)


@dataclass
class Plan:
    """One storey: walls with footprints, columns, and the rooms that lie between them."""

    walls: list[Wall]
    columns: dict[str, Polygon] = field(default_factory=dict)
    footprints: dict[str, Polygon] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.footprints = self._meet()

    def _meet(self) -> dict[str, Polygon]:
        """Footprints in order of rank. A wall that columns cut through becomes several walls."""
        done: BaseGeometry = unary_union(list(self.columns.values()))
        result: dict[str, Polygon] = {}
        pieces: dict[str, list[Wall]] = {}
        for wall in sorted(self.walls, key=lambda wall: wall.kind.rank):
            strip = wall.strip(self._reach(wall, wall.start), self._reach(wall, wall.end))
            rest = shapely.difference(strip, done, grid_size=GRID)
            parts = [tidy_polygon(part) for part in getattr(rest, "geoms", [rest]) if part.area > 1e-3]
            pieces[wall.key] = _cut(wall, parts)
            done = unary_union([done, strip])
            for piece, part in zip(pieces[wall.key], sorted(parts, key=wall.along), strict=True):
                result[piece.key] = part
        self.walls = [piece for wall in self.walls for piece in pieces[wall.key]]
        return result

    def _reach(self, wall: Wall, end: tuple[float, float]) -> float:
        """How far the wall must run past its axis point to reach the far face of the walls it meets."""
        sense = 1.0 if end == wall.end else -1.0
        ahead = (sense * wall.direction[0], sense * wall.direction[1])
        reach = 0.0
        for other in self.walls:
            if other is wall or other.kind.rank > wall.kind.rank or not other.touches(*end):
                continue
            dx, dy = other.direction
            towards_right = ahead[0] * dy - ahead[1] * dx
            if abs(towards_right) > 1e-9:  # not in one line
                reach = max(reach, towards_right * other.kind.outside, -towards_right * other.kind.inside)
        return reach

    @property
    def solid(self) -> BaseGeometry:
        """Everything that is wall or column."""
        return shapely.union_all([*self.footprints.values(), *self.columns.values()], grid_size=GRID)

    @property
    def outline(self) -> Polygon:
        """The storey's outer edge."""
        solid = self.solid
        parts = [Polygon(part.exterior) for part in getattr(solid, "geoms", [solid])]
        return max(parts, key=lambda part: part.area)

    def inner(self) -> list[Polygon]:
        """The areas inside the external walls, columns included, the largest first: where slabs lie."""
        shell = shapely.union_all(
            [self.footprints[wall.key] for wall in self.walls if wall.kind.external]
            + list(self.columns.values()),
            grid_size=GRID,
        )
        holes = [Polygon(hole) for part in getattr(shell, "geoms", [shell]) for hole in part.interiors]
        areas = sorted((hole for hole in holes if hole.area > 2.0), key=lambda hole: -hole.area)
        result = []
        for area in areas:
            own = [column for column in self.columns.values() if column.intersects(area)]
            result.append(tidy_polygon(shapely.union_all([area, *own], grid_size=GRID)))
        return result

    def rooms(self, labels: dict[str, tuple[float, float]]) -> dict[str, Polygon]:
        """The closed areas between walls and columns, each under the label whose point it holds."""
        free = shapely.difference(self.outline, self.solid, grid_size=GRID)
        areas = [
            part
            for part in getattr(free, "geoms", [free])
            if part.buffer(-0.05).area > 0 and part.area > 0.05
        ]
        result: dict[str, Polygon] = {}
        for area in areas:
            names = [name for name, point in labels.items() if area.contains(Point(point))]
            if len(names) != 1:
                centre = area.representative_point()
                raise ValueError(f"the room at ({centre.x:.2f}, {centre.y:.2f}) has the labels {names}")
            result[names[0]] = tidy_polygon(area)
        missing = set(labels) - set(result)
        if missing:
            raise ValueError(f"no closed room around {sorted(missing)}")
        return {name: result[name] for name in labels}

    def wall_at(self, x: float, y: float) -> Wall:
        """The wall whose axis runs through a point."""
        found = [wall for wall in self.walls if wall.touches(x, y)]
        if len(found) != 1:
            raise ValueError(f"({x}, {y}) lies on the axis of {[wall.key for wall in found]}")
        return found[0]


def _cut(wall: Wall, parts: list[Polygon]) -> list[Wall]:
    """The wall itself, or one wall on the same axis for each of several parts."""
    if len(parts) == 1:
        return [wall]
    (dx, dy), (x0, y0) = wall.direction, wall.start
    walls = []
    for number, part in enumerate(sorted(parts, key=wall.along), 1):
        reach = [(x - x0) * dx + (y - y0) * dy for x, y in part.exterior.coords]
        low, high = max(min(reach), 0.0), min(max(reach), wall.length)
        walls.append(
            Wall(
                f"{wall.key}.{number}",
                wall.kind,
                (round(x0 + low * dx, 6), round(y0 + low * dy, 6)),
                (round(x0 + high * dx, 6), round(y0 + high * dy, 6)),
            )
        )
    return walls


def carved(outer: Polygon, *inner: BaseGeometry) -> Polygon:
    """``outer`` without ``inner``, which must leave one piece."""
    rest = outer.difference(unary_union(inner))
    if not isinstance(rest, Polygon):
        raise TypeError(f"carving leaves a {rest.geom_type}")
    return rest


def tidy_polygon(area: BaseGeometry) -> Polygon:
    """Coordinates to 1 µm, without vertices in the middle of a straight edge.

    Raises:
        TypeError: ``area`` is not one polygon.
    """
    if not isinstance(area, Polygon):
        raise TypeError(f"one polygon is wanted, not a {area.geom_type}")
    return Polygon(_corners(area.exterior.coords), [_corners(hole.coords) for hole in area.interiors])


def _corners(coordinates: Iterable[Sequence[float]]) -> list[tuple[float, float]]:
    points = [(round(point[0], 6) + 0.0, round(point[1], 6) + 0.0) for point in coordinates][:-1]
    kept = []
    for index, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[index - 1], points[(index + 1) % len(points)]
        if abs((x - ax) * (by - y) - (y - ay) * (bx - x)) > 1e-7:
            kept.append((x, y))
    first = kept.index(min(kept))
    return kept[first:] + kept[:first]
