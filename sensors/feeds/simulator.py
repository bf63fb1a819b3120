"""Believable values for demonstrations: days of people, weather and machines, drawn from a seed.

Every value is a function of the point, the moment and the seed alone, so that a history drawn at once and a
stream that follows it fit together. Nothing here claims to be measured.
"""

from __future__ import annotations

import asyncio
import math
import zlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sensors.feeds.contract import Sink
from sensors.points import Point, PointTable
from sensors.quantities import kind_of_name, quantity_kinds
from sensors.readings import MICROSECONDS, Sample, now_us
from sensors.units import conversion, unit_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutdoorDay:
    """Hourly weather of the day that repeats, each of shape (24,), from 00:00 local time."""

    air_c: Floats = field(default_factory=lambda: 21 + 5 * np.sin((np.arange(24) - 9) / 24 * 2 * np.pi))
    humidity_pct: Floats = field(
        default_factory=lambda: 72 - 15 * np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    )
    sun_w_m2: Floats = field(
        default_factory=lambda: 700 * np.clip(np.sin((np.arange(24) - 6) / 12 * np.pi), 0, None)
    )
    # A shower in the morning. Each value is the mean of the hour that begins then.
    rain_mm_h: Floats = field(default_factory=lambda: np.array([0.0] * 6 + [14.0, 6.0] + [0.0] * 16))


@dataclass(frozen=True, slots=True)
class _Weather:
    """The weather of one moment."""

    air_c: float
    humidity_pct: float
    sun_w_m2: float
    rain_mm_h: float
    fallen_mm: float  # since the start of 2026
    kept_mm: float  # of today's rain in a tank that is drawn on evenly day and night
    drawn_m3_h: float  # from that tank


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Which day is drawn, where, and how fast time runs."""

    day: OutdoorDay = field(default_factory=OutdoorDay)
    zone: str = "Asia/Shanghai"
    seed: int = 1
    interval_s: float = 60.0  # of points that report on change only
    fastest_s: float = 1.0  # no point reports more often


class SimulatorFeed:
    """Draws the points of a table as they fall due. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, points: PointTable, settings: SimulatorSettings) -> None:
        self.name = name
        self.points = points
        self.settings = settings

    async def run(self, sink: Sink) -> None:
        """Draw and deliver until cancelled."""
        sink.up()
        intervals = np.array([_interval(point, self.settings) for point in self.points])
        # Points start apart, so that they do not all report in the same second.
        due = now_us() + (_noise(self.points, 0, self.settings.seed) * intervals * MICROSECONDS).astype(
            np.int64
        )
        while len(self.points):
            wait_s = (int(due.min()) - now_us()) / MICROSECONDS
            await asyncio.sleep(min(max(wait_s, 0.05), 1.0))
            at_us = now_us()
            rows = np.flatnonzero(due <= at_us)
            if len(rows):
                samples = [
                    Sample(self.points[row].id, value, at_us)
                    for row, value in zip(
                        rows.tolist(),
                        values_at(self.points, rows, at_us, self.settings).tolist(),
                        strict=True,
                    )
                ]
                due[rows] = at_us + (intervals[rows] * MICROSECONDS).astype(np.int64)
                await sink.deliver(samples)


