"""Which products have a shape, and who is to build it."""

from __future__ import annotations

from typing import Any

from ifc.reading.entities import get, is_a, items, ref

# Bodies that the fast kernel tessellates as opencascade does: planar by construction. It clips half-spaces
# wrongly and draws arcs as chords or the wrong way round, so everything else goes to opencascade.
_FACETED_ITEMS = frozenset(
    [
        "IfcFacetedBrep", "IfcFacetedBrepWithVoids", "IfcPolygonalFaceSet", "IfcTriangulatedFaceSet",
        "IfcTriangulatedIrregularNetwork", "IfcShellBasedSurfaceModel", "IfcFaceBasedSurfaceModel",
    ]
)  # fmt: skip
NEVER_SHAPES = frozenset(
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
_never: dict[str, bool] = {}  # class -> whether it is one of _NEVER_CLASSES or their subclasses


def plan_geometry(file: Any) -> dict[str, list[int]]:
    """STEP ids of the products that have a shape, by the kernel of the engine for it: ``fast`` or ``exact``.

    ``own`` are those to be tried in :mod:`ifc.reading.shapes` before. ``faceted`` are those of ``fast`` whose
    faces the file lists: if they do not close, no kernel closes them.
    """
    known: dict[int, str] = {}
    plan: dict[str, list[int]] = {"fast": [], "exact": [], "faceted": [], "own": []}
    for product in sorted(file.by_type("IfcProduct"), key=lambda entity: entity.id()):
        representations = shape_representations(product)
        if representations:
            kinds = {
                _geometry_kind(item, known, 0)
                for representation in representations
                for item in items(representation, "Items")
            }
            plan["exact" if "curved" in kinds else "fast"].append(product.id())
            plan["own"].append(product.id())
            if kinds == {"faceted"}:
                plan["faceted"].append(product.id())
    return plan


def shape_representations(product: Any) -> list[Any]:
    """The representations of a product that can hold a surface or a solid of it."""
    kind = product.is_a()
    never = _never.get(kind)
    if never is None:
        never = _never[kind] = is_a(product, *_NEVER_CLASSES)
    if never:
        return []
    return [
        representation
        for representation in items(ref(product, "Representation"), "Representations")
        if get(representation, "RepresentationIdentifier") not in NEVER_SHAPES
        and get(representation, "RepresentationType") not in _NEVER_TYPES
    ]


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
