"""What lies behind points on the faces of spaces."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
    WALL_GAP_SPACES_M,
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
_SOLID = int(Air.SOLID)  # as a plain number for the kernel


@dataclass(frozen=True)
class Behind:
    """What lies behind each of R points. All arrays have shape (R,)."""

    kind: NDArray[np.int8]  # Neighbour
    space: Ints  # object of the neighbouring space, -1 for none
    first: Ints  # object of the first element, -1 for none
    last: Ints  # object of the last element before the neighbour, -1 for none
    distance: Floats  # thickness of everything between, NaN where nothing was found
    stand_off: Floats  # from the point to the first element, negative in front of it, NaN for none
    far_off: Floats  # from the last element to the neighbouring space, negative within it, NaN for none


@dataclass(frozen=True)
class AirSeen:
    """Points on faces beyond which the voxels could tell the air, face by face when first asked for."""

    places: dict[int, tuple[Floats, NDArray[np.int8]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """Everything that the classification asks."""

    scene: Scene
    faces: PlanarFaces
    ground: Ground
    air: list[AirGrid]
    seen: AirSeen = field(default_factory=AirSeen)  # so that all looks at a face agree


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
    bare = chains.ending == Ending.NOTHING
    # Around a corner the gap beside a space's own walls leads back into it.
    others = np.where(bare, -1, own)
    space[enclosed] = _space_beside(surroundings, face[enclosed], beyond[enclosed], others[enclosed])
    # Beyond a plenum that no space follows: the gap beside the room below a suspended ceiling.
    crossing = np.flatnonzero(enclosed & (space < 0) & (chains.farther > chains.distance + 1e-6))
    end = points[crossing] + normal[crossing] * (chains.farther[crossing] + BEYOND_M)[:, None]
    space[crossing] = _space_beside(surroundings, face[crossing], end, own[crossing])
    lost = np.flatnonzero(enclosed & (space < 0))
    space[lost] = _space_about(surroundings, face[lost], plane[lost], own[lost])
    beside = enclosed & (space >= 0)
    kind[beside] = np.where(space[beside] == own[beside], Neighbour.ADIABATIC, Neighbour.SPACE)
    buried = under > np.where(floor, np.where(bare, -BARE_FLOOR_ABOVE_GROUND_M, -FLOOR_ABOVE_GROUND_M), 0.02)
    kind[free & buried & (air != Air.ENCLOSED)] = Neighbour.GROUND
    return Behind(
        kind=kind,
        space=space,
        first=chains.first,
        last=chains.last,
        distance=np.where(bare | solid, np.nan, chains.distance),
        stand_off=chains.stand_off,
        far_off=chains.far_off,
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
        np.where(steep, SLAB_GAP_FIRST_M, WALL_GAP_SPACES_M),
        reach(normal),
        GAP_FIRM_M,
        OVERLAP_M,
    )
    return _within_solids(scene, chains, points + BEYOND_M * normal), points


def _within_solids(scene: Scene, chains: Chains, beyond: Floats) -> Chains:
    """Chains that met nothing because they run all the way inside a solid, as along a wall, end in it."""
    rows = np.flatnonzero(chains.ending == Ending.NOTHING)
    point, item = solids_around(scene.solids, beyond[rows])
    element = ~scene.is_space[item] & scene.closed[item]
    point, first = np.unique(point[element], return_index=True)
    inside = rows[point]
    if len(inside) == 0:
        return chains
    ending, found = chains.ending.copy(), chains.first.copy()
    ending[inside], found[inside] = Ending.SOLID, item[element][first]
    return chains._replace(ending=ending, first=found, last=found)


def _see_air(surroundings: Surroundings, wanted: Ints) -> None:
    """Look behind the whole of some faces, and keep where the voxels can tell the air."""
    seen = surroundings.seen.places
    new = np.array([face for face in np.unique(wanted).tolist() if face not in seen], np.int64)
    if len(new) == 0:
        return
    faces = surroundings.faces
    plane, item = sample_points(faces.polygon[new], SEEN_SPACING_M, MOST_SEEN)
    face = new[item]
    chains, points = _chains(surroundings, face, plane)
    beyond = points + faces.normal[face] * (chains.distance + BEYOND_M)[:, None]
    air = air_behind(surroundings.air, beyond, faces.normal[face], chains.free - BEYOND_M)
    free = (chains.ending == Ending.OPEN) | (chains.ending == Ending.NOTHING)
    told = free & (air != Air.SOLID)
    start = np.searchsorted(item, np.arange(len(new) + 1))
    for number, key in enumerate(new.tolist()):
        mine = slice(start[number], start[number + 1])
        seen[key] = plane[mine][told[mine]], air[mine][told[mine]]


@njit(cache=True, nogil=True)
def nearest_air(
    face: Ints, plane: Floats, start: Ints, places: Floats, air: NDArray[np.int8], reach: float
) -> NDArray[np.int8]:
    """The air at the place nearest to each point on its face; solid where there is none in reach.

    Args:
        face: (n,) number of the face of each point.
        plane: (n, 2) the points.
        start: (F + 1,) first place of each face.
        places: (p, 2) in the frames of their faces.
        air: (p,) there.
        reach: in metres.
    """
    result = np.full(face.shape[0], _SOLID, np.int8)
    for row in range(face.shape[0]):
        best = reach * reach
        for k in range(start[face[row]], start[face[row] + 1]):
            away = (places[k, 0] - plane[row, 0]) ** 2 + (places[k, 1] - plane[row, 1]) ** 2
            if away < best:
                best = away
                result[row] = air[k]
    return result


def _air(
    surroundings: Surroundings, face: Ints, plane: Floats, beyond: Floats, normal: Floats, free: Floats
) -> NDArray[np.int8]:
    """The air beyond points; where voxels cannot tell, that of the nearest seen point on the same face."""
    air = air_behind(surroundings.air, beyond, normal, free - BEYOND_M)
    blind = air == Air.SOLID
    if blind.any():
        _see_air(surroundings, face[blind])
        own, number = np.unique(face[blind], return_inverse=True)
        seen = [surroundings.seen.places[key] for key in own.tolist()]
        start = np.cumsum([0, *(len(told) for _, told in seen)])
        places, told = np.concatenate([place for place, _ in seen]), np.concatenate([air for _, air in seen])
        air[blind] = nearest_air(number, plane[blind], start, places, told, NEAR_SAMPLE_M)
        blind = air == Air.SOLID
    air[blind] = air_behind(surroundings.air, beyond[blind], normal[blind], free[blind], sideways=True)
    return air


def _space_beside(surroundings: Surroundings, face: Ints, beyond: Floats, excluded: Ints) -> Ints:
    """The space beside the end of a chain that ends in the gap between that space and its wall, else -1.

    Looks ahead and sideways at 45° in four directions; ``excluded`` (n,) is not taken.
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
        enters = scene.is_space[item[first]] & (sign[first] == ENTRY) & (item[first] != excluded[ray])
        ray, first = ray[enters], first[enters]
        found[ray] = np.where(found[ray] < 0, item[first], found[ray])
    return found


