"""Nothing lost, nothing wrong: every solid of a model beside IfcOpenShell's default kernel.

Both leave openings unsubtracted, so that like is compared with like.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.meshes import closure, signed_volume, surface_area, wound_outward
from ifc.model import BuildingModel

VOLUME_TOLERANCE = 0.005
SMALLEST_M3 = 1e-6  # volumes below differ by rounding
BOX_TOLERANCE_M = 0.001

Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]


@dataclass
class Offenders:
    """GlobalIds by class of what differs from the peer."""

    compared: int = 0
    lost: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    volume: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    box: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def compare(model: BuildingModel, path: Path) -> Offenders:
    """The model's solids against those of the default kernel.

    Where the peer's mesh is not closed it has no volume: its surface area counts instead. A mesh that the
    peer winds inside out is turned before, as the model's is.
    """
    found = Offenders()
    for global_id, (ifc_class, theirs) in sorted(peer_meshes(path).items()):
        found.compared += 1
        row = model.elements.row_of.get(global_id, -1)
        if not model.geometry.has(row):
            found.lost[ifc_class].append(global_id)
            continue
        vertices, triangles = model.geometry.mesh(row)
        mine = vertices + model.offset_m, triangles
        if _box_difference(mine, theirs) > BOX_TOLERANCE_M:
            found.box[ifc_class].append(global_id)
        if not _same_size(mine, theirs):
            found.volume[ifc_class].append(global_id)
    return found


def peer_meshes(path: Path) -> dict[str, tuple[str, Mesh]]:
    """GlobalId -> class and mesh in world coordinates of everything that the default kernel builds."""
    import ifcopenshell
    import ifcopenshell.geom

    settings = ifcopenshell.geom.settings()
    settings.set("disable-opening-subtractions", True)
    file = ifcopenshell.open(str(path))  # the iterator does not keep it alive
    found = ifcopenshell.geom.iterator(settings, file)
    parts: dict[str, list[Mesh]] = defaultdict(list)
    classes: dict[str, str] = {}
    seen = set()
    more = found.initialize()
    while more:
        element = found.get()
        key = (element.id, element.geometry.id)  # it may return a product twice
        vertices = np.frombuffer(element.geometry.verts_buffer, np.float64).reshape(-1, 3)
        triangles = np.frombuffer(element.geometry.faces_buffer, np.int32).reshape(-1, 3)
        if len(triangles) and key not in seen:
            seen.add(key)
            matrix = np.frombuffer(element.transformation_buffer, np.float64).reshape(4, 4).T
            placed = vertices @ matrix[:3, :3].T + matrix[:3, 3]
            parts[element.guid].append((placed, triangles.copy()))
            classes[element.guid] = element.type
        more = found.next()
    return {global_id: (classes[global_id], _joined(meshes)) for global_id, meshes in parts.items()}


def _joined(meshes: list[Mesh]) -> Mesh:
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (
        np.concatenate([vertices for vertices, _ in meshes]),
        np.concatenate(
            [triangles + np.int32(start) for (_, triangles), start in zip(meshes, starts[:-1], strict=True)]
        ),
    )


def _box_difference(mine: Mesh, theirs: Mesh) -> float:
    """Largest distance of the sides of two bounding boxes in metres; vertices without a triangle are out."""
    a, b = mine[0][np.unique(mine[1])], theirs[0][np.unique(theirs[1])]
    return float(
        max(np.abs(a.min(axis=0) - b.min(axis=0)).max(), np.abs(a.max(axis=0) - b.max(axis=0)).max())
    )


def _same_size(mine: Mesh, theirs: Mesh) -> bool:
    vertices, triangles = theirs
    if closure(vertices, triangles).closed:
        expected = signed_volume(vertices, wound_outward(vertices, triangles))
        own = signed_volume(mine[0], wound_outward(*mine))
    else:
        expected, own = surface_area(vertices, triangles), surface_area(*mine)
    return abs(own - expected) <= max(VOLUME_TOLERANCE * abs(expected), SMALLEST_M3)
