"""What covers the site, seen from above: roofs, roads, paving, green, water, and where rain is stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ifc.cover_findings import COVER_CODES, cover_findings
from ifc.cover_kind import OVERLAYS, kind_of_class, named_kind, precedence, stated_kind, storage
from ifc.model import PROVENANCE_CODES, BuildingModel, GroundCoverTable, PolygonTable, Provenance
from ifc.plan_outline import EMPTY, filled, hull_outline, joined, polygons_of, upward_outline, without

_SITE_CLASSES = frozenset(
    ["IfcGeographicElement", "IfcCivilElement", "IfcPavement", "IfcTank", "IfcRoad", "IfcRoadPart",
     "IfcCourse", "IfcEarthworksElement", "IfcEarthworksFill", "IfcKerb"]
)  # fmt: skip
_PLATES = frozenset(["IfcSlab", "IfcRoof", "IfcCovering", "IfcPlate", "IfcBuildingElementProxy", "IfcRamp"])
_BODIES = frozenset(
    ["IfcWall", "IfcCurtainWall", "IfcColumn", "IfcStair", "IfcStairFlight", "IfcRampFlight", "IfcChimney"]
)
_TERRAIN = ("TERRAIN", "SOIL_BORING_POINT")
_ABOVE_GROUND_M = 1.5  # covers higher than this over the ground lie on a building
_BELOW_GROUND_M = 1.5
_AT_GRADE_M = 0.6  # slabs of a building up to here over the ground are paving, not roof
_LEVEL_M = 0.5  # covers within this height of each other compete by size, not by height
_SHAFT_M2 = 2.0  # holes in a building up to this size are shafts
_TRUSTED_SITE = 0.5  # of the buildings that a site's outline must hold to be believed


@dataclass(frozen=True, slots=True)
class _Cover:
    """One element that may show from above. ``element`` -1: rest of the buildings."""

    element: int
    kind: str
    provenance: Provenance
    outline: BaseGeometry
    top_m: float
    depth_m: float | None = None
    volume_m3: float | None = None


def find_ground_covers(model: BuildingModel) -> BuildingModel:
    """Fill ``ground_covers`` from site elements, paving and roofs.

    The polygons of all kinds but ``tree`` and ``tank`` do not overlap: of two elements the higher shows, at
    one height the smaller. What the site's outline holds and nothing covers is ``unknown``. Trees and tanks
    lie over and under the others and are kept whole.

    A kind comes from a property (``GBT50378_Site.CoverKind``, 下垫面类型, ...), else from names, else from
    the class; a building's roof from its topmost faces.
    """
    ground_m = _ground_level(model)
    site_rows, site = _site_outline(model)
    covers, overlays = _candidates(model, ground_m)
    bodies = _bodies(model, ground_m)
    rest = _rest_of_buildings(model, bodies)
    ordered = [
        *sorted((one for one in (*covers, *bodies) if _elevated(one, ground_m)), key=_order),
        rest,
        *sorted((one for one in (*covers, *bodies) if not _elevated(one, ground_m)), key=_order),
    ]
    believed = _believed(site, joined([one.outline for one in ordered if _elevated(one, ground_m)]))
    shown: list[_Cover] = []
    outside_m2 = 0.0
    for cover in ordered:
        visible = without(cover.outline, _touching([one.outline for one in shown], cover.outline))
        if believed is not None:
            inside = shapely.intersection(visible, believed, grid_size=1e-3)
            outside_m2 += visible.area - inside.area
            visible = inside
        if not visible.is_empty:
            shown.append(replace(cover, outline=visible))
    if believed is not None:
        kind = named_kind(model, site_rows[0]) or "unknown"
        left = without(believed, joined([one.outline for one in shown]))
        shown.append(_Cover(site_rows[0], kind, Provenance.IFC, left, ground_m))
    table = _table([*shown, *overlays])
    return replace(
        model,
        ground_covers=table,
        diagnostics=(
            *(one for one in model.diagnostics if one.code not in COVER_CODES),
            *cover_findings(model, table, site, believed, outside_m2),
        ),
    )


def _candidates(model: BuildingModel, ground_m: float) -> tuple[list[_Cover], list[_Cover]]:
    """Elements that are ground covers of their own, and the trees and tanks."""
    covers: list[_Cover] = []
    overlays: list[_Cover] = []
    for row in _rows_with_shape(model):
        if _is_terrain(model, row):
            continue
        kind, provenance = _kind(model, row)
        if kind is None:
            continue
        vertices, triangles = model.geometry.mesh(row)
        depth, volume = storage(model, row)
        top = float(vertices[:, 2].max())
        if kind in OVERLAYS:
            overlays.append(_Cover(row, kind, provenance, hull_outline(vertices), top, depth, volume))
            continue
        if top < ground_m - _BELOW_GROUND_M:
            continue
        if top > ground_m + _ABOVE_GROUND_M:
            kind = {"green": "green_roof", "sunken_green": "green_roof", "paving": "roof"}.get(kind, kind)
        outline = upward_outline(vertices, triangles)
        covers.append(_Cover(row, kind, provenance, outline, top, depth, volume))
    return covers, overlays


def _kind(model: BuildingModel, row: int) -> tuple[str | None, Provenance]:
    """The cover that an element is by what the file says; None for one that is none or part of a building."""
    ifc_class = model.elements.ifc_class[row]
    stated = stated_kind(model, row)
    if stated is not None:
        return stated, Provenance.IFC
    named = named_kind(model, row)
    if ifc_class in _SITE_CLASSES:
        if ifc_class == "IfcTank":
            return "tank", Provenance.IFC
        return named or kind_of_class(model, row) or "unknown", Provenance.IFC
    if ifc_class not in _PLATES:
        return None, Provenance.IFC
    by_class = kind_of_class(model, row)
    if by_class == "roof":
        return ("green_roof" if named in ("green_roof", "green") else "roof"), Provenance.IFC
    # A slab says by its name that it is paving; what stands inside a building is hidden by the roof.
    if named in OVERLAYS or named in ("roof", "green_roof"):
        return (named if named == "green_roof" else None), Provenance.IFC
    if named is not None and not (ifc_class == "IfcBuildingElementProxy" and _in_building(model, row)):
        return named, Provenance.IFC
    if by_class is not None or (ifc_class == "IfcSlab" and not _in_building(model, row)):
        return by_class or "unknown", Provenance.IFC
    return None, Provenance.IFC


def _bodies(model: BuildingModel, ground_m: float) -> list[_Cover]:
    """Slabs and masses of the buildings that are no cover by name: roofs, or paving when at grade."""
    found: list[tuple[float, int, BaseGeometry]] = []
    for row in _rows_with_shape(model):
        ifc_class = model.elements.ifc_class[row]
        if ifc_class not in _PLATES or not _in_building(model, row) or _kind(model, row)[0] is not None:
            continue
        if ifc_class == "IfcCovering" and model.elements.predefined_type[row] == "CEILING":
            continue
        vertices, _ = model.geometry.mesh(row)
        top = float(vertices[:, 2].max())
        if top >= ground_m - _BELOW_GROUND_M:
            found.append((top, row, shapely.box(*vertices[:, :2].min(axis=0), *vertices[:, :2].max(axis=0))))
    bodies: list[_Cover] = []
    outlines: list[BaseGeometry] = []
    for top, row, extent in sorted(found, key=lambda one: (-one[0], one[1])):
        # The floors of a building all lie under its roof: their outlines are not needed.
        if shapely.contains(np.array(outlines, object), extent).any():
            continue
        kind = "roof" if top > ground_m + _AT_GRADE_M else "paving"
        outlines.append(upward_outline(*model.geometry.mesh(row)))
        bodies.append(_Cover(row, kind, Provenance.DERIVED, outlines[-1], top))
    return bodies


def _rest_of_buildings(model: BuildingModel, bodies: Sequence[_Cover]) -> _Cover:
    """What the buildings cover beside their slabs: rooms without a modelled roof, the tops of walls."""
    outlines: list[BaseGeometry] = [
        shapely.Polygon(rings[0], rings[1:])
        for row in range(len(model.spaces))
        if model.spaces.internal[row] and (rings := model.spaces.footprint.rings(row))
    ]
    for row in _rows_with_shape(model):
        base = model.elements.ifc_class[row].removesuffix("StandardCase").removesuffix("ElementedCase")
        if base in _BODIES and _in_building(model, row):
            outlines.append(upward_outline(*model.geometry.mesh(row)))
    whole = filled(joined([shape for shape in outlines if not shape.is_empty]), _SHAFT_M2)
    top = max((body.top_m for body in bodies), default=0.0)
    return _Cover(-1, "roof", Provenance.DERIVED, whole, top)


def _touching(shapes: list[BaseGeometry], shape: BaseGeometry) -> BaseGeometry:
    """Union of those shapes that meet another one."""
    found = np.array(shapes, object)
    return joined(found[shapely.intersects(found, shape)]) if len(found) else EMPTY


def _elevated(cover: _Cover, ground_m: float) -> bool:
    return cover.kind in ("roof", "green_roof") or cover.top_m > ground_m + _ABOVE_GROUND_M


def _order(cover: _Cover) -> tuple[int, float, int, int]:
    """Higher first; within one level the smaller, then the kind, then the file's order."""
    return (
        -math.floor(cover.top_m / _LEVEL_M + 0.5),
        round(cover.outline.area, 2),
        precedence(cover.kind),
        cover.element,
    )


