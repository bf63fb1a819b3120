"""Solids with their openings cut out of them.

:attr:`ifc.model.BuildingModel.geometry` keeps walls whole, so that rooms and surfaces can be derived from
them. Light, pictures and exports want the holes.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from manifold3d import Error, Manifold, Mesh64, OpType
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ifc.clip_mesh import convex_planes, without_convex
from ifc.model import BuildingModel, Diagnostic, GeometryTable, Severity, Text

Floats = NDArray[np.float64]
Triangles = NDArray[np.int32]

_WELD_M = 1e-5
_REACH_M = 1e-3  # openings reach this far beyond the faces of their host, so that no skin is left
_AT_FACE_M = 1e-4
_VOLUME_TOLERANCE = 1e-4  # of the host's volume
_LEAST_CUT_M3 = 1e-6
_KEY_GRID = 1e5


@dataclass(frozen=True)
class Cut:
    """A geometry table with openings subtracted, and what could not be cut cleanly."""

    geometry: GeometryTable
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Mesh:
    """One shape: vertices (n, 3) float64 in metres, triangles (m, 3), style row per triangle (m,)."""

    vertices: Floats
    triangles: Triangles
    styles: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a host; ``mesh`` None: it stays as it is."""

    mesh: _Mesh | None
    how: str  # "subtracted" | "clipped" | "missed" (no opening touches the host) | "failed"


def cut_openings(model: BuildingModel) -> GeometryTable:
    """The model's geometry with every opening subtracted from its host.

    Elements without openings keep their shapes and instances; hosts that are alike with alike openings share
    one shape. Windows, doors and the opening elements stay in the table.
    """
    return cut_hosts(model).geometry


def cut_hosts(model: BuildingModel) -> Cut:
    """Like :func:`cut_openings`, with a diagnostic for every cause that left a host whole or roughly cut.

    The cut of the model at hand is kept as long as its geometry lives: light, pictures and exports share it.
    """
    global _latest
    inputs = (model.geometry, model.openings, model.elements)
    if _latest is not None and all(ref() is part for ref, part in zip(_latest[0], inputs, strict=True)):
        return _latest[1]
    cut = _cut_hosts(model)
    _latest = (tuple(weakref.ref(part, _forget) for part in inputs), cut)
    return cut


_latest: tuple[tuple[weakref.ref[object], ...], Cut] | None = None


def _forget(gone: weakref.ref[object]) -> None:
    """Drop the latest cut when a part of its model is gone."""
    global _latest
    if _latest is not None and any(ref is gone for ref in _latest[0]):
        _latest = None


def _cut_hosts(model: BuildingModel) -> Cut:
    geometry = model.geometry
    openings_of = _openings_of_bodies(model)
    outcomes: dict[bytes, _Outcome] = {}
    placed: dict[int, tuple[bytes, Floats]] = {}
    hosts_of: dict[str, list[int]] = {"clipped": [], "failed": []}
    for host, openings in sorted(openings_of.items()):
        frame = _frame(geometry, host)
        key = _key(geometry, host, openings, frame)
        if key not in outcomes:
            parts = [_local_mesh(geometry, instance, frame) for instance in _instances(geometry, host)]
            cutters = [
                _local_mesh(geometry, instance, frame)
                for opening in openings
                for instance in _instances(geometry, opening)
            ]
            outcomes[key] = _cut(parts, cutters)
        if outcomes[key].mesh is not None:
            placed[host] = (key, frame)
        if outcomes[key].how in hosts_of:
            hosts_of[outcomes[key].how].append(host)
    shapes = {key: outcome.mesh for key, outcome in outcomes.items() if outcome.mesh is not None}
    return Cut(
        _with_shapes(geometry, shapes, placed),
        _diagnostics(model, hosts_of["clipped"], hosts_of["failed"]),
    )


def _openings_of_bodies(model: BuildingModel) -> dict[int, list[int]]:
    """Element row with a body -> rows of the openings that void it.

    A host without a body of its own (a roof of slabs, a wall of parts) hands its openings to its parts.
    """
    geometry = model.geometry
    found: dict[int, set[int]] = {}
    for opening, host in zip(model.openings.opening.tolist(), model.openings.host.tolist(), strict=True):
        if opening < 0 or host < 0 or not geometry.has(opening):
            continue
        for body in _bodies(model, host):
            found.setdefault(body, set()).add(opening)
    return {host: sorted(openings) for host, openings in found.items()}


def _bodies(model: BuildingModel, host: int) -> list[int]:
    if model.geometry.has(host):
        return [host]
    parts = [part for part in model.elements.parts_of(host) if model.elements.ifc_class[part] not in _NO_BODY]
    return [part for part in parts if model.geometry.has(part)]


_NO_BODY = frozenset(
    ["IfcOpeningElement", "IfcOpeningStandardCase", "IfcWindow", "IfcDoor", "IfcVoidingFeature"]
)


