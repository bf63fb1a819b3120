"""Glare at the view points: the index DGI under the design sky, the probability DGP in every hour.

What an eye sees is found once (:mod:`twin.metrics.daylight.seen`) and put together hour by hour
(:mod:`twin.metrics.daylight.eye_light`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import HOURS
from twin.kernels.daylight import DaylightFactors, Points
from twin.kernels.glare import (
    daylight_glare_index,
    daylight_glare_probability,
    position_index,
    simplified_glare_probability,
)
from twin.kernels.light_scene import Scene
from twin.kernels.sight import GROUND, INDOORS, SKY, Sight, look
from twin.kernels.sky import CIE_OVERCAST, patch_directions, standard_luminance
from twin.metrics.daylight.annual import OCCUPIED_HOURS, SkyYear, occupied, together
from twin.metrics.daylight.eye_light import hourly_glare
from twin.metrics.daylight.eyes import Eyes
from twin.metrics.daylight.rooms import Room
from twin.metrics.daylight.rules import DaylightRules, LightClimate
from twin.metrics.daylight.seen import half_space, seen_faces, seen_outdoors

Floats = NDArray[np.float64]

GLARE = "daylight_glare_probability:"  # before the GlobalId of the room, names of the series
RAYS = 4096  # over the half-space before an eye
_LEAST_REST = 0.02  # of the light at the eye that is not from the windows, against noise


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


def glare(
    model: BuildingModel,
    rooms: Sequence[Room],
    eyes: Eyes,
    scene: Scene,
    looking: Points,
    found: DaylightFactors,
    sky: SkyYear,
    climate: LightClimate | None,
    rules: DaylightRules,
) -> Glare:
    """Glare at the view points; ``found`` holds the factors and coefficients of the eyes (V,).

    ``looking`` (V,) are the eyes as sensors of the scene. Without a light climate DGI is not told.
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
    sight = look(scene, eyes.position, looking.room, directions)
    view = seen_outdoors(scene, eyes, directions, sight)
    faces = seen_faces(scene, eyes, looking.room)
    reflected = together(found.reflected) @ overcast_patches()
    light, contrast = hourly_glare(scene, eyes, looking, found, view, faces, sky, rules)
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
                directions[eye], eyes.facing[eye], sight.of_eye(eye), view.faces_overcast[eye],
                float(reflected[eye]), climate.design_outdoor_lx,
            )  # fmt: skip
            dgi[row] = np.fmax(dgi[row], value)
    series = {
        f"{GLARE}{model.spaces.global_id[rooms[row].space]}": hourly[row].astype(np.float64)
        for row in np.unique(eyes.room).tolist()
    }
    return Glare(dgi, most, dgp_95, dgps_95, share, series)


def overcast_glare_index(
    directions: Floats,
    facing: Floats,
    sight: Sight,
    faces: Floats,
    reflected: float,
    outdoor_lx: float,
) -> float:
    """DGI of one eye under the CIE overcast sky with a horizontal illuminance of ``outdoor_lx``.

    Every window is a source with the mean luminance of what is seen through its panes; the background is
    (E_v - E_windows) / π. ``directions`` (R, 3) and ``sight`` (R,) of the rays; ``faces``
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
    index = position_index(facing, directions[seen])
    position = np.bincount(which, solid_angle / index**2, len(window))
    light = luminance * solid_angle * (directions[seen] @ facing)
    rest = outdoor_lx * reflected - float(light[met != SKY].sum())
    background = max(rest, _LEAST_REST * float(light.sum())) / np.pi
    return daylight_glare_index(mean, omega, position, background)


def _exceeded(values: Floats, rank: int) -> float:
    """The value that ``rank`` of the occupied hours exceed; those at night count as 0."""
    ordered = np.sort(values)[::-1]
    return float(ordered[rank]) if rank < len(ordered) else 0.0