def _rows_with_shape(model: BuildingModel) -> list[int]:
    rows: list[int] = np.unique(model.geometry.instance_element).tolist()
    return rows


def _in_building(model: BuildingModel, row: int) -> bool:
    """Whether an element belongs to an IfcBuilding and not to the site itself."""
    parent = int(model.elements.parent[row])
    for _ in range(len(model.elements)):
        if parent < 0:
            return False
        if model.elements.ifc_class[parent] == "IfcBuilding":
            return True
        parent = int(model.elements.parent[parent])
    return False


def _is_terrain(model: BuildingModel, row: int) -> bool:
    elements = model.elements
    if elements.ifc_class[row] == "IfcSite":
        return True
    return elements.ifc_class[row] == "IfcGeographicElement" and elements.predefined_type[row] in _TERRAIN


def _site_outline(model: BuildingModel) -> tuple[list[int], BaseGeometry]:
    """Rows of the terrain and its outline without holes: where a building stands the terrain often stops."""
    rows = [row for row in _rows_with_shape(model) if _is_terrain(model, row)]
    outlines = [upward_outline(*model.geometry.mesh(row)) for row in rows]
    return rows, filled(joined([shape for shape in outlines if not shape.is_empty]))


def _ground_level(model: BuildingModel) -> float:
    """Height of the ground: the terrain's mean, else the storey nearest to the building's zero."""
    heights: list[float] = []
    for row in _rows_with_shape(model):
        if _is_terrain(model, row):
            vertices, triangles = model.geometry.mesh(row)
            corners = vertices[triangles]
            up = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
            if up.max(initial=0.0) > 0.0:
                heights.append(float(np.average(corners[:, :, 2].mean(axis=1), weights=np.maximum(up, 0.0))))
    if heights:
        return float(np.mean(heights))
    if not len(model.storeys):
        return 0.0
    elevation = model.storeys.elevation_m
    return float(elevation[np.argmin(np.abs(elevation + model.offset_m[2]))])


