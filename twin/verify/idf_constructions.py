"""Walls and windows as EnergyPlus constructions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq

from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.glazing import Glazing
from twin.verify.idf_text import Idf

_LEAST_RESISTANCE = 1e-3  # m²K/W, that EnergyPlus takes


class Constructions:
    """Writes each construction once."""

    def __init__(self, idf: Idf, inside_m2k_w: float, outside_m2k_w: float) -> None:
        self.idf = idf
        self.inside, self.outside = inside_m2k_w, outside_m2k_w
        self.known: dict[object, str] = {}
        self.materials: dict[str, list[str]] = {}

    def opaque(self, layers: Sequence[Layer], back: tuple[float, float], front: tuple[float, float]) -> str:
        """Layers from the back to the front; (absorptance, emissivity) of both faces."""
        key = (tuple(layers), back, front)
        if key not in self.known:
            name = f"K{len(self.known)}"
            self.known[key] = name
            layers = list(layers)
            if len(layers) == 1:  # both faces need a material of their own
                whole = layers[0]
                half = Layer(
                    whole.thickness_m / 2,
                    whole.conductivity_w_mk,
                    whole.density_kg_m3,
                    whole.specific_heat_j_kgk,
                )
                layers = [half, half]
            names = []
            for number, layer in enumerate(layers):
                absorptance, emissivity = front if number == len(layers) - 1 else back
                names.append(f"{name}_{number}")
                self._material(names[-1], layer, absorptance, emissivity)
            self.materials[name] = names
            self.idf.add("Construction", name, *names)
        return self.known[key]

    def reverse(self, name: str) -> str:
        """A construction of :meth:`opaque` seen from its other side."""
        key = (name, "reverse")
        if key not in self.known:
            self.known[key] = f"{name}_r"
            self.idf.add("Construction", f"{name}_r", *self.materials[name][::-1])
        return self.known[key]

    def _material(self, name: str, layer: Layer, absorptance: float, emissivity: float) -> None:
        if layer.density_kg_m3 * layer.specific_heat_j_kgk <= 0:
            self.idf.add(
                "Material:NoMass",
                name,
                "Rough",
                max(layer.resistance_m2k_w, _LEAST_RESISTANCE),
                emissivity,
                absorptance,
                absorptance,
            )
            return
        self.idf.add(
            "Material", name, "Rough", layer.thickness_m, layer.conductivity_w_mk, layer.density_kg_m3,
            layer.specific_heat_j_kgk, emissivity, absorptance, absorptance,
        )  # fmt: skip

    def glass(self, glazing: Glazing) -> str:
        """A window by U and SHGC, with U such that the pane keeps its own resistance in EnergyPlus."""
        resistance = 1 / glazing.conductance_w_m2k
        key = (id(glazing), "glass")
        if key not in self.known:
            name = f"G{len(self.known)}"
            self.known[key] = name
            inward = (resistance + self.outside) / (resistance + self.outside + self.inside)
            shgc = float(glazing.front.transmittance[0] + glazing.front.absorptance_inner[0] * inward)
            self.idf.add(
                "WindowMaterial:SimpleGlazingSystem", f"{name}_m", simple_glazing_u(resistance), shgc
            )
            self.idf.add("Construction", name, f"{name}_m")
        return self.known[key]


def simple_glazing_u(resistance_m2k_w: float) -> float:
    """The U-value whose pane has this resistance in EnergyPlus' simple glazing (LBNL-2804E)."""

    def excess(u: float) -> float:
        inside = 1 / (0.359073 * np.log(u) + 6.949915) if u < 5.85 else 1 / (1.788041 * u - 2.886625)
        return float(1 / u - inside - 1 / (0.025342 * u + 29.163853) - resistance_m2k_w)

    return float(brentq(excess, 0.05, 7.0)) if excess(7.0) < 0 else 7.0
