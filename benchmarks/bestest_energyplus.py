"""The conditioned cases of BESTEST as EnergyPlus input: it finds its own sun on the true geometry."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.twin.kernels import bestest
from twin.kernels.thermal.conduction import Layer
from twin.verify import energyplus
from twin.verify.idf_text import Idf

CASES = tuple(case for case in bestest.CASES if not case.endswith("FF"))
STEPS_PER_HOUR = 4
# Glass of both editions: thickness, transmittance and reflectance at normal incidence, conductivity, gap.
GLASS = {
    "classic": (0.003175, 0.86156, 0.07846, 1.06, 0.013),
    "2020": (0.003048, 0.834, 0.075, 1.00, 0.012),
}
FAN_M3_H = {"classic": 1703.16, "2020": 1700.0}
WIDTH, DEPTH, HEIGHT = (float(value) for value in bestest.SIZE)
SUN_SPACE_M = 2.0
ALWAYS = ("Through: 12/31", "For: AllDays")
Corners = list[tuple[float, float, float]]


def run(case: str, edition: str, epw: Path) -> dict[str, float]:
    """Annual loads, MWh, and hourly peaks, kW, of the room of a case, named as in :class:`bestest.Result`."""
    with tempfile.TemporaryDirectory() as folder:
        loads = energyplus.run(case_idf(case, edition).write(Path(folder)), epw.resolve(), 1)
    return {
        "annual_heating_MWh": float(loads.heating_w.sum()) / 1e6,
        "annual_cooling_MWh": float(loads.cooling_w.sum()) / 1e6,
        "peak_heating_kW": float(loads.heating_w.max()) / 1e3,
        "peak_cooling_kW": float(loads.cooling_w.max()) / 1e3,
    }


def case_idf(case: str, edition: str) -> Idf:
    """The input file of a case; its room is the zone Z0."""
    idf = Idf()
    _settings(idf)
    _constructions(idf, edition)
    heavy = case[0] == "9" and case != "960"
    sides = case[1:3] in ("20", "30")
    sun_space = case == "960"
    walls, floor = ("HeavyWall", "HeavyFloor") if heavy else ("LightWall", "LightFloor")
    _box(idf, "Z0", 0.0, DEPTH, walls, floor, without="S" if sun_space else "")
    host, y = "Z0", 0.0
    if sun_space:
        host, y = "Sun", -SUN_SPACE_M
        _box(idf, "Sun", y, SUN_SPACE_M, "HeavyWall", "HeavyFloor", without="N")
        common = _wall("S", 0.0, DEPTH)
        _surface(idf, "Z0_S", "Wall", "Common", "Z0", ("Surface", "Sun_N"), common)
        _surface(idf, "Sun_N", "Wall", "Common", "Sun", ("Surface", "Z0_S"), common[::-1])
    if sides:
        for side in "EW":
            _window(idf, f"{host}_{side}", _opening(side, 1.5))
    else:
        for number, x in enumerate((0.5, 4.5)):
            _window(idf, f"{host}_S", _opening("S", x, y), number)
    _shading(idf, case)
    _operation(idf, case, edition, sun_space)
    return idf


def _settings(idf: Idf) -> None:
    idf.add("Version", "25.2")
    idf.add("Timestep", STEPS_PER_HOUR)
    idf.add("Building", "B", 0, "Country", 0.04, 0.004, "FullInteriorAndExterior", 60, 6)
    idf.add("GlobalGeometryRules", "UpperLeftCorner", "Counterclockwise", "World")
    idf.add("SurfaceConvectionAlgorithm:Inside", "TARP")
    idf.add("SurfaceConvectionAlgorithm:Outside", "DOE-2")
    idf.add("ShadowCalculation", "PolygonClipping", "Periodic", 20)
    idf.add("Site:GroundTemperature:BuildingSurface", *[10] * 12)
    idf.add("Site:GroundReflectance", *[0.2] * 12)
    idf.add("SimulationControl", "No", "No", "No", "No", "Yes")
    idf.add("RunPeriod", "Year", 1, 1, "", 12, 31, "", "Sunday", "No", "No", "No", "Yes", "Yes")
    idf.add("ScheduleTypeLimits", "Any")
    idf.add("Schedule:Constant", "On", "Any", 1)
    idf.add("Schedule:Constant", "Dual", "Any", 4)
    idf.add("OutputControl:Files", "No", "No", "Yes")
    for name in ("Zone Air System Sensible Heating Energy", "Zone Air System Sensible Cooling Energy"):
        idf.add("Output:Variable", "*", name, "Hourly")


def _constructions(idf: Idf, edition: str) -> None:
    for name, layers in (
        ("LightWall", bestest.LIGHT_WALL), ("HeavyWall", bestest.HEAVY_WALL), ("Roof", bestest.LIGHT_ROOF),
        ("LightFloor", bestest.LIGHT_FLOOR), ("HeavyFloor", bestest.HEAVY_FLOOR),
        ("Common", bestest.COMMON_WALL),
    ):  # fmt: skip
        idf.add("Construction", name, *[_material(idf, f"{name}_{n}", one) for n, one in enumerate(layers)])
    thickness, through, back, conductivity, gap = GLASS[edition]
    idf.add(
        "WindowMaterial:Glazing", "Pane", "SpectralAverage", "", thickness, through, back, back, 0.9, 0.08,
        0.08, 0, 0.84, 0.84, conductivity,
    )  # fmt: skip
    idf.add("WindowMaterial:Gas", "Gap", "Air", gap)
    idf.add("Construction", "Window", "Pane", "Gap", "Pane")


def _material(idf: Idf, name: str, layer: Layer) -> str:
    if layer.density_kg_m3 > 0:
        idf.add(
            "Material", name, "Rough", layer.thickness_m, layer.conductivity_w_mk, layer.density_kg_m3,
            layer.specific_heat_j_kgk, 0.9, 0.6, 0.6,
        )  # fmt: skip
    else:
        idf.add("Material:NoMass", name, "Rough", layer.resistance_m2k_w, 0.9, 0.6, 0.6)
    return name


def _wall(side: str, y: float, depth: float) -> Corners:
    """Corners from the upper left, counter-clockwise seen from outside."""
    left, right = {
        "S": ((0.0, y), (WIDTH, y)),
        "E": ((WIDTH, y), (WIDTH, y + depth)),
        "N": ((WIDTH, y + depth), (0.0, y + depth)),
        "W": ((0.0, y + depth), (0.0, y)),
    }[side]
    return [(*left, HEIGHT), (*left, 0.0), (*right, 0.0), (*right, HEIGHT)]


def _box(idf: Idf, zone: str, y: float, depth: float, walls: str, floor: str, without: str) -> None:
    idf.add("Zone", zone, 0, 0, 0, 0, 1, 1, HEIGHT, WIDTH * depth * HEIGHT)
    for side in "SENW":
        if side != without:
            _surface(idf, f"{zone}_{side}", "Wall", walls, zone, ("Outdoors", ""), _wall(side, y, depth))
    plan = [(0.0, y), (WIDTH, y), (WIDTH, y + depth), (0.0, y + depth)]
    roof = [(*plan[corner], HEIGHT) for corner in (3, 0, 1, 2)]
    ground = [(*plan[corner], 0.0) for corner in (3, 2, 1, 0)]
    _surface(idf, f"{zone}_R", "Roof", "Roof", zone, ("Outdoors", ""), roof)
    _surface(idf, f"{zone}_F", "Floor", floor, zone, ("Ground", ""), ground)


def _surface(
    idf: Idf, name: str, kind: str, construction: str, zone: str, behind: tuple[str, str], corners: Corners
) -> None:
    exposed = ("SunExposed", "WindExposed") if behind[0] == "Outdoors" else ("NoSun", "NoWind")
    idf.add(
        "BuildingSurface:Detailed", name, kind, construction, zone, "", *behind, *exposed, "autocalculate", 4,
        *[value for corner in corners for value in corner],
    )  # fmt: skip


def _opening(side: str, first: float, y: float = 0.0) -> Corners:
    """A window of 3 m by 2 m, ``first`` metres along its wall from the west or south."""
    ends = {"S": ((first, y), (first + 3, y)), "E": ((WIDTH, first), (WIDTH, first + 3)),
            "W": ((0.0, first + 3), (0.0, first))}[side]  # fmt: skip
    left, right = ends
    return [(*left, 2.2), (*left, 0.2), (*right, 0.2), (*right, 2.2)]


def _window(idf: Idf, host: str, corners: Corners, number: int = 0) -> None:
    idf.add(
        "FenestrationSurface:Detailed", f"{host}_W{number}", "Window", "Window", host, "", "autocalculate",
        "", 1, 4, *[value for corner in corners for value in corner],
    )  # fmt: skip


def _shading(idf: Idf, case: str) -> None:
    """The overhang of the cases 10; overhang and fins on both sides of the windows of the cases 30."""
    shades: list[Corners] = []
    if case[1:3] == "10":
        shades.append([(0, 0, HEIGHT), (0, -1, HEIGHT), (WIDTH, -1, HEIGHT), (WIDTH, 0, HEIGHT)])
    if case[1:3] == "30":
        for x, out in ((WIDTH, 1.0), (0.0, -1.0)):
            shades.append(
                [(x, 1.5, HEIGHT), (x + out, 1.5, HEIGHT), (x + out, 4.5, HEIGHT), (x, 4.5, HEIGHT)]
            )
            shades += [
                [(x, y, HEIGHT), (x, y, 0.0), (x + out, y, 0.0), (x + out, y, HEIGHT)] for y in (1.5, 4.5)
            ]
    for number, corners in enumerate(shades):
        numbers = [value for corner in corners for value in corner]
        idf.add("Shading:Building:Detailed", f"Shade{number}", "", 4, *numbers)


def _operation(idf: Idf, case: str, edition: str, sun_space: bool) -> None:
    night_fan, setback = case[1:3] == "50", case[1:3] == "40"
    ramp = ("Until: 7:15", 12.5, "Until: 7:30", 15, "Until: 7:45", 17.5) if edition == "2020" else ()
    heating: tuple[object, ...] = ("Until: 24:00", -100 if night_fan else 20)
    if setback:
        heating = ("Until: 7:00", 10, *ramp, "Until: 23:00", 20, "Until: 24:00", 10)
    cooling: tuple[object, ...] = ("Until: 24:00", 27)
    if night_fan:
        cooling = ("Until: 7:00", 100, "Until: 18:00", 27, "Until: 24:00", 100)
    idf.add("Schedule:Compact", "Heat", "Any", *ALWAYS, *heating)
    idf.add("Schedule:Compact", "Cool", "Any", *ALWAYS, *cooling)
    idf.add("OtherEquipment", "Gain", "None", "Z0", "On", "EquipmentLevel", 200, "", "", 0, 0.6, 0)
    for zone, depth in (("Z0", DEPTH), *((("Sun", SUN_SPACE_M),) if sun_space else ())):
        flow = 0.5 * WIDTH * depth * HEIGHT / 3600
        _air(idf, f"{zone}_leak", zone, "On", flow)
    clock = np.arange(8760) % 24
    fan = idf.schedule("Fan", np.where((clock >= 18) | (clock < 7), 1.0, 0.0))
    if night_fan:
        _air(idf, "Fan", "Z0", fan, FAN_M3_H[edition] / 3600)
    idf.add("ThermostatSetpoint:DualSetpoint", "Points", "Heat", "Cool")
    idf.add("ZoneControl:Thermostat", "Control", "Z0", "Dual", "ThermostatSetpoint:DualSetpoint", "Points")
    idf.add("ZoneHVAC:EquipmentConnections", "Z0", "List", "Inlet", "", "Node", "Return")
    idf.add(
        "ZoneHVAC:EquipmentList",
        "List",
        "SequentialLoad",
        "ZoneHVAC:IdealLoadsAirSystem",
        "Ideal",
        1,
        1,
        "",
        "",
    )
    idf.add(
        "ZoneHVAC:IdealLoadsAirSystem", "Ideal", "", "Inlet", "", "", 50, 13, 0.010, 0.010,
        "NoLimit", "", "", "NoLimit", "", "", "", "", "ConstantSupplyHumidityRatio", "",
        "ConstantSupplyHumidityRatio",
    )  # fmt: skip


def _air(idf: Idf, name: str, zone: str, schedule: str, flow_m3_s: float) -> None:
    idf.add(
        "ZoneInfiltration:DesignFlowRate", f"{name}_air", zone, schedule, "Flow/Zone", flow_m3_s, "", "", "",
        1, 0, 0, 0,
    )  # fmt: skip
