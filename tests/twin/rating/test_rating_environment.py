"""Evaluators of chapters 8 and 9, table 3.2.8, and the shared facts of building and site."""

from __future__ import annotations

import pytest

from tests.twin.rating.house import PUBLIC, RESIDENTIAL, House, card, clause, fact, gid, metric, project
from twin.rating.result import Verdict


@pytest.mark.parametrize(("rate", "points"), [(50.0, 0), (60.0, 5), (75.0, 10)])
def test_the_runoff_control_rate_of_the_sponge_metric_decides_its_clause(rate, points):
    result = clause(House(), "8.2.2", metrics=metric("sponge", annual_runoff_control_rate=rate))
    assert (result.points, result.verdict is Verdict.MET) == (points, points > 0)
    assert "formula of annual_runoff_control_rate" in result.items[0].formula


@pytest.mark.parametrize(
    ("bounds", "points", "attainable"), [((30.0, 45.0), 0, 0), ((50.0, 57.0), 0, 5), ((56.0, 60.0), 5, 5)]
)
def test_below_the_table_of_the_city_the_bounds_of_the_rate_decide(bounds, points, attainable):
    low, most = bounds
    found = metric("sponge", annual_runoff_control_rate=low, annual_runoff_control_rate_most=most)
    result = clause(House(), "8.2.2", metrics=found)
    assert (result.points, result.attainable_points) == (points, attainable)
    item = result.items[0]
    assert f"{low:g}" in item.reason.en
    assert f"{most:g}" in item.reason.en
    if attainable > points:
        assert item.verdict is Verdict.CANNOT_TELL
        assert any("rain record" in need.how.en for need in item.missing)


def test_an_unknown_runoff_rate_stays_open():
    result = clause(House(), "8.2.2", metrics=metric("sponge", annual_runoff_control_rate=(None, "%")))
    assert result.verdict is Verdict.CANNOT_TELL


def test_storing_green_and_permeable_paving_add_up():
    shares = metric("sponge", sunken_green_share_pct=45.0, permeable_paving_share_pct=62.0)
    result = clause(House(), "8.2.5", metrics=shares)
    assert [item.points for item in result.items] == [3, 0, 0, 3]
    assert (result.points, result.attainable_points) == (6, 13)


def test_the_green_ratio_is_held_against_the_planning_figure():
    planned = project(project={"building_type": "public"}, facts={"planned_green_ratio": {"value": 30}})
    for green, verdict in ((33.0, Verdict.MET), (30.0, Verdict.NOT_MET)):
        result = clause(House(), "8.2.3", planned, metric("sponge", green_ratio_pct=green))
        item = next(item for item in result.items if item.id == "8.2.3-P1")
        assert item.verdict is verdict
        assert item.value == pytest.approx(100 * green / 30)


def test_without_the_planning_figure_the_green_ratio_cannot_be_told():
    found = fact(House(), "green_ratio_over_planned", PUBLIC, metric("sponge", green_ratio_pct=33.0))
    assert "planned_green_ratio" in found.needs[0].how.en


@pytest.mark.parametrize(("area", "points"), [(900, 0), (1000, 2), (1100, 4), (1300, 6)])
def test_central_green_per_person_of_a_new_area(area, points, tmp_path):
    (tmp_path / "plan.pdf").write_text("x")
    stated = project(
        folder=tmp_path,
        project={"building_type": "residential"},
        facts={
            "residential_area_kind": {"value": "new"},
            "central_green_area": {"value": area, "evidence": "plan.pdf"},
            "dwelling_count": {"value": 625},  # 2000 persons
        },
    )
    item = next(i for i in clause(House(), "8.2.3", stated).items if i.id == "8.2.3-R2n")
    assert item.points == points


def roofs(**areas: float) -> House:
    house = House()
    for kind, area in areas.items():
        house.cover(kind, area)
    return house


def test_a_green_roof_over_three_quarters_cools_the_roof():
    item = clause(roofs(green_roof=800, roof=200), "8.2.9").items[-1]
    assert (item.verdict, item.points) == (Verdict.MET, 4)


def test_solar_panels_count_with_their_area_seen_from_above():
    house = roofs(green_roof=500, roof=500)
    house.element("IfcSolarDevice", (0, 0, 10), (20, 15, 11))
    item = clause(house, "8.2.9").items[-1]
    assert (item.points, "(500 + 300) / 1000 m² = 80.0 %" in item.formula) == (4, True)


def test_a_plain_roof_may_still_reflect():
    item = clause(roofs(roof=1000), "8.2.9").items[-1]
    assert item.verdict is Verdict.CANNOT_TELL
    assert "reflectance" in item.missing[0].what.en.casefold()


