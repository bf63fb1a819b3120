"""Bad models made of sound ones: moved, turned, noisy, with gaps and overlaps between spaces and elements.

Space solids are changed, elements stay, so that the faces of a space no longer lie on its walls and slabs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour
from ifc.room_use import recognise_room_uses
from ifc.spaces import measure_spaces
from ifc.surfaces import derive_surfaces

Floats = NDArray[np.float64]
Mesh = tuple[Floats, NDArray[np.int32]]

WELD_DIGITS = 5
FAR_M = (512_345.678, 5_412_345.9, 112.3)  # 5,436 km
SHIFT_POINTS = 2.0
GRADES = "ABCD"


@dataclass(frozen=True, slots=True)
class Change:
    """What a mutation did to the derived surfaces. Shares are of the spaces' surface, in points."""

    interior_points: float  # of the whole model
    worse: int  # spaces with a lower grade than before; the model says why
    silent: int  # spaces with a lower grade and no reason, or a moved interior share that the grade hides


def compare(before: BuildingModel, after: BuildingModel) -> Change:
    """The surfaces of a mutated model beside those of the sound one; both have the same spaces."""
    share, area = _interior(before)
    changed, changed_area = _interior(after)
    rank = [np.array([GRADES.index(letter) for letter in model.spaces.grade]) for model in (before, after)]
    worse = rank[1] > rank[0]
    unsaid = worse & (after.spaces.grade_reason_en == before.spaces.grade_reason_en)
    moved = (np.abs(changed - share) > SHIFT_POINTS / 100) & (area > 0) & (changed_area > 0)
    moved &= after.spaces.grade != "D"  # not used, and says why
    # Grade C rests on assumptions already; it tells of the move where it says that the faces are displaced.
    moved &= ~((after.spaces.grade == "C") & _displaced(after) & ~_displaced(before))
    whole = [float((s * a).sum() / max(a.sum(), 1e-9)) for s, a in ((share, area), (changed, changed_area))]
    return Change(
        interior_points=100 * (whole[1] - whole[0]),
        worse=int(worse.sum()),
        silent=int((unsaid | (moved & ~worse)).sum()),
    )


def _displaced(model: BuildingModel) -> NDArray[np.bool_]:
    """Spaces whose grade says that their faces do not lie on their walls, (N,)."""
    told = {
        found.global_id
        for found in model.diagnostics
        if any(place.what == "displaced" for place in found.places)
    }
    return np.isin(model.spaces.global_id, list(told))


def derived(model: BuildingModel) -> BuildingModel:
    """Spaces measured and surfaces derived afresh from a model's geometry.

    The file's volumes do not count: every changed solid differs from them, and that reason would hide others.
    """
    model = recognise_room_uses(measure_spaces(model))
    unknown = np.full(len(model.spaces), np.nan)
    return derive_surfaces(replace(model, spaces=replace(model.spaces, declared_volume_m3=unknown)))


def mutations() -> dict[str, Callable[[BuildingModel], BuildingModel]]:
    """Name -> what makes a bad model of a model as read."""
    made: dict[str, Callable[[BuildingModel], BuildingModel]] = {
        "shift 5,400 km": partial(placed, turn=np.eye(3), shift=np.array(FAR_M)),
        "rotate 17°": partial(placed, turn=_about_z(17.0), shift=np.zeros(3)),
        "noise ±5 mm": partial(reshaped, change=partial(noisy, amplitude_m=0.005)),
    }
    for distance in (0.03, 0.10):
        centimetres = f"{100 * distance:.0f} cm"
        made[f"gap {centimetres}"] = partial(reshaped, change=partial(grown, distance_m=-distance))
        made[f"overlap {centimetres}"] = partial(reshaped, change=partial(grown, distance_m=distance))
    return made


def placed(model: BuildingModel, turn: Floats, shift: Floats) -> BuildingModel:
    """The model turned about the vertical axis, then moved."""
    transform, polygon = turn @ model.geometry.transform, model.boundaries.polygon
    transform[:, :, 3] += shift
    return replace(
        model,
        geometry=replace(model.geometry, transform=transform),
        storeys=replace(model.storeys, elevation_m=model.storeys.elevation_m + shift[2]),
        boundaries=replace(
            model.boundaries, polygon=replace(polygon, vertices=polygon.vertices @ turn.T + shift)
        ),
    )


