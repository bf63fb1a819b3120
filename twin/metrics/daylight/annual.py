"""Hours of sufficient daylight over the typical year, from daylight coefficients.

E(point, hour) = Σ_j DC_j L_j + Σ_j DC_reflected,j w_j E_sun / ω_j + τ E_sun sin γ: the sky of the hour over
all patches j; the sun's light by reflection, from the patches about it; and the sun itself, traced to the
point (the daylight coefficient method of Tregenza and Waters 1983, doi:10.1177/096032718301500201, with the
direct sun kept apart as in Bourgeois, Reinhart and Ward 2008, doi:10.1080/09613210701446325).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import Climate
from twin.climate.sky import sun_hours
from twin.kernels.daylight import DaylightFactors
from twin.kernels.light_scene import Scene
from twin.kernels.perez_sky import perez_sky
from twin.kernels.sky import PATCHES, patch_solid_angles, patches_about
from twin.kernels.sunlight import sun_transmission
from twin.metrics.daylight.curtains import Drawn
from twin.metrics.daylight.rooms import GridPoints, Room
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.scene import RoomScene
from twin.metrics.trees import season
from twin.project import Project

Floats = NDArray[np.float64]

_DAYS = 365
_POINTS_AT_A_TIME = 512
_OCCUPIED = (8, 18)  # hours of the day that IES LM-83-12 looks at
OCCUPIED_HOURS = _DAYS * (_OCCUPIED[1] - _OCCUPIED[0])
_AUTONOMY = 300.0, 0.5  # sDA: lx, share of the occupied hours
_SUNLIGHT = 1000.0, 250  # ASE: lx of the sun alone, hours
_USEFUL = 100.0, 3000.0  # UDI: lx (Mardaljevic et al. 2012)


@dataclass(frozen=True)
class SkyYear:
    """The sky over the H hours of the year with the sun up, in the directions of the model.

    ``hour`` (H,) of the year; ``luminance`` (145, H) cd/m² of the sky, ``with_sun`` (145, H) with the sun
    spread over the patches about it; ``sun`` (H, 3) unit vectors; ``sun_lx`` (H,) on a plane that faces the
    sun; ``season`` (H,) light through a deciduous crown, over that through it in full leaf. ``shape`` (5, H)
    and ``diffuse_lx`` (H,) of the sky: :class:`twin.kernels.perez_sky.SkyHours`.
    """

    hour: NDArray[np.intp]
    luminance: NDArray[np.float32]
    with_sun: NDArray[np.float32]
    sun: Floats
    sun_lx: NDArray[np.float32]
    season: NDArray[np.float32]
    shape: Floats
    diffuse_lx: Floats


@dataclass(frozen=True)
class AnnualDaylight:
    """What the year gives, for the rooms (R,) and points (N,) that were looked at; NaN for the others.

    ``target_lx`` (R,) the illuminance that is wanted; ``hours_per_day`` (N,) mean hours a day with it. Per
    room: ``enough_share`` the share of points with the hours that the clause asks for, ``autonomy_share`` sDA
    300/50 %, ``sunlight_share`` ASE 1000/250, ``useful_share`` mean share of the occupied hours with 100 to
    3000 lx.
    """

    target_lx: Floats
    hours_per_day: Floats
    room_hours_per_day: Floats
    enough_share: Floats
    autonomy_share: Floats
    sunlight_share: Floats
    useful_share: Floats


def sky_year(climate: Climate, north_deg: float) -> SkyYear:
    """Luminance of the sky and the sun of every hour with the sun up.

    ``north_deg``: azimuth of the model's +Y axis, clockwise from true north.
    """
    year = sun_hours(climate.latitude_deg, climate.longitude_deg, climate.utc_offset_h)
    hour = np.flatnonzero(year.sin_elevation > 0.0)
    elevation = np.radians(year.elevation_deg[hour])
    azimuth = np.radians(year.azimuth_deg[hour] - north_deg)
    flat = np.cos(elevation)
    sun = np.column_stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)])
    return sky_of(
        hour, sun, climate.direct_normal_w_m2[hour], climate.diffuse_horizontal_w_m2[hour],
        climate.dew_point_c[hour], year.extraterrestrial_normal_w_m2[hour],
    )  # fmt: skip


def sky_of(
    hour: NDArray[np.intp],
    sun: Floats,
    direct_normal_w_m2: Floats,
    diffuse_horizontal_w_m2: Floats,
    dew_point_c: Floats,
    extraterrestrial_w_m2: Floats,
) -> SkyYear:
    """The sky of some hours (H,) of the year; ``sun`` (H, 3), the others (H,) as for :func:`perez_sky`."""
    sky = perez_sky(sun, direct_normal_w_m2, diffuse_horizontal_w_m2, dew_point_c, extraterrestrial_w_m2)
    with_sun = sky.luminance.copy()
    patch, share = patches_about(sun)
    with_sun[patch, np.arange(len(sun))[:, None]] += (
        share * sky.sun_normal_lx[:, None] / patch_solid_angles()[patch]
    )
    return SkyYear(
        hour, sky.luminance, with_sun, sun, sky.sun_normal_lx.astype(np.float32), season(hour),
        sky.shape, sky.diffuse_lx,
    )  # fmt: skip


def north_of(model: BuildingModel, project: Project) -> float:
    """Azimuth of the model's +Y axis: declared, else the file's."""
    return project.site.north_deg if project.site.north_deg is not None else model.site.north_deg


def occupied(hour: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which hours of the year (H,) lie between 8 and 18 o'clock."""
    of_day = hour % 24
    return np.asarray((of_day >= _OCCUPIED[0]) & (of_day < _OCCUPIED[1]))


