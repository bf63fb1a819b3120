"""A year of operation as evidence of the rating."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from sensors.points import Point, PointTable, Privacy
from sensors.readings import readings_of
from sensors.store.contract import HOUR_US
from sensors.store.sqlite import SqliteStore
from tests.twin.rating.house import House, clause, fact, metric, project
from twin.cli import app
from twin.errors import TwinError
from twin.evaluate import evaluate
from twin.live.composition import open_store, points_of_project
from twin.live.places import Place, Places
from twin.live.sections import MetersSection, WaterUseSection
from twin.measured.operation import last_year, operation_facts
from twin.measured.operation_file import measured_to_dict, read_measured
from twin.project import read_project
from twin.rating.result import Verdict

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ZONE = "Asia/Shanghai"
HOURS = last_year(NOW, ZONE)
POINTS = PointTable(
    [
        Point("office/pm25", "µg/m³", quantity="pm2_5", privacy=Privacy.PUBLIC),
        Point("hall/pm25", "mg/m³", quantity="pm2_5", privacy=Privacy.COMMUNITY),
        Point("roof/pm25", "µg/m³", quantity="pm2_5", privacy=Privacy.PUBLIC),
        Point("home/pm25", "µg/m³", quantity="pm2_5", household="home-1", privacy=Privacy.HOUSEHOLD),
        Point("main/electricity", "kWh", quantity="electricity", counter=True),
        Point("main/water", "m³/h", quantity="water_flow"),
        Point("wc/mains", "m³", quantity="water", counter=True),
        Point("wc/rain", "L/h", quantity="water_flow"),
    ]
)
PLACES = Places(
    {
        name: Place(name, room="" if name == "roof" else f"room-{name}")
        for name in ("office", "hall", "roof", "home")
    },
    {f"{name}/pm25": name for name in ("office", "hall", "roof", "home")},
)
METERS = MetersSection(electricity=("main/electricity",), water=("main/water",), water_users=20)


def fill(store, name, values):
    """A reading in the middle of each hour; NaN for none."""
    values = np.broadcast_to(np.asarray(values, float), HOURS.count)
    at = np.flatnonzero(np.isfinite(values))
    times = (HOURS.begin_us + at * HOUR_US + HOUR_US // 2).tolist()
    row = POINTS.row_of[name]
    store.append(readings_of([row] * len(at), times, times, values[at].tolist(), [0] * len(at)))


def found(store, meters=METERS):
    return {each.name: each for each in operation_facts(store, POINTS, PLACES, meters, HOURS)}


def until_hour(value, share):
    return np.where(np.arange(HOURS.count) < share * HOURS.count, value, math.nan)


def test_the_year_is_the_twelve_whole_months_of_the_place():
    begin, end = (datetime.fromtimestamp(at / 1e6, UTC) for at in (HOURS.begin_us, HOURS.end_us))
    assert begin == datetime(2025, 2, 28, 16, tzinfo=UTC)
    assert end == datetime(2026, 2, 28, 16, tzinfo=UTC)


def test_air_is_the_highest_annual_mean_of_common_rooms_and_neither_of_the_roof_nor_of_homes(store):
    fill(store, "office/pm25", np.where(np.arange(HOURS.count) % 2, 10.0, 20.0))
    fill(store, "hall/pm25", 0.022)
    fill(store, "roof/pm25", 80.0)
    fill(store, "home/pm25", 90.0)
    air = found(store)["indoor_pm25_annual"]
    assert air.value == pytest.approx(22.0)
    assert (air.months, air.hours_pct, air.points) == (12, 100.0, ("office/pm25", "hall/pm25"))
    assert air.newest_us == HOURS.end_us - HOUR_US // 2


def test_before_a_year_is_over_there_is_not_enough_data_and_it_says_how_much(store):
    fill(store, "office/pm25", 15.0)
    fill(store, "hall/pm25", until_hour(0.015, 0.5))
    fill(store, "main/electricity", until_hour(7.0, 0.25))
    facts = found(store)
    air, used = facts["indoor_pm25_annual"], facts["electricity_kwh"]
    assert (air.value, air.months, round(air.hours_pct)) == (None, 6, 50)
    assert (used.value, used.months) == (None, 3)
    assert facts["daily_water_use"].newest_us == 0


def test_meters_are_summed_over_the_year_and_water_is_told_per_user_and_day(store):
    fill(store, "main/electricity", np.arange(HOURS.count) * 3.0)
    fill(store, "main/water", 0.1)
    facts = found(store)
    assert facts["electricity_kwh"].value == pytest.approx(3.0 * HOURS.count)
    assert facts["daily_water_use"].value == pytest.approx(0.1 * 24 * 1000 / 20)
    assert found(store, MetersSection()).keys() == {"indoor_pm25_annual"}


FLUSHING = MetersSection(
    water_uses={"flushing": WaterUseSection(potable=("wc/mains",), non_traditional=("wc/rain",))}
)


def test_the_source_of_the_water_of_a_use_is_told_by_its_meters(store):
    fill(store, "wc/mains", np.arange(HOURS.count) * 0.3)
    fill(store, "wc/rain", 100.0)
    share = found(store, FLUSHING)["nontraditional_share_flushing"]
    assert share.value == pytest.approx(25.0, rel=1e-3)
    assert (share.months, share.points) == (12, ("wc/mains", "wc/rain"))
    assert "/ 3504 m³" in share.formula


def test_one_meter_without_the_other_tells_no_share(store):
    fill(store, "wc/rain", 100.0)
    share = found(store, FLUSHING)["nontraditional_share_flushing"]
    assert (share.value, share.months, share.hours_pct) == (None, 0, 0.0)


def test_a_use_that_drew_nothing_is_not_said_to_lack_data(store, tmp_path):
    fill(store, "wc/mains", 7.0)
    fill(store, "wc/rain", 0.0)
    facts = list(found(store, FLUSHING).values())
    path = tmp_path / "nothing.json"
    path.write_text(json.dumps(measured_to_dict("Site", facts, HOURS, ZONE, NOW)), "utf-8")
    quantity = read_measured(path, NOW).summary["nontraditional_share_flushing"]
    assert quantity.value is None
    assert "counted nothing" in quantity.needs[0].what.en


def written(tmp_path, store, **changes):
    data = measured_to_dict("Site", list(found(store).values()), HOURS, ZONE, NOW) | changes
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(data), "utf-8")
    return path


def test_a_file_keeps_the_facts_their_months_and_their_digest(store, tmp_path):
    fill(store, "office/pm25", 15.0)
    fill(store, "hall/pm25", 0.015)
    result = read_measured(written(tmp_path, store), NOW)
    known, open_ = result.summary["indoor_pm25_annual"], result.summary["electricity_kwh"]
    assert known.value == pytest.approx(15.0)
    assert "2025-03-01 … 2026-03-01" in known.source
    assert result.input_sha256[:12] in known.source
    assert open_.value is None
    assert "0 of 12 months" in open_.needs[0].what.en


def test_a_year_long_gone_is_no_evidence(store, tmp_path):
    fill(store, "office/pm25", 15.0)
    fill(store, "hall/pm25", 0.015)
    result = read_measured(written(tmp_path, store), NOW + timedelta(days=400))
    assert result.summary["indoor_pm25_annual"].value is None
    assert "long gone" in result.summary["indoor_pm25_annual"].needs[0].what.en


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"greentwin_measured": 2}',
        "\ud800".encode("utf-8", "surrogatepass"),
        '{"facts": [{"value": NaN}]}',
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TwinError) as caught:
        read_measured(path, NOW)
    assert caught.value.code == "bad-measured-file"


# --- the clauses -------------------------------------------------------------------------------------------

IN_USE = {"project": {"stage": "evaluation"}}
AREAS = {
    "floor_area_above_ground": {"value": 1000.0},
    "floor_area_below_ground": {"value": 0.0},
    "building_type": {"value": "public"},
}


def test_measured_air_earns_the_points_of_5_2_1():
    clean = metric("measured", indoor_pm25_annual=(22.0, "µg/m³"), indoor_pm10_annual=(40.0, "µg/m³"))
    dusty = metric("measured", indoor_pm25_annual=(31.0, "µg/m³"), indoor_pm10_annual=(40.0, "µg/m³"))
    item = clause(House(), "5.2.1", project(**IN_USE), clean).items[1]
    assert (item.verdict, item.points, item.provenance) == (Verdict.MET, 6.0, "derived")
    assert clause(House(), "5.2.1", project(**IN_USE), dusty).items[1].verdict is Verdict.NOT_MET


def test_a_year_of_co2_and_dust_shows_that_air_data_is_kept_for_6_2_7():
    dust = {"indoor_pm25_annual": (22.0, "µg/m³"), "indoor_pm10_annual": (40.0, "µg/m³")}
    whole = metric("measured", **dust, indoor_co2_annual=(640.0, "ppm"))
    assert fact(House(), "iaq_data_retention", project(**IN_USE), whole).value == 12.0
    assert fact(House(), "iaq_data_retention", project(**IN_USE), metric("measured", **dust)).value is None
    assert fact(House(), "iaq_data_retention", project(**IN_USE)).value is None


def test_the_mean_co2_of_a_room_is_told_in_its_own_unit(tmp_path):
    points = PointTable([Point("office/co2", "ppm", quantity="co2", privacy=Privacy.PUBLIC)])
    store = SqliteStore(tmp_path / "co2.db", points)
    times = HOURS.begin_us + np.arange(HOURS.count) * HOUR_US
    zeros = np.zeros(HOURS.count)
    store.append(readings_of(zeros, times, times, zeros + 650.0, zeros))
    places = Places({"office": Place("office", room="office")}, {"office/co2": "office"})
    (told,) = operation_facts(store, points, places, MetersSection(), HOURS)
    assert (told.name, told.value, told.unit) == ("indoor_co2_annual", pytest.approx(650.0), "ppm")
    store.close()


def test_not_enough_data_leaves_the_clause_open_and_says_what_is_missing(store, tmp_path):
    result = read_measured(written(tmp_path, store), NOW)
    item = clause(House(), "5.2.1", project(**IN_USE), {"measured": result}).items[1]
    assert item.verdict is Verdict.CANNOT_TELL
    assert any("0 of 12 months" in need.what.en for need in item.missing)


def test_a_year_of_electricity_is_held_against_the_limit_of_the_standard():
    used = metric("measured", electricity_kwh=(72_000.0, "kWh"))
    stated = project(**IN_USE, facts=AREAS | {"energy_quota": {"value": 90.0}})
    reduced = fact(House(), "operating_energy_reduction", stated, used)
    assert reduced.value == pytest.approx(20.0)
    assert clause(House(), "7.2.8", stated, used).points == 10.0
    unsaid = fact(House(), "operating_energy_reduction", project(**IN_USE, facts=AREAS), used)
    assert unsaid.value is None
    assert any("energy_quota" in need.how.en for need in unsaid.needs)


def test_electricity_alone_says_nothing_of_a_building_that_burns_gas():
    told = metric("measured", electricity_kwh=(72_000.0, "kWh")) | metric("energy", gas_kwh=(100.0, "kWh"))
    stated = project(**IN_USE, facts=AREAS | {"energy_quota": {"value": 90.0}})
    assert fact(House(), "operating_energy_reduction", stated, told).value is None


def test_daily_water_use_is_held_against_the_stated_quotas():
    used = metric("measured", daily_water_use=(95.0, "L/(unit·d)"))
    quotas = {
        f"water_quota_{name}": {"value": value}
        for name, value in (("upper", 130.0), ("mean", 110.0), ("lower", 90.0))
    }
    assert clause(House(), "6.2.11", project(**IN_USE, facts=quotas), used).points == 3.0


def test_measured_sources_of_water_stand_before_the_design_which_is_told_beside_them():
    name = "nontraditional_share_flushing"
    told = metric("measured", **{name: (34.0, "%")}) | metric("sponge", **{name: (55.0, "%")})
    item = clause(House(), "7.2.13", project(**IN_USE), told).items[1]
    assert (item.verdict, item.points) == (Verdict.MET, 3.0)
    assert "55.0 %" in item.reason.en


def test_without_enough_of_a_year_the_design_decides_on_and_the_missing_months_are_told(store, tmp_path):
    name = "nontraditional_share_flushing"
    path = tmp_path / "m.json"
    facts = list(found(store, FLUSHING).values())
    path.write_text(json.dumps(measured_to_dict("Site", facts, HOURS, ZONE, NOW)), "utf-8")
    measured = {"measured": read_measured(path, NOW)}
    share = fact(House(), name, project(**IN_USE), metric("sponge", **{name: (55.0, "%")}) | measured)
    assert share.value == 55.0
    alone = fact(House(), name, project(**IN_USE), measured)
    assert alone.value is None
    assert any("0 of 12 months" in need.what.en for need in alone.needs)


def test_only_meters_tell_the_water_of_the_cooling():
    name = "nontraditional_share_cooling"
    used = metric("measured", **{name: (41.0, "%")})
    assert clause(House(), "7.2.13", project(**IN_USE), used).items[2].points == 5.0
    assert fact(House(), name, project(**IN_USE)).needs[0].how.en.startswith("State [facts.")


@pytest.mark.parametrize(
    ("meters", "place"),
    [
        ('potable = ["wc"]\nnon_traditional = ["hall"]', "live.meters.water_uses.flushing.non_traditional"),
        ('potable = ["wc"]\nnon_traditional = []', "water_uses.flushing.non_traditional"),
    ],
)
def test_a_meter_of_a_use_that_is_none_is_refused_with_its_place(tmp_path, meters, place):
    (tmp_path / "points.csv").write_text("id,unit,privacy\nwc,m³,community\nhall,°C,community\n", "utf-8")
    (tmp_path / "twin.toml").write_text(
        f'[live]\npoints = "points.csv"\n[live.meters.water_uses.flushing]\n{meters}\n', "utf-8"
    )
    with pytest.raises(TwinError) as caught:
        points_of_project(read_project(tmp_path / "twin.toml"))
    assert place in f"{caught.value.where} {caught.value.message.en}"


def test_measurements_are_refused_before_completion(tmp_path, store):
    result = read_measured(written(tmp_path, store), NOW)
    with pytest.raises(TwinError) as caught:
        evaluate(tmp_path / "no.ifc", measured=result)
    assert caught.value.code == "measured-before-completion"


def test_the_command_writes_the_file_that_evaluate_reads(tmp_path):
    (tmp_path / "points.csv").write_text(
        "id,unit,counter,privacy\nmain/electricity,kWh,yes,community\n", "utf-8"
    )
    (tmp_path / "twin.toml").write_text(
        '[project]\nname = "Site"\n[live]\npoints = "points.csv"\n'
        '[live.meters]\nelectricity = ["main/electricity"]\n', "utf-8",
    )  # fmt: skip
    (tmp_path / "live").mkdir()
    out = tmp_path / "m.json"
    stated = read_project(tmp_path / "twin.toml")
    open_store(stated, points_of_project(stated)).close()
    done = CliRunner().invoke(app, ["measure", str(tmp_path / "twin.toml"), "-o", str(out), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "not enough" in done.output
    assert read_measured(out, datetime.now(UTC)).summary["electricity_kwh"].value is None
