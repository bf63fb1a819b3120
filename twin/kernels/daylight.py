"""Daylight factors and daylight coefficients at points, to a target error."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from twin.kernels.light_paths import Notes, Rows, Tally, gather
from twin.kernels.light_scene import Scene
from twin.kernels.radiosity import Effort, light_room
from twin.kernels.rays import in_threads
from twin.kernels.sky import CIE_OVERCAST, PATCHES

Floats = NDArray[np.float64]

EFFORT = Effort(sensor_paths=256, sensor_share=0.5, surfel_paths=16, surfel_share=0.35)
FIRST_REPETITIONS = 4
_POINTS_AT_A_TIME = 4096  # bounds the memory: some 10 kB a point
_SURFELS_PER_ROOM = 3000  # at most
_PATHS_PER_BATCH = 64


@dataclass(frozen=True)
class Points:
    """Where the light is wanted, N points.

    ``position``, ``normal`` (N, 3); ``room`` (N,), -1 outside of all rooms; ``zone`` (N,) >= 0: the points of
    a zone, all in one room, are averaged; ``stream`` (N,) uint64, the random stream of each point: the same
    streams and surroundings give the same result.
    """

    position: Floats
    normal: Floats
    room: NDArray[np.int32]
    zone: NDArray[np.int32]
    stream: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.room)


@dataclass(frozen=True)
class DaylightFactors:
    """Daylight factors of N points in Z zones, as fractions of the unobstructed horizontal illuminance.

    ``value``, ``standard_error`` (N,). ``zone_mean``, ``zone_error`` (Z,): the mean over the points of a zone
    and its standard error, NaN for zones without points. ``lost`` (N,): share of the paths that left a room
    elsewhere than by a portal, 0 in a closed room. ``rays``: cast in all. ``direct``, ``reflected`` (N, 145):
    daylight coefficients, illuminance per unit luminance of each sky patch, without and with reflection, of
    the points that they were wanted for; None when they were for none.
    """

    value: Floats
    standard_error: Floats
    zone_mean: Floats
    zone_error: Floats
    lost: Floats
    rays: int
    direct: NDArray[np.float32] | None = None
    reflected: NDArray[np.float32] | None = None


def daylight_factors(
    scene: Scene,
    points: Points,
    *,
    relative_error: float = 0.05,
    absolute_error: float = 0.0005,
    max_repetitions: int = 64,
    sky: int = CIE_OVERCAST,
    coefficients: NDArray[np.bool_] | None = None,
    effort: Effort = EFFORT,
) -> DaylightFactors:
    """Daylight factors at points, to a standard error of ``relative_error`` or ``absolute_error`` each.

    Independent solutions (:func:`twin.kernels.radiosity.light_room`) are averaged and their spread gives the
    standard errors. A group of rooms gets as many solutions as bring the mean square of its points' errors,
    relative to what each is allowed, down to one, judged from the first four; at most ``max_repetitions``.
    (Stopping each point by its own estimated error would favour low values.) ``coefficients`` (N,) names the
    points whose daylight coefficients are wanted.
    """
    position = np.ascontiguousarray(points.position - scene.origin_m)
    zone_count = int(points.zone.max(initial=-1)) + 1
    group_of = np.where(points.room >= 0, np.append(scene.rooms.group, -1)[points.room], -1)
    tasks = _tasks(group_of)
    wanted = np.zeros(len(points), np.bool_) if coefficients is None else coefficients
    bins = (len(points) if coefficients is not None else 0, PATCHES)
    direct, reflected = np.zeros(bins, np.float32), np.zeros(bins, np.float32)
    value, variance = np.zeros(len(points)), np.zeros(len(points))
    zone_points = np.bincount(points.zone, minlength=zone_count)
    zone_sum, zone_variance = np.zeros(zone_count), np.zeros(zone_count)
    rays, lost = np.zeros(len(points), np.int64), np.zeros(len(points))
    lock = Lock()

    def solve(task: NDArray[np.intp]) -> None:
        count = len(task)
        sensors = Rows(
            position[task],
            np.ascontiguousarray(points.normal[task], np.float64),
            np.arange(count),
            np.ones(count, np.int64),
            points.room[task].astype(np.int64),
            points.stream[task].astype(np.uint64),
        )
        capacity = _SURFELS_PER_ROOM * max(1, int((scene.rooms.group == group_of[task[0]]).sum()))
        binned = bool(wanted[task].any())
        solutions: list[Floats] = []
        needed = FIRST_REPETITIONS
        while len(solutions) < needed:
            factor, own_rays, own_lost = np.zeros(count), np.zeros(count, np.int64), np.zeros(count, np.int64)
            to_sky = [np.zeros((count if binned else 0, PATCHES)) for _ in range(2)]
            light_room(
                scene.light, scene.rooms, sensors, effort, sky, len(solutions), capacity,
                factor, *to_sky, own_rays, own_lost,
            )  # fmt: skip
            solutions.append(factor)
            rays[task] += own_rays
            lost[task] += own_lost / effort.sensor_paths
            if binned:
                direct[task] += to_sky[0]
                reflected[task] += to_sky[1]
            if len(solutions) == FIRST_REPETITIONS:
                needed = _repetitions(np.array(solutions), relative_error, absolute_error, max_repetitions)
        found = np.array(solutions)
        value[task] = found.mean(axis=0)
        variance[task] = found.var(axis=0, ddof=1) / len(found)
        lost[task] /= len(found)
        if binned:
            direct[task] /= len(found)
            reflected[task] /= len(found)
        for zone in np.unique(points.zone[task]):
            sums = found[:, points.zone[task] == zone].sum(axis=1)
            with lock:  # a large zone is spread over several tasks
                zone_sum[zone] += sums.mean()
                zone_variance[zone] += sums.var(ddof=1) / len(sums)

    def work(start: int, stop: int) -> None:
        for task in tasks[start:stop]:
            solve(task)

    in_threads(work, len(tasks), 1)
    count = np.where(zone_points > 0, zone_points, np.nan)
    return DaylightFactors(
        value=value,
        standard_error=np.sqrt(variance),
        zone_mean=zone_sum / count,
        zone_error=np.sqrt(zone_variance) / count,
        lost=lost,
        rays=int(rays.sum()),
        direct=direct if coefficients is not None else None,
        reflected=reflected if coefficients is not None else None,
    )


def _tasks(group_of: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    """The points of each group, the largest first, at most some thousands at a time."""
    tasks = []
    for group in np.unique(group_of):
        members = np.flatnonzero(group_of == group)
        parts = -(-len(members) // _POINTS_AT_A_TIME)
        tasks += [members[part::parts] for part in range(parts)]
    return sorted(tasks, key=len, reverse=True)


def _repetitions(first: Floats, relative_error: float, absolute_error: float, most: int) -> int:
    """Solutions that the points of a group need, from the first ones (K, N)."""
    allowed = np.maximum(relative_error * first.mean(axis=0), max(absolute_error, 1e-12))
    return int(np.clip(np.ceil((first.var(axis=0, ddof=1) / allowed**2).mean()), len(first), most))


def path_traced_factors(
    scene: Scene, points: Points, paths: int, sky: int = CIE_OVERCAST
) -> tuple[Floats, Floats, int]:
    """Daylight factors by following every path to its end: free of bias, slow; the built-in check.

    Returns value and standard error (N,) from ``paths`` (a multiple of 64, at least 128) each, and the rays
    cast.
    """
    count, batches = len(points), max(paths // _PATHS_PER_BATCH, 2)
    rows = Rows(
        np.ascontiguousarray(points.position - scene.origin_m),
        np.ascontiguousarray(points.normal, np.float64),
        np.arange(count),
        np.ones(count, np.int64),
        points.room.astype(np.int64),
        points.stream.astype(np.uint64),
    )
    nothing = np.zeros((0, PATCHES))
    tally = Tally(
        np.zeros((count, batches)), nothing, nothing, np.zeros(count, np.int64), np.zeros(count, np.int64)
    )
    no_notes = Notes(
        scene.rooms.group, scene.rooms.cell, np.zeros(3),
        np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32), np.zeros((0, 0, 6), np.float32),
    )  # fmt: skip
    in_threads(
        lambda start, stop: gather(
            scene.light, rows, sky, 0, _PATHS_PER_BATCH, EFFORT.sensor_share, tally, no_notes, start, stop
        ),
        count,
        16,
    )
    each = tally.factor / _PATHS_PER_BATCH
    return each.mean(axis=1), each.std(axis=1, ddof=1) / np.sqrt(batches), int(tally.rays.sum())
