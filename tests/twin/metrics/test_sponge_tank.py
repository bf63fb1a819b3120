"""Rain tanks: demand, supply, the curve of sizes and the shares of clause 7.2.13."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ifc.model import PropertyTable, Provenance
from tests.twin.metrics.test_sponge import BLOCK, model, value
from twin.climate import Climate, RainRecord, typical_year
from twin.metrics.sponge import compute
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.water_use import water_use
from twin.project import GreywaterSection, Project, WaterSection

SHARE = "nontraditional_share_irrigation_washing"
FLUSHING = "nontraditional_share_flushing"


@pytest.fixture(scope="module")
def climate() -> Climate:
    """Two years suffice here."""
    climate = typical_year("Nanchang")
    return replace(climate, rain=replace(climate.rain, depth_mm=climate.rain.depth_mm[: 2 * 8760]))


def served(*uses: str, **people: float) -> Project:
    return Project(water=WaterSection(serves=uses, **people))


def test_the_demand_of_a_year_is_that_of_the_quotas() -> None:
    # Ten days, two of them wet; 4000 m² of green and green roof, 3500 m² of paving.
    hours = np.zeros(240)
    hours[24:30] = hours[100] = 1.0
    hours[120:125] = 1.0
    record = RainRecord(hours, 3600, np.datetime64("2020-06-01T00:00:00"), "hand")
    built = model(BLOCK, tank_m3=50.0)
    project = served("irrigation", "washing", "flushing", residents=100)
    rules = sponge_rules()
    use = water_use(built, project, site_covers(built, project, rules), record, rules)
    assert use.annual_m3["irrigation"] == pytest.approx(0.28 * 4000)
    assert use.annual_m3["washing"] == pytest.approx(0.35e-3 * 30 * 3500)
    assert use.annual_m3["flushing"] == pytest.approx(2.5 * 365.25)
    assert use.served_m3_a == pytest.approx(sum(use.annual_m3.values()))
    wet = use.demand_m3[24:48]  # 6 mm
    assert wet == pytest.approx(np.full(24, 2.5 / 24))
    assert use.demand_m3[100] > 0.2  # a day of 1 mm is dry
    assert use.demand_m3[:24] == pytest.approx(np.full(24, (1120 + 36.75) * use.years / (8 * 24) + 2.5 / 24))


def test_reclaimed_water_serves_first(climate: Climate) -> None:
    built = model(BLOCK, tank_m3=40.0)
    alone = compute(built, climate, served("irrigation", "washing"))
    both = compute(built, climate, served("irrigation", "washing", reclaimed_m3_d=1.0))
    assert value(both, "rain_tank_demand_m3") == pytest.approx(
        value(alone, "rain_tank_demand_m3") - 365.25, rel=1e-6
    )
    assert value(both, SHARE) > value(alone, SHARE)
    all_of_it = compute(built, climate, served("irrigation", "washing", reclaimed_m3_d=50.0))
    assert value(all_of_it, SHARE) == pytest.approx(100.0)


def test_the_supply_of_the_tank_is_what_the_site_reuses(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.1, tank_m3=40.0), climate, served("irrigation", "washing"))
    reused_m3 = result.series["reused_mm"].sum() / 1000 * value(result, "site_area_m2")
    assert value(result, "rain_tank_supply_m3") == pytest.approx(reused_m3, rel=2e-3)
    inflow = value(result, "rain_tank_inflow_m3")
    out = value(result, "rain_tank_supply_m3") + value(result, "rain_tank_overflow_m3")
    assert inflow == pytest.approx(out, abs=40.0)  # what is left in the tank
    assert value(result, SHARE) == pytest.approx(
        100 * value(result, "rain_tank_supply_m3") / value(result, "rain_tank_demand_m3"), rel=1e-9
    )


def test_the_curve_of_sizes_passes_through_the_tank(climate: Climate) -> None:
    result = compute(model(BLOCK, tank_m3=40.0), climate, served("irrigation", "washing"))
    sizes, supply = result.series["tank_volume_m3"], result.series["tank_supply_m3"]
    assert 40.0 in sizes
    assert (np.diff(supply) > 0).all()
    assert np.interp(40.0, sizes, supply) == pytest.approx(value(result, "rain_tank_supply_m3"))
    assert (result.series["tank_reliability_pct"] <= 100.0 + 1e-9).all()


def test_flushing_is_told_when_the_tank_serves_it_and_people_are_known(climate: Climate) -> None:
    built = model(BLOCK, tank_m3=40.0)
    result = compute(built, climate, served("irrigation", "washing"))
    assert result.summary[FLUSHING].value is None
    assert "water.serves" in result.summary[FLUSHING].needs[0].how.en
    result = compute(built, climate, served("irrigation", "washing", "flushing"))
    assert "How many people" in result.summary[FLUSHING].needs[0].what.en
    result = compute(built, climate, served("irrigation", "washing", "flushing", residents=200))
    assert value(result, FLUSHING) == pytest.approx(value(result, SHARE))
    only = compute(built, climate, served("flushing", residents=20))
    assert value(only, FLUSHING) > 90
    assert only.summary[SHARE].value is None


def test_what_a_tank_serves_is_read_from_it_and_never_guessed_for_the_clause(climate: Climate) -> None:
    built = model(BLOCK, tank_m3=40.0)
    result = compute(built, climate, Project())
    assert result.summary[SHARE].value is None
    assert "ReuseFor" in result.summary[SHARE].needs[0].how.zh
    tank = int(built.ground_covers.element[-1])
    properties = PropertyTable(
        np.array([tank], np.int32), np.array(["GBT50378_Site"], object), np.array(["ReuseFor"], object),
        np.array(["绿化灌溉、道路冲洗"], object), np.array([""], object), np.zeros(1, np.bool_), np.zeros(1, np.bool_),
    )  # fmt: skip
    told = compute(replace(built, properties=properties), climate, Project())
    assert value(told, SHARE) > 0
    uses = next(a for a in told.assumptions if a.what.en.startswith("Uses"))
    assert uses.value.provenance is Provenance.IFC
    assert uses.value.value == "irrigation, washing"


def test_a_site_without_a_tank_says_nothing_of_one(climate: Climate) -> None:
    result = compute(model(BLOCK, depth=0.1), climate, Project())
    assert not any(key.startswith(("rain_tank", "nontraditional")) for key in result.summary)
    assert not any(name.startswith("tank_") for name in result.series)


def test_greywater_by_hand_when_its_tank_never_runs_dry() -> None:
    # 100 residents: 120 L × 0.36 (bathing and basin) × 0.85 = 3.672 m³ a day arise; 3.3048 can be treated.
    record = RainRecord(np.zeros(240), 3600, np.datetime64("2020-06-01T00:00:00"), "hand")
    built, rules = model(BLOCK), sponge_rules()
    plant = GreywaterSection(treated_m3_d=10.0, tank_m3=5.0)
    project = served("flushing", residents=100, greywater=plant)
    use = water_use(built, project, site_covers(built, project, rules), record, rules)
    assert use.greywater["greywater_arising_m3_d"].value == pytest.approx(3.672)
    assert use.greywater["greywater_treated_m3_d"].value == pytest.approx(3.3048)
    # Flushing takes 2.5 m³ a day, less than that: all of it but the first hour, before there is any water.
    assert use.demand_m3[0] == pytest.approx(2.5 / 24)
    assert use.demand_m3[1:] == pytest.approx(np.zeros(239), abs=1e-12)
    assert use.greywater["greywater_reliability_pct"].value == pytest.approx(100 * 239 / 240)


def test_a_small_plant_gives_what_it_can_and_rain_the_rest(climate: Climate) -> None:
    built = model(BLOCK, tank_m3=40.0)
    uses = ("irrigation", "washing", "flushing")
    alone = compute(built, climate, served(*uses, residents=200))
    plant = GreywaterSection(sources=("bathing",), treated_m3_d=2.0, tank_m3=5.0)
    both = compute(built, climate, served(*uses, residents=200, greywater=plant))
    used = value(both, "greywater_supply_m3")
    assert used <= 2.0 * 365.25
    assert used == pytest.approx(2.0 * 365.25, rel=0.01)
    assert value(both, "rain_tank_demand_m3") == pytest.approx(value(alone, "rain_tank_demand_m3") - used)
    assert value(both, FLUSHING) == pytest.approx(
        100 * (used + value(both, "rain_tank_supply_m3")) / value(alone, "rain_tank_demand_m3")
    )
    assert value(both, FLUSHING) > value(alone, FLUSHING)
    assert any("gathered" in assumption.what.en for assumption in both.assumptions)


def test_greywater_tells_the_clause_without_a_rain_tank(climate: Climate) -> None:
    plant = GreywaterSection(treated_m3_d=20.0, tank_m3=10.0)
    result = compute(model(BLOCK, depth=0.1), climate, served("flushing", residents=200, greywater=plant))
    assert value(result, FLUSHING) == pytest.approx(100.0, abs=0.01)
    assert result.summary[SHARE].value is None
    assert not any(key.startswith("rain_tank") for key in result.summary)


def test_greywater_without_residents_is_refused() -> None:
    with pytest.raises(ValueError, match="greywater needs residents"):
        WaterSection(greywater=GreywaterSection(treated_m3_d=2.0, tank_m3=5.0))
