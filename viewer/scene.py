"""The building as a GLB scene: storeys and GlobalIds addressable, repeated shapes stored once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable, Neighbour
from viewer.gltf import GlbWriter, Quantised, can_compress

HIDDEN_CLASSES = ("IfcOpeningElement", "IfcOpeningStandardCase", "IfcSpace", "IfcAnnotation", "IfcGrid")
DEFAULT_RGBA = (0.78, 0.79, 0.76, 1.0)
# After Okabe and Ito (2008), which colour-blind people can tell apart.
NEIGHBOUR_RGBA = {
    Neighbour.OUTDOORS: (0.34, 0.71, 0.91, 1.0),
    Neighbour.GROUND: (0.55, 0.43, 0.27, 1.0),
    Neighbour.SPACE: (0.0, 0.62, 0.45, 1.0),
    Neighbour.ADIABATIC: (0.6, 0.6, 0.6, 1.0),
    Neighbour.VOID: (0.94, 0.89, 0.26, 1.0),
    Neighbour.UNKNOWN: (0.84, 0.37, 0.0, 1.0),
}
Y_UP = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0]])  # glTF's up is +Y


def to_glb(model: BuildingModel, geometry: GeometryTable, *, compress: bool | None = None) -> bytes:
    """The scene of a model as the bytes of a GLB file.

    Root nodes: one per storey (name = its GlobalId, extras name and elevation_m), holding a node per
    placed shape (name = the element's GlobalId, extras ifc_class and name); ``site`` for what belongs to
    no storey; ``surfaces`` with a node per space (name = its GlobalId), a primitive per neighbour kind.
    The scene's extras hold ``offset_m``: world = scene (z up) + offset_m.

    Args:
        model: the building.
        geometry: its shapes, best with openings cut.
        compress: meshopt compression; None to use it where its library is installed.
    """
    writer = GlbWriter(compress=can_compress() if compress is None else compress)
    children: dict[int, list[int]] = defaultdict(list)
    hidden = np.isin(model.elements.ifc_class, HIDDEN_CLASSES)
    meshes: dict[int, tuple[int, Quantised]] = {}
    for instance, (element, shape) in enumerate(
        zip(geometry.instance_element.tolist(), geometry.instance_shape.tolist(), strict=True)
    ):
        if hidden[element] or geometry.triangle_start[shape] == geometry.triangle_start[shape + 1]:
            continue
        if shape not in meshes:
            meshes[shape] = add_shape(writer, geometry, shape)
        mesh, quantised = meshes[shape]
        children[int(model.elements.storey[element])].append(
            writer.add_node(
                str(model.elements.global_id[element]),
                extras={
                    "ifc_class": str(model.elements.ifc_class[element]),
                    "name": str(model.elements.name[element]),
                },
                mesh=mesh,
                matrix=dequantised(geometry.transform[instance], quantised),
            )
        )
    roots = []
    for storey in sorted(children):
        name, extras = "site", {}
        if storey >= 0:
            row = model.storeys.element[storey]
            name = str(model.elements.global_id[row]) if row >= 0 else f"storey {storey}"
            extras = {
                "name": str(model.storeys.name[storey]),
                "elevation_m": float(model.storeys.elevation_m[storey]),
            }
        roots.append(writer.add_node(name, extras=extras, matrix=Y_UP, children=children[storey]))
    surfaces = _add_surfaces(writer, model)
    if surfaces:
        roots.append(writer.add_node("surfaces", matrix=Y_UP, children=surfaces))
    return writer.to_bytes(roots, {"offset_m": model.offset_m.tolist()})


def add_shape(writer: GlbWriter, geometry: GeometryTable, shape: int) -> tuple[int, Quantised]:
    """A unique shape as one mesh with a primitive per style."""
    vertices = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
    rows = slice(geometry.triangle_start[shape], geometry.triangle_start[shape + 1])
    triangles, styles = geometry.triangles[rows], geometry.triangle_style[rows]
    quantised = writer.add_vertices(vertices)
    primitives = []
    for style in np.unique(styles):
        rgba = DEFAULT_RGBA if style < 0 else geometry.style_rgba[style].tolist()
        indices = writer.add_triangles(triangles[styles == style])
        primitives.append((quantised.accessor, indices, writer.add_material(rgba)))
    return writer.add_mesh(primitives), quantised


def dequantised(transform: NDArray[np.float64], quantised: Quantised) -> NDArray[np.float64]:
    """The placement (3, 4) of a shape whose vertices are on the 16-bit grid."""
    matrix = transform.copy()
    matrix[:, 3] += transform[:, :3] @ quantised.corner
    matrix[:, :3] *= quantised.step_m
    return matrix


def _add_surfaces(writer: GlbWriter, model: BuildingModel) -> list[int]:
    """A node per space with its surfaces, coloured by what lies behind them."""
    by_space: dict[int, dict[Neighbour, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in range(len(model.surfaces)):
        kind = Neighbour(int(model.surfaces.neighbour[row]))
        by_space[int(model.surfaces.space[row])][kind].append(row)
    identity = np.hstack([np.eye(3), np.zeros((3, 1))])
    nodes = []
    for space, kinds in sorted(by_space.items()):
        parts = {kind: _triangulated(model, rows) for kind, rows in kinds.items()}
        parts = {kind: part for kind, part in parts.items() if len(part[1])}
        if not parts:
            continue
        starts = np.cumsum([0, *(len(vertices) for vertices, _ in parts.values())])
        quantised = writer.add_vertices(np.concatenate([vertices for vertices, _ in parts.values()]))
        primitives = [
            (
                quantised.accessor,
                writer.add_triangles((triangles + start).astype(np.int32)),
                writer.add_material(NEIGHBOUR_RGBA[kind]),
            )
            for (kind, (_, triangles)), start in zip(parts.items(), starts[:-1], strict=True)
        ]
        nodes.append(
            writer.add_node(
                str(model.spaces.global_id[space]),
                extras={"kinds": [kind.name.lower() for kind in parts]},
                mesh=writer.add_mesh(primitives),
                matrix=dequantised(identity, quantised),
            )
        )
    return nodes


def _triangulated(model: BuildingModel, surfaces: list[int]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vertices (n, 3) and triangles (m, 3) of surfaces."""
    return triangulated(
        (model.surfaces.polygon.rings(surface), model.surfaces.normal[surface]) for surface in surfaces
    )


def triangulated(
    polygons: Iterable[tuple[list[NDArray[np.float64]], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vertices (n, 3) and triangles (m, 3) of polygons: rings (k, 3), outside first, and the normal."""
    vertices: list[NDArray[np.float64]] = []
    for rings, normal in polygons:
        if not rings or len(rings[0]) < 3:
            continue
        along = np.eye(3)[int(np.abs(normal).argmin())]
        u = np.cross(along, normal)
        u /= np.linalg.norm(u)
        v = np.cross(normal, u)
        origin = rings[0][0]
        flat = [np.stack([(ring - origin) @ u, (ring - origin) @ v], axis=1) for ring in rings]
        polygon = shapely.make_valid(shapely.Polygon(flat[0], flat[1:]))
        for triangle in shapely.get_parts(shapely.constrained_delaunay_triangles(polygon)):
            corners = shapely.get_coordinates(shapely.orient_polygons(triangle))[:3]
            vertices.append(origin + corners[:, :1] * u + corners[:, 1:] * v)
    if not vertices:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    points = np.concatenate(vertices)
    return points, np.arange(len(points), dtype=np.int32).reshape(-1, 3)
