"""Which rooms are looked at, where their grid points lie, and which of them are dark from the start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour
from twin.daylight_sections import DaylightSection
from twin.kernels.daylight import Points
from twin.kernels.ray_streams import closest_hits
from twin.metrics.daylight.floors import floor_levels, within_room
from twin.metrics.daylight.grid import working_grid
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.scene import RoomScene
from twin.metrics.daylight.windows import Windows
from twin.use_types import UseType, use_type

Floats = NDArray[np.float64]

_LEAST_HEADROOM_M = 0.1  # above the working plane
# Four ways to look, none along an axis, where faces of neighbours coincide.
_SIDEWAYS = np.array([(0.8, 0.6, 0.05), (-0.8, -0.6, 0.05), (0.6, -0.8, 0.05), (-0.6, 0.8, 0.05)])


@dataclass(frozen=True)
class Room:
    """One space of the result."""

    space: int  # row in SpaceTable
    use: UseType
    underground: bool
    window_area_m2: float
    top_lit: bool  # most of the window area is in the roof
    graded: bool  # its surfaces are good enough to compute with
    reachable: bool  # light from outdoors has a way in


@dataclass(frozen=True)
class GridPoints:
    """The grid points of all rooms, N points, in model coordinates. ``room`` (N,) rows of the room list."""

    position: Floats
    room: NDArray[np.int32]
    facade_distance_m: Floats  # in plan, to the nearest outer wall of the storey; inf where there is none
    narrow: tuple[int, ...]  # rooms whose margin had to be smaller

    def sensors(self, rooms: list[Room], model: BuildingModel, light_room: NDArray[np.int32]) -> Points:
        """The points as upward sensors. Their random streams follow from the GlobalId of the space."""
        space = np.array([room.space for room in rooms], np.int32)
        stream = np.zeros(len(self.room), np.uint64)
        for row in np.unique(self.room).tolist():
            members = np.flatnonzero(self.room == row)
            name = str(model.spaces.global_id[rooms[row].space])
            digest = hashlib.sha256(name.encode()).digest()[:8]
            first = np.uint64(int.from_bytes(digest, "little"))
            with np.errstate(over="ignore"):
                stream[members] = first + np.arange(len(members), dtype=np.uint64)
        return Points(
            self.position,
            np.tile([0.0, 0.0, 1.0], (len(self.room), 1)),
            light_room[space[self.room]] if len(self.room) else np.zeros(0, np.int32),
            self.room,
            stream,
        )


def assessed_rooms(
    model: BuildingModel, windows: Windows, scene: RoomScene, rules: DaylightRules
) -> list[Room]:
    """Internal spaces whose use has a daylight requirement or is unknown, and all that lie underground."""
    spaces = model.spaces
    area = np.zeros(len(spaces))
    top_area = np.zeros(len(spaces))
    for window in windows.windows:
        if window.outdoors:
            area[window.space] += window.area_m2
            if window.tilt_deg < rules.top_lighting_below_tilt_deg:
                top_area[window.space] += window.area_m2
    found = []
    for space in np.flatnonzero(spaces.internal).tolist():
        use = use_type(str(spaces.use[space]))
        underground = scene.ground_z - spaces.floor_z_m[space] > 0.5 * spaces.height_m[space]
        if use.daylight is None and use.use_id != "unknown" and not underground:
            continue
        light_room = int(scene.light_room[space])
        found.append(
            Room(
                space=space,
                use=use,
                underground=bool(underground),
                window_area_m2=float(area[space]),
                top_lit=bool(top_area[space] > 0.5 * area[space]),
                graded=light_room >= 0 and spaces.grade[space] != "D",
                reachable=light_room >= 0 and bool(scene.reachable[light_room]),
            )
        )
    return found


def grid_points(
    model: BuildingModel,
    rooms: list[Room],
    scene: RoomScene,
    options: DaylightSection,
    rules: DaylightRules,
) -> GridPoints:
    """Grid points of the rooms that light can reach, but for those inside a column or another solid.

    They lie on the working plane of every level of a room, where the room is high enough for it.
    """
    positions: list[Floats] = [np.zeros((0, 3))]
    room_of: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    narrow = []
    for row, room in enumerate(rooms):
        headroom = model.spaces.height_m[room.space] - options.working_plane_m
        if not (room.graded and room.reachable and headroom > _LEAST_HEADROOM_M):
            continue
        places, margin = _working_points(model, room.space, options, rules)
        if margin < options.margin_m - 1e-9:
            narrow.append(row)
        positions.append(places)
        room_of.append(np.full(len(places), row, np.int32))
    position, room_row = np.concatenate(positions), np.concatenate(room_of)
    free = ~inside_solids(scene, position)
    # A room whose every point lies in a solid keeps them: its result then shows that something is wrong.
    free |= ~np.isin(room_row, room_row[free])
    position, room_row = position[free], room_row[free]
    return GridPoints(position, room_row, _facade_distances(model, rooms, position, room_row), tuple(narrow))


def _working_points(
    model: BuildingModel, space: int, options: DaylightSection, rules: DaylightRules
) -> tuple[Floats, float]:
    """Points (N, 3) on the working planes of a room and the smallest margin kept, m."""
    points, margin = [np.zeros((0, 3))], options.margin_m
    for level in floor_levels(model, space):
        grid = working_grid(
            level.rings,
            options.grid_spacing_m,
            options.margin_m,
            min(rules.narrowest_margin_m, options.margin_m),
        )
        margin = min(margin, grid.margin_m)
        points.append(np.column_stack([grid.points, level.height(grid.points) + options.working_plane_m]))
    every = np.concatenate(points)
    return every[within_room(model, space, every)], margin


def inside_solids(scene: RoomScene, position: Floats) -> NDArray[np.bool_]:
    """Whether points (N, 3) lie inside a solid: the faces on all sides turn their backs on them."""
    inside = np.ones(len(position), np.bool_)
    start = position - scene.scene.origin_m
    for direction in _SIDEWAYS:
        _, triangle = closest_hits(scene.scene.light.bvh, start, np.tile(direction, (len(position), 1)))
        inside &= (triangle >= 0) & (scene.scene.light.normal[triangle] @ direction > 0.0)
    return inside


def _facade_distances(
    model: BuildingModel, rooms: list[Room], position: Floats, room_row: NDArray[np.int32]
) -> Floats:
    """Distance (N,) in plan from each point to the nearest outer wall of its storey, m."""
    surfaces, spaces = model.surfaces, model.spaces
    outer = np.flatnonzero(
        (surfaces.neighbour == Neighbour.OUTDOORS) & (np.abs(surfaces.tilt_deg - 90.0) < 30.0)
    )
    distance = np.full(len(position), np.inf)
    if len(room_row) == 0:
        return distance
    storey_of_point = spaces.storey[np.array([room.space for room in rooms])[room_row]]
    storey_of_wall = spaces.storey[surfaces.space[outer]]
    for storey in np.unique(storey_of_point).tolist():
        lines = [
            shapely.LineString(np.vstack([ring[:, :2], ring[:1, :2]]))
            for row in outer[storey_of_wall == storey].tolist()
            for ring in surfaces.polygon.rings(row)[:1]
            if len(ring) >= 3
        ]
        if lines:
            here = np.flatnonzero(storey_of_point == storey)
            facade = shapely.union_all(lines)
            distance[here] = shapely.distance(shapely.points(position[here, :2]), facade)
    return distance
