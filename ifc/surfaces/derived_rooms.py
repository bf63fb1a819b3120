"""Rooms of models that have none: from the walls of each storey, with floors and ceilings found by rays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import manifold3d
import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, PolygonTable, SpaceTable
from ifc.surfaces.polygons2d import object_array, parts, polygon_rings, sample_points
from ifc.surfaces.rays import ENTRY, Triangles, all_hits, solids_around, triangle_tree
from ifc.surfaces.room_findings import gap_between_walls, open_above, summary
from ifc.surfaces.scene import ENCLOSING, assembly_of, opening_solids, placed_triangles, plugs
from ifc.surfaces.solids import area_vectors, oriented, signed_volumes
from ifc.surfaces.wall_plan import rooms_between, section, wall_gaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Classes that bound a room in plan, and classes that no floor or ceiling is made of.
NOT_IN_PLAN = (
    "IfcCovering", "IfcBuildingElementProxy", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight",
    "IfcBeam", "IfcBeamStandardCase", "IfcShadingDevice", "IfcPile", "IfcFooting",
)  # fmt: skip
# Thin partitions: doors and windows that fill no opening, virtual elements.
PARTITIONS = ("IfcDoor", "IfcDoorStandardCase", "IfcWindow", "IfcWindowStandardCase", "IfcVirtualElement")
NOT_ABOVE = (
    *PARTITIONS,
    "IfcBeam", "IfcBeamStandardCase", "IfcMember", "IfcMemberStandardCase", "IfcStair", "IfcStairFlight",
    "IfcRamp", "IfcRampFlight", "IfcColumn", "IfcColumnStandardCase", "IfcBuildingElementProxy",
    "IfcShadingDevice", "IfcWall", "IfcWallStandardCase", "IfcCurtainWall", "IfcPlate",
)  # fmt: skip
CUT_M = 1.5  # height above the storey at which walls are cut
LOW_CUT_M = 0.2  # and those below a sloped roof
LOWEST_STOREY_M = 1.8  # less high storeys (roof levels, data lines) hold no rooms
DEFAULT_HEIGHT_M = 3.0  # of the highest storey when nothing lies above its floor
LEVEL_FLOOR_M = 0.1  # floors and ceilings that vary less are flat
SAME_LEVEL_M = 0.6  # a slab this near a storey is its floor
FLOOR_SHARE = 0.3  # of the largest floor: lower levels with less area of slab are none
MOST_GAPS = 12  # reported per storey


@dataclass(frozen=True)
class DerivedRooms:
    """Rooms found in plan, with their solids in model coordinates."""

    model: BuildingModel  # with a row per room appended to its spaces
    corners: Floats  # (T, 3, 3) triangles of the rooms
    owner: Ints  # (T,) row of the space
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class _Level:
    """One floor of one building, in coordinates of the scene."""

    storey: int
    bottom_z: float
    height_m: float
    bare_above: bool  # no slab anywhere at the next floor
    elements: NDArray[np.bool_]  # (E,) which elements may bound rooms here

    @property
    def cut_z(self) -> float:
        """Where walls are cut."""
        return self.bottom_z + min(CUT_M, 0.5 * self.height_m)


@dataclass(frozen=True)
class _Lids:
    """Everything that can be a floor or a ceiling."""

    corners: Floats  # (T, 3, 3)
    owner: Ints  # (T,) element
    tree: Triangles
    closed: NDArray[np.bool_]  # (E,)


@dataclass(frozen=True)
class _Room:
    storey: int
    outline: shapely.Polygon
    floor_z: float
    top_z: float
    corners: Floats  # (t, 3, 3)

    def overlaps(self, other: _Room) -> bool:
        """Whether two rooms share more than half of the lower one's floor and some of its height."""
        if min(self.top_z, other.top_z) - max(self.floor_z, other.floor_z) < 0.3:
            return False
        return bool(self.outline.intersection(other.outline).area > 0.5 * self.outline.area)