def values_at(
    points: PointTable, rows: NDArray[np.intp], time_us: int, settings: SimulatorSettings
) -> Floats:
    """The values of some points at one moment, shape of ``rows``."""
    noise = _noise(points, time_us // (300 * MICROSECONDS), settings.seed)
    fine = _noise(points, time_us // MICROSECONDS, settings.seed + 1)
    moment = datetime.fromtimestamp(time_us / MICROSECONDS, UTC).astimezone(ZoneInfo(settings.zone))
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    day = settings.day
    fallen_mm = float(np.interp(hour, np.arange(25), np.append(0.0, np.cumsum(day.rain_mm_h))))
    total_mm = float(day.rain_mm_h.sum())
    weather = _Weather(
        air_c=_at(day.air_c, hour),
        humidity_pct=_at(day.humidity_pct, hour),
        sun_w_m2=_at(day.sun_w_m2, hour),
        rain_mm_h=float(day.rain_mm_h[int(hour)]),
        fallen_mm=(moment.toordinal() - _FIRST_DAY) * total_mm + fallen_mm,
        kept_mm=fallen_mm - total_mm * hour / 24,
        drawn_m3_h=_TANK_M2 * _RISE * total_mm / 24,
    )
    values = np.empty(len(rows))
    for position, row in enumerate(rows.tolist()):
        point = points[row]
        value, unit = _value(point, hour, time_us, float(noise[row]), float(fine[row]), weather)
        if unit and unit != point.unit and unit_of(unit).dimension == unit_of(point.unit).dimension:
            scale, offset = conversion(unit, point.unit)
            value = value * scale + offset
        values[position] = min(max(value, point.minimum), point.maximum)
    return values


def _interval(point: Point, settings: SimulatorSettings) -> float:
    return max(point.interval_s or settings.interval_s, settings.fastest_s)


def _noise(points: PointTable, step: int, seed: int) -> Floats:
    """Uniform numbers 0 … 1 of every point at one step, the same at every call."""
    keys = np.array([zlib.crc32(point.id.encode()) for point in points], np.uint64)
    mixed = keys * np.uint64(0x9E3779B97F4A7C15) + np.uint64((step * 0xBF58476D1CE4E5B9 + seed) % 2**64)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53


def _presence(hour: float, point: Point) -> float:
    """Share of the people of a place who are there, 0 … 1."""
    home = bool(point.household)
    work = 1 / (1 + math.exp(-(hour - 8.5) * 3)) - 1 / (1 + math.exp(-(hour - 18) * 2))
    lunch = 0.35 * math.exp(-(((hour - 12.5) / 0.7) ** 2))
    return min(max(1 - 0.7 * work if home else work - lunch, 0.02), 1.0)


def _value(
    point: Point, hour: float, time_us: int, noise: float, fine: float, weather: _Weather
) -> tuple[float, str]:
    """(value, unit); the unit is "" where nothing is known of the point's kind."""
    named = point.quantity if point.quantity in quantity_kinds() else f"{point.quantity} {point.name}"
    kind = named if named in quantity_kinds() else kind_of_name(named)
    unit = quantity_kinds()[kind].unit if kind else ""
    present = _presence(hour, point)
    air, humidity, sun = weather.air_c, weather.humidity_pct, weather.sun_w_m2
    outdoors = any(
        word in f"{point.name} {point.location}" for word in ("室外", "气象", "outdoor", "weather")
    )
    if kind == "temperature":
        return (air + noise - 0.5 if outdoors else 22.5 + 0.2 * (air - 20) + present + noise - 0.5), unit
    if kind == "humidity":
        return (humidity if outdoors else 0.6 * humidity + 12 + 3 * (noise - 0.5)), unit
    if kind == "irradiance":
        return sun * (0.7 + 0.3 * noise), unit
    if kind == "illuminance":
        return 0.3 * sun * (0.8 + 0.4 * noise) + 280 * present, unit
    if kind == "rain":
        since_h = (point.interval_s or 0.0) / 3600
        return (weather.fallen_mm if point.counter else weather.rain_mm_h * since_h), unit
    if kind == "rain_intensity":
        return weather.rain_mm_h, unit
    if kind in ("water_level", "flow") and "雨水" in f"{point.name} {point.location}":
        return (_TANK_M + _RISE * weather.kept_mm if kind == "water_level" else weather.drawn_m3_h), unit
    if kind in _METERS:
        # What a mean demand has summed up since the start of 2026, rippled by the day.
        days = (time_us / MICROSECONDS - 1_767_225_600) / 86_400
        size = 5 + 90 * (zlib.crc32(point.id.encode()) % 100) / 100
        return max(size * (days + 0.12 * math.sin((hour - 14) / 24 * 2 * math.pi)), 0.0), unit
    if kind in _DRAW:
        base, people, spread = _DRAW[kind]
        return max(base + people * present + spread * (noise - 0.5), 0.0), unit
    if point.unit == "":
        return float(fine < 0.02 * present), unit
    return 10 + 5 * present + noise, unit


def _at(column: Floats, hour: float) -> float:
    return float(np.interp(hour, np.arange(25), np.append(column, column[0])))


_TANK_M, _RISE, _TANK_M2 = 0.6, 0.03, 32.0  # of a rain tank: level at midnight, m for a mm of rain, area
_FIRST_DAY = date(2026, 1, 1).toordinal()  # meters count from it
_METERS = frozenset({"electricity", "heat", "water", "gas"})
# Kind -> (value at rest, added by full presence, spread), in the units of quantity_kinds.yaml.
_DRAW = {
    "co2": (430.0, 480.0, 60.0), "co": (0.5, 2.0, 0.6), "pm2_5": (22.0, 8.0, 12.0),
    "pm10": (35.0, 12.0, 18.0),
    "tvoc": (0.12, 0.15, 0.06), "formaldehyde": (0.02, 0.01, 0.01), "noise": (36.0, 16.0, 6.0),
    "wind_speed": (1.8, 0.0, 2.0), "soil_moisture": (31.0, 0.0, 3.0),
    "water_level": (1.6, 0.2, 0.2), "water_quality": (0.6, 0.0, 0.2), "pressure": (1e5, 0.0, 400.0),
    "power": (3.0, 22.0, 4.0), "flow": (0.2, 2.5, 0.6),
}  # fmt: skip
