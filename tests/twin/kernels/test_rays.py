"""The ray kernel against a plain loop over all triangles, on friendly and on hostile scenes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.kernels import bvh
from twin.kernels.ray_streams import any_hits, closest_hits
from twin.kernels.rays import surface_offset

Array = NDArray[np.float32]


def every_triangle(corners: Array, origins: Array, directions: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Distances (R, T) of all rays to all triangles in float32, and which of them are hits.

    The same arithmetic as the kernel, written down once more without any hierarchy.
    """
    one = np.float32(1)
    v0, e1, e2 = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]

    def cross(a: Array, b: Array) -> Array:
        return np.stack(
            [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((1, 2), (2, 0), (0, 1))], axis=-1
        )

    def dot(a: Array, b: Array) -> Array:
        return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]

    d, s = directions[:, None], origins[:, None] - v0[None]
    p, q = cross(d, e2[None]), cross(s, e1[None])
    with np.errstate(all="ignore"):
        inverse = one / dot(e1[None], p)
        u, v, t = dot(s, p) * inverse, dot(d, q) * inverse, dot(e2[None], q) * inverse
        tolerance = np.float32(1e-6)
        hit = (u >= -tolerance) & (v >= -tolerance) & (u + v <= np.float32(1.000001)) & (t > 0)
        a, b = e1.astype(float), e2.astype(float)
        longest = np.maximum((a * a).sum(axis=1), (b * b).sum(axis=1))
        hit &= np.linalg.norm(np.cross(a, b), axis=1) > 1e-6 * longest  # flatter ones are never hit
    return np.where(hit, t, np.float32(np.inf)), hit


def soup(rng: np.random.Generator) -> Array:
    return (rng.random((400, 1, 3)) + rng.normal(size=(400, 3, 3)) * 0.08).astype(np.float32)


def slivers(rng: np.random.Generator) -> Array:
    start = rng.random((300, 3))
    along = rng.normal(size=(300, 3))
    side = rng.normal(size=(300, 3)) * 1e-5
    return np.stack([start, start + along, start + along + side], axis=1).astype(np.float32)


def coplanar_duplicates(rng: np.random.Generator) -> Array:
    square = np.array([[[0, 0, 0.5], [1, 0, 0.5], [1, 1, 0.5]], [[0, 0, 0.5], [1, 1, 0.5], [0, 1, 0.5]]])
    return np.concatenate([square, square, square[:, ::-1]] * 10).astype(np.float32)


def degenerate(rng: np.random.Generator) -> Array:
    points = np.repeat(rng.random((200, 1, 3)), 3, axis=1)
    lines = points + np.array([0.0, 0.5, 1.0])[None, :, None] * rng.normal(size=(200, 1, 3))
    return np.concatenate([points, lines, soup(rng)[:50]]).astype(np.float32)


def one_spot(rng: np.random.Generator) -> Array:
    """All centroids equal: no plane splits them."""
    shape = rng.normal(size=(500, 3, 3))
    return (shape - shape.mean(axis=1, keepdims=True)).astype(np.float32)


def far_away(rng: np.random.Generator) -> Array:
    return (soup(rng) * 30 + np.array([1500.0, -900.0, 200.0])).astype(np.float32)


def mixed_sizes(rng: np.random.Generator) -> Array:
    scale = 10.0 ** rng.uniform(-4, 1, (500, 1, 1))
    return (rng.random((500, 1, 3)) + rng.normal(size=(500, 3, 3)) * scale).astype(np.float32)


SCENES = [soup, slivers, coplanar_duplicates, degenerate, one_spot, far_away, mixed_sizes]


@pytest.mark.parametrize("scene", SCENES)
def test_the_closest_hit_is_the_one_of_a_loop_over_all_triangles(
    scene: Callable[[np.random.Generator], Array],
) -> None:
    rng = np.random.default_rng(7)
    corners = scene(rng)
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    origins = (low + rng.random((1500, 3)) * (high - low)).astype(np.float32)
    towards = corners.mean(axis=1)[rng.integers(0, len(corners), 750)]
    directions = rng.normal(size=(1500, 3)).astype(np.float32)
    directions[:750] = towards - origins[:750]
    directions[750:1000] = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 250)] * rng.choice(
        [-1, 1], (250, 1)
    ).astype(np.float32)
    tree = bvh.build(corners)

    t, triangle = closest_hits(tree, origins, directions)
    expected, hits = every_triangle(corners, origins, directions)

    np.testing.assert_array_equal(t, expected.min(axis=1))
    struck = np.flatnonzero(triangle >= 0)
    np.testing.assert_array_equal(expected[struck, triangle[struck]], t[struck])  # a tie may go either way
    np.testing.assert_array_equal(any_hits(tree, origins, directions), hits.any(axis=1))


def test_any_hit_looks_no_further_than_it_is_told() -> None:
    wall = np.array([[[0, -9, -9], [0, 9, -9], [0, 0, 9]]])
    tree = bvh.build(wall)
    origins, directions = np.array([[-2.0, 0, 0]] * 2), np.array([[1.0, 0, 0]] * 2)
    assert any_hits(tree, origins, directions, np.array([1.9, 2.1])).tolist() == [False, True]


