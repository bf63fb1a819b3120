"""A glTF 2.0 binary file (GLB) in the making: buffers, views, accessors, materials, nodes.

Positions are quantised to 16 bits (KHR_mesh_quantization) and, when the library ``meshoptimizer`` is
installed, compressed (EXT_meshopt_compression).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNSIGNED_SHORT, UNSIGNED_INT = 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
_STEPS = 65535  # of a 16-bit coordinate
_STRIDE = 8  # bytes per vertex: three 16-bit coordinates and padding to a multiple of four


def can_compress() -> bool:
    """Whether the library for EXT_meshopt_compression is installed (extra ``glb``)."""
    return find_spec("meshoptimizer") is not None


@dataclass(frozen=True)
class Quantised:
    """Vertices on a 16-bit grid: position = corner + step_m * stored."""

    accessor: int
    corner: NDArray[np.float64]  # (3,)
    step_m: float


@dataclass
class GlbWriter:
    """Collects meshes and nodes; :meth:`to_bytes` gives the file."""

    compress: bool = False
    _data: bytearray = field(default_factory=bytearray)
    _unpacked_bytes: int = 0
    _views: list[dict[str, Any]] = field(default_factory=list)
    _accessors: list[dict[str, Any]] = field(default_factory=list)
    _meshes: list[dict[str, Any]] = field(default_factory=list)
    _materials: list[dict[str, Any]] = field(default_factory=list)
    _nodes: list[dict[str, Any]] = field(default_factory=list)
    _material_of: dict[tuple[float, ...], int] = field(default_factory=dict)

    def add_vertices(self, vertices: NDArray[np.floating[Any]]) -> Quantised:
        """Store vertices (n, 3) on a grid of 65,536 steps along their longest side."""
        points = np.asarray(vertices, np.float64)
        corner = points.min(axis=0)
        step = max(float((points.max(axis=0) - corner).max()) / _STEPS, 1e-9)
        stored = np.zeros((len(points), 4), np.uint16)
        stored[:, :3] = np.rint((points - corner) / step)
        view = self._add_view(stored, len(points), _STRIDE, ARRAY_BUFFER)
        self._accessors.append(
            {
                "bufferView": view, "componentType": UNSIGNED_SHORT, "count": len(points), "type": "VEC3",
                "min": stored[:, :3].min(axis=0).tolist(), "max": stored[:, :3].max(axis=0).tolist(),
            }
        )  # fmt: skip
        return Quantised(len(self._accessors) - 1, corner, step)

    def add_triangles(self, triangles: NDArray[np.int32]) -> int:
        """Store triangles (m, 3); returns the accessor."""
        indices = np.ascontiguousarray(triangles, np.uint32).ravel()
        wide = int(indices.max(initial=0)) >= _STEPS
        stored = indices if wide else indices.astype(np.uint16)
        view = self._add_view(stored, len(indices), 4 if wide else 2, ELEMENT_ARRAY_BUFFER)
        kind = UNSIGNED_INT if wide else UNSIGNED_SHORT
        self._accessors.append(
            {"bufferView": view, "componentType": kind, "count": len(indices), "type": "SCALAR"}
        )
        return len(self._accessors) - 1

    def add_material(self, rgba: Sequence[float]) -> int:
        """A matt material seen from both sides; equal colours share one.

        ``rgba`` is in sRGB, as colours of IFC files are meant; glTF stores linear light.
        """
        *colour, alpha = (float(part) for part in rgba)
        key = (*(round(_linear(part), 5) for part in colour), round(alpha, 3))
        if key not in self._material_of:
            material: dict[str, Any] = {
                "pbrMetallicRoughness": {"baseColorFactor": key, "metallicFactor": 0, "roughnessFactor": 0.9},
                "doubleSided": True,
            }
            if key[3] < 1:
                material["alphaMode"] = "BLEND"
            self._materials.append(material)
            self._material_of[key] = len(self._materials) - 1
        return self._material_of[key]

    def add_mesh(self, primitives: Sequence[tuple[int, int, int]]) -> int:
        """A mesh of (vertex accessor, triangle accessor, material); returns its index."""
        self._meshes.append(
            {
                "primitives": [
                    {"attributes": {"POSITION": vertices}, "indices": triangles, "material": material}
                    for vertices, triangles, material in primitives
                ]
            }
        )
        return len(self._meshes) - 1

    def add_node(
        self,
        name: str,
        *,
        extras: Mapping[str, Any] | None = None,
        mesh: int | None = None,
        matrix: NDArray[np.float64] | None = None,
        children: Sequence[int] = (),
    ) -> int:
        """A node with a 3 x 4 matrix; returns its index."""
        node: dict[str, Any] = {"name": name}
        if extras:
            node["extras"] = dict(extras)
        if mesh is not None:
            node["mesh"] = mesh
        if matrix is not None:
            columns = np.vstack([matrix, (0.0, 0.0, 0.0, 1.0)]).T.ravel()
            node["matrix"] = [float(f"{value:.9g}") for value in columns]
        if children:
            node["children"] = list(children)
        self._nodes.append(node)
        return len(self._nodes) - 1

    def to_bytes(self, roots: Sequence[int], extras: Mapping[str, Any]) -> bytes:
        """The GLB file whose scene has the given root nodes."""
        used = ["KHR_mesh_quantization"]
        buffers: list[dict[str, Any]] = [{"byteLength": len(self._data)}]
        if self.compress and self._views:
            used.append("EXT_meshopt_compression")
            fallback = {"EXT_meshopt_compression": {"fallback": True}}
            buffers.append({"byteLength": self._unpacked_bytes, "extensions": fallback})
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "greentwin"},
            "extensionsUsed": used,
            "extensionsRequired": used,
            "scene": 0,
            "scenes": [{"nodes": list(roots), "extras": dict(extras)}],
            "nodes": self._nodes,
        }
        if self._views:
            document |= {
                "meshes": self._meshes, "materials": self._materials, "accessors": self._accessors,
                "bufferViews": self._views, "buffers": buffers,
            }  # fmt: skip
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        text += b" " * (-len(text) % 4)
        data = bytes(self._data) + b"\0" * (-len(self._data) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
        if data:
            chunks += struct.pack("<II", len(data), 0x004E4942) + data
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks

    def _add_view(self, stored: NDArray[Any], count: int, stride: int, target: int) -> int:
        raw = np.ascontiguousarray(stored)
        is_index = target == ELEMENT_ARRAY_BUFFER
        packed = _packed(raw, count, stride, is_index) if self.compress else raw.tobytes()
        self._data += b"\0" * (-len(self._data) % 4)
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self._data), "byteLength": len(packed)}
        if self.compress:
            compression = {
                **view, "byteStride": stride, "count": count,
                "mode": "TRIANGLES" if is_index else "ATTRIBUTES",
            }  # fmt: skip
            self._unpacked_bytes += -self._unpacked_bytes % 4
            view = {"buffer": 1, "byteOffset": self._unpacked_bytes, "byteLength": raw.nbytes}
            view["extensions"] = {"EXT_meshopt_compression": compression}
            self._unpacked_bytes += raw.nbytes
        if not is_index:
            view["byteStride"] = stride
        view["target"] = target
        self._data += packed
        self._views.append(view)
        return len(self._views) - 1


def _linear(part: float) -> float:
    """Linear light of one sRGB colour part (IEC 61966-2-1), both 0..1."""
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _packed(raw: NDArray[Any], count: int, stride: int, is_index: bool) -> bytes:
    import meshoptimizer

    if is_index:
        meshoptimizer.encode_index_version(1)
        vertex_count = int(raw.max()) + 1
        return bytes(meshoptimizer.encode_index_buffer(raw.astype(np.uint32), count, vertex_count))
    meshoptimizer.encode_vertex_version(0)
    return bytes(meshoptimizer.encode_vertex_buffer(raw.view(np.uint8).reshape(count, stride), count, stride))
