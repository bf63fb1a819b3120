"""The Perez all-weather sky: luminance of the sky patches and illuminance of the sun from hourly irradiance.

Perez, Ineichen, Seals, Michalsky and Stewart (1990), Modeling daylight availability and irradiance components
from direct and global irradiance, Solar Energy 44(5), doi:10.1016/0038-092X(90)90055-H (clearness,
brightness, luminous efficacy); Perez, Seals and Michalsky (1993), All-weather model for sky luminance
distribution, Solar Energy 50(3), doi:10.1016/0038-092X(93)90017-I, with the erratum of 51(5) (relative
luminance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.sky import patch_directions, patch_solid_angles

Floats = NDArray[np.float64]

_CLEARNESS_BINS = np.array([1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2])
# Two lines per clearness bin: four coefficients each of a, b, c, then of d, e (1993, table 1).
_LUMINANCE = np.array(
    [
        1.3525, -0.2576, -0.269, -1.4366, -0.767, 0.0007, 1.2734, -0.1233, 2.8, 0.6004, 1.2375, 1,
        1.8734, 0.6297, 0.9738, 0.2809, 0.0356, -0.1246, -0.5718, 0.9938,
        -1.2219, -0.773, 1.4148, 1.1016, -0.2054, 0.0367, -3.9128, 0.9156, 6.975, 0.1774, 6.4477, -0.1239,
        -1.5798, -0.5081, -1.7812, 0.108, 0.2624, 0.0672, -0.219, -0.4285,
        -1.1, -0.2515, 0.8952, 0.0156, 0.2782, -0.1812, -4.5, 1.1766, 24.7219, -13.0812, -37.7, 34.8438,
        -5, 1.5218, 3.9229, -2.6204, -0.0156, 0.1597, 0.4199, -0.5562,
        -0.5484, -0.6654, -0.2672, 0.7117, 0.7234, -0.6219, -5.6812, 2.6297, 33.3389, -18.3, -62.25, 52.0781,
        -3.5, 0.0016, 1.1477, 0.1062, 0.4659, -0.3296, -0.0876, -0.0329,
        -0.6, -0.3566, -2.5, 2.325, 0.2937, 0.0496, -5.6812, 1.8415, 21, -4.7656, -21.5906, 7.2492,
        -3.5, -0.1554, 1.4062, 0.3988, 0.0032, 0.0766, -0.0656, -0.1294,
        -1.0156, -0.367, 1.0078, 1.4051, 0.2875, -0.5328, -3.85, 3.375, 14, -0.9999, -7.1406, 7.5469,
        -3.4, -0.1078, -1.075, 1.5702, -0.0672, 0.4016, 0.3017, -0.4844,
        -1, 0.0211, 0.5025, -0.5119, -0.3, 0.1922, 0.7023, -1.6317, 19, -5, 1.2438, -1.9094,
        -4, 0.025, 0.3844, 0.2656, 1.0468, -0.3788, -2.4517, 1.4656,
        -1.05, 0.0289, 0.426, 0.359, -0.325, 0.1156, 0.7781, 0.0025, 31.0625, -14.5, -46.1148, 55.375,
        -7.2312, 0.405, 13.35, 0.6234, 1.5, -0.6426, 1.8564, 0.5636,
    ]
).reshape(8, 5, 4)  # fmt: skip
# Luminous efficacy, lm/W: coefficients a, b, c, d of the diffuse light and of the sun (1990, table 4).
_DIFFUSE_EFFICACY = np.array(
    [
        [97.24, -0.46, 12.00, -8.91], [107.22, 1.15, 0.59, -3.95], [104.97, 2.96, -5.53, -8.77],
        [102.39, 5.59, -13.95, -13.90], [100.71, 5.94, -22.75, -23.74], [106.42, 3.83, -36.15, -28.83],
        [141.88, 1.90, -53.24, -14.03], [152.23, 0.35, -45.27, -7.98],
    ]
)  # fmt: skip
_SUN_EFFICACY = np.array(
    [
        [57.20, -4.55, -2.98, 117.12], [98.99, -3.46, -1.21, 12.38], [109.83, -4.90, -1.71, -8.81],
        [110.34, -5.84, -1.99, -4.56], [106.36, -3.97, -1.75, -6.16], [107.19, -1.25, -1.51, -26.73],
        [105.75, 0.77, -1.26, -34.44], [101.18, 1.58, -1.10, -8.29],
    ]
)  # fmt: skip
_BRIGHTNESS = (0.01, 0.6)  # range of the fit; hours with the sun on the horizon fall outside
_INTERMEDIATE = (1.065, 2.8)  # clearness between which the fit needs a brightness of 0.2 at least
_LEAST_INTERMEDIATE_BRIGHTNESS = 0.2


@dataclass(frozen=True)
class SkyHours:
    """Light of H hours with the sun above the horizon.

    ``luminance`` (145, H) cd/m² of the sky patches without the sun; ``sun_normal_lx`` (H,) illuminance by the
    sun on a plane that faces it. ``shape`` (5, H): a, b, c, d, e of the relative luminance; ``diffuse_lx``
    (H,) horizontal illuminance by the sky.
    """

    luminance: NDArray[np.float32]
    sun_normal_lx: Floats
    shape: Floats
    diffuse_lx: Floats


def perez_sky(
    sun: Floats,
    direct_normal_w_m2: Floats,
    diffuse_horizontal_w_m2: Floats,
    dew_point_c: Floats,
    extraterrestrial_w_m2: Floats,
) -> SkyHours:
    """Luminance of the sky patches and illuminance of the sun in H hours.

    Args:
        sun: unit vectors to the sun (H, 3), z up, above the horizon.
        direct_normal_w_m2: of the sun on a plane that faces it (H,).
        diffuse_horizontal_w_m2: of the sky (H,); hours without it are dark.
        dew_point_c: of the outdoor air (H,), for the water in the atmosphere.
        extraterrestrial_w_m2: of the sun outside of the atmosphere (H,).
    """
    cosine = np.clip(sun[:, 2], 0.0, 1.0)
    zenith = np.arccos(cosine)
    diffuse = np.maximum(diffuse_horizontal_w_m2, 0.0)
    lit = diffuse > 0.0
    clearness = np.ones(len(zenith))
    shift = 1.041 * zenith**3
    clearness[lit] = ((diffuse + direct_normal_w_m2)[lit] / diffuse[lit] + shift[lit]) / (1.0 + shift[lit])
    # Relative air mass of Kasten and Young (1989), doi:10.1364/AO.28.004735.
    air_mass = 1.0 / (cosine + 0.50572 * (96.07995 - np.degrees(zenith)) ** -1.6364)
    brightness = np.clip(diffuse * air_mass / extraterrestrial_w_m2, *_BRIGHTNESS)
    row = np.searchsorted(_CLEARNESS_BINS, clearness, side="right")
    water_cm = np.exp(0.07 * dew_point_c - 0.075)

    a, b, c, d = _DIFFUSE_EFFICACY[row].T
    diffuse_lx = diffuse * np.maximum(a + b * water_cm + c * cosine + d * np.log(brightness), 0.0)
    a, b, c, d = _SUN_EFFICACY[row].T
    sun_efficacy = a + b * water_cm + c * np.exp(5.73 * zenith - 5.0) + d * brightness
    sun_lx = np.maximum(direct_normal_w_m2, 0.0) * np.maximum(sun_efficacy, 0.0)

    between = (clearness > _INTERMEDIATE[0]) & (clearness < _INTERMEDIATE[1])
    fitted = np.where(between, np.maximum(brightness, _LEAST_INTERMEDIATE_BRIGHTNESS), brightness)
    shape = _coefficients(zenith, fitted, row)
    luminance = luminance_of(shape, diffuse_lx, sun, patch_directions(), patch_solid_angles())
    return SkyHours(luminance, sun_lx, shape, diffuse_lx)


def luminance_of(
    shape: Floats, diffuse_lx: Floats, sun: Floats, directions: Floats, solid_angle: Floats
) -> NDArray[np.float32]:
    """Luminance (P, H), cd/m², at the middle of the patches of some subdivision of the whole sky.

    Their horizontal illuminance is ``diffuse_lx`` (H,). ``shape`` (5, H) as in :class:`SkyHours`; ``sun``
    (H, 3); ``directions`` (P, 3), ``solid_angle`` (P,) of the patches.
    """
    luminance = np.empty((len(directions), len(sun)), np.float32)
    _fill_luminance(
        np.ascontiguousarray(shape), np.ascontiguousarray(sun.T), diffuse_lx,
        directions, solid_angle * directions[:, 2], luminance,
    )  # fmt: skip
    return luminance


def _coefficients(zenith: Floats, brightness: Floats, row: NDArray[np.intp]) -> Floats:
    """a, b, c, d, e (5, H) of the relative luminance, from the clearness bin of each hour."""
    k = _LUMINANCE[row]
    found = (k[:, :, 0] + k[:, :, 1] * zenith[:, None]).T
    found += brightness * (k[:, :, 2] + k[:, :, 3] * zenith[:, None]).T
    overcast = row == 0
    zenith, brightness = zenith[overcast], brightness[overcast]
    c1, c2, c3, c4 = _LUMINANCE[0, 2]
    d1, d2, d3, d4 = _LUMINANCE[0, 3]
    found[2, overcast] = np.exp(np.maximum(brightness * (c1 + c2 * zenith), 0.0) ** c3) - c4
    found[3, overcast] = -np.exp(brightness * (d1 + d2 * zenith)) + d3 + brightness * d4
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_luminance(
    coefficients: Floats, sun: Floats, diffuse_lx: Floats, directions: Floats, weight: Floats,
    luminance: NDArray[np.float32],
) -> None:  # fmt: skip
    """(1 + a exp(b / cos ζ)) (1 + c exp(d γ) + e cos² γ) in ``luminance`` (P, H), at the middle of patches.

    ``coefficients`` (5, H); ``sun`` (3, H); ``weight`` (P,) of each patch in the horizontal illuminance,
    which is brought to ``diffuse_lx`` (H,). The inner loops run over the hours and hold nothing but
    arithmetic, so that LLVM turns them into vector code.
    """
    hours = sun.shape[1]
    a, b, c, d, e = coefficients[0], coefficients[1], coefficients[2], coefficients[3], coefficients[4]
    gradation, level = np.empty(hours), np.zeros(hours)
    for patch in range(luminance.shape[0]):
        x, y, z = directions[patch, 0], directions[patch, 1], directions[patch, 2]
        if patch == 0 or z != directions[patch - 1, 2]:  # patches of a band lie equally high
            for hour in range(hours):
                gradation[hour] = 1.0 + a[hour] * math.exp(b[hour] / z)
        of_level = weight[patch]
        for hour in range(hours):
            cosine = x * sun[0, hour] + y * sun[1, hour] + z * sun[2, hour]
            cosine = min(max(cosine, -1.0), 1.0)
            # γ = arccos by Abramowitz and Stegun 4.4.46, within 2e-8.
            q = abs(cosine)
            angle = -0.0012624911 * q + 0.0066700901
            angle = (angle * q - 0.0170881256) * q + 0.0308918810
            angle = (angle * q - 0.0501743046) * q + 0.0889789874
            angle = (angle * q - 0.2145988016) * q + 1.5707963050
            angle *= math.sqrt(1.0 - q)
            angle = angle if cosine >= 0.0 else math.pi - angle
            # exp(d γ), within 1e-7 where |d γ| < 32: a short series of a small part, squared eight times.
            part = d[hour] * angle * (1.0 / 256.0)
            power = 1.0 + part * (1.0 / 6.0)
            power = 1.0 + part * (1.0 / 5.0) * power
            power = 1.0 + part * (1.0 / 4.0) * power
            power = 1.0 + part * (1.0 / 3.0) * power
            power = 1.0 + part * (1.0 / 2.0) * power
            power = 1.0 + part * power
            power *= power
            power *= power
            power *= power
            power *= power
            power *= power
            power *= power
            power *= power
            power *= power
            relative = gradation[hour] * (1.0 + c[hour] * power + e[hour] * cosine * cosine)
            relative = max(relative, 0.0)
            luminance[patch, hour] = relative
            level[hour] += of_level * relative
    for hour in range(hours):
        # Weather far outside of the fit can leave nothing: then the light comes from all over.
        gradation[hour] = 0.0 if level[hour] > 0.0 else diffuse_lx[hour] / math.pi
        level[hour] = diffuse_lx[hour] / level[hour] if level[hour] > 0.0 else 0.0
    for patch in range(luminance.shape[0]):
        for hour in range(hours):
            luminance[patch, hour] = luminance[patch, hour] * level[hour] + gradation[hour]
