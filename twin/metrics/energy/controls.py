"""What people and controls do against heat: windows that are opened, fans at night, blinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.climate import HOURS
from twin.kernels.thermal.network import Back, Blind
from twin.kernels.thermal.state import AIR_SPECIFIC_HEAT
from twin.kernels.thermal.ventilation import Ventilation
from twin.kernels.thermal.year import Year
from twin.metrics.energy.data import default, number
from twin.metrics.energy.operation import Use, hourly_schedule
from twin.metrics.energy.thermal_model import KernelInput, ThermalModel, zone_size, zone_use
from twin.metrics.result import Assumption
from twin.project import EnergySection
from twin.use_types import use_type

Floats = NDArray[np.float64]

_LEAST_HEIGHT_M = 0.3


def ventilation(uses: Iterable[Use], energy: EnergySection) -> Ventilation | None:
    """Hourly rows (P, 8760) of ``uses``; None where twin.toml names neither windows nor fans.

    Windows are opened while somebody is there, fans run in rooms that are heated and cooled.
    """
    if energy.openable_share is None and energy.night_purge_air_changes is None:
        return None
    opened, purge, above = [], [], []
    for use in uses:
        kind = use_type(use.use_id)
        rate = np.zeros(HOURS)
        if energy.night_purge_air_changes is not None and kind.conditioned:
            rate[_night(*energy.night_purge_hours)] = energy.night_purge_air_changes
        occupied = hourly_schedule(kind, "occupancy") > 0
        opened.append(np.where(occupied & (energy.openable_share is not None), 1.0, 0.0))
        purge.append(rate)
        above.append(np.where(rate > 0, number("purge_above"), number("window_open_above")))
    return Ventilation(np.stack(opened), np.stack(purge), np.stack(above), number("opening_least_difference"))


def _night(first: int, end: int) -> NDArray[np.bool_]:
    """Hours from ``first`` up to ``end`` o'clock, over midnight where ``end`` comes first."""
    clock = np.arange(HOURS) % 24
    if first < end:
        return (clock >= first) & (clock < end)
    return (clock >= first) | (clock < end)


def with_controls(
    model: BuildingModel, thermal: ThermalModel, given: KernelInput, energy: EnergySection
) -> KernelInput:
    """``given`` with the openable windows of its zones and with blinds."""
    zones, surfaces = given.zones, given.surfaces
    if energy.openable_share is not None:
        area, height = _windows(model, thermal)
        zones = tuple(
            replace(
                zone, opening_m2=energy.openable_share * float(area[row]), opening_height_m=float(height[row])
            )
            for row, zone in enumerate(zones)
        )
    if energy.blind_factor is not None:
        irradiance = energy.blind_irradiance_w_m2 or number("blind_irradiance")
        blind = Blind(energy.blind_factor, irradiance)
        surfaces = tuple(
            replace(surface, blind=blind)
            if surface.glazing is not None and surface.back is Back.OUTDOORS
            else surface
            for surface in surfaces
        )
    return KernelInput(zones, surfaces, given.directions)


def _windows(model: BuildingModel, thermal: ThermalModel) -> tuple[Floats, Floats]:
    """Area (Z,) of the outer windows of each zone, and their mean height by area."""
    area, weighted = np.zeros(len(thermal.zones)), np.zeros(len(thermal.zones))
    for part in thermal.envelope.parts:
        if part.component == "window" and part.outdoors and part.opening >= 0:
            ring = model.surface_openings.polygon.rings(part.opening)[0]
            area[part.zone] += part.area_m2
            weighted[part.zone] += part.area_m2 * float(np.ptp(ring[:, 2]))
    mean = np.divide(weighted, area, out=np.full_like(area, _LEAST_HEIGHT_M), where=area > 0)
    return area, np.maximum(mean, _LEAST_HEIGHT_M)


def purge_fan_w(model: BuildingModel, thermal: ThermalModel, energy: EnergySection, year: Year) -> Floats:
    """Power (8760,) of the fans at night, which move what is let in before any window does."""
    rows = ventilation(thermal.uses, energy)
    power = np.zeros(HOURS)
    if rows is None:
        return power
    for row, zone in enumerate(thermal.zones):
        use = thermal.uses.index(zone_use(model, zone))
        most = rows.purge_air_changes_per_h[use] * zone_size(model, zone)[1]
        let_in = 3600.0 * year.let_in_w_k[row] / (thermal.weather.air_density_kg_m3 * AIR_SPECIFIC_HEAT)
        power += number("purge_fan_power") * np.minimum(let_in, most)
    return power


def controls_left_out(energy: EnergySection) -> tuple[Diagnostic, ...]:
    """What to tell where a file or comparison holds none of the controls that twin.toml states."""
    if (energy.openable_share, energy.night_purge_air_changes, energy.blind_factor) == (None, None, None):
        return ()
    return (
        Diagnostic(
            "energy-controls-left-out",
            Severity.WARNING,
            Text(
                "Opened windows, fans at night and blinds of twin.toml take no part here.",
                "此处未计入 twin.toml 声明的开窗、夜间机械通风与活动遮阳。",
            ),
            Text("`twin evaluate` counts them.", "`twin evaluate` 会计入。"),
        ),
    )


def control_assumptions(energy: EnergySection) -> Iterable[Assumption]:
    """What twin.toml says about windows, fans and blinds, and the defaults behind it."""
    declared = (
        (energy.openable_share, Text("Share of the windows that people open", "外窗可开启比例"), "1"),
        (energy.night_purge_air_changes, Text("Air changes of fans at night", "夜间机械通风换气次数"), "1/h"),
        (
            energy.blind_factor,
            Text("Share of the light past a closed blind", "活动遮阳关闭时的透过比例"),
            "1",
        ),
    )
    for value, what, unit in declared:
        if value is not None:
            yield Assumption(what, Traced(value, unit, Provenance.DECLARED, "[energy] in twin.toml"))
    if energy.openable_share is not None:
        yield Assumption(
            Text("Room air from which windows are opened", "开窗的室温下限"), default("window_open_above")
        )
    if energy.night_purge_air_changes is not None:
        yield Assumption(
            Text("Room air down to which fans cool at night", "夜间通风降温的室温下限"),
            default("purge_above"),
        )
        yield Assumption(Text("Fans at night", "夜间通风风机"), default("purge_fan_power"))
    if energy.blind_factor is not None and energy.blind_irradiance_w_m2 is None:
        yield Assumption(
            Text("Irradiance above which blinds are closed", "活动遮阳动作的辐照度"),
            default("blind_irradiance"),
        )
