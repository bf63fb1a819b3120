"""Daylight factors to an equal error beside Radiance (``pyradiance``), processor time on one thread each.

Four models: a room, a furnished floor of 20 offices, a real file of 200,000 triangles and a campus of seven
times the same real building. Errors are root mean squares of relative deviations where the factor exceeds
0.2 %. Each program is measured against a reference of its own: ours against the built-in path tracer, which
is free of bias, Radiance against itself without its cache at many more rays; so neither pays for what the
scenes differ in, and the noise of either reference is taken out. How far the references are apart has its own
rows.

``ours_s`` and ``peer_s`` are seconds per 1,000 points at the target error: ours of the whole grid, whose
points share the light between a room's surfaces, Radiance's of some of the points, each on its own. They are
read off a series of runs with more and more rays, between the two runs about the target; a program that does
not reach the target is given its best run, and the case says so.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numba import config
from numpy.typing import NDArray

import ifc
from benchmarks.cases import ROOT, shared_data
from benchmarks.row import Row
from sample_models.office_floor import write_office_floor
from twin.kernels.daylight import daylight_factors, path_traced_factors
from twin.project import Project, read_project
from twin.verify import radiance
from twin.verify.daylight import (
    LEAST_FACTOR,
    POINT_COLUMNS,
    RadianceGroup,
    Task,
    prepared,
    radiance_groups,
    sample,
)

Floats = NDArray[np.float64]

_REFERENCE_PATHS = 262_144
_REFERENCE_DIVISIONS, _REFERENCE_RUNS = 16_384, 2
_ERRORS = (0.08, 0.04, 0.02, 0.01)
_DIVISIONS = (1024, 4096, 16_384)
# What daylighting tools call Radiance with: interpolation, and extra rays where the light varies. The
# resolution fits a scene of 1,200 m: details of 5 cm.
_CACHED = ("-ab", "6", "-aa", "0.1", "-ar", "2400", "-lw", "0.001")
_CACHED_DIVISIONS = (256, 2048)  # with half as many extra rays (-as)


@dataclass(frozen=True)
class Case:
    """A model, the error to reach, how many points Radiance gets, and the divisions it runs its cache with.

    ``share``: the first part of the rooms, whose points are the ones computed; the scene is always whole.
    """

    name: str
    path: Path
    project: Project
    target: float
    points: int = 60
    cached: tuple[int, ...] = ()
    share: float = 1.0
    errors: tuple[float, ...] = _ERRORS  # that ours is asked for


@dataclass(frozen=True)
class Point:
    """One run: seconds of processor time per point, and the error."""

    seconds: float
    error: float


def run() -> list[Row]:
    """All cases whose model is there; nothing to compare without ``pyradiance``."""
    if find_spec("pyradiance") is None:
        return [
            Row("daylight", "daylight factors", float("nan"), "Radiance: peer not installed (pyradiance)")
        ]
    threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
    try:
        with tempfile.TemporaryDirectory(prefix="greentwin-") as folder:
            return [row for case in cases(Path(folder)) for row in rows_of(case)]
    finally:
        config.NUMBA_NUM_THREADS = threads


def cases(folder: Path) -> list[Case]:
    """All cases; models that have to be written go to ``folder``."""
    floor = write_office_floor(folder / "office_floor.ifc")
    furnished = read_project(ROOT / "sample_models" / "office_floor.toml")
    room = ROOT / "twin" / "data" / "one_room.ifc"
    found = [
        Case("one room", room, Project(), 0.015, cached=_CACHED_DIVISIONS, errors=(*_ERRORS, 0.005)),
        # Among furniture the larger of the two takes Radiance a quarter of an hour.
        Case("20 furnished offices", floor, furnished, 0.03, points=40, cached=_CACHED_DIVISIONS[:1]),
    ]
    shared = shared_data()
    if shared is not None:
        # Few points and no cache: Radiance would be busy for half an hour.
        for name, file, points, share in (
            ("Janesville", "Janesville_restaurant.ifc", 40, 1.0),
            ("campus", "derived_OfficeA_campus_x7.ifc", 24, 1 / 7),
        ):
            path = shared / "models" / file
            found.append(Case(name, path, Project(), 0.03, points=points, share=share))
    return found


def rows_of(case: Case) -> list[Row]:
    """Both programs on one case."""
    name, target = case.name, case.target
    every = _first_rooms(prepared(ifc.read(case.path), case.project), case.share)
    rows, task = sample(every, case.points)
    daylight_factors(task.scene, task.sensors, max_repetitions=1)  # compiles
    truth, truth_error, _ = path_traced_factors(task.scene, task.sensors, _REFERENCE_PATHS)
    told = truth > LEAST_FACTOR
    count = len(task.sensors)
    noise = rms(truth_error[told] / truth[told])
    ours = [_ours(every, rows, error, truth, told, noise) for error in case.errors]
    _tell(f"{name}, ours", ours)
    with tempfile.TemporaryDirectory(prefix="greentwin-") as folder:
        groups = list(radiance_groups(task, Path(folder)))
        runs = np.zeros((_REFERENCE_RUNS, count))
        for group in groups:
            runs[:, group.rows] = radiance.factors_of_runs(
                group.scene, group.places, _REFERENCE_DIVISIONS, _REFERENCE_RUNS
            )
        reference = runs.mean(axis=0)
        spread = runs.std(axis=0, ddof=1) / np.sqrt(_REFERENCE_RUNS)
        their_noise = rms(spread[told] / reference[told])

        def peer(divisions: int, options: tuple[str, ...]) -> Point:
            made = _radiance(groups, count, divisions, options)
            return Point(made.seconds, _error(made.values[told], reference[told], their_noise))

        theirs = [peer(divisions, radiance.UNCACHED) for divisions in _DIVISIONS]
        _tell(f"{name}, Radiance -aa 0", theirs)
        cached = [peer(divisions, (*_CACHED, "-as", str(divisions // 2))) for divisions in case.cached]
        if cached:
            _tell(f"{name}, Radiance -aa 0.1", cached)
    triangles, points = len(task.parts.solids.corners), len(every.sensors)
    size = f"{name}, {triangles:,} triangles, {points:,} points, {int(told.sum())} compared"
    noises = f"{100 * noise:.1f} and {100 * their_noise:.1f} %"
    apart = truth[told] / reference[told] - 1.0
    return [
        _row(size, target, ours, theirs, "Radiance -aa 0"),
        *([_row(size, target, ours, cached, "Radiance -aa 0.1")] if cached else []),
        Row(
            "daylight", f"{size}: references apart, RMS (their noise {noises})",
            float("nan"), "Radiance -aa 0", error=100.0 * rms(apart), unit="%",
        ),
        Row(
            "daylight", f"{size}: references apart, mean", float("nan"), "Radiance -aa 0",
            error=100.0 * float(truth[told].mean() / reference[told].mean() - 1.0), unit="%",
        ),
    ]  # fmt: skip


def _first_rooms(task: Task, share: float) -> Task:
    """The points of the first part of the rooms."""
    zones = np.unique(task.sensors.zone)
    rows = np.isin(task.sensors.zone, zones[: max(1, round(share * len(zones)))])
    kept = {name: getattr(task.sensors, name)[rows] for name in POINT_COLUMNS}
    return replace(task, sensors=replace(task.sensors, **kept))


def _row(size: str, target: float, ours: list[Point], theirs: list[Point], peer: str) -> Row:
    mine, other = at_error(ours, target), at_error(theirs, target)
    said = [f"at {100 * target:.1f} %"]
    said += [f"ours reaches {100 * mine.error:.1f} %"] if mine.error > target else []
    said += [f"peer reaches {100 * other.error:.1f} %"] if other.error > target else []
    return Row(
        "daylight", f"{size}: {', '.join(said)}", 1000.0 * mine.seconds, peer, 1000.0 * other.seconds,
        other.seconds / mine.seconds, error=100.0 * mine.error, unit="%",
    )  # fmt: skip


def at_error(runs: list[Point], target: float) -> Point:
    """The cost at the target, between the runs about it in the logarithm of both; else the nearest run.

    Runs that are better than wanted throughout count as they are: nothing is scaled beyond what was run.
    """
    ordered = sorted(runs, key=lambda point: point.seconds)
    for cheap, dear in pairwise(ordered):
        if dear.error <= target < cheap.error:
            share = np.log(cheap.error / target) / np.log(cheap.error / dear.error)
            return Point(float(cheap.seconds * (dear.seconds / cheap.seconds) ** share), target)
    good = [point for point in ordered if point.error <= target]
    return good[0] if good else min(ordered, key=lambda point: point.error)


def _ours(
    task: Task, rows: NDArray[np.intp], error: float, truth: Floats, told: NDArray[np.bool_], noise: float
) -> Point:
    begin = time.process_time()
    found = daylight_factors(
        task.scene, task.sensors, relative_error=error, absolute_error=1e-6, max_repetitions=512
    )
    seconds = (time.process_time() - begin) / len(task.sensors)
    return Point(seconds, _error(found.value[rows][told], truth[told], noise))


def _error(values: Floats, reference: Floats, noise: float) -> float:
    """RMS of relative deviations, without the noise that the reference itself puts into them."""
    return float(np.sqrt(max(rms(values / reference - 1.0) ** 2 - noise**2, 0.0)))


@dataclass(frozen=True)
class _Made:
    values: Floats
    seconds: float


def _radiance(groups: list[RadianceGroup], count: int, divisions: int, options: tuple[str, ...]) -> _Made:
    values, seconds = np.zeros(count), 0.0
    for group in groups:
        radiance.daylight_factors(group.scene, group.places[:0], divisions)  # makes the octree
        begin = children_seconds()
        values[group.rows] = radiance.daylight_factors(
            group.scene, group.places, divisions, options=options, processes=1
        )
        seconds += children_seconds() - begin
    return _Made(values, seconds / count)


def children_seconds() -> float:
    """Processor time of ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rms(values: NDArray[np.floating]) -> float:
    """Root mean square; NaN of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else float("nan")


def _tell(name: str, runs: list[Point]) -> None:
    shown = ", ".join(f"{1000 * point.seconds:.2f} ms {100 * point.error:.1f} %" for point in runs)
    print(f"{name}: {shown}", file=sys.stderr)
