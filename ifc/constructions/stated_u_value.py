"""Which surface resistances a stated U-value holds, and the K of GB 50176 that it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ifc.constructions.iso6946 import u_value
from ifc.constructions.surface_resistances import SurfaceResistances, gb50176_surfaces, iso6946_surfaces
from ifc.model import Layer, Provenance, Traced

_NEARER = 4.0  # times nearer to the U-value of one standard than to that of the other


def as_k_value(stated: Traced, layers: Sequence[Layer], kind: str, *, both_inside: bool) -> Traced:
    """A stated U-value as K of GB 50176.

    IFC does not say which surface resistances a U-value holds. Layers whose conductivities all come from the
    file tell: where they give the value by ISO 6946 and not by GB 50176, its resistances are exchanged. Else
    the value is taken as K, and the source says so.

    Args:
        stated: the U-value, W/(m²·K).
        layers: complete layers, () when the file tells too little.
        kind: construction kind.
        both_inside: for a component between two rooms.
    """
    code, iso = (
        gb50176_surfaces(kind, both_inside=both_inside),
        iso6946_surfaces(kind, both_inside=both_inside),
    )
    value = float(stated.value)
    if not layers or not all(_from_file(layer) for layer in layers):
        return replace(stated, source=f"{stated.source}, taken as K of GB 50176")
    by_code, by_iso = abs(value - u_value(layers, code)), abs(value - u_value(layers, iso))
    if by_iso * _NEARER < by_code:
        source = f"{stated.source}, {value:.4g} by ISO 6946 as its layers show, turned into K of GB 50176"
        return replace(stated, value=1.0 / (1.0 / value - sum(iso) + sum(code)), source=source)
    shown = "by its layers K" if by_code * _NEARER < by_iso else "taken as K"
    return replace(stated, source=f"{stated.source}, {shown} of GB 50176")


def without_surfaces(stated: Traced, surfaces: SurfaceResistances) -> Traced:
    """K from a stated 1 / ΣR of the layers alone."""
    value = 1.0 / (1.0 / float(stated.value) + sum(surfaces))
    return replace(stated, value=value, source=f"{stated.source} with the surface resistances of GB 50176")


def _from_file(layer: Layer) -> bool:
    conductivity = layer.conductivity_w_mk
    return conductivity is not None and (layer.is_air_gap or conductivity.provenance is Provenance.IFC)
