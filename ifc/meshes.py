"""Volume, closure and winding of triangle meshes."""

from __future__ import annotations

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
    edge, direction = _edges(_without_collapsed(_welded(vertices, triangles)))
    order = np.argsort(edge, kind="stable")
    first = np.flatnonzero(np.diff(edge[order], prepend=-1))
    count = np.diff(np.append(first, len(edge)))
    balance = np.add.reduceat(direction[order], first) if len(first) else count
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
    edge, direction = _edges(corners)
    order = np.argsort(edge, kind="stable")
    first = np.flatnonzero(np.diff(edge[order], prepend=-1))
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
    return oriented(vertices, triangles)[0]


def oriented(vertices: Vertices, triangles: Triangles) -> tuple[Triangles, bool]:
    """The triangles as :func:`wound_outward` returns them, and whether they are closed and have a volume."""
    state = closure(vertices, triangles)
    if not state.closed or not len(triangles):
        return triangles, False
    if state.turned_edges and len(triangles) <= _REPAIR_LIMIT:
        triangles = _agreeing(vertices, triangles)
    volume = signed_volume(vertices, triangles)
    return (triangles[:, ::-1].copy() if volume < 0 else triangles), abs(volume) > NO_VOLUME_M3


def _welded(vertices: Vertices, triangles: Triangles) -> NDArray[np.int64]:
    """Triangles over welded vertices."""
    grid = np.round(np.asarray(vertices, np.float64) / _WELD_M)
    name = np.zeros(len(grid), np.int64)
    for column in grid.T:  # ranks column by column: much faster than sorting rows
        _, rank = np.unique(column, return_inverse=True)
        _, name = np.unique(name * len(grid) + rank, return_inverse=True)
    return name.astype(np.int64)[triangles]


def _without_collapsed(welded: NDArray[np.int64]) -> NDArray[np.int64]:
    collapsed = (
        (welded[:, 0] == welded[:, 1]) | (welded[:, 1] == welded[:, 2]) | (welded[:, 2] == welded[:, 0])
    )
    kept: NDArray[np.int64] = welded[~collapsed]
    return kept


def _edges(corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each undirected edge (3m,), and its direction +1 or -1; edge k is of triangle k % m."""
    start = np.concatenate([corners[:, 0], corners[:, 1], corners[:, 2]])
    end = np.concatenate([corners[:, 1], corners[:, 2], corners[:, 0]])
    base = int(corners.max(initial=0)) + 1
    return np.minimum(start, end) * base + np.maximum(start, end), np.where(start < end, 1, -1)


def _agreeing(vertices: Vertices, triangles: Triangles) -> Triangles:
    """Turn triangles so that neighbours agree and each component faces outward."""
    count = len(triangles)
    welded = _welded(vertices, triangles)
    edge, direction = _edges(welded)
    order = np.argsort(edge, kind="stable")
    first = np.flatnonzero(np.diff(edge[order], prepend=-1))
    two = first[np.diff(np.append(first, len(edge))) == 2]
    one, other = order[two], order[two + 1]
    neighbours: list[list[tuple[int, bool]]] = [[] for _ in range(count)]
    disagreeing = (direction[one] == direction[other]).tolist()
    for this, that, disagree in zip(
        (one % count).tolist(), (other % count).tolist(), disagreeing, strict=True
    ):
        neighbours[this].append((that, disagree))
        neighbours[that].append((this, disagree))
    turned = [-1] * count
    result = triangles.copy()
    for seed in range(count):
        if turned[seed] >= 0:
            continue
        turned[seed] = 0
        component = [seed]
        for current in component:  # grows while it is walked over
            for that, disagree in neighbours[current]:
                if turned[that] < 0:
                    turned[that] = turned[current] ^ disagree
                    component.append(that)
        rows = np.array(component)
        faces = triangles[rows]
        flipped = np.array([turned[row] for row in component], np.bool_)
        faces[flipped] = faces[flipped][:, ::-1]
        result[rows] = faces[:, ::-1] if signed_volume(vertices, faces) < 0 else faces
    return result
