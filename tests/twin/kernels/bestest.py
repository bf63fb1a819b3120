"""The building-fabric cases of ASHRAE 140 (BESTEST) as input of the thermal kernel.

Facts of the published specification; "classic" is the edition of 2001 to 2017 with DRYCOLD, "2020" the one
of 2020 and 2023 with Denver TMY3.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.kernels.bvh import build
from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.convection import wind_speed_factor
from twin.kernels.thermal.glazing import Pane, clear_double
from twin.kernels.thermal.irradiance import (
    Irradiance,
    extraterrestrial_w_m2,
    middle_of_hours,
    on_planes,
    sun_samples,
)
from twin.kernels.thermal.longwave import KELVIN, STEFAN_BOLTZMANN
from twin.kernels.thermal.network import (
    Back,
    BeamTarget,
    Flow,
    Operation,
    Surface,
    Weather,
    Zone,
)
from twin.kernels.thermal.packing import pack
from twin.kernels.thermal.shading import landing_shares, sky_visibility, sunlit_shares
from twin.kernels.thermal.year import Year, simulate

EDITIONS = {"classic": "DRYCOLDTMY.epw", "2020": "725650TYCST.epw"}
CASES = (
    "600", "610", "620", "630", "640", "650", "900", "910", "920", "930", "940", "950", "960",
    "600FF", "650FF", "900FF", "950FF",
)  # fmt: skip

SIDING = Layer(0.009, 0.14, 530, 900)
DECK = Layer(0.019, 0.14, 530, 900)
FOAM = Layer(0.0615, 0.04, 10, 1400)
LIGHT_WALL = (SIDING, Layer(0.066, 0.04, 12, 840), Layer(0.012, 0.16, 950, 840))
LIGHT_ROOF = (DECK, Layer(0.1118, 0.04, 12, 840), Layer(0.010, 0.16, 950, 840))
LIGHT_FLOOR = (Layer(1.003, 0.04, 0, 0), Layer(0.025, 0.14, 650, 1200))
HEAVY_WALL = (SIDING, FOAM, Layer(0.100, 0.51, 1400, 1000))
HEAVY_FLOOR = (Layer(1.007, 0.04, 0, 0), Layer(0.080, 1.13, 1400, 1000))
COMMON_WALL = (Layer(0.200, 0.51, 1400, 1000),)
WINDOWS = {
    "classic": clear_double(Pane.from_normal(0.86156, 0.07846), 0.013, 2 * 0.003175 / 1.06),
    "2020": clear_double(Pane.from_normal(0.834, 0.075), 0.012, 2 * 0.003048 / 1.00),
}

# The older editions state one combined coefficient inside, 8.29 W/(m²K), for walls and panes alike, and their
# programs used it; so a pane has the film of a wall there.
PANE_HEIGHT_M = {"classic": None, "2020": 2.0}

NORTH, EAST, SOUTH, WEST, UP, DOWN = (
    (0.0, 1.0, 0.0),
    (1.0, 0.0, 0.0),
    (0.0, -1.0, 0.0),
    (-1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.0, 0.0, -1.0),
)
ORIENTATIONS = (NORTH, EAST, SOUTH, WEST, UP)
SIZE = np.array([8.0, 6.0, 2.7])
HOURS = 8760
ROUNDING = 5e-4  # the ranges are printed with three decimals


@dataclass(frozen=True)
class Site:
    """One weather file: the kernel's weather, the irradiance of ORIENTATIONS and the sun."""

    weather: Weather
    irradiance: Irradiance
    sun: NDArray[np.float64]


