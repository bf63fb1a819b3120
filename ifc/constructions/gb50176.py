"""Quantities of opaque components as GB 50176-2016 defines them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ifc.constructions.iso6946 import layer_resistance, u_value
from ifc.constructions.surface_resistances import gb50176_surfaces
from ifc.model import Layer

_DAY_S = 86400.0


def k_value(layers: Iterable[Layer], *, both_inside: bool = False) -> float:
    """Heat transfer coefficient K in W/(m²·K) with the surface resistances of GB 50176 in winter.

    The limits of GB 55015 mean this K. ``both_inside`` for a component between two rooms.

    Raises:
        ValueError: a layer's conductivity is not known.
    """
    return u_value(layers, gb50176_surfaces(both_inside=both_inside))


def heat_storage_coefficient(layer: Layer) -> float:
    """S = sqrt(2π·λ·ρ·c / T) of a layer for T = 24 h in W/(m²·K); 0 for an air gap.

    Raises:
        ValueError: a property of the layer is not known.
    """
    if layer.is_air_gap:
        return 0.0
    product = 1.0
    for one in (layer.conductivity_w_mk, layer.density_kg_m3, layer.specific_heat_j_kgk):
        if one is None:
            raise ValueError(f"layer {layer.material!r} lacks a thermal property")
        product *= float(one.value)
    return math.sqrt(2.0 * math.pi * product / _DAY_S)


def thermal_inertia(layers: Iterable[Layer]) -> float:
    """The inertia index D = Σ R·S of a component, dimensionless.

    Raises:
        ValueError: a property of a layer is not known.
    """
    return sum(layer_resistance(layer) * heat_storage_coefficient(layer) for layer in layers)
