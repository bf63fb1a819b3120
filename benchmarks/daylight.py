"""Daylight factors to an equal error beside Radiance (``pyradiance``), processor time on one thread each.

Four models: a room, a storey of 20 rooms and more, and two real files. Errors are root mean squares of
relative deviations where the factor exceeds 0.2 %. Each program is measured against a reference of its own:
ours against the built-in path tracer, which is free of bias, Radiance against itself without its cache at
many more rays; so neither pays for what the scenes differ in. How far the references are apart has its own
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
_REFERENCE_DIVISIONS = 32_768
_ERRORS = (0.08, 0.04, 0.02, 0.01, 0.005)
_DIVISIONS = (256, 1024, 4096)
# What daylighting tools call Radiance with: interpolation, and extra rays where the light varies. The
# resolution fits a scene of 1,200 m: details of 5 cm.
_CACHED = ("-ab", "6", "-as", "1024", "-aa", "0.1", "-ar", "2400", "-lw", "0.001")
_CACHED_DIVISIONS = 2048


@dataclass(frozen=True)
class Case:
    """A model, the error to reach, how many points Radiance gets, and whether it runs with its cache too.

    ``share``: the first part of the rooms, whose points are the ones computed; the scene is always whole.
    """

    name: str
    path: Path
    project: Project
    target: float
    points: int = 60
    cached: bool = True
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
        return [row for case in _cases() for row in _rows(case)]
    finally:
        config.NUMBA_NUM_THREADS = threads


def _cases() -> list[Case]:
    centre = ROOT / "sample_models" / "community_centre"
    project = read_project(centre.with_suffix(".toml"))
    found = [
        Case("one room", ROOT / "twin" / "data" / "one_room.ifc", Project(), 0.015),
        Case("community centre", centre.with_suffix(".ifc"), project, 0.03),
    ]
    shared = shared_data()
    if shared is not None:
        # Two dozen points: more, or the cache, would keep Radiance busy for half an hour.
        office = shared / "models" / "Office_A_20110811.ifc"
        found.append(Case("Office_A", office, Project(), 0.03, points=24, cached=False))
        campus = shared / "models" / "derived_OfficeA_campus_x7.ifc"
        found.append(
            Case("campus", campus, Project(), 0.03, 24, cached=False, share=1 / 7, errors=_ERRORS[:-1])
        )
    return found


def _rows(case: Case) -> list[Row]:
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
        reference = _radiance(groups, count, _REFERENCE_DIVISIONS, radiance.UNCACHED).values
        theirs = []
        for divisions in _DIVISIONS:
            made = _radiance(groups, count, divisions, radiance.UNCACHED)
            theirs.append(Point(made.seconds, rms(made.values[told] / reference[told] - 1.0)))
        _tell(f"{name}, Radiance -aa 0", theirs)
        cached = []
        if case.cached:
            made = _radiance(groups, count, _CACHED_DIVISIONS, _CACHED)
            cached = [Point(made.seconds, rms(made.values[told] / reference[told] - 1.0))]
            _tell(f"{name}, Radiance -aa 0.1", cached)
    triangles, points = len(task.parts.solids.corners), len(every.sensors)
    size = f"{name}, {triangles:,} triangles, {points:,} points, {int(told.sum())} compared"
    apart = truth[told] / reference[told] - 1.0
    return [
        _row(size, target, ours, theirs, "Radiance -aa 0"),
        *[_row(size, max(one.error, target), ours, [one], "Radiance -aa 0.1") for one in cached],
        Row(
            "daylight", f"{size}: references apart, RMS (their noise {100 * noise:.1f} %)",
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
    value = found.value[rows]
    # The reference's own noise is in the difference too.
    squared = rms(value[told] / truth[told] - 1.0) ** 2 - noise**2
    return Point(seconds, float(np.sqrt(max(squared, 0.0))))


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