def annual_rooms(rooms: list[Room]) -> NDArray[np.bool_]:
    """Rooms (R,) that clause 5.2.8 looks at: main rooms of dwellings and of public buildings."""
    return np.array(
        [
            room.use.main_function
            and room.use.daylight is not None
            and room.use.category in ("dwelling", "public")
            for room in rooms
        ],
        np.bool_,
    )


def annual_daylight(
    rooms: list[Room],
    points: GridPoints,
    scene: RoomScene,
    light_room: NDArray[np.int32],
    found: DaylightFactors,
    sky: SkyYear,
    drawn: Drawn | None,
    rules: DaylightRules,
) -> AnnualDaylight:
    """Hours of daylight at the points of the rooms that :func:`annual_rooms` names.

    ``found`` holds their daylight coefficients, ``light_room`` (N,) the room of each point in the scene.
    Curtains count in the daylight autonomy and the useful share; they are open in the hours of the clause and
    in the hours of sunlight. Points are taken some hundreds at a time, so that memory does not grow with the
    model.
    """
    target, wanted_hours = _criteria(rooms, rules)
    looked_at = np.flatnonzero(np.isfinite(target[points.room]))
    per_point = np.full((5, len(points.room)), np.nan)
    work = occupied(sky.hour)
    assert found.direct is not None
    assert found.reflected is not None
    for start in range(0, len(looked_at), _POINTS_AT_A_TIME):
        here = looked_at[start : start + _POINTS_AT_A_TIME]
        coefficients = found.direct[here], found.reflected[here]
        total, sunlit = hourly_illuminance(
            scene.scene, points.position[here], light_room[here], *coefficients, sky
        )
        lived = total
        if drawn is not None:
            lived, _ = hourly_illuminance(
                scene.scene, points.position[here], light_room[here], *coefficients, sky, drawn
            )
        room = points.room[here]
        hours = (total >= target[room, None]).sum(axis=1) / _DAYS
        useful = (lived[:, work] >= _USEFUL[0]) & (lived[:, work] <= _USEFUL[1])
        per_point[:, here] = (
            hours,
            hours >= wanted_hours[room],
            (lived[:, work] >= _AUTONOMY[0]).sum(axis=1) >= _AUTONOMY[1] * OCCUPIED_HOURS,
            (sunlit[:, work] >= _SUNLIGHT[0]).sum(axis=1) >= _SUNLIGHT[1],
            useful.sum(axis=1) / OCCUPIED_HOURS,
        )
    number = np.bincount(points.room, minlength=len(rooms))
    means = np.array(
        [
            np.bincount(points.room, np.nan_to_num(row), len(rooms)) / np.maximum(number, 1)
            for row in per_point
        ]
    )
    # Rooms that no light reaches have no hours; rooms that were not looked at have no answer.
    dark = np.array([room.graded and not room.reachable for room in rooms], np.bool_)
    means[:, ~np.isfinite(target) | ((number == 0) & ~dark)] = np.nan
    return AnnualDaylight(target, per_point[0], *means)


