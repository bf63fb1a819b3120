"""The hosts of openings: which they are, each distinct one cut once, the table with the new shapes."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.cutting.solid import Outcome, SolidMesh, cut_solid
from ifc.model import BuildingModel, Diagnostic, GeometryTable, Severity, Text

Floats = NDArray[np.float64]

_KEY_GRID = 1e5


@dataclass(frozen=True)
class Cut:
    """A geometry table with openings subtracted, and what could not be cut cleanly."""

    geometry: GeometryTable
    diagnostics: tuple[Diagnostic, ...]


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
    outcomes: dict[bytes, Outcome] = {}
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
            outcomes[key] = cut_solid(parts, cutters)
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


def _local_mesh(geometry: GeometryTable, instance: int, frame: Floats) -> SolidMesh:
    shape = geometry.instance_shape[instance]
    rows = slice(geometry.triangle_start[shape], geometry.triangle_start[shape + 1])
    local = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
    matrix = _relative(geometry, instance, frame)
    triangles = geometry.triangles[rows]
    if np.linalg.det(matrix[:, :3]) < 0.0:
        triangles = triangles[:, ::-1]
    return SolidMesh(
        local.astype(np.float64) @ matrix[:, :3].T + matrix[:, 3], triangles, geometry.triangle_style[rows]
    )


def _with_shapes(
    geometry: GeometryTable, shapes: dict[bytes, SolidMesh], placed: dict[int, tuple[bytes, Floats]]
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
