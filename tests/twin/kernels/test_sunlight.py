"""The sun through windows: geometry that can be drawn on paper."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kernels.light_scenes import SceneParts, box, rectangle, wall_with_hole
from twin.kernels.glazing import transmissivity_of, transmit_reflect
from twin.kernels.sunlight import sun_transmission


def room(transmittance: float = np.nan) -> SceneParts:
    """A room of 4 x 4 x 3 m with a window from 1 to 2 m above the floor in the wall y = 0."""
    parts = SceneParts()
    parts.shell(box((-2, 0, 0), (2, 4, 3), skip="y"))
    parts.shell(wall_with_hole((-2, 0, 0), (4, 0, 0), (0, 0, 3), (0.25, 0.75, 1 / 3, 2 / 3)))
    parts.portal(rectangle((-1, 0, 1), (2, 0, 0), (0, 0, 1)), transmittance=transmittance)
    return parts


def sun_at(altitude_deg: float, azimuth_deg: float = 180.0) -> np.ndarray:
    altitude, azimuth = np.radians(altitude_deg), np.radians(azimuth_deg)
    flat = np.cos(altitude)
    return np.array([[flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(altitude)]])


def shares(parts: SceneParts, y: list[float], sun: np.ndarray) -> list[float]:
    position = np.array([(0.0, value, 0.0) for value in y])
    return sun_transmission(parts.scene(), position, np.zeros(len(y), np.int32), sun)[:, 0].tolist()


def test_the_sun_patch_lies_where_it_is_drawn() -> None:
    """At 45° the window from 1 to 2 m lights the floor from 1 to 2 m."""
    assert shares(room(), [0.9, 1.1, 1.9, 2.1], sun_at(45)) == [0.0, 1.0, 1.0, 0.0]


def test_a_sun_behind_the_house_does_not_shine_in() -> None:
    assert shares(room(), [1.1, 1.9], sun_at(45, azimuth_deg=0.0)) == [0.0, 0.0]


def test_an_overhang_shades_and_a_tree_lets_its_share_through() -> None:
    shaded = room()
    shaded.solid(rectangle((-3, -2, 3), (6, 0, 0), (0, 2, 0)))
    assert shares(shaded, [0.5], sun_at(70)) == [0.0]
    tree = room()
    tree.solid(rectangle((-3, -3, 0), (6, 0, 0), (0, 0, 9)), passing=0.4)
    assert shares(tree, [1.5], sun_at(45)) == pytest.approx([0.4])


def test_the_pane_takes_its_share_by_the_angle_of_incidence() -> None:
    glass = float(transmissivity_of(np.array([0.7]))[0])
    expected = transmit_reflect(np.cos(np.radians(45)), glass)[0]
    assert shares(room(0.7), [1.5], sun_at(45)) == pytest.approx([expected], rel=1e-5)


def test_outdoors_only_what_stands_in_the_way_counts() -> None:
    parts = SceneParts()
    parts.solid(rectangle((-9, -1, 0), (18, 0, 0), (0, 0, 2)))
    position = np.array([(0.0, 0.5, 0.0), (0.0, 2.5, 0.0)])
    found = sun_transmission(parts.scene(), position, np.full(2, -1, np.int32), sun_at(45))
    assert found[:, 0].tolist() == [0.0, 1.0]


def test_no_sun_that_shines_in_is_left_out() -> None:
    """Suns that no portal or not the face of a point can see are not traced: against where each ray goes out.

    Points everywhere in the room, a hair from its faces, in the plane of the window and right behind it.
    """
    rng = np.random.default_rng(5)
    position = rng.uniform((-2, 0, 0), (2, 4, 3), (300, 3))
    normal = np.zeros((300, 3))
    side, axis = rng.integers(0, 2, 200), rng.integers(0, 3, 200)
    rows = np.arange(200)
    position[rows, axis] = np.array([(-2, 0, 0), (2, 4, 3)])[side, axis] + (1 - 2 * side) * 1e-3
    position[150:200] = rng.uniform((-1, 1e-3, 1), (1, 1e-2, 2), (50, 3))
    axis[150:], side[150:] = 1, rng.integers(0, 2, 50)
    normal[rows, axis] = 1 - 2 * side
    normal[200:] = rng.normal(size=(100, 3))
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    sun = rng.normal(size=(500, 3)) * (1.0, 1.0, 0.6)
    sun[:, 2] = np.abs(sun[:, 2])
    sun /= np.linalg.norm(sun, axis=1)[:, None]

    with np.errstate(divide="ignore", invalid="ignore"):
        way = -position[:, 1, None] / sun[:, 1]
        out = position[:, None] + way[..., None] * sun
    aside = np.maximum(np.abs(out[..., 0]) - 1.0, np.abs(out[..., 2] - 1.5) - 0.5)
    expected = (way > 0.0) & (aside < 0.0)
    certain = np.abs(aside) > 1e-3
    inside = np.zeros(300, np.int32)
    scene = room().scene()
    found = sun_transmission(scene, position, inside, sun)
    assert expected.sum() > 5000
    assert np.array_equal(found[certain], expected[certain])
    on_faces = sun_transmission(scene, position, inside, sun, facing=normal)
    assert np.array_equal(on_faces, np.where(normal @ sun.T > 0.0, found, 0.0))
