"""Solids of spaces without a usable one, from the file's own space boundaries where these are sound.

Sound means: they close, or give a room over a floor plan below their ceilings, and lie on the faces of the
solid that comes of them. Everything else is then derived as for any other space, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import manifold3d
import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, PolygonTable, SpaceTable
from ifc.surfaces.boundary_check import polygon_vectors
from ifc.surfaces.limits import GAP_M, STEEP
from ifc.surfaces.polygons2d import object_array, parts, polygon_rings
from ifc.surfaces.rays import all_hits, triangle_tree
from ifc.surfaces.solids import area_vectors, open_length, oriented, signed_volumes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SNAP_M = 0.01  # corners of boundaries closer than this are one
ON_FACE_M = 0.05
ON_FACES = 0.9  # of the boundaries' area must lie on the solid
COVERED = (
    0.7  # of the solid's area must be covered by boundaries: edges between floors and walls often lack some
)
OPEN_M = 0.5  # longest open edges of a shell that counts as closed
SMALLEST_M3 = 0.1
HIGHEST_M = 60.0
MOST_BOUNDARIES = 500  # per space


@dataclass(frozen=True)
class BoundarySolids:
    """Solids made of boundaries, sorted by space."""

    corners: Floats  # (T, 3, 3) normals outward
    owner: Ints  # (T,) row of the SpaceTable

    @property
    def rows(self) -> Ints:
        """The spaces that have got a solid."""
        return np.unique(self.owner)


def solids_from_boundaries(model: BuildingModel, rows: Ints) -> BoundarySolids:
    """The solids of the spaces ``rows`` of a model's SpaceTable that their boundaries give.

    The second-level boundaries of a space count, if it has any, else those of the first level. Spaces whose
    boundaries are not sound are left out.
    """
    table = model.boundaries
    corners, owner = [np.zeros((0, 3, 3))], [np.zeros(0, np.int64)]
    if len(table) and len(rows):
        vector, centre = polygon_vectors(table.polygon)
        for row in rows.tolist():
            mine = np.flatnonzero(
                (table.space == model.spaces.element[row]) & (model.spaces.element[row] >= 0)
            )
            mine = mine[table.level[mine] == table.level[mine].max(initial=0)]
            mine = mine[np.linalg.norm(vector[mine], axis=1) > 1e-4]
            if 4 <= len(mine) <= MOST_BOUNDARIES:
                found = _solid([table.polygon.rings(item) for item in mine], vector[mine], centre[mine])
                corners.append(found)
                owner.append(np.full(len(found), row))
    return BoundarySolids(np.concatenate(corners), np.concatenate(owner))


def _solid(rings: list[list[Floats]], vector: Floats, centre: Floats) -> Floats:
    """Triangles of the room that boundaries enclose, (0, 3, 3) where they are not sound."""
    origin = rings[0][0][0]
    local = [[ring - origin for ring in polygon] for polygon in rings]
    centre = centre - origin
    kept = _outlines(local, vector, centre)
    local, vector, centre = [local[item] for item in kept], vector[kept], centre[kept]
    for candidate in (_shell(local, vector, centre), _below_ceilings(local, vector, centre)):
        if _sound(candidate, vector, centre):
            solid: Floats = candidate + origin
            return solid
    return np.zeros((0, 3, 3))


def _frame(normal: Floats) -> Floats:
    """Two directions in the plane of a unit normal, (2, 3)."""
    helper = np.eye(3)[int(np.argmin(np.abs(normal)))]
    across = np.cross(helper, normal)
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(normal, across)])


def _outlines(rings: list[list[Floats]], vector: Floats, centre: Floats) -> list[int]:
    """Boundaries that do not lie in a larger one: windows repeat a part of a wall that is given gross."""
    area = np.linalg.norm(vector, axis=1)
    normal = vector / area[:, None]
    kept = []
    for item in range(len(rings)):
        near = np.flatnonzero((area > area[item]) & (np.abs(normal @ normal[item]) > 0.99))
        frame = _frame(normal[item])
        hidden = False
        for other in near.tolist():
            if abs((centre[other] - centre[item]) @ normal[item]) < ON_FACE_M:
                holes = [ring @ frame.T for ring in rings[other][1:]]
                outline = shapely.Polygon(rings[other][0] @ frame.T, holes).buffer(0)
                hidden |= bool(outline.contains(shapely.Point(centre[item] @ frame.T)))
        if not hidden:
            kept.append(item)
    return kept


def _triangulated(rings: list[Floats], normal: Floats) -> Floats:
    """Triangles of a planar polygon with holes, (t, 3, 3)."""
    frame = _frame(normal)
    plane = [ring @ frame.T for ring in rings]
    outer, *holes = plane
    solid = shapely.Polygon(outer, holes).buffer(0)
    flat = shapely.get_parts(shapely.constrained_delaunay_triangles(solid))
    if len(flat) == 0:
        return np.zeros((0, 3, 3))
    corners: Floats = shapely.get_coordinates(flat).reshape(-1, 4, 2)[:, :3]
    height = float(np.mean(rings[0] @ normal))
    placed: Floats = corners @ frame + height * normal
    return placed


def _shell(rings: list[list[Floats]], vector: Floats, centre: Floats) -> Floats:
    """The boundaries themselves as a shell, each turned outward."""
    normal = vector / np.linalg.norm(vector, axis=1)[:, None]
    snapped = [[np.round(ring / SNAP_M) * SNAP_M for ring in polygon] for polygon in rings]
    pieces = [_triangulated(polygon, normal[item]) for item, polygon in enumerate(snapped)]
    corners = np.round(np.concatenate(pieces) / SNAP_M) * SNAP_M
    owner = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    tree = triangle_tree(corners, owner)
    inside = np.array(
        [
            piece[np.argmax(np.linalg.norm(area_vectors(piece), axis=1))].mean(axis=0)
            if len(piece)
            else centre[item]
            for item, piece in enumerate(pieces)
        ]
    )
    ray, _, _, item = all_hits(tree, inside, normal, 1e-3, 2 * HIGHEST_M)
    through = item != ray
    # From a face outward, a closed shell is crossed an even number of times.
    crossed = np.bincount(ray[through], minlength=len(pieces))
    turn = (crossed % 2 == 1)[owner]
    facing = np.einsum("ij,ij->i", area_vectors(corners), normal[owner]) > 0
    corners[turn == facing] = corners[turn == facing][:, ::-1]
    return corners


def _below_ceilings(rings: list[list[Floats]], vector: Floats, centre: Floats) -> Floats:
    """A prism over the plan of the floors (else of the ceilings), cut by the ceilings' planes."""
    normal = vector / np.linalg.norm(vector, axis=1)[:, None]
    flat = np.abs(normal[:, 2]) > STEEP
    nothing = np.zeros((0, 3, 3))
    if not flat.any():
        return nothing
    middle = 0.5 * (centre[flat, 2].min() + centre[flat, 2].max())
    floors, ceilings = (
        np.flatnonzero(flat & (centre[:, 2] < middle)),
        np.flatnonzero(flat & (centre[:, 2] >= middle)),
    )
    heights = np.concatenate([ring[:, 2] for polygon in rings for ring in polygon[:1]])
    bottom, top = float(heights.min()), float(heights.max())
    if not SNAP_M < top - bottom < HIGHEST_M or not (len(floors) or len(ceilings)):
        return nothing
    plan = [
        shapely.Polygon(rings[item][0][:, :2], [hole[:, :2] for hole in rings[item][1:]])
        for item in (floors if len(floors) else ceilings)
    ]
    # Strips below and above partitions are missing in many files.
    union = shapely.union_all([polygon.buffer(0) for polygon in plan]).buffer(GAP_M / 2, join_style="mitre")
    outline, _ = parts(object_array([union.buffer(-GAP_M / 2, join_style="mitre")]))
    if len(outline) != 1:
        return nothing
    section = manifold3d.CrossSection(
        polygon_rings(shapely.orient_polygons(outline[0])), manifold3d.FillRule.EvenOdd
    )
    solid = manifold3d.Manifold.extrude(section, top - bottom).translate((0.0, 0.0, bottom))
    for item in ceilings.tolist():
        down = -normal[item] * np.sign(normal[item, 2])
        solid = solid.trim_by_plane(tuple(down), float(down @ centre[item]))
    mesh = solid.to_mesh64()
    corners: Floats = np.asarray(mesh.vert_properties)[:, :3][np.asarray(mesh.tri_verts)]
    return corners.reshape(-1, 3, 3)