def read_site(path: Path) -> Site:
    """Only what the cases need of an EPW file, straight from its columns."""
    with path.open(encoding="latin-1") as file:
        latitude, longitude, zone = map(float, next(file).split(",")[6:9])
        for _ in range(7):
            next(file)
        rows = [line.split(",") for line in file]
    column = {
        name: np.array([float(row[k]) for row in rows[:HOURS]])
        for name, k in {
            "year": 0, "air": 6, "pressure": 9, "infrared": 12, "global": 13, "direct": 14, "diffuse": 15,
            "direction": 20, "speed": 21,
        }.items()
    }  # fmt: skip
    samples = sun_samples(latitude, longitude, zone, column["year"].astype(np.int64))
    angle = np.radians(column["direction"])
    weather = Weather(
        air_temperature_c=column["air"],
        sky_temperature_c=(column["infrared"] / STEFAN_BOLTZMANN) ** 0.25 - KELVIN,
        wind_speed_m_s=column["speed"],
        wind_east=np.sin(angle),
        wind_north=np.cos(angle),
        air_density_kg_m3=column["pressure"] / (287.05 * (column["air"] + KELVIN)),
        given_temperature_c=np.full((1, HOURS), 10.0),
        sun_row=np.arange(HOURS),
    )
    irradiance = on_planes(
        np.array(ORIENTATIONS), samples, column["global"], column["direct"], column["diffuse"],
        extraterrestrial_w_m2(), column["pressure"], 0.2,
    )  # fmt: skip
    return Site(weather, irradiance, middle_of_hours(samples))


@dataclass(frozen=True)
class Result:
    """Annual loads, hourly peaks, and free-floating temperatures of one case; None where not reported."""

    annual_heating_MWh: float | None = None  # noqa: N815 - the names of the reference table
    annual_cooling_MWh: float | None = None  # noqa: N815
    peak_heating_kW: float | None = None  # noqa: N815
    peak_cooling_kW: float | None = None  # noqa: N815
    max_temp_C: float | None = None  # noqa: N815
    min_temp_C: float | None = None  # noqa: N815
    mean_temp_C: float | None = None  # noqa: N815


def run(case: str, edition: str, site: Site, steps_per_hour: int = 4) -> tuple[Result, Year]:
    zones, surfaces = building(case, edition, site)
    network = pack(zones, surfaces, site.irradiance, HOURS, steps_per_hour)
    year = simulate(network, site.weather, operation(case, edition, steps_per_hour), steps_per_hour)
    values: dict[str, float] = {}
    if not case.endswith("FF"):
        values = {
            "annual_heating_MWh": year.heating_w[0].sum() / 1e6,
            "annual_cooling_MWh": year.cooling_w[0].sum() / 1e6,
            "peak_heating_kW": year.heating_w[0].max() / 1e3,
            "peak_cooling_kW": year.cooling_w[0].max() / 1e3,
        }
    if case.endswith("FF") or case == "960":
        air = year.air_temperature_c[-1].astype(np.float64)
        values |= {"max_temp_C": air.max(), "min_temp_C": air.min(), "mean_temp_C": air.mean()}
    return Result(**{name: float(value) for name, value in values.items()}), year


def operation(case: str, edition: str, steps_per_hour: int) -> Operation:
    """Row 0 is the room, row 1 the sun space of case 960."""
    steps = HOURS * steps_per_hour
    hour = (np.arange(steps) + 0.5) / steps_per_hour % 24
    heating, cooling = np.full((2, steps), 20.0), np.full((2, steps), 27.0)
    changes = np.full((2, steps), 0.5)
    heating[1], cooling[1] = -np.inf, np.inf
    if case.endswith("FF"):
        heating[:], cooling[:] = -np.inf, np.inf
    if case[1:3] == "40":
        heating[0, (hour >= 23) | (hour < 7)] = 10.0
        if edition == "2020":  # a ramp in the hour after the set-back, read at the end of the step
            ramp = (hour >= 7) & (hour < 8)
            heating[0, ramp] = 10 + 10 * (hour[ramp] - 7 + 0.5 / steps_per_hour)
    if case[1:3] == "50":
        night = (hour >= 18) | (hour < 7)
        heating[0] = -np.inf
        cooling[0, night] = np.inf
        changes[0, night] += (1703.16 if edition == "classic" else 1700.0) / 129.6
    gains = np.array([200.0 / 48, 0.0])[:, None] * np.ones(steps)
    return Operation(heating, cooling, changes, 0.4 * gains, 0.6 * gains)


