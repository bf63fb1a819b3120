"""The envelope against the limits of GB 55015-2021.

K and SHGC of every part and how far they are below the limit.

The limits are those of ``twin/data/energy.yaml`` (transcribed, medium confidence). They mean K of GB 50176,
as the constructions of the model have it (:mod:`ifc.constructions.stated_u_value`). A value that is itself a
default counts as unknown: the defaults are the code's limits, and a design is not proven by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml

from ifc.constructions.gb50176 import k_value, thermal_inertia
from ifc.model import BuildingModel, Construction, Neighbour, Provenance, Traced
from twin.project import EnergySection
from twin.rating.reading import COVERINGS, PropertyReader, as_bool
from twin.use_types import use_types

_SLIVERS = 0.01  # share of a component's area that may say nothing
_JOINT_M = 0.03  # what surfaces may measure beyond the layers: joints and rounding


@cache
def _data() -> Mapping[str, Any]:
    """The limits, sectors and splits that the energy metric uses too; read here without its kernels."""
    text = resources.files("twin").joinpath("data", "energy.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return loaded


def sector(azimuth_deg: float) -> str:
    """The orientation of an outward normal: N, E, S or W by the sectors of GB 50176-2016, H for NaN."""
    if np.isnan(azimuth_deg):
        return "H"
    sectors: Mapping[str, tuple[float, float]] = _data()["orientation_sectors"]
    return next((name for name, (first, end) in sectors.items() if first <= azimuth_deg % 360 < end), "N")


@dataclass(frozen=True, slots=True)
class EnvelopePart:
    """A piece of the outer envelope. ``k`` and ``shgc`` None: not known, or only a default."""

    component: str  # "wall", "roof", "floor_over_air", "window", "skylight"
    element: int  # row in the ElementTable, -1 for none
    space: int
    orientation: str  # "N", "E", "S", "W", "H"
    area_m2: float
    k: Traced | None
    shgc: Traced | None
    heavy: bool  # thermal inertia index above the code's split
    partial: bool = False  # only the inner element of several: its K is more than that of them all
    k_limit: float | None = None
    shgc_limit: float | None = None


def envelope_parts(
    model: BuildingModel, properties: PropertyReader, energy: EnergySection
) -> list[EnvelopePart]:
    """The outer surfaces of the rooms, net of their openings, and the windows in them; without limits."""
    surfaces, openings = model.surfaces, model.surface_openings
    openings_of: dict[int, list[int]] = {}
    for row, surface in enumerate(openings.surface.tolist()):
        openings_of.setdefault(surface, []).append(row)
    parts = []
    for row in range(len(surfaces)):
        space = int(surfaces.space[row])
        if not _is_lived_in(model, space) or not _outdoors(model, row):
            continue
        tilt, area = float(surfaces.tilt_deg[row]), float(surfaces.area_m2[row])
        side = sector(float(surfaces.azimuth_deg[row]))
        component = _component(tilt)
        for opening in openings_of.get(row, []):
            size = float(openings.area_m2[opening])
            area -= size
            element = int(openings.element[opening])
            construction = _construction(model, int(openings.construction[opening]))
            if str(openings.kind[opening]) == "window":
                kind = "skylight" if component == "roof" else "window"
                parts.append(_window(kind, element, space, side, size, construction, energy))
        if area > 0.01:
            element = int(surfaces.element[row])
            construction = _construction(model, int(surfaces.construction[row]))
            if construction is not None and construction.shgc is not None:
                kind = "skylight" if component == "roof" else "window"  # a curtain wall
                parts.append(_window(kind, element, space, side, area, construction, energy))
            else:
                part = _opaque(component, element, space, side, area, construction, energy)
                parts.append(replace(part, partial=_is_partial(model, properties, row, construction)))
    return parts


def _is_lived_in(model: BuildingModel, space: int) -> bool:
    """Whether the code's limits concern a room: not outdoor spaces, garages, shafts, plant rooms, stores."""
    use = use_types().get(str(model.spaces.use[space]))
    unconditioned_service = use is not None and use.category == "service" and not use.conditioned
    return bool(model.spaces.internal[space]) and (
        not unconditioned_service or str(model.spaces.use[space]) == "unknown"
    )


def _is_partial(
    model: BuildingModel, properties: PropertyReader, surface: int, construction: Construction | None
) -> bool:
    """Whether the element at a surface is less than what separates the room from outdoors.

    So are ceilings and claddings, walls that the file calls internal, and whatever is thinner than the whole.
    """
    element = int(model.surfaces.element[surface])
    if element >= 0:
        stated = properties.get(element, "is_external")
        if model.elements.ifc_class[element] in COVERINGS or (stated and as_bool(stated.value) is False):
            return True
    layers = () if construction is None else construction.layers
    thickness = float(model.surfaces.thickness_m[surface])
    return bool(layers) and thickness > sum(layer.thickness_m for layer in layers) + _JOINT_M