def _space_about(surroundings: Surroundings, face: Ints, plane: Floats, own: Ints) -> Ints:
    """The space behind points beside these, where only a strip between has none, else -1.

    A strip of a void narrower than twice GAP_M, with a space on one side and a space or solid matter on the
    other, lies in the gap between that space and its walls. Where the other side is open, too, it is a shaft.
    """
    found = np.full(len(face), -1)
    for axis in range(2):
        rows = np.flatnonzero(found < 0)
        if len(rows) == 0:
            break
        here, closed = _to_one_side(surroundings, face[rows], plane[rows], own[rows], axis, 1.0)
        # A side that is open on either hand settles it.
        rows, here = rows[closed], here[closed]
        there, closed = _to_one_side(surroundings, face[rows], plane[rows], own[rows], axis, -1.0)
        found[rows[closed]] = np.where(here >= 0, here, there)[closed]
    return found


def _to_one_side(
    surroundings: Surroundings, face: Ints, plane: Floats, own: Ints, axis: int, turn: float
) -> tuple[Ints, NDArray[np.bool_]]:
    """The nearest space behind points up to GAP_M beside these, -1 for none; whether it or solid is there."""
    beside = np.full(len(face), -1)
    closed = np.zeros(len(face), np.bool_)
    for away in (0.5 * GAP_M, GAP_M):
        step = np.zeros(2)
        step[axis] = turn * away
        chains, _ = _chains(surroundings, face, plane + step)
        space = (chains.ending == Ending.SPACE) & (chains.space != own)
        beside = np.where(space & (beside < 0), chains.space, beside)
        closed |= space | (chains.ending == Ending.SOLID)
    return beside, closed