def _instances(geometry: GeometryTable, element: int) -> range:
    first, last = np.searchsorted(geometry.instance_element, [element, element + 1])
    return range(int(first), int(last))


def _frame(geometry: GeometryTable, host: int) -> Floats:
    """The placement (3, 4) to work in: the host's own where it is rigid, else its origin only.

    Walls are boxes in their own frame, which keeps faces that should coincide exactly coincident.
    """
    frame: Floats = geometry.transform[_instances(geometry, host)[0]]
    rotation = frame[:, :3]
    rigid = np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-9) and np.linalg.det(rotation) > 0.0
    return frame.copy() if rigid else np.c_[np.eye(3), frame[:, 3]]


def _relative(geometry: GeometryTable, instance: int, frame: Floats) -> Floats:
    """The placement (3, 4) of an instance in a rigid frame."""
    matrix = geometry.transform[instance]
    inverse = frame[:, :3].T
    return np.column_stack([inverse @ matrix[:, :3], inverse @ (matrix[:, 3] - frame[:, 3])])


def _key(geometry: GeometryTable, host: int, openings: Sequence[int], frame: Floats) -> bytes:
    """Equal for hosts of the same shapes with the same openings at the same places."""

    def of(element: int) -> bytes:
        return b"".join(
            geometry.instance_shape[instance].tobytes()
            + np.round(_relative(geometry, instance, frame) * _KEY_GRID).astype(np.int64).tobytes()
            for instance in _instances(geometry, element)
        )

    return b"|".join((of(host), *sorted(of(opening) for opening in openings)))


def _local_mesh(geometry: GeometryTable, instance: int, frame: Floats) -> _Mesh:
    shape = geometry.instance_shape[instance]
    rows = slice(geometry.triangle_start[shape], geometry.triangle_start[shape + 1])
    local = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
    matrix = _relative(geometry, instance, frame)
    triangles = geometry.triangles[rows]
    if np.linalg.det(matrix[:, :3]) < 0.0:
        triangles = triangles[:, ::-1]
    return _Mesh(
        local.astype(np.float64) @ matrix[:, :3].T + matrix[:, 3], triangles, geometry.triangle_style[rows]
    )


def _cut(parts: Sequence[_Mesh], cutters: Sequence[_Mesh]) -> _Outcome:
    if not _meet(parts, cutters):
        return _Outcome(None, "missed")
    mesh, removed = _subtracted(parts, cutters)
    if mesh is not None:
        return _Outcome(mesh, "subtracted")
    if removed is not None and removed < _LEAST_CUT_M3:
        return _Outcome(None, "missed")
    mesh = _clipped(parts, cutters)
    return _Outcome(mesh, "failed" if mesh is None else "clipped")


def _subtracted(parts: Sequence[_Mesh], cutters: Sequence[_Mesh]) -> tuple[_Mesh | None, float | None]:
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


def _solid(mesh: _Mesh, style_of: dict[int, int] | None = None) -> Manifold | None:
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


def _bodies_of(mesh: _Mesh) -> list[_Mesh]:
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


def _thin_axis(parts: Sequence[_Mesh]) -> Floats:
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


def _reaching(cutter: _Mesh, axis: Floats) -> _Mesh:
    """The opening, made longer along the host's thin direction by a hair at both ends."""
    along = cutter.vertices @ axis
    used = along[np.unique(cutter.triangles)]
    low, high = float(used.min()), float(used.max())
    shift = np.where(along > high - _AT_FACE_M, _REACH_M, np.where(along < low + _AT_FACE_M, -_REACH_M, 0.0))
    return replace(cutter, vertices=cutter.vertices + shift[:, None] * axis)


def _mesh_of(solid: Manifold, style_of: dict[int, int], main_style: int) -> _Mesh:
    mesh = solid.to_mesh64()
    styles = np.empty(len(mesh.tri_verts), np.int32)
    ends = np.asarray(mesh.run_index) // 3
    for run, original in enumerate(np.asarray(mesh.run_original_id).tolist()):
        styles[ends[run] : ends[run + 1]] = style_of.get(original, main_style)
    return _Mesh(
        np.asarray(mesh.vert_properties, np.float64)[:, :3],
        np.asarray(mesh.tri_verts).astype(np.int32),
        styles,
    )


def _main_style(parts: Sequence[_Mesh]) -> int:
    """The style of the largest number of triangles, for the reveals."""
    values, counts = np.unique(np.concatenate([part.styles for part in parts]), return_counts=True)
    return int(values[np.argmax(counts)])


def _meet(parts: Sequence[_Mesh], cutters: Sequence[_Mesh]) -> bool:
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


