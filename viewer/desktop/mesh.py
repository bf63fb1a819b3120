"""The drawn triangles of a whole model as a few arrays: what PyVista draws and what a click finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable
from viewer.layers import Cells
from viewer.scene import DEFAULT_RGBA
from viewer.shown import FLOOR_RGBA, floor_of, space_rows, storey_contents

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class SceneMesh:
    """Triangles in model coordinates (metres, z up), each with the scene row that it belongs to."""

    points: Floats  # (n, 3)
    triangles: Ints  # (m, 3)
    row: Ints  # (m,)
    storey: Ints  # (m,) -1 for what belongs to none
    rgba: NDArray[np.uint8]  # (m, 4) sRGB and opacity of the material

    def box_of(self, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Lowest and highest corner (3,) of the triangles where ``chosen`` (m,) is true."""
        corners = self.points[self.triangles[chosen].ravel()]
        if not len(corners):
            return np.zeros(3, np.float32), np.zeros(3, np.float32)
        return corners.min(axis=0), corners.max(axis=0)


def scene_mesh(model: BuildingModel, geometry: GeometryTable) -> SceneMesh:
    """The same elements and floors of rooms as the page shows."""
    points: list[Floats] = []
    triangles: list[Ints] = []
    colours: list[NDArray[np.uint8]] = []
    owners: list[tuple[int, int, int]] = []  # row, storey, number of triangles
    count = 0
    palette = _bytes(np.vstack([geometry.style_rgba, DEFAULT_RGBA]))  # style -1 is the last one
    floor_colour = _bytes(np.array([FLOOR_RGBA]))
    row_of_space = space_rows(model)
    for content in storey_contents(model, geometry):
        for instance in content.instances:
            shape = int(geometry.instance_shape[instance])
            faces = slice(geometry.triangle_start[shape], geometry.triangle_start[shape + 1])
            transform = geometry.transform[instance]
            local = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
            corners = geometry.triangles[faces] + np.int32(count)
            if np.linalg.det(transform[:, :3]) < 0:
                corners = corners[:, ::-1]  # a mirrored shape would show its inside
            points.append((local @ transform[:, :3].T + transform[:, 3]).astype(np.float32))
            triangles.append(corners)
            colours.append(palette[geometry.triangle_style[faces]])
            owners.append((int(geometry.instance_element[instance]), content.storey, len(corners)))
            count += len(local)
        for space in content.rooms:
            floor, corners = floor_of(model, space)
            points.append(floor.astype(np.float32))
            triangles.append(corners + np.int32(count))
            colours.append(np.repeat(floor_colour, len(corners), axis=0))
            owners.append((int(row_of_space[space]), content.storey, len(corners)))
            count += len(floor)
    row, storey, size = np.array(owners, np.int32).reshape(-1, 3).T
    return SceneMesh(
        points=np.concatenate([np.zeros((0, 3), np.float32), *points]),
        triangles=np.concatenate([np.zeros((0, 3), np.int32), *triangles]),
        row=np.repeat(row, size),
        storey=np.repeat(storey, size),
        rgba=np.concatenate([np.zeros((0, 4), np.uint8), *colours]),
    )


def sharp_edges(mesh: SceneMesh, chosen: NDArray[np.bool_], angle_deg: float) -> Floats:
    """End points (2 k, 3) of the borders of shapes, and of where two of their faces meet at an angle.

    Corners of one element at one place count as one, so that the triangles of a flat face have no edges.
    """
    faces, owner = mesh.triangles[chosen], mesh.row[chosen]
    if not len(faces):
        return np.zeros((0, 3), np.float32)
    places = np.rint(mesh.points * 1000.0).astype(np.int64)
    _, place = np.unique(places, axis=0, return_inverse=True)
    corner = place.ravel()[faces]
    a, b, c = (mesh.points[faces[:, k]].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    flat = length > 1e-9
    normal = normal[flat] / length[flat, None]
    sides = np.stack([corner[flat][:, [0, 1]], corner[flat][:, [1, 2]], corner[flat][:, [2, 0]]], axis=1)
    ends = np.stack([faces[flat][:, [0, 1]], faces[flat][:, [1, 2]], faces[flat][:, [2, 0]]], axis=1)
    sides, ends = np.sort(sides.reshape(-1, 2), axis=1), ends.reshape(-1, 2)
    key = np.column_stack([np.repeat(owner[flat], 3), sides])
    face = np.repeat(np.arange(len(normal)), 3)
    order = np.lexsort(key.T)
    key, face, ends = key[order], face[order], ends[order]
    start = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]).any(axis=1)])
    count = np.diff(np.r_[start, len(key)])
    second = face[np.minimum(start + 1, len(face) - 1)]
    cosine = (normal[face[start]] * normal[second]).sum(axis=1)
    drawn = start[(count != 2) | (cosine < np.cos(np.radians(angle_deg)))]
    found: Floats = mesh.points[ends[drawn].ravel()]
    return found


def cell_corners(cells: Cells) -> tuple[Floats, Ints]:
    """The squares of a heat map with a value: corners (4 n, 3) and the index (n,) of each square."""
    known = np.flatnonzero(np.isfinite(cells.values) & (cells.row >= 0)).astype(np.int32)
    centre, along, across = (part[known] for part in (cells.centre, cells.along, cells.across))
    corners = np.stack(
        [centre - along - across, centre + along - across, centre + along + across, centre - along + across],
        axis=1,
    )
    return corners.reshape(-1, 3).astype(np.float32), known


def _bytes(rgba: NDArray[np.floating]) -> NDArray[np.uint8]:
    stored: NDArray[np.uint8] = np.rint(np.clip(rgba, 0.0, 1.0) * 255).astype(np.uint8)
    return stored
