"""Faces of spaces that look at each other, and what they leave over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.surfaces.box_tree import box_tree, overlapping_boxes
from ifc.surfaces.limits import (
    OVERLAP_M,
    PARALLEL_COSINE,
    SAME_FACE_M,
    SLAB_LIMIT_M,
    SMALLEST_PIECE_M2,
    STEEP,
    WALL_LIMIT_M,
)
from ifc.surfaces.planar_faces import PlanarFaces
from ifc.surfaces.polygons2d import difference, intersections, object_array, parts, united
from ifc.surfaces.rays import Triangles, solids_around

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]


@dataclass(frozen=True)
class Pairs:
    """Where two faces look at each other. All arrays have shape (Q,), sorted by face, then partner."""

    face: Ints  # the lower face number
    partner: Ints
    polygon: Polygons  # in the frame of ``face``
    distance: Floats  # from face to partner along the normal, negative where they overlap


def reach(normal: Floats) -> Floats:
    """How far behind faces with these normals (F, 3) a neighbour may lie, in metres, (F,)."""
    return np.where(np.abs(normal[:, 2]) > STEEP, SLAB_LIMIT_M, WALL_LIMIT_M)


def swept_boxes(faces: PlanarFaces) -> tuple[Floats, Floats]:
    """Bounding boxes of the faces, swept from OVERLAP_M inside the space to their reach, (F, 3) each."""
    back = -OVERLAP_M * faces.normal
    front = reach(faces.normal)[:, None] * faces.normal
    lower = faces.lower + np.minimum(np.minimum(back, front), 0) - 0.02
    upper = faces.upper + np.maximum(np.maximum(back, front), 0) + 0.02
    return lower, upper


def pair_faces(faces: PlanarFaces, space_tree: Triangles) -> tuple[Pairs, Polygons, Ints]:
    """Pair antiparallel faces, the nearest first.

    Args:
        faces: of the spaces.
        space_tree: the solids of the spaces; owner as in ``faces``.

    Returns:
        The pairs, and the polygons that no pair covers with the face of each.
    """
    face, partner, distance = _candidates(faces, space_tree)
    overlap = intersections(faces.polygon[face], faces.moved(faces.polygon[partner], partner, face))
    overlap, source = parts(overlap)
    face, partner, distance = face[source], partner[source], distance[source]
    face, partner, distance, overlap = _nearest_first(faces, face, partner, distance, overlap)

    order = np.lexsort((distance, partner, face))
    pairs = Pairs(face[order], partner[order], overlap[order], distance[order])
    return pairs, *_remainders(faces, pairs)


def _candidates(faces: PlanarFaces, space_tree: Triangles) -> tuple[Ints, Ints, Floats]:
    """Pairs of faces (face < partner) that look at each other within reach, with their distance."""
    tree = box_tree(faces.lower, faces.upper)
    a, b = overlapping_boxes(tree, faces.lower, faces.upper, *swept_boxes(faces))
    keep = a != b
    a, b = np.minimum(a[keep], b[keep]), np.maximum(a[keep], b[keep])
    both = np.unique(a * len(faces) + b)
    a, b = both // len(faces), both % len(faces)
    facing = np.einsum("ij,ij->i", faces.normal[a], faces.normal[b]) < -PARALLEL_COSINE
    a, b = a[facing], b[facing]
    distance = np.einsum("ij,ij->i", faces.origin[b] - faces.origin[a], faces.normal[a])
    keep = (distance > -OVERLAP_M) & (distance < reach(faces.normal[a]))
    a, b, distance = a[keep], b[keep], distance[keep]
    # Faces of one space that overlap are two sides of a wall thinner than the overlap, or those of a niche.
    suspect = np.flatnonzero((faces.owner[a] == faces.owner[b]) & (distance < -SAME_FACE_M))
    niche = suspect[~_inside_own(faces, space_tree, a[suspect], b[suspect])]
    keep = np.ones(len(a), np.bool_)
    keep[niche] = False
    return a[keep], b[keep], distance[keep]


def _inside_own(faces: PlanarFaces, space_tree: Triangles, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Whether the space of faces ``a`` goes on beyond them where ``b`` of it lies behind, (n,)."""
    common = intersections(faces.polygon[a], faces.moved(faces.polygon[b], b, a))
    inner = shapely.point_on_surface(common)
    inside = np.zeros(len(a), np.bool_)
    some = np.flatnonzero(~shapely.is_empty(inner))
    if len(some):
        plane = shapely.get_coordinates(inner[some])
        points = faces.points(a[some], plane) + 2 * SAME_FACE_M * faces.normal[a[some]]
        point, owner = solids_around(space_tree, points)
        inside[some[point[owner == faces.owner[a[some]][point]]]] = True
    return inside


