"""Shapes: far from the origin, instanced, clipped, curved, absurd, doubled."""

from __future__ import annotations

import math

import ifcopenshell.api.aggregate
import numpy as np
import pytest

from ifc.meshes import closure, signed_volume
from tests.ifc.reading import codes, read_raw, row
from tests.two_room_house import HEIGHT, House

FAR = (3_170_000.0, 5_400_000.0, 22.0)


def mapped(house: House, item: object, count: int) -> list[object]:
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


def test_a_body_drawn_in_world_coordinates_far_away_loses_nothing(tmp_path) -> None:
    house = House(furnished=False)
    file = house.file
    corner = np.array([3_170_000.125, 540_000.25, 22.5]) * 1000
    points = [corner + 1000 * np.array(p) for p in np.ndindex(2, 2, 2)]
    faces = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
    item = file.createIfcPolygonalFaceSet(
        file.createIfcCartesianPointList3D([point.tolist() for point in points]),
        True,
        [file.createIfcIndexedPolygonalFace(face) for face in faces],
    )
    house.shape(house.create("IfcBuildingElementProxy", "Cube"), item, "Tessellation")
    model = read_raw(house.write(tmp_path / "cube.ifc"))
    vertices, triangles = model.geometry.mesh(row(model, "Cube"))
    np.testing.assert_allclose(vertices.min(axis=0) + model.offset_m, corner / 1000, atol=1e-6)
    assert signed_volume(vertices, triangles) == pytest.approx(1.0, rel=1e-6)


def test_elements_that_show_one_shape_share_it(tmp_path) -> None:
    house = House(furnished=False)
    mapped(house, house.extrusion((1, 2, 3)), 4)
    model = read_raw(house.write(tmp_path / "mapped.ifc"))
    assert model.geometry.shape_count == 1
    assert len(model.geometry.instance_element) == 4
    for number in range(4):
        vertices, _ = model.geometry.mesh(row(model, f"P{number}"))
        np.testing.assert_allclose(vertices.min(axis=0), [10.0 * number, 0, 0], atol=1e-6)


def test_a_shape_listed_twice_counts_once(tmp_path) -> None:
    house = House(furnished=False)
    (proxy,) = mapped(house, house.extrusion((1, 2, 3)), 1)
    shape = proxy.Representation.Representations[0]  # type: ignore[attr-defined]
    proxy.Representation.Representations = [shape, shape]  # type: ignore[attr-defined]
    model = read_raw(house.write(tmp_path / "twice.ifc"))
    assert len(model.geometry.instance_element) == 1


def test_a_clearance_is_no_part_of_an_element(tmp_path) -> None:
    house = House(furnished=False)
    box = house.box("IfcBuildingElementProxy", "Boiler", (0, 0, 0), (1, 1, 1))
    clearance = house.file.createIfcShapeRepresentation(
        house.body, "Clearance", "SweptSolid", [house.extrusion((5, 5, 5))]
    )
    box.Representation.Representations = [*box.Representation.Representations, clearance]
    model = read_raw(house.write(tmp_path / "boiler.ifc"))
    vertices, triangles = model.geometry.mesh(row(model, "Boiler"))
    assert signed_volume(vertices, triangles) == pytest.approx(1.0, rel=1e-6)


def test_a_gable_wall_clipped_by_a_half_space_has_the_exact_volume(tmp_path) -> None:
    """The fast kernel alone would be wrong here, silently."""
    house = House(furnished=False)
    file = house.file
    wall = house.create("IfcWall", "Gable")
    plane = file.createIfcPlane(
        file.createIfcAxis2Placement3D(
            file.createIfcCartesianPoint((0.0, 0.0, 1000.0)),
            file.createIfcDirection((-1.0, 0.0, 1.0)),  # rises 45° along x from 1 m
            file.createIfcDirection((1.0, 0.0, 1.0)),
        )
    )
    clip = file.createIfcBooleanClippingResult(
        "DIFFERENCE", house.extrusion((4.0, 0.2, 3.0)), file.createIfcHalfSpaceSolid(plane, False)
    )
    house.shape(wall, clip, "Clipping")
    model = read_raw(house.write(tmp_path / "gable.ifc"))
    volume = 0.2 * (4.0 * 3.0 - 0.5 * 2.0 * 2.0)  # of the rectangle, a triangle of 2 m by 2 m is cut off
    assert signed_volume(*model.geometry.mesh(row(model, "Gable"))) == pytest.approx(volume, rel=1e-6)