def reshaped(model: BuildingModel, change: Callable[[Mesh, int], Floats]) -> BuildingModel:
    """The model with new vertices for each space; ``change`` gets the mesh and the element row."""
    geometry = model.geometry
    rows = [row for row in model.elements.rows_of_class("IfcSpace").tolist() if geometry.has(row)]
    if not rows:
        return model
    vertices, triangles, transforms = [geometry.vertices], [geometry.triangles], []
    for row in rows:
        mesh = geometry.mesh(row)
        moved = change(mesh, row)
        centre = moved.mean(axis=0)
        vertices.append((moved - centre).astype(np.float32))
        triangles.append(mesh[1])
        transforms.append(np.column_stack([np.eye(3), centre]))
    kept = ~np.isin(geometry.instance_element, rows)
    element = np.concatenate([geometry.instance_element[kept], np.array(rows, np.int32)])
    shape = np.concatenate(
        [geometry.instance_shape[kept], geometry.shape_count + np.arange(len(rows), dtype=np.int32)]
    )
    transform = np.concatenate([geometry.transform[kept], np.array(transforms)])
    order = np.argsort(element, kind="stable")
    added = sum(map(len, triangles[1:]))
    return replace(
        model,
        geometry=replace(
            geometry,
            vertices=np.concatenate(vertices),
            triangles=np.concatenate(triangles),
            triangle_style=np.concatenate([geometry.triangle_style, np.full(added, -1, np.int32)]),
            vertex_start=np.cumsum([0, *np.diff(geometry.vertex_start), *map(len, vertices[1:])]),
            triangle_start=np.cumsum([0, *np.diff(geometry.triangle_start), *map(len, triangles[1:])]),
            instance_element=element[order],
            instance_shape=shape[order],
            transform=transform[order],
        ),
    )


def noisy(mesh: Mesh, row: int, amplitude_m: float) -> Floats:
    """Each corner moved by up to ``amplitude_m`` along each axis; coincident vertices stay together."""
    points, name = _corners(mesh)
    step = np.random.default_rng(row).uniform(-amplitude_m, amplitude_m, points.shape)
    return mesh[0] + step[name]


def grown(mesh: Mesh, row: int, distance_m: float) -> Floats:
    """Every face moved outward by ``distance_m``: each corner by the least-squares meeting of its planes."""
    vertices, triangles = mesh
    points, name = _corners(mesh)
    faces = vertices[triangles]
    normal = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    length = np.linalg.norm(normal, axis=1)
    sound = length > 1e-8
    normal[sound] /= length[sound, None]
    if np.einsum("ij,ij->", faces[:, 0] - points.mean(axis=0), normal * length[:, None]) < 0:
        normal = -normal
    step = np.zeros_like(points)
    around = name[triangles]
    for corner in range(len(points)):
        mine = np.unique(np.round(normal[(around == corner).any(axis=1) & sound], 4), axis=0)
        if len(mine):
            step[corner] = np.linalg.lstsq(mine, np.full(len(mine), distance_m), rcond=1e-2)[0]
    return vertices + step[name]


def _corners(mesh: Mesh) -> tuple[Floats, NDArray[np.int64]]:
    """The distinct points of a mesh, and which one each vertex is."""
    points, name = np.unique(np.round(mesh[0], WELD_DIGITS), axis=0, return_inverse=True)
    return points, name.reshape(-1)


def _about_z(degrees: float) -> Floats:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _interior(model: BuildingModel) -> tuple[Floats, Floats]:
    """Share of each space's surface that faces other spaces, and that surface in m², both (N,)."""
    surfaces, count = model.surfaces, len(model.spaces)
    inside = np.isin(surfaces.neighbour, (Neighbour.SPACE, Neighbour.ADIABATIC))
    area = np.bincount(surfaces.space, surfaces.area_m2, count)
    inner = np.bincount(surfaces.space[inside], surfaces.area_m2[inside], count)
    return inner / np.maximum(area, 1e-9), area
