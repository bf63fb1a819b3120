"""How the time of daylight grows: with points, with triangles, and what a second core is worth.

Points and triangles by processor time on one thread, the least of three runs; the last row of each is the
exponent of a power law through them. Two threads by the wall clock, which says something on a quiet machine
only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numba import config

import ifc
from benchmarks.cases import ROOT
from benchmarks.rays import diffuse, office
from benchmarks.row import Row
from twin.kernels.bvh import build
from twin.kernels.daylight import daylight_factors
from twin.kernels.ray_streams import closest_hits
from twin.project import read_project
from twin.verify.daylight import prepared, sample

_SIDES = (4, 14, 44)  # rooms along an edge: 10⁴, 10⁵ and 10⁶ triangles
_SHARES = (8, 4, 2, 1)
_RUNS = 3


def run() -> list[Row]:
    """Rays in 10⁴ to 10⁶ triangles; a storey's points; one thread and two."""
    threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
    try:
        return [*_triangles(), *_points()]
    finally:
        config.NUMBA_NUM_THREADS = threads


def _triangles() -> Iterator[Row]:
    counts, seconds = [], []
    for side in _SIDES:
        corners = office(side)
        tree = build(corners)
        starts, directions = (part.astype(np.float32) for part in diffuse(corners))
        counts.append(len(corners))
        seconds.append(_least(partial(closest_hits, tree, starts, directions), time.process_time))
        yield Row(
            "daylight_growth",
            f"{len(starts):,} diffuse rays, closest hit, {len(corners):,} triangles",
            seconds[-1],
        )
    yield _exponent("rays over triangles", counts, seconds)


def _points() -> Iterator[Row]:
    centre = ROOT / "sample_models" / "community_centre"
    every = prepared(ifc.read(centre.with_suffix(".ifc")), read_project(centre.with_suffix(".toml")))
    config.NUMBA_NUM_THREADS = 1  # again, after reading: see _least
    counts, seconds = [], []
    for share in _SHARES:
        _, task = sample(every, len(every.sensors) // share)
        work = partial(daylight_factors, task.scene, task.sensors)
        counts.append(len(task.sensors))
        seconds.append(_least(work, time.process_time))
        yield Row(
            "daylight_growth",
            f"daylight factors, community centre, {len(task.sensors):,} points",
            seconds[-1],
        )
    yield _exponent("daylight factors over points", counts, seconds)
    one = _least(work, time.perf_counter)
    config.NUMBA_NUM_THREADS = 2
    two = _least(work, time.perf_counter)
    yield Row(
        "daylight_growth", "daylight factors on two threads, wall clock", two, "on one thread", one, one / two
    )


def _exponent(case: str, counts: list[int], seconds: list[float]) -> Row:
    exponent = float(np.polyfit(np.log(counts), np.log(seconds), 1)[0])
    return Row("daylight_growth", case, seconds[-1], error=exponent, unit="exponent")


def _least(work: Callable[[], object], clock: Callable[[], float]) -> float:
    threads = config.NUMBA_NUM_THREADS
    work()
    config.NUMBA_NUM_THREADS = threads  # which Numba sets anew where it compiles in a changed environment
    times = []
    for _ in range(_RUNS):
        begin = clock()
        work()
        times.append(clock() - begin)
    return min(times)
