"""The chain of solids behind points on the faces of spaces, and what lies beyond it."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ifc.surfaces.limits import SAME_FACE_M
from ifc.surfaces.rays import ENTRY, Triangles, collect_hits, solid_intervals, sort_hits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    farther: Floats  # the end with wide gaps crossed that no space follows [m], else ``distance``
    stand_off: Floats  # where the first solid begins [m], negative in front of the point, NaN for none
    far_off: (
        Floats  # from the end of the last solid to the space entered [m], negative within it, NaN for none
    )


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
    gap_spaces: Floats,
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
        gap_first: (R,) widest gap in front of the first solid, or between a solid and a space, in metres.
        gap_next: (R,) widest gap between solids in metres.
        gap_spaces: (R,) widest gap between two spaces with no solid between them, in metres.
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
        gap_spaces,
        limit,
        gap_firm,
        overlap,
    )
    return Chains(*columns)


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
    gap_spaces: Floats,
    limit: Floats,
    gap_firm: float,
    overlap: float,
) -> tuple[NDArray[np.int8], Ints, Floats, Ints, Ints, Floats, Floats, Floats, Floats]:
    rays = origin.shape[0]
    ending = np.full(rays, Ending.NOTHING, np.int8)
    stand_off, far_off = np.full(rays, np.nan), np.full(rays, np.nan)
    entered = np.full(rays, -1, np.int64)
    distance = np.zeros(rays)
    first = np.full(rays, -1, np.int64)
    last = np.full(rays, -1, np.int64)
    free, farther = np.zeros(rays), np.zeros(rays)
    room = 256
    distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    begins, ends, solids = np.empty(room), np.empty(room), np.empty(room, np.int64)
    tiny = 1e-4
    for ray in range(rays):
        reach = limit[ray] + max(gap_first[ray], gap_next[ray])
        back = -2.0 * overlap
        count = collect_hits(scene, origin[ray], direction[ray], back, reach, distances, signs, owners)
        if count > room:
            room = 2 * count
            distances, signs, owners = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
            begins, ends, solids = np.empty(room), np.empty(room), np.empty(room, np.int64)
            count = collect_hits(scene, origin[ray], direction[ray], back, reach, distances, signs, owners)
        count = sort_hits(count, distances, signs, owners)

        # The nearest space that is entered.
        space, space_at = -1, np.inf
        for k in range(count):
            if not is_space[owners[k]] or signs[k] != ENTRY or not -overlap < distances[k] < space_at:
                continue
            # The own one is entered behind its face, unless it goes on there and two parts of it overlap.
            other = owners[k] != own[ray] or distances[k] > -SAME_FACE_M
            if other or _still_inside(scene, origin[ray], direction[ray], own[ray]):
                space, space_at = owners[k], distances[k]

        intervals = solid_intervals(count, distances, signs, owners, is_space, closed, begins, ends, solids)
        # ``firm`` is where the chain ends if no space follows a wide gap behind its first main solid.
        reached, firm, firm_last = 0.0, -1.0, -1
        behind, behind_end, behind_begin = -1, -overlap, -overlap
        first_main, last_main = -1, -1
        blocked = False  # by a solid beyond a gap that is too wide
        for k in range(intervals):
            if begins[k] > space_at - tiny:
                break
            if ends[k] <= reached + tiny:
                if first[ray] < 0 and ends[k] > behind_end:
                    behind, behind_end, behind_begin = solids[k], ends[k], begins[k]
                continue
            gap = gap_first[ray] if first[ray] < 0 else gap_next[ray]
            if begins[k] > reached + gap:
                blocked = True
                break
            if first_main >= 0 and firm < 0 and begins[k] > reached + gap_firm:
                firm, firm_last = reached, last_main
            reached = max(reached, ends[k])
            if first[ray] < 0:
                first[ray] = solids[k]
                stand_off[ray] = max(begins[k], -overlap)
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
            stand_off[ray] = max(behind_begin, -overlap)

        gap = gap_first[ray] if found else gap_spaces[ray]
        if space >= 0 and not blocked and space_at <= reached + gap:
            ending[ray], entered[ray], distance[ray] = Ending.SPACE, space, max(space_at, 0.0)
            if first[ray] >= 0:
                far_off[ray] = space_at - min(reached if found else behind_end, space_at + overlap)
        elif firm >= 0:
            ending[ray], distance[ray], last[ray] = Ending.OPEN, firm, firm_last
            farther[ray] = min(reached, limit[ray])
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
        farther[ray] = max(farther[ray], distance[ray])
    return ending, entered, distance, first, last, free, farther, stand_off, far_off


@njit(cache=True, nogil=True)
def _still_inside(scene: Triangles, origin: Floats, direction: Floats, own: int) -> bool:
    """Whether a point just beyond a face of a space lies in the space: two parts of it overlap there."""
    distances, signs, owners = np.empty(4096), np.empty(4096, np.int64), np.empty(4096, np.int64)
    up = np.array([0.0, 0.0, 1.0])
    point = origin + 2 * SAME_FACE_M * direction
    count = collect_hits(scene, point, up, 0.0, 1e4, distances, signs, owners)
    count = sort_hits(min(count, 4096), distances, signs, owners)
    balance = 0
    for k in range(count):
        if owners[k] == own:
            balance += signs[k]
    return balance > 0
