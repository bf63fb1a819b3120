"""Volume, closure and winding, on solids counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ifc.meshes import closure, signed_volume, sound_shapes, surface_area, wound_outward

BOX = np.array([(x, y, z) for x in (0.0, 2.0) for y in (0.0, 3.0) for z in (0.0, 4.0)])
FACES = np.array(
    [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6), (0, 2, 6),
     (0, 6, 4), (1, 5, 7), (1, 7, 3)], np.int32
)  # fmt: skip


def exploded(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Every triangle with vertices of its own."""
    return vertices[triangles].reshape(-1, 3), np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3)


def test_a_box_has_volume_area_and_no_open_edge() -> None:
    assert signed_volume(BOX, FACES) == pytest.approx(24.0)
    assert surface_area(BOX, FACES) == pytest.approx(2 * (6 + 8 + 12))
    assert closure(BOX, FACES) == closure(*exploded(BOX, FACES))
    assert closure(BOX, FACES).closed


def test_the_volume_far_from_the_origin_loses_no_digits() -> None:
    assert signed_volume(BOX + 5.4e6, FACES) == pytest.approx(24.0, rel=1e-12)


def test_a_missing_triangle_opens_three_edges() -> None:
    assert closure(BOX, FACES[1:]).open_edges == 3


def test_a_turned_triangle_disagrees_with_three_neighbours_and_is_turned_back() -> None:
    turned = FACES.copy()
    turned[4] = turned[4][::-1]
    assert closure(BOX, turned).turned_edges == 3
    mended = wound_outward(*exploded(BOX, turned))
    assert signed_volume(exploded(BOX, turned)[0], mended) == pytest.approx(24.0)


def test_a_box_inside_out_is_turned_as_a_whole() -> None:
    assert signed_volume(BOX, wound_outward(BOX, FACES[:, ::-1].copy())) == pytest.approx(24.0)


def test_a_hollow_box_keeps_its_hole() -> None:
    inner = BOX * 0.5 + 0.5
    vertices = np.concatenate([BOX, inner])
    triangles = np.concatenate([FACES, FACES[:, ::-1] + np.int32(8)])
    assert signed_volume(vertices, wound_outward(vertices, triangles)) == pytest.approx(24.0 - 3.0)
    inside_out = np.ascontiguousarray(triangles[:, ::-1])
    assert signed_volume(vertices, wound_outward(vertices, inside_out)) == pytest.approx(24.0 - 3.0)


def test_an_open_mesh_is_left_as_it_is() -> None:
    np.testing.assert_array_equal(wound_outward(BOX, FACES[1:]), FACES[1:])


def test_nothing_has_no_volume() -> None:
    nothing = np.zeros((0, 3), np.int32)
    assert signed_volume(BOX, nothing) == 0.0
    assert closure(BOX, nothing).closed
    assert len(wound_outward(BOX, nothing)) == 0


def test_sound_shapes_are_closed_wound_outward_and_not_flat() -> None:
    flat = BOX * (1.0, 1.0, 0.0)
    shapes = [(BOX, FACES), (BOX, FACES[1:]), (BOX, FACES[:, ::-1]), (flat, FACES), exploded(BOX, FACES)]
    centred = [(vertices - vertices.mean(axis=0), triangles) for vertices, triangles in shapes]
    sound = sound_shapes(
        np.concatenate([vertices for vertices, _ in centred]).astype(np.float32),
        np.concatenate([triangles for _, triangles in centred]),
        np.cumsum([0, *(len(vertices) for vertices, _ in centred)]),
        np.cumsum([0, *(len(triangles) for _, triangles in centred)]),
    )
    assert sound.tolist() == [True, False, False, False, False]  # the last closes only after welding
    assert (
        sound_shapes(
            np.zeros((0, 3), np.float32), FACES[:0], np.zeros(1, np.int64), np.zeros(1, np.int64)
        ).tolist()
        == []
    )
