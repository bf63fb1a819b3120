"""Kernels that take a short cut, against the long way."""

import itertools

import numpy as np

from ifc.surfaces.classify import nearest_air
from ifc.surfaces.pieces import _majority
from ifc.surfaces.planar_faces import planar_faces
from ifc.surfaces.rays import shares_a_point, solids_around, triangle_tree
from ifc.surfaces.silhouettes import outlines, seen_from, silhouette, solids_of
from ifc.surfaces.solids import area_vectors
from ifc.surfaces.voxels import Air
from tests.building_blocks import box_mesh


def boxes(rng: np.random.Generator, count: int):
    """Random boxes along the axes as triangles (12 count, 3, 3) with their owners."""
    solids = []
    for low in rng.uniform(0, 3, (count, 3)):
        vertices, triangles = box_mesh(low, low + rng.uniform(0.3, 3, 3))
        solids.append(vertices[triangles])
    return np.concatenate(solids), np.repeat(np.arange(count), 12)


def test_shared_points_are_those_in_both_solids() -> None:
    rng = np.random.default_rng(3)
    first, second = (triangle_tree(*boxes(rng, 40)) for _ in range(2))
    points = rng.uniform(1, 4, (40, 50, 3))
    item, other = rng.permutation(40), rng.permutation(40)
    inside = []
    for tree, wanted in ((first, item), (second, other)):
        point, owner = solids_around(tree, points.reshape(-1, 3))
        held = np.zeros((2000, 40), np.bool_)
        held[point, owner] = True
        inside.append(held[np.arange(2000), np.repeat(wanted, 50)].reshape(40, 50))
    expected = (inside[0] & inside[1]).any(axis=1)
    assert 0 < expected.sum() < 40
    np.testing.assert_array_equal(shares_a_point(first, item, second, other, points), expected)


def test_quick_outlines_equal_the_union_of_the_triangles() -> None:
    rng = np.random.default_rng(4)
    corners, owner = boxes(rng, 30)
    faces = planar_faces(corners, owner)
    solids, rows = solids_of(corners, owner)
    face, which = (grid.ravel() for grid in np.meshgrid(np.arange(len(faces)), rows))
    seen = seen_from(faces, face, solids, which)
    found = outlines(faces, face, solids, which, seen, np.zeros(len(face)))
    assert seen.simple.all()
    assert not seen.oblique.any()
    for row in range(0, len(face), 37):
        mine = corners[owner == which[row]] - faces.origin[face[row]]
        plane = np.stack([mine @ faces.across[face[row]], mine @ faces.up[face[row]]], axis=-1)
        expected = silhouette(area_vectors(mine), plane, faces.normal[face[row]])
        assert found[row].equals(expected)
        away = mine @ faces.normal[face[row]]
        np.testing.assert_allclose(seen.away[row], [away.min(), away.max()], atol=1e-9)
        np.testing.assert_allclose(seen.low[row], plane.min(axis=(0, 1)), atol=1e-9)


def test_majority_is_the_first_row_of_the_lowest_of_the_most_frequent_keys() -> None:
    rng = np.random.default_rng(5)
    key = rng.integers(0, 4, 600)
    start = np.unique(np.concatenate([[0, 600], rng.integers(1, 600, 80)]))
    chosen, agree = _majority(key, start)
    for group, (begin, end) in enumerate(itertools.pairwise(start.tolist())):
        value, first, number = np.unique(key[begin:end], return_index=True, return_counts=True)
        assert agree[group] == (len(value) == 1)
        assert chosen[group] == begin + first[np.argmax(number)]


def test_air_is_taken_from_the_nearest_place_on_the_same_face() -> None:
    rng = np.random.default_rng(6)
    start = np.array([0, 50, 50, 120])
    places, air = rng.uniform(0, 10, (120, 2)), rng.integers(0, 3, 120).astype(np.int8)
    face, plane = rng.integers(0, 3, 300), rng.uniform(0, 10, (300, 2))
    found = nearest_air(face, plane, start, places, air, 0.8)
    for row in range(300):
        mine = slice(start[face[row]], start[face[row] + 1])
        away = np.linalg.norm(places[mine] - plane[row], axis=1)
        near = len(away) > 0 and away.min() < 0.8
        assert found[row] == (air[mine][np.argmin(away)] if near else Air.SOLID)
