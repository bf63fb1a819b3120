"""Tables without rows."""

from __future__ import annotations

import typing
from dataclasses import fields
from typing import TypeVar

import numpy as np

from ifc.model.polygons import PolygonTable

Table = TypeVar("Table")

_PLANAR_POLYGONS = ("footprint",)
_VECTORS = ("normal",)


def empty_table(table: type[Table]) -> Table:
    """A table of ``table``'s class with zero rows, its columns of the dtypes that the class declares.

    Works for the classes whose columns are arrays and :class:`PolygonTable` (spaces, surfaces, their
    openings, ground covers).
    """
    hints = typing.get_type_hints(table)
    flat = "GroundCover" in table.__name__
    columns: dict[str, object] = {}
    for field in fields(table):  # type: ignore[arg-type]
        if hints[field.name] is PolygonTable:
            columns[field.name] = PolygonTable.pack([], 2 if flat or field.name in _PLANAR_POLYGONS else 3)
        else:
            # NDArray[X] is ndarray[shape, dtype[X]]
            dtype = typing.get_args(typing.get_args(hints[field.name])[1])[0]
            columns[field.name] = np.zeros((0, 3) if field.name in _VECTORS else 0, dtype)
    return table(**columns)
