"""Replay of recorded readings from a CSV or Parquet file at any speed.

A table has a column of times and either one column per point, or the columns ``point`` and ``value``.
"""

from __future__ import annotations

import asyncio
import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sensors.errors import SensorError, missing_extra
from sensors.feeds.contract import Sink
from sensors.readings import MICROSECONDS, Sample, now_us, parse_time, to_us
from sensors.text import Text

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """What is replayed, and how.

    ``speed`` 1 is as recorded, 60 a minute in a second, inf as fast as it is stored. ``zone`` is that of
    times that state none. ``as_now`` moves all times so that the first is now. ``columns`` gives a column's
    point id and ``units`` a column's unit; without ``columns`` every column is a point of its name.
    """

    path: Path
    time: str = "time"
    speed: float = math.inf
    zone: str = "UTC"
    as_now: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


class ReplayFeed:
    """Readings from a file. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: ReplaySettings) -> None:
        self.name = name
        self.settings = settings

    async def run(self, sink: Sink) -> None:
        """Deliver the rows of the file in their rhythm, to its end."""
        sink.up()
        loop = asyncio.get_running_loop()
        began_s, began_us = loop.time(), now_us()
        first_us: int | None = None
        waiting: list[Sample] = []
        speed = self.settings.speed
        for time_us, samples in _rows(self.settings, sink):
            first_us = time_us if first_us is None else first_us
            if math.isfinite(speed):
                due_s = began_s + (time_us - first_us) / MICROSECONDS / speed
                if due_s > loop.time():
                    await sink.deliver(waiting)
                    waiting = []
                    await asyncio.sleep(due_s - loop.time())
            shift_us = began_us - first_us if self.settings.as_now else 0
            waiting += [sample._replace(time_us=time_us + shift_us) for sample in samples]
            if len(waiting) >= BATCH:
                await sink.deliver(waiting)
                waiting = []
        await sink.deliver(waiting)


def _rows(settings: ReplaySettings, sink: Sink) -> Iterator[tuple[int, list[Sample]]]:
    """(time, samples) of every row; a row without a readable time is counted as ``bad-time``."""
    zone = ZoneInfo(settings.zone)
    parquet = settings.path.suffix.lower() == ".parquet"
    for row in _parquet_rows(settings.path) if parquet else _csv_rows(settings):
        try:
            time_us = _time_of(row.get(settings.time), zone)
        except (ValueError, OverflowError):
            sink.reject("bad-time")
            continue
        if "point" in row and "value" in row:
            yield time_us, [Sample(str(row["point"]), row["value"], time_us, row.get("unit") or None)]
            continue
        names = settings.columns or {name: name for name in row if name and name != settings.time}
        samples = [
            Sample(point, row[column], time_us, settings.units.get(column))
            for column, point in names.items()
            if row.get(column) not in (None, "")
        ]
        yield time_us, samples


def _time_of(value: Any, zone: ZoneInfo) -> int:
    if isinstance(value, str) and not value.strip().replace(".", "", 1).isdigit():
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, datetime):
        return to_us(value if value.tzinfo else value.replace(tzinfo=zone))
    return parse_time(value)


def _csv_rows(settings: ReplaySettings) -> Iterator[dict[str, Any]]:
    try:
        with settings.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            if settings.time not in header:
                raise _refused(settings, f"It has no column {settings.time!r}.", "缺少时间列。")
            for cells in reader:
                # Tables written by R number their rows in a column without a name.
                names = ["", *header] if len(cells) == len(header) + 1 else header
                yield dict(zip(names, cells, strict=False))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(settings, f"It cannot be read: {error}.", f"文件无法读取：{error}。") from None


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("parquet", "pyarrow") from None
    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def _refused(settings: ReplaySettings, en: str, zh: str) -> SensorError:
    return SensorError(
        "replay-unreadable",
        str(settings.path),
        Text(en, zh),
        Text("Correct the file or its settings.", "请更正文件或设置。"),
    )
