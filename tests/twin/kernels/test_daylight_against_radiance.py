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


def radiance(folder: Path) -> NDArray[np.float64]:
    """Daylight factors of the grid by rtrace."""
    home = Path(pyradiance.__file__).parent
    environment = dict(os.environ, PATH=f"{home / 'bin'}:{os.environ['PATH']}", RAYPATH=f"{home / 'lib'}:.")
    glass = float(transmissivity_of(np.array([TRANSMITTANCE]))[0])
    lines = [
        "void brightfunc overcast\n2 sky overcast.cal\n0\n0\n",
        "overcast glow skyglow\n0\n0\n4 1 1 1 0\n",
        "skyglow source sky\n0\n0\n4 0 0 1 180\n",
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
        subprocess.run(["oconv", "scene.rad"], cwd=folder, env=environment, stdout=octree, check=True)
    sensors = "\n".join(" ".join(map(str, (*point, 0, 0, 1))) for point in GRID.tolist())
    out = subprocess.run(
        ["rtrace", "-h", "-I+", *OPTIONS.split(), "scene.oct"],
        cwd=folder, env=environment, input=sensors.encode(), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return np.array(out.stdout.split(), np.float64).reshape(-1, 3)[:, 1]


@pytest.mark.slow
def test_the_reference_room_is_as_bright_as_in_radiance(tmp_path: Path) -> None:
    parts = SceneParts(ground_z=-0.3, ground_reflectance=0.2)
    for corners, reflectance in reference_room():
        parts.solid(corners, reflectance)
    parts.portal(WINDOW, transmittance=TRANSMITTANCE)
    scene = parts.scene()
    theirs = radiance(tmp_path)
    followed, error, _ = path_traced_factors(scene, points(GRID), 131072)
    solved = daylight_factors(scene, points(GRID), relative_error=0.01, absolute_error=1e-5).value

    assert np.all(error < 0.02 * followed)
    for ours in (followed, solved):
        assert np.sqrt(np.mean((ours / theirs - 1) ** 2)) < 0.03
        assert abs(ours.mean() / theirs.mean() - 1) < 0.01