def building(case: str, edition: str, site: Site) -> tuple[list[Zone], list[Surface]]:
    heavy = case[0] == "9" and case != "960"
    wall, floor = (HEAVY_WALL, HEAVY_FLOOR) if heavy else (LIGHT_WALL, LIGHT_FLOOR)
    sides = case[1:3] in ("20", "30")
    obstacles = build(_obstacles(case))
    shaded = case[1:3] in ("10", "30")
    surfaces: list[Surface] = []

    def outer(zone: int, normal: tuple[float, float, float], area: float, layers: tuple[Layer, ...]) -> None:
        roof = normal == UP
        face = _face(normal)
        lit, visible = None, 1.0
        if shaded and not roof:
            points = _samples(*face, 16)[None]
            lit = sunlit_shares(obstacles, points, np.array([normal]), site.sun)[0]
            visible = float(sky_visibility(obstacles, points, np.array([normal]))[0])
        surfaces.append(
            Surface(
                area, zone, Back.OUTDOORS, normal, Flow.OPAQUE, layers=layers,
                orientation=ORIENTATIONS.index(normal), wind_factor=_wind(2.7 if roof else 1.35),
                sky_view=(1 + normal[2]) / 2, sunlit=lit, sky_visibility=visible,
            )
        )  # fmt: skip

    def ground(zone: int, area: float, layers: tuple[Layer, ...]) -> None:
        surfaces.append(Surface(area, zone, Back.TEMPERATURE, DOWN, Flow.GROUND, 0, layers))

    def window(zone: int, normal: tuple[float, float, float], origin: NDArray[np.float64],
               across: NDArray[np.float64], box: tuple[NDArray[np.float64], NDArray[np.float64]],
               first: int) -> None:  # fmt: skip
        points = _samples(origin, across, np.array([0, 0, 2.0]), 12)
        room = build(_box(*box))
        landing = landing_shares(room, np.repeat(np.arange(6), 2), points, np.array(normal), site.sun)
        lit = sunlit_shares(obstacles, points[None], np.array([normal]), site.sun)[0] if shaded else None
        visible = sky_visibility(obstacles, points[None], np.array([normal]))[0] if shaded else 1.0
        surfaces.append(
            Surface(
                float(across @ across) ** 0.5 * 2.0, zone, Back.OUTDOORS, normal, Flow.WINDOW,
                glazing=WINDOWS[edition], orientation=ORIENTATIONS.index(normal), wind_factor=_wind(1.2),
                roughness=1.0, outside_emissivity=0.84, front_emissivity=0.84, sunlit=lit,
                sky_visibility=float(visible),
                beam_targets=tuple(BeamTarget(first + face, share) for face, share in landing.items()),
                pane_height_m=PANE_HEIGHT_M[edition],
            )
        )  # fmt: skip

    # The opaque faces come first and in the order of _box: floor, roof, south, east, north, west.
    south = 21.6 - (0 if sides or case == "960" else 12)
    east = 16.2 - (6 if sides else 0)
    ground(0, 48, floor)
    outer(0, UP, 48, LIGHT_ROOF)
    if case == "960":
        surfaces.append(Surface(21.6, 0, Back.ZONE, SOUTH, Flow.INTERNAL, 1, COMMON_WALL))
    else:
        outer(0, SOUTH, south, wall)
    outer(0, EAST, east, wall)
    outer(0, NORTH, 21.6, wall)
    outer(0, WEST, east, wall)
    zones = [Zone(129.6, 48, 129.6 * 1.0 * 1006, 0)]
    if case == "960":
        zones.append(Zone(43.2, 16, 43.2 * 1.0 * 1006, 1))
        first = len(surfaces)
        ground(1, 16, HEAVY_FLOOR)
        outer(1, UP, 16, LIGHT_ROOF)
        outer(1, SOUTH, 9.6, HEAVY_WALL)
        outer(1, EAST, 5.4, HEAVY_WALL)
        outer(1, WEST, 5.4, HEAVY_WALL)
        box = (np.array([0, -2.0, 0]), np.array([8, 0, 2.7]))
        # _box order without the north face, which is the common wall (row 2)
        for x in (0.5, 4.5):
            origin = np.array([x, -2, 0.2])
            points = _samples(origin, np.array([3.0, 0, 0]), np.array([0, 0, 2.0]), 12)
            landing = landing_shares(
                build(_box(*box)), np.repeat([0, 1, 2, 3, 4, 5], 2), points, np.array(SOUTH), site.sun
            )
            rows = [first, first + 1, first + 2, first + 3, 2, first + 4]
            surfaces.append(
                Surface(
                    6.0, 1, Back.OUTDOORS, SOUTH, Flow.WINDOW, glazing=WINDOWS[edition],
                    orientation=2, wind_factor=_wind(1.2), roughness=1.0, outside_emissivity=0.84,
                    front_emissivity=0.84,
                    beam_targets=tuple(BeamTarget(rows[f], share) for f, share in landing.items()),
                    pane_height_m=PANE_HEIGHT_M[edition],
                )
            )  # fmt: skip
        return zones, surfaces
    box = (np.zeros(3), SIZE)
    if sides:
        window(0, EAST, np.array([8, 1.5, 0.2]), np.array([0, 3.0, 0]), box, 0)
        window(0, WEST, np.array([0, 4.5, 0.2]), np.array([0, -3.0, 0]), box, 0)
    else:
        for x in (0.5, 4.5):
            window(0, SOUTH, np.array([x, 0, 0.2]), np.array([3.0, 0, 0]), box, 0)
    return zones, surfaces


