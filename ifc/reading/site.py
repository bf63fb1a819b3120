"""Location, orientation and map conversion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import MapConversion, Site
from ifc.reading.entities import get, items, ref, text
from ifc.reading.frames import coordinates
from ifc.reading.properties import set_values
from ifc.reading.units import Units


def read_site(file: Any, units: Units) -> Site:
    """The first IfcSite that states a location, else the first; an empty Site where the file has none."""
    sites = sorted(file.by_type("IfcSite"), key=lambda entity: entity.id())
    located = [site for site in sites if compound_angle_deg(get(site, "RefLatitude")) is not None]
    site = next(iter(located or sites), None)
    elevation = get(site, "RefElevation")
    context = _model_context(file)
    north = true_north_deg(coordinates(ref(context, "TrueNorth"), "DirectionRatios"))
    return Site(
        global_id=text(site, "GlobalId"),
        name=text(site, "LongName") or text(site, "Name"),
        latitude_deg=_within(compound_angle_deg(get(site, "RefLatitude")), 90.0),
        longitude_deg=_within(compound_angle_deg(get(site, "RefLongitude")), 180.0),
        elevation_m=float(elevation) * units.length_m if isinstance(elevation, (int, float)) else None,
        north_deg=0.0 if north is None else north,
        north_stated=north is not None,
        map_conversion=_map_conversion(file, context, units),
        address=_address(file, site),
    )


def compound_angle_deg(parts: Any) -> float | None:
    """IfcCompoundPlaneAngleMeasure (degrees, minutes, seconds, millionths of a second) in degrees.

    IFC wants one sign in all parts. Files that negate only the degrees mean the same, and so do those
    that write a negative part after zero degrees: the angle is negative when any part is.
    """
    if not isinstance(parts, (tuple, list)) or not 3 <= len(parts) <= 4:
        return None
    if not all(isinstance(part, int) for part in parts):
        return None
    degrees, minutes, seconds, millionths = (abs(part) for part in [*parts, 0][:4])
    angle = degrees + minutes / 60 + (seconds + millionths * 1e-6) / 3600
    return float(-angle if any(part < 0 for part in parts) else angle)


def true_north_deg(direction: Sequence[float] | NDArray[np.float64] | None) -> float | None:
    """Azimuth of the model's +Y axis, clockwise from true north, in [0, 360).

    IfcGeometricRepresentationContext.TrueNorth is the direction of true north in the model's own x-y plane.
    With north at (x, y), the angle from north clockwise to +Y is that from (x, y) clockwise to
    (0, 1): north at (1, 0) means that +Y points west, 270°.
    """
    if direction is None:
        return None
    x, y = float(direction[0]), float(direction[1])
    if not (math.isfinite(x) and math.isfinite(y)) or math.hypot(x, y) == 0.0:
        return None
    return -math.degrees(math.atan2(x, y)) % 360.0 % 360.0  # the first rounds -1e-15 up to 360


def _model_context(file: Any) -> Any:
    """The 3-D context of the model, as the one that carries north and map conversion."""
    contexts = [
        context
        for context in sorted(
            file.by_type("IfcGeometricRepresentationContext", include_subtypes=False),
            key=lambda entity: entity.id(),
        )
        if get(context, "CoordinateSpaceDimension") != 2
    ]
    model = [context for context in contexts if get(context, "ContextType") == "Model"]
    return next(iter(model or contexts), None)


def _map_conversion(file: Any, context: Any, units: Units) -> MapConversion | None:
    if file.schema == "IFC2X3":
        return _map_conversion_of_sets(file, units)
    conversions = [
        entity for entity in items(context, "HasCoordinateOperation") if "MapConversion" in entity.is_a()
    ]
    conversion = next(iter(conversions or file.by_type("IfcMapConversion")), None)
    if conversion is None:
        return None
    crs = ref(conversion, "TargetCRS")
    map_unit = ref(crs, "MapUnit")
    scale_m = units.length_m if map_unit is None else units.of_measure("", map_unit)[1]
    return _conversion(
        {
            name: get(conversion, name)
            for name in (
                "Eastings",
                "Northings",
                "OrthogonalHeight",
                "XAxisAbscissa",
                "XAxisOrdinate",
                "Scale",
            )
        },
        text(crs, "Name"),
        scale_m,
    )


def _map_conversion_of_sets(file: Any, units: Units) -> MapConversion | None:
    """IFC2X3: buildingSMART's ePset_MapConversion and ePset_ProjectedCRS on the site or the project."""
    values: dict[str, Any] = {}
    crs_name = ""
    for definition in sorted(file.by_type("IfcPropertySet"), key=lambda entity: entity.id()):
        name = text(definition, "Name").lower()
        if name.endswith("pset_mapconversion"):
            values = values or {key: value for key, (value, _) in set_values(definition, units).items()}
        elif name.endswith("pset_projectedcrs"):
            crs_name = crs_name or str(set_values(definition, units).get("Name", ("", ""))[0])
    # The values of a set are in SI already where they are measures; plain reals are metres.
    return _conversion(values, crs_name, 1.0) if values else None


def _conversion(values: dict[str, Any], crs_name: str, scale_m: float) -> MapConversion | None:
    def number(name: str, default: float) -> float:
        value = values.get(name)
        usable = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return float(value) if usable and value is not None else default

    if math.isnan(number("Eastings", math.nan)) or math.isnan(number("Northings", math.nan)):
        return None
    return MapConversion(
        crs_name=crs_name,
        eastings_m=number("Eastings", 0.0) * scale_m,
        northings_m=number("Northings", 0.0) * scale_m,
        orthogonal_height_m=number("OrthogonalHeight", 0.0) * scale_m,
        x_axis_abscissa=number("XAxisAbscissa", 1.0),
        x_axis_ordinate=number("XAxisOrdinate", 0.0),
        scale=number("Scale", 1.0),
    )


def _address(file: Any, site: Any) -> str:
    buildings = sorted(file.by_type("IfcBuilding"), key=lambda entity: entity.id())
    addresses = [ref(site, "SiteAddress"), *(ref(building, "BuildingAddress") for building in buildings)]
    for address in addresses:
        lines = [line for line in (get(address, "AddressLines") or ()) if isinstance(line, str)]
        parts = [*lines, *(text(address, name) for name in ("Town", "Region", "PostalCode", "Country"))]
        written = [part.strip() for part in parts if part.strip()]
        if written:
            return ", ".join(written)
    return ""


def _within(angle: float | None, limit: float) -> float | None:
    return angle if angle is not None and abs(angle) <= limit else None
