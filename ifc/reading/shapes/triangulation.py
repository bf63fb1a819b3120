"""Triangles of plane areas."""

from __future__ import annotations

import numpy as np

from ifc.reading.shapes.body import Area, NotOwn, Ring, Triangle
from ifc.reading.shapes.profiles import signed_area

_AREA_TOLERANCE = 1e-6  # relative


def triangles_of(area: Area) -> list[Triangle]:
    """Triangles over the outline's points, then the holes', counterclockwise.

    Raises:
        NotOwn: the rings cross themselves or each other.
    """
    outline = area.outline
    if not area.holes and _is_convex(outline):
        return [(0, k, k + 1) for k in range(1, len(outline) - 1)]
    import manifold3d  # not at the top: only models with such areas pay for it

    rings = [outline, *area.holes]
    found = manifold3d.triangulate([np.array(ring) for ring in rings], -1.0, False)
    triangles: list[Triangle] = [tuple(row) for row in np.asarray(found).tolist()]
    points = [point for ring in rings for point in ring]
    stated = sum(map(signed_area, rings))
    covered = 0.0
    for a, b, c in triangles:
        one = signed_area([points[a], points[b], points[c]])
        if one < -_AREA_TOLERANCE * stated:
            raise NotOwn
        covered += one
    if abs(covered - stated) > _AREA_TOLERANCE * stated:
        raise NotOwn
    return triangles


def _is_convex(ring: Ring) -> bool:
    """Whether a counterclockwise ring turns left at every corner, once around."""
    if len(ring) == 3:
        return True
    (ax, ay), (bx, by) = ring[-2], ring[-1]
    turns_back = 0
    sense = 0
    for x, y in ring:
        ux, uy, vx, vy = bx - ax, by - ay, x - bx, y - by
        if ux * vy - uy * vx <= 0.0:
            return False
        way = 1 if (vx, vy) > (0.0, 0.0) else -1  # convex rings change between right and left twice
        turns_back += way != sense
        sense = way
        ax, ay, bx, by = bx, by, x, y
    return turns_back <= 3
