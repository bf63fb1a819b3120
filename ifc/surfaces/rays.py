"""Rays through triangulated solids: every hit with its sign, and the solid matter between them.

A ray is a short segment. The tree is walked by overlap with the segment's box, which is exact for
rays along an axis and costs little for others at these lengths. Triangle test: Möller & Trumbore
(1997), doi:10.1080/10867651.1997.10487468.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ifc.surfaces.box_tree import BoxTree, box_tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_HIT_M = 1e-5  # hits of one solid closer than this are one (a ray through a shared edge)
ENTRY, EXIT = -1, 1


class Triangles(NamedTuple):
    """T triangles of solids, with a tree over them."""

    corners: Floats  # (T, 3, 3)
    owner: Ints  # (T,) the object that each triangle belongs to
    tree: BoxTree


def triangle_tree(corners: Floats, owner: NDArray[np.integer]) -> Triangles:
    """Triangles (T, 3, 3) and their objects (T,), in the tree's order so that leaves are contiguous."""
    corners = np.ascontiguousarray(corners, np.float64).reshape(-1, 3, 3)
    tree = box_tree(corners.min(axis=1), corners.max(axis=1))
    in_order = tree._replace(order=np.arange(len(corners)))
    return Triangles(np.ascontiguousarray(corners[tree.order]), owner.astype(np.int64)[tree.order], in_order)


def all_hits(
    scene: Triangles, origin: Floats, direction: Floats, start: float, end: float
) -> tuple[Ints, Floats, Ints, Ints]:
    """Every hit between ``start`` and ``end`` along each of R rays.

    Args:
        scene: the triangles.
        origin: (R, 3) in metres.
        direction: (R, 3) unit.
        start: first distance along the ray in metres.
        end: last distance along the ray in metres.

    Returns:
        Ray, distance, sign (-1 into a solid, 1 out of it) and object of each hit, all (H,), sorted by
        ray, object and distance.
    """
    origin, direction = np.ascontiguousarray(origin), np.ascontiguousarray(direction)
    ray, distance, sign, item = _all_hits(scene, origin, direction, start, end)
    return ray, distance, sign, item


def solids_around(scene: Triangles, points: Floats) -> tuple[Ints, Ints]:
    """Which closed objects points lie in.

    Args:
        scene: closed solids.
        points: (n, 3) in metres.

    Returns:
        Every pair (point, object that it lies in), sorted.
    """
    if len(scene.corners) == 0 or len(points) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    up = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    reach = max(0.0, float(scene.tree.upper[0, 2] - points[:, 2].min())) + 1.0
    ray, _, sign, item = all_hits(scene, points, up, 0.0, reach)
    count = int(scene.owner.max()) + 1
    # Looking up from inside a closed solid, one more exit than entries is seen.
    pair, slot = np.unique(ray * count + item, return_inverse=True)
    within = np.bincount(slot, sign) > 0
    return pair[within] // count, pair[within] % count


@njit(cache=True, nogil=True)
def shares_a_point(
    first: Triangles, item: Ints, second: Triangles, other: Ints, points: Floats
) -> NDArray[np.bool_]:
    """Whether any of the points given for each of n pairs of closed solids lies in both, (n,).

    Args:
        first: solids.
        item: (n,) object of ``first``.
        second: solids.
        other: (n,) object of ``second``.
        points: (n, m, 3) tried in this order.
    """
    result = np.zeros(item.shape[0], np.bool_)
    first_top, second_top = _tops(first), _tops(second)
    room = 256
    distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    for pair in range(item.shape[0]):
        for k in range(points.shape[1]):
            inside = True
            for side in range(2):
                scene = first if side == 0 else second
                wanted = item[pair] if side == 0 else other[pair]
                top = first_top[wanted] if side == 0 else second_top[wanted]
                reach = top + 1e-3 - points[pair, k, 2]
                if not _is_in(scene, wanted, points[pair, k], reach, distances, signs, owners):
                    inside = False
                    break
            if inside:
                result[pair] = True
                break
    return result


@njit(cache=True, nogil=True)
def _tops(scene: Triangles) -> Floats:
    """The highest z of each object, (objects,)."""
    count = 0
    for t in range(scene.owner.shape[0]):
        count = max(count, scene.owner[t] + 1)
    top = np.full(count, -np.inf)
    for t in range(scene.owner.shape[0]):
        for corner in range(3):
            top[scene.owner[t]] = max(top[scene.owner[t]], scene.corners[t, corner, 2])
    return top


