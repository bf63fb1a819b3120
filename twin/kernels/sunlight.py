"""The sun itself: which points it shines on, and what the panes on its way leave of it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.glazing import transmit_reflect
from twin.kernels.light_records import LightScene
from twin.kernels.light_scene import Scene
from twin.kernels.panes import PANES, behind_face
from twin.kernels.rays import FAR, closest, in_threads

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_POINTS_PER_TASK = 32


def sun_transmission(
    scene: Scene,
    position: Floats,
    room: NDArray[np.int32],
    sun: Floats,
    curtain: NDArray[np.int32] | None = None,
    left: Singles | None = None,
    season: Singles | None = None,
) -> NDArray[np.float32]:
    """Share (N, H) of the sun's light that reaches points (N, 3) in rooms (N,), -1 outside of all.

    ``sun`` (H, 3): unit vectors to the sun. 0 where anything opaque stands in the way, else the product of
    the transmittances of the panes (with frame and dirt) and trees. Rays are traced to the middle of the sun.
    ``curtain`` (P,) of each portal, -1 for none, and what each curtain leaves of the light at each sun,
    ``left`` (C, H): both or neither. ``season`` (H,): light through a crown at each sun over that in leaf.
    """
    share = np.zeros((len(position), len(sun)), np.float32)
    at = np.ascontiguousarray(position - scene.origin_m)
    rooms = np.ascontiguousarray(room, np.int64)
    towards = np.ascontiguousarray(sun, np.float64)
    hung, drawn = np.full(len(scene.light.portal_room), -1, np.int32), np.zeros((0, len(sun)), np.float32)
    if curtain is not None and left is not None:
        hung, drawn = curtain, np.ascontiguousarray(left)  # another layout would be compiled anew
    face = np.ones(len(sun), np.float32) if season is None else np.sqrt(season)  # a crown has two
    in_threads(
        lambda start, stop: _sun_range(
            scene.light, at, rooms, towards, hung, drawn, face, share, start, stop
        ),
        len(position),
        _POINTS_PER_TASK,
    )
    return share


@njit(cache=True, nogil=True, error_model="numpy")
def _cones(corners: Singles, first: int, last: int, x: float, y: float, z: float, cone: Floats) -> None:
    """Axis and cosine of a cone from a point about each triangle in [first, last), into ``cone`` (K, 4)."""
    for k in range(first, last):
        row = k - first
        for axis in range(3):
            cone[row, axis] = (corners[k, 0, axis] + corners[k, 1, axis] + corners[k, 2, axis]) / 3.0
        cx, cy, cz = cone[row, 0] - x, cone[row, 1] - y, cone[row, 2] - z
        length = max(math.sqrt(cx * cx + cy * cy + cz * cz), 1e-9)
        cx, cy, cz = cx / length, cy / length, cz / length
        widest = 1.0
        for corner in range(3):
            vx, vy, vz = corners[k, corner, 0] - x, corners[k, corner, 1] - y, corners[k, corner, 2] - z
            along = (vx * cx + vy * cy + vz * cz) / max(math.sqrt(vx * vx + vy * vy + vz * vz), 1e-9)
            widest = min(widest, along)
        cone[row, 0], cone[row, 1], cone[row, 2] = cx, cy, cz
        cone[row, 3] = widest - 1e-6


@njit(cache=True, nogil=True, error_model="numpy")
def _sun_range(
    scene: LightScene, position: Floats, rooms: NDArray[np.int64], sun: Floats, curtain: NDArray[np.int32],
    drawn: Singles, season: Singles, share: Singles, start: int, stop: int,
) -> None:  # fmt: skip
    cone = np.empty((scene.portal_corners.shape[0], 4))
    for i in range(start, stop):
        own = rooms[i]
        portals = 0
        if own >= 0:
            first, last = scene.room_start[own], scene.room_start[own + 1]
            _cones(scene.portal_corners, first, last, position[i, 0], position[i, 1], position[i, 2], cone)
            portals = last - first
        for hour in range(sun.shape[0]):
            dx, dy, dz = sun[hour, 0], sun[hour, 1], sun[hour, 2]
            towards_portal = own < 0
            for k in range(portals):
                if dx * cone[k, 0] + dy * cone[k, 1] + dz * cone[k, 2] >= cone[k, 3]:
                    towards_portal = True
                    break
            if not towards_portal:
                continue
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            room = own
            left = 1.0
            for _ in range(PANES):
                t, triangle = closest(
                    scene.bvh, np.float32(x), np.float32(y), np.float32(z),
                    np.float32(dx), np.float32(dy), np.float32(dz), FAR, room,
                )  # fmt: skip
                if triangle < 0:
                    if room >= 0:
                        left = 0.0
                    break
                slope, x, y, z = behind_face(scene.normal, triangle, x, y, z, dx, dy, dz, t)
                portal = scene.portal[triangle]
                if portal >= 0:
                    through, _ = transmit_reflect(abs(slope), scene.glass[portal])
                    left *= through * scene.clear[portal]
                    if curtain[portal] >= 0:
                        left *= drawn[curtain[portal], hour]
                    room = np.int64(-1) if room >= 0 else np.int64(scene.portal_room[portal])
                else:
                    left *= scene.passing[triangle]
                    if scene.leafy[triangle]:
                        left *= season[hour]
                if left <= 0.0:
                    break
            share[i, hour] = left
