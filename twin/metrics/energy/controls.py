"""What twin.toml adds to the design: windows that people open, fans at night, blinds, heat recovery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.climate import HOURS
from twin.kernels.thermal.convection import wind_speed_factor
from twin.kernels.thermal.network import Back, Blind, Operation, Zone
from twin.kernels.thermal.state import AIR_SPECIFIC_HEAT
from twin.kernels.thermal.ventilation import LEAK_EXPONENT, Ventilation, flow_coefficient_m3_s
from twin.kernels.thermal.year import Year
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.energy.data import default, number
from twin.metrics.energy.operation import Use, air_changes, hourly_schedule
from twin.metrics.energy.thermal_model import (
    KernelInput,
    ThermalModel,
    part_heights_m,
    zone_size,
    zone_use,
)
from twin.metrics.result import Assumption
from twin.project import EnergySection
from twin.rating.openable import openable_area
from twin.rating.reading import PropertyReader
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
    """``given`` with the openable windows and the leaks of its zones and with blinds."""
    zones, surfaces = given.zones, given.surfaces
    if energy.openable_share is not None:
        area, height = _openable(model, thermal, energy.openable_share)
        zones = tuple(
            replace(zone, opening_m2=float(area[row]), opening_height_m=float(height[row]))
            for row, zone in enumerate(zones)
        )
    if energy.leakage_n50 is not None:
        zones = with_leakage(model, thermal, zones, energy.leakage_n50)
    if energy.blind_factor is not None:
        irradiance = energy.blind_irradiance_w_m2 or float(daylight_rules().curtain_closed_above.value)
        blind = Blind(energy.blind_factor, irradiance)
        with_blinds = [not energy.blind_uses or zone.use in energy.blind_uses for zone in thermal.zones]
        surfaces = tuple(
            replace(surface, blind=blind)
            if surface.glazing is not None and surface.back is Back.OUTDOORS and with_blinds[surface.zone]
            else surface
            for surface in surfaces
        )
    return KernelInput(zones, surfaces, given.directions)


def _openable(model: BuildingModel, thermal: ThermalModel, share: float) -> tuple[Floats, Floats]:
    """Area (Z,) that can be opened of the outer windows of each zone, and their mean height by area.

    What the model says of a window counts, the least where it leaves a range; ``share`` of one that says
    nothing.
    """
    properties = PropertyReader(model)
    area, weighted = np.zeros(len(thermal.zones)), np.zeros(len(thermal.zones))
    whole: dict[int, float] = {}  # of a window that several surfaces cut
    for element, own in zip(model.surface_openings.element, model.surface_openings.area_m2, strict=True):
        whole[int(element)] = whole.get(int(element), 0.0) + float(own)
    for part in thermal.envelope.parts:
        if part.component == "window" and part.outdoors and part.opening >= 0:
            stated = openable_area(properties, part.element, whole[part.element])
            opened = part.area_m2 * (stated.low / whole[part.element] if stated.source else share)
            ring = model.surface_openings.polygon.rings(part.opening)[0]
            area[part.zone] += opened
            weighted[part.zone] += opened * float(np.ptp(ring[:, 2]))
    mean = np.divide(weighted, area, out=np.full_like(area, _LEAST_HEIGHT_M), where=area > 0)
    return area, np.maximum(mean, _LEAST_HEIGHT_M)


def with_leakage(
    model: BuildingModel, thermal: ThermalModel, zones: Sequence[Zone], n50: float
) -> tuple[Zone, ...]:
    """``zones`` with the leaks of a building that changes its air ``n50`` times per hour at 50 Pa.

    The leaks are spread over the outer faces by area; each room is a building of one storey to them, whose
    height above ground is that of its faces.
    """
    outer, weighted = np.zeros(len(zones)), np.zeros(len(zones))
    heights = part_heights_m(model, thermal.envelope.parts)
    for part, height in zip(thermal.envelope.parts, heights, strict=True):
        if part.outdoors:
            outer[part.zone] += part.area_m2
            weighted[part.zone] += part.area_m2 * height
    whole = flow_coefficient_m3_s(n50, sum(zone.volume_m3 for zone in zones))
    share = outer / max(float(outer.sum()), 1e-9)
    mean = np.divide(weighted, outer, out=np.ones_like(outer), where=outer > 0)
    local = wind_speed_factor(mean, number("wind_exponent"), number("wind_boundary_layer"))
    wind = number("leakage_wind") * (number("leakage_shelter") * local) ** (2 * LEAK_EXPONENT)
    return tuple(
        replace(
            zone,
            stack_leakage_m3_s=float(whole * share[row] * number("leakage_stack")),
            wind_leakage_m3_s=float(whole * share[row] * wind[row]),
        )
        for row, zone in enumerate(zones)
    )


def design_schedules(
    uses: Sequence[Use], schedules: Operation, outdoor_c: Floats, energy: EnergySection
) -> Operation:
    """``schedules`` with the air of the design.

    Without the usual leakage where ``energy.leakage_n50`` says what leaks; mechanical fresh air gives back
    ``energy.heat_recovery`` of its heat. Fresh air is mechanical in rooms that are ventilated by the number
    of people, and in all rooms where twin.toml states the air changes. The exchanger works while a room may
    be heated and it is colder outdoors than its set-point, or may be cooled and it is warmer; else it is
    bypassed. As much air with a share η of its heat given back carries as much heat as (1 - η) of the air.
    """
    if not energy.heat_recovery and energy.leakage_n50 is None:
        return schedules
    changes = schedules.air_changes_per_h.copy()
    steps = changes.shape[1] // HOURS
    outdoor = np.repeat(outdoor_c, steps)
    for row, use in enumerate(uses):
        if energy.leakage_n50 is not None:
            changes[row] = np.repeat(air_changes(use, energy, leaks=False), steps)
        mechanical = use_type(use.use_id).fresh_air_m3_h_person is not None
        if energy.heat_recovery and (mechanical or energy.air_changes_per_hour is not None):
            heated, cooled = schedules.heating_setpoint_c[row], schedules.cooling_setpoint_c[row]
            changes[row, (outdoor < heated) | (outdoor > cooled)] *= 1 - energy.heat_recovery
    return schedules._replace(air_changes_per_h=changes)


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
    stated = (
        energy.openable_share, energy.night_purge_air_changes, energy.blind_factor, energy.heat_recovery,
        energy.leakage_n50,
    )  # fmt: skip
    if not any(value is not None for value in stated):
        return ()
    return (
        Diagnostic(
            "energy-controls-left-out",
            Severity.WARNING,
            Text(
                "Opened windows, fans at night, blinds, heat recovery and leaks take no part here.",
                "此处未计入开窗、夜间机械通风、活动遮阳、新风热回收与渗透。",
            ),
            Text("`twin evaluate` counts them.", "`twin evaluate` 会计入。"),
        ),
    )


def control_assumptions(energy: EnergySection) -> Iterable[Assumption]:
    """What twin.toml says about windows, fans and blinds, and the defaults behind it."""
    declared = (
        (
            energy.openable_share,
            Text("Share of windows that state none that people open", "未注明外窗的可开启比例"),
            "1",
        ),
        (energy.leakage_n50, Text("Air changes through leaks at 50 Pa", "50 Pa 下换气次数"), "1/h"),
        (energy.heat_recovery, Text("Heat recovery of mechanical fresh air", "机械新风显热回收效率"), "1"),
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
    if energy.leakage_n50 is not None:
        yield Assumption(Text("Leaks: coefficient of temperature", "渗透热压系数"), default("leakage_stack"))
        yield Assumption(Text("Leaks: coefficient of wind", "渗透风压系数"), default("leakage_wind"))
        yield Assumption(Text("Leaks: shelter from the wind", "渗透风遮挡系数"), default("leakage_shelter"))
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
            daylight_rules().curtain_closed_above,
        )
