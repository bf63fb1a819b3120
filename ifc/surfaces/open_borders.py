"""Where spaces are open to one another: no element belongs there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ifc.model import Evidence, Neighbour, SurfaceTable
from ifc.surfaces.limits import STEEP, WALL_GAP_SPACES_M

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOUCHING_M = 0.02  # spaces nearer than this share an open border


def open_borders(table: SurfaceTable) -> NDArray[np.bool_]:
    """Surfaces where two spaces are open to one another, or two parts of one, (F,).

    Three cases: the spaces touch; a slit between two parts of one space; two wall faces that pair, with
    nothing between them, over a counter or below a lintel that stands between the same spaces and is as
    thick as they are apart. Two faces apart without such an element miss their wall.
    """
    thickness = np.nan_to_num(table.thickness_m, nan=np.inf)
    between = table.neighbour == Neighbour.SPACE
    slit = (table.neighbour == Neighbour.ADIABATIC) & np.isfinite(thickness)
    found: NDArray[np.bool_] = (between & (thickness < TOUCHING_M)) | slit
    walls = between & (table.pair >= 0) & (np.abs(table.normal[:, 2]) < STEEP)
    walls &= thickness <= WALL_GAP_SPACES_M
    bare = walls & (table.element < 0) & (table.evidence == Evidence.PAIR) & ~found
    for row in np.flatnonzero(bare).tolist():
        begin, end = np.searchsorted(table.space, [table.space[row], table.space[row] + 1])
        mine = slice(begin, end)
        beside = walls[mine] & (table.element[mine] >= 0)
        beside &= table.neighbour_space[mine] == table.neighbour_space[row]
        beside &= np.abs(thickness[mine] - thickness[row]) < TOUCHING_M
        beside &= table.normal[mine] @ table.normal[row] > 1 - 1e-6
        if any(_continues(table, row, begin + other) for other in np.flatnonzero(beside).tolist()):
            found[[row, table.pair[row]]] = True
    return found


def _continues(table: SurfaceTable, row: int, other: int) -> bool:
    """Whether two surfaces lie in one plane and meet above one another."""
    low, high, origin = _box(table, row)
    low_other, high_other, origin_other = _box(table, other)
    if abs((origin_other - origin) @ table.normal[row]) > TOUCHING_M:
        return False
    gap = np.maximum(low - high_other, low_other - high)
    meets = bool((gap < TOUCHING_M).all())
    # Side by side, the one without an element may miss its wall.
    over = low[2] > high_other[2] - TOUCHING_M or high[2] < low_other[2] + TOUCHING_M
    return meets and bool(over)


def _box(table: SurfaceTable, row: int) -> tuple[Floats, Floats, Floats]:
    """Low and high corner of a surface, and one of its points."""
    outline = table.polygon.rings(row)[0]
    return outline.min(axis=0), outline.max(axis=0), outline[0]
