"""Lights that follow the daylight: its hours from the daylight metric, their power and heat in the energy metric."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.metrics.daylight_house import House
from tests.twin.metrics.energy_house import nanchang, row_house, with_uses
from twin.climate import typical_year
from twin.climate.sky import sun_hours
from twin.daylight_sections import DaylightSection
from twin.metrics import daylight, energy
from twin.metrics.daylight.coverage import COVERAGE
from twin.metrics.result import MetricResult
from twin.project import EnergySection, Project

DIMMED = Project(energy=EnergySection(daylight_dimming=True), daylight=DaylightSection(grid_spacing_m=1.0))


def office() -> House:
    house = House()
    room = house.room((0, 0, 0), (5, 6, 3), use="office")
    house.window(room, "y", (0.5, 0.9), (4.5, 2.6), construction=house.construction(0.7))
    return house


def covered(share: float) -> MetricResult:
    """A daylight result whose rooms get ``share`` of their illuminance in every hour."""
    model = with_uses(row_house(), "office")
    rooms = [str(name) for name in model.spaces.global_id]
    return MetricResult(
        "daylight", "1", {}, series={f"{COVERAGE}{name}": np.full(8760, share) for name in rooms}
    )


def test_daylight_covers_nothing_at_night_and_all_of_it_near_a_window_at_noon() -> None:
    climate = typical_year("Nanchang")
    result = daylight.compute(office().model(), climate, DIMMED)
    (hourly,) = (values for name, values in result.series.items() if name.startswith(COVERAGE))
    up = sun_hours(climate.latitude_deg, climate.longitude_deg, climate.utc_offset_h).sin_elevation > 0
    assert np.all(hourly[~up] == 0)
    assert 0.5 < hourly[12::24].mean() <= 1.0
    assert hourly.min() >= 0.0
    # A room's coverage never exceeds what its hours with the whole illuminance allow from below.
    hours = float(result.table["hours_per_day"][0])
    assert hourly.sum() / 365 > hours


def test_without_the_declaration_no_hours_are_given() -> None:
    plain = Project(daylight=DaylightSection(grid_spacing_m=1.0))
    series = daylight.compute(office().model(), typical_year("Nanchang"), plain).series
    assert not [name for name in series if name.startswith(COVERAGE)]


def test_full_daylight_leaves_a_tenth_of_the_lighting_and_less_heat() -> None:
    model = with_uses(row_house(), "office")
    plain = energy.compute(model, nanchang(), Project())
    dimmed = energy.compute(model, nanchang(), DIMMED, covered(1.0))
    lighting = [result.series["lighting_energy_kwh"].sum() for result in (plain, dimmed)]
    assert lighting[1] == pytest.approx(0.1 * lighting[0])
    gains = [result.series["internal_gain_kwh"].sum() for result in (plain, dimmed)]
    assert gains[0] - gains[1] == pytest.approx(0.9 * lighting[0], rel=1e-6)
    assert dimmed.series["heating_need_kwh"].sum() > plain.series["heating_need_kwh"].sum()
    assert dimmed.series["cooling_need_kwh"].sum() < plain.series["cooling_need_kwh"].sum()
    # The reference building keeps its lights.
    reference = "reference_cooling_need_kwh_m2"
    assert dimmed.summary[reference].value == plain.summary[reference].value
    assert any("dimmed" in assumption.what.en for assumption in dimmed.assumptions)


def test_darkness_and_no_declaration_change_nothing() -> None:
    model = with_uses(row_house(), "office")
    plain = energy.compute(model, nanchang(), Project())
    for project, result in ((DIMMED, covered(0.0)), (Project(), covered(1.0))):
        other = energy.compute(model, nanchang(), project, result)
        assert other.series["electricity_bought_kwh"] == pytest.approx(plain.series["electricity_bought_kwh"])


def test_a_declaration_without_daylight_figures_is_told() -> None:
    found = energy.compute(with_uses(row_house(), "office"), nanchang(), DIMMED, None)
    assert [one.code for one in found.diagnostics if "dimmed" in one.code] == ["energy-lights-not-dimmed"]
