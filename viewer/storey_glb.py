"""One GLB per storey: its elements, its rooms' floors, each node with its GlobalId and its scene row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ifc.model import BuildingModel, GeometryTable
from viewer.gltf import GlbWriter, Quantised, can_compress
from viewer.scene import Y_UP, add_shape, dequantised
from viewer.shown import FLOOR_RGBA, StoreyContent, floor_of, space_rows, storey_contents


@dataclass(frozen=True)
class StoreyGlb:
    """The scene of one storey; ``storey`` -1 holds what belongs to none."""

    storey: int
    data: bytes
    low: tuple[float, float, float]  # corner of the box about it, model coordinates
    high: tuple[float, float, float]
    triangles: int


def storey_glbs(
    model: BuildingModel, geometry: GeometryTable, *, compress: bool | None = None
) -> Iterator[StoreyGlb]:
    """The storeys from the lowest to the highest, after what belongs to none.

    The root of each file turns z up into glTF's y up; a node per placed shape is named by the GlobalId of
    its element, with ``row``, ``ifc_class`` and ``name`` as extras. Floors of rooms are of class IfcSpace.
    """
    for content in storey_contents(model, geometry):
        glb = _storey(model, geometry, content, can_compress() if compress is None else compress)
        if glb.triangles:
            yield glb


def _storey(
    model: BuildingModel,
    geometry: GeometryTable,
    content: StoreyContent,
    compress: bool,
) -> StoreyGlb:
    writer = GlbWriter(compress=compress)
    meshes: dict[int, tuple[int, Quantised]] = {}
    nodes: list[int] = []
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    triangles = 0
    for instance in content.instances:
        element, shape = int(geometry.instance_element[instance]), int(geometry.instance_shape[instance])
        if shape not in meshes:
            meshes[shape] = add_shape(writer, geometry, shape)
        mesh, quantised = meshes[shape]
        transform = geometry.transform[instance]
        local = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
        placed = local @ transform[:, :3].T + transform[:, 3]
        low, high = np.minimum(low, placed.min(axis=0)), np.maximum(high, placed.max(axis=0))
        triangles += int(geometry.triangle_start[shape + 1] - geometry.triangle_start[shape])
        nodes.append(
            writer.add_node(
                str(model.elements.global_id[element]),
                extras={
                    "row": element,
                    "ifc_class": str(model.elements.ifc_class[element]),
                    "name": str(model.elements.name[element]),
                },
                mesh=mesh,
                matrix=dequantised(transform, quantised),
            )
        )
    row_of_space = space_rows(model)
    for space in content.rooms:
        points, faces = floor_of(model, space)
        if not len(faces):
            continue
        quantised = writer.add_vertices(points)
        mesh = writer.add_mesh(
            [(quantised.accessor, writer.add_triangles(faces), writer.add_material(FLOOR_RGBA))]
        )
        low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
        triangles += len(faces)
        nodes.append(
            writer.add_node(
                str(model.spaces.global_id[space]),
                extras={
                    "row": int(row_of_space[space]),
                    "ifc_class": "IfcSpace",
                    "name": str(model.spaces.name[space]),
                },
                mesh=mesh,
                matrix=dequantised(np.hstack([np.eye(3), np.zeros((3, 1))]), quantised),
            )
        )
    name, storey = "site", content.storey
    if storey >= 0:
        row = int(model.storeys.element[storey])
        name = str(model.elements.global_id[row]) if row >= 0 else f"storey {storey}"
    root = writer.add_node(name, matrix=Y_UP, children=nodes)
    data = writer.to_bytes([root], {"offset_m": model.offset_m.tolist()})
    x, y, z = low.tolist()
    x2, y2, z2 = high.tolist()
    return StoreyGlb(storey, data, (x, y, z), (x2, y2, z2), triangles)
