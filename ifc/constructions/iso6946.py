"""Thermal resistance and transmittance of layered components.

Source: ISO 6946:2017, 6.7 (homogeneous layers), table 7 (surface resistances), table 8 (unventilated air
layers). GB 50176-2016 has its own surface resistances: 0.11 inside, 0.04 outside, whatever the direction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ifc.model import Layer


class SurfaceResistances(NamedTuple):
    """Resistances of the two faces of a component, m²·K/W."""

    inside: float
    outside: float


# ISO 6946:2017 table 7, by the direction of the heat flow.
_INSIDE = {"up": 0.10, "horizontal": 0.13, "down": 0.17}
_OUTSIDE = 0.04
GB50176 = SurfaceResistances(inside=0.11, outside=0.04)

# ISO 6946:2017 table 8: unventilated air layers with high emissivity faces, m²·K/W.
_GAP_THICKNESS_M = np.array([0.0, 0.005, 0.007, 0.010, 0.015, 0.025, 0.050, 0.100, 0.300])
_GAP_RESISTANCE = {
    "up": np.array([0.0, 0.11, 0.13, 0.15, 0.16, 0.16, 0.16, 0.16, 0.16]),
    "horizontal": np.array([0.0, 0.11, 0.13, 0.15, 0.17, 0.18, 0.18, 0.18, 0.18]),
    "down": np.array([0.0, 0.11, 0.13, 0.15, 0.17, 0.19, 0.21, 0.22, 0.23]),
}
# The heat flow of the heating season, by construction kind.
_HEAT_FLOW = {"roof": "up", "floor": "down", "ground_floor": "down"}


def heat_flow(kind: str) -> str:
    """Where heat goes through a construction in winter: ``"up"``, ``"horizontal"`` or ``"down"``."""
    return _HEAT_FLOW.get(kind, "horizontal")


def surface_resistances(kind: str, *, both_inside: bool = False) -> SurfaceResistances:
    """Surface resistances of ISO 6946 for a construction kind; ``both_inside`` for one between two rooms.

    A ground floor has none on the side of the ground (ISO 13370 adds the soil).
    """
    inside = _INSIDE[heat_flow(kind)]
    if both_inside:
        return SurfaceResistances(inside, inside)
    return SurfaceResistances(inside, 0.0 if kind == "ground_floor" else _OUTSIDE)


def air_gap_resistance(thickness_m: float, flow: str) -> float:
    """Resistance of an unventilated air layer in m²·K/W, interpolated; 0.3 m and more count as 0.3 m."""
    return float(np.interp(thickness_m, _GAP_THICKNESS_M, _GAP_RESISTANCE[flow]))


def layer_resistance(layer: Layer) -> float:
    """Resistance d / λ of a layer in m²·K/W.

    Raises:
        ValueError: the layer's conductivity is not known.
    """
    if layer.thickness_m <= 0:
        return 0.0
    if layer.conductivity_w_mk is None:
        raise ValueError(f"layer {layer.material!r} has no conductivity")
    return layer.thickness_m / float(layer.conductivity_w_mk.value)


def resistance(layers: Iterable[Layer]) -> float:
    """Sum of the layers' resistances in m²·K/W, without the surfaces."""
    return sum(layer_resistance(layer) for layer in layers)


def u_value(layers: Iterable[Layer], surfaces: SurfaceResistances) -> float:
    """Thermal transmittance in W/(m²·K): 1 / (Rsi + Σ d/λ + Rse), ISO 6946:2017 6.5."""
    return 1.0 / (surfaces.inside + resistance(layers) + surfaces.outside)
