"""Rain records from files: CSV and SWMM's rain gauge format."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from ifc.model import Text, reason_of
from twin.climate.record import RainRecord
from twin.errors import TwinError

LARGEST_DEPTH_MM_H = 500.0  # the highest hourly rain ever measured lies near 400 mm
MM_PER_INCH = 25.4


def read_rain(path: Path, *, inches: bool = False) -> RainRecord:
    """Read a rain record; the suffix says how.

    ``.csv``: a header line, then one row per time step with the columns ``time`` (ISO 8601, local standard
    time, start of the step) and ``depth_mm``; other columns are ignored, lines that begin with # too. The
    step is the smallest distance between two rows. Rows that are absent and empty depths are gaps (NaN).

    ``.dat``: SWMM's format, ``station year month day hour minute depth`` separated by blanks, lines that
    begin with ; ignored. It lists wet steps only, so that what is absent is dry. SWMM states the unit
    elsewhere: millimetres, or ``inches``.

    Raises:
        TwinError: the file is missing, is not of this format, or has a value out of range; with its line.
    """
    if path.suffix.lower() not in (".csv", ".dat"):
        raise _error(
            path,
            "rain-file-format",
            Text(f"Rain in a {path.suffix or 'nameless'} file.", f"不支持 {path.suffix} 格式的降雨文件。"),
        )
    swmm = path.suffix.lower() == ".dat"
    lines = _lines(path)
    rows = list(_swmm_rows(path, lines) if swmm else _csv_rows(path, lines))
    if len(rows) < 2:
        raise _error(path, "rain-file-empty", Text("Fewer than two time steps.", "时间步少于两个。"))
    numbers = np.array([number for number, _, _ in rows])
    times = np.array([time for _, time, _ in rows], "datetime64[s]").astype(np.int64)
    depths = np.array([depth for _, _, depth in rows]) * (MM_PER_INCH if inches else 1.0)

    steps = np.diff(times)
    if (steps <= 0).any():
        line = int(numbers[1:][steps <= 0][0])
        raise _error(
            path, "rain-file-order", Text("Time does not run forward here.", "此处时间未递增。"), line
        )
    step = int(np.gcd.reduce(steps)) if swmm else int(steps.min())
    if (steps % step).any():
        line = int(numbers[1:][steps % step != 0][0])
        raise _error(
            path,
            "rain-file-step",
            Text(f"Off the record's step of {step} s.", f"不在 {step} 秒的时间步上。"),
            line,
        )
    limit = LARGEST_DEPTH_MM_H * max(min(step / 3600.0, 5.0), 0.25)
    wrong = (depths < 0.0) | (depths > limit)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise _error(
            path,
            "rain-file-value",
            Text(
                f"{depths[row]:g} mm in {step} s; 0 to {limit:g} mm can be believed.",
                f"{step} 秒内降水 {depths[row]:g} mm，可信范围为 0 至 {limit:g} mm。",
            ),
            int(numbers[row]),
        )
    record = np.full((times[-1] - times[0]) // step + 1, 0.0 if swmm else np.nan)
    record[(times - times[0]) // step] = depths
    return RainRecord(record, step, np.datetime64(int(times[0]), "s"), path.name)


def _error(path: Path, code: str, message: Text, line: int | None = None) -> TwinError:
    return TwinError(
        code,
        str(path) if line is None else f"{path}:{line}",
        message,
        Text(
            "Give a CSV file with the columns time and depth_mm, one row per step, or a SWMM .dat file.",
            "请提供含 time 与 depth_mm 两列、每时间步一行的 CSV 文件，或 SWMM 的 .dat 文件。",
        ),
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise _error(path, "rain-file-missing", Text("The file does not exist.", "文件不存在。")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _error(
            path, "rain-file-unreadable", reason_of(error).within("It cannot be read: {}.", "无法读取：{}。")
        ) from error


def _csv_rows(path: Path, lines: list[str]) -> Iterator[tuple[int, datetime, float]]:
    """Line number, time and depth (NaN for an empty one) of each row."""
    header: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        if not header:
            header = [cell.lower() for cell in cells]
            if "time" not in header or "depth_mm" not in header:
                raise _error(
                    path,
                    "rain-file-header",
                    Text("No columns time and depth_mm in the header.", "表头缺少 time 与 depth_mm 列。"),
                    number,
                )
            at_time, at_depth = header.index("time"), header.index("depth_mm")
            continue
        try:
            time = datetime.fromisoformat(cells[at_time])
            depth = float(cells[at_depth]) if cells[at_depth] else math.nan
        except (ValueError, IndexError):
            raise _row_error(path, line, number) from None
        if time.tzinfo is not None or math.isinf(depth):
            raise _row_error(path, line, number)
        yield number, time, depth


def _swmm_rows(path: Path, lines: list[str]) -> Iterator[tuple[int, datetime, float]]:
    """Line number, time and depth of each wet step."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(";"):
            continue
        cells = line.split()
        try:
            if len(cells) != 7:
                raise ValueError
            year, month, day, hour, minute = (int(cell) for cell in cells[1:6])
            if not 0 <= hour <= 24:  # hour 24 is midnight
                raise ValueError
            time = datetime(year, month, day, 0, minute) + timedelta(hours=hour)
            depth = float(cells[6])
            if not math.isfinite(depth):
                raise ValueError
        except ValueError:
            raise _row_error(path, line, number) from None
        yield number, time, depth


def _row_error(path: Path, line: str, number: int) -> TwinError:
    return _error(
        path,
        "rain-file-row",
        Text(
            f"Cannot read a time and a depth from {line[:60]!r}.", f"无法从 {line[:60]!r} 读出时间与降水量。"
        ),
        number,
    )
