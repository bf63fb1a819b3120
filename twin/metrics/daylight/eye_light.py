"""The light at eyes and the sources of glare that they see, hour by hour.

Light at the eye = the sky through the panes + the sun + the sun's light by one reflection on the faces in
view + all other reflected light. The first three are summed along the rays of the eye, with the sky finely
divided and the sun traced to every face. The last comes from daylight coefficients. Those of the few patches
about the sun are met by too few random paths to carry the spots of light in view (at the effort of a year,
half of that light is noise); light that was reflected more than once forgets where it came from, so there the
sun is spread widely. Sources are all of these parts that are brighter than the threshold.

Wienold 2009, Dynamic daylight glare evaluation, Building Simulation 2009; Jones 2019, Fast climate-based
glare analysis and spatial mapping, Building Simulation 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from twin.kernels.daylight import DaylightFactors
from twin.kernels.glare import SUN_SOLID_ANGLE_SR, faces_contrast, position_index, sky_contrast
from twin.kernels.light_scene import Scene
from twin.kernels.perez_sky import luminance_of
from twin.kernels.sky import (
    fine_patch_directions,
    fine_patch_solid_angles,
    patch_directions,
    patch_solid_angles,
)
from twin.kernels.sunlight import sun_transmission
from twin.metrics.daylight.annual import SkyYear, sky_light
from twin.metrics.daylight.eyes import Eyes
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.seen import Faces, View

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_SUN_CELL_DEG = 4.0  # suns in one cell of the sky shine on the same faces
_SPREAD_DEG = 15.0


def hourly_glare(
    scene: Scene,
    eyes: Eyes,
    light_room: NDArray[np.int32],
    found: DaylightFactors,
    view: View,
    faces: Sequence[Faces],
    sky: SkyYear,
    rules: DaylightRules,
) -> tuple[Singles, Singles]:
    """Illuminance at V eyes, lx, and Σ L² ω / P² of their sources in the H hours of ``sky``, (V, H) each.

    ``light_room`` (V,) of the eyes in the scene; ``found`` their coefficients, with those by one reflection.
    """
    assert found.reflected is not None
    assert found.once is not None
    spread = replace(sky, with_sun=_with_wide_sun(sky))
    light = sky_light(scene, light_room, found.once, found.reflected - found.once, spread)
    contrast = np.zeros_like(light)
    for part in (
        _sky_seen(view, sky, rules.glare_source_luminance),
        _sun_seen(scene, eyes, light_room, sky),
        _faces_seen(scene, view, faces, sky, rules.glare_source_luminance),
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
    scene: Scene, view: View, faces: Sequence[Faces], sky: SkyYear, threshold: float
) -> tuple[Singles, Singles]:
    """Light of the sun by one reflection on the faces in view, and contrast of the faces.

    Faces outdoors have the luminance that the sky gives their kind besides; indoors that is left out.
    """
    shape = len(faces), len(sky.hour)
    light, contrast = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    sun, season, cell = _sun_cells(sky)
    order = np.argsort(cell, kind="stable")
    for eye, seen in enumerate(faces):
        slope = np.maximum(seen.normal @ sun.T, 0.0).astype(np.float32)
        glow = np.zeros((len(seen.room), len(sun)), np.float32)  # luminance per lx of the sun
        turned = np.flatnonzero(slope.any(axis=1))
        reach = sun_transmission(
            scene, seen.place[turned], seen.room[turned], sun, season=season, facing=seen.normal[turned]
        )
        glow[turned] = reach * slope[turned] * (seen.reflectance[turned, None] / np.pi)
        light[eye] = ((seen.light * seen.pane).astype(np.float32) @ glow)[cell] * sky.sun_lx
        own = np.asarray(view.faces[eye] @ sky.luminance, np.float32)
        rows = np.flatnonzero((seen.kind >= 0) | (glow.max(axis=1) * sky.sun_lx.max() > threshold))
        faces_contrast(
            glow[rows], cell, order, sky.sun_lx, own, seen.kind[rows], seen.pane[rows], seen.contrast[rows],
            threshold, contrast[eye],
        )  # fmt: skip
    return light, contrast


def _sun_cells(sky: SkyYear) -> tuple[Floats, Singles, NDArray[np.int64]]:
    """Mean sun (B, 3) and season (B,) of the cells of the sky that the sun comes to, and the cell (H,)."""
    altitude = np.degrees(np.arcsin(np.clip(sky.sun[:, 2], -1.0, 1.0)))
    band = np.floor(altitude / _SUN_CELL_DEG)
    width = _SUN_CELL_DEG / np.cos(np.radians(_SUN_CELL_DEG * (band + 0.5)))
    column = np.floor(np.degrees(np.arctan2(sky.sun[:, 0], sky.sun[:, 1])) / width)
    _, first, cell = np.unique(
        np.column_stack([band, column, sky.season]), axis=0, return_index=True, return_inverse=True
    )
    cell = cell.reshape(-1).astype(np.int64)
    mean = np.column_stack([np.bincount(cell, axis) for axis in sky.sun.T])
    return mean / np.linalg.norm(mean, axis=1)[:, None], sky.season[first], cell


def _with_wide_sun(sky: SkyYear) -> Singles:
    """Luminance (145, H) of the sky with the sun spread over the patches some 15° about it.

    As bright as gives the sun's light on a plane that faces it: with its luminance times solid angle alone a
    face that all the patches shine on would lose 7 %, the mean of their cosines.
    """
    along = patch_directions() @ sky.sun.T
    share = np.exp((along - 1.0) / np.radians(_SPREAD_DEG) ** 2)
    share *= sky.sun_lx / (patch_solid_angles()[:, None] * along * share).sum(axis=0)
    return np.asarray(sky.luminance + share, np.float32)
