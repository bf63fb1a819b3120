"""IfcRelSpaceBoundary as the file has them."""

from pathlib import Path

import ifcopenshell
import ifcopenshell.guid
import numpy as np
import pytest

import ifc
from ifc.reading.boundaries import read_boundaries
from ifc.reading.products import read_products
from ifc.reading.units import Units
from tests.ifc.reading import read_raw

PILOT = Path(__file__).parents[2] / "sample_models" / "community_centre.ifc"


def test_a_pilot_with_exact_boundaries_has_them_in_the_model_and_no_finding() -> None:
    model = ifc.read(PILOT)
    boundaries = model.boundaries
    assert len(boundaries) == len(ifcopenshell.open(str(PILOT)).by_type("IfcRelSpaceBoundary2ndLevel"))
    assert set(boundaries.level) == {2}
    assert set(boundaries.side) == {"internal", "external"}
    assert np.isin(boundaries.space, model.spaces.element).all()
    assert (np.diff(boundaries.polygon.polygon_start) > 0).all()
    assert not [found for found in model.diagnostics if found.code.startswith("boundaries-")]


class Sketch:
    """An IFC4 file in millimetres with one space, moved by (1, 2, 3) m, for boundaries of any kind."""

    def __init__(self) -> None:
        self.file = ifcopenshell.file(schema="IFC4")
        self.space = self._product("IfcSpace", (1000.0, 2000.0, 3000.0))
        self.wall = self._product("IfcWall", (0.0, 0.0, 0.0))

    def _product(self, ifc_class: str, place: tuple[float, ...]) -> ifcopenshell.entity_instance:
        placement = self.file.createIfcLocalPlacement(None, self.axes(place))
        return self.file.create_entity(ifc_class, GlobalId=ifcopenshell.guid.new(), ObjectPlacement=placement)

    def axes(self, place: tuple[float, ...]) -> ifcopenshell.entity_instance:
        return self.file.createIfcAxis2Placement3D(self.file.createIfcCartesianPoint(place))

    def line(self, *points: tuple[float, ...]) -> ifcopenshell.entity_instance:
        return self.file.createIfcPolyline([self.file.createIfcCartesianPoint(point) for point in points])

    def plane(self, outer: object, *inner: object) -> ifcopenshell.entity_instance:
        plane = self.file.createIfcPlane(self.axes((0.0, 0.0, 0.0)))
        return self.file.createIfcCurveBoundedPlane(plane, outer, inner)

    def boundary(
        self, surface: object, ifc_class: str = "IfcRelSpaceBoundary", side: str = "INTERNAL", name: str = ""
    ) -> None:
        self.file.create_entity(
            ifc_class,
            GlobalId=ifcopenshell.guid.new(),
            Name=name,
            RelatingSpace=self.space,
            RelatedBuildingElement=self.wall,
            ConnectionGeometry=surface and self.file.createIfcConnectionSurfaceGeometry(surface),
            PhysicalOrVirtualBoundary="PHYSICAL",
            InternalOrExternalBoundary=side,
        )

    def read(self):
        return read_boundaries(self.file, read_products(self.file), Units({"LENGTHUNIT": ("m", 0.001, 0.0)}))


SQUARE = ((0.0, 0.0), (4000.0, 0.0), (4000.0, 3000.0), (0.0, 3000.0))


def test_a_bounded_plane_lies_where_its_space_does() -> None:
    sketch = Sketch()
    hole = sketch.line((1000.0, 1000.0), (1000.0, 2000.0), (2000.0, 2000.0), (1000.0, 1000.0))
    sketch.boundary(sketch.plane(sketch.line(*SQUARE, SQUARE[0]), hole))
    table = sketch.read()
    outer, inner = table.polygon.rings(0)
    assert np.allclose(outer, [[1, 2, 3], [5, 2, 3], [5, 5, 3], [1, 5, 3]])
    assert len(inner) == 3
    assert table.space.tolist() == [0]
    assert table.element.tolist() == [1]


@pytest.mark.parametrize(
    ("ifc_class", "name", "level"),
    [
        ("IfcRelSpaceBoundary", "", 1),
        ("IfcRelSpaceBoundary1stLevel", "1stLevel", 1),
        ("IfcRelSpaceBoundary2ndLevel", "", 2),
        ("IfcRelSpaceBoundary", "2ndLevel", 2),
    ],
)
def test_the_level_is_the_exact_class_else_the_name(ifc_class: str, name: str, level: int) -> None:
    sketch = Sketch()
    sketch.boundary(sketch.plane(sketch.line(*SQUARE)), ifc_class, name=name)
    assert sketch.read().level.tolist() == [level]


