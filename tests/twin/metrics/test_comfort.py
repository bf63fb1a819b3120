"""Adaptive comfort and overheating, against hours counted by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ifc.model import BuildingModel
from tests.twin.metrics.energy_house import nanchang, row_house, with_uses
from twin.climate import HOURS, Climate
from twin.kernels.thermal.year import Year
from twin.metrics.energy.comfort import comfort_bounds, comfort_quantities, running_mean_c
from twin.metrics.energy.thermal_model import ThermalModel, thermal_model
from twin.project import Project

OCCUPIED_PER_WORKDAY = 13  # hours of an office, from 6 to 19
WORKDAYS = 261


def test_the_running_mean_of_a_warm_day_by_hand() -> None:
    air = np.full(HOURS, 10.0)
    air[100 * 24 : 101 * 24] = 20.0
    mean = running_mean_c(air)
    weight = 1 / sum(0.8**lag for lag in range(7))
    np.testing.assert_allclose(mean[100:109], [10, *(10 + 10 * weight * 0.8**lag for lag in range(7)), 10])


def test_the_bounds_follow_the_outdoor_temperature_between_their_limits() -> None:
    low, high = comfort_bounds(np.array([-5.0, 20.0, 35.0]), "3A")
    np.testing.assert_allclose(high, [16, 0.73 * 20 + 12.72, 30])
    np.testing.assert_allclose(low, [16, 16, 0.91 * 35 - 3.69])


@cache
def offices() -> tuple[BuildingModel, Climate, ThermalModel]:
    climate = replace(nanchang(), dry_bulb_c=np.full(HOURS, 20.0))
    model = with_uses(row_house(), "office")
    return model, climate, thermal_model(model, climate, Project(), seasonal=False)


def quantities(air_c: float, cooled: bool = False) -> dict:
    model, climate, thermal = offices()
    blank = np.zeros((len(thermal.zones), HOURS))
    temperature = np.full(blank.shape, air_c, np.float32)
    year = Year(
        blank,
        blank + cooled,
        temperature,
        temperature + 2,
        np.zeros_like(temperature),
        np.zeros((12, 2, 1)),
        0,
        0,
        0,
        0,
    )
    return comfort_quantities(model, climate, thermal, year, "3A")


@pytest.mark.parametrize(("air", "share", "hot"), [(20.0, 100, 0), (27.0, 0, 0), (30.0, 0, 1), (10.0, 0, 0)])
def test_hours_are_counted_by_the_operative_temperature(air: float, share: float, hot: int) -> None:
    found = quantities(air)  # operative: one kelvin above the air; the zone ends at 27.3 °C
    assert found["adaptive_comfort_hours_share"].value == share
    assert found["overheating_hours"].value == hot * OCCUPIED_PER_WORKDAY * WORKDAYS


def test_hours_with_cooling_are_none_of_the_free_ones() -> None:
    assert quantities(20.0, cooled=True)["adaptive_comfort_hours_share"].value is None
    assert quantities(20.0, cooled=True)["adaptive_comfort_hours_share"].needs
