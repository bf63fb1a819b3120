"""Storeys as the clauses see them: which lie below ground, and their gross floor areas."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour, Provenance, Text
from twin.rating.reading import WALLS, PropertyReader, as_bool, as_number

_BELOW = re.compile(
    r"地下|负[一二三四五1-5]|(?<![a-z0-9])(?:-\s*\d|b\s*[1-9](?![a-z0-9])|basement|underground|cellar|keller|ug)",
    re.I,
)
_GROUND_FLOOR = re.compile(
    r"首层|底层|一层|一楼|"
    r"(?<![a-z0-9-])(?:1f|f1|f01|1st floor|level 1|ground ?floor|eg|erdgeschoss|rez)(?![a-z0-9])",
    re.I,
)

_NAMES = Text("names of the storeys", "楼层名称")
_ELEVATIONS = Text("elevations and ground contact", "标高和接触土壤情况")
_SHAFT_M2 = 10.0  # a gap between rooms up to this size is a shaft and counts as floor, a larger one is a void


@dataclass(frozen=True, slots=True)
class Storeys:
    """Columns over the rows of the StoreyTable, and how they were found."""

    below: tuple[bool, ...]  # below ground
    source: Text
    confidence: str
    area_m2: NDArray[np.float64]  # gross floor area, NaN where it cannot be told
    area_source: str
    area_provenance: Provenance
    area_confidence: str


def read_storeys(model: BuildingModel, properties: PropertyReader) -> Storeys:
    """Sort the storeys of a model into those above and below ground, and find their floor areas."""
    below, source, confidence = _levels(model, properties)
    return Storeys(below, source, confidence, *_areas(model, properties))


def _levels(model: BuildingModel, properties: PropertyReader) -> tuple[tuple[bool, ...], Text, str]:
    """Below ground by AboveGround, else by name, else by the earth at the walls or the elevation."""
    below: list[bool] = []
    sources: dict[Text, None] = {}
    ground = _ground_floor_elevation(model)
    for row in range(len(model.storeys)):
        stated = properties.get(int(model.storeys.element[row]), "storey_above_ground")
        above = as_bool(stated.value) if stated else None
        name = str(model.storeys.name[row])
        if stated and above is not None:
            below.append(not above)
            sources[Text(stated.source, stated.source)] = None
        elif _BELOW.search(name) or _GROUND_FLOOR.search(name):
            below.append(_BELOW.search(name) is not None)
            sources[_NAMES] = None
        else:
            below.append(_in_the_earth(model, row, ground))
            sources[_ELEVATIONS] = None
    source = Text(", ".join(text.en for text in sources), "、".join(text.zh for text in sources))
    return tuple(below), source, "medium" if _ELEVATIONS in sources else "high"


def _ground_floor_elevation(model: BuildingModel) -> float | None:
    for row in range(len(model.storeys)):
        name = str(model.storeys.name[row])
        if _GROUND_FLOOR.search(name) and not _BELOW.search(name):
            return float(model.storeys.elevation_m[row])
    return None


def _in_the_earth(model: BuildingModel, storey: int, ground: float | None) -> bool:
    """Whether most of the outer wall area is against earth; without walls, 1.5 m below the ground floor."""
    surfaces = model.surfaces
    if len(surfaces):
        walls = np.abs(surfaces.tilt_deg - 90) < 30
        own = model.spaces.storey[surfaces.space] == storey
        earth = float(surfaces.area_m2[own & walls & (surfaces.neighbour == Neighbour.GROUND)].sum())
        air = float(surfaces.area_m2[own & walls & (surfaces.neighbour == Neighbour.OUTDOORS)].sum())
        if earth + air > 0:
            return earth > air
    elevation = float(model.storeys.elevation_m[storey])
    reference = ground if ground is not None else -float(model.offset_m[2])  # project zero
    return elevation < reference - 1.5


def _areas(
    model: BuildingModel, properties: PropertyReader
) -> tuple[NDArray[np.float64], str, Provenance, str]:
    """A storey's own quantity, else the outline of its rooms and walls seen from above."""
    areas = np.full(len(model.storeys), np.nan)
    derived = False
    for row in range(len(areas)):
        found = properties.get(int(model.storeys.element[row]), "gross_floor_area")
        number = as_number(found.value) if found else None
        if number is not None and number > 0:
            areas[row] = number
            continue
        outline = _outline_area(model, row)
        if outline > 0:
            areas[row] = outline
            derived = True
    if derived:
        return areas, "outlines of rooms and walls", Provenance.DERIVED, "medium"
    return areas, "GrossFloorArea of the storeys", Provenance.IFC, "high"


def _outline_area(model: BuildingModel, storey: int) -> float:
    """Area inside the outer face of the walls around a storey's rooms; 0 without rooms."""
    spaces = model.spaces
    rooms = [
        shapely.make_valid(shapely.Polygon(rings[0], rings[1:]))
        for row in np.flatnonzero((spaces.storey == storey) & spaces.internal)
        if (rings := spaces.footprint.rings(int(row))) and len(rings[0]) >= 3
    ]
    if not rooms:
        return 0.0
    inside = shapely.union_all(rooms)
    shapely.prepare(inside)
    walls = []
    for row in np.flatnonzero(np.isin(model.elements.ifc_class, WALLS) & (model.elements.storey == storey)):
        vertices, _ = model.geometry.mesh(int(row))
        if len(vertices) >= 3:
            walls.append(shapely.MultiPoint(vertices[:, :2]).convex_hull)
    near = [wall for wall in walls if shapely.dwithin(inside, wall, 0.3)]  # garden walls stay out
    # 0.1 m closes the joints between rooms and walls.
    merged = shapely.buffer(shapely.union_all([shapely.buffer(part, 0.1) for part in (inside, *near)]), -0.1)
    return float(merged.area) + sum(
        hole
        for part in shapely.get_parts(merged)
        for ring in part.interiors
        if (hole := shapely.Polygon(ring).area) <= _SHAFT_M2
    )
