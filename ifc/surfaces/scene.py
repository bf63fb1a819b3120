"""What stands around the rooms: solids of elements and spaces, openings and terrain as triangle trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable
from ifc.surfaces.box_tree import BoxTree, box_tree
from ifc.surfaces.rays import Triangles, shares_a_point, triangle_tree
from ifc.surfaces.solids import area_vectors, feature_edges, oriented

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Classes that enclose rooms. Windows and doors are not: their hosts are closed (openings are not cut).
ENCLOSING = (
    "IfcWall", "IfcWallStandardCase", "IfcWallElementedCase", "IfcSlab", "IfcSlabStandardCase",
    "IfcSlabElementedCase", "IfcRoof", "IfcCurtainWall", "IfcPlate", "IfcPlateStandardCase", "IfcMember",
    "IfcMemberStandardCase", "IfcColumn", "IfcColumnStandardCase", "IfcBeam", "IfcBeamStandardCase",
    "IfcCovering", "IfcFooting", "IfcPile", "IfcBuildingElementProxy", "IfcBuildingElementPart", "IfcStair",
    "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcChimney", "IfcShadingDevice", "IfcBuiltElement",
)  # fmt: skip
# These are named as a surface's element only when nothing else stands behind it.
FINISHES = (
    "IfcCovering", "IfcMember", "IfcMemberStandardCase", "IfcBuildingElementProxy", "IfcStair",
    "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcShadingDevice",
)  # fmt: skip
DETAILED_PROXY_TRIANGLES = 200  # a proxy with more is equipment or a plant, and encloses nothing
# The parts of these act as one element.
ASSEMBLIES = (
    "IfcCurtainWall", "IfcWall", "IfcWallStandardCase", "IfcWallElementedCase", "IfcSlab",
    "IfcSlabElementedCase", "IfcStair", "IfcRamp", "IfcColumn", "IfcBeam", "IfcCovering",
)  # fmt: skip
PLUG_PROBES = 64
# The R3 lattice of evenly spread points: powers of the inverse of 1.2207440846.
SPREAD = np.array([0.8191725133961645, 0.6710436067037893, 0.5497004779019703])
DETAILED_TRIANGLES = 2000  # elements with more triangles give no edges to cut along


@dataclass(frozen=True)
class Scene:
    """The solids of a model about a local origin: K objects, first the elements, then the spaces."""

    origin: Floats  # (3,) of the scene in model coordinates
    solids: Triangles  # owner = object
    element: Ints  # (K,) element row, -1 for a space
    space: Ints  # (K,) space row, -1 for an element
    closed: NDArray[np.bool_]  # (K,)
    finish: NDArray[np.bool_]  # (K,)
    space_corners: Floats  # (T, 3, 3) triangles of the spaces
    space_owner: Ints  # (T,) space row, sorted
    edges: Floats  # (M, 2, 3) feature edges of elements and spaces
    edge_owner: Ints  # (M,) object
    edge_tree: BoxTree
    openings: Triangles  # owner = row of the OpeningTable
    loose: NDArray[np.bool_]  # (O,) rows of windows and doors without an opening
    terrain: Triangles  # the upward faces of the sites
    open_air: Triangles  # external spaces
    object_of_element: Ints  # (E,) -1 for elements that enclose nothing

    @property
    def is_space(self) -> NDArray[np.bool_]:
        """Whether each object is a space, (K,)."""
        return self.space >= 0

    def object_of_space(self, space: Ints) -> Ints:
        """Object of each space row; the space must be in the scene."""
        rows = np.full(int(self.space.max(initial=-1)) + 1, -1, np.int64)
        rows[self.space[self.is_space]] = np.flatnonzero(self.is_space)
        return rows[space]


def placed_triangles(geometry: GeometryTable, rows: NDArray[np.integer]) -> tuple[Floats, Ints]:
    """World triangles (T, 3, 3) of the element rows (sorted), and the position in ``rows`` of each, (T,)."""
    position = np.full(int(geometry.instance_element.max(initial=-1)) + 1, -1, np.int64)
    rows = rows[rows < len(position)]
    position[rows] = np.arange(len(rows))
    parts: list[Floats] = []
    owners: list[int] = []
    for instance in np.flatnonzero(position[geometry.instance_element] >= 0).tolist():
        shape = geometry.instance_shape[instance]
        matrix = geometry.transform[instance]
        if not np.isfinite(matrix).all():
            continue
        local = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
        triangles = geometry.triangles[geometry.triangle_start[shape] : geometry.triangle_start[shape + 1]]
        placed = (local.astype(np.float64) @ matrix[:, :3].T + matrix[:, 3])[triangles]
        if np.linalg.det(matrix[:, :3]) < 0:
            placed = placed[:, ::-1]
        parts.append(placed)
        owners.append(int(position[geometry.instance_element[instance]]))
    if not parts:
        return np.zeros((0, 3, 3)), np.zeros(0, np.int64)
    by_owner = sorted(range(len(parts)), key=owners.__getitem__)
    corners = np.concatenate([parts[part] for part in by_owner])
    owner = np.repeat([owners[part] for part in by_owner], [len(parts[part]) for part in by_owner])
    keep = _sound(corners)
    return corners[keep], owner[keep]


@njit(cache=True, nogil=True)
def _sound(corners: Floats) -> NDArray[np.bool_]:
    """Which triangles (T, 3, 3) are finite, within 1e9 m of the origin, and have an area, (T,)."""
    sound = np.zeros(corners.shape[0], np.bool_)
    for t in range(corners.shape[0]):
        a, b, c = corners[t, 0], corners[t, 1], corners[t, 2]
        inside = True
        for axis in range(3):
            # Also False for NaN.
            inside &= abs(a[axis]) < 1e9 and abs(b[axis]) < 1e9 and abs(c[axis]) < 1e9
        if not inside:
            continue
        e0, e1, e2 = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        f0, f1, f2 = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        largest = max(abs(e1 * f2 - e2 * f1), abs(e2 * f0 - e0 * f2), abs(e0 * f1 - e1 * f0))
        sound[t] = largest > 1e-10
    return sound


def assembly_of(model: BuildingModel) -> Ints:
    """The element that each element acts as: its assembly, or itself, (E,)."""
    elements = model.elements
    whole = np.isin(elements.ifc_class, ASSEMBLIES)
    result = np.arange(len(elements))
    for _ in range(4):  # assemblies of assemblies
        parent = elements.parent[result]
        climbs = (parent >= 0) & whole[parent] & np.isin(elements.ifc_class[result], ENCLOSING)
        if not climbs.any():
            break
        result = np.where(climbs, parent, result)
    return result


def build_scene(model: BuildingModel, space_corners: Floats, space_owner: Ints, open_air: Floats) -> Scene:
    """The scene of a model.

    Args:
        model: the building; spaces are taken from the other arguments.
        space_corners: (T, 3, 3) triangles of the spaces that take part, in model coordinates.
        space_owner: (T,) space row of each, sorted.
        open_air: (A, 3, 3) triangles of closed external spaces, in model coordinates.
    """
    elements = model.elements
    enclosing = np.flatnonzero(np.isin(elements.ifc_class, ENCLOSING))
    corners, part = placed_triangles(model.geometry, enclosing)
    whole = assembly_of(model)
    proxy = elements.ifc_class[enclosing] == "IfcBuildingElementProxy"
    equipment = proxy & (np.bincount(part, minlength=len(enclosing)) > DETAILED_PROXY_TRIANGLES)
    corners, part = corners[~equipment[part]], part[~equipment[part]]
    owner_element = whole[enclosing[part]]
    order = np.argsort(owner_element, kind="stable")
    corners, owner_element = corners[order], owner_element[order]

    every = np.concatenate([space_corners, corners]) if len(space_corners) else corners
    origin = np.floor(np.median(every.reshape(-1, 3), axis=0)) if len(every) else np.zeros(3)

    element_rows, owner = np.unique(owner_element, return_inverse=True)
    corners, closed = oriented(corners - origin, owner, len(element_rows))
    opening_corners, opening_rows = opening_solids(model)
    opening_corners = opening_corners - origin
    filled, plug_owner = plugs(model, whole, element_rows, corners, owner, opening_corners, opening_rows)
    corners, owner = np.concatenate([corners, filled]), np.concatenate([owner, plug_owner])
    order = np.argsort(owner, kind="stable")
    corners, owner = corners[order], owner[order]
    space_rows, own = np.unique(space_owner, return_inverse=True)
    rooms, rooms_closed = oriented(space_corners - origin, own, len(space_rows))

    object_of_element = np.full(len(elements), -1, np.int64)
    object_of_element[element_rows] = np.arange(len(element_rows))
    object_of_element = object_of_element[whole]

    plain = np.bincount(owner, minlength=len(element_rows))[owner] <= DETAILED_TRIANGLES
    edges, edge_owner = feature_edges(corners[plain], owner[plain])
    room_edges, room_edge_owner = feature_edges(rooms, own)
    edges = np.concatenate([edges, room_edges])

    terrain = _terrain(model) - origin
    return Scene(
        origin=origin,
        solids=triangle_tree(
            np.concatenate([corners, rooms]), np.concatenate([owner, own + len(element_rows)])
        ),
        element=np.concatenate([element_rows, np.full(len(space_rows), -1)]),
        space=np.concatenate([np.full(len(element_rows), -1), space_rows]),
        closed=np.concatenate([closed, rooms_closed]),
        finish=np.concatenate(
            [np.isin(elements.ifc_class[element_rows], FINISHES), np.zeros(len(space_rows), np.bool_)]
        ),
        space_corners=rooms,
        space_owner=space_rows[own],
        edges=edges,
        edge_owner=np.concatenate([edge_owner, room_edge_owner + len(element_rows)]),
        edge_tree=box_tree(edges.min(axis=1), edges.max(axis=1)),
        openings=triangle_tree(opening_corners, opening_rows),
        loose=model.openings.opening < 0,
        terrain=triangle_tree(terrain, np.zeros(len(terrain), np.int64)),
        open_air=triangle_tree(open_air - origin, np.zeros(len(open_air), np.int64)),
        object_of_element=object_of_element,
    )


def _terrain(model: BuildingModel) -> Floats:
    """Triangles of the sites that face up, (T, 3, 3)."""
    sites = model.elements.rows_of_class("IfcSite")
    corners, owner = placed_triangles(model.geometry, sites)
    corners, closed = oriented(corners, owner, len(sites))
    vectors = area_vectors(corners)
    rise = vectors[:, 2] / np.maximum(np.linalg.norm(vectors, axis=1), 1e-15)
    upward: Floats = corners[np.where(closed[owner], rise, np.abs(rise)) > 0.1]
    return upward


def opening_solids(model: BuildingModel) -> tuple[Floats, Ints]:
    """Triangles of each row of the OpeningTable: of the opening, else of the loose window or door."""
    table = model.openings
    element = np.where(table.opening >= 0, table.opening, table.filling).astype(np.int64)
    rows, row_of = np.unique(element[element >= 0], return_inverse=True)
    corners, position = placed_triangles(model.geometry, rows)
    # Several rows can name one element: each takes a copy of its triangles.
    table_rows = np.flatnonzero(element >= 0)
    start = np.searchsorted(position, np.arange(len(rows) + 1))
    parts = [np.arange(start[item], start[item + 1]) for item in row_of]
    triangle = np.concatenate([np.zeros(0, np.int64), *parts])
    owner = np.repeat(table_rows, [len(part) for part in parts])
    solids, _ = oriented(corners[triangle], owner, len(element))
    return solids, owner


def plugs(
    model: BuildingModel,
    whole: Ints,
    element_rows: Ints,
    corners: Floats,
    owner: Ints,
    opening_corners: Floats,
    opening_rows: Ints,
) -> tuple[Floats, Ints]:
    """Opening solids whose hosts have the hole in their own shape: triangles and the host's object.

    Rooms are closed by their hosts, so a hole that an exporter has baked into a wall is filled again.
    """
    table = model.openings
    host = np.where(table.host >= 0, whole[table.host], -1)
    rows = np.unique(opening_rows)
    rows = rows[(table.opening[rows] >= 0) & np.isin(host[rows], element_rows)]
    nothing = np.zeros((0, 3, 3)), np.zeros(0, np.int64)
    if len(rows) == 0:
        return nothing
    begin = np.searchsorted(opening_rows, rows)
    end = np.searchsorted(opening_rows, rows, side="right")
    low = np.stack([opening_corners[a:b].min(axis=(0, 1)) for a, b in zip(begin, end, strict=True)])
    high = np.stack([opening_corners[a:b].max(axis=(0, 1)) for a, b in zip(begin, end, strict=True)])
    steps = (0.5 + np.arange(1, PLUG_PROBES + 1)[:, None] * SPREAD) % 1.0
    points = low[:, None] + steps * (high - low)[:, None]
    position = np.searchsorted(element_rows, host[rows])
    in_hosts = np.isin(owner, position)
    hosts = triangle_tree(corners[in_hosts], owner[in_hosts])
    common = shares_a_point(triangle_tree(opening_corners, opening_rows), rows, hosts, position, points)
    baked = np.flatnonzero(~common)
    if len(baked) == 0:
        return nothing
    parts = [opening_corners[begin[item] : end[item]] for item in baked]
    return np.concatenate(parts), np.repeat(position[baked], [len(part) for part in parts])


def space_solids(model: BuildingModel, rows: NDArray[np.integer]) -> tuple[Floats, Ints]:
    """Triangles (T, 3, 3) of the spaces ``rows`` in model coordinates and the space row of each, sorted."""
    element = model.spaces.element[rows].astype(np.int64)
    sorted_elements = np.unique(element[element >= 0])
    corners, position = placed_triangles(model.geometry, sorted_elements)
    row_of = np.full(len(sorted_elements), -1, np.int64)
    for row, item in zip(rows[::-1], element[::-1], strict=True):
        if item >= 0:
            row_of[np.searchsorted(sorted_elements, item)] = row
    owner = row_of[position]
    order = np.argsort(owner, kind="stable")
    return corners[order], owner[order]