def test_a_round_column_is_round(tmp_path) -> None:
    house = House(furnished=False)
    file = house.file
    circle = file.createIfcCircleProfileDef("AREA", None, None, 250.0)
    up = file.createIfcDirection((0.0, 0.0, 1.0))
    column = house.create("IfcColumn", "Column")
    house.shape(column, file.createIfcExtrudedAreaSolid(circle, house.axes(), up, 3000.0))
    model = read_raw(house.write(tmp_path / "column.ifc"))
    volume = signed_volume(*model.geometry.mesh(row(model, "Column")))
    assert 0.985 < volume / (math.pi * 0.25**2 * 3) < 1.0


def test_a_solid_wound_inside_out_is_turned(tmp_path) -> None:
    house = House(furnished=False)
    file = house.file
    points = [(1000.0 * np.array(p)).tolist() for p in np.ndindex(2, 2, 2)]
    faces = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
    for name, turned in (("Outward", 0), ("Inward", 6), ("One face", 1)):
        indices = [face[::-1] if number < turned else face for number, face in enumerate(faces)]
        item = file.createIfcPolygonalFaceSet(
            file.createIfcCartesianPointList3D(points),
            True,
            [file.createIfcIndexedPolygonalFace(face) for face in indices],
        )
        house.shape(house.create("IfcBuildingElementProxy", name), item, "Tessellation")
    model = read_raw(house.write(tmp_path / "turned.ifc"))
    for name in ("Outward", "Inward", "One face"):
        vertices, triangles = model.geometry.mesh(row(model, name))
        assert signed_volume(vertices, triangles) == pytest.approx(1.0, rel=1e-6), name
        assert closure(vertices, triangles).turned_edges == 0


@pytest.mark.parametrize("value", [1e300, 1e12])
def test_a_placement_beyond_the_earth_costs_that_element_only(value: float, tmp_path) -> None:
    house = House()
    wall = house.element["East wall"]
    wall.ObjectPlacement.RelativePlacement.Location.Coordinates = (value, 0.0, 0.0)
    model = read_raw(house.write(tmp_path / "absurd.ifc"))
    assert not model.geometry.has(row(model, "East wall"))
    assert model.geometry.has(row(model, "West wall"))
    assert np.isfinite(model.geometry.transform).all()
    (found,) = model.diagnostics
    assert (found.code, found.count) == ("geometry-absurd", 1)
    assert found.global_id == wall.GlobalId
    assert "East wall" in found.message.en


def test_coordinates_that_are_not_numbers_cost_that_element_only(tmp_path) -> None:
    path = House().write(tmp_path / "nan.ifc")
    text = path.read_text().replace("IFCCARTESIANPOINT((7300.,200.,0.))", "IFCCARTESIANPOINT((NaN,200.,0.))")
    assert "NaN" in text
    path.write_text(text)
    model = read_raw(path)
    assert np.isfinite(model.geometry.transform).all()
    assert np.isfinite(model.geometry.vertices).all()
    assert model.geometry.has(row(model, "West wall"))
    assert model.diagnostics


def test_an_element_without_a_buildable_shape_is_named(tmp_path) -> None:
    house = House()
    wall = house.element["West wall"]
    wall.Representation.Representations[0].Items[0].Depth = 0.0
    model = read_raw(house.write(tmp_path / "flat.ifc"))
    assert not model.geometry.has(row(model, "West wall"))
    (found,) = model.diagnostics
    assert found.code == "geometry-not-built"
    assert "IfcWall" in found.message.en
    assert found.global_id == wall.GlobalId


