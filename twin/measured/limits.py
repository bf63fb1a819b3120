"""Means of indoor air over the span of their limit: met, not met, or not enough data yet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import numpy as np
import yaml

from sensors.points import Point
from sensors.quantities import kind_of_name, quantity_kinds
from sensors.readings import MICROSECONDS
from sensors.store.contract import HOUR_US, Store
from sensors.units import conversion, unit_of

COVERAGE = 0.75  # share of a span's hours that must hold readings for its mean to count
LEAST_HOURS = 7 * 24  # a verdict needs spans of a week


class Verdict(StrEnum):
    """What can be said of a limit."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_ENOUGH = "not_enough_data"


@dataclass(frozen=True, slots=True)
class Limit:
    """A mean over ``hours`` must not pass ``at_most``."""

    kind: str
    at_most: float
    unit: str
    hours: int
    source: str


@dataclass(frozen=True, slots=True)
class Held:
    """A point held against its limit; ``highest`` is the highest mean, in the limit's unit, NaN for none."""

    limit: Limit
    verdict: Verdict
    highest: float
    spans: int  # that count
    over: int  # of them over the limit


@cache
def limits() -> Mapping[str, Limit]:
    """Every limit by the kind of its quantity."""
    text = resources.files("twin").joinpath("data", "measured_limits.yaml").read_text("utf-8")
    data = yaml.load(text, yaml.CSafeLoader)
    return {kind: Limit(kind, source=data["source"], **entry) for kind, entry in data["limits"].items()}


def limit_of(point: Point) -> Limit | None:
    """The limit that a point's readings can be held against, None for none."""
    known = point.quantity in quantity_kinds()
    limit = limits().get(point.quantity if known else kind_of_name(f"{point.quantity} {point.name}"))
    if limit is None or unit_of(limit.unit).dimension != unit_of(point.unit).dimension:
        return None
    return limit


def hold(store: Store, row: int, point: Point, limit: Limit, begin_us: int, end_us: int, zone: str) -> Held:
    """Hold the readings of a point between two times against a limit; spans begin with the local day."""
    width_us = limit.hours * HOUR_US
    moment = datetime.fromtimestamp(begin_us / MICROSECONDS, UTC).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    shift_us = 0 if offset is None else int(offset.total_seconds()) * MICROSECONDS
    first_us = -(-(begin_us + shift_us) // width_us) * width_us - shift_us  # whole spans only
    count = max((end_us - first_us) // width_us, 0)
    hours = store.buckets(row, first_us, first_us + count * width_us, HOUR_US)
    scale, shift = conversion(point.unit, limit.unit)
    means = np.full(count * limit.hours, np.nan)
    means[((hours.begin_us - first_us) // HOUR_US).astype(np.intp)] = hours.mean * scale + shift
    table = means.reshape(-1, limit.hours)
    present = np.isfinite(table).sum(axis=1)
    table = table[present >= COVERAGE * limit.hours]
    if not len(table):
        return Held(limit, Verdict.NOT_ENOUGH, math.nan, 0, 0)
    spans = np.nanmean(table, axis=1)
    over = int((spans > limit.at_most).sum())
    # One span over the limit is enough to say so; that none is needs time.
    enough = len(spans) * limit.hours >= LEAST_HOURS
    verdict = Verdict.NOT_MET if over else Verdict.MET if enough else Verdict.NOT_ENOUGH
    return Held(limit, verdict, float(spans.max()), len(spans), over)
