"""Glare at the view points: the index DGI under the design sky, the probability DGP in every hour.

What an eye sees of the outdoors is found once, by rays over the half-space before it, and put together hour
by hour: the sky patches through the panes and the sun itself as sources, the light at the eye from daylight
coefficients (Wienold 2009, Dynamic daylight glare evaluation, Building Simulation 2009; Jones 2019, Fast
climate-based glare analysis and spatial mapping, Building Simulation 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import HOURS
from twin.kernels.daylight import DaylightFactors
from twin.kernels.glare import (
    SUN_SOLID_ANGLE_SR,
    daylight_glare_index,
    daylight_glare_probability,
    position_index,
    simplified_glare_probability,
)
from twin.kernels.light_scene import Scene
from twin.kernels.sight import GROUND, INDOORS, SKY, Sight, look, outdoor_light
from twin.kernels.sky import CIE_OVERCAST, PATCHES, patch_directions, patch_of, standard_luminance
from twin.kernels.sunlight import sun_transmission
from twin.metrics.daylight.annual import OCCUPIED_HOURS, SkyYear, occupied, sky_light, together
from twin.metrics.daylight.eyes import Eyes
from twin.metrics.daylight.rooms import Room
from twin.metrics.daylight.rules import DaylightRules, LightClimate

Floats = NDArray[np.float64]

GLARE = "daylight_glare_probability:"  # before the GlobalId of the room, names of the series
RAYS = 4096  # over the half-space before an eye
_OUTDOOR_SAMPLES = 256
_PLACES = 64  # of the ground and of the faces that an eye sees, at most
_LEAST_REST = 0.02  # of the light at the eye that is not from the windows, against noise


@dataclass(frozen=True)
class View:
    """What V eyes see through their windows, by P = 145 sky patches and by G = 2 kinds of outdoor faces.

    ``contrast_sky`` (V, P) Σ τ² ω / P², ``pane_sky`` (V, P) mean τ; ``contrast_faces`` (V, G) and
    ``pane_faces`` (V, G) the same of the ground and of all else; ``faces`` (V, G, P) luminance of these per
    unit luminance of each patch, ``faces_overcast`` (V, G) for an outdoor illuminance of 1 under the overcast
    sky.
    """

    contrast_sky: Floats
    pane_sky: Floats
    contrast_faces: Floats
    pane_faces: Floats
    faces: Floats
    faces_overcast: Floats


@dataclass(frozen=True)
class Glare:
    """Glare of R rooms, at the worst of their view points, NaN for rooms without any.

    ``dgi``, ``most_dgi`` (R,); ``dgp_95``, ``dgps_95`` (R,) the value that 5 % of the occupied hours exceed;
    ``disturbing_share`` (R,) share of them with a DGP above 0.40. ``series``: DGP of the 8,760 hours of each
    room, by GLARE and its GlobalId, 0 at night.
    """

    dgi: Floats
    most_dgi: Floats
    dgp_95: Floats
    dgps_95: Floats
    disturbing_share: Floats
    series: Mapping[str, Floats]


def overcast_patches() -> Floats:
    """Luminance (145,) of the sky patches under the CIE overcast sky with an outdoor illuminance of 1."""
    return np.array([standard_luminance(CIE_OVERCAST, z) for z in patch_directions()[:, 2].tolist()])


def half_space(count: int, facing: Floats) -> Floats:
    """Directions (V, count, 3) of equal solid angles 2 π / count before V level lines of sight (V, 3).

    A spiral lattice (González 2010, doi:10.1007/s11004-009-9257-x).
    """
    row = np.arange(count) + 0.5
    along, turn = row / count, np.pi * (1.0 + np.sqrt(5.0)) * row
    radius = np.sqrt(1.0 - along**2)
    beside = np.column_stack([facing[:, 1], -facing[:, 0], np.zeros(len(facing))])
    directions: Floats = (
        along[:, None] * facing[:, None, :] + (radius * np.cos(turn))[:, None] * beside[:, None, :]
    )
    directions[:, :, 2] += radius * np.sin(turn)
    return directions


def glare(
    model: BuildingModel,
    rooms: Sequence[Room],
    eyes: Eyes,
    scene: Scene,
    light_room: NDArray[np.int32],
    found: DaylightFactors,
    sky: SkyYear,
    climate: LightClimate | None,
    rules: DaylightRules,
) -> Glare:
    """Glare at the view points; ``found`` holds the factors and coefficients of the eyes (V,).

    ``light_room`` (V,) is the room of each in the scene. Without a light climate DGI is not told.
    """
    nothing = np.full(len(rooms), np.nan)
    dgi, most, dgp_95, dgps_95, share = (nothing.copy() for _ in range(5))
    for row, room in enumerate(rooms):
        if room.use.daylight is not None and np.isin(row, eyes.room):
            most[row] = rules.most_glare_index[room.use.daylight.grade]
    if not len(eyes):
        return Glare(dgi, most, dgp_95, dgps_95, share, {})
    assert found.reflected is not None
    directions = half_space(RAYS, eyes.facing)
    sight = look(scene, eyes.position, light_room, directions)
    index = position_index(eyes.facing[:, None, :], directions)
    view = seen_outdoors(scene, eyes.position, directions, sight, index)
    reflected = together(found.reflected) @ overcast_patches()
    light, contrast = hourly_glare(scene, eyes, light_room, found, view, sky, rules)
    probability = daylight_glare_probability(light, contrast)
    simplified = simplified_glare_probability(light)
    hourly = np.zeros((len(rooms), HOURS), np.float32)
    work = occupied(sky.hour)
    rank = int(rules.rare_glare_share * OCCUPIED_HOURS)  # that many hours may be worse
    for eye, row in enumerate(eyes.room.tolist()):
        dgp_95[row] = np.fmax(dgp_95[row], _exceeded(probability[eye, work], rank))
        dgps_95[row] = np.fmax(dgps_95[row], _exceeded(simplified[eye, work], rank))
        disturbing = (probability[eye, work] > rules.disturbing_glare_probability).sum() / OCCUPIED_HOURS
        share[row] = np.fmax(share[row], disturbing)
        hourly[row, sky.hour] = np.maximum(hourly[row, sky.hour], probability[eye])
        if climate is not None:
            value = overcast_glare_index(
                directions[eye], eyes.facing[eye], _row(sight, eye), index[eye], view.faces_overcast[eye],
                float(reflected[eye]), climate.design_outdoor_lx,
            )  # fmt: skip
            dgi[row] = np.fmax(dgi[row], value)
    series = {
        f"{GLARE}{model.spaces.global_id[rooms[row].space]}": hourly[row].astype(np.float64)
        for row in np.unique(eyes.room).tolist()
    }
    return Glare(dgi, most, dgp_95, dgps_95, share, series)


def seen_outdoors(scene: Scene, position: Floats, directions: Floats, sight: Sight, index: Floats) -> View:
    """Put the rays of V eyes together by sky patch and by kind of outdoor face."""
    count, rays = sight.met.shape
    solid_angle = 2.0 * np.pi / rays
    weight = sight.glazed * (solid_angle / index**2)
    eye, ray = np.nonzero(sight.met == SKY)
    patch = np.array([patch_of(*way) for way in directions[eye, ray].tolist()], np.int64)
    contrast_sky, pane_sky = _by_group(
        eye * PATCHES + patch, sight.pane[eye, ray], weight[eye, ray], count * PATCHES
    )
    eye, ray = np.nonzero((sight.met != SKY) & (sight.met != INDOORS))
    kind = (sight.met[eye, ray] != GROUND).astype(np.int64)
    group = 2 * eye + kind
    contrast_faces, pane_faces = _by_group(group, sight.pane[eye, ray], weight[eye, ray], 2 * count)
    faces, overcast = np.zeros((2 * count, PATCHES)), np.zeros(2 * count)
    if len(group):
        order = np.argsort(group, kind="stable")
        kinds, first, number = np.unique(group[order], return_index=True, return_counts=True)
        chosen = np.concatenate(
            [
                order[a + np.unique(np.linspace(0, n - 1, min(n, _PLACES)).astype(np.intp))]
                for a, n in zip(first.tolist(), number.tolist(), strict=True)
            ]
        )
        e, r, met = eye[chosen], ray[chosen], sight.met[eye[chosen], ray[chosen]]
        way = directions[e, r]
        normal = np.where((met >= 0)[:, None], scene.light.normal[np.maximum(met, 0)], (0.0, 0.0, 1.0))
        normal *= -np.sign(np.einsum("ij,ij->i", normal, way))[:, None]
        place = position[e] + way * sight.distance_m[e, r][:, None] + 1e-3 * normal
        rho = np.where(
            met >= 0, scene.light.reflectance_outside[np.maximum(met, 0)], scene.light.ground_reflectance
        )
        _, of_kind, sizes = np.unique(group[chosen], return_inverse=True, return_counts=True)
        factor, coefficients = outdoor_light(scene, place, normal, sizes, _OUTDOOR_SAMPLES)
        mean_rho = np.bincount(of_kind, rho) / sizes / np.pi
        overcast[kinds] = factor * mean_rho
        faces[kinds] = coefficients * mean_rho[:, None]
    return View(
        contrast_sky.reshape(count, PATCHES), pane_sky.reshape(count, PATCHES),
        contrast_faces.reshape(count, 2), pane_faces.reshape(count, 2), faces.reshape(count, 2, PATCHES),
        overcast.reshape(count, 2),
    )  # fmt: skip


def hourly_glare(
    scene: Scene,
    eyes: Eyes,
    light_room: NDArray[np.int32],
    found: DaylightFactors,
    view: View,
    sky: SkyYear,
    rules: DaylightRules,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Illuminance at V eyes, lx, and Σ L² ω / P² of their sources in the H hours of ``sky``, (V, H) each.

    Sources are the sky patches and the outdoor faces that are brighter than the threshold, seen through the
    panes, and the sun.
    """
    assert found.direct is not None
    assert found.reflected is not None
    towards = np.maximum(eyes.facing @ sky.sun.T, 0.0).astype(np.float32)
    shining = np.flatnonzero(sky.sun_lx > 0.0)
    sun = np.zeros_like(towards)
    sun[:, shining] = sun_transmission(
        scene, eyes.position, light_room, sky.sun[shining], season=sky.season[shining]
    )
    sun *= sky.sun_lx * (towards > 0.0)
    light = np.asarray(
        sky_light(scene, light_room, found.direct, found.reflected, sky) + sun * towards, np.float32
    )

    squared = sky.luminance**2
    contrast = np.empty_like(light)
    for eye in range(len(eyes)):
        patches = np.flatnonzero(view.contrast_sky[eye] > 0.0)
        least = rules.glare_source_luminance / view.pane_sky[eye, patches, None].astype(np.float32)
        bright = np.where(sky.luminance[patches] > least, squared[patches], np.float32(0.0))
        contrast[eye] = view.contrast_sky[eye, patches].astype(np.float32) @ bright
        faces = view.faces[eye].astype(np.float32) @ sky.with_sun
        bright = faces * view.pane_faces[eye][:, None] > rules.glare_source_luminance
        contrast[eye] += view.contrast_faces[eye] @ np.where(bright, faces, 0.0) ** 2
        seen = np.flatnonzero(sun[eye] > 0.0)
        away = position_index(eyes.facing[eye], sky.sun[seen])
        contrast[eye, seen] += sun[eye, seen] ** 2 / (SUN_SOLID_ANGLE_SR * away**2)
    return light, contrast


