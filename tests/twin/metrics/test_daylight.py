"""The daylight metric on small houses: what counts, what is left out, and what is said about it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ifc.model import BuildingModel, Neighbour
from tests.building_blocks import Blocks
from tests.twin.metrics.daylight_house import House
from twin.climate import Climate, typical_year
from twin.climate.sky import sun_hours
from twin.daylight_sections import DaylightSection
from twin.kernels.perez_sky import perez_sky
from twin.kernels.sky import patch_directions, patch_solid_angles
from twin.metrics.daylight import compute
from twin.metrics.daylight.grid import working_grid
from twin.metrics.result import MetricResult
from twin.project import Project, ProjectSection


@cache
def nanchang() -> Climate:
    return typical_year("Nanchang")


def run(model: BuildingModel, **daylight: object) -> MetricResult:
    return compute(model, nanchang(), Project(daylight=DaylightSection(**daylight)))  # type: ignore[arg-type]


@cache
def usual() -> MetricResult:
    """The living room with one window, as it is."""
    return run(living_room().model())


def mean_of(result: MetricResult, row: int = 0) -> float:
    return float(result.table["daylight_factor_mean_pct"][row])


def codes(result: MetricResult) -> set[str]:
    return {diagnostic.code for diagnostic in result.diagnostics}


def living_room(transmittance: float | None = None, frame: float | None = None) -> House:
    house = House()
    room = house.room((0, 0, 0), (4, 5, 2.8))
    pane = -1 if transmittance is None else house.construction(transmittance, frame)
    house.window(room, "y", (1, 0.9), (3, 2.4), construction=pane)
    return house


def test_a_side_lit_room_has_a_believable_daylight_factor() -> None:
    result = usual()
    field = result.fields["daylight_factor"]
    near = field.values[field.points[:, 1] < 1.0].mean()
    far = field.values[field.points[:, 1] > 4.0].mean()
    assert 2.0 < near < 10.0
    assert 0.2 < far < 1.0
    # The mean of the split-flux formula of GB 50033-2013 Annex D: Av τ θ / (Az (1 - ρ²)), τ = 0.62 x 0.75 x 0.75.
    area = 2 * (4 * 5 + 4 * 2.8 + 5 * 2.8)
    rho = (0.75 * 20 + 0.3 * 20 + 0.6 * 2 * (4 + 5) * 2.8) / area
    simple = 3.0 * 0.62 * 0.75 * 0.75 * 90 / (area * (1 - rho**2))
    assert mean_of(result) == pytest.approx(simple, rel=0.35)


def test_the_table_says_what_is_required_and_whether_it_is_met() -> None:
    result = usual()
    table = result.table
    assert table["use"][0] == "living_room"
    assert table["required_pct"][0] == pytest.approx(2.2)  # 2.0 % times K = 1.10 of zone IV, Nanchang
    assert table["meets"][0] == float(mean_of(result) >= 2.2)
    assert table["window_area_m2"][0] == pytest.approx(3.0)
    assert table["uniformity"][0] == pytest.approx(table["daylight_factor_min_pct"][0] / mean_of(result))
    assert table["standard_error_pct"][0] < 0.03 * mean_of(result)
    assert table["point_count"][0] == len(result.fields["daylight_factor"].values) == 7 * 9


def test_the_main_figures_weigh_rooms_by_their_area() -> None:
    house = living_room()
    small = house.room((10, 0, 0), (12, 2, 2.8), use="bedroom")
    house.window(small, "y", (10.2, 0.9), (11.8, 2.4))
    house.room((20, 0, 0), (24, 5, 2.8), use="corridor")
    result = run(house.model())
    table, means = result.table, result.table["daylight_factor_mean_pct"]
    main = np.isin(table["use"], ["living_room", "bedroom"])
    expected = np.average(means[main], weights=table["area_m2"][main])
    assert result.summary["daylight_factor_mean_pct"].value == pytest.approx(expected)
    share = 100 * table["area_m2"][main & (table["meets"] == 1)].sum() / 24
    assert result.summary["area_share_meeting_requirement_pct"].value == pytest.approx(share)


def test_the_pane_of_the_file_is_used_and_only_defaults_are_assumed() -> None:
    plain, darker = usual(), run(living_room(0.31, 0.25).model())
    # Half of 0.62 at a right angle; a darker pane loses a little more at a slant.
    assert 0.44 < mean_of(darker) / mean_of(plain) < 0.5
    assumed = {assumption.what.en: assumption for assumption in plain.assumptions}
    assert assumed["Height of the eye for glare"].value.confidence == "low"
    assert assumed["Visible transmittance of the panes"].value.value == 0.62
    assert len(assumed["Visible transmittance of the panes"].global_ids) == 1
    assert "Visible transmittance of the panes" not in {one.what.en for one in darker.assumptions}


def test_options_of_the_project_replace_defaults() -> None:
    model = living_room().model()
    plain = mean_of(run(model))
    assert mean_of(run(model, dirt_factor=0.375)) == pytest.approx(plain / 2, rel=0.04)
    assert 0.44 * plain < mean_of(run(model, visible_transmittance=0.31)) < 0.5 * plain
    assert run(model, light_climate="III").table["required_pct"][0] == pytest.approx(2.0)
    assert run(model, grid_spacing_m=1.0).table["point_count"][0] == 4 * 5
    assert run(model, working_plane_m=0.0).fields["daylight_factor"].points[0, 2] == 0.0


def test_a_balcony_above_takes_light() -> None:
    house = living_room()
    house.blocks.box("IfcSlab", (0, -1.8, 2.8), (4, -0.2, 3.0))
    assert mean_of(run(house.model())) < 0.8 * mean_of(usual())


def test_a_building_opposite_takes_light() -> None:
    house = living_room()
    house.blocks.box("IfcBuildingElementProxy", (-20, -20, 0), (24, -10, 20))
    assert mean_of(run(house.model())) < 0.7 * mean_of(usual())


def test_furniture_and_trees_take_none() -> None:
    house = living_room()
    house.blocks.box("IfcFurnishingElement", (0.5, 2, 0), (3.5, 2.5, 2.0))
    house.blocks.box("IfcBuildingElementProxy", (-3, -6, 0), (7, -3, 8), name="RPC Tree - Deciduous: 行道树")
    np.testing.assert_array_equal(
        run(house.model()).fields["daylight_factor"].values,
        usual().fields["daylight_factor"].values,
    )


def test_no_points_lie_in_a_column() -> None:
    house = living_room()
    house.blocks.box("IfcColumn", (1.6, 2.1, 0), (2.4, 2.9, 2.8))
    points = run(house.model()).fields["daylight_factor"].points
    inside = (np.abs(points[:, 0] - 2) < 0.4) & (np.abs(points[:, 1] - 2.5) < 0.4)
    assert len(points) < 63
    assert not inside.any()


def test_a_room_without_windows_is_dark_and_says_why() -> None:
    house = living_room()
    house.room((10, 0, 0), (14, 5, 2.8), use="bedroom")
    result = run(house.model())
    assert mean_of(result, 1) == 0.0
    assert result.table["meets"][1] == 0.0
    assert "No window" in result.table["reason_en"][1]
    assert "daylight-room-without-window" in codes(result)


def test_a_room_with_unusable_surfaces_is_not_guessed() -> None:
    house = living_room()
    room = house.room((10, 0, 0), (14, 5, 2.8), use="bedroom")
    house.window(room, "y", (11, 0.9), (13, 2.4))
    house.grades[room] = "D"
    result = run(house.model())
    assert np.isnan(mean_of(result, 1))
    assert np.isnan(result.table["meets"][1])
    share = result.summary["area_share_meeting_requirement_pct"]
    assert share.value is None
    assert share.needs[0].global_ids == (result.table["global_id"][1],)


def test_light_does_not_leak_where_slabs_and_walls_are_missing() -> None:
    house = House()
    house.room((0, 0, 0), (4, 5, 2.8), walls="")
    room = house.room((4.2, 0, 0), (8, 5, 2.8), walls="y")
    house.window(room, "y", (5, 0.9), (7, 2.4))
    result = run(house.model())
    assert mean_of(result, 0) == 0.0
    assert mean_of(result, 1) > 1.0


def test_a_window_belongs_to_its_own_room_only() -> None:
    """Two rooms side by side, one window: the other room stays dark although only a thin wall lies between."""
    house = living_room()
    house.room((4.1, 0, 0), (8, 5, 2.8), use="bedroom", walls="XyYzZ")
    result = run(house.model())
    assert mean_of(result, 0) > 1.0
    assert mean_of(result, 1) == 0.0


def two_rooms(kind: str | None, construction: float | None = None) -> House:
    """A lit room and one behind it; between them an opening of a kind, or nothing at all (None)."""
    thickness = 0.0 if kind is None else 0.2
    house = House()
    front = house.room(
        (0, 0, 0), (4, 4, 2.8), walls="xXyzZ" + ("" if kind is None else "Y"),
        beyond={"Y": (Neighbour.SPACE, 1)},
    )  # fmt: skip
    back = house.room(
        (0, 4 + thickness, 0), (4, 8, 2.8), use="bedroom", walls="xXYzZ", beyond={"y": (Neighbour.SPACE, 0)}
    )
    house.window(front, "y", (0.5, 0.5), (3.5, 2.6))
    if kind is not None:
        house.share_wall(back, "y", front, "Y")
        pane = house.construction(construction) if construction else -1
        element = house.window(front, "Y", (0.5, 0.0), (3.5, 2.6), kind=kind, construction=pane)
        house.window(back, "y", (0.5, 0.0), (3.5, 2.6), kind=kind, construction=pane, cut=False)
        house._openings[-1]["element"] = element
    return house


def test_light_passes_an_opening_between_rooms_and_a_pane_takes_its_share() -> None:
    hole = mean_of(run(two_rooms("air").model()), 1)
    pane = mean_of(run(two_rooms("window", 0.8).model()), 1)
    door = mean_of(run(two_rooms("door").model()), 1)
    glazed_door = mean_of(run(two_rooms("door", 0.8).model()), 1)
    assert hole > 0.2
    # 0.8 x (1 - 0.25 of frame), and what pane and frame throw back brightens both rooms a little.
    assert 0.55 * hole < pane < 0.7 * hole
    assert glazed_door == pytest.approx(pane, rel=0.1)
    assert door == 0.0


def test_spaces_with_an_open_boundary_are_one_room_for_light() -> None:
    divided = run(two_rooms(None).model())
    whole = House()
    room = whole.room((0, 0, 0), (4, 8, 2.8))
    whole.window(room, "y", (0.5, 0.5), (3.5, 2.6))
    field = run(whole.model()).fields["daylight_factor"]
    back = field.values[field.points[:, 1] > 4.0].mean()
    assert mean_of(divided, 1) == pytest.approx(back, rel=0.1)


def test_a_window_before_an_uncut_wall_is_told() -> None:
    house = living_room()
    house.blocks.box("IfcWall", (-0.2, -0.45, 0), (4.2, -0.25, 2.8))
    result = run(house.model())
    assert mean_of(result) < 0.05
    assert "daylight-window-blocked" in codes(result)


def test_a_skylight_is_judged_by_the_values_of_top_lighting() -> None:
    house = House()
    room = house.room((0, 0, 0), (6, 6, 3), use="office")
    house.window(room, "Z", (2, 2), (4, 4))
    table = run(house.model()).table
    assert table["required_pct"][0] == pytest.approx(2.0 * 1.1)


def test_the_ground_below_reflects_light_to_the_ceiling() -> None:
    """A lifted room sees the same sky but for the horizon; the ground is far below, yet as bright."""
    house = House()
    room = house.room((0, 0, 30), (4, 5, 32.8))
    house.window(room, "y", (1, 30.9), (3, 32.4))
    assert mean_of(run(house.model())) == pytest.approx(mean_of(usual()), rel=0.05)


def test_deep_rooms_have_an_inner_zone() -> None:
    house = House()
    walls = dict.fromkeys("xXY", (Neighbour.ADIABATIC, -1))
    room = house.room((0, 0, 0), (6, 12, 3), use="office", beyond=walls)
    house.window(room, "y", (0.5, 0.9), (5.5, 2.7))
    summary = run(house.model()).summary
    # Points at 0.5, 1.0, ... 11.5 m; those beyond 5 m: 13 of 23 rows.
    assert summary["inner_zone_area_m2"].value == pytest.approx(72 * 13 / 23)
    assert summary["inner_zone_daylight_factor_area_share"].value == 0.0


def test_without_an_inner_zone_its_share_cannot_be_told() -> None:
    summary = usual().summary
    assert summary["inner_zone_area_m2"].value == 0.0
    assert summary["inner_zone_daylight_factor_area_share"].value is None


def test_a_lit_basement_counts_for_the_underground_ratio() -> None:
    """A garage with a window on a sunken court, and one without, of the same size."""
    house = House()
    house.blocks.storey("B1", -3.2)
    house.blocks.storey("L1", 0.0)
    house.blocks.box("IfcSite", (-40, -60, -1), (40, -6, 0))
    buried = dict.fromkeys("xXYz", (Neighbour.GROUND, -1))
    lit = house.room((0, 0, -3.2), (6, 6, -0.2), use="garage", beyond=buried)
    house.window(lit, "y", (1, -2.6), (5, -0.6))
    house.room((10, 0, -3.2), (16, 6, -0.2), use="garage", beyond=buried | {"y": (Neighbour.GROUND, -1)})
    house.room((0, 0, 0), (6, 6, 3), use="office", storey=1)
    result = run(house.model())
    assert mean_of(result, 0) > 0.5
    assert result.summary["underground_area_m2"].value == pytest.approx(72.0)
    assert result.summary["underground_daylit_area_ratio"].value == pytest.approx(50.0)


def test_without_a_roof_the_hours_are_those_of_the_sky() -> None:
    """A tray open to the sky: its points have 300 lx whenever the open ground has."""
    house = House()
    room = house.room((0, 0, 0), (8, 8, 0.9), walls="xXyYz")
    house.window(room, "Z", (0, 0), (8, 8), kind="air", cut=False)
    result = run(house.model(), working_plane_m=0.7)
    year, sun = nanchang(), sun_hours(28.6, 115.9, 8.0)
    up = np.flatnonzero(sun.sin_elevation > 0)
    elevation, azimuth = np.radians(sun.elevation_deg[up]), np.radians(sun.azimuth_deg[up])
    direction = np.column_stack(
        [np.cos(elevation) * np.sin(azimuth), np.cos(elevation) * np.cos(azimuth), np.sin(elevation)]
    )
    sky = perez_sky(
        direction, year.direct_normal_w_m2[up], year.diffuse_horizontal_w_m2[up], year.dew_point_c[up],
        sun.extraterrestrial_normal_w_m2[up],
    )  # fmt: skip
    outdoors = (patch_solid_angles() * patch_directions()[:, 2]) @ sky.luminance
    outdoors = outdoors + sky.sun_normal_lx * direction[:, 2]
    assert mean_of(result) > 85.0
    assert result.table["hours_per_day"][0] == pytest.approx((outdoors >= 300).sum() / 365, rel=0.02)


def test_a_south_room_gets_more_sun_than_a_north_room() -> None:
    south = living_room()
    north = living_room()
    north.blocks.north_deg = 180.0
    a, b = run(south.model()), run(north.model())
    assert mean_of(a) == pytest.approx(mean_of(b))  # the overcast sky knows no north
    assert a.table["hours_per_day"][0] > b.table["hours_per_day"][0] + 0.5
    assert a.table["ase_1000_250_pct"][0] > b.table["ase_1000_250_pct"][0] == 0.0


def test_hours_of_dwellings_and_public_rooms_are_told_apart() -> None:
    house = living_room()
    house.room((10, 0, 0), (14, 5, 2.8), use="office")
    summary = run(house.model()).summary
    home, public = summary["daylight_area_share_300lx_8h"], summary["daylight_area_share_required_4h"]
    assert home.value is not None
    assert home.value > 0.0
    assert public.value == 0.0  # the office has no window
    alone = usual().summary["daylight_area_share_required_4h"]
    assert alone.value is None
    assert "public" in alone.needs[0].what.en


def test_hours_are_a_field_of_the_main_rooms_only() -> None:
    house = living_room()
    bath = house.room((10, 0, 0), (12, 3, 2.8), use="bathroom")
    house.window(bath, "y", (10.5, 0.9), (11.5, 2.4))
    result = run(house.model())
    assert len(result.fields["daylight_hours"].values) == 63 < len(result.fields["daylight_factor"].values)
    assert np.isnan(result.table["hours_per_day"][1])


def test_an_unknown_city_has_no_requirement() -> None:
    project = Project(project=ProjectSection(city="Atlantis"))
    result = compute(living_room().model(), nanchang(), project)
    assert np.isnan(result.table["required_pct"][0])
    assert result.summary["daylight_factor_mean_pct"].value is not None
    share = result.summary["area_share_meeting_requirement_pct"]
    assert share.value is None
    assert "light climate" in share.needs[0].what.en


def test_unknown_uses_are_computed_but_not_judged() -> None:
    house = House()
    room = house.room((0, 0, 0), (4, 5, 2.8), use="unknown")
    house.window(room, "y", (1, 0.9), (3, 2.4))
    result = run(house.model())
    assert mean_of(result) > 1.0
    assert np.isnan(result.table["meets"][0])
    mean = result.summary["daylight_factor_mean_pct"]
    assert mean.value is None
    assert mean.needs[0].global_ids == (result.table["global_id"][0],)


def test_shafts_and_stores_are_not_looked_at() -> None:
    house = living_room()
    house.room((10, 0, 0), (11, 1, 2.8), use="shaft")
    assert len(run(house.model()).table["name"]) == 1


def test_a_house_without_windows_is_not_called_dark() -> None:
    house = House()
    house.room((0, 0, 0), (4, 5, 2.8))
    for quantity in run(house.model()).summary.values():
        assert quantity.value is None
        assert "IfcWindow" in quantity.needs[0].how.en


def test_a_house_of_shafts_only_has_nothing_to_judge() -> None:
    house = House()
    room = house.room((0, 0, 0), (2, 2, 2.8), use="shaft")
    house.window(room, "y", (0.5, 0.9), (1.5, 2.4))
    result = run(house.model())
    assert len(result.table["name"]) == 0
    assert result.summary["daylight_factor_mean_pct"].value is None


def test_a_room_without_a_measure_leaves_shares_untold() -> None:
    house = living_room()
    house.blocks.space_mesh(None, use="bedroom")
    house._spaces.append(((0, 0, 0), (0, 0, 0)))
    house.grades[1] = "D"
    result = run(house.model())
    assert result.summary["area_share_meeting_requirement_pct"].value is None
    assert np.isnan(mean_of(result, 1))


def test_a_model_without_rooms_says_what_it_needs() -> None:
    blocks = Blocks()
    blocks.box("IfcWall", (0, 0, 0), (5, 0.2, 3))
    result = run(blocks.model())
    for quantity in result.summary.values():
        assert quantity.value is None
        assert quantity.needs[0].how.en


def test_results_repeat() -> None:
    first, again = usual(), run(living_room().model())
    values = first.fields["daylight_factor"].values
    np.testing.assert_array_equal(values, again.fields["daylight_factor"].values)
    assert first.input_sha256 == again.input_sha256
    assert first.input_sha256 != run(living_room().model(), dirt_factor=0.9).input_sha256


def test_the_grid_keeps_its_margin_and_follows_the_room() -> None:
    turned = np.array([(0, 0), (3, 3), (1, 5), (-2, 2)], float)  # 4.24 x 2.83 m at 45°
    grid = working_grid([turned], 0.5, 0.5, 0.1)
    assert grid.margin_m == 0.5
    assert len(grid.points) == 7 * 4
    along = grid.points @ np.array([1, 1]) / np.sqrt(2)
    assert np.unique(np.round(along, 6)).size == 7


def test_narrow_and_tiny_rooms_still_get_points() -> None:
    corridor = np.array([(0, 0), (8, 0), (8, 0.9), (0, 0.9)], float)
    grid = working_grid([corridor], 0.5, 0.5, 0.1)
    assert grid.margin_m == pytest.approx(0.3, abs=0.02)
    assert len(grid.points) > 10
    niche = np.array([(0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)], float)
    assert len(working_grid([niche], 0.5, 0.5, 0.1).points) == 1


def test_courtyards_get_no_points() -> None:
    outer = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], float)
    court = np.array([(3, 3), (3, 7), (7, 7), (7, 3)], float)
    points = working_grid([outer, court], 0.5, 0.5, 0.1).points
    assert not ((np.abs(points - 5) < 2.4).all(axis=1)).any()


def test_a_long_chain_of_rooms_gives_the_same_light_room_by_room(monkeypatch: pytest.MonkeyPatch) -> None:
    together = run(two_rooms("air").model())
    monkeypatch.setattr("twin.metrics.daylight.scene._LONGEST_CHAIN", 1)
    alone = run(two_rooms("air").model())
    for row in (0, 1):
        assert mean_of(alone, row) == pytest.approx(mean_of(together, row), rel=0.08)
