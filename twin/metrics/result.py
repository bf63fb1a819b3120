"""What every metric returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Text, Traced


@dataclass(frozen=True, slots=True)
class Need:
    """Data that is missing: what, on which elements, how to supply it."""

    what: Text
    how: Text
    global_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named number of a result. ``value`` None means that it cannot be told; ``needs`` then says why.

    ``formula`` reads with the field's symbols ("E_i / E_o × 100 %"), ``source`` names the method's standard.
    ``at_least``: the true value is ``value`` or more, as where a table ends.
    """

    value: float | None
    unit: str
    label: Text
    formula: str
    source: str
    needs: tuple[Need, ...] = ()
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that the result rests on and that the model does not hold."""

    what: Text
    value: Traced
    global_ids: tuple[str, ...] = ()  # elements it was applied to; () for the whole model


@dataclass(frozen=True)
class Field:
    """Values at points, for heat maps. ``points`` (n, 3) in model coordinates, ``values`` (n,)."""

    unit: str
    label: Text
    points: NDArray[np.float64]
    values: NDArray[np.float64]
    table_row: NDArray[np.int32]  # (n,) row of the metric's table that the point belongs to
    spacing_m: float


@dataclass(frozen=True)
class Table:
    """Further rows of a metric: columns of equal length, keyed by ``global_id``, and their units."""

    label: Text
    columns: Mapping[str, NDArray[np.generic]]
    units: Mapping[str, str]


@dataclass(frozen=True)
class MetricResult:
    """One metric of one model.

    ``table`` holds columns of equal length, keyed by ``table["global_id"]``; ``series`` holds named arrays
    over months or hours (see ``series_units``); ``tables`` are about other things than ``table`` is;
    ``input_sha256`` hashes the inputs the metric read.
    """

    name: str
    version: str
    summary: Mapping[str, Quantity]
    table: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    table_units: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    series: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    series_units: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    input_sha256: str = ""
