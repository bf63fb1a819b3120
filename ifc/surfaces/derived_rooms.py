"""Rooms of models that have none: from the walls of each storey, with floors and ceilings found by rays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import manifold3d
import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, PolygonTable, Severity, SpaceTable, Text
from ifc.surfaces.polygons2d import object_array, polygon_rings, sample_points
from ifc.surfaces.rays import ENTRY, Triangles, all_hits, triangle_tree
from ifc.surfaces.scene import ENCLOSING, assembly_of, placed_triangles
from ifc.surfaces.solids import oriented, signed_volumes
from ifc.surfaces.wall_plan import CLOSED_GAP_M, WallGap, rooms_between, section, wall_gaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Classes that bound a room in plan, and classes that no floor or ceiling is made of.
NOT_IN_PLAN = (
    "IfcCovering", "IfcBuildingElementProxy", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight",
    "IfcBeam", "IfcBeamStandardCase", "IfcShadingDevice", "IfcPile", "IfcFooting",
)  # fmt: skip
NOT_ABOVE = (
    "IfcBeam", "IfcBeamStandardCase", "IfcMember", "IfcMemberStandardCase", "IfcStair", "IfcStairFlight",
    "IfcRamp", "IfcRampFlight", "IfcColumn", "IfcColumnStandardCase", "IfcBuildingElementProxy",
    "IfcShadingDevice", "IfcWall", "IfcWallStandardCase", "IfcCurtainWall", "IfcPlate",
)  # fmt: skip
CUT_M = 1.5  # height above the storey at which walls are cut
LOWEST_STOREY_M = 1.8  # less high storeys (roof levels, data lines) hold no rooms
DEFAULT_HEIGHT_M = 3.0  # of the highest storey when nothing lies above its floor
LEVEL_FLOOR_M = 0.1  # floors and ceilings that vary less are flat
MOST_GAPS = 12  # reported per storey


@dataclass(frozen=True)
class DerivedRooms:
    """Rooms found in plan, with their solids in model coordinates."""

    model: BuildingModel  # with a row per room appended to its spaces
    corners: Floats  # (T, 3, 3) triangles of the rooms
    owner: Ints  # (T,) row of the space
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class _Room:
    storey: int
    outline: shapely.Polygon
    floor_z: float
    top_z: float
    corners: Floats  # (t, 3, 3)


def derive_rooms(model: BuildingModel) -> DerivedRooms:
    """Find rooms between the walls of every storey.

    Walls, columns, curtain walls and roofs are cut at 1.5 m above the storey; free areas that they
    enclose are rooms, gaps up to CLOSED_GAP_M closed. The floor is the first surface below, the ceiling
    the first above; below a sloped roof the room follows the roof. Areas without anything above are
    courtyards.
    """
    elements = model.elements
    rows = np.flatnonzero(np.isin(elements.ifc_class, ENCLOSING))
    corners, position = placed_triangles(model.geometry, rows)
    whole = assembly_of(model)
    owner = rows[position].astype(np.int64)
    if len(corners) == 0:
        return DerivedRooms(model, corners, owner, ())
    origin = np.floor(np.median(corners.reshape(-1, 3), axis=0))
    count = len(elements)
    corners, closed = oriented(corners - origin, owner, count)
    in_plan = ~np.isin(elements.ifc_class[owner], NOT_IN_PLAN)
    above = ~np.isin(elements.ifc_class[owner], NOT_ABOVE)
    lids = triangle_tree(corners[above], owner[above])
    rooms: list[_Room] = []
    diagnostics: list[Diagnostic] = []
    for storey, bottom, height, mine in _levels(model, origin, corners, owner):
        used = in_plan & mine[owner]
        walls, objects = section(corners[used], owner[used], bottom + min(CUT_M, 0.5 * height))
        outlines = rooms_between(walls)
        rooms += _with_heights(outlines, storey, bottom, height, lids, corners[above], owner[above], closed)
        gaps = wall_gaps(walls, objects, outlines)
        diagnostics += [_gap_diagnostic(model, storey, gap, origin, whole) for gap in gaps[:MOST_GAPS]]
    return _appended(model, rooms, origin, diagnostics)


def _levels(
    model: BuildingModel, origin: Floats, corners: Floats, owner: Ints
) -> list[tuple[int, float, float, NDArray[np.bool_]]]:
    """Storey row, its height in the scene, its clear height and the elements that may bound it, per level."""
    storeys, elements = model.storeys, model.elements
    count = len(elements)
    top = float(corners[..., 2].max())
    if len(storeys) == 0:
        bottom = float(np.percentile(corners[..., 2].min(axis=1), 5))
        return [(-1, bottom, max(top - bottom, DEFAULT_HEIGHT_M), np.ones(count, np.bool_))]
    building_of = np.where(elements.storey >= 0, storeys.building[elements.storey], -2)
    levels = []
    for building in np.unique(storeys.building):
        mine = (building_of == building) | (building_of == -2)
        if not mine[owner].any():
            continue
        highest = float(corners[mine[owner]][..., 2].max())
        rows = np.flatnonzero(storeys.building == building)
        rows = rows[np.argsort(storeys.elevation_m[rows], kind="stable")]
        elevations = storeys.elevation_m[rows] - origin[2]
        _, first = np.unique(np.round(elevations, 1), return_index=True)
        rows, elevations = rows[first], elevations[first]
        for number, row in enumerate(rows.tolist()):
            higher = elevations[elevations > elevations[number] + LOWEST_STOREY_M]
            end = float(higher[0]) if len(higher) else highest
            height = end - float(elevations[number])
            if height >= LOWEST_STOREY_M:
                levels.append((row, float(elevations[number]), height, mine))
    return levels


def _with_heights(
    outlines: NDArray[np.object_],
    storey: int,
    bottom: float,
    height: float,
    lids: Triangles,
    lid_corners: Floats,
    lid_owner: Ints,
    closed: NDArray[np.bool_],
) -> list[_Room]:
    """The outlines that have something above them, with floor, ceiling and solid."""
    points, item = sample_points(outlines, 0.5, 60)
    cut = bottom + min(CUT_M, 0.5 * height)
    origin = np.column_stack([points, np.full(len(points), cut)])
    reach = 2 * height + CUT_M
    up = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    ceiling = _first_entry(lids, origin, up, reach)
    floor = _first_entry(lids, origin, -up, cut - bottom + 1.0)
    any_lid = len(lids.corners) > 0
    rooms = []
    for number in range(len(outlines)):
        mine = item == number
        over, under = ceiling[mine], floor[mine]
        seen = np.isfinite(over)
        if any_lid and seen.mean() < 0.5:
            continue  # a courtyard
        under = under[np.isfinite(under)]
        floor_z = cut - float(np.median(under)) if len(under) else bottom
        if not seen.any():
            top_z = bottom + min(height, DEFAULT_HEIGHT_M)
        else:
            top_z = cut + float(np.max(over[seen]))
            flat = cut + float(np.median(over[seen]))
            if np.percentile(over[seen], 95) - np.percentile(over[seen], 5) < LEVEL_FLOOR_M:
                top_z = flat
        prism = _prism(outlines[number], floor_z, top_z)
        if seen.any() and top_z > cut + float(np.min(over[seen])) + LEVEL_FLOOR_M:
            probe = origin[mine][seen][np.argmax(over[seen])]
            prism = _below_roof(prism, probe, lid_corners, lid_owner, closed)
        rooms.append(_Room(storey, outlines[number], floor_z, top_z, prism))
    return rooms


def _first_entry(lids: Triangles, origin: Floats, direction: Floats, reach: float) -> Floats:
    """Distance to the first surface that a ray enters, inf for none."""
    ray, distance, sign, _ = all_hits(lids, origin, direction, 1e-4, reach)
    first = np.full(len(origin), np.inf)
    np.minimum.at(first, ray[sign == ENTRY], distance[sign == ENTRY])
    return first


def _prism(outline: shapely.Polygon, bottom: float, top: float) -> Floats:
    """Triangles of a vertical prism, normals outward, (t, 3, 3)."""
    rings = polygon_rings(shapely.orient_polygons(outline))
    section_2d = manifold3d.CrossSection(rings, manifold3d.FillRule.EvenOdd)
    solid = manifold3d.Manifold.extrude(section_2d, top - bottom).translate((0.0, 0.0, bottom))
    return _triangles(solid)


def _triangles(solid: manifold3d.Manifold) -> Floats:
    mesh = solid.to_mesh64()
    corners: Floats = np.asarray(mesh.vert_properties)[:, :3][np.asarray(mesh.tri_verts)]
    return corners


def _manifold(corners: Floats) -> manifold3d.Manifold:
    vertices, index = np.unique(np.round(corners.reshape(-1, 3), 6), axis=0, return_inverse=True)
    mesh = manifold3d.Mesh64(vertices, index.reshape(-1, 3).astype(np.uint64))
    return manifold3d.Manifold(mesh)


def _below_roof(
    prism: Floats, probe: Floats, lid_corners: Floats, lid_owner: Ints, closed: NDArray[np.bool_]
) -> Floats:
    """The part of a prism that holds the probe once roofs and slabs are taken away."""
    low, high = prism.min(axis=(0, 1)), prism.max(axis=(0, 1))
    touches = (lid_corners.min(axis=1) < high).all(axis=1) & (lid_corners.max(axis=1) > low).all(axis=1)
    solid = _manifold(prism)
    for element in np.unique(lid_owner[touches]).tolist():
        if closed[element]:
            lid = _manifold(lid_corners[lid_owner == element])
            if lid.status() == manifold3d.Error.NoError:
                solid = solid - lid
    components = solid.decompose()
    best = prism
    for component in components:
        corners = _triangles(component)
        inside = all_hits(
            triangle_tree(corners, np.zeros(len(corners), np.int64)),
            probe[None],
            np.array([[0.0, 0.0, 1.0]]),
            0.0,
            1e3,
        )[2].sum()
        if inside > 0:
            best = corners
    return best


def _gap_diagnostic(
    model: BuildingModel, storey: int, gap: WallGap, origin: Floats, whole: Ints
) -> Diagnostic:
    elements = model.elements
    walls = [int(whole[row]) for row in gap.walls]
    names = [f"{elements.name[row] or elements.ifc_class[row]} ({elements.global_id[row]})" for row in walls]
    x, y = (float(gap.place[axis] + origin[axis] + model.offset_m[axis]) for axis in range(2))
    level = str(model.storeys.name[storey]) if storey >= 0 else ""
    one = len(names) == 1
    return Diagnostic(
        "room-not-closed",
        Severity.WARNING,
        Text(
            f"Storey “{level}”: no room of {gap.room_area_m2:.1f} m² could be derived because of a gap of "
            f"{gap.width_m:.2f} m at ({x:.2f}, {y:.2f}) "
            + (f"in {names[0]}." if one else f"between {names[0]} and {names[1]}." if names else "."),
            f"楼层“{level}”：在 ({x:.2f}, {y:.2f}) 处有 {gap.width_m:.2f} m 的缺口"
            + (f"（{'、'.join(names)}）" if names else "")
            + f"，约 {gap.room_area_m2:.1f} m² 的房间无法推导。",
        ),
        Text(
            f"Close the gap with a wall, or model the room as an IfcSpace; gaps up to {CLOSED_GAP_M:.1f} m are "
            "closed without asking.",
            f"请用墙体封闭缺口，或为该房间建立 IfcSpace；不大于 {CLOSED_GAP_M:.1f} m 的缺口会自动封闭。",
        ),
        global_id=str(elements.global_id[walls[0]]) if walls else "",
    )


def _appended(
    model: BuildingModel, rooms: list[_Room], origin: Floats, diagnostics: list[Diagnostic]
) -> DerivedRooms:
    spaces = model.spaces
    first = len(spaces)
    parts, owner = [np.zeros((0, 3, 3))], [np.zeros(0, np.int64)]
    numbers: dict[int, int] = {}
    ids, names, outlines = [], [], []
    volumes = np.zeros(len(rooms))
    for row, room in enumerate(rooms):
        numbers[room.storey] = numbers.get(room.storey, 0) + 1
        ids.append(f"derived:{room.storey}:{numbers[room.storey]}")
        level = str(model.storeys.name[room.storey]) if room.storey >= 0 else ""
        names.append(f"{level} {numbers[room.storey]}".strip())
        outlines.append([ring + origin[:2] for ring in polygon_rings(shapely.orient_polygons(room.outline))])
        parts.append(room.corners + origin)
        owner.append(np.full(len(room.corners), first + row))
        alone = np.zeros(len(room.corners), np.int64)
        volumes[row] = signed_volumes(room.corners, alone, 1)[0]
    area = shapely.area(object_array([room.outline for room in rooms]))
    known = [spaces.footprint.rings(row) for row in range(first)]
    count = len(rooms)

    def strings(values: list[str]) -> NDArray[np.object_]:
        return np.array([*values, None], object)[:-1]

    added = {
        "element": np.full(count, -1, np.int32),
        "global_id": strings(ids),
        "name": strings(names),
        "long_name": strings([""] * count),
        "storey": np.array([room.storey for room in rooms], np.int32),
        "use": strings(["unknown"] * count),
        "use_provenance": np.full(count, -1, np.int8),
        "floor_z_m": np.array([room.floor_z + origin[2] for room in rooms]),
        "height_m": volumes / np.maximum(area, 1e-9),
        "area_m2": area,
        "volume_m3": volumes,
        "declared_area_m2": np.full(count, np.nan),
        "declared_volume_m3": np.full(count, np.nan),
        "internal": np.ones(count, np.bool_),
        "derived": np.ones(count, np.bool_),
        "grade": strings([""] * count),
        "grade_reason_en": strings([""] * count),
        "grade_reason_zh": strings([""] * count),
    }
    table = SpaceTable(
        footprint=PolygonTable.pack(known + outlines, 2),
        **{name: np.concatenate([getattr(spaces, name), column]) for name, column in added.items()},
    )
    return DerivedRooms(
        replace(model, spaces=table), np.concatenate(parts), np.concatenate(owner), tuple(diagnostics)
    )
