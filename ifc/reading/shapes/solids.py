"""Solids that an area sweeps."""

from __future__ import annotations

import math

from ifc.reading.frames import Point, cross
from ifc.reading.shapes.body import Area, Body, NotOwn, Ring, Triangle
from ifc.reading.shapes.curves import edges_of_arc
from ifc.reading.shapes.triangulation import triangles_of


def extruded(area: Area, sweep: Point) -> Body:
    """The prism that an area in the plane z = 0 sweeps.

    Args:
        area: its base.
        sweep: where the base is moved to, in metres.
    """
    rings = [area.outline, *area.holes]
    base = [(x, y, 0.0) for ring in rings for x, y in ring]
    dx, dy, dz = sweep
    count = len(base)
    triangles: list[Triangle] = []
    for a, b, c in triangles_of(area):
        triangles += ((a, c, b), (a + count, b + count, c + count))
    start = 0
    for ring in rings:
        size = len(ring)
        before = start + size - 1
        for here in range(start, start + size):
            triangles += ((before, here, here + count), (before, here + count, before + count))
            before = here
        start += size
    if dz < 0:
        triangles = [(a, c, b) for a, b, c in triangles]
    return Body(base + [(x + dx, y + dy, dz) for x, y, _ in base], triangles)


def bend(circle: Ring, origin: Point, axis: Point, sweep_rad: float) -> Body:
    """The piece of a torus that a circle in the plane z = 0 sweeps around an axis in that plane.

    As many steps as opencascade takes along the path of the circle's first point. All its faces are plane.

    Args:
        circle: points of the circle, convex and counterclockwise.
        origin: a point of the axis.
        axis: its direction, of length 1.
        sweep_rad: positive, less than a full turn.

    Raises:
        NotOwn: the axis touches the circle.
    """
    ox, oy, _ = origin
    across = [axis[0] * (y - oy) - axis[1] * (x - ox) for x, y in circle]  # signed distances from the axis
    if min(across) * max(across) <= 0.0:
        raise NotOwn
    steps = edges_of_arc(abs(across[0]), sweep_rad)
    points: list[Point] = []
    for step in range(steps + 1):
        cosine, sine = math.cos(sweep_rad * step / steps), math.sin(sweep_rad * step / steps)
        for x, y in circle:
            arm = (x - ox, y - oy, 0.0)
            along = axis[0] * arm[0] + axis[1] * arm[1]
            turned = cross(axis, arm)
            points.append(
                (
                    ox + cosine * arm[0] + sine * turned[0] + (1.0 - cosine) * along * axis[0],
                    oy + cosine * arm[1] + sine * turned[1] + (1.0 - cosine) * along * axis[1],
                    sine * turned[2],
                )
            )
    count = len(circle)
    last = steps * count
    triangles: list[Triangle] = []
    for k in range(1, count - 1):
        triangles += ((0, k + 1, k), (last, last + k, last + k + 1))
    for start in range(0, last, count):
        before = start + count - 1
        for here in range(start, start + count):
            triangles += ((before, here, here + count), (before, here + count, before + count))
            before = here
    body = Body(points, triangles)
    return body if body.volume > 0 else Body(points, [(a, c, b) for a, b, c in triangles])
