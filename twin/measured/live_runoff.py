"""What the site's drained model says of now: water in its stores, what leaves it, what it kept back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ifc.model import Text
from sensors.points import PointTable
from sensors.readings import MICROSECONDS
from sensors.store.contract import HOUR_US, Store
from twin.errors import TwinError
from twin.live.places import Places
from twin.measured.level_sensors import MEANS, STORES, Together, capacity_m
from twin.measured.rain_events import GaugeRain, RainEvent, gauge_rain, rules
from twin.measured.runoff import Level, MeasuredRunoff, Rate, SiteModel, event_rate, measured_runoff

DAY_US = 24 * HOUR_US
MOST_GAPS = 20  # the newest, that are told one by one
FULL = 0.999  # of the capacity: the last of it takes as long as one looks


def live_runoff(
    store: Store, points: PointTable, places: Places, of: SiteModel, now_us: int
) -> dict[str, Any]:
    """Simulate the site under its gauge's history up to now, as JSON values (docs/live.md).

    It begins with the gauge's first reading of the last 30 days and ends with its newest step. Then it rains
    on for an hour as it did in the last half, to see whether a store will be full.

    Args:
        store: the history; it may be written to meanwhile.
        points: its table.
        places: where points stand.
        of: the site; its project names the gauge.
        now_us: the end.

    Raises:
        TwinError: the gauge has told no rain yet.
    """
    rule, live = rules()["live"], of.project.live
    row = points.row_of[live.meters.rain]
    gauge = gauge_rain(store, row, points[row], _first_us(store, row, now_us), now_us, live.zone)
    known = np.flatnonzero(np.isfinite(gauge.record.depth_mm))
    if not len(known):
        raise _no_rain()
    # What comes after the newest step is not told yet: it is not dry.
    depth, step_s = gauge.record.depth_mm[: known[-1] + 1], gauge.record.step_s
    recent = depth[-max(1, round(rule["recent_h"] * 3600 / step_s)) :]
    ahead = max(1, round(rule["ahead_h"] * 3600 / step_s))
    going_on = float(np.nanmean(recent))
    until_us = gauge.begin_us + len(depth) * gauge.step_us
    found = measured_runoff(store, points, places, of, gauge.begin_us, until_us, np.full(ahead, going_on))
    why = _unknown_now(found.gauge)
    gaps = list(_gaps(found.gauge))
    return {
        "begin_ms": gauge.begin_us // 1000,
        "until_ms": until_us // 1000,
        "rain_mm_h": None if why else _number(going_on * 3600.0 / step_s),
        "outflow": _outflow(found, len(recent), why),
        "stores": [_store(found, of, each, why) for each in _stores(of)],
        "why": _text(why),
        "today": _period(found, of, _today(found.gauge, live.zone)),
        "event": _period(found, of, found.events[-1][0]) if found.events else None,
        "unknown_h": _number(sum(end - begin for begin, end in gaps) * step_s / 3600.0),
        "gaps_ms": [
            [(gauge.begin_us + place * gauge.step_us) // 1000 for place in gap] for gap in gaps[-MOST_GAPS:]
        ],
        "assumptions": [_text(each) for each in found.assumptions],
    }


def _first_us(store: Store, row: int, now_us: int) -> int:
    """When the history of a gauge begins, in the span that is simulated; its begin moves on once a day."""
    begin_us = (now_us // DAY_US - rules()["live"]["days"]) * DAY_US
    hours = store.buckets(row, begin_us, now_us, HOUR_US)
    if not len(hours.begin_us):
        raise _no_rain()
    first = store.series(row, int(hours.begin_us[0]), now_us, 1)
    return int(first.time_us[0])


def _no_rain() -> TwinError:
    return TwinError(
        "no-rain-told",
        "live.meters.rain",
        Text("The gauge has told no rain yet.", "雨量计尚无可用数据。"),
        Text("Wait for its readings, or check its feed.", "请等待读数，或检查数据源。"),
    )


def _unknown_now(gauge: GaugeRain) -> Text | None:
    """Why the water of now cannot be told: too much of the rain that it depends on is not known."""
    hours, least = rules()["live"]["known_h"], rules()["event_coverage"]
    known = float(np.isfinite(gauge.record.depth_mm[-round(hours * 3600 / gauge.record.step_s) :]).mean())
    if known >= least:
        return None
    return Text(
        f"the gauge knows only {100 * known:.0f} % of the last {hours} h ({100 * least:.0f} % needed)",
        f"雨量计在最近 {hours} 小时仅有 {100 * known:.0f}% 的数据（需 {100 * least:.0f}%）",
    )


def _gaps(gauge: GaugeRain) -> Iterator[tuple[int, int]]:
    """Steps [begin, end) whose rain is not known; what came before a meter's first reading is no gap."""
    unknown = np.isnan(gauge.record.depth_mm).astype(np.int8)
    edges = np.flatnonzero(np.diff(unknown, prepend=0, append=0)).tolist()
    yield from ((begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin > 0)


def _outflow(found: MeasuredRunoff, steps: int, why: Text | None) -> dict[str, Any]:
    """What leaves the site, m³/h: the means of the last steps."""
    per_hour = 3600.0 / found.gauge.record.step_s
    measured = np.zeros(0) if found.outflow is None else found.outflow.measured[-steps:]
    known = measured[np.isfinite(measured)]
    return {
        "simulated_m3_h": None if why else _number(float(found.outflow_m3[-steps:].mean()) * per_hour),
        "measured_m3_h": _number(float(known.mean()) * per_hour) if len(known) else None,
        "points": [] if found.outflow is None else list(found.outflow.points),
    }


def _stores(of: SiteModel) -> list[int]:
    """Rows of the subcatchments that store rain where it can be seen."""
    site = of.site
    return [
        row for row, kind in enumerate(site.kinds) if kind in STORES and capacity_m(site, site.names[row]) > 0
    ]


def _store(found: MeasuredRunoff, of: SiteModel, row: int, why: Text | None) -> dict[str, Any]:
    """One store; what is simulated is None where it cannot be told."""
    site, name, step_s = of.site, of.site.names[row], found.gauge.record.step_s
    depth_m, area_m2 = capacity_m(site, name), float(site.catchments[row, 0])
    level_m = float(found.level_m[row, -1])
    coming = np.append(level_m, found.ahead_level_m[row])
    full = np.flatnonzero(coming >= FULL * depth_m)
    now_us = found.gauge.begin_us + found.level_m.shape[1] * found.gauge.step_us
    full_us = now_us + int(full[0]) * found.gauge.step_us if len(full) else 0
    return {
        "name": name,
        "kind": site.kinds[row],
        "title": _text(STORES[site.kinds[row]]),
        "capacity_m3": _number(depth_m * area_m2),
        "water_m3": None if why else _number(level_m * area_m2),
        "fill_pct": None if why else _number(100.0 * level_m / depth_m),
        "full_ms": None if why or not full_us else full_us // 1000,
        "sensors": [_sensor(each, step_s, why) for each in found.levels if each.sensor.store == name],
    }


def _sensor(level: Level, step_s: int, why: Text | None) -> dict[str, Any]:
    """A level beside the simulated one, the newest reading of its last hours."""
    sensor, course = level.sensor, level.course
    recent = course.measured[-round(rules()["parting"]["hours"] * 3600 / step_s) :]
    known = recent[np.isfinite(recent)]
    state = Together.UNKNOWN if why else level.state
    return {
        "point": sensor.point.id,
        "unit": sensor.point.unit,
        "measured": _number(float(known[-1])) if len(known) else None,
        "simulated": None if why else _number(float(course.simulated[-1])),
        "state": state.value,
        "meaning": _text(MEANS.get((sensor.store, state))),
    }


def _today(gauge: GaugeRain, zone: str) -> RainEvent:
    """The steps since midnight; before the gauge's history nothing is known."""
    count, step_us = len(gauge.record.depth_mm), gauge.step_us
    newest = datetime.fromtimestamp((gauge.begin_us + count * step_us - 1) // MICROSECONDS, UTC)
    midnight = newest.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (round(midnight.timestamp()) * MICROSECONDS - gauge.begin_us) / step_us
    first = max(math.ceil(since), 0)
    depth = gauge.record.depth_mm[first:]
    known = float(np.isfinite(depth).sum()) / max(count - since, 1.0)
    fallen = np.append(np.nan_to_num(depth), 0.0)
    peak = float(fallen.max()) * 3600.0 / gauge.record.step_s
    return RainEvent(first, count, count, float(fallen.sum()), peak, known)


def _period(found: MeasuredRunoff, of: SiteModel, event: RainEvent) -> dict[str, Any]:
    """Rain, what left the site, and the share that was kept back so far."""
    gauge, own = found.gauge, slice(event.first, event.end)
    left = None if found.outflow is None else found.outflow.measured[own]
    if event.depth_mm <= 0.0:
        rate = Rate(math.nan, math.nan, Text("it has not rained", "尚无降雨"))
    else:
        rate = event_rate(event, gauge, found.outflow, found.outflow_m3, of.site.area_m2)
    rain_known = event.known >= rules()["event_coverage"]
    out_known = left is not None and len(left) > 0 and bool(np.isfinite(left).all())
    return {
        "begin_ms": (gauge.begin_us + event.first * gauge.step_us) // 1000,
        "end_ms": (gauge.begin_us + event.end * gauge.step_us) // 1000,
        "known_pct": _number(100.0 * event.known),
        "rain_mm": _number(event.depth_mm),
        "simulated_m3": _number(float(found.outflow_m3[own].sum())) if rain_known else None,
        "measured_m3": _number(float(left.sum())) if out_known and left is not None else None,
        "simulated_capture_pct": _number(rate.simulated_pct) if rain_known else None,
        "measured_capture_pct": _number(rate.measured_pct),
        "why": _text(rate.why),
    }


def _number(value: float) -> float | None:
    """A number of few digits, None for NaN."""
    return float(f"{round(value, 6):.5g}") if math.isfinite(value) else None


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "zh": text.zh}
