"""Triangles that move: the refitted hierarchy against a new one and against a loop over all triangles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.test_rays import SCENES, Array, every_triangle, soup
from twin.kernels import bvh
from twin.kernels.lanes import LANES
from twin.kernels.ray_streams import any_hits, closest_hits
from twin.kernels.refit import Refittable, build_refittable, refit

Mover = Callable[[Array, np.random.Generator], Array]


def shifted(corners: Array, rng: np.random.Generator) -> Array:
    return corners + np.float32([0.7, -0.4, 0.2])


def scattered(corners: Array, rng: np.random.Generator) -> Array:
    return corners + rng.normal(size=(len(corners), 1, 3)).astype(np.float32)


def flattened(corners: Array, rng: np.random.Generator) -> Array:
    """Half of them into points and lines, the others into triangles of another shape."""
    along = np.float32([0.0, 0.5, 1.0])[:, None] * rng.normal(size=(len(corners), 1, 3))
    flat = corners[:, :1] + along.astype(np.float32) * (np.arange(len(corners)) % 4 > 0)[:, None, None]
    shape = rng.normal(size=corners.shape).astype(np.float32)
    return np.where((np.arange(len(corners)) % 2 == 0)[:, None, None], flat, corners[:, :1] + shape)


def sent_far_away(corners: Array, rng: np.random.Generator) -> Array:
    return corners + np.float32([900.0, -1200.0, 60.0])


def rays_among(corners: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Rays that start anywhere among the triangles, half of them aimed at one, some along the axes."""
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    origins = (low + rng.random((900, 3)) * (high - low)).astype(np.float32)
    directions = rng.normal(size=(900, 3)).astype(np.float32)
    directions[:500] = corners.mean(axis=1)[rng.integers(0, len(corners), 500)] - origins[:500]
    directions[500:600] = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 100)]
    return origins, directions


def assert_exact(tree: Refittable, corners: Array, rng: np.random.Generator) -> None:
    """The refitted hierarchy answers as a loop over all triangles does, and as a new hierarchy."""
    np.testing.assert_array_equal(tree.corners, corners)
    origins, directions = rays_among(corners, rng)
    t, triangle = closest_hits(tree.bvh, origins, directions)
    blocked = any_hits(tree.bvh, origins, directions)
    expected, hits = every_triangle(corners, origins, directions)

    np.testing.assert_array_equal(t, expected.min(axis=1))
    struck = np.flatnonzero(triangle >= 0)
    np.testing.assert_array_equal(expected[struck, triangle[struck]], t[struck])  # a tie may go either way
    np.testing.assert_array_equal(blocked, hits.any(axis=1))
    fresh = bvh.build(corners)
    np.testing.assert_array_equal(t, closest_hits(fresh, origins, directions)[0])
    np.testing.assert_array_equal(blocked, any_hits(fresh, origins, directions))


def every_box_holds_what_is_under_it(tree: Refittable) -> bool:
    """Each box is exactly the smallest around the padded boxes of its triangles."""
    _, low, high = bvh.padded(tree.corners)
    nodes = tree.bvh.nodes.reshape(-1, bvh.NODE)
    links = tree.bvh.links.reshape(-1, bvh.NODE)[:, bvh.CHILDREN : bvh.CHILDREN + LANES]
    triangles = tree.bvh.triangles.reshape(-1, LANES)

    def bounds(link: int) -> tuple[Array, Array]:
        if link < 0:
            rows = triangles[-link - 1]
            return low[rows[rows >= 0]].min(axis=0), high[rows[rows >= 0]].max(axis=0)
        lanes = [lane for lane in range(LANES) if nodes[link, lane] <= nodes[link, 8 + lane]]
        inner = [bounds(int(links[link, lane])) for lane in lanes]
        for lane, (first, last) in zip(lanes, inner, strict=True):
            if (nodes[link, [lane, 16 + lane, 32 + lane]] != first).any():
                raise AssertionError(f"node {link}, lane {lane}: low {first}")
            if (nodes[link, [8 + lane, 24 + lane, 40 + lane]] != last).any():
                raise AssertionError(f"node {link}, lane {lane}: high {last}")
        return np.min([part[0] for part in inner], axis=0), np.max([part[1] for part in inner], axis=0)

    bounds(0)
    return True


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("move", [shifted, scattered, flattened, sent_far_away])
@pytest.mark.parametrize("share", [0.03, 1.0])
def test_every_ray_meets_what_it_would_in_a_new_hierarchy(
    scene: Callable[[np.random.Generator], Array], move: Mover, share: float
) -> None:
    rng = np.random.default_rng(5)
    corners = scene(rng)
    tree = build_refittable(corners)
    for _ in range(2):  # the second move starts from a tree that was refitted before
        rows = rng.permutation(len(corners))[: max(int(share * len(corners)), 1)]
        corners = corners.copy()
        corners[rows] = move(corners[rows], rng)
        refit(tree, rows, corners[rows])
        assert every_box_holds_what_is_under_it(tree)
        assert_exact(tree, corners, rng)


