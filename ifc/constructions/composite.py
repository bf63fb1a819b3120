"""Walls and slabs made of parts: their layers in the order in which the parts stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ifc.constructions.kinds import mesh_thickness
from ifc.model import BuildingModel, Layer

_PARTS = frozenset(["IfcBuildingElementPart", "IfcCovering"])


def layers_of_parts(model: BuildingModel, row: int) -> tuple[Layer, ...]:
    """One layer per part of an element that is an aggregate of single-material parts; () for any other.

    Parts stand one behind the other along the element's thinnest direction. Their order says nothing about
    which side is the outside.
    """
    found: list[tuple[float, Layer]] = []
    axis = None
    for part in model.elements.parts_of(row):
        if model.elements.ifc_class[part] not in _PARTS or model.elements.construction[part] < 0:
            continue
        layers = model.constructions[model.elements.construction[part]].layers
        vertices, triangles = model.geometry.mesh(part)
        thickness = layers[0].thickness_m if layers else 0.0
        if thickness <= 0.0:
            thickness = mesh_thickness(vertices, triangles) or 0.0
        if len(layers) != 1 or thickness <= 0.0:
            return ()
        if axis is None:
            corners = vertices[triangles]
            normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            main = normals[int(np.argmax(np.linalg.norm(normals, axis=1)))]
            axis = main / np.linalg.norm(main)
        middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2.0
        found.append((float(middle @ axis), replace(layers[0], thickness_m=thickness)))
    return tuple(layer for _, layer in sorted(found, key=lambda one: one[0])) if len(found) > 1 else ()
