"""The scene that light meets: faces, rooms and portals, made ready for the light kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels.bvh import build
from twin.kernels.glazing import transmissivity_of
from twin.kernels.light_records import LightScene
from twin.kernels.radiosity import Rooms
from twin.kernels.sky import PATCHES

Floats = NDArray[np.float64]

_SURFELS = 500  # of a part of a room
_MOST_SURFELS = 60_000  # of a room
SMALLEST_CELL_M, _LARGEST_CELL_M = 0.2, 2.0  # edge of a surfel


@dataclass(frozen=True)
class Solids:
    """Opaque and see-through faces that every ray meets, T triangles.

    ``corners`` (T, 3, 3) m; ``reflectance_room``, ``reflectance_outside`` (T,) diffuse, for light inside a
    room and outside; ``passing`` (T,) the share that goes straight through; ``leafy`` (T,) whether that share
    changes with the season: light through such faces is counted apart in the daylight coefficients.
    """

    corners: Floats
    reflectance_room: Floats
    reflectance_outside: Floats
    passing: Floats
    leafy: NDArray[np.bool_]


@dataclass(frozen=True)
class Shells:
    """Inner faces of the rooms, S triangles that only light within the room meets.

    ``corners`` (S, 3, 3) m with normals out of the room; ``room``, ``reflectance`` (S,). ``part`` (S,) any
    numbers, of one room each: the parts of a room that walls divide; no light creeps under these.
    """

    corners: Floats
    room: NDArray[np.int32]
    part: NDArray[np.int32]
    reflectance: Floats


@dataclass(frozen=True)
class Portals:
    """Where light enters a room: P portals made of K triangles.

    ``corners`` (K, 3, 3) m with normals out of the room and ``portal`` (K,) the portal of each, sorted. Per
    portal: ``room`` (P,); ``transmittance`` (P,) of the pane at normal incidence, NaN for a hole without
    pane; ``frame`` (P,) share of the frame; ``dirt`` (P,) factor; ``frame_reflectance`` (P,) of the frame
    itself; ``weight`` (P,) relative number of samples per area, > 0; ``outdoors`` (P,) whether it leads
    outdoors, or to another room; ``light_set`` (P,) numbers from 0: light that enters by portals of one
    number is counted together in the daylight coefficients of a room.
    """

    corners: Floats
    portal: NDArray[np.int32]
    room: NDArray[np.int32]
    transmittance: Floats
    frame: Floats
    dirt: Floats
    frame_reflectance: Floats
    weight: Floats
    outdoors: NDArray[np.bool_]
    light_set: NDArray[np.int32]


@dataclass(frozen=True)
class Scene:
    """A :class:`LightScene` about ``origin_m`` (3,), which keeps float32 coordinates small, and its rooms."""

    light: LightScene
    rooms: Rooms
    origin_m: Floats

    @property
    def set_count(self) -> int:
        """Sets of daylight coefficients: one per light set of the portals, twice as many with leafy faces."""
        sets = int(self.light.light_set.max(initial=0)) + 1
        return 2 * sets if self.light.leafy_bin else sets


def build_scene(
    solids: Solids,
    shells: Shells,
    portals: Portals,
    group: NDArray[np.int32],
    ground_z: float = -np.inf,
    ground_reflectance: float = 0.0,
) -> Scene:
    """Put the faces into one hierarchy and prepare the sampling of the portals.

    ``group`` (R,): rooms that pass light to each other have the same number. ``ground_z`` is the height of an
    endless plane below, -inf for none.
    """
    room_count = len(group)
    every = np.concatenate([solids.corners, shells.corners, portals.corners]).reshape(-1, 3, 3)
    origin = np.zeros(3)
    if len(every):
        origin = np.round((every.min(axis=(0, 1)) + every.max(axis=(0, 1))) / 2.0)
    local = (every - origin).astype(np.float32)
    exact = local.astype(np.float64)
    cross = np.cross(exact[:, 1] - exact[:, 0], exact[:, 2] - exact[:, 0])
    length = np.linalg.norm(cross, axis=1)
    normal = cross / np.maximum(length, 1e-30)[:, None]

    solid_count, shell_count = len(solids.corners), len(shells.corners)
    first_portal = solid_count + shell_count
    triangle_portal = np.full(len(every), -1, np.int32)
    triangle_portal[first_portal:] = portals.portal
    owners = np.concatenate(
        [np.full(solid_count, -1), 2 * shells.room, 2 * portals.room[portals.portal] + 1]
    ).astype(np.int32)

    # The parts are numbered anew: spaces without surfaces leave gaps in their numbers.
    _, first, part = np.unique(shells.part, return_index=True, return_inverse=True)
    compartment = np.full(len(every), -1, np.int32)
    compartment[solid_count:first_portal] = room_count + part
    of_compartment = np.concatenate([np.arange(room_count), shells.room[first]])

    rows = np.arange(len(portals.portal))
    room = portals.room[portals.portal]
    order = np.argsort(room, kind="stable")
    area = length[first_portal:] / 2.0
    chance = area * portals.weight[portals.portal]
    total = np.bincount(room, chance, room_count)
    start = np.searchsorted(room[order], np.arange(room_count + 1))
    running = np.cumsum(chance[order])
    before = np.concatenate([[0.0], running])[start[room[order]]]
    cdf = (running - before) / np.maximum(total[room[order]], 1e-30)
    portal_row = np.full(len(every), -1, np.int32)
    portal_row[first_portal + rows[order]] = rows
    glazed = 1.0 - portals.frame
    open_hole = np.isnan(portals.transmittance)

    def per_triangle(solid: Floats, shell: Floats | float) -> NDArray[np.float32]:
        rest = np.broadcast_to(shell, (shell_count,))
        return np.concatenate([solid, rest, np.zeros(len(rows))]).astype(np.float32)

    return Scene(
        LightScene(
            bvh=build(local, owners),
            corner=np.ascontiguousarray(local[:, 0]),
            normal=normal.astype(np.float32),
            reflectance_room=per_triangle(solids.reflectance_room, shells.reflectance),
            reflectance_outside=per_triangle(solids.reflectance_outside, 0.0),
            passing=per_triangle(solids.passing, 0.0),
            leafy=np.concatenate([solids.leafy, np.zeros(shell_count + len(rows), np.bool_)]),
            portal=triangle_portal,
            compartment=compartment,
            portal_room=portals.room.astype(np.int32),
            outdoors=np.ascontiguousarray(portals.outdoors, np.bool_),
            glass=np.where(open_hole, -1.0, transmissivity_of(np.nan_to_num(portals.transmittance))),
            clear=glazed * portals.dirt,
            glazed=glazed,
            frame_reflectance=portals.frame * portals.frame_reflectance,
            density=portals.weight / np.maximum(total[portals.room], 1e-30),
            light_set=portals.light_set.astype(np.int32),
            room_start=start.astype(np.int64),
            portal_triangle=(first_portal + rows[order]).astype(np.int32),
            portal_cdf=cdf,
            portal_corners=local[first_portal:][order],
            portal_row=portal_row,
            leafy_bin=PATCHES * (int(portals.light_set.max(initial=0)) + 1) if solids.leafy.any() else 0,
            ground_z=float(ground_z - origin[2]),
            ground_reflectance=float(ground_reflectance),
        ),
        Rooms(
            np.ascontiguousarray(group, np.int32),
            _cells(shells, length[solid_count:first_portal], room_count),
            of_compartment,
        ),
        origin,
    )


def _cells(shells: Shells, twice_area: Floats, room_count: int) -> Floats:
    """Edge (R,) of the surfels of each room, m: about the same number of them for every part."""
    area = np.bincount(shells.room, twice_area / 2.0, room_count)
    _, first = np.unique(shells.part, return_index=True)
    parts = np.maximum(np.bincount(shells.room[first], minlength=room_count), 1)
    surfels = np.minimum(_SURFELS * parts, _MOST_SURFELS)
    edge: Floats = np.clip(
        np.sqrt(np.where(area > 0.0, area, 100.0) / surfels), SMALLEST_CELL_M, _LARGEST_CELL_M
    )
    return edge