def test_a_window_without_an_opening_has_a_row_without_host(tmp_path) -> None:
    house = House()
    house.box("IfcWindow", "Glass", (0, 5, 0), (1, 0.1, 1))
    model = read_raw(house.write(tmp_path / "glass.ifc"))
    openings = model.openings
    (loose,) = np.flatnonzero(openings.opening < 0)
    assert openings.filling[loose] == row(model, "Glass")
    assert openings.host[loose] == -1


def test_a_name_written_as_derived_does_not_drop_the_element(tmp_path) -> None:
    path = House().write(tmp_path / "renga.ifc")
    text = path.read_text().replace("'West wall'", "*")
    path.write_text(text)
    model = read_raw(path)
    walls = model.elements.rows_of_class("IfcWall")
    assert all(model.geometry.has(int(wall)) for wall in walls)


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


def test_the_height_of_a_room_that_is_no_prism_is_volume_by_area(tmp_path) -> None:
    house = House(furnished=False)
    file = house.file
    outline = [(0.0, 0.0), (4000.0, 0.0), (4000.0, 4000.0), (0.0, 2000.0), (0.0, 0.0)]  # a lean-to roof
    profile = file.createIfcArbitraryClosedProfileDef(
        "AREA", None, file.createIfcPolyline([file.createIfcCartesianPoint(point) for point in outline])
    )
    upright = file.createIfcAxis2Placement3D(
        file.createIfcCartesianPoint((0.0, 3000.0, 0.0)),
        file.createIfcDirection((0.0, -1.0, 0.0)),
        file.createIfcDirection((1.0, 0.0, 0.0)),
    )
    solid = file.createIfcExtrudedAreaSolid(
        profile, upright, file.createIfcDirection((0.0, 0.0, 1.0)), 3000.0
    )
    attic = house.create("IfcSpace", "Attic")
    ifcopenshell.api.aggregate.assign_object(file, products=[attic], relating_object=house.storey)
    house.shape(attic, solid)
    spaces = read_raw(house.write(tmp_path / "attic.ifc")).spaces
    assert spaces.area_m2[0] == pytest.approx(12.0, rel=1e-5)
    assert spaces.volume_m3[0] == pytest.approx(36.0, rel=1e-5)
    assert spaces.height_m[0] == pytest.approx(3.0, rel=1e-5)
    assert spaces.floor_z_m[0] == pytest.approx(0.0, abs=1e-6)


def test_external_spaces_are_told_from_rooms(tmp_path) -> None:
    house = House(furnished=False)
    size = (2.0, 2.0, HEIGHT)
    house.space("Room", "", (0, 0, 0), size)
    house.space("Terrace", "", (5, 0, 0), size).PredefinedType = "EXTERNAL"
    house.space("Floor area", "", (10, 0, 0), size).PredefinedType = "GFA"
    house.pset(house.space("Balcony", "", (15, 0, 0), size), "Pset_SpaceCommon", {"IsExternal": True})
    spaces = read_raw(house.write(tmp_path / "spaces.ifc")).spaces
    assert dict(zip(spaces.name, spaces.internal.tolist(), strict=True)) == {
        "Room": True, "Terrace": False, "Floor area": False, "Balcony": False,
    }  # fmt: skip


def test_a_space_drawn_twice_is_named(tmp_path) -> None:
    house = House(furnished=False)
    house.space("One", "", (0, 0, 0), (2, 2, HEIGHT))
    house.space("Other", "", (0, 0, 0), (2, 2, HEIGHT))
    model = read_raw(house.write(tmp_path / "spaces.ifc"))
    assert codes(model) == ["duplicate-space"]
    assert "One" in model.diagnostics[0].message.en


def test_the_same_file_gives_the_same_model_bit_for_bit(tmp_path) -> None:
    path = House().write(tmp_path / "house.ifc")
    one, two = read_raw(path), read_raw(path)
    for name in ("vertices", "triangles", "transform", "instance_element", "instance_shape", "style_rgba"):
        first, second = getattr(one.geometry, name), getattr(two.geometry, name)
        assert first.dtype == second.dtype
        assert first.tobytes() == second.tobytes()
    assert one.properties.value.tolist() == two.properties.value.tolist()
    assert one.spaces.volume_m3.tobytes() == two.spaces.volume_m3.tobytes()
