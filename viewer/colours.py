"""Colour scales that colour-blind people can read, shared by every picture of the twin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Viridis (S. van der Walt and N. Smith, 2015; released as CC0), every eighth of its range.
_VIRIDIS = np.array(
    [
        (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141),
        (39, 173, 129), (92, 200, 99), (170, 220, 50), (253, 231, 37),
    ],
    np.float64,
)  # fmt: skip
UNKNOWN_RGB = (200, 200, 200)


def scale_rgb(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Colours (n, 3) of values (n,) on a perceptually even scale from ``low`` to ``high``; NaN is grey."""
    values = np.asarray(values, np.float64)
    known = np.isfinite(values)
    share = np.clip((np.where(known, values, low) - low) / max(high - low, 1e-12), 0.0, 1.0)
    position = share * (len(_VIRIDIS) - 1)
    below = np.minimum(position.astype(np.intp), len(_VIRIDIS) - 2)
    part = (position - below)[:, None]
    rgb = _VIRIDIS[below] * (1 - part) + _VIRIDIS[below + 1] * part
    return np.where(known[:, None], np.rint(rgb), UNKNOWN_RGB).astype(np.uint8)


def hex_colour(rgb: NDArray[np.uint8] | tuple[int, int, int]) -> str:
    """``#rrggbb`` of one colour."""
    red, green, blue = (int(part) for part in rgb)
    return f"#{red:02x}{green:02x}{blue:02x}"
