"""The sunlight metric on small houses: hours that can be drawn on paper, and what is not told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ifc.model import BuildingModel, Construction, GroupTable, Neighbour, Provenance, Traced
from tests.twin.metrics.daylight_house import WALL_M, House
from twin.calculation_sections import SystemsSection
from twin.climate import Climate, typical_year
from twin.kernels.photovoltaics import (
    Cover,
    Mounting,
    alternating_current,
    cell_temperature_c,
    cover_modifier,
    diffuse_modifiers,
    direct_current,
)
from twin.kernels.sun import directions_at_solar_time
from twin.kernels.sun_minutes import solar_times
from twin.metrics.energy.weather import irradiance, sun_of_year
from twin.metrics.result import MetricResult
from twin.metrics.sunlight import compute
from twin.project import Project, ProjectSection, SiteSection, SunlightSection

COATED = Cover(1.526, 1.3, 0.008)
ALONE = SunlightSection(neighbours_modelled=True)


@cache
def nanchang() -> Climate:
    return typical_year("Nanchang")


def run(
    model: BuildingModel, *, city: str = "Nanchang", north_deg: float = 0.0, **options: object
) -> MetricResult:
    project = Project(
        project=ProjectSection(city=city),
        site=SiteSection(latitude_deg=28.6, north_deg=north_deg),
        sunlight=SunlightSection(**{"neighbours_modelled": True, **options}),  # type: ignore[arg-type]
    )
    return compute(model, nanchang(), project)


def standard(result: MetricResult) -> float | None:
    return result.summary["sunlight_standard"].value


def missing(result: MetricResult) -> str:
    return " ".join(need.what.en for need in result.summary["sunlight_standard"].needs)


def flat(face: str = "y", use: str = "living_room", width: tuple[float, float] = (1, 2.5)) -> House:
    """One room of 4 x 5 x 2.8 m with one window, 0.9 to 2.4 m above the floor."""
    house = House()
    room = house.room((0, 0, 0), (4, 5, 2.8), use=use)
    house.window(room, face, (width[0], 0.9), (width[1], 2.4))
    return house


def dahan_minutes(lit: np.ndarray) -> float:
    return float(lit.sum()) / 60.0


def suns() -> np.ndarray:
    times = solar_times(8.0, 16.0, 1.0)
    return directions_at_solar_time(28.6, nanchang().longitude_deg, np.datetime64("2001-01-20"), times)


def test_a_south_window_in_the_open_has_the_whole_band() -> None:
    result = run(flat().model())
    assert result.table["hours"] == pytest.approx([8.0])
    assert result.table["longest_h"] == pytest.approx([8.0])
    assert standard(result) == 1.0


def test_a_north_window_has_none_and_fails() -> None:
    result = run(flat("Y").model())
    assert result.table["hours"] == pytest.approx([0.0])
    assert standard(result) == 0.0


def test_true_north_turns_the_house() -> None:
    assert run(flat("Y").model(), north_deg=180.0).table["hours"] == pytest.approx([8.0])


def test_a_row_of_houses_in_the_south_takes_the_hours_that_its_height_says() -> None:
    house = flat()
    height, distance = 12.0, 15.0
    house.blocks.box("IfcWall", (-500, -WALL_M - distance - 8, 0), (500, -WALL_M - distance, height))
    profile = suns()[:, 2] / -suns()[:, 1]
    expected = dahan_minutes(profile > (height - 0.9) / distance)
    assert 0.5 < expected < 7.5
    assert run(house.model()).table["hours"] == pytest.approx([expected], abs=1.5 / 60)


def test_the_whole_width_must_be_in_the_sun_at_once() -> None:
    """A fin 2 m deep at the east reveal: the sun must have passed the whole width of the window."""
    house = flat(width=(1.0, 2.5))
    house.blocks.box("IfcWall", (2.5, -WALL_M - 2.0, 0), (2.7, -WALL_M, 2.8))
    east, north = suns()[:, 0], -suns()[:, 1]
    expected = dahan_minutes(east / north * 2.0 < 0.0)  # the point next to the fin
    assert run(house.model()).table["hours"] == pytest.approx([expected], abs=3.0 / 60)


def test_of_a_wide_window_the_sunniest_part_counts() -> None:
    """3.6 m wide, a fin 2 m deep at its east end: the western 1.8 m are 1.8 m away from it."""
    house = flat(width=(0.2, 3.8))
    house.blocks.box("IfcWall", (3.8, -WALL_M - 2.0, 0), (4.0, -WALL_M, 2.8))
    east, north = suns()[:, 0], -suns()[:, 1]
    expected = dahan_minutes(east / north * 2.0 < 1.8)
    assert run(house.model()).table["hours"] == pytest.approx([expected], abs=6.0 / 60)


def two_rooms() -> BuildingModel:
    """A sunny living room and a bedroom to the north."""
    house = House()
    sunny = house.room((0, 0, 0), (4, 5, 2.8))
    shady = house.room((0, 5.2, 0), (4, 9, 2.8), use="bedroom")
    house.window(sunny, "y", (1, 0.9), (2.5, 2.4))
    house.window(shady, "Y", (1, 0.9), (2.5, 2.4))
    return house.model()


def zoned(model: BuildingModel) -> BuildingModel:
    def text(value: str) -> np.ndarray:
        return np.array([value] * len(model.spaces), object)

    return replace(
        model, groups=GroupTable(text("IfcZone"), text("Flat 1"), text("flat1"), model.spaces.element)
    )


def test_one_room_of_a_dwelling_is_enough() -> None:
    result = run(zoned(two_rooms()))
    assert result.table["meets"].tolist() == [1, 0] or result.table["meets"].tolist() == [0, 1]
    assert standard(result) == 1.0
    assert result.summary["sunlight_units"].value == 1.0


def test_rooms_that_no_zone_groups_are_not_guessed_to_be_one_dwelling() -> None:
    result = run(two_rooms())
    assert standard(result) is None
    assert "Which rooms make one dwelling" in missing(result)


def test_without_the_neighbours_a_pass_is_not_told_but_a_failure_is() -> None:
    passed = run(flat().model(), neighbours_modelled=False)
    assert standard(passed) is None
    assert "buildings around" in missing(passed)
    assert standard(run(flat("Y").model(), neighbours_modelled=False)) == 0.0


def test_the_rule_of_an_unlisted_city_must_be_stated() -> None:
    result = run(flat().model(), city="Atlantis")
    assert standard(result) is None
    assert "Atlantis" in missing(result)
    stated = run(flat("X").model(), city="Atlantis", day="winter_solstice", hours=1.0)
    assert stated.table["day"].tolist() == ["winter_solstice"]
    assert stated.table["hours"] == pytest.approx([3.0])  # from 9 to 12
    assert standard(stated) == 1.0


def test_rooms_of_unknown_use_may_need_sun() -> None:
    result = run(flat(use="unknown").model())
    assert standard(result) is None
    assert "use of these rooms" in missing(result)


def test_a_building_without_such_rooms_has_nothing_to_meet() -> None:
    assert standard(run(flat("Y", use="office").model())) == 1.0


def test_a_rule_of_low_confidence_fails_nobody() -> None:
    result = run(flat("Y", use="classroom").model())
    assert standard(result) is None
    assert "GB 50099" in missing(result)


def test_half_of_the_wards_is_enough() -> None:
    house = House()
    for number, face in enumerate("yY"):
        room = house.room((5 * number, 0, 0), (5 * number + 4, 5, 2.8), use="ward")
        house.window(room, face, (5 * number + 1, 0.9), (5 * number + 2.5, 2.4))
    assert standard(run(house.model())) == 1.0


def test_a_window_inside_a_solid_is_not_told() -> None:
    house = flat()
    house.blocks.box("IfcWall", (-1, -1.2, 0), (5, -WALL_M, 2.8))
    result = run(house.model())
    assert np.isnan(result.table["hours"]).all()
    assert standard(result) is None
    assert "inside a solid" in missing(result)


def test_the_facade_map_has_the_hours_of_every_side() -> None:
    field = run(flat().model()).fields["facade_sunlight"]
    south = field.points[:, 1] < -WALL_M
    north = field.points[:, 1] > 5.0 + WALL_M
    assert field.values[south] == pytest.approx(np.full(south.sum(), 8.0))
    assert field.values[north].max() == 0.0
    sides = field.values[~south & ~north]
    assert sides == pytest.approx(np.full(len(sides), 4.0))


def test_the_facade_map_leaves_short_glimpses_out_as_the_rooms_do() -> None:
    """A wall in the south with slits 0.1 m wide and 4 m away: each lets the sun in for less than 5 minutes."""
    house = flat()
    for left in np.arange(-20.0, 20.0, 4.0):
        house.blocks.box("IfcWall", (left, -WALL_M - 4.2, 0), (left + 3.9, -WALL_M - 4.0, 30))
    field = run(house.model()).fields["facade_sunlight"]
    south = field.points[:, 1] < -WALL_M
    assert south.any()
    assert field.values[south].max() == 0.0


def test_the_dates_of_the_sun_are_told_with_their_source() -> None:
    house = flat()
    house.room((5, 0, 0), (9, 5, 2.8), use="nursery")
    told = {one.what.en: one.value for one in run(house.model()).assumptions}
    assert told["Date of the sun at Dahan"].value == "2001-01-20"
    assert told["Date of the sun at winter solstice"].value == "2001-12-22"
    assert "base year" in told["Date of the sun at Dahan"].source
    assert "Date of the sun at winter solstice" not in {
        one.what.en for one in run(flat().model()).assumptions
    }


def test_the_facade_map_has_the_sky_that_each_place_sees() -> None:
    house = flat()
    house.blocks.box("IfcWall", (-100, -20, 0), (100, -19, 60))
    field = run(house.model()).fields["facade_sky_view"]
    free = field.points[:, 1] > 5.0 + WALL_M
    assert field.values[free] == pytest.approx(np.full(free.sum(), 0.5), abs=0.02)
    faced = field.points[:, 1] < -WALL_M
    elevation = np.arctan((60.0 - field.points[faced, 2]) / (field.points[faced, 1] + 19.0))
    assert field.values[faced] == pytest.approx((1 - np.sin(elevation)) / 2, abs=0.03)


def test_open_roofs_and_walls_get_what_their_planes_get() -> None:
    result = run(flat().model())
    field = result.fields["surface_irradiation"]
    on = irradiance(nanchang(), sun_of_year(nanchang()), np.array([[0.0, 0, 1], [0, -1, 0], [0, 1, 0]]))
    roof, south, north = ((on.beam + on.diffuse + on.ground).sum(axis=1) / 1000.0).tolist()

    def mean(which: np.ndarray) -> float:
        return float(field.values[which].mean())

    assert 800 < roof < 1600
    assert mean(field.points[:, 2] > 2.8) == pytest.approx(roof, rel=0.005)
    assert mean(field.points[:, 1] < -WALL_M) == pytest.approx(south, rel=0.02)
    assert mean(field.points[:, 1] > 5.0 + WALL_M) == pytest.approx(north, rel=0.02)
    covered = result.summary["roof_irradiation_kwh_m2"].value
    assert covered == pytest.approx(roof, rel=0.005)
    ratio = result.summary["roof_pv_potential_kwh"].value / (roof * 20.0 * 0.2)
    assert 0.74 < ratio < 0.80


def test_a_wall_before_the_facade_takes_the_sun_of_every_hour_that_it_hides() -> None:
    house = flat()
    house.blocks.box("IfcWall", (-100, -8, 0), (100, -7, 12))
    field = run(house.model(), north_deg=30.0).fields["surface_irradiation"]
    faced = np.flatnonzero(field.points[:, 1] < -WALL_M)
    turn = np.radians(30.0)
    sun = sun_of_year(nanchang())
    on = irradiance(nanchang(), sun, np.array([[-np.sin(turn), -np.cos(turn), 0.0]]))
    x = sun.hourly[:, 0] * np.cos(turn) - sun.hourly[:, 1] * np.sin(turn)
    y = sun.hourly[:, 1] * np.cos(turn) + sun.hourly[:, 0] * np.sin(turn)
    expected = []
    for px, py, pz in field.points[faced].tolist():
        gap = py + 7.0
        rise = np.divide(sun.hourly[:, 2], -y, out=np.full_like(y, np.inf), where=y < 0)
        aside = np.divide(x, -y, out=np.zeros_like(y), where=y < 0)
        hidden = (pz + gap * rise < 12.0) & (np.abs(px + gap * aside) < 100.0)
        sky = 1.0 - np.sin(np.arctan((12.0 - pz) / gap))
        expected.append((on.beam[0] * ~hidden).sum() + sky * on.diffuse[0].sum() + on.ground[0].sum())
    assert field.values[faced].mean() == pytest.approx(np.mean(expected) / 1000.0, rel=0.03)
    assert field.values[faced] == pytest.approx(np.array(expected) / 1000.0, rel=0.12)


def by_plane(result: MetricResult) -> dict[tuple[float, float], dict[str, float]]:
    """(azimuth, tilt) -> the row of the table of surfaces; azimuth -1 for a flat roof."""
    columns = result.tables["photovoltaic_surfaces"].columns
    names = [name for name in columns if columns[name].dtype != object]
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return {(float(np.nan_to_num(row["azimuth_deg"], nan=-1.0)), row["tilt_deg"]): row for row in found}


def free_yield(normal: tuple[float, float, float], mounting: str = "close_mount") -> float:
    """kWh/kWp of modules in the open, step by step without the library's metrics."""
    climate = nanchang()
    on = irradiance(climate, sun_of_year(climate), np.array([normal]))
    sky, ground = diffuse_modifiers(np.array([normal[2]]), COATED)
    cells = on.beam * cover_modifier(on.cos_incidence, COATED) + sky * on.diffuse + ground * on.ground
    heat = {"close_mount": Mounting(-2.98, -0.0471, 1.0), "insulated_back": Mounting(-2.81, -0.0455, 0.0)}[
        mounting
    ]
    warm = cell_temperature_c(
        on.beam + on.diffuse + on.ground, climate.dry_bulb_c, climate.wind_speed_m_s, heat
    )
    kept = 0.98 * 0.98 * 0.98 * 0.995 * 0.985 * 0.99 * 0.97
    direct = kept * direct_current(cells, warm, -0.0035)
    return float(alternating_current(direct, 1 / 1.1, 0.96).sum())


