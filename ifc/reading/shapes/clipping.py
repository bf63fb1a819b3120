"""Bodies cut by planes and by half-spaces with a polygonal bound."""

from __future__ import annotations

from typing import Any

import numpy as np

from ifc.reading.entities import get, ref
from ifc.reading.frames import Frame, Point, axis_placement, cross, placed, unit
from ifc.reading.shapes.body import LARGEST_M, Area, Body, NotOwn, Triangle
from ifc.reading.shapes.curves import Curves
from ifc.reading.shapes.profiles import signed_area
from ifc.reading.shapes.solids import extruded

_ON_PLANE_M = 1e-6  # opencascade takes points within 1e-7 to 1e-5 as one

Plane = tuple[Point, float]  # unit normal, offset


class HalfSpaces:
    """Reads the half-spaces of one file.

    Args:
        curves: reads their bounds.
        length_m: one length unit of the file in metres.
    """

    def __init__(self, curves: Curves, length_m: float) -> None:
        self._curves = curves
        self._length_m = length_m

    def without(self, body: Body, half_space: Any) -> Body:
        """The part of a body that is not in the half-space.

        Raises:
            NotOwn: it is no half-space of a plane, its bound cuts into the body, or nothing is left.
        """
        kind = half_space.is_a()
        if kind not in ("IfcHalfSpaceSolid", "IfcPolygonalBoundedHalfSpace"):
            raise NotOwn
        surface = ref(half_space, "BaseSurface")
        agrees = get(half_space, "AgreementFlag")
        if surface is None or surface.is_a() != "IfcPlane" or not isinstance(agrees, bool):
            raise NotOwn
        frame = axis_placement(ref(surface, "Position"), self._length_m)
        if frame is None or max(map(abs, frame)) > LARGEST_M:
            raise NotOwn
        normal = (frame[2], frame[6], frame[10])
        if not agrees:
            normal = (-normal[0], -normal[1], -normal[2])
        origin = (frame[3], frame[7], frame[11])
        # The half-space lies behind its plane, where the normal does not point to.
        if kind == "IfcPolygonalBoundedHalfSpace":
            return self._bounded(body, half_space, (normal, _dot(normal, origin)))
        return above(body, (normal, _dot(normal, origin)))

    def _bounded(self, body: Body, half_space: Any, plane: Plane) -> Body:
        """Sides of the bound that nothing behind the plane reaches do not matter."""
        frame = axis_placement(ref(half_space, "Position"), self._length_m)
        if frame is None:
            raise NotOwn
        if all(_height(plane, point) > -_ON_PLANE_M for point in body.points):
            return body
        if all(_height(plane, point) < _ON_PLANE_M for point in body.points):
            raise NotOwn
        ring = self._curves.ring(ref(half_space, "PolygonalBoundary"))
        if signed_area(ring) < 0:
            ring.reverse()
        below = _opposite(plane)
        removed = above(body, below)
        sides = [_side(frame, ring[k - 1], ring[k]) for k in range(len(ring))]
        reached = [side for side in sides if _least(side, removed.points) < -_ON_PLANE_M]
        if not reached:
            return above(body, plane)
        corners = placed(frame, [(u, v, 0.0) for u, v in ring])
        if any(_least(side, corners) < -_ON_PLANE_M for side in sides):
            raise NotOwn  # not convex: a part beyond one side may still be inside
        for side in reached:
            if max(_height(side, point) for point in removed.points) < _ON_PLANE_M:
                return body
            removed = above(removed, side)
        return without_convex(body, [below, *reached], removed.volume)


def without_convex(body: Body, planes: list[Plane], removed_m3: float) -> Body:
    """The part of a closed body that is not above all of the planes.

    Raises:
        NotOwn: its volume is not less by ``removed_m3``.
    """
    import manifold3d  # not at the top: few models have such clippings

    low, high = (
        tuple(end(point[axis] for point in body.points) + margin for axis in range(3))
        for end, margin in ((min, -1.0), (max, 1.0))
    )
    # The cutter reaches beyond the body, so that they share no face but those that the planes cut.
    cutter = _box(low, high)
    for plane in planes:
        cutter = above(cutter, plane)
    left = manifold3d.Manifold(_mesh(body)) - manifold3d.Manifold(_mesh(cutter))
    mesh = left.to_mesh64()
    result = Body(
        [tuple(point) for point in np.asarray(mesh.vert_properties)[:, :3].tolist()],
        [tuple(corners) for corners in np.asarray(mesh.tri_verts).tolist()],
    )
    whole = body.volume
    if abs(result.volume - (whole - removed_m3)) > 1e-6 * whole:
        raise NotOwn
    return result


