"""How openings pierce the solids behind a face, seen by rays along its normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ifc.model import BuildingModel
from ifc.surfaces.classify import Surroundings
from ifc.surfaces.limits import OVERLAP_M
from ifc.surfaces.polygons2d import sample_points
from ifc.surfaces.rays import Triangles, collect_hits, solid_intervals, sort_hits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

BEHIND_M, BEYOND_M = 0.3, 2.0  # opening solids reach beyond their hosts on both sides
# What stands in an opening without closing it.
PERMEABLE = ("IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcMember", "IfcBuildingElementProxy")


@dataclass(frozen=True)
class Piercing:
    """What rays through W candidate openings see. All arrays have shape (W,)."""

    cut: Floats  # length over which the opening cuts its host, in metres
    host_left: Floats  # the host's solid that the opening leaves
    left: Floats  # solid of the chain that all openings together leave
    inside: Ints  # object that stands in the opening, -1 for none


def look_through(
    model: BuildingModel,
    surroundings: Surroundings,
    face: Ints,
    depth: Floats,
    opening: Ints,
    polygon: Polygons,
) -> Piercing:
    """Look along the normals of faces through openings.

    Args:
        model: for hosts and classes.
        surroundings: scene and faces.
        face: (W,) the face that each opening may pierce.
        depth: (W,) how far behind the face its chain of solids reaches, in metres.
        opening: (W,) row of the OpeningTable.
        polygon: (W,) where the opening lies on the face, in its frame.
    """
    scene, faces = surroundings.scene, surroundings.faces
    points, item = sample_points(polygon, 0.3, 9)
    host = model.openings.host[opening].astype(np.int64)
    host = np.where(host >= 0, scene.object_of_element[host], -1)
    # Other hosts, and stairs in a stair well, are no fillings.
    no_filling = np.isin(model.elements.ifc_class[scene.element], PERMEABLE)
    hosts = scene.object_of_element[model.openings.host[model.openings.host >= 0]]
    no_filling[hosts[hosts >= 0]] = True
    permeable = np.isin(model.elements.ifc_class[scene.element], PERMEABLE) & ~scene.is_space
    cut, host_left, left, inside = _pierce(
        scene.solids,
        scene.openings,
        scene.is_space,
        scene.closed,
        no_filling,
        permeable,
        faces.points(face[item], points),
        np.ascontiguousarray(faces.normal[face[item]]),
        host[item],
        opening[item],
        depth[item] + 0.05,
    )
    count = len(polygon)

    def mean(values: Floats) -> Floats:
        return np.bincount(item, values, count) / np.maximum(np.bincount(item, minlength=count), 1)

    some = np.full(count, -1, np.int64)
    some[item[inside >= 0]] = inside[inside >= 0]
    return Piercing(
        cut=mean(cut),
        host_left=mean(host_left),
        left=mean(left),
        inside=np.where(mean((inside >= 0).astype(np.float64)) > 0.5, some, -1),
    )


@njit(cache=True, nogil=True)
def _pierce(
    solids: Triangles,
    openings: Triangles,
    is_space: NDArray[np.bool_],
    closed: NDArray[np.bool_],
    no_filling: NDArray[np.bool_],
    permeable: NDArray[np.bool_],
    origin: Floats,
    direction: Floats,
    host: Ints,
    opening: Ints,
    depth: Floats,
) -> tuple[Floats, Floats, Floats, Ints]:
    """For R rays: how the opening cuts its host, the solid left over, and what stands inside.

    Args:
        solids: elements and spaces.
        openings: opening solids; owner = row of the opening.
        is_space: (K,) per object.
        closed: (K,) per object.
        no_filling: (K,) objects that close no opening that they stand in.
        permeable: (K,) objects that leave an opening open.
        origin: (R, 3) points on surfaces.
        direction: (R, 3) unit normals.
        host: (R,) object that the opening voids, -1 for a loose window.
        opening: (R,) row of the opening.
        depth: (R,) end of the chain in metres.

    Returns:
        Length cut from the host (for a loose window: its own length), solid of the host left, solid
        of the chain left by all openings, object inside or -1; all (R,).
    """
    rays = origin.shape[0]
    cut, host_left, left = np.zeros(rays), np.zeros(rays), np.zeros(rays)
    inside = np.full(rays, -1, np.int64)
    room = 1024
    t, s, o = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    begins, ends, owners = np.empty(room), np.empty(room), np.empty(room, np.int64)
    hole_begins, hole_ends, holes = np.empty(room), np.empty(room), np.empty(room, np.int64)
    rows = 1
    for k in range(openings.owner.shape[0]):
        rows = max(rows, openings.owner[k] + 1)
    never, always = np.zeros(rows, np.bool_), np.ones(rows, np.bool_)
    for ray in range(rays):
        back, front = -BEHIND_M, depth[ray] + BEYOND_M
        count = min(room, collect_hits(openings, origin[ray], direction[ray], back, front, t, s, o))
        count = sort_hits(count, t, s, o)
        gaps = solid_intervals(count, t, s, o, never, always, hole_begins, hole_ends, holes)
        count = min(room, collect_hits(solids, origin[ray], direction[ray], back, front, t, s, o))
        count = sort_hits(count, t, s, o)
        walls = solid_intervals(count, t, s, o, is_space, closed, begins, ends, owners)
        hole_begin, hole_end = np.inf, -np.inf
        for gap in range(gaps):
            if holes[gap] == opening[ray]:
                hole_begin = min(hole_begin, hole_begins[gap])
                hole_end = max(hole_end, hole_ends[gap])
        hole_begin, hole_end = max(hole_begin, back), min(hole_end, front)
        if hole_end <= hole_begin or hole_begin > depth[ray]:
            continue
        if host[ray] < 0:
            cut[ray] = hole_end - hole_begin
        reached = back
        for wall in range(walls):
            begin, end = max(begins[wall], back), min(ends[wall], front)
            common = min(hole_end, end) - max(hole_begin, begin)
            if owners[wall] == host[ray]:
                if common > 1e-3 and begin <= depth[ray]:
                    cut[ray] += common
                    host_left[ray] += end - begin - common
            elif common > 0.5 * (end - begin) and not no_filling[owners[wall]]:
                inside[ray] = owners[wall]
            if permeable[owners[wall]]:
                continue
            # The chain's solid, each stretch once, without what any opening takes away.
            low, high = max(begin, reached, -OVERLAP_M), min(end, depth[ray])
            if high <= low:
                continue
            reached = high
            left[ray] += high - low
            at = low
            moved = True
            while moved and at < high:
                moved = False
                for gap in range(gaps):
                    if hole_begins[gap] <= at + 1e-6 and hole_ends[gap] > at + 1e-6:
                        step = min(hole_ends[gap], high)
                        left[ray] -= step - at
                        at = step
                        moved = True
    return cut, host_left, left, inside
