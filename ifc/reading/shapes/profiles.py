"""Profiles as plane areas."""

from __future__ import annotations

import math
from typing import Any

from ifc.reading.entities import get, items, ref
from ifc.reading.frames import IDENTITY, Frame, axis_placement
from ifc.reading.shapes.body import Area, NotOwn, Ring
from ifc.reading.shapes.curves import Curves, checked_length, circle_points

_SAME_POINT_M = 1e-6
_NESTING_LIMIT = 4


class Profiles:
    """Reads profiles of one file.

    Args:
        curves: reads their curves.
        length_m: one length unit of the file in metres.
    """

    def __init__(self, curves: Curves, length_m: float) -> None:
        self._curves = curves
        self._length_m = length_m

    def areas(self, profile: Any, depth: int = 0) -> list[Area]:
        """The areas of a profile; several only for a composite one.

        Raises:
            NotOwn: a kind that is not built here, or an outline that is none.
        """
        kind = "" if profile is None else profile.is_a()
        if kind == "IfcCompositeProfileDef" and depth < _NESTING_LIMIT:
            return [area for part in items(profile, "Profiles") for area in self.areas(part, depth + 1)]
        if kind in ("IfcArbitraryClosedProfileDef", "IfcArbitraryProfileDefWithVoids"):
            outline = self._curves.ring(ref(profile, "OuterCurve"))
            holes = [self._curves.ring(curve) for curve in items(profile, "InnerCurves")]
            return [_area(outline, holes)]
        rings = self._parameterised(kind, profile)
        frame = self._position(profile)
        if frame != IDENTITY:
            a, b, _, x, c, d, _, y, *_ = frame
            rings = [[(a * u + b * v + x, c * u + d * v + y) for u, v in ring] for ring in rings]
        return [_area(rings[0], rings[1:])]

    def _position(self, profile: Any) -> Frame:
        position = ref(profile, "Position")
        if position is None:
            return IDENTITY
        frame = axis_placement(position, self._length_m)
        if frame is None or frame[10] < 1.0 - 1e-9:
            raise NotOwn
        return frame

    def _parameterised(self, kind: str, profile: Any) -> list[Ring]:
        """The outline and the holes about the profile's own centre."""
        if kind == "IfcRectangleProfileDef":
            return [_rectangle(self._length(profile, "XDim"), self._length(profile, "YDim"))]
        if kind == "IfcCircleProfileDef":
            return [circle_points(self._length(profile, "Radius"))]
        if kind == "IfcCircleHollowProfileDef":
            radius, wall = self._length(profile, "Radius"), self._length(profile, "WallThickness")
            return [circle_points(radius), circle_points(checked_length(radius - wall))]
        if kind == "IfcRectangleHollowProfileDef":
            self._without(profile, "InnerFilletRadius", "OuterFilletRadius")
            x, y = self._length(profile, "XDim"), self._length(profile, "YDim")
            wall = 2.0 * self._length(profile, "WallThickness")
            return [_rectangle(x, y), _rectangle(checked_length(x - wall), checked_length(y - wall))]
        raise NotOwn

    def _length(self, profile: Any, attribute: str) -> float:
        value = get(profile, attribute)
        if not isinstance(value, (int, float)):
            raise NotOwn
        return checked_length(float(value) * self._length_m)

    def _without(self, profile: Any, *attributes: str) -> None:
        if any(get(profile, attribute) for attribute in attributes):
            raise NotOwn


def signed_area(ring: Ring) -> float:
    """Area of a ring in m², positive where it runs counterclockwise."""
    x0, y0 = ring[0]
    total = 0.0
    before = ring[-1]
    for point in ring:
        total += (before[0] - x0) * (point[1] - y0) - (point[0] - x0) * (before[1] - y0)
        before = point
    return total / 2.0


def _rectangle(x: float, y: float) -> Ring:
    return [(-x / 2, -y / 2), (x / 2, -y / 2), (x / 2, y / 2), (-x / 2, y / 2)]


def _area(outline: Ring, holes: list[Ring]) -> Area:
    return Area(_run(outline, 1.0), [_run(hole, -1.0) for hole in holes])


def _run(ring: Ring, sense: float) -> Ring:
    """The ring without points that repeat the one before, running the way that ``sense`` tells."""
    kept: Ring = []
    for point in ring:
        if not kept or math.dist(point, kept[-1]) > _SAME_POINT_M:
            kept.append(point)
    while len(kept) > 1 and math.dist(kept[0], kept[-1]) <= _SAME_POINT_M:
        kept.pop()
    area = signed_area(kept) if len(kept) > 2 else 0.0
    if abs(area) < 1e-10:
        raise NotOwn
    return kept if area * sense > 0 else kept[::-1]
