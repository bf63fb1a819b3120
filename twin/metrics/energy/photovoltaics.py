"""Electricity of photovoltaic modules from the model and from twin.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.calculation_sections import SystemsSection
from twin.climate import HOURS, Climate
from twin.metrics.energy.shading import OBSTACLES, Shading, self_shading
from twin.metrics.energy.systems import number
from twin.metrics.energy.weather import Sun, irradiance
from twin.metrics.trees import NO_TREES, Trees

Floats = NDArray[np.float64]

_SAME_PLANE = 0.999  # cosine between the normals of one face
_THERMAL = ("SOLARCOLLECTOR",)


@dataclass(frozen=True)
class Photovoltaics:
    """All modules of a building; ``unstated`` are element rows without peak power and efficiency."""

    power_w: Floats  # (8760,)
    area_m2: float
    peak_w: float
    elements: tuple[int, ...]
    unstated: tuple[int, ...]


def photovoltaics(
    model: BuildingModel,
    section: SystemsSection,
    climate: Climate,
    sun: Sun,
    north_deg: float,
    trees: Trees = NO_TREES,
) -> Photovoltaics:
    """The modules of the model (IfcSolarDevice but for collectors) and the area that twin.toml adds.

    A module gives its peak power (GBT50378.PeakPower), else the efficiency of its cells times their area, per
    1,000 W/m² on its largest face that looks up, times the performance ratio. The building shades the modules
    that it shows: they get the beam of the hours in which the sun reaches their face, by its sunlit share,
    and the visible part of the sky. The added area is unshaded; modules do not shade each other.
    """
    normals: list[Floats] = []
    peaks: list[float] = []
    faces: list[Face] = []
    area = 0.0
    elements: list[int] = []
    unstated: list[int] = []
    turn = np.radians(north_deg)
    to_earth = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]])
    for row in model.elements.rows_of_class("IfcSolarDevice").tolist():
        if str(model.elements.predefined_type[row]).upper() in _THERMAL:
            continue
        face = _upper_face(model, row)
        if face is None:
            continue
        own = face.area_m2
        stated = _peak_w(model, row, own)
        efficiency = section.pv_efficiency or number("pv_efficiency")
        elements.append(row)
        if stated is None and section.pv_efficiency is None:
            unstated.append(row)
        faces.append(face)
        normals.append(to_earth @ face.normal)
        peaks.append(1000 * efficiency * own if stated is None else stated)
        area += own
    if section.pv_area_m2:
        tilt, azimuth = np.radians(section.pv_tilt_deg), np.radians(section.pv_azimuth_deg)
        normals.append(
            np.array([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])
        )
        peaks.append(1000 * (section.pv_efficiency or number("pv_efficiency")) * section.pv_area_m2)
        area += section.pv_area_m2
    if not normals:
        return Photovoltaics(np.zeros(HOURS), 0.0, 0.0, (), ())
    planes, which = np.unique(np.round(normals, 3), axis=0, return_inverse=True)
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    on = irradiance(climate, sun, planes)
    shading = _shading(model, faces, sun, north_deg, trees)
    power = np.zeros(HOURS)
    for row, (plane, peak) in enumerate(zip(which.reshape(-1).tolist(), peaks, strict=True)):
        lit, sky = 1.0, 1.0
        if row < len(faces):
            lit, sky = shading.sunlit[row][sun.row_of_hour], shading.sky[row]
        power += peak * (lit * on.beam[plane] + sky * on.diffuse[plane] + on.ground[plane])
    power *= number("pv_performance_ratio") / 1000
    return Photovoltaics(power, area, float(np.sum(peaks)), tuple(elements), tuple(unstated))


@dataclass(frozen=True)
class Face:
    """A plane of an element in model coordinates: unit normal, area and a convex outline (n, 3)."""

    normal: Floats
    area_m2: float
    outline: Floats


def _shading(
    model: BuildingModel, faces: Sequence[Face], sun: Sun, north_deg: float, trees: Trees
) -> Shading:
    """What the building and the trees leave of the sun and the sky on some faces."""
    return self_shading(
        model,
        OBSTACLES,
        [face.outline for face in faces],
        np.array([face.normal for face in faces]).reshape(-1, 3),
        np.zeros(len(faces)),
        sun.of_period,
        sun.month_of_period,
        north_deg,
        trees,
    )


def _outline(corners: Floats, normal: Floats) -> Floats:
    """The convex outline (n, 3) of triangles in one plane."""
    along = np.linalg.svd(normal[None])[2][1]
    across = np.cross(normal, along)
    points = corners.reshape(-1, 3)
    flat = np.column_stack([points @ along, points @ across])
    ring = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(flat)))[:-1]
    depth = float(np.median(points @ normal))
    outline: Floats = ring[:, :1] * along + ring[:, 1:] * across + depth * normal
    return outline


def _upper_face(model: BuildingModel, row: int) -> Face | None:
    """The largest plane of an element that looks up; None for none."""
    vertices, triangles = model.geometry.mesh(row)
    corners = vertices[triangles]
    normals = (
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) if len(corners) else corners
    )
    doubled = np.linalg.norm(normals, axis=-1)
    keep = doubled > 1e-9
    normals, doubled, corners = normals[keep] / doubled[keep, None], doubled[keep], corners[keep]
    best: tuple[Floats, float] | None = None
    for normal in normals[normals[:, 2] > 0.05]:
        area = float(doubled[normals @ normal > _SAME_PLANE].sum()) / 2
        if best is None or area > best[1] + 1e-9:
            best = normal, area
    if best is None:
        return None
    return Face(*best, _outline(corners[normals @ best[0] > _SAME_PLANE], best[0]))


def _peak_w(model: BuildingModel, row: int, area_m2: float) -> float | None:
    """Peak power that the model states for a module, W."""

    def stated(name: str) -> float | None:
        found = model.properties.find(row, name)
        return float(found[1]) if found and isinstance(found[1], int | float) and found[1] > 0 else None

    peak = stated("PeakPower")
    if peak is not None:
        return peak
    efficiency = stated("CellEfficiency")
    if efficiency is None:
        return None
    share = efficiency / 100 if efficiency > 1 else efficiency
    return 1000 * share * (stated("ActiveCellSurfaceAreaFraction") or 1.0) * area_m2
