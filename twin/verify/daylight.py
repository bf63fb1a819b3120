"""Daylight factors of a model by our kernel and by Radiance, point by point."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.errors import TwinError
from twin.kernels.daylight import Points, daylight_factors
from twin.kernels.light_scene import Scene
from twin.metrics.daylight.rooms import Room, assessed_rooms, grid_points
from twin.metrics.daylight.rules import project_rules
from twin.metrics.daylight.scene import room_scene
from twin.metrics.daylight.windows import NO_DIRT, NO_FRAME, Windows, find_windows
from twin.project import Project
from twin.verify import radiance
from twin.verify.radiance_scene import Parts, parts_of, write_scene

Floats = NDArray[np.float64]

LEAST_FACTOR = 0.002  # below which relative differences say nothing
_RELATIVE_ERROR = 0.01  # that ours may have
_DIVISIONS = 4096
_RUNS = 4  # of Radiance, whose spread tells its noise
POINT_COLUMNS = tuple(column.name for column in fields(Points))


@dataclass(frozen=True)
class Differences:
    """Relative differences over some points, as fractions.

    ``rms`` as found; ``peer_noise`` that of the mean of Radiance's runs; ``rms_without_noise`` what is left
    of the one when the square of the other is taken from its square; ``bias`` of the mean over the points.
    """

    rms: float
    rms_without_noise: float
    bias: float
    peer_noise: float


@dataclass(frozen=True)
class Comparison:
    """N points, with daylight factors as fractions.

    ``space`` (N,) rows of the SpaceTable; ``position`` (N, 3) model coordinates; ``ours``, ``our_error`` (its
    standard error), ``theirs``, ``their_noise`` (the standard error of the mean of its runs) (N,).
    """

    space: NDArray[np.int32]
    position: Floats
    ours: Floats
    our_error: Floats
    theirs: Floats
    their_noise: Floats
    our_seconds: float
    their_seconds: float

    @property
    def told(self) -> NDArray[np.bool_]:
        """Which points (N,) are bright enough for a relative difference."""
        return np.asarray(self.theirs > LEAST_FACTOR)

    def differences(self, which: NDArray[np.bool_]) -> Differences | None:
        """Relative differences of some points; None where no point is bright enough."""
        rows = which & self.told
        if not rows.any():
            return None
        relative = self.ours[rows] / self.theirs[rows] - 1.0
        squared = float(np.mean(relative**2))
        noise = float(np.mean((self.their_noise[rows] / self.theirs[rows]) ** 2))
        return Differences(
            rms=float(np.sqrt(squared)),
            rms_without_noise=float(np.sqrt(max(squared - noise, 0.0))),
            bias=float(self.ours[rows].mean() / self.theirs[rows].mean() - 1.0),
            peer_noise=float(np.sqrt(noise)),
        )


def compare(
    model: BuildingModel,
    project: Project,
    *,
    points: int = 100,
    keep: Path | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> Comparison:
    """Compute the daylight factor at some points of every lit room twice.

    Both see the same faces, panes and sky. Frames and dirt, plain factors, are left out on both sides.

    Args:
        model: with surfaces, their openings and constructions.
        project: options of the daylight calculation.
        points: how many in all, shared out to the rooms by their size, at least one each.
        keep: folder that the Radiance scenes are written to; None for one that is deleted.
        progress: called with each stage.

    Raises:
        TwinError: Radiance is not installed, or the model has no room with a way for light.
    """
    radiance.programs()
    task = sample(prepared(model, project), points)[1]
    sensors = task.sensors
    progress("greentwin")
    daylight_factors(task.scene, sensors, max_repetitions=1)  # compiles
    begin = time.perf_counter()
    ours = daylight_factors(task.scene, sensors, relative_error=_RELATIVE_ERROR, absolute_error=1e-5)
    our_seconds = time.perf_counter() - begin
    theirs = np.zeros((_RUNS, len(sensors)))
    begin = time.perf_counter()
    with scene_folder(keep) as folder:
        progress("Radiance")
        for group in radiance_groups(task, folder):
            theirs[:, group.rows] = radiance.factors_of_runs(group.scene, group.places, _DIVISIONS, _RUNS)
            progress("Radiance")
    return Comparison(
        space=np.array([task.rooms[row].space for row in sensors.zone.tolist()], np.int32),
        position=sensors.position,
        ours=ours.value,
        our_error=ours.standard_error,
        theirs=theirs.mean(axis=0),
        their_noise=theirs.std(axis=0, ddof=1) / np.sqrt(_RUNS),
        our_seconds=our_seconds,
        their_seconds=(time.perf_counter() - begin) / _RUNS,
    )


@dataclass(frozen=True)
class Task:
    """Grid points of the lit rooms of a model, N points, and the scene that they stand in."""

    rooms: Sequence[Room]
    sensors: Points
    scene: Scene
    parts: Parts


def prepared(model: BuildingModel, project: Project) -> Task:
    """All grid points of the lit rooms, without frames and dirt.

    Raises:
        TwinError: the model has no room with a way for light.
    """
    options = project.daylight
    rules = project_rules(options)
    found = find_windows(model, options, rules)
    panes = tuple(replace(window, frame_ratio=NO_FRAME, dirt=NO_DIRT) for window in found.windows)
    windows = Windows(panes, found.opaque)
    scene = room_scene(model, windows, rules)
    rooms = assessed_rooms(model, windows, scene, rules)
    grid = grid_points(model, rooms, scene, options, rules)
    if not len(grid.room):
        raise TwinError(
            "no-lit-rooms",
            model.source.path,
            Text("No room with a window and known surfaces.", "没有带外窗且围护面已知的房间。"),
            Text("See `twin inspect` for what the model lacks.", "请用 `twin inspect` 查看模型缺项。"),
        )
    sensors = grid.sensors(rooms, model, scene.light_room)
    return Task(rooms, sensors, scene.scene, parts_of(model, windows, scene, rules))


def sample(task: Task, points: int) -> tuple[NDArray[np.intp], Task]:
    """About ``points`` of the points, spread evenly over each room, at least one in each; and their rows."""
    room = task.sensors.zone
    chosen = []
    for one in np.unique(room).tolist():
        members = np.flatnonzero(room == one)
        share = max(1, min(len(members), round(points * len(members) / len(room))))
        chosen.append(members[np.linspace(0, len(members) - 1, share).round().astype(np.intp)])
    rows = np.concatenate(chosen)
    kept = {name: getattr(task.sensors, name)[rows] for name in POINT_COLUMNS}
    return rows, replace(task, sensors=replace(task.sensors, **kept))


@dataclass(frozen=True)
class RadianceGroup:
    """The sensors ``rows`` (n,) that share a Radiance scene, at ``places`` (n, 3) in it."""

    scene: Path
    rows: NDArray[np.intp]
    places: Floats


def radiance_groups(task: Task, folder: Path) -> Iterator[RadianceGroup]:
    """Write the Radiance scene of each set of rooms that pass light to each other, one after the other."""
    groups = task.scene.rooms.group[task.sensors.room]
    for group in np.unique(groups).tolist():
        here = folder / f"rooms_{group}"
        here.mkdir(parents=True, exist_ok=True)
        written = write_scene(here, task.parts, np.flatnonzero(task.scene.rooms.group == group))
        rows = np.flatnonzero(groups == group)
        yield RadianceGroup(written, rows, task.sensors.position[rows] - task.scene.origin_m)


@contextmanager
def scene_folder(keep: Path | None) -> Iterator[Path]:
    """The folder to keep scenes in, made if need be, or one that is deleted."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="greentwin-") as temporary:
        yield Path(temporary)