def test_modules_on_open_faces_give_what_the_chain_says_on_the_area_without_windows() -> None:
    found = by_plane(run(flat().model(), north_deg=20.0))
    assert set(found) == {(-1.0, 0.0), (200.0, 90.0), (110.0, 90.0), (290.0, 90.0), (20.0, 90.0)}
    assert found[(-1.0, 0.0)]["area_m2"] == pytest.approx(20.0)
    assert found[(200.0, 90.0)]["area_m2"] == pytest.approx(4 * 2.8 - 1.5 * 1.5)
    assert found[(20.0, 90.0)]["area_m2"] == pytest.approx(4 * 2.8)
    for (azimuth, tilt), row in found.items():
        a, t = np.radians(max(azimuth, 0.0)), np.radians(tilt)
        expected = free_yield((np.sin(t) * np.sin(a), np.sin(t) * np.cos(a), np.cos(t)))
        assert row["specific_yield_kwh_kwp"] == pytest.approx(expected, rel=0.02 if tilt else 0.005)
        assert row["pv_yield_kwh_m2"] == pytest.approx(0.2 * row["specific_yield_kwh_kwp"])
        assert row["pv_yield_kwh"] == pytest.approx(row["pv_yield_kwh_m2"] * row["area_m2"])
        assert 0.70 < row["specific_yield_kwh_kwp"] / row["irradiation_kwh_m2"] < 0.82


