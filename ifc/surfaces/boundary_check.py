"""The file's own space boundaries beside the derived surfaces: what is wrong with them, as diagnostics."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import (
    BuildingModel,
    Diagnostic,
    Evidence,
    Neighbour,
    PolygonTable,
    Severity,
    SpaceBoundaryTable,
    Text,
)
from ifc.surfaces.box_tree import box_tree, overlapping_boxes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

ON_FACE_M = 0.05  # a boundary farther from every parallel face of its space is off the face
PARALLEL = 0.99  # cosine
SAME_AREA = 0.05  # relative difference of areas that passes
MIXED_SHARE = 0.05  # of normals that may point the other way
WRONG_SHARE = 0.05  # of a space's boundary area whose side (inside, outside) may differ
SMALLEST_M2 = 1e-6
NAMED = 5  # how many spaces or windows a message names
MOST_PAIRS = 2_000_000  # of boundaries off the face and surfaces, for the distance that is told


def check_boundaries(model: BuildingModel) -> BuildingModel:
    """Compare the file's space boundaries with the surfaces, and say what is wrong with them.

    Args:
        model: with its surfaces.

    Returns:
        The model with findings appended: both levels mixed, no geometry, off the face (beyond the wall, on
        its axis), normals mixed, inside called outside, windows missing, areas that differ.
    """
    return replace(model, diagnostics=model.diagnostics + findings(model))


def findings(model: BuildingModel) -> tuple[Diagnostic, ...]:
    """What is wrong with a model's boundaries; nothing for a file without any, or without surfaces."""
    boundaries = model.boundaries
    if len(boundaries) == 0 or len(model.surfaces) == 0:
        return ()
    checked = _checked(model)
    found = [
        _both_levels(model),
        _without_geometry(checked),
        _off_the_face(model, checked),
        _mixed_normals(model, checked),
        _wrong_side(model, checked),
        _missing_windows(model, checked),
        _other_areas(model, checked),
    ]
    return tuple(finding for finding in found if finding is not None)


@dataclass(frozen=True)
class _Checked:
    """The boundaries of the level that counts. All arrays have shape (B,)."""

    table: SpaceBoundaryTable
    space: Ints  # row of the SpaceTable, -1 for none
    vector: Floats  # (B, 3) normal times area, holes taken away
    area: Floats
    centre: Floats  # (B, 3) of the outer ring's corners
    pierced: Flags  # boundaries of windows, doors and openings
    surface: Ints  # the derived surface that each lies on, -1 for none


def _checked(model: BuildingModel) -> _Checked:
    table = model.boundaries
    rows = np.flatnonzero(table.level == (2 if (table.level == 2).any() else 1))
    vector, centre = polygon_vectors(table.polygon)
    row_of = np.full(len(model.elements) + 1, -1, np.int64)
    row_of[model.spaces.element] = np.arange(len(model.spaces))
    row_of[-1] = -1
    space = row_of[table.space[rows]]
    classes = np.where(table.element[rows] >= 0, model.elements.ifc_class[table.element[rows]], "")
    pierced = np.array(
        [name.startswith(("IfcWindow", "IfcDoor", "IfcOpening")) for name in classes], np.bool_
    )
    vector, centre = vector[rows], centre[rows]
    area = np.linalg.norm(vector, axis=1)
    return _Checked(
        table=replace(
            table,
            space=table.space[rows],
            element=table.element[rows],
            level=table.level[rows],
            side=table.side[rows],
        ),
        space=space,
        vector=vector,
        area=area,
        centre=centre,
        pierced=pierced,
        surface=_surface_below(model, space, vector, area, centre),
    )


def polygon_vectors(polygon: PolygonTable) -> tuple[Floats, Floats]:
    """Normal times net area, and the centre of the outer ring's corners, of each polygon, (P, 3) both.

    The normal is that of the outer ring, whatever way the holes run; zero for an empty polygon.
    """
    count, rings = len(polygon), len(polygon.ring_start) - 1
    size = np.diff(polygon.ring_start)
    ring = np.repeat(np.arange(rings), size)
    first = np.repeat(polygon.ring_start[:-1], size)
    following = np.arange(len(ring)) + 1
    following[polygon.ring_start[1:][size > 0] - 1] = polygon.ring_start[:-1][size > 0]
    local = polygon.vertices - polygon.vertices[first]
    turn = 0.5 * np.cross(local, polygon.vertices[following] - polygon.vertices[first])
    vectors, centres = np.zeros((rings, 3)), np.zeros((rings, 3))
    np.add.at(vectors, ring, turn)
    np.add.at(centres, ring, local)
    centres = centres / np.maximum(size, 1)[:, None]
    centres[size > 0] += polygon.vertices[polygon.ring_start[:-1][size > 0]]
    of = np.repeat(np.arange(count), np.diff(polygon.polygon_start))
    outer = np.zeros(rings, np.bool_)
    some = polygon.polygon_start[:-1] < polygon.polygon_start[1:]
    outer[polygon.polygon_start[:-1][some]] = True
    length = np.linalg.norm(vectors, axis=1)
    net = np.bincount(of, np.where(outer, length, -length), count)
    vector, centre = np.zeros((count, 3)), np.zeros((count, 3))
    vector[of[outer]] = vectors[outer] / np.maximum(length[outer], 1e-12)[:, None]
    centre[of[outer]] = centres[outer]
    return vector * np.maximum(net, 0)[:, None], centre


