"""Weather files: EPW in, a checked Climate out."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib.iotools import read_epw as pvlib_read_epw
from pvlib.irradiance import erbs

from ifc.model import Text, reason_of
from twin.climate import moist_air
from twin.climate.record import DAYS_IN_MONTH, HOURS, NOMINAL_YEAR, Climate, Hourly, RainRecord, data_sha256
from twin.climate.sky import SunHours, sky_infrared_w_m2, sun_hours
from twin.errors import TwinError

HEADER_LINES = 8
LEAP_ROWS = 8784
FULL_COMMAS, OLD_COMMAS = 34, 31
SUN_YEARS = (1950, 2050)  # for which the sun's position is good to 0.01°
LARGEST_MISSING_SHARE = 0.1  # of a column that has to be filled by neighbours in time
SHORT_GAP_H = 6


@dataclass(frozen=True)
class _Column:
    """One EPW column that is used: its pvlib name, missing code, and the range that can be believed.

    Codes and ranges: EnergyPlus Auxiliary Programs, EPW data dictionary; the upper bounds of the
    radiation are physical ones.
    """

    field: str
    name: Text
    missing: float
    low: float
    high: float


_DRY_BULB = _Column("temp_air", Text("dry bulb", "干球温度"), 99.9, -70.0, 70.0)
_DEW_POINT = _Column("temp_dew", Text("dew point", "露点温度"), 99.9, -90.0, 70.0)
_HUMIDITY = _Column("relative_humidity", Text("relative humidity", "相对湿度"), 999.0, 0.0, 110.0)
_PRESSURE = _Column("atmospheric_pressure", Text("pressure", "气压"), 999999.0, 31000.0, 120000.0)
_GLOBAL = _Column("ghi", Text("global horizontal irradiance", "水平面总辐照度"), 9999.0, 0.0, 1500.0)
_DIRECT = _Column("dni", Text("direct normal irradiance", "法向直射辐照度"), 9999.0, 0.0, 1500.0)
_DIFFUSE = _Column("dhi", Text("diffuse horizontal irradiance", "水平面散射辐照度"), 9999.0, 0.0, 1500.0)
_INFRARED = _Column("ghi_infrared", Text("sky infrared", "天空长波辐射"), 9999.0, 0.0, 700.0)
_WIND_SPEED = _Column("wind_speed", Text("wind speed", "风速"), 999.0, 0.0, 80.0)
_WIND_DIRECTION = _Column("wind_direction", Text("wind direction", "风向"), 999.0, 0.0, 360.0)
_CLOUD = _Column("opaque_sky_cover", Text("opaque sky cover", "不透明云量"), 99.0, 0.0, 10.0)
_RAIN = _Column("liquid_precipitation_depth", Text("rain depth", "降水量"), 999.0, 0.0, 400.0)


def read_epw(path: Path) -> Climate:
    """Read an EPW file through pvlib, check it, and fill what it marks as missing.

    Row i of the file covers hour [i, i + 1). 29 February of a leap year is dropped. Missing values are
    filled by this rule, and the climate's note counts them: irradiance from the other two components, else
    by Erbs' diffuse fraction; dew point and humidity from each other; sky infrared from dew point and cloud;
    pressure from the elevation when the file has none; what is left by linear interpolation over
    gaps of up to 6 h and by the mean of the same hour of the nearest days for longer ones.

    Raises:
        TwinError: the file is missing, is no EPW, is cut off, does not hold one whole year of hours, has a
            cell that is not a number or is out of range, or lacks more than a tenth of a column.
    """
    lines = _lines(path)
    place, latitude, longitude, utc_offset, elevation = _header(path, lines)
    data, line_number = _table(path, lines)
    notes: list[Text] = []
    sun = sun_hours(latitude, longitude, utc_offset)

    def column(spec: _Column) -> Hourly:
        return _checked(path, data, spec, line_number)

    def filled(values: Hourly, spec: _Column) -> Hourly:
        gaps = int(np.isnan(values).sum())
        if not gaps:
            return values
        if gaps > LARGEST_MISSING_SHARE * HOURS:
            raise _error(
                path,
                "epw-column-missing",
                Text(
                    f"{gaps} of {HOURS} hours have no {spec.name.en}.",
                    f"{HOURS} 小时中有 {gaps} 小时缺少{spec.name.zh}。",
                ),
            )
        notes.append(
            Text(
                f"{spec.name.en}: {gaps} missing hours interpolated.",
                f"{spec.name.zh}：{gaps} 个缺测小时已插补。",
            )
        )
        return _interpolated(values)

    dry_bulb = filled(column(_DRY_BULB), _DRY_BULB)
    dew_point, humidity = column(_DEW_POINT), column(_HUMIDITY)
    _derive(dew_point, lambda: moist_air.dew_point_c(dry_bulb, humidity), _DEW_POINT, notes)
    dew_point = np.minimum(filled(dew_point, _DEW_POINT), dry_bulb)
    _derive(humidity, lambda: moist_air.relative_humidity_pct(dry_bulb, dew_point), _HUMIDITY, notes)
    pressure = column(_PRESSURE)
    if np.isnan(pressure).all():
        pressure[:] = moist_air.standard_pressure_pa(elevation)
        notes.append(Text("pressure: standard atmosphere at the elevation.", "气压：按海拔取标准大气压。"))
    global_, direct, diffuse = _irradiances(column(_GLOBAL), column(_DIRECT), column(_DIFFUSE), sun, notes)
    cloud = column(_CLOUD)
    infrared = column(_INFRARED)
    _derive(infrared, lambda: sky_infrared_w_m2(dry_bulb, dew_point, cloud), _INFRARED, notes)
    rain = _rain(path, column(_RAIN) if "liquid_precipitation_depth" in data else None, notes)
    climate = Climate(
        place=place,
        latitude_deg=latitude,
        longitude_deg=longitude,
        elevation_m=elevation,
        utc_offset_h=utc_offset,
        dry_bulb_c=dry_bulb,
        dew_point_c=dew_point,
        relative_humidity_pct=np.clip(humidity, 0.0, 100.0),
        pressure_pa=filled(pressure, _PRESSURE),
        wind_speed_m_s=filled(column(_WIND_SPEED), _WIND_SPEED),
        wind_direction_deg=filled(column(_WIND_DIRECTION), _WIND_DIRECTION) % 360.0,
        global_horizontal_w_m2=filled(global_, _GLOBAL),
        direct_normal_w_m2=filled(direct, _DIRECT),
        diffuse_horizontal_w_m2=filled(diffuse, _DIFFUSE),
        sky_infrared_w_m2=filled(infrared, _INFRARED),
        rain=rain,
        source=path.name,
        note=_note(path, notes),
        sha256="",
        years=_years(lines, line_number),
    )
    return replace(climate, sha256=data_sha256(climate))


def _error(path: Path, code: str, message: Text, line: int | None = None) -> TwinError:
    where = str(path) if line is None else f"{path}:{line}"
    return TwinError(
        code,
        where,
        message,
        Text(
            "Give a complete EPW weather file, or leave weather.epw out to use the built-in typical year.",
            "请提供完整的 EPW 气象文件，或去掉 weather.epw 以采用内置典型年。",
        ),
    )


def _lines(path: Path) -> list[str]:
    """The file's lines; refuses what cannot be an EPW."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _error(path, "weather-file-missing", Text("The file does not exist.", "文件不存在。")) from None
    except OSError as error:
        raise _error(
            path,
            "weather-file-unreadable",
            reason_of(error).within("It cannot be read: {}.", "无法读取：{}。"),
        ) from error
    text = raw.decode("utf-8-sig", errors="replace")
    if not text.startswith("LOCATION,") or "\0" in text:
        raise _error(
            path,
            "not-an-epw",
            Text(
                "Not an EPW weather file: its first line does not begin with LOCATION.",
                "不是 EPW 气象文件：首行不是 LOCATION。",
            ),
        )
    lines = text.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) <= HEADER_LINES or not lines[HEADER_LINES - 1].startswith("DATA PERIODS"):
        raise _error(
            path,
            "epw-header",
            Text(
                "The eight header lines are not complete: line 8 is not DATA PERIODS.",
                "八行文件头不完整：第 8 行不是 DATA PERIODS。",
            ),
            min(len(lines), HEADER_LINES),
        )
    return lines


