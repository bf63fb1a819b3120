"""Where people sit and look at a window: the view points of the glare calculation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.kernels.daylight import DaylightFactors, Points
from twin.kernels.ray_streams import closest_hits
from twin.metrics.daylight.annual import annual_rooms
from twin.metrics.daylight.plane_polygons import triangle_areas
from twin.metrics.daylight.rooms import Room
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.scene import RoomScene
from twin.metrics.daylight.windows import Windows

Floats = NDArray[np.float64]

_STEEP = 0.5  # windows whose normal rises or falls more are no side windows
_SAME_WAY = 0.87  # cosine: windows that face ways less than 30° apart share a view point
_MOST_IN_A_ROOM = 4
_SHARE_OF_DEPTH = 0.6  # of the room behind the eye's window, beyond which no eye is put
_OFF_THE_FACE_M = 0.02
_LEAST_DEPTH_M = 0.3  # nearer things stand in the window


@dataclass(frozen=True)
class Eyes:
    """V view points: ``position``, ``facing`` (V, 3), model coordinates; ``room`` (V,) rows of the rooms."""

    position: Floats
    facing: Floats
    room: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.room)

    def sensors(self, rooms: Sequence[Room], model: BuildingModel, light_room: NDArray[np.int32]) -> Points:
        """The eyes as sensors that face the window, each a zone of its own after those of the rooms."""
        space = np.array([room.space for room in rooms], np.int32)
        names = [f"{model.spaces.global_id[space[row]]} eye {i}" for i, row in enumerate(self.room.tolist())]
        stream = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") for name in names]
        return Points(
            self.position,
            self.facing,
            light_room[space[self.room]],
            (len(rooms) + np.arange(len(self))).astype(np.int32),
            np.array(stream, np.uint64),
        )


def view_points(
    model: BuildingModel, rooms: Sequence[Room], windows: Windows, scene: RoomScene, rules: DaylightRules
) -> Eyes:
    """One view point per main room and way that its side windows face, before the largest of them.

    The eye is seated 1.5 m from the wall of the window, nearer in rooms less than 2.5 m deep there, before
    the middle of the window, and looks at it level. Rooms without side windows have none.
    """
    height, away = float(rules.glare_eye_height_m.value), float(rules.glare_eye_from_window_m.value)
    row_of = {
        rooms[row].space: row
        for row in np.flatnonzero(annual_rooms(list(rooms))).tolist()
        if rooms[row].graded and rooms[row].reachable
    }
    chosen: dict[int, list[Floats]] = {}
    face, facing, owner = [], [], []
    for window in sorted(windows.windows, key=lambda one: -one.area_m2):
        row = row_of.get(window.space)
        if row is None or not window.outdoors or abs(window.normal[2]) > _STEEP:
            continue
        way = window.normal * (1.0, 1.0, 0.0)
        way /= np.linalg.norm(way)
        ways = chosen.setdefault(row, [])
        if len(ways) == _MOST_IN_A_ROOM or any(way @ other > _SAME_WAY for other in ways):
            continue
        ways.append(way)
        middle = np.average(window.corners.mean(axis=1), axis=0, weights=triangle_areas(window.corners))
        face.append([middle[0], middle[1], model.spaces.floor_z_m[window.space] + height])
        facing.append(way)
        owner.append(row)
    at, before = np.array(face).reshape(-1, 3), np.array(facing).reshape(-1, 3)
    owners = np.array(owner, np.int32)
    space = np.array([room.space for room in rooms], np.int32)
    depth, _ = closest_hits(
        scene.scene.light.bvh,
        at - _OFF_THE_FACE_M * before - scene.scene.origin_m,
        -before,
        scene.light_room[space[owners]],
    )
    kept = np.isfinite(depth) & (depth > _LEAST_DEPTH_M)
    back = np.minimum(away, _SHARE_OF_DEPTH * depth[kept].astype(np.float64))
    return Eyes(at[kept] - back[:, None] * before[kept], before[kept], owners[kept])


def together(first: Points, second: Points) -> Points:
    """The points of both, solved at once."""
    return Points(
        np.concatenate([first.position, second.position]),
        np.concatenate([first.normal, second.normal]),
        np.concatenate([first.room, second.room]),
        np.concatenate([first.zone, second.zone]),
        np.concatenate([first.stream, second.stream]),
    )


def apart(found: DaylightFactors, points: int, zones: int) -> tuple[DaylightFactors, DaylightFactors]:
    """What was found for the first ``points`` and ``zones``, and for the others."""

    def part(rows: slice, of_zones: slice) -> DaylightFactors:
        return replace(
            found,
            value=found.value[rows],
            standard_error=found.standard_error[rows],
            lost=found.lost[rows],
            zone_mean=found.zone_mean[of_zones],
            zone_error=found.zone_error[of_zones],
            direct=None if found.direct is None else found.direct[rows],
            reflected=None if found.reflected is None else found.reflected[rows],
        )

    return part(slice(0, points), slice(0, zones)), part(slice(points, None), slice(zones, None))
