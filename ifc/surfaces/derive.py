"""The surfaces of every space, derived from the geometry of spaces and elements."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Evidence
from ifc.surfaces.boundary_solids import solids_from_boundaries, with_measures
from ifc.surfaces.classify import Surroundings
from ifc.surfaces.derived_rooms import derive_rooms
from ifc.surfaces.ground import find_ground
from ifc.surfaces.openings import find_openings
from ifc.surfaces.pieces import divide_faces
from ifc.surfaces.planar_faces import planar_faces
from ifc.surfaces.scene import Scene, build_scene, space_solids
from ifc.surfaces.space_check import SpaceSolids, check_solids, open_air
from ifc.surfaces.tables import both_sides, opening_table, surface_table
from ifc.surfaces.verdicts import grade_diagnostics, grade_spaces
from ifc.surfaces.voxels import air_grids

Floats = NDArray[np.float64]


def derive_surfaces(model: BuildingModel) -> BuildingModel:
    """Fill a model's surfaces, their openings, and the grade of every space.

    The file's own space boundaries are looked at only for spaces without a usable solid, whose solid they
    give where they are sound (``Evidence.FILE``, grade C at best). External spaces (``spaces.internal``
    False) have
    no surfaces and count as outdoors for their neighbours.

    Args:
        model: a model as read, with the geometry of spaces, elements and openings.

    Returns:
        The model with ``surfaces``, ``surface_openings``, ``spaces.grade`` and its reasons filled and
        diagnostics appended; everything else is unchanged.
    """
    begun = time.perf_counter()
    # GEOS raises floating-point flags that NumPy would warn about.
    with np.errstate(all="ignore"):
        derived = _derived(model)
    return replace(derived, seconds={**model.seconds, "surfaces": time.perf_counter() - begun})


def _derived(model: BuildingModel) -> BuildingModel:
    corners, owner = space_solids(model, np.flatnonzero(model.spaces.internal))
    solids = check_solids(corners, owner, len(model.spaces))
    given = solids_from_boundaries(model, _without_solid(model, solids))
    if len(given.owner):
        model = with_measures(model, given)
        kept = ~np.isin(owner, given.owner)
        corners = np.concatenate([corners[kept], given.corners])
        owner = np.concatenate([owner[kept], given.owner])
        order = np.argsort(owner, kind="stable")
        corners, owner = corners[order], owner[order]
        solids = check_solids(corners, owner, len(model.spaces))
    notes: tuple[Diagnostic, ...] = ()
    if not solids.usable.any():
        rooms = derive_rooms(model)
        model, notes = rooms.model, rooms.diagnostics
        corners, owner = np.concatenate([corners, rooms.corners]), np.concatenate([owner, rooms.owner])
        solids = check_solids(corners, owner, len(model.spaces))
    mine = solids.usable[solids.owner]
    corners, owner = solids.corners[mine], solids.owner[mine]

    scene = build_scene(model, corners, owner, open_air(model, corners, owner))
    ground, ground_note = find_ground(model, scene)
    faces = planar_faces(scene.space_corners, scene.space_owner)
    boxes = _space_boxes(scene)
    air = air_grids(*boxes, scene.solids.corners)
    surroundings = Surroundings(scene, faces, ground, air)
    surfaces, pair = both_sides(faces, divide_faces(surroundings))
    openings = find_openings(model, surroundings, surfaces)

    table = surface_table(model, surroundings, surfaces, pair)
    piercings = opening_table(model, surroundings, surfaces, openings)
    graded, faults = grade_spaces(model, scene, table, surfaces.stand_off, solids, given.rows)
    from_file = np.isin(table.space, given.owner)
    table = replace(table, evidence=np.where(from_file, Evidence.FILE, table.evidence).astype(np.int8))
    if len(table):
        notes = (ground_note, *notes)
    model = replace(model, spaces=graded)
    return replace(
        model,
        surfaces=table,
        surface_openings=piercings,
        diagnostics=model.diagnostics + notes + grade_diagnostics(model, faults),
    )


def _without_solid(model: BuildingModel, solids: SpaceSolids) -> NDArray[np.int64]:
    """Rows of the internal spaces whose own solid is missing or cannot be used."""
    lost = model.spaces.internal & ~solids.usable
    lost[list(solids.holders)] = False
    return np.flatnonzero(lost)


def _space_boxes(scene: Scene) -> tuple[Floats, Floats]:
    """Low and high corners of the spaces of a scene."""
    if len(scene.space_owner) == 0:
        return np.zeros((0, 3)), np.zeros((0, 3))
    _, begin = np.unique(scene.space_owner, return_index=True)
    lower = np.minimum.reduceat(scene.space_corners.min(axis=1), begin)
    upper = np.maximum.reduceat(scene.space_corners.max(axis=1), begin)
    return lower, upper