def _clipped(parts: Sequence[_Mesh], cutters: Sequence[_Mesh]) -> _Mesh | None:
    """A host that is not closed: its faces without what lies in the openings, and the openings' reveals."""
    axis = _thin_axis(parts)
    whole = _joined(parts)
    low, high = float((whole.vertices @ axis).min()), float((whole.vertices @ axis).max())
    reveals: list[_Mesh] = []
    for cutter in cutters:
        reaching = _reaching(cutter, axis)
        planes = convex_planes(reaching.vertices, reaching.triangles)
        if planes is None:
            return None
        vertices, triangles, source = without_convex(whole.vertices, whole.triangles, planes)
        whole = _Mesh(vertices, triangles, whole.styles[source])
        reveals.append(_reveals(cutter, axis, low, high, _main_style(parts)))
    used = _joined([whole, *reveals])
    rows, inverse = np.unique(used.triangles, return_inverse=True)
    return replace(used, vertices=used.vertices[rows], triangles=inverse.reshape(-1, 3).astype(np.int32))


def _reveals(cutter: _Mesh, axis: Floats, low: float, high: float, style: int) -> _Mesh:
    """The opening's sides between ``low`` and ``high`` along ``axis``, facing inward."""
    corners = cutter.vertices[cutter.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    side = (lengths > 0.0) & (np.abs(normals @ axis) < 0.1 * lengths)
    along = cutter.vertices @ axis
    vertices = cutter.vertices + (np.clip(along, low, high) - along)[:, None] * axis
    triangles = cutter.triangles[side][:, ::-1]
    return _Mesh(vertices, triangles, np.full(len(triangles), style, np.int32))


def _joined(meshes: Sequence[_Mesh]) -> _Mesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return _Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate(
            [mesh.triangles + np.int32(start) for mesh, start in zip(meshes, starts[:-1], strict=True)]
        ),
        np.concatenate([mesh.styles for mesh in meshes]),
    )


def _with_shapes(
    geometry: GeometryTable, shapes: dict[bytes, _Mesh], placed: dict[int, tuple[bytes, Floats]]
) -> GeometryTable:
    """The table with the hosts in ``placed`` showing their new shapes; shapes without use are dropped."""
    kept = ~np.isin(geometry.instance_element, list(placed))
    used, renamed = np.unique(geometry.instance_shape[kept], return_inverse=True)
    new = {key: row for row, key in enumerate(dict.fromkeys(key for key, _ in placed.values()), len(used))}
    meshes = [shapes[key] for key in new]
    vertices = [
        *(geometry.vertices[geometry.vertex_start[s] : geometry.vertex_start[s + 1]] for s in used),
        *(mesh.vertices.astype(np.float32) for mesh in meshes),
    ]
    old_rows = [slice(geometry.triangle_start[s], geometry.triangle_start[s + 1]) for s in used]
    triangles = [
        *(geometry.triangles[rows] for rows in old_rows),
        *(mesh.triangles for mesh in meshes),
    ]
    styles = [
        *(geometry.triangle_style[rows] for rows in old_rows),
        *(mesh.styles for mesh in meshes),
    ]
    element = np.append(geometry.instance_element[kept], np.array(list(placed), np.int32)).astype(np.int32)
    shape = np.append(renamed, [new[key] for key, _ in placed.values()]).astype(np.int32)
    transform = np.concatenate(
        [geometry.transform[kept], np.array([frame for _, frame in placed.values()]).reshape(-1, 3, 4)]
    )
    order = np.argsort(element, kind="stable")
    return replace(
        geometry,
        vertices=np.concatenate([np.zeros((0, 3), np.float32), *vertices]),
        triangles=np.concatenate([np.zeros((0, 3), np.int32), *triangles]),
        triangle_style=np.concatenate([np.zeros(0, np.int32), *styles]),
        vertex_start=np.cumsum([0, *map(len, vertices)], dtype=np.int64),
        triangle_start=np.cumsum([0, *map(len, triangles)], dtype=np.int64),
        instance_element=element[order],
        instance_shape=shape[order],
        transform=transform[order],
        openings_subtracted=True,
    )


def _diagnostics(
    model: BuildingModel, clipped: Sequence[int], failed: Sequence[int]
) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    for code, severity, hosts, message in (
        (
            "host-clipped",
            Severity.NOTE,
            clipped,
            Text(
                "{count} elements with openings are no closed solids; their faces were clipped instead.",
                "{count} 个带洞口的构件不是封闭实体，已按洞口裁剪其表面。",
            ),
        ),
        (
            "host-not-cut",
            Severity.WARNING,
            failed,
            Text(
                "The openings of {count} elements could not be cut out of them; they stay closed to light.",
                "{count} 个构件的洞口无法扣除，计算采光时按无洞口处理。",
            ),
        ),
    ):
        if hosts:
            found.append(
                Diagnostic(
                    code=code,
                    severity=severity,
                    message=message.format(count=len(hosts)),
                    remedy=Text(
                        "Model these elements as closed solids without overlapping or missing faces.",
                        "请将这些构件建成封闭实体，避免面缺失或重叠。",
                    ),
                    global_id=str(model.elements.global_id[hosts[0]]) if len(hosts) == 1 else "",
                    count=len(hosts),
                )
            )
    return tuple(found)
