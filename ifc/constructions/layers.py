"""Complete the layers of an opaque construction and agree them with a stated U-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ifc.constructions.iso6946 import air_gap_resistance, layer_resistance, resistance
from ifc.constructions.materials_library import Match, match_material
from ifc.constructions.surface_resistances import SurfaceResistances, heat_flow
from ifc.model import Layer, Provenance, Traced

# What a property of a building material can be. Values outside come from wrong units or typing errors.
_PLAUSIBLE = {
    "conductivity_w_mk": (0.001, 450.0),
    "density_kg_m3": (1.0, 25000.0),
    "specific_heat_j_kgk": (100.0, 5000.0),
}
_KILO = (0.3, 5.0)  # a specific heat in this range can only be one in kJ/(kg·K)
_UNITS = {"conductivity_w_mk": "W/(m·K)", "density_kg_m3": "kg/m³", "specific_heat_j_kgk": "J/(kg·K)"}
_INSULATION_W_MK = 0.065  # GB 50176 and EN 13162 ff. call a material insulation up to here
_AIR = {"density_kg_m3": 1.2, "specific_heat_j_kgk": 1006.0}
# A layer of which only the thickness is known counts as heavy mineral material: the cautious side.
_UNKNOWN = {"conductivity_w_mk": 1.0, "density_kg_m3": 1800.0, "specific_heat_j_kgk": 1000.0}
_INSULATION = {"density_kg_m3": 30.0, "specific_heat_j_kgk": 1380.0}
_ADDED_CONDUCTIVITY_W_MK = 0.04
_SCALING = (0.1, 2.0)  # how far an insulation's resistance may be moved before it is no longer that material
_SPREAD = 1.25  # a lack of resistance up to this ratio is spread over the layers
_LEAST_RESISTANCE = 0.005  # m²·K/W left to the layers when the stated U-value allows no more


@dataclass(frozen=True, slots=True)
class CompletedLayers:
    """Layers with every property, and what had to be assumed."""

    layers: tuple[Layer, ...]
    from_library: tuple[tuple[str, Match], ...]  # material name of the file -> what it was taken for
    not_recognised: tuple[str, ...]  # material names that nothing is known about
    implausible: tuple[str, ...]  # "material.property = value" of the file that were not believed


def complete_layers(layers: Sequence[Layer], kind: str) -> CompletedLayers | None:
    """Fill in missing properties from the material library; air gaps get the resistance of ISO 6946 table 8.

    Returns None when the layers say too little: no thickness at all, or unknown materials over more than half
    of it.
    """
    solid = [layer for layer in layers if layer.thickness_m > 0]
    total = sum(layer.thickness_m for layer in solid)
    done: list[Layer] = []
    library: list[tuple[str, Match]] = []
    unknown: list[str] = []
    implausible: list[str] = []
    unknown_m = 0.0
    for raw in solid:
        layer = _believable(raw, implausible)
        match = match_material(layer.material) if layer.material else None
        if layer.is_air_gap or (match is not None and match.is_air_gap and layer.conductivity_w_mk is None):
            done.append(_air_gap(layer, kind))
            continue
        missing = [name for name in _UNITS if getattr(layer, name) is None]
        if not missing:
            done.append(layer)
            continue
        if match is None or match.material is None:
            if layer.conductivity_w_mk is None:
                unknown.append(layer.material)
                unknown_m += layer.thickness_m
            done.append(_with_guessed(layer, missing))
        else:
            library.append((layer.material, match))
            values: dict[str, Any] = {
                name: match.traced(getattr(match.material, name), _UNITS[name]) for name in missing
            }
            done.append(replace(layer, **values))
    if not done or unknown_m > total / 2.0:
        return None
    return CompletedLayers(tuple(done), tuple(library), tuple(unknown), tuple(implausible))


def unknown_materials(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Names of materials that neither the file nor the library says anything about."""
    return tuple(
        layer.material
        for layer in layers
        if layer.conductivity_w_mk is None and not layer.is_air_gap and match_material(layer.material) is None
    )


