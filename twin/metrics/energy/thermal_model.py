"""From parts to the arrays of the thermal kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour
from twin.climate import Climate
from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.convection import wind_speed_factor
from twin.kernels.thermal.ground import (
    GROUND_LAYER_M,
    Soil,
    buried_wall_u_value,
    damped_ground_temperature,
    slab_on_ground,
)
from twin.kernels.thermal.network import Network, Operation, Surface, Weather, Zone
from twin.kernels.thermal.packing import pack
from twin.metrics.energy import fabric
from twin.metrics.energy.data import data, number
from twin.metrics.energy.operation import Use, operation
from twin.metrics.energy.parts import TRANSPARENT, Envelope, Part, envelope
from twin.metrics.energy.shading import (
    MASSING,
    OBSTACLES,
    Obstacles,
    Shading,
    obstacles_of,
    self_shading,
)
from twin.metrics.energy.weather import Sun, irradiance, kernel_weather, monthly_air_temperature, sun_of_year
from twin.metrics.energy.zoning import ThermalZone, thermal_zones
from twin.metrics.trees import Trees, trees_in_the_light
from twin.project import Project

Floats = NDArray[np.float64]

_ANGLE_STEP_DEG = 5.0  # orientations are rounded to this
_AIR_HEAT_J_M3K = 1.2 * 1006.0
_GROUND_LAYER_DENSITY = 1800.0  # kg/m³; only its product with the specific heat counts
_WALL_INSIDE_RESISTANCE = 0.13  # m²K/W, of ISO 13370's basement wall
_LEAST_RESISTANCE = 1e-3
_LEAST_PANE_M = 0.3


@dataclass(frozen=True)
class ThermalModel:
    """A building ready to be simulated, with its parts for the tables."""

    zones: tuple[ThermalZone, ...]
    envelope: Envelope
    shading: Shading  # of ``exposed`` parts
    massing: Shading  # of the same; windows by walls and columns only, without balconies and devices
    exposed: tuple[int, ...]  # rows of the parts that see the sky
    operation: Operation
    uses: tuple[Use, ...]
    weather: Weather
    sun: Sun
    north_deg: float  # azimuth of the model's +Y axis
    trees: Trees  # that let through a part of the sun
    obstacles: Obstacles  # that ``shading`` is by


def thermal_model(model: BuildingModel, climate: Climate, project: Project, seasonal: bool) -> ThermalModel:
    """Zones, parts, shading, operation and weather of a model with at least one usable room."""
    zones = thermal_zones(model)
    north = model.site.north_deg if project.site.north_deg is None else project.site.north_deg
    found = envelope(model, zones, project.energy, north - model.site.north_deg)
    sun = sun_of_year(climate)
    monthly = monthly_air_temperature(climate)
    found.parts, slab, wall = _with_soil(model, found.parts, monthly)
    exposed = tuple(row for row, part in enumerate(found.parts) if part.outdoors)
    uses = tuple(dict.fromkeys(zone_use(model, zone) for zone in zones))
    steps = int(data()["calculation"]["steps_per_hour"])
    trees = trees_in_the_light(model, project)
    obstacles = obstacles_of(model, OBSTACLES, trees)
    outer = [found.parts[row] for row in exposed]
    shading = _shade(model, obstacles, outer, sun, north)
    return ThermalModel(
        zones=zones,
        envelope=found,
        shading=shading,
        massing=_massing(model, outer, shading, sun, north, trees),
        exposed=exposed,
        operation=operation(uses, project.energy, seasonal, steps),
        uses=uses,
        weather=kernel_weather(climate, sun, np.stack([slab, wall])),
        sun=sun,
        north_deg=north,
        trees=trees,
        obstacles=obstacles,
    )


@dataclass(frozen=True)
class KernelInput:
    """Zones and surfaces of the balance, and the planes whose irradiance they ask for."""

    zones: tuple[Zone, ...]
    surfaces: tuple[Surface, ...]
    directions: Floats  # (O, 3) unit normals, x east, y north, z up


def pack_input(climate: Climate, thermal: ThermalModel, given: KernelInput, steps_per_hour: int) -> Network:
    """The kernel's network of zones and surfaces."""
    return pack(
        given.zones,
        given.surfaces,
        irradiance(climate, thermal.sun, given.directions),
        len(thermal.sun.of_period),
        steps_per_hour,
        thermal.envelope.links,
    )


