"""Thermal resistance and transmittance of layered components.

Source: ISO 6946:2017, 6.7 (homogeneous layers), table 8 (unventilated air layers). The resistances of the
faces are in :mod:`.surface_resistances`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ifc.constructions.surface_resistances import SurfaceResistances
from ifc.model import Layer

# ISO 6946:2017 table 8: unventilated air layers with high emissivity faces, m²·K/W.
_GAP_THICKNESS_M = np.array([0.0, 0.005, 0.007, 0.010, 0.015, 0.025, 0.050, 0.100, 0.300])
_GAP_RESISTANCE = {
    "up": np.array([0.0, 0.11, 0.13, 0.15, 0.16, 0.16, 0.16, 0.16, 0.16]),
    "horizontal": np.array([0.0, 0.11, 0.13, 0.15, 0.17, 0.18, 0.18, 0.18, 0.18]),
    "down": np.array([0.0, 0.11, 0.13, 0.15, 0.17, 0.19, 0.21, 0.22, 0.23]),
}


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
