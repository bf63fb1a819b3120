"""Electricity of photovoltaic modules from the model and from twin.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.calculation_sections import SystemsSection
from twin.climate import HOURS, Climate
from twin.kernels.sun import in_model
from twin.metrics.energy.shading import Obstacles, Shading, self_shading
from twin.metrics.energy.solar_devices import SolarDevice, gaps_m, inverters_w, solar_devices
from twin.metrics.energy.weather import Sun, irradiance
from twin.metrics.result import Assumption
from twin.metrics.solar_modules import (
    SolarModules,
    module_assumptions,
    mounting_assumption,
    mounting_from_gap,
    mounting_of_gap,
    shading_loss,
    solar_modules,
    through_cover,
)

Floats = NDArray[np.float64]

_AT_ONCE = 128  # modules whose hours are held


@dataclass(frozen=True)
class Photovoltaics:
    """All modules of a building."""

    power_w: Floats  # (8760,) alternating current
    light_w: Floats  # (8760,) peak power times the light that the modules get, over 1,000 W/m²
    area_m2: float
    peak_w: float
    assumptions: tuple[Assumption, ...]


NO_PHOTOVOLTAICS = Photovoltaics(np.zeros(HOURS), np.zeros(HOURS), 0.0, 0.0, ())


def photovoltaics(
    model: BuildingModel,
    section: SystemsSection,
    climate: Climate,
    sun: Sun,
    north_deg: float,
    obstacles: Obstacles,
) -> Photovoltaics:
    """The modules of the model (IfcSolarDevice but for collectors) and the area that twin.toml adds.

    Each module by :mod:`twin.kernels.photovoltaics` on its largest face: its peak power, else the efficiency
    of its cells times their area, as warm as the gap behind it lets it be. The building, the trees and the
    other modules shade it: it gets the beam of the hours in which the sun reaches its face, by its sunlit
    share, and the visible part of the sky. The added area has the usual loss by shading instead. All of them
    feed one inverter.
    """
    shared = solar_modules(section)
    devices = solar_devices(model, obstacles)
    added = section.pv_area_m2 or 0.0
    if not devices and not added:
        return NO_PHOTOVOLTAICS
    peaks = np.array(
        [
            1000 * float(shared.efficiency.value) * one.face.area_m2 if one.peak_w is None else one.peak_w
            for one in devices
        ]
    )
    mountings = _mountings(devices, shared, obstacles)
    direct, light = _of_devices(devices, peaks, mountings, shared, climate, sun, north_deg, obstacles)
    added_w = 1000 * float(shared.efficiency.value) * added
    if added:
        tilt, azimuth = np.radians(section.pv_tilt_deg), np.radians(section.pv_azimuth_deg)
        plane = np.array([[np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)]])
        on = irradiance(climate, sun, plane)
        through = through_cover(on, plane[:, 2])
        cells, received = (one.beam + one.diffuse + one.ground for one in (through, on))
        kept = added_w * (1.0 - float(shading_loss().value))
        mounted = str(shared.assumed_mounting.value)
        air = climate.dry_bulb_c, climate.wind_speed_m_s
        direct += kept * shared.direct_current(cells, received, *air, mounted)[0]
        light += added_w * received[0] / 1000
    stated_w, inverters = inverters_w(model) if devices else (None, ())
    peak_w = float(peaks.sum()) + added_w
    usual_w = (added_w if stated_w is not None else peak_w) / float(shared.dc_ac_ratio.value)
    rated_w = usual_w + (stated_w or 0.0)
    return Photovoltaics(
        power_w=shared.alternating_current(direct, rated_w) if rated_w > 0 else np.zeros(HOURS),
        light_w=light,
        area_m2=sum(one.face.area_m2 for one in devices) + added,
        peak_w=peak_w,
        assumptions=(
            *_assumptions(model, devices, mountings, shared, added),
            *_inverter_assumption(model, stated_w, inverters),
        ),
    )


def _mountings(devices: Sequence[SolarDevice], shared: SolarModules, obstacles: Obstacles) -> list[Traced]:
    """How each module is mounted: as twin.toml says, else by the gap behind it."""
    if shared.mounting is not None:
        return [shared.mounting] * len(devices)
    gaps = gaps_m([one.face for one in devices], obstacles)
    return [mounting_from_gap(mounting_of_gap(gap)) for gap in gaps.tolist()]


def _of_devices(
    devices: Sequence[SolarDevice],
    peaks: Floats,
    mountings: Sequence[Traced],
    shared: SolarModules,
    climate: Climate,
    sun: Sun,
    north_deg: float,
    obstacles: Obstacles,
) -> tuple[Floats, Floats]:
    """Direct current, W, and peak power times light, W, of the model's modules, each (8760,)."""
    direct, light = np.zeros(HOURS), np.zeros(HOURS)
    if not devices:
        return direct, light
    normals = np.array([one.face.normal for one in devices])
    planes, which = np.unique(np.round(in_model(normals, -north_deg), 3), axis=0, return_inverse=True)
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    which = which.reshape(-1)
    on = irradiance(climate, sun, planes)
    through = through_cover(on, planes[:, 2])
    shading = _shading(devices, normals, sun, north_deg, obstacles)
    kinds: dict[tuple[str, float | None], list[int]] = {}
    for row, (one, mounting) in enumerate(zip(devices, mountings, strict=True)):
        kinds.setdefault((str(mounting.value), one.coefficient_1_k), []).append(row)
    for (mounted, coefficient), rows in kinds.items():
        modules = shared if coefficient is None else _with_coefficient(shared, coefficient)
        for first in range(0, len(rows), _AT_ONCE):
            part = np.array(rows[first : first + _AT_ONCE])
            plane = which[part]
            lit, sky = shading.sunlit[part][:, sun.row_of_hour], shading.sky[part, None]
            received, cells = (
                lit * one.beam[plane] + sky * one.diffuse[plane] + one.ground[plane] for one in (on, through)
            )
            direct += peaks[part] @ modules.direct_current(
                cells, received, climate.dry_bulb_c, climate.wind_speed_m_s, mounted
            )
            light += peaks[part] @ received / 1000
    return direct, light


