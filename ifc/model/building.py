"""The one shape that everything shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model.construction import Construction
from ifc.model.diagnostic import Diagnostic
from ifc.model.elements import ElementTable, GroupTable, OpeningTable, PropertyTable, StoreyTable
from ifc.model.geometry import GeometryTable
from ifc.model.rooms import SpaceBoundaryTable, SpaceTable, SurfaceOpeningTable, SurfaceTable
from ifc.model.site import GroundCoverTable, Site


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a model was read from."""

    path: str
    sha256: str
    size_bytes: int
    schema: str  # "IFC2X3" | "IFC4" | "IFC4X3_ADD2"
    application: str
    project_name: str
    length_unit_m: float  # one length unit of the file in metres
    entity_counts: Mapping[str, int]  # class -> instances, subclasses counted apart


@dataclass(frozen=True)
class BuildingModel:
    """A building or a community, read from one IFC file. Columnar, picklable, immutable.

    Lengths in metres, z up. Coordinates are float64 about ``offset_m``: world = model + offset_m.
    """

    source: Source
    offset_m: NDArray[np.float64]  # (3,)
    site: Site
    elements: ElementTable
    properties: PropertyTable
    storeys: StoreyTable
    openings: OpeningTable
    groups: GroupTable
    geometry: GeometryTable
    constructions: tuple[Construction, ...]
    spaces: SpaceTable
    surfaces: SurfaceTable
    surface_openings: SurfaceOpeningTable
    boundaries: SpaceBoundaryTable
    ground_covers: GroundCoverTable
    diagnostics: tuple[Diagnostic, ...]
    seconds: Mapping[str, float]  # stage -> wall time: "open", "geometry", "model", "surfaces"
