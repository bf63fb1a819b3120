"""One solid without its openings: subtracted where it is closed, its faces clipped where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from manifold3d import Error, Manifold, Mesh64, OpType
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ifc.cutting.clip_mesh import convex_planes, without_convex

Floats = NDArray[np.float64]
Triangles = NDArray[np.int32]

_WELD_M = 1e-5
_REACH_M = 1e-3  # openings reach this far beyond the faces of their host, so that no skin is left
_AT_FACE_M = 1e-4
_VOLUME_TOLERANCE = 1e-4  # of the host's volume
_LEAST_CUT_M3 = 1e-6


@dataclass(frozen=True, slots=True)
class SolidMesh:
    """One shape: vertices (n, 3) float64 in metres, triangles (m, 3), style row per triangle (m,)."""

    vertices: Floats
    triangles: Triangles
    styles: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a host; ``mesh`` None: it stays as it is."""

    mesh: SolidMesh | None
    how: str  # "subtracted" | "clipped" | "missed" (no opening touches the host) | "failed"


def cut_solid(parts: Sequence[SolidMesh], cutters: Sequence[SolidMesh]) -> Outcome:
    """Cut the openings ``cutters`` out of the body that ``parts`` make together, all in one frame."""
    if not _meet(parts, cutters):
        return Outcome(None, "missed")
    mesh, removed = _subtracted(parts, cutters)
    if mesh is not None:
        return Outcome(mesh, "subtracted")
    if removed is not None and removed < _LEAST_CUT_M3:
        return Outcome(None, "missed")
    mesh = _clipped(parts, cutters)
    return Outcome(mesh, "failed" if mesh is None else "clipped")


def _subtracted(
    parts: Sequence[SolidMesh], cutters: Sequence[SolidMesh]
) -> tuple[SolidMesh | None, float | None]:
    """The host without its openings and the volume removed in m³.

    No mesh when nothing is removed or the volumes do not add up; neither when a body is not closed.
    """
    style_of: dict[int, int] = {}
    bodies = [_solid(part, style_of) for part in parts]
    axis = _thin_axis(parts)
    holes = [_solid(_reaching(body, axis)) for cutter in cutters for body in _bodies_of(cutter)]
    solid_holes = [hole for hole in holes if hole is not None]
    if any(body is None for body in bodies) or len(solid_holes) < len(holes):
        return None, None
    solid_bodies = [body for body in bodies if body is not None]
    host = _union(solid_bodies)
    volume = host.volume()
    taken, left = host.split(_union(solid_holes))
    removed = taken.volume()
    if left.status() != Error.NoError or abs(volume - removed - left.volume()) > _VOLUME_TOLERANCE * volume:
        return None, None
    if removed < _LEAST_CUT_M3:
        return None, removed
    return _mesh_of(left, style_of, _main_style(parts)), removed


def _solid(mesh: SolidMesh, style_of: dict[int, int] | None = None) -> Manifold | None:
    """A closed solid of a mesh, or None. ``style_of`` gets the style of each material run."""
    vertices, triangles, kept = _welded(mesh.vertices, mesh.triangles)
    if len(triangles) < 4:
        return None
    styles = mesh.styles[kept]
    order = np.argsort(styles, kind="stable")
    values, starts = np.unique(styles[order], return_index=True)
    first_id = Manifold.reserve_ids(len(values))
    if style_of is not None:
        style_of.update({first_id + run: int(style) for run, style in enumerate(values)})
    welded = Mesh64(
        vert_properties=vertices,
        tri_verts=triangles[order].astype(np.uint64),
        run_index=np.append(starts * 3, len(triangles) * 3).astype(np.uint64),
        run_original_id=np.arange(first_id, first_id + len(values), dtype=np.uint32),
    )
    body = Manifold(welded)
    if body.status() != Error.NoError and welded.merge():
        body = Manifold(welded)
    if body.status() != Error.NoError or body.is_empty():
        return None
    if body.volume() < 0.0:
        inverted = replace(mesh, triangles=mesh.triangles[:, ::-1])
        return _solid(inverted, style_of)
    return body if body.volume() > 0.0 else None


def _bodies_of(mesh: SolidMesh) -> list[SolidMesh]:
    """The connected parts of a mesh: touching bodies would leave their common face standing as a skin."""
    count = len(mesh.vertices)
    rows, columns = mesh.triangles[:, [0, 1]].ravel(), mesh.triangles[:, [1, 2]].ravel()
    edges = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    _, part_of = connected_components(edges, directed=False)
    part = part_of[mesh.triangles[:, 0]]
    return [
        replace(mesh, triangles=mesh.triangles[part == one], styles=mesh.styles[part == one])
        for one in np.unique(part)
    ]