def test_triangles_that_were_flat_are_hit_once_they_are_not_and_the_other_way_round() -> None:
    rng = np.random.default_rng(2)
    corners = soup(rng)
    line = np.float32([[0.5, 0.5, 3], [0.5, 0.5, 4], [0.5, 0.5, 5]])
    standing = np.float32([[-1, -1, 4], [3, -1, 4], [0, 3, 4]])
    corners[7] = line
    tree = build_refittable(corners)
    start, up = np.float32([[0.5, 0.5, 3.5]]), np.float32([[0, 0, 1]])
    assert closest_hits(tree.bvh, start, up)[1].tolist() == [-1]
    refit(tree, np.array([7]), standing[None])
    assert closest_hits(tree.bvh, start, up)[1].tolist() == [7]
    refit(tree, np.array([7]), line[None])
    assert closest_hits(tree.bvh, start, up)[1].tolist() == [-1]


def test_a_hierarchy_refitted_to_where_it_stands_is_bit_for_bit_the_one_that_was_built() -> None:
    rng = np.random.default_rng(4)
    corners = np.concatenate([scene(rng) for scene in SCENES])
    built, tree = bvh.build(corners), build_refittable(corners)
    assert refit(tree, np.zeros(0, np.int64), corners[:0]) == 1.0
    assert refit(tree, np.ones(len(corners), np.bool_), corners) == pytest.approx(1.0, abs=1e-12)
    rows = rng.permutation(len(corners))[:200]
    assert refit(tree, rows, sent_far_away(corners[rows], rng)) > 2.0
    assert not np.array_equal(tree.bvh.nodes, built.nodes)
    assert refit(tree, rows, corners[rows]) == pytest.approx(1.0, abs=1e-9)
    for ours, theirs in zip(tree.bvh, built, strict=True):
        np.testing.assert_array_equal(ours.view(np.int32), theirs.view(np.int32))