def test_no_water_among_the_covers_of_the_site_earns_the_landscape_points():
    house = roofs(green=2000, paving=500)
    site = project(site={"area_m2": 2500})
    assert fact(house, "landscape_water_present", site).value is False
    assert clause(house, "7.2.12", site).points == 8
    larger = project(site={"area_m2": 9000})
    assert fact(house, "landscape_water_present", larger).value is None  # most of the ground is not shown
    assert fact(roofs(green=2000, water=50), "landscape_water_present").value is True
    assert fact(House(), "landscape_water_present").value is None


# --- 9.2.5 ----------------------------------------------------------------------------------------------------


def structure(*parts: tuple[str, dict]) -> House:
    house = House()
    for name, properties in parts:
        house.element("IfcColumn", (0, 0, 0), (0.5, 0.5, 4), made_of=name, properties=properties)
    return house


def test_a_steel_frame_is_industrialised():
    assert clause(structure(("Q355B 钢", {})), "9.2.5").points == 10


CAST, PRECAST = (
    {"Pset_ConcreteElementGeneral.CastingMethod": method} for method in ("INSITU 现浇", "PRECAST")
)


@pytest.mark.parametrize(
    ("methods", "points"),
    [((PRECAST, PRECAST, CAST), 10), ((PRECAST, PRECAST, CAST, CAST, CAST), 5), ((CAST, CAST), 0)],
)
def test_precast_concrete_above_ground_earns_its_tier(methods, points):
    house = structure(*(("C30 混凝土", method) for method in methods))
    result = clause(house, "9.2.5")
    assert (result.points, result.attainable_points) == (points, points)


def test_concrete_that_does_not_say_how_it_was_cast_cannot_be_told():
    result = clause(structure(("C30 混凝土", {})), "9.2.5")
    assert (result.verdict, result.items[1].missing[0].global_ids) == (Verdict.CANNOT_TELL, (gid(0),))


# --- 5.2.9, 7.2.8 and 7.2.9 from the energy metric --------------------------------------------------------------


def test_comfort_hours_prove_nothing_on_default_walls():
    told = metric("energy", adaptive_comfort_hours_share=82.0, natural_mode_hours_share=60.0)
    for name, shown in (("adaptive_comfort_hours_share", "82"), ("natural_mode_hours_share", "60")):
        found = fact(House(), name, metrics=told)
        assert found.value is None
        assert shown in found.reason.en


def test_class_ii_of_conditioned_rooms_is_an_indication():
    told = metric("energy", thermal_class2_area_share=70.0)
    found = fact(House(), "thermal_class2_area_share", metrics=told)
    assert found.value is None
    assert "70" in found.reason.en


def test_energy_below_the_reference_needs_known_walls_and_stated_plant():
    told = metric("energy", energy_below_reference=12.0, hvac_load_reduction=8.0)
    found = fact(House(), "design_energy_reduction_vs_GB55015", metrics=told)
    assert found.value is None
    assert any("heating_cop" in need.how.en for need in found.needs)
    assert fact(House(), "design_energy_reduction_vs_GB55015").value is None


def test_a_further_cut_of_heating_and_cooling_needs_what_7_2_8_needs():
    told = metric("energy", hvac_energy_below_reference=45.0, hvac_load_reduction=8.0)
    result = clause(House(), "9.2.1", metrics=told)
    assert result.verdict is Verdict.CANNOT_TELL
    assert any("heating_cop" in need.how.en for need in result.items[0].missing)
    assert "45" in fact(House(), "hvac_energy_reduction_vs_GB55015", metrics=told).reason.en


def test_the_renewable_rate_is_an_indication_and_needs_modules():
    shares = {"renewable_share_low": 6.0, "renewable_share_high": 20.0}
    none = metric("energy", **shares, pv_kwh=(0.0, "kWh"))
    assert "photovoltaic" in fact(House(), "renewable_utilisation_rate", metrics=none).needs[0].what.en
    some = fact(
        House(), "renewable_utilisation_rate", metrics=metric("energy", **shares, pv_kwh=(900.0, "kWh"))
    )
    assert (some.value, some.bounds) == (None, None)
    assert "Low confidence" in some.reason.en


# --- 9.2.7A ---------------------------------------------------------------------------------------------------


def test_the_carbon_metric_states_the_intensity_and_leaves_its_cut_open():
    told = metric("carbon", whole_life_carbon_kg_m2_a=(34.5, "kgCO2e/(m²a)"))
    assert fact(House(), "whole_life_carbon_intensity_stated", metrics=told).value is True
    cut = clause(House(), "9.2.7A", metrics=told)
    assert cut.verdict is Verdict.CANNOT_TELL
    assert "34.5" in cut.reason.en or "34.5" in cut.items[0].reason.en
    untold = metric("carbon", whole_life_carbon_kg_m2_a=(None, "kgCO2e/(m²a)"))
    assert fact(House(), "whole_life_carbon_intensity_stated", metrics=untold).value is None