def _outdoors(model: BuildingModel, surface: int) -> bool:
    neighbour = int(model.surfaces.neighbour[surface])
    beyond = int(model.surfaces.neighbour_space[surface])
    onto_balcony = neighbour == Neighbour.SPACE and beyond >= 0 and not model.spaces.internal[beyond]
    return neighbour == Neighbour.OUTDOORS or onto_balcony


def _component(tilt_deg: float) -> str:
    if tilt_deg < float(_data()["skylight_tilt_max"]):
        return "roof"
    return "floor_over_air" if tilt_deg > float(_data()["floor_tilt_min"]) else "wall"


def _construction(model: BuildingModel, row: int) -> Construction | None:
    return model.constructions[row] if row >= 0 else None


def _opaque(
    component: str,
    element: int,
    space: int,
    side: str,
    area: float,
    construction: Construction | None,
    energy: EnergySection,
) -> EnvelopePart:
    k, heavy = None, False
    declared = energy.u_value_w_m2k.get("floor" if component == "floor_over_air" else component)  # type: ignore[call-overload]
    if construction is not None:
        complete = bool(construction.layers) and all(
            layer.thickness_m > 0
            and (
                layer.is_air_gap
                or None not in (layer.conductivity_w_mk, layer.density_kg_m3, layer.specific_heat_j_kgk)
            )
            for layer in construction.layers
        )
        u = construction.u_value_w_m2k
        k = u if _counts(u) else None
        if complete:
            heavy = thermal_inertia(construction.layers) > float(_data()["gb55015"]["inertia_split"])
            if u is not None and u.provenance is Provenance.DERIVED:
                k = replace(u, value=k_value(construction.layers))  # outdoors, whatever the model says
    if declared is not None and (k is None or k.provenance is not Provenance.IFC):
        k = Traced(
            declared, "W/(m²·K)", Provenance.DECLARED, f"energy.u_value_w_m2k.{component} in twin.toml"
        )
    return EnvelopePart(component, element, space, side, area, k, None, heavy)


def _window(
    component: str,
    element: int,
    space: int,
    side: str,
    area: float,
    construction: Construction | None,
    energy: EnergySection,
) -> EnvelopePart:
    k = shgc = None
    if construction is not None:
        u, glass, frame = construction.u_value_w_m2k, construction.shgc, construction.frame_ratio
        k = u if _counts(u) else None
        if _counts(glass) and glass is not None:
            # The limit is on the whole window: the frame passes next to nothing.
            clear = 1 - float(frame.value) if frame is not None and _counts(frame) else 1.0
            shgc = replace(glass, value=float(glass.value) * clear)
    if k is None and "window" in energy.u_value_w_m2k:
        value = energy.u_value_w_m2k["window"]
        k = Traced(value, "W/(m²·K)", Provenance.DECLARED, "energy.u_value_w_m2k.window in twin.toml")
    if shgc is None and energy.shgc is not None:
        shgc = Traced(energy.shgc, "1", Provenance.DECLARED, "energy.shgc in twin.toml")
    return EnvelopePart(component, element, space, side, area, k, shgc, False)


def _counts(value: Traced | None) -> bool:
    """Whether a value proves anything: no default, and no guess of low confidence."""
    return value is not None and value.provenance is not Provenance.DEFAULT and value.confidence != "low"


def _without_slivers(parts: list[EnvelopePart], silent: set[int]) -> list[EnvelopePart]:
    """The parts without the silent ones, when these are slivers: together less than 1 % of the area.

    ``silent`` are positions in ``parts``.
    """
    area = sum(part.area_m2 for part in parts)
    slivers = sum(parts[row].area_m2 for row in silent)
    if slivers >= _SLIVERS * area:
        return parts
    return [part for row, part in enumerate(parts) if row not in silent]


def public_class(floor_area_m2: float | None) -> str:
    """The class of a public building by its size (GB 55015): public_b when small, else public_a."""
    small = floor_area_m2 is not None and floor_area_m2 <= float(_data()["gb55015"]["class_b_up_to_m2"])
    return "public_b" if small else "public_a"


def limit_table(building_class: str, zone: str) -> Mapping[str, Any] | None:
    """The limits of "residential", "public_a" or "public_b" in a thermal zone such as "3A"; None for none."""
    table: Mapping[str, Any] | None = _data()["gb55015"][building_class].get(zone)
    return table


