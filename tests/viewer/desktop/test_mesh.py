"""What is drawn with PyVista is what the page's storeys hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.building_blocks import Blocks
from viewer.desktop.mesh import cell_corners, scene_mesh, sharp_edges
from viewer.layers import Cells
from viewer.storey_glb import storey_glbs


def test_the_window_and_the_page_draw_the_same_triangles(scene) -> None:
    page = {one.storey: one.triangles for one in storey_glbs(scene.model, scene.geometry)}
    own = {storey: int((scene.mesh.storey == storey).sum()) for storey in page}
    assert own == page
    assert len(scene.mesh.row) == sum(page.values())


def test_a_row_has_the_corners_of_its_element(scene) -> None:
    wall = int(scene.model.elements.rows_of_class("IfcWall")[0])
    low, high = scene.mesh.box_of(scene.mesh.row == wall)
    assert low == pytest.approx((0, -0.2, 0), abs=1e-5)
    assert high == pytest.approx((6, 0, 3), abs=1e-5)


def test_a_mirrored_shape_still_shows_its_outside() -> None:
    blocks = Blocks()
    blocks.box("IfcColumn", (0, 0, 0), (1, 1, 3))
    model = blocks.model()
    mirrored = model.geometry.transform.copy()
    mirrored[:, :, 0] *= -1
    meshes = [
        scene_mesh(model, replace(model.geometry, transform=one))
        for one in (model.geometry.transform, mirrored)
    ]
    volumes = []
    for mesh in meshes:
        a, b, c = (mesh.points[mesh.triangles[:, k]].astype(float) for k in range(3))
        volumes.append(float((a * np.cross(b, c)).sum() / 6))
    assert volumes == pytest.approx([3.0, 3.0], rel=1e-5)


def test_a_box_has_twelve_edges_and_its_faces_have_none() -> None:
    blocks = Blocks()
    blocks.box("IfcColumn", (0, 0, 0), (1, 2, 3))
    model = blocks.model()
    mesh = scene_mesh(model, model.geometry)
    ends = sharp_edges(mesh, np.ones(len(mesh.row), bool), 25.0).reshape(-1, 2, 3)
    lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    assert sorted(lengths.tolist()) == pytest.approx([1.0] * 4 + [2.0] * 4 + [3.0] * 4)


def test_squares_without_a_value_or_a_room_are_not_drawn() -> None:
    centre = np.zeros((3, 3))
    cells = Cells(
        centre, np.tile([0.5, 0, 0], (3, 1)), np.tile([0, 0.5, 0], (3, 1)),
        np.array([4, 4, -1], np.int32), np.array([1.0, np.nan, 2.0]),
    )  # fmt: skip
    corners, known = cell_corners(cells)
    assert known.tolist() == [0]
    assert corners[:, :2].tolist() == [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]


def test_a_model_without_geometry_is_an_empty_mesh() -> None:
    model = Blocks().model()
    mesh = scene_mesh(model, model.geometry)
    assert (len(mesh.points), len(mesh.triangles), len(mesh.row)) == (0, 0, 0)
