"""Trees: which elements they are, and what their crowns leave of light and sun in each month."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ifc.model import BuildingModel
from tests.building_blocks import Blocks
from tests.twin.metrics.daylight_house import WALL_M, House
from tests.twin.metrics.energy_house import nanchang, row_house
from tests.twin.metrics.test_curtains import stating
from twin.climate import MONTH_OF_HOUR, typical_year
from twin.daylight_sections import DaylightSection
from twin.kernels.daylight import daylight_factors
from twin.metrics import daylight, energy, sunlight
from twin.metrics.daylight.annual import hourly_illuminance, sky_year
from twin.metrics.daylight.coverage import COVERAGE
from twin.metrics.daylight.rooms import assessed_rooms, grid_points
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.scene import room_scene
from twin.metrics.daylight.windows import find_windows
from twin.metrics.energy.shading import OBSTACLES, obstacles_of, self_shading
from twin.metrics.trees import NO_TREES, crown_transmittance, in_leaf, season, trees_in_the_light
from twin.project import EnergySection, Project, SiteSection

CLIMATE = typical_year("Nanchang")
COUNTED = Project(
    site=SiteSection(trees_shade=True),
    daylight=DaylightSection(grid_spacing_m=1.0),
    energy=EnergySection(daylight_dimming=True),
)
LEFT_OUT = COUNTED.model_copy(update={"site": SiteSection()})
DEPTH = np.array([WALL_M])  # from the inner face of a wall to the outer one
BARE, LEAFY = (0, 1, 2, 11), (4, 5, 6, 7, 8, 9)


@cache
def garden(name: str = "银杏 tree", ifc_class: str = "IfcGeographicElement") -> BuildingModel:
    """An office with a window to the south and a wide crown before it."""
    house = House()
    room = house.room((0, 0, 0), (5, 6, 3), use="office")
    house.window(room, "y", (0.5, 0.9), (4.5, 2.6), construction=house.construction(0.7))
    house.blocks.box(ifc_class, (-8, -5, 0), (13, -3, 8), name=name)
    return house.model()


def coverage(model: BuildingModel, project: Project) -> np.ndarray:
    result = daylight.compute(model, CLIMATE, project)
    (hourly,) = (values for name, values in result.series.items() if name.startswith(COVERAGE))
    return hourly


def test_a_crown_lets_more_light_through_when_it_is_bare() -> None:
    free, shaded = coverage(garden(), LEFT_OUT), coverage(garden(), COUNTED)
    day = free > 0.05
    left = {
        months: (
            shaded[day & np.isin(MONTH_OF_HOUR, months)] / free[day & np.isin(MONTH_OF_HOUR, months)]
        ).mean()
        for months in (BARE, LEAFY)
    }
    assert left[LEAFY] < left[BARE] - 0.1
    assert left[BARE] < 1.0
    evergreen = coverage(garden("香樟 tree"), COUNTED)
    winter = day & np.isin(MONTH_OF_HOUR, BARE)
    assert evergreen[winter].mean() < shaded[winter].mean()


def test_the_daylight_factor_has_the_crowns_in_leaf() -> None:
    free, shaded = (daylight.compute(garden(), CLIMATE, one) for one in (LEFT_OUT, COUNTED))
    assert (
        shaded.summary["daylight_factor_mean_pct"].value
        < 0.8 * free.summary["daylight_factor_mean_pct"].value
    )
    said = [one for one in shaded.assumptions if "crowns" in one.what.en]
    assert [(one.value.value, one.value.confidence) for one in said] == [(0.15, "low")]
    assert not [one for one in free.assumptions if "crowns" in one.what.en]


def test_light_by_the_season_is_what_a_scene_with_such_crowns_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Coefficients of the crown in leaf, scaled to January, against a scene with the bare crown."""
    model, rules = garden(), daylight_rules()
    windows = find_windows(model, COUNTED.daylight, rules)
    trees = trees_in_the_light(model, COUNTED)
    sky = sky_year(CLIMATE, 0.0)
    january = MONTH_OF_HOUR[sky.hour] == 0

    def in_january(deciduous: bool) -> float:
        return float(crown_transmittance(deciduous)[0])

    light = []
    for own in ("in leaf", "bare"):
        if own == "bare":
            monkeypatch.setattr("twin.metrics.daylight.scene.in_leaf", in_january)
            sky = replace(sky, season=np.ones_like(sky.season))
        scene = room_scene(model, windows, rules, trees)
        rooms = assessed_rooms(model, windows, scene, rules)
        points = grid_points(model, rooms, scene, COUNTED.daylight, rules)
        sensors = points.sensors(rooms, model, scene.light_room)
        found = daylight_factors(
            scene.scene, sensors, relative_error=0.02, coefficients=np.ones(len(sensors), bool)
        )
        assert found.direct is not None
        assert found.reflected is not None
        total, sun = hourly_illuminance(
            scene.scene, points.position, sensors.room, found.direct, found.reflected, sky
        )
        light.append((total[:, january].sum(axis=1), sun[:, january].sum(axis=1)))
    assert light[0][1] == pytest.approx(light[1][1], rel=1e-4)
    ratio = light[0][0] / light[1][0]
    assert ratio.mean() == pytest.approx(1.0, abs=0.06)
    assert np.sqrt(np.mean((ratio - 1.0) ** 2)) < 0.10


