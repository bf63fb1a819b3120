"""Measured electricity of months, from a table."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.errors import TwinError

MAX_BYTES = 2**20
_MONTH = re.compile(r"(?:\d{4}-)?(0?[1-9]|1[0-2])")


def read_months(path: Path) -> tuple[list[int], NDArray[np.float64]]:
    """The months of a CSV table (0 … 11, in the order of its lines), and kWh by month, NaN for none, (12,).

    Columns ``month`` ("2025-03" or "3") and ``kwh``; each month of the year at most once.

    Raises:
        TwinError: the file cannot be read, or a line is wrong (with its number).
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(str(path), Text("The table is too large.", "表格过大。"))
        reader = csv.DictReader(path.read_text("utf-8-sig").splitlines())
        rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(str(path), Text(f"It cannot be read: {error}.", f"无法读取：{error}。")) from None
    if not {"month", "kwh"} <= set(reader.fieldnames or ()):
        raise _refused(str(path), Text("It has no columns month and kwh.", "缺少 month 和 kwh 列。"))
    order: list[int] = []
    values = np.full(12, np.nan)
    for line, row in enumerate(rows, 2):
        where = f"{path}:{line}"
        match = _MONTH.fullmatch((row["month"] or "").strip())
        try:
            kwh = float(row["kwh"] or "")
        except ValueError:
            kwh = math.nan
        if match is None or not (math.isfinite(kwh) and kwh >= 0):
            raise _refused(where, Text("This is no month with its kWh.", "该行不是有效的月份与电量。"))
        month = int(match[1]) - 1
        if month in order:
            raise _refused(where, Text("The month is there already.", "月份重复。"))
        order.append(month)
        values[month] = kwh
    return order, values


def _refused(where: str, message: Text) -> TwinError:
    remedy = Text(
        "Give month (2025-03) and kwh in each line, a year at most.",
        "每行给出 month（如 2025-03）和 kwh，最多一年。",
    )
    return TwinError("bad-months", where, message, remedy)
