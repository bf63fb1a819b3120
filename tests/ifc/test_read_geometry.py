"""Shapes: far from the origin, instanced, clipped, curved, absurd, doubled."""

from __future__ import annotations

import math
from typing import Any

import ifcopenshell.api.aggregate
import numpy as np
import pytest

from ifc.meshes import closure, signed_volume
from ifc.model import BuildingModel
from tests.ifc.reading import codes, read_raw, row
from tests.two_room_house import HEIGHT, House

FAR = (3_170_000.0, 5_400_000.0, 22.0)
CUBE = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
FAR_CORNER = np.array([3_170_000.125, 540_000.25, 22.5])  # of a body drawn in coordinates of the world


def mapped(house: House, item: object, count: int) -> list[Any]:
    """``count`` proxies that show one shape, 10 m apart."""
    file = house.file
    shape = file.createIfcShapeRepresentation(house.body, "Body", "SweptSolid", [item])
    source = file.createIfcRepresentationMap(house.axes(), shape)
    proxies = []
    for number in range(count):
        proxy = house.create("IfcBuildingElementProxy", f"P{number}", at=(10.0 * number, 0, 0))
        origin = file.createIfcCartesianPoint((0.0, 0.0, 0.0))
        use = file.createIfcMappedItem(
            source, file.createIfcCartesianTransformationOperator3D(None, None, origin, None, None)
        )
        house.shape(proxy, use, "MappedRepresentation")
        proxies.append(proxy)
    return proxies


def cube(house: House, name: str, corner: np.ndarray, faces: list[tuple[int, ...]]) -> None:
    """A proxy of listed faces, 1 m wide."""
    file = house.file
    points = [(1000.0 * (corner + np.array(place))).tolist() for place in np.ndindex(2, 2, 2)]
    item = file.createIfcPolygonalFaceSet(
        file.createIfcCartesianPointList3D(points),
        True,
        [file.createIfcIndexedPolygonalFace(face) for face in faces],
    )
    house.shape(house.create("IfcBuildingElementProxy", name), item, "Tessellation")


def gable(house: House) -> None:
    """A wall of 4 x 0.2 x 3 m, its top cut at 45° from 1 m height on."""
    file = house.file
    plane = file.createIfcPlane(
        file.createIfcAxis2Placement3D(
            file.createIfcCartesianPoint((0.0, 0.0, 1000.0)),
            file.createIfcDirection((-1.0, 0.0, 1.0)),
            file.createIfcDirection((1.0, 0.0, 1.0)),
        )
    )
    clip = file.createIfcBooleanClippingResult(
        "DIFFERENCE", house.extrusion((4.0, 0.2, 3.0)), file.createIfcHalfSpaceSolid(plane, False)
    )
    house.shape(house.create("IfcWall", "Gable"), clip, "Clipping")


def attic(house: House) -> None:
    """A room of 4 x 3 m below a roof that rises from 2 to 4 m."""
    file = house.file
    outline = [(0.0, 0.0), (4000.0, 0.0), (4000.0, 4000.0), (0.0, 2000.0), (0.0, 0.0)]
    profile = file.createIfcArbitraryClosedProfileDef(
        "AREA", None, file.createIfcPolyline([file.createIfcCartesianPoint(point) for point in outline])
    )
    upright = file.createIfcAxis2Placement3D(
        file.createIfcCartesianPoint((0.0, 3000.0, 0.0)),
        file.createIfcDirection((0.0, -1.0, 0.0)),
        file.createIfcDirection((1.0, 0.0, 0.0)),
    )
    up = file.createIfcDirection((0.0, 0.0, 1.0))
    space = house.create("IfcSpace", "Attic")
    ifcopenshell.api.aggregate.assign_object(file, products=[space], relating_object=house.storey)
    house.shape(space, file.createIfcExtrudedAreaSolid(profile, upright, up, 3000.0))


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> BuildingModel:
    """One of each shape that needs care, and spaces of every kind."""
    house = House(furnished=False)
    file = house.file
    mapped(house, house.extrusion((1, 2, 3)), 4)
    twice = house.box("IfcBuildingElementProxy", "Twice", (0, 9, 0), (1, 1, 1))
    twice.Representation.Representations = [twice.Representation.Representations[0]] * 2
    boiler = house.box("IfcBuildingElementProxy", "Boiler", (0, 0, 0), (1, 1, 1))
    clearance = file.createIfcShapeRepresentation(
        house.body, "Clearance", "SweptSolid", [house.extrusion((5, 5, 5))]
    )
    boiler.Representation.Representations = [*boiler.Representation.Representations, clearance]
    gable(house)
    circle = file.createIfcCircleProfileDef("AREA", None, None, 250.0)
    up = file.createIfcDirection((0.0, 0.0, 1.0))
    column = house.create("IfcColumn", "Column")
    house.shape(column, file.createIfcExtrudedAreaSolid(circle, house.axes(), up, 3000.0))
    cube(house, "Outward", np.zeros(3), CUBE)
    cube(house, "Inward", np.zeros(3), [face[::-1] for face in CUBE])
    cube(house, "One face", np.zeros(3), [CUBE[0][::-1], *CUBE[1:]])
    cube(house, "Far", FAR_CORNER, CUBE)
    house.box("IfcWindow", "Loose window", (0, 5, 0), (1, 0.1, 1))
    attic(house)
    size = (2.0, 2.0, HEIGHT)
    house.space("Room", "", (0, 0, 0), size)
    house.space("Again", "", (0, 0, 0), size)
    house.space("Terrace", "", (5, 0, 0), size).PredefinedType = "EXTERNAL"
    house.space("Floor area", "", (10, 0, 0), size).PredefinedType = "GFA"
    house.pset(house.space("Balcony", "", (15, 0, 0), size), "Pset_SpaceCommon", {"IsExternal": True})
    return read_raw(house.write(tmp_path_factory.mktemp("zoo") / "zoo.ifc"))


