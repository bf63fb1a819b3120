"""What obstacles leave of the sun and the sky, and where the sun lands in a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.bvh import Bvh
from twin.kernels.ray_streams import any_hits, closest_hits

Floats = NDArray[np.float64]

LIFT_M = 0.01  # rays start this far in front of the face
RAYS_AT_ONCE = 2_000_000


class Veil(NamedTuple):
    """Faces that leave a share of the light, however many of them it meets: crowns of one kind."""

    faces: Bvh
    left: Floats  # (D,) of the light from each direction


def sunlit_shares(
    obstacles: Bvh, points: Floats, normals: Floats, directions: Floats, veils: Sequence[Veil] = ()
) -> Floats:
    """Share of each face that the sun reaches, (F, D), in [0, 1]; 1 where the sun is behind the face.

    Args:
        obstacles: everything that casts shadows.
        points: (F, P, 3) sample points of F faces.
        normals: (F, 3) unit vectors, out of the building.
        directions: (D, 3) unit vectors to the sun, 0 for night.
        veils: what weakens the sun besides.
    """
    starts = points + LIFT_M * normals[:, None, :]
    count = points.shape[1]
    lit = np.ones((len(points), len(directions)))
    facing = (normals @ directions.T > 1e-3) & (directions[:, 2] > 0)
    face, direction = np.nonzero(facing)
    chunk = max(RAYS_AT_ONCE // count, 1)
    for first in range(0, len(face), chunk):
        f, d = face[first : first + chunk], direction[first : first + chunk]
        start, towards = starts[f].reshape(-1, 3), np.repeat(directions[d], count, axis=0)
        reached = 1.0 - any_hits(obstacles, start, towards)
        for veil in veils:
            met = any_hits(veil.faces, start, towards)
            reached *= np.where(met, np.repeat(veil.left[d], count), 1.0)
        lit[f, d] = reached.reshape(-1, count).mean(axis=1)
    return lit


def sky_visibility(
    obstacles: Bvh,
    points: Floats,
    normals: Floats,
    rings: int = 8,
    sectors: int = 32,
    veils: Sequence[tuple[Bvh, float]] = (),
) -> Floats:
    """Visible part of the uniform sky that each face looks at, (F,), weighted by the cosine of incidence.

    Directions are the centres of ``rings`` x ``sectors`` patches of equal elevation and azimuth steps. A face
    that sees no sky at all gets 1: there is nothing to reduce. ``veils``: faces, and what they leave.
    """
    elevation = (np.arange(rings) + 0.5) / rings * np.pi / 2
    azimuth = (np.arange(sectors) + 0.5) / sectors * 2 * np.pi
    e, a = (grid.ravel() for grid in np.meshgrid(elevation, azimuth, indexing="ij"))
    directions = np.stack([np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), np.sin(e)], axis=1)
    weight = np.maximum(normals @ directions.T, 0.0) * np.cos(e)
    total = weight.sum(axis=1)
    hung = [Veil(faces, np.full(len(directions), left)) for faces, left in veils]
    seen = (sunlit_shares(obstacles, points, normals, directions, hung) * weight).sum(axis=1)
    return np.asarray(np.divide(seen, total, out=np.ones(len(total)), where=total > 1e-9))


def landing_shares(
    room: Bvh, face_of_triangle: NDArray[np.int64], points: Floats, normal: Floats, directions: Floats
) -> dict[int, Floats]:
    """Where the beam through a window first lands: face -> share (D,) of the light that enters.

    Args:
        room: the faces of the room as triangles.
        face_of_triangle: (T,) the face of each triangle of ``room``.
        points: (P, 3) sample points of the window.
        normal: (3,) of the window, out of the room.
        directions: (D, 3) unit vectors to the sun, 0 for night.
    """
    shares: dict[int, Floats] = {}
    facing = np.flatnonzero((directions @ normal > 1e-3) & (directions[:, 2] > 0))
    starts = np.tile(points - LIFT_M * normal, (len(facing), 1))
    _, triangle = closest_hits(room, starts, -np.repeat(directions[facing], len(points), axis=0))
    face = np.where(triangle >= 0, face_of_triangle[triangle], -1).reshape(len(facing), len(points))
    for target in np.unique(face[face >= 0]).tolist():
        share = np.zeros(len(directions))
        share[facing] = (face == target).mean(axis=1)
        shares[target] = share
    return shares
