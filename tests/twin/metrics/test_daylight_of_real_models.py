"""Real models: no light without windows, and believable factors with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ifc
from twin.climate import typical_year
from twin.daylight_sections import DaylightSection
from twin.kernels.daylight import daylight_factors
from twin.metrics.daylight import compute
from twin.metrics.daylight.rooms import assessed_rooms, grid_points
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.scene import room_scene
from twin.metrics.daylight.windows import Windows, find_windows
from twin.project import Project

MODELS = [
    "AC20-FZK-Haus_with_SB55.ifc",
    "AC90R1-niedriha-V2-2x3.ifc",
    "Duplex_A_20110907_georeferenced.ifc",
    "LargeBuilding.ifc",
    "Office_A_20110811.ifc",
    "SampleHouse4.ifc",
    "b03_heating_with_building_blenderBIM.ifc",
]
pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.mark.parametrize("name", MODELS)
def test_a_closed_model_is_dark_and_tight(name: str, shared_data: Path) -> None:
    """With every window closed no light is left, and next to no path finds a way out of its room."""
    model, rules, options = ifc.read(shared_data / "models" / name), daylight_rules(), DaylightSection()
    windows = find_windows(model, options, rules)
    open_scene = room_scene(model, windows, rules)
    rooms = assessed_rooms(model, windows, open_scene, rules)
    points = grid_points(model, rooms, open_scene, options, rules)
    closed = room_scene(model, Windows((), ()), rules)
    found = daylight_factors(closed.scene, points.sensors(rooms, model, closed.light_room))
    assert len(points.room) > 0
    assert found.value.max() == 0.0
    assert found.lost.mean() < 1e-3


@pytest.mark.parametrize("name", [name for name in MODELS if not name.startswith("AC20")])
def test_factors_fall_from_the_window_into_the_room(name: str, shared_data: Path) -> None:
    model = ifc.read(shared_data / "models" / name)
    result = compute(model, typical_year("Nanchang"), Project())
    factors = result.table["daylight_factor_mean_pct"]
    lit = np.isfinite(factors) & (result.table["window_area_m2"] > 0.5)
    assert lit.any()
    assert np.median(factors[lit]) < 8.0
    assert np.median(factors[lit]) > 0.3
    assert np.all(result.table["daylight_factor_min_pct"][lit] <= factors[lit])
    # what each point is sampled to; four solutions tell a room's error to 1/√6, some 40 %
    assert np.nanmedian(result.table["standard_error_pct"][lit] / factors[lit]) < 0.05