def volume(model: BuildingModel, name: str) -> float:
    return signed_volume(*model.geometry.mesh(row(model, name)))


def test_a_model_5400_km_from_its_origin_loses_nothing(tmp_path) -> None:
    near = read_raw(House().write(tmp_path / "near.ifc"))
    far = read_raw(House(origin=FAR).write(tmp_path / "far.ifc"))
    assert np.abs(far.offset_m - FAR).max() < 10
    assert (far.offset_m == np.round(far.offset_m)).all()
    shift = far.offset_m - FAR
    for name in ("South wall", "Window 2", "102", "Roof"):
        near_vertices, near_triangles = near.geometry.mesh(row(near, name))
        far_vertices, far_triangles = far.geometry.mesh(row(far, name))
        np.testing.assert_allclose(far_vertices + shift, near_vertices, atol=2e-6)
        np.testing.assert_array_equal(far_triangles, near_triangles)
    np.testing.assert_allclose(far.spaces.volume_m3, near.spaces.volume_m3, rtol=1e-7)
    np.testing.assert_allclose(far.storeys.elevation_m + far.offset_m[2], 22.0, atol=1e-9)


def test_a_body_drawn_in_coordinates_of_the_world_loses_nothing(zoo) -> None:
    vertices, triangles = zoo.geometry.mesh(row(zoo, "Far"))
    np.testing.assert_allclose(vertices.min(axis=0), FAR_CORNER, atol=1e-6)
    assert signed_volume(vertices, triangles) == pytest.approx(1.0, rel=1e-7)


def test_elements_that_show_one_shape_share_it(zoo) -> None:
    rows = [row(zoo, f"P{number}") for number in range(4)]
    shapes = {
        int(shape)
        for element in rows
        for shape in zoo.geometry.instance_shape[zoo.geometry.instance_element == element]
    }
    assert len(shapes) == 1
    for number, element in enumerate(rows):
        np.testing.assert_allclose(
            zoo.geometry.mesh(element)[0].min(axis=0), [10.0 * number, 0, 0], atol=1e-6
        )


def test_a_shape_listed_twice_counts_once(zoo) -> None:
    assert volume(zoo, "Twice") == pytest.approx(1.0, rel=1e-6)


def test_a_clearance_is_no_part_of_an_element(zoo) -> None:
    assert volume(zoo, "Boiler") == pytest.approx(1.0, rel=1e-6)


def test_a_gable_wall_clipped_by_a_half_space_has_the_exact_volume(zoo) -> None:
    """The fast kernel alone would be wrong here, silently."""
    expected = 0.2 * (4.0 * 3.0 - 0.5 * 2.0 * 2.0)  # of the rectangle, a triangle of 2 m by 2 m is cut off
    assert volume(zoo, "Gable") == pytest.approx(expected, rel=1e-6)


def test_a_round_column_is_round(zoo) -> None:
    assert 0.985 < volume(zoo, "Column") / (math.pi * 0.25**2 * 3) < 1.0


@pytest.mark.parametrize("name", ["Outward", "Inward", "One face"])
def test_a_solid_wound_inside_out_is_turned(name: str, zoo) -> None:
    assert volume(zoo, name) == pytest.approx(1.0, rel=1e-6)
    assert closure(*zoo.geometry.mesh(row(zoo, name))).turned_edges == 0