def _criteria(rooms: list[Room], rules: DaylightRules) -> tuple[Floats, Floats]:
    """Illuminance (R,) in lx and hours a day (R,) that clause 5.2.8 asks for; NaN for other rooms."""
    target, hours = np.full(len(rooms), np.nan), np.full(len(rooms), np.nan)
    for row in np.flatnonzero(annual_rooms(rooms)).tolist():
        use = rooms[row].use
        if use.category == "dwelling":
            target[row], hours[row] = rules.dwelling_illuminance_lx, rules.dwelling_hours_per_day
        elif use.daylight is not None:
            target[row], hours[row] = use.daylight.illuminance_lx, rules.public_hours_per_day
    return target, hours


def hourly_illuminance(
    scene: Scene,
    position: Floats,
    light_room: NDArray[np.int32],
    direct: NDArray[np.float32],
    reflected: NDArray[np.float32],
    sky: SkyYear,
    drawn: Drawn | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Illuminance in all and by the sun alone, lx, of upward points, (P, H) each.

    ``position`` (P, 3) model coordinates; ``light_room`` (P,) the room of each in the scene; ``direct`` and
    ``reflected`` (P, 145 S) their daylight coefficients in the sets of the scene; ``drawn`` the curtains,
    open without. Light through leaves follows the season.
    """
    sunlit = np.zeros((len(position), len(sky.hour)), np.float32)
    shining = np.flatnonzero(sky.sun_lx > 0.0)
    curtain = None if drawn is None else drawn.bundles.of_portal
    left = None if drawn is None else drawn.left[:, shining]
    through = sun_transmission(
        scene, position, light_room, sky.sun[shining], curtain, left, sky.season[shining]
    )
    sunlit[:, shining] = through * sky.sun_lx[shining] * sky.sun[shining, 2].astype(np.float32)
    total = sky_light(scene, light_room, direct, reflected, sky, drawn)
    total += sunlit
    return total, sunlit


def sky_light(
    scene: Scene,
    light_room: NDArray[np.int32],
    direct: NDArray[np.float32],
    reflected: NDArray[np.float32],
    sky: SkyYear,
    drawn: Drawn | None = None,
) -> NDArray[np.float32]:
    """Illuminance (P, H) by the sky and by the sun's reflected light, lx; see :func:`hourly_illuminance`."""
    total = np.zeros((len(direct), len(sky.hour)), np.float32)
    leafy = scene.light.leafy_bin
    for first in (0, leafy) if leafy else (0,):
        last = leafy if leafy and not first else direct.shape[1]
        own, bounced = direct[:, first:last], reflected[:, first:last]
        if drawn is None:
            own, bounced = together(own), together(bounced)
        for number in range(own.shape[1] // PATCHES):
            of = slice(number * PATCHES, (number + 1) * PATCHES)
            part = own[:, of] @ sky.luminance + bounced[:, of] @ sky.with_sun
            if drawn is not None:
                part *= drawn.left[drawn.bundles.of_set[light_room, number]]
            if first:
                part *= sky.season
            total += part
    return total


def together(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Daylight coefficients (P, 145) of all sets together, from those of each (P, 145 S)."""
    if coefficients.shape[1] == PATCHES:
        return coefficients
    return np.asarray(coefficients.reshape(len(coefficients), -1, PATCHES).sum(axis=1), np.float32)
