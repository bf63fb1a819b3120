"""One hour's sky for Radiance, and what an eye in a scene finds under it: its light, and evalglare's DGP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.kernels.sky import fine_patch_directions, fine_patch_solid_angles
from twin.verify import radiance

Floats = NDArray[np.float64]

LUMENS_PER_WATT = 179.0  # by which Radiance turns radiance into luminance
_PHOTOPIC = np.array([0.265, 0.670, 0.065])  # of Radiance's three colours
_DIVISIONS = 4096
_RUNS = 4
_PIXELS = 1000  # 0.18° each: the sun's disc has some 7
# The picture only shows evalglare the sources; the light at the eye is traced by itself. With three bounces
# and pixels of 0.12° DGP of the reference room moves by 0.0004.
_AMBIENT = ("-ab", "1", "-ad", "256", "-as", "0", "-aa", "0.2", "-ar", "32", "-lw", "1e-3")
_DOME = "skyfunc glow skyglow\n0\n0\n4 1 1 1 0\n\nskyglow source dome\n0\n0\n4 0 0 1 180\n"
# gendaylit's own perezlum.cal fades the lowest 20° of the sky into the brightness of the ground: near the
# horizon half of the luminance is not Perez's, and a window loses 5 % of its light.
_PEREZ = """{ Perez sky without the ground: A1 level, A2 ground, A3..A7 shape, A8..A10 sun }
cosgamma = Dx*A8 + Dy*A9 + Dz*A10;
gamma = acos(cosgamma);
sky = if(Dz, A1 * (1 + A3*exp(A4/if(Dz-0.01, Dz, 0.01))) * (1 + A5*exp(A6*gamma) + A7*cosgamma*cosgamma), 0);
"""


@dataclass(frozen=True)
class Hour:
    """Sun as a unit vector (3,) in the directions of the model; irradiances; illuminance by the sky."""

    sun: Floats
    direct_normal_w_m2: float
    diffuse_horizontal_w_m2: float
    diffuse_lx: float


@dataclass(frozen=True)
class Seen:
    """Light on a plane that faces the line of sight, lx, the standard error of its mean, and DGP."""

    light_lx: float
    light_noise_lx: float
    glare_probability: float


def write_hour_sky(folder: Path, name: str, hour: Hour) -> Path:
    """The sun and the sky of an hour as ``name.rad``: gendaylit's sun, and Perez's sky in its coefficients.

    The sky is brought to the horizontal illuminance of the hour: gendaylit does so on 145 directions, which
    leaves up to 2 % where the sun stands between them.
    """
    altitude = np.degrees(np.arcsin(np.clip(hour.sun[2], -1.0, 1.0)))
    azimuth = np.degrees(np.arctan2(hour.sun[0], hour.sun[1])) - 180.0  # from south, west is positive
    command = ["gendaylit", "-ang", f"{altitude:.5f}", f"{azimuth:.5f}", "-O", "0", "-W"]
    command += [f"{hour.direct_normal_w_m2:.3f}", f"{hour.diffuse_horizontal_w_m2:.3f}"]
    text = radiance.run(command, folder).decode("ascii", "replace")
    sun, _, rest = text.partition("void brightfunc skyfunc")
    values = re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", rest.split("\n10 ", 1)[1].split("\n")[0])
    shape = np.array(values, np.float64)
    directions = fine_patch_directions()
    found = _perez(shape, directions) * directions[:, 2] * fine_patch_solid_angles()
    shape[0] *= hour.diffuse_lx / (LUMENS_PER_WATT * float(found.sum()))
    numbers = " ".join(f"{value:.7g}" for value in shape.tolist())
    (folder / "perez.cal").write_text(_PEREZ, "ascii")
    path = folder / f"{name}.rad"
    path.write_text(f"{sun}void brightfunc skyfunc\n2 sky perez.cal\n0\n10 {numbers}\n\n{_DOME}", "ascii")
    return path


def _perez(shape: Floats, directions: Floats) -> Floats:
    """Radiance (N,) of the sky of ``perez.cal`` in directions (N, 3)."""
    level, _, a, b, c, d, e = shape[:7].tolist()
    cosine = np.clip(directions @ shape[7:], -1.0, 1.0)
    gradation = level * (1.0 + a * np.exp(b / np.maximum(directions[:, 2], 0.01)))
    found: Floats = gradation * (1.0 + c * np.exp(d * np.arccos(cosine)) + e * cosine**2)
    return found


def look(scene: Path, sky: Path, position: Floats, facing: Floats, threshold_cd_m2: float) -> Seen:
    """What an eye at ``position`` (3,) in the scene finds under a sky: light by rtrace, DGP by evalglare.

    Sources are what is brighter than ``threshold_cd_m2``.

    Raises:
        TwinError: Radiance is not installed or gave up.
    """
    octree, folder = radiance.octree(scene, (sky.name,)), scene.parent
    trace = ["rtrace", "-h", "-I+", *radiance.UNCACHED, "-ad", str(_DIVISIONS), octree.name]
    lines = radiance.in_processes(trace, folder, position[None], 1, _RUNS, facing[None]).split()
    light = LUMENS_PER_WATT * np.array(lines, np.float64).reshape(_RUNS, 3) @ _PHOTOPIC
    view = ["-vta", "-vu", "0", "0", "1", "-vh", "180", "-vv", "180"]
    view += ["-vp", *map(repr, position.tolist()), "-vd", *map(repr, facing.tolist())]
    picture = folder / f"{sky.stem}.hdr"
    command = [
        "rpict",
        *view,
        "-x",
        str(_PIXELS),
        "-y",
        str(_PIXELS),
        "-ps",
        "1",
        "-pj",
        "0",
        *_AMBIENT,
        octree.name,
    ]
    picture.write_bytes(radiance.run(command, folder))
    judged = ["evalglare", "-b", repr(threshold_cd_m2), "-i", f"{light.mean():.3f}", "-d", picture.name]
    text = radiance.run(judged, folder).decode("ascii", "replace")
    names, _, values = next(line for line in text.splitlines() if line.startswith("dgp,")).partition(":")
    figures = dict(zip(names.split(","), values.split(), strict=False))
    return Seen(float(light.mean()), float(light.std(ddof=1) / np.sqrt(_RUNS)), float(figures["dgp"]))
