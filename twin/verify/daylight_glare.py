"""Glare at the eyes of the main rooms by our kernel and by evalglare on Radiance's pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.climate import Climate
from twin.errors import TwinError
from twin.kernels.daylight import daylight_factors
from twin.kernels.glare import daylight_glare_probability
from twin.kernels.sight import look
from twin.kernels.sunlight import sun_transmission
from twin.metrics.daylight.annual import SkyYear, north_of, occupied, sky_of, sky_year
from twin.metrics.daylight.compute import ABSOLUTE_ERROR, RELATIVE_ERROR
from twin.metrics.daylight.eye_light import hourly_glare
from twin.metrics.daylight.eyes import Eyes, apart, together, view_points
from twin.metrics.daylight.glare import RAYS
from twin.metrics.daylight.seen import half_space, seen_faces, seen_outdoors
from twin.project import Project
from twin.verify import radiance, radiance_eye
from twin.verify.daylight import Task, prepared, radiance_groups, scene_folder
from twin.verify.radiance_sky import WATER_DEW_POINT_C

Floats = NDArray[np.float64]

KINDS = ("overcast", "clear", "sun_indoors", "sun_in_view")
_CLEAR_W_M2 = 300.0  # of the sun, from which on an hour is clear
_IN_VIEW_W_M2 = 50.0  # from which on the sun in view counts: with a clear one DGP is 1 as a rule
_OVERCAST_W_M2 = 1.0
EXTRATERRESTRIAL_W_M2 = 1414.9  # gendaylit takes the sun's distance of 1 January where no date is given


@dataclass(frozen=True)
class GlareComparison:
    """N pairs of an eye and an hour.

    ``space`` (N,) rows of the SpaceTable; ``position``, ``facing`` (N, 3) of the eye, model coordinates;
    ``hour`` (N,) of the year; ``kind`` (N,) rows of KINDS. ``our_lx``, ``their_lx`` (N,) light on a plane
    that faces the line of sight and ``their_noise_lx`` the standard error of theirs; ``ours``, ``theirs``
    (N,) daylight glare probability, 0..1.
    """

    space: NDArray[np.int32]
    position: Floats
    facing: Floats
    hour: NDArray[np.intp]
    kind: NDArray[np.intp]
    our_lx: Floats
    their_lx: Floats
    their_noise_lx: Floats
    ours: Floats
    theirs: Floats
    our_seconds: float
    their_seconds: float


def compare_glare(
    model: BuildingModel,
    climate: Climate,
    project: Project,
    *,
    eyes: int = 100,
    keep: Path | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> GlareComparison:
    """Find the glare at the eyes of the main rooms twice, in up to four hours of the year each.

    Ours is what the daylight metric computes, at its own effort. Both see the same faces, panes, irradiances
    and water in the air (2 cm). Frames and dirt are left out.

    Args:
        model: with surfaces, their openings and constructions.
        climate: the typical year.
        project: options of the daylight calculation.
        eyes: how many at most, the rooms' first ones first.
        keep: folder that the Radiance scenes and pictures are written to; None for one that is deleted.
        progress: called with each stage.

    Raises:
        TwinError: Radiance is not installed, or no main room has a side window.
    """
    radiance.programs()
    task = prepared(model, project)
    rules, rooms = task.parts.rules, task.rooms
    every = view_points(model, rooms, task.parts.windows, task.parts.rooms, rules)
    if not len(every):
        raise TwinError(
            "no-eyes",
            model.source.path,
            Text("No main room has a window in a wall to look at.", "没有带侧窗的主要功能房间。"),
            Text("See `twin inspect` for what the model lacks.", "请用 `twin inspect` 查看模型缺项。"),
        )
    chosen = _of_all_rooms(every, eyes)
    looking = chosen.sensors(rooms, model, task.parts.rooms.light_room)
    year = sky_year(climate, north_of(model, project))
    progress("greentwin")
    begin = time.perf_counter()
    directions = half_space(RAYS, chosen.facing)
    sight = look(task.scene, chosen.position, looking.room, directions)
    view = seen_outdoors(task.scene, chosen, directions, sight)
    faces = seen_faces(task.scene, chosen, looking.room)
    none = np.zeros(len(task.sensors), np.bool_)
    these = np.ones(len(chosen), np.bool_)
    both = daylight_factors(
        task.scene, together(task.sensors, looking), relative_error=RELATIVE_ERROR,
        absolute_error=ABSOLUTE_ERROR, coefficients=np.append(none, these),
    )  # fmt: skip
    found = apart(both, len(none), len(rooms))[1]
    eye, row, kind = _hours(task, chosen, looking.room, climate, year)
    sky = _same_sky(climate, year, row)
    light, contrast = hourly_glare(task.scene, chosen, looking, found, view, faces, sky, rules)
    ours = daylight_glare_probability(light, contrast)
    our_seconds = time.perf_counter() - begin
    begin = time.perf_counter()
    at = np.arange(len(eye))
    their_lx, noise, theirs = np.zeros(len(eye)), np.zeros(len(eye)), np.zeros(len(eye))
    with scene_folder(keep) as folder:
        progress("Radiance")
        for group in radiance_groups(replace(task, sensors=looking), folder):
            for pair in np.flatnonzero(np.isin(eye, group.rows)).tolist():
                hour = radiance_eye.Hour(
                    sky.sun[pair], float(climate.direct_normal_w_m2[sky.hour[pair]]),
                    float(climate.diffuse_horizontal_w_m2[sky.hour[pair]]), float(sky.diffuse_lx[pair]),
                )  # fmt: skip
                written = radiance_eye.write_hour_sky(group.scene.parent, f"eye_{pair}", hour)
                place = group.places[int(np.flatnonzero(group.rows == eye[pair])[0])]
                seen = radiance_eye.look(
                    group.scene, written, place, chosen.facing[eye[pair]], rules.glare_source_luminance
                )
                their_lx[pair], noise[pair] = seen.light_lx, seen.light_noise_lx
                theirs[pair] = seen.glare_probability
                progress("Radiance")
    return GlareComparison(
        space=np.array([rooms[r].space for r in chosen.room[eye].tolist()], np.int32),
        position=chosen.position[eye],
        facing=chosen.facing[eye],
        hour=sky.hour,
        kind=kind,
        our_lx=light[eye, at].astype(np.float64),
        their_lx=their_lx,
        their_noise_lx=noise,
        ours=ours[eye, at],
        theirs=theirs,
        our_seconds=our_seconds,
        their_seconds=time.perf_counter() - begin,
    )


def _of_all_rooms(eyes: Eyes, most: int) -> Eyes:
    """At most so many of the eyes: the first one of each room, then the second ones."""
    nth = np.array([(eyes.room[:i] == room).sum() for i, room in enumerate(eyes.room.tolist())])
    rows = np.sort(np.argsort(nth, kind="stable")[:most])
    return Eyes(eyes.position[rows], eyes.facing[rows], eyes.room[rows])


def _hours(
    task: Task, eyes: Eyes, light_room: NDArray[np.int32], climate: Climate, year: SkyYear
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Eyes (N,), rows of the hours in ``year`` and rows of KINDS that are looked at, from 8 to 18 o'clock.

    The overcast hour of middling brightness; of the clear hours without the sun in view that with the
    strongest sun which shines on nothing that the eye sees indoors, and that with most light from there; and
    of the hours with the sun in view one with little of its light, so that DGP may not reach 1.
    """
    work = occupied(year.hour)
    direct, diffuse = climate.direct_normal_w_m2[year.hour], climate.diffuse_horizontal_w_m2[year.hour]
    grey = np.flatnonzero(work & (direct < _OVERCAST_W_M2) & (diffuse > 0.0))
    sunny = np.flatnonzero(work & (direct >= _IN_VIEW_W_M2))
    clear = direct[sunny] >= _CLEAR_W_M2
    sun, season = year.sun[sunny], year.season[sunny]
    in_view = sun_transmission(task.scene, eyes.position, light_room, sun, season=season)
    in_view *= np.maximum(eyes.facing @ sun.T, 0.0) * direct[sunny]
    found: list[tuple[int, int, int]] = []
    for eye, faces in enumerate(seen_faces(task.scene, eyes, light_room)):
        inside = np.flatnonzero(faces.kind < 0)
        reach = sun_transmission(task.scene, faces.place[inside], faces.room[inside], sun, season=season)
        reach *= np.maximum(faces.normal[inside] @ sun.T, 0.0)
        spots = (faces.light * faces.reflectance)[inside] @ reach * direct[sunny]
        hidden, seen = clear & (in_view[eye] == 0.0), np.flatnonzero(in_view[eye] > 0.0)
        dark, lit = np.flatnonzero(hidden & (spots == 0.0)), np.flatnonzero(hidden & (spots > 0.0))
        if len(grey):
            found.append((eye, int(grey[np.argsort(diffuse[grey])[len(grey) // 2]]), 0))
        if len(dark):
            found.append((eye, int(sunny[dark[np.argmax(direct[sunny[dark]])]]), 1))
        if len(lit):
            found.append((eye, int(sunny[lit[np.argmax(spots[lit])]]), 2))
        if len(seen):
            found.append((eye, int(sunny[seen[np.argsort(in_view[eye, seen])[len(seen) // 4]]]), 3))
    pairs = np.array(found, np.intp).reshape(-1, 3)
    return pairs[:, 0], pairs[:, 1], pairs[:, 2]


def _same_sky(climate: Climate, year: SkyYear, rows: NDArray[np.intp]) -> SkyYear:
    """The sky of some hours, rows of ``year``, with the water and the sun's distance that gendaylit takes."""
    hour = year.hour[rows]
    return sky_of(
        hour, year.sun[rows], climate.direct_normal_w_m2[hour], climate.diffuse_horizontal_w_m2[hour],
        np.full(len(hour), WATER_DEW_POINT_C), np.full(len(hour), EXTRATERRESTRIAL_W_M2),
    )  # fmt: skip
