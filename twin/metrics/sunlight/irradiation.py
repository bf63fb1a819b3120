"""Energy of the sun and the sky on walls and roofs in a year, and what photovoltaic modules make of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.climate import Climate
from twin.kernels.bvh import Bvh
from twin.kernels.ray_streams import any_hits
from twin.kernels.sun import in_model
from twin.kernels.thermal.irradiance import Irradiance
from twin.metrics.energy.weather import irradiance, sun_of_year
from twin.metrics.solar_modules import SolarModules, through_cover
from twin.metrics.sunlight.facade import Facade

Floats = NDArray[np.float64]

_CELL_DEG = 5.0  # of the sky, whose hours of sun are traced as one
_PLANES_AT_ONCE = 32
_FACES_AT_ONCE = 128
_RAYS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Received:
    """What walls and roofs get in the typical year."""

    irradiation_kwh_m2: Floats  # (N,) at points
    faces: NDArray[np.int32]  # (F,) rows of the surfaces that the points lie on, rising
    yield_kwh_kwp: Floats  # (F,) of modules along each face


def annual_irradiation(
    tree: Bvh,
    origin: Floats,
    at: Facade,
    sky_view: Floats,
    climate: Climate,
    north_deg: float,
    modules: SolarModules,
) -> Received:
    """Irradiation of the typical year at points, and the electricity of modules along the faces they lie on.

    The beam of each hour (with the bright sky about the sun) by the plane that the point lies in, where
    nothing hides the sun; the rest of the sky by the share of it that the point sees; and what an open ground
    reflects. Hours whose sun stands in the same cell of the sky, 5° wide, are traced as one (Robinson and
    Stone 2004, Irradiation modelling made simple: the cumulative sky approach). The modules of a face get in
    each hour the mean of its points, from the same rays.

    Args:
        tree: everything opaque.
        origin: (3,) that its coordinates are about.
        at: points and normals in model coordinates.
        sky_view: (N,) sky view factors of the points.
        climate: of the place.
        north_deg: azimuth of the model's +Y axis.
        modules: that lie along the faces.
    """
    sun = sun_of_year(climate)
    day = np.flatnonzero(sun.hourly[:, 2] > 0.0)
    cell, towards = _cells(sun.hourly[day])
    towards = in_model(towards, north_deg)
    planes, plane = np.unique(np.round(at.normals, 3), axis=0, return_inverse=True)
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    plane = plane.reshape(-1)
    open_sky = np.maximum((1.0 + planes[plane, 2]) / 2.0, 1e-6)
    seen = np.minimum(sky_view / open_sky, 1.0)
    faces, face = np.unique(at.surface, return_inverse=True)
    face = face.reshape(-1)
    points_of = np.bincount(face, minlength=len(faces))
    sky_of = np.bincount(face, seen, len(faces)) / points_of
    plane_of = np.zeros(len(faces), np.intp)
    plane_of[face] = plane
    total, per_peak = np.zeros(len(at.points)), np.zeros(len(faces))
    local = (at.points - origin).astype(np.float32)
    for first in range(0, len(planes), _PLANES_AT_ONCE):
        part = slice(first, first + _PLANES_AT_ONCE)
        on = irradiance(climate, sun, in_model(planes[part], -north_deg))
        beam = np.array([np.bincount(cell, row, len(towards)) for row in on.beam[:, day]])
        mine = np.flatnonzero((plane >= first) & (plane < part.stop))
        of_mine = plane[mine] - first
        total[mine] = on.diffuse.sum(axis=1)[of_mine] * seen[mine] + on.ground.sum(axis=1)[of_mine]
        here = np.flatnonzero((plane_of >= first) & (plane_of < part.stop))
        place = np.full(len(faces), -1)
        place[here] = np.arange(len(here))
        reached = np.zeros(len(here) * len(towards))  # points of each face that see the sun in each cell
        step = max(_RAYS_AT_ONCE // max(len(towards), 1), 1)
        for begin in range(0, len(mine), step):
            some, own = mine[begin : begin + step], of_mine[begin : begin + step]
            row, column = np.nonzero(beam[own] > 0.0)
            free = ~any_hits(tree, local[some[row]], towards[column])
            total[some] += np.bincount(row, beam[own[row], column] * free, len(some))
            reached += np.bincount(place[face[some[row]]] * len(towards) + column, free, len(reached))
        lit = reached.reshape(len(here), len(towards)) / points_of[here, None]
        by_day = Irradiance(*(values[:, day] for values in on))
        per_peak[here] = _yields(
            by_day, planes[part, 2], plane_of[here] - first, lit, cell, sky_of[here], climate, day, modules
        )
    return Received(total / 1000.0, faces.astype(np.int32), per_peak)


def _yields(
    on: Irradiance,
    tilt_cosine: Floats,
    plane: NDArray[np.intp],
    lit: Floats,
    cell: NDArray[np.intp],
    sky: Floats,
    climate: Climate,
    day: NDArray[np.intp],
    modules: SolarModules,
) -> Floats:
    """Electricity of a year over peak power, kWh/kWp, of modules along F faces, an inverter for each.

    Args:
        on: light on O planes in the D hours of day, each array (O, D).
        tilt_cosine: (O,) upward parts of the planes' normals.
        plane: (F,) of each face.
        lit: (F, C) share of each face that the sun reaches from each cell of the sky.
        cell: (D,) where the sun stands.
        sky: (F,) share of its sky that each face sees.
        climate: of the place.
        day: (D,) hours of the year.
        modules: that lie along the faces.
    """
    through = through_cover(on, tilt_cosine)
    rated = 1.0 / float(modules.dc_ac_ratio.value)
    found = np.zeros(len(plane))
    for first in range(0, len(plane), _FACES_AT_ONCE):
        part = slice(first, first + _FACES_AT_ONCE)
        own, sunlit, seen = plane[part], lit[part][:, cell], sky[part, None]
        received, cells = (
            sunlit * one.beam[own] + seen * one.diffuse[own] + one.ground[own] for one in (on, through)
        )
        direct = modules.direct_current(
            cells,
            received,
            climate.dry_bulb_c[day],
            climate.wind_speed_m_s[day],
            str(modules.assumed_mounting.value),
        )
        found[part] = modules.alternating_current(direct, rated).sum(axis=1)
    return found


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
