"""What a year of operation shows of the facts that GB/T 50378 asks of a building in use.

A fact is told from twelve whole months, three quarters of whose hours hold readings; before that it says how
much of them there is. Homes do not enter: the air is that of public points and of those of the community.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from ifc.model import Text
from sensors.points import Point, PointTable, Privacy
from sensors.quantities import kind_of_name, quantity_kinds
from sensors.store.contract import Store
from twin.live.places import Places
from twin.live.sections import MetersSection, WaterUseName
from twin.measured.hours import (
    COVERAGE,
    Floats,
    Hours,
    hourly_increase,
    hourly_mean,
    hours_between,
    monthly,
    total,
)

MONTHS = 12
_AIR = {
    "pm2_5": ("indoor_pm25_annual", Text("annual mean indoor PM2.5", "室内 PM2.5 年均浓度"), "µg/m³"),
    "pm10": ("indoor_pm10_annual", Text("annual mean indoor PM10", "室内 PM10 年均浓度"), "µg/m³"),
    "co2": ("indoor_co2_annual", Text("annual mean indoor CO2", "室内 CO2 年均浓度"), "ppm"),
}
_WATER_USES: dict[WaterUseName, Text] = {
    "irrigation_washing": Text("irrigation and washing", "绿化灌溉与冲洗"),
    "flushing": Text("flushing", "冲厕"),
    "cooling": Text("cooling make-up", "冷却水补水"),
}

Measure = tuple[int, Point]


@dataclass(frozen=True, slots=True)
class OperationFact:
    """One quantity of a year; ``value`` None while there is not enough data.

    ``months`` are those that count, of twelve; ``hours_pct`` is the share of the year's hours with readings.
    A share of nothing has no value although all months count.
    """

    name: str
    label: Text
    value: float | None
    unit: str
    months: int
    hours_pct: float
    points: tuple[str, ...]
    newest_us: int  # 0 for none
    formula: str


def last_year(now: datetime, zone: str) -> Hours:
    """The hours of the twelve whole local months that ended last."""
    local = now.astimezone(ZoneInfo(zone))
    end = datetime(local.year, local.month, 1, tzinfo=ZoneInfo(zone))
    begin = end.replace(year=end.year - 1)
    return hours_between(_microseconds(begin), _microseconds(end), zone)


def operation_facts(
    store: Store, points: PointTable, places: Places, meters: MetersSection, hours: Hours
) -> list[OperationFact]:
    """The facts for which there are points: air of the bound rooms, electricity, water and its sources.

    Args:
        store: the history.
        points: the table of points.
        places: where points stand; one outside a room says nothing of indoor air.
        meters: [live.meters] of twin.toml.
        hours: a year, from :func:`last_year`.
    """
    found = []
    for kind, (name, label, unit) in _AIR.items():
        rooms = [
            (row, point)
            for row, point in enumerate(points)
            if point.privacy in (Privacy.PUBLIC, Privacy.COMMUNITY)
            and _kind_of(point) == kind
            and (place := places.of(point.id)) is not None
            and place.room
        ]
        if rooms:
            found.append(_air(store, name, label, unit, rooms, hours))

    def named(ids: Sequence[str]) -> list[Measure]:
        return [(points.row_of[id_], points[points.row_of[id_]]) for id_ in ids]

    if meters.electricity:
        found.append(
            _amount(
                store, "electricity_kwh", Text("electricity of the year", "年用电量"), "kWh", "kWh",
                named(meters.electricity), hours, 1.0, "Σ of 12 months",
            )
        )  # fmt: skip
    if meters.water and meters.water_users:
        days = hours.count / 24
        found.append(
            _amount(
                store, "daily_water_use", Text("average daily water use", "平均日用水量"), "m³", "L/(unit·d)",
                named(meters.water), hours, 1000 / days / meters.water_users,
                f"Σ of 12 months / {meters.water_users:g} users / {days:.0f} d",
            )
        )  # fmt: skip
    for use, sources in meters.water_uses.items():
        found.append(
            _non_traditional_share(store, use, named(sources.potable), named(sources.non_traditional), hours)
        )
    return found


def _air(
    store: Store, name: str, label: Text, unit: str, rooms: Sequence[Measure], hours: Hours
) -> OperationFact:
    """The highest annual mean of a room's sensor; most of the sensors must have measured the whole year."""
    means = [hourly_mean(store, row, point, hours, unit) for row, point in rooms]
    ones = np.ones(hours.count)
    span = monthly(ones, hours)  # hours of each month
    annual = [monthly(mean, hours) / span for mean in means]
    months = [int(np.isfinite(each).sum()) for each in annual]
    whole = [each for each, count in zip(annual, months, strict=True) if count == MONTHS]
    enough = len(whole) >= COVERAGE * len(rooms)
    value = max((float((each * span).sum() / span.sum()) for each in whole), default=math.nan)
    return OperationFact(
        name, label, value if enough else None, unit, min(months), _share(means),
        tuple(point.id for _, point in rooms), _newest(store, rooms, hours),
        f"highest annual mean of {len(whole)} of {len(rooms)} sensors",
    )  # fmt: skip


def _amount(
    store: Store, name: str, label: Text, amount: str, unit: str, measures: Sequence[Measure], hours: Hours,
    factor: float, formula: str,
) -> OperationFact:  # fmt: skip
    """What meters counted together in the year, times a factor."""
    hourly = total([hourly_increase(store, row, point, hours, amount) for row, point in measures])
    months = monthly(hourly, hours)
    count = int(np.isfinite(months).sum())
    return OperationFact(
        name, label, factor * float(months.sum()) if count == MONTHS else None, unit, count, _share([hourly]),
        tuple(point.id for _, point in measures), _newest(store, measures, hours), formula,
    )  # fmt: skip


def _non_traditional_share(
    store: Store, use: WaterUseName, potable: Sequence[Measure], other: Sequence[Measure], hours: Hours
) -> OperationFact:
    """The share of non-traditional water in what one use drew in the year, %."""
    columns = [
        total([hourly_increase(store, row, point, hours, "m³") for row, point in measures])
        for measures in (potable, other)
    ]
    mains, own = (monthly(column, hours) for column in columns)
    count = int((np.isfinite(mains) & np.isfinite(own)).sum())
    drawn = float((mains + own).sum())
    told = count == MONTHS and drawn > 0
    label = _WATER_USES[use]
    measures = (*potable, *other)
    return OperationFact(
        f"nontraditional_share_{use}",
        Text(f"non-traditional water of {label.en}", f"{label.zh}采用非传统水源的比例"),
        100 * float(own.sum()) / drawn if told else None, "%", count, _share(columns),
        tuple(point.id for _, point in measures), _newest(store, measures, hours),
        "non-traditional / (non-traditional + potable), Σ of 12 months"
        + (f" = {own.sum():.4g} / {drawn:.4g} m³" if told else ""),
    )  # fmt: skip


def _share(columns: Sequence[Floats]) -> float:
    """The least share of the hours that one of several columns knows, %."""
    return min(100 * float(np.isfinite(column).mean()) for column in columns)


def _newest(store: Store, measures: Sequence[Measure], hours: Hours) -> int:
    """The time of the newest reading of the point that has been silent longest; 0 when one has none."""
    found = [store.newest(row, hours.begin_us, hours.end_us, 1).time_us for row, _ in measures]
    return min(int(times[0]) if len(times) else 0 for times in found)


def _kind_of(point: Point) -> str:
    known = point.quantity in quantity_kinds()
    return point.quantity if known else kind_of_name(f"{point.quantity} {point.name}")


def _microseconds(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp()) * 1_000_000
