"""The file's own space boundaries, as a cross-check of the derived surfaces. They are never adopted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ifcopenshell.util.placement import get_axis2placement, get_local_placement
from ifcopenshell.util.unit import calculate_unit_scale
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, PolygonTable, Severity, Text

Floats = NDArray[np.float64]
Strings = NDArray[np.object_]

ON_FACE_M = 0.05  # a boundary farther from every parallel face of its space is off the face
SAME_AREA = 0.05  # relative difference of areas that passes
MIXED_SHARE = 0.05  # of normals that may point the other way
NAMED = 5  # how many spaces a message names


@dataclass(frozen=True)
class FileBoundaries:
    """The boundaries of IfcSpaces in a file, one row each. All columns have shape (B,)."""

    space_id: Strings  # GlobalId
    element_id: Strings  # GlobalId of the wall, window, ...; "" for none
    element_class: Strings
    level: NDArray[np.int8]  # 1 or 2
    inside: NDArray[np.bool_]  # InternalOrExternalBoundary is INTERNAL
    polygon: PolygonTable  # 3-D in world coordinates and metres; empty where its geometry is not understood


def read_file_boundaries(file: Any) -> FileBoundaries:
    """Read the boundaries of a file.

    Boundaries of an IfcExternalSpatialElement repeat those of the rooms and are left out. The level is
    the exact class (the second-level class is a subtype of the first-level one), else the Name.

    Args:
        file: an ``ifcopenshell.file``.
    """
    scale = calculate_unit_scale(file)
    placements: dict[int, Floats] = {}
    rows: list[tuple[str, str, str, int, bool]] = []
    polygons: list[list[Floats]] = []
    for boundary in file.by_type("IfcRelSpaceBoundary"):
        space, element = boundary.RelatingSpace, boundary.RelatedBuildingElement
        if space is None or not space.is_a("IfcSpace"):
            continue
        if space.id() not in placements:
            placements[space.id()] = get_local_placement(space.ObjectPlacement)
        rows.append(
            (
                space.GlobalId,
                element.GlobalId if element is not None else "",
                element.is_a() if element is not None else "",
                _level(boundary),
                boundary.InternalOrExternalBoundary == "INTERNAL",
            )
        )
        polygons.append(_polygon(boundary.ConnectionGeometry, placements[space.id()], scale))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return FileBoundaries(
        space_id=np.array([*columns[0], None], object)[:-1],
        element_id=np.array([*columns[1], None], object)[:-1],
        element_class=np.array([*columns[2], None], object)[:-1],
        level=np.array(columns[3], np.int8),
        inside=np.array(columns[4], np.bool_),
        polygon=PolygonTable.pack(polygons, 3),
    )


def _level(boundary: Any) -> int:
    if boundary.is_a() == "IfcRelSpaceBoundary2ndLevel":
        return 2
    name = (boundary.Name or "").replace(" ", "").lower()
    return 2 if "2nd" in name or "secondlevel" in name else 1


def _polygon(connection: Any, placement: Floats, scale: float) -> list[Floats]:
    """The rings of a boundary's surface in world coordinates; [] where it is of another kind."""
    surface = getattr(connection, "SurfaceOnRelatingElement", None)
    if surface is None:
        return []
    rings: list[Floats] = []
    if surface.is_a("IfcCurveBoundedPlane"):
        local = get_axis2placement(surface.BasisSurface.Position)
        curves = [surface.OuterBoundary, *(surface.InnerBoundaries or ())]
        rings = [np.array([(*point[:2], 0.0) for point in _points(curve)]) for curve in curves]
    elif surface.is_a("IfcSurfaceOfLinearExtrusion") and surface.SweptCurve.is_a(
        "IfcArbitraryOpenProfileDef"
    ):
        local = get_axis2placement(surface.Position) if surface.Position is not None else np.eye(4)
        base = np.array([(*point[:2], 0.0) for point in _points(surface.SweptCurve.Curve)])
        rise = np.array(surface.ExtrudedDirection.DirectionRatios) * surface.Depth
        if len(base) == 2:  # longer curves are several planes
            rings = [np.array([base[0], base[1], base[1] + rise, base[0] + rise])]
    matrix = placement @ local if rings else placement
    placed = []
    for ring in rings:
        if len(ring) > 1 and np.allclose(ring[0], ring[-1]):
            ring = ring[:-1]
        if len(ring) < 3:
            return []
        placed.append((ring @ matrix[:3, :3].T + matrix[:3, 3]) * scale)
    return placed


