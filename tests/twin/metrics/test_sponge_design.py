"""The least-cost mix of facilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.twin.metrics.test_sponge import BLOCK, model
from twin.climate import Climate, RainRecord, typical_year
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.design import Mixes, design_series, mean_year, mixes
from twin.metrics.sponge.drainage import record_case, site_drainage
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import run_case
from twin.metrics.sponge.storm import storm_rules
from twin.metrics.sponge.water_use import water_use
from twin.project import Project, SiteSection, WaterSection

RULES, STORMS = sponge_rules(), storm_rules()
SERVED = Project(water=WaterSection(serves=("irrigation", "washing")))


@pytest.fixture(scope="module")
def climate() -> Climate:
    """One year suffices here."""
    climate = typical_year("Nanchang")
    return replace(climate, rain=replace(climate.rain, depth_mm=climate.rain.depth_mm[:8760]))


def tried(climate: Climate, project: Project = SERVED, tank_m3: float | None = 40.0) -> tuple:
    built = model(BLOCK, depth=0.1, tank_m3=tank_m3)
    covers = site_covers(built, project, RULES)
    site = site_drainage(built, project, covers, RULES, STORMS)
    use = water_use(built, project, covers, climate.rain, RULES)
    found = mixes(site, covers, project, use, climate.rain, climate, RULES, STORMS, (2, 2, 3, 2))
    return found, site, use


def test_a_mix_has_the_runoff_of_the_drained_site(climate: Climate) -> None:
    found, site, use = tried(climate)
    case = record_case(site.with_demand(1.0), climate.rain, climate, 3600)
    result = run_case(replace(case, demand=use.demand_m3))
    left = (result.runoff_mm * site.catchments[:, 0])[site.outlet < 0].sum() / 1000
    rate = 100 * (1 - left / (case.rain_mm.sum() / 1000 * site.area_m2))
    assert found.rate_pct[-1] == pytest.approx(rate, abs=0.1)


def test_costs_are_areas_times_prices(climate: Climate) -> None:
    found, _, _ = tried(climate)
    assert found.cost_cny[-1] == pytest.approx(200 * 600 + 130 * 2000 + 45 * 1200 + 1000 * 40)
    assert found.cost_cny[0] == 0.0
    assert len(found.cost_cny) == 2 * 2 * 3 * 2 + 1
    assert found.rate_pct[0] == found.rate_pct.min()


def test_the_front_costs_more_for_more_and_meets_its_targets(climate: Climate) -> None:
    found, _, _ = tried(climate)
    front = found.front()
    assert (np.diff(found.cost_cny[front]) > 0).all()
    assert (np.diff(found.rate_pct[front]) > 0).all()
    for cost, rate in zip(found.cost_cny, found.rate_pct, strict=True):
        cheaper = front[found.cost_cny[front] <= cost]
        assert found.rate_pct[cheaper].max() >= rate
    series, assumptions = design_series(found, RULES)
    for target, rate, cost in zip(
        series["mix_target_pct"], series["mix_target_rate_pct"], series["mix_target_cost_cny"], strict=True
    ):
        reaching = found.cost_cny[found.rate_pct >= target]
        assert np.isnan(rate) if not len(reaching) else (rate >= target and cost == reaching.min())
    assert all(assumption.value.source for assumption in assumptions)


def test_a_target_that_no_mix_reaches_is_nan() -> None:
    one = np.zeros(2)
    found = Mixes(one, one, one, one, np.array([0.0, 5.0]), np.array([30.0, 60.0]))
    series, _ = design_series(found, RULES)
    assert series["mix_target_rate_pct"][0] == 60.0  # of 55 %
    assert np.isnan(series["mix_target_cost_cny"][1:]).all()


def test_a_site_without_a_tank_is_helped_too(climate: Climate) -> None:
    found, _, _ = tried(climate, tank_m3=None)
    assert found.tank_m3.max() > 0.0
    assert found.tank_m3[-1] == 0.0


def test_roofs_that_run_onto_green_are_not_guessed(climate: Climate) -> None:
    found, _, _ = tried(climate, Project(site=SiteSection(drainage={"roof": "green"})))
    assert found is None


def test_the_mean_year_is_the_one_nearest_to_the_mean() -> None:
    depth = np.concatenate([np.full(8760, 0.1), np.full(8760, 0.3), np.full(8760, 0.18)])
    year = mean_year(RainRecord(depth, 3600, np.datetime64("2000-01-01T00:00:00"), "hand"))
    assert year.depth_mm[0] == 0.18
    assert year.start == np.datetime64("2001-12-31T00:00:00")