def derive_rooms(model: BuildingModel) -> DerivedRooms:
    """Find rooms between the walls of every storey.

    Walls, columns, curtain walls and roofs are cut at 1.5 m above the storey; free areas that they
    enclose are rooms, gaps up to CLOSED_GAP_M closed. The floor is the first surface below, the ceiling
    the first above; below a sloped roof the room follows the roof. Areas without anything above are
    courtyards.
    """
    elements = model.elements
    thin = np.isin(elements.ifc_class, PARTITIONS)
    filling = model.openings.filling[model.openings.opening >= 0]
    thin[filling[filling >= 0]] = False
    rows = np.flatnonzero(np.isin(elements.ifc_class, ENCLOSING) | thin)
    corners, position = placed_triangles(model.geometry, rows)
    whole = assembly_of(model)
    owner = rows[position].astype(np.int64)
    if len(corners) == 0:
        return DerivedRooms(model, corners, owner, (summary(0),))
    origin = np.floor(np.median(corners.reshape(-1, 3), axis=0))
    count = len(elements)
    corners, closed = oriented(corners - origin, owner, count)
    holes, hole_owner = opening_solids(model)
    plugged, plug_owner = plugs(
        model, np.arange(count), np.arange(count), corners, owner, holes - origin, hole_owner
    )
    corners, owner = np.concatenate([corners, plugged]), np.concatenate([owner, plug_owner])
    lid = ~np.isin(elements.ifc_class[owner], NOT_ABOVE)
    lids = _Lids(corners[lid], owner[lid], triangle_tree(corners[lid], owner[lid]), closed)
    in_plan = ~np.isin(elements.ifc_class[owner], NOT_IN_PLAN)
    rooms: list[_Room] = []
    diagnostics: list[Diagnostic] = []
    for level in _levels(model, origin, corners, owner, lid):
        used = in_plan & level.elements[owner]
        walls, objects = section(corners[used], owner[used], level.cut_z, thin)
        outlines = rooms_between(walls)
        low_walls = partial(section, corners[used], owner[used], level.bottom_z + LOW_CUT_M, thin)
        found, uncovered = _with_heights(outlines, level, lids, low_walls)
        rooms += [room for room in found if not any(map(room.overlaps, rooms))]
        diagnostics += [
            open_above(model, level.storey, level.cut_z, outline, origin) for outline in uncovered
        ]
        gaps = wall_gaps(walls, objects, outlines)
        diagnostics += [
            gap_between_walls(model, level.storey, level.cut_z, gap, origin, whole)
            for gap in gaps[:MOST_GAPS]
        ]
    return _appended(model, rooms, origin, [summary(len(rooms)), *diagnostics])


def _levels(
    model: BuildingModel, origin: Floats, corners: Floats, owner: Ints, lid: NDArray[np.bool_]
) -> list[_Level]:
    """The floors of every building: its storeys, and slabs that no storey names; from low to high."""
    storeys, elements = model.storeys, model.elements
    building_of = np.full(len(elements), -1)
    contained = elements.storey >= 0
    building_of[contained] = storeys.building[elements.storey[contained]]
    buildings = np.unique(storeys.building) if len(storeys) else np.array([-1])
    vectors = area_vectors(corners)
    levels = []
    for building in buildings.tolist():
        # Elements without a storey may belong to any building.
        mine = (building_of == building) | ~contained
        here = mine[owner]
        if not here.any():
            continue
        rows = np.flatnonzero(storeys.building == building)
        named = storeys.elevation_m[rows] - origin[2]
        up = here & lid & (vectors[:, 2] > 0.98 * np.linalg.norm(vectors, axis=1))
        floors = _floor_heights(corners[up][:, :, 2].mean(axis=1), vectors[up, 2])
        far = [z for z in floors if not len(named) or np.abs(named - z).min() > SAME_LEVEL_M]
        _, first = np.unique(np.round(named, 1), return_index=True)
        heights = np.sort(np.concatenate([named[first], far]))
        if not len(heights):
            continue
        highest = float(corners[here][..., 2].max())
        for bottom, end in zip(heights, [*heights[1:], highest], strict=True):
            height = float(end - bottom)
            if height >= LOWEST_STOREY_M:
                # Where no slab at all is modelled at the next storey, its height is the ceiling.
                bare = end != highest and not any(abs(z - end) < SAME_LEVEL_M for z in floors)
                below = np.flatnonzero(named <= bottom + SAME_LEVEL_M)
                storey = int(rows[0]) if len(rows) else -1
                if len(below):
                    storey = int(rows[below[np.argmax(named[below])]])
                levels.append(_Level(storey, float(bottom), height, bare, mine))
    return levels