def _points(curve: Any) -> list[Sequence[float]]:
    """Corners of a curve of straight segments; [] for any other."""
    if curve.is_a("IfcPolyline"):
        return [point.Coordinates for point in curve.Points]
    if curve.is_a("IfcIndexedPolyCurve"):
        corners = list(curve.Points.CoordList)
        if curve.Segments is None:
            return corners
        if any(not segment.is_a("IfcLineIndex") for segment in curve.Segments):
            return []
        order = [index for segment in curve.Segments for index in segment.wrappedValue]
        return [corners[i - 1] for k, i in enumerate(order) if k == 0 or i != order[k - 1]]
    if curve.is_a("IfcCompositeCurve"):
        points: list[Sequence[float]] = []
        for segment in curve.Segments:
            part = _points(segment.ParentCurve)
            points += (part if segment.SameSense else part[::-1])[1 if points else 0 :]
        return points
    return []


def cross_check(model: BuildingModel, boundaries: FileBoundaries) -> tuple[Diagnostic, ...]:
    """Compare the file's boundaries with the derived surfaces, and say what is wrong with them.

    Args:
        model: with its surfaces.
        boundaries: of :func:`read_file_boundaries`.

    Returns:
        Findings about the file: both levels mixed, no geometry, off the face, normals mixed, windows
        missing, areas that differ.
    """
    if len(boundaries.level) == 0:
        return ()
    level = 2 if (boundaries.level == 2).any() else 1
    rows = np.flatnonzero(boundaries.level == level)
    found = [_both_levels(model, boundaries)]
    vectors = np.array([_area_vector(boundaries.polygon.rings(row)) for row in range(len(boundaries.level))])
    found.append(_without_geometry(vectors[rows]))
    found += _positions(model, boundaries, rows, vectors)
    found.append(_missing_windows(model, boundaries, rows))
    found.append(_areas(model, boundaries, rows, vectors))
    return tuple(finding for finding in found if finding is not None)


def _area_vector(rings: list[Floats]) -> Floats:
    """Normal times net area of a planar polygon, (3,)."""
    vectors = [
        0.5 * np.cross(ring - ring[0], np.roll(ring - ring[0], -1, axis=0)).sum(axis=0) for ring in rings
    ]
    if not vectors:
        return np.zeros(3)
    outer = vectors[0]
    direction = outer / max(float(np.linalg.norm(outer)), 1e-12)
    net: Floats = outer - direction * sum(float(np.linalg.norm(hole)) for hole in vectors[1:])
    return net


def _names(model: BuildingModel, ids: list[str]) -> str:
    label = dict(zip(model.spaces.global_id, model.spaces.name, strict=True))
    names = [str(label.get(space, space)) for space in ids[:NAMED]]
    return ", ".join(names) + (", …" if len(ids) > NAMED else "")


def _both_levels(model: BuildingModel, boundaries: FileBoundaries) -> Diagnostic | None:
    first = set(boundaries.space_id[boundaries.level == 1])
    both = sorted(first & set(boundaries.space_id[boundaries.level == 2]))
    if not both:
        return None
    return Diagnostic(
        "boundaries-of-both-levels",
        Severity.WARNING,
        Text(
            f"{len(both)} spaces have boundaries of both levels ({_names(model, both)}): "
            "adding them up counts every wall twice.",
            f"{len(both)} 个空间同时具有一级和二级空间边界（{_names(model, both)}），"
            "直接累加会重复计算墙体。",
        ),
        Text("Export second-level boundaries only.", "请只导出二级空间边界。"),
        count=len(both),
    )


def _without_geometry(vectors: Floats) -> Diagnostic | None:
    lost = int((np.linalg.norm(vectors, axis=1) < 1e-6).sum())
    if lost == 0:
        return None
    return Diagnostic(
        "boundaries-without-geometry",
        Severity.NOTE,
        Text(
            f"{lost} of {len(vectors)} space boundaries have no planar geometry that can be compared.",
            f"{len(vectors)} 个空间边界中有 {lost} 个没有可比对的平面几何。",
        ),
        Text("Export boundaries with their connection geometry.", "请导出带连接几何的空间边界。"),
        count=lost,
    )


