"""Coplanar triangles of solids, joined into polygons with holes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from ifc.surfaces.polygons2d import object_array, valid
from ifc.surfaces.solids import area_vectors, summed, welded_corners

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]  # shapely polygons

COPLANAR_COSINE = 1 - 0.0015  # 3.1 degrees
COPLANAR_M = 0.005  # a face's triangles lie this close to its plane
SMALLEST_FACE_M2 = 1e-3


@dataclass(frozen=True)
class PlanarFaces:
    """F planar faces of solids, each a polygon in a plane frame of its own.

    A point (x, y) of a polygon lies at ``origin + x * across + y * up``; ``across``, ``up`` and
    ``normal`` form a right-handed frame, and ``across`` runs along the face's longest edge.
    """

    owner: Ints  # (F,)
    normal: Floats  # (F, 3) unit, outward
    origin: Floats  # (F, 3)
    across: Floats  # (F, 3)
    up: Floats  # (F, 3)
    polygon: Polygons  # (F,)
    lower: Floats  # (F, 3) bounding box
    upper: Floats  # (F, 3)

    def __len__(self) -> int:
        return len(self.owner)

    def points(self, face: Ints, plane: Floats) -> Floats:
        """Plane coordinates (n, 2) on faces (n,) as points in space (n, 3)."""
        return self.origin[face] + plane[:, :1] * self.across[face] + plane[:, 1:2] * self.up[face]

    def plane(self, face: Ints, points: Floats) -> Floats:
        """Points (n, 3) projected onto faces (n,), as plane coordinates (n, 2)."""
        return _in_frame(points - self.origin[face], self.across[face], self.up[face])

    def boxes(self, face: Ints, polygons: Polygons) -> tuple[Floats, Floats]:
        """Low and high corners (n, 3) of polygons (n,) in the frames of faces (n,)."""
        coordinates, item = shapely.get_coordinates(polygons, return_index=True)
        if len(item) == 0:
            return np.zeros((0, 3)), np.zeros((0, 3))
        points = self.points(face[item], coordinates)
        begin = np.searchsorted(item, np.arange(len(polygons)))
        return np.minimum.reduceat(points, begin), np.maximum.reduceat(points, begin)

    def moved(self, polygons: Polygons, source: Ints, target: Ints) -> Polygons:
        """Polygons (n,) of the faces ``source`` projected onto the planes of ``target``, both (n,)."""
        coordinates, item = shapely.get_coordinates(polygons, return_index=True)
        points = self.points(source[item], coordinates)
        moved = np.asarray(shapely.set_coordinates(polygons.copy(), self.plane(target[item], points)))
        # Faces may be three degrees apart, and rounding moves holes over their outlines.
        return valid(moved)


def planar_faces(corners: Floats, owner: Ints) -> PlanarFaces:
    """Join coplanar triangles of one object into faces.

    Args:
        corners: (T, 3, 3) triangles with normals outward.
        owner: (T,) object of each, sorted.
    """
    vectors = area_vectors(corners)
    areas = np.linalg.norm(vectors, axis=1)
    sound = areas > 1e-9
    corners, owner, vectors, areas = corners[sound], owner[sound], vectors[sound], areas[sound]
    normals = vectors / areas[:, None]
    # Largest triangles first within their object: each cluster grows about its largest one.
    order = np.lexsort((-areas, owner))
    corners, owner, vectors, areas = corners[order], owner[order], vectors[order], areas[order]
    cluster = _clusters(corners, normals[order], owner)
    count = int(cluster.max(initial=-1)) + 1
    weight = summed(cluster, areas, count)
    normal = _sums(cluster, vectors, count)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-15)[:, None]
    centre = _sums(cluster, areas[:, None] * corners.mean(axis=1), count) / np.maximum(weight, 1e-15)[:, None]
    tails, heads, tail, head, edge_cluster = _boundary(corners, owner, cluster)
    across = _longest_edge(tails, heads, edge_cluster, normal)
    up = np.cross(normal, across)

    polygons: list[shapely.Polygon] = []
    source: list[int] = []
    edge_start = np.searchsorted(edge_cluster, np.arange(count + 1))
    by_cluster = np.argsort(cluster, kind="stable")
    start = np.searchsorted(cluster[by_cluster], np.arange(count + 1))
    relative = tails - centre[edge_cluster]
    plane = _in_frame(relative, across[edge_cluster], up[edge_cluster])
    for item in range(count):
        edges = slice(edge_start[item], edge_start[item + 1])
        found = _from_rings(tail[edges].tolist(), head[edges].tolist(), plane[edges])
        if found is None or abs(sum(part.area for part in found) - weight[item]) > 1e-3 * weight[item]:
            triangles = by_cluster[start[item] : start[item + 1]]
            flat = corners[triangles] - centre[item]
            found = _from_triangles(np.stack([flat @ across[item], flat @ up[item]], axis=-1))
        polygons += found
        source += [item] * len(found)

    shapes = np.asarray(shapely.simplify(object_array(polygons), 1e-4))
    index = np.array(source, np.int64)
    keep = shapely.area(shapes) > SMALLEST_FACE_M2
    shapes, index = shapes[keep], index[keep]
    cluster_owner = np.zeros(count, np.int64)
    cluster_owner[cluster] = owner
    faces = PlanarFaces(
        owner=cluster_owner[index],
        normal=normal[index],
        origin=centre[index],
        across=across[index],
        up=up[index],
        polygon=shapes,
        lower=np.zeros((len(index), 3)),
        upper=np.zeros((len(index), 3)),
    )
    lower, upper = faces.boxes(np.arange(len(index)), shapes)
    return replace(faces, lower=lower, upper=upper)


def _sums(index: Ints, values: Floats, count: int) -> Floats:
    """Sum of the vectors (n, 3) of each index, (count, 3)."""
    return np.stack([summed(index, values[:, axis], count) for axis in range(3)], axis=1)


def _in_frame(relative: Floats, across: Floats, up: Floats) -> Floats:
    """Vectors (n, 3) in the directions of frames, (n, 2)."""
    return np.stack([np.einsum("ij,ij->i", relative, across), np.einsum("ij,ij->i", relative, up)], axis=1)


@njit(cache=True, nogil=True)
def _clusters(corners: Floats, normals: Floats, owner: Ints) -> Ints:
    """Number of the plane that each triangle lies in, (T,). Triangles sorted by object, then by size."""
    count = corners.shape[0]
    cluster = np.full(count, -1, np.int64)
    clusters = 0
    begin = 0
    while begin < count:
        end = begin
        while end < count and owner[end] == owner[begin]:
            end += 1
        for seed in range(begin, end):
            if cluster[seed] >= 0:
                continue
            cluster[seed] = clusters
            n = normals[seed]
            offset = np.dot(n, corners[seed, 0])
            for other in range(seed + 1, end):
                if cluster[other] >= 0 or np.dot(n, normals[other]) < COPLANAR_COSINE:
                    continue
                near = True
                for corner in range(3):
                    if abs(np.dot(n, corners[other, corner]) - offset) > COPLANAR_M:
                        near = False
                if near:
                    cluster[other] = clusters
            clusters += 1
        begin = end
    return cluster


def _boundary(corners: Floats, owner: Ints, cluster: Ints) -> tuple[Floats, Floats, Ints, Ints, Ints]:
    """Half-edges whose reverse is not in the same cluster, sorted by cluster.

    Returns:
        Points (e, 3) of the tails and heads, their vertex numbers (e,) and the cluster (e,).
    """
    vertex = welded_corners(corners, owner)
    tail, head = vertex.ravel(), vertex[:, [1, 2, 0]].ravel()
    of = np.repeat(cluster, 3)
    size = int(vertex.max(initial=0)) + 1
    forward = (of * size + tail) * size + head
    backward = (of * size + head) * size + tail
    rows = np.flatnonzero(~np.isin(forward, backward) & (tail != head))
    rows = rows[np.argsort(of[rows], kind="stable")]
    points = corners.reshape(-1, 3)
    next_points = corners[:, [1, 2, 0]].reshape(-1, 3)
    return points[rows], next_points[rows], tail[rows], head[rows], of[rows]


def _longest_edge(tail: Floats, head: Floats, cluster: Ints, normal: Floats) -> Floats:
    """Unit direction in each cluster's plane along its longest boundary edge, (C, 3)."""
    edge = head - tail
    length = np.linalg.norm(edge, axis=1)
    # The longest edge of each cluster comes last; of equal ones the first in the file.
    order = np.lexsort((-np.arange(len(edge)), np.round(length, 6), cluster))
    direction = np.where(np.abs(normal[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    direction[cluster[order]] = edge[order]
    direction -= np.einsum("ij,ij->i", direction, normal)[:, None] * normal
    size = np.linalg.norm(direction, axis=1)
    fallback = np.cross(normal, np.roll(np.eye(3)[np.argmax(np.abs(normal), axis=1)], 1, axis=1))
    direction = np.where(size[:, None] > 1e-9, direction, fallback)
    result: Floats = direction / np.linalg.norm(direction, axis=1)[:, None]
    return result


def _from_rings(tail: list[int], head: list[int], plane: Floats) -> list[shapely.Polygon] | None:
    """Polygons from boundary half-edges; None where they do not form simple rings."""
    following = dict(zip(tail, head, strict=True))
    if len(following) != len(tail):
        return None
    row_of = {vertex: row for row, vertex in enumerate(tail)}
    rings = []
    while following:
        start, here = next(iter(following.items()))
        ring = [row_of[start]]
        del following[start]
        while here != start:
            if here not in following:
                return None
            ring.append(row_of[here])
            here = following.pop(here)
        if len(ring) < 3:
            return None
        rings.append(plane[ring])
    shells: list[Floats] = []
    holes: list[Floats] = []
    for points in rings:
        (shells if _signed_area(points) > 0 else holes).append(points)
    if len(shells) == 1:
        parts = [shapely.Polygon(shells[0], holes)]
    else:
        parts = [shapely.Polygon(shell) for shell in shells]
        for hole in holes:
            inside = shapely.Polygon(hole).representative_point()
            for number, part in enumerate(parts):
                if part.contains(inside):
                    parts[number] = shapely.Polygon(
                        part.exterior, [*(ring.coords for ring in part.interiors), hole]
                    )
                    break
            else:
                return None
    return parts if all(part.is_valid for part in parts) else None


def _signed_area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(0.5 * (x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1]))


def _from_triangles(flat: Floats) -> list[shapely.Polygon]:
    """Polygons as the union of triangles (t, 3, 2): for triangles that overlap or do not share corners."""
    union = shapely.union_all(shapely.buffer(shapely.polygons(flat), 0), grid_size=1e-5)
    return [part for part in shapely.get_parts(union).tolist() if part.geom_type == "Polygon"]
