from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ifc.model import (
    PROVENANCE_CODES,
    BuildingModel,
    Diagnostic,
    GroundCoverTable,
    PolygonTable,
    PropertyTable,
    Provenance,
    Severity,
    Text,
)
from tests.building_blocks import Blocks
from twin.climate import Climate, RainRecord, read_epw, read_rain, typical_year
from twin.metrics.result import MetricResult
from twin.metrics.sponge import compute
from twin.metrics.sponge.control_rate import CaptureCurve, DesignRainfallTable, capture_curve, daily_depths
from twin.metrics.sponge.rules import sponge_rules
from twin.project import GroundCover, Project, ProjectSection, SiteSection

GROUND = {"road": 1500.0, "permeable_paving": 2000.0, "green": 2200.0, "water": 100.0}
BLOCK = {"roof": 2400.0, "green_roof": 600.0, "sunken_green": 1200.0, **GROUND}


@pytest.fixture(scope="module")
def thirty_years() -> Climate:
    return typical_year("Nanchang")


@pytest.fixture(scope="module")
def climate(thirty_years: Climate) -> Climate:
    """Two years of the record, which suffice for most."""
    rain = thirty_years.rain
    return replace(thirty_years, rain=replace(rain, depth_mm=rain.depth_mm[: 2 * 8760]))


def model(areas: Mapping[str, float], depth: float = np.nan, tank_m3: float | None = None) -> BuildingModel:
    """A model whose ground covers are one element each; ``depth`` is that of the sunken green."""
    blocks = Blocks()
    rows = [blocks.box("IfcSlab", (0, 0, 0), (1, 1, 1), name=kind) for kind in areas]
    kinds, sizes = list(areas), list(areas.values())
    depths = [depth if kind == "sunken_green" else np.nan for kind in kinds]
    volumes = [np.nan] * len(kinds)
    if tank_m3 is not None:
        rows.append(blocks.box("IfcTank", (0, 0, 0), (1, 1, 1), name="tank"))
        kinds, sizes, depths, volumes = (
            [*kinds, "tank"],
            [*sizes, 40.0],
            [*depths, np.nan],
            [*volumes, tank_m3],
        )
    provenance = PROVENANCE_CODES.index(Provenance.IFC)
    covers = GroundCoverTable(
        np.array(rows, np.int32), np.array(kinds, object), PolygonTable.pack([[]] * len(kinds), 2),
        np.array(sizes), np.array(depths), np.array(volumes), np.full(len(kinds), provenance, np.int8),
    )  # fmt: skip
    return replace(blocks.model(), ground_covers=covers)


def declared(*covers: dict, **site: object) -> Project:
    return Project(site=SiteSection(covers=tuple(GroundCover(**cover) for cover in covers), **site))


def value(result: MetricResult, key: str) -> float:
    quantity = result.summary[key]
    assert quantity.value is not None, quantity.needs
    return quantity.value


# The curve of a record


def test_the_rate_of_a_tiny_series_by_hand() -> None:
    # Days of 1, 2, 5, 10, 25 and 60 mm: 1 and 2 mm do not count, 100 mm do. At H = 20 mm
    # 5 + 10 + 20 + 20 = 55 mm are held back.
    record = RainRecord(
        np.array([5.0, 1.0, 60.0, 2.0, 25.0, 10.0]), 86400, np.datetime64("2000-01-01"), "hand"
    )
    curve = capture_curve(record, 2.0)
    assert curve.depth_mm.tolist() == [5.0, 10.0, 25.0, 60.0]
    assert curve.rate_pct(20.0) == pytest.approx(55.0)
    assert curve.rainfall_mm(55.0) == pytest.approx(20.0)
    assert curve.rate_pct(5.0) == pytest.approx(20.0)
    assert curve.rate_pct(60.0) == pytest.approx(100.0)
    # It is the volume that counts: half of the days lie below 10 mm, but only 35 % of the rain is held there.
    assert curve.rate_pct(10.0) == pytest.approx(35.0)


