"""Where a pilot model stands: site, building, geographic and grid coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ifcopenshell.api.georeference

from sample_models.building import Building
from sample_models.constructions import Constructions
from sample_models.openings import Catalogue
from sample_models.writer import IfcWriter


@dataclass(frozen=True)
class Location:
    """Where the model stands. ``azimuth`` is that of the model's +Y axis, clockwise from true north."""

    latitude: float
    longitude: float
    elevation: float
    azimuth: float
    easting: float  # EPSG:4548 of the model's origin
    northing: float
    convergence: float  # grid convergence in degrees: true azimuth = grid azimuth + convergence


def start_building(writer: IfcWriter, name: str, location: Location, address: Sequence[str]) -> Building:
    """Site and building of a project, with location and map conversion."""
    file = writer.file
    site = writer.entity("IfcSite", "site", "建设场地")
    site.RefLatitude = _degrees(location.latitude)
    site.RefLongitude = _degrees(location.longitude)
    site.RefElevation = location.elevation
    site.CompositionType = "ELEMENT"
    site_placement = writer.placement(None)
    writer.place(site, site_placement)
    writer.aggregate(writer.project, site)
    building = writer.entity("IfcBuilding", "building", name)
    building.CompositionType = "ELEMENT"
    building.ElevationOfRefHeight = location.elevation
    building.BuildingAddress = file.create_entity(
        "IfcPostalAddress", AddressLines=list(address), Town="南昌市", Region="江西省", Country="中国"
    )
    placement = writer.placement(site_placement)
    writer.place(building, placement)
    writer.aggregate(site, building)

    azimuth = math.radians(location.azimuth)
    grid = math.radians(location.azimuth - location.convergence)
    ifcopenshell.api.georeference.add_georeferencing(file)
    ifcopenshell.api.georeference.edit_georeferencing(
        file,
        projected_crs={
            "Name": "EPSG:4548",
            "Description": "CGCS2000 / 3-degree Gauss-Kruger CM 117E",
            "GeodeticDatum": "CGCS2000",
            "VerticalDatum": "1985国家高程基准",
            "MapProjection": "Gauss-Kruger",
        },
        coordinate_operation={
            "Eastings": location.easting,
            "Northings": location.northing,
            "OrthogonalHeight": location.elevation,
            "XAxisAbscissa": round(math.cos(grid), 12),
            "XAxisOrdinate": round(-math.sin(grid), 12),
            "Scale": 1.0,
        },
    )
    for context in file.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        context.TrueNorth = writer.direction(-math.sin(azimuth), math.cos(azimuth))
        context.Precision = 1e-5
    constructions = Constructions(writer)
    return Building(
        writer,
        constructions,
        Catalogue(writer, constructions),
        site,
        site_placement,
        building,
        placement,
    )


def _degrees(angle: float) -> tuple[int, int, int, int]:
    """Degrees as degrees, minutes, seconds and millionths of a second."""
    millionths = round(abs(angle) * 3600e6)
    sign = -1 if angle < 0 else 1
    parts = (
        millionths // 3_600_000_000,
        millionths // 60_000_000 % 60,
        millionths // 1_000_000 % 60,
        millionths % 1_000_000,
    )
    return tuple(sign * part for part in parts)  # type: ignore[return-value]