def _nearest_first(
    faces: PlanarFaces, face: Ints, partner: Ints, distance: Floats, overlap: Polygons
) -> tuple[Ints, Ints, Floats, Polygons]:
    """Take away from each overlap what a nearer one of the same face or partner has already."""
    order = np.lexsort((partner, face, np.round(np.abs(distance), 4)))
    face, partner, distance, overlap = face[order], partner[order], distance[order], overlap[order]
    there = faces.moved(overlap, face, partner)  # the same polygons in the partners' frames
    taken: dict[int, list[shapely.Polygon]] = {}
    boxes_here, boxes_there = shapely.bounds(overlap), shapely.bounds(there)
    taken_boxes: dict[int, list[Floats]] = {}
    result: list[tuple[int, shapely.Polygon]] = []
    for row in range(len(face)):
        i, j = int(face[row]), int(partner[row])
        before_here = _touching(taken.get(i, []), taken_boxes.get(i, []), boxes_here[row])
        before_there = _touching(taken.get(j, []), taken_boxes.get(j, []), boxes_there[row])
        pieces = [(overlap[row], there[row])]
        if before_here or before_there:
            polygon = overlap[row]
            if before_here:
                polygon = difference(polygon, united(before_here))
            if before_there:
                back = faces.moved(object_array([united(before_there)]), np.array([j]), np.array([i]))[0]
                polygon = difference(polygon, back)
            left, _ = parts(object_array([polygon]))
            moved = faces.moved(left, np.full(len(left), i), np.full(len(left), j))
            pieces = list(zip(left, moved, strict=True))
        for polygon, moved_polygon in pieces:
            result.append((row, polygon))
            taken.setdefault(i, []).append(polygon)
            taken_boxes.setdefault(i, []).append(shapely.bounds(polygon))
            taken.setdefault(j, []).append(moved_polygon)
            taken_boxes.setdefault(j, []).append(shapely.bounds(moved_polygon))
    rows = np.array([row for row, _ in result], np.int64)
    return face[rows], partner[rows], distance[rows], object_array([polygon for _, polygon in result])


def _touching(polygons: list[shapely.Polygon], boxes: list[Floats], box: Floats) -> list[shapely.Polygon]:
    """The polygons whose boxes overlap a box by more than a millimetre."""
    if not polygons:
        return []
    known = np.array(boxes)
    near = (
        (known[:, 0] < box[2] - 1e-3)
        & (known[:, 2] > box[0] + 1e-3)
        & (known[:, 1] < box[3] - 1e-3)
        & (known[:, 3] > box[1] + 1e-3)
    )
    return [polygons[row] for row in np.flatnonzero(near)]


def _remainders(faces: PlanarFaces, pairs: Pairs) -> tuple[Polygons, Ints]:
    """What the pairs leave of each face: polygons and the face of each."""
    face = np.concatenate([pairs.face, pairs.partner])
    polygon = np.concatenate([pairs.polygon, faces.moved(pairs.polygon, pairs.face, pairs.partner)])
    covered = np.bincount(face, shapely.area(polygon), len(faces))
    left = faces.polygon.copy()
    order = np.argsort(face, kind="stable")
    start = np.searchsorted(face[order], np.arange(len(faces) + 1))
    for item in np.unique(face).tolist():
        if covered[item] > faces.polygon[item].area - SMALLEST_PIECE_M2:
            left[item] = shapely.Polygon()
        else:
            mine = polygon[order[start[item] : start[item + 1]]]
            left[item] = difference(left[item], united(mine))
    return parts(left)