def test_a_window_without_an_opening_has_a_row_without_host(zoo) -> None:
    assert zoo.openings.opening.tolist() == zoo.openings.host.tolist() == [-1]
    assert zoo.openings.filling.tolist() == [row(zoo, "Loose window")]


def test_the_height_of_a_room_that_is_no_prism_is_volume_by_area(zoo) -> None:
    spaces = zoo.spaces
    (at,) = np.flatnonzero(spaces.name == "Attic")
    assert spaces.area_m2[at] == pytest.approx(12.0, rel=1e-5)
    assert spaces.volume_m3[at] == pytest.approx(36.0, rel=1e-5)
    assert spaces.height_m[at] == pytest.approx(3.0, rel=1e-5)
    assert spaces.floor_z_m[at] == pytest.approx(0.0, abs=1e-6)


def test_external_spaces_are_told_from_rooms(zoo) -> None:
    assert dict(zip(zoo.spaces.name, zoo.spaces.internal.tolist(), strict=True)) == {
        "Attic": True, "Room": True, "Again": True, "Terrace": False, "Floor area": False, "Balcony": False,
    }  # fmt: skip


def test_a_space_drawn_twice_is_named(zoo) -> None:
    assert codes(zoo) == ["duplicate-space"]
    assert "Room" in zoo.diagnostics[0].message.en


def test_nonsense_costs_the_element_it_is_in_and_is_told(tmp_path) -> None:
    house = House()
    for wall, place in (("East wall", 1e300), ("North wall", 1e12)):
        house.element[wall].ObjectPlacement.RelativePlacement.Location.Coordinates = (place, 0.0, 0.0)
    house.element["Floor"].Representation.Representations[0].Items[0].Depth = 0.0
    flat = house.extrusion((1, 1, 1))
    flat.Depth = 0.0
    shape = house.element["Roof"].Representation.Representations[0]
    shape.Items = [*shape.Items, flat]
    path = house.write(tmp_path / "absurd.ifc")
    text = path.read_text()
    nan = text.replace("IFCCARTESIANPOINT((4200.,200.,0.))", "IFCCARTESIANPOINT((NaN,200.,0.))")
    assert nan != text
    path.write_text(nan.replace("'West wall'", "*"))  # Renga writes such names; the engine drops the product
    model = read_raw(path)
    assert np.isfinite(model.geometry.transform).all()
    assert np.isfinite(model.geometry.vertices).all()
    lost = {"East wall", "North wall", "Floor"}
    for name in lost:
        assert not model.geometry.has(row(model, name))
    for name in ("South wall", "Window 1", "Roof"):
        assert model.geometry.has(row(model, name))
    assert (
        len([wall for wall in model.elements.rows_of_class("IfcWall") if model.geometry.has(int(wall))]) >= 2
    )
    found = {one.code: one for one in model.diagnostics}
    assert found["geometry-absurd"].count == 2
    assert "East wall" in found["geometry-absurd"].message.en
    assert "1 IfcSlab" in found["geometry-not-built"].message.en
    assert found["geometry-incomplete"].global_id == house.element["Roof"].GlobalId
    assert found["geometry-not-built"].global_id == house.element["Floor"].GlobalId


def test_storeys_are_sorted_and_follow_placement_or_attribute(tmp_path) -> None:
    house = House(metre=1.0, furnished=False)
    building = house.element["House"]
    for name, at, elevation in (("Third", 0.0, 6.0), ("Second", 3.0, 3.0), ("Cellar", -3.0, None)):
        storey = house.create("IfcBuildingStorey", name, at=(0, 0, at), Elevation=elevation)
        ifcopenshell.api.aggregate.assign_object(house.file, products=[storey], relating_object=building)
    model = read_raw(house.write(tmp_path / "storeys.ifc"))
    assert list(model.storeys.name) == ["Cellar", "Ground floor", "Second", "Third"]
    np.testing.assert_allclose(model.storeys.elevation_m, [-3, 0, 3, 6])
    assert (model.storeys.building == row(model, "House")).all()


def test_the_same_file_gives_the_same_model_bit_for_bit(tmp_path) -> None:
    path = House().write(tmp_path / "house.ifc")
    one, two = read_raw(path), read_raw(path)
    for name in ("vertices", "triangles", "transform", "instance_element", "instance_shape", "style_rgba"):
        first, second = getattr(one.geometry, name), getattr(two.geometry, name)
        assert first.dtype == second.dtype
        assert first.tobytes() == second.tobytes()
    assert one.properties.value.tolist() == two.properties.value.tolist()
    assert one.spaces.volume_m3.tobytes() == two.spaces.volume_m3.tobytes()