def _header(path: Path, lines: list[str]) -> tuple[str, float, float, float, float]:
    """Place, latitude, longitude, UTC offset in hours, elevation in metres."""
    cells = [cell.strip() for cell in lines[0].split(",")]
    limits = ((-90.0, 90.0), (-180.0, 180.0), (-12.0, 14.0), (-500.0, 9000.0))
    try:
        numbers = [float(cell) for cell in cells[6:10]]
    except ValueError:
        numbers = []
    if len(numbers) != len(limits) or not all(
        low <= number <= high for number, (low, high) in zip(numbers, limits, strict=False)
    ):
        raise _error(
            path,
            "epw-header",
            Text(
                "LOCATION must hold latitude, longitude, time zone and elevation in fields 7 to 10.",
                "LOCATION 行第 7 至 10 项应为纬度、经度、时区和海拔。",
            ),
            1,
        )
    latitude, longitude, utc_offset, elevation = numbers
    return cells[1], latitude, longitude, utc_offset, elevation


def _table(path: Path, lines: list[str]) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The 8760 rows, and the line of the file that each came from."""
    rows = lines[HEADER_LINES:]
    commas = rows[0].count(",")
    for number, row in enumerate(rows, HEADER_LINES + 1):
        if row.count(",") != commas or not OLD_COMMAS <= commas <= FULL_COMMAS:
            raise _error(
                path,
                "epw-row",
                Text(
                    f"The row has {row.count(',') + 1} fields; the file may be cut off here.",
                    f"该行有 {row.count(',') + 1} 个字段，文件可能在此处被截断。",
                ),
                number,
            )
    if len(rows) not in (HOURS, LEAP_ROWS):
        raise _error(
            path,
            "epw-rows",
            Text(
                f"{len(rows)} hourly rows; a whole year has {HOURS} (or {LEAP_ROWS} in a leap year).",
                f"共 {len(rows)} 行逐时数据；全年应为 {HOURS} 行（闰年 {LEAP_ROWS} 行）。",
            ),
        )
    stamps = [_stamp(row) for row in rows]
    kept = [index for index, stamp in enumerate(stamps) if stamp[:2] != (2, 29)]
    numbers = np.array(kept, np.int64) + HEADER_LINES + 1
    for index, expected in zip(kept, _calendar(), strict=False):
        if stamps[index] != expected:
            found = ", ".join(rows[index].split(",", 4)[1:4])
            raise _error(
                path,
                "epw-sequence",
                Text(
                    f"Month, day, hour should be {expected[0]}, {expected[1]}, {expected[2]}, not {found}.",
                    f"月、日、时应为 {expected[0]}, {expected[1]}, {expected[2]}，实为 {found}。",
                ),
                index + HEADER_LINES + 1,
            )
    if len(kept) != HOURS:
        raise _error(
            path, "epw-rows", Text(f"{len(kept)} hours in a common year.", f"平年共有 {len(kept)} 小时。")
        )
    # Files of the older layout end before albedo and rain; pvlib wants all 35 fields.
    padding = ",999" * (FULL_COMMAS - commas)
    table = [rows[index] + padding for index in kept]
    data, _ = pvlib_read_epw(io.StringIO("\n".join([*lines[:HEADER_LINES], *table])), NOMINAL_YEAR)
    return data, numbers


def _years(lines: list[str], line_number: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The year that each hour was taken from; None where the file names none that the sun is known for."""
    try:
        years = np.array([int(lines[number - 1].split(",", 1)[0]) for number in line_number.tolist()])
    except ValueError:
        return None
    return years if ((years >= SUN_YEARS[0]) & (years <= SUN_YEARS[1])).all() else None


