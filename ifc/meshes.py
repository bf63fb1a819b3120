"""Volume, closure and winding of triangle meshes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vertices = NDArray[np.floating]
Triangles = NDArray[np.int32]

NO_VOLUME_M3 = 1e-9
_WELD_M = 1e-5
_REPAIR_LIMIT = 200_000  # triangles; a mesh of more is left as it is


@dataclass(frozen=True, slots=True)
class Closure:
    """How well a mesh closes.

    ``open_edges`` have an odd number of triangles, ``turned_edges`` an even number that do not run in
    opposite directions (neighbours wound differently).
    """

    open_edges: int
    turned_edges: int

    @property
    def closed(self) -> bool:
        """No open edge."""
        return self.open_edges == 0


def signed_volume(vertices: Vertices, triangles: Triangles) -> float:
    """Volume in m³ by the divergence theorem, positive when the triangles are wound outward.

    Args:
        vertices: (n, 3). The sum is taken about their centre, so that far coordinates cost no digits.
        triangles: (m, 3) rows of ``vertices``.
    """
    if not len(triangles):
        return 0.0
    points = np.asarray(vertices, np.float64)
    corners = (points - points.mean(axis=0))[triangles]
    return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0)


def surface_area(vertices: Vertices, triangles: Triangles) -> float:
    """Area of all triangles in m²."""
    corners = np.asarray(vertices, np.float64)[triangles]
    crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(crossed, axis=1).sum() / 2.0)


def closure(vertices: Vertices, triangles: Triangles) -> Closure:
    """Count open and turned edges after welding vertices within 10 µm."""
    edges, direction = _edges(_welded(vertices, triangles))
    _, group = np.unique(edges, axis=0, return_inverse=True)
    count = np.bincount(group.reshape(-1))
    balance = np.bincount(group.reshape(-1), weights=direction)
    odd = count % 2 == 1
    return Closure(int(odd.sum()), int((~odd & (balance != 0)).sum()))


def sound_shapes(
    vertices: NDArray[np.float32],
    triangles: Triangles,
    vertex_start: NDArray[np.int64],
    triangle_start: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which of S packed shapes are closed, wound outward and have a volume, judged by their indices alone.

    Shapes that are closed only after welding are reported as unsound: look at those with :func:`closure`.

    Args:
        vertices: (V, 3) about each shape's own centre.
        triangles: (T, 3) rows of the shape's own vertices.
        vertex_start: (S + 1,) into ``vertices``.
        triangle_start: (S + 1,) into ``triangles``.
    """
    count = len(triangle_start) - 1
    if not len(triangles):
        return np.zeros(count, np.bool_)
    shape = np.repeat(np.arange(count), np.diff(triangle_start))
    corners = triangles + vertex_start[shape][:, None]
    edges, direction = _edges(corners)
    key = edges[:, 0] * len(vertices) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    balance = np.add.reduceat(direction[order], first)
    sound = np.ones(count, np.bool_)
    sound[shape[order[first[balance != 0]] % len(triangles)]] = False
    points = vertices.astype(np.float64)[corners]
    sixfold = np.einsum("ij,ij->i", points[:, 0], np.cross(points[:, 1], points[:, 2]))
    volume = np.bincount(shape, weights=sixfold, minlength=count) / 6.0
    return sound & (volume > NO_VOLUME_M3)


def wound_outward(vertices: Vertices, triangles: Triangles) -> Triangles:
    """The triangles of a closed mesh, turned so that they all face outward.

    A mesh whose neighbours agree is turned as a whole when its volume is negative (its inner shells stay
    inner shells). One whose neighbours disagree is walked over, component by component. An open mesh, or
    one that is right already, is returned as it is.
    """
    state = closure(vertices, triangles)
    if not state.closed or not len(triangles) or len(triangles) > _REPAIR_LIMIT:
        return triangles
    if state.turned_edges:
        triangles = _agreeing(vertices, triangles)
    return triangles[:, ::-1].copy() if signed_volume(vertices, triangles) < 0 else triangles


def _welded(vertices: Vertices, triangles: Triangles) -> NDArray[np.int64]:
    """Triangles over welded vertices; those that collapse are left out."""
    grid = np.round(np.asarray(vertices, np.float64) / _WELD_M).astype(np.int64)
    _, name = np.unique(grid, axis=0, return_inverse=True)
    welded = name.reshape(-1).astype(np.int64)[triangles]
    collapsed = (
        (welded[:, 0] == welded[:, 1]) | (welded[:, 1] == welded[:, 2]) | (welded[:, 2] == welded[:, 0])
    )
    kept: NDArray[np.int64] = welded[~collapsed]
    return kept


def _edges(welded: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Undirected edges (3m, 2) and their direction +1 or -1, edge k belonging to triangle k % m."""
    directed = np.concatenate([welded[:, [0, 1]], welded[:, [1, 2]], welded[:, [2, 0]]])
    forward = directed[:, 0] < directed[:, 1]
    return np.sort(directed, axis=1), np.where(forward, 1, -1)


def _agreeing(vertices: Vertices, triangles: Triangles) -> Triangles:
    grid = np.round(np.asarray(vertices, np.float64) / _WELD_M).astype(np.int64)
    _, name = np.unique(grid, axis=0, return_inverse=True)
    welded = name.reshape(-1).astype(np.int64)[triangles]
    edges, direction = _edges(welded)
    sides: dict[tuple[int, int], list[tuple[int, int]]] = {}
    count = len(triangles)
    for position, (first, second) in enumerate(edges.tolist()):
        if first != second:
            sides.setdefault((first, second), []).append((position % count, int(direction[position])))
    neighbours: list[list[tuple[int, bool]]] = [[] for _ in range(count)]
    for pair in sides.values():
        if len(pair) == 2:
            (one, along), (other, back) = pair
            neighbours[one].append((other, along == back))
            neighbours[other].append((one, along == back))
    turned = np.full(count, -1, np.int8)
    result = triangles.copy()
    for seed in range(count):
        if turned[seed] >= 0:
            continue
        turned[seed] = 0
        component = [seed]
        queue = deque(component)
        while queue:
            current = queue.popleft()
            for other, disagree in neighbours[current]:
                if turned[other] < 0:
                    turned[other] = turned[current] ^ disagree
                    component.append(other)
                    queue.append(other)
        rows = np.array(component)
        faces = triangles[rows]
        faces[turned[rows] == 1] = faces[turned[rows] == 1][:, ::-1]
        result[rows] = faces[:, ::-1] if signed_volume(vertices, faces) < 0 else faces
    return result