def overcast_glare_index(
    directions: Floats,
    facing: Floats,
    sight: Sight,
    index: Floats,
    faces: Floats,
    reflected: float,
    outdoor_lx: float,
) -> float:
    """DGI of one eye under the CIE overcast sky with a horizontal illuminance of ``outdoor_lx``.

    Every window is a source with the mean luminance of what is seen through its panes; the background is
    (E_v - E_windows) / π. ``directions`` (R, 3), ``sight`` (R,) and ``index`` (R,) of the rays; ``faces``
    (2,) luminance of the ground and of other faces and ``reflected`` the part of E_v that is not straight
    from the sky, both for an outdoor illuminance of 1.
    """
    seen = np.flatnonzero((sight.met != INDOORS) & (sight.portal >= 0))
    met = sight.met[seen]
    overhead = np.array([standard_luminance(CIE_OVERCAST, z) for z in directions[seen, 2].tolist()])
    behind = np.where(met == SKY, overhead, faces[(met != GROUND).astype(np.intp)])
    luminance = outdoor_lx * behind * sight.pane[seen]
    solid_angle = sight.glazed[seen] * (2.0 * np.pi / len(directions))
    window, which = np.unique(sight.portal[seen], return_inverse=True)
    omega = np.bincount(which, solid_angle, len(window))
    mean = np.bincount(which, luminance * solid_angle, len(window)) / np.maximum(omega, 1e-12)
    position = np.bincount(which, solid_angle / index[seen] ** 2, len(window))
    light = luminance * solid_angle * (directions[seen] @ facing)
    rest = outdoor_lx * reflected - float(light[met != SKY].sum())
    background = max(rest, _LEAST_REST * float(light.sum())) / np.pi
    return daylight_glare_index(mean, omega, position, background)


def _by_group(
    group: NDArray[np.int64], pane: NDArray[np.float32], weight: Floats, count: int
) -> tuple[Floats, Floats]:
    """Σ τ² ω / P² and the mean τ of groups of rays, (count,) each."""
    squared = np.asarray(np.bincount(group, pane.astype(np.float64) ** 2 * weight, count), np.float64)
    whole = np.asarray(np.bincount(group, weight, count), np.float64)
    return squared, np.sqrt(squared / np.maximum(whole, 1e-30))


def _exceeded(values: Floats, rank: int) -> float:
    """The value that ``rank`` of the occupied hours exceed; those at night count as 0."""
    ordered = np.sort(values)[::-1]
    return float(ordered[rank]) if rank < len(ordered) else 0.0


def _row(sight: Sight, eye: int) -> Sight:
    """The rays of one eye, arrays (R,)."""
    return Sight(sight.met[eye], sight.portal[eye], sight.pane[eye], sight.glazed[eye], sight.distance_m[eye])
