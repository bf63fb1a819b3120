"""What is seen through a window, against plain geometry."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kernels.light_scenes import SceneParts, box, rectangle
from twin.kernels.light_scene import Scene
from twin.kernels.sight import FARTHEST_M, GROUND, INDOORS, SKY, Strips, look, window_sight

ROOM = np.zeros(1, np.int32)
STRIPS = Strips(
    start=np.array([0, 1]), portal=np.array([0]), left=np.array([[1.0, 0.0]]), right=np.array([[3.0, 0.0]]),
    bottom=np.array([1.0]), top=np.array([2.0]),
)  # fmt: skip


def house(obstacle_m: float | None = None) -> Scene:
    """A room of 4 x 4 x 3 m with a window of 2 x 1 m, perhaps with a wall before it."""
    parts = SceneParts(ground_z=0.0, ground_reflectance=0.2)
    parts.shell(box((0, 0, 0), (4, 4, 3)), 0.5)
    parts.portal(rectangle((1, 0.001, 1), (2, 0, 0), (0, 0, 1)), transmittance=0.7, frame=0.2, dirt=0.9)
    if obstacle_m is not None:
        parts.solid(rectangle((-50, -obstacle_m, 0), (100, 0, 0), (0, 0, 30)), 0.3)
    return parts.scene()


def strips(scene: Scene) -> Strips:
    o = scene.origin_m
    return Strips(
        STRIPS.start, STRIPS.portal, STRIPS.left - o[:2], STRIPS.right - o[:2], STRIPS.bottom - o[2],
        STRIPS.top - o[2],
    )  # fmt: skip


def test_a_ray_meets_sky_ground_or_the_room() -> None:
    eye = np.array([[2.0, 1.0, 1.5]])
    ways = np.array([[(0.0, -1.0, 0.2), (0.0, -1.0, -0.2), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]])
    seen = look(house(), eye, ROOM, ways / np.linalg.norm(ways, axis=2, keepdims=True))
    assert seen.met[0].tolist() == [SKY, GROUND, INDOORS, INDOORS]
    assert seen.portal[0].tolist() == [0, 0, -1, -1]
    assert seen.face[0, :2].tolist() == [-1, -1]
    assert (seen.face[0, 2:] >= 0).all()
    assert seen.room[0].tolist() == [-1, -1, 0, 0]
    assert not seen.leafy.any()
    assert seen.of_eye(0).met.tolist() == seen.met[0].tolist()
    assert seen.glazed[0, 0] == pytest.approx(0.8)
    assert seen.pane[0, 0] == pytest.approx(0.7 * 0.9, rel=0.01)


def test_a_ray_through_leaves_to_a_wall_tells_both() -> None:
    parts = SceneParts(ground_z=0.0)
    parts.solid(rectangle((-50, -2, -1), (100, 0, 0), (0, 0, 90)), passing=0.25, leafy=True)
    parts.solid(rectangle((-50, -9, -1), (100, 0, 0), (0, 0, 4)), 0.3)
    ways = np.array([[(0.0, -1.0, 0.0), (0.0, -1.0, 1.0), (0.0, 1.0, 1.0)]])
    ways /= np.linalg.norm(ways, axis=2, keepdims=True)
    seen = look(parts.scene(), np.array([[2.0, 1.0, 1.5]]), -np.ones(1, np.int32), ways)
    assert seen.leafy[0].tolist() == [True, True, False]
    assert seen.pane[0].tolist() == [0.25, 0.25, 1.0]
    assert seen.met[0, 0] == seen.face[0, 0] >= 0
    assert seen.met[0, 1:].tolist() == [SKY, SKY]


def test_the_angle_of_the_view_is_that_of_the_window() -> None:
    scene = house()
    angle, beyond = window_sight(scene, np.array([[2.0, 1.0, 1.5]]), ROOM, strips(scene))
    assert angle[0] == pytest.approx(90.0, abs=0.2)
    assert beyond[0] == pytest.approx(FARTHEST_M)


def test_a_wall_before_the_window_ends_the_view() -> None:
    scene = house(obstacle_m=12.0)
    angle, beyond = window_sight(scene, np.array([[2.0, 3.9, 1.5]]), ROOM, strips(scene))
    assert angle[0] > 20.0
    assert beyond[0] == pytest.approx(12.0, rel=0.05)
