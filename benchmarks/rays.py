"""Rays per second: the closest hit and any hit, beside Embree's library calls (``embreex``), one thread each.

Rooms with furniture on a grid, 20 k and 200 k triangles. Coherent rays leave one point through a picture;
diffuse ones leave random points of the surfaces about their normals. ``error`` is the share of rays that
differ: another distance by more than 1 mm, or hit against miss.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numba import config
from numpy.typing import NDArray

from benchmarks.boxes import box_triangles
from benchmarks.row import Row, median_seconds
from twin.kernels.bvh import Bvh, build
from twin.kernels.ray_streams import any_hits, closest_hits

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
RAYS = 400_000
REPEATS = 7


def run() -> list[Row]:
    """Closest and any hit of coherent and diffuse rays in both scenes."""
    threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
    try:
        return [*(row for side in (6, 19) for row in _scene_rows(side)), _two_threads()]
    finally:
        config.NUMBA_NUM_THREADS = threads


def _scene_rows(side: int) -> list[Row]:
    triangles = office(side)
    tree = build(triangles)
    caster = _embree(triangles)
    rows = []
    for kind, (starts, directions) in (
        ("coherent", coherent(triangles)),
        ("diffuse", diffuse(triangles)),
    ):
        o, d = starts.astype(np.float32), directions.astype(np.float32)
        case = f"{len(triangles):,} triangles, {kind}"
        rows.append(_row(f"closest hit, {case}", partial(_distances, tree), caster, "DISTANCE", o, d))
        rows.append(_row(f"any hit, {case}", partial(any_hits, tree), caster, "OCCLUDED", o, d))
    return rows


def _two_threads() -> Row:
    """What the second core adds, by the wall clock: runs on one thread and on two in turn."""
    triangles = office(19)
    work = partial(closest_hits, build(triangles), *(part.astype(np.float32) for part in diffuse(triangles)))
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(REPEATS):
        for threads, mine in times.items():
            config.NUMBA_NUM_THREADS = threads
            mine.append(median_seconds(work, 1))
    one, two = (statistics.median(mine) for mine in times.values())
    case = f"closest hit, {len(triangles):,} triangles, diffuse, two threads, wall clock"
    noise = max((max(mine) - min(mine)) / statistics.median(mine) for mine in times.values())
    return Row("rays", case, two, "on one thread", one, one / two, noise=noise)


def _distances(tree: Bvh, o: Singles, d: Singles) -> Singles:
    return closest_hits(tree, o, d)[0]


def _row(
    case: str, ours: Callable[[Singles, Singles], Any], caster: Any, query: str, o: Singles, d: Singles
) -> Row:
    found, expected = ours(o, d), caster.run(o, d, query=query) if caster is not None else None
    mine, theirs = [], []
    for _ in range(REPEATS):
        begin = time.process_time()
        ours(o, d)
        mine.append(time.process_time() - begin)
        if caster is not None:
            begin = time.process_time()
            caster.run(o, d, query=query)
            theirs.append(time.process_time() - begin)
    seconds = statistics.median(mine)
    label = f"{case}: {len(o) / seconds / 1e6:.2f} M rays/s"
    if expected is None:
        return Row("rays", label, seconds, "Embree: peer not installed (embreex)")
    if query == "DISTANCE":
        missed = expected > 1e30
        wrong = missed != np.isinf(found)
        wrong |= np.abs(np.where(missed, 0.0, expected) - np.where(np.isinf(found), 0.0, found)) > 1e-3
    else:
        wrong = (expected == 0) != found
    peer = statistics.median(theirs)
    noise = max((max(times) - min(times)) / statistics.median(times) for times in (mine, theirs))
    error = 100.0 * float(wrong.mean())
    return Row("rays", label, seconds, "Embree", peer, peer / seconds, error, "% of rays", noise=noise)


def office(side: int) -> Floats:
    """Triangles (T, 3, 3) of ``side`` x ``side`` furnished rooms of 5 x 6 x 3 m with a window each."""
    rng = np.random.default_rng(1)
    boxes: list[tuple[Floats, Floats]] = []

    def box(low: Floats, size: tuple[float, float, float]) -> None:
        boxes.append((low, np.array(size)))

    for i, j in np.ndindex(side, side):
        corner = np.array([i * 5.2, j * 6.2, 0.0])
        for low, size in (
            ((0, 0, -0.2), (5.2, 6.2, 0.2)), ((0, 0, 3), (5.2, 6.2, 0.2)), ((0, 0, 0), (0.1, 6.2, 3)),
            ((0, 6.1, 0), (5.2, 0.1, 3)), ((0, 0, 0), (5.2, 0.2, 0.9)), ((0, 0, 2.4), (5.2, 0.2, 0.6)),
            ((0, 0, 0.9), (1, 0.2, 1.5)), ((4.2, 0, 0.9), (1, 0.2, 1.5)),
        ):  # fmt: skip
            box(corner + np.array(low, np.float64), size)
        for place in rng.uniform((0.5, 0.5), (4.2, 5.2), (6, 2)):
            desk = corner + np.array([*place, 0.0])
            box(desk + np.array([0, 0, 0.7]), (1.4, 0.7, 0.04))
            for leg in ((0, 0), (1.35, 0), (0, 0.65), (1.35, 0.65)):
                box(desk + np.array([*leg, 0.0]), (0.05, 0.05, 0.7))
            box(desk + np.array([0.4, 0.8, 0.4]), (0.5, 0.5, 0.06))
    return box_triangles(boxes)


def coherent(triangles: Floats) -> tuple[Floats, Floats]:
    """Rays of a picture of the whole from above the corner, row by row: starts and directions (R, 3)."""
    high = triangles.max(axis=(0, 1))
    eye = np.array([-8.0, -12.0, 14.0])
    forward = np.array([high[0] / 2, high[1] / 2, 1.0]) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    side = int(np.sqrt(RAYS))
    v, u = np.meshgrid(np.linspace(0.6, -0.6, side), np.linspace(-0.6, 0.6, side), indexing="ij")
    directions = forward + u.reshape(-1, 1) * right + v.reshape(-1, 1) * up
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    return np.repeat(eye[None], len(directions), axis=0), directions


def diffuse(triangles: Floats) -> tuple[Floats, Floats]:
    """Rays from random points of the surfaces, about their normals: starts and directions (R, 3)."""
    rng = np.random.default_rng(2)
    edge1, edge2 = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    cross = np.cross(edge1, edge2)
    area = np.linalg.norm(cross, axis=1)
    chosen = rng.choice(len(triangles), RAYS, p=area / area.sum())
    a, b = rng.random((2, RAYS, 1))
    flip = a + b > 1
    a, b = np.where(flip, 1 - a, a), np.where(flip, 1 - b, b)
    normal = cross[chosen] / area[chosen, None]
    starts = triangles[chosen, 0] + a * edge1[chosen] + b * edge2[chosen] + 1e-3 * normal
    directions = normal + rng.normal(size=(RAYS, 3)) / np.sqrt(3)
    return starts, directions / np.linalg.norm(directions, axis=1)[:, None]


def _embree(triangles: Floats) -> Any:
    if find_spec("embreex") is None:
        return None
    from embreex import rtcore_scene
    from embreex.mesh_construction import TriangleMesh

    scene = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, triangles.astype(np.float32))
    return scene
