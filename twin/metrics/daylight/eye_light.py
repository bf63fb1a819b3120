"""The light at eyes and the sources of glare that they see, hour by hour.

Light at the eye = the sky through the panes + the sky's light by reflection + the sun + the sun's light by
reflection. The first is summed along the rays of the eye, with the sky finely divided; the second comes from
daylight coefficients. The sun's light is found at the faces themselves: those in view, those that these see,
and so on. (From coefficients, a few patches about the sun are met by too few random paths; and a sun spread
over many of them shines on walls and through panes that it only grazes, 6 to 27 % too much of all that is
reflected twice and more under a high sun.) Sources are the parts that are brighter than the threshold.

Wienold 2009, Dynamic daylight glare evaluation, Building Simulation 2009; Jones 2019, Fast climate-based
glare analysis and spatial mapping, Building Simulation 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.kernels.bounces import Places, one_bounce_on, thinned
from twin.kernels.daylight import DaylightFactors, Points
from twin.kernels.glare import SUN_SOLID_ANGLE_SR, faces_contrast, position_index, sky_contrast
from twin.kernels.light_scene import Scene
from twin.kernels.perez_sky import luminance_of
from twin.kernels.sky import fine_patch_directions, fine_patch_solid_angles
from twin.kernels.sunlight import sun_transmission
from twin.metrics.daylight.annual import SkyYear, sky_light
from twin.metrics.daylight.eyes import Eyes
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.seen import Faces, View

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_SUN_CELL_DEG = 4.0  # suns in one cell of the sky shine on the same faces
_KEPT = 0.9  # of the places from reflection to reflection, at most: between mirrors of white there is an end


def hourly_glare(
    scene: Scene,
    eyes: Eyes,
    looking: Points,
    found: DaylightFactors,
    view: View,
    faces: Sequence[Faces],
    sky: SkyYear,
    rules: DaylightRules,
) -> tuple[Singles, Singles]:
    """Illuminance at V eyes, lx, and Σ L² ω / P² of their sources in the H hours of ``sky``, (V, H) each.

    ``looking`` (V,) are the eyes as sensors of the scene and ``found`` their coefficients.
    """
    assert found.reflected is not None
    light = sky_light(scene, looking.room, found.reflected, np.zeros_like(found.reflected), sky)
    contrast = np.zeros_like(light)
    for part in (
        _sky_seen(view, sky, rules.glare_source_luminance),
        _sun_seen(scene, eyes, looking.room, sky),
        _faces_seen(scene, looking.stream, view, faces, sky, rules.glare_source_luminance),
    ):
        light += part[0]
        contrast += part[1]
    return light, contrast


def _sky_seen(view: View, sky: SkyYear, threshold: float) -> tuple[Singles, Singles]:
    """Light and contrast by the sky through the panes."""
    shape = len(view.light_sky), len(sky.hour)
    light, contrast = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    used = np.flatnonzero((view.light_sky > 0.0).any(axis=(0, 1)))
    luminance = luminance_of(
        sky.shape, sky.diffuse_lx, sky.sun, fine_patch_directions(), fine_patch_solid_angles()
    )[used]
    for leafy in (0, 1):
        if not (view.light_sky[:, leafy] > 0.0).any():
            continue
        seen = luminance * sky.season if leafy else luminance
        light += view.light_sky[:, leafy, used] @ seen
        for eye in range(len(contrast)):
            pane, weight = view.pane_sky[eye, leafy, used], view.contrast_sky[eye, leafy, used]
            sky_contrast(seen, pane, weight, threshold, contrast[eye])
    return light, contrast


def _sun_seen(
    scene: Scene, eyes: Eyes, light_room: NDArray[np.int32], sky: SkyYear
) -> tuple[Singles, Singles]:
    """Light and contrast by the sun itself."""
    towards = np.maximum(eyes.facing @ sky.sun.T, 0.0).astype(np.float32)
    shining = np.flatnonzero(sky.sun_lx > 0.0)
    sun, contrast = np.zeros_like(towards), np.zeros_like(towards)
    sun[:, shining] = sun_transmission(
        scene, eyes.position, light_room, sky.sun[shining], season=sky.season[shining]
    )
    sun *= sky.sun_lx * (towards > 0.0)
    for eye in range(len(eyes)):
        seen = np.flatnonzero(sun[eye] > 0.0)
        away = position_index(eyes.facing[eye], sky.sun[seen])
        contrast[eye, seen] = sun[eye, seen] ** 2 / (SUN_SOLID_ANGLE_SR * away**2)
    return sun * towards, contrast


def _faces_seen(
    scene: Scene,
    stream: NDArray[np.uint64],
    view: View,
    faces: Sequence[Faces],
    sky: SkyYear,
    threshold: float,
) -> tuple[Singles, Singles]:
    """Light of the sun by reflection on the faces in view, and contrast of the faces; ``stream`` (V,).

    Faces outdoors have the luminance that the sky gives their kind besides; indoors that is left out.
    """
    shape = len(faces), len(sky.hour)
    light, contrast = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    sun, season, cell = _sun_cells(sky, bool(scene.light.leafy.any()))
    order = np.argsort(cell, kind="stable")
    for eye, seen in enumerate(faces):
        first = Places(seen.place, seen.normal, seen.room, seen.light * seen.pane * seen.reflectance / np.pi)
        sunlit = _sun_on(scene, first, sun, season)
        more = _sun_by_way_of_others(scene, first, int(stream[eye]), sun, season)
        light[eye] = (first.weight.astype(np.float32) @ sunlit + more)[cell] * sky.sun_lx
        glow = sunlit * (seen.reflectance[:, None] / np.pi).astype(np.float32)  # luminance per lx of the sun
        own = np.asarray(view.faces[eye] @ sky.luminance, np.float32)
        rows = np.flatnonzero((seen.kind >= 0) | (glow.max(axis=1) * sky.sun_lx.max() > threshold))
        faces_contrast(
            glow[rows], cell, order, sky.sun_lx, own, seen.kind[rows], seen.pane[rows], seen.contrast[rows],
            threshold, contrast[eye],
        )  # fmt: skip
    return light, contrast


def _sun_by_way_of_others(scene: Scene, seen: Places, stream: int, sun: Floats, season: Singles) -> Singles:
    """Light (B,) by two reflections and more per lx of each sun; ``seen`` are the faces in view of one eye.

    From reflection to reflection there are fewer places, as their weight is less, and in the end none: all
    reflections count in the mean.
    """
    light = np.zeros(len(sun), np.float32)
    places = seen.rows(np.flatnonzero(seen.weight > 0.0), seen.weight[seen.weight > 0.0])
    chances = np.random.default_rng(stream)
    depth, per_weight = 0, len(places) / max(float(places.weight.sum()), 1e-30)
    while len(places):
        most = _KEPT * len(places)
        places = one_bounce_on(scene, places, stream, depth)
        number = min(per_weight * float(places.weight.sum()), most)
        places = thinned(places, number, float(chances.random()))
        light += places.weight.astype(np.float32) @ _sun_on(scene, places, sun, season)
        depth += 1
    return light


def _sun_on(scene: Scene, places: Places, sun: Floats, season: Singles) -> Singles:
    """Illuminance (K, B) of places per lx of each sun (B, 3)."""
    slope = np.maximum(places.normal @ sun.T, 0.0).astype(np.float32)
    turned = np.flatnonzero(slope.any(axis=1))
    slope[turned] *= sun_transmission(
        scene, places.position[turned], places.room[turned], sun, season=season, facing=places.normal[turned]
    )
    return slope


def _sun_cells(sky: SkyYear, leafy: bool) -> tuple[Floats, Singles, NDArray[np.int64]]:
    """Mean sun (B, 3) and season (B,) of the cells of the sky that the sun comes to, and the cell (H,).

    With ``leafy`` faces in the scene a cell is of one season.
    """
    of_leaves = sky.season if leafy else np.ones_like(sky.season)
    altitude = np.degrees(np.arcsin(np.clip(sky.sun[:, 2], -1.0, 1.0)))
    band = np.floor(altitude / _SUN_CELL_DEG)
    width = _SUN_CELL_DEG / np.cos(np.radians(_SUN_CELL_DEG * (band + 0.5)))
    column = np.floor(np.degrees(np.arctan2(sky.sun[:, 0], sky.sun[:, 1])) / width)
    _, first, cell = np.unique(
        np.column_stack([band, column, of_leaves]), axis=0, return_index=True, return_inverse=True
    )
    cell = cell.reshape(-1).astype(np.int64)
    mean = np.column_stack([np.bincount(cell, axis) for axis in sky.sun.T])
    return mean / np.linalg.norm(mean, axis=1)[:, None], of_leaves[first], cell
