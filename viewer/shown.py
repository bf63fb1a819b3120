"""What of a model is drawn, storey by storey: placed shapes, and the floors of the rooms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable
from viewer.scene import HIDDEN_CLASSES, triangulated

FLOOR_RGBA = (0.93, 0.92, 0.89, 1.0)
_FLOOR_LIFT_M = 0.02  # above coverings and slabs that end in the same plane
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class StoreyContent:
    """Rows of the geometry's instances and of the spaces of one storey; -1 is for what belongs to none."""

    storey: int
    instances: list[int]
    rooms: list[int]


def space_rows(model: BuildingModel) -> NDArray[np.int32]:
    """The scene row (n,) of each space: its element's, or one after all elements for a derived room."""
    element = model.spaces.element
    return np.where(element >= 0, element, len(model.elements) + np.arange(len(element))).astype(np.int32)


def storey_contents(model: BuildingModel, geometry: GeometryTable) -> list[StoreyContent]:
    """What is drawn, from the lowest storey to the highest, after what belongs to none.

    Openings, solids of spaces, annotations and grids are not drawn, nor are shapes without triangles.
    """
    hidden = np.isin(model.elements.ifc_class, HIDDEN_CLASSES)
    instances: dict[int, list[int]] = defaultdict(list)
    for instance, element in enumerate(geometry.instance_element.tolist()):
        shape = geometry.instance_shape[instance]
        if not hidden[element] and geometry.triangle_start[shape] < geometry.triangle_start[shape + 1]:
            instances[int(model.elements.storey[element])].append(instance)
    rooms: dict[int, list[int]] = defaultdict(list)
    for space, storey in enumerate(model.spaces.storey.tolist()):
        rooms[storey].append(space)
    return [
        StoreyContent(storey, instances[storey], rooms[storey]) for storey in sorted({*instances, *rooms})
    ]


def floor_of(model: BuildingModel, space: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The floor of a room a little above itself, (n, 3) and (m, 3); empty where it is not known."""
    height = float(model.spaces.floor_z_m[space])
    rings = [ring for ring in model.spaces.footprint.rings(space) if len(ring) >= 3]
    if not rings or not np.isfinite(height):
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    raised = [np.column_stack([ring, np.full(len(ring), height + _FLOOR_LIFT_M)]) for ring in rings]
    return triangulated([(raised, _UP)])
