"""The same room in Radiance, without its ambient cache: point by point within the noise of both."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pyradiance
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.light_scenes import SceneParts, box, points, rectangle, wall_with_hole
from twin.kernels.daylight import daylight_factors, path_traced_factors
from twin.kernels.glazing import transmissivity_of
from twin.kernels.light_scene import Scene
from twin.kernels.perez_sky import perez_sky
from twin.kernels.sky import patch_solid_angles, patches_about
from twin.kernels.sunlight import sun_transmission

Corners = NDArray[np.float64]

TRANSMITTANCE = 0.70
GRID = np.array([(1.8, y, 0.75) for y in np.arange(0.5, 8.0, 0.5)])
# As many samples as keep the noise of Radiance near 2 %, and no interpolation.
OPTIONS = "-ab 10 -ad 16384 -as 0 -aa 0 -lw 1e-6 -lr -14"


def reference_room() -> list[tuple[Corners, float]]:
    """A room of 3.6 x 8.2 x 2.8 m with a window in a thick wall, and its outside: faces and reflectances."""
    hole = (0.3 / 3.6, 3.3 / 3.6, 0.9 / 2.8, 2.4 / 2.8)
    reveal = box((0.3, -0.3, 0.9), (3.3, 0.0, 2.4), skip="yY")
    return [
        (box((0, 0, 0), (3.6, 8.2, 2.8), skip="yzZ"), 0.5),
        (box((0, 0, 0), (3.6, 8.2, 2.8), skip="xXyYZ"), 0.2),
        (box((0, 0, 0), (3.6, 8.2, 2.8), skip="xXyYz"), 0.7),
        (wall_with_hole((0, 0, 0), (3.6, 0, 0), (0, 0, 2.8), hole), 0.5),
        (reveal, 0.5),
        (
            wall_with_hole(
                (-0.2, -0.3, -0.3), (4.0, 0, 0), (0, 0, 3.4), (0.5 / 4, 3.5 / 4, 1.2 / 3.4, 2.7 / 3.4)
            ),
            0.3,
        ),
        (box((-0.2, -0.3, -0.3), (3.8, 8.4, 3.1), skip="yz"), 0.3),
    ]


WINDOW = rectangle((0.3, -0.15, 0.9), (3.0, 0, 0), (0, 0, 1.5))
GROUND = rectangle((-300, -300, -0.3), (600, 0, 0), (0, 600, 0))


HOME = Path(pyradiance.__file__).parent
ENVIRONMENT = dict(os.environ, PATH=f"{HOME / 'bin'}:{os.environ['PATH']}", RAYPATH=f"{HOME / 'lib'}:.")
OVERCAST = "void brightfunc overcast\n2 sky overcast.cal\n0\n0\n\novercast glow skyglow\n0\n0\n4 1 1 1 0\n"
DOME = "skyglow source sky\n0\n0\n4 0 0 1 180\n"


def radiance(folder: Path, sky: str) -> NDArray[np.float64]:
    """Irradiance of the grid by rtrace under a sky, three colours (N, 3)."""
    glass = float(transmissivity_of(np.array([TRANSMITTANCE]))[0])
    lines = [
        sky,
        DOME,
        f"void glass pane\n0\n0\n3 {glass} {glass} {glass}\n",
    ]
    faces = [*reference_room(), (GROUND, 0.2)]
    for row, (_, rho) in enumerate(faces):
        lines.append(f"void plastic m{row}\n0\n0\n5 {rho} {rho} {rho} 0 0\n")
    for row, corners in [*((f"m{row}", face) for row, (face, _) in enumerate(faces)), ("pane", WINDOW)]:
        for number, triangle in enumerate(corners):
            coordinates = " ".join(f"{value:.6f}" for value in triangle.ravel())
            lines.append(f"{row} polygon {row}_{number}\n0\n0\n9 {coordinates}\n")
    (folder / "overcast.cal").write_text("{ CIE overcast }\nsky = if(Dz, 9/(7*PI)*(1+2*Dz)/3, 0);\n")
    (folder / "scene.rad").write_text("\n".join(lines))
    with (folder / "scene.oct").open("wb") as octree:
        subprocess.run(["oconv", "scene.rad"], cwd=folder, env=ENVIRONMENT, stdout=octree, check=True)
    sensors = "\n".join(" ".join(map(str, (*point, 0, 0, 1))) for point in GRID.tolist())
    out = subprocess.run(
        ["rtrace", "-h", "-I+", *OPTIONS.split(), "scene.oct"],
        cwd=folder, env=ENVIRONMENT, input=sensors.encode(), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return np.array(out.stdout.split(), np.float64).reshape(-1, 3)


def run(*command: str) -> str:
    """What a program of Radiance prints."""
    return subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True).stdout.decode()


def reference_scene() -> Scene:
    parts = SceneParts(ground_z=-0.3, ground_reflectance=0.2)
    for corners, reflectance in reference_room():
        parts.solid(corners, reflectance)
    parts.portal(WINDOW, transmittance=TRANSMITTANCE)
    return parts.scene()


@pytest.mark.slow
def test_the_reference_room_is_as_bright_as_in_radiance(tmp_path: Path) -> None:
    scene = reference_scene()
    theirs = radiance(tmp_path, OVERCAST)[:, 1]
    followed, error, _ = path_traced_factors(scene, points(GRID), 131072)
    solved = daylight_factors(scene, points(GRID), relative_error=0.01, absolute_error=1e-5).value

    assert np.all(error < 0.02 * followed)
    for ours in (followed, solved):
        assert np.sqrt(np.mean((ours / theirs - 1) ** 2)) < 0.03
        assert abs(ours.mean() / theirs.mean() - 1) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(
    ("altitude", "azimuth", "direct", "diffuse"),
    [(35.0, 170.0, 750.0, 95.0), (60.0, 20.0, 850.0, 90.0), (25.0, 230.0, 250.0, 160.0), (40.0, 180.0, 0.0, 140.0)],
    ids=["sun in the room", "sun behind", "hazy", "overcast"],
)  # fmt: skip
def test_an_hour_with_sun_is_as_bright_as_in_radiance(
    tmp_path: Path, altitude: float, azimuth: float, direct: float, diffuse: float
) -> None:
    """Daylight coefficients and the traced sun against gendaylit and rtrace, lx at every point."""
    sky = run(
        "gendaylit", "-ang", str(altitude), str(azimuth - 180.0), "-W", str(direct), str(diffuse), "-O", "0",
        "-g", "0.2",
    ) + "skyfunc glow skyglow\n0\n0\n4 1 1 1 0\n"  # fmt: skip
    theirs = 179.0 * radiance(tmp_path, sky) @ np.array([0.265, 0.670, 0.065])

    scene, sensors = reference_scene(), points(GRID)
    wanted = np.ones(len(GRID), bool)
    # The coefficients of the few patches about the sun are noisier than the factor whose error is asked for.
    found = daylight_factors(scene, sensors, relative_error=0.004, coefficients=wanted)
    assert found.direct is not None
    assert found.reflected is not None
    flat = np.cos(np.radians(altitude))
    sun = np.array(
        [
            [
                flat * np.sin(np.radians(azimuth)),
                flat * np.cos(np.radians(azimuth)),
                np.sin(np.radians(altitude)),
            ]
        ]
    )
    # gendaylit takes 2 cm of water in the air, which is a dew point of 10.97 °C.
    hour = perez_sky(sun, *(np.array([value]) for value in (direct, diffuse, 10.97, 1367.0)))
    patch, share = patches_about(sun)
    reflected = found.reflected[:, patch[0]] @ (share[0] / patch_solid_angles()[patch[0]])
    through = sun_transmission(scene, GRID, np.zeros(len(GRID), np.int32), sun)[:, 0]
    ours = (found.direct + found.reflected) @ hour.luminance[:, 0]
    ours = ours + hour.sun_normal_lx[0] * (reflected + through * sun[0, 2])
    assert np.sqrt(np.mean((ours / theirs - 1) ** 2)) < 0.08
    assert abs(ours.mean() / theirs.mean() - 1) < 0.03
