"""Coordinates of a file in metres on a plane that keeps areas."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from twin.catchments.rules import CatchmentRules

Floats = NDArray[np.float64]

SEMI_MAJOR_M = 6378137.0  # of WGS 84; that of CGCS2000 differs by 1e-10
FLATTENING = 1.0 / 298.257223563
ECCENTRICITY_2 = FLATTENING * (2.0 - FLATTENING)


def equal_area_plane(longitude_deg: Floats, latitude_deg: Floats) -> Floats:
    """Longitudes and latitudes (n,) in metres (n, 2) about their middle, areas as on the ellipsoid.

    Lambert's cylindrical projection of the ellipsoid with the middle latitude as its standard parallel:
    Snyder, Map Projections - A Working Manual, USGS Professional Paper 1395 (1987), equations 10-13 to 10-15
    and 3-12.
    Lengths and angles are true at that latitude; a kilometre away they are off by some 1e-4.
    """
    longitude, latitude = np.radians(longitude_deg), np.radians(latitude_deg)
    middle = np.array([(values.min() + values.max()) / 2.0 for values in (longitude, latitude)])
    stretch = np.cos(middle[1]) / np.sqrt(1.0 - ECCENTRICITY_2 * np.sin(middle[1]) ** 2)
    x = SEMI_MAJOR_M * stretch * (longitude - middle[0])
    y = SEMI_MAJOR_M / (2.0 * stretch) * (_authalic(latitude) - _authalic(middle[1:]))
    return np.column_stack([x, y])


def _authalic(latitude: Floats) -> Floats:
    """Snyder's q: twice the area between the equator and a latitude, per radian and a²."""
    e, sine = np.sqrt(ECCENTRICITY_2), np.sin(latitude)
    logarithm = np.log((1.0 - e * sine) / (1.0 + e * sine)) / (2.0 * e)
    return np.asarray((1.0 - ECCENTRICITY_2) * (sine / (1.0 - ECCENTRICITY_2 * sine**2) - logarithm))


def epsg_code(name: str) -> int | None:
    """The EPSG code in the name of a coordinate reference system; CRS84 is 4326 with the longitude first.

    ``EPSG:4549``, ``urn:ogc:def:crs:EPSG::4549``, ``http://www.opengis.net/def/crs/EPSG/0/4549``.
    """
    if re.search(r"\bCRS:?84h?\b", name, re.IGNORECASE):
        return 4326
    found = re.search(r"EPSG(?::|::|/|:[\d.]+:|/[\d.]+/)(\d{4,6})\s*$", name.strip(), re.IGNORECASE)
    return int(found[1]) if found else None


def in_metres(code: int, rules: CatchmentRules) -> bool:
    """Whether the coordinates of an EPSG code are metres on a plane of true scale."""
    return any(first <= code <= last for first, last in rules.metres)
