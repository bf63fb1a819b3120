"""Triangles of plane polygons with holes in space, many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.reading.frames import Point, cross, unit
from ifc.reading.shapes.body import LARGEST_M, Area, Body, NotOwn, Ring, Triangle
from ifc.reading.shapes.face_records import Floats, Ints, ranges
from ifc.reading.shapes.profiles import signed_area
from ifc.reading.shapes.triangulation import triangles_of

_FLAT_M = 1e-4


@dataclass(frozen=True)
class Faces:
    """F faces over shared places.

    The triangles of faces that are triangles or plane convex quadrangles are there already; ``others`` are
    triangulated when a body wants them.
    """

    places: Floats  # (P, 3) in metres, none twice
    triangles: Ints  # (T, 3) rows of places
    triangle_start: Ints  # (F + 1,)
    others: NDArray[np.bool_]  # (F,)
    corners: Ints  # rows of places, loop after loop
    corner_start: Ints  # (L + 1,)
    agrees: NDArray[np.bool_]  # (L,) whether it runs as its face is seen from outside
    loop_start: Ints  # (F + 1,)

    def body(self, rows: Ints) -> Body:
        """A body of some faces.

        Raises:
            NotOwn: one is not plane or crosses itself.
        """
        start, end = self.triangle_start[rows], self.triangle_start[rows + 1]
        triangles = self.triangles[ranges(start, end - start)]
        rest: list[Triangle] = []
        for face in rows[self.others[rows]].tolist():
            rest += self._triangulated(face)
        if rest:
            triangles = np.concatenate([triangles, np.array(rest, np.int64)])
        used, corners = np.unique(triangles, return_inverse=True)
        places = self.places[used]
        if not len(places) or not (np.abs(places) < LARGEST_M).all():
            raise NotOwn
        points: list[Point] = [tuple(place) for place in places.tolist()]
        return Body(points, [(a, b, c) for a, b, c in corners.reshape(-1, 3).tolist()])

    def _triangulated(self, face: int) -> list[Triangle]:
        loops = []
        for loop in range(self.loop_start[face], self.loop_start[face + 1]):
            own = self.corners[self.corner_start[loop] : self.corner_start[loop + 1]].tolist()
            loops.append(own if self.agrees[loop] else own[::-1])
        used = sorted({row for loop in loops for row in loop})
        places: list[Point] = [tuple(place) for place in self.places[used].tolist()]
        return _face(dict(zip(used, places, strict=True)), loops)


def tabulated(
    places: Floats, corners: Ints, lengths: Ints, agrees: NDArray[np.bool_], loops_of_face: Ints
) -> Faces:
    """The faces that L loops of ``lengths`` corners make, ``loops_of_face`` (F,) each."""
    places, same = _welded(places)
    corners = same[corners]
    corner_start = np.concatenate([[0], np.cumsum(lengths)])
    loop_start = np.concatenate([[0], np.cumsum(loops_of_face)])
    loop = loop_start[:-1][loops_of_face == 1]
    face = np.flatnonzero(loops_of_face == 1)
    three, four = lengths[loop] == 3, lengths[loop] == 4
    triangles = _rings(corners, corner_start, agrees, loop[three], 3)
    quads = _rings(corners, corner_start, agrees, loop[four], 4)
    plain = _plane_and_convex(places, quads)
    quads = quads[plain]
    count = np.zeros(len(loops_of_face), np.int64)
    count[face[three]] = 1
    count[face[four][plain]] = 2
    start = np.concatenate([[0], np.cumsum(count)])
    table = np.empty((start[-1], 3), np.int64)
    table[start[face[three]]] = triangles
    table[start[face[four][plain]]] = quads[:, [0, 1, 2]]
    table[start[face[four][plain]] + 1] = quads[:, [0, 2, 3]]
    return Faces(places, table, start, count == 0, corners, corner_start, agrees, loop_start)


def _rings(corners: Ints, start: Ints, agrees: NDArray[np.bool_], loops: Ints, size: int) -> Ints:
    """Loops of one size as (n, size), all seen from outside."""
    rings: Ints = corners[start[loops][:, None] + np.arange(size)]
    against = ~agrees[loops]
    rings[against] = rings[against][:, ::-1]
    return rings


def _plane_and_convex(places: Floats, quads: Ints) -> NDArray[np.bool_]:
    p = places[quads]
    edges = p[:, [1, 2, 3, 0]] - p
    turns = np.cross(edges, edges[:, [1, 2, 3, 0]])
    normal = np.cross(p[:, 2] - p[:, 0], p[:, 3] - p[:, 1])
    size = np.linalg.norm(normal, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        normal = normal / size[:, None]
        height = np.abs(np.einsum("ij,ij->i", p[:, 1] - p[:, 0], normal))
        convex = (np.einsum("ijk,ik->ij", turns, normal) > 0.0).all(axis=1)
    plain: NDArray[np.bool_] = convex & (height < _FLAT_M)
    return plain


def _welded(places: Floats) -> tuple[Floats, Ints]:
    """Places without repeats, and the row of each among them."""
    # One number for each place: sorting these is ten times faster than sorting rows.
    with np.errstate(invalid="ignore", over="ignore"):
        key = places @ np.array([1.0, math.sqrt(2.0), math.sqrt(3.0)])
    _, first, same = np.unique(key, return_index=True, return_inverse=True)
    if (places[first][same] == places).all():
        return places[first], same
    whole, same = np.unique(places, axis=0, return_inverse=True)
    return whole, same.reshape(-1)


def _face(points: dict[int, Point], loops: list[list[int]]) -> list[Triangle]:
    """A plane face; of several loops the largest is the outline."""
    rings = [_without_repeats(loop) for loop in loops]
    rings = [ring for ring in rings if len(ring) > 2]
    if not rings:
        return []
    if any(len(set(ring)) != len(ring) for ring in rings):
        raise NotOwn
    if len(rings) == 1 and len(rings[0]) == 3:
        return [(rings[0][0], rings[0][1], rings[0][2])]
    normals = [_normal([points[row] for row in ring]) for ring in rings]
    outer = max(range(len(rings)), key=lambda k: normals[k][1])
    normal = normals[outer][0]
    rings = [rings[outer], *(ring for k, ring in enumerate(rings) if k != outer)]
    x, y, z = points[rings[0][0]]
    a, b, c = normal
    for ring in rings:
        for px, py, pz in (points[row] for row in ring):
            if abs(a * (px - x) + b * (py - y) + c * (pz - z)) > _FLAT_M:
                raise NotOwn
    # Seen along the longest axis of the normal, the face keeps its sense where that axis is positive.
    axis = max(range(3), key=lambda k: abs(normal[k]))
    u, v = ((1, 2), (2, 0), (0, 1))[axis]
    sense = 1.0 if normal[axis] > 0 else -1.0
    origin = (x, y, z)
    flat: list[Ring] = [
        [(points[row][u] - origin[u], sense * (points[row][v] - origin[v])) for row in ring] for ring in rings
    ]
    if signed_area(flat[0]) <= 0:
        raise NotOwn
    for k in range(1, len(flat)):
        if signed_area(flat[k]) > 0:  # holes run the other way, whatever the file says
            flat[k].reverse()
            rings[k].reverse()
    rows = [row for ring in rings for row in ring]
    return [(rows[i], rows[j], rows[k]) for i, j, k in triangles_of(Area(flat[0], flat[1:]))]


def _without_repeats(loop: list[int]) -> list[int]:
    return [row for row, before in zip(loop, [*loop[-1:], *loop[:-1]], strict=True) if row != before]


def _normal(corners: list[Point]) -> tuple[Point, float]:
    """The normal by the sum over all edges, so that collinear corners do no harm, and twice the area."""
    ox, oy, oz = corners[0]
    x = y = z = 0.0
    before = corners[-1]
    for here in corners:
        a = before[0] - ox, before[1] - oy, before[2] - oz
        b = here[0] - ox, here[1] - oy, here[2] - oz
        cx, cy, cz = cross(a, b)
        x, y, z = x + cx, y + cy, z + cz
        before = here
    normal = unit((x, y, z))
    if normal is None:
        raise NotOwn
    return normal, (x * x + y * y + z * z) ** 0.5
