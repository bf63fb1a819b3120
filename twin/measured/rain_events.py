"""The rain that a gauge of the site measured: a record at its own interval, and the events in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import yaml

from sensors.points import Point
from sensors.readings import MICROSECONDS
from sensors.store.contract import Store
from sensors.units import unit_of
from twin.climate import RainRecord
from twin.measured.hours import Floats, increase

STEPS_S = (60, 120, 300, 600, 900, 1200, 1800, 3600)  # that a day is cut into; a gauge takes its own


@dataclass(frozen=True)
class GaugeRain:
    """A gauge's record; ``depth_mm`` NaN where it cannot be told."""

    record: RainRecord  # local standard time
    begin_us: int
    silent_pct: float  # steps without a reading; a counter tells afterwards what fell in them

    @property
    def step_us(self) -> int:
        """Length of a step."""
        return self.record.step_s * MICROSECONDS

    @property
    def known(self) -> float:
        """Share of the steps whose rain is known."""
        depth = self.record.depth_mm
        return float(np.isfinite(depth).mean()) if len(depth) else 0.0


@dataclass(frozen=True, slots=True)
class RainEvent:
    """Rain between two dry spells: steps [first, last), and what leaves the site in [first, end)."""

    first: int
    last: int
    end: int
    depth_mm: float
    peak_mm_h: float
    known: float  # share of [first, last) whose rain is known


def gauge_rain(store: Store, row: int, point: Point, begin_us: int, end_us: int, zone: str) -> GaugeRain:
    """The record of a gauge between two times, in whole steps.

    Of a gauge that counts, what it rose by over a silence is shared out over it. Of one that tells amounts on
    change only, silence is dry: whether it was out of order cannot be seen.

    Args:
        store: the history.
        row: of the point.
        point: in mm (since its last reading, or a meter that only rises) or mm/h.
        begin_us: the first step begins at the next whole one.
        end_us: the last step ends at or before it.
        zone: of the place.
    """
    wanted = point.interval_s or STEPS_S[2]
    step_s = next((step for step in STEPS_S if step >= wanted), STEPS_S[-1])
    width_us = step_s * MICROSECONDS
    first = -(-begin_us // width_us)
    count = max(end_us // width_us - first, 0)
    begin_us = first * width_us
    depth = increase(store, row, point, begin_us, count, width_us, "mm")
    spoke = np.zeros(count, bool)
    found = store.buckets(row, begin_us, begin_us + count * width_us, width_us)
    spoke[((found.begin_us - begin_us) // width_us).astype(np.intp)] = True
    amounts = not point.counter and unit_of(point.unit).dimension == unit_of("mm").dimension
    if amounts and point.interval_s is None:
        depth = np.nan_to_num(depth)
    local = datetime.fromtimestamp(begin_us // MICROSECONDS, UTC).astimezone(ZoneInfo(zone))
    standard = local.replace(tzinfo=None) - (local.dst() or timedelta(0))
    record = RainRecord(depth, step_s, np.datetime64(standard, "s"), point.id)
    silent = 100.0 * float(1.0 - spoke.mean()) if count else 100.0
    return GaugeRain(record, begin_us, silent)


def rain_events(record: RainRecord) -> tuple[list[RainEvent], float]:
    """The events of a record, and the rain of those that are too small to count, mm."""
    rule = rules()["events"]
    gap, drain = (round(rule[name] * 3600 / record.step_s) for name in ("dry_h", "draining_h"))
    depth = np.nan_to_num(record.depth_mm)
    wet = np.flatnonzero(depth > 0.0)
    if not len(wet):
        return [], 0.0
    breaks = np.flatnonzero(np.diff(wet) > gap)
    firsts, lasts = wet[np.append(0, breaks + 1)], wet[np.append(breaks, len(wet) - 1)] + 1
    found, small_mm = [], 0.0
    for number, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        fallen = depth[first:last]
        if fallen.sum() < rule["least_mm"]:
            small_mm += float(fallen.sum())
            continue
        following = int(firsts[number + 1]) if number + 1 < len(firsts) else len(depth)
        found.append(
            RainEvent(
                first,
                last,
                min(last + drain, following),
                float(fallen.sum()),
                float(fallen.max()) * 3600.0 / record.step_s,
                float(np.isfinite(record.depth_mm[first:last]).mean()),
            )
        )
    return found, small_mm


@cache
def rules() -> Mapping[str, Any]:
    """How rain is cut into events and what a comparison needs, with sources."""
    text = resources.files("twin").joinpath("data", "measured_runoff.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return loaded


def mean_in_steps(store: Store, row: int, begin_us: int, count: int, width_us: int) -> Floats:
    """Means of a point, in its unit, in ``count`` spans of ``width_us``, NaN for none."""
    found = store.buckets(row, begin_us, begin_us + count * width_us, width_us)
    values = np.full(count, np.nan)
    values[((found.begin_us - begin_us) // width_us).astype(np.intp)] = found.mean
    return values
