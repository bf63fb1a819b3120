"""Triangulated geometry of products through IfcOpenShell's iterator."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ifcopenshell.geom
import numpy as np
from numpy.typing import NDArray

from ifc.meshes import NO_VOLUME_M3, closure, signed_volume, sound_shapes, wound_outward
from ifc.reading.entities import get, is_a, items

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


@dataclass
class Part:
    """Shapes and the products that place them, as far as the iterator has come.

    ``vertices`` are float32 about the shape's own centre; ``matrices`` (3, 4) include that centre.
    """

    shape_key: list[str] = field(default_factory=list)
    vertices: list[NDArray[np.float32]] = field(default_factory=list)
    triangles: list[NDArray[np.int32]] = field(default_factory=list)
    style: list[NDArray[np.int32]] = field(default_factory=list)  # rows of the two columns that follow
    style_name: list[str] = field(default_factory=list)
    style_rgba: list[tuple[float, ...]] = field(default_factory=list)
    product: list[int] = field(default_factory=list)  # STEP id
    shape: list[int] = field(default_factory=list)  # row of the shape in this part
    matrix: list[NDArray[np.float64]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)  # STEP ids returned, with or without triangles
    unsound: list[int] = field(default_factory=list)  # returned open or without volume
    absurd: list[int] = field(default_factory=list)  # returned with coordinates that cannot be

    def packed(self) -> dict[str, Any]:
        """The columns as flat arrays, for :mod:`ifc.container`."""
        return {
            "shape_key": tuple(self.shape_key),
            "vertices": np.concatenate([np.zeros((0, 3), np.float32), *self.vertices]),
            "triangles": np.concatenate([np.zeros((0, 3), np.int32), *self.triangles]),
            "style": np.concatenate([np.zeros(0, np.int32), *self.style]),
            "vertex_start": np.cumsum([0, *map(len, self.vertices)], dtype=np.int64),
            "triangle_start": np.cumsum([0, *map(len, self.triangles)], dtype=np.int64),
            "style_name": tuple(self.style_name),
            "style_rgba": np.array(self.style_rgba, np.float32).reshape(-1, 4),
            "product": np.array(self.product, np.int64),
            "shape": np.array(self.shape, np.int32),
            "matrix": np.array(self.matrix, np.float64).reshape(-1, 3, 4),
            "done": np.array(self.done, np.int64),
            "unsound": np.array(self.unsound, np.int64),
            "absurd": np.array(self.absurd, np.int64),
        }

    def judge(self) -> None:
        """Turn shapes that are wound inside out, and note the products whose shape stays unsound."""
        sound = sound_shapes(
            np.concatenate([np.zeros((0, 3), np.float32), *self.vertices]),
            np.concatenate([np.zeros((0, 3), np.int32), *self.triangles]),
            np.cumsum([0, *map(len, self.vertices)], dtype=np.int64),
            np.cumsum([0, *map(len, self.triangles)], dtype=np.int64),
        )
        for row in np.flatnonzero(~sound).tolist():
            vertices = self.vertices[row]
            triangles = self.triangles[row] = wound_outward(vertices, self.triangles[row])
            sound[row] = (
                closure(vertices, triangles).closed and signed_volume(vertices, triangles) > NO_VOLUME_M3
            )
        self.unsound = [
            step_id for step_id, row in zip(self.product, self.shape, strict=True) if not sound[row]
        ]


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
        for representation in items(get(product, "Representation"), "Representations")
        if get(representation, "RepresentationIdentifier") not in _NEVER_SHAPES
        and get(representation, "RepresentationType") not in _NEVER_TYPES
    ]


def build_geometry(file: Any, product_ids: Sequence[int], kernel: str) -> Iterator[Part]:
    """Build the shapes of products with one kernel, one thread.

    Openings are not subtracted. Yields a :class:`Part` about every two seconds and at the end, so that
    what was built before a crash is not lost.
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


