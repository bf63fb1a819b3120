"""Rain gages of an input file: their time series and rain files, as intensities of records.

Rain files: SWMM's own format and the hourly and 15-minute formats of NCDC's online archive, which state the
end of an hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PureWindowsPath

import numpy as np
from numpy.typing import NDArray

from twin.verify.swmm_input.text import (
    MOST_BYTES,
    InputFile,
    Row,
    date_of,
    plain_number,
    seconds_of,
)

Floats = NDArray[np.float64]
MM_PER_INCH = 25.4
KINDS = ("INTENSITY", "VOLUME", "CUMULATIVE")


@dataclass(frozen=True)
class Gage:
    """The records of a gage, times in s after the start of the run."""

    start_s: Floats  # (L,) rising
    intensity_mm_h: Floats  # (L,)
    interval_s: float  # of a record
    from_file: bool
    source: str  # the series or file, in capitals


def data_path(row: Row, word: str) -> Path:
    """The file that a row names, beside the input file unless its path is absolute."""
    return row.path.parent / PureWindowsPath(word).as_posix()


def read_gages(file: InputFile, names: set[str], start: datetime, inches: bool) -> dict[str, Gage]:
    """The gages of these names, in capitals.

    Raises:
        TwinError: a gage, its series or its file is missing or wrong.
    """
    rows = file.by_name("RAINGAGE", "rain gages")
    return {name: _gage(file, rows[name], start, inches) for name in sorted(names)}


def _gage(file: InputFile, row: Row, start: datetime, inches: bool) -> Gage:
    kind = row.word(1, "INTENSITY, VOLUME or CUMULATIVE").upper()
    if kind not in KINDS:
        raise row.error(
            f"The rain's kind is one of {', '.join(KINDS)}.", f"雨量类型应为 {'、'.join(KINDS)}。"
        )
    interval_s = seconds_of(row.word(2, "interval"))
    if not interval_s:
        raise row.error("The gage's interval is no time.", "雨量计的时间间隔有误。")
    interval_s = float(math.floor(interval_s + 0.5))
    source = row.word(4, "TIMESERIES or FILE").upper()
    name = row.word(5, "name of the series or file")
    if source == "TIMESERIES":
        times, values = _series(file, row, name, start)
        values = values * (MM_PER_INCH if inches else 1.0)
    elif source == "FILE":
        units = row.word(7, "IN or MM").upper()
        if units not in ("IN", "MM"):
            raise row.error("The units of a rain file are IN or MM.", "雨量文件的单位应为 IN 或 MM。")
        times, values, kind, interval_s = _rain_file(row, name, kind, interval_s, units == "IN", start)
    else:
        raise row.error("The source of the rain is TIMESERIES or FILE.", "雨量来源应为 TIMESERIES 或 FILE。")
    if len(times) > 1 and np.diff(times).min() <= 0.0:
        raise row.error("The times of its rain do not rise.", "降雨时间不是递增的。")
    if len(times) > 1 and source == "TIMESERIES" and np.diff(times).min() < interval_s - 0.5:
        raise row.error(
            "The gage's interval is longer than that of its series.", "雨量计的间隔大于时间序列的间隔。"
        )
    if (values < 0.0).any():
        raise row.error("Its rain is negative.", "降雨量为负值。")
    if kind == "VOLUME":
        values = values / interval_s * 3600.0
    elif kind == "CUMULATIVE":
        before = np.concatenate([[0.0], values[:-1]])
        values = np.where(values < before, values, values - before) / interval_s * 3600.0
    return Gage(times, values, interval_s, source == "FILE", name.upper())


def _series(file: InputFile, gage: Row, name: str, start: datetime) -> tuple[Floats, Floats]:
    """Times after the start, s, and values of a time series."""
    rows = [row for row in file.rows("TIMESERIES") if row.words[0].upper() == name.upper()]
    if not rows:
        raise gage.error(f"There is no time series {name!r}.", f"没有时间序列 {name!r}。")
    found: list[tuple[float, float]] = []
    if len(rows[0].words) > 2 and rows[0].words[1].upper() == "FILE":
        path = data_path(rows[0], rows[0].words[2])
        rows = [
            Row(path, number, (name, *words))
            for number, line in enumerate(_lines(rows[0], path), start=1)
            if (words := line.split(";", 1)[0].split())
        ]
    day = start
    for row in rows:
        place = 1
        while place < len(row.words):
            dated = date_of(row.words[place])
            if dated is not None:
                day = datetime(dated.year, dated.month, dated.day)
                place += 1
            seconds = seconds_of(row.word(place, "time"))
            if seconds is None:
                raise row.error("Its time is no time.", "时间格式有误。")
            value = row.number(place + 1, "value", least=-1e300)
            found.append(((day - start).total_seconds() + round(seconds), value))
            place += 2
    pairs = np.array(found, float).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _lines(row: Row, path: Path) -> list[str]:
    """The lines of a data file that a row names."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise row.error("Its file is larger than 64 MB.", "数据文件超过 64 MB。")
        return path.read_text("utf-8", errors="replace").splitlines()
    except (OSError, ValueError):
        raise row.error("Its file cannot be read.", "数据文件无法读取。") from None


