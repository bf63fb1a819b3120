"""Heat flow through floors on the ground.

Source: ISO 13370:2017, 7.2 (characteristic dimension) and 7.3 (slab on ground).
"""

from __future__ import annotations

import math

from ifc.constructions.surface_resistances import iso6946_surfaces

GROUND_CONDUCTIVITY_W_MK = {"clay": 1.5, "sand": 2.0, "rock": 3.5}  # ISO 13370:2017 table 7
_OUTSIDE = 0.04  # Rse, m²·K/W


def slab_on_ground_u_value(
    area_m2: float,
    exposed_perimeter_m: float,
    floor_resistance_m2k_w: float,
    *,
    wall_thickness_m: float = 0.3,
    ground_conductivity_w_mk: float = GROUND_CONDUCTIVITY_W_MK["sand"],
) -> float:
    """Steady-state U-value in W/(m²·K) of a floor slab on the ground, with the soil below it.

    ``floor_resistance_m2k_w`` is that of the layers above and below the slab and of the slab itself, without
    surfaces. A floor without exposed perimeter is inside a larger building: U is 0 in the limit.

    Raises:
        ValueError: an area, conductivity or thickness is not positive, or the perimeter is negative.
    """
    if area_m2 <= 0 or ground_conductivity_w_mk <= 0 or wall_thickness_m <= 0 or exposed_perimeter_m < 0:
        raise ValueError("area, ground conductivity and wall thickness must be positive")
    if exposed_perimeter_m == 0:
        return 0.0
    characteristic_m = area_m2 / (0.5 * exposed_perimeter_m)
    surface = iso6946_surfaces("ground_floor").inside
    equivalent_m = wall_thickness_m + ground_conductivity_w_mk * (surface + floor_resistance_m2k_w + _OUTSIDE)
    if equivalent_m < characteristic_m:
        reach = math.pi * characteristic_m
        return 2.0 * ground_conductivity_w_mk / (reach + equivalent_m) * math.log(reach / equivalent_m + 1.0)
    return ground_conductivity_w_mk / (0.457 * characteristic_m + equivalent_m)