def _surface_below(model: BuildingModel, space: Ints, vector: Floats, area: Floats, centre: Floats) -> Ints:
    """The surface of its space that each boundary lies on, -1 for none, (B,)."""
    surfaces = model.surfaces
    lower, upper = _boxes(surfaces.polygon)
    lower, upper = lower - ON_FACE_M, upper + ON_FACE_M
    boundary, surface = overlapping_boxes(box_tree(lower, upper), lower, upper, centre, centre)
    keep = surfaces.space[surface] == space[boundary]
    boundary, surface = boundary[keep], surface[keep]
    away = np.abs(_height(model, surface, centre[boundary]))
    cosine = np.einsum("ij,ij->i", surfaces.normal[surface], vector[boundary])
    keep = (away < ON_FACE_M) & (np.abs(cosine) > PARALLEL * area[boundary]) & (area[boundary] > SMALLEST_M2)
    boundary, surface, away = boundary[keep], surface[keep], away[keep]
    found = np.full(len(space), -1, np.int64)
    order = np.lexsort((surface, np.round(away, 4), boundary))[::-1]
    found[boundary[order]] = surface[order]  # the nearest is written last
    return found


def _boxes(polygon: PolygonTable) -> tuple[Floats, Floats]:
    """Low and high corners of polygons that are not empty, (P, 3) both."""
    begin = polygon.ring_start[polygon.polygon_start[:-1]]
    return np.minimum.reduceat(polygon.vertices, begin), np.maximum.reduceat(polygon.vertices, begin)


def _height(model: BuildingModel, surface: Ints, points: Floats) -> Floats:
    """Distance of points (n, 3) from the planes of surfaces (n,), positive outside the space."""
    polygon = model.surfaces.polygon
    corner = polygon.vertices[polygon.ring_start[polygon.polygon_start[surface]]]
    height: Floats = np.einsum("ij,ij->i", points - corner, model.surfaces.normal[surface])
    return height


def _names(model: BuildingModel, spaces: Ints) -> str:
    """The first spaces (rows of the SpaceTable), by name."""
    table = model.spaces
    names = [str(table.name[row] or table.long_name[row] or table.global_id[row]) for row in spaces[:NAMED]]
    return ", ".join(names) + (", …" if len(spaces) > NAMED else "")


def _both_levels(model: BuildingModel) -> Diagnostic | None:
    table, spaces = model.boundaries, model.spaces
    both = np.intersect1d(table.space[table.level == 1], table.space[table.level == 2])
    rows = np.flatnonzero(np.isin(spaces.element, both))
    if len(rows) == 0:
        return None
    names = _names(model, rows)
    return Diagnostic(
        "boundaries-of-both-levels",
        Severity.WARNING,
        Text(
            f"{len(rows)} spaces have boundaries of both levels ({names}): "
            "adding them up counts every wall twice.",
            f"{len(rows)} 个空间同时具有一级和二级空间边界（{names}），直接累加会重复计算墙体。",
        ),
        Text("Export second-level boundaries only.", "请只导出二级空间边界。"),
        global_id=str(spaces.global_id[rows[0]]),
        count=len(rows),
    )


def _without_geometry(checked: _Checked) -> Diagnostic | None:
    lost = int((checked.area < SMALLEST_M2).sum())
    if lost == 0:
        return None
    total = len(checked.area)
    return Diagnostic(
        "boundaries-without-geometry",
        Severity.NOTE,
        Text(
            f"{lost} of {total} space boundaries have no planar geometry that can be compared.",
            f"{total} 个空间边界中有 {lost} 个没有可比对的平面几何。",
        ),
        Text("Export boundaries with their connection geometry.", "请导出带连接几何的空间边界。"),
        count=lost,
    )


