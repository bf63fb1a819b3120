"""Spaces, the surfaces that enclose them, and the openings in those surfaces, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ifc.model.elements import Index, Strings
from ifc.model.polygons import PolygonTable

Floats = NDArray[np.float64]


class Neighbour(IntEnum):
    """What lies behind a surface."""

    OUTDOORS = 0
    GROUND = 1
    SPACE = 2
    ADIABATIC = 3  # known to have no heat flow (declared, or the same use beyond the model's edge)
    VOID = 4  # enclosed but no space of the model: shaft, attic, storey without rooms
    UNKNOWN = 5


class Evidence(IntEnum):
    """How a surface's neighbour was decided."""

    PAIR = 0  # an opposite face of the neighbouring space
    CELL = 1  # exact cut along the edges of the elements behind
    SAMPLE = 2  # rays only
    FILE = 3  # the file's own space boundary


@dataclass(frozen=True)
class SpaceTable:
    """IfcSpaces (or derived rooms), one row each. All columns have shape (N,).

    Geometry is in model coordinates. Unknown numbers are NaN.
    """

    element: Index  # element row; -1 for a derived room
    global_id: Strings  # "derived:<storey>:<n>" for a derived room
    name: Strings
    long_name: Strings
    storey: Index
    use: Strings  # use type id, e.g. "bedroom", "office", "corridor"; "unknown" if not recognised
    use_provenance: NDArray[np.int8]  # index into PROVENANCE_CODES, -1 unknown
    footprint: PolygonTable  # 2-D floor outline per space
    floor_z_m: Floats
    height_m: Floats  # clear height, volume / footprint area for non-prismatic rooms
    area_m2: Floats  # of the footprint
    volume_m3: Floats  # of the solid
    declared_area_m2: Floats  # the file's quantity, NaN for none
    declared_volume_m3: Floats
    internal: NDArray[np.bool_]  # False for external spaces (balcony, terrace, outdoor space, GFA zone)
    derived: NDArray[np.bool_]
    grade: Strings  # "A" | "B" | "C" | "D"
    grade_reason_en: Strings
    grade_reason_zh: Strings

    def __len__(self) -> int:
        return len(self.element)


@dataclass(frozen=True)
class SurfaceTable:
    """Planar surfaces that enclose the spaces, one row each. All columns have shape (F,).

    Normals point out of the space. ``area_m2`` is gross: it includes the surface's openings.
    """

    space: Index
    polygon: PolygonTable  # 3-D
    normal: Floats  # (F, 3) unit, out of the space
    area_m2: Floats
    tilt_deg: Floats  # of the normal from the zenith: 0 roof/ceiling, 90 wall, 180 floor
    azimuth_deg: Floats  # of the normal, clockwise from true north, [0, 360); NaN when horizontal
    neighbour: NDArray[np.int8]  # Neighbour
    neighbour_space: Index  # row in SpaceTable for Neighbour.SPACE
    pair: Index  # the neighbour's row in this table that looks back, -1 for none
    element: Index  # first element behind the surface, -1 when none was found
    construction: Index  # row in BuildingModel.constructions, -1 for none
    thickness_m: Floats  # of everything between this face and the neighbour's; NaN unknown
    evidence: NDArray[np.int8]  # Evidence

    def __len__(self) -> int:
        return len(self.space)


@dataclass(frozen=True)
class SurfaceOpeningTable:
    """Windows, doors and holes in surfaces, one row each. All columns have shape (W,)."""

    surface: Index
    element: Index  # the window or door; for an unfilled opening the IfcOpeningElement
    kind: Strings  # "window" | "door" | "air" (an unfilled opening)
    polygon: PolygonTable  # 3-D, in the surface's plane
    area_m2: Floats
    construction: Index

    def __len__(self) -> int:
        return len(self.surface)


@dataclass(frozen=True)
class SpaceBoundaryTable:
    """The file's own IfcRelSpaceBoundary of its spaces, as they are, one row each. Columns have shape (B,).

    Nothing is derived from them but for a space without a usable solid; they are compared with the surfaces.
    """

    space: Index  # element row of the IfcSpace
    element: Index  # element row of the wall, window, ...; -1 for none
    level: NDArray[np.int8]  # 1 or 2
    side: Strings  # "internal" | "external" | "" where the file does not tell
    polygon: PolygonTable  # 3-D; empty where its geometry is curved or cannot be read

    def __len__(self) -> int:
        return len(self.space)
