"""Hours of sunlight on the facades of a community: one day at one-minute steps.

One row per size: our kernel beside plain shadow rays (every point and minute, any hit) through Embree where
it is installed (``embreex``), else through our own rays; ``error`` is the share of point-minutes that differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.boxes import box_triangles
from benchmarks.row import Row, median_seconds
from twin.kernels.bvh import build
from twin.kernels.ray_streams import any_hits
from twin.kernels.rays import surface_offset
from twin.kernels.sun import directions_at_solar_time
from twin.kernels.sun_minutes import solar_times, sunlit_steps

Floats = NDArray[np.float64]
LATITUDE_DEG, LONGITUDE_DEG = 28.6, 115.9
DAHAN = np.datetime64("2001-01-20")
SPACING_M = 1.0
PEER_POINTS = 10_000  # the peer looks at these only; its seconds are scaled up


def run() -> list[Row]:
    """A community of 25 and of 100 buildings, points on every facade at 1 m."""
    suns = directions_at_solar_time(LATITUDE_DEG, LONGITUDE_DEG, DAHAN, solar_times(8.0, 16.0, 1.0))
    return [_row(side, suns) for side in (5, 10)]


def _row(side: int, suns: Floats) -> Row:
    triangles, points, normals = community(side)
    tree = build(triangles)
    work = partial(sunlit_steps, tree, triangles.astype(np.float32), points, normals, suns)
    lit = work()  # compiles, too
    ours = median_seconds(work)
    chosen = slice(0, PEER_POINTS)
    lifts = np.array([surface_offset(*point) for point in points[chosen]])
    starts = points[chosen] + lifts[:, None] * normals[chosen]
    peer, hits = _peer(triangles)
    begin = time.perf_counter()
    expected = _plain(hits, starts, normals[chosen], suns)
    seconds = (time.perf_counter() - begin) * len(points) / len(starts)
    case = f"{side * side} buildings, {len(triangles):,} triangles, {len(points):,} points, {len(suns)} min"
    error = float((lit[chosen] != expected).mean()) * 100.0
    return Row("sunlight", case, ours, peer, seconds, seconds / ours, error, "% of minutes")


def community(side: int) -> tuple[Floats, Floats, Floats]:
    """Slabs and towers with balconies on a grid of ``side`` x ``side``.

    Returns triangles (T, 3, 3), points (N, 3) on the facades and their normals (N, 3), about the middle.
    """
    rng = np.random.default_rng(3)
    boxes, points, normals = [], [], []
    for i, j in np.ndindex(side, side):
        width, depth = (40.0, 13.0) if (i + j) % 3 else (24.0, 20.0)
        low = np.array([i * 60.0, j * 45.0, 0.0])
        size = np.array([width, depth, float(rng.choice([18.0, 33.0, 54.0]))])
        boxes.append((low, size))
        for z in np.arange(3.0, size[2], 3.0):
            boxes += [
                (low + np.array([x, -1.5, z]), np.array([4.0, 1.5, 0.15]))
                for x in np.arange(2.0, width - 4.0, 8.0)
            ]
        for axis, outward in ((1, -1), (1, 1), (0, -1), (0, 1)):
            u, v = np.meshgrid(
                np.arange(0.5, size[1 - axis], SPACING_M), np.arange(0.9, size[2], SPACING_M), indexing="ij"
            )
            places = np.tile(low, (u.size, 1))
            places[:, axis] += size[axis] if outward > 0 else 0.0
            places[:, 1 - axis] += u.ravel()
            places[:, 2] += v.ravel()
            points.append(places)
            normals.append(np.repeat([np.eye(3)[axis] * outward], u.size, axis=0))
    triangles = box_triangles(boxes)
    middle = np.round(triangles.mean(axis=(0, 1)))
    return triangles - middle, np.concatenate(points) - middle, np.concatenate(normals)


def _peer(triangles: Floats) -> tuple[str, Callable[[Floats, Floats], NDArray[np.bool_]]]:
    """The peer's name and its any-hit rays: starts and directions (R, 3) -> whether they hit (R,)."""
    if find_spec("embreex") is None:
        tree = build(triangles)
        return "plain rays", lambda starts, directions: any_hits(tree, starts, directions)
    from embreex import rtcore_scene
    from embreex.mesh_construction import TriangleMesh

    scene: Any = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, triangles.astype(np.float32))

    def hits(starts: Floats, directions: Floats) -> NDArray[np.bool_]:
        found = scene.run(starts.astype(np.float32), directions.astype(np.float32), query="OCCLUDED")
        return np.asarray(found == 0)

    return "Embree, plain rays", hits


def _plain(
    hits: Callable[[Floats, Floats], NDArray[np.bool_]], starts: Floats, normals: Floats, suns: Floats
) -> NDArray[np.bool_]:
    """Whether the sun reaches points at each step, (N, H), one ray for each."""
    lit = normals @ suns.T > 0.0
    for minute in range(len(suns)):
        rows = np.flatnonzero(lit[:, minute])
        lit[rows, minute] = ~hits(starts[rows], np.repeat(suns[minute][None], len(rows), axis=0))
    return lit
