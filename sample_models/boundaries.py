"""Second-level space boundaries of a building whose solids are all known exactly.

Each face of a room is cut by the chain of elements behind it. From a face part the walk goes through the
element to its back, there into the next element if one touches, and ends at another room (type 2a), in
the open air or the ground (external), or after :data:`DEEPEST` metres still inside solids (type 2b).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import ifcopenshell.guid
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import unary_union

from sample_models.building import Building, Hole, Placed, Room
from sample_models.plan import tidy_polygon
from sample_models.solids import Prism
from sample_models.writer import Entity

Vector = NDArray[np.float64]
DEEPEST = 1.0  # m
SMALLEST = 1e-4  # m², smaller parts are rounding


@dataclass(frozen=True)
class Frame:
    """2-D coordinates on all planes of one direction. ``normal`` is the canonical one of the two."""

    normal: Vector
    u: Vector
    v: Vector

    def flat(self, points: Vector) -> Vector:
        """(n, 3) points as (n, 2)."""
        return np.stack([points @ self.u, points @ self.v], axis=-1)


@dataclass(frozen=True)
class Face:
    """A planar face: its outward normal is ``sign`` times that of the frame, its plane at ``offset``."""

    frame_key: tuple[float, float, float]
    sign: int
    offset: float
    polygon: Polygon
    owner: str


@dataclass(frozen=True)
class Part:
    """A part of a room's face with one chain of elements behind it. ``neighbour`` "" is outdoors or solid."""

    room: str
    face: Face
    polygon: Polygon
    chain: tuple[str, ...]
    neighbour: str
    outside: bool
    earth: bool
    thickness: float


