"""Daylight coefficients and 8,760 h beside rfluxmtx: processor time at an equal hourly error.

Compared is the illuminance by the sky of every hour above 50 lx, the sky of both being gendaymtx's 145
patches; the error of each program is that of several independent runs against its own mean of many more
rays, whose noise is taken out. Our time holds more than that: the Perez sky, the reflected sun and the sun
itself, traced every hour. We compute all grid points, Radiance some.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numba import config
from numpy.typing import NDArray

import ifc
from benchmarks.cases import ROOT
from benchmarks.daylight import Point, at_error, children_seconds, rms
from benchmarks.row import Row
from twin.climate import Climate, typical_year
from twin.kernels.daylight import daylight_factors
from twin.metrics.daylight.annual import hourly_illuminance, sky_year
from twin.project import Project
from twin.verify import radiance
from twin.verify.daylight import Task, prepared, radiance_groups, sample
from twin.verify.radiance_sky import coefficients_of_runs, write_weather, year_sky

Singles = NDArray[np.float32]

LEAST_LX = 50.0
TARGET = 0.02  # hourly RMS
_ERRORS = (0.1, 0.05, 0.025, 0.0125)  # of the daylight factor, that ours is asked for
_OUR_RUNS = 5
_REFERENCE_REPETITIONS = 512
_DIVISIONS = {1024: 8, 4096: 4}  # runs of each
_REFERENCE_DIVISIONS = 32_768
_REFERENCE_RUNS = 3
_PEER_POINTS = 32
_SUBDIVISION = 1  # gendaymtx -m: Tregenza's patches


def run() -> list[Row]:
    """The reference room; nothing to compare without ``pyradiance``."""
    if find_spec("pyradiance") is None:
        return [Row("daylight_year", "a year", float("nan"), "Radiance: peer not installed (pyradiance)")]
    threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
    try:
        return _rows("one room", prepared(ifc.read(ROOT / "twin" / "data" / "one_room.ifc"), Project()))
    finally:
        config.NUMBA_NUM_THREADS = threads


def _rows(name: str, every: Task) -> list[Row]:
    """Our cost for all points of a task against Radiance's, at the same hourly error."""
    rows, some = sample(every, _PEER_POINTS)
    climate = typical_year("Nanchang")
    hour = sky_year(climate, 0.0).hour
    with tempfile.TemporaryDirectory(prefix="greentwin-") as folder:
        weather = write_weather(Path(folder) / "weather.wea", climate, hour)
        begin = children_seconds()
        sky = year_sky(weather, hour, 0.0, _SUBDIVISION)
        sky_seconds = (children_seconds() - begin) / 2.0  # made twice: with the sun, and the sun alone
        luminance = sky.whole - sky.sun
        mine, truth = _ours(every, rows, climate, luminance)
        # The sky is made once for all grid points, by us and by them.
        theirs, reference = _theirs(some, Path(folder), luminance, sky_seconds / len(every.sensors))
    ours, peer = at_error(mine, TARGET), at_error(theirs, TARGET)
    case = (
        f"{name}: coefficients and 8,760 h at {len(every.sensors)} points, hourly RMS {100 * TARGET:.0f} % "
        f"(ours {100 * ours.error:.1f} %, peer {100 * peer.error:.1f} %)"
    )
    told = reference > LEAST_LX
    apart = truth[told] / reference[told] - 1.0
    return [
        Row(
            "daylight_year", case, 1000.0 * ours.seconds, "rfluxmtx", 1000.0 * peer.seconds,
            peer.seconds / ours.seconds, error=100.0 * ours.error, unit="%",
        ),
        Row(
            "daylight_year", f"{name}: references apart, RMS", float("nan"), "rfluxmtx",
            error=100.0 * rms(apart), unit="%",
        ),
        Row(
            "daylight_year", f"{name}: references apart, mean", float("nan"), "rfluxmtx",
            error=100.0 * float(truth[told].mean() / reference[told].mean() - 1.0), unit="%",
        ),
    ]  # fmt: skip


def _ours(
    task: Task, rows: NDArray[np.intp], climate: Climate, luminance: Singles
) -> tuple[list[Point], Singles]:
    """Our runs, and the hours (N, H) of the points in ``rows`` that they are held against."""

    def year(error: float, most: int, stream: int) -> tuple[float, Singles]:
        sensors = replace(task.sensors, stream=task.sensors.stream + np.uint64(stream))
        begin = time.process_time()
        found = daylight_factors(
            task.scene, sensors, relative_error=error, absolute_error=1e-6, max_repetitions=most,
            coefficients=np.ones(len(sensors), np.bool_),
        )  # fmt: skip
        assert found.direct is not None
        assert found.reflected is not None
        coefficients = found.direct, found.reflected
        hourly_illuminance(task.scene, sensors.position, sensors.room, *coefficients, sky_year(climate, 0.0))
        seconds = (time.process_time() - begin) / len(sensors)
        return seconds, (found.direct + found.reflected)[rows] @ luminance

    year(0.5, 1, 0)  # compiles
    truth = year(1e-6, _REFERENCE_REPETITIONS, 0)[1]
    points = []
    for error in _ERRORS:
        runs = [year(error, 512, 1 + number) for number in range(_OUR_RUNS)]
        seconds = float(np.median([run[0] for run in runs]))
        points.append(_point(seconds, np.array([run[1] for run in runs]), truth, 0.0))
    return points, truth


def _theirs(
    task: Task, folder: Path, luminance: Singles, sky_per_point: float
) -> tuple[list[Point], Singles]:
    """Radiance's runs, and the hours (N, H) of its points that they are held against."""
    groups, count = list(radiance_groups(task, folder)), len(task.sensors)

    def years(divisions: int, runs: int) -> tuple[float, Singles]:
        found = np.zeros((runs, count, len(luminance)), np.float32)
        options = (*radiance.UNCACHED, "-ad", str(divisions))
        begin = children_seconds()
        for group in groups:
            found[:, group.rows] = coefficients_of_runs(
                group.scene, group.places, _SUBDIVISION, options, runs, processes=1
            )
        seconds = children_seconds() - begin
        begin = time.process_time()
        hourly = found @ luminance
        return (seconds + time.process_time() - begin) / (runs * count) + sky_per_point, hourly

    reference = years(_REFERENCE_DIVISIONS, _REFERENCE_RUNS)[1]
    truth = reference.mean(axis=0)
    told = truth > LEAST_LX
    spread = reference.std(axis=0, ddof=1) / np.sqrt(_REFERENCE_RUNS)
    noise = rms(spread[told] / truth[told])
    return [_point(*years(divisions, runs), truth, noise) for divisions, runs in _DIVISIONS.items()], truth


def _point(seconds: float, hourly: Singles, truth: Singles, noise: float) -> Point:
    """Cost and error of the runs (R, N, H) against ``truth`` (N, H), whose own ``noise`` is taken out."""
    told = truth > LEAST_LX
    apart = rms((hourly[:, told] / truth[told] - 1.0).ravel())
    found = Point(seconds, float(np.sqrt(max(apart**2 - noise**2, 0.0))))
    print(f"{1000 * found.seconds:.2f} ms {100 * found.error:.2f} %", file=sys.stderr)
    return found
