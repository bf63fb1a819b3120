"""The envelope limits of GB 55015-2021, and the reference building that just meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import pi, sqrt
from typing import Any, Literal

from ifc.model import BuildingModel
from twin.metrics.energy import fabric
from twin.metrics.energy.data import data, sector
from twin.metrics.energy.parts import TRANSPARENT, Part
from twin.metrics.energy.zoning import usable_spaces
from twin.project import Project
from twin.thermal_zone import building_category

BuildingClass = Literal["residential", "public_a", "public_b"]

_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """What the code asks of one part; None: nothing."""

    u_value_w_m2k: float | None
    shgc: float | None = None
    window_wall_ratio: float | None = None  # that decided the row


def building_class(model: BuildingModel, project: Project) -> BuildingClass:
    """Residential, or public of class A or B by its floor area."""
    if building_category(model, project) == "residential":
        return "residential"
    area = float(model.spaces.area_m2[usable_spaces(model)].sum())
    return "public_b" if area <= float(data()["gb55015"]["class_b_up_to_m2"]) else "public_a"


def table_of(building: BuildingClass, zone: str | None) -> Mapping[str, Any] | None:
    """The limits of a building class in a thermal zone; None where the library has none."""
    table: Mapping[str, Any] | None = data()["gb55015"][building].get(zone)
    return table


def limits_of(model: BuildingModel, parts: Sequence[Part], building: BuildingClass, zone: str) -> list[Limit]:
    """The limit of each part."""
    table = data()["gb55015"][building][zone]
    ratios = window_wall_ratios(model, parts, by_room=data()["gb55015"][building]["ratio_of"] == "room")
    found = []
    for part in parts:
        if part.component == "skylight":
            found.append(Limit(table["skylight"]["u"], table["skylight"]["shgc"]))
        elif part.component == "window":
            side = sector(part.azimuth_deg)
            ratio = ratios[_facade(model, part, by_room=data()["gb55015"][building]["ratio_of"] == "room")]
            row = next(row for row in table["window"] if ratio <= row["up_to"] or row["up_to"] >= 1)
            found.append(Limit(row["u"], row["shgc_north" if side == "N" else "shgc"], ratio))
        elif part.component in table:
            heavy = thermal_inertia(part.layers) > float(data()["gb55015"]["inertia_split"])
            found.append(Limit(table[part.component]["heavy" if heavy else "light"]))
        else:
            found.append(Limit(None))
    return found


Facade = tuple[int, str]  # room (-1 for the whole building) and sector


def _facade(model: BuildingModel, part: Part, *, by_room: bool) -> Facade:
    room = int(model.surfaces.space[part.surface]) if by_room else -1
    return room, sector(part.azimuth_deg)


def window_wall_ratios(model: BuildingModel, parts: Sequence[Part], *, by_room: bool) -> dict[Facade, float]:
    """Window area over facade area, of each room or of the whole building, by orientation.

    The facade is the sum of the rooms' own outer wall faces: clear heights, without slab edges and columns.
    """
    window: dict[Facade, float] = {}
    whole: dict[Facade, float] = {}
    for part in parts:
        if part.outdoors and part.component in ("wall", "window", "door"):
            facade = _facade(model, part, by_room=by_room)
            whole[facade] = whole.get(facade, 0.0) + part.area_m2
            if part.component == "window":
                window[facade] = window.get(facade, 0.0) + part.area_m2
    return {facade: window.get(facade, 0.0) / area for facade, area in whole.items()}


def thermal_inertia(layers: fabric.Layers) -> float:
    """The inertia index D = Σ R S with S = √(2π λ ρ c / 24 h) (GB 50176-2016)."""
    return sum(
        layer.resistance_m2k_w
        * sqrt(2 * pi * layer.conductivity_w_mk * layer.density_kg_m3 * layer.specific_heat_j_kgk / _DAY_S)
        for layer in layers
    )


def reference_parts(parts: Sequence[Part], limits: Sequence[Limit]) -> tuple[list[Part], list[bool]]:
    """The same building with its envelope at the limits, and which parts keep the design's shading.

    Parts without a limit stay as designed. A window with an SHGC limit loses its balconies, overhangs and
    shading devices, for the limit is on glass and fixed shading together; walls still shade it.
    """
    reference, shaded = [], []
    for part, limit in zip(parts, limits, strict=True):
        changed, keeps = part, True
        if limit.u_value_w_m2k is not None:
            if part.component in TRANSPARENT:
                keeps = limit.shgc is None
                changed = replace(
                    part,
                    u_value_w_m2k=limit.u_value_w_m2k,
                    shgc=part.shgc if limit.shgc is None else limit.shgc,
                )
            else:
                wanted = fabric.layer_resistance(limit.u_value_w_m2k)
                changed = replace(part, layers=fabric.with_resistance(part.layers, wanted))
        reference.append(changed)
        shaded.append(keeps)
    return reference, shaded
