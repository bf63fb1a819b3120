"""The sun itself: which points it shines on, and what the panes on its way leave of it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.glazing import transmit_reflect
from twin.kernels.light_paths import LightScene
from twin.kernels.light_scene import Scene
from twin.kernels.rays import FAR, closest, in_threads, surface_offset

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_PANES = 32  # that a ray passes at most
_POINTS_PER_TASK = 32


def sun_transmission(
    scene: Scene, position: Floats, room: NDArray[np.int32], sun: Floats
) -> NDArray[np.float32]:
    """Share (N, H) of the sun's light that reaches points (N, 3) in rooms (N,), -1 outside of all.

    ``sun`` (H, 3): unit vectors to the sun. 0 where anything opaque stands in the way, else the product of
    the transmittances of the panes (with frame and dirt) and trees. Rays are traced to the middle of the sun.
    """
    share = np.zeros((len(position), len(sun)), np.float32)
    at = np.ascontiguousarray(position - scene.origin_m)
    rooms = np.ascontiguousarray(room, np.int64)
    towards = np.ascontiguousarray(sun, np.float64)
    in_threads(
        lambda start, stop: _sun_range(scene.light, at, rooms, towards, share, start, stop),
        len(position),
        _POINTS_PER_TASK,
    )
    return share


@njit(cache=True, nogil=True, error_model="numpy")
def _towards_portal(
    corners: Singles, first: int, last: int, x: float, y: float, z: float, dx: float, dy: float, dz: float
) -> bool:
    """Whether a ray would meet one of the portal triangles [first, last) if nothing else was there."""
    for k in range(first, last):
        ax, ay, az = corners[k, 0, 0], corners[k, 0, 1], corners[k, 0, 2]
        ux, uy, uz = corners[k, 1, 0] - ax, corners[k, 1, 1] - ay, corners[k, 1, 2] - az
        vx, vy, vz = corners[k, 2, 0] - ax, corners[k, 2, 1] - ay, corners[k, 2, 2] - az
        px, py, pz = dy * vz - dz * vy, dz * vx - dx * vz, dx * vy - dy * vx
        determinant = ux * px + uy * py + uz * pz
        if determinant == 0.0:
            continue
        sx, sy, sz = x - ax, y - ay, z - az
        u = (sx * px + sy * py + sz * pz) / determinant
        qx, qy, qz = sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux
        v = (dx * qx + dy * qy + dz * qz) / determinant
        t = (vx * qx + vy * qy + vz * qz) / determinant
        if u >= -1e-5 and v >= -1e-5 and u + v <= 1.00001 and t > 0.0:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _sun_range(
    scene: LightScene, position: Floats, rooms: NDArray[np.int64], sun: Floats, share: Singles,
    start: int, stop: int,
) -> None:  # fmt: skip
    for i in range(start, stop):
        own = rooms[i]
        for hour in range(sun.shape[0]):
            dx, dy, dz = sun[hour, 0], sun[hour, 1], sun[hour, 2]
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            if own >= 0 and not _towards_portal(
                scene.portal_corners, scene.room_start[own], scene.room_start[own + 1], x, y, z, dx, dy, dz
            ):
                continue
            room = own
            left = 1.0
            for _ in range(_PANES):
                t, triangle = closest(
                    scene.bvh, np.float32(x), np.float32(y), np.float32(z),
                    np.float32(dx), np.float32(dy), np.float32(dz), FAR, room,
                )  # fmt: skip
                if triangle < 0:
                    if room >= 0:
                        left = 0.0
                    break
                mx = np.float64(scene.normal[triangle, 0])
                my = np.float64(scene.normal[triangle, 1])
                mz = np.float64(scene.normal[triangle, 2])
                slope = dx * mx + dy * my + dz * mz
                portal = scene.portal[triangle]
                if portal >= 0:
                    through, _ = transmit_reflect(abs(slope), scene.glass[portal])
                    left *= through * scene.clear[portal]
                    room = np.int64(-1) if room >= 0 else np.int64(scene.portal_room[portal])
                else:
                    left *= scene.passing[triangle]
                if left <= 0.0:
                    break
                x, y, z = x + dx * t, y + dy * t, z + dz * t
                offset = surface_offset(x, y, z) * (1.0 if slope > 0.0 else -1.0)
                x, y, z = x + offset * mx, y + offset * my, z + offset * mz
            share[i, hour] = left
