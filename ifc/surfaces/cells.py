"""Cutting polygons of faces along the edges of everything behind them."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.surfaces.box_tree import overlapping_boxes
from ifc.surfaces.classify import Surroundings
from ifc.surfaces.limits import OVERLAP_M, STEEP
from ifc.surfaces.pairing import reach
from ifc.surfaces.polygons2d import object_array, parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Polygons = NDArray[np.object_]

MOST_LINES = 600  # a polygon with more lines behind it is not cut
SNAP_M = 0.008  # lines along the face's axes closer than this are one
EXTEND_M = 0.002  # lines are lengthened by this so that they reach what they abut
GROUND_STEP_M = 0.5


def cut_into_cells(surroundings: Surroundings, face: Ints, polygon: Polygons) -> tuple[Polygons, Ints]:
    """Cut polygons of faces along the projected feature edges behind them and along the ground.

    Args:
        surroundings: the scene.
        face: (n,) face of each polygon.
        polygon: (n,) in the face's frame.

    Returns:
        The cells and the row of the polygon that each was cut from; a polygon that nothing cuts, or
        that has too many lines, is its own single cell.
    """
    segments, item = _edges_behind(surroundings, face, polygon)
    ground, ground_item = _ground_lines(surroundings, face, polygon)
    segments = np.concatenate([segments, ground])
    item = np.concatenate([item, ground_item])
    segments, item = _snapped(segments, item, polygon)
    start = np.searchsorted(item, np.arange(len(face) + 1))
    cells: list[shapely.Geometry] = []
    source: list[int] = []
    for row in range(len(face)):
        mine = segments[start[row] : start[row + 1]]
        found = _cells(polygon[row], mine) if 0 < len(mine) <= MOST_LINES else [polygon[row]]
        cells += found
        source += [row] * len(found)
    return object_array(cells), np.array(source, np.int64)


def _edges_behind(surroundings: Surroundings, face: Ints, polygon: Polygons) -> tuple[Floats, Ints]:
    """Feature edges within reach of each polygon, projected: segments (s, 2, 2) and polygon (s,)."""
    scene, faces = surroundings.scene, surroundings.faces
    lower, upper = _boxes(surroundings, face, polygon)
    ends = scene.edges
    item, edge = overlapping_boxes(scene.edge_tree, ends.min(axis=1), ends.max(axis=1), lower, upper)
    normal, depth = faces.normal[face[item]], reach(faces.normal[face[item]])
    away = np.einsum("ikj,ij->ik", ends[edge] - faces.origin[face[item]][:, None], normal)
    near = (away.min(axis=1) < depth) & (away.max(axis=1) > -OVERLAP_M)
    own = scene.object_of_space(faces.owner[face])[item] == scene.edge_owner[edge]
    near &= ~(own & (np.abs(away).max(axis=1) < 0.01))
    item, edge = item[near], edge[near]
    segments = np.stack([faces.plane(face[item], ends[edge, k]) for k in range(2)], axis=1)
    long = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1) > 0.01
    segments, item = segments[long], item[long]
    # Keep what comes near the polygon's own box.
    bounds = shapely.bounds(polygon)[item]
    inside = (segments.min(axis=1) < bounds[:, 2:]).all(axis=1)
    inside &= (segments.max(axis=1) > bounds[:, :2]).all(axis=1)
    return segments[inside], item[inside]


def _boxes(surroundings: Surroundings, face: Ints, polygon: Polygons) -> tuple[Floats, Floats]:
    """Boxes of the polygons swept from OVERLAP_M in front to their reach behind, (n, 3) each."""
    lower, upper = surroundings.faces.boxes(face, polygon)
    normal = surroundings.faces.normal[face]
    back, front = -OVERLAP_M * normal, reach(normal)[:, None] * normal
    return lower + np.minimum(back, front) - 0.01, upper + np.maximum(back, front) + 0.01


def _ground_lines(surroundings: Surroundings, face: Ints, polygon: Polygons) -> tuple[Floats, Ints]:
    """The ground's profile along walls that it may cross: segments (s, 2, 2) and polygon (s,)."""
    faces = surroundings.faces
    segments: list[Floats] = []
    item: list[int] = []
    for row in np.flatnonzero(np.abs(faces.normal[face, 2]) < STEEP).tolist():
        here = int(face[row])
        normal = faces.normal[here]
        level = np.cross([0.0, 0.0, 1.0], normal)
        level /= np.linalg.norm(level)
        # The frame's directions along the wall and up the wall.
        along = np.array([level @ faces.across[here], level @ faces.up[here]])
        rise = np.array([faces.across[here, 2], faces.up[here, 2]])
        steepness = float(rise @ rise)
        corners = shapely.get_coordinates(polygon[row])
        heights = faces.origin[here, 2] + corners @ rise
        stations = corners @ along
        count = 2
        if surroundings.ground.has_terrain:
            count = max(2, int(np.ptp(stations) / GROUND_STEP_M) + 2)
        at = np.linspace(stations.min() - 0.01, stations.max() + 0.01, count)
        foot = faces.origin[here] + at[:, None] * level + 0.4 * normal
        ground = surroundings.ground.height(foot)
        if ground.max() <= heights.min() or ground.min() >= heights.max():
            continue
        line = at[:, None] * along + ((ground - faces.origin[here, 2]) / steepness)[:, None] * rise
        segments += [line[k : k + 2] for k in range(count - 1)]
        item += [row] * (count - 1)
    return np.array(segments).reshape(-1, 2, 2), np.array(item, np.int64)