def _welded(vertices: Floats, triangles: Triangles) -> tuple[Floats, Triangles, NDArray[np.intp]]:
    """Close vertices made one and collapsed triangles dropped; returns the rows of the triangles kept too."""
    _, first, inverse = np.unique(
        np.round(vertices / _WELD_M).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    joined = inverse.reshape(-1)[triangles].astype(np.int32)
    a, b, c = joined.T
    kept = np.flatnonzero((a != b) & (b != c) & (c != a))
    return np.ascontiguousarray(vertices[first]), joined[kept], kept


def _union(solids: Sequence[Manifold]) -> Manifold:
    return solids[0] if len(solids) == 1 else Manifold.batch_boolean(list(solids), OpType.Add)


def _thin_axis(parts: Sequence[SolidMesh]) -> Floats:
    """Unit normal of the host's largest faces."""
    largest, axis = 0.0, np.array([0.0, 0.0, 1.0])
    for part in parts:
        corners = part.vertices[part.triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        doubled = np.linalg.norm(normals, axis=1)
        if len(doubled) and doubled.max() > largest:
            row = int(np.argmax(doubled))
            largest = float(doubled[row])
            axis = normals[row] / largest
    return axis


def _reaching(cutter: SolidMesh, axis: Floats) -> SolidMesh:
    """The opening, made longer along the host's thin direction by a hair at both ends."""
    along = cutter.vertices @ axis
    used = along[np.unique(cutter.triangles)]
    low, high = float(used.min()), float(used.max())
    shift = np.where(along > high - _AT_FACE_M, _REACH_M, np.where(along < low + _AT_FACE_M, -_REACH_M, 0.0))
    return replace(cutter, vertices=cutter.vertices + shift[:, None] * axis)


def _mesh_of(solid: Manifold, style_of: dict[int, int], main_style: int) -> SolidMesh:
    mesh = solid.to_mesh64()
    styles = np.empty(len(mesh.tri_verts), np.int32)
    ends = np.asarray(mesh.run_index) // 3
    for run, original in enumerate(np.asarray(mesh.run_original_id).tolist()):
        styles[ends[run] : ends[run + 1]] = style_of.get(original, main_style)
    return SolidMesh(
        np.asarray(mesh.vert_properties, np.float64)[:, :3],
        np.asarray(mesh.tri_verts).astype(np.int32),
        styles,
    )


def _main_style(parts: Sequence[SolidMesh]) -> int:
    """The style of the largest number of triangles, for the reveals."""
    values, counts = np.unique(np.concatenate([part.styles for part in parts]), return_counts=True)
    return int(values[np.argmax(counts)])


def _meet(parts: Sequence[SolidMesh], cutters: Sequence[SolidMesh]) -> bool:
    """Whether any opening's box overlaps the host's."""
    if not parts or not cutters:
        return False
    host = np.concatenate([part.vertices for part in parts])
    low, high = host.min(axis=0), host.max(axis=0)
    return any(
        bool(
            (cutter.vertices.min(axis=0) < high - _WELD_M).all()
            and (cutter.vertices.max(axis=0) > low + _WELD_M).all()
        )
        for cutter in cutters
    )


def _clipped(parts: Sequence[SolidMesh], cutters: Sequence[SolidMesh]) -> SolidMesh | None:
    """A host that is not closed: its faces without what lies in the openings, and the openings' reveals."""
    axis = _thin_axis(parts)
    whole = _joined(parts)
    low, high = float((whole.vertices @ axis).min()), float((whole.vertices @ axis).max())
    reveals: list[SolidMesh] = []
    for cutter in cutters:
        reaching = _reaching(cutter, axis)
        planes = convex_planes(reaching.vertices, reaching.triangles)
        if planes is None:
            return None
        vertices, triangles, source = without_convex(whole.vertices, whole.triangles, planes)
        whole = SolidMesh(vertices, triangles, whole.styles[source])
        reveals.append(_reveals(cutter, axis, low, high, _main_style(parts)))
    used = _joined([whole, *reveals])
    rows, inverse = np.unique(used.triangles, return_inverse=True)
    return replace(used, vertices=used.vertices[rows], triangles=inverse.reshape(-1, 3).astype(np.int32))


def _reveals(cutter: SolidMesh, axis: Floats, low: float, high: float, style: int) -> SolidMesh:
    """The opening's sides between ``low`` and ``high`` along ``axis``, facing inward."""
    corners = cutter.vertices[cutter.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    side = (lengths > 0.0) & (np.abs(normals @ axis) < 0.1 * lengths)
    along = cutter.vertices @ axis
    vertices = cutter.vertices + (np.clip(along, low, high) - along)[:, None] * axis
    triangles = cutter.triangles[side][:, ::-1]
    return SolidMesh(vertices, triangles, np.full(len(triangles), style, np.int32))


def _joined(meshes: Sequence[SolidMesh]) -> SolidMesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return SolidMesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate(
            [mesh.triangles + np.int32(start) for mesh, start in zip(meshes, starts[:-1], strict=True)]
        ),
        np.concatenate([mesh.styles for mesh in meshes]),
    )