class BoundarySet:
    """The boundaries of all rooms of a building."""

    def __init__(self, building: Building, terrain: float) -> None:
        self.building = building
        self.terrain = terrain
        self.frames: dict[tuple[float, float, float], Frame] = {}
        self.elements: dict[str, Placed] = {placed.key: placed for placed in building.elements}
        self._by_plane: dict[tuple[tuple[float, float, float], float], list[Face]] = defaultdict(list)
        self._room_faces: dict[str, list[Face]] = {}
        self._element_faces: dict[str, list[Face]] = {}
        for placed in building.elements:
            self._element_faces[placed.key] = self._faces(placed.key, placed.solid)
        for room in building.rooms.values():
            if not room.external:
                self._room_faces[room.key] = self._faces(room.key, room.solid)
        for face in [*_flatten(self._element_faces), *_flatten(self._room_faces)]:
            self._by_plane[face.frame_key, face.offset].append(face)
        self.parts = [part for key in self._room_faces for part in self._parts_of(key)]

    def _faces(self, owner: str, solid: Prism) -> list[Face]:
        result = []
        for rings in solid.faces():
            outside = rings[0]
            normal = np.zeros(3)
            for start, end in zip(outside, np.roll(outside, -1, axis=0), strict=True):
                normal += np.cross(start, end)
            normal /= np.linalg.norm(normal)
            canonical = normal if tuple(np.round(normal, 9)) > (0.0, 0.0, 0.0) else -normal
            x, y, z = (float(value) + 0.0 for value in np.round(canonical, 7))
            key = (x, y, z)
            if key not in self.frames:
                self.frames[key] = _frame(canonical)
            frame = self.frames[key]
            polygon = Polygon(frame.flat(outside), [frame.flat(ring) for ring in rings[1:]])
            sign = 1 if normal @ frame.normal > 0 else -1
            offset = round(float(outside[0] @ frame.normal), 5) + 0.0
            result.append(Face(key, sign, offset, polygon, owner))
        return result

    def _touching(self, face: Face, offset: float, sign: int) -> list[Face]:
        """Faces in the plane at ``offset`` parallel to ``face`` that look in direction ``sign``."""
        planes = [(face.frame_key, round(offset + step, 5) + 0.0) for step in (0.0, 1e-5, -1e-5)]
        return [other for plane in planes for other in self._by_plane.get(plane, ()) if other.sign == sign]

    def _parts_of(self, room: str) -> Iterator[Part]:
        for face in self._room_faces[room]:
            pieces: dict[tuple[tuple[str, ...], str, bool, bool, float], list[BaseGeometry]] = defaultdict(
                list
            )
            for region, chain, neighbour, outside, depth in self._walk(
                face, face.polygon, face.offset, (), 0.0
            ):
                if not chain:
                    raise ValueError(f"room {room} is open over {region.area:.4f} m²")
                earth = outside and self._in_ground(face, depth)
                pieces[chain, neighbour, outside, earth, round(depth, 4)].append(region)
            for (chain, neighbour, outside, earth, depth), regions in pieces.items():
                for polygon in _polygons(unary_union(regions)):
                    yield Part(room, face, polygon, chain, neighbour, outside, earth, depth)

    def _walk(
        self, face: Face, region: BaseGeometry, offset: float, chain: tuple[str, ...], depth: float
    ) -> Iterator[tuple[BaseGeometry, tuple[str, ...], str, bool, float]]:
        """Regions of ``region`` behind a plane with the chain of elements up to what ends it."""
        rest = region
        for other in self._touching(face, offset, -face.sign):
            if other.owner == face.owner and not chain:
                continue
            shared = rest.intersection(other.polygon)
            if shared.area < SMALLEST:
                continue
            rest = rest.difference(other.polygon)
            if other.owner == face.owner:  # through a column, back into the same room
                yield shared, chain, "", False, depth
            elif other.owner in self.building.rooms:
                yield shared, chain, other.owner, False, depth
            else:
                yield from self._through(face, shared, offset, (*chain, other.owner), depth)
        if rest.area >= SMALLEST:
            yield rest, chain, "", True, depth

    def _through(
        self, face: Face, region: BaseGeometry, offset: float, chain: tuple[str, ...], depth: float
    ) -> Iterator[tuple[BaseGeometry, tuple[str, ...], str, bool, float]]:
        backs = sorted(
            (face.sign * (back.offset - offset), index, back)
            for index, back in enumerate(self._element_faces[chain[-1]])
            if back.frame_key == face.frame_key
            and back.sign == face.sign
            and face.sign * (back.offset - offset) > 1e-6
        )
        rest = region
        for distance, _, back in backs:
            if depth + distance > DEEPEST:
                break
            shared = rest.intersection(back.polygon)
            if shared.area < SMALLEST:
                continue
            rest = rest.difference(back.polygon)
            yield from self._walk(face, shared, back.offset, chain, depth + distance)
        if rest.area >= SMALLEST:
            yield rest, chain, "", False, 0.0

    def _in_ground(self, face: Face, depth: float) -> bool:
        downwards = face.sign * self.frames[face.frame_key].normal[2] < -0.999
        return downwards and face.offset - depth <= self.terrain + 1e-6

    # -- writing --------------------------------------------------------------------------------------

    def write(self) -> list[Entity]:
        """Write every part as an IfcRelSpaceBoundary2ndLevel, openings as children, pairs tied together."""
        written: list[tuple[Part, str, Entity, list[tuple[Hole, Entity]]]] = []
        counts: dict[str, int] = defaultdict(int)
        holes: dict[str, list[Hole]] = defaultdict(list)
        for hole in self.building.holes:
            holes[hole.host.key].append(hole)
        for part in sorted(self.parts, key=_order):
            side = "2a" if part.neighbour or part.outside else "2b"
            where = part.neighbour or ("outdoors" if part.outside else "solid")
            name = f"{part.room}|{part.chain[0]}|{where}"
            counts[name] += 1
            key = f"{name}|{counts[name]}"
            exposure = "INTERNAL"
            if part.outside:
                exposure = "EXTERNAL_EARTH" if part.earth else "EXTERNAL"
            element = self.elements[part.chain[0]].entity
            boundary = self._boundary(key, part, part.polygon, element, "PHYSICAL", exposure, side, None)
            children = []
            for hole in [hole for link in part.chain for hole in holes[link]]:
                for polygon in _polygons(part.polygon.intersection(self._silhouette(hole, part.face))):
                    related = hole.filling if hole.filling is not None else hole.opening
                    kind = "PHYSICAL" if hole.filling is not None else "VIRTUAL"
                    child = self._boundary(
                        f"{key}|{hole.key}", part, polygon, related, kind, exposure, side, boundary
                    )
                    children.append((hole, child))
            written.append((part, key, boundary, children))
        self._pair(written)
        return [boundary for _, _, boundary, _ in written]

    def _pair(self, written: list[tuple[Part, str, Entity, list[tuple[Hole, Entity]]]]) -> None:
        """Tie the two sides of each part between rooms together, and of the openings in them."""
        by_side = defaultdict(list)
        for entry in written:
            part = entry[0]
            by_side[part.room, part.neighbour, part.chain].append(entry)
        for part, _, boundary, children in written:
            if not part.neighbour:
                continue
            for other, _, candidate, its_children in by_side[part.neighbour, part.room, part.chain[::-1]]:
                shared = other.polygon.intersection(part.polygon).area
                if other.face.frame_key == part.face.frame_key and shared > 0.99 * part.polygon.area:
                    boundary.CorrespondingBoundary = candidate
                    by_hole = {hole.key: child for hole, child in its_children}
                    for hole, child in children:
                        child.CorrespondingBoundary = by_hole.get(hole.key)
                    break
            else:
                raise ValueError(f"no counterpart of {part.room} | {part.chain} | {part.neighbour}")

    def _silhouette(self, hole: Hole, face: Face) -> BaseGeometry:
        """The opening as seen on a face, nothing when it does not lead through in the face's direction."""
        frame = self.frames[face.frame_key]
        if abs(frame.normal @ np.array(hole.through)) < 0.9:
            return Polygon()
        if abs(frame.normal[2]) > 0.999:
            return hole.solid.footprint
        points = np.concatenate([rings[0] for rings in hole.solid.faces()])
        return MultiPoint(frame.flat(points)).convex_hull

    def _boundary(
        self,
        key: str,
        part: Part,
        polygon: Polygon,
        element: Entity,
        physical: str,
        exposure: str,
        side: str,
        parent: Entity | None,
    ) -> Entity:
        room = self.building.rooms[part.room]
        writer = self.building.writer
        boundary = writer.file.create_entity(
            "IfcRelSpaceBoundary2ndLevel",
            GlobalId=ifcopenshell.guid.new(),
            Name="2ndLevel",
            Description=side,
            RelatingSpace=room.entity,
            RelatedBuildingElement=element,
            ConnectionGeometry=writer.file.create_entity(
                "IfcConnectionSurfaceGeometry", self._surface(part.face, polygon, room)
            ),
            PhysicalOrVirtualBoundary=physical,
            InternalOrExternalBoundary=exposure,
            ParentBoundary=parent,
        )
        writer.remember(boundary, f"boundary:{key}")
        return boundary

    def _surface(self, face: Face, polygon: Polygon, room: Room) -> Entity:
        """The polygon as a bounded plane in the room's own axes, its normal out of the room."""
        writer = self.building.writer
        frame = self.frames[face.frame_key]
        normal, u = frame.normal * face.sign, frame.u
        v = np.cross(normal, u)
        flip = 1.0 if v @ frame.v > 0 else -1.0
        minx, miny = polygon.bounds[0], polygon.bounds[1 if flip > 0 else 3]
        origin = minx * frame.u + miny * frame.v + face.offset * frame.normal
        origin = origin - np.array([0.0, 0.0, room.storey.level])

        def curve(ring: list[tuple[float, float]]) -> Entity:
            return writer.ring([(x - minx, flip * (y - miny)) for x, y in ring])

        polygon = orient(polygon, flip)
        rings = [list(ring.coords)[:-1] for ring in (polygon.exterior, *polygon.interiors)]
        plane = writer.file.create_entity(
            "IfcPlane",
            writer.axes(
                (origin[0], origin[1], origin[2]),
                (float(normal[0]), float(normal[1]), float(normal[2])),
                (float(u[0]), float(u[1]), float(u[2])),
            ),
        )
        return writer.file.create_entity(
            "IfcCurveBoundedPlane", plane, curve(rings[0]), [curve(ring) for ring in rings[1:]]
        )


def _order(part: Part) -> tuple[str, str, str, float, float, float]:
    centre = part.polygon.centroid
    return (
        part.room,
        part.chain[0],
        part.neighbour,
        round(part.face.sign * part.face.offset, 4),
        round(centre.x, 4),
        round(centre.y, 4),
    )


def _flatten(faces: dict[str, list[Face]]) -> Iterator[Face]:
    for group in faces.values():
        yield from group


def _frame(normal: Vector) -> Frame:
    if abs(normal[2]) > 1 - 1e-9:
        u = np.array([1.0, 0.0, 0.0])
    else:
        u = np.array([-normal[1], normal[0], 0.0])
        u /= np.linalg.norm(u)
    return Frame(normal, u, np.cross(normal, u))


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = getattr(shape, "geoms", [shape])
    return [tidy_polygon(part) for part in parts if part.geom_type == "Polygon" and part.area >= SMALLEST]
