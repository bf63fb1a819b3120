"""What eyes in rooms see of the outdoors: through which window, how clearly, and what stands there."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.glazing import transmit_reflect
from twin.kernels.light_paths import gather
from twin.kernels.light_records import LightScene, Rows, Tally, nothing_noted
from twin.kernels.light_scene import Scene
from twin.kernels.panes import PANES, behind_face
from twin.kernels.rays import FAR, closest, in_threads
from twin.kernels.sky import CIE_OVERCAST, PATCHES

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int32]

SKY, GROUND, INDOORS = -1, -2, -3
FARTHEST_M = 200.0  # a view of this length is as good as an endless one
_EYES_PER_TASK = 4
_POINTS_PER_TASK = 64
_STRIPS = 8  # upright strips that a window is looked at in


@dataclass(frozen=True)
class Sight:
    """What V eyes see along R rays each, all arrays (V, R).

    ``met``: the triangle of the scene outdoors, SKY, GROUND or INDOORS. ``portal``: the window that the
    way leads through, -1 for none. ``pane``: share of the light that the glass on the way and its dirt
    leave, crowns in leaf; ``glazed``: share of the way that is no frame. ``distance_m`` to what is met.
    ``face``: the diffuse triangle at the end of the way, outdoors or indoors, -1 for none; ``room`` where it
    is met, -1 outdoors; ``leafy``: whether the way leads through leaves.
    """

    met: Ints
    portal: Ints
    pane: Singles
    glazed: Singles
    distance_m: Singles
    face: Ints
    room: Ints
    leafy: NDArray[np.bool_]

    def of_eye(self, eye: int) -> Sight:
        """The rays of one eye, arrays (R,)."""
        return Sight(*(getattr(self, field.name)[eye] for field in fields(self)))


@dataclass(frozen=True)
class Strips:
    """Windows to the outdoors that one can look out of level: portals as upright rectangles.

    Room r has the rows ``start[r]`` to ``start[r + 1]``. ``portal`` (W,); ``left``, ``right`` (W, 2) its
    ends in plan, m about the scene's origin; ``bottom``, ``top`` (W,).
    """

    start: NDArray[np.int64]
    portal: NDArray[np.int64]
    left: Floats
    right: Floats
    bottom: Floats
    top: Floats


def look(scene: Scene, position: Floats, room: NDArray[np.int32], directions: Floats) -> Sight:
    """Follow rays from eyes through panes until they meet something.

    ``position`` (V, 3) model coordinates; ``room`` (V,); ``directions`` (V, R, 3) unit.
    """
    shape = directions.shape[:2]
    sight = Sight(
        np.full(shape, INDOORS, np.int32), np.full(shape, -1, np.int32), np.ones(shape, np.float32),
        np.ones(shape, np.float32), np.zeros(shape, np.float32), np.full(shape, -1, np.int32),
        np.full(shape, -1, np.int32), np.zeros(shape, np.bool_),
    )  # fmt: skip
    at = np.ascontiguousarray(position - scene.origin_m)
    rooms, towards = np.ascontiguousarray(room, np.int64), np.ascontiguousarray(directions, np.float64)
    in_threads(
        lambda start, stop: _look_range(
            scene.light, at, rooms, towards, sight.met, sight.portal, sight.pane, sight.glazed,
            sight.distance_m, sight.face, sight.room, sight.leafy, start, stop,
        ),
        len(at),
        _EYES_PER_TASK,
    )  # fmt: skip
    return sight


def outdoor_light(
    scene: Scene, place: Floats, facing: Floats, count: NDArray[np.int64], samples: int
) -> tuple[Floats, Floats]:
    """Mean light on N groups of places outdoors: factor (N,) and daylight coefficients (N, 145).

    The factor is the illuminance for an unobstructed one of 1 under the CIE overcast sky, a coefficient that
    per unit luminance of a sky patch, straight and reflected, with crowns in leaf. ``place``, ``facing``
    (M, 3) hold the groups one after another, ``count`` (N,) their sizes, > 0; ``samples`` paths of each group
    are shared out to its places.
    """
    number = len(count)
    rows = Rows(
        np.ascontiguousarray(place - scene.origin_m), np.ascontiguousarray(facing, np.float64),
        np.cumsum(count) - count, count.astype(np.int64), np.full(number, -1, np.int64),
        np.arange(number, dtype=np.uint64),
    )  # fmt: skip
    bins = PATCHES * scene.set_count
    tally = Tally(
        np.zeros((number, 1)), np.zeros((number, bins)), np.zeros((number, bins)),
        np.zeros(number, np.int64), np.zeros(number, np.int64),
    )  # fmt: skip
    notes = nothing_noted(scene.rooms.group, scene.rooms.cell)
    in_threads(
        lambda start, stop: gather(
            scene.light, rows, CIE_OVERCAST, 0, samples, 0.0, tally, notes, start, stop
        ),
        number,
        4,
    )
    coefficients = (tally.direct + tally.reflected).reshape(number, -1, PATCHES).sum(axis=1)
    return tally.factor[:, 0] / samples, coefficients / samples


def window_sight(
    scene: Scene, position: Floats, room: NDArray[np.int32], strips: Strips
) -> tuple[Floats, Floats]:
    """How much of the outdoors N points see through the windows of their room, looking level.

    Every window is looked at in eight upright strips, at the height of the eye or as near to it as the window
    comes. Returns the horizontal angle of the strips that can be seen through, degrees (N,), and the mean
    length of the views beyond the windows by that angle, at most FARTHEST_M, m (N,); 0 where nothing is seen.
    """
    angle, beyond = np.zeros(len(position)), np.zeros(len(position))
    at, rooms = np.ascontiguousarray(position - scene.origin_m), np.ascontiguousarray(room, np.int64)
    in_threads(
        lambda start, stop: _window_range(
            scene.light, at, rooms, strips.start, strips.portal, strips.left, strips.right, strips.bottom,
            strips.top, angle, beyond, start, stop,
        ),
        len(at),
        _POINTS_PER_TASK,
    )  # fmt: skip
    return np.degrees(angle), beyond


@njit(cache=True, nogil=True, error_model="numpy")
def _look_range(
    scene: LightScene, position: Floats, rooms: NDArray[np.int64], directions: Floats,
    met: Ints, window: Ints, pane: Singles, glazed: Singles, distance: Singles, face: Ints, met_in: Ints,
    leafy: NDArray[np.bool_], start: int, stop: int,
) -> None:  # fmt: skip
    for i in range(start, stop):
        for k in range(directions.shape[1]):
            dx, dy, dz = directions[i, k, 0], directions[i, k, 1], directions[i, k, 2]
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            room = rooms[i]
            outdoors = room < 0
            travelled, clear, free = 0.0, 1.0, 1.0
            for _ in range(PANES):
                t, triangle = closest(
                    scene.bvh, np.float32(x), np.float32(y), np.float32(z),
                    np.float32(dx), np.float32(dy), np.float32(dz), FAR, room,
                )  # fmt: skip
                if outdoors and dz < 0.0 and z > scene.ground_z and (scene.ground_z - z) / dz < t:
                    travelled += (scene.ground_z - z) / dz
                    met[i, k] = GROUND
                    break
                if triangle < 0:
                    if outdoors and dz > 0.0:
                        met[i, k] = SKY
                    break
                travelled += t
                slope, x, y, z = behind_face(scene.normal, triangle, x, y, z, dx, dy, dz, t)
                portal = scene.portal[triangle]
                if portal >= 0:
                    if outdoors:  # a window from outside: its room is dark beside the outdoors
                        met[i, k] = triangle
                        break
                    through, _ = transmit_reflect(abs(slope), scene.glass[portal])
                    if scene.glazed[portal] <= 0.0 or through <= 0.0:
                        break
                    clear *= through * scene.clear[portal] / scene.glazed[portal]
                    free *= scene.glazed[portal]
                    if room < 0:  # the other side of an opening between two rooms
                        room = np.int64(scene.portal_room[portal])
                    else:
                        room = np.int64(-1)
                        if scene.outdoors[portal]:
                            outdoors = True
                            window[i, k] = portal
                else:
                    if scene.passing[triangle] <= 0.0:
                        face[i, k], met_in[i, k] = triangle, room
                        if outdoors:
                            met[i, k] = triangle
                        break
                    clear *= scene.passing[triangle]
                    leafy[i, k] |= scene.leafy[triangle]
            pane[i, k], glazed[i, k], distance[i, k] = clear, free, travelled


@njit(cache=True, nogil=True, error_model="numpy")
def _beyond(
    scene: LightScene, x: float, y: float, z: float, dx: float, dy: float, dz: float, room: int, target: int
) -> float:
    """Length of the view beyond the portal ``target``, m; -1 where the ray does not get there."""
    travelled = 0.0
    for _ in range(PANES):
        t, triangle = closest(
            scene.bvh, np.float32(x), np.float32(y), np.float32(z),
            np.float32(dx), np.float32(dy), np.float32(dz), FAR, room,
        )  # fmt: skip
        if room < 0:
            if dz < 0.0 and z > scene.ground_z and (scene.ground_z - z) / dz < t:
                return min(travelled + (scene.ground_z - z) / dz, FARTHEST_M)
            if triangle < 0:
                return FARTHEST_M
            travelled += t
        elif triangle < 0:
            return -1.0
        portal = scene.portal[triangle]
        if portal >= 0:
            if room < 0:
                return min(travelled, FARTHEST_M)
            if portal != target:
                return -1.0
            room = -1
        elif scene.passing[triangle] <= 0.0:
            return -1.0 if room >= 0 else min(travelled, FARTHEST_M)
        _, x, y, z = behind_face(scene.normal, triangle, x, y, z, dx, dy, dz, t)
    return -1.0 if room >= 0 else min(travelled, FARTHEST_M)


@njit(cache=True, nogil=True, error_model="numpy")
def _window_range(
    scene: LightScene, position: Floats, rooms: NDArray[np.int64], first: NDArray[np.int64],
    portal: NDArray[np.int64], left: Floats, right: Floats, bottom: Floats, top: Floats,
    angle: Floats, beyond: Floats, start: int, stop: int,
) -> None:  # fmt: skip
    for i in range(start, stop):
        room = rooms[i]
        if room < 0:
            continue
        x, y, z = position[i, 0], position[i, 1], position[i, 2]
        seen, length = 0.0, 0.0
        for w in range(first[room], first[room + 1]):
            height = top[w] - bottom[w]
            aim = min(max(z, bottom[w] + 0.1 * height), top[w] - 0.1 * height)
            for k in range(_STRIPS):
                a, b = k / _STRIPS, (k + 1) / _STRIPS
                ax = left[w, 0] + a * (right[w, 0] - left[w, 0]) - x
                ay = left[w, 1] + a * (right[w, 1] - left[w, 1]) - y
                bx = left[w, 0] + b * (right[w, 0] - left[w, 0]) - x
                by = left[w, 1] + b * (right[w, 1] - left[w, 1]) - y
                wide = abs(math.atan2(ax * by - ay * bx, ax * bx + ay * by))
                dx, dy, dz = 0.5 * (ax + bx), 0.5 * (ay + by), aim - z
                reach = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-9)
                free = _beyond(scene, x, y, z, dx / reach, dy / reach, dz / reach, room, portal[w])
                if free >= 0.0:
                    seen += wide
                    length += wide * free
        angle[i] = seen
        beyond[i] = length / seen if seen > 0.0 else 0.0
