"""Windows that are opened, fans at night and blinds: against balances worked out by hand, and BESTEST 650."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.kernels import bestest
from tests.twin.kernels.test_thermal_balance import (
    HOURS,
    UP,
    WINDOW,
    floor,
    no_sun,
    outer,
    schedule,
    still_weather,
)
from twin.kernels.thermal.irradiance import Irradiance
from twin.kernels.thermal.network import Blind, Flow, Zone
from twin.kernels.thermal.packing import pack
from twin.kernels.thermal.ventilation import (
    Ventilation,
    conductance_let_in,
    flow_coefficient_m3_s,
    leakage_m3_s,
    single_sided_flow_m3_s,
)
from twin.kernels.thermal.year import Year, simulate

ROOM = Zone(60, 20, 60 * 1200, 0, opening_m2=0.8, opening_height_m=1.2)
AIR_HEAT = 1.2 * 1006.0  # of still_weather


def year_of(
    ventilation: Ventilation | None, outdoor_c: float = 15.0, gain: float = 30.0, cooling: float = np.inf
) -> Year:
    network = pack([ROOM], [floor(0, 20), outer(0, UP, 20)], no_sun(), HOURS, 1)
    operation = schedule(1, cooling=cooling, gain=gain)
    return simulate(network, still_weather(outdoor_c, outdoor_c), operation, 1, ventilation=ventilation)


def ventilation(opened: float = 0.0, purge: float = 0.0) -> Ventilation:
    return Ventilation(
        np.full((1, HOURS), opened), np.full((1, HOURS), purge), np.full((1, HOURS), 24.0), 1.0
    )


def last_air_c(year: Year) -> float:
    return float(year.air_temperature_c[0, -1])


def december_ventilation_w(year: Year) -> float:
    return float(year.flows_wh[11, 0, Flow.VENTILATION]) / (31 * 24)


def test_flow_through_a_window_is_the_published_formula() -> None:
    assert single_sided_flow_m3_s(1.0, 1.0, 0.0, 0.0) == pytest.approx(0.05)
    assert single_sided_flow_m3_s(2.0, 1.5, -4.0, 3.0) == pytest.approx(np.sqrt(0.009 + 0.021 + 0.01))


def test_flow_through_leaks_is_the_published_formula() -> None:
    coefficient = flow_coefficient_m3_s(2.0, 360.0)  # 2 changes per hour of 360 m³ at 50 Pa
    assert coefficient * 50**0.67 == pytest.approx(0.2)
    assert leakage_m3_s(0.01, 0.02, -8.0, 0.0) == pytest.approx(0.01 * 8**0.67)
    assert leakage_m3_s(0.01, 0.02, 0.0, 3.0) == pytest.approx(0.02 * 3**1.34)
    assert leakage_m3_s(0.03, 0.04, 1.0, 1.0) == pytest.approx(0.05)


def test_leaks_count_where_they_bring_more_air_than_the_operation() -> None:
    years = []
    for stack in (0.0, 1e-4, 0.02):
        room = replace(ROOM, stack_leakage_m3_s=stack, wind_leakage_m3_s=0.0)
        network = pack([room], [floor(0, 20), outer(0, UP, 20)], no_sun(), HOURS, 1)
        years.append(simulate(network, still_weather(5.0, 5.0), schedule(1, heating=20.0, changes=1.0), 1))
    none, small, large = (float(year.heating_w[0, -1]) for year in years)
    assert none == pytest.approx(small)
    assert december_ventilation_w(years[2]) == pytest.approx(-0.02 * 15**0.67 * AIR_HEAT * 15, rel=1e-6)
    assert large > none


@pytest.mark.parametrize(
    ("closed", "outdoor", "cooling", "conductance"),
    [
        (30, 15, np.inf, 10 * 6 / 9),  # just as much as holds 24
        (50, 20, np.inf, 40),  # all, and warmer than 24
        (23, 15, np.inf, 0),  # not needed
        (30, 29.5, np.inf, 0),  # of no use
        (50, 20, 25, 0),  # not enough: the plant cools
        (50, 20, 27, 40),
    ],
)
def test_just_as_much_is_let_in_as_is_needed(
    closed: float, outdoor: float, cooling: float, conductance: float
) -> None:
    let_in = conductance_let_in(closed, 10.0, cooling, outdoor, 40.0, 24.0, 1.0)
    assert let_in == pytest.approx(conductance)


def test_windows_hold_a_room_where_they_open() -> None:
    closed, year = year_of(None), year_of(ventilation(opened=0.5))
    assert last_air_c(closed) > 27
    assert last_air_c(year) == pytest.approx(24.0, abs=1e-5)
    assert year.balance_error < 1e-6


def test_all_the_air_through_a_small_window_carries_away_what_the_formula_says() -> None:
    year = year_of(ventilation(opened=0.1), gain=60.0)
    air = last_air_c(year)
    assert air > 25
    flow = single_sided_flow_m3_s(0.08, 1.2, air - 15, 0.0)
    assert december_ventilation_w(year) == pytest.approx(-flow * AIR_HEAT * (air - 15), rel=1e-3)


def test_a_fan_at_night_is_its_air_changes() -> None:
    year = year_of(ventilation(purge=1.0), gain=60.0)
    air = last_air_c(year)
    assert air > 25
    assert december_ventilation_w(year) == pytest.approx(-60 / 3600 * AIR_HEAT * (air - 15), rel=1e-3)


def test_windows_stay_shut_where_only_the_plant_can_hold_the_set_point() -> None:
    plant = year_of(None, gain=60.0, cooling=25.0)
    small, large = (year_of(ventilation(opened), gain=60.0, cooling=25.0) for opened in (0.1, 1.0))
    assert plant.cooling_w.sum() > 0
    np.testing.assert_allclose(small.cooling_w[0, -24:], plant.cooling_w[0, -24:], rtol=1e-6)
    assert large.cooling_w.sum() == 0


def test_nothing_opens_towards_warmer_air() -> None:
    shut, year = year_of(None, 30.0, 0.0), year_of(ventilation(1.0, 4.0), 30.0, 0.0)
    np.testing.assert_array_equal(year.air_temperature_c, shut.air_temperature_c)


def test_the_shape_of_the_ventilation_is_checked() -> None:
    with pytest.raises(ValueError, match=r"ventilation has the shape \(2, 8760\)"):
        year_of(Ventilation(*[np.zeros((2, HOURS))] * 3, 1.0))


@pytest.mark.parametrize(("limit", "share"), [(250.0, 1.0), (150.0, 0.3)])
def test_a_blind_lets_its_share_through_above_its_irradiance(limit: float, share: float) -> None:
    day = np.zeros((5, HOURS))
    day[:, 12::24] = 100.0
    sun = Irradiance(day, day, np.zeros((5, HOURS)), (day > 0) * 1.0)
    gains = []
    for blind in (None, Blind(0.3, limit)):
        surfaces = [floor(0, 20), outer(0, UP, 4.0, glazing=WINDOW, blind=blind)]
        network = pack([ROOM], surfaces, sun, HOURS, 1)
        year = simulate(network, still_weather(15.0, 15.0), schedule(1, 20.0, 20.0), 1)
        assert year.balance_error < 1e-6
        gains.append(year.flows_wh[:, 0, Flow.SOLAR].sum())
    assert gains[1] == pytest.approx(share * gains[0], rel=0.01)  # films differ a little with the sun


@pytest.mark.shared
@pytest.mark.parametrize("case", ["650", "950"])
def test_a_controlled_fan_gives_the_loads_of_the_scheduled_one(case: str, shared_data: Path) -> None:
    """BESTEST 650 and 950 with their night fan as a purge without conditions: the same year."""
    site = bestest.read_site(shared_data / "weather" / bestest.EDITIONS["2020"])
    zones, surfaces = bestest.building(case, "2020", site)
    network = pack(zones, surfaces, site.irradiance, HOURS, 1)
    scheduled = bestest.operation(case, "2020", 1)
    without = np.minimum(scheduled.air_changes_per_h, 0.5)
    purge = Ventilation(
        np.zeros_like(without), scheduled.air_changes_per_h - without, np.full_like(without, -100.0), -200.0
    )
    own = simulate(network, site.weather, scheduled, 1)
    year = simulate(
        network, site.weather, scheduled._replace(air_changes_per_h=without), 1, ventilation=purge
    )
    assert year.cooling_w.sum() == pytest.approx(own.cooling_w.sum(), rel=1e-9)
