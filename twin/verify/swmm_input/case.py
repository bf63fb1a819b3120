"""Subcatchments of an input file as a case for the hydrology kernel, or the reasons why it is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import gcd

import numpy as np
from numpy.typing import NDArray

from twin.kernels.infiltration import (
    CURVE_NUMBER,
    GREEN_AMPT,
    HORTON,
    MODIFIED_GREEN_AMPT,
    MODIFIED_HORTON,
    SOIL_COLUMNS,
)
from twin.kernels.subcatchment_parts import CATCHMENT_COLUMNS
from twin.metrics.sponge.runoff_case import RunoffCase
from twin.verify.swmm_input.lid_units import read_units
from twin.verify.swmm_input.not_modelled import climate_reasons
from twin.verify.swmm_input.rain import Gage, read_gages
from twin.verify.swmm_input.text import InputFile, Row, moment_of, step_of
from twin.verify.swmm_input.units import Units, units_of

Floats = NDArray[np.float64]

MODELS = {
    "HORTON": HORTON,
    "MODIFIED_HORTON": MODIFIED_HORTON,
    "GREEN_AMPT": GREEN_AMPT,
    "MODIFIED_GREEN_AMPT": MODIFIED_GREEN_AMPT,
    "CURVE_NUMBER": CURVE_NUMBER,
}
MOST_CELLS = 50_000_000  # of rain, gages times intervals


@dataclass(frozen=True)
class SwmmCase:
    """What an input file comes to."""

    case: RunoffCase | None  # of the subcatchments that have an area; None if there are reasons
    reasons: tuple[str, ...]  # why it is not run: what it asks for and we do not model
    node: tuple[str, ...] = ()  # where each subcatchment drains to, if not to another, in capitals
    unit_place: tuple[int, ...] = ()  # of each LID unit among those of its subcatchment in the file
    units: Units = field(default_factory=lambda: Units(True, 1.0, 1e-3, 1e4, 28.317))


def read_case(file: InputFile) -> SwmmCase:
    """The case of a file.

    Raises:
        TwinError: the file is wrong.
    """
    units = units_of(file)
    subcatchments = file.by_name("SUBCATCHMENT", "subcatchments")
    if not subcatchments:
        return SwmmCase(None, ("it has no subcatchments",))
    reasons = climate_reasons(file)
    present = {name: row for name, row in subcatchments.items() if row.number(3, "area") > 0.0}
    if not present:
        return SwmmCase(None, (*reasons, "none of its subcatchments has an area"))
    infiltration = file.by_name("INFIL", "rows of infiltration")
    model, soil, soil_reasons = _soils(file, list(present), infiltration, units)
    lids = read_units(file, list(present), units)
    reasons += [*soil_reasons, *lids.reasons]
    outlet, node = _outlets(file, present)
    start, end = moment_of(file, "START"), moment_of(file, "END")
    if end <= start:
        raise file.rows("OPTION")[0].error("The run ends before it starts.", "结束时间不晚于开始时间。")
    gaged = {row.word(1, "rain gage").upper() for row in subcatchments.values()} - {"*"}
    known = file.by_name("RAINGAGE", "rain gages")
    for row in subcatchments.values():
        if row.words[1] != "*" and row.words[1].upper() not in known:
            raise row.error(f"There is no rain gage {row.words[1]!r}.", f"没有雨量计 {row.words[1]!r}。")
    gages = read_gages(file, gaged, start, not units.metric)
    if reasons:
        return SwmmCase(None, tuple(dict.fromkeys(reasons)))
    wet_s = step_of(file, "WET_STEP", 300.0)
    wet_s = min([wet_s, *(gage.interval_s for gage in gages.values() if not gage.from_file)])
    dry_s = max(step_of(file, "DRY_STEP", 3600.0), wet_s)
    evaporation, dry_only = _evaporation(file)
    order = sorted(gages)
    rain_mm, record, interval_s = _grid(file, [gages[name] for name in order], start, end, evaporation)
    where = [row.words[1].upper() for row in present.values()]
    case = RunoffCase(
        names=tuple(row.words[0] for row in present.values()),
        catchments=_catchments(file, present, units),
        model=model,
        soil=soil,
        rain_mm=rain_mm,
        interval_s=interval_s,
        start=np.datetime64(start, "s"),
        evaporation_mm_day=evaporation,
        wet_step_s=round(wet_s),
        dry_step_s=round(dry_s),
        units=lids.units,
        unit_catchment=lids.catchment,
        outlet=outlet,
        gage=np.array([order.index(name) if name in order else -1 for name in where], np.int64),
        dry_only=dry_only,
        record=record,
    )
    return SwmmCase(case, (), node, lids.place, units)


def _catchments(file: InputFile, present: dict[str, Row], units: Units) -> Floats:
    """(N, CATCHMENT_COLUMNS)."""
    areas = file.by_name("SUBAREA", "rows of subareas")
    table = np.zeros((len(present), CATCHMENT_COLUMNS))
    for place, (name, row) in enumerate(present.items()):
        if name not in areas:
            raise row.error("Its row of [SUBAREAS] is missing.", "缺少其 [SUBAREAS] 行。")
        sub = areas[name]
        to = sub.word(6, "OUTLET, PERVIOUS or IMPERVIOUS").upper()
        routed = min(sub.number(7, "percent routed", default=100.0), 100.0) / 100.0
        if to[:4] not in ("OUTL", "PERV", "IMPE"):
            raise sub.error(
                "Runoff goes to OUTLET, PERVIOUS or IMPERVIOUS.",
                "径流去向应为 OUTLET、PERVIOUS 或 IMPERVIOUS。",
            )
        table[place] = (
            row.number(3, "area") * units.area_m2,
            min(row.number(4, "percent impervious"), 100.0) / 100.0,
            row.number(5, "width") * units.length_m,
            row.number(6, "slope") / 100.0,
            sub.number(1, "roughness of the impervious part"),
            sub.number(2, "roughness of the pervious part"),
            sub.number(3, "depression storage of the impervious part") * units.depth_m,
            sub.number(4, "depression storage of the pervious part") * units.depth_m,
            sub.number(5, "percent without depression storage") / 100.0,
            routed if to.startswith("PERV") else 0.0,
            routed if to.startswith("IMPE") else 0.0,
        )
    return table


def _soils(
    file: InputFile, names: list[str], rows: dict[str, Row], units: Units
) -> tuple[int, Floats, list[str]]:
    """The method of infiltration, soils (N, SOIL_COLUMNS), and reasons why they are not ours."""
    stated = file.option("INFILTRATION", "HORTON")
    if stated not in MODELS:
        option = file.option_row("INFILTRATION")
        assert option is not None
        raise option.error(
            f"INFILTRATION is one of {', '.join(MODELS)}.", f"INFILTRATION 应为 {'、'.join(MODELS)}。"
        )
    soil = np.zeros((len(names), SOIL_COLUMNS))
    methods = set()
    for place, name in enumerate(names):
        if name not in rows:
            raise file.rows("SUBCATCHMENT")[0].error(
                f"The row of [INFILTRATION] of {name} is missing.", f"缺少 {name} 的 [INFILTRATION] 行。"
            )
        row = rows[name]
        last = row.words[-1].upper()
        method = MODELS[last] if last in MODELS else MODELS[stated]
        methods.add(method)
        words = row.words[:-1] if last in MODELS else row.words
        soil[place] = _soil(Row(row.path, row.line, words), method, units)
    reasons = []
    if len(methods) > 1:
        reasons.append("several methods of infiltration in one run")
    if methods == {MODIFIED_HORTON} and soil[:, 4].any():
        reasons.append("the modified Horton method with a largest volume")
    return next(iter(methods)), soil, reasons


def _soil(row: Row, method: int, units: Units) -> list[float]:
    """The kernel's parameters of a soil."""
    if method in (HORTON, MODIFIED_HORTON):
        first = row.number(1, "largest rate") * units.rate_m_s
        last = row.number(2, "least rate") * units.rate_m_s
        if last > first:
            raise row.error(
                "The least rate of infiltration is above the largest.", "最小入渗率大于最大入渗率。"
            )
        days = max(row.number(4, "drying time"), 1e-6)
        most = row.number(5, "largest volume", default=0.0) * units.depth_m
        return [first, last, row.number(3, "decay") / 3600.0, -np.log(0.02) / days / 86400.0, most]
    if method in (GREEN_AMPT, MODIFIED_GREEN_AMPT):
        conductivity = row.number(2, "conductivity") * units.rate_m_s
        deficit = row.number(3, "moisture deficit")
        if conductivity <= 0.0 or deficit > 1.0:
            raise row.error(
                "The conductivity must be above 0 and the deficit at most 1.",
                "导水率应大于 0，含水率亏缺应不大于 1。",
            )
        return [row.number(1, "suction") * units.depth_m, conductivity, deficit, 0.0, 0.0]
    number, days = min(max(row.number(1, "curve number"), 10.0), 99.0), row.number(3, "drying time")
    if days <= 0.0:
        raise row.error("The drying time must be above 0.", "干燥时间应大于 0。")
    return [0.0254 * (1000.0 / number - 10.0), 1.0 / (days * 86400.0), 0.0, 0.0, 0.0]


