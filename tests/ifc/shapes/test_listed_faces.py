"""Bodies of listed faces, read in bulk from the text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ifc.meshes import closure, signed_volume, surface_area
from ifc.reading.shapes.body import NotOwn
from ifc.reading.shapes.face_records import read_face_records
from tests.ifc.shapes.bodies import Bodies, assert_as_the_engine

PYRAMID = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0.5, 0.5, 1)]
SIDES = [(3, 2, 1, 0), (0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)]
# A slab of 4 x 4 x 1 m with a square hole, its rings from below and from above.
SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4)]
HOLE = [(1, 1), (3, 1), (3, 3), (1, 3)]


@pytest.fixture
def bodies() -> Bodies:
    return Bodies()


def face(bodies: Bodies, *rings: Sequence[Any]) -> Any:
    """A face of points in space or of point entities; the first ring is the outer one."""
    bounds = []
    for number, ring in enumerate(rings):
        points = [point if hasattr(point, "is_a") else bodies.point(*point) for point in ring]
        ifc_class = "IfcFaceBound" if number else "IfcFaceOuterBound"
        bounds.append(bodies.make(ifc_class, bodies.make("IfcPolyLoop", points), True))
    return bodies.make("IfcFace", bounds)


def pyramid(bodies: Bodies) -> list[Any]:
    corners = [bodies.point(*place) for place in PYRAMID]
    return [face(bodies, [corners[k] for k in side]) for side in SIDES]


def brep(bodies: Bodies, faces: list[Any]) -> Any:
    return bodies.make("IfcFacetedBrep", bodies.make("IfcClosedShell", faces))


def at(ring: Sequence[tuple[float, float]], z: float) -> list[tuple[float, float, float]]:
    return [(x, y, z) for x, y in ring]


def test_a_brep_is_closed_where_its_faces_share_points(bodies: Bodies) -> None:
    assert assert_as_the_engine(bodies, bodies.add(brep(bodies, pyramid(bodies)))) == pytest.approx(1 / 3)


def test_a_brep_is_closed_where_each_face_has_points_of_its_own(bodies: Bodies) -> None:
    faces = [face(bodies, [PYRAMID[k] for k in side]) for side in SIDES]
    assert assert_as_the_engine(bodies, bodies.add(brep(bodies, faces))) == pytest.approx(1 / 3)


def test_a_bound_that_disagrees_is_turned(bodies: Bodies) -> None:
    faces = pyramid(bodies)
    faces[0].Bounds[0].Bound.Polygon = faces[0].Bounds[0].Bound.Polygon[::-1]
    faces[0].Bounds[0].Orientation = False
    assert assert_as_the_engine(bodies, bodies.add(brep(bodies, faces))) == pytest.approx(1 / 3)


def test_faces_have_holes_and_corners_that_turn_in(bodies: Bodies) -> None:
    faces = [
        face(bodies, at(SQUARE[::-1], 0), at(HOLE, 0)),
        face(bodies, at(SQUARE, 1), at(HOLE[::-1], 1)),
    ]
    for ring in (SQUARE, HOLE[::-1]):
        for k in range(4):
            a, b = ring[k - 1], ring[k]
            faces.append(face(bodies, [(*a, 0), (*b, 0), (*b, 1), (*a, 1)]))
    assert assert_as_the_engine(bodies, bodies.add(brep(bodies, faces))) == pytest.approx(12.0)


def test_listed_faces_stand_beside_swept_bodies(bodies: Bodies) -> None:
    plinth = bodies.extruded(bodies.make("IfcRectangleProfileDef", "AREA", None, None, 2.0, 2.0), 0.5)
    volume = assert_as_the_engine(bodies, bodies.add(brep(bodies, pyramid(bodies)), plinth))
    assert volume == pytest.approx(1 / 3 + 2.0)


@pytest.mark.parametrize("ifc_class", ["IfcFaceBasedSurfaceModel", "IfcShellBasedSurfaceModel"])
def test_an_open_surface_stays_open_and_keeps_its_area(bodies: Bodies, ifc_class: str) -> None:
    shell = "IfcConnectedFaceSet" if "Face" in ifc_class else "IfcOpenShell"
    product = bodies.add(bodies.make(ifc_class, [bodies.make(shell, pyramid(bodies)[1:])]))
    mine = bodies.own(product)
    assert mine is not None
    assert not closure(*mine).closed
    assert surface_area(*mine) == pytest.approx(surface_area(*bodies.engine(product)))


def test_indexed_faces_are_read(bodies: Bodies) -> None:
    points = bodies.make("IfcCartesianPointList3D", [tuple(map(float, place)) for place in PYRAMID])
    faces = [bodies.make("IfcIndexedPolygonalFace", tuple(corner + 1 for corner in side)) for side in SIDES]
    item = bodies.make("IfcPolygonalFaceSet", points, True, faces, None)
    assert assert_as_the_engine(bodies, bodies.add(item)) == pytest.approx(1 / 3)


def test_a_face_that_is_not_plane_is_left_to_the_engine(bodies: Bodies) -> None:
    bent = [PYRAMID[0], PYRAMID[1], (1, 1, 0.2), PYRAMID[3]]
    assert bodies.own(bodies.add(brep(bodies, [face(bodies, bent), *pyramid(bodies)[1:]]))) is None


def text_of(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "faces.ifc"
    path.write_text("ISO-10303-21;\nDATA;\n" + "\n".join(lines) + "\nENDSEC;\n", "utf-8")
    return path


def test_spaces_and_line_breaks_between_records_do_not_matter(tmp_path: Path) -> None:
    path = text_of(
        tmp_path, "#7 = IFCCARTESIANPOINT( (1., 2.5E-1,\n -3.) );#8=IFCPOLYLOOP((#7,#9));", "#3=IFCWALL($);"
    )
    records = read_face_records(path)
    assert records.points.ids.tolist() == [7]
    assert records.points.members.tolist() == [1.0, 0.25, -3.0]
    np.testing.assert_array_equal(records.loops.members, [7, 9])


@pytest.mark.parametrize(
    "line",
    [
        "#7=IFCPOLYLOOP((#1,#2,#3)); /* #8=IFCPOLYLOOP((#1,#2,#3)); */",
        "#7=IFCPOLYLOOP((#1,#2,#3));\n#7=IFCPOLYLOOP((#1,#2,#4));",
        "#7=IFCPOLYLOOP((#1,$,#3));",
        "#7=IFCCARTESIANPOINT((1.,NaN?,3.));",
        "#7=IFCFACEBOUND(#6,.U.);",
    ],
)
def test_text_that_is_not_sure_is_left_to_the_engine(tmp_path: Path, line: str) -> None:
    with pytest.raises(NotOwn):
        read_face_records(text_of(tmp_path, line))


def test_a_body_of_faces_that_are_not_there_is_left_to_the_engine(bodies: Bodies) -> None:
    product = bodies.add(brep(bodies, pyramid(bodies)))
    mesh = bodies.own(product)
    assert mesh is not None
    assert signed_volume(*mesh) > 0
    for loop in bodies.file.by_type("IfcPolyLoop")[:1]:
        bodies.file.remove(loop)
    assert bodies.own(product) is None
