"""Which free space is outdoors: a voxel flood from outside the building.

Triangles are rasterised conservatively (every voxel that a triangle touches is solid), by the
separating tests of Schwarz & Seidel (2010), doi:10.1145/1882261.1866201, so a shell without gaps is
tight at any voxel size, and gaps narrower than a voxel are closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ifc.surfaces.box_tree import box_tree, overlapping_boxes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VOXEL_M = 0.2
MOST_VOXELS = 12_000_000
MARGIN_M = 8.0  # around the spaces of one building: rooms without a space, basements
MARGIN_ABOVE_M = 12.0  # attics and roofs above the highest space


class Air(IntEnum):
    """What a voxel holds."""

    ENCLOSED = 0
    SOLID = 1
    OUTDOORS = 2


_ENCLOSED, _SOLID, _OUTDOORS = (int(air) for air in Air)  # as plain numbers for the kernels


@dataclass(frozen=True)
class AirGrid:
    """The voxels about one building."""

    origin: Floats  # (3,) low corner
    size_m: float
    air: NDArray[np.uint8]  # (nx, ny, nz) Air


def air_grids(space_lower: Floats, space_upper: Floats, corners: Floats) -> list[AirGrid]:
    """One flooded grid per group of spaces that stand near each other.

    Args:
        space_lower: (N, 3) low corners of the spaces.
        space_upper: (N, 3) high corners.
        corners: (T, 3, 3) triangles of all elements and spaces.
    """
    if len(space_lower) == 0:
        return []
    tree = box_tree(space_lower, space_upper)
    a, b = overlapping_boxes(tree, space_lower, space_upper, space_lower - MARGIN_M, space_upper + MARGIN_M)
    links = coo_array((np.ones(len(a)), (a, b)), shape=(len(space_lower), len(space_lower)))
    groups, group = connected_components(links, directed=False)
    lower, upper = corners.min(axis=1), corners.max(axis=1)
    below, above = np.full(3, MARGIN_M), np.array([MARGIN_M, MARGIN_M, MARGIN_ABOVE_M])
    grids = []
    for number in range(groups):
        mine = group == number
        low = space_lower[mine].min(axis=0) - below
        high = space_upper[mine].max(axis=0) + above
        touching = ((lower < high) & (upper > low)).all(axis=1)
        low = np.maximum(low, lower[touching].min(axis=0) - 2 * VOXEL_M)
        high = np.minimum(high, upper[touching].max(axis=0) + 2 * VOXEL_M)
        grids.append(_flooded(low, high, corners[touching]))
    return grids


def _flooded(low: Floats, high: Floats, corners: Floats) -> AirGrid:
    size = max(VOXEL_M, float((np.prod(high - low) / MOST_VOXELS) ** (1 / 3)))
    shape = np.ceil((high - low) / size).astype(np.int64) + 2
    origin = low - size
    air = np.zeros(tuple(shape), np.uint8)
    _rasterise((corners - origin) / size, air)
    _flood(air)
    return AirGrid(origin, size, air)


def air_behind(
    grids: list[AirGrid], points: Floats, directions: Floats, free: Floats, *, sideways: bool = False
) -> NDArray[np.int8]:
    """What lies beyond points, (n,): the first voxel along the direction that is not solid.

    Args:
        grids: of :func:`air_grids`.
        points: (n, 3) in metres.
        directions: (n, 3) unit.
        free: (n,) how far the direction is free of solids, in metres.
        sideways: look for the nearest voxel in the half space ahead where walls run along the ray.

    Returns:
        ``Air.OUTDOORS`` or ``Air.ENCLOSED``; ``Air.SOLID`` where the voxels cannot tell.
    """
    result = np.full(len(points), Air.OUTDOORS, np.int8)
    for grid in grids:
        _look(
            grid.air,
            np.ascontiguousarray((points - grid.origin) / grid.size_m),
            np.ascontiguousarray(directions),
            np.ascontiguousarray(free / grid.size_m),
            sideways,
            result,
        )
    return result


@njit(cache=True, nogil=True)
def _look(
    air: NDArray[np.uint8],
    points: Floats,
    directions: Floats,
    free: Floats,
    sideways: bool,
    result: NDArray[np.int8],
) -> None:
    """Fill ``result`` for the points (n, 3), in voxel units, that lie in the grid."""
    steps = np.array([0.0, 0.6, 1.0, 1.4, 1.9, 2.5, 3.2])  # past the voxels of the last solid itself
    nx, ny, nz = air.shape
    for row in range(points.shape[0]):
        p, d = points[row], directions[row]
        if not (0 <= p[0] < nx and 0 <= p[1] < ny and 0 <= p[2] < nz):
            continue
        found = _SOLID
        for step in steps:
            if step > free[row]:
                break
            i = int(np.floor(p[0] + step * d[0]))
            j = int(np.floor(p[1] + step * d[1]))
            k = int(np.floor(p[2] + step * d[2]))
            if i < 0 or j < 0 or k < 0 or i >= nx or j >= ny or k >= nz:
                found = _OUTDOORS
                break
            if air[i, j, k] != _SOLID:
                found = int(air[i, j, k])
                break
        if found == _SOLID and sideways:
            best = np.inf
            for a in range(-3, 4):
                for b in range(-3, 4):
                    for c in range(-3, 4):
                        i, j, k = int(p[0]) + a, int(p[1]) + b, int(p[2]) + c
                        if i < 0 or j < 0 or k < 0 or i >= nx or j >= ny or k >= nz:
                            continue
                        ahead = a * d[0] + b * d[1] + c * d[2]
                        away = a * a + b * b + c * c
                        if air[i, j, k] != _SOLID and ahead >= 0 and away - 0.5 * ahead < best:
                            best = away - 0.5 * ahead
                            found = int(air[i, j, k])
        result[row] = found


@njit(cache=True, nogil=True)
def _rasterise(corners: Floats, air: NDArray[np.uint8]) -> None:
    """Mark every voxel that a triangle touches. Corners (T, 3, 3) in voxel units."""
    slack = 1e-6
    first, last = np.empty(3, np.int64), np.empty(3, np.int64)
    for t in range(corners.shape[0]):
        v = corners[t]
        outside = False
        for axis in range(3):
            low = min(v[0, axis], v[1, axis], v[2, axis])
            high = max(v[0, axis], v[1, axis], v[2, axis])
            if high < 0 or low >= air.shape[axis]:
                outside = True
            first[axis] = max(0, int(np.floor(low - slack)))
            last[axis] = min(air.shape[axis] - 1, int(np.floor(high + slack)))
        if outside:
            continue
        e0, e1, e2 = v[1] - v[0], v[2] - v[1], v[0] - v[2]
        n = np.array(
            [
                e0[1] * e1[2] - e0[2] * e1[1],
                e0[2] * e1[0] - e0[0] * e1[2],
                e0[0] * e1[1] - e0[1] * e1[0],
            ]
        )
        # Plane: the box overlaps when its nearest and farthest corners lie on both sides.
        half = 0.5 * (abs(n[0]) + abs(n[1]) + abs(n[2]))
        at_plane = n[0] * v[0, 0] + n[1] * v[0, 1] + n[2] * v[0, 2]
        # Edges in the three projections: a * x + b * y + c >= 0 for boxes that may overlap.
        line = np.empty((9, 3))
        for axis in range(3):
            x, y = (axis + 1) % 3, (axis + 2) % 3
            sign = 1.0 if n[axis] >= 0 else -1.0
            for edge in range(3):
                e = e0 if edge == 0 else (e1 if edge == 1 else e2)
                a, b = -e[y] * sign, e[x] * sign
                c = -(a * v[edge, x] + b * v[edge, y]) + max(0.0, a) + max(0.0, b)
                line[3 * axis + edge, 0], line[3 * axis + edge, 1] = a, b
                line[3 * axis + edge, 2] = c + slack
        for i in range(first[0], last[0] + 1):
            for j in range(first[1], last[1] + 1):
                if line[6, 0] * i + line[6, 1] * j + line[6, 2] < 0:
                    continue
                if line[7, 0] * i + line[7, 1] * j + line[7, 2] < 0:
                    continue
                if line[8, 0] * i + line[8, 1] * j + line[8, 2] < 0:
                    continue
                for k in range(first[2], last[2] + 1):
                    if air[i, j, k] == _SOLID:
                        continue
                    centre = n[0] * (i + 0.5) + n[1] * (j + 0.5) + n[2] * (k + 0.5)
                    if abs(centre - at_plane) > half + slack:
                        continue
                    hit = True
                    for edge in range(3):
                        if line[edge, 0] * j + line[edge, 1] * k + line[edge, 2] < 0:
                            hit = False
                        if line[3 + edge, 0] * k + line[3 + edge, 1] * i + line[3 + edge, 2] < 0:
                            hit = False
                    if hit:
                        air[i, j, k] = _SOLID


@njit(cache=True, nogil=True)
def _flood(air: NDArray[np.uint8]) -> None:
    """Mark as outdoors what the border of the grid reaches through the six sides of voxels."""
    nx, ny, nz = air.shape
    flat = air.reshape(-1)
    stack = np.empty(max(64, 2 * (nx * ny + ny * nz + nx * nz)), np.int64)
    top = 0
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if i == 0 or j == 0 or k == 0 or i == nx - 1 or j == ny - 1 or k == nz - 1:
                    cell = (i * ny + j) * nz + k
                    if flat[cell] == _ENCLOSED:
                        flat[cell] = _OUTDOORS
                        stack[top] = cell
                        top += 1
    while top > 0:
        top -= 1
        cell = stack[top]
        if top + 6 >= stack.shape[0]:
            grown = np.empty(2 * stack.shape[0], np.int64)
            grown[: top + 1] = stack[: top + 1]
            stack = grown
        k = cell % nz
        j = (cell // nz) % ny
        i = cell // (nz * ny)
        if k > 0 and flat[cell - 1] == _ENCLOSED:
            flat[cell - 1] = _OUTDOORS
            stack[top] = cell - 1
            top += 1
        if k < nz - 1 and flat[cell + 1] == _ENCLOSED:
            flat[cell + 1] = _OUTDOORS
            stack[top] = cell + 1
            top += 1
        if j > 0 and flat[cell - nz] == _ENCLOSED:
            flat[cell - nz] = _OUTDOORS
            stack[top] = cell - nz
            top += 1
        if j < ny - 1 and flat[cell + nz] == _ENCLOSED:
            flat[cell + nz] = _OUTDOORS
            stack[top] = cell + nz
            top += 1
        if i > 0 and flat[cell - ny * nz] == _ENCLOSED:
            flat[cell - ny * nz] = _OUTDOORS
            stack[top] = cell - ny * nz
            top += 1
        if i < nx - 1 and flat[cell + ny * nz] == _ENCLOSED:
            flat[cell + ny * nz] = _OUTDOORS
            stack[top] = cell + ny * nz
            top += 1
