"""Plane curves as rings of points, arcs with as many edges as opencascade's mesher gives them."""

from __future__ import annotations

import math
from typing import Any

from ifc.reading.entities import get, items, ref, wrapped
from ifc.reading.frames import axis_placement, coordinates
from ifc.reading.shapes.body import LARGEST_M, NotOwn, Ring

# IfcOpenShell meshes to 1 mm and 0.5 rad, and opencascade's BRepMesh keeps edges to half of both
# (GCPnts_TangentialDeflection, PerformCircular).
_DEFLECTION_M = 0.0005
_ANGLE_RAD = 0.25
_SHORTEST_M = 1e-4
_LEAST_EDGES = 3
_SAME_POINT_M = 1e-6
_GAP_M = 1e-4  # between the segments of a curve


class Curves:
    """Reads curves of one file.

    Args:
        length_m: one length unit of the file in metres.
        angle_rad: one plane angle unit of the file in radians.
    """

    def __init__(self, length_m: float, angle_rad: float) -> None:
        self._length_m = length_m
        self._angle_rad = angle_rad

    def ring(self, curve: Any) -> Ring:
        """A closed curve's points, the first not repeated.

        Raises:
            NotOwn: it is not closed, or holds another curve than lines and circles.
        """
        if curve is not None and curve.is_a() == "IfcCircle":
            return self._circle(curve)
        points = self._points(curve)
        if len(points) < 4 or math.dist(points[0], points[-1]) > _SAME_POINT_M:
            raise NotOwn
        return points[:-1]

    def _points(self, curve: Any) -> Ring:
        """The points of an open curve from its start to its end."""
        kind = "" if curve is None else curve.is_a()
        if kind == "IfcPolyline":
            return [self._point(point) for point in items(curve, "Points")]
        if kind == "IfcTrimmedCurve":
            return self._trimmed(curve)
        if kind == "IfcCompositeCurve":
            return self._composite(curve)
        if kind == "IfcIndexedPolyCurve":
            return self._indexed(curve)
        raise NotOwn

    def _point(self, entity: Any) -> tuple[float, float]:
        found = coordinates(entity, "Coordinates")
        if found is None:
            raise NotOwn
        return self._scaled(found)

    def _scaled(self, values: Any) -> tuple[float, float]:
        x, y = values[0] * self._length_m, values[1] * self._length_m
        if not (abs(x) < LARGEST_M and abs(y) < LARGEST_M):
            raise NotOwn
        return x, y

    def _circle_frame(self, circle: Any) -> tuple[float, float, float, float, float]:
        """Centre x, y; radius; cosine and sine of the angle of the circle's own x axis."""
        frame = axis_placement(ref(circle, "Position"), self._length_m)
        radius = get(circle, "Radius")
        if frame is None or not isinstance(radius, (int, float)) or frame[10] < 1.0 - 1e-9:
            raise NotOwn
        return frame[3], frame[7], checked_length(float(radius) * self._length_m), frame[0], frame[4]

    def _circle(self, circle: Any) -> Ring:
        x, y, radius, cosine, sine = self._circle_frame(circle)
        return [(x + cosine * u - sine * v, y + sine * u + cosine * v) for u, v in circle_points(radius)]

    def _trimmed(self, curve: Any) -> Ring:
        basis = ref(curve, "BasisCurve")
        if basis is None or basis.is_a() != "IfcCircle":
            raise NotOwn
        x, y, radius, cosine, sine = self._circle_frame(basis)
        prefers_points = get(curve, "MasterRepresentation") == "CARTESIAN"

        def angle(attribute: str) -> float:
            trims = get(curve, attribute)
            if not isinstance(trims, tuple):
                raise NotOwn
            found: dict[bool, float] = {}
            for trim in trims:
                if trim.is_a() == "IfcParameterValue":
                    value = wrapped(trim)
                    if isinstance(value, (int, float)):
                        found[False] = float(value) * self._angle_rad
                else:
                    px, py = self._point(trim)
                    du, dv = px - x, py - y
                    found[True] = math.atan2(cosine * dv - sine * du, cosine * du + sine * dv)
            if prefers_points not in found:
                raise NotOwn
            return found[prefers_points]

        start, end = angle("Trim1"), angle("Trim2")
        forward = get(curve, "SenseAgreement")
        if not isinstance(forward, bool):
            raise NotOwn
        sweep = (end - start if forward else start - end) % math.tau
        if sweep < 1e-9 or math.tau - sweep < 1e-9:
            raise NotOwn
        signed = sweep if forward else -sweep
        turn = math.atan2(sine, cosine) + start
        return arc_points((x, y), radius, turn, signed)

    def _composite(self, curve: Any) -> Ring:
        points: Ring = []
        for segment in items(curve, "Segments"):
            if segment.is_a() != "IfcCompositeCurveSegment":
                raise NotOwn
            own = self._points(ref(segment, "ParentCurve"))
            same_sense = get(segment, "SameSense")
            if not isinstance(same_sense, bool):
                raise NotOwn
            _append(points, own if same_sense else own[::-1])
        if len(points) > 2 and math.dist(points[0], points[-1]) <= _GAP_M:
            points[-1] = points[0]
        return points

    def _indexed(self, curve: Any) -> Ring:
        listed = get(ref(curve, "Points"), "CoordList")
        segments = get(curve, "Segments")
        if not isinstance(listed, tuple):
            raise NotOwn
        corners = [self._scaled(values) for values in listed]
        if segments is None:
            return corners
        points: Ring = []
        for segment in segments:
            indices = wrapped(segment)
            if not isinstance(indices, tuple) or not all(1 <= index <= len(corners) for index in indices):
                raise NotOwn
            own = [corners[index - 1] for index in indices]
            _append(points, own if segment.is_a() == "IfcLineIndex" else _arc_through(own))
        return points


