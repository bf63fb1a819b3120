"""The neutral building model: NumPy columns and small frozen dataclasses, no IfcOpenShell."""

from ifc.model.building import BuildingModel, Source
from ifc.model.construction import Construction, Layer
from ifc.model.diagnostic import Diagnostic, FaultPlace, Severity
from ifc.model.elements import ElementTable, GroupTable, OpeningTable, PropertyTable, StoreyTable
from ifc.model.geometry import GeometryTable
from ifc.model.polygons import PolygonTable
from ifc.model.rooms import (
    Evidence,
    Neighbour,
    SpaceBoundaryTable,
    SpaceTable,
    SurfaceOpeningTable,
    SurfaceTable,
)
from ifc.model.site import GroundCoverTable, MapConversion, Site
from ifc.model.system_text import reason_of
from ifc.model.text import Language, Text
from ifc.model.traced import PROVENANCE_CODES, Provenance, Traced

__all__ = [
    "PROVENANCE_CODES",
    "BuildingModel",
    "Construction",
    "Diagnostic",
    "ElementTable",
    "Evidence",
    "FaultPlace",
    "GeometryTable",
    "GroundCoverTable",
    "GroupTable",
    "Language",
    "Layer",
    "MapConversion",
    "Neighbour",
    "OpeningTable",
    "PolygonTable",
    "PropertyTable",
    "Provenance",
    "Severity",
    "Site",
    "Source",
    "SpaceBoundaryTable",
    "SpaceTable",
    "StoreyTable",
    "SurfaceOpeningTable",
    "SurfaceTable",
    "Text",
    "Traced",
    "reason_of",
]
