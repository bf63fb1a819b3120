"""The colour of each scene row, by the rules of the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from viewer.colours import UNKNOWN_RGB, scale_rgb
from viewer.layers import Layer

PALE_RGB = (223, 226, 226)


class Mode(IntEnum):
    """How a row is drawn."""

    PLAIN = 0  # in the colour of its material
    COLOURED = 1  # in the colour of its value
    UNKNOWN = 2  # hatched grey: stale, not assessed, no value
    PALE = 3  # beside the subject of the layer, or below its heat map


@dataclass(frozen=True)
class Paint:
    """Mode (n,) and, where that is COLOURED, colour (n, 3) of the scene rows."""

    mode: NDArray[np.uint8]
    rgb: NDArray[np.uint8]


def paint_of(row_count: int, layer: Layer | None) -> Paint:
    """How each of ``row_count`` scene rows looks in a layer; None for the colours of the materials."""
    rgb = np.tile(np.array(UNKNOWN_RGB, np.uint8), (row_count, 1))
    if layer is None:
        return Paint(np.full(row_count, Mode.PLAIN, np.uint8), rgb)
    mode = np.full(row_count, Mode.PALE, np.uint8)
    own = layer.row >= 0
    row, values = layer.row[own], layer.values[own]
    known = np.isfinite(values)
    mode[row] = np.where(known, Mode.PALE if layer.cells is not None else Mode.COLOURED, Mode.UNKNOWN)
    rgb[row] = value_rgb(layer, values)
    return Paint(mode, rgb)


def value_rgb(layer: Layer, values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours (n, 3) of values (n,) in the scale or the categories of a layer; NaN is grey."""
    if not layer.categories:
        return scale_rgb(values, layer.low, layer.high)
    palette = np.array([_rgb(one.colour) for one in layer.categories] + [UNKNOWN_RGB], np.uint8)
    return palette[np.where(np.isfinite(values), values, len(layer.categories)).astype(np.intp)]


def _rgb(colour: str) -> tuple[int, int, int]:
    value = int(colour.removeprefix("#"), 16)
    return value >> 16, (value >> 8) & 255, value & 255
