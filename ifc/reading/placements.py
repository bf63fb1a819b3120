"""Local placements as matrices in metres."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.reading.entities import get, ref

Matrix = NDArray[np.float64]


class Placements:
    """World matrices of IfcObjectPlacements, (4, 4) in metres, computed once each."""

    def __init__(self, length_m: float) -> None:
        self._length_m = length_m
        self._known: dict[int, Matrix] = {}

    def world(self, placement: Any) -> Matrix:
        """The placement's matrix; identity for None, for cycles and for what cannot be read."""
        chain: list[Any] = []
        seen: set[int] = set()
        while placement is not None and placement.id() not in self._known and placement.id() not in seen:
            seen.add(placement.id())
            chain.append(placement)
            placement = ref(placement, "PlacementRelTo")
        matrix = self._known.get(placement.id(), np.eye(4)) if placement is not None else np.eye(4)
        for link in reversed(chain):
            matrix = matrix @ self.local(ref(link, "RelativePlacement"))
            self._known[link.id()] = matrix
        return matrix

    def local(self, axes: Any) -> Matrix:
        """The matrix of an IfcAxis2Placement; identity for None, and what cannot be read of it."""
        matrix = np.eye(4)
        if axes is None:
            return matrix
        location = coordinates(ref(axes, "Location"), "Coordinates")
        z_axis = coordinates(ref(axes, "Axis"), "DirectionRatios")
        x_axis = coordinates(ref(axes, "RefDirection"), "DirectionRatios")
        z = np.array([0.0, 0.0, 1.0]) if z_axis is None else z_axis
        x = np.array([1.0, 0.0, 0.0]) if x_axis is None else x_axis
        if location is not None:
            matrix[:3, 3] = location * self._length_m
        y = np.cross(z, x)
        if not (np.isfinite(y).all() and np.linalg.norm(y) > 0 and np.linalg.norm(z) > 0):
            return matrix
        z = z / np.linalg.norm(z)
        y = y / np.linalg.norm(y)
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = np.cross(y, z), y, z
        return matrix


def coordinates(entity: Any, attribute: str) -> NDArray[np.float64] | None:
    """A point or a direction as (3,), z = 0 where it is two-dimensional; None where it cannot be read."""
    values = get(entity, attribute)
    if not isinstance(values, (tuple, list)) or not 2 <= len(values) <= 3:
        return None
    if not all(isinstance(value, (int, float)) for value in values):
        return None
    return np.array([*values, 0.0][:3], np.float64)