def _outlets(file: InputFile, present: dict[str, Row]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The subcatchment that each drains to, and the node of those that drain to none."""
    names = list(present)
    outlet, node = np.full(len(names), -1, np.int64), []
    for place, row in enumerate(present.values()):
        to = row.word(2, "outlet").upper()
        if to in present and to != names[place]:
            outlet[place] = names.index(to)
        node.append("" if outlet[place] >= 0 else to)
    try:
        from twin.kernels.drainage import drainage_order

        drainage_order(outlet)
    except ValueError:
        raise next(iter(present.values())).error(
            "Subcatchments drain to each other in a circle.", "汇水区的出流构成循环。"
        ) from None
    return outlet, tuple(node)


def _evaporation(file: InputFile) -> tuple[float | Floats, bool]:
    """Depths in mm a day, the year round or by month, and whether only in dry periods."""
    per_day: float | Floats = 0.0
    dry_only = False
    scale = 1.0 if units_of(file).metric else 25.4
    for row in file.rows("EVAP"):
        kind = row.words[0].upper()
        if kind == "CONSTANT":
            per_day = row.number(1, "evaporation") * scale
        elif kind == "MONTHLY":
            per_day = np.array([row.number(month, "evaporation") for month in range(1, 13)]) * scale
        elif kind == "DRY_ONLY":
            dry_only = row.word(1, "YES or NO").upper() == "YES"
    for row in file.rows("ADJUSTMENT"):
        if row.words[0].upper().startswith("EVAP"):
            more = [row.number(month, "evaporation", least=-1e300) for month in range(1, 13)]
            per_day = np.maximum(np.broadcast_to(per_day, 12) + np.array(more) * scale, 0.0)
    return per_day, dry_only


def _grid(
    file: InputFile, gages: list[Gage], start: datetime, end: datetime, evaporation: float | Floats
) -> tuple[Floats, NDArray[np.int64], int]:
    """Rain (R, K) in mm, the number of the record of each interval (K,), and the interval in s.

    The interval is the longest into which all records fit. A run that ends a second before midnight ends at
    midnight.
    """
    factor = np.ones(12)
    for row in file.rows("ADJUSTMENT"):
        if row.words[0].upper().startswith("RAIN"):
            factor = np.array([row.number(month, "rainfall") for month in range(1, 13)])
    if end.second == 59:
        end += timedelta(seconds=1)
    total = int((end - start).total_seconds())
    edges = {total}
    spans = []
    for gage in gages:
        begin = np.round(gage.start_s).astype(np.int64)
        stop = begin + int(gage.interval_s)
        falls = gage.intensity_mm_h * _adjusted(gage, factor, start)
        wet = (falls > 0.0) & (stop > 0) & (begin < total)
        begin, stop = np.clip(begin[wet], 0, total), np.clip(stop[wet], 0, total)
        edges |= set(begin.tolist()) | set(stop.tolist())
        spans.append((begin, stop, falls[wet]))
    if np.ndim(evaporation):
        edges.add(int((datetime(start.year, start.month, start.day) - start).total_seconds()) % 86400)
        edges.add(86400)
    interval = gcd(*edges)
    count = total // interval
    if count * max(len(gages), 1) > MOST_CELLS:
        raise file.rows("OPTION")[0].error(
            "Its times fit into no interval that the run has few enough of.", "其时刻无法归入合理的时间间隔。"
        )
    rain = np.zeros((max(len(gages), 1), count))
    new = np.zeros(count + 1, bool)
    for row_index, (begin, stop, falls) in enumerate(spans):
        for first, last, rate in zip(
            (begin // interval).tolist(), (stop // interval).tolist(), falls, strict=True
        ):
            rain[row_index, first:last] = rate * interval / 3600.0
            new[first] = new[last] = True
    return rain, np.cumsum(new[:-1]), interval


def _adjusted(gage: Gage, factor: Floats, start: datetime) -> Floats:
    """The month's factor on each record: SWMM takes that of the time at which the record before begins."""
    read_s, places = np.full(len(gage.start_s), -1.0), np.flatnonzero(gage.intensity_mm_h > 0.0)
    if not len(gage.start_s):
        return read_s
    places = np.unique(np.append(0, places))
    first_read = 1 if gage.start_s[0] > 0.0 else 2  # so many are read before the run
    read_s[places[first_read:]] = np.maximum(gage.start_s[places[first_read - 1 : -1]], 0.0)
    moment = np.datetime64(start, "s") + np.round(np.maximum(read_s, 0.0)).astype("timedelta64[s]")
    month = moment.astype("datetime64[M]").astype(np.int64) % 12
    return np.asarray(np.where(read_s < 0.0, 1.0, factor[month]))