def test_rate_and_rainfall_are_inverse() -> None:
    curve = CaptureCurve(np.sort(np.random.default_rng(3).exponential(15.0, 500) + 2.0), 10.0)
    for rate in (1.0, 33.3, 60.0, 85.0, 99.9):
        assert curve.rate_pct(curve.rainfall_mm(rate)) == pytest.approx(rate)


def test_hours_are_summed_to_days_and_days_with_gaps_left_out() -> None:
    hours = np.full(24 * 4 + 6, 0.5)
    hours[30] = np.nan
    daily = daily_depths(RainRecord(hours, 3600, np.datetime64("2000-01-01T00:00:00"), "hand"))
    assert daily.tolist() == [12.0, 12.0, 12.0]


def test_the_table_is_linear_between_its_rates_and_says_where_it_ends() -> None:
    table = DesignRainfallTable(np.array([60.0, 70, 75, 80, 85]), np.array([16.7, 22.8, 26.8, 32.0, 38.9]))
    assert table.rate_pct(22.8) == (70.0, None)
    assert table.rate_pct(24.8) == (pytest.approx(72.5), None)
    low, remark = table.rate_pct(8.35)
    assert low == pytest.approx(30.0)
    assert "lower bound" in remark.en
    high, remark = table.rate_pct(80.0)
    assert high == 85.0
    assert "at least" in remark.en


def test_a_rate_below_the_table_lies_between_the_two_that_are_told() -> None:
    """The curve of a record, concave as every one is, tabled at the guide's rates."""
    curve = CaptureCurve(np.sort(np.random.default_rng(5).exponential(15.0, 3000) + 2.0), 30.0)
    rates = np.array([60.0, 70, 75, 80, 85])
    table = DesignRainfallTable(rates, np.array([curve.rainfall_mm(rate) for rate in rates.tolist()]))
    for rate in (5.0, 20.0, 40.0, 54.0, 59.9):
        rainfall = curve.rainfall_mm(rate)
        assert table.rate_pct(rainfall)[0] < rate < table.most_pct(rainfall)
    at_the_end = float(table.rainfall_mm[0])
    assert table.rate_pct(at_the_end)[0] == table.most_pct(at_the_end) == 60.0


def test_the_synthetic_record_returns_the_published_design_rainfall(thirty_years: Climate) -> None:
    rules = sponge_rules()
    curve = capture_curve(thirty_years.rain, rules.least_daily_rain_mm)
    published = rules.city_rainfall_mm["南昌"]
    ours = [curve.rainfall_mm(rate) for rate in rules.rates_pct]
    assert ours == pytest.approx(published.tolist(), rel=0.02)
    assert curve.years == pytest.approx(30.0, abs=0.05)


# The volumetric method


def test_the_volumetric_formula_by_hand(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.15, tank_m3=30.0), climate, Project())
    # Σ φ A = 0.85 (2400 + 1500) + 0.35 · 600 + 0.30 · 2000 + 0.15 (2200 + 1200) + 1.0 · 100 = 4735 m²
    assert value(result, "weighted_runoff_coefficient") == pytest.approx(4735 / 10000)
    assert value(result, "site_area_m2") == pytest.approx(10000)
    assert value(result, "rain_storage_m3") == pytest.approx(0.15 * 1200 + 30.0)
    assert value(result, "design_rainfall_mm") == pytest.approx(210.0 / (10 * 0.4735 * 1.0))
    assert value(result, "required_storage_m3_70pct") == pytest.approx(10 * 22.8 * 0.4735 * 1.0)
    assert value(result, "annual_runoff_control_rate") == 85.0
    assert "2014" in result.summary["annual_runoff_control_rate"].source