def agree_with_u_value(
    layers: Sequence[Layer], stated_u: float, surfaces: SurfaceResistances
) -> tuple[Layer, ...]:
    """Layers whose resistance gives the stated U-value; thicknesses and masses stay.

    The insulation's conductivity takes up the difference. Without insulation, or when it would have to be
    another material, a small difference or an excess is spread over all layers and a larger lack becomes a
    layer of its own on the outside.
    """
    wanted = max(1.0 / stated_u - surfaces.inside - surfaces.outside, _LEAST_RESISTANCE)
    had = resistance(layers)
    source = f"set so that the layers give the stated U-value of {stated_u:.3g} W/(m²·K)"
    row = _insulation_row(layers)
    if row is not None:
        own = layer_resistance(layers[row])
        new = own + wanted - had
        if _SCALING[0] * own < new <= _SCALING[1] * own:
            return (*layers[:row], _with_resistance(layers[row], new, source), *layers[row + 1 :])
    if wanted > _SPREAD * had:
        added = Traced(_ADDED_CONDUCTIVITY_W_MK, _UNITS["conductivity_w_mk"], Provenance.DERIVED, source)
        extra = Layer(
            material="resistance that the stated U-value implies",
            thickness_m=(wanted - had) * _ADDED_CONDUCTIVITY_W_MK,
            conductivity_w_mk=added,
            density_kg_m3=Traced(
                _INSULATION["density_kg_m3"], _UNITS["density_kg_m3"], Provenance.DERIVED, source
            ),
            specific_heat_j_kgk=Traced(
                _INSULATION["specific_heat_j_kgk"], _UNITS["specific_heat_j_kgk"], Provenance.DERIVED, source
            ),
        )
        return (extra, *layers)
    factor = wanted / had
    return tuple(_with_resistance(layer, layer_resistance(layer) * factor, source) for layer in layers)


def _with_guessed(layer: Layer, missing: Sequence[str]) -> Layer:
    """A layer of an unknown material: insulation if its conductivity says so, else heavy and mineral."""
    stated = layer.conductivity_w_mk
    insulates = stated is not None and float(stated.value) <= _INSULATION_W_MK
    guess, what = (_INSULATION, "insulation") if insulates else (_UNKNOWN, "heavy mineral material")
    source = f"no data for {layer.material!r}: {what} assumed"
    values: dict[str, Any] = {
        name: Traced(guess[name], _UNITS[name], Provenance.DEFAULT, source, "low") for name in missing
    }
    return replace(layer, **values)


def _believable(layer: Layer, implausible: list[str]) -> Layer:
    """The layer without values that no building material has."""
    changes: dict[str, Any] = {}
    for name, (low, high) in _PLAUSIBLE.items():
        traced = getattr(layer, name)
        if name == "specific_heat_j_kgk" and traced is not None and _KILO[0] <= traced.value <= _KILO[1]:
            changes[name] = replace(
                traced, value=1000.0 * float(traced.value), source=f"{traced.source}, read as kJ/(kg·K)"
            )
        elif traced is not None and not low <= float(traced.value) <= high:
            implausible.append(f"{layer.material}: {name} = {float(traced.value):g}")
            changes[name] = None
    return replace(layer, **changes) if changes else layer


def _air_gap(layer: Layer, kind: str) -> Layer:
    source = "ISO 6946:2017 table 8, unventilated"
    gap = air_gap_resistance(layer.thickness_m, heat_flow(kind))
    return replace(
        layer,
        conductivity_w_mk=Traced(
            layer.thickness_m / gap, _UNITS["conductivity_w_mk"], Provenance.DERIVED, source, "high"
        ),
        density_kg_m3=Traced(
            _AIR["density_kg_m3"], _UNITS["density_kg_m3"], Provenance.DERIVED, source, "high"
        ),
        specific_heat_j_kgk=Traced(
            _AIR["specific_heat_j_kgk"], _UNITS["specific_heat_j_kgk"], Provenance.DERIVED, source, "high"
        ),
        is_air_gap=True,
    )


def _insulation_row(layers: Sequence[Layer]) -> int | None:
    """The layer of insulation with the largest resistance."""
    rows = [
        row
        for row, layer in enumerate(layers)
        if not layer.is_air_gap
        and layer.conductivity_w_mk is not None
        and float(layer.conductivity_w_mk.value) <= _INSULATION_W_MK
        and layer.thickness_m > 0
    ]
    return max(rows, key=lambda row: layer_resistance(layers[row]), default=None)


def _with_resistance(layer: Layer, new: float, source: str) -> Layer:
    if layer.thickness_m <= 0:
        return layer
    traced = Traced(layer.thickness_m / new, _UNITS["conductivity_w_mk"], Provenance.DERIVED, source)
    return replace(layer, conductivity_w_mk=traced)
