"""Where the sun of a window is counted: along its sill, at the outer face of the wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.kernels.sun_minutes import lit_periods
from twin.metrics.daylight.windows import Window
from twin.metrics.sunlight.rules import Counting

Floats = NDArray[np.float64]

_GAP_M = 0.02  # between the wall's outer face and the points
_INSET_M = 0.01  # of the outermost points from the reveals
_BELOW_HEAD_M = 0.05
_STEEP = 0.5  # windows flatter than 60° are counted in their middle


@dataclass(frozen=True)
class Sill:
    """Points (n, 3) of one window, model coordinates, evenly along its sill, and what lies before them."""

    window: Window
    points: Floats
    spacing_m: float


def sill_of(model: BuildingModel, window: Window, counting: Counting) -> Sill:
    """The sill line of a window 0.9 m above the floor of its room, or at the window's own sill if higher."""
    corners = window.corners.reshape(-1, 3)
    outwards = (window.thickness_m + _GAP_M) * window.normal
    if abs(window.normal[2]) > _STEEP:
        return Sill(window, corners.mean(axis=0)[None] + outwards, 0.0)
    along = np.cross([0.0, 0.0, 1.0], window.normal)
    along /= np.linalg.norm(along)
    low, high = float((corners @ along).min()) + _INSET_M, float((corners @ along).max()) - _INSET_M
    bottom, top = float(corners[:, 2].min()), float(corners[:, 2].max())
    height = model.spaces.floor_z_m[window.space] + float(counting.sill_above_floor_m.value)
    height = min(max(bottom, height), max(bottom, top - _BELOW_HEAD_M))
    count = max(int(np.ceil((high - low) / counting.point_spacing_m)) + 1, 2)
    places = np.linspace(low, high, count)
    # The point of the pane's plane at this height that lies at ``place`` along it.
    base = corners[0] - (corners[0] @ along) * along
    up = np.cross(window.normal, along)
    points = base + places[:, None] * along + ((height - base[2]) / up[2]) * up
    return Sill(window, points + outwards, float(places[1] - places[0]))


def counted_minutes(lit: NDArray[np.bool_], counting: Counting) -> tuple[Floats, Floats]:
    """Minutes in the sun (N,) and longest period (N,), min, of steps (N, H); short periods do not count."""
    total, longest, _ = lit_periods(lit, max(round(counting.least_period_min / counting.step_min), 1))
    return total * counting.step_min, longest * counting.step_min


def window_minutes(lit: NDArray[np.bool_], sill: Sill, counting: Counting) -> tuple[float, float]:
    """Minutes in the sun and longest period (min) of a window whose whole width must be lit at once.

    ``lit`` (n, H) of its points. Of a window wider than 1.8 m the sunniest part of that width counts.
    """
    widest = len(lit)
    if sill.spacing_m > 0.0:
        widest = min(widest, int(counting.widest_window_m / sill.spacing_m + 1e-6) + 1)
    whole = np.stack([lit[first : first + widest].all(axis=0) for first in range(len(lit) - widest + 1)])
    total, longest = counted_minutes(whole, counting)
    best = int(np.argmax(total))
    return float(total[best]), float(longest[best])