def kernel_input(
    model: BuildingModel, thermal: ThermalModel, parts: Sequence[Part], shaded: Sequence[bool]
) -> KernelInput:
    """Zones and surfaces of ``parts``.

    Parts of one zone that differ in nothing but their area and shading become one surface with the area's
    mean shading. ``shaded`` says for each part whether everything shades it, or walls and columns only.
    """
    zones = []
    for zone in thermal.zones:
        floor, volume = zone_size(model, zone)
        zones.append(
            Zone(
                volume_m3=volume,
                floor_area_m2=floor,
                air_capacity_j_k=volume * _AIR_HEAT_J_M3K + floor * number("furniture_capacity"),
                operation=thermal.uses.index(zone_use(model, zone)),
            )
        )
    normals = _rounded_normals(parts)
    directions, orientation = np.unique(normals, axis=0, return_inverse=True)
    heights, panes = part_heights_m(model, parts), _pane_heights_m(model, parts)
    absorptance = [_absorptance(model, part) for part in parts]
    shade_row = {row: place for place, row in enumerate(thermal.exposed)}
    groups: dict[object, list[int]] = {}
    for row, part in enumerate(parts):
        key = (
            part.zone, part.back, part.back_row, part.flow, part.layers, int(orientation[row]),
            part.u_value_w_m2k, part.shgc, part.component in TRANSPARENT, absorptance[row],
        )  # fmt: skip
        groups.setdefault(key, []).append(row)
    surfaces = []
    for rows in groups.values():
        area = np.array([parts[row].area_m2 for row in rows])
        weight = area / area.sum()
        lit, sky = None, 1.0
        if parts[rows[0]].outdoors:
            counted = np.array([shaded[row] for row in rows])
            place = [shade_row[row] for row in rows]
            full, bare = thermal.shading, thermal.massing
            sky = float(weight @ np.where(counted, full.sky[place], bare.sky[place]))
            mixed = weight @ np.where(counted[:, None], full.sunlit[place], bare.sunlit[place])
            lit = None if mixed.min() > 1 - 1e-9 else mixed
        height = float(weight @ heights[rows])
        surfaces.append(
            _surface(
                parts[rows[0]], float(area.sum()), directions[orientation[rows[0]]],
                int(orientation[rows[0]]), absorptance[rows[0]], height, lit, sky,
                float(weight @ panes[rows]) if parts[rows[0]].component in TRANSPARENT else None,
            )
        )  # fmt: skip
    return KernelInput(tuple(zones), tuple(surfaces), directions)


def _absorptance(model: BuildingModel, part: Part) -> tuple[float, float]:
    """Solar absorptance of the outer and the inner face, from the reflectances that the model states."""
    outside, inside = number("outside_absorptance"), number("inside_absorptance")
    if part.construction >= 0 and part.component not in TRANSPARENT:
        construction = model.constructions[part.construction]
        if construction.reflectance_outside is not None:
            outside = 1 - float(construction.reflectance_outside.value)
        if construction.reflectance_inside is not None:
            inside = 1 - float(construction.reflectance_inside.value)
    return outside, inside


def _surface(
    part: Part,
    area: float,
    normal: Floats,
    orientation: int,
    absorptance: tuple[float, float],
    height_m: float,
    sunlit: Floats | None,
    sky_visibility: float,
    pane_height_m: float | None,
) -> Surface:
    glass = part.component in TRANSPARENT
    outside, inside = absorptance
    emissivity = number("glass_emissivity" if glass else "emissivity")
    return Surface(
        area_m2=area,
        zone=part.zone,
        back=part.back,
        normal=(float(normal[0]), float(normal[1]), float(normal[2])),
        flow=part.flow,
        back_row=part.back_row,
        layers=part.layers,
        glazing=fabric.glazing(part.u_value_w_m2k, part.shgc) if glass else None,
        orientation=orientation if part.outdoors else -1,
        wind_factor=float(
            wind_speed_factor(np.array(height_m), number("wind_exponent"), number("wind_boundary_layer"))
        ),
        sky_view=(1 + float(normal[2])) / 2 * sky_visibility,
        roughness=1.0 if glass else 1.67,
        outside_absorptance=outside,
        outside_emissivity=emissivity,
        front_absorptance=inside,
        front_emissivity=emissivity,
        back_absorptance=inside,
        sunlit=sunlit,
        sky_visibility=sky_visibility,
        pane_height_m=pane_height_m,
    )


def zone_use(model: BuildingModel, zone: ThermalZone) -> Use:
    """The row of the operation that a zone follows."""
    area, volume = zone_size(model, zone)
    return Use.of(zone.use, volume / area)


def zone_size(model: BuildingModel, zone: ThermalZone) -> tuple[float, float]:
    """Floor area and volume of a zone."""
    rows = list(zone.spaces)
    return float(model.spaces.area_m2[rows].sum()), float(model.spaces.volume_m3[rows].sum())


def _rounded_normals(parts: Sequence[Part]) -> Floats:
    """Unit normals (P, 3), x east, y north, z up; only parts that see the sky keep their azimuth."""

    def rounded(angle: float) -> float:
        return round(angle / _ANGLE_STEP_DEG) * _ANGLE_STEP_DEG

    tilt = np.radians([rounded(part.tilt_deg) for part in parts])
    azimuth = np.radians([rounded(part.azimuth_deg) % 360 if part.outdoors else 0.0 for part in parts])
    normals = np.stack([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)], axis=1)
    return np.round(normals, 9) + 0.0


