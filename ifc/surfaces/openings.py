"""Windows, doors and holes, projected into the surfaces that they pierce."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel
from ifc.surfaces.box_tree import box_tree, overlapping_boxes
from ifc.surfaces.classify import Surroundings
from ifc.surfaces.limits import OVERLAP_M, WALL_GAP_FIRST_M
from ifc.surfaces.pairing import reach
from ifc.surfaces.pieces import Pieces
from ifc.surfaces.piercing import look_through
from ifc.surfaces.planar_faces import PlanarFaces
from ifc.surfaces.polygons2d import intersections, mean_width, object_array, parts
from ifc.surfaces.scene import assembly_of, placed_triangles
from ifc.surfaces.silhouettes import outlines, seen_from, silhouette, solids_of
from ifc.surfaces.solids import area_vectors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

SMALLEST_OPENING_M2 = 0.02
SMALLEST_SHARE = 0.05  # of an opening's silhouette that falls on a surface
FLATNESS = 0.6  # a loose window is thinner than this share of its larger side
LEFT_HOST_M = 0.15  # a window whose host leaves more solid than this is seen edge-on
LONGEST_CUT = 4.0  # the same, by the length of the cut over the width of the silhouette
LEFT_SOLID_M = 0.03  # an unfilled opening that leaves more solid than this is a niche
OPAQUE_PANEL = re.compile(
    r"solid|opaque|spandrel|metal|alumin|steel|stone|insulat|铝板|金属|石材|实体|不透明|背衬", re.I
)


@dataclass(frozen=True)
class SurfaceOpenings:
    """W openings in surfaces. All arrays have shape (W,), sorted by surface, then by element."""

    surface: Ints
    element: Ints
    kind: NDArray[np.object_]
    polygon: Polygons  # in the frame of the surface's face


def find_openings(model: BuildingModel, surroundings: Surroundings, surfaces: Pieces) -> SurfaceOpenings:
    """The openings of a model in the surfaces that they pierce."""
    surface, opening, silhouette = _candidates(surroundings, surfaces)
    clipped = intersections(silhouette, surfaces.polygon[surface])
    area = shapely.area(clipped)
    keep = area > np.maximum(SMALLEST_OPENING_M2, SMALLEST_SHARE * shapely.area(silhouette))
    surface, opening, silhouette = surface[keep], opening[keep], silhouette[keep]
    clipped, source = parts(clipped[keep])
    surface, opening, silhouette = surface[source], opening[source], silhouette[source]

    depth = _depth(surroundings.faces, surfaces)
    probe = look_through(model, surroundings, surfaces.face[surface], depth[surface], opening, clipped)
    table = model.openings
    classes = model.elements.ifc_class
    element = table.filling[opening].astype(np.int64)
    kind = np.array(
        [_kind(classes[row]) if row >= 0 else "air" for row in element.tolist()] + [None], object
    )[:-1]
    unfilled = element < 0
    element[unfilled] = table.opening[opening[unfilled]]
    # An unfilled opening may hold a curtain wall; else it must go right through.
    inside = np.where(probe.inside >= 0, surroundings.scene.element[probe.inside], -1)
    glazed = unfilled & (inside >= 0) & np.isin(classes[inside], ("IfcCurtainWall", "IfcPlate"))
    kind[glazed] = "window"
    element[glazed] = inside[glazed]
    keep = (probe.cut > 1e-3) & (probe.host_left < LEFT_HOST_M) & (kind != "")
    keep &= probe.cut < LONGEST_CUT * mean_width(silhouette)
    keep &= ~unfilled | glazed | ((inside < 0) & (probe.left < LEFT_SOLID_M))
    found = SurfaceOpenings(surface[keep], element[keep], kind[keep], clipped[keep])
    panels = _curtain_wall_panels(model, surroundings, surfaces)
    return _distinct(_joined([found, panels]))


def _kind(ifc_class: str) -> str:
    """What a filling of this class is; "" for one that closes its opening like a wall."""
    if ifc_class.startswith("IfcWindow") or ifc_class in ("IfcCurtainWall", "IfcPlate"):
        return "window"
    if ifc_class.startswith("IfcDoor"):
        return "door"
    return ""


def _candidates(surroundings: Surroundings, surfaces: Pieces) -> tuple[Ints, Ints, Polygons]:
    """Openings near the chain behind a surface: surface, opening row, silhouette in the face's frame."""
    scene, faces = surroundings.scene, surroundings.faces
    openings = scene.openings
    empty = np.zeros(0, np.int64)
    if len(openings.corners) == 0 or len(surfaces) == 0:
        return empty, empty, object_array([])
    solids, rows = solids_of(openings.corners, openings.owner)
    lower = np.minimum.reduceat(solids.corners.min(axis=1), solids.begin)
    upper = np.maximum.reduceat(solids.corners.max(axis=1), solids.begin)

    surface_lower, surface_upper = faces.boxes(surfaces.face, surfaces.polygon)
    normal = faces.normal[surfaces.face]
    depth = _depth(faces, surfaces)
    front, back = depth[:, None] * normal, -OVERLAP_M * normal
    surface, position = overlapping_boxes(
        box_tree(lower, upper),
        lower,
        upper,
        surface_lower + np.minimum(front, back),
        surface_upper + np.maximum(front, back),
    )
    seen = seen_from(faces, surfaces.face[surface], solids, position)
    near = (seen.away[:, 1] >= -0.06) & (seen.away[:, 0] <= depth[surface] + 0.05)
    bounds = shapely.bounds(surfaces.polygon[surface])
    near &= (seen.low <= bounds[:, 2:]).all(axis=1) & (seen.high >= bounds[:, :2]).all(axis=1)
    across = (seen.high - seen.low).max(axis=1)
    flat = np.ptp(seen.away, axis=1) <= FLATNESS * across
    flat &= seen.away[:, 0] <= WALL_GAP_FIRST_M + depth[surface]
    keep = np.flatnonzero(near & (flat | ~scene.loose[rows][position]))
    surface, position = surface[keep], position[keep]
    silhouettes = outlines(
        faces, surfaces.face[surface], solids, position, seen.rows(keep), 0.5 * depth[surface]
    )
    return surface, rows[position], silhouettes