@njit(cache=True, nogil=True)
def _is_in(
    scene: Triangles, item: int, point: Floats, reach: float, distances: Floats, signs: Ints, owners: Ints
) -> bool:
    """Whether a point lies in one closed object whose top is less than ``reach`` above it."""
    if not reach > 0:
        return False
    up = np.array([0.0, 0.0, 1.0])
    count = collect_hits(scene, point, up, 0.0, reach, distances, signs, owners)
    if count > distances.shape[0]:
        distances, signs, owners = np.empty(count), np.empty(count, np.int64), np.empty(count, np.int64)
        count = collect_hits(scene, point, up, 0.0, reach, distances, signs, owners)
    count = sort_hits(count, distances, signs, owners)
    balance = 0
    for k in range(count):
        if owners[k] == item:
            balance += signs[k]
    return balance > 0


@njit(cache=True, nogil=True)
def collect_hits(
    scene: Triangles,
    origin: Floats,
    direction: Floats,
    start: float,
    end: float,
    distances: Floats,
    signs: Ints,
    owners: Ints,
) -> int:
    """Store the hits of one ray as far as the buffers reach; returns how many there are."""
    tree = scene.tree
    if tree.order.shape[0] == 0:
        return 0
    low = np.minimum(origin + start * direction, origin + end * direction) - 1e-9
    high = np.maximum(origin + start * direction, origin + end * direction) + 1e-9
    stack = np.empty(128, np.int64)
    stack[0] = 0
    depth = 1
    found = 0
    room = distances.shape[0]
    d0, d1, d2 = direction[0], direction[1], direction[2]
    while depth > 0:
        depth -= 1
        node = stack[depth]
        if (
            tree.lower[node, 0] > high[0]
            or tree.upper[node, 0] < low[0]
            or tree.lower[node, 1] > high[1]
            or tree.upper[node, 1] < low[1]
            or tree.lower[node, 2] > high[2]
            or tree.upper[node, 2] < low[2]
        ):
            continue
        if tree.child[node] >= 0:
            stack[depth] = tree.child[node]
            stack[depth + 1] = tree.child[node] + 1
            depth += 2
            continue
        for k in range(tree.start[node], tree.start[node] + tree.size[node]):
            a = scene.corners[k, 0]
            b = scene.corners[k, 1]
            c = scene.corners[k, 2]
            e0, e1, e2 = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            f0, f1, f2 = c[0] - a[0], c[1] - a[1], c[2] - a[2]
            p0, p1, p2 = d1 * f2 - d2 * f1, d2 * f0 - d0 * f2, d0 * f1 - d1 * f0
            determinant = e0 * p0 + e1 * p1 + e2 * p2
            if abs(determinant) < 1e-12:
                continue
            inverse = 1.0 / determinant
            s0, s1, s2 = origin[0] - a[0], origin[1] - a[1], origin[2] - a[2]
            u = (s0 * p0 + s1 * p1 + s2 * p2) * inverse
            if u < -1e-9 or u > 1.0 + 1e-9:
                continue
            q0, q1, q2 = s1 * e2 - s2 * e1, s2 * e0 - s0 * e2, s0 * e1 - s1 * e0
            v = (d0 * q0 + d1 * q1 + d2 * q2) * inverse
            if v < -1e-9 or u + v > 1.0 + 1e-9:
                continue
            t = (f0 * q0 + f1 * q1 + f2 * q2) * inverse
            if t < start or t > end:
                continue
            if found < room:
                distances[found] = t
                signs[found] = EXIT if determinant < 0 else ENTRY
                owners[found] = scene.owner[k]
            found += 1
    return found


