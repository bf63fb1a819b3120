"""The daylight metric."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from twin.climate import Climate
from twin.kernels.daylight import DaylightFactors, daylight_factors
from twin.metrics.daylight.annual import (
    AnnualDaylight,
    SkyYear,
    annual_daylight,
    annual_rooms,
    north_of,
    sky_year,
)
from twin.metrics.daylight.coverage import covered_rooms, daylight_coverage
from twin.metrics.daylight.curtains import Drawn, drawn, hang
from twin.metrics.daylight.eyes import apart, together, view_points
from twin.metrics.daylight.glare import GLARE, Glare, glare
from twin.metrics.daylight.notes import assumptions, diagnostics
from twin.metrics.daylight.quality import quality_summary, untold_quality
from twin.metrics.daylight.rooms import GridPoints, Room, assessed_rooms, grid_points
from twin.metrics.daylight.rules import DaylightRules, LightClimate, project_rules
from twin.metrics.daylight.scene import RoomScene, room_scene
from twin.metrics.daylight.summary import (
    NO_ROOMS,
    NO_WINDOWS,
    Findings,
    RoomFactors,
    hours_summary,
    required_factors,
    summary,
    untold,
)
from twin.metrics.daylight.view import Outlook, outlook
from twin.metrics.daylight.windows import Windows, find_windows
from twin.metrics.result import Field, MetricResult, Need
from twin.metrics.trees import tree_assumptions, trees_in_the_light
from twin.project import Project

Floats = NDArray[np.float64]

NAME, VERSION = "daylight", "8"
RELATIVE_ERROR, ABSOLUTE_ERROR = 0.05, 0.0005  # standard error that a grid point is allowed

_TABLE_UNITS = {
    "area_m2": "m²", "window_area_m2": "m²", "daylight_factor_mean_pct": "%", "daylight_factor_min_pct": "%",
    "required_pct": "%", "standard_error_pct": "%", "target_lx": "lx", "hours_per_day": "h/d",
    "enough_hours_area_pct": "%", "sda_300_50_pct": "%", "ase_1000_250_pct": "%", "udi_100_3000_pct": "%",
    "disturbing_glare_pct": "%", "view_out_pct": "%", "view_angle_deg": "°", "view_distance_m": "m",
}  # fmt: skip


def compute(model: BuildingModel, climate: Climate, project: Project) -> MetricResult:
    """Daylight factor of every room with a requirement, and the hours of daylight of the main rooms.

    On the working plane, under the CIE overcast sky and under the all-weather sky of the typical year: light
    from the sky and the sun, straight and reflected outdoors and indoors, through windows, glazed doors and
    openings between rooms. Electric light is left out, and furniture unless twin.toml counts it; curtains
    count where they are stated, in the figures that say so (docs/daylight.md).

    ``table`` has one row per room: ``meets`` is 1, 0, or NaN where nothing is required or known; rooms
    without any way for light have a factor of 0, rooms with unusable surfaces NaN.
    ``fields["daylight_factor"]`` holds the grid points in %, ``fields["daylight_hours"]`` those of the main
    rooms in hours a day with the required illuminance, ``fields["view_angle"]`` how wide one sees outdoors
    there. Main rooms with side windows have a series of the daylight glare probability of every hour. Where
    twin.toml says that lights are dimmed, a series per room tells what share of the required illuminance
    daylight gives in each hour.

    Args:
        model: with surfaces, their openings and constructions.
        climate: place, irradiances and dew point of the typical year.
        project: city (for the light climate), true north, and the ``[daylight]`` section.
    """
    rules = project_rules(project.daylight)
    digest = _input_sha256(model, climate, project)
    if len(model.surfaces) == 0:
        return _untold(NO_ROOMS, "daylight-no-rooms", digest)
    windows, hanging = hang(model, find_windows(model, project.daylight, rules), project, rules)
    if not windows.windows:
        return _untold(NO_WINDOWS, "daylight-no-windows", digest)
    trees = trees_in_the_light(model, project)
    scene = room_scene(model, windows, rules, trees)
    rooms = assessed_rooms(model, windows, scene, rules)
    points = grid_points(model, rooms, scene, project.daylight, rules)
    sensors = points.sensors(rooms, model, scene.light_room)
    wanted = annual_rooms(rooms)
    if project.energy.daylight_dimming:
        wanted = wanted | covered_rooms(rooms)
    eyes = view_points(model, rooms, windows, scene, rules)
    looking = eyes.sensors(rooms, model, scene.light_room)
    every = daylight_factors(
        scene.scene,
        together(sensors, looking),
        relative_error=RELATIVE_ERROR,
        absolute_error=ABSOLUTE_ERROR,
        coefficients=np.append(wanted[points.room], np.ones(len(eyes), np.bool_)),
    )
    found, at_eyes = apart(every, len(sensors), len(rooms))
    sky = sky_year(climate, north_of(model, project))
    light_climate = _light_climate(project, rules)
    glared = glare(model, rooms, eyes, scene.scene, looking, at_eyes, sky, light_climate, rules)
    curtains = _drawn(model, windows, scene, climate, project, sky, glared, rules)
    annual = annual_daylight(rooms, points, scene, sensors.room, found, sky, curtains, rules)
    series: Mapping[str, Floats] = {}
    if project.energy.daylight_dimming:
        series = daylight_coverage(model, rooms, points, scene, sensors.room, found, sky, curtains)
    told = np.isfinite(annual.hours_per_day)
    series = {**series, **glared.series}
    outlooks = outlook(rooms, points, scene, windows, project.daylight, rules)
    factors = _room_factors(rooms, points, found, light_climate)
    values = 100.0 * found.value
    findings = Findings(model, rooms, points, factors, values)
    return MetricResult(
        name=NAME,
        version=VERSION,
        summary={
            **summary(findings, light_climate, project.project.city, rules),
            **hours_summary(findings, annual.enough_share, rules),
            **quality_summary(findings, glared, outlooks, light_climate, project.project.city, rules),
        },
        table=_table(model, rooms, factors, annual, glared, outlooks),
        table_units=_TABLE_UNITS,
        series=series,
        series_units=dict.fromkeys(series, "1"),
        fields={
            "daylight_factor": Field(
                "%",
                Text("Daylight factor", "采光系数"),
                points.position,
                values,
                points.room.astype(np.int32),
                project.daylight.grid_spacing_m,
            ),
            "daylight_hours": Field(
                "h/d",
                Text("Hours a day with the required daylight", "每日采光照度达标时数"),
                points.position[told],
                annual.hours_per_day[told],
                points.room[told].astype(np.int32),
                project.daylight.grid_spacing_m,
            ),
            "view_angle": Field(
                "°",
                Text("Horizontal angle of the view out", "室外视野水平视角"),
                points.position,
                outlooks.angle_deg,
                points.room.astype(np.int32),
                project.daylight.grid_spacing_m,
            ),
        },
        assumptions=(
            *assumptions(model, windows, project.daylight, rules, light_climate),
            *tree_assumptions(model, trees, Text("daylight", "采光")),
        ),
        diagnostics=(*hanging, *diagnostics(model, rooms, windows, scene, points, found.lost, rules)),
        input_sha256=digest,
    )


def _drawn(
    model: BuildingModel,
    windows: Windows,
    scene: RoomScene,
    climate: Climate,
    project: Project,
    sky: SkyYear,
    glared: Glare,
    rules: DaylightRules,
) -> Drawn | None:
    """When the curtains are closed; None where there are none to close."""
    if not (scene.bundles.of_portal >= 0).any():
        return None
    row_of = {f"{GLARE}{name}": row for row, name in enumerate(model.spaces.global_id)}
    return drawn(
        scene.scene, scene.bundles, scene.portals, windows.curtains, climate, north_of(model, project),
        sky.hour, sky.sun, {row_of[name]: values for name, values in glared.series.items()},
        float(rules.reflectance["ground"].value),
    )  # fmt: skip


def _light_climate(project: Project, rules: DaylightRules) -> LightClimate | None:
    if project.daylight.light_climate is not None:
        return rules.declared_light_climate(project.daylight.light_climate)
    return rules.light_climate(project.project.city)


def _room_factors(
    rooms: Sequence[Room], points: GridPoints, found: DaylightFactors, climate: LightClimate | None
) -> RoomFactors:
    count = np.bincount(points.room, minlength=len(rooms))
    mean, error = np.full(len(rooms), np.nan), np.full(len(rooms), np.nan)
    minimum = np.full(len(rooms), np.nan)
    dark = np.array([room.graded and not room.reachable for room in rooms], np.bool_)
    mean[dark], minimum[dark], error[dark] = 0.0, 0.0, 0.0
    zones = len(found.zone_mean)
    told = np.flatnonzero(count[:zones] > 0)
    mean[told], error[told] = 100.0 * found.zone_mean[told], 100.0 * found.zone_error[told]
    minimum[told] = np.inf
    np.minimum.at(minimum, points.room, 100.0 * found.value)
    return RoomFactors(mean, minimum, error, count, required_factors(rooms, climate))


def _table(
    model: BuildingModel,
    rooms: Sequence[Room],
    factors: RoomFactors,
    annual: AnnualDaylight,
    glared: Glare,
    outlooks: Outlook,
) -> dict[str, NDArray[np.generic]]:
    spaces, storeys = model.spaces, model.storeys

    def text(values: Sequence[str]) -> NDArray[np.object_]:
        return np.array([*values, None], object)[:-1]

    reasons = [
        _reason(model, room, points) for room, points in zip(rooms, factors.count.tolist(), strict=True)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        uniformity = np.where(factors.mean > 0.0, factors.minimum / factors.mean, np.nan)
    return {
        "global_id": text([str(spaces.global_id[room.space]) for room in rooms]),
        "name": text([str(spaces.name[room.space]) for room in rooms]),
        "storey": text(
            [
                str(storeys.name[spaces.storey[room.space]]) if spaces.storey[room.space] >= 0 else ""
                for room in rooms
            ]
        ),
        "use": text([room.use.use_id for room in rooms]),
        "area_m2": np.array([spaces.area_m2[room.space] for room in rooms], np.float64),
        "daylight_factor_mean_pct": factors.mean,
        "daylight_factor_min_pct": factors.minimum,
        "uniformity": uniformity,
        "required_pct": factors.required,
        "meets": factors.meets,
        "standard_error_pct": factors.error,
        "point_count": factors.count,
        "window_area_m2": np.array([room.window_area_m2 for room in rooms], np.float64),
        "grade": text([str(spaces.grade[room.space]) for room in rooms]),
        "target_lx": annual.target_lx,
        "hours_per_day": annual.room_hours_per_day,
        "enough_hours_area_pct": 100.0 * annual.enough_share,
        "sda_300_50_pct": 100.0 * annual.autonomy_share,
        "ase_1000_250_pct": 100.0 * annual.sunlight_share,
        "udi_100_3000_pct": 100.0 * annual.useful_share,
        "dgi": glared.dgi,
        "most_dgi": glared.most_dgi,
        "dgp_95": glared.dgp_95,
        "dgps_95": glared.dgps_95,
        "disturbing_glare_pct": 100.0 * glared.disturbing_share,
        "view_out_pct": 100.0 * outlooks.share,
        "view_angle_deg": outlooks.room_angle_deg,
        "view_distance_m": outlooks.distance_m,
        "reason_en": text([reason.en for reason in reasons]),
        "reason_zh": text([reason.zh for reason in reasons]),
    }


def _reason(model: BuildingModel, room: Room, points: int) -> Text:
    """Why a room has no factor of its own; empty for rooms that were computed."""
    if not room.graded:
        said = model.spaces.grade_reason_en[room.space], model.spaces.grade_reason_zh[room.space]
        return Text(f"Surfaces unusable: {said[0]}", f"围护面不可用：{said[1]}")
    if not room.reachable:
        return Text("No window, and no opening to a room with one.", "无外窗，也不与有窗的房间相通。")
    if points == 0:
        return Text("Lower than the working plane.", "净高低于参考平面。")
    return Text("", "")


def _untold(need: Need, code: str, digest: str) -> MetricResult:
    """The result of a model that lacks what every figure needs."""
    found = Diagnostic(code, Severity.WARNING, need.what, need.how)
    summary = {**untold(need), **untold_quality(need)}
    return MetricResult(NAME, VERSION, summary, diagnostics=(found,), input_sha256=digest)


def _input_sha256(model: BuildingModel, climate: Climate, project: Project) -> str:
    """Hash of the file, of the weather, of the options and of the library's rules that the metric reads."""
    digest = hashlib.sha256(model.source.sha256.encode())
    energy = project.energy
    read = {
        "version": VERSION,
        "climate": climate.sha256,
        "north": project.site.north_deg,
        "trees": project.site.trees_shade,
        "city": project.project.city,
        "daylight": project.daylight.model_dump(mode="json"),
        "dimming": project.energy.daylight_dimming,
        "blinds": [energy.blind_factor, energy.blind_uses, energy.blind_irradiance_w_m2],
    }
    digest.update(json.dumps(read, sort_keys=True).encode())
    for name in ("daylight.yaml", "reflectances.yaml", "use_types.yaml", "trees.yaml"):
        digest.update(resources.files("twin").joinpath("data", name).read_bytes())
    return digest.hexdigest()
