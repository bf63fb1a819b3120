"""Rain of a gauge through the site's model, beside measured levels and outflow."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import twin
from sensors.points import Point, PointTable, Privacy
from sensors.readings import readings_of
from sensors.store.sqlite import SqliteStore
from tests.building_blocks import Blocks
from tests.sensors.community import MINUTE_US, START_US
from twin.cli import app
from twin.climate import RainRecord
from twin.errors import TwinError
from twin.live.composition import open_store, points_of_project
from twin.live.places import Places
from twin.live.sections import LevelSection, LiveSection, MetersSection
from twin.measured.level_sensors import Together
from twin.measured.rain_events import gauge_rain, rain_events
from twin.measured.runoff import measured_runoff, site_model
from twin.measured.runoff_report import runoff_to_dict
from twin.measured.statistics import fit_series
from twin.metrics.sponge.drainage import record_case
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import run_case
from twin.project import GroundCover, Project, SiteSection, WaterSection, read_project

STEP_US = 5 * MINUTE_US
DAY = 288  # steps
POINTS = PointTable(
    [
        Point("roof/rain", "mm", quantity="rain", interval_s=300, privacy=Privacy.PUBLIC),
        Point("tank/level", "m", quantity="water_level", interval_s=300, privacy=Privacy.PUBLIC),
        Point("outfall/flow", "m³/h", quantity="flow", interval_s=300, privacy=Privacy.PUBLIC),
        Point("tank/draw", "m³", quantity="volume", interval_s=300, counter=True, privacy=Privacy.PUBLIC),
    ]
)
AREA_M2, TANK_M3, TANK_M2 = 1000.0, 20.0, 10.0  # water stands 2 m deep in the tank
DEPRESSION_MM = sponge_rules().covers["roof"].depression_mm


def built_site(**live):
    """A roof above a tank, from which 2 m³ a day are drawn."""
    section = LiveSection(
        **{
            "meters": MetersSection(rain="roof/rain", runoff=("outfall/flow",), reuse=("tank/draw",)),
            "levels": (LevelSection(point="tank/level", store="tank"),),
        }
        | live
    )
    covers = (
        GroundCover(kind="roof", area_m2=AREA_M2),
        GroundCover(kind="paving", area_m2=1.0),
        GroundCover(kind="tank", area_m2=0.0, storage_volume_m3=TANK_M3),
    )
    project = Project(
        site=SiteSection(covers=covers, area_m2=AREA_M2),
        water=WaterSection(serves=("irrigation",)),
        live=section,
    )
    return site_model(Blocks().model(), project)


@pytest.fixture(scope="module")
def built():
    return built_site()


def keep(store, name, values, step_us=STEP_US, points=POINTS):
    """A reading in the middle of each step; NaN for none."""
    values = np.asarray(values, np.float64)
    at = np.flatnonzero(np.isfinite(values))
    times = (START_US + at * step_us + step_us // 2).tolist()
    row = points.row_of[name]
    store.append(readings_of([row] * len(at), times, times, values[at].tolist(), [0] * len(at)))


def two_storms(days=6):
    rain = np.zeros(days * DAY)
    rain[DAY : DAY + 12] = 1.0  # 12 mm in an hour
    rain[3 * DAY : 3 * DAY + 24] = 1.0  # 24 mm in two
    return rain


def balance(rain_mm, draw_m3, start_m=0.5):
    """Level of the tank and outflow (m³ a step) by hand: what wets the roof does not come, it dries at once."""
    volume, levels, out = start_m * TANK_M2, [], []
    wet = 0.0
    for depth, draw in zip(rain_mm, draw_m3, strict=True):
        wet = 0.0 if depth == 0.0 else wet + depth
        volume += max(min(depth, wet - DEPRESSION_MM), 0.0) / 1000.0 * AREA_M2 - min(draw, volume)
        out.append(max(volume - TANK_M3, 0.0))
        volume -= out[-1]
        levels.append(volume / TANK_M2)
    return np.array(levels), np.array(out)


def run(store, built, steps, places=None, points=POINTS):
    end_us = START_US + steps * STEP_US
    return measured_runoff(store, points, places or Places(), built, START_US, end_us)


def measured_site(store, level=None, rain=None):
    rain = two_storms() if rain is None else rain
    draw = np.full(len(rain), 2.0 / DAY)
    levels, out = balance(rain, draw)
    keep(store, "roof/rain", rain)
    keep(store, "tank/draw", np.cumsum(draw) + 100.0)
    keep(store, "outfall/flow", out * 12.0)
    keep(store, "tank/level", levels if level is None else level(levels))
    return len(rain)


def test_the_efficiency_is_that_of_nash_and_sutcliffe():
    measured, simulated = np.array([1.0, 2.0, 3.0, math.nan, 6.0]), np.array([1.5, 2.0, 2.0, 9.0, 6.0])
    found = fit_series(measured, simulated)
    assert found.count == 4
    assert found.bias == pytest.approx(-0.125)
    assert found.rmse == pytest.approx(math.sqrt(1.25 / 4))
    assert found.efficiency == pytest.approx(1 - 1.25 / 14.0)  # squares about the mean of 3
    assert fit_series(measured, np.full(5, 3.0)).efficiency == pytest.approx(0.0)
    assert math.isnan(fit_series(np.full(5, 0.1), simulated).efficiency)
    assert fit_series(measured, np.full(5, math.nan)).count == 0


@pytest.mark.parametrize(
    ("unit", "counter"), [("mm", False), ("mm", True), ("mm/h", False)], ids=["amounts", "counter", "rate"]
)
def test_every_kind_of_gauge_gives_the_same_rain(unit, counter, tmp_path):
    rain = two_storms(2)
    points = PointTable([Point("g", unit, quantity="rain", interval_s=300, counter=counter)])
    store = SqliteStore(tmp_path / "h.db", points)
    told = np.cumsum(rain) if counter else rain * 12.0 if unit == "mm/h" else rain
    keep(store, "g", told, points=points)
    found = gauge_rain(store, 0, points[0], START_US + 1, START_US + len(rain) * STEP_US, "Asia/Shanghai")
    store.close()
    assert found.begin_us == START_US + STEP_US  # the next whole step
    assert found.record.start == np.datetime64("2026-03-01T08:05:00")
    known = np.isfinite(found.record.depth_mm)
    assert known[1:].all()
    assert found.record.depth_mm[1:] == pytest.approx(rain[2:], abs=1e-9)


def test_a_silence_is_unknown_of_amounts_shared_out_by_a_counter_and_dry_where_only_changes_are_told(
    tmp_path,
):
    rain = np.full(DAY, 0.1)
    said = np.where((np.arange(DAY) >= 100) & (np.arange(DAY) < 150), math.nan, rain)
    points = PointTable(
        [
            Point("amounts", "mm", quantity="rain", interval_s=300),
            Point("counter", "mm", quantity="rain", interval_s=300, counter=True),
            Point("changes", "mm", quantity="rain"),
        ]
    )
    store = SqliteStore(tmp_path / "h.db", points)
    keep(store, "amounts", said, points=points)
    keep(store, "counter", np.where(np.isnan(said), math.nan, np.cumsum(rain)), points=points)
    keep(store, "changes", said, points=points)
    end_us = START_US + DAY * STEP_US
    amounts, counter, changes = (
        gauge_rain(store, row, points[row], START_US, end_us, "UTC") for row in range(3)
    )
    store.close()
    assert amounts.known == pytest.approx(1 - 50 / DAY)
    assert np.isnan(amounts.record.depth_mm[100:150]).all()
    assert counter.record.depth_mm[100:151] == pytest.approx(np.full(51, 0.1))
    assert changes.known == 1.0
    assert changes.record.depth_mm[100:150].sum() == 0.0
    assert amounts.silent_pct == changes.silent_pct == pytest.approx(100 * 50 / DAY)


def test_six_dry_hours_end_an_event_and_little_rain_is_none():
    rain = np.zeros(4 * DAY)
    rain[10] = rain[10 + 71] = 1.5  # less than six hours between them
    rain[81 + 74] = 3.0  # more
    rain[3 * DAY] = 1.9
    rain[12] = math.nan
    found, small_mm = rain_events(RainRecord(rain, 300, np.datetime64("2026-03-01T00:00:00"), "hand"))
    assert [(each.first, each.last, each.end, each.depth_mm) for each in found] == [
        (10, 82, 155, 3.0),
        (155, 156, 156 + DAY, 3.0),
    ]
    assert found[0].peak_mm_h == pytest.approx(18.0)
    assert found[0].known == pytest.approx(71 / 72)
    assert small_mm == pytest.approx(1.9)
    assert rain_events(RainRecord(rain * 0.0, 300, np.datetime64("2026-03-01"), "dry")) == ([], 0.0)


def test_levels_and_outflow_of_a_hand_balance_are_followed(built, store):
    found = run(store, built, measured_site(store))
    (level,) = found.levels
    assert level.course.fit.efficiency > 0.97
    assert abs(level.course.fit.bias) < 0.04  # of 2 m: the last film on the roof dries, and does not run off
    assert level.state is Together.TOGETHER
    assert found.follows is True
    assert level.course.simulated[0] == pytest.approx(0.5, abs=0.01)  # as full as the sensor said
    assert len(found.events) == 2
    for _, rate in found.events:
        assert rate.measured_pct == pytest.approx(rate.simulated_pct, abs=2.5)
    assert found.period.measured_pct == pytest.approx(found.period.simulated_pct, abs=2.5)
    assert found.period.measured_pct < 100.0  # the second storm overflows
    assert json.loads(json.dumps(runoff_to_dict(found)))["follows"] is True


def test_the_measured_rate_is_what_the_meter_says_of_the_rain(built, store):
    rain = two_storms()
    keep(store, "roof/rain", rain)
    out = np.zeros(len(rain))
    out[DAY : DAY + 12] = 3.0  # m³/h for an hour, of 12 m³ of rain
    keep(store, "outfall/flow", out)
    found = run(store, built, len(rain))
    assert found.events[0][1].measured_pct == pytest.approx(75.0, abs=0.1)
    assert found.events[1][1].measured_pct == pytest.approx(100.0)
    assert found.period.measured_pct == pytest.approx(100 * 33 / 36, abs=0.1)


def test_a_pump_that_stands_still_and_a_gutter_that_is_blocked_are_told(built, store, tmp_path):
    steps = measured_site(store, lambda level: np.maximum.accumulate(level))
    (stuck,) = run(store, built, steps).levels
    assert stuck.state is Together.ABOVE
    assert stuck.state_h > 3.0
    assert "pump" in runoff_to_dict(run(store, built, steps))["levels"][0]["meaning"]["en"]
    other = SqliteStore(tmp_path / "other.db", POINTS)
    measured_site(other, lambda level: np.minimum.accumulate(level))
    blocked = run(other, built, steps)
    other.close()
    assert blocked.levels[0].state is Together.BELOW
    assert blocked.follows is False


def test_what_is_not_known_well_enough_is_not_judged_and_says_why(built, store):
    steps = len(two_storms())
    keep(store, "roof/rain", np.where(np.arange(steps) % 2, math.nan, two_storms()))
    keep(store, "tank/level", np.where(np.arange(steps) < 100, 0.5, math.nan))
    found = run(store, built, steps)
    assert found.follows is None
    (level,) = found.levels
    assert level.state is Together.UNKNOWN
    assert "50 %" in level.course.why.en
    assert "雨量计" in level.course.why.zh
    assert math.isnan(found.period.measured_pct)
    assert "gauge" in found.period.why.en
    assert any("50 %" in each.en for each in found.assumptions)
    assert any("not metered" in each.en for each in found.assumptions)


def test_without_a_gauge_or_a_period_it_is_refused(store):
    for built, steps, code in (
        (built_site(), 0, "no-period"),
        (built_site(meters=MetersSection()), DAY, "no-rain-gauge"),
    ):
        with pytest.raises(TwinError) as caught:
            run(store, built, steps)
        assert caught.value.code == code


def test_water_that_stands_at_the_start_leaves_as_the_balance_says():
    """A pond of 100 m² that stands 0.3 m deep under four days without rain: it evaporates, nothing runs off."""
    covers = (
        GroundCover(kind="water", area_m2=100.0, storage_volume_m3=50.0),
        GroundCover(kind="sunken_green", area_m2=100.0, storage_depth_m=0.2),
    )
    built = site_model(Blocks().model(), Project(site=SiteSection(covers=covers)))
    site = built.site
    record = RainRecord(np.zeros(4 * DAY), 300, np.datetime64("2026-03-01T00:00:00"), "dry")
    case = record_case(site, record, built.climate, 300)
    start = np.full(len(site.names), np.nan)
    start[site.row("water")], start[site.row("sunken_green")] = 0.3, 0.15
    found = run_case(replace(case, start_level_m=start), keep_level=True)
    pond, green = found.level_m[site.row("water")], found.level_m[site.row("sunken_green")]
    lost_m = found.evaporated_mm[site.row("water")] / 1000
    assert pond[-1] == pytest.approx(0.3 - lost_m, abs=1e-9)
    assert 0.002 < lost_m < 0.02
    assert green[0] < 0.15
    assert (np.diff(green) <= 1e-12).all()
    assert green[-1] == 0.0
    assert found.runoff_mm == pytest.approx(np.zeros(2), abs=1e-9)


def project_on_disk(folder):
    (folder / "points.csv").write_text(
        "id,quantity,unit,interval_s,privacy,counter\n"
        "roof/rain,rain,mm,300,public,\ntank/level,water_level,m,300,public,\n"
        "outfall/flow,flow,m³/h,300,public,\ntank/draw,volume,m³,300,public,yes\n",
        "utf-8",
    )
    shutil.copyfile(Path(twin.__file__).parent / "data" / "one_room.ifc", folder / "model.ifc")
    (folder / "twin.toml").write_text(
        f"""
