"""The sun and the sky on a tilted plane, hour by hour."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.sun import sun_directions

Floats = NDArray[np.float64]

SOLAR_CONSTANT_W_M2 = 1361.0  # Kopp & Lean (2011), doi:10.1029/2010GL045777

SEA_LEVEL_PA = 101325.0

# Perez, Ineichen, Seals, Michalsky & Stewart (1990), Solar Energy 44(5), 271-289,
# doi:10.1016/0038-092X(90)90055-H, tables 1 and 6: clearness limits and F11 F12 F13 F21 F22 F23.
_CLEARNESS = np.array([1.065, 1.230, 1.500, 1.950, 2.800, 4.500, 6.200])
_BRIGHTNESS = np.array(
    [
        [-0.008, 0.588, -0.062, -0.060, 0.072, -0.022],
        [0.130, 0.683, -0.151, -0.019, 0.066, -0.029],
        [0.330, 0.487, -0.221, 0.055, -0.064, -0.026],
        [0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
        [0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
        [1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
        [1.060, -1.600, -0.359, 0.264, -1.127, 0.131],
        [0.678, -0.327, -0.250, 0.156, -1.377, 0.251],
    ]
)
_DAYS_IN_MONTH = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_SMALLEST_COSINE = np.cos(np.radians(85.0))  # of the zenith angle in the circumsolar ratio, ibid.


class Irradiance(NamedTuple):
    """Irradiance of O orientations over H hours, W/m², each array (O, H)."""

    beam: Floats  # from the sun's disc and its surroundings
    diffuse: Floats  # from the rest of the sky
    ground: Floats  # reflected by the ground
    cos_incidence: Floats  # of the sun, mean of its sunlit time; 0 where it is behind the plane or set


def sun_samples(
    latitude_deg: float,
    longitude_deg: float,
    utc_offset_h: float,
    years: int | NDArray[np.int64],
    samples: int = 6,
) -> Floats:
    """Unit vectors (8760, samples, 3) to the sun, evenly spread over each hour; 0 where it is down.

    Hour i covers [i, i + 1) of local standard time of a common year; x east, y north, z up. ``years`` is the
    calendar year, or that of each hour, (8760,): typical years are put together from months of several, and
    the sun of a date moves by up to 0.3° between them.
    """
    months = np.repeat(np.arange(12), _DAYS_IN_MONTH * 24)
    day_hours = np.concatenate([np.arange(days * 24) for days in _DAYS_IN_MONTH])
    first_months = ((np.asarray(years) - 1970) * 12 + months).astype("datetime64[M]")
    begin = first_months.astype("datetime64[s]") + day_hours.astype("timedelta64[h]")
    offsets = (np.arange(samples) + 0.5) * 3600.0 / samples - utc_offset_h * 3600.0
    times = begin[:, None] + np.round(offsets).astype("timedelta64[s]")
    sun = sun_directions(latitude_deg, longitude_deg, times)
    sun[sun[..., 2] <= 0] = 0
    return sun


def middle_of_hours(samples: Floats) -> Floats:
    """Unit vectors (H, 3) to the sun in the middle of the sunlit part of each hour; 0 at night."""
    mean = samples.sum(axis=1)
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    return np.asarray(np.divide(mean, length, out=np.zeros_like(mean), where=length > 0))


def extraterrestrial_w_m2(hours: int = 8760) -> Floats:
    """Irradiance normal to the sun outside the atmosphere, (hours,), W/m² (Spencer 1971)."""
    day = 2 * np.pi * (np.arange(hours) // 24) / 365
    distance: Floats = (
        1.00011
        + 0.034221 * np.cos(day)
        + 0.00128 * np.sin(day)
        + 0.000719 * np.cos(2 * day)
        + 7.7e-5 * np.sin(2 * day)
    )
    return np.asarray(SOLAR_CONSTANT_W_M2 * distance)


def relative_air_mass(cos_zenith: Floats) -> Floats:
    """Kasten & Young (1989), doi:10.1364/AO.28.004735; of any shape."""
    zenith = np.degrees(np.arccos(np.clip(cos_zenith, 0.0, 1.0)))
    return np.asarray(1 / (np.cos(np.radians(zenith)) + 0.50572 * (96.07995 - zenith) ** -1.6364))


def on_planes(
    normals: Floats,
    sun: Floats,
    global_horizontal: Floats,
    direct_normal: Floats,
    diffuse_horizontal: Floats,
    extraterrestrial: Floats,
    pressure_pa: Floats,
    ground_reflectance: float,
) -> Irradiance:
    """Irradiance of planes by Perez et al. (1990), with the circumsolar part counted as beam.

    The beam is that of the whole hour: its mean normal irradiance times the mean cosine over the time in
    which the sun is up, which keeps its energy.

    Args:
        normals: (O, 3) unit vectors, x east, y north, z up.
        sun: (H, S, 3) unit vectors over each hour, 0 where the sun is down (:func:`sun_samples`).
        global_horizontal: (H,) W/m².
        direct_normal: (H,) W/m².
        diffuse_horizontal: (H,) W/m².
        extraterrestrial: (H,) W/m² normal to the sun.
        pressure_pa: (H,) of the air; the sky's brightness uses the pressure-corrected air mass, as the
            programs behind ASHRAE 140 do.
        ground_reflectance: of the surroundings, 0..1.
    """
    up = np.maximum((sun[:, :, 2] > 0).sum(axis=1), 1)
    cos_zenith = sun[:, :, 2].sum(axis=1) / up
    day = cos_zenith > 0
    diffuse = np.where(diffuse_horizontal > 0, diffuse_horizontal, 0.0)
    direct = np.where(day, direct_normal, 0.0)
    zenith = np.arccos(np.clip(cos_zenith, 0.0, 1.0))
    cubed = 1.041 * zenith**3
    clearness = ((diffuse + direct) / np.maximum(diffuse, 1e-3) + cubed) / (1 + cubed)
    air_mass = relative_air_mass(cos_zenith) * pressure_pa / SEA_LEVEL_PA
    brightness = diffuse * air_mass / extraterrestrial
    f = _BRIGHTNESS[np.searchsorted(_CLEARNESS, clearness, side="right")]
    circumsolar = np.where(day, np.maximum(f[:, 0] + f[:, 1] * brightness + f[:, 2] * zenith, 0.0), 0.0)
    horizon = np.where(day, f[:, 3] + f[:, 4] * brightness + f[:, 5] * zenith, 0.0)

    cos_incidence = np.zeros((len(normals), len(sun)))
    for sample in range(sun.shape[1]):
        cos_incidence += np.maximum(normals @ sun[:, sample].T, 0.0)
    cos_incidence /= up
    tilt_cosine = normals[:, 2:3]
    tilt_sine = np.sqrt(np.maximum(1 - tilt_cosine**2, 0.0))
    ratio = cos_incidence / np.maximum(cos_zenith, _SMALLEST_COSINE)
    sky = diffuse * ((1 - circumsolar) * (1 + tilt_cosine) / 2 + horizon * tilt_sine)
    return Irradiance(
        beam=np.ascontiguousarray(direct * cos_incidence + diffuse * circumsolar * ratio),
        diffuse=np.ascontiguousarray(np.maximum(sky, 0.0)),
        ground=np.ascontiguousarray(
            np.maximum(global_horizontal, 0.0) * ground_reflectance * (1 - tilt_cosine) / 2
        ),
        cos_incidence=np.ascontiguousarray(cos_incidence),
    )