def test_only_what_moves_is_written() -> None:
    rng = np.random.default_rng(6)
    corners = soup(rng)
    tree = build_refittable(corners)
    pack = int(tree.slot[11]) // LANES
    untouched = np.arange(len(tree.bvh.packs) // bvh.PACK) != pack
    packs = tree.bvh.packs.reshape(-1, bvh.PACK)
    packs[untouched, :72] = np.nan
    refit(tree, np.array([11]), scattered(corners[11:12], rng))
    assert np.isnan(packs[untouched, :72]).all()
    assert np.isfinite(packs[pack, :72]).all()


def test_the_cost_is_that_of_all_boxes() -> None:
    rng = np.random.default_rng(8)
    corners = soup(rng)
    tree = build_refittable(corners)

    def cost() -> float:
        nodes = tree.bvh.nodes.reshape(-1, bvh.NODE).astype(np.float64)
        links = tree.bvh.links.reshape(-1, bvh.NODE)[:, 48:56]
        x, y, z = (nodes[:, 16 * k + 8 : 16 * k + 16] - nodes[:, 16 * k : 16 * k + 8] for k in range(3))
        area = np.where(x >= 0, x * y + y * z + z * x, 0.0)
        return float((area * np.where(links >= 0, 1.0, 1.5)).sum())

    first = cost()
    for _ in range(20):
        rows = rng.permutation(len(corners))[:30]
        ratio = refit(tree, rows, scattered(tree.corners[rows], rng))
        assert ratio == pytest.approx(cost() / first, rel=1e-9)
    assert ratio > 3.0


def test_no_ray_slips_between_the_triangles_of_a_closed_box_that_was_moved() -> None:
    rng = np.random.default_rng(3)
    unit = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    size = np.array([7.3, 5.1, 2.9])
    room = np.array([unit[[quad[0], quad[i], quad[i + 1]]] for quad in quads for i in (1, 2)]) * size
    around = soup(rng) * 40 - 60  # never in the room
    tree = build_refittable(np.concatenate([around, room]))
    rows = np.arange(len(around), len(around) + len(room))
    for place in ([0.0, 0.0, 0.0], [13.37, -4.2, 3.1], [-812.3, 455.5, 90.1]):
        turn = rng.uniform(0, 2 * np.pi)
        turned = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        refit(tree, rows, room @ turned.T + place)
        # Half of the rays aim at the edges and diagonals, as exactly as float32 can.
        corner = (unit * size) @ turned.T + place
        origins = (rng.uniform(0.2, 0.8, (20000, 3)) * size) @ turned.T + place
        a, b = corner[rng.integers(0, 8, 20000)], corner[rng.integers(0, 8, 20000)]
        at = a + rng.random((20000, 1)) * (b - a)
        directions = np.where(np.arange(20000)[:, None] < 10000, at - origins, rng.normal(size=(20000, 3)))
        keep = np.linalg.norm(directions, axis=1) > 1e-3
        assert any_hits(tree.bvh, origins[keep], directions[keep]).all()
        triangle = closest_hits(tree.bvh, origins[keep], directions[keep])[1]
        assert (triangle >= len(around)).all()


def test_owners_move_with_their_triangles() -> None:
    square = np.array([[[-1, 0, -1], [1, 0, -1], [0, 0, 1]]], float)  # its normal is -y
    tree = build_refittable(square, np.array([2 * 4], np.int32))  # the shell of room 4
    refit(tree, np.array([0]), square + np.array([0.0, 5.0, 0.0]))
    origins, directions = np.array([[0.0, 7, 0]] * 2), np.array([[0.0, -1, 0]] * 2)
    t, _ = closest_hits(tree.bvh, origins, directions, np.array([4, 3], np.int32))
    assert t.tolist() == [2.0, np.inf]


def test_the_hierarchy_owns_its_arrays() -> None:
    corners = soup(np.random.default_rng(1))
    kept = corners.copy()
    tree = build_refittable(corners)
    refit(tree, np.array([0]), corners[:1] + np.float32(1))
    np.testing.assert_array_equal(corners, kept)


@pytest.mark.parametrize(
    ("moved", "places", "wrong"),
    [
        ([3], np.zeros((2, 3, 3)), "1 moved triangles"),
        ([-1], np.zeros((1, 3, 3)), "rows from 0 to 399"),
        ([400], np.zeros((1, 3, 3)), "rows from 0 to 399"),
        ([3], np.full((1, 3, 3), np.inf), "finite"),
    ],
)
def test_what_cannot_be_moved_is_refused_and_nothing_moves(
    moved: list[int], places: NDArray[np.float64], wrong: str
) -> None:
    tree = build_refittable(soup(np.random.default_rng(1)))
    nodes, corners = tree.bvh.nodes.copy(), tree.corners.copy()
    with pytest.raises(ValueError, match=wrong):
        refit(tree, np.array(moved), places)
    np.testing.assert_array_equal(tree.bvh.nodes, nodes)
    np.testing.assert_array_equal(tree.corners, corners)


def test_an_empty_scene_can_be_refitted_too() -> None:
    tree = build_refittable(np.zeros((0, 3, 3)))
    assert refit(tree, np.zeros(0, np.int64), np.zeros((0, 3, 3))) == 1.0
    assert not any_hits(tree.bvh, np.zeros((3, 3)), np.eye(3)).any()
