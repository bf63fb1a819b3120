"""What the tests ask of derived surfaces, in words."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ifc.model import BuildingModel, Neighbour, PolygonTable, SpaceBoundaryTable
from ifc.surfaces import derive_surfaces
from tests.building_blocks import Blocks, Point

OUTDOORS, GROUND, SPACE = Neighbour.OUTDOORS, Neighbour.GROUND, Neighbour.SPACE
ADIABATIC, VOID, UNKNOWN = Neighbour.ADIABATIC, Neighbour.VOID, Neighbour.UNKNOWN


def shell(blocks: Blocks, low: Point, high: Point, thickness: float = 0.3) -> dict[str, int]:
    """Four walls, a floor slab below and a roof slab above an inner box; returns their rows by side."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    t = thickness
    return {
        "south": blocks.box("IfcWall", (x0 - t, y0 - t, z0), (x1 + t, y0, z1)),
        "north": blocks.box("IfcWall", (x0 - t, y1, z0), (x1 + t, y1 + t, z1)),
        "west": blocks.box("IfcWall", (x0 - t, y0, z0), (x0, y1, z1)),
        "east": blocks.box("IfcWall", (x1, y0, z0), (x1 + t, y1, z1)),
        "floor": blocks.box("IfcSlab", (x0 - t, y0 - t, z0 - t), (x1 + t, y1 + t, z0)),
        "roof": blocks.box("IfcSlab", (x0 - t, y0 - t, z1), (x1 + t, y1 + t, z1 + t)),
    }


def derived(blocks: Blocks) -> BuildingModel:
    """The model of the blocks with its surfaces, checked for what holds in every model."""
    model = derive_surfaces(blocks.model())
    check_invariants(model)
    return model


def check_invariants(model: BuildingModel) -> None:
    """Pairs look at each other with equal areas, polygons match their areas and normals."""
    surfaces = model.surfaces
    rows = np.flatnonzero(surfaces.pair >= 0)
    back = surfaces.pair[rows]
    assert (surfaces.pair[back] == rows).all()
    assert np.allclose(surfaces.area_m2[rows], surfaces.area_m2[back], rtol=3e-3)
    assert (surfaces.neighbour[rows] == surfaces.neighbour[back]).all()
    inner = surfaces.neighbour == SPACE
    assert (surfaces.neighbour_space[inner] >= 0).all()
    assert (surfaces.neighbour_space[~inner] == -1).all()
    paired = np.flatnonzero(inner & (surfaces.pair >= 0))
    assert (surfaces.space[surfaces.pair[paired]] == surfaces.neighbour_space[paired]).all()
    for row in range(len(surfaces)):
        vector = sum(_area_vector(ring) for ring in surfaces.polygon.rings(row))
        assert np.allclose(vector, surfaces.normal[row] * surfaces.area_m2[row], atol=1e-3)
    openings = model.surface_openings
    for row in range(len(openings)):
        vector = sum(_area_vector(ring) for ring in openings.polygon.rings(row))
        normal = surfaces.normal[openings.surface[row]]
        assert np.allclose(vector, normal * openings.area_m2[row], atol=1e-3)
    assert len(model.spaces.grade) == len(model.spaces)
    assert set(model.spaces.grade) <= set("ABCD")
    assert all(model.spaces.grade_reason_en)
    assert all(model.spaces.grade_reason_zh)


def _area_vector(ring: np.ndarray) -> np.ndarray:
    local = ring - ring[0]
    return 0.5 * np.cross(local, np.roll(local, -1, axis=0)).sum(axis=0)


def areas(model: BuildingModel, space: int) -> dict[Neighbour, float]:
    """Area of one space per kind of neighbour, rounded to a square centimetre."""
    surfaces = model.surfaces
    total: dict[Neighbour, float] = defaultdict(float)
    for row in np.flatnonzero(surfaces.space == space):
        total[Neighbour(surfaces.neighbour[row])] += surfaces.area_m2[row]
    return {kind: round(float(area), 4) for kind, area in total.items()}


def rows_facing(model: BuildingModel, space: int, normal: Point, tolerance: float = 1e-6) -> list[int]:
    """Rows of one space's surfaces whose normal is ``normal``."""
    surfaces = model.surfaces
    same = np.linalg.norm(surfaces.normal - np.asarray(normal), axis=1) < tolerance
    return np.flatnonzero((surfaces.space == space) & same).tolist()


def area_to(model: BuildingModel, space: int, other: int) -> float:
    """Area of one space towards another."""
    surfaces = model.surfaces
    mine = (surfaces.space == space) & (surfaces.neighbour_space == other)
    return round(float(surfaces.area_m2[mine].sum()), 4)


def openings_of(model: BuildingModel, space: int) -> list[tuple[str, int, float]]:
    """Kind, element and area of the openings in one space's surfaces."""
    openings = model.surface_openings
    return [
        (openings.kind[row], int(openings.element[row]), round(float(openings.area_m2[row]), 4))
        for row in range(len(openings))
        if model.surfaces.space[openings.surface[row]] == space
    ]


def boundaries_of(model: BuildingModel) -> SpaceBoundaryTable:
    """Space boundaries as a good exporter writes them: one per surface, then one per window and door."""
    surfaces, openings = model.surfaces, model.surface_openings
    rings = [surfaces.polygon.rings(row) for row in range(len(surfaces))]
    rings += [openings.polygon.rings(row) for row in range(len(openings))]
    space = np.concatenate([surfaces.space, surfaces.space[openings.surface]])
    inside = surfaces.neighbour == SPACE
    side = np.where(np.concatenate([inside, inside[openings.surface]]), "internal", "external")
    return SpaceBoundaryTable(
        space=model.spaces.element[space],
        element=np.concatenate([surfaces.element, openings.element]),
        level=np.full(len(rings), 2, np.int8),
        side=side.astype(object),
        polygon=PolygonTable.pack(rings, 3),
    )
