"""The compiled kernels against slow, plain references."""

import numpy as np
import pytest
import shapely
from scipy import ndimage

from ifc.surfaces.box_tree import box_tree, overlapping_boxes
from ifc.surfaces.chains import Ending, chains_behind
from ifc.surfaces.planar_faces import planar_faces
from ifc.surfaces.polygons2d import areal, difference, object_array, sample_points
from ifc.surfaces.rays import ENTRY, EXIT, all_hits, triangle_tree
from ifc.surfaces.solids import feature_edges, open_length, oriented, signed_volumes
from ifc.surfaces.voxels import Air, _flood, _rasterise, air_behind, air_grids
from tests.building_blocks import box_mesh, prism_mesh


def random_boxes(count: int, seed: int):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 10, (count, 3))
    return low, low + rng.uniform(0, 2, (count, 3))


@pytest.mark.parametrize("count", [0, 1, 4, 5, 500])
def test_overlapping_boxes_are_those_of_all_pairs(count: int) -> None:
    low, high = random_boxes(count, 1)
    query_low, query_high = random_boxes(60, 2)
    query, box = overlapping_boxes(box_tree(low, high), low, high, query_low, query_high)
    touch = (low[None] <= query_high[:, None]).all(-1) & (high[None] >= query_low[:, None]).all(-1)
    expected = np.nonzero(touch)
    assert query.tolist() == expected[0].tolist()
    assert box.tolist() == expected[1].tolist()


def test_many_equal_boxes_make_a_tree() -> None:
    low, high = np.zeros((1000, 3)), np.ones((1000, 3))
    query, _ = overlapping_boxes(box_tree(low, high), low, high, low[:1], high[:1])
    assert len(query) == 1000


def plain_hits(corners, origin, direction, start, end):
    """Every hit of one ray, by the plane equation and barycentric coordinates."""
    found = []
    for row, (a, b, c) in enumerate(corners):
        normal = np.cross(b - a, c - a)
        along = normal @ direction
        if abs(along) < 1e-12:
            continue
        t = normal @ (a - origin) / along
        point = origin + t * direction
        inside = all(
            normal @ np.cross(q - p, point - p) >= -1e-9 * (normal @ normal)
            for p, q in ((a, b), (b, c), (c, a))
        )
        if inside and start <= t <= end:
            found.append((row, t, EXIT if along > 0 else ENTRY))
    return found