def edges_of_arc(radius_m: float, sweep_rad: float) -> int:
    """Into how many edges opencascade divides an arc."""
    step = min(2.0 * math.acos(max(1.0 - _DEFLECTION_M / radius_m, 0.0)), _ANGLE_RAD)
    step = max(step, _SHORTEST_M / radius_m)
    return max(math.ceil(sweep_rad / step), _LEAST_EDGES)


def circle_points(radius_m: float) -> Ring:
    """A circle about the origin, counterclockwise from its x axis."""
    count = edges_of_arc(radius_m, math.tau)
    return [
        (radius_m * math.cos(math.tau * k / count), radius_m * math.sin(math.tau * k / count))
        for k in range(count)
    ]


def arc_points(centre: tuple[float, float], radius_m: float, start_rad: float, sweep_rad: float) -> Ring:
    """An arc with both its ends; a positive sweep runs counterclockwise."""
    count = edges_of_arc(radius_m, abs(sweep_rad))
    x, y = centre
    angles = [start_rad + sweep_rad * k / count for k in range(count + 1)]
    return [(x + radius_m * math.cos(angle), y + radius_m * math.sin(angle)) for angle in angles]


def checked_length(length_m: float) -> float:
    """A length that a body can have.

    Raises:
        NotOwn: it cannot.
    """
    if not 1e-6 < length_m < LARGEST_M:
        raise NotOwn
    return length_m


def _append(points: Ring, more: Ring) -> None:
    if len(more) < 2 or (points and math.dist(points[-1], more[0]) > _GAP_M):
        raise NotOwn
    points += more[1:] if points else more


def _arc_through(corners: Ring) -> Ring:
    """An arc by its start, a point on it and its end."""
    if len(corners) != 3:
        raise NotOwn
    (ax, ay), (bx, by), (cx, cy) = corners
    ux, uy, vx, vy = bx - ax, by - ay, cx - ax, cy - ay
    doubled = 2.0 * (ux * vy - uy * vx)
    if abs(doubled) < 1e-12:
        raise NotOwn
    u, v = ux * ux + uy * uy, vx * vx + vy * vy
    x, y = ax + (vy * u - uy * v) / doubled, ay + (ux * v - vx * u) / doubled
    start, end = math.atan2(ay - y, ax - x), math.atan2(cy - y, cx - x)
    sweep = (end - start) % math.tau
    if doubled < 0:
        sweep -= math.tau
    points = arc_points((x, y), checked_length(math.hypot(ax - x, ay - y)), start, sweep)
    points[0], points[-1] = corners[0], corners[2]
    return points
