"""Merging the parts of geometry that the reading process sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import GeometryTable

_FAR_M = 1000.0

Part = dict[str, Any]


def assemble_geometry(parts: Sequence[Part], step_ids: NDArray[np.int64]) -> GeometryTable:
    """One table in world coordinates, its order independent of how the parts were cut.

    Args:
        parts: as :func:`ifc.reading.geometry.build_geometry` yields them, with their ``attempt``; of a
            product built in several attempts the last one with a shape counts.
        step_ids: (E,) STEP id of each element row.
    """
    row_of = {step_id: row for row, step_id in enumerate(step_ids.tolist())}
    last_attempt: dict[int, int] = {}
    for part in parts:
        last_attempt.update(dict.fromkeys(part["product"].tolist(), part["attempt"]))
    instances = sorted(
        (row_of[step_id], number, position)
        for number, part in enumerate(parts)
        for position, step_id in enumerate(part["product"].tolist())
        if step_id in row_of and last_attempt[step_id] == part["attempt"]
    )
    shape_row: dict[str, int] = {}
    shapes: list[tuple[Part, int]] = []
    instance_shape = np.empty(len(instances), np.int32)
    for instance, (_, number, position) in enumerate(instances):
        part = parts[number]
        local = int(part["shape"][position])
        key = part["shape_key"][local]
        if key not in shape_row:
            shape_row[key] = len(shapes)
            shapes.append((part, local))
        instance_shape[instance] = shape_row[key]
    vertices = [_slice(part, "vertices", "vertex_start", local) for part, local in shapes]
    triangles = [_slice(part, "triangles", "triangle_start", local) for part, local in shapes]
    styles, style_name, style_rgba = _styles(shapes)
    return GeometryTable(
        vertices=np.concatenate([np.zeros((0, 3), np.float32), *vertices]),
        triangles=np.concatenate([np.zeros((0, 3), np.int32), *triangles]),
        triangle_style=np.concatenate([np.zeros(0, np.int32), *styles]),
        vertex_start=np.cumsum([0, *map(len, vertices)], dtype=np.int64),
        triangle_start=np.cumsum([0, *map(len, triangles)], dtype=np.int64),
        instance_element=np.array([row for row, _, _ in instances], np.int32),
        instance_shape=instance_shape,
        transform=np.array(
            [parts[number]["matrix"][position] for _, number, position in instances], np.float64
        ).reshape(-1, 3, 4),
        style_rgba=style_rgba,
        style_name=style_name,
    )


def model_offset(geometry: GeometryTable) -> NDArray[np.float64]:
    """What to subtract from world coordinates (3,): 0, or whole metres for a model over 1 km from 0."""
    if not len(geometry.transform):
        return np.zeros(3)
    centre = np.median(geometry.transform[:, :, 3], axis=0)
    return np.round(centre) if np.abs(centre).max() > _FAR_M else np.zeros(3)


def moved(geometry: GeometryTable, offset_m: NDArray[np.float64]) -> GeometryTable:
    """The geometry about another origin."""
    transform = geometry.transform.copy()
    transform[:, :, 3] -= offset_m
    return replace(geometry, transform=transform)


def _slice(part: Part, column: str, starts: str, row: int) -> NDArray[Any]:
    values: NDArray[Any] = part[column]
    return values[part[starts][row] : part[starts][row + 1]]


def _styles(
    shapes: list[tuple[Part, int]],
) -> tuple[list[NDArray[np.int32]], NDArray[np.object_], NDArray[np.float32]]:
    """Style rows per shape over one style table, styles in order of first use."""
    known: dict[tuple[str, bytes], int] = {}
    colours: list[NDArray[np.float32]] = []
    renamed: list[NDArray[np.int32]] = []
    for part, local in shapes:
        own = _slice(part, "style", "triangle_start", local)
        new = np.full(len(part["style_name"]) + 1, -1, np.int32)
        for row in np.unique(own[own >= 0]).tolist():
            rgba = part["style_rgba"][row]
            key = (part["style_name"][row], rgba.tobytes())
            if key not in known:
                known[key] = len(known)
                colours.append(rgba)
            new[row] = known[key]
        renamed.append(new[own])  # -1 is the last of ``new``
    names = np.empty(len(known), object)
    names[:] = [name for name, _ in known]
    return renamed, names, np.array(colours, np.float32).reshape(-1, 4)
