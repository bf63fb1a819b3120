"""The second-level space boundaries of the centre, read back from the file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import ifcopenshell
import ifcopenshell.util.element
import ifcopenshell.util.placement
import numpy as np
import pytest
from numpy.typing import NDArray
from shapely.geometry import Polygon

from sample_models.building import Building


@dataclass(frozen=True)
class Boundary:
    entity: ifcopenshell.entity_instance
    area: float
    normal: NDArray[np.float64]
    centroid: NDArray[np.float64]


def _read(entity: ifcopenshell.entity_instance) -> Boundary:
    surface = entity.ConnectionGeometry.SurfaceOnRelatingElement
    placement = ifcopenshell.util.placement.get_local_placement(entity.RelatingSpace.ObjectPlacement)
    axes = placement @ ifcopenshell.util.placement.get_axis2placement(surface.BasisSurface.Position)

    def ring(curve: ifcopenshell.entity_instance) -> list[tuple[float, ...]]:
        return [point.Coordinates for point in curve.Points]

    polygon = Polygon(ring(surface.OuterBoundary), [ring(curve) for curve in surface.InnerBoundaries])
    assert polygon.is_valid
    centre = polygon.centroid
    point = axes @ [centre.x, centre.y, 0.0, 1.0]
    return Boundary(entity, polygon.area, axes[:3, 2], point[:3])


@pytest.fixture(scope="module", params=["centre", "centre_b"])
def boundaries(request: pytest.FixtureRequest) -> list[Boundary]:
    model = request.getfixturevalue(request.param)
    return [_read(entity) for entity in model.by_type("IfcRelSpaceBoundary2ndLevel")]


def test_the_boundaries_of_each_space_close_and_enclose_its_volume(boundaries: list[Boundary]) -> None:
    by_space = defaultdict(list)
    for boundary in boundaries:
        if boundary.entity.ParentBoundary is None:
            by_space[boundary.entity.RelatingSpace].append(boundary)
    assert len(by_space) == 66
    for space, own in by_space.items():
        vector = sum(boundary.area * boundary.normal for boundary in own)
        assert np.linalg.norm(vector) < 1e-3, space.LongName
        volume = sum(boundary.area * boundary.normal @ boundary.centroid for boundary in own) / 3
        stated = ifcopenshell.util.element.get_psets(space)["Qto_SpaceBaseQuantities"]["NetVolume"]
        assert volume == pytest.approx(stated, abs=1e-3), space.LongName


def test_each_window_and_door_has_its_whole_area_on_every_side_that_has_a_room(
    boundaries: list[Boundary],
) -> None:
    areas: dict[ifcopenshell.entity_instance, float] = defaultdict(float)
    sides: dict[ifcopenshell.entity_instance, set[ifcopenshell.entity_instance]] = defaultdict(set)
    for boundary in boundaries:
        if boundary.entity.ParentBoundary is not None:
            areas[boundary.entity.RelatedBuildingElement] += boundary.area
            sides[boundary.entity.RelatedBuildingElement].add(boundary.entity.RelatingSpace)
    filled = [element for element in areas if element.is_a("IfcWindow") or element.is_a("IfcDoor")]
    assert len(filled) == 92 + 70
    for element in filled:
        whole = element.OverallWidth * element.OverallHeight
        assert areas[element] == pytest.approx(len(sides[element]) * whole, abs=1e-3), element.Name
        if element.is_a("IfcWindow"):
            assert len(sides[element]) == 1, element.Name


def test_internal_boundaries_correspond_and_face_each_other(boundaries: list[Boundary]) -> None:
    by_id = {boundary.entity.id(): boundary for boundary in boundaries}
    for boundary in boundaries:
        entity = boundary.entity
        other = entity.CorrespondingBoundary
        if entity.Description == "2b" or entity.InternalOrExternalBoundary != "INTERNAL":
            assert other is None
            continue
        twin = by_id[other.id()]
        assert twin.entity.CorrespondingBoundary == entity
        assert twin.area == pytest.approx(boundary.area, abs=1e-6)
        assert twin.normal @ boundary.normal == pytest.approx(-1.0)
        gap = (twin.centroid - boundary.centroid) @ boundary.normal
        assert 0.1 < gap < 0.75
        assert np.linalg.norm(twin.centroid - boundary.centroid - gap * boundary.normal) < 1e-4


def test_no_room_lies_behind_an_external_boundary(
    boundaries: list[Boundary], written: tuple[Building, Path]
) -> None:
    building, _ = written
    for boundary in boundaries:
        if boundary.entity.InternalOrExternalBoundary == "EXTERNAL":
            beyond = boundary.centroid + 0.8 * boundary.normal
            assert building.room_at(*beyond) is None, boundary.entity.RelatedBuildingElement.Name


def test_openings_lie_in_their_parents(boundaries: list[Boundary]) -> None:
    by_id = {boundary.entity.id(): boundary for boundary in boundaries}
    for boundary in boundaries:
        parent = boundary.entity.ParentBoundary
        if parent is None:
            continue
        host = by_id[parent.id()]
        assert host.entity.RelatingSpace == boundary.entity.RelatingSpace
        assert boundary.normal @ host.normal == pytest.approx(1.0)
        assert (boundary.centroid - host.centroid) @ host.normal == pytest.approx(0.0, abs=1e-5)
        assert boundary.area <= host.area + 1e-6


def test_only_the_centre_has_boundaries(tower: ifcopenshell.file, site: ifcopenshell.file) -> None:
    assert not tower.by_type("IfcRelSpaceBoundary")
    assert not site.by_type("IfcRelSpaceBoundary")