class _Collector:
    """Gathers what the iterator returns; one element and shape returned twice counts once."""

    def __init__(self, file: Any, kernel: str) -> None:
        self._file = file
        self._kernel = kernel
        self._part = Part()
        self._shape_row: dict[str, int] = {}
        self._shape_state: dict[str, str] = {}
        self._centre: dict[str, NDArray[np.float64]] = {}
        self._style_row: dict[str, int] = {}
        self._placed: set[tuple[int, str, bytes]] = set()

    def take(self) -> Part:
        """Hand over what was gathered since the last call."""
        part, self._part = self._part, Part()
        self._shape_row.clear()
        self._style_row.clear()
        part.judge()
        return part

    def add(self, element: Any) -> None:
        """Add one element of the iterator."""
        step_id = element.id
        part = self._part
        part.done.append(step_id)
        if element.context in _NEVER_SHAPES:
            return
        geometry = element.geometry
        key = f"{self._kernel}:{geometry.id}"
        matrix = np.frombuffer(element.transformation_buffer, np.float64).reshape(4, 4).T
        placed = (step_id, key, matrix.tobytes())
        if placed in self._placed:
            return
        self._placed.add(placed)
        if key not in self._shape_row:
            self._add_shape(key, geometry)
        state = self._shape_state[key]
        if state == "empty":
            return
        translation = matrix[:3, 3] + matrix[:3, :3] @ self._centre[key]
        if state == "absurd" or not _plausible(matrix[:3, :3], translation):
            part.absurd.append(step_id)
            return
        part.product.append(step_id)
        part.shape.append(self._shape_row[key])
        part.matrix.append(np.column_stack([matrix[:3, :3], translation]))

    def _add_shape(self, key: str, geometry: Any) -> None:
        points = np.frombuffer(geometry.verts_buffer, np.float64).reshape(-1, 3)
        triangles = np.frombuffer(geometry.faces_buffer, np.int32).reshape(-1, 3)
        self._shape_row[key] = -1
        self._centre[key] = np.zeros(3)
        if not len(triangles):
            self._shape_state[key] = "empty"
            return
        low, high = points.min(axis=0), points.max(axis=0)
        if not (np.isfinite(low).all() and np.isfinite(high).all()) or (high - low).max() > _ABSURD_SHAPE_M:
            self._shape_state[key] = "absurd"
            return
        centre = (low + high) / 2.0
        local = (points - centre).astype(np.float32)
        self._shape_state[key] = "usable"
        self._centre[key] = centre
        part = self._part
        self._shape_row[key] = len(part.shape_key)
        part.shape_key.append(key)
        part.vertices.append(local)
        part.triangles.append(triangles)
        part.style.append(self._styles(geometry, len(triangles)))

    def _styles(self, geometry: Any, count: int) -> NDArray[np.int32]:
        own = np.frombuffer(geometry.material_ids_buffer, np.int32)
        rows = [self._style(material) for material in geometry.materials]
        if len(own) != count or not rows:
            return np.full(count, -1, np.int32)
        return np.array([*rows, -1], np.int32)[np.where((own >= 0) & (own < len(rows)), own, -1)]

    def _style(self, material: Any) -> int:
        key = material.name
        row = self._style_row.get(key)
        if row is None:
            row = self._style_row[key] = len(self._part.style_name)
            red, green, blue = material.diffuse.components_()
            transparency = material.transparency if material.has_transparency() else 0.0
            rgba = np.nan_to_num(np.clip([red, green, blue, 1.0 - transparency], 0.0, 1.0), nan=1.0)
            self._part.style_name.append(self._style_name(key))
            self._part.style_rgba.append(tuple(float(value) for value in rgba))
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


def _plausible(rotation: NDArray[np.float64], translation: NDArray[np.float64]) -> bool:
    return bool(
        np.isfinite(rotation).all()
        and np.isfinite(translation).all()
        and np.abs(translation).max() <= _ABSURD_PLACEMENT_M
        and 1e-6 < abs(np.linalg.det(rotation)) < 1e6
    )


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
        mapped = get(get(item, "MappingSource"), "MappedRepresentation")
        kinds = {_geometry_kind(inner, known, depth) for inner in items(mapped, "Items")}
        return next((kind for kind in ("curved", "planar") if kind in kinds), "faceted")
    if kind in ("IfcRectangleProfileDef", "IfcPolyline"):
        return "planar"
    parts: list[Any]
    if kind == "IfcExtrudedAreaSolid":
        parts = [get(item, "SweptArea")]
    elif kind in ("IfcArbitraryClosedProfileDef", "IfcArbitraryProfileDefWithVoids"):
        parts = [get(item, "OuterCurve"), *items(item, "InnerCurves")]
    elif kind == "IfcCompositeCurve":
        parts = [get(segment, "ParentCurve") for segment in items(item, "Segments")]
    elif kind == "IfcIndexedPolyCurve":
        straight = all(segment.is_a() == "IfcLineIndex" for segment in items(item, "Segments"))
        return "planar" if straight else "curved"
    else:
        return "curved"
    planar = all(part is not None and _geometry_kind(part, known, depth) == "planar" for part in parts)
    return "planar" if planar else "curved"
