"""Tables, fields and series of an evaluation as Parquet files, for analysis elsewhere (extra ``parquet``)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError
from twin.evaluate import Evaluation
from twin.metrics.result import Field, MetricResult

Columns = Mapping[str, NDArray[np.generic]]


def require_parquet() -> None:
    """Make sure of the library before the work is done.

    Raises:
        TwinError: ``pyarrow`` is not installed.
    """
    if find_spec("pyarrow") is None:
        raise TwinError(
            "missing-extra",
            "--format parquet",
            Text("The library pyarrow is not installed.", "未安装 pyarrow 库。"),
            Text("Run: pip install 'greentwin[parquet]'", "请运行：pip install 'greentwin[parquet]'"),
        )


def write_parquet(evaluation: Evaluation, folder: Path, stem: str) -> list[Path]:
    """Write what the metrics found; returns the files.

    ``STEM.METRIC.parquet`` is the metric's table (a row per room, element, cover); further tables are in
    ``STEM.METRIC.TABLE.parquet``. The points of a field are in ``STEM.METRIC.FIELD.parquet``: ``x_m``,
    ``y_m``, ``z_m`` in model coordinates, ``value``, and ``global_id`` of the table's row that the point
    belongs to, empty for none. ``STEM.METRIC.months.parquet`` and ``hours.parquet`` have the series (other
    lengths: ``series_N``). The unit of a column is its metadata ``unit``.

    Raises:
        TwinError: ``pyarrow`` is not installed.
        OSError: the folder cannot be written.
    """
    require_parquet()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, result in evaluation.metrics.items():
        for part, (columns, units) in _files(result).items():
            path = folder / ".".join(filter(None, (stem, name, part, "parquet")))
            _write(path, columns, units)
            written.append(path)
    return written


def _files(result: MetricResult) -> dict[str, tuple[Columns, Mapping[str, str]]]:
    """The files of one metric: part of the name -> columns and their units."""
    files: dict[str, tuple[Columns, Mapping[str, str]]] = {}
    if result.table:
        files[""] = (result.table, result.table_units)
    for name, table in result.tables.items():
        files[name] = (table.columns, table.units)
    for name, field in result.fields.items():
        columns = _points(field, result.table)
        files[name] = (columns, {"x_m": "m", "y_m": "m", "z_m": "m", "value": field.unit})
    for length in sorted({len(values) for values in result.series.values()}):
        same = {name: values for name, values in result.series.items() if len(values) == length}
        files[{12: "months", 8760: "hours"}.get(length, f"series_{length}")] = (same, result.series_units)
    return files


def _points(field: Field, table: Columns) -> Columns:
    return {
        "x_m": field.points[:, 0],
        "y_m": field.points[:, 1],
        "z_m": field.points[:, 2],
        "value": field.values,
        "global_id": np.append(table["global_id"].astype(object), "")[field.table_row],  # -1: ""
    }


def _write(path: Path, columns: Columns, units: Mapping[str, str]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    arrays = {name: pa.array(values) for name, values in columns.items()}
    schema = pa.schema(
        [
            pa.field(name, array.type, metadata={"unit": units[name]} if name in units else None)
            for name, array in arrays.items()
        ]
    )
    parquet.write_table(pa.table(list(arrays.values()), schema=schema), path, compression="zstd")
