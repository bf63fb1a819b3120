"""Energy of the sun and the sky on walls and roofs in a year, and what photovoltaic modules make of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.climate import Climate
from twin.kernels.bvh import Bvh
from twin.kernels.ray_streams import any_hits
from twin.kernels.sun import in_model
from twin.metrics.energy.systems import number
from twin.metrics.energy.weather import irradiance, sun_of_year
from twin.metrics.result import Quantity
from twin.metrics.sunlight.facade import Facade

Floats = NDArray[np.float64]

_CELL_DEG = 5.0  # of the sky, whose hours of sun are traced as one
_PLANES_AT_ONCE = 32
_RAYS_AT_ONCE = 2_000_000
_SOURCE = "Perez et al. 1990, Robinson & Stone 2004"
_LABELS = {
    "roof": Text("Sun and sky on the roofs in a year, mean", "屋面年太阳辐照量（平均）"),
    "facade": Text("Sun and sky on the outer walls in a year, mean", "外墙年太阳辐照量（平均）"),
    "roof_pv": Text("Electricity of modules all over the roofs", "屋面满铺光伏年发电潜力"),
    "facade_pv": Text("Electricity of modules all over the outer walls", "外墙满铺光伏年发电潜力"),
}


def annual_irradiation(
    tree: Bvh, origin: Floats, at: Facade, sky_view: Floats, climate: Climate, north_deg: float
) -> Floats:
    """Irradiation (N,) of the typical year at points, kWh/m².

    The beam of each hour (with the bright sky about the sun) by the plane that the point lies in, where
    nothing hides the sun; the rest of the sky by the share of it that the point sees; and what an open ground
    reflects. Hours whose sun stands in the same cell of the sky, 5° wide, are traced as one (Robinson and
    Stone 2004, Irradiation modelling made simple: the cumulative sky approach).

    Args:
        tree: everything opaque.
        origin: (3,) that its coordinates are about.
        at: points and normals in model coordinates.
        sky_view: (N,) sky view factors of the points.
        climate: of the place.
        north_deg: azimuth of the model's +Y axis.
    """
    sun = sun_of_year(climate)
    day = np.flatnonzero(sun.hourly[:, 2] > 0.0)
    cell, towards = _cells(sun.hourly[day])
    towards = in_model(towards, north_deg)
    planes, plane = np.unique(np.round(at.normals, 3), axis=0, return_inverse=True)
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    plane = plane.reshape(-1)
    beam = np.zeros((len(planes), len(towards)))
    diffuse, ground = np.zeros(len(planes)), np.zeros(len(planes))
    for first in range(0, len(planes), _PLANES_AT_ONCE):
        part = slice(first, first + _PLANES_AT_ONCE)
        on = irradiance(climate, sun, in_model(planes[part], -north_deg))
        beam[part] = [np.bincount(cell, row, len(towards)) for row in on.beam[:, day]]
        diffuse[part], ground[part] = on.diffuse.sum(axis=1), on.ground.sum(axis=1)
    open_sky = (1.0 + planes[plane, 2]) / 2.0
    total: Floats = diffuse[plane] * np.minimum(sky_view / np.maximum(open_sky, 1e-6), 1.0) + ground[plane]
    local = (at.points - origin).astype(np.float32)
    step = max(_RAYS_AT_ONCE // max(len(towards), 1), 1)
    for first in range(0, len(local), step):
        mine = plane[first : first + step]
        row, column = np.nonzero(beam[mine] > 0.0)
        hidden = any_hits(tree, local[first + row], towards[column])
        total[first : first + step] += np.bincount(row, beam[mine[row], column] * ~hidden, len(mine))
    return total / 1000.0


def _cells(sun: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Which cell of the sky each sun (H, 3) stands in, and the mean direction (C, 3) of each cell's suns."""
    elevation = np.degrees(np.arcsin(np.clip(sun[:, 2], 0.0, 1.0))) // _CELL_DEG
    width = _CELL_DEG / np.cos(np.radians((elevation + 0.5) * _CELL_DEG))
    azimuth = (np.degrees(np.arctan2(sun[:, 0], sun[:, 1])) + 180.0) // width
    _, cell = np.unique(np.column_stack([elevation, azimuth]), axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    sums = np.column_stack([np.bincount(cell, sun[:, axis]) for axis in range(3)])
    towards: Floats = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return cell, towards


def potential(model: BuildingModel, at: Facade, values: Floats) -> Mapping[str, Quantity]:
    """Mean irradiation of roofs and outer walls, and the yield of modules that cover them.

    Yield: irradiation × area × efficiency × performance ratio, with the efficiency and the ratio that the
    energy metric takes for modules that state nothing.
    """
    points_of = np.bincount(at.surface, minlength=len(model.surfaces))
    area = model.surfaces.area_m2[at.surface] / points_of[at.surface]
    efficiency, ratio = number("pv_efficiency"), number("pv_performance_ratio")
    found: dict[str, Quantity] = {}
    for name, which in (("roof", at.is_roof), ("facade", ~at.is_roof)):
        if not which.any():
            continue
        covered, received = float(area[which].sum()), float((area * values)[which].sum())
        found[f"{name}_irradiation_kwh_m2"] = Quantity(
            received / covered, "kWh/(m²·a)", _LABELS[name], "Σ(H A) / ΣA", _SOURCE
        )
        found[f"{name}_pv_potential_kwh"] = Quantity(
            received * efficiency * ratio,
            "kWh/a",
            _LABELS[f"{name}_pv"],
            f"Σ(H A) × {efficiency:g} × {ratio:g}, A = {covered:.0f} m²",
            _SOURCE,
        )
    return found