def test_the_table_adds_up_to_the_summary_and_begins_with_the_best() -> None:
    result = run(two_rooms())
    columns = result.tables["photovoltaic_surfaces"].columns
    whole = sum(result.summary[f"{name}_pv_potential_kwh"].value for name in ("roof", "facade"))
    assert columns["pv_yield_kwh"].sum() == pytest.approx(whole, rel=1e-3)
    assert (np.diff(columns["pv_yield_kwh_m2"]) <= 1e-9).all()
    assert set(result.tables["photovoltaic_surfaces"].units) == {
        name for name in columns if columns[name].dtype != object
    }
    assert all(columns["global_id"])


def test_the_map_of_yields_has_the_yield_of_each_face_in_the_mean() -> None:
    house = flat()
    house.blocks.box("IfcWall", (-100, -8, 0), (100, -7, 12))
    result = run(house.model())
    south = by_plane(result)[(180.0, 90.0)]
    field, light = result.fields["surface_pv_yield"], result.fields["surface_irradiation"]
    faced = (field.points[:, 1] < -WALL_M) & (field.points[:, 1] > -1.0)
    assert field.values[faced].mean() == pytest.approx(south["pv_yield_kwh_m2"], rel=1e-6)
    assert np.ptp(field.values[faced]) > 0.0
    assert field.values[faced] / light.values[faced] == pytest.approx(
        np.full(faced.sum(), south["pv_yield_kwh_m2"] / south["irradiation_kwh_m2"])
    )
    assert south["specific_yield_kwh_kwp"] < 0.7 * free_yield((0.0, -1.0, 0.0))


