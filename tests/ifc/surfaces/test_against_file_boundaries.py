"""Derived surfaces against the second-level boundaries that two sound files carry.

The files are read here on their own, with IfcOpenShell only: exact class IfcRelSpaceBoundary2ndLevel,
boundaries of spaces only (most of FZK-Haus's hang on an IfcExternalSpatialElement).
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import ifcopenshell
import ifcopenshell.util.unit
import numpy as np
import pytest
import shapely

import ifc
from ifc.model import BuildingModel, Neighbour
from ifc.surfaces import derive_surfaces
from tests.ifc.surfaces.surface_facts import check_invariants

FILES = ("AC20-FZK-Haus_with_SB55.ifc", "b03_heating_with_building_blenderBIM.ifc")

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module", params=FILES)
def truth_and_model(request: pytest.FixtureRequest, shared_data: Path):
    path = shared_data / "models" / request.param
    return read_boundaries(path), derive_surfaces(ifc.read(path))


def read_boundaries(path: Path):
    """Areas per (space, "inside" | "outside") and per (space, window), in m², by GlobalId."""
    file = ifcopenshell.open(str(path))
    scale = ifcopenshell.util.unit.calculate_unit_scale(file)
    walls: dict[tuple[str, str], float] = defaultdict(float)
    windows: dict[tuple[str, str], float] = defaultdict(float)
    for boundary in file.by_type("IfcRelSpaceBoundary"):
        if boundary.is_a() != "IfcRelSpaceBoundary2ndLevel" or not boundary.RelatingSpace.is_a("IfcSpace"):
            continue
        space, element = boundary.RelatingSpace.GlobalId, boundary.RelatedBuildingElement
        area = surface_area(boundary.ConnectionGeometry.SurfaceOnRelatingElement) * scale**2
        if element is not None and element.is_a("IfcWindow"):
            windows[space, element.GlobalId] += area
        elif element is None or not (element.is_a("IfcDoor") or element.is_a("IfcOpeningElement")):
            # Neither file tells ground from air: FZK-Haus calls its ground floors EXTERNAL.
            inside = boundary.InternalOrExternalBoundary == "INTERNAL"
            walls[space, "inside" if inside else "outside"] += area
    return walls, windows


def surface_area(surface) -> float:
    if surface.is_a("IfcCurveBoundedPlane"):
        polygon = shapely.Polygon(curve_points(surface.OuterBoundary)).buffer(0)
        for inner in surface.InnerBoundaries or ():
            polygon = polygon.difference(shapely.Polygon(curve_points(inner)).buffer(0))
        return polygon.area
    assert surface.is_a("IfcSurfaceOfLinearExtrusion")
    points = np.array(curve_points(surface.SweptCurve.Curve))
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum() * surface.Depth)


def curve_points(curve) -> list[tuple[float, float]]:
    if curve.is_a("IfcPolyline"):
        return [point.Coordinates[:2] for point in curve.Points]
    if curve.is_a("IfcIndexedPolyCurve"):
        corners = [point[:2] for point in curve.Points.CoordList]
        if curve.Segments is None:
            return corners
        assert all(segment.is_a("IfcLineIndex") for segment in curve.Segments)
        return [corners[index - 1] for segment in curve.Segments for index in segment.wrappedValue]
    assert curve.is_a("IfcCompositeCurve")
    points = []
    for segment in curve.Segments:
        part = curve_points(segment.ParentCurve)
        points += part if segment.SameSense else part[::-1]
    return points


def derived_areas(model: BuildingModel) -> dict[tuple[str, str], float]:
    surfaces = model.surfaces
    inside = np.isin(surfaces.neighbour, (Neighbour.SPACE, Neighbour.ADIABATIC))
    areas: dict[tuple[str, str], float] = defaultdict(float)
    for row in range(len(surfaces)):
        space = model.spaces.global_id[surfaces.space[row]]
        areas[space, "inside" if inside[row] else "outside"] += surfaces.area_m2[row]
    return areas


def test_areas_per_space_and_neighbour_kind_agree(truth_and_model) -> None:
    (walls, _), model = truth_and_model
    found = derived_areas(model)
    difference = [
        abs(found.get(key, 0.0) - walls.get(key, 0.0)) / max(found.get(key, 0.0), walls.get(key, 0.0))
        for key in sorted(set(found) | set(walls))
    ]
    assert np.median(difference) <= 0.001
    assert np.percentile(difference, 95) <= 0.05


def test_every_window_has_its_space_and_area(truth_and_model) -> None:
    (_, windows), model = truth_and_model
    found: dict[tuple[str, str], float] = defaultdict(float)
    openings = model.surface_openings
    for row in np.flatnonzero(openings.kind == "window"):
        space = model.spaces.global_id[model.surfaces.space[openings.surface[row]]]
        found[space, model.elements.global_id[openings.element[row]]] += openings.area_m2[row]
    assert set(found) == set(windows)
    for key, area in windows.items():
        assert found[key] == pytest.approx(area, rel=0.001)


def test_every_window_lies_in_the_surface_of_its_host(truth_and_model) -> None:
    _, model = truth_and_model
    host = dict(zip(model.openings.filling.tolist(), model.openings.host.tolist(), strict=True))
    openings = model.surface_openings
    rows = np.flatnonzero(openings.kind == "window")
    assert len(rows) == 11 or len(rows) == 12
    for row in rows:
        assert model.surfaces.element[openings.surface[row]] == host[openings.element[row]]


def test_all_spaces_are_grade_a_and_pairs_are_symmetric(truth_and_model) -> None:
    _, model = truth_and_model
    assert set(model.spaces.grade) == {"A"}
    check_invariants(model)
    area = defaultdict(float)
    surfaces = model.surfaces
    for row in np.flatnonzero(surfaces.neighbour == Neighbour.SPACE):
        area[int(surfaces.space[row]), int(surfaces.neighbour_space[row])] += surfaces.area_m2[row]
    for (here, there), value in area.items():
        assert area[there, here] == pytest.approx(value, rel=0.01)
