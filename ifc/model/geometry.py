"""Triangulated geometry with instancing kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class GeometryTable:
    """Unique shapes, and the elements that place them.

    Coordinates of an element = ``transform`` applied to its shape's local float32 vertices; the result
    is in model coordinates (metres, z up): world = model + BuildingModel.offset_m.
    Openings are *not* subtracted from their hosts (``openings_subtracted`` False) unless said.
    """

    vertices: NDArray[np.float32]  # (V, 3) local metres
    triangles: NDArray[np.int32]  # (T, 3) rows of the shape's own vertices (start at 0 per shape)
    triangle_style: NDArray[np.int32]  # (T,) row of ``style_rgba``, -1 for none
    vertex_start: NDArray[np.int64]  # (S + 1,)
    triangle_start: NDArray[np.int64]  # (S + 1,)
    instance_element: NDArray[np.int32]  # (I,) sorted
    instance_shape: NDArray[np.int32]  # (I,)
    transform: NDArray[np.float64]  # (I, 3, 4)
    style_rgba: NDArray[np.float32]  # (C, 4)
    style_name: NDArray[np.object_]  # (C,)
    openings_subtracted: bool = False

    @property
    def shape_count(self) -> int:
        """Number of unique shapes."""
        return len(self.vertex_start) - 1

    @cached_property
    def _instances_of(self) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = {}
        for row, element in enumerate(self.instance_element.tolist()):
            rows.setdefault(element, []).append(row)
        return rows

    def has(self, element: int) -> bool:
        """Whether the element has a shape of its own."""
        return element in self._instances_of

    def mesh(self, element: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Vertices (n, 3) in model coordinates, float64, and triangles (m, 3) of an element.

        Both are empty for an element without geometry.
        """
        vertices: list[NDArray[np.float64]] = []
        triangles: list[NDArray[np.int32]] = []
        count = 0
        for instance in self._instances_of.get(element, ()):
            shape = self.instance_shape[instance]
            local = self.vertices[self.vertex_start[shape] : self.vertex_start[shape + 1]]
            faces = self.triangles[self.triangle_start[shape] : self.triangle_start[shape + 1]]
            matrix = self.transform[instance]
            vertices.append(local.astype(np.float64) @ matrix[:, :3].T + matrix[:, 3])
            triangles.append(faces + np.int32(count))
            count += len(local)
        if not vertices:
            return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
        return np.concatenate(vertices), np.concatenate(triangles)

    def triangle_styles(self, element: int) -> NDArray[np.int32]:
        """Style row of each triangle that :meth:`mesh` returns, in the same order."""
        parts = [
            self.triangle_style[self.triangle_start[shape] : self.triangle_start[shape + 1]]
            for shape in self.instance_shape[self._instances_of.get(element, [])]
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)