def _off_the_face(model: BuildingModel, checked: _Checked) -> Diagnostic | None:
    surfaces = model.surfaces
    known = (checked.area > SMALLEST_M2) & ~checked.pierced & (checked.space >= 0)
    known &= np.isin(checked.space, surfaces.space)
    off = np.flatnonzero(known & (checked.surface < 0))
    if len(off) == 0:
        return None
    height, thickness = _nearest_planes(model, checked, off)
    told = np.isfinite(height)
    middle = float(np.median(np.abs(height[told]))) if told.any() else np.nan
    beyond = int((told & (np.abs(height - thickness) < ON_FACE_M)).sum())
    axis = int((told & (np.abs(height - thickness / 2) < ON_FACE_M) & (thickness > 2 * ON_FACE_M)).sum())
    rows = np.unique(checked.space[off])
    names = _names(model, rows)
    total, count = int(known.sum()), len(off)
    where, where_zh = "", ""
    if np.isfinite(middle):
        where, where_zh = f"; half of them more than {middle:.2f} m", f"，其中一半超过 {middle:.2f} m"
    if beyond:
        where += f"; {beyond} on the far side of their element"
        where_zh += f"；{beyond} 个位于构件的另一侧"
    if axis:
        where += f"; {axis} on its axis"
        where_zh += f"；{axis} 个位于构件的中线"
    return Diagnostic(
        "boundaries-off-the-face",
        Severity.WARNING,
        Text(
            f"{count} of {total} space boundaries lie more than {ON_FACE_M * 100:.0f} cm from every face of "
            f"their space ({names}{where}).",
            f"{total} 个空间边界中有 {count} 个与所属空间的任何表面相距超过 {ON_FACE_M * 100:.0f} cm"
            f"（{names}{where_zh}）。",
        ),
        Text(
            "Export the boundaries again; the surfaces here come from the geometry.",
            "请重新导出空间边界；此处采用由几何推导的表面。",
        ),
        global_id=str(model.spaces.global_id[rows[0]]),
        count=count,
    )


def _nearest_planes(model: BuildingModel, checked: _Checked, off: Ints) -> tuple[Floats, Floats]:
    """Distance of boundaries from the nearest parallel face of their space, outward, and what is behind it.

    Both (n,); NaN where no face is parallel, and for what is over MOST_PAIRS.
    """
    surfaces = model.surfaces
    begin = np.searchsorted(surfaces.space, checked.space[off])
    number = np.searchsorted(surfaces.space, checked.space[off], side="right") - begin
    number[np.cumsum(number) > MOST_PAIRS] = 0
    item = np.repeat(np.arange(len(off)), number)
    surface = np.repeat(begin, number) + np.arange(len(item)) - np.repeat(np.cumsum(number) - number, number)
    cosine = np.einsum("ij,ij->i", surfaces.normal[surface], checked.vector[off][item])
    parallel = np.abs(cosine) > PARALLEL * checked.area[off][item]
    item, surface = item[parallel], surface[parallel]
    height = _height(model, surface, checked.centre[off][item])
    order = np.lexsort((surface, np.abs(height), item))[::-1]
    result, thickness = np.full(len(off), np.nan), np.full(len(off), np.nan)
    result[item[order]] = height[order]
    thickness[item[order]] = surfaces.thickness_m[surface[order]]
    return result, thickness


def _mixed_normals(model: BuildingModel, checked: _Checked) -> Diagnostic | None:
    on = np.flatnonzero((checked.surface >= 0) & ~checked.pierced)
    outward = np.einsum("ij,ij->i", model.surfaces.normal[checked.surface[on]], checked.vector[on]) > 0
    share = float(np.mean(outward)) if len(on) else 0.0
    if not MIXED_SHARE < share < 1 - MIXED_SHARE:
        return None
    return Diagnostic(
        "boundaries-with-mixed-normals",
        Severity.NOTE,
        Text(
            f"{share:.0%} of the space boundaries face out of their space, the others into it.",
            f"{share:.0%} 的空间边界法线朝外，其余朝内，方向不一致。",
        ),
        Text("Do not rely on the normals of this file.", "请勿依赖该文件中空间边界的法线方向。"),
    )


