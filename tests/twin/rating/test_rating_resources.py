"""Evaluators of chapter 7: land, energy, water and materials."""

from __future__ import annotations

import pytest

from ifc.model import Construction, Layer, Provenance, Traced
from tests.twin.rating.house import (
    PUBLIC,
    RESIDENTIAL,
    House,
    assumed,
    card,
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
    derived = Traced(0.66, "W/(m²·K)", Provenance.DERIVED, "ISO 6946")
    house.surface(house.room("bedroom"), made_of=Construction("w", "wall", layers, derived))
    k = 1 / (0.11 + 0.10 / 0.07 + 0.04)
    found = fact(house, "envelope_improvement_vs_GB55015", RESIDENTIAL)
    assert found.value == pytest.approx(100 * (0.6 - k) / 0.6)


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


# --- equipment ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gains", "points"), [((7, 9), 5), ((9, 8), 10), ((3, 9), 0)])
def test_the_weakest_chiller_decides_the_line_of_the_plant(gains, points):
    house = House()
    for gain in gains:
        house.element(
            "IfcChiller",
            properties={"GBT50378.UnitType": "chiller_fixed_water", "GBT50378.EfficiencyGain": gain},
        )
    assert clause(house, "7.2.5").points == points


def test_split_units_are_held_against_their_efficiency_grade():
    house = House()
    house.element("IfcUnitaryEquipment", type="SPLITSYSTEM", properties={"GBT50378.EfficiencyGrade": "2级"})
    assert clause(house, "7.2.5").points == 5


def test_a_chiller_with_a_bare_cop_cannot_be_told():
    house = House()
    house.element("IfcChiller", properties={"GBT50378.COP": 6.1})
    result = clause(house, "7.2.5")
    assert (result.verdict, result.items[0].missing[0].global_ids) == (Verdict.CANNOT_TELL, (gid(0),))


def test_split_units_earn_the_distribution_points_without_a_test():
    house = House()
    house.element("IfcUnitaryEquipment", type="SPLITSYSTEM")
    assert clause(house, "7.2.6").points == 5


@pytest.mark.parametrize(("cuts", "points"), [((25, 22), 2), ((25, 15), 0)])
def test_every_fan_must_cut_its_power(cuts, points):
    house = House()
    house.element("IfcChiller")
    for cut in cuts:
        house.element("IfcFan", properties={"GBT50378.FanPowerReduction": cut})
    assert clause(house, "7.2.6").items[0].points == points


def lit_room(power: float | None, target: float | None) -> House:
    house = House()
    room = house.room(
        "office", area=20, properties={} if target is None else {"GBT50378.LightingPowerTarget": target}
    )
    properties = {} if power is None else {"Pset_LightFixtureTypeCommon.TotalWattage": power}
    house.element("IfcLightFixture", room=room, properties=properties)
    return house


def test_lighting_power_is_the_wattage_of_the_fixtures_over_the_room():
    found = fact(lit_room(120, 6.5), "lpd_over_target_max")
    assert found.value == pytest.approx(6.0 / 6.5)


def test_a_room_above_its_target_fails_and_is_named():
    house = lit_room(200, 6.5)
    item = clause(house, "7.2.7").items[0]
    assert (item.verdict, item.elements) == (Verdict.NOT_MET, (house.space_id(0),))


@pytest.mark.parametrize(("power", "target"), [(None, 6.5), (120, None)])
def test_without_wattage_or_target_lighting_cannot_be_told(power, target):
    assert clause(lit_room(power, target), "7.2.7").items[0].verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("grades", "verdict"),
    [
        ((1, 2), Verdict.MET),
        ((1, 3), Verdict.NOT_MET),
        ((3, None), Verdict.NOT_MET),
        ((1, None), Verdict.CANNOT_TELL),
    ],
)
def test_pumps_and_fans_are_of_grade_two(grades, verdict):
    house = House()
    for grade in grades:
        house.element("IfcPump", properties={} if grade is None else {"GBT50378.EfficiencyGrade": grade})
    assert clause(house, "7.2.7").items[2].verdict is verdict


def test_a_lift_that_states_variable_frequency_saves_energy():
    house = House()
    house.element(
        "IfcTransportElement", type="ELEVATOR", properties={"GBT50378.LiftEnergySaving": "变频调速"}
    )
    assert clause(house, "7.1.6").verdict is Verdict.MET
    silent = House()
    silent.element("IfcTransportElement", type="ELEVATOR")
    assert clause(silent, "7.1.6").verdict is Verdict.CANNOT_TELL


def test_meters_of_source_distribution_and_lighting_itemise_the_energy_of_a_public_building():
    house = House()
    for name in ("冷热源电表", "水泵风机电表", "照明电表"):
        house.element("IfcFlowMeter", type="ENERGYMETER", name=name)
    assert clause(house, "7.1.5", PUBLIC).verdict is Verdict.MET
    assert clause(house, "7.1.5", RESIDENTIAL).verdict is Verdict.CANNOT_TELL


def test_dwellings_are_metered_by_household():
    house = House()
    for name in ("A", "B"):
        house.zone(name, house.room("kitchen"))
        house.element("IfcFlowMeter", type="ENERGYMETER", name=f"{name} 户用电表")
    assert clause(house, "7.1.5", RESIDENTIAL).verdict is Verdict.MET


# --- water ----------------------------------------------------------------------------------------------------


def fixtures(*grades: object) -> House:
    house = House()
    for grade in grades:
        properties = {} if grade is None else {"GBT50378.WaterEfficiencyGrade": grade}
        house.element("IfcSanitaryTerminal", type="WASHHANDBASIN", properties=properties)
    return house