def _snapped(segments: Floats, item: Ints, polygon: Polygons) -> tuple[Floats, Ints]:
    """Segments along the frame's axes moved onto each other, and onto the outline, within SNAP_M.

    Returns:
        The distinct segments (s, 2, 2) and their polygons, sorted by polygon.
    """
    segments = segments.copy()
    outline, outline_item = shapely.get_coordinates(polygon, return_index=True)
    for axis in range(2):
        along = np.flatnonzero(np.abs(segments[:, 0, axis] - segments[:, 1, axis]) < 1e-3)
        if len(along) == 0:
            continue
        known = np.concatenate([outline[:, axis], segments[along, :, axis].mean(axis=1)])
        of = np.concatenate([outline_item, item[along]])
        order = np.lexsort((known, of))
        apart = np.diff(known[order], prepend=-np.inf) > SNAP_M
        apart |= np.diff(of[order], prepend=-1) != 0
        group = np.empty(len(known), np.int64)
        group[order] = np.cumsum(apart) - 1
        # The outline's own coordinates come first, so they win.
        first = np.full(group.max() + 1, -1, np.int64)
        first[group[::-1]] = np.arange(len(known))[::-1]
        segments[along, :, axis] = known[first[group[len(outline) :]]][:, None]
    ends = np.round(segments / 1e-3).astype(np.int64)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[turned] = ends[turned][:, ::-1]
    key = ends.reshape(-1, 4)
    order = np.lexsort((*key.T, item))
    distinct = np.ones(len(order), np.bool_)
    distinct[1:] = (key[order[1:]] != key[order[:-1]]).any(axis=1) | (item[order[1:]] != item[order[:-1]])
    keep = order[distinct]
    return segments[keep], item[keep]


def _cells(polygon: shapely.Polygon, segments: Floats) -> list[shapely.Geometry]:
    direction = segments[:, 1] - segments[:, 0]
    direction *= EXTEND_M / np.maximum(np.linalg.norm(direction, axis=1), 1e-9)[:, None]
    longer = np.stack([segments[:, 0] - direction, segments[:, 1] + direction], axis=1)
    lines = np.asarray(shapely.linestrings(longer))
    lines = lines[shapely.intersects(lines, polygon)]
    if len(lines) == 0:
        return [polygon]
    network = shapely.union_all([*lines, shapely.boundary(polygon)], grid_size=1e-4)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    inner, _ = parts(faces[shapely.contains(polygon, shapely.point_on_surface(faces))])
    return list(inner) or [polygon]
