"""Triangulated geometry of products through IfcOpenShell's iterator."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ifcopenshell.geom
import numpy as np
from numpy.typing import NDArray

from ifc.meshes import oriented, sound_shapes
from ifc.reading.entities import get, is_a, items, ref

FAST_KERNEL = "hybrid-manifold-opencascade"
EXACT_KERNEL = "opencascade"

# Bodies that the fast kernel tessellates as opencascade does: planar by construction. It clips half-spaces
# wrongly and draws arcs as chords or the wrong way round, so everything else goes to opencascade.
_FACETED_ITEMS = frozenset(
    [
        "IfcFacetedBrep", "IfcFacetedBrepWithVoids", "IfcPolygonalFaceSet", "IfcTriangulatedFaceSet",
        "IfcTriangulatedIrregularNetwork", "IfcShellBasedSurfaceModel", "IfcFaceBasedSurfaceModel",
    ]
)  # fmt: skip
_BODY = frozenset(["Body", "Facetation", "Tessellation", "Body-FallBack", "Body-Fallback"])
_NEVER_SHAPES = frozenset(
    ["Clearance", "Box", "Axis", "FootPrint", "Annotation", "Profile", "Reference", "Lighting", "CoG", "Plan",
     "WalkingLine", "Boundary"]
)  # fmt: skip
_NEVER_TYPES = frozenset(
    ["Curve", "Curve2D", "Curve3D", "Annotation2D", "GeometricCurveSet", "Point", "PointCloud", "BoundingBox",
     "Text", "Lighting", "Fill"]
)  # fmt: skip
_NEVER_CLASSES = ("IfcAnnotation", "IfcGrid", "IfcPort", "IfcStructuralItem", "IfcStructuralActivity",
                  "IfcLinearPositioningElement", "IfcPositioningElement")  # fmt: skip
_NESTING_LIMIT = 12
_FLUSH_S = 2.0
# No building part is 100 km long, and no place on Earth is further from another than 20,000 km.
_ABSURD_SHAPE_M = 1e5
_ABSURD_PLACEMENT_M = 2e7


def plan_geometry(file: Any) -> dict[str, list[int]]:
    """STEP ids of the products that have a shape, by the kernel that is to build it: ``fast`` or ``exact``.

    ``faceted`` are those of ``fast`` whose faces the file lists: if they do not close, no kernel closes them.
    """
    known: dict[int, str] = {}
    plan: dict[str, list[int]] = {"fast": [], "exact": [], "faceted": []}
    for product in sorted(file.by_type("IfcProduct"), key=lambda entity: entity.id()):
        representations = shape_representations(product)
        if representations:
            kinds = {
                _geometry_kind(item, known, 0)
                for representation in representations
                for item in items(representation, "Items")
            }
            plan["exact" if "curved" in kinds else "fast"].append(product.id())
            if kinds == {"faceted"}:
                plan["faceted"].append(product.id())
    return plan


def shape_representations(product: Any) -> list[Any]:
    """The representations of a product that can hold a surface or a solid of it."""
    if is_a(product, *_NEVER_CLASSES):
        return []
    return [
        representation
        for representation in items(ref(product, "Representation"), "Representations")
        if get(representation, "RepresentationIdentifier") not in _NEVER_SHAPES
        and get(representation, "RepresentationType") not in _NEVER_TYPES
    ]


def build_geometry(file: Any, product_ids: Sequence[int], kernel: str) -> Iterator[dict[str, Any]]:
    """Build the shapes of products with one kernel, one thread.

    Openings are not subtracted. Yields what was built about every two seconds and at the end, so that nothing
    of it is lost in a crash. Each part has these columns:

    - of S shapes: ``shape_key``; ``vertices`` (float32, about the shape's own centre), ``triangles`` and
      ``style`` (rows of the style columns, -1 for none), packed by ``vertex_start`` and ``triangle_start``;
    - of styles: ``style_name``, ``style_rgba``;
    - of I instances: ``product`` (STEP id), ``shape`` (row of the shape in this part), ``matrix`` (I, 3, 4),
      which includes the shape's centre;
    - STEP ids: ``done`` (returned, with or without triangles), ``unsound`` (open or without volume),
      ``absurd`` (left out for coordinates that cannot be).
    """
    settings = ifcopenshell.geom.settings()
    settings.set("disable-opening-subtractions", True)
    settings.set("no-normals", True)
    included = [file.by_id(step_id) for step_id in product_ids]
    for product in included:
        if get(product, "Name") is None:
            product.Name = None  # a Name written as "*" makes the engine drop the product
    if not included:
        return
    collector = _Collector(file, kernel)
    iterator = ifcopenshell.geom.iterator(settings, file, 1, include=included, geometry_library=kernel)
    if not iterator.initialize():
        return
    flushed = time.monotonic()
    while True:
        collector.add(iterator.get())
        if time.monotonic() - flushed > _FLUSH_S:
            yield collector.take()
            flushed = time.monotonic()
        if not iterator.next():
            break
    yield collector.take()


@dataclass
class _Gathered:
    """What the iterator returned, as it came; lists run side by side."""

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


class _Collector:
    """Gathers what the iterator returns; one element and shape returned twice counts once."""

    def __init__(self, file: Any, kernel: str) -> None:
        self._file = file
        self._kernel = kernel
        self._now = _Gathered()
        self._shape_row: dict[str, int] = {}  # -1 for a shape without triangles
        self._style_row: dict[str, int] = {}
        self._placed: set[tuple[int, str, bytes]] = set()

    def add(self, element: Any) -> None:
        """Add one element of the iterator."""
        step_id = element.id
        self._now.done.append(step_id)
        if element.context in _NEVER_SHAPES:
            return
        geometry = element.geometry
        key = f"{self._kernel}:{geometry.id}"
        placed = (step_id, key, element.transformation_buffer)
        if placed in self._placed:
            return
        self._placed.add(placed)
        row = self._shape_row.get(key)
        if row is None:
            row = self._shape_row[key] = self._add_shape(key, geometry)
        if row >= 0:
            self._now.product.append(step_id)
            self._now.shape.append(row)
            self._now.matrix.append(placed[2])

    def take(self) -> dict[str, Any]:
        """Hand over what was gathered since the last call."""
        now, self._now = self._now, _Gathered()
        self._shape_row.clear()
        self._style_row.clear()
        return _packed(now)

    def _add_shape(self, key: str, geometry: Any) -> int:
        triangles = np.frombuffer(geometry.faces_buffer, np.int32).reshape(-1, 3)
        if not len(triangles):
            return -1
        now = self._now
        now.shape_key.append(key)
        now.points.append(np.frombuffer(geometry.verts_buffer, np.float64).reshape(-1, 3))
        now.triangles.append(triangles)
        now.style.append(self._styles(geometry, len(triangles)))
        return len(now.shape_key) - 1

    def _styles(self, geometry: Any, count: int) -> NDArray[np.int32]:
        own = np.frombuffer(geometry.material_ids_buffer, np.int32)
        if len(own) != count:
            return np.full(count, -1, np.int32)
        rows = np.array([-1, *(self._style(material) for material in geometry.materials)], np.int32)
        return rows.take(own + 1, mode="clip")

    def _style(self, material: Any) -> int:
        key = material.name
        row = self._style_row.get(key)
        if row is None:
            row = self._style_row[key] = len(self._now.style_name)
            red, green, blue = material.diffuse.components_()
            transparency = material.transparency if material.has_transparency() else 0.0
            rgba = np.nan_to_num(np.clip([red, green, blue, 1.0 - transparency], 0.0, 1.0), nan=1.0)
            self._now.style_name.append(self._style_name(key))
            self._now.style_rgba.append(tuple(rgba.tolist()))
        return row

    def _style_name(self, key: str) -> str:
        """The modeller's name of a style that the engine calls ``IfcSurfaceStyleRendering-1215``."""
        step_id = key.rpartition("-")[2]
        if not step_id.isdigit():
            return key
        try:
            entity = self._file.by_id(int(step_id))
            owners = [entity, *self._file.get_inverse(entity)]
        except RuntimeError:
            return key
        names = [get(owner, "Name") for owner in owners if owner.is_a("IfcSurfaceStyle") or owner == entity]
        return next((name for name in names if isinstance(name, str) and name), key)


def _packed(now: _Gathered) -> dict[str, Any]:
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


def _geometry_kind(item: Any, known: dict[int, str], depth: int) -> str:
    """``faceted`` (its faces are listed), ``planar`` (swept with straight edges) or ``curved`` (all else)."""
    if depth > _NESTING_LIMIT:
        return "curved"
    found = known.get(item.id())
    if found is None:
        known[item.id()] = "curved"  # of an item that holds itself
        found = known[item.id()] = _judge(item, known, depth + 1)
    return found


def _judge(item: Any, known: dict[int, str], depth: int) -> str:
    kind = item.is_a()
    if kind in _FACETED_ITEMS:
        return "faceted"
    if kind == "IfcMappedItem":
        mapped = ref(ref(item, "MappingSource"), "MappedRepresentation")
        kinds = {_geometry_kind(inner, known, depth) for inner in items(mapped, "Items")}
        return next((kind for kind in ("curved", "planar") if kind in kinds), "faceted")
    if kind in ("IfcRectangleProfileDef", "IfcPolyline"):
        return "planar"
    parts: list[Any]
    if kind == "IfcExtrudedAreaSolid":
        parts = [ref(item, "SweptArea")]
    elif kind in ("IfcArbitraryClosedProfileDef", "IfcArbitraryProfileDefWithVoids"):
        parts = [ref(item, "OuterCurve"), *items(item, "InnerCurves")]
    elif kind == "IfcCompositeCurve":
        parts = [ref(segment, "ParentCurve") for segment in items(item, "Segments")]
    elif kind == "IfcIndexedPolyCurve":
        straight = all(segment.is_a() == "IfcLineIndex" for segment in items(item, "Segments"))
        return "planar" if straight else "curved"
    else:
        return "curved"
    planar = all(part is not None and _geometry_kind(part, known, depth) == "planar" for part in parts)
    return "planar" if planar else "curved"
