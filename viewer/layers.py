"""What elements can be coloured by: values by element, categories, and fields of values at points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Category:
    """One class of a layer whose values are classes; ``colour`` as ``#rrggbb``."""

    label: Text
    colour: str


@dataclass(frozen=True)
class Cells:
    """Squares with a value each: a heat map on floors, walls or the ground.

    ``centre``, ``along`` and ``across`` (n, 3) in model coordinates, the latter two half a side long;
    ``row`` (n,) is the scene row of the element or space that a square belongs to.
    """

    centre: Floats
    along: Floats
    across: Floats
    row: NDArray[np.int32]
    values: Floats  # (n,) NaN where unknown


@dataclass(frozen=True)
class Layer:
    """Something to colour by.

    Args:
        id: stable name, "daylight.daylight_factor".
        label: what it is.
        unit: of the values, "" for none.
        group: the metric it belongs to.
        row: (n,) scene rows that have a value or are known to lack it.
        values: (n,) values, NaN where unknown; of categories their index.
        low: value at the lower end of the colour scale.
        high: value at the upper end.
        rule: how the value is found and what it is held against.
        source: the standard or method.
        categories: the classes, () for a layer of numbers.
        cells: the heat map, None for values by element.
        limit: (n,) what is asked of each row, NaN for nothing; None where nothing is asked.
        notes: scene row -> why its value cannot be told.
    """

    id: str
    label: Text
    unit: str
    group: str
    row: NDArray[np.int32]
    values: Floats
    low: float
    high: float
    rule: Text
    source: str
    categories: tuple[Category, ...] = ()
    cells: Cells | None = None
    limit: Floats | None = None
    notes: Mapping[int, Text] = field(default_factory=dict)