def _wrong_side(model: BuildingModel, checked: _Checked) -> Diagnostic | None:
    """Boundaries that call outside what is inside, or the other way round.

    First-level boundaries say where their element stands, not what lies beyond it.
    """
    surfaces = model.surfaces
    if not (checked.table.level == 2).all():
        return None
    on = np.flatnonzero((checked.surface >= 0) & ~checked.pierced)
    kind = surfaces.neighbour[checked.surface[on]]
    outside = np.isin(kind, (Neighbour.OUTDOORS, Neighbour.GROUND))
    side = checked.table.side[on]
    wrong = (outside & (side == "internal")) | ((kind == Neighbour.SPACE) & (side == "external"))
    wrong &= surfaces.evidence[checked.surface[on]] != Evidence.FILE
    count = len(model.spaces)
    total = np.bincount(checked.space[on], checked.area[on], count)
    amiss = np.bincount(checked.space[on][wrong], checked.area[on][wrong], count)
    rows = np.flatnonzero(amiss > WRONG_SHARE * np.maximum(total, 1e-9))
    if len(rows) == 0:
        return None
    names = _names(model, rows[np.argsort(-amiss[rows], kind="stable")])
    square_metres = float(amiss[rows].sum())
    return Diagnostic(
        "boundaries-on-the-wrong-side",
        Severity.WARNING,
        Text(
            f"{square_metres:.1f} m² of the boundaries of {len(rows)} spaces are called internal where the "
            f"outdoors or the ground follows, or external where a space follows ({names}).",
            f"{len(rows)} 个空间中有 {square_metres:.1f} m² 的空间边界内外标注有误"
            f"：外侧为室外或土壤却标为内部，或相邻为空间却标为外部（{names}）。",
        ),
        Text(
            "Tools that rely on the boundaries get other heat losses; export them again.",
            "依赖空间边界的软件会得到错误的传热面积；请重新导出。",
        ),
        global_id=str(model.spaces.global_id[rows[0]]),
        count=len(rows),
    )


def _missing_windows(model: BuildingModel, checked: _Checked) -> Diagnostic | None:
    openings, elements = model.surface_openings, model.elements
    windows = np.unique(openings.element[openings.kind == "window"])
    # The panels of curtain walls are not windows to a file.
    windows = windows[[str(name).startswith("IfcWindow") for name in elements.ifc_class[windows]]]
    # Boundaries are of the window, or of the opening that it fills.
    known = checked.table.element[checked.table.element >= 0]
    fills = model.openings.filling[np.isin(model.openings.opening, known) & (model.openings.opening >= 0)]
    missing = windows[~np.isin(windows, known) & ~np.isin(windows, fills)]
    if len(missing) == 0:
        return None
    ids = ", ".join(str(elements.global_id[row]) for row in missing[:NAMED])
    ids += ", …" if len(missing) > NAMED else ""
    return Diagnostic(
        "boundaries-missing-windows",
        Severity.WARNING,
        Text(
            f"{len(missing)} of {len(windows)} windows that light a space have no space boundary ({ids}).",
            f"{len(windows)} 个为房间采光的窗中有 {len(missing)} 个没有空间边界（{ids}）。",
        ),
        Text(
            "Tools that rely on the boundaries will lose these windows; export them with the windows.",
            "依赖空间边界的软件会丢失这些窗；请导出包含窗的空间边界。",
        ),
        global_id=str(elements.global_id[missing[0]]),
        count=len(missing),
    )


def _other_areas(model: BuildingModel, checked: _Checked) -> Diagnostic | None:
    """Spaces whose boundaries add up to another area than their surfaces, gross or net of openings."""
    surfaces, openings, count = model.surfaces, model.surface_openings, len(model.spaces)
    mine = (checked.space >= 0) & ~checked.pierced
    stated = np.bincount(checked.space[mine], checked.area[mine], count)
    gross = np.bincount(surfaces.space, surfaces.area_m2, count)
    holes = np.bincount(surfaces.space[openings.surface], openings.area_m2, count)
    off = np.minimum(np.abs(stated - gross), np.abs(stated - gross + holes))
    rows = np.flatnonzero((gross > 0) & (off > SAME_AREA * gross))
    if len(rows) == 0:
        return None
    names = _names(model, rows[np.argsort(-off[rows], kind="stable")])
    less = int((stated[rows] < gross[rows]).sum())
    return Diagnostic(
        "boundaries-with-other-areas",
        Severity.WARNING,
        Text(
            f"The space boundaries of {len(rows)} spaces add up to areas that differ by more than "
            f"{SAME_AREA:.0%} from the spaces' own surfaces, {less} of them to less ({names}).",
            f"{len(rows)} 个空间的空间边界总面积与其自身表面积相差超过 {SAME_AREA:.0%}，"
            f"其中 {less} 个偏小（{names}）。",
        ),
        Text(
            "Parts are missing (too little) or doubled (too much); export the boundaries again.",
            "偏小为缺失，偏大为重复；请重新导出空间边界。",
        ),
        global_id=str(model.spaces.global_id[rows[0]]),
        count=len(rows),
    )
