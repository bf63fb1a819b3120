"""Skies as seen by a daylight calculation: luminance distributions and the subdivision of the dome.

Directions are unit vectors, x east, y north, z up. Luminance of the standard skies is scaled so that the
unobstructed horizontal illuminance is 1.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

CIE_OVERCAST = 0
UNIFORM = 1

PATCHES = 145
_BANDS = np.array([30, 30, 24, 24, 18, 12, 6, 1], np.int64)  # patches per band of 12° of altitude
_BAND_START = np.array([0, 30, 60, 84, 108, 126, 138, 144], np.int64)
_FINE = 4  # parts of a patch each way
FINE_PATCHES = (PATCHES - 1) * _FINE**2 + 1


@njit(cache=True, nogil=True, error_model="numpy")
def standard_luminance(sky: int, sin_altitude: float) -> float:
    """Luminance of a standard sky (CIE_OVERCAST or UNIFORM) for an unobstructed illuminance of 1.

    CIE overcast sky, L = L_z (1 + 2 sin γ) / 3 with L_z = 9 / (7 π) (Moon and Spencer 1942; ISO 15469:2004,
    type 16); uniform sky, L = 1 / π. 0 below the horizon.
    """
    if sin_altitude <= 0.0:
        return 0.0
    if sky == UNIFORM:
        return 1.0 / math.pi
    return 3.0 / (7.0 * math.pi) * (1.0 + 2.0 * sin_altitude)


@njit(cache=True, nogil=True, error_model="numpy")
def patch_of(x: float, y: float, z: float) -> int:
    """Row of the Tregenza patch that a direction above the horizon points to.

    145 patches (Tregenza 1987, doi:10.1177/096032718701900103): bands of 12° of altitude with 30, 30, 24, 24,
    18, 12, 6 patches and a cap of 6° about the zenith. The first patch of a band is centred on north; numbers
    grow clockwise.
    """
    band = int(math.asin(min(1.0, max(0.0, z))) * (15.0 / math.pi))
    if band >= 7:
        return PATCHES - 1
    turn = math.atan2(x, y) / (2.0 * math.pi)
    number = _BANDS[band]
    patch: int = _BAND_START[band] + math.floor(turn * number + 0.5) % number
    return patch


@cache
def patch_directions() -> NDArray[np.float64]:
    """Unit vectors (145, 3) to the middle of each Tregenza patch."""
    rows = []
    for band, number in enumerate(_BANDS[:-1].tolist()):
        altitude = math.radians(12.0 * band + 6.0)
        azimuth = 2.0 * np.pi * np.arange(number) / number
        rows.append(
            np.stack(
                [
                    math.cos(altitude) * np.sin(azimuth),
                    math.cos(altitude) * np.cos(azimuth),
                    np.full(number, math.sin(altitude)),
                ],
                axis=1,
            )
        )
    return np.concatenate([*rows, [[0.0, 0.0, 1.0]]])


@cache
def patch_solid_angles() -> NDArray[np.float64]:
    """Solid angle (145,) of each Tregenza patch, sr; they add up to 2 π."""
    edges = np.sin(np.radians([*range(0, 85, 12), 90]))
    return np.repeat(2.0 * np.pi * np.diff(edges) / _BANDS, _BANDS)


@cache
def fine_patch_directions() -> NDArray[np.float64]:
    """Unit vectors (2305, 3) to the middle of each fine patch: Tregenza's in 4 x 4 parts, but the cap.

    The subdivision of Reinhart, as in Radiance's gendaymtx. Parts of a band lie row by row.
    """
    rows = []
    for band, number in enumerate(_BANDS[:-1].tolist()):
        azimuth = 2.0 * np.pi * ((np.arange(_FINE * number) + 0.5) / _FINE - 0.5) / number
        for part in range(_FINE):
            altitude = math.radians(12.0 * (band + (part + 0.5) / _FINE))
            flat = math.cos(altitude)
            rows.append(
                np.stack(
                    [
                        flat * np.sin(azimuth),
                        flat * np.cos(azimuth),
                        np.full(len(azimuth), math.sin(altitude)),
                    ],
                    axis=1,
                )
            )
    return np.concatenate([*rows, [[0.0, 0.0, 1.0]]])


@cache
def fine_patch_solid_angles() -> NDArray[np.float64]:
    """Solid angle (2305,) of each fine patch, sr; they add up to 2 π."""
    edges = np.sin(np.radians([*np.arange(0.0, 84.1, 12.0 / _FINE), 90.0]))
    number = np.append(np.repeat(_FINE * _BANDS[:-1], _FINE), 1)
    return np.repeat(2.0 * np.pi * np.diff(edges) / number, number)


@njit(cache=True, nogil=True, error_model="numpy")
def fine_patches_of(directions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows (N,) of the fine patches that directions (N, 3) above the horizon point to."""
    found = np.empty(directions.shape[0], np.int64)
    for i in range(directions.shape[0]):
        row = int(math.asin(min(1.0, max(0.0, directions[i, 2]))) * (15.0 * _FINE / math.pi))
        band = row // _FINE
        if band >= 7:
            found[i] = FINE_PATCHES - 1
            continue
        number = _FINE * _BANDS[band]
        turn = math.atan2(directions[i, 0], directions[i, 1]) / (2.0 * math.pi)
        column = math.floor(turn * number + 0.5 * _FINE) % number
        found[i] = _FINE * _FINE * _BAND_START[band] + (row % _FINE) * number + column
    return found


def patches_about(directions: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The four patches (H, 4) nearest to H directions above the horizon, and their shares (H, 4) in them.

    The nearer a patch, the larger its share: 1 / (1.002 - cos of the angle to its middle), the spreading of
    the sun over sky patches that Radiance's gendaymtx uses too. The shares of a direction add up to 1.
    """
    patch, share = np.empty((len(directions), 4), np.int64), np.empty((len(directions), 4))
    _find_patches_about(np.ascontiguousarray(directions, np.float64), patch_directions(), patch, share)
    return patch, share


@njit(cache=True, nogil=True, error_model="numpy")
def _find_patches_about(
    directions: NDArray[np.float64], middles: NDArray[np.float64],
    patch: NDArray[np.int64], share: NDArray[np.float64],
) -> None:  # fmt: skip
    count = patch.shape[1]
    for i in range(directions.shape[0]):
        x, y, z = directions[i, 0], directions[i, 1], directions[i, 2]
        share[i] = -2.0  # for now the cosines, largest first
        for j in range(middles.shape[0]):
            cosine = x * middles[j, 0] + y * middles[j, 1] + z * middles[j, 2]
            if cosine <= share[i, count - 1]:
                continue
            k = count - 1
            while k > 0 and share[i, k - 1] < cosine:
                share[i, k], patch[i, k] = share[i, k - 1], patch[i, k - 1]
                k -= 1
            share[i, k], patch[i, k] = cosine, j
        total = 0.0
        for k in range(count):
            share[i, k] = 1.0 / (1.002 - share[i, k])
            total += share[i, k]
        for k in range(count):
            share[i, k] /= total
