"""What modules all over the roofs and outer walls would give, in all and by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.kernels.sun import in_model
from twin.metrics.energy.fabric import is_glazed
from twin.metrics.result import Quantity, Table
from twin.metrics.solar_modules import METHOD, SolarModules
from twin.metrics.sunlight.facade import Facade
from twin.metrics.sunlight.irradiation import Received

Floats = NDArray[np.float64]

_LEAST_M2 = 0.01  # of an element's face that is listed
_SOURCE = "Perez et al. 1990, Robinson & Stone 2004"
_LABELS = {
    "roof": Text("Sun and sky on the roofs in a year, mean", "屋面年太阳辐照量（平均）"),
    "facade": Text("Sun and sky on the outer walls in a year, mean", "外墙年太阳辐照量（平均）"),
    "roof_pv": Text("Electricity of modules all over the roofs", "屋面满铺光伏年发电潜力"),
    "facade_pv": Text("Electricity of modules all over the outer walls", "外墙满铺光伏年发电潜力"),
}
_UNITS = {
    "azimuth_deg": "°", "tilt_deg": "°", "area_m2": "m²", "irradiation_kwh_m2": "kWh/(m²·a)",
    "pv_yield_kwh_m2": "kWh/(m²·a)", "pv_yield_kwh": "kWh/a", "specific_yield_kwh_kwp": "kWh/(kWp·a)",
}  # fmt: skip


@dataclass(frozen=True)
class Potential:
    """Of F faces of roofs and outer walls, and at the N points on them."""

    surface: NDArray[np.int32]  # (F,) rows
    is_roof: NDArray[np.bool_]  # (F,)
    whole_m2: Floats  # (F,) windows and all
    opaque_m2: Floats  # (F,) that modules could cover: without windows, doors and panes
    irradiation_kwh_m2: Floats  # (F,)
    yield_kwh_kwp: Floats  # (F,)
    efficiency: float
    at_points_kwh_m2: Floats  # (N,) electricity by the irradiation of the point and the ratio of its face


def potential_of(model: BuildingModel, at: Facade, received: Received, modules: SolarModules) -> Potential:
    """What the faces get and what modules of the default efficiency, or twin.toml's, make of it."""
    face = np.searchsorted(received.faces, at.surface)
    count = np.bincount(face, minlength=len(received.faces))
    irradiation = np.bincount(face, received.irradiation_kwh_m2, len(count)) / count
    efficiency = float(modules.efficiency.value)
    ratio = np.divide(received.yield_kwh_kwp, irradiation, out=np.zeros(len(count)), where=irradiation > 0)
    whole = model.surfaces.area_m2[received.faces]
    return Potential(
        surface=received.faces,
        is_roof=np.bincount(face, at.is_roof, len(count)) > 0,
        whole_m2=whole,
        opaque_m2=_opaque_m2(model, received.faces),
        irradiation_kwh_m2=irradiation,
        yield_kwh_kwp=received.yield_kwh_kwp,
        efficiency=efficiency,
        at_points_kwh_m2=efficiency * ratio[face] * received.irradiation_kwh_m2,
    )


def _opaque_m2(model: BuildingModel, surfaces: NDArray[np.int32]) -> Floats:
    """Area (F,) of surfaces without their openings; none of curtain walls."""
    openings = model.surface_openings
    cut = np.bincount(openings.surface, openings.area_m2, len(model.surfaces))
    left = np.maximum(model.surfaces.area_m2 - cut, 0.0)[surfaces]
    glass = np.array([is_glazed(one) for one in model.constructions] + [False])
    return np.asarray(np.where(glass[model.surfaces.construction[surfaces]], 0.0, left))


def potential_quantities(found: Potential) -> Mapping[str, Quantity]:
    """Mean irradiation of roofs and outer walls, and the yield of modules that cover them."""
    quantities: dict[str, Quantity] = {}
    for name, which in (("roof", found.is_roof), ("facade", ~found.is_roof)):
        if not which.any():
            continue
        area, opaque = found.whole_m2[which], found.opaque_m2[which]
        quantities[f"{name}_irradiation_kwh_m2"] = Quantity(
            float((area * found.irradiation_kwh_m2[which]).sum() / area.sum()),
            "kWh/(m²·a)", _LABELS[name], "Σ(H A) / ΣA", _SOURCE,
        )  # fmt: skip
        quantities[f"{name}_pv_potential_kwh"] = Quantity(
            found.efficiency * float((opaque * found.yield_kwh_kwp[which]).sum()),
            "kWh/a", _LABELS[f"{name}_pv"],
            f"Σ(Y A) × {found.efficiency:g} kWp/m², A = {opaque.sum():.0f} m²", METHOD,
        )  # fmt: skip
    return quantities


def potential_table(model: BuildingModel, found: Potential, north_deg: float) -> Table:
    """A row for each plane of each element that modules could cover, the best first.

    Faces that no element is known of go by their room.
    """
    surfaces = model.surfaces
    normals = in_model(surfaces.normal[found.surface], -north_deg)
    tilt = np.round(np.degrees(np.arccos(np.clip(normals[:, 2], -1.0, 1.0))))
    azimuth = np.round(np.degrees(np.arctan2(normals[:, 0], normals[:, 1]))) % 360.0
    azimuth[tilt == 0.0] = -1.0
    element, space = surfaces.element[found.surface], surfaces.space[found.surface]
    keys = np.column_stack([element, np.where(element >= 0, -1, space), tilt, azimuth])
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.reshape(-1)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(group, values * found.opaque_m2, len(groups)), np.float64)

    area = summed(np.ones(len(group)))
    mean = np.maximum(area, 1e-9)
    order = np.argsort(-summed(found.yield_kwh_kwp) / mean, kind="stable")
    order = order[area[order] >= _LEAST_M2]
    rows = [(int(key[0]), int(key[1])) for key in groups[order]]
    specific = (summed(found.yield_kwh_kwp) / mean)[order]
    names = [
        (str(model.elements.global_id[e]), str(model.elements.name[e]), str(model.elements.ifc_class[e]))
        if e >= 0
        else (str(model.spaces.global_id[s]), str(model.spaces.name[s]), "IfcSpace")
        for e, s in rows
    ]
    return Table(
        Text(
            "Irradiation and photovoltaic yield by surface, the best first",
            "各外表面辐照量与光伏发电潜力（由高到低）",
        ),
        {
            "global_id": np.array([*(one[0] for one in names), None], object)[:-1],
            "name": np.array([*(one[1] for one in names), None], object)[:-1],
            "ifc_class": np.array([*(one[2] for one in names), None], object)[:-1],
            "azimuth_deg": np.where(groups[order, 3] < 0, np.nan, groups[order, 3]),
            "tilt_deg": groups[order, 2],
            "area_m2": area[order],
            "irradiation_kwh_m2": (summed(found.irradiation_kwh_m2) / mean)[order],
            "pv_yield_kwh_m2": found.efficiency * specific,
            "pv_yield_kwh": found.efficiency * specific * area[order],
            "specific_yield_kwh_kwp": specific,
        },
        _UNITS,
    )
