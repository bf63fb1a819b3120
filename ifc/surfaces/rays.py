"""Rays through triangulated solids: every hit with its sign, and the chain of solids behind a point.

A ray is a short segment. The tree is walked by overlap with the segment's box, which is exact for
rays along an axis and costs little for others at these lengths. Triangle test: Möller & Trumbore
(1997), doi:10.1080/10867651.1997.10487468.
"""

from __future__ import annotations

from enum import IntEnum
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


class Ending(IntEnum):
    """How a chain of solids behind a point ends."""

    SPACE = 0  # in a space
    OPEN = 1  # in free space
    SOLID = 2  # still in solid matter at the limit
    NOTHING = 3  # there is no solid and no space within reach


class Chains(NamedTuple):
    """The chain of solids behind each of R points. All arrays have shape (R,)."""

    ending: NDArray[np.int8]  # Ending
    space: Ints  # the object entered, -1 unless Ending.SPACE
    distance: Floats  # from the point to the end of the chain [m]
    first: Ints  # the first object of the chain, -1 for none
    last: Ints  # the last object of the chain, -1 for none
    free: Floats  # free length beyond the end [m], as far as looked


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


def chains_behind(
    scene: Triangles,
    is_space: NDArray[np.bool_],
    closed: NDArray[np.bool_],
    finish: NDArray[np.bool_],
    origin: Floats,
    direction: Floats,
    own: Ints,
    gap_first: Floats,
    gap_next: Floats,
    limit: Floats,
    gap_firm: float,
    overlap: float,
) -> Chains:
    """Walk from points on the faces of spaces through the solids behind them.

    From the point on, solids are joined while the gap to the next one stays within the limits. The
    walk ends in the first space that is entered, in free space, or in solid matter at the limit.

    Args:
        scene: elements and spaces.
        is_space: (K,) per object.
        closed: (K,) per object; the hits of an open one are taken as its outer limits.
        finish: (K,) per object; a finish is named first only when nothing else is in the chain.
        origin: (R, 3) points on faces in metres.
        direction: (R, 3) unit normals out of the space.
        own: (R,) the object whose face it is.
        gap_first: (R,) widest gap in front of the first solid, or between two spaces, in metres.
        gap_next: (R,) widest gap between solids in metres.
        limit: (R,) farthest end of the chain in metres.
        gap_firm: wider gaps behind a solid that is no finish are crossed only to reach a space, in metres.
        overlap: how far a solid or another space may reach into the own space, in metres.
    """
    columns = _chains_behind(
        scene,
        is_space,
        closed,
        finish,
        np.ascontiguousarray(origin),
        np.ascontiguousarray(direction),
        own.astype(np.int64),
        gap_first,
        gap_next,
        limit,
        gap_firm,
        overlap,
    )
    return Chains(*columns)


@njit(cache=True, nogil=True)
def _collect(
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
def _sort_hits(count: int, distances: Floats, signs: Ints, owners: Ints) -> int:
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
        count = _collect(scene, origin[ray], direction[ray], start, end, distances, signs, owners)
        if count > room:
            room = 2 * count
            distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
            count = _collect(scene, origin[ray], direction[ray], start, end, distances, signs, owners)
        count = _sort_hits(count, distances, signs, owners)
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
def _solid_intervals(
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


@njit(cache=True, nogil=True)
def _chains_behind(
    scene: Triangles,
    is_space: NDArray[np.bool_],
    closed: NDArray[np.bool_],
    finish: NDArray[np.bool_],
    origin: Floats,
    direction: Floats,
    own: Ints,
    gap_first: Floats,
    gap_next: Floats,
    limit: Floats,
    gap_firm: float,
    overlap: float,
) -> tuple[NDArray[np.int8], Ints, Floats, Ints, Ints, Floats]:
    rays = origin.shape[0]
    ending = np.full(rays, Ending.NOTHING, np.int8)
    entered = np.full(rays, -1, np.int64)
    distance = np.zeros(rays)
    first = np.full(rays, -1, np.int64)
    last = np.full(rays, -1, np.int64)
    free = np.zeros(rays)
    room = 256
    distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    begins, ends, solids = np.empty(room), np.empty(room), np.empty(room, np.int64)
    tiny = 1e-4
    for ray in range(rays):
        reach = limit[ray] + max(gap_first[ray], gap_next[ray])
        back = -2.0 * overlap
        count = _collect(scene, origin[ray], direction[ray], back, reach, distances, signs, owners)
        if count > room:
            room = 2 * count
            distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
            begins, ends, solids = np.empty(room), np.empty(room), np.empty(room, np.int64)
            count = _collect(scene, origin[ray], direction[ray], back, reach, distances, signs, owners)
        count = _sort_hits(count, distances, signs, owners)

        # The nearest space that is entered; the own one only beyond its own face.
        space, space_at = -1, np.inf
        for k in range(count):
            if is_space[owners[k]] and signs[k] == ENTRY and distances[k] < space_at:
                nearest = 0.03 if owners[k] == own[ray] else -overlap
                if distances[k] > nearest:
                    space, space_at = owners[k], distances[k]

        intervals = _solid_intervals(count, distances, signs, owners, is_space, closed, begins, ends, solids)
        # ``firm`` is where the chain ends if no space follows a wide gap behind its first main solid.
        reached, firm, firm_last = 0.0, -1.0, -1
        behind, behind_end = -1, -overlap
        first_main, last_main = -1, -1
        for k in range(intervals):
            if begins[k] > space_at - tiny:
                break
            if ends[k] <= reached + tiny:
                if first[ray] < 0 and ends[k] > behind_end:
                    behind, behind_end = solids[k], ends[k]
                continue
            gap = gap_first[ray] if first[ray] < 0 else gap_next[ray]
            if begins[k] > reached + gap:
                break
            if first_main >= 0 and firm < 0 and begins[k] > reached + gap_firm:
                firm, firm_last = reached, last_main
            reached = max(reached, ends[k])
            if first[ray] < 0:
                first[ray] = solids[k]
            last[ray] = solids[k]
            if not finish[solids[k]]:
                if first_main < 0:
                    first_main = solids[k]
                last_main = solids[k]
        if first_main >= 0:
            first[ray], last[ray] = first_main, last_main
        found = first[ray] >= 0
        if not found and behind >= 0:  # the space reaches through its wall
            first[ray], last[ray] = behind, behind

        if space >= 0 and space_at <= reached + gap_first[ray]:
            ending[ray], entered[ray], distance[ray] = Ending.SPACE, space, max(space_at, 0.0)
        elif firm >= 0:
            ending[ray], distance[ray], last[ray] = Ending.OPEN, firm, firm_last
        elif reached > limit[ray]:
            ending[ray], distance[ray] = Ending.SOLID, limit[ray]
        elif first[ray] >= 0:
            ending[ray], distance[ray] = Ending.OPEN, reached
        ahead = min(space_at, reach) if space_at > distance[ray] else reach
        for k in range(intervals):
            if begins[k] >= distance[ray] - tiny:
                ahead = min(ahead, begins[k])
                break
        free[ray] = max(0.0, ahead - distance[ray])
    return ending, entered, distance, first, last, free