def _believed(site: BaseGeometry, buildings: BaseGeometry) -> BaseGeometry | None:
    """The site's outline, or None when there is none or most of the buildings stand outside it."""
    if site.is_empty:
        return None
    inside = shapely.intersection(site, buildings).area
    return site if inside >= _TRUSTED_SITE * buildings.area else None


def _table(covers: Iterable[_Cover]) -> GroundCoverTable:
    rows: list[tuple[_Cover, shapely.Polygon, float]] = []
    for cover in covers:
        parts = polygons_of(cover.outline)
        whole = sum(part.area for part in parts)
        rows += [(cover, part, part.area / whole) for part in parts]

    def numbers(values: Iterable[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    return GroundCoverTable(
        element=np.array([cover.element for cover, _, _ in rows], np.int32),
        kind=np.array([cover.kind for cover, _, _ in rows], object),
        polygon=PolygonTable.pack([_rings(part) for _, part, _ in rows], 2),
        area_m2=numbers(part.area for _, part, _ in rows),
        storage_depth_m=numbers(cover.depth_m for cover, _, _ in rows),
        storage_volume_m3=numbers(
            None if cover.volume_m3 is None else cover.volume_m3 * share for cover, _, share in rows
        ),
        provenance=np.array(
            [
                -1 if cover.kind == "unknown" else PROVENANCE_CODES.index(cover.provenance)
                for cover, _, _ in rows
            ],
            np.int8,
        ),
    )


def _rings(polygon: shapely.Polygon) -> list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    oriented = shapely.geometry.polygon.orient(polygon)
    return [np.asarray(ring.coords)[:-1, :2] for ring in (oriented.exterior, *oriented.interiors)]