@njit(cache=True, nogil=True)
def sort_hits(count: int, distances: Floats, signs: Ints, owners: Ints) -> int:
    """Sort by object and distance, entries first at equal distance; returns the count without doubles."""
    for i in range(1, count):
        t, s, o = distances[i], signs[i], owners[i]
        j = i - 1
        while j >= 0 and (
            owners[j] > o
            or (
                owners[j] == o
                and (distances[j] > t + SAME_HIT_M or (distances[j] > t - SAME_HIT_M and signs[j] > s))
            )
        ):
            distances[j + 1], signs[j + 1], owners[j + 1] = distances[j], signs[j], owners[j]
            j -= 1
        distances[j + 1], signs[j + 1], owners[j + 1] = t, s, o
    kept = 0
    for i in range(count):
        double = False
        j = kept - 1
        while j >= 0 and owners[j] == owners[i] and distances[i] - distances[j] < SAME_HIT_M:
            double = double or signs[j] == signs[i]
            j -= 1
        if not double:
            distances[kept], signs[kept], owners[kept] = distances[i], signs[i], owners[i]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _all_hits(
    scene: Triangles, origin: Floats, direction: Floats, start: float, end: float
) -> tuple[Ints, Floats, Ints, Ints]:
    room = 256
    distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    capacity = 4 * origin.shape[0] + 64
    out_ray, out_distance = np.empty(capacity, np.int64), np.empty(capacity)
    out_sign, out_owner = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    total = 0
    for ray in range(origin.shape[0]):
        count = collect_hits(scene, origin[ray], direction[ray], start, end, distances, signs, owners)
        if count > room:
            room = 2 * count
            distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
            count = collect_hits(scene, origin[ray], direction[ray], start, end, distances, signs, owners)
        count = sort_hits(count, distances, signs, owners)
        if total + count > capacity:
            capacity = 2 * (total + count)
            out_ray, out_distance = _grown_ints(out_ray, capacity), _grown(out_distance, capacity)
            out_sign, out_owner = _grown_ints(out_sign, capacity), _grown_ints(out_owner, capacity)
        for k in range(count):
            out_ray[total], out_distance[total] = ray, distances[k]
            out_sign[total], out_owner[total] = signs[k], owners[k]
            total += 1
    return out_ray[:total], out_distance[:total], out_sign[:total], out_owner[:total]


@njit(cache=True, nogil=True)
def _grown(values: Floats, capacity: int) -> Floats:
    grown = np.empty(capacity)
    grown[: values.shape[0]] = values
    return grown


@njit(cache=True, nogil=True)
def _grown_ints(values: Ints, capacity: int) -> Ints:
    grown = np.empty(capacity, np.int64)
    grown[: values.shape[0]] = values
    return grown


@njit(cache=True, nogil=True)
def solid_intervals(
    count: int,
    distances: Floats,
    signs: Ints,
    owners: Ints,
    is_space: NDArray[np.bool_],
    closed: NDArray[np.bool_],
    begins: Floats,
    ends: Floats,
    solids: Ints,
) -> int:
    """Intervals of solid matter of the elements among sorted hits, in order of their begin.

    Depth is counted with signs, so that touching and overlapping solids of one object work. A solid
    entered before the first hit begins at -inf, one not left ends at inf.
    """
    intervals = 0
    i = 0
    while i < count:
        owner = owners[i]
        j = i
        while j < count and owners[j] == owner:
            j += 1
        if not is_space[owner]:
            if closed[owner]:
                # As many layers as are left without being entered lie around the first point.
                depth, balance = 0, 0
                for k in range(i, j):
                    balance -= signs[k]
                    depth = max(depth, -balance)
                begin = -np.inf
                for k in range(i, j):
                    if signs[k] == ENTRY:
                        if depth == 0:
                            begin = distances[k]
                        depth += 1
                    elif depth > 0:
                        depth -= 1
                        if depth == 0:
                            begins[intervals], ends[intervals] = begin, distances[k]
                            solids[intervals] = owner
                            intervals += 1
                if depth > 0:
                    begins[intervals], ends[intervals], solids[intervals] = begin, np.inf, owner
                    intervals += 1
            else:
                begins[intervals], ends[intervals] = distances[i], distances[j - 1]
                solids[intervals] = owner
                intervals += 1
        i = j
    for i in range(1, intervals):
        a, b, o = begins[i], ends[i], solids[i]
        j = i - 1
        while j >= 0 and (begins[j] > a or (begins[j] == a and solids[j] > o)):
            begins[j + 1], ends[j + 1], solids[j + 1] = begins[j], ends[j], solids[j]
            j -= 1
        begins[j + 1], ends[j + 1], solids[j + 1] = a, b, o
    return intervals