def _sound(corners: Floats, vector: Floats, centre: Floats) -> bool:
    """Whether triangles are a closed solid whose faces are the boundaries."""
    if len(corners) == 0:
        return False
    alone = np.zeros(len(corners), np.int64)
    turned, closed = oriented(corners, alone, 1)
    if (
        not closed[0]
        or open_length(turned, alone, 1)[0] > OPEN_M
        or signed_volumes(turned, alone, 1)[0] < SMALLEST_M3
    ):
        return False
    area = np.linalg.norm(vector, axis=1)
    faces = area_vectors(turned)
    size = np.linalg.norm(faces, axis=1)
    face_normal = faces / np.maximum(size, 1e-12)[:, None]
    cosine = np.abs(face_normal @ (vector / area[:, None]).T)
    away = np.abs(np.einsum("ti,ti->t", turned[:, 0], face_normal)[:, None] - face_normal @ centre.T)
    on_face = ((cosine > 0.99) & (away < ON_FACE_M) & (size > 1e-6)[:, None]).any(axis=0)
    on = float(area[on_face].sum())
    return (
        on > ON_FACES * float(area.sum())
        and on > COVERED * float(size.sum())
        and on < float(size.sum()) / COVERED
    )


def with_measures(model: BuildingModel, solids: BoundarySolids) -> BuildingModel:
    """The model with footprint, floor, height, area and volume of the spaces that have got a solid."""
    rows = solids.rows
    if len(rows) == 0:
        return model
    spaces = model.spaces
    outlines = [spaces.footprint.rings(row) for row in range(len(spaces))]
    floor, height = spaces.floor_z_m.copy(), spaces.height_m.copy()
    area, volume = spaces.area_m2.copy(), spaces.volume_m3.copy()
    solid_volume = signed_volumes(solids.corners, solids.owner, len(spaces))
    for row in rows.tolist():
        mine = solids.corners[solids.owner == row]
        down = mine[area_vectors(mine)[:, 2] < -0.5 * np.linalg.norm(area_vectors(mine), axis=1)]
        found, _ = parts(object_array([shapely.union_all(shapely.polygons(down[:, :, :2]), grid_size=1e-4)]))
        if len(found) == 0:
            continue
        largest = shapely.simplify(found[int(np.argmax(shapely.area(found)))], 1e-4)
        outlines[row] = polygon_rings(shapely.orient_polygons(largest))
        floor[row] = float(mine[..., 2].min())
        area[row] = float(shapely.area(found).sum())
        volume[row] = solid_volume[row]
        height[row] = volume[row] / area[row]
    measured: SpaceTable = replace(
        spaces,
        footprint=PolygonTable.pack(outlines, 2),
        floor_z_m=floor,
        height_m=height,
        area_m2=area,
        volume_m3=volume,
    )
    return replace(model, spaces=measured)