def _rain_file(
    row: Row, name: str, kind: str, interval_s: float, inches: bool, start: datetime
) -> tuple[Floats, Floats, str, float]:
    """Times after the start, s, rain in mm, its kind and its interval, of a rain file.

    SWMM keeps the rain of files as volumes in inches of single precision.
    """
    path = data_path(row, name)
    lines = _lines(row, path)
    if any(line.split()[:1] == ["COOP:"] or "COOP:" in line[:30] for line in lines[:5]):
        times, values, interval_s = _archive(row, path, lines, start)
        return times, values * MM_PER_INCH, "VOLUME", interval_s
    station = row.word(6, "station")
    found = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if len(words) < 7 or words[0].upper() != station.upper():
            continue
        try:
            year, month, day, hour, minute = (int(word) for word in words[1:6])
            at = datetime(year, month, day) + timedelta(hours=hour, minutes=minute)
        except (ValueError, OverflowError):
            raise Row(path, number, tuple(words)).error("Its date is wrong.", "日期有误。") from None
        value = Row(path, number, tuple(words)).number(6, "rain", least=-1e300)
        found.append(((at - start).total_seconds(), value))
    if not found:
        raise row.error("Its file has no rain of this station.", "文件中没有该站的降雨记录。")
    pairs = np.array(found, float)
    depth = pairs[:, 1].astype(np.float32)
    if kind == "INTENSITY":
        depth = depth * np.float32(interval_s) / np.float32(3600.0)
        kind = "VOLUME"
    return pairs[:, 0], depth.astype(float) * (MM_PER_INCH if inches else 1.0), kind, interval_s


def _archive(row: Row, path: Path, lines: list[str], start: datetime) -> tuple[Floats, Floats, float]:
    """Times, inches and interval of a file of the online archive, columns told by its heading."""
    column = max(lines[0].find("HPCP"), lines[0].find("QPCP"))
    if column < 0:
        raise row.error("Its file has no column HPCP or QPCP.", "文件中没有 HPCP 或 QPCP 列。")
    interval_s = 3600.0 if "HPCP" in lines[0] else 900.0
    found = []
    for number, line in enumerate(lines, start=1):
        if "COOP:" not in line:
            continue
        one = Row(path, number, tuple(line.split()))
        try:
            day = datetime.strptime(one.word(1, "date"), "%Y%m%d")
        except ValueError:
            raise one.error("Its date is wrong.", "日期有误。") from None
        seconds = seconds_of(one.word(2, "time"))
        words = line[column:].split()
        value = plain_number(words[0]) if words else None
        if seconds is None or value is None:
            raise one.error("Its time or rain is wrong.", "时间或雨量有误。")
        hundredths = math.floor(100.0 * value + 0.5) if "." in words[0] else int(value)
        if hundredths >= 9999 or hundredths <= 0 or words[1:2] == ["M"]:
            continue  # missing, or none
        end = day + timedelta(seconds=seconds)
        found.append(((end - start).total_seconds() - interval_s, float(np.float32(hundredths / 100.0))))
    pairs = np.array(found, float).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], interval_s