def test_no_ray_slips_between_the_triangles_of_a_closed_box() -> None:
    rng = np.random.default_rng(3)
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float) * [7.3, 5.1, 2.9]
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [corner[[quad[0], quad[i], quad[i + 1]]] for quad in quads for i in (1, 2)]
    tree = bvh.build(np.array(faces))
    # Half of the rays aim at the edges and diagonals exactly.
    origins = rng.uniform(0.2, 0.8, (20000, 3)) * corner[7]
    a, b = corner[rng.integers(0, 8, 20000)], corner[rng.integers(0, 8, 20000)]
    at = a + rng.random((20000, 1)) * (b - a)
    directions = np.where(np.arange(20000)[:, None] < 10000, at - origins, rng.normal(size=(20000, 3)))
    keep = np.linalg.norm(directions, axis=1) > 1e-3
    assert any_hits(tree, origins[keep], directions[keep]).all()


@pytest.mark.parametrize("size", [1.0, 50.0, 1500.0])
def test_a_ray_that_starts_just_off_a_surface_does_not_hit_it_again(size: float) -> None:
    rng = np.random.default_rng(11)
    normal = rng.normal(size=3)
    normal /= np.linalg.norm(normal)
    across = np.cross(normal, [0.3, 0.5, 0.9])
    other = np.cross(normal, across)
    middle = rng.uniform(-size, size, 3)
    corners = np.float32(middle + 40 * np.array([across, other, -across - other]))
    tree = bvh.build(corners[None])
    exact = np.cross(*(corners[1:].astype(float) - corners[0].astype(float)))
    exact /= np.linalg.norm(exact)
    share = rng.dirichlet([1, 1, 1], 5000)
    on = share @ corners.astype(float)
    start = on + exact * np.array([surface_offset(*point) for point in on])[:, None]
    directions = rng.normal(size=(5000, 3))
    directions *= np.sign(directions @ exact)[:, None]
    assert not any_hits(tree, start, directions).any()
    assert any_hits(tree, start, -exact + 0 * start).all()


def test_shells_and_portals_exist_only_for_the_rays_that_may_see_them() -> None:
    square = np.array([[[-1, 0, -1], [1, 0, -1], [0, 0, 1]]], float)  # its normal is -y
    origins = np.array([[0.0, 2, 0], [0, -2, 0]] * 3)
    directions = np.array([[0.0, -1, 0], [0, 1, 0]] * 3)
    rooms = np.array([4, 4, -1, -1, 3, 3], np.int32)

    def seen(owner: int) -> list[bool]:
        tree = bvh.build(square, np.array([owner], np.int32))
        t, _ = closest_hits(tree, origins, directions, rooms)
        np.testing.assert_array_equal(any_hits(tree, origins, directions, rooms=rooms), np.isfinite(t))
        return np.isfinite(t).tolist()

    assert seen(-1) == [True] * 6  # a solid
    assert seen(2 * 4) == [True, False, False, False, False, False]  # the shell of room 4, from within
    assert seen(2 * 4 + 1) == [True, False, False, True, False, False]  # a portal of room 4


def test_rays_sorted_into_many_streams_hit_what_each_hits_alone() -> None:
    rng = np.random.default_rng(3)
    tree = bvh.build(soup(rng))
    starts = rng.random((40_000, 3)).astype(np.float32)
    directions = rng.normal(size=(40_000, 3)).astype(np.float32)
    reach = rng.random(40_000).astype(np.float32)

    t, triangle = closest_hits(tree, starts, directions)
    near = any_hits(tree, starts, directions, reach)
    few = [closest_hits(tree, starts[i : i + 50], directions[i : i + 50]) for i in range(0, 40_000, 50)]

    np.testing.assert_array_equal(t, np.concatenate([part[0] for part in few]))
    np.testing.assert_array_equal(triangle >= 0, np.isfinite(t))
    np.testing.assert_array_equal(near, t < reach)
    assert 0.1 < near.mean() < 0.9


def test_rays_that_are_no_numbers_hit_nothing_and_disturb_no_other() -> None:
    rng = np.random.default_rng(4)
    tree = bvh.build(soup(rng))
    starts = rng.random((20_000, 3)).astype(np.float32)
    directions = rng.normal(size=(20_000, 3)).astype(np.float32)
    expected, _ = closest_hits(tree, starts, directions)
    broken = np.zeros(20_000, np.bool_)
    for first, (array, value) in enumerate(
        [(starts, np.nan), (starts, np.inf), (starts, -np.inf), (directions, np.nan), (directions, np.inf)]
    ):
        array[first::50, first % 3] = value
        broken[first::50] = True
    directions[5::50] = 0.0
    broken[5::50] = True

    t, triangle = closest_hits(tree, starts, directions)
    some = any_hits(tree, starts, directions)

    np.testing.assert_array_equal(t[~broken], expected[~broken])
    assert np.all(triangle[broken] == -1)
    np.testing.assert_array_equal(some, triangle >= 0)


def test_lengths_that_do_not_belong_to_the_rays_are_refused() -> None:
    with pytest.raises(ValueError, match="3 rays with 2 lengths"):
        any_hits(bvh.build(np.zeros((0, 3, 3))), np.zeros((3, 3)), np.eye(3), np.ones(2))


def test_an_empty_scene_hits_nothing() -> None:
    tree = bvh.build(np.zeros((0, 3, 3)))
    t, triangle = closest_hits(tree, np.zeros((3, 3)), np.eye(3))
    assert np.isinf(t).all()
    assert (triangle == -1).all()


def test_coordinates_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        bvh.build(np.full((1, 3, 3), np.nan))