def above(body: Body, plane: Plane) -> Body:
    """The part of a closed body where the plane's normal points to, its cut closed.

    Corners within a micrometre of the plane lie on it.

    Raises:
        NotOwn: nothing is left, or what is left does not close.
    """
    heights = [_height(plane, point) for point in body.points]
    sides = [(height > _ON_PLANE_M) - (height < -_ON_PLANE_M) for height in heights]
    if min(sides) >= 0:
        return body
    if max(sides) <= 0:
        raise NotOwn
    points = list(body.points)
    crossings: dict[tuple[int, int], int] = {}

    def crossing(a: int, b: int) -> int:
        key = (a, b) if a < b else (b, a)
        found = crossings.get(key)
        if found is None:
            a, b = key
            share = heights[a] / (heights[a] - heights[b])
            (ax, ay, az), (bx, by, bz) = points[a], points[b]
            found = crossings[key] = len(points)
            points.append((ax + (bx - ax) * share, ay + (by - ay) * share, az + (bz - az) * share))
        return found

    triangles: list[Triangle] = []
    for triangle in body.triangles:
        signs = [sides[corner] for corner in triangle]
        if min(signs) >= 0:
            if max(signs) > 0:
                triangles.append(triangle)
            continue
        if max(signs) <= 0:
            continue
        kept: list[int] = []
        for k in range(3):
            here, there = triangle[k], triangle[(k + 1) % 3]
            if sides[here] >= 0:
                kept.append(here)
            if sides[here] * sides[there] < 0:
                kept.append(crossing(here, there))
        triangles += ((kept[0], kept[k], kept[k + 1]) for k in range(1, len(kept) - 1))
    triangles += _cap(points, triangles, plane[0])
    return _compact(points, triangles)


def _cap(points: list[Point], triangles: list[Triangle], normal: Point) -> list[Triangle]:
    """Triangles that close an open mesh whose border lies in a plane, facing against ``normal``."""
    border: dict[tuple[int, int], None] = {}
    for a, b, c in triangles:
        for edge in ((a, b), (b, c), (c, a)):
            if (edge[1], edge[0]) in border:
                del border[(edge[1], edge[0])]
            elif edge in border:
                raise NotOwn
            else:
                border[edge] = None
    after: dict[int, int] = {}
    for a, b in border:
        if b in after:
            raise NotOwn  # two outlines touch in a corner
        after[b] = a
    loops: list[list[int]] = []
    while after:
        start = next(iter(after))
        loop = [start]
        while (here := after.pop(loop[-1], None)) != start:
            if here is None:
                raise NotOwn
            loop.append(here)
        if len(loop) < 3:
            raise NotOwn
        loops.append(loop)
    helper = (1.0, 0.0, 0.0) if abs(normal[0]) < 0.9 else (0.0, 1.0, 0.0)
    u = unit(cross(helper, normal))
    assert u is not None
    v = cross(u, normal)  # u, v and -normal are right-handed
    flat = [[(_dot(u, points[k]), _dot(v, points[k])) for k in loop] for loop in loops]
    import manifold3d  # not at the top: only models with clippings pay for it

    found = np.asarray(manifold3d.triangulate([np.array(ring) for ring in flat], -1.0, False)).tolist()
    corners = [corner for loop in loops for corner in loop]
    plane_points = [point for ring in flat for point in ring]
    stated = sum(map(signed_area, flat))
    covered = sum(signed_area([plane_points[k] for k in row]) for row in found)
    if stated <= 0 or abs(covered - stated) > 1e-6 * stated:
        raise NotOwn
    return [(corners[a], corners[b], corners[c]) for a, b, c in found]


def _compact(points: list[Point], triangles: list[Triangle]) -> Body:
    """Without the points that no triangle has."""
    used = sorted({corner for triangle in triangles for corner in triangle})
    new = {old: row for row, old in enumerate(used)}
    return Body([points[old] for old in used], [(new[a], new[b], new[c]) for a, b, c in triangles])


def _box(low: tuple[float, ...], high: tuple[float, ...]) -> Body:
    (x, y, z), (u, v, w) = low, high
    return extruded(Area([(x, y), (u, y), (u, v), (x, v)], []), (0.0, 0.0, w - z)).moved(
        (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, z)
    )


def _mesh(body: Body) -> Any:
    import manifold3d

    return manifold3d.Mesh64(np.array(body.points), np.array(body.triangles, np.uint64))


def _opposite(plane: Plane) -> Plane:
    (x, y, z), offset = plane
    return (-x, -y, -z), -offset


def _least(plane: Plane, points: list[Point]) -> float:
    return min(_height(plane, point) for point in points)


def _side(frame: Frame, start: tuple[float, float], end: tuple[float, float]) -> Plane:
    """The plane through an edge of a counterclockwise bound, its normal pointing inside."""
    x, y = start[1] - end[1], end[0] - start[0]
    a, b, _, d, e, f, _, h, i, j, _, m = frame
    normal = unit((a * x + b * y, e * x + f * y, i * x + j * y))
    if normal is None:
        raise NotOwn
    u, v = start
    return normal, _dot(normal, (a * u + b * v + d, e * u + f * v + h, i * u + j * v + m))


def _height(plane: Plane, point: Point) -> float:
    return _dot(plane[0], point) - plane[1]


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
