"""Many triangulated solids at once: welding, winding, closedness, volume and feature edges.

A *soup* is T triangles as corners (T, 3, 3) with the object that each belongs to, (T,), sorted by
object. All functions treat all objects in one pass.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WELD_M = 1e-5
OPEN_SHARE = 2e-3  # |sum of area vectors| / area above which a shell counts as open
FEATURE_ANGLE_COSINE = float(np.cos(np.radians(2.0)))


def summed(index: NDArray[np.integer], values: Floats, count: int) -> Floats:
    """Sum of the values of each index, (count,); float64 also where there are no values."""
    return np.bincount(index, values, count).astype(np.float64)


def area_vectors(corners: Floats) -> Floats:
    """Area vector of each triangle, (T, 3): its normal times its area."""
    return 0.5 * np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def signed_volumes(corners: Floats, owner: Ints, count: int) -> Floats:
    """Signed volume of each of ``count`` objects in m³, about an origin of its own, (count,)."""
    origin = np.zeros((count, 3))
    origin[owner] = corners[:, 0]
    local = corners - origin[owner][:, None]
    tetrahedra = np.einsum("ij,ij->i", local[:, 0], np.cross(local[:, 1], local[:, 2])) / 6
    return summed(owner, tetrahedra, count)


def openness(corners: Floats, owner: Ints, count: int) -> Floats:
    """|sum of area vectors| / area of each object, 0 for a closed shell, (count,)."""
    vectors = area_vectors(corners)
    total = summed(owner, np.linalg.norm(vectors, axis=1), count)
    net = np.stack([summed(owner, vectors[:, axis], count) for axis in range(3)], axis=1)
    share: Floats = np.linalg.norm(net, axis=1) / np.maximum(total, 1e-12)
    return share


def open_length(corners: Floats, owner: Ints, count: int) -> Floats:
    """Length of edges that no other triangle closes, in metres, (count,); T-junctions count as closed."""
    if len(corners) == 0:
        return np.zeros(count)
    group, _, forward = _edges(welded_corners(corners, owner))
    balance = np.bincount(group, np.where(forward, 1, -1))
    rows = np.flatnonzero(balance[group] != 0)
    tail = corners[rows // 3, rows % 3]
    head = corners[rows // 3, (rows % 3 + 1) % 3]
    length = np.linalg.norm(head - tail, axis=1)
    keep = length > WELD_M
    rows, tail, head, length = rows[keep], tail[keep], head[keep], length[keep]
    direction = (head - tail) / length[:, None]
    # One direction for each line: the first coordinate that is not zero counts up.
    leading = np.argmax(np.abs(direction) > 1e-3, axis=1)
    turn = np.where(direction[np.arange(len(rows)), leading] < 0, -1.0, 1.0)
    direction *= turn[:, None]
    item = owner[rows // 3]
    origin = np.zeros((count, 3))
    origin[owner] = corners[:, 0]
    local = tail - origin[item]
    line = np.concatenate([direction, np.cross(local, direction)], axis=1)
    at = np.einsum("ij,ij->i", local, direction)
    ends = np.sort(np.stack([at, at + turn * length], axis=1), axis=1)
    found = [_uncovered(item, np.floor(line / 2e-3 + shift), ends, turn, count) for shift in (0.2, 0.7)]
    return np.minimum(*found)


def longest_open_edge(corners: Floats) -> tuple[float, Floats]:
    """The longest edge of one solid (T, 3, 3) that no triangle closes: its length in metres and middle."""
    group, _, forward = _edges(welded_corners(corners, np.zeros(len(corners), np.int64)))
    balance = np.bincount(group, np.where(forward, 1, -1))
    rows = np.flatnonzero(balance[group] != 0)
    if len(rows) == 0:
        return 0.0, corners.reshape(-1, 3).mean(axis=0)
    tail, head = corners[rows // 3, rows % 3], corners[rows // 3, (rows % 3 + 1) % 3]
    length = np.linalg.norm(head - tail, axis=1)
    best = int(np.argmax(length))
    return float(length[best]), (tail[best] + head[best]) / 2


def _uncovered(item: Ints, line: Floats, ends: Floats, sign: Floats, count: int) -> Floats:
    """Length per object where signed intervals on lines do not cancel, (count,)."""
    _, number = np.unique(np.column_stack([item, line]), axis=0, return_inverse=True)
    number = np.concatenate([number, number])
    at = np.concatenate([ends[:, 0], ends[:, 1]])
    step = np.concatenate([sign, -sign])
    order = np.lexsort((at, number))
    number, at, step = number[order], at[order], step[order]
    depth = np.cumsum(step)  # returns to zero at the end of each line
    gap = np.where(number[1:] == number[:-1], np.abs(depth[:-1]) * np.diff(at), 0.0)
    return summed(np.concatenate([item, item])[order][:-1], gap, count)


def welded_corners(corners: Floats, owner: Ints) -> Ints:
    """Vertex number of each corner, (T, 3): corners of one object within 0.01 mm share one."""
    # The shift keeps round coordinates away from the border between two cells.
    cells = np.floor(corners.reshape(-1, 3) / WELD_M + 0.318).astype(np.int64).view(np.uint64)
    keys = np.repeat(owner, 3).astype(np.uint64)
    with np.errstate(over="ignore"):
        for axis in range(3):
            keys = (keys ^ cells[:, axis]) * np.uint64(0x9E3779B97F4A7C15)
            keys ^= keys >> np.uint64(29)
    return np.unique(keys, return_inverse=True)[1].reshape(-1, 3)


def _edges(vertex: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Undirected edges of triangles: group of each half-edge (3T,), group count, forward flags (3T,).

    Half-edge 3 t + k runs from corner k of triangle t to its next corner.
    """
    tail = vertex.ravel()
    head = vertex[:, [1, 2, 0]].ravel()
    forward = tail < head
    key = np.minimum(tail, head) * (vertex.max(initial=0) + 1) + np.maximum(tail, head)
    _, group = np.unique(key, return_inverse=True)
    return group, np.bincount(group), forward