def test_solids_are_removed_with_the_storage_that_holds_them(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.05, tank_m3=60.0), climate, Project())
    # 60 m³ of sunken green remove 75 %, 60 m³ of tank 85 %: 80 % of the controlled rain.
    rate = value(result, "annual_runoff_control_rate")
    assert value(result, "suspended_solids_removal_pct") == pytest.approx(0.80 * rate)
    nothing = compute(model(BLOCK, depth=0.0), climate, Project())
    assert value(nothing, "suspended_solids_removal_pct") == 0.0


def test_each_cover_needs_its_share_of_the_storage(thirty_years: Climate) -> None:
    result = compute(model(BLOCK, depth=0.05), thirty_years, Project())
    total = np.nansum(result.table["required_storage_m3"])
    assert total == pytest.approx(value(result, "required_storage_m3_70pct"))
    curve = result.series["curve_rainfall_mm"][result.series["curve_rate_pct"] == 80.0]
    assert curve == pytest.approx(32.0, rel=0.02)  # the published design rainfall of Nanchang


def test_storage_for_the_70_percent_rainfall_gives_70_percent(thirty_years: Climate) -> None:
    needed = value(compute(model(BLOCK, depth=0.0), thirty_years, Project()), "required_storage_m3_70pct")
    result = compute(model(BLOCK, depth=0.0, tank_m3=needed), thirty_years, Project())
    assert value(result, "annual_runoff_control_rate") == pytest.approx(70.0)
    assert value(result, "annual_runoff_control_rate_record") == pytest.approx(70.0, abs=0.5)


def test_a_rate_beyond_the_table_is_told_as_the_least_and_stays_a_number(climate: Climate) -> None:
    def rate(tank_m3: float) -> tuple[float | None, bool, bool]:
        found = compute(model(BLOCK, depth=0.0, tank_m3=tank_m3), climate, Project()).summary
        told, solids = found["annual_runoff_control_rate"], found["suspended_solids_removal_pct"]
        return told.value, told.at_least, solids.at_least

    assert rate(1e4) == (85.0, True, True)
    needed = value(compute(model(BLOCK, depth=0.0), climate, Project()), "required_storage_m3_70pct")
    assert rate(needed) == (pytest.approx(70.0), False, False)
    assert rate(needed / 10.0)[1]
    below = compute(model(BLOCK, depth=0.0, tank_m3=needed / 10.0), climate, Project())
    assert value(below, "annual_runoff_control_rate") < value(below, "annual_runoff_control_rate_most") < 60.0
    assert rate(0.0) == (0.0, False, False)  # nothing held is known exactly


def test_permeable_paving_and_green_roofs_hold_no_storage_of_their_own(climate: Climate) -> None:
    ground = {"roof": 500.0, "green_roof": 500.0, "permeable_paving": 1000.0}
    result = compute(model(ground), climate, Project())
    assert value(result, "rain_storage_m3") == 0.0
    assert value(result, "annual_runoff_control_rate") == 0.0
    codes = {diagnostic.code for diagnostic in result.diagnostics}
    assert {"design-rainfall-outside-table", "runoff-methods-differ"} <= codes


def test_shares_of_areas(climate: Climate) -> None:
    result = compute(model({**BLOCK, "parking": 500.0}), climate, Project())
    assert value(result, "green_ratio_pct") == pytest.approx(100 * 3400 / 10500)
    assert value(result, "permeable_paving_share_pct") == pytest.approx(100 * 2000 / 4000)
    assert value(result, "sunken_green_share_pct") == pytest.approx(100 * 1200 / 3400)
    assert value(result, "green_roof_share_pct") == pytest.approx(20.0)


def test_sunken_green_without_a_depth_takes_the_least_of_the_guide_and_says_so(climate: Climate) -> None:
    result = compute(model(BLOCK), climate, Project())
    assert value(result, "rain_storage_m3") == pytest.approx(0.05 * 1200)
    assumption = next(a for a in result.assumptions if a.what.en.startswith("Ponding depth"))
    assert assumption.value.provenance is Provenance.DEFAULT
    assert len(assumption.global_ids) == 1


