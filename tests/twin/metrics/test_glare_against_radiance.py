"""Glare in the reference room beside Radiance: the light at the eye by rtrace, the pictures judged by evalglare."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.light_scenes import points
from tests.twin.kernels.test_daylight_against_radiance import (
    ENVIRONMENT,
    GRID,
    OVERCAST,
    radiance,
    reference_scene,
    run,
)
from twin.kernels.daylight import DaylightFactors, daylight_factors
from twin.kernels.glare import daylight_glare_probability
from twin.kernels.sight import look
from twin.metrics.daylight.annual import SkyYear, sky_of
from twin.metrics.daylight.compute import RELATIVE_ERROR
from twin.metrics.daylight.eye_light import hourly_glare
from twin.metrics.daylight.eyes import Eyes, apart, together
from twin.metrics.daylight.glare import RAYS, overcast_glare_index, overcast_patches
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.seen import half_space, seen_faces, seen_outdoors
from twin.verify import radiance_eye
from twin.verify.daylight_glare import EXTRATERRESTRIAL_W_M2

Floats = NDArray[np.float64]

SOUTH = (0.0, -1.0, 0.0)
BEFORE_THE_WINDOW = ((1.8, 1.5, 1.2), SOUTH)  # 1.5 m from the window's wall, facing it
DEEP = ((1.0, 5.0, 1.2), SOUTH)
ALONG_THE_WINDOW = ((0.5, 2.0, 1.2), (1.0, 0.0, 0.0))  # faces the wall beside
SIZE = "800"
OUTDOOR_LX = 13500.0


def eye_of(place: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Eyes:
    return Eyes(np.array([place[0]]), np.array([place[1]]), np.zeros(1, np.int32))


def eye_light(eyes: Eyes) -> DaylightFactors:
    """The coefficients of an eye beside the points of a grid, with the effort of the metric."""
    grid, eye = points(GRID), points(eyes.position[0], eyes.facing[0], first_stream=len(GRID))
    last = np.arange(len(GRID) + 1) == len(GRID)
    both = daylight_factors(
        reference_scene(), together(grid, eye), relative_error=RELATIVE_ERROR, coefficients=last
    )
    return apart(both, len(GRID), 0)[1]


def hour_of(altitude: float, azimuth: float, direct: float, diffuse: float) -> SkyYear:
    flat, turn = np.cos(np.radians(altitude)), np.radians(azimuth)
    sun = np.array([[flat * np.sin(turn), flat * np.cos(turn), np.sin(np.radians(altitude))]])
    # gendaylit takes 2 cm of water in the air, which is a dew point of 10.97 °C.
    one = (np.array([value]) for value in (direct, diffuse, 10.97, EXTRATERRESTRIAL_W_M2))
    return sky_of(np.zeros(1, np.intp), sun, *one)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "altitude", "azimuth", "direct", "diffuse", "light_apart"),
    [
        (BEFORE_THE_WINDOW, 35.0, 170.0, 750.0, 95.0, 0.03),
        (BEFORE_THE_WINDOW, 60.0, 20.0, 850.0, 90.0, 0.03),
        (BEFORE_THE_WINDOW, 25.0, 230.0, 250.0, 160.0, 0.03),
        (BEFORE_THE_WINDOW, 40.0, 180.0, 0.0, 140.0, 0.03),
        (BEFORE_THE_WINDOW, 60.0, 180.0, 850.0, 90.0, 0.03),
        (BEFORE_THE_WINDOW, 20.0, 225.0, 100.0, 70.0, 0.03),
        # Less than half of this light is of the sky: what the sun sends after several reflections counts more.
        (DEEP, 25.0, 215.0, 600.0, 80.0, 0.10),
        (ALONG_THE_WINDOW, 25.0, 240.0, 600.0, 80.0, 0.10),
    ],
    ids=[
        "sun just above the window", "sun behind the house", "hazy", "overcast", "sun on the floor",
        "low sun in view", "low sun on the wall beside", "facing the wall with the sun on it",
    ],
)  # fmt: skip
def test_the_glare_probability_of_an_hour_is_that_of_evalglare(
    tmp_path: Path,
    place: tuple[tuple[float, float, float], tuple[float, float, float]],
    altitude: float,
    azimuth: float,
    direct: float,
    diffuse: float,
    light_apart: float,
) -> None:
    eyes, year, rules = eye_of(place), hour_of(altitude, azimuth, direct, diffuse), daylight_rules()
    radiance(tmp_path, "void glow skyglow\n0\n0\n4 1 1 1 0\n")  # writes the scene, with a sky that goes
    scene_file = tmp_path / "scene.rad"
    scene_file.write_text(scene_file.read_text().replace("skyglow source sky\n0\n0\n4 0 0 1 180\n", ""))
    hour = radiance_eye.Hour(year.sun[0], direct, diffuse, float(year.diffuse_lx[0]))
    sky_file = radiance_eye.write_hour_sky(tmp_path, "hour", hour)
    theirs = radiance_eye.look(
        scene_file, sky_file, eyes.position[0], eyes.facing[0], rules.glare_source_luminance
    )

    scene, room = reference_scene(), np.zeros(1, np.int32)
    directions = half_space(RAYS, eyes.facing)
    view = seen_outdoors(scene, eyes, directions, look(scene, eyes.position, room, directions))
    faces = seen_faces(scene, eyes, room)
    light, contrast = hourly_glare(
        scene, eyes, points(eyes.position[0], eyes.facing[0]), eye_light(eyes), view, faces, year, rules
    )
    ours = float(daylight_glare_probability(light, contrast)[0, 0])
    print(f"light {light[0, 0]:.0f} ({theirs.light_lx:.0f}), DGP {ours:.3f} ({theirs.glare_probability:.3f})")
    assert light[0, 0] == pytest.approx(theirs.light_lx, rel=light_apart)
    assert ours == pytest.approx(theirs.glare_probability, abs=0.02)


def overcast_glare(folder: Path, sky: str, threshold: float) -> float:
    """DGI of a picture from the eye before the window, by rpict and evalglare."""
    radiance(folder, sky)  # writes the scene
    place = " ".join(map(str, BEFORE_THE_WINDOW[0]))
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
    return float(dict(zip(names.split(","), values.split(), strict=False))["dgi"])


@pytest.mark.slow
def test_the_glare_index_under_the_overcast_sky_is_that_of_evalglare(tmp_path: Path) -> None:
    bright = OVERCAST.replace("4 1 1 1 0", "4 {0} {0} {0} 0".format(OUTDOOR_LX / 179.0))
    theirs = overcast_glare(tmp_path, bright, 300.0)  # every part of the window is a source

    eyes = eye_of(BEFORE_THE_WINDOW)
    found, scene, room = eye_light(eyes), reference_scene(), np.zeros(1, np.int32)
    directions = half_space(RAYS, eyes.facing)
    sight = look(scene, eyes.position, room, directions)
    view = seen_outdoors(scene, eyes, directions, sight)
    assert found.reflected is not None
    ours = overcast_glare_index(
        directions[0], eyes.facing[0], sight.of_eye(0), view.faces_overcast[0],
        float(found.reflected[0] @ overcast_patches()), OUTDOOR_LX,
    )  # fmt: skip
    print(f"DGI {ours:.2f} ({theirs:.2f})")
    assert ours == pytest.approx(theirs, abs=0.5)