def oriented(corners: Floats, owner: Ints, count: int) -> tuple[Floats, NDArray[np.bool_]]:
    """The same triangles with normals outward, and whether each object is a closed shell, (count,)."""
    if len(corners) == 0:
        return corners, np.zeros(count, np.bool_)
    group, _, forward = _edges(welded_corners(corners, owner))
    balance = np.bincount(group, np.where(forward, 1, -1))
    half_edge_owner = np.repeat(owner, 3)
    unbalanced = np.unique(half_edge_owner[balance[group] != 0])
    result = corners.copy()
    for item in unbalanced:
        rows = slice(*np.searchsorted(owner, [item, item + 1]))
        edges = group[3 * rows.start : 3 * rows.stop]
        turned = _consistent(np.argsort(edges, kind="stable"), edges, forward[3 * rows.start : 3 * rows.stop])
        candidate = corners[rows].copy()
        candidate[turned] = candidate[turned][:, ::-1]
        alone = np.zeros(len(candidate), np.int64)
        if openness(candidate, alone, 1)[0] < 0.5 * openness(corners[rows], alone, 1)[0]:
            result[rows] = candidate
    closed = openness(result, owner, count) < OPEN_SHARE
    inverted = closed & (signed_volumes(result, owner, count) < 0)
    flip = inverted[owner]
    result[flip] = result[flip][:, ::-1]
    return result, closed


@njit(cache=True, nogil=True)
def _consistent(order: Ints, group: Ints, forward: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which triangles of one object to turn so that neighbours agree, (t,).

    Args:
        order: (3 t,) half-edges sorted by edge.
        group: (3 t,) edge of each half-edge.
        forward: (3 t,) whether each half-edge runs from the lower to the higher vertex.
    """
    count = group.shape[0] // 3
    other = np.full(3 * count, -1, np.int64)  # the half-edge across, of edges with two sides
    i = 0
    while i < order.shape[0]:
        j = i
        while j < order.shape[0] and group[order[j]] == group[order[i]]:
            j += 1
        if j - i == 2:
            other[order[i]], other[order[i + 1]] = order[i + 1], order[i]
        i = j
    turned = np.zeros(count, np.bool_)
    seen = np.zeros(count, np.bool_)
    stack = np.empty(count, np.int64)
    for seed in range(count):
        if seen[seed]:
            continue
        seen[seed] = True
        stack[0] = seed
        top = 1
        while top > 0:
            top -= 1
            here = stack[top]
            for side in range(3):
                across = other[3 * here + side]
                if across >= 0 and not seen[across // 3]:
                    there = across // 3
                    seen[there] = True
                    turned[there] = turned[here] ^ (forward[across] == forward[3 * here + side])
                    stack[top] = there
                    top += 1
    return turned


def feature_edges(corners: Floats, owner: Ints) -> tuple[Floats, Ints]:
    """Edges between triangles that are not coplanar, and edges of open shells.

    Returns:
        End points (M, 2, 3) and object (M,).
    """
    if len(corners) == 0:
        return np.zeros((0, 2, 3)), np.zeros(0, np.int64)
    vectors = area_vectors(corners)
    normals = vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-15)[:, None]
    group, size, _ = _edges(welded_corners(corners, owner))
    order = np.argsort(group, kind="stable")
    first = order[np.concatenate([[0], np.cumsum(size)[:-1]])]
    second = order[np.cumsum(size) - 1]
    flat = (size == 2) & (
        np.einsum("ij,ij->i", normals[first // 3], normals[second // 3]) > FEATURE_ANGLE_COSINE
    )
    half_edge = first[~flat]
    triangle, corner = half_edge // 3, half_edge % 3
    ends = np.stack([corners[triangle, corner], corners[triangle, (corner + 1) % 3]], axis=1)
    return ends, owner[triangle]
