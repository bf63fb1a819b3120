"""Daylight factors and daylight coefficients at points, to a target error."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.kernels.light_paths import gather
from twin.kernels.light_records import Rows, Tally, nothing_noted, single_places
from twin.kernels.light_scene import SMALLEST_CELL_M, Scene
from twin.kernels.radiosity import Effort, light_room
from twin.kernels.rays import in_threads
from twin.kernels.sky import CIE_OVERCAST, PATCHES

Floats = NDArray[np.float64]

EFFORT = Effort(sensor_paths=256, sensor_share=0.5, surfel_paths=16, surfel_share=0.35)
# Where the first solutions of these are good enough: half the time.
LIGHT_EFFORT = Effort(sensor_paths=128, sensor_share=0.5, surfel_paths=8, surfel_share=0.35)
_LIGHT_FROM = 0.03  # relative error from which on they are
_FINE_BELOW = 0.015  # relative error from which on down surfels are half as wide: half their bias
FIRST_REPETITIONS = 4
_POINTS_AT_A_TIME = 4096  # bounds the memory: some 10 kB a point
_SURFELS_PER_COMPARTMENT = 3000  # at most, of the full size
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
    elsewhere than by a portal, 0 in a closed room. ``rays``: cast in all. ``direct`` and ``reflected`` (N,
    145 S): daylight coefficients, illuminance per unit luminance of each sky patch, without and with
    reflection, of the points that they were wanted for, in the S sets of the scene one after another; None
    when they were for none.
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
    effort: Effort | None = None,
) -> DaylightFactors:
    """Daylight factors at points, to a standard error of ``relative_error`` or ``absolute_error`` each.

    Independent solutions (:func:`twin.kernels.radiosity.light_room`) are averaged and their spread gives the
    standard errors. A group of rooms gets as many solutions as bring the mean square of its points' errors,
    relative to what each is allowed, down to one, judged from the first four; at most ``max_repetitions``.
    (Stopping each point by its own estimated error would favour low values.) ``coefficients`` (N,) names the
    points whose daylight coefficients are wanted. ``effort`` of each solution follows from ``relative_error``
    unless it is given; so does the size of the surfels, whose bias no repetition takes away.
    """
    if effort is None:
        effort = LIGHT_EFFORT if relative_error >= _LIGHT_FROM else EFFORT
    most_surfels = _SURFELS_PER_COMPARTMENT
    if relative_error < _FINE_BELOW:
        fine = np.maximum(scene.rooms.cell / 2.0, SMALLEST_CELL_M)
        scene, most_surfels = replace(scene, rooms=scene.rooms._replace(cell=fine)), 4 * most_surfels
    position = np.ascontiguousarray(points.position - scene.origin_m)
    group_of = np.where(points.room >= 0, np.append(scene.rooms.group, -1)[points.room], -1)
    tasks = _tasks(group_of)
    set_count = scene.set_count
    solved: dict[int, _Solved] = {}

    def work(start: int, stop: int) -> None:
        for number in range(start, stop):
            rows = tasks[number]
            sensors = single_places(
                position[rows], points.normal[rows], points.room[rows], points.stream[rows]
            )
            compartments = int((scene.rooms.group[scene.rooms.of_compartment] == group_of[rows[0]]).sum())
            solved[number] = _solve(
                scene, sensors, effort, sky, most_surfels * max(1, compartments),
                (relative_error, absolute_error), max_repetitions,
                set_count if coefficients is not None and bool(coefficients[rows].any()) else 0,
            )  # fmt: skip

    in_threads(work, len(tasks), 1)
    return _gathered(
        points,
        tasks,
        [solved[number] for number in range(len(tasks))],
        set_count if coefficients is not None else 0,
    )


@dataclass(frozen=True)
class _Solved:
    """Solutions (K, n) for the n points of one task, and what :class:`DaylightFactors` wants besides."""

    solutions: Floats
    lost: Floats
    rays: int
    direct: NDArray[np.float32]
    reflected: NDArray[np.float32]


def _solve(
    scene: Scene,
    sensors: Rows,
    effort: Effort,
    sky: int,
    capacity: int,
    allowed_error: tuple[float, float],
    max_repetitions: int,
    set_count: int,
) -> _Solved:
    """Independent solutions for the sensors of one task, until their spread is small enough.

    ``set_count``: sets of daylight coefficients, 0 where none are wanted.
    """
    count = len(sensors.room)
    bins = (count if set_count else 0, PATCHES * max(set_count, 1))
    direct, reflected = np.zeros(bins), np.zeros(bins)
    lost, rays = np.zeros(count), 0
    solutions: list[Floats] = []
    needed = FIRST_REPETITIONS
    while len(solutions) < needed:
        factor, own_direct, own_reflected = np.zeros(count), np.zeros(bins), np.zeros(bins)
        own_rays, own_lost = np.zeros(count, np.int64), np.zeros(count, np.int64)
        light_room(
            scene.light, scene.rooms, sensors, effort, sky, len(solutions), capacity,
            factor, own_direct, own_reflected, own_rays, own_lost,
        )  # fmt: skip
        solutions.append(factor)
        direct += own_direct
        reflected += own_reflected
        lost += own_lost / effort.sensor_paths
        rays += int(own_rays.sum())
        if len(solutions) == FIRST_REPETITIONS:
            needed = _repetitions(np.array(solutions), *allowed_error, max_repetitions)
    means = [(bins_of / needed).astype(np.float32) for bins_of in (direct, reflected)]
    return _Solved(np.array(solutions), lost / needed, rays, *means)


def _gathered(
    points: Points, tasks: list[NDArray[np.intp]], solved: list[_Solved], set_count: int
) -> DaylightFactors:
    """The results of all tasks, point by point and zone by zone."""
    value, variance, lost = (np.zeros(len(points)) for _ in range(3))
    bins = (len(points) if set_count else 0, PATCHES * max(set_count, 1))
    direct, reflected = np.zeros(bins, np.float32), np.zeros(bins, np.float32)
    zone_count = int(points.zone.max(initial=-1)) + 1
    zone_sum, zone_variance = np.zeros(zone_count), np.zeros(zone_count)
    for rows, one in zip(tasks, solved, strict=True):
        repetitions = len(one.solutions)
        value[rows] = one.solutions.mean(axis=0)
        variance[rows] = one.solutions.var(axis=0, ddof=1) / repetitions
        lost[rows] = one.lost
        if len(one.direct):
            direct[rows], reflected[rows] = one.direct, one.reflected
        # A large zone is spread over several tasks, which are independent.
        for zone in np.unique(points.zone[rows]).tolist():
            sums = one.solutions[:, points.zone[rows] == zone].sum(axis=1)
            zone_sum[zone] += sums.mean()
            zone_variance[zone] += sums.var(ddof=1) / repetitions
    number = np.bincount(points.zone, minlength=zone_count)
    count = np.where(number > 0, number, np.nan)
    return DaylightFactors(
        value=value,
        standard_error=np.sqrt(variance),
        zone_mean=zone_sum / count,
        zone_error=np.sqrt(zone_variance) / count,
        lost=lost,
        rays=sum(one.rays for one in solved),
        direct=direct if set_count else None,
        reflected=reflected if set_count else None,
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
    rows = single_places(points.position - scene.origin_m, points.normal, points.room, points.stream)
    nothing = np.zeros((0, PATCHES))
    tally = Tally(
        np.zeros((count, batches)), nothing, nothing,
        np.zeros(count, np.int64), np.zeros(count, np.int64),
    )  # fmt: skip
    notes = nothing_noted(scene.rooms.group, scene.rooms.cell)
    in_threads(
        lambda start, stop: gather(
            scene.light, rows, sky, 0, _PATHS_PER_BATCH, EFFORT.sensor_share, tally, notes, start, stop
        ),
        count,
        16,
    )
    each = tally.factor / _PATHS_PER_BATCH
    return each.mean(axis=1), each.std(axis=1, ddof=1) / np.sqrt(batches), int(tally.rays.sum())