def part_heights_m(model: BuildingModel, parts: Sequence[Part]) -> Floats:
    """Height (P,) of each part's centre above the lowest floor, m."""
    base = float(np.nanmin(model.spaces.floor_z_m[model.spaces.internal]))
    centre = {
        row: float(np.mean(np.concatenate(model.surfaces.polygon.rings(row))[:, 2]))
        for row in {part.surface for part in parts}
        if model.surfaces.polygon.rings(row)
    }
    return np.array([max(centre.get(part.surface, base) - base, 0.5) for part in parts])


def _pane_heights_m(model: BuildingModel, parts: Sequence[Part]) -> Floats:
    """Height (P,) of each window, of a facade that is all window that of its surface, m."""
    heights = np.ones(len(parts))
    for row, part in enumerate(parts):
        if part.component in TRANSPARENT:
            polygons = model.surface_openings.polygon if part.opening >= 0 else model.surfaces.polygon
            ring = polygons.rings(part.opening if part.opening >= 0 else part.surface)[0]
            heights[row] = max(float(np.ptp(ring[:, 2])), _LEAST_PANE_M)
    return heights


def _massing(
    model: BuildingModel, parts: Sequence[Part], shading: Shading, sun: Sun, north_deg: float, trees: Trees
) -> Shading:
    """``shading`` with its windows shaded by walls, columns and trees only."""
    windows = [row for row, part in enumerate(parts) if part.component in TRANSPARENT]
    masses = obstacles_of(model, MASSING, trees)
    bare = _shade(model, masses, [parts[row] for row in windows], sun, north_deg)
    sunlit, sky = shading.sunlit.copy(), shading.sky.copy()
    sunlit[windows], sky[windows] = bare.sunlit, bare.sky
    return Shading(sunlit, sky, shading.buried)


def _shade(
    model: BuildingModel, obstacles: Obstacles, parts: Sequence[Part], sun: Sun, north_deg: float
) -> Shading:
    rings, depths = [], []
    for part in parts:
        polygons = model.surface_openings.polygon if part.opening >= 0 else model.surfaces.polygon
        rings.append(polygons.rings(part.opening if part.opening >= 0 else part.surface)[0])
        depth = float(model.surfaces.thickness_m[part.surface])
        depths.append(number("wall_thickness") if np.isnan(depth) else depth)
    normals = model.surfaces.normal[[part.surface for part in parts]]
    return self_shading(
        obstacles, rings, normals, np.array(depths), sun.of_period, sun.month_of_period, north_deg
    )


def _with_soil(
    model: BuildingModel, parts: list[Part], monthly_c: Floats
) -> tuple[list[Part], Floats, Floats]:
    """Parts with the soil behind floors and walls on the ground, and the monthly temperatures behind it."""
    soil = Soil(number("soil_conductivity"), number("soil_heat_capacity"))
    floors = [part for part in parts if part.component == "ground_floor"]
    area = sum(part.area_m2 for part in floors)
    slab_temperature, slab_resistance = monthly_c, 0.0
    if floors:
        own = sum(part.area_m2 * fabric.resistance(part.layers) for part in floors) / area
        slab = slab_on_ground(area, _perimeter(model, floors), number("wall_thickness"), own, soil, monthly_c)
        slab_temperature, slab_resistance = slab.temperature_c, slab.virtual_resistance_m2k_w
    depth = number("basement_depth")
    ground = Layer(
        GROUND_LAYER_M,
        soil.conductivity_w_mk,
        _GROUND_LAYER_DENSITY,
        soil.heat_capacity_j_m3k / _GROUND_LAYER_DENSITY,
    )

    def in_ground(part: Part) -> Part:
        if part.component == "ground_floor":
            behind = slab_resistance
        elif part.component == "ground_wall":
            own = fabric.resistance(part.layers)
            whole = 1 / buried_wall_u_value(2 * depth, own, soil)
            behind = max(whole - _WALL_INSIDE_RESISTANCE - own - ground.resistance_m2k_w, _LEAST_RESISTANCE)
        else:
            return part
        return replace(part, layers=(fabric.pure_resistance(behind), ground, *part.layers))

    wall_temperature = damped_ground_temperature(depth, soil, monthly_c)
    return [in_ground(part) for part in parts], slab_temperature, wall_temperature


def _perimeter(model: BuildingModel, floors: Sequence[Part]) -> float:
    """Exposed perimeter of the floors on the ground: outer walls of their rooms over the rooms' heights."""
    surfaces = model.surfaces
    rooms = {int(surfaces.space[part.surface]) for part in floors}
    walls = np.flatnonzero(
        (surfaces.neighbour == Neighbour.OUTDOORS)
        & (np.abs(surfaces.tilt_deg - 90) < 30)
        & np.isin(surfaces.space, list(rooms))
    )
    height = np.maximum(model.spaces.height_m[surfaces.space[walls]], 1.0)
    return float((surfaces.area_m2[walls] / height).sum())
