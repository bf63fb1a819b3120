"""Daylight coefficients and 8,760 h beside rfluxmtx: processor time at an equal hourly error.

Compared is the illuminance by the sky of every hour above 50 lx, the sky of both being gendaymtx's 145
patches; the error of each program is that against its own run with many more rays. Our time holds more than
that: the Perez sky, the reflected sun and the sun itself, traced every hour. We compute all grid points,
Radiance some.
"""

from __future__ import annotations

import sys
import tempfile
import time
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
from twin.verify.radiance_sky import sky_coefficients, write_weather, year_sky

Singles = NDArray[np.float32]

LEAST_LX = 50.0
TARGET = 0.02  # hourly RMS
_ERRORS = (0.1, 0.05, 0.025, 0.0125)  # of the daylight factor, that ours is asked for
_REFERENCE_REPETITIONS = 512
_DIVISIONS = (1024, 4096)
_REFERENCE_DIVISIONS = 32_768
_PEER_POINTS = 16
_SUBDIVISION = 1  # gendaymtx -m: Tregenza's patches


def run() -> list[Row]:
    """The reference room; nothing to compare without ``pyradiance``."""
    if find_spec("pyradiance") is None:
        return [Row("daylight_year", "a year", float("nan"), "Radiance: peer not installed (pyradiance)")]
    threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
    try:
        return [_row("one room", prepared(ifc.read(ROOT / "twin" / "data" / "one_room.ifc"), Project()))]
    finally:
        config.NUMBA_NUM_THREADS = threads


def _row(name: str, every: Task) -> Row:
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
        mine = _ours(every, rows, climate, luminance)
        # The sky is made once for all grid points, by us and by them.
        theirs = _theirs(some, Path(folder), luminance, sky_seconds / len(every.sensors))
    ours, peer = at_error(mine, TARGET), at_error(theirs, TARGET)
    case = (
        f"{name}: coefficients and 8,760 h at {len(every.sensors)} points, hourly RMS {100 * TARGET:.0f} % "
        f"(ours {100 * ours.error:.1f} %, peer {100 * peer.error:.1f} %)"
    )
    return Row(
        "daylight_year", case, 1000.0 * ours.seconds, "rfluxmtx", 1000.0 * peer.seconds,
        peer.seconds / ours.seconds, error=100.0 * ours.error, unit="%",
    )  # fmt: skip


def _ours(task: Task, rows: NDArray[np.intp], climate: Climate, luminance: Singles) -> list[Point]:
    sensors, count = task.sensors, len(task.sensors)

    def year(error: float, most: int) -> tuple[float, Singles]:
        begin = time.process_time()
        found = daylight_factors(
            task.scene, sensors, relative_error=error, absolute_error=1e-6, max_repetitions=most,
            coefficients=np.ones(count, np.bool_),
        )  # fmt: skip
        assert found.direct is not None
        assert found.reflected is not None
        coefficients = found.direct, found.reflected
        hourly_illuminance(task.scene, sensors.position, sensors.room, *coefficients, sky_year(climate, 0.0))
        seconds = (time.process_time() - begin) / count
        return seconds, (found.direct + found.reflected)[rows] @ luminance

    year(0.5, 1)  # compiles
    truth = year(1e-6, _REFERENCE_REPETITIONS)[1]
    return [_point(*year(error, 512), truth) for error in _ERRORS]


def _theirs(task: Task, folder: Path, luminance: Singles, sky_per_point: float) -> list[Point]:
    groups, count = list(radiance_groups(task, folder)), len(task.sensors)

    def year(divisions: int) -> tuple[float, Singles]:
        found = np.zeros((count, len(luminance)), np.float32)
        options = (*radiance.UNCACHED, "-ad", str(divisions))
        begin = children_seconds()
        for group in groups:
            found[group.rows] = sky_coefficients(
                group.scene, group.places, _SUBDIVISION, options, processes=1
            )
        seconds = children_seconds() - begin
        begin = time.process_time()
        hourly = found @ luminance
        return (seconds + time.process_time() - begin) / count + sky_per_point, hourly

    truth = year(_REFERENCE_DIVISIONS)[1]
    return [_point(*year(divisions), truth) for divisions in _DIVISIONS]


def _point(seconds: float, hourly: Singles, truth: Singles) -> Point:
    told = truth > LEAST_LX
    found = Point(seconds, rms(hourly[told] / truth[told] - 1.0))
    print(f"{1000 * found.seconds:.2f} ms {100 * found.error:.2f} %", file=sys.stderr)
    return found
