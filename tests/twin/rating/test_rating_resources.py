"""Evaluators of chapter 7: land and the envelope."""

from __future__ import annotations

import pytest

from ifc.constructions import resolve_constructions
from ifc.model import Construction, Layer, Provenance, Traced
from tests.building_blocks import Blocks
from tests.twin.rating.house import (
    PUBLIC,
    RESIDENTIAL,
    House,
    assumed,
    clause,
    fact,
    gid,
    metric,
    project,
    stated,
)
from twin.rating.result import Verdict

# --- land -----------------------------------------------------------------------------------------------------


def school(area: float, site: float) -> tuple[House, object]:
    house = House()
    house.storey("一层", 0.0)
    house.room("classroom", area=area)
    return house, project(project={"building_type": "public"}, site={"area_m2": site})


def test_the_floor_area_ratio_of_a_school_comes_from_its_rooms_and_the_site():
    house, stated_site = school(area=100, site=100)
    result = clause(house, "7.2.1", stated_site)
    item = next(item for item in result.items if item.id == "7.2.1-P2")
    assert item.value == pytest.approx(1.0)
    assert (item.points, item.provenance) == (16, "declared")  # the site area is declared
    assert next(i for i in result.items if i.id == "7.2.1-P1").verdict is Verdict.NOT_APPLICABLE


def test_a_stated_gross_floor_area_wins_over_the_outline_of_the_rooms():
    house, stated_site = school(area=100, site=100)
    house.element("IfcBuilding", properties={"GBT50378.FloorAreaAboveGround": 50})
    assert fact(house, "floor_area_ratio", stated_site).value == pytest.approx(0.5)


def test_without_a_site_area_the_ratio_cannot_be_told_and_twin_toml_is_named():
    house, _ = school(area=100, site=100)
    found = fact(house, "floor_area_ratio", PUBLIC)
    assert found.value is None
    assert "site.area_m2" in found.needs[0].how.en


def block(**facts: float) -> object:
    return project(
        project={"building_type": "residential"},
        facts={name: {"value": value} for name, value in facts.items()},
    )


def test_land_per_person_of_a_block_of_eighteen_storeys():
    stated_block = block(residential_land_area=30_000, dwelling_count=650, mean_storeys=18)
    result = clause(House(), "7.2.1", stated_block)
    item = result.items[0]
    assert item.value == pytest.approx(30_000 / (650 * 3.2), rel=1e-6)  # 14.4 m²/person, limit 15 in zone III
    assert result.points == 20
    assert "Persons per dwelling by default" in item.reason.en


def test_dwellings_are_counted_by_zones_else_by_kitchens():
    house = House()
    for name in "ABC":
        house.zone(name, house.room("kitchen"), house.room("bedroom"))
    assert fact(house, "dwelling_count").source == "IfcZone"
    assert fact(house, "dwelling_count").value == 3
    plain = House()
    plain.room("kitchen")
    assert fact(plain, "dwelling_count").formula == "one dwelling per kitchen: 1"


def tower(cellar: float) -> House:
    house = House()
    house.storey("地下一层", -4.0)
    house.storey("一层", 0.0)
    house.room("garage", area=cellar, storey=0)
    house.room("bedroom", area=100, storey=1)
    return house


@pytest.mark.parametrize(("cellar", "points"), [(3, 0), (10, 5), (25, 7), (60, 12)])
def test_the_cellar_of_a_tower_earns_its_tier(cellar, points):
    site = project(project={"building_type": "residential"}, site={"area_m2": 1000})
    assert clause(tower(cellar), "7.2.2", site).points == points


def test_a_large_cellar_needs_the_site_for_its_last_tier():
    result = clause(tower(60), "7.2.2", RESIDENTIAL)
    assert (result.points, result.attainable_points) == (7, 12)


def test_storeys_below_ground_are_told_by_property_name_or_elevation():
    from tests.twin.rating.house import case_of

    house = House()
    for name, elevation in (("B2", -8.0), ("-1F", -4.0), ("1F", 0.0), ("机房层", 3.0)):
        house.storey(name, elevation)
    case = case_of(house)
    assert case.storeys.below == (True, True, False, False)


@pytest.mark.parametrize(("bays", "verdict"), [(20, Verdict.MET), (90, Verdict.NOT_MET)])
def test_few_cars_on_the_surface_earn_the_points(bays, verdict):
    house = tower(30)
    stated_block = block(surface_parking_bays=bays, dwelling_count=600)
    assert clause(house, "7.2.3", stated_block).verdict is verdict


