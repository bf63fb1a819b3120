"""A thermal model as EnergyPlus input: the same zones, layers, windows, gains and air.

Every surface becomes a rectangle of its area, tilt, azimuth and height; shading comes as the sunlit shares of
our own rays, so that both programs see the same sun. What cannot be said exactly stands in docs/verify.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.network import Back, Link, Operation, Surface, Weather, Zone
from twin.verify.idf_constructions import Constructions
from twin.verify.idf_surfaces import add_frame, add_wall, hosts_of
from twin.verify.idf_text import Idf

_OFF_HEATING_C, _OFF_COOLING_C = -60.0, 90.0
_AIR_HEAT = 1.2 * 1006.0  # J/(m³K)


def building_idf(
    zones: Sequence[Zone],
    surfaces: Sequence[Surface],
    links: Sequence[Link],
    operation: Operation,
    weather: Weather,
    *,
    steps_per_hour: int,
    ground_reflectance: float,
    inside_m2k_w: float,
    outside_m2k_w: float,
) -> Idf:
    """The input file of a building.

    ``operation`` holds one value per hour. ``inside_m2k_w`` and ``outside_m2k_w`` are the surface resistances
    that the windows' U-values hold.
    """
    idf = Idf()
    _settings(idf, steps_per_hour, ground_reflectance)
    _zones(idf, zones, links)
    _operation(idf, zones, operation)
    for row in sorted({s.back_row for s in surfaces if s.back is Back.TEMPERATURE}):
        name = idf.schedule(f"Given{row}", weather.given_temperature_c[row])
        idf.add(
            "SurfaceProperty:OtherSideCoefficients", f"Behind{row}", 0, 0, 1, 0, 0, 0, 0, name, "No", 24, 0
        )
    idf.columns["OutdoorAir"] = weather.air_temperature_c
    constructions = Constructions(idf, inside_m2k_w, outside_m2k_w)
    windows = [row for row, surface in enumerate(surfaces) if surface.glazing is not None]
    hosts, frames = hosts_of(surfaces, windows)
    rows = weather.sun_row
    place = 0.0
    for row, surface in enumerate(surfaces):
        if surface.glazing is None:
            own = [window for window, host in hosts.items() if host == row]
            add_wall(idf, surfaces, row, own, constructions, place)
            place += 100.0
            _sun(idf, f"S{row}", surface, rows)
    for number, own in enumerate(frames):
        add_frame(idf, surfaces, own, number, constructions, place)
        place += 100.0
    for row in windows:
        _sun(idf, f"S{row}", surfaces[row], rows)
    return idf


def _settings(idf: Idf, steps_per_hour: int, ground_reflectance: float) -> None:
    idf.add("Version", "25.2")
    idf.add("Timestep", steps_per_hour)
    idf.add("Building", "B", 0, "Suburbs", 0.04, 0.05, "FullExterior", 60, 6)
    idf.add("GlobalGeometryRules", "UpperLeftCorner", "Counterclockwise", "World")
    idf.add("SurfaceConvectionAlgorithm:Inside", "TARP")
    idf.add("SurfaceConvectionAlgorithm:Outside", "DOE-2")
    idf.add("ShadowCalculation", "Scheduled", "Periodic", 20)
    idf.add("Site:GroundReflectance", *[ground_reflectance] * 12)
    idf.add("SimulationControl", "No", "No", "No", "No", "Yes")
    idf.add("RunPeriod", "Year", 1, 1, 2001, 12, 31, 2001, "Monday", "No", "No", "No", "Yes", "Yes")
    idf.add("ScheduleTypeLimits", "Any")
    idf.add("Schedule:Constant", "On", "Any", 1)
    idf.add("Schedule:Constant", "Dual", "Any", 4)
    idf.add("OutputControl:Files", "No", "No", "Yes")
    for name in ("Zone Air System Sensible Heating Energy", "Zone Air System Sensible Cooling Energy"):
        idf.add("Output:Variable", "*", name, "Hourly")


def _zones(idf: Idf, zones: Sequence[Zone], links: Sequence[Link]) -> None:
    for row, zone in enumerate(zones):
        name = f"Z{row}"
        height = zone.volume_m3 / zone.floor_area_m2
        idf.add("Zone", name, 0, 0, 0, 0, 1, 1, height, zone.volume_m3, zone.floor_area_m2)
        multiplier = zone.air_capacity_j_k / (zone.volume_m3 * _AIR_HEAT)
        idf.add("ZoneCapacitanceMultiplier:ResearchSpecial", f"{name}_cap", name, multiplier, 1, 1, 1)
        idf.add("ThermostatSetpoint:DualSetpoint", f"{name}_sp", f"H{zone.operation}", f"C{zone.operation}")
        idf.add(
            "ZoneControl:Thermostat",
            f"{name}_th",
            name,
            "Dual",
            "ThermostatSetpoint:DualSetpoint",
            f"{name}_sp",
        )
        idf.add(
            "ZoneHVAC:EquipmentConnections",
            name,
            f"{name}_el",
            f"{name}_in",
            "",
            f"{name}_node",
            f"{name}_ret",
        )
        idf.add(
            "ZoneHVAC:EquipmentList",
            f"{name}_el",
            "SequentialLoad",
            "ZoneHVAC:IdealLoadsAirSystem",
            f"{name}_il",
            1,
            1,
            "",
            "",
        )
        idf.add(
            "ZoneHVAC:IdealLoadsAirSystem", f"{name}_il", "", f"{name}_in", "", "", 50, 13, 0.010, 0.010,
            "NoLimit", "", "", "NoLimit", "", "", "", "", "ConstantSupplyHumidityRatio", "",
            "ConstantSupplyHumidityRatio",
        )  # fmt: skip
    for number, (a, b, flow) in enumerate(links):
        for here, there in ((a, b), (b, a)):
            idf.add(
                "ZoneMixing",
                f"M{number}_{here}",
                f"Z{here}",
                "On",
                "Flow/Zone",
                flow,
                "",
                "",
                "",
                f"Z{there}",
                0,
            )


def _operation(idf: Idf, zones: Sequence[Zone], operation: Operation) -> None:
    for row in range(len(operation.heating_setpoint_c)):
        for name, values, off in (
            (f"H{row}", operation.heating_setpoint_c[row], _OFF_HEATING_C),
            (f"C{row}", operation.cooling_setpoint_c[row], _OFF_COOLING_C),
        ):
            idf.columns[name] = np.where(np.isfinite(values), values, off)
    for row, zone in enumerate(zones):
        name, use = f"Z{row}", zone.operation
        air = idf.schedule(f"A{use}", operation.air_changes_per_h[use])
        idf.add(
            "ZoneInfiltration:DesignFlowRate",
            f"{name}_air",
            name,
            air,
            "AirChanges/Hour",
            "",
            "",
            "",
            1,
            1,
            0,
            0,
            0,
        )
        for kind, gains, radiant in (
            ("gc", operation.convective_gain_w_m2, 0), ("gr", operation.radiative_gain_w_m2, 1),
        ):  # fmt: skip
            if gains[use].any():
                schedule = idf.schedule(f"{kind.upper()}{use}", gains[use])
                idf.add(
                    "OtherEquipment",
                    f"{name}_{kind}",
                    "None",
                    name,
                    schedule,
                    "EquipmentLevel",
                    zone.floor_area_m2,
                    "",
                    "",
                    0,
                    radiant,
                    0,
                )


def _sun(idf: Idf, name: str, surface: Surface, rows: NDArray[np.int64]) -> None:
    """What our rays say about a surface outdoors: its sunlit share by the hour, and the sky that it sees."""
    if surface.back is not Back.OUTDOORS:
        return
    shade, around = "", ""
    if surface.sunlit is not None:
        shade = idf.schedule(f"Sunlit{name}", np.clip(np.asarray(surface.sunlit, np.float64)[rows], 0, 1))
    if surface.sky_visibility < 1 - 1e-6:
        around = f"{name}_sky"
        sky = round(surface.sky_view, 5)
        # EnergyPlus wants one surrounding surface; this one is all but invisible.
        nothing = (f"{name}_none", 1e-5, "OutdoorAir")
        idf.add(
            "SurfaceProperty:SurroundingSurfaces", around, sky, "", round(1 - sky - 1e-4, 5), "", *nothing
        )
    if shade or around:
        idf.add("SurfaceProperty:LocalEnvironment", f"{name}_env", name, shade, around, "")
