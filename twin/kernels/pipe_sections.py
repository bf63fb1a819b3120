"""Cross-sections of pipes and channels: section factor A R^(2/3) of the wetted area, and back, as tables.

A section is told by its shape and three lengths. Both quantities are taken relative to the full section, so
that all circles share one table. The tables run over √(A / A_full) and over the cube root of the section
factor, in which both are nearly straight lines down to zero.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CIRCULAR, RECTANGULAR_CLOSED, RECTANGULAR_OPEN, TRAPEZOIDAL, TRIANGULAR = range(5)
SECTION_CELLS = 256
FACTOR, SQUARE_ROOT_OF_AREA = 0, 1  # tables of a section


def section_geometry(shape: int, depth_m: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Wetted area, m², and wetted perimeter, m, at depths above the invert.

    ``sizes``: full depth (the diameter of a circle); bottom width (top width of a triangle); run over rise of
    the sides (trapezoid, mean of both). The full closed rectangle also wets its top.
    """
    full, width, side = sizes
    y = np.asarray(depth_m, float)
    if shape == CIRCULAR:
        angle = 2.0 * np.arccos(np.clip(1.0 - 2.0 * y / full, -1.0, 1.0))
        return full**2 / 8.0 * (angle - np.sin(angle)), full / 2.0 * angle
    if shape == TRAPEZOIDAL:
        return y * (width + side * y), width + 2.0 * y * np.sqrt(1.0 + side**2)
    if shape == TRIANGULAR:
        side = width / full / 2.0
        return side * y**2, 2.0 * y * np.sqrt(1.0 + side**2)
    wetted = width + 2.0 * y
    if shape == RECTANGULAR_CLOSED:
        # SWMM lets the top wet gradually over the last 3 % of the area, so that the flow has no step.
        wetted = wetted + width * np.clip((y / full - 0.97) / 0.03, 0.0, 1.0)
    return width * y, wetted


def section_tables(shape: int, sizes: Floats) -> tuple[Floats, float, float]:
    """Tables of a section, its full area, m², and full section factor A R^(2/3), m^(8/3).

    The tables, shape (2, SECTION_CELLS + 1, 2), hold value and slope times cell width: the relative factor
    over √(relative area), and √(relative area) over the cube root of the relative factor, on its rising part.
    """
    depth = sizes[0] * np.linspace(0.0, 1.0, 16 * SECTION_CELLS + 1) ** 3
    area, wetted = section_geometry(shape, depth, sizes)
    factor = area * (area / np.maximum(wetted, 1e-300)) ** (2.0 / 3.0)
    root, relative = np.sqrt(area / area[-1]), factor / factor[-1]
    grid = np.linspace(0.0, 1.0, SECTION_CELLS + 1)
    keep = np.append(True, np.diff(np.maximum.accumulate(relative)) > 0.0)
    rising = np.cbrt(relative[keep])
    tables = np.empty((2, SECTION_CELLS + 1, 2))
    for table, x, y in ((tables[FACTOR], root, relative), (tables[SQUARE_ROOT_OF_AREA], rising, root[keep])):
        table[:, 0] = np.interp(grid, x, y)
        table[:, 1] = np.interp(grid, x, np.gradient(y, x)) / SECTION_CELLS
    # The second is kept monotone: no slope above three times its secants (Fritsch and Carlson 1980).
    value, slope = tables[SQUARE_ROOT_OF_AREA].T
    secant = np.diff(value)
    steepest = 3.0 * np.minimum(np.append(secant[0], secant), np.append(secant, secant[-1]))
    slope[:] = np.minimum(slope, steepest)
    return tables, float(area[-1]), float(factor[-1])


@njit(cache=True, _nrt=False)
def section_factor(table, root):  # type: ignore[no-untyped-def]
    """Relative section factor at √(relative area), and its derivative, by cubic Hermite interpolation."""
    position = root * SECTION_CELLS
    cell = min(int(position), SECTION_CELLS - 1)
    s = position - cell
    low, first, second = table[cell, 0], table[cell, 1], table[cell + 1, 1]
    rise = table[cell + 1, 0] - low
    square = 3.0 * rise - 2.0 * first - second
    cube = first + second - 2.0 * rise
    value = low + s * (first + s * (square + s * cube))
    slope = (first + s * (2.0 * square + 3.0 * s * cube)) * SECTION_CELLS
    return value, slope
