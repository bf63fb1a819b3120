from dataclasses import replace

import numpy as np
import pytest

from ifc.cutting import cut_hosts, cut_openings
from ifc.model import GeometryTable
from tests.building_blocks import Blocks, box_mesh, prism_mesh


def volume(mesh):
    vertices, triangles = mesh
    corners = (vertices - vertices.mean(axis=0))[triangles]
    return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6)


def is_closed(mesh):
    """Every edge is used once in each direction."""
    vertices, triangles = mesh
    _, name = np.unique(np.round(vertices, 5), axis=0, return_inverse=True)
    named = name.reshape(-1)[triangles]
    edges = np.concatenate([named[:, [0, 1]], named[:, [1, 2]], named[:, [2, 0]]])
    forward = {tuple(edge) for edge in edges.tolist()}
    return len(forward) == len(edges) and all((b, a) in forward for a, b in forward)


def wall_with(*openings, filling="IfcWindow"):
    blocks = Blocks()
    wall = blocks.box("IfcWall", (0, 0, 0), (5, 0.3, 3))
    for low, high in openings:
        blocks.opening(wall, low, high, filling=filling)
    return blocks.model(), wall


def test_a_window_opening_leaves_a_hole():
    model, wall = wall_with(((1, 0, 1), (2, 0.3, 2)))
    cut = cut_openings(model)
    assert cut.openings_subtracted
    assert volume(cut.mesh(wall)) == pytest.approx(5 * 0.3 * 3 - 0.3, rel=1e-6)
    assert is_closed(cut.mesh(wall))


@pytest.mark.parametrize("beyond", [-1e-7, 0.0, 1e-7, 5e-5, 0.2])
def test_no_skin_is_left_at_flush_faces(beyond):
    model, wall = wall_with(((1, -beyond, 1), (2, 0.3 + beyond, 2)))
    vertices, triangles = cut_openings(model).mesh(wall)
    corners = vertices[triangles]
    middle = corners.mean(axis=1)
    in_opening = (middle[:, 0] > 1.1) & (middle[:, 0] < 1.9) & (middle[:, 2] > 1.1) & (middle[:, 2] < 1.9)
    facing = np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 1]) > 1e-9
    assert not (in_opening & facing).any()


def test_an_opening_of_two_bodies_that_touch_leaves_no_skin_between_them():
    blocks = Blocks()
    wall = blocks.box("IfcWall", (0, 0, 0), (5, 0.3, 3))
    outer, inner = box_mesh((1, 0, 1), (2, 0.1, 2)), box_mesh((1, 0.1, 1), (2, 0.3, 2))
    both = np.concatenate([outer[0], inner[0]]), np.concatenate([outer[1], inner[1] + len(outer[0])])
    blocks.opening_mesh(wall, both, filling="IfcWindow")
    cut = cut_openings(blocks.model())
    assert volume(cut.mesh(wall)) == pytest.approx(5 * 0.3 * 3 - 0.3, rel=1e-6)
    vertices, triangles = cut.mesh(wall)
    centres = vertices[triangles].mean(axis=1)
    in_the_hole = ((centres > (1.01, 0.01, 1.01)) & (centres < (1.99, 0.29, 1.99))).all(axis=1)
    assert not in_the_hole.any()


def test_a_niche_does_not_go_through():
    model, wall = wall_with(((1, 0, 1), (2, 0.1, 2)))
    assert volume(cut_openings(model).mesh(wall)) == pytest.approx(4.5 - 0.1, abs=1.1e-3)


def test_openings_that_overlap_are_taken_once():
    model, wall = wall_with(((1, 0, 1), (2, 0.3, 2)), ((1.5, 0, 1), (3, 0.3, 2)))
    assert volume(cut_openings(model).mesh(wall)) == pytest.approx(4.5 - 2 * 0.3, rel=1e-6)


def test_windows_and_openings_stay_in_the_table():
    model, _ = wall_with(((1, 0, 1), (2, 0.3, 2)))
    cut = cut_openings(model)
    assert cut.instance_element.tolist() == model.geometry.instance_element.tolist()
    for row in range(1, len(model.elements)):
        assert np.array_equal(cut.mesh(row)[0], model.geometry.mesh(row)[0])


def test_an_opening_that_misses_its_host_changes_nothing():
    model, wall = wall_with(((1, 5, 1), (2, 5.3, 2)))
    found = cut_hosts(model)
    assert np.array_equal(found.geometry.mesh(wall)[0], model.geometry.mesh(wall)[0])
    assert found.diagnostics == ()


def test_a_slanted_wall_far_from_the_origin():
    angle = np.radians(17)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])

    def moved(mesh):
        return mesh[0] @ turn.T + np.array([900.0, -700.0, 30.0]), mesh[1]

    blocks = Blocks()
    wall = blocks.add("IfcWall", moved(box_mesh((0, 0, 0), (5, 0.3, 3))))
    blocks.opening_mesh(wall, moved(box_mesh((1, 0, 1), (2, 0.3, 2))), filling="IfcWindow")
    cut = cut_openings(blocks.model())
    assert volume(cut.mesh(wall)) == pytest.approx(4.2, rel=1e-5)


def test_a_roof_of_slabs_hands_its_openings_down():
    blocks = Blocks()
    roof = blocks.add("IfcRoof", None)
    slab = blocks.box("IfcSlab", (0, 0, 3), (5, 5, 3.2), parent=roof)
    blocks.opening(roof, (1, 1, 3), (2, 2, 3.2), filling="IfcWindow")
    assert volume(cut_openings(blocks.model()).mesh(slab)) == pytest.approx(5.0 - 0.2, rel=1e-6)


