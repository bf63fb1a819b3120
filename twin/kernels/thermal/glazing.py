"""What a window lets through, by angle of incidence."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]

ANGLES_DEG = np.arange(91.0)
CLEAR_INDEX = 1.526  # refractive index of soda-lime glass
CLEAR_EXTINCTION_THICKNESS = 0.1  # K·d of a 5 mm clear pane


@dataclass(frozen=True)
class Optics:
    """Shares of the light that arrives, each (91,) over 0..90°: sent through, absorbed outside, inside."""

    transmittance: Floats
    absorptance_outer: Floats
    absorptance_inner: Floats

    def hemispherical(self) -> tuple[float, float, float]:
        """The three shares for uniform diffuse light: ∫ f(θ) sin 2θ dθ."""
        angle = np.radians(ANGLES_DEG)
        weight = np.sin(2 * angle)
        through, outer, inner = (
            float(np.trapezoid(share * weight, angle))
            for share in (self.transmittance, self.absorptance_outer, self.absorptance_inner)
        )
        return through, outer, inner


@dataclass(frozen=True)
class Glazing:
    """A window as two faces with a conductance between them.

    Either ``conductance_w_m2k`` is fixed, or it is NaN and follows from a gas gap: ``gap_m`` wide, faces of
    emissivity ``gap_emissivity``, panes of resistance ``pane_resistance_m2k_w`` (both together).
    """

    front: Optics  # for light from outside
    back_transmittance: float  # diffuse light from inside
    back_absorptance_outer: float
    back_absorptance_inner: float
    conductance_w_m2k: float
    gap_m: float = 0.0
    gap_emissivity: float = 0.84
    pane_resistance_m2k_w: float = 0.0


@dataclass(frozen=True, slots=True)
class Pane:
    """A sheet of glass: refractive index, and extinction coefficient times thickness."""

    index: float
    extinction_thickness: float

    @classmethod
    def from_normal(cls, transmittance: float, reflectance: float) -> Pane:
        """The pane that has these properties at normal incidence."""

        def absorbed(interface: float) -> float:
            return (reflectance - interface) / (interface * transmittance)

        def residual(interface: float) -> float:
            a = absorbed(interface)
            return (1 - interface) ** 2 * a / (1 - (interface * a) ** 2) - transmittance

        interface = brentq(residual, 0.2 * reflectance, 0.999 * reflectance)
        root = sqrt(interface)
        return cls((1 + root) / (1 - root), -log(absorbed(interface)))

    def transmittance_reflectance(self) -> tuple[Floats, Floats]:
        """Of unpolarised light at 0..90°, each (91,): Fresnel's equations and Snell's law."""
        angle = np.radians(np.clip(ANGLES_DEG, 1e-3, 90 - 1e-3))
        inside = np.arcsin(np.sin(angle) / self.index)
        passed = np.exp(-self.extinction_thickness / np.cos(inside))
        transmittance, reflectance = np.zeros(91), np.zeros(91)
        for interface in (
            (np.sin(inside - angle) / np.sin(inside + angle)) ** 2,
            (np.tan(inside - angle) / np.tan(inside + angle)) ** 2,
        ):
            through = (1 - interface) ** 2 * passed / (1 - (interface * passed) ** 2)
            transmittance += 0.5 * through
            reflectance += 0.5 * interface * (1 + passed * through)
        transmittance[-1], reflectance[-1] = 0.0, 1.0
        return transmittance, reflectance


def stack(pane: Pane, panes: int) -> Optics:
    """One to three equal panes. Half of a single or middle pane's absorption is booked at each face.

    The light between the panes follows from the energy balance of each gap (ISO 9050, 5.3).
    """
    through, back = pane.transmittance_reflectance()
    absorbed = 1 - through - back
    n = panes
    # Unknown fluxes down[i], up[i] above pane i (i = 0..n), per angle: a linear system of size 2 n.
    flux = np.zeros((91, 2 * n + 2))
    for k in range(90):  # at 90° nothing enters
        matrix, right = np.eye(2 * n + 2), np.zeros(2 * n + 2)
        right[0] = 1.0  # down[0], from outside; up[n] = 0, the room sends nothing
        for i in range(n):
            matrix[i + 1, i] -= through[k]  # down[i + 1] = T down[i] + R up[i + 1]
            matrix[i + 1, n + 2 + i] -= back[k]
            matrix[n + 1 + i, i] -= back[k]  # up[i] = R down[i] + T up[i + 1]
            matrix[n + 1 + i, n + 2 + i] -= through[k]
        flux[k] = np.linalg.solve(matrix, right)
    down, up = flux[:, : n + 1], flux[:, n + 1 :]
    per_pane = absorbed[:, None] * (down[:, :n] + up[:, 1:])
    outer_share = np.linspace(1, 0, n) if n > 1 else np.array([0.5])
    return Optics(
        transmittance=np.ascontiguousarray(down[:, n]),
        absorptance_outer=per_pane @ outer_share,
        absorptance_inner=per_pane @ (1 - outer_share),
    )


def clear_double(pane: Pane, gap_m: float, pane_resistance_m2k_w: float, emissivity: float = 0.84) -> Glazing:
    """Two equal panes with an air gap; ``pane_resistance_m2k_w`` is of both panes together."""
    optics = stack(pane, 2)
    through, far, near = optics.hemispherical()
    return Glazing(
        front=optics,
        back_transmittance=through,
        back_absorptance_outer=near,
        back_absorptance_inner=far,
        conductance_w_m2k=np.nan,
        gap_m=gap_m,
        gap_emissivity=emissivity,
        pane_resistance_m2k_w=pane_resistance_m2k_w,
    )


def from_u_and_shgc(u_value_w_m2k: float, shgc: float, inside_m2k_w: float, outside_m2k_w: float) -> Glazing:
    """A window known only by its U-value and its solar heat gain coefficient at normal incidence.

    The conductance is what remains of 1/U without the surface resistances (at least 0.001 m²K/W is kept).
    The directly transmitted share of SHGC is that of Arasteh, Kohler & Griffith (2009), LBNL-2804E; the rest
    is absorbed at the inner face in the amount that sends SHGC - τ inwards under the same surface
    resistances. Both fall with the angle like those of clear panes, one, two or three by the U-value; what
    clear panes absorb more at slanting incidence is left out.
    """
    resistance = max(1 / u_value_w_m2k - inside_m2k_w - outside_m2k_w, 1e-3)
    transmittance = min(_transmittance(u_value_w_m2k, shgc), shgc)
    inward = (resistance + outside_m2k_w) / (resistance + outside_m2k_w + inside_m2k_w)
    absorptance = min((shgc - transmittance) / inward, 1 - transmittance)
    panes = next(count for limit, count in ((1.8, 3), (4.5, 2), (inf, 1)) if u_value_w_m2k <= limit)
    clear = stack(Pane(CLEAR_INDEX, CLEAR_EXTINCTION_THICKNESS), panes)
    absorbed = clear.absorptance_outer + clear.absorptance_inner
    optics = Optics(
        transmittance=transmittance / clear.transmittance[0] * clear.transmittance,
        absorptance_outer=np.zeros(91),
        absorptance_inner=absorptance * np.minimum(absorbed / absorbed[0], 1.0),
    )
    through = optics.hemispherical()[0]
    reflected = 1 - sum(clear.hemispherical())
    return Glazing(
        front=optics,
        back_transmittance=through,
        back_absorptance_outer=0.0,
        back_absorptance_inner=max(1 - through - reflected, 0.0),
        conductance_w_m2k=1 / resistance,
    )


def _transmittance(u_value_w_m2k: float, shgc: float) -> float:
    """Solar transmittance at normal incidence from U and SHGC (LBNL-2804E, step 4)."""
    single = 0.939998 * shgc**2 + 0.20332 * shgc if shgc < 0.7206 else 1.30415 * shgc - 0.30515
    double = 0.41040 * shgc if shgc <= 0.15 else 0.085775 * shgc**2 + 0.963954 * shgc - 0.084958
    weight = min(max((u_value_w_m2k - 3.4) / (4.5 - 3.4), 0.0), 1.0)
    return weight * single + (1 - weight) * double
