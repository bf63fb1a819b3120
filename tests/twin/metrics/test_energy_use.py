"""From need to energy: end uses, photovoltaics and carriers against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ifc.model import Provenance, Traced
from tests.twin.metrics.energy_house import nanchang, row_house, with_uses
from twin.calculation_sections import SystemsSection
from twin.climate import HOURS
from twin.kernels.thermal.year import Year
from twin.metrics.energy import compute
from twin.metrics.energy.battery import Battery, output_w
from twin.metrics.energy.end_uses import latent_w, lift_w
from twin.metrics.energy.systems import systems_of
from twin.metrics.energy.thermal_model import thermal_model
from twin.metrics.result import MetricResult
from twin.project import Project
from twin.use_types import use_type


def value(result: MetricResult, name: str) -> float:
    told = result.summary[name].value
    assert told is not None
    return told


def with_systems(**systems: object) -> Project:
    return Project(systems=SystemsSection(**systems))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def dwelling() -> MetricResult:
    return compute(row_house(), nanchang(), Project())


def test_heating_and_hot_water_of_a_dwelling_by_hand(dwelling: MetricResult) -> None:
    need = dwelling.series["heating_need_kwh"].sum()
    assert dwelling.series["heating_energy_kwh"].sum() == pytest.approx(need / 2.6)
    people = 40 / 25
    hot_water = people * 40 * 1.163 * (60 - 15) / 0.9 * 365 / 1e3
    assert dwelling.series["hot_water_energy_kwh"].sum() == pytest.approx(hot_water)
    assert dwelling.series["fans_energy_kwh"].sum() == 0
    whole = sum(values.sum() for name, values in dwelling.series.items() if name.endswith("_energy_kwh"))
    assert value(dwelling, "electricity_kwh") == pytest.approx(whole)
    assert dwelling.series["hourly_electricity_w"].sum() / 1e3 == pytest.approx(whole)
    assert value(dwelling, "primary_energy_kwh_m2") == pytest.approx(
        2.6 * value(dwelling, "delivered_energy_kwh_m2")
    )


def test_lighting_and_fans_of_an_office_by_hand() -> None:
    result = compute(with_uses(row_house(), "office"), nanchang(), Project())
    day = use_type("office").schedule.weekday
    workdays = 261  # of 2001
    assert result.series["lighting_energy_kwh"].sum() == pytest.approx(
        40 * 8 * day.lighting.sum() * workdays / 1e3
    )
    air = 40 / 10 * 30 * day.fresh_air.sum() * workdays
    assert result.series["fans_energy_kwh"].sum() == pytest.approx(0.24 * air / 1e3)


def test_a_gas_boiler_burns_gas(dwelling: MetricResult) -> None:
    gas = compute(row_house(), nanchang(), with_systems(heating_carrier="gas", heating_cop=0.95))
    need = dwelling.series["heating_need_kwh"].sum()
    assert value(gas, "gas_kwh") == pytest.approx(need / 0.95)
    assert value(gas, "electricity_kwh") == pytest.approx(value(dwelling, "electricity_kwh") - need / 2.6)


def test_a_part_load_curve_gives_each_hour_its_own_cop() -> None:
    systems = systems_of(SystemsSection(cooling_part_load=(5.0, 4.5, 4.0, 3.0)))
    need = np.array([0.0, 100, 250, 500, 625, 750, 1000])
    expected = need / [5, 5, 5, 4.5, 4.25, 4, 3]
    np.testing.assert_allclose(systems.cooling_energy_w(need), expected)
    assert systems_of(SystemsSection()).cooling_energy_w(need)[-1] == pytest.approx(1000 / 3.6)


def test_a_lift_after_gbt_51366() -> None:
    running = 3.6 * 1.26 * 1.75 * 1000  # W
    assert lift_w() == pytest.approx((1.5 * running + 22.5 * 100) / 24)


def test_what_the_modules_give_is_used_first(dwelling: MetricResult) -> None:
    result = compute(row_house(), nanchang(), with_systems(pv_area_m2=20))
    used, made = result.series["hourly_electricity_w"], result.series["hourly_pv_w"]
    kept = np.minimum(used, made).sum() / 1e3
    assert value(result, "electricity_kwh") == pytest.approx(value(dwelling, "electricity_kwh") - kept)
    assert value(result, "pv_self_use_share") == pytest.approx(100 * kept / (made.sum() / 1e3))
    assert 0 < value(result, "renewable_share_low") <= value(result, "renewable_share_high")
    assert value(dwelling, "renewable_share_low") == 0


def test_dehumidification_of_one_hour_by_hand() -> None:
    climate = replace(nanchang(), dew_point_c=np.full(HOURS, 22.0), pressure_pa=np.full(HOURS, 101325.0))
    model = with_uses(row_house(), "office")
    thermal = thermal_model(model, climate, Project(), seasonal=False)
    zones = len(thermal.zones)
    cooling = np.zeros((zones, HOURS))
    cooling[0, 10] = 500.0  # Monday the first, 10 to 11
    blank = np.zeros((zones, HOURS))
    year = Year(blank, cooling, np.full((zones, HOURS), 26, np.float32), blank.astype(np.float32), blank.astype(np.float32), np.zeros((12, zones, 1)), 0, 0, 0, 0)  # fmt: skip
    latent = latent_w(model, climate, thermal, year)
    outside, inside = 0.01668, 0.01263  # kg/kg, saturated at 22 °C, and 26 °C at 60 %
    people = 20 / 10 * 0.95
    fresh = 20 / 10 * 30 / 3600 * 1.2 * 2.5e6 * (outside - inside)
    assert latent[10] == pytest.approx(fresh + people * 60, rel=0.02)
    assert np.count_nonzero(latent) == 1


def test_rooms_of_unknown_use_leave_the_energy_open() -> None:
    model = row_house()
    uses = np.array(["living_room", "unknown"], object)
    result = compute(replace(model, spaces=replace(model.spaces, use=uses)), nanchang(), Project())
    assert value(result, "heating_need_kwh_m2") > 0
    told = result.summary["delivered_energy_kwh_m2"]
    assert told.value is None
    assert told.needs[0].global_ids == (model.spaces.global_id[1],)


def test_better_plant_lies_below_the_reference(dwelling: MetricResult) -> None:
    assert (
        abs(value(dwelling, "energy_below_reference")) < 1
    )  # its defaults are the limits and the reference plant
    better = compute(row_house(), nanchang(), with_systems(heating_cop=5.2, cooling_cop=7.2))
    half = 50 + value(dwelling, "energy_below_reference") / 2
    assert value(better, "energy_below_reference") == pytest.approx(half, abs=0.01)


def test_heating_and_cooling_alone_are_compared_too(dwelling: MetricResult) -> None:
    # a dwelling is compared by these two in any case
    same = [value(dwelling, f"{name}energy_below_reference") for name in ("", "hvac_")]
    assert same[0] == same[1]


def hours(*values: float) -> np.ndarray:
    """A year that begins with these and is idle after."""
    return np.concatenate([values, np.zeros(HOURS - len(values))])


def battery(capacity_wh: float, power_w: float, efficiency: float = 0.9) -> Battery:
    return Battery(capacity_wh, power_w, Traced(efficiency, "1", Provenance.DEFAULT, "test"))


def test_a_battery_moves_the_surplus_to_the_shortage_and_loses_its_share() -> None:
    load, sun = hours(0, 0, 800, 800), hours(1000, 200, 0, 100)
    given = output_w(battery(2000, 600), load, sun)
    # 600 by its power, 200; of 0.9 · 800 = 720 the third hour takes 600, the fourth what is left
    np.testing.assert_allclose(given[:4], [-600, -200, 600, 120])


def test_a_full_battery_takes_no_more_and_the_grid_never_charges_it() -> None:
    load, sun = hours(100, 0, 0, 0), hours(0, 1000, 1000, 0)
    given = output_w(battery(450, 1000), load, sun)
    # it begins full, as its year ends; what the first hour takes is what the second one puts back
    np.testing.assert_allclose(given[:4], [100, -100 / 0.9, 0, 0])


def test_over_a_year_no_energy_appears() -> None:
    result = compute(row_house(), nanchang(), with_systems(pv_area_m2=40, battery_kwh=5))
    plain = compute(row_house(), nanchang(), with_systems(pv_area_m2=40))
    given = result.series["hourly_battery_w"]
    assert given[given > 0].sum() == pytest.approx(-0.9 * given[given < 0].sum(), abs=5e3)
    assert value(result, "electricity_kwh") == pytest.approx(
        value(plain, "electricity_kwh") - given[given > 0].sum() / 1e3
    )
    assert value(result, "pv_self_use_share") > value(plain, "pv_self_use_share")
    assert any("battery" in note.what.en for note in result.assumptions)
    assert not any("battery" in note.what.en for note in plain.assumptions)
