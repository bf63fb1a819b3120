"""The levels of a room's floor, and what lies within it."""

from __future__ import annotations

import numpy as np
import pytest

from ifc.model import BuildingModel
from tests.building_blocks import Blocks, Mesh, extruded_profile
from tests.ifc.surfaces.surface_facts import derived
from twin.metrics.daylight.floors import floor_levels, within_room

DEPTH_M = 4.0


def room_of(mesh: Mesh) -> BuildingModel:
    blocks = Blocks()
    blocks.space_mesh(mesh)
    return derived(blocks)


def section(*corners: tuple[float, float]) -> BuildingModel:
    """A room with a section in the x-z plane, 4 m deep."""
    return room_of(extruded_profile(corners, 0.0, DEPTH_M))


def box() -> BuildingModel:
    return section((0, 0), (6, 0), (6, 3), (0, 3))


def gallery() -> BuildingModel:
    """A hall 6 m high beside a gallery whose floor lies at 3 m."""
    return section((0, 0), (6, 0), (6, 3), (10, 3), (10, 6), (0, 6))


def test_a_plain_room_has_one_level() -> None:
    (level,) = floor_levels(box(), 0)
    assert np.ptp(level.rings[0], axis=0) == pytest.approx([6, DEPTH_M])
    assert level.height(np.array([[1.0, 1.0], [5.0, 3.0]])) == pytest.approx([0, 0])


def test_a_gallery_is_a_level_of_its_own() -> None:
    hall, upper = floor_levels(gallery(), 0)
    assert hall.rings[0].min(axis=0) == pytest.approx([0, 0])
    assert hall.rings[0].max(axis=0) == pytest.approx([6, DEPTH_M])
    assert upper.rings[0].min(axis=0) == pytest.approx([6, 0])
    assert upper.rings[0].max(axis=0) == pytest.approx([10, DEPTH_M])
    assert upper.height(np.array([[8.0, 2.0]])) == pytest.approx([3])


def test_steps_belong_to_one_level_and_keep_their_height() -> None:
    stepped = section((0, 0), (3, 0), (3, 0.3), (6, 0.3), (6, 0.6), (9, 0.6), (9, 4), (0, 4))
    (level,) = floor_levels(stepped, 0)
    assert level.height(np.array([[1.0, 1.0], [4.0, 1.0], [8.0, 3.0]])) == pytest.approx([0, 0.3, 0.6])


def test_a_ramp_is_followed() -> None:
    (level,) = floor_levels(section((0, 0), (10, 2), (10, 5), (0, 3)), 0)
    assert level.height(np.array([[0.0, 1.0], [5.0, 1.0], [10.0, 3.0]])) == pytest.approx([0, 1, 2], abs=1e-6)


def test_a_window_ledge_is_no_floor() -> None:
    (level,) = floor_levels(section((0, 0), (6, 0), (6, 0.9), (6.4, 0.9), (6.4, 3), (0, 3)), 0)
    assert level.rings[0].max(axis=0) == pytest.approx([6, DEPTH_M])


def test_points_under_the_gallery_and_above_the_roof_are_not_within_the_room() -> None:
    model = gallery()
    inside = within_room(model, 0, np.array([[3.0, 2, 0.75], [8.0, 2, 0.75], [8.0, 2, 3.75], [3.0, 2, 6.5]]))
    assert inside.tolist() == [True, False, True, False]


def test_points_under_a_sloped_ceiling_are_within_the_room_where_it_is_high_enough() -> None:
    attic = section((0, 0), (6, 0), (6, 0.5), (3, 3), (0, 0.5))
    places = np.array([[x, 2.0, 0.75] for x in (0.2, 1.0, 3.0, 5.9)])
    assert within_room(attic, 0, places).tolist() == [False, True, True, False]
