"""Outlines of opening solids as the faces of spaces see them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from ifc.surfaces.planar_faces import PlanarFaces
from ifc.surfaces.solids import area_vectors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

DETAILED_TRIANGLES = 400  # solids with more triangles are taken by their convex outline
GRID = 1e4  # per metre: outlines are unions on a grid of 0.1 mm
OBLIQUE = (0.05, 0.99)  # |cosine| to the normal of sides that are neither along nor across it


class Solids(NamedTuple):
    """Triangles sorted by solid: those of solid ``i`` are ``begin[i]:end[i]``."""

    corners: Floats  # (T, 3, 3)
    vectors: Floats  # (T, 3) area vectors
    begin: Ints
    end: Ints


class Seen(NamedTuple):
    """n solids in the frames of n faces."""

    away: Floats  # (n, 2) least and greatest distance along the normal, in metres
    low: Floats  # (n, 2) box in the plane
    high: Floats  # (n, 2)
    simple: NDArray[np.bool_]  # (n,) whether ``quad`` is the silhouette
    quad: Floats  # (n, 4, 2)
    oblique: NDArray[np.bool_]  # (n,) whether some side is oblique

    def rows(self, index: Ints) -> Seen:
        """Some of the solids."""
        return Seen(
            self.away[index],
            self.low[index],
            self.high[index],
            self.simple[index],
            self.quad[index],
            self.oblique[index],
        )


def seen_from(faces: PlanarFaces, face: Ints, solids: Solids, which: Ints) -> Seen:
    """Solids ``which`` (n,) as faces ``face`` (n,) see them."""
    columns = _seen_from(
        faces.origin[face], faces.normal[face], faces.across[face], faces.up[face], *solids, which
    )
    return Seen(*columns)


@njit(cache=True, nogil=True)
def _seen_from(
    origin: Floats,
    normal: Floats,
    across: Floats,
    up: Floats,
    corners: Floats,
    vectors: Floats,
    begin: Ints,
    end: Ints,
    which: Ints,
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_], Floats, NDArray[np.bool_]]:
    """The columns of :class:`Seen`; frames (n, 3) each, the rest as in :class:`Solids`."""
    count = which.shape[0]
    away = np.empty((count, 2))
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    simple, oblique = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    quad = np.zeros((count, 4, 2))
    flat = np.empty((2, 3, 2))
    for row in range(count):
        n, x, y = normal[row], across[row], up[row]
        away[row, 0], away[row, 1] = np.inf, -np.inf
        facing = 0
        for t in range(begin[which[row]], end[which[row]]):
            v = vectors[t]
            towards = v[0] * n[0] + v[1] * n[1] + v[2] * n[2]
            size = max(np.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]), 1e-15)
            cosine = abs(towards) / size
            oblique[row] |= OBLIQUE[0] < cosine < OBLIQUE[1]
            for corner in range(3):
                d0 = corners[t, corner, 0] - origin[row, 0]
                d1 = corners[t, corner, 1] - origin[row, 1]
                d2 = corners[t, corner, 2] - origin[row, 2]
                along = d0 * n[0] + d1 * n[1] + d2 * n[2]
                a = d0 * x[0] + d1 * x[1] + d2 * x[2]
                b = d0 * y[0] + d1 * y[1] + d2 * y[2]
                away[row, 0], away[row, 1] = min(away[row, 0], along), max(away[row, 1], along)
                low[row, 0], high[row, 0] = min(low[row, 0], a), max(high[row, 0], a)
                low[row, 1], high[row, 1] = min(low[row, 1], b), max(high[row, 1], b)
                if towards > 1e-9 and facing < 2:
                    flat[facing, corner, 0] = np.floor(a * GRID + 0.5) / GRID
                    flat[facing, corner, 1] = np.floor(b * GRID + 0.5) / GRID
            facing += towards > 1e-9
        simple[row] = facing == 2 and _joined(flat[0], flat[1], quad[row])
    return away, low, high, simple, quad, oblique


@njit(cache=True, nogil=True)
def _joined(first: Floats, second: Floats, quad: Floats) -> bool:
    """Whether two triangles (3, 2) share an edge and lie on its two sides; their outline goes to ``quad``."""
    for i in range(3):
        a, b, apex = first[i], first[(i + 1) % 3], first[(i + 2) % 3]
        for j in range(3):
            c, d, other = second[j], second[(j + 1) % 3], second[(j + 2) % 3]
            if a[0] == d[0] and a[1] == d[1] and b[0] == c[0] and b[1] == c[1]:
                edge0, edge1 = b[0] - a[0], b[1] - a[1]
                here = edge0 * (apex[1] - a[1]) - edge1 * (apex[0] - a[0])
                there = edge0 * (other[1] - a[1]) - edge1 * (other[0] - a[0])
                quad[0], quad[1], quad[2], quad[3] = a, other, b, apex
                return bool(here * there < 0)
    return False


def outlines(
    faces: PlanarFaces, face: Ints, solids: Solids, which: Ints, seen: Seen, depth: Floats
) -> Polygons:
    """What opening solids cut out of walls, in the frames of the faces: (n,) polygons.

    A silhouette, or a section where the solid's sides are oblique.

    Args:
        faces: of the spaces.
        face: (n,) the face that sees each solid.
        solids: the opening solids.
        which: (n,) the solid.
        seen: of :func:`seen_from`.
        depth: (n,) where the section lies, in metres along the normal.
    """
    result = np.asarray(shapely.polygons(seen.quad)).copy()
    number = solids.end[which] - solids.begin[which]
    plain = number <= DETAILED_TRIANGLES
    section = seen.oblique & plain
    for row in np.flatnonzero(section | ~(seen.simple & plain)).tolist():
        mine = slice(solids.begin[which[row]], solids.end[which[row]])
        frame = faces.across[face[row]], faces.up[face[row]], faces.normal[face[row]]
        local = solids.corners[mine] - faces.origin[face[row]]
        plane = np.stack([local @ frame[0], local @ frame[1]], axis=-1)
        cut = _section(plane, local @ frame[2] - depth[row]) if section[row] else None
        result[row] = silhouette(solids.vectors[mine], plane, frame[2]) if cut is None else cut
    return result


def _section(plane: Floats, away: Floats) -> shapely.Geometry | None:
    """Where triangles (t, 3, 2) cross distance zero, as a convex outline; None where they do not."""
    points = []
    for k in range(3):
        a, b = away[:, k], away[:, (k + 1) % 3]
        crossing = (a < 0) != (b < 0)
        share = (a[crossing] / (a[crossing] - b[crossing]))[:, None]
        points.append(plane[crossing, k] + share * (plane[crossing, (k + 1) % 3] - plane[crossing, k]))
    section = np.concatenate(points)
    return shapely.LineString(section).convex_hull if len(section) > 2 else None


def silhouette(vectors: Floats, plane: Floats, normal: Floats) -> shapely.Geometry:
    """Outline of a solid seen along a normal: the union of the triangles that face the eye.

    Args:
        vectors: (t, 3) area vectors of the solid's triangles.
        plane: (t, 3, 2) the triangles in the face's frame.
        normal: (3,) of the face.
    """
    if len(plane) > DETAILED_TRIANGLES:
        return shapely.LineString(plane.reshape(-1, 2)).convex_hull
    facing = vectors @ normal > 1e-9
    if not facing.any():
        return shapely.Polygon()
    return shapely.union_all(shapely.polygons(plane[facing]), grid_size=1 / GRID)


def solids_of(corners: Floats, owner: Ints) -> tuple[Solids, Ints]:
    """Triangles (T, 3, 3) of objects (T,) as :class:`Solids`, and the object of each solid."""
    order = np.argsort(owner, kind="stable")
    rows, begin = np.unique(owner[order], return_index=True)
    sorted_corners = np.ascontiguousarray(corners[order])
    end = np.append(begin[1:], len(owner))
    return Solids(sorted_corners, area_vectors(sorted_corners), begin, end), rows
