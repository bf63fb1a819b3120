"""Curtains, blinds and louvres: which windows they hang before, when they are closed, what they take."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ifc.model import BuildingModel, PropertyTable
from tests.twin.metrics.daylight_house import House
from twin.climate import MONTH_OF_HOUR, typical_year
from twin.daylight_sections import CurtainSection, DaylightSection
from twin.declared_uses import with_declared_uses
from twin.errors import TwinError
from twin.kernels.daylight import daylight_factors
from twin.metrics import daylight
from twin.metrics.daylight.annual import hourly_illuminance, sky_year
from twin.metrics.daylight.coverage import COVERAGE
from twin.metrics.daylight.curtains import Drawn, drawn, hang
from twin.metrics.daylight.glare import GLARE
from twin.metrics.daylight.rooms import assessed_rooms, grid_points
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.scene import room_scene
from twin.metrics.daylight.windows import Windows, find_windows
from twin.metrics.result import MetricResult
from twin.project import EnergySection, Project

CLIMATE = typical_year("Nanchang")
HALF = 0.5


@cache
def corner_office() -> BuildingModel:
    """An office with a window to the south (-y) and one to the west (-x)."""
    house = House()
    room = house.room((0, 0, 0), (5, 6, 3), use="office")
    pane = house.construction(0.7)
    house.window(room, "y", (0.5, 0.9), (4.5, 2.6), construction=pane)
    house.window(room, "x", (1.0, 0.9), (5.0, 2.6), construction=pane)
    return house.model()


def project(*curtains: CurtainSection, **energy: object) -> Project:
    return Project(
        daylight=DaylightSection(grid_spacing_m=1.0, curtains=curtains),
        energy=EnergySection(daylight_dimming=True, **energy),
    )


def run(*curtains: CurtainSection, **energy: object) -> MetricResult:
    return daylight.compute(corner_office(), CLIMATE, project(*curtains, **energy))


@cache
def bare() -> MetricResult:
    return run()


def stating(model: BuildingModel, set_name: str, name: str, values: dict[int, object]) -> BuildingModel:
    """The model whose elements state one property."""
    count = len(values)
    properties = PropertyTable(
        np.array(list(values), np.int32),
        *(np.array([text] * count + [None], object)[:-1] for text in (set_name, name)),
        np.array([*values.values(), None], object)[:-1],
        np.array([""] * count + [None], object)[:-1],
        np.zeros(count, bool),
        np.zeros(count, bool),
    )
    return replace(model, properties=properties)


def coverage(result: MetricResult) -> np.ndarray:
    (hourly,) = (values for name, values in result.series.items() if name.startswith(COVERAGE))
    return hourly


def closing(given: Project, glare: dict[int, np.ndarray] | None = None) -> tuple[Windows, Drawn, np.ndarray]:
    """The windows of the corner office, when their curtains are closed, and the hours."""
    model, rules = corner_office(), daylight_rules()
    windows, _ = hang(model, find_windows(model, given.daylight, rules), given, rules)
    scene, sky = room_scene(model, windows, rules), sky_year(CLIMATE, 0.0)
    found = drawn(
        scene.scene, scene.bundles, scene.portals, windows.curtains, CLIMATE, 0.0, sky.hour, sky.sun,
        glare or {}, 0.2,
    )  # fmt: skip
    return windows, found, sky.hour


def test_curtains_of_some_hours_and_months_change_those_only() -> None:
    shut = run(CurtainSection(transmittance=0.0, hours=(12, 15), months=(6, 7)))
    hour = np.arange(8760)
    named = np.isin(MONTH_OF_HOUR, [5, 6]) & (hour % 24 >= 12) & (hour % 24 < 15)
    assert np.all(coverage(shut)[named] == 0.0)
    assert np.array_equal(coverage(shut)[~named], coverage(bare())[~named])
    assert coverage(bare())[named].min() > 0.0


def test_hours_may_run_over_midnight() -> None:
    _, found, hour = closing(project(CurtainSection(transmittance=0.2, hours=(16, 9))))
    shut = found.left[0] < 1.0
    assert np.array_equal(shut, (hour % 24 >= 16) | (hour % 24 < 9))
    assert np.all(found.left[-1] == 1.0)


def test_movable_curtains_leave_daylight_factors_the_clause_and_glare_as_they_are() -> None:
    drawn_at_noon = run(CurtainSection(transmittance=0.1, irradiance_above_w_m2=150))
    for name in ("daylight_factor_mean_pct", "area_share_meeting_requirement_pct"):
        assert drawn_at_noon.summary[name].value == bare().summary[name].value
    for column in ("hours_per_day", "ase_1000_250_pct", "dgp_95"):
        assert drawn_at_noon.table[column] == pytest.approx(bare().table[column])
    for column in ("sda_300_50_pct", "udi_100_3000_pct"):
        assert not np.array_equal(drawn_at_noon.table[column], bare().table[column])
    assert coverage(drawn_at_noon).sum() < coverage(bare()).sum()
    said = {assumption.what.en: assumption for assumption in drawn_at_noon.assumptions}
    assert said["Share of the light past a closed curtain"].value.value == 0.1
    assert said["Curtains in the hours of 5.2.8"].value.confidence == "low"


def test_a_louvre_without_conditions_counts_everywhere() -> None:
    fixed = run(CurtainSection(transmittance=HALF))
    for column, noise in (("daylight_factor_mean_pct", 0.02), ("daylight_factor_min_pct", 0.08)):
        assert fixed.table[column] == pytest.approx(HALF * bare().table[column], rel=noise)
    assert fixed.table["hours_per_day"][0] < bare().table["hours_per_day"][0]
    assert fixed.table["dgp_95"][0] < bare().table["dgp_95"][0]


def test_light_past_closed_curtains_is_what_darker_panes_let_in() -> None:
    """One window closed: the sum of its coefficients against a scene with a pane as dark (all reflections)."""
    model, rules = corner_office(), daylight_rules()
    shut = project(CurtainSection(transmittance=0.3, irradiance_above_w_m2=1e-3, windows=("nothing", "*")))
    windows, found, _ = closing(shut)
    # Close the south window throughout, and leave the other open.
    south = next(row for row, one in enumerate(windows.windows) if one.normal[1] < -0.5)
    left = np.ones_like(found.left)
    left[found.bundles.of_portal[south]] = 0.3
    sky = sky_year(CLIMATE, 0.0)
    light = []
    for curtained in (True, False):
        own = windows
        if not curtained:
            darker = replace(windows.windows[south], louvre=windows.curtains[0].transmittance)
            own = replace(windows, windows=(*windows.windows[:south], darker, *windows.windows[south + 1 :]))
        scene = room_scene(model, own, rules)
        rooms = assessed_rooms(model, own, scene, rules)
        points = grid_points(model, rooms, scene, shut.daylight, rules)
        sensors = points.sensors(rooms, model, scene.light_room)
        factors = daylight_factors(
            scene.scene, sensors, relative_error=0.02, absolute_error=1e-5,
            coefficients=np.ones(len(sensors), bool),
        )  # fmt: skip
        total, sun = hourly_illuminance(
            scene.scene, points.position, sensors.room, factors.direct, factors.reflected, sky,
            Drawn(scene.bundles, left) if curtained else None,
        )  # fmt: skip
        light.append((total.sum(axis=1), sun.sum(axis=1)))
    assert light[0][1] == pytest.approx(light[1][1], rel=1e-5)  # the sun itself
    ratio = light[0][0] / light[1][0]
    assert ratio.mean() == pytest.approx(1.0, abs=0.01)
    assert np.sqrt(np.mean((ratio - 1.0) ** 2)) < 0.03


def test_curtains_close_by_the_sun_on_their_own_plane() -> None:
    windows, found, hour = closing(project(CurtainSection(transmittance=0.3, irradiance_above_w_m2=300)))
    of = {
        ("south" if one.normal[1] < -0.5 else "west"): found.left[found.bundles.of_portal[row]] < 1.0
        for row, one in enumerate(windows.windows)
    }
    clock, month = hour % 24, MONTH_OF_HOUR[hour]
    morning, afternoon = (clock >= 9) & (clock < 11), (clock >= 15) & (clock < 18)
    summer, winter = np.isin(month, [5, 6, 7]), np.isin(month, [10, 11, 0])
    assert of["west"][summer & afternoon].mean() > of["west"][summer & morning].mean() + 0.1
    assert of["south"][winter & (clock == 12)].mean() > of["south"][summer & (clock == 12)].mean()


def test_curtains_close_by_the_glare_that_open_ones_would_give() -> None:
    probability = next(values for name, values in bare().series.items() if name.startswith(GLARE))
    limit = float(np.quantile(probability[probability > 0], 0.8))
    given = project(CurtainSection(transmittance=0.1, glare_above=limit))
    _, found, hour = closing(given, {0: probability})
    assert np.array_equal(found.left[0] < 1.0, probability[hour] > limit)
    shut = daylight.compute(corner_office(), CLIMATE, given)
    changed = coverage(shut) != coverage(bare())
    assert changed.any()
    assert np.all(probability[changed] > limit)


def test_the_blinds_of_the_energy_metric_are_the_same_ones() -> None:
    blinds = run(blind_factor=0.3, blind_irradiance_w_m2=200)
    curtains = run(CurtainSection(transmittance=0.3, irradiance_above_w_m2=200))
    assert np.array_equal(coverage(blinds), coverage(curtains))
    assert np.array_equal(coverage(run(blind_factor=0.3, blind_uses=("bedroom",))), coverage(bare()))


def test_windows_rooms_and_uses_say_where_a_curtain_hangs() -> None:
    model = corner_office()
    first = str(model.elements.global_id[int(model.surface_openings.element[0])])
    given = project(
        CurtainSection(transmittance=0.1, windows=(first,), hours=(8, 9)),
        CurtainSection(transmittance=0.2, rooms=("Room 0",), hours=(8, 9)),
        CurtainSection(transmittance=0.3, uses=("bedroom",), hours=(8, 9)),
    )
    windows, told = hang(
        model, find_windows(model, given.daylight, daylight_rules()), given, daylight_rules()
    )
    assert [one.curtain for one in windows.windows] == [0, 1]
    assert [one.code for one in told] == ["daylight-curtain-without-window"]
    assert "daylight.curtains.2" in told[0].message.en


def test_a_use_of_curtains_that_there_is_not_is_refused() -> None:
    with pytest.raises(TwinError, match=r"daylight\.curtains\.0\.uses"):
        with_declared_uses(corner_office(), project(CurtainSection(transmittance=0.3, uses=("ofice",))))


def test_the_model_may_state_the_curtain_of_a_window() -> None:
    plain, rules = corner_office(), daylight_rules()
    south, west = (int(row) for row in plain.surface_openings.element)
    model = stating(plain, "GBT50378", "CurtainTransmittance", {south: 0.25, west: "thick"})
    windows, told = hang(model, find_windows(model, project().daylight, rules), project(), rules)
    assert [one.curtain for one in windows.windows] == [0, -1]
    assert windows.curtains[0].transmittance.value == 0.25
    assert windows.curtains[0].irradiance_above_w_m2 == 300
    assert [one.code for one in told] == ["daylight-curtain-value"]


def test_a_shading_device_lets_through_what_it_states() -> None:
    def sky_of(stated: float | None) -> float:
        house = House()
        room = house.room((0, 0, 0), (5, 6, 3), use="office")
        house.window(room, "y", (0.5, 0.9), (4.5, 2.6), construction=house.construction(0.7))
        screen = house.blocks.box("IfcShadingDevice", (-1, -0.6, 0), (6, -0.5, 4))
        model = house.model()
        if stated is not None:
            model = stating(model, "Pset_ShadingDeviceCommon", "VisibleLightTransmittance", {screen: stated})
        result = daylight.compute(model, CLIMATE, Project(daylight=DaylightSection(grid_spacing_m=1.0)))
        return float(result.table["daylight_factor_mean_pct"][0])

    opaque, clear, half = sky_of(None), sky_of(1.0), sky_of(0.5)
    assert opaque < 0.25 * clear
    assert opaque < half < 0.75 * clear
