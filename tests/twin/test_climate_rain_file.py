from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from twin.climate import read_rain
from twin.errors import TwinError


def file(tmp_path: Path, text: str, name: str = "rain.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_an_hourly_csv_is_read(tmp_path: Path) -> None:
    record = read_rain(
        file(
            tmp_path,
            "# gauge 7\nstation,time,depth_mm\n7,2020-05-01 00:00,0\n7,2020-05-01 01:00,3.5\n7,2020-05-01T02:00,1\n",
        )
    )
    assert record.depth_mm.tolist() == [0.0, 3.5, 1.0]
    assert record.step_s == 3600
    assert record.start == np.datetime64("2020-05-01T00:00:00")
    assert record.source == "rain.csv"
    assert not record.synthetic


def test_a_daily_csv_is_read(tmp_path: Path) -> None:
    record = read_rain(file(tmp_path, "time,depth_mm\n1988-01-01,12.2\n1988-01-02,0\n"))
    assert record.step_s == 86400


def test_absent_rows_and_empty_depths_are_gaps(tmp_path: Path) -> None:
    record = read_rain(
        file(tmp_path, "time,depth_mm\n2020-01-01,1\n2020-01-02,\n2020-01-03,nan\n2020-01-06,2\n")
    )
    assert np.isnan(record.depth_mm).tolist() == [False, True, True, True, True, False]


def test_the_swmm_format_lists_wet_steps_only(tmp_path: Path) -> None:
    text = "; station y m d h min in\nST1 2004 1 4 7 0 0.030\nST1 2004 1 4 8 0 0.10\nST1 2004 1 4 11 0 0.02\n"
    record = read_rain(file(tmp_path, text, "gauge.dat"), inches=True)
    assert record.depth_mm == pytest.approx([0.762, 2.54, 0.0, 0.0, 0.508])
    assert record.step_s == 3600


@pytest.mark.parametrize(
    ("code", "line", "text"),
    [
        ("rain-file-header", 1, "date,rain\n2020-01-01,1\n"),
        ("rain-file-row", 3, "time,depth_mm\n2020-01-01,1\nyesterday,2\n"),
        ("rain-file-row", 3, "time,depth_mm\n2020-01-01,1\n2020-01-02,wet\n"),
        ("rain-file-row", 3, "time,depth_mm\n2020-01-01,1\n2020-01-02\n"),
        ("rain-file-row", 2, "time,depth_mm\n2020-01-01T00:00+08:00,1\n"),
        ("rain-file-order", 3, "time,depth_mm\n2020-01-02,1\n2020-01-01,1\n"),
        ("rain-file-order", 3, "time,depth_mm\n2020-01-02,1\n2020-01-02,1\n"),
        ("rain-file-step", 4, "time,depth_mm\n2020-01-01T00:00,1\n2020-01-01T01:00,1\n2020-01-01T02:30,1\n"),
        ("rain-file-value", 3, "time,depth_mm\n2020-01-01,1\n2020-01-02,-0.1\n"),
        ("rain-file-value", 3, "time,depth_mm\n2020-01-01T00:00,1\n2020-01-01T01:00,999\n"),
        ("rain-file-empty", None, "time,depth_mm\n"),
        ("rain-file-empty", None, ""),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, code: str, line: int | None, text: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(TwinError) as caught:
        read_rain(path)
    assert caught.value.code == code
    assert caught.value.where == (f"{path}:{line}" if line else str(path))
    assert caught.value.message.zh


def test_a_wrong_swmm_row_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match=r"dat:2: "):
        read_rain(file(tmp_path, "A 2004 1 4 7 0 0.1\nA 2004 13 4 7 0 0.1\n", "a.dat"))


def test_files_that_cannot_be_rain_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match="does not exist"):
        read_rain(tmp_path / "none.csv")
    with pytest.raises(TwinError, match=r"\.xlsx"):
        read_rain(tmp_path / "rain.xlsx")
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TwinError, match="line 1 is not UTF-8"):
        read_rain(binary)


@pytest.mark.shared
def test_the_georgia_gauge_has_its_annual_totals(shared_data: Path) -> None:
    record = read_rain(shared_data / "rain" / "US_GA_COOP090444_hourly_2004-2006.dat", inches=True)
    times = record.start + np.arange(len(record.depth_mm)) * np.timedelta64(record.step_s, "s")
    year = times.astype("datetime64[Y]").astype(int) - 34
    assert record.step_s == 3600
    assert np.bincount(year, record.depth_mm) == pytest.approx([1396, 1544, 1366], abs=1)