def test_surface_parking_of_a_public_building_is_read_from_the_ground_covers():
    house = House()
    house.room("garage")
    house.cover("parking", 500)
    house.cover("green", 2000)
    site = project(project={"building_type": "public"}, site={"area_m2": 10_000})
    item = next(i for i in clause(house, "7.2.3", site).items if i.id == "7.2.3-P")
    assert (item.points, item.criteria[1].value) == (8, pytest.approx(5.0))
    assert clause(House(), "7.2.3", site).verdict is Verdict.CANNOT_TELL


# --- envelope -------------------------------------------------------------------------------------------------


def wall(u: float, *, default: bool = False) -> Construction:
    return Construction("wall", "wall", (), assumed(u) if default else stated(u, "W/(m²·K)"))


def glass(u: float, shgc: float | None = None) -> Construction:
    return Construction(
        "window", "window", (), stated(u), None if shgc is None else stated(shgc), frame_ratio=stated(0.0)
    )


def dwelling_envelope(
    wall_u=0.5, roof_u=0.3, window_u=2.0, *, window_area=2.0, shgc=None, default=False
) -> House:
    """A room with a wall of 12 m² and a roof; limits 0.6, 0.4 and, up to 25 % glass, 2.8 W/(m²K) in zone 3A."""
    house = House()
    room = house.room("bedroom")
    element = house.element("IfcWall")
    surface = house.surface(
        room, azimuth=180, area=12, element=element, made_of=wall(wall_u, default=default)
    )
    house.surface(room, tilt=0, area=20, made_of=wall(roof_u))
    house.window(surface, window_area, made_of=glass(window_u, shgc))
    return house


def test_the_weakest_part_of_the_envelope_governs():
    house = dwelling_envelope(wall_u=0.57)  # 5 % below 0.6; roof 25 %, window 28.6 %
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    assert found.value == pytest.approx(5.0)
    assert "Governed by K wall" in found.reason.en
    assert "控制指标：K 外墙" in found.reason.zh
    assert "K window S: 2.00, limit 2.80, improvement 28.6 %" in found.formula
    assert found.elements == (gid(1),)
    result = clause(house, "7.2.4", RESIDENTIAL)
    assert (result.points, result.attainable_points) == (5, 10)  # the load route is still open


def test_a_wall_above_its_limit_fails_the_improvement_and_leaves_the_trade_off_open():
    house = dwelling_envelope(wall_u=0.7)
    item = clause(house, "7.2.4", RESIDENTIAL).items[0]
    assert (item.verdict, item.value) == (Verdict.NOT_MET, pytest.approx(-16.7, abs=0.05))
    assert clause(house, "7.1.1", RESIDENTIAL).verdict is Verdict.CANNOT_TELL


def test_a_wall_of_which_only_a_default_is_known_proves_nothing():
    house = dwelling_envelope(default=True)
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    assert found.value is None
    assert gid(1) in found.needs[0].global_ids


def test_a_part_that_fails_decides_while_another_is_unknown():
    house = dwelling_envelope(default=True, roof_u=0.5)
    item = clause(house, "7.2.4", RESIDENTIAL).items[0]
    assert item.verdict is Verdict.NOT_MET


def test_the_roof_of_a_garage_is_no_roof_of_the_envelope():
    house = dwelling_envelope()
    house.surface(house.room("garage"), tilt=0, area=600, made_of=wall(2.9))
    assert fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL).value > 0


def test_a_furring_wall_in_front_of_the_outer_wall_only_bounds_its_k():
    house = House()
    room = house.room("bedroom")
    inner = house.element("IfcWall", properties={"Pset_WallCommon.IsExternal": False})
    house.surface(room, area=12, element=inner, made_of=wall(2.6))
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    assert found.value is None
    assert found.bounds == (pytest.approx(100 * (0.6 - 2.6) / 0.6), 100)
    assert found.needs[0].global_ids == (gid(inner),)


def test_layers_without_a_stated_u_value_count_with_the_resistances_of_gb_50176():
    house = House()
    layers = (Layer("保温砂浆", 0.10, stated(0.07), stated(300), stated(1000)),)
    derived = Traced(0.66, "W/(m²·K)", Provenance.DERIVED, "layers")
    house.surface(house.room("bedroom"), made_of=Construction("w", "wall", layers, derived))
    k = 1 / (0.11 + 0.10 / 0.07 + 0.04)
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    assert found.value == pytest.approx(100 * (0.6 - k) / 0.6)


