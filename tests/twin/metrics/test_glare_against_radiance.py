"""Glare in the reference room beside Radiance: a rendered fisheye picture, judged by evalglare."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.light_scenes import points
from tests.twin.kernels.test_daylight_against_radiance import (
    ENVIRONMENT,
    OVERCAST,
    radiance,
    reference_scene,
    run,
)
from twin.kernels.daylight import DaylightFactors, daylight_factors
from twin.kernels.glare import daylight_glare_probability, position_index
from twin.kernels.perez_sky import perez_sky
from twin.kernels.sight import look
from twin.kernels.sky import patch_solid_angles, patches_about
from twin.metrics.daylight.annual import SkyYear
from twin.metrics.daylight.eyes import Eyes
from twin.metrics.daylight.glare import (
    RAYS,
    half_space,
    hourly_glare,
    overcast_glare_index,
    overcast_patches,
    seen_outdoors,
)
from twin.metrics.daylight.rules import daylight_rules

Floats = NDArray[np.float64]

EYE = (1.8, 1.5, 1.2)  # 1.5 m from the window's wall, facing it
SIZE = "800"
OUTDOOR_LX = 13500.0


def evalglare(folder: Path, sky: str, threshold: float) -> dict[str, float]:
    """DGP, DGI, illuminance at the eye and background of a picture from the eye by rpict."""
    radiance(folder, sky)  # writes the scene
    place = " ".join(map(str, EYE))
    picture = folder / "view.hdr"
    command = f"rpict -vta -vp {place} -vd 0 -1 0 -vu 0 0 1 -vh 180 -vv 180 -x {SIZE} -y {SIZE} -ps 1 -pj 0"
    with picture.open("wb") as out:
        subprocess.run(
            [*command.split(), *["-ab", "8", "-ad", "4096", "-as", "512", "-aa", "0.08", "-ar", "128", "-lw", "1e-5", "scene.oct"]],
            cwd=folder, env=ENVIRONMENT, stdout=out, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    line = run("evalglare", "-b", str(threshold), "-d", str(picture))
    found = next(row for row in line.splitlines() if row.startswith("dgp,"))
    names, values = found.split(":", 1)
    return dict(zip(names.split(","), map(float, values.split()), strict=False))


def eye_light() -> tuple[Eyes, DaylightFactors]:
    eyes = Eyes(np.array([EYE]), np.array([[0.0, -1.0, 0.0]]), np.zeros(1, np.int32))
    # The coefficients of the few patches about the sun are noisier than the factor whose error is asked for.
    return eyes, daylight_factors(
        reference_scene(), points(EYE, (0, -1, 0)), relative_error=0.002, coefficients=np.ones(1, bool)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("altitude", "azimuth", "direct", "diffuse", "dgp_apart", "light_apart"),
    [
        (35.0, 170.0, 750.0, 95.0, 0.05, 0.10),  # the sun just above what the eye sees of the sky
        (60.0, 20.0, 850.0, 90.0, 0.02, 0.06),
        (25.0, 230.0, 250.0, 160.0, 0.02, 0.06),
        (40.0, 180.0, 0.0, 140.0, 0.02, 0.06),
    ],
    ids=["sun above the window", "sun behind", "hazy", "overcast"],
)  # fmt: skip
def test_the_glare_probability_of_an_hour_is_that_of_evalglare(
    tmp_path: Path,
    altitude: float,
    azimuth: float,
    direct: float,
    diffuse: float,
    dgp_apart: float,
    light_apart: float,
) -> None:
    sky = run(
        "gendaylit", "-ang", str(altitude), str(azimuth - 180.0), "-W", str(direct), str(diffuse), "-O", "0",
        "-g", "0.2",
    ) + "skyfunc glow skyglow\n0\n0\n4 1 1 1 0\n"  # fmt: skip
    theirs = evalglare(tmp_path, sky, daylight_rules().glare_source_luminance)

    eyes, found = eye_light()
    flat = np.cos(np.radians(altitude))
    turn = np.radians(azimuth)
    sun = np.array([[flat * np.sin(turn), flat * np.cos(turn), np.sin(np.radians(altitude))]])
    hour = perez_sky(sun, *(np.array([value]) for value in (direct, diffuse, 10.97, 1367.0)))
    with_sun = hour.luminance.copy()
    patch, share = patches_about(sun)
    with_sun[patch[0], 0] += share[0] * hour.sun_normal_lx[0] / patch_solid_angles()[patch[0]]
    year = SkyYear(
        np.zeros(1, np.intp), hour.luminance, with_sun, sun,
        hour.sun_normal_lx.astype(np.float32), np.ones(1, np.float32),
    )  # fmt: skip
    scene, room = reference_scene(), np.zeros(1, np.int32)
    directions = half_space(RAYS, eyes.facing)
    index = position_index(eyes.facing[:, None, :], directions)
    view = seen_outdoors(
        scene, eyes.position, directions, look(scene, eyes.position, room, directions), index
    )
    light, contrast = hourly_glare(scene, eyes, room, found, view, year, daylight_rules())
    ours = float(daylight_glare_probability(light, contrast)[0, 0])
    assert ours == pytest.approx(theirs["dgp"], abs=dgp_apart)
    assert light[0, 0] == pytest.approx(theirs["E_v"], rel=light_apart)


@pytest.mark.slow
def test_the_glare_index_under_the_overcast_sky_is_that_of_evalglare(tmp_path: Path) -> None:
    bright = OVERCAST.replace("4 1 1 1 0", "4 {0} {0} {0} 0".format(OUTDOOR_LX / 179.0))
    theirs = evalglare(tmp_path, bright, 300.0)  # every part of the window is a source

    eyes, found = eye_light()
    scene, room = reference_scene(), np.zeros(1, np.int32)
    directions = half_space(RAYS, eyes.facing)
    sight = look(scene, eyes.position, room, directions)
    index = position_index(eyes.facing[:, None, :], directions)
    view = seen_outdoors(scene, eyes.position, directions, sight, index)
    assert found.reflected is not None
    one = type(sight)(*(part[0] for part in vars(sight).values()))
    ours = overcast_glare_index(
        directions[0], eyes.facing[0], one, index[0], view.faces_overcast[0],
        float(found.reflected[0] @ overcast_patches()), OUTDOOR_LX,
    )  # fmt: skip
    assert ours == pytest.approx(theirs["dgi"], abs=0.5)
