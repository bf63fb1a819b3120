"""Parts of geometry: shapes and their instances as columns, ready to cross the process border."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.meshes import oriented, sound_shapes

# No building part is 100 km long, and no place on Earth is further from another than 20,000 km.
_ABSURD_SHAPE_M = 1e5
_ABSURD_PLACEMENT_M = 2e7


@dataclass
class Gathered:
    """Shapes and instances as they come; lists run side by side."""

    shape_key: list[str] = field(default_factory=list)
    points: list[NDArray[np.float64]] = field(default_factory=list)
    triangles: list[NDArray[np.int32]] = field(default_factory=list)
    style: list[NDArray[np.int32]] = field(default_factory=list)
    style_name: list[str] = field(default_factory=list)
    style_rgba: list[tuple[float, ...]] = field(default_factory=list)
    product: list[int] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)
    matrix: list[bytes] = field(default_factory=list)  # 16 float64 each, column by column
    done: list[int] = field(default_factory=list)


def packed(now: Gathered) -> dict[str, Any]:
    """The columns of a part.

    - of S shapes: ``shape_key``; ``vertices`` (float32, about the shape's own centre), ``triangles`` and
      ``style`` (rows of the style columns, -1 for none), packed by ``vertex_start`` and ``triangle_start``;
    - of styles: ``style_name``, ``style_rgba``;
    - of I instances: ``product`` (STEP id), ``shape`` (row of the shape in this part), ``matrix`` (I, 3, 4),
      which includes the shape's centre;
    - STEP ids: ``done`` (returned, with or without triangles), ``unsound`` (open or without volume),
      ``absurd`` (left out for coordinates that cannot be).
    """
    points = np.concatenate([np.zeros((0, 3)), *now.points])
    triangles = np.concatenate([np.zeros((0, 3), np.int32), *now.triangles])
    vertex_start = np.cumsum([0, *map(len, now.points)], dtype=np.int64)
    triangle_start = np.cumsum([0, *map(len, now.triangles)], dtype=np.int64)
    centre, absurd_shape = _centres(points, vertex_start)
    points = points - np.repeat(centre, np.diff(vertex_start), axis=0)
    with np.errstate(over="ignore"):  # shapes that float32 cannot hold are left out
        vertices = points.astype(np.float32)
    sound = _turned(vertices, triangles, vertex_start, triangle_start)

    product = np.array(now.product, np.int64)
    shape = np.array(now.shape, np.int32)
    matrix = (
        np.frombuffer(b"".join(now.matrix), np.float64).reshape(-1, 4, 4).transpose(0, 2, 1)[:, :3].copy()
    )
    matrix[:, :, 3] += np.einsum("ijk,ik->ij", matrix[:, :, :3], centre[shape])
    usable = ~absurd_shape[shape] & _plausible(matrix)
    return {
        "shape_key": tuple(now.shape_key),
        "vertices": vertices,
        "triangles": triangles,
        "style": np.concatenate([np.zeros(0, np.int32), *now.style]),
        "vertex_start": vertex_start,
        "triangle_start": triangle_start,
        "style_name": tuple(now.style_name),
        "style_rgba": np.array(now.style_rgba, np.float32).reshape(-1, 4),
        "product": product[usable],
        "shape": shape[usable],
        "matrix": matrix[usable],
        "done": np.array(now.done, np.int64),
        "unsound": product[usable & ~sound[shape]],
        "absurd": product[~usable],
    }


def _centres(
    points: NDArray[np.float64], start: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Centre of each shape's box (S, 3), and which shapes are not finite or too large; their centre is 0."""
    if not len(points):
        return np.zeros((0, 3)), np.zeros(0, np.bool_)
    low = np.minimum.reduceat(points, start[:-1])
    high = np.maximum.reduceat(points, start[:-1])
    absurd = ~((np.abs(low) <= _ABSURD_PLACEMENT_M) & (np.abs(high) <= _ABSURD_PLACEMENT_M)).all(axis=1)
    low[absurd] = high[absurd] = 0.0
    absurd |= (high - low).max(axis=1) > _ABSURD_SHAPE_M
    return (low + high) / 2.0, absurd


def _turned(
    vertices: NDArray[np.float32],
    triangles: NDArray[np.int32],
    vertex_start: NDArray[np.int64],
    triangle_start: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Turn, in place, the triangles of shapes that are wound inside out; which shapes (S,) are sound then."""
    sound = sound_shapes(vertices, triangles, vertex_start, triangle_start)
    for row in np.flatnonzero(~sound).tolist():
        own = vertices[vertex_start[row] : vertex_start[row + 1]]
        if not np.isfinite(own).all():
            continue
        at = slice(triangle_start[row], triangle_start[row + 1])
        triangles[at], sound[row] = oriented(own, triangles[at])
    return sound


def _plausible(matrix: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which placements (I, 3, 4) are finite, on Earth and neither flat nor blown up."""
    finite = np.asarray(np.isfinite(matrix).all(axis=(1, 2)))
    scale = np.abs(np.linalg.det(np.where(finite[:, None, None], matrix[:, :, :3], 0.0)))
    near = np.abs(matrix[:, :, 3]).max(axis=1, initial=0.0) <= _ABSURD_PLACEMENT_M
    plausible: NDArray[np.bool_] = finite & near & (scale > 1e-6) & (scale < 1e6)
    return plausible