@pytest.mark.parametrize(
    ("grades", "points"),
    [((1, "1级"), 15), ((1, "二级"), 12), ((2, "Grade 2"), 8), ((1, 3), 0)],
)
def test_the_grades_of_the_fixtures_earn_their_tier(grades, points):
    assert clause(fixtures(*grades), "7.2.10").points == points


def test_one_silent_fixture_keeps_the_tiers_open_and_is_named():
    result = clause(fixtures(1, 1, None), "7.2.10")
    assert (result.points, result.attainable_points) == (0, 15)
    assert result.items[0].missing[0].global_ids == (gid(2),)


def test_one_poor_fixture_closes_them_whatever_the_silent_one_is():
    result = clause(fixtures(1, 3, None), "7.2.10")
    assert result.verdict is Verdict.NOT_MET
    assert gid(1) in result.items[0].elements


def test_the_star_requirement_on_fixtures_follows_the_worst_one():
    for grade, stars in ((1, {1, 2, 3}), (3, {1}), (4, set())):
        rows = card(fixtures(grade)).star_requirements
        met = {
            star
            for star in (1, 2, 3)
            for row in rows[star]
            if row.id == "ST-3" and row.verdict is Verdict.MET
        }
        assert met == stars


def test_a_model_without_fixtures_says_so():
    assert "no sanitary fixtures" in clause(House(), "7.2.10").items[0].missing[0].what.en


# --- materials ------------------------------------------------------------------------------------------------


def frame(*parts: tuple[str, str]) -> House:
    house = House()
    for ifc_class, name in parts:
        house.element(ifc_class, (0, 0, 0), (0.5, 0.5, 4), made_of=name)
    return house


@pytest.mark.parametrize(
    ("names", "points"), [(("C60 混凝土", "C50 混凝土"), 5), (("C60 混凝土", "C30 混凝土", "C30 混凝土"), 0)]
)
def test_half_of_the_vertical_concrete_of_c50_earns_five_points(names, points):
    house = frame(*(("IfcColumn", name) for name in names))
    item = next(i for i in clause(house, "7.2.15").items if i.id == "7.2.15-C2")
    assert (item.points, item.attainable_points) == (points, points)


def test_columns_without_a_strength_class_cannot_be_told():
    house = frame(("IfcColumn", "现浇混凝土"))
    item = next(i for i in clause(house, "7.2.15").items if i.id == "7.2.15-C2")
    assert (item.verdict, item.missing[0].global_ids) == (Verdict.CANNOT_TELL, (gid(0),))


def test_reinforcement_is_weighed_by_grade():
    house = frame(("IfcColumn", "C50 混凝土"))
    for name, weight in (("HRB400E", 900.0), ("HPB300", 100.0)):
        house.element(
            "IfcReinforcingBar", name=name, properties={"Qto_ReinforcingElementBaseQuantities.Weight": weight}
        )
    assert fact(house, "rebar_400MPa_share").value == pytest.approx(90)
    assert clause(house, "7.2.15").points == 10


def test_steel_members_are_weighed_by_grade():
    house = frame(("IfcColumn", "Q355B 钢"), ("IfcBeam", "Q235B 钢"))
    assert fact(house, "steel_Q355_share").value == pytest.approx(50)
    assert fact(house, "structure_type").value == "steel"


def partitions(*answers: object) -> House:
    house = House()
    for answer in answers:
        properties = {"Pset_WallCommon.IsExternal": False}
        house.element(
            "IfcWall",
            properties=properties | ({} if answer is None else {"GBT50378.IsIndustrialised": answer}),
        )
    return house


@pytest.mark.parametrize(
    ("answers", "points", "attainable"),
    [((True, True), 3, 3), ((False, False, True), 0, 0), ((True, None, None), 0, 3), ((None,), 0, 8)],
)
def test_kinds_of_industrialised_components_are_counted(answers, points, attainable):
    result = clause(partitions(*answers), "7.2.16")
    assert (result.points, result.attainable_points) == (points, attainable)


def test_recyclables_are_weighed_when_the_reinforcement_is_modelled():
    house = frame(("IfcColumn", "C50 混凝土"))  # 1 m³ of 2400 kg
    assert clause(house, "7.2.17", PUBLIC).items[1].verdict is Verdict.CANNOT_TELL
    house.element("IfcReinforcingBar", properties={"BaseQuantities.GrossWeight": 300.0})
    item = next(i for i in clause(house, "7.2.17", PUBLIC).items if i.id == "7.2.17-1P")
    assert item.value == pytest.approx(100 * 300 / 2700)
    assert item.points == 3


def test_an_element_without_density_keeps_the_share_open():
    house = frame(("IfcColumn", "C50 混凝土"))
    house.element("IfcReinforcingBar", properties={"BaseQuantities.GrossWeight": 300.0})
    house.element("IfcSlab", (0, 0, 0), (4, 4, 0.2))
    found = fact(house, "recyclable_reusable_share")
    assert (found.value, found.needs[0].global_ids) == (None, (gid(2),))


def test_green_materials_are_counted_by_kind_and_class():
    house = House()
    for certified in (True, True, True, True, False):
        house.element("IfcWall", properties={"GBT50378.GreenMaterialCertified": certified})
    house.element("IfcSlab", properties={"GBT50378.GreenMaterialCertified": False})
    assert fact(house, "green_material_ratio").value == pytest.approx(45 / 2)
    house.element("IfcCovering")
    found = fact(house, "green_material_ratio")
    assert found.bounds == (pytest.approx(22.5), pytest.approx(57.5))


def test_a_model_that_never_says_green_material_cannot_be_told():
    house = House()
    house.element("IfcWall")
    assert fact(house, "green_material_ratio").bounds is None