[site]
covers = [{{kind = "roof", area_m2 = {AREA_M2}}}, {{kind = "tank", area_m2 = 0.0, storage_volume_m3 = {TANK_M3}}}]
area_m2 = {AREA_M2}
[live]
model = "model.ifc"
points = "points.csv"
[live.meters]
rain = "roof/rain"
runoff = ["outfall/flow"]
reuse = ["tank/draw"]
[[live.levels]]
point = "tank/level"
store = "tank"
""",
        "utf-8",
    )
    project = read_project(folder / "twin.toml")
    points = points_of_project(project)
    (folder / "live").mkdir()
    return project, points


def test_the_command_compares_a_period_and_says_so_in_both_languages(tmp_path):
    project, points = project_on_disk(tmp_path)
    store = open_store(project, points)
    steps = measured_site(store)
    store.close()
    span = ["--begin", str(START_US // 1000), "--end", str((START_US + steps * STEP_US) // 1000)]
    runner = CliRunner()
    done = runner.invoke(app, ["runoff", str(tmp_path / "twin.toml"), *span, "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert data["levels"][0]["efficiency"] > 0.9
    assert data["gauge"]["rain_mm"] == pytest.approx(36.0)
    text = runner.invoke(app, ["runoff", str(tmp_path / "twin.toml"), *span, "--lang", "en"])
    assert "the model follows what was measured" in text.stdout
    chinese = runner.invoke(app, ["runoff", str(tmp_path / "twin.toml"), "--lang", "zh"])
    assert chinese.exit_code == 1, chinese.output  # nothing was measured in the last 30 days
    assert "无法判断，因为" in chinese.stdout
    wrong = runner.invoke(app, ["runoff", str(tmp_path / "twin.toml"), "--begin", "yesterday"])
    assert wrong.exit_code == 2