def with_limits(
    parts: list[EnvelopePart], building_class: str, table: Mapping[str, Any]
) -> list[EnvelopePart]:
    """The parts with their limits.

    The window-wall ratio is that of the room's facade in residential buildings, that of the building's
    facade in public ones, per orientation.
    """
    by_room = _data()["gb55015"][building_class]["ratio_of"] == "room"

    def facade(part: EnvelopePart) -> tuple[int, str]:
        return (part.space if by_room else -1, part.orientation)

    glass: dict[tuple[int, str], float] = {}
    whole: dict[tuple[int, str], float] = {}
    for part in parts:
        if part.component in ("wall", "window"):
            whole[facade(part)] = whole.get(facade(part), 0.0) + part.area_m2
            if part.component == "window":
                glass[facade(part)] = glass.get(facade(part), 0.0) + part.area_m2
    limited = []
    for part in parts:
        if part.component == "window":
            ratio = glass[facade(part)] / whole[facade(part)]
            row = next((row for row in table["window"] if ratio <= row["up_to"]), table["window"][-1])
            shgc = row["shgc_north" if part.orientation == "N" else "shgc"]
            limited.append(replace(part, k_limit=row["u"], shgc_limit=shgc))
        elif part.component == "skylight":
            limited.append(
                replace(part, k_limit=table["skylight"]["u"], shgc_limit=table["skylight"]["shgc"])
            )
        elif part.component in table:
            limited.append(replace(part, k_limit=table[part.component]["heavy" if part.heavy else "light"]))
        else:
            limited.append(part)
    return limited


@dataclass(frozen=True, slots=True)
class Comparison:
    """One index of one group of parts against its limit. ``improvement`` in %: bounds, exact when equal."""

    label: str  # "K wall", "SHGC window S"
    value: float | None
    limit: float
    improvement: tuple[float, float]
    elements: tuple[int, ...]  # those without a value; with one, the worst
    provenances: frozenset[Provenance]


def compare(parts: list[EnvelopePart]) -> list[Comparison]:
    """K of walls, roofs and floors as means over their area.

    K and SHGC of windows by orientation, the worst part.

    External shading is not in the SHGC, and it can only lower it: an SHGC improvement is known from below.
    """
    found = []
    for component in ("wall", "roof", "floor_over_air"):
        own = [part for part in parts if part.component == component and part.k_limit is not None]
        if own:
            found.append(_mean(component, own))
    sides = sorted(
        {(part.component, part.orientation) for part in parts if part.component in ("window", "skylight")}
    )
    for component, side in sides:
        own = [part for part in parts if part.component == component and part.orientation == side]
        found += _worst(f"{component} {side}", own)
    return found


def _mean(component: str, parts: list[EnvelopePart]) -> Comparison:
    """The mean K of a component. An unknown part may have any K, a partial one any up to its own."""
    parts = _without_slivers(parts, {row for row, part in enumerate(parts) if part.k is None})
    area = np.array([part.area_m2 for part in parts])
    limit = float(np.average([part.k_limit or 0.0 for part in parts], weights=area))
    highest = np.array([np.inf if part.k is None else float(part.k.value) for part in parts])
    exact = np.array([part.k is not None and not part.partial for part in parts])
    high = float(np.average(highest, weights=area))
    low = float(np.average(np.where(exact, highest, 0.0), weights=area))
    improvement = (100 * (limit - high) / limit, 100 * (limit - low) / limit)
    silent = tuple(dict.fromkeys(part.element for part, told in zip(parts, exact, strict=True) if not told))
    provenances = frozenset(part.k.provenance for part in parts if part.k is not None)
    if silent:
        return Comparison(f"K {component}", None, limit, improvement, silent, provenances)
    worst = parts[int(np.argmax(highest))].element
    return Comparison(f"K {component}", high, limit, improvement, (worst,), provenances)


def _worst(label: str, parts: list[EnvelopePart]) -> list[Comparison]:
    found = []
    for index in ("K", "SHGC"):
        asked = [part for part in parts if (part.k_limit if index == "K" else part.shgc_limit) is not None]
        untold = {row for row, part in enumerate(asked) if (part.k if index == "K" else part.shgc) is None}
        limited = [
            (part, part.k if index == "K" else part.shgc, part.k_limit if index == "K" else part.shgc_limit)
            for part in _without_slivers(asked, untold)
        ]
        if not limited:
            continue
        silent = tuple(dict.fromkeys(part.element for part, value, _ in limited if value is None))
        told = [
            (100 * (limit - float(value.value)) / limit, float(value.value), limit, part)
            for part, value, limit in limited
            if value is not None and limit is not None
        ]
        provenances = frozenset(value.provenance for _, value, _ in limited if value is not None)
        if silent:
            upper = min((entry[0] for entry in told), default=100.0) if index == "K" else 100.0
            limit = limited[0][2] or 0.0
            found.append(Comparison(f"{index} {label}", None, limit, (-np.inf, upper), silent, provenances))
            continue
        improvement, value, limit, part = min(told, key=lambda entry: entry[0])
        upper = improvement if index == "K" else 100.0
        found.append(
            Comparison(f"{index} {label}", value, limit, (improvement, upper), (part.element,), provenances)
        )
    return found
