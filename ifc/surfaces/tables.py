"""The tables of surfaces and openings, from pieces of faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour, PolygonTable, SurfaceOpeningTable, SurfaceTable
from ifc.surfaces.classify import Surroundings
from ifc.surfaces.openings import SurfaceOpenings
from ifc.surfaces.pieces import Pieces
from ifc.surfaces.planar_faces import PlanarFaces
from ifc.surfaces.polygons2d import POLYGON

Ints = NDArray[np.int64]


def both_sides(faces: PlanarFaces, pieces: Pieces) -> tuple[Pieces, Ints]:
    """One piece per side, sorted by space and face, and for each the row that looks back, -1 for none."""
    paired = np.flatnonzero(pieces.partner >= 0)
    there = pieces.rows(paired)
    back = replace(
        there,
        face=there.partner,
        partner=there.face,
        polygon=_largest(faces.moved(there.polygon, there.face, there.partner)),
        first=there.last,
        last=there.first,
        stand_off=there.far_off,
        far_off=there.stand_off,
    )
    both = Pieces.joined([pieces, back])
    other = np.full(len(both), -1)
    other[paired] = len(pieces) + np.arange(len(paired))
    other[len(pieces) :] = paired
    order = np.lexsort((np.arange(len(both)), both.face, faces.owner[both.face]))
    place = np.empty(len(both), np.int64)
    place[order] = np.arange(len(both))
    other = np.where(other >= 0, place[other], -1)[order]
    return both.rows(order), other


def _largest(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """The largest polygon of each geometry: a repaired polygon can come in parts."""
    result = geometries.copy()
    for row in np.flatnonzero(shapely.get_type_id(geometries) != POLYGON).tolist():
        result[row] = max(shapely.get_parts(geometries[row]), key=shapely.area, default=shapely.Polygon())
    return result


def surface_table(
    model: BuildingModel, surroundings: Surroundings, surfaces: Pieces, pair: Ints
) -> SurfaceTable:
    """The SurfaceTable of the pieces and pairs of :func:`both_sides`."""
    scene, faces = surroundings.scene, surroundings.faces
    normal = faces.normal[surfaces.face]
    space = faces.owner[surfaces.face]
    paired = surfaces.partner >= 0
    opposite = np.where(paired, faces.owner[np.maximum(surfaces.partner, 0)], -1)
    neighbour_space = np.where(surfaces.space >= 0, scene.space[surfaces.space], -1)
    neighbour_space = np.where(paired, opposite, neighbour_space)
    inside = surfaces.kind == Neighbour.SPACE
    element = np.where(surfaces.first >= 0, scene.element[surfaces.first], -1)
    horizontal = np.hypot(normal[:, 0], normal[:, 1]) < 1e-3
    azimuth = np.degrees(np.arctan2(normal[:, 0], normal[:, 1])) + model.site.north_deg
    return SurfaceTable(
        space=space.astype(np.int32),
        polygon=_packed(model, surroundings, surfaces.face, surfaces.polygon),
        normal=normal,
        area_m2=shapely.area(surfaces.polygon),
        tilt_deg=np.degrees(np.arccos(np.clip(normal[:, 2], -1, 1))),
        azimuth_deg=np.where(horizontal, np.nan, azimuth % 360),
        neighbour=surfaces.kind,
        neighbour_space=np.where(inside, neighbour_space, -1).astype(np.int32),
        pair=pair.astype(np.int32),
        element=element.astype(np.int32),
        construction=_construction_of(model, element),
        thickness_m=surfaces.distance,
        evidence=surfaces.evidence,
    )


def _construction_of(model: BuildingModel, element: Ints) -> NDArray[np.int32]:
    """Construction of elements, else of what they are part of, else of their parts; -1 for none."""
    elements = model.elements
    own = elements.construction.astype(np.int64)
    from_part = np.full(len(elements), -1)
    parts = np.flatnonzero((own >= 0) & (elements.parent >= 0))[::-1]
    from_part[elements.parent[parts]] = own[parts]
    result = own.copy()
    at = np.arange(len(elements))
    for _ in range(3):
        at = np.where(at >= 0, elements.parent[at], -1)
        result = np.where((result < 0) & (at >= 0), own[at], result)
    result = np.where(result < 0, from_part, result)
    known = element >= 0
    construction = np.full(len(element), -1, np.int32)
    construction[known] = result[element[known]]
    return construction


def _packed(
    model: BuildingModel, surroundings: Surroundings, face: Ints, polygons: NDArray[np.object_]
) -> PolygonTable:
    """Polygons of faces as 3-D rings in model coordinates, outside counter-clockwise seen from outside."""
    faces, origin = surroundings.faces, surroundings.scene.origin
    turned = shapely.orient_polygons(polygons)
    rings, ring_polygon = shapely.get_rings(turned, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.flatnonzero(np.diff(ring, append=-1) != 0)  # the closing point of each ring
    keep = np.ones(len(ring), np.bool_)
    keep[last] = False
    coordinates, ring = coordinates[keep], ring[keep]
    points = faces.points(face[ring_polygon[ring]], coordinates) + origin
    return PolygonTable(
        vertices=points,
        ring_start=np.searchsorted(ring, np.arange(len(rings) + 1)).astype(np.int64),
        polygon_start=np.searchsorted(ring_polygon, np.arange(len(polygons) + 1)).astype(np.int64),
    )


def opening_table(
    model: BuildingModel, surroundings: Surroundings, surfaces: Pieces, openings: SurfaceOpenings
) -> SurfaceOpeningTable:
    """The SurfaceOpeningTable of openings in the pieces of :func:`both_sides`."""
    construction = _construction_of(model, openings.element)
    construction[openings.kind == "air"] = -1
    return SurfaceOpeningTable(
        surface=openings.surface.astype(np.int32),
        element=openings.element.astype(np.int32),
        kind=openings.kind,
        polygon=_packed(model, surroundings, surfaces.face[openings.surface], openings.polygon),
        area_m2=shapely.area(openings.polygon),
        construction=construction,
    )