@pytest.mark.parametrize(
    ("side", "said"),
    [("INTERNAL", "internal"), ("EXTERNAL", "external"), ("EXTERNAL_EARTH", "external"), ("NOTDEFINED", "")],
)
def test_the_side_is_told_apart_from_none(side: str, said: str) -> None:
    sketch = Sketch()
    sketch.boundary(sketch.plane(sketch.line(*SQUARE)), side=side)
    assert sketch.read().side.tolist() == [said]


def test_indexed_and_composite_curves_and_extrusions() -> None:
    sketch = Sketch()
    file = sketch.file
    points = file.createIfcCartesianPointList2D(SQUARE)
    sketch.boundary(sketch.plane(file.createIfcIndexedPolyCurve(points)))
    segments = [file.create_entity("IfcLineIndex", (1, 2, 3)), file.create_entity("IfcLineIndex", (3, 4, 1))]
    sketch.boundary(sketch.plane(file.createIfcIndexedPolyCurve(points, segments)))
    halves = [
        file.createIfcCompositeCurveSegment("CONTINUOUS", True, sketch.line(*SQUARE[:3])),
        file.createIfcCompositeCurveSegment(
            "CONTINUOUS", False, sketch.line(SQUARE[0], SQUARE[3], SQUARE[2])
        ),
    ]
    sketch.boundary(sketch.plane(file.createIfcCompositeCurve(halves, False)))
    profile = file.createIfcArbitraryOpenProfileDef("CURVE", None, sketch.line(*SQUARE[:2]))
    up = file.createIfcDirection((0.0, 0.0, 2.0))
    sketch.boundary(file.createIfcSurfaceOfLinearExtrusion(profile, sketch.axes((0.0, 0.0, 0.0)), up, 3000.0))
    table = sketch.read()
    for row in range(3):
        assert np.allclose(table.polygon.rings(row)[0], [[1, 2, 3], [5, 2, 3], [5, 5, 3], [1, 5, 3]])
    assert np.allclose(table.polygon.rings(3)[0], [[1, 2, 3], [5, 2, 3], [5, 2, 6], [1, 2, 6]])


def test_faces_of_loops() -> None:
    sketch = Sketch()
    file = sketch.file
    corners = [file.createIfcCartesianPoint((*point, 500.0)) for point in SQUARE]
    bound = file.createIfcFaceOuterBound(file.createIfcPolyLoop(corners), True)
    sketch.boundary(
        file.createIfcFaceSurface([bound], file.createIfcPlane(sketch.axes((0.0, 0.0, 0.0))), True)
    )
    assert np.allclose(sketch.read().polygon.rings(0)[0][:, 2], 3.5)


def test_what_cannot_be_read_is_an_empty_polygon() -> None:
    sketch = Sketch()
    file = sketch.file
    points = file.createIfcCartesianPointList2D(SQUARE)
    arc = file.create_entity("IfcArcIndex", (1, 2, 3))
    sketch.boundary(None)
    sketch.boundary(sketch.plane(file.createIfcIndexedPolyCurve(points, [arc])))
    sketch.boundary(sketch.plane(sketch.line(*SQUARE[:2])))
    sketch.boundary(sketch.plane(sketch.line((0.0, 0.0), (1e306, 0.0), (1.0, 1e308))))
    nested = file.createIfcCompositeCurve([], False)
    nested.Segments = [file.createIfcCompositeCurveSegment("CONTINUOUS", True, nested)]
    sketch.boundary(sketch.plane(nested))
    table = sketch.read()
    assert len(table) == 5
    assert np.diff(table.polygon.polygon_start).tolist() == [0] * 5


def test_boundaries_lie_on_their_space() -> None:
    """In the coordinates of the model, whatever its offset."""
    model = read_raw(PILOT)
    space = int(model.boundaries.space[0])
    vertices, _ = model.geometry.mesh(space)
    first = model.boundaries.polygon.rings(0)[0]
    assert (first > vertices.min(axis=0) - 0.01).all()
    assert (first < vertices.max(axis=0) + 0.01).all()
