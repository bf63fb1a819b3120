"""What the modules of this package hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

from ifc.reading.frames import Frame, Point, placed

Ring = list[tuple[float, float]]
Triangle = tuple[int, int, int]

LARGEST_M = 1e5  # coordinates beyond are the engine's affair


class NotOwn(Exception):  # noqa: N818  not a fault: the engine builds it
    """This body is left to the engine."""


@dataclass(slots=True)
class Body:
    """A triangulated solid, wound outward; corners in metres."""

    points: list[Point]
    triangles: list[Triangle]

    @property
    def volume(self) -> float:
        """In m³, by the divergence theorem about the first corner."""
        ox, oy, oz = self.points[0]
        points = [(x - ox, y - oy, z - oz) for x, y, z in self.points]
        sixfold = 0.0
        for a, b, c in self.triangles:
            (px, py, pz), (qx, qy, qz), (rx, ry, rz) = points[a], points[b], points[c]
            sixfold += px * (qy * rz - qz * ry) + py * (qz * rx - qx * rz) + pz * (qx * ry - qy * rx)
        return sixfold / 6.0

    def moved(self, frame: Frame) -> Body:
        """The body, stated in ``frame``, in what ``frame`` is stated in."""
        return Body(placed(frame, self.points), self.triangles)


@dataclass(slots=True)
class Area:
    """A plane area in metres: its outline counterclockwise, holes clockwise, no point twice."""

    outline: Ring
    holes: list[Ring]