@pytest.mark.parametrize("states_layers", [True, False])
def test_a_wall_at_its_limit_meets_it(states_layers):
    layers = (Layer("保温砂浆", 0.10, stated(0.10 / (1 / 0.6 - 0.15)), stated(300), stated(1000)),)
    blocks = Blocks()
    blocks.constructions.append(
        Construction("w", "wall", layers if states_layers else (), None if states_layers else stated(0.6))
    )
    blocks.box("IfcWall", (0, 0, 0), (5, 0.1, 3), construction=0)
    resolved = resolve_constructions(blocks.model()).constructions[0]
    house = House()
    house.surface(house.room("bedroom"), made_of=resolved)
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    limit = 0.6 if states_layers else 1.0  # the usual build-up is heavy
    assert found.value == pytest.approx(100 * (limit - 0.6) / limit, abs=1e-9)
    assert found.formula.startswith(
        "K with Ri = 0.11, Re = 0.04 m²·K/W (GB 50176, winter); K wall: 0.60, limit"
    )


def test_much_glass_brings_a_limit_on_the_sun_that_shading_may_still_meet():
    house = dwelling_envelope(window_area=4.0, window_u=1.8, shgc=0.45)  # 33 % glass: SHGC ≤ 0.40 in summer
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    assert found.value is None
    assert found.bounds[0] == pytest.approx(-12.5)
    assert "external shading" in found.needs[0].what.en


def test_a_public_building_takes_the_ratio_of_the_whole_facade():
    house = House()
    for _ in range(2):
        room = house.room("office", area=400)
        surface = house.surface(room, azimuth=0, area=100, made_of=wall(0.5))
        house.window(surface, 25, made_of=glass(2.0, 0.3))
    found = fact(house, "envelope_improvement_vs_GB55015", PUBLIC)
    assert "K window N: 2.00, limit 2.60" in found.formula  # 25 % glass


def test_without_limits_for_the_zone_the_fact_says_so():
    far = project(project={"building_type": "residential", "city": "Harbin", "thermal_zone": "1A"})
    found = fact(dwelling_envelope(), "envelope_improvement_vs_GB55015", far)
    assert "zone 1A" in found.needs[0].what.en


def test_the_load_reduction_counts_only_when_the_envelope_is_known():
    loads = metric("energy", hvac_load_reduction=6.2)
    known = clause(dwelling_envelope(wall_u=0.6), "7.2.4", RESIDENTIAL, loads)
    assert known.points == 8
    unproven = fact(dwelling_envelope(default=True), "hvac_load_reduction", RESIDENTIAL, loads)
    assert unproven.value is None
    assert "proves nothing" in unproven.reason.en


def test_a_known_envelope_and_a_stated_plant_earn_by_the_reference_building():
    stated = project(
        project={"building_type": "residential"}, systems={"heating_cop": 3.5, "cooling_cop": 4.5}
    )
    told = metric(
        "energy", energy_below_reference=12.0, hvac_energy_below_reference=42.0, hvac_load_reduction=6.2
    )
    house = dwelling_envelope(wall_u=0.6)
    assert fact(house, "design_energy_reduction_vs_GB55015", stated, told).value == pytest.approx(12.0)
    assert clause(house, "9.2.1", stated, told).points == 20  # 20 % earn 10, each further 10 % another 5


def test_an_envelope_within_all_limits_meets_the_energy_code():
    result = clause(dwelling_envelope(), "7.1.1", RESIDENTIAL)
    told = {criterion.metric: criterion.verdict for criterion in result.items[0].criteria}
    assert told["energy_code_prescriptive_or_tradeoff_pass"] is Verdict.MET


def test_an_envelope_above_a_limit_passes_by_the_trade_off_or_fails_without_it():
    house = dwelling_envelope(wall_u=0.7)
    passed = fact(
        house,
        "energy_code_prescriptive_or_tradeoff_pass",
        RESIDENTIAL,
        metric("energy", hvac_load_reduction=1.0),
    )
    assert (passed.value, "trade-off" in passed.formula) == (True, True)
    failed = clause(house, "7.1.1", RESIDENTIAL, metric("energy", hvac_load_reduction=-4.0))
    assert failed.verdict is Verdict.NOT_MET
    assert gid(1) in failed.items[0].elements


# --- water ----------------------------------------------------------------------------------------------------


def test_the_shares_of_non_traditional_water_add_up() -> None:
    shares = metric(
        "sponge", nontraditional_share_irrigation_washing=62.5, nontraditional_share_flushing=35.0
    )
    result = clause(House(), "7.2.13", metrics=shares)
    assert [item.points for item in result.items] == [5, 3, 0]
    assert (result.points, result.attainable_points) == (8, 13)


def test_non_traditional_water_without_a_tank_stays_open() -> None:
    result = clause(House(), "7.2.13", metrics=metric("sponge", annual_runoff_control_rate=70.0))
    assert result.verdict is Verdict.CANNOT_TELL
