"""What the paths of light work on: the scene, the receivers, and what is added up or noted for them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.bvh import Bvh

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int32]


class LightScene(NamedTuple):
    """What light meets, as T triangles, P portals and R rooms. Lengths in metres about a near origin.

    Per triangle: ``bvh`` with the owners of :mod:`twin.kernels.rays`; ``corner`` (T, 3) float32 its first
    corner; ``normal`` (T, 3) float32 unit; ``reflectance_room`` and ``reflectance_outside`` (T,) float32
    diffuse, for paths in a room and outside of all; ``passing`` (T,) float32 the share that goes straight
    through (a pane, a tree) and ``leafy`` (T,) whether that changes with the season; ``portal`` (T,) int32
    its portal, -1 for none; ``compartment`` (T,) int32 the part of a room whose face it is, -1 for solids,
    which count for the room that a path meets them in.

    Per portal: ``portal_room`` (P,) int32; ``outdoors`` (P,) whether the outdoors lie behind it, or another
    room; ``glass`` (P,) transmissivity of its pane, negative for an open hole; ``clear`` (P,) the factor that
    frame and dirt leave; ``glazed`` (P,) the share without frame; ``frame_reflectance`` (P,) of the whole
    portal by its frame; ``density`` (P,) samples per m², when a sample is drawn on the portals of its room;
    ``light_set`` (P,) int32 the set of daylight coefficients that light through it is counted in.

    Per room r: its portal triangles ``portal_triangle[room_start[r]:room_start[r + 1]]`` with the running sum
    of their probabilities ``portal_cdf``; ``room_start`` (R + 1,) int64. ``portal_corners`` (T', 3, 3) are
    their corners in the same order; ``portal_row`` (T,) int32 where a triangle stands in it, -1 for none.

    ``leafy_bin``: the first daylight coefficient of the sets for light that came through leafy faces, which
    follow the others; 0 without such faces. ``ground_z``: height of an endless ground plane of
    ``ground_reflectance``, seen from above only.
    """

    bvh: Bvh
    corner: Singles
    normal: Singles
    reflectance_room: Singles
    reflectance_outside: Singles
    passing: Singles
    leafy: NDArray[np.bool_]
    portal: Ints
    compartment: Ints
    portal_room: Ints
    outdoors: NDArray[np.bool_]
    glass: Floats
    clear: Floats
    glazed: Floats
    frame_reflectance: Floats
    density: Floats
    light_set: Ints
    room_start: NDArray[np.int64]
    portal_triangle: Ints
    portal_cdf: Floats
    portal_corners: Singles
    portal_row: Ints
    leafy_bin: int
    ground_z: float
    ground_reflectance: float


class Rows(NamedTuple):
    """N receivers of light, each with one or more places.

    ``position``, ``facing`` (M, 3) float64 the places and their unit normals; row i owns the places
    ``first[i]`` to ``first[i] + places[i] - 1`` and takes them in turn. ``room`` (N,) the room of each, -1
    outside of all; ``stream`` (N,) uint64 its random stream.
    """

    position: Floats
    facing: Floats
    first: NDArray[np.int64]
    places: NDArray[np.int64]
    room: NDArray[np.int64]
    stream: NDArray[np.uint64]


class Tally(NamedTuple):
    """What :func:`gather` adds up for N rows.

    ``factor`` (N, B) float64: per batch the sum over its samples of the illuminance that each found, for an
    unobstructed illuminance of 1. ``direct`` and ``reflected`` (N, 145 S) float64, or (0, 145 S) when not
    wanted: the same per unit luminance of each sky patch, without and with a reflection, over all batches,
    in the S sets that the portals lead to (the first one that a path goes outdoors by; set 0 for points
    outdoors), one after another. ``rays`` and ``lost`` (N,) int64: rays cast, and paths that left a room
    elsewhere than by a portal.
    """

    factor: Floats
    direct: Floats
    reflected: Floats
    rays: NDArray[np.int64]
    lost: NDArray[np.int64]


class Notes(NamedTuple):
    """Where paths of :func:`gather` stopped: in the room they started in, or one of its group.

    ``group`` (R,) int32: rooms with the same number share their notes. ``cell`` (R,) edge (m) of the cells
    that places are told apart by and ``shift`` (3,) the origin of their grid. ``key`` (N, S) int64 the cell,
    normal and compartment of the stop, -1 for none; ``weight`` (N, S) float32 of the illuminance there;
    ``place`` (N, S, 6) float32 position and normal. S is the number of samples, or 0: paths go on and nothing
    is noted. Where ``room`` (N, S) int32 has rows, paths stop wherever they first meet a diffuse face, in
    other rooms and outdoors too: its room, -1 outdoors, and ``key`` says no more than that they did.
    """

    group: Ints
    cell: Floats
    shift: Floats
    key: NDArray[np.int64]
    weight: Singles
    place: Singles
    room: Ints


def single_places(
    position: Floats, facing: Floats, room: NDArray[np.integer], stream: NDArray[np.uint64]
) -> Rows:
    """Rows of one place each: ``position`` in the scene, ``facing`` (N, 3); ``room``, ``stream`` (N,)."""
    count = len(room)
    return Rows(
        np.ascontiguousarray(position, np.float64), np.ascontiguousarray(facing, np.float64),
        np.arange(count), np.ones(count, np.int64), room.astype(np.int64), stream.astype(np.uint64),
    )  # fmt: skip


def nothing_noted(group: Ints, cell: Floats) -> Notes:
    """Notes of paths that go on to their ends; ``group`` and ``cell`` (R,) of the rooms."""
    return Notes(
        group, cell, np.zeros(3), np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32),
        np.zeros((0, 0, 6), np.float32), np.zeros((0, 0), np.int32),
    )  # fmt: skip
