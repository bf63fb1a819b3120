"""Where the building stands and what covers the ground around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model.elements import Index, Strings
from ifc.model.polygons import PolygonTable


@dataclass(frozen=True, slots=True)
class MapConversion:
    """IfcMapConversion (or the IFC2X3 ePset_MapConversion), as in the file."""

    crs_name: str
    eastings_m: float
    northings_m: float
    orthogonal_height_m: float
    x_axis_abscissa: float
    x_axis_ordinate: float
    scale: float


@dataclass(frozen=True, slots=True)
class Site:
    """Location and orientation. None = not in the file."""

    global_id: str
    name: str
    latitude_deg: float | None
    longitude_deg: float | None
    elevation_m: float | None
    north_deg: float  # azimuth of the model's +Y axis, clockwise from true north
    north_stated: bool  # False when the file has no TrueNorth and 0 is assumed
    map_conversion: MapConversion | None
    address: str


@dataclass(frozen=True)
class GroundCoverTable:
    """What covers the site, seen from above. All columns have shape (C,).

    ``kind`` is one of roof, green_roof, road, paving, permeable_paving, green, sunken_green, water, tank,
    tree, parking, unknown. Storage facilities carry their depth or volume (NaN for none).
    """

    element: Index
    kind: Strings
    polygon: PolygonTable  # 2-D, model coordinates
    area_m2: NDArray[np.float64]
    storage_depth_m: NDArray[np.float64]  # ponding or sunken depth
    storage_volume_m3: NDArray[np.float64]  # of tanks and ponds
    provenance: NDArray[np.int8]  # of the kind: index into PROVENANCE_CODES

    def __len__(self) -> int:
        return len(self.element)
