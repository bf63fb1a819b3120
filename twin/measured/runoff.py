"""The site's drained model under the rain that its gauge measured, held against levels and outflow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ifc.model import BuildingModel, Text
from sensors.points import Point, PointTable
from sensors.readings import MICROSECONDS
from sensors.store.contract import Store
from twin.climate import Climate, RainRecord, climate_for
from twin.errors import TwinError
from twin.live.places import Places
from twin.measured.hours import Floats, increase, total
from twin.measured.level_sensors import LevelSensor, Together, capacity_m, level_sensors, parting
from twin.measured.rain_events import GaugeRain, RainEvent, gauge_rain, mean_in_steps, rain_events, rules
from twin.measured.statistics import SeriesFit, fit_series
from twin.metrics.sponge.covers import SiteCovers, site_covers
from twin.metrics.sponge.drainage import SiteDrainage, record_case, site_drainage
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import run_case
from twin.metrics.sponge.storm import storm_rules
from twin.metrics.sponge.water_use import water_use
from twin.project import Project

_NOTHING: Floats = np.zeros(0)


@dataclass(frozen=True)
class SiteModel:
    """What is simulated, prepared once: the site of a model as the sponge metric drains it."""

    model: BuildingModel
    project: Project
    climate: Climate  # for evaporation
    covers: SiteCovers
    site: SiteDrainage


@dataclass(frozen=True)
class Course:
    """A measured course beside the simulated one, in the unit of the first; columns of shape (K,).

    ``why`` says why ``fit`` cannot be judged, None where it can.
    """

    points: tuple[str, ...]
    unit: str
    measured: Floats  # NaN for none
    simulated: Floats
    fit: SeriesFit
    known_pct: float  # of the steps that a reading could be in
    why: Text | None

    @property
    def follows(self) -> bool | None:
        """Whether the simulation follows what was measured; None when that cannot be told."""
        return None if self.why else self.fit.efficiency >= rules()["fit"]["least_efficiency"]


@dataclass(frozen=True)
class Level:
    """The level of one sensor."""

    sensor: LevelSensor
    course: Course
    state: Together
    state_h: float


@dataclass(frozen=True)
class Rate:
    """Share of a rain that did not leave the site, %: NaN where it cannot be told, and then why."""

    measured_pct: float
    simulated_pct: float
    why: Text | None


@dataclass(frozen=True)
class MeasuredRunoff:
    """A period of a site. Columns have the steps of the gauge.

    ``outflow_m3`` (K,) and ``level_m`` (N, K), at the end of each step, are simulated; ``ahead_level_m``
    (N, A) is of the steps after the period, under the rain that was given for them.
    """

    gauge: GaugeRain
    events: tuple[tuple[RainEvent, Rate], ...]
    small_mm: float  # rain of events that are too small to count
    period: Rate
    outflow: Course | None  # m³ a step
    levels: tuple[Level, ...]
    assumptions: tuple[Text, ...]
    outflow_m3: Floats
    level_m: Floats
    ahead_level_m: Floats

    @property
    def follows(self) -> bool | None:
        """Whether all that was measured is followed, after enough rain; None when that cannot be told."""
        courses = [level.course for level in self.levels] + ([self.outflow] if self.outflow else [])
        told = [course.follows for course in courses if course.follows is not None]
        if not told or len(self.events) < rules()["fit"]["least_events"]:
            return None
        return all(told)


def site_model(model: BuildingModel, project: Project) -> SiteModel:
    """Prepare the site of a model.

    Raises:
        TwinError: what covers the site is not known well enough to speak of it as a whole; or the climate's.
    """
    rules_ = sponge_rules()
    covers = site_covers(model, project, rules_)
    if covers.needs:
        need = covers.needs[0]
        raise TwinError("site-unknown", str(project.file or "twin.toml"), need.what, need.how)
    climate, _ = climate_for(model, project)
    return SiteModel(
        model, project, climate, covers, site_drainage(model, project, covers, rules_, storm_rules())
    )


def measured_runoff(
    store: Store,
    points: PointTable,
    places: Places,
    of: SiteModel,
    begin_us: int,
    end_us: int,
    ahead_mm: Floats = _NOTHING,
) -> MeasuredRunoff:
    """Simulate a period with the rain of the gauge, and hold it against what was measured.

    Stores begin as full as their sensors said within the first hours, else empty; soils at field capacity.
    Tanks are drawn on as the meters of ``reuse`` say, else by the quotas of the sponge metric.

    Args:
        store: the history.
        points: its table.
        places: where points stand.
        of: the site.
        begin_us: of the period.
        end_us: of the period.
        ahead_mm: (A,) rain of steps after the period, which only ``ahead_level_m`` tells of.

    Raises:
        TwinError: twin.toml names no gauge, or the period holds no whole step of it.
    """
    live = of.project.live
    if not live.meters.rain:
        raise TwinError(
            "no-rain-gauge",
            "live.meters.rain",
            Text("No point is named that measures the rain.", "未指定雨量计测点。"),
            Text("Name a point in mm or mm/h there.", "请在该处填写单位为 mm 或 mm/h 的测点。"),
        )
    row = points.row_of[live.meters.rain]
    gauge = gauge_rain(store, row, points[row], begin_us, end_us, live.zone)
    count, step_us = len(gauge.record.depth_mm), gauge.step_us
    if not count:
        raise TwinError(
            "no-period",
            live.meters.rain,
            Text("The period holds no whole step of the gauge.", "所选时段不足一个雨量时间步。"),
            Text("Ask for a longer period.", "请选择更长的时段。"),
        )

    def meters(ids: Sequence[str]) -> Floats:
        """Amounts of several meters, m³ in each step."""
        return total([_amount(store, points, id_, gauge.begin_us, count, step_us) for id_ in ids])

    sensors = level_sensors(live.levels, points, places, of.model, of.covers, of.site)
    readings = [mean_in_steps(store, each.row, gauge.begin_us, count, step_us) for each in sensors]
    drawn = meters(live.meters.reuse) if live.meters.reuse else None
    outflow_m3, level_m, assumptions = _simulated(of, gauge.record, sensors, readings, drawn, ahead_mm)
    outflow_m3, level_m, ahead_level_m = outflow_m3[:count], level_m[:, :count], level_m[:, count:]
    if gauge.silent_pct >= 1.0:
        assumptions.append(_silence(gauge, points[row]))
    levels = []
    for sensor, reading in zip(sensors, readings, strict=True):
        end_m = level_m[of.site.row(sensor.store)]
        start = float(end_m[0])
        middle = (np.append(start, end_m[:-1]) + end_m) / 2.0  # beside means of steps
        simulated = sensor.reading(middle / capacity_m(of.site, sensor.store))
        course = _course(
            (sensor.point.id,), sensor.point.unit, reading, simulated,
            (sensor.point.interval_s or 0.0) * MICROSECONDS, gauge,
        )  # fmt: skip
        state, state_h = parting(reading, simulated, sensor, gauge.record.step_s)
        if gauge.known < rules()["coverage"]:
            state, state_h = Together.UNKNOWN, 0.0
        levels.append(Level(sensor, course, state, state_h))
    left = None
    if live.meters.runoff:
        longest = max(points[points.row_of[id_]].interval_s or 0.0 for id_ in live.meters.runoff)
        left = _course(
            live.meters.runoff, "m³", meters(live.meters.runoff), outflow_m3, longest * MICROSECONDS, gauge
        )
    events, small_mm = rain_events(gauge.record)
    rated = tuple((event, event_rate(event, gauge, left, outflow_m3, of.site.area_m2)) for event in events)
    return MeasuredRunoff(
        gauge,
        rated,
        small_mm,
        _period_rate(gauge, left, outflow_m3, of.site.area_m2),
        left,
        tuple(levels),
        tuple(assumptions),
        outflow_m3,
        level_m,
        ahead_level_m,
    )


def _amount(store: Store, points: PointTable, id_: str, begin_us: int, count: int, step_us: int) -> Floats:
    """What a meter counted in each step, m³; of one that speaks less often, shared out over its interval."""
    row = points.row_of[id_]
    point = points[row]
    often = max(1, math.ceil((point.interval_s or 0.0) * MICROSECONDS / step_us))
    coarse = increase(store, row, point, begin_us, -(-count // often), often * step_us, "m³")
    return np.repeat(coarse / often, often)[:count]


def _simulated(
    of: SiteModel,
    record: RainRecord,
    sensors: Sequence[LevelSensor],
    readings: Sequence[Floats],
    drawn_m3: Floats | None,
    ahead_mm: Floats,
) -> tuple[Floats, Floats, list[Text]]:
    """What leaves the site in each step, m³ (K + A,), levels at its end, m (N, K + A), and assumptions."""
    record = replace(record, depth_mm=np.append(record.depth_mm, ahead_mm))
    assumptions = [
        Text("The soils begin at field capacity.", "土壤初始含水量为田间持水率。"),
    ]
    step_h = record.step_s / 3600.0
    site, demand = of.site, None
    if site.tank_m3 > 0.0:
        if drawn_m3 is not None and float(np.isfinite(drawn_m3).mean()) >= rules()["coverage"]:
            drawn = np.append(drawn_m3, np.full(len(ahead_mm), np.nan))
            drawn = np.where(np.isfinite(drawn), drawn, np.nanmean(drawn))
        else:
            drawn = water_use(of.model, of.project, of.covers, record, sponge_rules()).demand_m3
            assumptions.append(
                Text(
                    "What is drawn from the tank is not metered: the quotas of the design stand for it.",
                    "雨水回用量未计量，按设计定额估算。",
                )
            )
        mean_m3_h = float(drawn.mean()) / step_h
        site = site.with_demand(mean_m3_h)
        demand = drawn / step_h / mean_m3_h if mean_m3_h > 0.0 else None
    start = np.full(len(site.names), np.nan)
    early = max(1, round(rules()["start_h"] / step_h))
    for store in dict.fromkeys(each.store for each in sensors):
        known = [
            float(sensor.fill(reading[:early][np.isfinite(reading[:early])][0]))
            for sensor, reading in zip(sensors, readings, strict=True)
            if sensor.store == store and np.isfinite(reading[:early]).any()
        ]
        if known:
            start[site.row(store)] = min(max(float(np.mean(known)), 0.0), 1.0) * capacity_m(site, store)
        else:
            assumptions.append(
                Text(
                    f"The first readings of the {store} are missing: it begins empty.",
                    f"{store} 起始水位缺测，按空计。",
                )
            )
    case = replace(
        record_case(site, record, of.climate, record.step_s), demand=demand, start_level_m=start
    )  # fmt: skip
    found = run_case(case, keep_flow=True, keep_level=True)
    return found.flow_m3_s[site.outlet < 0].sum(axis=0) * record.step_s, found.level_m, assumptions


def _course(
    points: tuple[str, ...], unit: str, measured: Floats, simulated: Floats, interval_us: float,
    gauge: GaugeRain,
) -> Course:  # fmt: skip
    """Two courses and how well they agree; ``interval_us`` is how often something is measured."""
    fit = fit_series(measured, np.where(np.isfinite(measured), simulated, np.nan))
    possible = len(measured) * min(1.0, gauge.step_us / interval_us if interval_us else 1.0)
    known = min(1.0, fit.count / max(possible, 1.0))
    least = rules()["coverage"]
    why = None
    if gauge.known < least:
        why = Text(
            f"the gauge knows only {100 * gauge.known:.0f} % of the steps ({100 * least:.0f} % needed)",
            f"雨量计仅有 {100 * gauge.known:.0f}% 的时间步有数据（需 {100 * least:.0f}%）",
        )
    elif known < least:
        why = Text(
            f"readings in only {100 * known:.0f} % of the period ({100 * least:.0f} % needed)",
            f"仅 {100 * known:.0f}% 的时段有读数（需 {100 * least:.0f}%）",
        )
    elif not math.isfinite(fit.efficiency):
        why = Text("what was measured did not change", "实测值没有变化")
    return Course(points, unit, measured, simulated, fit, 100.0 * known, why)


def event_rate(
    event: RainEvent, gauge: GaugeRain, left: Course | None, outflow_m3: Floats, area_m2: float
) -> Rate:
    """The control rate of one event, 1 - outflow / rain, until the next begins or it has drained."""
    rain_m3 = event.depth_mm / 1000.0 * area_m2
    own = slice(event.first, event.end)
    simulated = 100.0 * (1.0 - float(outflow_m3[own].sum()) / rain_m3)
    measured = np.zeros(0) if left is None else left.measured[own]
    known = float(np.isfinite(measured).mean()) if len(measured) else 0.0
    why = _rate_why(event.known, known, left, rules()["event_coverage"])
    if why is not None:
        return Rate(math.nan, simulated, why)
    return Rate(100.0 * (1.0 - float(np.nansum(measured)) / known / rain_m3), simulated, None)


def _period_rate(gauge: GaugeRain, left: Course | None, outflow_m3: Floats, area_m2: float) -> Rate:
    """The control rate of the period, both in the steps in which rain and outflow are known.

    Where that cannot be told, the simulated one is of the whole period.
    """
    rain_m3 = gauge.record.depth_mm / 1000.0 * area_m2
    fallen = float(np.nansum(rain_m3))
    if fallen <= 0.0:
        return Rate(math.nan, math.nan, Text("it did not rain", "时段内无降雨"))
    simulated = 100.0 * (1.0 - float(outflow_m3.sum()) / fallen)
    measured = np.full(len(rain_m3), np.nan) if left is None else left.measured
    why = _rate_why(gauge.known, float(np.isfinite(measured).mean()), left, rules()["coverage"])
    if why is not None:
        return Rate(math.nan, simulated, why)
    both = np.isfinite(rain_m3) & np.isfinite(measured)
    of_both = rain_m3[both].sum()
    return Rate(
        100.0 * (1.0 - float(measured[both].sum() / of_both)),
        100.0 * (1.0 - float(outflow_m3[both].sum() / of_both)),
        None,
    )


def _rate_why(rain: float, metered: float, left: Course | None, least: float) -> Text | None:
    """Why a control rate cannot be told, from the shares of the steps that are known."""
    if left is None:
        return Text(
            "no meter measures what leaves the site (live.meters.runoff)",
            "未计量外排水量（live.meters.runoff）",
        )
    for known, what in ((rain, Text("gauge", "雨量计")), (metered, Text("outflow meter", "外排流量计"))):
        if known < least:
            return Text(
                f"the {what.en} knows only {100 * known:.0f} % of the steps ({100 * least:.0f} % needed)",
                f"{what.zh}仅有 {100 * known:.0f}% 的时间步有数据（需 {100 * least:.0f}%）",
            )
    return None


def _silence(gauge: GaugeRain, point: Point) -> Text:
    unknown = 100.0 * (1.0 - gauge.known)
    what = Text("count as dry in the simulation", "在模拟中按无雨计")
    if point.counter:
        what = Text(
            f"what the counter rose by is shared out over them; the {unknown:.0f} % that it cannot tell "
            "count as dry",
            f"计数增量在缺测时段内平均分配，仍无法确定的 {unknown:.0f}% 按无雨计",
        )
    elif point.interval_s is None:
        what = Text("the gauge speaks on change only, so they count as dry", "雨量计仅在变化时上报，按无雨计")
    return Text(
        f"The gauge is silent in {gauge.silent_pct:.0f} % of the steps: {what.en}.",
        f"雨量计在 {gauge.silent_pct:.0f}% 的时间步没有读数：{what.zh}。",
    )
