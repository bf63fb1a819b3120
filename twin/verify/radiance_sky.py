"""The sky and the sun of a year by Radiance's gendaymtx, and what of them reaches points.

The sky is a matrix over patches (Reinhart's subdivision of Tregenza's, ``-m``), the sun of every hour a light
of its own: McNeil 2014, The Five-Phase Method for Simulating Complex Fenestration with Radiance (LBNL).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.climate import HOURS, NOMINAL_YEAR, Climate
from twin.verify import radiance

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

LUMENS_PER_WATT = 179.0  # by which Radiance turns radiance into luminance
# gendaymtx takes 2 cm of water in the air, whatever the weather: this dew point, by the fit of Perez (1990).
WATER_DEW_POINT_C = 10.97
_GROUND_ROWS = 1
_DOME = "void glow skyglow\n0\n0\n4 1 1 1 0\n\nskyglow source sky\n0\n0\n4 0 0 1 180\n"


@dataclass(frozen=True)
class YearSky:
    """Luminance (P, H) of the sky patches in H hours, cd/m²: with the sun spread over them, and its part."""

    whole: Singles
    sun: Singles


def write_weather(path: Path, climate: Climate, hours: NDArray[np.intp]) -> Path:
    """The irradiances of some hours of the year as a WEA file, the sun at the middle of the hour."""
    start = np.datetime64(f"{NOMINAL_YEAR}-01-01T00", "h")
    stamps = start + np.arange(HOURS).astype("timedelta64[h]")
    months = stamps.astype("datetime64[M]")
    month = months.astype(int) % 12 + 1
    day = (stamps.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int) + 1
    lines = [
        "place greentwin",
        f"latitude {climate.latitude_deg:.4f}",
        f"longitude {-climate.longitude_deg:.4f}",  # west is positive
        f"time_zone {-15.0 * climate.utc_offset_h:.2f}",
        f"site_elevation {climate.elevation_m:.1f}",
        "weather_data_file_units 1",
    ]
    direct, diffuse = climate.direct_normal_w_m2, climate.diffuse_horizontal_w_m2
    lines += [
        f"{month[hour]} {day[hour]} {hour % 24 + 0.5} {direct[hour]:.3f} {diffuse[hour]:.3f}"
        for hour in hours.tolist()
    ]
    path.write_text("\n".join([*lines, ""]), "ascii")
    return path


def year_sky(weather: Path, hours: NDArray[np.intp], north_deg: float, subdivision: int) -> YearSky:
    """Sky of the ``hours`` that ``weather`` holds; ``north_deg`` is the azimuth of the model's +Y axis."""
    return YearSky(
        _sky_matrix(weather, len(hours), north_deg, subdivision, ()),
        _sky_matrix(weather, len(hours), north_deg, subdivision, ("-d",)),
    )


def _sky_matrix(
    weather: Path, count: int, north_deg: float, subdivision: int, only: Sequence[str]
) -> Singles:
    command = ["gendaymtx", "-h", "-of", "-O0", "-r", f"{north_deg:.6f}", "-m", str(subdivision), *only]
    # The ground of the scene reflects by itself: no light from below.
    command += ["-g", "0", "0", "0", weather.name]
    values = np.frombuffer(radiance.run(command, weather.parent), np.float32)
    green: Singles = values.reshape(-1, count, 3)[_GROUND_ROWS:, :, 1] * np.float32(LUMENS_PER_WATT)
    return green


def sky_coefficients(
    scene: Path,
    sensors: Floats,
    subdivision: int,
    options: Sequence[str],
    *,
    runs: int = 1,
    processes: int | None = None,
) -> Singles:
    """Illuminance (N, P) of upward sensors (N, 3) per unit luminance of each sky patch, by rfluxmtx.

    The mean of independent ``runs``.
    """
    each = coefficients_of_runs(scene, sensors, subdivision, options, runs, processes=processes)
    mean: Singles = each.mean(axis=0)
    return mean


def coefficients_of_runs(
    scene: Path,
    sensors: Floats,
    subdivision: int,
    options: Sequence[str],
    runs: int,
    *,
    processes: int | None = None,
) -> Singles:
    """The same as :func:`sky_coefficients`, as ``(runs, N, P)`` independent answers."""
    octree = radiance.octree(scene, ())
    dome = scene.with_name(f"dome_{subdivision}.rad")
    dome.write_text(f"#@rfluxmtx h=r{subdivision} u=+Y\n{_DOME}", "ascii")
    command = ["rfluxmtx", "-h", "-faf", "-I+", *options, "-", dome.name, "-i", octree.name]
    found = _green(
        radiance.in_processes(command, scene.parent, sensors, processes, runs), runs * len(sensors)
    )
    return found.reshape(len(sensors), runs, -1).transpose(1, 0, 2)


def sunlight(
    scene: Path, weather: Path, sensors: Floats, hours: NDArray[np.intp], north_deg: float
) -> Singles:
    """Illuminance (N, H) in lx of upward sensors by the sun itself: every hour's sun is a light, traced."""
    folder = scene.parent
    suns, names = folder / "suns.rad", folder / "suns.mod"
    command = ["gendaymtx", "-n", "-O0", "-r", f"{north_deg:.6f}", "-D", str(suns), "-M", str(names)]
    radiance.run([*command, str(weather)], folder)
    found = np.zeros((len(sensors), len(hours)), np.float32)
    # The lights are named by the minute of the year.
    rows = np.searchsorted(
        hours, [int(name.removeprefix("solar")) // 60 for name in names.read_text().split()]
    )
    if not len(rows):
        return found
    octree = radiance.octree(scene, (suns.name,))
    trace = ["rcontrib", "-h", "-faf", "-I+", "-V+", "-ab", "0", "-dj", "0", "-dc", "1", "-dt", "0"]
    trace += ["-M", names.name, octree.name]
    found[:, rows] = LUMENS_PER_WATT * _green(
        radiance.in_processes(trace, folder, sensors, None), len(sensors)
    )
    return found


def _green(data: bytes, count: int) -> Singles:
    values: Singles = np.frombuffer(data, np.float32).reshape(count, -1, 3)[:, :, 1]
    return values
