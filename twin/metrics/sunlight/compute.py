"""The sunlight metric."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ifc.cutting import cut_openings
from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.climate import Climate
from twin.climate.place import FAR_KM, distance_km
from twin.dwellings import dwellings
from twin.kernels.bvh import Bvh, build
from twin.kernels.sky_view import sky_view_factors
from twin.kernels.sun import in_model
from twin.kernels.sun_minutes import sunlit_steps
from twin.metrics.daylight.annual import north_of
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.windows import Windows, find_windows
from twin.metrics.result import Assumption, Field, MetricResult
from twin.metrics.solar_modules import (
    SolarModules,
    module_assumptions,
    mounting_assumption,
    solar_modules,
)
from twin.metrics.sunlight.facade import Facade, facade_points, sunny_points
from twin.metrics.sunlight.irradiation import annual_irradiation
from twin.metrics.sunlight.potential import potential_of, potential_quantities, potential_table
from twin.metrics.sunlight.rooms import case_of, opaque_triangles, rooms_in_sun
from twin.metrics.sunlight.rules import Counting, counting, days, requirements
from twin.metrics.sunlight.sills import counted_minutes
from twin.metrics.sunlight.summary import NO_ROOMS, Room, summary, untold
from twin.project import Project

Floats = NDArray[np.float64]

NAME, VERSION = "sunlight", "5"
_POINTS_AT_ONCE = 20_000
_SKY_RAYS = 4_000_000  # of a whole facade, but for the limits of a point
_SKY_RAYS_PER_POINT = (64, 256)
_TABLE_UNITS = {"hours": "h", "longest_h": "h", "required_h": "h"}


def compute(model: BuildingModel, climate: Climate, project: Project) -> MetricResult:
    """Hours of sunlight of every room that must get some, on the reference day of its rule.

    Counted minute by minute of apparent solar time, with the sun of that day's date in the base year, at the
    sill of each window, at the outer face of the wall, with everything opaque in the model casting shadows.
    ``table`` has one row per room: the hours of its sunniest window, the longest period, the requirement and
    ``meets`` (1, 0, NaN for not known).
    ``fields["facade_sunlight"]`` holds the hours on the outer walls on the day of the dwellings' rule,
    ``fields["facade_sky_view"]`` the sky view factors there: 0.5 where nothing stands before a wall;
    ``fields["surface_irradiation"]`` the energy of a year on walls and roofs, ``fields["surface_pv_yield"]``
    the electricity that modules there would give; ``tables["photovoltaic_surfaces"]`` has it by element.

    Args:
        model: with surfaces and their openings.
        climate: of the irradiation; its place is taken where the model's own is unknown or far from it.
        project: city, true north, the ``[sunlight]`` section, and the modules of ``[systems]``.
    """
    digest = _input_sha256(model, climate, project)
    if len(model.surfaces) == 0:
        return MetricResult(NAME, VERSION, untold(NO_ROOMS), input_sha256=digest)
    count, latitude = counting(), latitude_of(model, climate, project)
    needed = requirements(project.project.city, project.sunlight)
    windows = find_windows(model, project.daylight, daylight_rules())
    tree, corners, origin = _obstacles(model, windows)
    north = north_of(model, project)
    place = float(latitude.value), climate.longitude_deg  # 100 km of it move the declination by 0.0006°
    rooms: list[Room] = []
    home = dwellings(model)
    for one in needed:
        suns = in_model(one.day.suns(*place, count.step_min), north)
        case = case_of(model, windows, one, suns, count)
        rooms += rooms_in_sun(case, tree, corners, origin, home, count)
    day = next((one.day for one in needed if one.per_dwelling), days()["dahan"])
    facade = facade_points(model)
    suns = in_model(day.suns(*place, count.step_min), north)
    hours = _facade_minutes(tree, corners, origin, facade, suns, count) / 60.0
    sunny = sunny_points(model)
    modules = solar_modules(project.systems)
    sky_view = _sky_view(tree, origin, sunny)
    received = annual_irradiation(tree, origin, sunny, sky_view, climate, north, modules)
    possible = potential_of(model, sunny, received, modules)
    used = {one.day_id: one for one in (day, *(room.requirement.day for room in rooms))}
    assumptions = (
        Assumption(Text("Latitude of the place", "所在地纬度"), latitude),
        *(
            Assumption(Text(f"Date of the sun at {one.label.en}", f"{one.label.zh}太阳位置日期"), one.date)
            for one in used.values()
        ),
        Assumption(
            Text("Height of the sill where the sun is counted", "日照计算窗台高度"), count.sill_above_floor_m
        ),
        *(
            Assumption(
                Text(f"Hours of sunlight at {one.day.label.en}", f"{one.day.label.zh}日照时数要求"), one.hours
            )
            for one in needed
            if any(room.requirement is one for room in rooms)
        ),
        *_of_modules(modules),
    )
    return MetricResult(
        name=NAME,
        version=VERSION,
        summary={**summary(model, rooms, project), **potential_quantities(possible)},
        table=_table(model, rooms),
        table_units=_TABLE_UNITS,
        tables={"photovoltaic_surfaces": potential_table(model, possible, north)},
        fields={
            "facade_sunlight": Field(
                "h",
                Text(f"Sunlight on the facade at {day.label.en}", f"{day.label.zh}外墙日照时数"),
                facade.points,
                hours,
                np.full(len(hours), -1, np.int32),
                facade.spacing_m,
            ),
            "facade_sky_view": Field(
                "1",
                Text("Sky view factor of the facade", "外墙天空可视因子"),
                facade.points,
                _sky_view(tree, origin, facade),
                np.full(len(hours), -1, np.int32),
                facade.spacing_m,
            ),
            "surface_irradiation": Field(
                "kWh/(m²·a)",
                Text("Sun and sky on walls and roofs in a year", "外墙与屋面年太阳辐照量"),
                sunny.points,
                received.irradiation_kwh_m2,
                np.full(len(sunny.points), -1, np.int32),
                sunny.spacing_m,
            ),
            "surface_pv_yield": Field(
                "kWh/(m²·a)",
                Text("Electricity of modules on walls and roofs in a year", "外墙与屋面光伏年发电潜力"),
                sunny.points,
                possible.at_points_kwh_m2,
                np.full(len(sunny.points), -1, np.int32),
                sunny.spacing_m,
            ),
        },
        assumptions=assumptions,
        input_sha256=digest,
    )


def _of_modules(modules: SolarModules) -> tuple[Assumption, ...]:
    """What the electricity of modules on walls and roofs rests on."""
    return (
        Assumption(
            Text("Efficiency of modules on walls and roofs", "墙面与屋面光伏组件效率"), modules.efficiency
        ),
        mounting_assumption(
            Text("Modules on walls and roofs mounted", "墙面与屋面光伏组件安装方式"), modules.assumed_mounting
        ),
        *module_assumptions(modules),
    )


def latitude_of(model: BuildingModel, climate: Climate, project: Project) -> Traced:
    """The latitude of the site, where it is stated and near the climate's place, else that of the climate."""
    if project.site.latitude_deg is not None:
        said = project.site.latitude_deg
        return Traced(said, "°", Provenance.DECLARED, "site.latitude_deg in twin.toml")
    latitude, longitude = model.site.latitude_deg, model.site.longitude_deg
    place = climate.latitude_deg, climate.longitude_deg
    if latitude is not None and longitude is not None and distance_km(latitude, longitude, *place) <= FAR_KM:
        return Traced(latitude, "°", Provenance.IFC, "IfcSite.RefLatitude")
    return Traced(climate.latitude_deg, "°", Provenance.DEFAULT, climate.place, "medium")