def test_a_tank_without_volume_counts_as_none(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.1, tank_m3=np.nan), climate, Project())
    assert value(result, "rain_storage_m3") == pytest.approx(120.0)
    assert "tank-without-volume" not in {diagnostic.code for diagnostic in result.diagnostics}
    declared_too = compute(model(BLOCK, depth=0.1), climate, declared({"kind": "tank", "area_m2": 9}))
    (diagnostic,) = [d for d in declared_too.diagnostics if d.code == "tank-without-volume"]
    assert "site.covers[0]" in diagnostic.message.zh


def test_covers_of_twin_toml_join_those_of_the_model(climate: Climate) -> None:
    project = declared(
        {"kind": "green", "area_m2": 3000}, {"kind": "tank", "area_m2": 0, "storage_volume_m3": 50}
    )
    result = compute(model({"roof": 2000.0}), climate, project)
    assert value(result, "site_area_m2") == 5000.0
    assert value(result, "rain_storage_m3") == 50.0
    assert result.table["global_id"].tolist()[1:] == ["twin.toml site.covers[0]", "twin.toml site.covers[1]"]
    assert result.table["provenance"].tolist() == ["ifc", "declared", "declared"]
    assert {len(column) for column in result.table.values()} == {3}


def test_a_measured_record_of_thirty_years_decides(climate: Climate) -> None:
    random = np.random.default_rng(8)
    depth = np.where(random.random(31 * 366) < 0.4, random.exponential(10.0, 31 * 366), 0.0)
    record = RainRecord(depth, 86400, np.datetime64("1980-01-01", "s"), "gauge.csv")
    result = compute(model(BLOCK, depth=0.05), replace(climate, rain=record), Project())
    assert "measured years of gauge.csv" in result.summary["annual_runoff_control_rate"].source
    assert value(result, "annual_runoff_control_rate") == value(result, "annual_runoff_control_rate_record")
    short = replace(record, depth_mm=depth[:3650])
    result = compute(model(BLOCK, depth=0.05), replace(climate, rain=short), Project())
    assert "Nanchang" in result.summary["annual_runoff_control_rate"].source
    assert "rain-record-coarse" in {diagnostic.code for diagnostic in result.diagnostics}


def test_a_city_without_published_rainfall_cannot_be_told(climate: Climate) -> None:
    project = Project(project=ProjectSection(city="Lhotse"))
    result = compute(model(BLOCK, depth=0.1), climate, project)
    rate = result.summary["annual_runoff_control_rate"]
    assert rate.value is None
    assert "weather.rain" in rate.needs[0].how.en
    assert value(result, "design_rainfall_mm") > 0


# What cannot be told

SITE_KEYS = (
    "annual_runoff_control_rate", "design_rainfall_mm", "weighted_runoff_coefficient", "site_area_m2",
    "green_ratio_pct", "permeable_paving_share_pct", "sunken_green_share_pct", "rain_storage_m3",
    "required_storage_m3_70pct",
)  # fmt: skip


@pytest.mark.parametrize(
    ("areas", "what"),
    [
        ({}, "Nothing is known"),
        ({"roof": 900.0}, "roofs but no ground"),
        ({"roof": 900.0, "unknown": 800.0}, "roofs but no ground"),
        ({"roof": 900.0, "paving": 60.0}, "Roofs make up 94 %"),
        ({"roof": 900.0, "green": 900.0, "unknown": 400.0}, "What covers 400 m² of 2,200 m²"),
    ],
)
def test_a_building_without_its_site_gets_no_rate(climate: Climate, areas: dict, what: str) -> None:
    result = compute(model(areas), climate, Project())
    for key in SITE_KEYS:
        quantity = result.summary[key]
        assert quantity.value is None, key
        assert what in quantity.needs[0].what.en
        assert "[[site.covers]]" in quantity.needs[0].how.zh
    assert all(name.startswith(("storm_", "hydrograph_")) for name in result.series)


