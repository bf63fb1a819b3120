"""A hierarchy that follows what moves beside one built anew, and rays in both; processor time of one thread.

The communities of the benchmark of sunlight, 56 k and 1 M triangles, in which one building is moved across
the street; then the smaller one with every building moved at random, until the refitted hierarchy is worn.
``error`` is the share of rays with another answer than in a new hierarchy.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numba import config
from numpy.typing import NDArray

from benchmarks.rays import diffuse
from benchmarks.row import Row
from benchmarks.sunlight import community
from twin.kernels.bvh import Bvh, build
from twin.kernels.ray_streams import any_hits, closest_hits
from twin.kernels.refit import Refittable, build_refittable, refit

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_PITCH_M = (60.0, 45.0)  # from building to building
_ACROSS_M = np.array([30.0, 20.0, 0.0])
_SPREADS_M = (20.0, 50.0, 100.0, 200.0)
_REPEATS = 5


def run() -> list[Row]:
    """One building of 100 and of 1,764; then all of 100."""
    threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
    try:
        return [*_one_building(10), *_one_building(42), *_every_building(10)]
    finally:
        config.NUMBA_NUM_THREADS = threads


def _one_building(side: int) -> Iterator[Row]:
    triangles, _, _ = community(side)
    building = _building(triangles, side)
    rows = np.flatnonzero(building == side // 2 * (side + 1))
    there = triangles[rows] + _ACROSS_M
    moved = triangles.copy()
    moved[rows] = there
    tree = build_refittable(triangles)
    case = f"{len(rows):,} of {len(triangles):,} triangles moved"
    refitted, built, noise = _in_turn(partial(refit, tree, rows, there), partial(build, moved))
    yield Row("refit", f"{case}: refit", refitted, "a new hierarchy", built, built / refitted, noise=noise)
    yield from _rays(f"{case}, cost {refit(tree, rows, there):.3f}", tree, moved)


def _every_building(side: int) -> Iterator[Row]:
    triangles, _, _ = community(side)
    building = _building(triangles, side)
    tree, rows = build_refittable(triangles), np.arange(len(triangles))
    refitted, built, noise = _in_turn(partial(refit, tree, rows, triangles), partial(build, triangles))
    case = f"all {len(rows):,} triangles moved: refit"
    yield Row("refit", case, refitted, "a new hierarchy", built, built / refitted, noise=noise)
    rng = np.random.default_rng(4)
    for spread in _SPREADS_M:
        moved = triangles.copy()
        moved[..., :2] += rng.uniform(-spread, spread, (side * side, 1, 2))[building]
        cost = refit(tree, rows, moved)
        yield from _rays(f"every building moved by up to {spread:g} m, cost {cost:.2f}", tree, moved)


def _building(triangles: Floats, side: int) -> NDArray[np.int64]:
    """Number (T,) of the building that each triangle belongs to."""
    places = triangles.mean(axis=1) - triangles.min(axis=(0, 1))
    i, j = (np.floor(places[:, axis] / _PITCH_M[axis]).astype(np.int64) for axis in range(2))
    return i * side + j


def _rays(case: str, tree: Refittable, triangles: Floats) -> Iterator[Row]:
    """The same rays in the refitted hierarchy and in a new one."""
    starts, directions = (part.astype(np.float32) for part in diffuse(triangles))
    fresh = build(triangles)
    for name, ask in (("closest hit", _distances), ("any hit", any_hits)):
        ours, theirs = partial(ask, tree.bvh, starts, directions), partial(ask, fresh, starts, directions)
        error = 100.0 * float((ours() != theirs()).mean())
        after, anew, noise = _in_turn(ours, theirs)
        label = f"{case}, {name}: {len(starts) / after / 1e6:.2f} M rays/s"
        yield Row("refit", label, after, "in a new one", anew, anew / after, error, "% of rays", noise=noise)


def _distances(tree: Bvh, starts: Singles, directions: Singles) -> Singles:
    return closest_hits(tree, starts, directions)[0]


def _in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, float]:
    """Median processor time of both, run in turn, and the worse spread of the two."""
    ours(), theirs()
    config.NUMBA_NUM_THREADS = 1  # which Numba sets anew where it compiles in a changed environment
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(_REPEATS):
        for work, mine in zip((ours, theirs), times, strict=True):
            begin = time.process_time()
            work()
            mine.append(time.process_time() - begin)
    one, other = (statistics.median(mine) for mine in times)
    return one, other, max((max(mine) - min(mine)) / statistics.median(mine) for mine in times)