def _obstacles(model: BuildingModel, windows: Windows) -> tuple[Bvh, NDArray[np.float32], Floats]:
    """Everything opaque: its hierarchy, its triangles (T, 3, 3) about an origin, and the origin (3,)."""
    opaque = opaque_triangles(model, cut_openings(model), windows)
    origin = np.round(opaque.mean(axis=(0, 1))) if len(opaque) else np.zeros(3)
    corners = (opaque - origin).astype(np.float32)
    return build(corners), corners, origin


def _facade_minutes(
    tree: Bvh, corners: NDArray[np.float32], origin: Floats, facade: Facade, suns: Floats, count: Counting
) -> Floats:
    """Minutes in the sun (N,) of the points of a facade; in slices, to bound the memory."""
    minutes = np.zeros(len(facade.points))
    for first in range(0, len(minutes), _POINTS_AT_ONCE):
        part = slice(first, first + _POINTS_AT_ONCE)
        lit = sunlit_steps(tree, corners, facade.points[part] - origin, facade.normals[part], suns)
        minutes[part] = counted_minutes(lit, count)[0]
    return minutes


def _sky_view(tree: Bvh, origin: Floats, facade: Facade) -> Floats:
    """Sky view factor (N,) of the points of a facade; fewer rays each where there are very many."""
    rays = int(np.clip(_SKY_RAYS // max(len(facade.points), 1), *_SKY_RAYS_PER_POINT))
    return sky_view_factors(tree, facade.points - origin, facade.normals, rays)


def _table(model: BuildingModel, rooms: Sequence[Room]) -> dict[str, NDArray[np.generic]]:
    spaces, storeys, elements = model.spaces, model.storeys, model.elements

    def text(values: Sequence[str]) -> NDArray[np.object_]:
        return np.array([*values, None], object)[:-1]

    rows = [room.space for room in rooms]
    return {
        "global_id": text([str(spaces.global_id[row]) for row in rows]),
        "name": text([str(spaces.name[row]) for row in rows]),
        "storey": text(
            [str(storeys.name[spaces.storey[row]]) if spaces.storey[row] >= 0 else "" for row in rows]
        ),
        "use": text([str(spaces.use[row]) for row in rows]),
        "dwelling": text([room.dwelling for room in rooms]),
        "window": text([str(elements.global_id[room.window]) if room.window >= 0 else "" for room in rooms]),
        "day": text([room.requirement.day.day_id for room in rooms]),
        "hours": np.array([room.hours if room.known else np.nan for room in rooms], np.float64),
        "longest_h": np.array([room.longest_h if room.known else np.nan for room in rooms], np.float64),
        "required_h": np.array([room.required_h for room in rooms], np.float64),
        "meets": np.array([np.nan if room.meets is None else room.meets for room in rooms], np.float64),
    }


def _input_sha256(model: BuildingModel, climate: Climate, project: Project) -> str:
    """Hash of the file, of the place, of the options and of the library's rules that the metric reads."""
    digest = hashlib.sha256(model.source.sha256.encode())
    read = {
        "version": VERSION,
        "climate": climate.sha256,
        "place": [climate.latitude_deg, climate.longitude_deg],
        "site": project.site.model_dump(mode="json", include={"latitude_deg", "north_deg"}),
        "city": project.project.city,
        "uses": project.uses,
        "sunlight": project.sunlight.model_dump(mode="json"),
        "modules": repr(solar_modules(project.systems)),
    }
    digest.update(json.dumps(read, sort_keys=True).encode())
    for name in ("sunlight.yaml", "daylight.yaml", "use_types.yaml", "energy.yaml", "photovoltaics.yaml"):
        digest.update(resources.files("twin").joinpath("data", name).read_bytes())
    return digest.hexdigest()