def _wind(height_m: float) -> float:
    return float(wind_speed_factor(np.array(height_m), 0.14, 270.0))


def _rectangle(
    origin: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.array([[origin, origin + u, origin + u + v], [origin, origin + u + v, origin + v]])


def _box(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Triangles (12, 3, 3) of floor, roof, south, east, north, west."""
    x, y, z = np.diag(high - low)
    return np.concatenate(
        [
            _rectangle(low, x, y), _rectangle(low + z, x, y), _rectangle(low, x, z),
            _rectangle(low + x, y, z), _rectangle(low + y, x, z), _rectangle(low, y, z),
        ]
    )  # fmt: skip


def _obstacles(case: str) -> NDArray[np.float64]:
    w, _, h = SIZE
    parts = []
    if case[1:3] == "10":
        parts.append(_rectangle(np.array([0, -1, h]), np.array([w, 0, 0]), np.array([0, 1.0, 0])))
    if case[1:3] == "30":
        for x, side in ((w, 1.0), (0.0, -1.0)):
            out = np.array([side, 0, 0])
            parts.append(_rectangle(np.array([x, 1.5, h]), out, np.array([0, 3.0, 0])))
            parts += [_rectangle(np.array([x, y, 0]), out, np.array([0, 0, h])) for y in (1.5, 4.5)]
    return np.concatenate(parts) if parts else np.zeros((0, 3, 3))


def _face(normal: tuple[float, float, float]) -> tuple[NDArray[np.float64], ...]:
    w, d, h = SIZE
    up = np.array([0, 0, h])
    return {
        NORTH: (np.array([0, d, 0]), np.array([w, 0, 0]), up),
        SOUTH: (np.zeros(3), np.array([w, 0, 0]), up),
        EAST: (np.array([w, 0, 0]), np.array([0, d, 0]), up),
        WEST: (np.zeros(3), np.array([0, d, 0]), up),
        UP: (up, np.array([w, 0, 0]), np.array([0, d, 0])),
    }[normal]


def _samples(
    origin: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64], n: int
) -> NDArray[np.float64]:
    """Points (n², 3) of a rectangle."""
    at = (np.arange(n) + 0.5) / n
    a, b = (grid.ravel() for grid in np.meshgrid(at, at))
    return origin + a[:, None] * u + b[:, None] * v
