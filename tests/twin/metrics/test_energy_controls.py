"""Windows that people open, fans at night and blinds in the energy metric."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.metrics.energy_house import nanchang, row_house
from twin.metrics.energy import compute
from twin.metrics.energy.controls import controls_left_out, ventilation
from twin.metrics.energy.operation import Use
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


def test_what_is_declared_stands_among_the_assumptions() -> None:
    own = compute(
        OFFICES, nanchang(), project(blind_factor=0.3, openable_share=0.2, night_purge_air_changes=2)
    )
    said = {(one.what.en, one.value.value) for one in own.assumptions}
    assert {
        ("Share of the windows that people open", 0.2),
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
