"""What the metrics found comes back out of the Parquet files, with units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from ifc.model import Text
from tests.twin.example_evaluation import example_evaluation
from twin.errors import TwinError
from twin.metrics.result import Field
from twin.report import parquet as report_parquet
from twin.report.parquet import write_parquet


def evaluation():
    plain = example_evaluation()
    daylight = plain.metrics["daylight"]
    points = np.array([[0.0, 1.0, 0.75], [0.5, 1.0, 0.75]])
    field = Field("%", Text("", ""), points, np.array([2.5, np.nan]), np.array([0, 0], np.int32), 0.5)
    series = {"load_kwh": np.arange(12.0), "hourly_w": np.arange(8760.0)}
    found = replace(
        daylight, fields={"factor": field}, series=series, series_units={"load_kwh": "kWh", "hourly_w": "W"}
    )
    return replace(plain, metrics={"daylight": found})


def test_tables_fields_and_series_are_written_with_their_units(tmp_path: Path) -> None:
    found = evaluation()
    files = {path.name: parquet.read_table(path) for path in write_parquet(found, tmp_path / "new", "house")}
    assert set(files) == {
        "house.daylight.parquet", "house.daylight.factor.parquet",
        "house.daylight.months.parquet", "house.daylight.hours.parquet",
    }  # fmt: skip
    table = found.metrics["daylight"].table
    assert files["house.daylight.parquet"]["global_id"].to_pylist() == table["global_id"].tolist()
    points = files["house.daylight.factor.parquet"]
    assert points["x_m"].to_pylist() == [0.0, 0.5]
    assert points["global_id"].to_pylist() == [table["global_id"][0]] * 2
    assert points["value"].to_pylist()[0] == 2.5
    assert points.schema.field("value").metadata == {b"unit": b"%"}
    months = files["house.daylight.months.parquet"]
    assert months["load_kwh"].to_pylist() == list(range(12))
    assert months.schema.field("load_kwh").metadata == {b"unit": b"kWh"}
    assert files["house.daylight.hours.parquet"].num_rows == 8760


def test_without_the_library_the_error_names_the_extra(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(report_parquet, "find_spec", lambda name: None)
    with pytest.raises(TwinError, match="pyarrow"):
        write_parquet(evaluation(), tmp_path, "house")
