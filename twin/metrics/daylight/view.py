"""The view to the outdoors: what one sees through the windows of a room, standing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.daylight_sections import DaylightSection
from twin.kernels.sight import Strips, window_sight
from twin.metrics.daylight.rooms import GridPoints, Room
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.scene import RoomScene
from twin.metrics.daylight.windows import Windows

Floats = NDArray[np.float64]

_UPRIGHT = 0.7  # windows whose normal rises or falls more are looked up or down through


@dataclass(frozen=True)
class Outlook:
    """Views of the N grid points and of the R rooms.

    ``angle_deg`` (N,) horizontal angle in which a standing person sees outdoors. Per room: ``share`` (R,) of
    the points that see out, ``room_angle_deg`` (R,) mean angle, ``distance_m`` (R,) mean length of the views
    beyond the windows by their angle, at most 200 m, NaN where nothing is seen. NaN for rooms without points
    that light can reach; 0 for dark rooms.
    """

    angle_deg: Floats
    share: Floats
    room_angle_deg: Floats
    distance_m: Floats


def outlook(
    rooms: Sequence[Room],
    points: GridPoints,
    scene: RoomScene,
    windows: Windows,
    options: DaylightSection,
    rules: DaylightRules,
) -> Outlook:
    """Look out from every grid point at standing height through the windows of its own room."""
    eye = points.position.copy()
    eye[:, 2] += float(rules.view_eye_height_m.value) - options.working_plane_m
    space = np.array([room.space for room in rooms], np.int32)
    angle, beyond = window_sight(
        scene.scene, eye, scene.light_room[space[points.room]], _strips(scene, windows)
    )
    number = np.bincount(points.room, minlength=len(rooms)).astype(np.float64)
    known = np.where(number > 0, number, np.nan)
    turned = np.bincount(points.room, angle, len(rooms))
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.bincount(points.room, angle * beyond, len(rooms)) / turned
    share = np.bincount(points.room, angle > 0.0, len(rooms)) / known
    mean = turned / known
    dark = np.array([room.graded and not room.reachable for room in rooms], np.bool_)
    share[dark], mean[dark] = 0.0, 0.0
    return Outlook(angle, share, mean, distance)


def _strips(scene: RoomScene, windows: Windows) -> Strips:
    """The windows to the outdoors by light room, in the order of the scene's portals."""
    portals = [one for one in windows.windows if scene.light_room[one.space] >= 0]
    kept = [
        (int(scene.light_room[one.space]), number, one)
        for number, one in enumerate(portals)
        if one.outdoors and abs(one.normal[2]) < _UPRIGHT
    ]
    kept.sort(key=lambda entry: entry[:2])
    ends = np.zeros((len(kept), 2, 2))
    heights = np.zeros((len(kept), 2))
    for row, (_, _, window) in enumerate(kept):
        corners = (window.corners - scene.scene.origin_m).reshape(-1, 3)
        along = np.array([-window.normal[1], window.normal[0]])
        along /= np.linalg.norm(along)
        middle = corners[:, :2].mean(axis=0)
        side = (corners[:, :2] - middle) @ along
        ends[row] = middle + np.array([[side.min()], [side.max()]]) * along
        heights[row] = corners[:, 2].min(), corners[:, 2].max()
    rooms = np.array([room for room, _, _ in kept], np.int64)
    return Strips(
        start=np.searchsorted(rooms, np.arange(int(scene.light_room.max(initial=-1)) + 2)).astype(np.int64),
        portal=np.array([number for _, number, _ in kept], np.int64),
        left=np.ascontiguousarray(ends[:, 0]),
        right=np.ascontiguousarray(ends[:, 1]),
        bottom=np.ascontiguousarray(heights[:, 0]),
        top=np.ascontiguousarray(heights[:, 1]),
    )