def _with_coefficient(shared: SolarModules, coefficient_1_k: float) -> SolarModules:
    own = Traced(coefficient_1_k, "1/K", Provenance.IFC, "TemperatureCoefficient")
    return replace(shared, temperature_coefficient=own)


def _shading(
    devices: Sequence[SolarDevice], normals: Floats, sun: Sun, north_deg: float, obstacles: Obstacles
) -> Shading:
    """What the building, the trees and the other modules leave of the sun and the sky.

    Rows of modules that the model holds as one element cast none: they would hide the element itself.
    """
    sheets = [one.face.triangles for one in devices if one.face.is_flat]
    return self_shading(
        obstacles,
        [one.face.outline for one in devices],
        normals,
        np.zeros(len(devices)),
        sun.of_period,
        sun.month_of_period,
        north_deg,
        np.concatenate(sheets) if sheets else None,
    )


def _assumptions(
    model: BuildingModel,
    devices: Sequence[SolarDevice],
    mountings: Sequence[Traced],
    shared: SolarModules,
    added_m2: float,
) -> list[Assumption]:
    """What the electricity rests on beside what the modules state."""
    found = module_assumptions(shared)
    unstated = [one.element for one in devices if one.peak_w is None]
    if unstated or added_m2:
        what = Text("Efficiency of photovoltaic modules that state none", "未注明效率的光伏组件效率")
        found.append(Assumption(what, shared.efficiency, _ids(model, unstated)))
    what = Text("Photovoltaic modules mounted", "光伏组件安装方式")
    for mounting in dict.fromkeys(mountings):
        rows = [one.element for one, own in zip(devices, mountings, strict=True) if own == mounting]
        found.append(mounting_assumption(what, mounting, _ids(model, rows)))
    if added_m2:
        what = Text("Photovoltaic modules not in the model mounted", "模型未建光伏组件安装方式")
        shadows = Text("Shadows on photovoltaic modules not in the model", "模型未建光伏组件的遮挡损失")
        found.append(mounting_assumption(what, shared.assumed_mounting))
        found.append(Assumption(shadows, shading_loss()))
    return found


def _inverter_assumption(
    model: BuildingModel, stated_w: float | None, inverters: Sequence[int]
) -> list[Assumption]:
    if stated_w is None:
        return []
    value = Traced(stated_w, "W", Provenance.IFC, "Pset_TransformerTypeCommon.MaximumApparentPower")
    what = Text("What the inverters can give", "逆变器额定容量")
    return [Assumption(what, value, _ids(model, inverters))]


def _ids(model: BuildingModel, rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(model.elements.global_id[row]) for row in rows)