def test_ground_without_an_outline_of_the_site_may_be_a_part_of_it(climate: Climate) -> None:
    told = Diagnostic("site-without-outline", Severity.WARNING, Text("", ""), Text("", ""))
    loose = replace(model(BLOCK), diagnostics=(told,))
    rate = compute(loose, climate, Project()).summary["annual_runoff_control_rate"]
    assert rate.value is None
    assert "TotalArea" in rate.needs[0].how.zh
    assert value(compute(loose, climate, declared(area_m2=10000.0)), "annual_runoff_control_rate") > 0


def test_ground_that_nothing_covers_counts_as_unknown(climate: Climate) -> None:
    part = compute(model(BLOCK, depth=0.1), climate, declared(area_m2=10500.0))
    assert value(part, "weighted_runoff_coefficient") == pytest.approx((4735 + 500 * 0.9) / 10500)
    most = compute(model(BLOCK, depth=0.1), climate, declared(area_m2=20000.0))
    assert most.summary["annual_runoff_control_rate"].value is None
    assert value(most, "site_area_m2") == 20000.0


def test_the_area_of_the_ifc_site_is_read(climate: Climate) -> None:
    blocks = Blocks()
    site = blocks.box("IfcSite", (0, 0, 0), (1, 1, 1), name="site")
    bare = blocks.model()
    properties = PropertyTable(
        np.array([site], np.int32), np.array(["Pset_SiteCommon"], object), np.array(["TotalArea"], object),
        np.array([1200.0], object), np.array(["m²"], object), np.zeros(1, np.bool_), np.zeros(1, np.bool_),
    )  # fmt: skip
    project = declared({"kind": "roof", "area_m2": 600}, {"kind": "green", "area_m2": 590})
    result = compute(replace(bare, properties=properties), climate, project)
    assert value(result, "site_area_m2") == 1200.0
    assert "TotalArea" in result.summary["site_area_m2"].formula


def test_covers_larger_than_the_site_are_told(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.1), climate, declared(area_m2=9000.0))
    assert "ground-covers-exceed-site" in {diagnostic.code for diagnostic in result.diagnostics}


# The continuous simulation


def test_the_monthly_balance_closes(thirty_years: Climate) -> None:
    series = compute(model(BLOCK, depth=0.15, tank_m3=60.0), thirty_years, Project()).series
    out = series["infiltrated_mm"] + series["evaporated_mm"] + series["reused_mm"] + series["runoff_mm"]
    assert series["rain_mm"] == pytest.approx(out + series["storage_change_mm"], abs=1e-6)
    assert series["captured_mm"] == pytest.approx(series["rain_mm"] - series["runoff_mm"], abs=1e-9)
    assert series["rain_mm"].sum() == pytest.approx(1624.4, rel=1e-3)
    signed = {"storage_change_mm", "storm_attenuation_pct"}
    assert all((column >= 0).all() for name, column in series.items() if name not in signed)


def test_more_storage_means_less_runoff(climate: Climate) -> None:
    rates = [
        value(compute(model(BLOCK, depth=depth), climate, Project()), "annual_runoff_control_rate_simulated")
        for depth in (0.0, 0.05, 0.1, 0.2)
    ]
    assert rates == sorted(rates)
    assert rates[-1] > rates[0] + 10


def test_sealed_and_green_sites_run_off_as_the_code_table_expects(thirty_years: Climate) -> None:
    # Table 4-3 gives 0.80 to 0.90 of the rain for sealed ground and 0.15 for green.
    sealed = compute(model({"paving": 1000.0}), thirty_years, Project())
    assert 10 < value(sealed, "annual_runoff_control_rate_simulated") < 20
    green = compute(model({"green": 1000.0}), thirty_years, Project())
    assert 85 < value(green, "annual_runoff_control_rate_simulated") < 97