def _floor_heights(z: Floats, area: Floats) -> list[float]:
    """Heights at which much of the upward area of slabs lies."""
    if len(z) == 0:
        return []
    order = np.argsort(z, kind="stable")
    group = np.cumsum(np.diff(z[order], prepend=z[order[0]]) > LEVEL_FLOOR_M)
    total = np.bincount(group, area[order])
    mean = np.bincount(group, area[order] * z[order]) / np.maximum(total, 1e-9)
    return [float(value) for value in mean[total > FLOOR_SHARE * total.max()]]


def _with_heights(
    outlines: NDArray[np.object_],
    level: _Level,
    lids: _Lids,
    low_walls: Callable[[], tuple[NDArray[np.object_], Ints]],
) -> tuple[list[_Room], list[shapely.Polygon]]:
    """The outlines that have something above them, with floor, ceiling and solid; and the others.

    Below a sloped roof a room goes on where it is lower than the cut: its outline is that of ``low_walls``,
    the plan just above the floor.
    """
    low: NDArray[np.object_] | None = None
    points, item = sample_points(outlines, 0.5, 60)
    cut = level.cut_z
    origin = np.column_stack([points, np.full(len(points), cut)])
    up = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    ceiling = cut + _first_entry(lids.tree, origin, up, 2 * level.height_m + CUT_M)
    if level.bare_above:
        ceiling = np.minimum(ceiling, level.bottom_z + level.height_m)
    floor = cut - _first_entry(lids.tree, origin, -up, cut - level.bottom_z + 1.0)
    rooms, uncovered = [], []
    for number, outline in enumerate(outlines):
        mine = item == number
        over, under = ceiling[mine], floor[mine]
        seen = np.isfinite(over)
        if len(lids.corners) and seen.mean() < 0.5:
            uncovered.append(outline)
            continue
        under = under[np.isfinite(under)]
        floor_z = float(np.median(under)) if len(under) else level.bottom_z
        if seen.any():
            top_z = float(np.median(over[seen]))
            if (np.abs(over[seen] - top_z) < LEVEL_FLOOR_M).mean() > 0.5:
                solid = _prism(outline, floor_z, top_z)
            else:
                highest = origin[mine][seen][np.argmax(over[seen])]
                top_z = float(np.max(over[seen]))
                low = rooms_between(low_walls()[0]) if low is None else low
                outline = _widened(number, outlines, low)
                solid = _below_roof(_prism(outline, floor_z, top_z), highest, lids)
        else:
            top_z = level.bottom_z + min(level.height_m, DEFAULT_HEIGHT_M)
            solid = _prism(outline, floor_z, top_z)
        rooms.append(_Room(level.storey, outline, floor_z, top_z, solid))
    return rooms, uncovered


def _widened(number: int, outlines: NDArray[np.object_], low: NDArray[np.object_]) -> shapely.Polygon:
    """The outline near the floor that holds an outline and no other one; else the outline itself."""
    outline = outlines[number]
    shared = shapely.area(shapely.intersection(low, outline))
    for wide in low[shared > 0.95 * outline.area]:
        held = shapely.area(shapely.intersection(outlines, wide)) > 0.1 * shapely.area(outlines)
        if held.sum() == 1 and wide.area > outline.area:
            joined, _ = parts(object_array([shapely.union(wide, outline, grid_size=1e-4)]))
            outline = joined[np.argmax(shapely.area(joined))]
            break
    result: shapely.Polygon = outline
    return result


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


def _below_roof(prism: Floats, probe: Floats, lids: _Lids) -> Floats:
    """The part of a prism that holds the probe once roofs and slabs are taken away."""
    low, high = prism.min(axis=(0, 1)), prism.max(axis=(0, 1))
    touches = (lids.corners.min(axis=1) < high).all(axis=1) & (lids.corners.max(axis=1) > low).all(axis=1)
    solid = _manifold(prism)
    for element in np.unique(lids.owner[touches]).tolist():
        if lids.closed[element]:
            lid = _manifold(lids.corners[lids.owner == element])
            if lid.status() == manifold3d.Error.NoError:
                solid = solid - lid
    for component in solid.decompose():
        corners = _triangles(component)
        if len(solids_around(triangle_tree(corners, np.zeros(len(corners), np.int64)), probe[None])[0]):
            return corners
    return prism


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
