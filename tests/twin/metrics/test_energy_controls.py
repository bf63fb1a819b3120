"""Windows that people open, fans at night and blinds in the energy metric."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.metrics.energy_house import nanchang, row_house
from twin.climate import HOURS
from twin.declared_uses import with_declared_uses
from twin.errors import TwinError
from twin.kernels.thermal.network import Zone
from twin.metrics.energy import compute
from twin.metrics.energy.controls import controls_left_out, design_schedules, ventilation, with_leakage
from twin.metrics.energy.operation import Use, operation
from twin.metrics.energy.thermal_model import thermal_model
from twin.metrics.result import MetricResult
from twin.project import EnergySection, Project

HOUSE = row_house(("living_room", "bedroom"))
OFFICES = row_house(("office", "office"))


def told(result: MetricResult, name: str) -> float:
    value = result.summary[name].value
    assert value is not None
    return value


def project(**energy: object) -> Project:
    return Project(energy=EnergySection(**energy))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plain() -> dict[str, MetricResult]:
    return {
        "house": compute(HOUSE, nanchang(), Project()),
        "offices": compute(OFFICES, nanchang(), Project()),
    }


def test_open_windows_save_cooling_and_bring_comfort(plain: dict[str, MetricResult]) -> None:
    own = compute(HOUSE, nanchang(), project(openable_share=0.3))
    for name in ("cooling_need_kwh_m2", "overheating_hours"):
        assert told(own, name) < told(plain["house"], name)
    assert told(own, "adaptive_comfort_hours_share") > told(plain["house"], "adaptive_comfort_hours_share")
    for name in ("heating_need_kwh_m2", "reference_cooling_need_kwh_m2", "fans_energy_kwh_m2"):
        assert told(own, name) == pytest.approx(told(plain["house"], name), rel=0.005)


def test_fans_at_night_save_cooling_and_cost_electricity(plain: dict[str, MetricResult]) -> None:
    own = compute(OFFICES, nanchang(), project(night_purge_air_changes=4))
    assert told(own, "cooling_need_kwh_m2") < told(plain["offices"], "cooling_need_kwh_m2")
    assert told(own, "fans_energy_kwh_m2") > told(plain["offices"], "fans_energy_kwh_m2")


def test_blinds_save_cooling(plain: dict[str, MetricResult]) -> None:
    low, high = (
        compute(OFFICES, nanchang(), project(blind_factor=0.3, blind_irradiance_w_m2=limit))
        for limit in (150.0, 5000.0)
    )
    assert told(low, "cooling_need_kwh_m2") < told(plain["offices"], "cooling_need_kwh_m2")
    assert told(high, "cooling_need_kwh_m2") == told(plain["offices"], "cooling_need_kwh_m2")


def test_blinds_hang_in_the_rooms_of_their_uses() -> None:
    own = compute(OFFICES, nanchang(), project(blind_factor=0.3, blind_uses=("bedroom",)))
    none = compute(OFFICES, nanchang(), Project())
    assert told(own, "cooling_need_kwh_m2") == told(none, "cooling_need_kwh_m2")


def test_a_use_of_blinds_that_there_is_not_is_refused() -> None:
    with pytest.raises(TwinError, match=r"energy\.blind_uses"):
        with_declared_uses(OFFICES, project(blind_uses=("ofice",)))


def test_heat_recovery_saves_heat_and_neither_cooling_by_air_nor_the_reference(
    plain: dict[str, MetricResult],
) -> None:
    own = compute(OFFICES, nanchang(), project(heat_recovery=0.7))
    assert told(own, "heating_need_kwh_m2") < 0.95 * told(plain["offices"], "heating_need_kwh_m2")
    assert told(own, "cooling_need_kwh_m2") <= told(plain["offices"], "cooling_need_kwh_m2")
    for name in ("reference_heating_need_kwh_m2", "latent_cooling_need_kwh_m2"):
        assert told(own, name) == pytest.approx(told(plain["offices"], name), rel=0.05)


def test_the_exchanger_is_bypassed_where_outdoor_air_helps() -> None:
    use = Use.of("office", 2.8)
    schedules = operation([use], EnergySection(), False, 1)
    outdoor = np.full(HOURS, 23.0)  # between 20 and 26 °C
    outdoor[10], outdoor[11] = 0.0, 35.0  # a Monday morning
    own = design_schedules([use], schedules, outdoor, EnergySection(heat_recovery=0.75))
    factor = own.air_changes_per_h[0] / schedules.air_changes_per_h[0]
    assert factor[[9, 10, 11]] == pytest.approx([1.0, 0.25, 0.25])
    assert np.count_nonzero(factor < 1) == 2


def test_leaks_follow_the_weather_and_the_envelope() -> None:
    thermal = thermal_model(HOUSE, nanchang(), Project(), seasonal=False)
    zones = [Zone(56.0, 20.0, 1e5, 0) for _ in thermal.zones]
    one, two = with_leakage(HOUSE, thermal, zones, 2.0)
    assert one.stack_leakage_m3_s == pytest.approx(two.stack_leakage_m3_s, rel=0.2)  # mirror images
    whole = (one.stack_leakage_m3_s + two.stack_leakage_m3_s) / 0.054
    assert whole * 50**0.67 == pytest.approx(2.0 * 112 / 3600)
    tight, leaky = (
        told(compute(HOUSE, nanchang(), project(leakage_n50=n50)), "heating_need_kwh_m2")
        for n50 in (0.5, 30.0)
    )
    assert tight < leaky


def test_what_is_declared_stands_among_the_assumptions() -> None:
    own = compute(
        OFFICES, nanchang(), project(blind_factor=0.3, openable_share=0.2, night_purge_air_changes=2)
    )
    said = {(one.what.en, one.value.value) for one in own.assumptions}
    assert {
        ("Share of windows that state none that people open", 0.2),
        ("Air changes of fans at night", 2.0),
        ("Share of the light past a closed blind", 0.3),
        ("Irradiance above which blinds are closed", 300.0),
    } <= said


def test_windows_are_opened_by_those_who_are_there_and_fans_run_at_night() -> None:
    rows = ventilation(
        [Use.of("office", 2.8), Use.of("corridor", 2.8)],
        EnergySection(openable_share=0.3, night_purge_air_changes=3, night_purge_hours=(23, 5)),
    )
    assert rows is not None
    some_day = slice(4 * 24, 5 * 24)
    clock = np.arange(24)
    np.testing.assert_array_equal(rows.purge_air_changes_per_h[0, some_day] > 0, (clock >= 23) | (clock < 5))
    assert rows.opened[0].reshape(-1, 24)[:, 3].max() == 0
    assert rows.opened[0].reshape(-1, 24)[:, 10].max() == 1


def test_nothing_is_controlled_where_nothing_is_declared() -> None:
    assert ventilation([Use.of("office", 2.8)], EnergySection()) is None


def test_files_without_the_controls_say_so() -> None:
    assert controls_left_out(EnergySection()) == ()
    (told,) = controls_left_out(EnergySection(blind_factor=0.3))
    assert told.code == "energy-controls-left-out"
