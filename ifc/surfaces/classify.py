"""What lies behind points on the faces of spaces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ifc.model import Neighbour
from ifc.surfaces.chains import Chains, Ending, chains_behind
from ifc.surfaces.ground import Ground
from ifc.surfaces.limits import (
    GAP_FIRM_M,
    GAP_M,
    OVERLAP_M,
    SLAB_GAP_FIRST_M,
    SLAB_GAP_NEXT_M,
    STEEP,
    WALL_GAP_FIRST_M,
    WALL_GAP_NEXT_M,
)
from ifc.surfaces.pairing import reach
from ifc.surfaces.planar_faces import PlanarFaces
from ifc.surfaces.polygons2d import sample_points
from ifc.surfaces.rays import ENTRY, all_hits, solids_around
from ifc.surfaces.scene import Scene
from ifc.surfaces.voxels import Air, AirGrid, air_behind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEEN_SPACING_M, MOST_SEEN = 0.3, 120  # of the first look at the air
NEAR_SAMPLE_M = 2.0  # how far along a face the air beyond another point may stand in
BEYOND_M = 0.03  # how far beyond the end of a chain the outside is looked at
FLOOR_ABOVE_GROUND_M = 0.35  # a floor's underside this far above the ground still rests on it
BARE_FLOOR_ABOVE_GROUND_M = 0.6  # the same without a slab in the model


@dataclass(frozen=True)
class Behind:
    """What lies behind each of R points. All arrays have shape (R,)."""

    kind: NDArray[np.int8]  # Neighbour
    space: Ints  # object of the neighbouring space, -1 for none
    first: Ints  # object of the first element, -1 for none
    last: Ints  # object of the last element before the neighbour, -1 for none
    distance: Floats  # thickness of everything between, NaN where nothing was found


@dataclass(frozen=True)
class AirSeen:
    """Points on faces beyond which the voxels could tell the air."""

    places: cKDTree  # plane coordinates, and the face as a third one
    air: NDArray[np.int8]


@dataclass(frozen=True)
class Surroundings:
    """Everything that the classification asks."""

    scene: Scene
    faces: PlanarFaces
    ground: Ground
    air: list[AirGrid]
    seen: AirSeen | None = None  # of a first look at all faces, so that later looks agree


def look_behind(surroundings: Surroundings, face: Ints, plane: Floats) -> Behind:
    """What lies behind points on faces.

    Args:
        surroundings: scene, faces, ground and air.
        face: (R,) face of each point.
        plane: (R, 2) its coordinates in the face's frame.
    """
    scene, faces = surroundings.scene, surroundings.faces
    chains, points = _chains(surroundings, face, plane)
    normal = faces.normal[face]
    own = scene.object_of_space(faces.owner[face])
    kind = np.full(len(face), Neighbour.UNKNOWN, np.int8)
    floor = normal[:, 2] < -STEEP

    in_space = chains.ending == Ending.SPACE
    kind[in_space] = np.where(chains.space[in_space] == own[in_space], Neighbour.ADIABATIC, Neighbour.SPACE)

    beyond = points + normal * (chains.distance + BEYOND_M)[:, None]
    under = surroundings.ground.height(beyond) - beyond[:, 2]  # how deep below the ground
    solid = chains.ending == Ending.SOLID
    kind[solid] = Neighbour.ADIABATIC
    kind[solid & floor & (under > -FLOOR_ABOVE_GROUND_M)] = Neighbour.GROUND

    air = np.full(len(face), Air.SOLID, np.int8)
    free = (chains.ending == Ending.OPEN) | (chains.ending == Ending.NOTHING)
    air[free] = _air(surroundings, face[free], plane[free], beyond[free], normal[free], chains.free[free])
    kind[free & (air == Air.OUTDOORS)] = Neighbour.OUTDOORS
    enclosed = free & (air == Air.ENCLOSED)
    # A glazed balcony is enclosed, and outdoors all the same.
    rows = np.flatnonzero(enclosed)
    on_balcony, _ = solids_around(scene.open_air, beyond[rows] + GAP_M * normal[rows])
    kind[rows[on_balcony]] = Neighbour.OUTDOORS
    enclosed[rows[on_balcony]] = False
    kind[enclosed] = Neighbour.VOID
    space = np.where(in_space, chains.space, -1)
    space[enclosed] = _space_beside(surroundings, face[enclosed], beyond[enclosed], own[enclosed])
    beside = enclosed & (space >= 0)
    kind[beside] = Neighbour.SPACE
    bare = chains.ending == Ending.NOTHING
    buried = under > np.where(floor, np.where(bare, -BARE_FLOOR_ABOVE_GROUND_M, -FLOOR_ABOVE_GROUND_M), 0.02)
    kind[free & buried & (air != Air.ENCLOSED)] = Neighbour.GROUND
    return Behind(
        kind=kind,
        space=space,
        first=chains.first,
        last=chains.last,
        distance=np.where(bare | solid, np.nan, chains.distance),
    )


def _chains(surroundings: Surroundings, face: Ints, plane: Floats) -> tuple[Chains, Floats]:
    """The chains behind points on faces, and the points, (R, 3)."""
    scene, faces = surroundings.scene, surroundings.faces
    points, normal = faces.points(face, plane), faces.normal[face]
    steep = np.abs(normal[:, 2]) > STEEP
    chains = chains_behind(
        scene.solids,
        scene.is_space,
        scene.closed,
        scene.finish,
        points,
        normal,
        scene.object_of_space(faces.owner[face]),
        np.where(steep, SLAB_GAP_FIRST_M, WALL_GAP_FIRST_M),
        np.where(steep, SLAB_GAP_NEXT_M, WALL_GAP_NEXT_M),
        reach(normal),
        GAP_FIRM_M,
        OVERLAP_M,
    )
    return chains, points


def see_air(surroundings: Surroundings) -> Surroundings:
    """Look behind all faces once, and keep where the voxels can tell the air."""
    faces = surroundings.faces
    plane, face = sample_points(faces.polygon, SEEN_SPACING_M, MOST_SEEN)
    chains, points = _chains(surroundings, face, plane)
    beyond = points + faces.normal[face] * (chains.distance + BEYOND_M)[:, None]
    air = air_behind(surroundings.air, beyond, faces.normal[face], chains.free - BEYOND_M)
    free = (chains.ending == Ending.OPEN) | (chains.ending == Ending.NOTHING)
    told = free & (air != Air.SOLID)
    if not told.any():
        return surroundings
    return replace(surroundings, seen=AirSeen(cKDTree(_places(face[told], plane[told])), air[told]))


def _places(face: Ints, plane: Floats) -> Floats:
    """Plane coordinates with the face as a third one, farther apart than any search reaches."""
    return np.column_stack([plane, face * (4 * NEAR_SAMPLE_M)])


def _air(
    surroundings: Surroundings, face: Ints, plane: Floats, beyond: Floats, normal: Floats, free: Floats
) -> NDArray[np.int8]:
    """The air beyond points; where voxels cannot tell, that of the nearest seen point on the same face."""
    air = air_behind(surroundings.air, beyond, normal, free - BEYOND_M)
    blind = air == Air.SOLID
    if surroundings.seen is not None and blind.any():
        seen = surroundings.seen
        found = seen.places.query(_places(face[blind], plane[blind]), distance_upper_bound=NEAR_SAMPLE_M)
        distance, row = (np.atleast_1d(column) for column in found)
        near = np.isfinite(distance)
        air[np.flatnonzero(blind)[near]] = seen.air[row[near]]
        blind = air == Air.SOLID
    air[blind] = air_behind(surroundings.air, beyond[blind], normal[blind], free[blind], sideways=True)
    return air


def _space_beside(surroundings: Surroundings, face: Ints, beyond: Floats, own: Ints) -> Ints:
    """The space beside the end of a chain that ends in the gap between that space and its wall, else -1.

    Looks ahead and sideways at 45° in the four directions of the face's frame.
    """
    scene, faces = surroundings.scene, surroundings.faces
    found = np.full(len(face), -1)
    normal, across, up = faces.normal[face], faces.across[face], faces.up[face]
    for side in (across, -across, up, -up):
        ray, distance, sign, item = all_hits(
            scene.solids, beyond, (normal + side) * np.sqrt(0.5), 0.0, np.sqrt(2) * GAP_M
        )
        order = np.lexsort((distance, ray))
        ray, sign, item = ray[order], sign[order], item[order]
        ray, first = np.unique(ray, return_index=True)
        enters = scene.is_space[item[first]] & (sign[first] == ENTRY) & (item[first] != own[ray])
        ray, first = ray[enters], first[enters]
        found[ray] = np.where(found[ray] < 0, item[first], found[ray])
    return found
