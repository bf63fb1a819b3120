"""Constructions for elements about which the file says nothing, after the code's limits for the zone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ifc.constructions.iso6946 import layer_resistance, u_value
from ifc.constructions.materials_library import Material, material
from ifc.constructions.surface_resistances import SurfaceResistances, gb50176_surfaces
from ifc.model import Construction, Layer, Provenance, Traced

_TRANSPARENT = ("window", "curtain_wall")
_MINIMUM_INSULATION_M = 0.001


def climate_zones() -> tuple[str, ...]:
    """The thermal zones with default constructions: ``"1A"`` to ``"5B"``."""
    return tuple(_data()["limits"]["residential"])


def library_layer(
    name: str, library_material: Material, thickness_m: float, source: str, confidence: str
) -> Layer:
    """A layer with every property from the material library."""

    def traced(value: float, unit: str) -> Traced:
        return Traced(value, unit, Provenance.DEFAULT, source, confidence)

    return Layer(
        material=name,
        thickness_m=thickness_m,
        conductivity_w_mk=traced(library_material.conductivity_w_mk, "W/(m·K)"),
        density_kg_m3=traced(library_material.density_kg_m3, "kg/m³"),
        specific_heat_j_kgk=traced(library_material.specific_heat_j_kgk, "J/(kg·K)"),
    )


def default_construction(
    kind: str, zone: str = "3A", building_category: str = "residential", *, external: bool = True
) -> Construction:
    """The construction assumed for an element of ``kind`` in a thermal zone.

    Args:
        kind: "wall", "roof", "floor", "ground_floor", "door", "window" or "curtain_wall"; any other counts as
            a wall.
        zone: thermal zone of GB 50176-2016, see :func:`climate_zones`.
        building_category: "residential" or "public".
        external: False for an element between two rooms.

    Raises:
        KeyError: an unknown zone or category.
    """
    return _default(kind, zone, building_category, external)


def usual_layers(
    kind: str, u_stated: float, surfaces: SurfaceResistances, *, external: bool = True
) -> tuple[Layer, ...]:
    """The usual build-up of a kind with its insulation as thick as a stated U-value needs.

    The layers may miss the U-value where the build-up has no insulation or is better without it.
    """
    return _sized(_build_up(kind, external)[1], u_stated, surfaces)


def _build_up(kind: str, external: bool) -> tuple[str, list[tuple[str, float | None]]]:
    """Name and layers of the usual build-up; kinds without one count as walls."""
    build_ups = _data()["build_ups"]
    kind = kind if kind in build_ups else "wall"
    name = f"{kind}_inside" if not external and f"{kind}_inside" in build_ups else kind
    return name, build_ups[name]


@cache
def _default(kind: str, zone: str, category: str, external: bool) -> Construction:
    limits = _data()["limits"][category][zone]
    if kind in _TRANSPARENT:
        return _window(kind, limits["window"], zone, category)
    kind = kind if kind in ("roof", "floor", "ground_floor", "door") else "wall"
    name, build_up = _build_up(kind, external)
    inside = name.endswith("_inside")
    limit, source = limits.get(name, (None, "none"))
    surfaces = gb50176_surfaces(kind, both_inside=inside)
    layers = _sized(build_up, limit, surfaces)
    origin = _data()["sources"][source]
    text = f"{origin['text']}, zone {zone}, {category}"
    if limit is not None:
        text += f": K {limit:g} W/(m²·K)"
    return Construction(
        name=f"default {name.replace('_', ' ')}",
        kind=kind,
        layers=layers,
        u_value_w_m2k=Traced(
            u_value(layers, surfaces),
            "W/(m²·K)",
            Provenance.DEFAULT,
            text,
            origin["confidence"],
        ),
    )


def _sized(
    build_up: list[tuple[str, float | None]], limit: float | None, faces: SurfaceResistances
) -> tuple[Layer, ...]:
    """The layers of a build-up with the open thickness chosen so that K meets ``limit``."""
    fixed = {
        row: _build_up_layer(name, thickness) for row, (name, thickness) in enumerate(build_up) if thickness
    }
    known = sum(layer_resistance(layer) for layer in fixed.values())
    layers: list[Layer] = []
    for row, (name, _) in enumerate(build_up):
        if row in fixed:
            layers.append(fixed[row])
            continue
        if limit is None:
            continue
        missing = 1.0 / limit - faces.inside - faces.outside - known
        thickness = missing * material(name).conductivity_w_mk
        if thickness >= _MINIMUM_INSULATION_M:
            layers.append(_build_up_layer(name, thickness))
    return tuple(layers)


def _build_up_layer(name: str, thickness_m: float) -> Layer:
    found = material(name)
    return library_layer(
        found.label.en, found, thickness_m, f"default build-up; {found.source}", found.confidence
    )


def _window(kind: str, limit: tuple[float, float | None, str], zone: str, category: str) -> Construction:
    u_limit, shgc_limit, source = limit
    origin = _data()["sources"][source]
    where = f"{origin['text']}, zone {zone}, {category}"
    glass = _data()["window"]
    ratio = _traced(glass["frame_ratio"])
    if shgc_limit is None:
        shgc = _traced(glass["shgc_glass"])
    else:
        shgc = Traced(
            shgc_limit / (1.0 - float(ratio.value)),
            "1",
            Provenance.DEFAULT,
            f"{where}: {shgc_limit:g} for the whole window, divided by its share of glass",
            origin["confidence"],
        )
    return Construction(
        name=f"default {kind.replace('_', ' ')}",
        kind=kind,
        u_value_w_m2k=Traced(
            u_limit, "W/(m²·K)", Provenance.DEFAULT, f"{where}: K {u_limit:g} W/(m²·K)", origin["confidence"]
        ),
        shgc=shgc,
        visible_transmittance=_traced(glass["visible_transmittance"]),
        frame_ratio=ratio,
    )


def _traced(raw: Mapping[str, Any]) -> Traced:
    return Traced(raw["value"], "1", Provenance.DEFAULT, raw["text"], raw["confidence"])


@cache
def _data() -> Mapping[str, Any]:
    text = resources.files("ifc").joinpath("data/default_constructions.yaml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return data
