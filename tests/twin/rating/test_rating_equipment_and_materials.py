"""Evaluators of chapter 7: equipment, water and materials."""

from __future__ import annotations

import pytest

from tests.twin.rating.house import (
    PUBLIC,
    RESIDENTIAL,
    House,
    card,
    clause,
    fact,
    gid,
)
from twin.rating.result import Verdict

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
