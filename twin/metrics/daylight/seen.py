"""What eyes see, once for all hours: the sky by fine patches, and the faces that the sun may shine on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels.glare import position_index
from twin.kernels.light_scene import Scene
from twin.kernels.sight import GROUND, INDOORS, SKY, Sight, look, outdoor_light
from twin.kernels.sky import FINE_PATCHES, PATCHES, fine_patches_of
from twin.metrics.daylight.eyes import Eyes

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

FACE_RAYS = 1024  # over the half-space before an eye, to the faces in view
_OUTDOOR_SAMPLES = 256
_PLACES = 64  # of the ground and of the faces that an eye sees, at most
_OFF_THE_FACE_M = 1e-3


@dataclass(frozen=True)
class View:
    """What V eyes see outdoors, by F = 2305 fine sky patches and G = 2 kinds of faces: ground, and all else.

    Of the sky (V, 2, F), straight and through leaves: ``light_sky`` Σ τ cos θ ω, ``contrast_sky`` Σ τ² ω /
    P², ``pane_sky`` mean τ. Of the faces: ``faces`` (V, G, 145) luminance per unit luminance of each sky
    patch, ``faces_overcast`` (V, G) for an outdoor illuminance of 1 under the overcast sky.
    """

    light_sky: Singles
    contrast_sky: Singles
    pane_sky: Singles
    faces: Floats
    faces_overcast: Floats


@dataclass(frozen=True)
class Faces:
    """The K faces that one eye sees, ray by ray.

    ``place``, ``normal`` (K, 3), towards the eye, model coordinates; ``room`` (K,), -1 outdoors;
    ``reflectance`` and ``pane`` (K,), what the glass before it leaves; ``light`` (K,) cos θ ω and
    ``contrast`` (K,) ω / P², frames taken off; ``kind`` (K,) 0 the ground, 1 others outdoors, -1 indoors.
    """

    place: Floats
    normal: Floats
    room: NDArray[np.int32]
    reflectance: Floats
    pane: Floats
    light: Floats
    contrast: Floats
    kind: NDArray[np.int64]


def half_space(count: int, facing: Floats) -> Floats:
    """Directions (V, count, 3) of equal solid angles 2 π / count before V level lines of sight (V, 3).

    A spiral lattice (González 2010, doi:10.1007/s11004-009-9257-x).
    """
    row = np.arange(count) + 0.5
    along, turn = row / count, np.pi * (1.0 + np.sqrt(5.0)) * row
    radius = np.sqrt(1.0 - along**2)
    beside = np.column_stack([facing[:, 1], -facing[:, 0], np.zeros(len(facing))])
    directions: Floats = (
        along[:, None] * facing[:, None, :] + (radius * np.cos(turn))[:, None] * beside[:, None, :]
    )
    directions[:, :, 2] += radius * np.sin(turn)
    return directions


def seen_outdoors(scene: Scene, eyes: Eyes, directions: Floats, sight: Sight) -> View:
    """Put the rays of V eyes together by sky patch and by kind of outdoor face."""
    count, rays = sight.met.shape
    eye, ray = np.nonzero(sight.met == SKY)
    way, facing = directions[eye, ray], eyes.facing[eye]
    group = (2 * eye + sight.leafy[eye, ray]) * FINE_PATCHES + fine_patches_of(way)
    glazed = sight.glazed[eye, ray] * (2.0 * np.pi / rays)
    pane = sight.pane[eye, ray].astype(np.float64)
    weight = glazed / position_index(facing, way) ** 2

    def summed(values: Floats) -> Floats:
        found = np.bincount(group, values, 2 * count * FINE_PATCHES).astype(np.float64)
        return found.reshape(count, 2, FINE_PATCHES)

    contrast = summed(pane**2 * weight)
    faces, overcast = _outdoor_faces(scene, eyes.position, directions, sight)
    return View(
        light_sky=summed(pane * glazed * np.einsum("ij,ij->i", way, facing)).astype(np.float32),
        contrast_sky=contrast.astype(np.float32),
        pane_sky=np.sqrt(contrast / np.maximum(summed(weight), 1e-30)).astype(np.float32),
        faces=faces,
        faces_overcast=overcast,
    )


def seen_faces(scene: Scene, eyes: Eyes, light_room: NDArray[np.int32]) -> list[Faces]:
    """The faces that each of V eyes sees, indoors and outdoors; ``light_room`` (V,) of the eyes."""
    directions = half_space(FACE_RAYS, eyes.facing)
    sight = look(scene, eyes.position, light_room, directions)
    found = []
    for eye in range(len(eyes)):
        one, facing = sight.of_eye(eye), eyes.facing[eye]
        ray = np.flatnonzero((one.face >= 0) | (one.met == GROUND))
        way, face, room = directions[eye, ray], one.face[ray], one.room[ray]
        place, normal = _places(scene, eyes.position[eye], way, one.distance_m[ray], face)
        rho = np.where(room >= 0, scene.light.reflectance_room[face], scene.light.reflectance_outside[face])
        solid_angle = one.glazed[ray] * (2.0 * np.pi / FACE_RAYS)
        outdoors = np.where(one.met[ray] == GROUND, 0, 1)
        found.append(
            Faces(
                place=place,
                normal=normal,
                room=room,
                reflectance=np.where(face >= 0, rho, scene.light.ground_reflectance),
                pane=one.pane[ray].astype(np.float64),
                light=solid_angle * (way @ facing),
                contrast=solid_angle / position_index(facing, way) ** 2,
                kind=np.where(one.met[ray] == INDOORS, -1, outdoors),
            )
        )
    return found


def _places(
    scene: Scene, position: Floats, way: Floats, distance_m: NDArray[np.float32], face: NDArray[np.int32]
) -> tuple[Floats, Floats]:
    """Where rays (K, 3) meet faces, -1 the ground, a hair before them; and the normals towards the eye."""
    normal = np.where((face >= 0)[:, None], scene.light.normal[np.maximum(face, 0)], (0.0, 0.0, 1.0))
    normal *= -np.sign(np.einsum("ij,ij->i", normal, way))[:, None]
    return position + way * distance_m[:, None] + _OFF_THE_FACE_M * normal, normal


def _outdoor_faces(scene: Scene, position: Floats, directions: Floats, sight: Sight) -> tuple[Floats, Floats]:
    """Luminance of the ground and of the other faces outdoors that V eyes see, as in :class:`View`."""
    count = len(position)
    faces, overcast = np.zeros((2 * count, PATCHES)), np.zeros(2 * count)
    eye, ray = np.nonzero((sight.met != SKY) & (sight.met != INDOORS))
    group = 2 * eye + (sight.met[eye, ray] != GROUND)
    if len(group):
        order = np.argsort(group, kind="stable")
        kinds, first, number = np.unique(group[order], return_index=True, return_counts=True)
        chosen = np.concatenate(
            [
                order[a + np.unique(np.linspace(0, n - 1, min(n, _PLACES)).astype(np.intp))]
                for a, n in zip(first.tolist(), number.tolist(), strict=True)
            ]
        )
        e, r, met = eye[chosen], ray[chosen], sight.met[eye[chosen], ray[chosen]]
        place, normal = _places(scene, position[e], directions[e, r], sight.distance_m[e, r], met)
        rho = np.where(
            met >= 0, scene.light.reflectance_outside[np.maximum(met, 0)], scene.light.ground_reflectance
        )
        _, of_kind, sizes = np.unique(group[chosen], return_inverse=True, return_counts=True)
        factor, coefficients = outdoor_light(scene, place, normal, sizes, _OUTDOOR_SAMPLES)
        mean_rho = np.bincount(of_kind, rho) / sizes / np.pi
        overcast[kinds] = factor * mean_rho
        faces[kinds] = coefficients * mean_rho[:, None]
    return faces.reshape(count, 2, PATCHES), overcast.reshape(count, 2)
