"""Rooms derived from walls and slabs, beside the spaces of the file, which are taken away in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, SpaceBoundaryTable, SpaceTable
from ifc.model.empty import empty_table
from ifc.surfaces import derive_surfaces

FILES = (
    "community_centre", "residential_tower", "AC20-FZK-Haus_with_SB55",
    "b03_heating_with_building_blenderBIM", "Office_A_20110811", "Duplex_A_20110907_georeferenced",
    "AC90R1-niedriha-V2-2x3", "Janesville_restaurant",
)  # fmt: skip
FOUND_IOU = 0.8  # a room whose outline agrees less is missed
SAME_HEIGHT_M = 0.8  # rooms that share more of their height lie on one storey


@dataclass(frozen=True, slots=True)
class RoomsFound:
    """How the derived rooms of a model agree with its spaces."""

    rooms: int  # of the file: internal, usable
    derived: int
    found: int  # rooms with a derived one of FOUND_IOU
    overlap: (
        float  # volume common to rooms and derived rooms, over that of either, as prisms over their floors
    )
    missed: tuple[str, ...]  # name, area and best agreement of each room that is not found
    surplus: tuple[str, ...]  # derived rooms that are none of the file's
    seconds: float


def compare(model: BuildingModel) -> RoomsFound:
    """Derive rooms from a model without its spaces, and compare.

    Args:
        model: with its surfaces and grades, as :func:`ifc.read` returns it.
    """
    bare = replace(model, spaces=empty_table(SpaceTable), boundaries=empty_table(SpaceBoundaryTable))
    derived = derive_surfaces(bare)
    true, found = model.spaces, derived.spaces
    rooms = np.flatnonzero(true.internal & (true.grade != "D") & (true.area_m2 > 0))
    outlines, others = _outlines(true, rooms), _outlines(found, np.arange(len(found)))
    tree = shapely.STRtree(others)
    best = np.zeros(len(rooms))
    taken = np.zeros(len(others), np.bool_)
    common = 0.0
    for number, row in enumerate(rooms.tolist()):
        for other in tree.query(outlines[number]).tolist():
            low = max(true.floor_z_m[row], found.floor_z_m[other])
            high = min(_top(true, row), _top(found, other))
            shared = outlines[number].intersection(others[other]).area
            common += shared * max(high - low, 0.0)
            if high - low < min(SAME_HEIGHT_M, 0.5 * true.height_m[row]):
                continue
            agreement = shared / outlines[number].union(others[other]).area
            best[number] = max(best[number], agreement)
            taken[other] |= agreement > FOUND_IOU
    either = float((shapely.area(outlines) * true.height_m[rooms]).sum() - common)
    either += float((shapely.area(others) * found.height_m).sum())
    return RoomsFound(
        rooms=len(rooms),
        derived=len(others),
        found=int((best > FOUND_IOU).sum()),
        overlap=float(common / max(either, 1e-9)),
        missed=tuple(
            f"{true.name[row]} {true.long_name[row]} {true.area_m2[row]:.1f} m² ({best[number]:.2f})"
            for number, row in enumerate(rooms.tolist())
            if best[number] <= FOUND_IOU
        ),
        surplus=tuple(f"{found.name[row]} {found.area_m2[row]:.1f} m²" for row in np.flatnonzero(~taken)),
        seconds=derived.seconds["surfaces"],
    )


def _outlines(spaces: SpaceTable, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """The floors of spaces as polygons."""
    outlines = np.empty(len(rows), object)
    for number, row in enumerate(rows.tolist()):
        rings = spaces.footprint.rings(row)
        outlines[number] = shapely.Polygon(rings[0], rings[1:]).buffer(0) if rings else shapely.Polygon()
    return outlines


def _top(spaces: SpaceTable, row: int) -> float:
    return float(spaces.floor_z_m[row] + spaces.height_m[row])
