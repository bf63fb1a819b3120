"""Discomfort glare from daylight: position index, glare probability (DGP) and glare index (DGI)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SUN_SOLID_ANGLE_SR = 6.8e-5  # of the disc of 0.533°
_MOST_GUTH, _MOST_TANGENT = 16.0, 3.0  # beyond the range of the experiments
_DIM_LX = 1000.0  # below which DGP is corrected


def position_index(facing: Floats, directions: Floats) -> Floats:
    """How much less a source disturbs away from the line of sight: P >= 1, of directions (..., 3).

    Above the line of sight Guth's index, with τ the angle from the vertical and σ that from the line of sight
    in degrees: ln P = (35.2 - 0.31889 τ - 1.22 exp(-2 τ / 9)) 10⁻³ σ + (21 + 0.26667 τ - 0.002963 τ²) 10⁻⁵ σ²
    (GB 50033-2013 B.0.1-4; Levin 1975), at most 16. Below it P = 1 + 0.8 R/D for R/D < 0.6, else 1 + 1.2 R/D,
    with R/D = tan σ, at most 3 (Iwata and Tokura 1997, as in Wienold and Christoffersen 2006).

    Args:
        facing: (..., 3) unit line of sight, level, z up.
        directions: (..., 3) unit vectors to the sources, before the eye.
    """
    along = np.clip(np.sum(facing * directions, axis=-1), 1e-6, 1.0)
    rise = directions[..., 2]
    sigma = np.degrees(np.arccos(along))
    sine = np.sqrt(np.maximum(1.0 - along**2, 1e-18))
    tau = np.degrees(np.arccos(np.clip(rise / sine, -1.0, 1.0)))
    guth = np.exp(
        (35.2 - 0.31889 * tau - 1.22 * np.exp(-2.0 * tau / 9.0)) * 1e-3 * sigma
        + (21.0 + 0.26667 * tau - 0.002963 * tau**2) * 1e-5 * sigma**2
    )
    tangent = np.minimum(sine / along, _MOST_TANGENT)
    below = 1.0 + np.where(tangent < 0.6, 0.8, 1.2) * tangent
    index: Floats = np.where(rise >= 0.0, np.minimum(guth, _MOST_GUTH), below)
    return index


@njit(cache=True, nogil=True, error_model="numpy")
def sky_contrast(
    luminance: NDArray[np.float32], pane: NDArray[np.float32], weight: NDArray[np.float32], threshold: float,
    contrast: NDArray[np.float32],
) -> None:  # fmt: skip
    """Add Σ L² ω / P² of the sky patches brighter than ``threshold`` to ``contrast`` (H,), cd² sr / m⁴.

    ``luminance`` (F, H), cd/m², before the panes; ``pane`` (F,) τ, ``weight`` (F,) τ² ω / P², sr.
    """
    for patch in range(luminance.shape[0]):
        if weight[patch] > 0.0:
            least = np.float32(threshold / pane[patch])
            for hour in range(luminance.shape[1]):
                bright = luminance[patch, hour]
                bright = bright if bright > least else np.float32(0.0)
                contrast[hour] += weight[patch] * bright * bright


@njit(cache=True, nogil=True, error_model="numpy")
def faces_contrast(
    glow: NDArray[np.float32], cell: NDArray[np.int64], order: NDArray[np.int64], sun_lx: NDArray[np.float32],
    own: NDArray[np.float32], kind: NDArray[np.int64], pane: Floats, weight: Floats, threshold: float,
    contrast: NDArray[np.float32],
) -> None:  # fmt: skip
    """Add Σ L² ω / P² of the K faces brighter than ``threshold`` to ``contrast`` (H,), cd² sr / m⁴.

    L = pane (own + glow sun_lx): ``glow`` (K, B) luminance of each face per lx of the sun in each of B places
    of the sky, ``cell`` (H,) that of each hour, ``order`` (H,) the hours by that, ``sun_lx`` (H,); ``own``
    (C, H) luminance by other light of each ``kind`` (K,) of face, none for -1; ``pane`` (K,); ``weight`` (K,)
    ω / P², sr. Faces without light of their own are looked at in the hours only of those places from which
    the strongest sun makes them bright enough.
    """
    most = np.zeros(glow.shape[1], np.float32)
    end = np.zeros(glow.shape[1] + 1, np.int64)
    for hour in range(cell.shape[0]):
        most[cell[hour]] = max(most[cell[hour]], sun_lx[hour])
        end[cell[hour] + 1] += 1
    for place in range(glow.shape[1]):
        end[place + 1] += end[place]
    for face in range(glow.shape[0]):
        if kind[face] >= 0:
            for hour in range(cell.shape[0]):
                seen = pane[face] * (own[kind[face], hour] + glow[face, cell[hour]] * sun_lx[hour])
                if seen > threshold:
                    contrast[hour] += weight[face] * seen * seen
            continue
        for place in range(glow.shape[1]):
            if pane[face] * (glow[face, place] * most[place]) <= threshold:
                continue
            for hour in order[end[place] : end[place + 1]]:
                seen = pane[face] * (glow[face, place] * sun_lx[hour])
                if seen > threshold:
                    contrast[hour] += weight[face] * seen * seen


def daylight_glare_probability(illuminance_lx: ArrayLike, contrast: ArrayLike) -> Floats:
    """Share of people disturbed by glare, DGP in 0..1, of any shape.

    DGP = 5.87·10⁻⁵ E_v + 0.0918 lg(1 + Σ L² ω / (E_v^1.87 P²)) + 0.16 (Wienold and Christoffersen 2006,
    doi:10.1016/j.enbuild.2006.03.017), below 1,000 lx times e^(0.024 E_v - 4) / (1 + e^(0.024 E_v - 4))
    (Wienold 2012, the low-light correction of evalglare).

    Args:
        illuminance_lx: at the eye, on a plane that faces the line of sight, lx.
        contrast: Σ L² ω / P² over the glare sources, cd² sr / m⁴.
    """
    light = np.maximum(np.asarray(illuminance_lx, np.float64), 1e-9)
    spread = np.asarray(contrast, np.float64) / light**1.87
    probability = 5.87e-5 * light + 0.0918 * np.log10(1.0 + spread) + 0.16
    dim = 1.0 / (1.0 + np.exp(4.0 - 0.024 * np.minimum(light, _DIM_LX)))
    return np.minimum(np.where(light < _DIM_LX, dim, 1.0) * probability, 1.0)


def simplified_glare_probability(illuminance_lx: ArrayLike) -> Floats:
    """DGPs = 6.22·10⁻⁵ E_v + 0.184 (Wienold 2007), of any shape: not for direct sun."""
    return np.minimum(6.22e-5 * np.asarray(illuminance_lx, np.float64) + 0.184, 1.0)


def daylight_glare_index(
    luminance: ArrayLike, solid_angle_sr: ArrayLike, position_solid_angle_sr: ArrayLike, background: float
) -> float:
    """DGI of the windows in view: 10 lg Σ 0.478 L_s^1.6 Ω^0.8 / (L_b + 0.07 ω^0.5 L_s).

    GB 50033-2013 B.0.1 (Chauvel et al. 1982, doi:10.1177/096032718201400102). 0 without any.

    Args:
        luminance: (S,) mean of each source, cd/m².
        solid_angle_sr: (S,) ω.
        position_solid_angle_sr: (S,) Ω = ∫ dω / P².
        background: L_b, mean luminance of the rest of the view, cd/m².
    """
    source, omega = np.asarray(luminance, np.float64), np.asarray(solid_angle_sr, np.float64)
    weighted = np.asarray(position_solid_angle_sr, np.float64)
    glare = float((0.478 * source**1.6 * weighted**0.8 / (background + 0.07 * np.sqrt(omega) * source)).sum())
    return max(10.0 * float(np.log10(glare)), 0.0) if glare > 0.0 else 0.0
