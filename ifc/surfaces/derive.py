"""The surfaces of every space, derived from the geometry of spaces and elements."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import (
    BuildingModel,
    Diagnostic,
    Neighbour,
    PolygonTable,
    Severity,
    SpaceTable,
    SurfaceOpeningTable,
    SurfaceTable,
    Text,
)
from ifc.surfaces.classify import Surroundings, see_air
from ifc.surfaces.derived_rooms import derive_rooms
from ifc.surfaces.grading import Measures, SurfaceColumns, grade, shares
from ifc.surfaces.ground import find_ground
from ifc.surfaces.limits import STEEP
from ifc.surfaces.openings import SurfaceOpenings, find_openings
from ifc.surfaces.overlaps import Overlaps, containers, find_overlaps
from ifc.surfaces.pieces import Pieces, divide_faces
from ifc.surfaces.planar_faces import PlanarFaces, planar_faces
from ifc.surfaces.polygons2d import POLYGON
from ifc.surfaces.scene import Scene, build_scene, space_solids
from ifc.surfaces.solids import area_vectors, open_length, oriented, signed_volumes, summed
from ifc.surfaces.voxels import air_grids

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST_VOLUME_M3 = 0.01
EXTERNAL = Text(
    "An external space: it counts as outdoors and has no surfaces.", "室外空间：按室外处理，不生成围护表面。"
)
OPEN_LENGTH_M = 0.5  # a space with longer open edges is not closed


def derive_surfaces(model: BuildingModel) -> BuildingModel:
    """Fill a model's surfaces, their openings, and the grade of every space.

    The file's own space boundaries are not looked at. External spaces (``spaces.internal`` False) have
    no surfaces and count as outdoors for their neighbours.

    Args:
        model: a model as read, with the geometry of spaces, elements and openings.

    Returns:
        The model with ``surfaces``, ``surface_openings``, ``spaces.grade`` and its reasons filled and
        diagnostics appended; everything else is unchanged.
    """
    begun = time.perf_counter()
    # GEOS raises floating-point flags that NumPy would warn about.
    with np.errstate(all="ignore"):
        derived = _derived(model)
    return replace(derived, seconds={**model.seconds, "surfaces": time.perf_counter() - begun})


def _derived(model: BuildingModel) -> BuildingModel:
    corners, owner = space_solids(model, np.flatnonzero(model.spaces.internal))
    solids = _checked(corners, owner, len(model.spaces))
    notes: tuple[Diagnostic, ...] = ()
    if not solids.usable.any():
        rooms = derive_rooms(model)
        model, notes = rooms.model, rooms.diagnostics
        corners, owner = np.concatenate([corners, rooms.corners]), np.concatenate([owner, rooms.owner])
        solids = _checked(corners, owner, len(model.spaces))
    mine = solids.usable[solids.owner]
    corners, owner = solids.corners[mine], solids.owner[mine]

    scene = build_scene(model, corners, owner)
    ground, ground_note = find_ground(model, scene)
    faces = planar_faces(scene.space_corners, scene.space_owner)
    boxes = _space_boxes(scene)
    air = air_grids(*boxes, scene.solids.corners)
    surroundings = see_air(Surroundings(scene, faces, ground, air))
    surfaces, pair = _both_sides(faces, divide_faces(surroundings))
    openings = find_openings(model, surroundings, surfaces)

    table = _surface_table(model, surroundings, surfaces, pair)
    opening_table = _opening_table(model, surroundings, surfaces, openings)
    graded = _graded(model, scene, table, solids)
    if len(table):
        notes = (ground_note, *notes)
    return replace(
        model,
        spaces=graded,
        surfaces=table,
        surface_openings=opening_table,
        diagnostics=model.diagnostics + notes + _grade_diagnostics(graded),
    )


@dataclass(frozen=True)
class _Solids:
    """The solids of all spaces, and which of them can be used."""

    corners: Floats  # (T, 3, 3)
    owner: Ints  # (T,) space row, sorted
    closed: NDArray[np.bool_]  # (N,)
    volume: Floats  # (N,) m³
    usable: NDArray[np.bool_]  # (N,) closed, not empty, no container of others
    overlaps: Overlaps
    holders: dict[int, list[int]]  # containers and the spaces that they hold


def _checked(corners: Floats, owner: Ints, count: int) -> _Solids:
    corners, closed = oriented(corners, owner, count)
    # Missing parts whose area vectors cancel show only at their edges.
    closed &= open_length(corners, owner, count) < OPEN_LENGTH_M
    volume = signed_volumes(corners, owner, count)
    usable = closed & (volume > SMALLEST_VOLUME_M3)
    mine = usable[owner]
    overlaps = find_overlaps(corners[mine], owner[mine])
    holders = containers(overlaps, volume)
    usable[list(holders)] = False
    return _Solids(corners, owner, closed, volume, usable, overlaps, holders)


def _space_boxes(scene: Scene) -> tuple[Floats, Floats]:
    """Low and high corners of the spaces of a scene."""
    if len(scene.space_owner) == 0:
        return np.zeros((0, 3)), np.zeros((0, 3))
    _, begin = np.unique(scene.space_owner, return_index=True)
    lower = np.minimum.reduceat(scene.space_corners.min(axis=1), begin)
    upper = np.maximum.reduceat(scene.space_corners.max(axis=1), begin)
    return lower, upper


def _both_sides(faces: PlanarFaces, pieces: Pieces) -> tuple[Pieces, Ints]:
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


def _surface_table(
    model: BuildingModel, surroundings: Surroundings, surfaces: Pieces, pair: Ints
) -> SurfaceTable:
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
    return (
        np.where(element >= 0, result[element], -1).astype(np.int32)
        if len(result)
        else (np.full(len(element), -1, np.int32))
    )


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


def _opening_table(
    model: BuildingModel, surroundings: Surroundings, surfaces: Pieces, openings: SurfaceOpenings
) -> SurfaceOpeningTable:
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


def _graded(model: BuildingModel, scene: Scene, table: SurfaceTable, solids: _Solids) -> SpaceTable:
    spaces = model.spaces
    count = len(spaces)
    solid_area = summed(scene.space_owner, np.linalg.norm(area_vectors(scene.space_corners), axis=1), count)
    measured = shares(
        SurfaceColumns(
            space=table.space.astype(np.int64),
            area=table.area_m2,
            steep=np.abs(table.normal[:, 2]) > STEEP,
            neighbour=table.neighbour,
            neighbour_space=table.neighbour_space.astype(np.int64),
            bare=(table.element < 0) & ~_open_between(table),
            evidence=table.evidence,
        ),
        solid_area,
    )
    letters, reasons = [], []
    for row in range(count):
        if not spaces.internal[row]:
            letters.append("A")
            reasons.append(EXTERNAL)
            continue
        unusable = _unusable(model, row, solids)
        if not solids.usable[row]:
            letters.append("D")
            reasons.append(unusable)
            continue
        other, share = solids.overlaps.of(row)
        if other >= 0 and not solids.usable[other]:
            other, share = -1, 0.0
        result = grade(
            Measures(
                area_m2=float(solid_area[row]),
                **{name: float(values[row]) for name, values in measured.items()},
                closed=bool(solids.closed[row]),
                volume_m3=float(solids.volume[row]),
                declared_volume_m3=float(spaces.declared_volume_m3[row]),
                overlap=share,
                overlap_name=_label(spaces, other) if other >= 0 else "",
                derived=bool(spaces.derived[row]),
            )
        )
        letters.append(result.grade)
        reasons.append(result.reason)
    return replace(
        spaces,
        grade=np.array([*letters, None], object)[:-1],
        grade_reason_en=np.array([*(reason.en for reason in reasons), None], object)[:-1],
        grade_reason_zh=np.array([*(reason.zh for reason in reasons), None], object)[:-1],
    )


def _open_between(table: SurfaceTable) -> NDArray[np.bool_]:
    """Surfaces where two spaces touch: no element belongs there."""
    inside = np.isin(table.neighbour, (Neighbour.SPACE,))
    return inside & (np.nan_to_num(table.thickness_m, nan=1.0) < 0.02)


def _label(spaces: SpaceTable, row: int) -> str:
    return str(spaces.long_name[row] or spaces.name[row] or spaces.global_id[row])


def _unusable(model: BuildingModel, row: int, solids: _Solids) -> Text:
    """Why a space has no surfaces."""
    spaces = model.spaces
    element = int(spaces.element[row])
    if not spaces.derived[row] and not model.geometry.has(element):
        return Text(
            "The space has no geometry; export it with its volume.", "空间没有几何体；导出时请包含空间体。"
        )
    if row in solids.holders:
        names = ", ".join(f"“{_label(spaces, held)}”" for held in solids.holders[row][:3])
        number = len(solids.holders[row])
        return Text(
            f"It contains {number} other space(s) ({names}): a zone or gross area, or a duplicate; "
            "export it as IfcSpatialZone or remove it.",
            f"它包含另外 {number} 个空间（{names}），应为分区、建筑面积或重复空间；"
            "请改为 IfcSpatialZone 导出或删除。",
        )
    if not solids.closed[row]:
        return Text(
            "The space's solid is not closed; export it as a closed volume.",
            "空间实体不封闭，请导出封闭的体。",
        )
    return Text(
        f"The space's solid has a volume of only {solids.volume[row]:.3f} m³; give it its height.",
        f"空间实体体积仅 {solids.volume[row]:.3f} m³；请为其设置高度。",
    )


def _grade_diagnostics(spaces: SpaceTable) -> tuple[Diagnostic, ...]:
    """One diagnostic per space that is not grade A or B and is not external."""
    found = []
    for row in np.flatnonzero(np.isin(spaces.grade, ("C", "D")) & spaces.internal).tolist():
        severity = Severity.ERROR if spaces.grade[row] == "D" else Severity.WARNING
        label = _label(spaces, row)
        found.append(
            Diagnostic(
                "space-not-usable" if spaces.grade[row] == "D" else "space-with-assumptions",
                severity,
                Text(
                    f"Space “{label}” is grade {spaces.grade[row]}: {spaces.grade_reason_en[row]}",
                    f"空间“{label}”的质量等级为 {spaces.grade[row]}：{spaces.grade_reason_zh[row]}",
                ),
                Text("Correct the model as the reason says.", "请按上述原因修正模型。"),
                global_id=str(spaces.global_id[row]),
            )
        )
    return tuple(found)