def test_gaps_of_the_record_are_told(climate: Climate) -> None:
    depth = climate.rain.depth_mm.copy()
    depth[5:10] = np.nan
    result = compute(model(BLOCK), replace(climate, rain=replace(climate.rain, depth_mm=depth)), Project())
    assert "rain-record-gaps" in {diagnostic.code for diagnostic in result.diagnostics}


def test_without_rain_the_volumetric_method_still_answers(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.1), replace(climate, rain=None), Project())
    assert value(result, "annual_runoff_control_rate") > 60
    assert all(name.startswith(("storm_", "hydrograph_")) for name in result.series)


def test_the_input_hash_follows_the_inputs(climate: Climate) -> None:
    base = compute(model(BLOCK, depth=0.1), climate, Project()).input_sha256
    assert compute(model(BLOCK, depth=0.1), climate, Project()).input_sha256 == base
    assert compute(model(BLOCK, depth=0.2), climate, Project()).input_sha256 != base
    assert compute(model(BLOCK, depth=0.1), replace(climate, sha256="x"), Project()).input_sha256 != base


def test_every_default_is_named_with_its_source(climate: Climate) -> None:
    result = compute(model(BLOCK), climate, Project())
    assert len(result.assumptions) >= len(BLOCK)
    assert all(a.value.source and a.value.confidence for a in result.assumptions)
    assert all(quantity.label.zh and quantity.source for quantity in result.summary.values())


# Real records


@pytest.mark.shared
def test_the_mississippi_record_gives_a_plausible_curve(shared_data: Path, tmp_path: Path) -> None:
    table = (shared_data / "rain" / "USGS_02430680_daily_P_PE_Q.csv").read_text("utf-8").splitlines()
    rows = [line.split(",")[:2] for line in table[1:]]
    (tmp_path / "p.csv").write_text("time,depth_mm\n" + "\n".join(",".join(row) for row in rows), "utf-8")
    curve = capture_curve(read_rain(tmp_path / "p.csv"), 2.0)
    assert curve.years == pytest.approx(19.0, abs=0.01)
    # The standard's sum over sorted days, Σ_{p ≤ H} p + H · count(p > H), written out.
    days = sorted(float(row[1]) for row in rows if float(row[1]) > 2.0)
    for rate in (60, 70, 75, 80, 85):
        rainfall = curve.rainfall_mm(rate)
        below = [day for day in days if day <= rainfall]
        held = sum(below) + rainfall * (len(days) - len(below))
        assert 100 * held / sum(days) == pytest.approx(rate, abs=1e-9)
    # A humid subtropical gauge, drier days than Nanchang: 12 mm for 60 % and 29 mm for 85 %.
    assert curve.rainfall_mm(60) == pytest.approx(12.3, abs=0.1)
    assert curve.rainfall_mm(85) == pytest.approx(28.6, abs=0.1)


@pytest.mark.shared
def test_era5_rain_of_changsha_lies_below_the_published_row(shared_data: Path) -> None:
    epw = read_epw(shared_data / "weather" / "CHN_HN_Changsha.576870_TMYx.2007-2021.epw")
    curve = capture_curve(epw.rain, 2.0)
    published = sponge_rules().city_rainfall_mm["changsha"]
    ratio = np.array([curve.rainfall_mm(rate) for rate in (60, 70, 75, 80, 85)]) / published
    assert ((ratio > 0.65) & (ratio < 1.0)).all()  # ERA5 flattens the peaks


def test_deep_sunken_green_on_clay_empties_slowly_and_that_is_told(climate: Climate) -> None:
    # 50 mm lie in the soil's free 69 mm within hours; of 300 mm more than 200 seep at 1 mm/h.
    shallow = compute(model(BLOCK, depth=0.05), climate, Project())
    assert value(shallow, "sunken_green_drawdown_h") < 24
    deep = compute(model(BLOCK, depth=0.3), climate, Project())
    assert value(deep, "sunken_green_drawdown_h") == pytest.approx(300 - 69, rel=0.15)
    assert "slow-drawdown" in {diagnostic.code for diagnostic in deep.diagnostics}
