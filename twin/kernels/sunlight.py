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
_ASIDE = 1e-3  # that a sun may stand beside a portal and still be traced, rad
_ASIDE_M = 1e-4


def sun_transmission(
    scene: Scene,
    position: Floats,
    room: NDArray[np.int32],
    sun: Floats,
    curtain: NDArray[np.int32] | None = None,
    left: Singles | None = None,
    season: Singles | None = None,
    facing: Floats | None = None,
) -> NDArray[np.float32]:
    """Share (N, H) of the sun's light that reaches points (N, 3) in rooms (N,), -1 outside of all.

    ``sun`` (H, 3): unit vectors to the sun. 0 where anything opaque stands in the way, else the product of
    the transmittances of the panes (with frame and dirt) and trees. Rays are traced to the middle of the sun.
    ``curtain`` (P,) of each portal, -1 for none, and what each curtain leaves of the light at each sun,
    ``left`` (C, H): both or neither. ``season`` (H,): light through a crown at each sun over that in leaf.
    ``facing`` (N, 3): the normals of the faces that the points lie on, if any: 0 for suns behind them.
    """
    share = np.zeros((len(position), len(sun)), np.float32)
    at = np.ascontiguousarray(position - scene.origin_m)
    rooms = np.ascontiguousarray(room, np.int64)
    towards = np.ascontiguousarray(sun.T, np.float64)
    hung, drawn = np.full(len(scene.light.portal_room), -1, np.int32), np.zeros((0, len(sun)), np.float32)
    if curtain is not None and left is not None:
        hung, drawn = curtain, np.ascontiguousarray(left)  # another layout would be compiled anew
    face = np.ones(len(sun), np.float32) if season is None else np.sqrt(season)  # a crown has two
    normal = np.zeros((0, 3)) if facing is None else np.ascontiguousarray(facing, np.float64)
    in_threads(
        lambda start, stop: _sun_range(
            scene.light, at, rooms, towards, normal, hung, drawn, face, share, start, stop
        ),
        len(position),
        _POINTS_PER_TASK,
    )
    return share


@njit(cache=True, nogil=True, error_model="numpy")
def _portals_before(
    corners: Singles, first: int, last: int, x: float, y: float, z: float, facing: Floats, cone: Floats,
    edge: Floats,
) -> int:  # fmt: skip
    """What a point sees of the triangles in [first, last) that its face (3,), if any, does not hide.

    Returns their number K. Fills ``cone[:K]`` (K, 4), axis and cosine of a cone about each, and ``edge[:K]``
    (K, 3, 4), the planes through the point and the sides of each: a direction d through the triangle has
    d · n >= c for all three, n their first numbers and c the last one, which lets a hair beside it pass too.
    """
    found = 0
    for k in range(first, last):
        c = corners[k]
        cx = (c[0, 0] + c[1, 0] + c[2, 0]) / 3.0 - x
        cy = (c[0, 1] + c[1, 1] + c[2, 1]) / 3.0 - y
        cz = (c[0, 2] + c[1, 2] + c[2, 2]) / 3.0 - z
        length = max(math.sqrt(cx * cx + cy * cy + cz * cz), 1e-9)
        cx, cy, cz = cx / length, cy / length, cz / length
        widest, high, turn = 1.0, -1.0, 1.0
        for side in range(3):
            a, b = side, (side + 1) % 3
            ax, ay, az = c[a, 0] - x, c[a, 1] - y, c[a, 2] - z
            bx, by, bz = c[b, 0] - x, c[b, 1] - y, c[b, 2] - z
            along = (ax * cx + ay * cy + az * cz) / max(math.sqrt(ax * ax + ay * ay + az * az), 1e-9)
            widest = min(widest, along)
            high = max(high, ax * facing[0] + ay * facing[1] + az * facing[2])
            nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
            if side == 0 and (c[2, 0] - x) * nx + (c[2, 1] - y) * ny + (c[2, 2] - z) * nz < 0.0:
                turn = -1.0
            long = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay) + (bz - az) * (bz - az))
            row = edge[found, side]
            row[0], row[1], row[2] = turn * nx, turn * ny, turn * nz
            row[3] = -_ASIDE * math.sqrt(nx * nx + ny * ny + nz * nz) - _ASIDE_M * long
        if high < 0.0:
            continue
        cone[found, 0], cone[found, 1], cone[found, 2] = cx, cy, cz
        # A cone wider than a half-space may hold the corners and not what lies between.
        cone[found, 3] = widest - 1e-6 if widest > 0.0 else -2.0
        found += 1
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _suns_in_cones(sun: Floats, cone: Floats, portals: int, nearest: Floats) -> None:
    """Fill ``nearest`` (H,): >= 0 for the suns, ``sun`` (3, H), in one of the cones."""
    nearest[:] = -1.0
    for k in range(portals):
        cx, cy, cz, least = cone[k, 0], cone[k, 1], cone[k, 2], cone[k, 3]
        for hour in range(sun.shape[1]):
            within = sun[0, hour] * cx + sun[1, hour] * cy + sun[2, hour] * cz - least
            nearest[hour] = max(nearest[hour], within)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _through(edge: Floats, portals: int, dx: float, dy: float, dz: float) -> bool:
    """Whether a direction leads through one of the triangles, or a hair beside it."""
    for k in range(portals):
        within = True
        for side in range(3):
            n = edge[k, side]
            within = within and dx * n[0] + dy * n[1] + dz * n[2] >= n[3]
        if within:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _sun_range(
    scene: LightScene, position: Floats, rooms: NDArray[np.int64], sun: Floats, facing: Floats,
    curtain: NDArray[np.int32], drawn: Singles, season: Singles, share: Singles, start: int, stop: int,
) -> None:  # fmt: skip
    most, hours = scene.portal_corners.shape[0], sun.shape[1]
    cone, edge, nearest = np.empty((most, 4)), np.empty((most, 3, 4)), np.empty(hours)
    anywhere = np.zeros(3)
    on_face = facing.shape[0] > 0
    for i in range(start, stop):
        own = rooms[i]
        portals = 0
        before = facing[i] if on_face else anywhere
        if own >= 0:
            portals = _portals_before(
                scene.portal_corners, scene.room_start[own], scene.room_start[own + 1],
                position[i, 0], position[i, 1], position[i, 2], before, cone, edge,
            )  # fmt: skip
            if portals == 0:
                continue
            _suns_in_cones(sun, cone, portals, nearest)
        for hour in range(hours):
            if own >= 0 and nearest[hour] < 0.0:
                continue
            dx, dy, dz = sun[0, hour], sun[1, hour], sun[2, hour]
            if on_face and dx * before[0] + dy * before[1] + dz * before[2] <= 0.0:
                continue
            if own >= 0 and not _through(edge, portals, dx, dy, dz):
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
