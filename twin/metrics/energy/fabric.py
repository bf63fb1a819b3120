"""Constructions of the model as layers and glazings of the thermal kernel."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ifc.constructions.defaults import default_construction
from ifc.constructions.surface_resistances import gb50176_surfaces
from ifc.model import Construction, Provenance, Traced
from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.glazing import Glazing, from_u_and_shgc
from twin.metrics.energy.data import number

Layers = tuple[Layer, ...]

_LEAST_RESISTANCE = 1e-3  # m²K/W of a layer that is scaled away


def layers_of(construction: Construction) -> Layers:
    """The layers from outside to inside; air gaps and layers without mass become pure resistances."""
    layers = []
    for layer in construction.layers:
        if layer.thickness_m <= 0:
            continue
        conductivity = _value(layer.conductivity_w_mk) or number("layer_conductivity")
        density, heat = _value(layer.density_kg_m3), _value(layer.specific_heat_j_kgk)
        if layer.is_air_gap or not density or not heat:
            density, heat = 0.0, 0.0
        layers.append(Layer(layer.thickness_m, conductivity, density or 0.0, heat or 0.0))
    return tuple(layers)


def opaque(construction: Construction, declared_u: float | None, *, external: bool) -> Layers:
    """Layers from outside to inside.

    The layers of the model agree with its U-value (:mod:`ifc.constructions.resolve`). A construction without
    layers takes the default build-up of its kind, set to its U-value; glass is a pure resistance.
    ``declared_u`` of twin.toml replaces a U-value that is a default.
    """
    layers = layers_of(construction)
    u = construction.u_value_w_m2k
    target = None
    if not layers:
        usual = default_construction(construction.kind, external=external)
        layers = layers_of(usual)
        target = _value(u)
        if not layers:  # glass between rooms
            whole = target or _value(usual.u_value_w_m2k) or 1.0
            return (pure_resistance(layer_resistance(whole, external=external)),)
    if declared_u is not None and (u is None or u.provenance is Provenance.DEFAULT):
        target = declared_u
    if target is None:
        return layers
    return with_resistance(layers, layer_resistance(target, external=external))


def layer_resistance(u_value_w_m2k: float, *, external: bool = True) -> float:
    """What the layers of a U-value add to the surface resistances of GB 50176-2016, m²K/W."""
    return max(1 / u_value_w_m2k - sum(gb50176_surfaces(both_inside=not external)), _LEAST_RESISTANCE)


def resistance(layers: Layers) -> float:
    """Sum of the layers' resistances, m²K/W."""
    return sum(layer.resistance_m2k_w for layer in layers)


def with_resistance(layers: Layers, wanted_m2k_w: float) -> Layers:
    """The same layers with another total resistance.

    The least conductive layer takes the difference by a change of thickness; where that does not suffice, the
    conductivities of all layers are scaled. Without layers the whole resistance has no mass.
    """
    if not layers:
        return (pure_resistance(max(wanted_m2k_w, _LEAST_RESISTANCE)),)
    row = min(range(len(layers)), key=lambda k: layers[k].conductivity_w_mk)
    others = resistance(layers) - layers[row].resistance_m2k_w
    missing = wanted_m2k_w - others
    if missing > _LEAST_RESISTANCE:
        changed = replace(layers[row], thickness_m=missing * layers[row].conductivity_w_mk)
        return (*layers[:row], changed, *layers[row + 1 :])
    factor = resistance(layers) / max(wanted_m2k_w, _LEAST_RESISTANCE)
    return tuple(replace(layer, conductivity_w_mk=layer.conductivity_w_mk * factor) for layer in layers)


def half(layers: Layers) -> Layers:
    """The front half of a wall by thickness, for faces behind which no heat flows."""
    thickness = sum(layer.thickness_m for layer in layers) / 2
    kept: list[Layer] = []
    for layer in reversed(layers):
        if thickness <= 0:
            break
        kept.append(replace(layer, thickness_m=min(layer.thickness_m, thickness)))
        thickness -= layer.thickness_m
    return tuple(reversed(kept))


def pure_resistance(resistance_m2k_w: float) -> Layer:
    """A layer without mass."""
    return Layer(1.0, 1.0 / resistance_m2k_w, 0.0, 0.0)


def is_glazed(construction: Construction) -> bool:
    """Whether the sun passes through it."""
    return construction.shgc is not None and construction.kind in ("window", "curtain_wall", "door")


def window_values(
    construction: Construction, declared_u: float | None, declared_shgc: float | None
) -> tuple[float, float]:
    """U-value and SHGC of the whole window, frame included.

    ``Construction.shgc`` is that of the glass; the frame passes none. Values of twin.toml replace defaults.
    """
    fallback = default_construction("window")
    u = construction.u_value_w_m2k or fallback.u_value_w_m2k
    glass = construction.shgc or fallback.shgc
    frame = construction.frame_ratio or fallback.frame_ratio
    assert u is not None
    assert glass is not None
    assert frame is not None
    u_number = float(u.value)
    if declared_u is not None and u.provenance is Provenance.DEFAULT:
        u_number = declared_u
    shgc = float(glass.value) * (1 - float(frame.value))
    if declared_shgc is not None and glass.provenance is Provenance.DEFAULT:
        shgc = declared_shgc
    return u_number, shgc


def glazing(u_value_w_m2k: float, shgc: float) -> Glazing:
    """The kernel's window; equal values share one object."""
    return _glazing(round(u_value_w_m2k, 4), round(shgc, 4))


@lru_cache(maxsize=1024)
def _glazing(u_value_w_m2k: float, shgc: float) -> Glazing:
    return from_u_and_shgc(u_value_w_m2k, shgc, *gb50176_surfaces())


def _value(traced: Traced | None) -> float | None:
    return None if traced is None else float(traced.value)
