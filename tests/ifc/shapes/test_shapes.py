"""Bodies that are built here: equal to opencascade's, and to what can be computed by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ifc.meshes import signed_volume
from ifc.reading.shapes.curves import circle_points, edges_of_arc
from ifc.reading.shapes.profiles import signed_area
from tests.ifc.shapes.bodies import Bodies, assert_as_the_engine


@pytest.fixture
def bodies() -> Bodies:
    return Bodies()


def circle(bodies: Bodies, radius: float, at: tuple[float, float] = (0, 0)) -> Any:
    position = bodies.make("IfcAxis2Placement2D", bodies.point(*at), None)
    return bodies.make("IfcCircle", position, radius)


def arc(bodies: Bodies, radius: float, start: float, end: float, forward: bool = True) -> Any:
    trims = [[bodies.make("IfcParameterValue", angle)] for angle in (start, end)]
    return bodies.make("IfcTrimmedCurve", circle(bodies, radius), *trims, forward, "PARAMETER")


def chained(bodies: Bodies, *curves: Any) -> Any:
    segments = [bodies.make("IfcCompositeCurveSegment", "CONTINUOUS", True, curve) for curve in curves]
    return bodies.make("IfcCompositeCurve", segments, False)


@pytest.mark.parametrize("radius", [2e-4, 0.01, 0.04, 0.3, 2.5])
def test_a_cylinder_has_the_engines_edges(bodies: Bodies, radius: float) -> None:
    product = bodies.add(bodies.extruded(bodies.make("IfcCircleProfileDef", "AREA", None, None, radius)))
    volume = assert_as_the_engine(bodies, product)
    count = edges_of_arc(radius, math.tau)
    assert volume == pytest.approx(2.0 * radius**2 * count / 2 * math.sin(math.tau / count), rel=1e-5)


def test_fine_arcs_come_near_the_circle() -> None:
    assert signed_area(circle_points(100.0)) == pytest.approx(math.pi * 1e4, rel=2e-5)


@pytest.mark.parametrize("sweep", [0.1, 0.3, 1.5, 4.0])
@pytest.mark.parametrize("forward", [True, False])
def test_a_piece_of_cake_has_the_engines_edges(bodies: Bodies, sweep: float, forward: bool) -> None:
    ends = (0.2, 0.2 + sweep) if forward else (0.2 + sweep, 0.2)
    first, last = ([0.5 * math.cos(angle), 0.5 * math.sin(angle)] for angle in ends)
    back = bodies.make("IfcPolyline", [bodies.point(*last), bodies.point(0, 0), bodies.point(*first)])
    outline = chained(bodies, arc(bodies, 0.5, *ends, forward), back)
    volume = assert_as_the_engine(bodies, bodies.add(bodies.extruded(bodies.area(outline))))
    assert volume == pytest.approx(0.25 * sweep, rel=0.01)


def test_an_arc_through_three_points_is_drawn(bodies: Bodies) -> None:
    points = bodies.make("IfcCartesianPointList2D", [(0, 0), (2, 0), (2, 1), (1, 2), (0, 1)])
    segments = [
        bodies.make("IfcLineIndex", (1, 2, 3)),
        bodies.make("IfcArcIndex", (3, 4, 5)),
        bodies.make("IfcLineIndex", (5, 1)),
    ]
    outline = bodies.make("IfcIndexedPolyCurve", points, segments, None)
    volume = assert_as_the_engine(bodies, bodies.add(bodies.extruded(bodies.area(outline), 1.0)))
    assert volume == pytest.approx(2.0 + math.pi / 2, rel=0.002)


@pytest.mark.parametrize(
    ("profile", "area"),
    [
        (("IfcRectangleProfileDef", 3.0, 0.5), 1.5),
        (("IfcRectangleHollowProfileDef", 3.0, 0.5, 0.1, None, None), 1.5 - 2.8 * 0.3),
        (("IfcCircleHollowProfileDef", 0.5, 0.1), math.pi * (0.25 - 0.16)),
    ],
)
def test_parameterised_profiles_are_placed(bodies: Bodies, profile: tuple[Any, ...], area: float) -> None:
    position = bodies.make("IfcAxis2Placement2D", bodies.point(4, 5), bodies.direction(0.6, 0.8))
    drawn = bodies.make(profile[0], "AREA", None, position, *profile[1:])
    volume = assert_as_the_engine(bodies, bodies.add(bodies.extruded(drawn, 2.0)))
    assert volume == pytest.approx(2.0 * area, rel=0.005)


def test_a_profile_with_holes_is_swept_askew_and_downward(bodies: Bodies) -> None:
    ell = bodies.polyline((0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (0, 3))
    holes = bodies.polyline((2, 0.2), (3, 0.2), (3, 0.8), (2, 0.8)), circle(bodies, 0.2, (0.5, 2))
    axes = bodies.axes((1, 2, 3), (0, 1, 1), (1, 0, 0))
    for along in ((0, 0, 1), (0.3, 0.2, 1), (0, 0.1, -1)):
        item = bodies.extruded(bodies.area(ell, *holes), 2.0, along, axes)
        product = bodies.add(item, at=(100, 20, 3), turned=(0.6, 0.8, 0))
        assert_as_the_engine(bodies, product)


@pytest.mark.parametrize("angle", [0.3, math.pi / 2, 3.0])
@pytest.mark.parametrize("radius", [0.02, 0.0825])
def test_a_pipe_bend_is_the_engines(bodies: Bodies, angle: float, radius: float) -> None:
    profile = bodies.make("IfcCircleProfileDef", "AREA", None, None, radius)
    axis = bodies.make("IfcAxis1Placement", bodies.point(0, 0.2, 0), bodies.direction(-1, 0, 0))
    item = bodies.make("IfcRevolvedAreaSolid", profile, bodies.axes((1, 2, 3)), axis, angle)
    # opencascade merges a corner or two of the grid of some bends.
    volume = assert_as_the_engine(bodies, bodies.add(item), 1e-3)
    assert volume == pytest.approx(math.pi * radius**2 * 0.2 * angle, rel=0.025)


@pytest.mark.parametrize("agrees", [True, False])
def test_a_half_space_leaves_what_lies_on_the_other_side(bodies: Bodies, agrees: bool) -> None:
    plane = bodies.plane((2, 0, 1), (1, 0, 1))
    item = bodies.clipped(bodies.box(4, 1, 2), bodies.make("IfcHalfSpaceSolid", plane, agrees))
    assert assert_as_the_engine(bodies, bodies.add(item)) == pytest.approx(4.0)


def test_a_cut_through_corners_and_along_a_face_leaves_no_skin(bodies: Bodies) -> None:
    diagonal = bodies.make("IfcHalfSpaceSolid", bodies.plane((0, 0, 0), (-1, 0, 2)), False)
    top = bodies.make("IfcHalfSpaceSolid", bodies.plane((0, 0, 2), (0, 0, 1)), False)
    item = bodies.clipped(bodies.clipped(bodies.box(4, 1, 2), diagonal), top)
    assert assert_as_the_engine(bodies, bodies.add(item)) == pytest.approx(4.0)


def test_a_cut_through_a_hole_gets_a_cap_with_a_hole(bodies: Bodies) -> None:
    hole = bodies.polyline((1, 1), (3, 1), (3, 3), (1, 3))
    tube = bodies.extruded(bodies.area(bodies.polyline((0, 0), (4, 0), (4, 4), (0, 4)), hole), 4.0)
    roof = bodies.make("IfcHalfSpaceSolid", bodies.plane((2, 2, 3), (0, 1, 1)), False)
    assert assert_as_the_engine(bodies, bodies.add(bodies.clipped(tube, roof))) == pytest.approx(34.0)


def test_a_bound_counts_where_it_cuts(bodies: Bodies) -> None:
    """A box of 4 x 1 x 2 m loses what is above 1 m, from 0 to 3 m only."""
    bound = bodies.polyline((-1, -1), (3, -1), (3, 2), (-1, 2))
    half = bodies.make(
        "IfcPolygonalBoundedHalfSpace", bodies.plane((0, 0, 1), (0, 0, 1)), False, bodies.axes(), bound
    )
    item = bodies.clipped(bodies.box(4, 1, 2), half)
    assert assert_as_the_engine(bodies, bodies.add(item)) == pytest.approx(8.0 - 3.0)


def test_gables_are_cut_by_two_bounds_that_meet_at_the_ridge(bodies: Bodies) -> None:
    item = bodies.box(4, 0.3, 3)
    for x, normal in ((0, (-1, 0, 2)), (4, (1, 0, 2))):
        bound = bodies.polyline((min(x, 2), -1), (max(x, 2), -1), (max(x, 2), 1), (min(x, 2), 1))
        plane = bodies.plane((x, 0, 1.5), normal)
        half = bodies.make("IfcPolygonalBoundedHalfSpace", plane, False, bodies.axes(), bound)
        item = bodies.clipped(item, half)
    assert assert_as_the_engine(bodies, bodies.add(item)) == pytest.approx(4 * 0.3 * 2.0)


def test_a_mapped_item_is_turned_to_its_target(bodies: Bodies) -> None:
    target = bodies.make(
        "IfcCartesianTransformationOperator3D",
        bodies.direction(0, 1, 0), bodies.direction(-1, 0, 0), bodies.point(5, 0, 0), 1.0, None,
    )  # fmt: skip
    shape = bodies.add(bodies.box(3, 1, 2)).Representation.Representations[0]
    item = bodies.make("IfcMappedItem", bodies.make("IfcRepresentationMap", bodies.axes(), shape), target)
    assert assert_as_the_engine(bodies, bodies.add(item, at=(1, 1, 1))) == pytest.approx(6.0)


def left_to_the_engine(bodies: Bodies) -> dict[str, Any]:
    bow_tie = bodies.area(bodies.polyline((0, 0), (2, 2), (2, 0), (0, 1)))
    shape = bodies.add(bodies.box(1, 1, 1)).Representation.Representations[0]
    source = bodies.make("IfcRepresentationMap", bodies.axes(), shape)
    twice = bodies.make("IfcCartesianTransformationOperator3D", None, None, bodies.point(0, 0, 0), 2.0, None)
    ellipse = bodies.make(
        "IfcEllipse", bodies.make("IfcAxis2Placement2D", bodies.point(0, 0), None), 2.0, 1.0
    )
    above_all = bodies.make("IfcHalfSpaceSolid", bodies.plane((0, 0, -1), (0, 0, 1)), False)
    return {
        "an outline that crosses itself": bodies.extruded(bow_tie),
        "a sweep within its own plane": bodies.extruded(bow_tie, 1.0, (1, 0, 0)),
        "a scale": bodies.make("IfcMappedItem", source, twice),
        "an ellipse": bodies.extruded(bodies.area(ellipse)),
        "nothing left": bodies.clipped(bodies.box(1, 1, 1), above_all),
        "no depth": bodies.box(1, 1, 0),
        "endless": bodies.box(1, 1, 1e300),
    }


@pytest.mark.parametrize("what", sorted(left_to_the_engine(Bodies())))
def test_what_is_not_sure_is_left_to_the_engine(what: str, bodies: Bodies) -> None:
    assert bodies.own(bodies.add(left_to_the_engine(bodies)[what])) is None


def test_a_product_listed_with_one_shape_twice_has_it_once(bodies: Bodies) -> None:
    product = bodies.add(bodies.box(1, 2, 3))
    shape = product.Representation.Representations[0]
    product.Representation.Representations = (shape, shape)
    mesh = bodies.own(product)
    assert mesh is not None
    assert signed_volume(*mesh) == pytest.approx(6.0)