def test_hours_of_sunlight_know_no_trees() -> None:
    house = House()
    room = house.room((0, 0, 0), (5, 6, 3), use="living_room")
    house.window(room, "y", (0.5, 0.9), (4.5, 2.6))
    bare = house.model()
    house.blocks.box("IfcGeographicElement", (-8, -5, 0), (13, -3, 8), name="香樟 tree")
    hours = [sunlight.compute(model, CLIMATE, COUNTED).table["hours"] for model in (bare, house.model())]
    assert hours[0] == pytest.approx(hours[1])


def test_trees_shade_walls_by_the_month_and_the_sky_by_the_year() -> None:
    model = garden()
    ring = np.array([(0.5, 0, 0.9), (4.5, 0, 0.9), (4.5, 0, 2.6), (0.5, 0, 2.6)], float)
    normal = np.array([[0.0, -1.0, 0.0]])
    sun = np.array([[0.0, -0.9, np.sqrt(1 - 0.81)]] * 2)
    months = np.array([0, 6])
    trees = trees_in_the_light(model, COUNTED)
    found = self_shading(obstacles_of(model, OBSTACLES, trees), [ring], normal, DEPTH, sun, months, 0.0)
    assert found.sunlit[0] == pytest.approx(crown_transmittance(True)[months])
    free = self_shading(obstacles_of(model, OBSTACLES, NO_TREES), [ring], normal, DEPTH, sun, months, 0.0)
    assert free.sunlit[0] == pytest.approx([1.0, 1.0])
    assert crown_transmittance(True).mean() < found.sky[0] < 0.9 * free.sky[0]


def test_a_proxy_that_is_a_tree_does_not_stand_there_twice() -> None:
    model = garden("Tree oak", "IfcBuildingElementProxy")
    ring = np.array([(0.5, 0, 0.9), (4.5, 0, 0.9), (4.5, 0, 2.6), (0.5, 0, 2.6)], float)
    sun, july = np.array([[0.0, -0.9, np.sqrt(1 - 0.81)]]), np.array([6])
    trees = trees_in_the_light(model, COUNTED)
    shadows, normal = obstacles_of(model, OBSTACLES, trees), np.array([[0.0, -1.0, 0.0]])
    found = self_shading(shadows, [ring], normal, DEPTH, sun, july, 0.0)
    assert found.sunlit[0, 0] == pytest.approx(in_leaf(True))


def test_trees_before_a_house_change_its_needs_only_where_they_count() -> None:
    model = row_house(tree=True)
    free = energy.compute(model, nanchang(), Project())
    counted = energy.compute(model, nanchang(), Project(site=SiteSection(trees_shade=True)))
    need = "cooling_need_kwh"
    assert free.series[need] == pytest.approx(energy.compute(row_house(), nanchang(), Project()).series[need])
    assert counted.series[need].sum() < 0.98 * free.series[need].sum()
    assert counted.series["heating_need_kwh"].sum() > free.series["heating_need_kwh"].sum()
    assert [one for one in counted.assumptions if "crowns" in one.what.en]
    assert counted.input_sha256 != free.input_sha256


def test_names_species_height_and_covers_say_what_a_tree_is() -> None:
    blocks = Blocks()
    blocks.box("IfcGeographicElement", (0, 0, 0), (3, 3, 6), name="树1")
    blocks.box("IfcGeographicElement", (5, 0, 0), (8, 3, 0.2), name="tree pit")
    blocks.box("IfcGeographicElement", (5, 0, 0), (8, 3, 5), name="lawn")
    blocks.box("IfcBuildingElementProxy", (9, 0, 0), (12, 3, 7), name="M_RPC Tree - Deciduous: Red Ash")
    blocks.box("IfcBuildingElementProxy", (9, 5, 0), (12, 8, 7), name="Street sign")
    pine = blocks.box("IfcGeographicElement", (15, 0, 0), (18, 3, 9), name="Baum 7")
    model = blocks.model()
    assert trees_in_the_light(model, COUNTED).elements.tolist() == [0, 3]
    assert len(trees_in_the_light(model, LEFT_OUT)) == 0
    stated = stating(model, "GBT50378_Site", "CoverKind", {pine: "tree"})
    assert trees_in_the_light(stated, COUNTED).elements.tolist() == [0, 3, 5]
    species = stating(model, "GBT50378_Site", "Species", {0: "广玉兰"})
    assert trees_in_the_light(species, COUNTED).deciduous.tolist() == [False, True]
    magnolia = stating(model, "GBT50378_Site", "Species", {0: "玉兰"})
    assert trees_in_the_light(magnolia, COUNTED).deciduous.tolist() == [True, True]


def test_the_season_is_one_in_leaf() -> None:
    hours = np.arange(8760)
    assert season(hours)[MONTH_OF_HOUR == 6] == pytest.approx(1.0)
    assert season(hours)[MONTH_OF_HOUR == 0] == pytest.approx(0.55 / 0.15, rel=1e-6)