def _positions(
    model: BuildingModel, boundaries: FileBoundaries, rows: NDArray[np.intp], vectors: Floats
) -> list[Diagnostic | None]:
    """Boundaries that lie off the faces of their space, and normals that point both ways."""
    surfaces, spaces = model.surfaces, model.spaces
    row_of = {space: row for row, space in enumerate(spaces.global_id)}
    starts = surfaces.polygon.ring_start[surfaces.polygon.polygon_start[:-1]]
    corner = surfaces.polygon.vertices[starts] + model.offset_m
    by_space: dict[int, NDArray[np.intp]] = {
        int(space): np.flatnonzero(surfaces.space == space) for space in np.unique(surfaces.space)
    }
    distances, outward = [], []
    for row in rows.tolist():
        area = float(np.linalg.norm(vectors[row]))
        mine = by_space.get(row_of.get(boundaries.space_id[row], -1))
        if area < 1e-6 or mine is None or boundaries.element_class[row].startswith(("IfcWindow", "IfcDoor")):
            continue
        normal = vectors[row] / area
        cosine = surfaces.normal[mine] @ normal
        parallel = mine[np.abs(cosine) > 0.99]
        if len(parallel) == 0:
            distances.append(np.inf)
            continue
        point = boundaries.polygon.rings(row)[0][0]
        away = np.abs(np.einsum("ij,ij->i", point - corner[parallel], surfaces.normal[parallel]))
        nearest = parallel[np.argmin(away)]
        distances.append(float(away.min()))
        if away.min() < ON_FACE_M:
            outward.append(bool(surfaces.normal[nearest] @ normal > 0))
    found: list[Diagnostic | None] = []
    off = [distance for distance in distances if distance > ON_FACE_M]
    if off:
        found.append(
            Diagnostic(
                "boundaries-off-the-face",
                Severity.WARNING,
                Text(
                    f"{len(off)} of {len(distances)} space boundaries lie more than {ON_FACE_M * 100:.0f} cm "
                    f"from every face of their space (median {np.median(off):.2f} m).",
                    f"{len(distances)} 个空间边界中有 {len(off)} 个与所属空间的任何表面相距超过 "
                    f"{ON_FACE_M * 100:.0f} cm（中位数 {np.median(off):.2f} m）。",
                ),
                Text(
                    "Export the boundaries again; the surfaces here come from the geometry.",
                    "请重新导出空间边界；此处采用由几何推导的表面。",
                ),
                count=len(off),
            )
        )
    share = float(np.mean(outward)) if outward else 0.0
    if MIXED_SHARE < share < 1 - MIXED_SHARE:
        found.append(
            Diagnostic(
                "boundaries-with-mixed-normals",
                Severity.NOTE,
                Text(
                    f"{share:.0%} of the space boundaries face out of their space, the others into it.",
                    f"{share:.0%} 的空间边界法线朝外，其余朝内，方向不一致。",
                ),
                Text("Do not rely on the normals of this file.", "请勿依赖该文件中空间边界的法线方向。"),
            )
        )
    return found


def _missing_windows(
    model: BuildingModel, boundaries: FileBoundaries, rows: NDArray[np.intp]
) -> Diagnostic | None:
    known = set(boundaries.element_id[rows])
    openings = model.surface_openings
    windows = np.unique(openings.element[openings.kind == "window"])
    # The panels of curtain walls are not windows to a file.
    windows = windows[[str(name).startswith("IfcWindow") for name in model.elements.ifc_class[windows]]]
    missing = [row for row in windows.tolist() if model.elements.global_id[row] not in known]
    if not missing:
        return None
    return Diagnostic(
        "boundaries-missing-windows",
        Severity.WARNING,
        Text(
            f"{len(missing)} of {len(windows)} windows that light a space have no space boundary.",
            f"{len(windows)} 个为房间采光的窗中有 {len(missing)} 个没有空间边界。",
        ),
        Text(
            "Tools that rely on the boundaries will lose these windows; export them with the windows.",
            "依赖空间边界的软件会丢失这些窗；请导出包含窗的空间边界。",
        ),
        count=len(missing),
    )


def _areas(
    model: BuildingModel, boundaries: FileBoundaries, rows: NDArray[np.intp], vectors: Floats
) -> Diagnostic | None:
    """Spaces whose boundaries add up to another area than their surfaces, gross or net of openings."""
    stated: dict[str, float] = defaultdict(float)
    for row in rows.tolist():
        if not boundaries.element_class[row].startswith(("IfcWindow", "IfcDoor", "IfcOpening")):
            stated[boundaries.space_id[row]] += float(np.linalg.norm(vectors[row]))
    surfaces, openings = model.surfaces, model.surface_openings
    count = len(model.spaces)
    gross = np.bincount(surfaces.space, surfaces.area_m2, count)
    holes = np.bincount(surfaces.space[openings.surface], openings.area_m2, count)
    differ = []
    for row in np.flatnonzero(gross > 0).tolist():
        area = stated.get(model.spaces.global_id[row], 0.0)
        if min(abs(area - gross[row]), abs(area - gross[row] + holes[row])) > SAME_AREA * gross[row]:
            differ.append(str(model.spaces.global_id[row]))
    if not differ:
        return None
    return Diagnostic(
        "boundaries-with-other-areas",
        Severity.WARNING,
        Text(
            f"The space boundaries of {len(differ)} spaces add up to areas that differ by more than "
            f"{SAME_AREA:.0%} from the spaces' own surfaces ({_names(model, differ)}).",
            f"{len(differ)} 个空间的空间边界总面积与其自身表面积相差超过 {SAME_AREA:.0%}"
            f"（{_names(model, differ)}）。",
        ),
        Text(
            "Parts are missing or doubled; export the boundaries again.",
            "存在缺失或重复的边界；请重新导出。",
        ),
        count=len(differ),
    )