def test_a_wall_turned_inside_out_is_cut_too():
    blocks = Blocks()
    vertices, triangles = box_mesh((0, 0, 0), (5, 0.3, 3))
    wall = blocks.add("IfcWall", (vertices, triangles[:, ::-1].copy()))
    blocks.opening(wall, (1, 0, 1), (2, 0.3, 2), filling="IfcWindow")
    found = cut_hosts(blocks.model())
    assert volume(found.geometry.mesh(wall)) == pytest.approx(4.2, rel=1e-6)
    assert found.diagnostics == ()


def test_a_host_that_is_not_closed_is_clipped():
    blocks = Blocks()
    vertices, triangles = box_mesh((0, 0, 0), (5, 0.3, 3))
    normals = np.cross(
        vertices[triangles[:, 1]] - vertices[triangles[:, 0]],
        vertices[triangles[:, 2]] - vertices[triangles[:, 0]],
    )
    open_box = triangles[normals[:, 2] <= 0]  # without its top
    wall = blocks.add("IfcWall", (vertices, open_box))
    blocks.opening(wall, (1, 0, 1), (2, 0.3, 2), filling="IfcWindow")
    found = cut_hosts(blocks.model())
    assert [one.code for one in found.diagnostics] == ["host-clipped"]
    mesh_vertices, mesh_triangles = found.geometry.mesh(wall)
    corners = mesh_vertices[mesh_triangles]
    crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(crossed, axis=1).sum() / 2
    # two faces of 15 m², ends, bottom, less the hole twice, plus four reveals of 0.3 m²
    assert area == pytest.approx(2 * 15 + 2 * 0.9 + 1.5 - 2 * 1.0 + 4 * 0.3, rel=1e-4)


def test_a_host_that_cannot_be_cut_is_told():
    blocks = Blocks()
    vertices, triangles = box_mesh((0, 0, 0), (5, 0.3, 3))
    wall = blocks.add("IfcWall", (vertices, triangles[1:]))
    star = [(1, 0), (2, 0), (2, 0.3), (1.5, 0.1), (1, 0.3)]  # not convex
    blocks.opening_mesh(wall, prism_mesh(star, 1, 2), filling="IfcWindow")
    found = cut_hosts(blocks.model())
    assert [one.code for one in found.diagnostics] == ["host-not-cut"]
    assert found.diagnostics[0].global_id == "element000000"
    assert np.array_equal(found.geometry.mesh(wall)[1], triangles[1:])


def test_styles_stay_with_their_faces():
    model, wall = wall_with(((1, 0, 1), (2, 0.3, 2)))
    geometry = model.geometry
    styles = geometry.triangle_style.copy()
    corners = geometry.vertices[geometry.triangles[:12]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    styles[:12] = np.where(normals[:, 1] < -1e-6, 0, 1)  # the front is plaster, the rest brick
    model = replace(
        model,
        geometry=replace(
            geometry,
            triangle_style=styles,
            style_rgba=np.ones((2, 4), np.float32),
            style_name=np.array(["plaster", "brick"], object),
        ),
    )
    cut = cut_openings(model)
    vertices, triangles = cut.mesh(wall)
    corners = vertices[triangles]
    crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    plaster = cut.triangle_styles(wall) == 0
    assert np.linalg.norm(crossed[plaster], axis=1).sum() / 2 == pytest.approx(14.0, rel=1e-5)
    assert (crossed[plaster][:, 1] < 0).all()


def two_alike():
    """Two instances of one wall shape with alike openings."""
    model, _ = wall_with(((1, 0, 1), (2, 0.3, 2)))
    geometry = model.geometry
    count = len(model.elements)
    shifted = geometry.transform.copy()
    shifted[:, 1, 3] += 10.0

    def twice(column):
        return np.concatenate([column, column])

    elements = replace(
        model.elements,
        **{name: twice(getattr(model.elements, name)) for name in model.elements.__dataclass_fields__},
    )
    return replace(
        model,
        elements=elements,
        openings=replace(
            model.openings,
            opening=np.r_[model.openings.opening, model.openings.opening + count],
            host=np.r_[model.openings.host, model.openings.host + count],
            filling=np.r_[model.openings.filling, model.openings.filling + count],
        ),
        geometry=replace(
            geometry,
            instance_element=np.r_[geometry.instance_element, geometry.instance_element + count],
            instance_shape=twice(geometry.instance_shape),
            transform=np.concatenate([geometry.transform, shifted]),
        ),
    ), count


def test_alike_hosts_share_their_cut_shape():
    model, count = two_alike()
    cut = cut_openings(model)
    assert cut.shape_count == model.geometry.shape_count
    assert cut.instance_shape[0] == cut.instance_shape[count]
    assert volume(cut.mesh(count)) == pytest.approx(4.2, rel=1e-6)
    assert cut.mesh(count)[0][:, 1].min() == pytest.approx(10.0)


def test_cutting_is_deterministic():
    model, _ = wall_with(((1, 0, 1), (2, 0.3, 2)), ((3, 0, 0), (4, 0.3, 2.1)))
    first, second = cut_openings(model), cut_openings(model)
    for name in GeometryTable.__dataclass_fields__:
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_a_model_without_openings_keeps_its_geometry():
    blocks = Blocks()
    blocks.box("IfcWall", (0, 0, 0), (5, 0.3, 3))
    model = blocks.model()
    cut = cut_openings(model)
    assert cut.openings_subtracted
    assert np.array_equal(cut.vertices, model.geometry.vertices)
    assert np.array_equal(cut.triangles, model.geometry.triangles)
