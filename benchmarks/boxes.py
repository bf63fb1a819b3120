"""Scenes of boxes for the benchmarks of rays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CORNERS = np.array(
    [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)], np.float64
)
_FACES = np.array(
    [(0, 2, 1), (0, 3, 2), (4, 5, 6), (4, 6, 7), (0, 1, 5), (0, 5, 4), (1, 2, 6), (1, 6, 5), (2, 3, 7),
     (2, 7, 6), (3, 0, 4), (3, 4, 7)]
)  # fmt: skip


def box_triangles(boxes: Iterable[tuple[Floats, Floats]]) -> Floats:
    """Triangles (T, 3, 3) of boxes, each given by its low corner (3,) and its size (3,), normals outward."""
    return np.concatenate([(low + _CORNERS * size)[_FACES] for low, size in boxes])