def _depth(faces: PlanarFaces, surfaces: Pieces) -> Floats:
    """How far behind each surface openings are looked for: along its chain, or in reach of a bare one.

    Behind a surface that meets solid matter up to the limit there are none.
    """
    bare = np.where(surfaces.first >= 0, -1.0, reach(faces.normal[surfaces.face]))
    return np.where(np.isfinite(surfaces.distance), surfaces.distance, bare)


def _curtain_wall_panels(
    model: BuildingModel, surroundings: Surroundings, surfaces: Pieces
) -> SurfaceOpenings:
    """The glazed panels of curtain walls, as windows in the surfaces that the walls close."""
    elements, scene, faces = model.elements, surroundings.scene, surroundings.faces
    first = np.where(surfaces.first >= 0, scene.element[surfaces.first], -1)
    is_curtain = (first >= 0) & (elements.ifc_class[np.maximum(first, 0)] == "IfcCurtainWall")
    whole = assembly_of(model)
    walls = np.unique(first[is_curtain])
    panels = np.flatnonzero(
        np.isin(whole, walls)
        & np.isin(elements.ifc_class, ("IfcPlate", "IfcPlateStandardCase", "IfcCurtainWall", "IfcWindow"))
    )
    panels = panels[[model.geometry.has(row) for row in panels.tolist()]] if len(panels) else panels
    opaque = np.array(
        [bool(OPAQUE_PANEL.search(f"{elements.name[row]} {elements.type_name[row]}")) for row in panels], bool
    )
    panels = panels[~opaque]
    corners, position = placed_triangles(model.geometry, panels)
    corners = corners - scene.origin
    start = np.searchsorted(position, np.arange(len(panels) + 1))
    surface: list[int] = []
    element: list[int] = []
    polygon: list[shapely.Geometry] = []
    for row in np.flatnonzero(is_curtain).tolist():
        face = int(surfaces.face[row])
        for number in np.flatnonzero(whole[panels] == first[row]).tolist():
            mine = corners[start[number] : start[number + 1]] - faces.origin[face]
            plane = np.stack([mine @ faces.across[face], mine @ faces.up[face]], axis=-1)
            outline = silhouette(area_vectors(mine), plane, faces.normal[face])
            clipped = shapely.intersection(outline, surfaces.polygon[row])
            if clipped.area > SMALLEST_OPENING_M2:
                surface.append(row)
                element.append(int(panels[number]))
                polygon.append(clipped)
    pieces, source = parts(object_array(polygon))
    return SurfaceOpenings(
        np.array(surface, np.int64)[source],
        np.array(element, np.int64)[source],
        np.full(len(pieces), "window", object),
        pieces,
    )


def _joined(tables: list[SurfaceOpenings]) -> SurfaceOpenings:
    return SurfaceOpenings(
        *(
            np.concatenate([getattr(table, name) for table in tables])
            for name in ("surface", "element", "kind", "polygon")
        )
    )


def _distinct(found: SurfaceOpenings) -> SurfaceOpenings:
    """One opening at each place: filled ones before unfilled ones, each element once."""
    order = np.lexsort((found.element, found.kind == "air", found.surface))
    surface, element = found.surface[order], found.element[order]
    kind, polygon = found.kind[order], found.polygon[order]
    keep: list[int] = []
    for row in range(len(order)):
        hidden = False
        for other in keep[::-1]:
            if surface[other] != surface[row]:
                break
            shared = polygon[other].intersection(polygon[row]).area
            if shared > 0.5 * polygon[row].area:
                hidden = True
                break
        if not hidden:
            keep.append(row)
    return SurfaceOpenings(surface[keep], element[keep], kind[keep], polygon[keep])
