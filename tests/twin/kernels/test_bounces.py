"""Places that light comes by: one reflection on, in scenes where its sum is known; and fewer of them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kernels.light_scenes import SceneParts, sphere
from twin.kernels.bounces import Places, one_bounce_on, thinned


def places_at(position: np.ndarray, normal: np.ndarray, room: int) -> Places:
    """Places of one weight in all, 1."""
    count = len(position)
    return Places(position, normal, np.full(count, room, np.int32), np.full(count, 1.0 / count))


def test_one_bounce_on_in_a_sphere_weighs_as_much_as_the_sphere_reflects() -> None:
    """Every place sees all of a sphere alike: the share f of its hole is lost, the rest reflects."""
    body, cap = sphere()
    areas = [
        np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum() for t in (cap, body)
    ]
    f, reflectance = areas[0] / sum(areas), 0.9
    parts = SceneParts()
    parts.shell(body, reflectance)
    parts.portal(cap)
    middle = body[::7].mean(axis=1)
    inward = -middle / np.linalg.norm(middle, axis=1)[:, None]
    start = places_at(middle + inward * 1e-3, inward, 0)
    found = one_bounce_on(parts.scene(), start, stream=3, depth=0)
    assert found.weight.sum() == pytest.approx(reflectance * (1 - f), rel=0.02)
    assert (found.room == 0).all()
    assert (np.einsum("ij,ij->i", found.normal, found.position) < 0.0).all(), "the normals face inward"
    again = one_bounce_on(parts.scene(), start, stream=3, depth=0)
    np.testing.assert_array_equal(again.weight, found.weight)
    assert not np.array_equal(one_bounce_on(parts.scene(), start, stream=3, depth=1).position, found.position)


def test_an_upright_face_outdoors_gets_half_of_what_the_ground_reflects() -> None:
    scene = SceneParts(ground_z=0.0, ground_reflectance=0.4).scene()
    start = places_at(np.tile([0.0, 0.0, 2.0], (500, 1)), np.tile([0.0, 1.0, 0.0], (500, 1)), -1)
    found = one_bounce_on(scene, start, stream=1, depth=0)
    assert found.weight.sum() == pytest.approx(0.2, rel=0.05)
    np.testing.assert_allclose(found.position[:, 2], 0.0, atol=1e-2)
    np.testing.assert_array_equal(found.normal, np.tile([0.0, 0.0, 1.0], (len(found), 1)))
    assert (found.room == -1).all()


@pytest.mark.parametrize("number", [0.3, 1.0, 6.5, 40.0])
def test_fewer_places_carry_the_same_light_in_the_mean(number: float) -> None:
    random = np.random.default_rng(4)
    count = 60
    each = Places(
        random.normal(size=(count, 3)), random.normal(size=(count, 3)),
        random.integers(-1, 2, count).astype(np.int32), random.random(count),
    )  # fmt: skip
    light = random.random(count)
    of = {tuple(place): value for place, value in zip(each.position.tolist(), light.tolist(), strict=True)}
    chances = (np.arange(4000) + 0.5) / 4000
    sums, sizes = [], []
    for chance in chances.tolist():
        kept = thinned(each, number, chance)
        sums.append(sum(w * of[tuple(p)] for w, p in zip(kept.weight, kept.position.tolist(), strict=True)))
        sizes.append(len(kept))
    assert np.mean(sums) == pytest.approx(each.weight @ light, rel=0.01)
    assert max(sizes) == max(int(number), 1)
    assert np.mean(sizes) == pytest.approx(min(number, max(sizes)), rel=0.01)


def test_places_that_are_few_enough_stay_as_they_are() -> None:
    few = places_at(np.zeros((3, 3)), np.tile([0.0, 0.0, 1.0], (3, 1)), 0)
    assert thinned(few, 3.0, 0.5) is few
