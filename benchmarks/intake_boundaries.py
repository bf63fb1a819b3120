"""Derived surfaces beside the second-level space boundaries of the files that carry sound ones.

The boundaries are read here on their own, with IfcOpenShell only; the derivation does not look at them.
Neither file tells ground from air (FZK-Haus calls its ground floors EXTERNAL), so there are two kinds of
neighbour: inside and outside.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ifc.model import BuildingModel, Neighbour

FILES = ("AC20-FZK-Haus_with_SB55", "b03_heating_with_building_blenderBIM")

Areas = dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Relative differences of a model from its file's boundaries, in percent, and what is counted."""

    cells: int  # pairs of space and neighbour kind
    median: float
    percentile_95: float
    windows: int
    window_area: float  # the largest difference
    windows_missing: int  # in the file's boundaries or in ours only
    windows_off_host: int  # in a surface of another element than the window's host
    asymmetry: float  # the largest difference of area A -> B and B -> A


def compare(model: BuildingModel, path: Path) -> Agreement:
    """The model's surfaces against the boundaries in its file."""
    walls, windows = read_boundaries(path)
    own_walls, own_windows = _derived(model)
    area = [_difference(own_walls, walls, key) for key in sorted(set(walls) | set(own_walls))]
    shared = sorted(set(windows) & set(own_windows))
    return Agreement(
        cells=len(area),
        median=float(np.median(area)),
        percentile_95=float(np.percentile(area, 95)),
        windows=len(windows),
        window_area=max((_difference(own_windows, windows, key) for key in shared), default=100.0),
        windows_missing=len(set(windows) ^ set(own_windows)),
        windows_off_host=_off_host(model),
        asymmetry=_asymmetry(model),
    )


def read_boundaries(path: Path) -> tuple[Areas, Areas]:
    """Areas in m² per (space, "inside" | "outside") and per (space, window), by GlobalId."""
    import ifcopenshell
    import ifcopenshell.util.unit

    file = ifcopenshell.open(str(path))
    scale = ifcopenshell.util.unit.calculate_unit_scale(file)
    walls: Areas = defaultdict(float)
    windows: Areas = defaultdict(float)
    for boundary in file.by_type("IfcRelSpaceBoundary"):
        # Most boundaries of FZK-Haus hang on an IfcExternalSpatialElement.
        if boundary.is_a() != "IfcRelSpaceBoundary2ndLevel" or not boundary.RelatingSpace.is_a("IfcSpace"):
            continue
        space, element = boundary.RelatingSpace.GlobalId, boundary.RelatedBuildingElement
        area = _surface_area(boundary.ConnectionGeometry.SurfaceOnRelatingElement) * scale**2
        if element is not None and element.is_a("IfcWindow"):
            windows[space, element.GlobalId] += area
        elif element is None or not (element.is_a("IfcDoor") or element.is_a("IfcOpeningElement")):
            inside = boundary.InternalOrExternalBoundary == "INTERNAL"
            walls[space, "inside" if inside else "outside"] += area
    return walls, windows


def _surface_area(surface: Any) -> float:
    if surface.is_a("IfcCurveBoundedPlane"):
        polygon = shapely.Polygon(_points(surface.OuterBoundary)).buffer(0)
        for inner in surface.InnerBoundaries or ():
            polygon = polygon.difference(shapely.Polygon(_points(inner)).buffer(0))
        return float(polygon.area)
    points = np.array(_points(surface.SweptCurve.Curve))  # IfcSurfaceOfLinearExtrusion
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum() * surface.Depth)


def _points(curve: Any) -> list[tuple[float, float]]:
    if curve.is_a("IfcPolyline"):
        return [point.Coordinates[:2] for point in curve.Points]
    if curve.is_a("IfcIndexedPolyCurve"):
        corners = [point[:2] for point in curve.Points.CoordList]
        if curve.Segments is None:
            return corners
        return [corners[index - 1] for segment in curve.Segments for index in segment.wrappedValue]
    points = []
    for segment in curve.Segments:  # IfcCompositeCurve
        part = _points(segment.ParentCurve)
        points += part if segment.SameSense else part[::-1]
    return points


def _derived(model: BuildingModel) -> tuple[Areas, Areas]:
    surfaces, openings = model.surfaces, model.surface_openings
    walls: Areas = defaultdict(float)
    windows: Areas = defaultdict(float)
    inside = np.isin(surfaces.neighbour, (Neighbour.SPACE, Neighbour.ADIABATIC))
    for row in range(len(surfaces)):
        space = model.spaces.global_id[surfaces.space[row]]
        walls[space, "inside" if inside[row] else "outside"] += float(surfaces.area_m2[row])
    for row in np.flatnonzero(openings.kind == "window").tolist():
        space = model.spaces.global_id[surfaces.space[openings.surface[row]]]
        windows[space, model.elements.global_id[openings.element[row]]] += float(openings.area_m2[row])
    return walls, windows


def _difference(ours: Areas, theirs: Areas, key: tuple[str, str]) -> float:
    """In percent of the larger of two areas."""
    a, b = ours.get(key, 0.0), theirs.get(key, 0.0)
    return 100 * abs(a - b) / max(a, b, 1e-9)


def _off_host(model: BuildingModel) -> int:
    host = dict(zip(model.openings.filling.tolist(), model.openings.host.tolist(), strict=True))
    openings = model.surface_openings
    rows = np.flatnonzero(openings.kind == "window")
    behind = model.surfaces.element[openings.surface[rows]].tolist()
    return sum(
        host.get(window, -1) != element
        for window, element in zip(openings.element[rows].tolist(), behind, strict=True)
    )


def _asymmetry(model: BuildingModel) -> float:
    surfaces = model.surfaces
    area: dict[tuple[int, int], float] = defaultdict(float)
    for row in np.flatnonzero(surfaces.neighbour == Neighbour.SPACE).tolist():
        area[int(surfaces.space[row]), int(surfaces.neighbour_space[row])] += float(surfaces.area_m2[row])
    return max(
        (
            100 * abs(value - area.get((there, here), 0.0)) / max(value, area.get((there, here), 0.0))
            for (here, there), value in area.items()
        ),
        default=0.0,
    )