# --- table 3.2.8 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("grade", "value"), [("7级", True), (6, True), (4, False), (None, None)])
def test_windows_reach_the_air_tightness_of_the_energy_code(grade, value):
    house = House()
    properties = {} if grade is None else {"GBT50378.AirTightnessGrade": grade}
    house.window(house.surface(house.room("office")), 2.0, properties=properties)
    assert fact(house, "window_airtightness_meets_energy_code").value is value


def test_full_fit_out_is_read_from_the_project():
    stated = project(project={"full_fit_out": True})
    row = next(item for item in card(House(), stated).star_requirements[1] if item.id == "ST-9")
    assert (row.verdict, row.provenance, row.source) == (
        Verdict.MET,
        "declared",
        "project.full_fit_out in twin.toml",
    )


# --- shared facts ---------------------------------------------------------------------------------------------


def test_the_building_type_follows_the_areas_of_the_rooms():
    house = House()
    house.room("bedroom", area=60)
    house.room("shop", area=20)
    found = fact(house, "building_type")
    assert (found.value, found.confidence) == ("residential", "medium")
    assert "60.0 / 80.0 m² = 75 %" in found.formula
    assert fact(house, "building_type", PUBLIC).value == "public"


def test_a_model_whose_rooms_say_nothing_has_no_building_type():
    house = House()
    house.room("unknown")
    assert card(house).building_type == "unknown"
    assert card(house, RESIDENTIAL).building_type == "residential"


def test_the_group_of_a_public_building_follows_its_rooms():
    house = House()
    house.room("library", area=100)
    house.room("office", area=20)
    assert fact(house, "public_group").value == "2"


@pytest.mark.parametrize(
    ("settings", "zone"),
    [({}, "hot_summer_cold_winter"), ({"city": "赣州"}, "hot_summer_cold_winter"), ({"thermal_zone": "4B"}, "hot_summer_warm_winter"),
     ({"thermal_zone": "5A"}, "mild_A"), ({"city": "Atlantis"}, None)],
)  # fmt: skip
def test_the_thermal_zone_comes_from_twin_toml_or_the_city(settings, zone):
    assert fact(House(), "thermal_zone", project(project=settings)).value == zone


def test_a_lift_shaft_or_a_lift_shows_that_there_are_lifts():
    house = House()
    house.room("elevator")
    assert fact(house, "lift_present").value is True
    single = House()
    single.room("office")
    assert fact(single, "lift_present").value is False
    high = House()
    high.storey("一层", 0.0)
    high.storey("二层", 3.0)
    high.room("office", storey=0)
    high.room("office", storey=1)
    assert fact(high, "lift_present").value is None


def test_a_model_that_shows_lifts_and_no_escalator_has_none():
    house = House()
    house.element("IfcTransportElement", type="ELEVATOR")
    assert fact(house, "escalator_present").value is False


def test_heating_and_cooling_are_central_or_not_by_their_equipment():
    house = House()
    assert fact(house, "hvac_kind").value is None
    house.element("IfcUnitaryEquipment", type="SPLITSYSTEM")
    assert fact(house, "hvac_kind").value == "decentral"
    assert fact(house, "central_electric_cooling_present").value is False
    house.element("IfcChiller")
    assert fact(house, "hvac_kind").value == "mixed"


def test_a_chinese_property_of_the_building_is_a_fact():
    house = House()
    house.element("IfcBuilding", properties={"Pset_绿色建筑信息属性集.人均集中绿地面积": 0.62})
    found = fact(house, "central_green_per_person")
    assert (found.value, found.provenance.value, found.source) == (
        0.62,
        "ifc",
        "Pset_绿色建筑信息属性集.人均集中绿地面积",
    )


def test_two_buildings_that_contradict_each_other_tell_nothing():
    house = House()
    for ratio in (30, 35):
        house.element("IfcBuilding", properties={"GBT50378.GreenLandRatio": ratio})
    assert fact(house, "green_land_ratio").value is None


def test_a_metric_of_the_standard_by_its_own_name_is_a_fact_without_an_evaluator():
    sunlight = metric("sunlight", natural_ach2_area_share=55.0)
    found = fact(House(), "natural_ach2_area_share", metrics=sunlight)
    assert (found.value, found.source) == (55.0, "sunlight 1, test")


@pytest.mark.parametrize(
    ("met", "verdict"), [(1.0, Verdict.MET), (0.0, Verdict.NOT_MET), (None, Verdict.CANNOT_TELL)]
)
def test_the_sunlight_metric_decides_the_sunlight_standard(met, verdict):
    result = clause(House(), "8.1.1", metrics=metric("sunlight", sunlight_standard=(met, "bool")))
    assert result.items[0].verdict is verdict
    assert result.items[1].verdict is Verdict.CANNOT_TELL  # of the neighbours nothing is known
