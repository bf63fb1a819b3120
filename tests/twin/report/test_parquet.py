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
from twin.metrics.result import Field, Table
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


def test_points_that_belong_to_no_row_have_no_global_id_and_further_tables_are_files_of_their_own(
    tmp_path: Path,
) -> None:
    plain = evaluation()
    daylight = plain.metrics["daylight"]
    loose = replace(daylight.fields["factor"], table_row=np.array([-1, 0], np.int32))
    columns = {"global_id": np.array(["wall"], object), "pv_yield_kwh": np.array([12.5])}
    further = Table(Text("PV", "光伏"), columns, {"pv_yield_kwh": "kWh/a"})
    empty = {name: values[:0] for name, values in daylight.table.items()}
    for table, names in ((daylight.table, ["", daylight.table["global_id"][0]]), (empty, ["", ""])):
        field = loose if len(table["global_id"]) else replace(loose, table_row=np.array([-1, -1], np.int32))
        metric = replace(daylight, table=table, fields={"factor": field}, tables={"surfaces": further})
        write_parquet(replace(plain, metrics={"daylight": metric}), tmp_path, "house")
        points = parquet.read_table(tmp_path / "house.daylight.factor.parquet")
        assert points["global_id"].to_pylist() == names
    surfaces = parquet.read_table(tmp_path / "house.daylight.surfaces.parquet")
    assert surfaces.to_pydict() == {"global_id": ["wall"], "pv_yield_kwh": [12.5]}
    assert surfaces.schema.field("pv_yield_kwh").metadata == {b"unit": b"kWh/a"}


def test_without_the_library_the_error_names_the_extra(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(report_parquet, "find_spec", lambda name: None)
    with pytest.raises(TwinError, match="pyarrow"):
        write_parquet(evaluation(), tmp_path, "house")