def _stamp(row: str) -> tuple[int, ...]:
    """Month, day and hour of a row; () when they are not whole numbers."""
    try:
        return tuple(int(cell) for cell in row.split(",", 4)[1:4])
    except ValueError:
        return ()


def _calendar() -> list[tuple[int, int, int]]:
    return [
        (month, day, hour)
        for month, days in enumerate(DAYS_IN_MONTH.tolist(), 1)
        for day in range(1, days + 1)
        for hour in range(1, 25)
    ]


def _checked(path: Path, data: pd.DataFrame, spec: _Column, line_number: NDArray[np.int64]) -> Hourly:
    """A column as float64, NaN where the file has its missing code."""
    values = pd.to_numeric(data[spec.field], errors="coerce").to_numpy(np.float64).copy()
    bad = ~np.isfinite(values)
    # A missing code may be written shorter or longer than the dictionary's (99.9 and 999 in one column).
    missing = ~bad & (values >= spec.missing)
    bad |= ~missing & ~((values >= spec.low) & (values <= spec.high))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise _error(
            path,
            "epw-value",
            Text(
                f"{spec.name.en} is {data[spec.field].iloc[row]!r}, outside {spec.low:g} to {spec.high:g}.",
                f"{spec.name.zh}为 {data[spec.field].iloc[row]!r}，不在 {spec.low:g} 至 {spec.high:g} 之间。",
            ),
            int(line_number[row]),
        )
    values[missing] = np.nan
    return values