def test_shadows_take_their_hours_from_the_modules_behind_them() -> None:
    """A wall as long as a street and as high as the sun at noon of the summer: no beam, half of the sky or less."""
    house = flat()
    house.blocks.box("IfcWall", (-5000, -2.2, -100), (5000, -2.0, 5000))
    south = by_plane(run(house.model()))[(180.0, 90.0)]
    on = irradiance(nanchang(), sun_of_year(nanchang()), np.array([[0.0, -1.0, 0.0]]))
    assert south["irradiation_kwh_m2"] == pytest.approx(on.ground.sum() / 1000, rel=0.05)


def test_what_twin_toml_says_of_modules_counts_for_the_surfaces_too() -> None:
    model = flat().model()

    def compute_with(**systems: object) -> MetricResult:
        return compute(model, nanchang(), Project(systems=SystemsSection(**systems)))  # type: ignore[arg-type]

    usual, better = compute_with(), compute_with(pv_efficiency=0.24)
    name = "roof_pv_potential_kwh"
    assert better.summary[name].value == pytest.approx(1.2 * usual.summary[name].value)
    assert better.input_sha256 != usual.input_sha256
    warm = by_plane(compute_with(pv_mounting="insulated_back"))[(-1.0, 0.0)]
    assert warm["specific_yield_kwh_kwp"] == pytest.approx(free_yield((0, 0, 1), "insulated_back"), rel=0.005)
    notes = {note.what.en.split(":")[0] for note in usual.assumptions}
    assert {"Efficiency of modules on walls and roofs", "Modules on walls and roofs mounted"} <= notes


def test_curtain_walls_carry_no_modules() -> None:
    model = flat().model()
    (south,) = np.flatnonzero(
        (model.surfaces.normal[:, 1] < -0.9) & (model.surfaces.neighbour == Neighbour.OUTDOORS)
    )
    glass = Construction("facade", "curtain_wall", shgc=Traced(0.4, "1", Provenance.DEFAULT, "test"))
    construction = model.surfaces.construction.copy()
    construction[south] = len(model.constructions)
    glazed = replace(
        model,
        constructions=(*model.constructions, glass),
        surfaces=replace(model.surfaces, construction=construction),
    )
    assert (180.0, 90.0) in by_plane(run(model))
    assert (180.0, 90.0) not in by_plane(run(glazed))
