"""What the names of materials tell of real models, and how much that moves their daylight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ifc
from ifc.model import BuildingModel, Provenance
from twin.daylight_sections import DaylightSection
from twin.kernels.daylight import daylight_factors
from twin.metrics.daylight import reflectance
from twin.metrics.daylight.reflectance import surface_reflectance
from twin.metrics.daylight.rooms import assessed_rooms, grid_points
from twin.metrics.daylight.rules import project_rules
from twin.metrics.daylight.scene import room_scene
from twin.metrics.daylight.windows import find_windows, open_boundaries

pytestmark = [pytest.mark.shared, pytest.mark.slow]
OPTIONS = DaylightSection()
RULES = project_rules(OPTIONS)

# Share of the inner area with a value by the name of a material, and the materials.
FOUND = {
    "SampleHouse4.ifc": (10.1, {"Plaster"}),
    "Office_A_20110811.ifc": (23.8, {"Ceiling Tile 600 x 600"}),
    "Janesville_restaurant.ifc": (4.5, {"J_Wall_Tile_White"}),
    "broken_doubleguids.ifc": (54.8, {"Plaster"}),
    "derived_simple_house_IFC4X3_ADD2.ifc": (78.1, {"Plaster"}),
    "Duplex_A_20110907_georeferenced.ifc": (0.0, set()),
    "AC20-FZK-Haus_with_SB55.ifc": (0.0, set()),
    "AC90R1-niedriha-V2-2x3.ifc": (0.0, set()),
    "LargeBuilding.ifc": (0.0, set()),
    "Revit2019_zh_TestModel_IFC4Add2.ifc": (0.0, set()),
    "b03_heating_with_building_blenderBIM.ifc": (0.0, set()),
}


@pytest.mark.parametrize("name", FOUND)
def test_only_finishes_of_real_models_tell_what_they_reflect(name: str, shared_data: Path) -> None:
    model = ifc.read(shared_data / "models" / name)
    rows = np.flatnonzero(~open_boundaries(model))
    values = [surface_reflectance(model, row, RULES) for row in rows.tolist()]
    derived = np.array([value.provenance is Provenance.DERIVED for value in values])
    area = model.surfaces.area_m2[rows]
    share, materials = FOUND[name]
    assert 100.0 * area[derived].sum() / area.sum() == pytest.approx(share, abs=0.1)
    assert {str(value.source).split("'")[1] for value, told in zip(values, derived, strict=True) if told} == (
        materials
    )


def room_means(model: BuildingModel) -> np.ndarray:
    """Mean daylight factor of each room with points, as a fraction."""
    windows = find_windows(model, OPTIONS, RULES)
    scene = room_scene(model, windows, RULES)
    rooms = assessed_rooms(model, windows, scene, RULES)
    points = grid_points(model, rooms, scene, OPTIONS, RULES)
    sensors = points.sensors(rooms, model, scene.light_room)
    found = daylight_factors(scene.scene, sensors, relative_error=0.01, absolute_error=1e-5)
    means = np.array([found.value[points.room == row].mean() for row in np.unique(points.room)])
    return means[means > 0.002]


@pytest.mark.parametrize(
    ("name", "mean", "most"),
    [
        ("SampleHouse4.ifc", 0.9, 4.1),
        ("Office_A_20110811.ifc", 0.0, 0.1),
        ("Duplex_A_20110907_georeferenced.ifc", 0.0, 0.0),
        ("AC20-FZK-Haus_with_SB55.ifc", 0.0, 0.0),
        ("AC90R1-niedriha-V2-2x3.ifc", 0.0, 0.0),
        ("Janesville_restaurant.ifc", 0.2, 0.3),
        ("broken_doubleguids.ifc", 2.4, 2.4),
    ],
)
def test_how_far_they_move_the_daylight_factor(
    name: str, mean: float, most: float, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Percent, of the mean over the rooms and of the room that changes most; the same random numbers."""
    model = ifc.read(shared_data / "models" / name)
    after = room_means(model)
    monkeypatch.setattr(reflectance, "finish_reflectance", lambda *name: None)
    before = room_means(model)
    assert 100.0 * (after.mean() / before.mean() - 1.0) == pytest.approx(mean, abs=0.1)
    assert 100.0 * np.max(after / before - 1.0) == pytest.approx(most, abs=0.15)
