"""From the light on a photovoltaic module to alternating current, as PVWatts does it.

Dobos (2014), PVWatts Version 5 Manual, NREL/TP-6A20-62641, doi:10.2172/1158421, but for the cover, which
takes its part of the diffuse light too (Marion 2017), and for the temperature of the cells, which is King's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

REFERENCE_W_M2 = 1000.0  # standard test conditions
REFERENCE_CELL_C = 25.0
_REFERENCE_INVERTER = 0.9637  # Dobos (2014), the efficiency that the curve was fitted at
_RINGS, _SECTORS = 90, 180  # of the directions that a module looks at


@dataclass(frozen=True)
class Cover:
    """What lies over the cells; a ``coating_index`` of 1 is none."""

    index: float  # refractive index of the glass
    coating_index: float
    extinction_thickness: float  # extinction coefficient times thickness of the glass


@dataclass(frozen=True)
class Mounting:
    """How a module sheds its heat: the coefficients of King et al. (2004)."""

    a: float
    b: float  # s/m
    difference_k: float  # of the cells to the back of the module at 1,000 W/m²


def cover_modifier(cosine: ArrayLike, cover: Cover) -> Floats:
    """Light that reaches the cells at an angle of incidence, over that at normal incidence; of any shape.

    Fresnel's equations at air, coating and glass, with the reflections inside the coating, and absorption in
    the glass: De Soto, Klein & Beckman (2006), doi:10.1016/j.solener.2005.06.010; coating after Dobos (2014).

    Args:
        cosine: of the angle of incidence; behind the module (0 and less) nothing reaches the cells.
        cover: of the module.
    """
    given = np.asarray(cosine, np.float64)
    slant = np.clip(given, 1e-9, 1.0)
    return np.where(given > 0.0, _through(slant, cover) / _through(np.ones(1), cover)[0], 0.0)


def _through(cosine: Floats, cover: Cover) -> Floats:
    """Share of unpolarised light that reaches the cells."""
    sine = np.sqrt(1.0 - cosine**2)
    in_coating = np.sqrt(1.0 - (sine / cover.coating_index) ** 2)
    in_glass = np.sqrt(1.0 - (sine / cover.index) ** 2)
    total = np.zeros_like(cosine)
    for across in (True, False):
        outer = _reflected(1.0, cover.coating_index, cosine, in_coating, across)
        inner = _reflected(cover.coating_index, cover.index, in_coating, in_glass, across)
        total += (1.0 - outer) * (1.0 - inner) / (1.0 - outer * inner)
    shares: Floats = total / 2.0 * np.exp(-cover.extinction_thickness / in_glass)
    return shares


def _reflected(first: float, second: float, cosine: Floats, refracted: Floats, across: bool) -> Floats:
    """Reflectance from one refractive index to another, polarised across the plane of incidence or in it."""
    a, b = (first * cosine, second * refracted) if across else (first * refracted, second * cosine)
    return np.asarray(((a - b) / (a + b)) ** 2)


def diffuse_modifiers(tilt_cosine: Floats, cover: Cover) -> tuple[Floats, Floats]:
    """:func:`cover_modifier` of uniform light from the sky and from the ground, each (O,).

    Weighted by the cosine of incidence over the directions that a module looks at: Marion (2017),
    doi:10.1016/j.solener.2017.03.027. 1 for the ground where a module sees none of it.

    Args:
        tilt_cosine: (O,) upward parts of the modules' unit normals.
        cover: of the modules.
    """
    angle = (np.arange(_RINGS) + 0.5) / _RINGS * np.pi / 2
    around = (np.arange(_SECTORS) + 0.5) / _SECTORS * np.pi  # the other half is its mirror image
    weight = np.cos(angle) * np.sin(angle)
    passed = weight * cover_modifier(np.cos(angle), cover)
    tilts, which = np.unique(np.round(tilt_cosine, 6), return_inverse=True)
    found = np.ones((2, len(tilts)))
    for row, up in enumerate(tilts.tolist()):
        across = np.sqrt(max(1.0 - up * up, 0.0))
        height = up * np.cos(angle)[:, None] + across * np.sin(angle)[:, None] * np.cos(around)
        sky = (height > 0.0).mean(axis=1)
        for place, share in enumerate((sky, 1.0 - sky)):
            seen = float(share @ weight)
            if seen > 1e-6:
                found[place, row] = float(share @ passed) / seen
    return found[0, which], found[1, which]


def cell_temperature_c(
    irradiance_w_m2: Floats, air_c: Floats, wind_m_s: Floats, mounting: Mounting
) -> Floats:
    """Temperature of the cells, °C: E exp(a + b v) + T + E / 1000 W/m² ΔT.

    King, Boyson & Kratochvil (2004), Photovoltaic Array Performance Model, SAND2004-3535, doi:10.2172/919131.

    Args:
        irradiance_w_m2: on the plane of the module, (..., H).
        air_c: dry bulb, (H,).
        wind_m_s: 10 m above ground, (H,).
        mounting: of the module.
    """
    warming = np.exp(mounting.a + mounting.b * wind_m_s) + mounting.difference_k / REFERENCE_W_M2
    return np.asarray(air_c + irradiance_w_m2 * warming)


def direct_current(effective_w_m2: Floats, cell_c: Floats, coefficient_1_k: float) -> Floats:
    """Direct current over the peak power, (..., H): E / 1000 W/m² (1 + γ (T_cell - 25 °C)), never negative.

    Args:
        effective_w_m2: irradiance that has passed the cover, (..., H).
        cell_c: temperature of the cells, (..., H).
        coefficient_1_k: γ of the power, 1/K, negative.
    """
    factor = 1.0 + coefficient_1_k * (cell_c - REFERENCE_CELL_C)
    return np.asarray(effective_w_m2 / REFERENCE_W_M2 * np.maximum(factor, 0.0))


def combined_loss(shares: Iterable[float]) -> float:
    """What losses of the system take together: 1 - Π (1 - L_i)."""
    return float(1.0 - np.prod([1.0 - share for share in shares]))


def alternating_current(direct: Floats, rated: float | Floats, efficiency: float) -> Floats:
    """What an inverter gives, in the unit of ``direct``, of any shape; it cuts off what is above its rating.

    η = η_nom / 0.9637 (-0.0162 ζ - 0.0059 / ζ + 0.9858), ζ the load of the inverter (Dobos 2014).

    Args:
        direct: direct current that it is given.
        rated: alternating current that it can give, above 0.
        efficiency: nominal, η_nom.
    """
    load = direct * efficiency / rated
    share = -0.0162 * load**2 - 0.0059 * (load > 0.0) + 0.9858 * load  # η ζ
    given = efficiency / _REFERENCE_INVERTER * share * rated / efficiency
    return np.asarray(np.clip(given, 0.0, rated))