def test_all_hits_are_those_of_the_plane_equation() -> None:
    rng = np.random.default_rng(3)
    corners = rng.uniform(-1, 1, (200, 3, 3))
    owner = np.arange(200)  # one object per triangle, so that no hits are joined
    origin = rng.uniform(-1, 1, (50, 3))
    direction = rng.normal(size=(50, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    ray, distance, sign, item = all_hits(triangle_tree(corners, owner), origin, direction, -0.5, 2.0)
    for number in range(50):
        expected = plain_hits(corners, origin[number], direction[number], -0.5, 2.0)
        mine = ray == number
        assert item[mine].tolist() == [row for row, _, _ in expected]
        assert distance[mine] == pytest.approx([t for _, t, _ in expected])
        assert sign[mine].tolist() == [s for _, _, s in expected]


def test_a_ray_through_a_shared_edge_hits_once() -> None:
    vertices, triangles = box_mesh((0, 0, 0), (1, 1, 1))
    scene = triangle_tree(vertices[triangles], np.zeros(12, np.int64))
    # The diagonals of the faces and the middle of the box.
    origin = np.array([[0.5, 0.5, -1.0], [-1.0, 0.5, 0.5], [0.25, 0.25, -1.0]])
    direction = np.array([[0.0, 0, 1], [1, 0, 0], [0, 0, 1]])
    ray, distance, sign, _ = all_hits(scene, origin, direction, 0.0, 5.0)
    assert ray.tolist() == [0, 0, 1, 1, 2, 2]
    assert distance == pytest.approx([1, 2, 1, 2, 1, 2])
    assert sign.tolist() == [ENTRY, EXIT] * 3


def slabs(*intervals: tuple[float, float]):
    """Boxes from x = a to x = b, 2 m wide and high, each an object."""
    meshes = [box_mesh((a, -1, -1), (b, 1, 1)) for a, b in intervals]
    corners = np.concatenate([vertices[triangles] for vertices, triangles in meshes])
    return triangle_tree(corners, np.repeat(np.arange(len(meshes)), 12))


def walk(intervals, is_space, *, finish=None, limit=1.0, gap_first=0.35, gap_next=0.12):
    count = len(intervals)
    one = np.ones(1)
    chains = chains_behind(
        slabs(*intervals),
        np.array(is_space, np.bool_),
        np.ones(count, np.bool_),
        np.zeros(count, np.bool_) if finish is None else np.array(finish, np.bool_),
        np.array([[0.0, 0.1, 0.2]]),
        np.array([[1.0, 0.0, 0.0]]),
        np.zeros(1, np.int64),
        gap_first * one,
        gap_next * one,
        gap_first * one,
        limit * one,
        0.12,
        0.2,
    )
    return tuple(column[0] for column in chains)


# The first object is always the own space, from x = -3 to 0.
@pytest.mark.parametrize(
    ("intervals", "is_space", "expected"),
    [
        # a wall, then free space
        ([(0, 0.2)], [0], (Ending.OPEN, -1, 0.2, 1, 1)),
        # a wall, then a space
        ([(0, 0.2), (0.2, 3)], [0, 1], (Ending.SPACE, 2, 0.2, 1, 1)),
        # two leaves with a cavity, gaps on both sides
        ([(0.1, 0.2), (0.3, 0.4), (0.5, 3)], [0, 0, 1], (Ending.SPACE, 3, 0.5, 1, 2)),
        # a cavity too wide to be one wall
        ([(0, 0.2), (0.5, 0.7), (0.7, 3)], [0, 0, 1], (Ending.OPEN, -1, 0.2, 1, 1)),
        # solid to the limit
        ([(0, 5)], [0], (Ending.SOLID, -1, 1.0, 1, 1)),
        # nothing within reach
        ([(0.5, 0.7)], [0], (Ending.NOTHING, -1, 0.0, -1, -1)),
        # the space reaches through its wall
        ([(-0.15, -0.05)], [0], (Ending.OPEN, -1, 0.0, 1, 1)),
        # the two spaces overlap inside their wall
        ([(-0.1, 0.1), (-0.05, 3)], [0, 1], (Ending.SPACE, 2, 0.0, 1, 1)),
        # touching solids, out of order and one inside the other
        ([(0.2, 0.4), (0, 0.2), (0.05, 0.1)], [0, 0, 0], (Ending.OPEN, -1, 0.4, 2, 1)),
    ],
)
def test_chains_end_where_they_should(intervals, is_space, expected) -> None:
    found = walk([(-3, 0), *intervals], [1, *is_space])
    ending, space, distance, first, last = found[:5]
    assert (ending, space, first, last) == (expected[0], expected[1], expected[3], expected[4])
    assert distance == pytest.approx(expected[2], abs=1e-9)


def test_a_finish_is_named_only_when_alone() -> None:
    boxes = [(-3.0, 0.0), (0.0, 0.02), (0.02, 0.2)]
    assert walk(boxes, [1, 0, 0], finish=[0, 1, 0])[3] == 2
    assert walk(boxes[:2], [1, 0], finish=[0, 1])[3] == 1


def test_a_column_leads_back_into_the_own_space() -> None:
    corners = []
    room, triangles = prism_mesh(
        [(-3, -3), (3, -3), (3, 3), (-3, 3)], -1, 1, [[(0, -0.2), (0.4, -0.2), (0.4, 0.2), (0, 0.2)]]
    )
    corners.append(room[triangles])
    column, column_triangles = box_mesh((0, -0.2, -1), (0.4, 0.2, 1))
    corners.append(column[column_triangles])
    owner = np.repeat([0, 1], [len(triangles), 12])
    one = np.ones(1)
    chains = chains_behind(
        triangle_tree(np.concatenate(corners), owner),
        np.array([True, False]),
        np.ones(2, np.bool_),
        np.zeros(2, np.bool_),
        np.array([[0.0, 0.05, 0.1]]),
        np.array([[1.0, 0.0, 0.0]]),
        np.zeros(1, np.int64),
        0.35 * one,
        0.12 * one,
        0.35 * one,
        one,
        0.12,
        0.2,
    )
    assert (chains.ending[0], chains.space[0], chains.first[0]) == (Ending.SPACE, 0, 1)
    assert chains.distance[0] == pytest.approx(0.4)


def test_voxels_of_a_triangle_are_those_that_it_touches() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        corners = rng.uniform(1, 9, (1, 3, 3))
        air = np.zeros((10, 10, 10), np.uint8)
        _rasterise(corners, air)
        # Dense points of the triangle lie in marked voxels only …
        u, v = np.meshgrid(np.linspace(0, 1, 80), np.linspace(0, 1, 80))
        inside = u + v <= 1
        a, b, c = corners[0]
        points = a + u[inside][:, None] * (b - a) + v[inside][:, None] * (c - a)
        cells = np.floor(points).astype(int)
        assert (air[tuple(cells.T)] == Air.SOLID).all()
        # … and every marked voxel comes near to one of them.
        marked = np.argwhere(air == Air.SOLID) + 0.5
        nearest = np.abs(marked[:, None] - points[None]).max(axis=2).min(axis=1)
        assert nearest.max() < 0.5 + 0.15


def test_the_flood_is_the_outer_component() -> None:
    rng = np.random.default_rng(5)
    air = (rng.random((20, 21, 22)) < 0.4).astype(np.uint8)
    expected = np.pad(air, 1)
    label, _ = ndimage.label(expected == 0)
    _flood(air)
    assert ((air == Air.OUTDOORS) == (label == label[0, 0, 0])[1:-1, 1:-1, 1:-1]).all()


def test_a_box_is_enclosed_and_its_surroundings_are_outdoors() -> None:
    vertices, triangles = box_mesh((0, 0, 0), (4, 4, 3))
    grids = air_grids(np.zeros((1, 3)) + 1, np.zeros((1, 3)) + 2, vertices[triangles])
    points = np.array([[2.0, 2, 1.5], [5, 2, 1.5], [-100, 0, 0]])
    away = np.tile([1.0, 0, 0], (3, 1))
    assert air_behind(grids, points, away, np.full(3, 9.0)).tolist() == [
        Air.ENCLOSED,
        Air.OUTDOORS,
        Air.OUTDOORS,
    ]


def test_sample_points_lie_inside_and_spread() -> None:
    ring = shapely.Point(0, 0).buffer(3).difference(shapely.Point(0, 0).buffer(2))
    polygons = object_array([ring, shapely.box(0, 0, 0.01, 5), shapely.box(0, 0, 4, 4)])
    points, item = sample_points(polygons, 0.5, 40)
    assert set(item) == {0, 1, 2}
    assert shapely.contains_xy(polygons[item], points[:, 0], points[:, 1]).all()
    square = points[item == 2]
    assert np.histogram2d(*square.T, bins=4, range=[[0, 4], [0, 4]])[0].min() >= 1


def l_shape():
    vertices, triangles = prism_mesh(
        [(0, 0), (6, 0), (6, 4), (3, 4), (3, 6), (0, 6)], 0, 3, [[(1, 1), (2, 1), (2, 2), (1, 2)]]
    )
    return vertices[triangles]


def test_lines_that_an_overlay_leaves_are_dropped_before_the_next() -> None:
    square, line = shapely.box(0, 0, 1, 1), shapely.LineString([(2, 0), (3, 0)])
    mixed = shapely.GeometryCollection([square, line, shapely.MultiPolygon([shapely.box(5, 0, 6, 1)])])
    with pytest.raises(shapely.errors.GEOSException):
        difference(mixed, square)
    assert difference(areal(mixed), square).area == pytest.approx(1)
    assert areal(square) is square
    assert areal(line).is_empty


def test_triangles_join_into_faces_with_holes() -> None:
    corners = l_shape()
    faces = planar_faces(corners, np.zeros(len(corners), np.int64))
    assert len(faces) == 12
    assert sum(polygon.area for polygon in faces.polygon) == pytest.approx(2 * 29 + (24 + 4) * 3)
    floor = faces.polygon[faces.normal[:, 2] < -0.5][0]
    assert len(floor.interiors) == 1
    assert floor.area == pytest.approx(29)
    frame = np.stack([faces.across, faces.up, faces.normal], axis=1)
    assert np.linalg.det(frame) == pytest.approx(np.ones(12))


def test_overlapping_and_unwelded_triangles_still_join() -> None:
    corners = l_shape()
    doubled = np.concatenate([corners, corners[:4]])
    faces = planar_faces(doubled, np.zeros(len(doubled), np.int64))
    assert sum(polygon.area for polygon in faces.polygon) == pytest.approx(2 * 29 + (24 + 4) * 3)


def test_orientation_volume_and_edges_of_solids() -> None:
    corners = l_shape()
    owner = np.repeat([0, 1, 2], len(corners))
    mixed = corners.copy()
    mixed[::3] = mixed[::3, ::-1]
    every = np.concatenate([corners, corners[:, ::-1], mixed])
    turned, closed = oriented(every, owner, 3)
    assert closed.tolist() == [True] * 3
    assert signed_volumes(turned, owner, 3) == pytest.approx([87] * 3)
    assert len(feature_edges(corners, owner[: len(corners)])[0]) == 30
    assert open_length(turned, owner, 3) == pytest.approx([0] * 3)


def test_a_missing_triangle_leaves_open_edges() -> None:
    vertices, triangles = box_mesh((0, 0, 0), (1, 1, 1))
    corners = vertices[triangles[1:]]
    length = open_length(corners, np.zeros(11, np.int64), 1)[0]
    assert length == pytest.approx(2 + np.sqrt(2))


def test_t_junctions_are_not_open() -> None:
    def quad(a, b, c, d):
        return [(a, b, c), (a, c, d)]

    # A box whose top is split in two while its sides are not.
    triangles = []
    triangles += quad((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))
    triangles += quad((1, 0, 1), (2, 0, 1), (2, 1, 1), (1, 1, 1))
    triangles += quad((0, 1, 0), (2, 1, 0), (2, 0, 0), (0, 0, 0))
    triangles += quad((0, 0, 0), (2, 0, 0), (2, 0, 1), (0, 0, 1))
    triangles += quad((2, 1, 0), (0, 1, 0), (0, 1, 1), (2, 1, 1))
    triangles += quad((0, 1, 0), (0, 0, 0), (0, 0, 1), (0, 1, 1))
    triangles += quad((2, 0, 0), (2, 1, 0), (2, 1, 1), (2, 0, 1))
    corners = np.array(triangles, np.float64)
    assert open_length(corners, np.zeros(len(corners), np.int64), 1)[0] == pytest.approx(0, abs=1e-9)
