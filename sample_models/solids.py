"""Prisms with a flat or a sloped top, and their planar faces.

Everything that encloses a room in the pilot buildings is such a prism, so that the generator knows each
face exactly and can write space boundaries and check its own work without a geometry engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """z = ``level`` + ``slope_x`` · x + ``slope_y`` · y."""

    level: float
    slope_x: float = 0.0
    slope_y: float = 0.0

    def z(self, x: float, y: float) -> float:
        """Height over a point."""
        return self.level + self.slope_x * x + self.slope_y * y

    @property
    def flat(self) -> bool:
        """Whether the plane is horizontal."""
        return self.slope_x == 0.0 and self.slope_y == 0.0

    @property
    def normal(self) -> tuple[float, float, float]:
        """Unit normal, upwards."""
        vector = np.array([-self.slope_x, -self.slope_y, 1.0])
        x, y, z = vector / np.linalg.norm(vector)
        return (float(x), float(y), float(z))

    def shifted(self, height: float) -> Plane:
        """The plane moved up."""
        return Plane(self.level + height, self.slope_x, self.slope_y)


@dataclass(frozen=True)
class Prism:
    """``footprint`` (plan, metres) between two planes."""

    footprint: Polygon
    bottom: Plane
    top: Plane

    @classmethod
    def upright(cls, footprint: Polygon, low: float, high: float) -> Prism:
        """A prism with horizontal ends."""
        return cls(footprint, Plane(low), Plane(high))

    @property
    def volume(self) -> float:
        """Volume in m³: area times the height over the centroid (exact for planar ends)."""
        centre = self.footprint.centroid
        return float(
            self.footprint.area * (self.top.z(centre.x, centre.y) - self.bottom.z(centre.x, centre.y))
        )

    def faces(self) -> list[list[Vector]]:
        """Faces as lists of rings (n, 3): seen from outside, the first counter-clockwise, holes clockwise."""
        polygon = orient(self.footprint)
        rings = [np.asarray(ring.coords)[:-1, :2] for ring in (polygon.exterior, *polygon.interiors)]
        faces = [[self._lift(ring[::-1], self.bottom) for ring in rings]]
        faces.append([self._lift(ring, self.top) for ring in rings])
        for ring in rings:
            for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                side = [
                    (start, self.bottom),
                    (end, self.bottom),
                    (end, self.top),
                    (start, self.top),
                ]
                faces.append([np.array([(*point, plane.z(*point)) for point, plane in side])])
        return faces

    @staticmethod
    def _lift(ring: Vector, plane: Plane) -> Vector:
        return np.array([(x, y, plane.z(x, y)) for x, y in ring])
