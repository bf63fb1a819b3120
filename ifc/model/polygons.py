"""Polygons with holes, packed into flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PolygonTable:
    """P polygons of R rings of D-dimensional vertices; a polygon's first ring is its outside.

    Rings are open (the first vertex is not repeated). In 3-D the outside ring runs counter-clockwise
    seen from the side the polygon's normal points to, holes clockwise.
    """

    vertices: NDArray[np.float64]  # (V, D)
    ring_start: NDArray[np.int64]  # (R + 1,) into vertices
    polygon_start: NDArray[np.int64]  # (P + 1,) into rings

    def __len__(self) -> int:
        return len(self.polygon_start) - 1

    def rings(self, polygon: int) -> list[NDArray[np.float64]]:
        """The rings of one polygon, outside first; [] for an empty one."""
        return [
            self.vertices[self.ring_start[ring] : self.ring_start[ring + 1]]
            for ring in range(self.polygon_start[polygon], self.polygon_start[polygon + 1])
        ]

    @classmethod
    def pack(cls, polygons: Sequence[Sequence[NDArray[np.float64]]], dimension: int) -> PolygonTable:
        """Pack polygons, each a list of rings (n, dimension)."""
        rings = [np.asarray(ring, np.float64) for rings in polygons for ring in rings]
        return cls(
            vertices=np.concatenate(rings) if rings else np.zeros((0, dimension)),
            ring_start=np.cumsum([0, *(len(ring) for ring in rings)], dtype=np.int64),
            polygon_start=np.cumsum([0, *(len(rings) for rings in polygons)], dtype=np.int64),
        )