def _derive(values: Hourly, formula: Callable[[], Hourly], spec: _Column, notes: list[Text]) -> None:
    """Fill the gaps of ``values`` in place with what the formula gives there."""
    gaps = np.isnan(values)
    if not gaps.any():
        return
    values[gaps] = formula()[gaps]
    derived = int((gaps & ~np.isnan(values)).sum())
    if derived:
        notes.append(
            Text(
                f"{spec.name.en}: {derived} missing hours computed from the other columns.",
                f"{spec.name.zh}：{derived} 个缺测小时由其他列计算。",
            )
        )


def _irradiances(
    global_: Hourly, direct: Hourly, diffuse: Hourly, sun: SunHours, notes: list[Text]
) -> tuple[Hourly, Hourly, Hourly]:
    """Fill gaps by closure, GHI = DHI + DNI sin h, and by Erbs' diffuse fraction where only GHI is known."""
    up = sun.sin_elevation > np.sin(np.radians(3.0))  # lower, the quotient by sin h means nothing
    for values in (global_, direct, diffuse):
        values[np.isnan(values) & (sun.elevation_deg < -3.0)] = 0.0  # night, twilight aside
    _derive(global_, lambda: diffuse + direct * sun.sin_elevation, _GLOBAL, notes)

    def diffuse_left() -> Hourly:
        split = erbs(global_, 90.0 - sun.elevation_deg, np.arange(HOURS) // 24 + 1)["dhi"]
        closed = np.maximum(global_ - direct * sun.sin_elevation, 0.0)
        return np.asarray(np.where(np.isnan(direct), split, closed))

    _derive(diffuse, diffuse_left, _DIFFUSE, notes)

    def direct_left() -> Hourly:
        beam = np.maximum(global_ - diffuse, 0.0)
        limit = sun.extraterrestrial_normal_w_m2
        return np.where(up, np.minimum(beam / np.where(up, sun.sin_elevation, 1.0), limit), 0.0 * beam)

    _derive(direct, direct_left, _DIRECT, notes)
    return global_, direct, diffuse


def _interpolated(values: Hourly) -> Hourly:
    """Fill NaN: short gaps linearly, longer ones by the same hour of the nearest days around them."""
    gaps = np.isnan(values)
    known = np.flatnonzero(~gaps)
    # The year is closed to a ring, so that a gap at its ends has neighbours too.
    linear = np.interp(np.arange(HOURS), known, values[known], period=HOURS)
    by_day = values.reshape(-1, 24)
    days = np.arange(len(by_day))
    same_hour = np.empty_like(by_day)
    for hour in range(24):
        valid = np.flatnonzero(~np.isnan(by_day[:, hour]))
        if len(valid) == 0:
            same_hour[:, hour] = linear.reshape(-1, 24)[:, hour]
            continue
        after = valid[np.searchsorted(valid, days) % len(valid)]
        before = valid[(np.searchsorted(valid, days, side="right") - 1) % len(valid)]
        same_hour[:, hour] = 0.5 * (by_day[before, hour] + by_day[after, hour])
    edges = np.flatnonzero(np.diff(np.concatenate(([0], gaps.astype(np.int8), [0]))))
    filled = values.copy()
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        source = linear if stop - start <= SHORT_GAP_H else same_hour.ravel()
        filled[start:stop] = source[start:stop]
    return filled


def _rain(path: Path, depth: Hourly | None, notes: list[Text]) -> RainRecord | None:
    """The file's rain, when at least 99 % of its hours hold a value."""
    if depth is None or np.isnan(depth).mean() > 0.01 or np.nansum(depth) == 0.0:
        notes.append(Text("The file has no usable rain.", "文件中没有可用的降水数据。"))
        return None
    return RainRecord(depth, 3600, np.datetime64(f"{NOMINAL_YEAR}-01-01T00", "s"), path.name)


def _note(path: Path, notes: list[Text]) -> Text:
    head = Text(f"Weather file {path.name}.", f"气象文件 {path.name}。")
    return Text(" ".join([head.en, *(note.en for note in notes)]), "".join([head.zh, *(n.zh for n in notes)]))
