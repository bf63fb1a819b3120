"""The rooms that must get sunlight, the sills of their windows, and the hours they get among obstacles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable
from twin.kernels.bvh import Bvh
from twin.kernels.ray_streams import closest_hits
from twin.kernels.sun_minutes import sunlit_steps
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.scene import light_solids
from twin.metrics.daylight.windows import Windows
from twin.metrics.sunlight.rules import Counting, Requirement
from twin.metrics.sunlight.sills import Sill, sill_of, window_minutes
from twin.metrics.sunlight.summary import Room

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """The rooms of one requirement (rows of the SpaceTable), their sills, and the sun (H, 3) of its day."""

    requirement: Requirement
    members: NDArray[np.intp]
    sills: tuple[Sill, ...]
    suns: Floats


def case_of(
    model: BuildingModel, windows: Windows, requirement: Requirement, suns: Floats, count: Counting
) -> Case:
    """The rooms that a requirement concerns, with the sills of their windows to the outside."""
    members = np.flatnonzero(model.spaces.internal & np.isin(model.spaces.use, list(requirement.uses)))
    inside = set(members.tolist())
    sills = tuple(
        sill_of(model, window, count)
        for window in windows.windows
        if window.outdoors and window.space in inside
    )
    return Case(requirement, members, sills, suns)


def opaque_triangles(model: BuildingModel, geometry: GeometryTable, windows: Windows) -> Floats:
    """Triangles (T, 3, 3), m, of everything opaque in ``geometry``, which has its openings cut out."""
    solids = light_solids(model, geometry, windows, daylight_rules())
    opaque: Floats = solids.corners[solids.passing == 0.0]
    return opaque


def rooms_in_sun(
    case: Case,
    tree: Bvh,
    corners: NDArray[np.float32],
    origin: Floats,
    home: Mapping[int, str],
    count: Counting,
) -> list[Room]:
    """The rooms of a case with their sunniest window.

    Args:
        case: what must get sun.
        tree: hierarchy of what is opaque.
        corners: (T, 3, 3) its triangles, about the origin, m.
        origin: (3,) in model coordinates.
        home: row of the SpaceTable -> dwelling.
        count: how hours are counted.
    """
    lit, hidden = _lit(tree, corners, origin, case.sills, case.suns)
    best = {
        space: Room(space, case.requirement, home.get(space, ""), 0.0, 0.0, -1, known=True)
        for space in case.members.tolist()
    }
    for sill, steps, inside in zip(case.sills, lit, hidden, strict=True):
        room = best[sill.window.space]
        if inside:
            room = replace(room, known=room.hours >= room.required_h)
        else:
            total, longest = window_minutes(steps, sill, count)
            hours = total / 60.0
            if hours > room.hours or room.window < 0:
                room = replace(room, hours=hours, longest_h=longest / 60.0, window=sill.window.element)
                room = replace(room, known=room.known or hours >= room.required_h)
        best[room.space] = room
    return list(best.values())


def _lit(
    tree: Bvh, corners: NDArray[np.float32], origin: Floats, sills: Sequence[Sill], suns: Floats
) -> tuple[list[NDArray[np.bool_]], list[bool]]:
    """Steps in the sun (n, H) of the points of every sill, and whether it lies inside something."""
    if not sills:
        return [], []
    points = np.concatenate([sill.points for sill in sills]) - origin
    sizes = [len(sill.points) for sill in sills]
    normals = np.repeat([sill.window.normal for sill in sills], sizes, axis=0)
    lit = sunlit_steps(tree, corners, points, normals, suns)
    _, triangle = closest_hits(tree, points, normals)
    inside = np.zeros(len(points), np.bool_)  # what a ray outwards meets first is the back of a face
    met = np.flatnonzero(triangle >= 0)
    faces = corners[triangle[met]]
    cross = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    inside[met] = np.einsum("ij,ij->i", cross, normals[met]) > 0.0
    ends = np.cumsum(sizes)[:-1]
    return np.split(lit, ends), [bool(part.mean() > 0.5) for part in np.split(inside, ends)]
