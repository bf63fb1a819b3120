"""Evaluators of chapter 4: safety and durability."""

from __future__ import annotations

import pytest

from tests.twin.rating.house import RESIDENTIAL, House, clause, fact, gid
from twin.rating.building import material_family
from twin.rating.result import Verdict

# --- 4.1.6 wet rooms ------------------------------------------------------------------------------------------


def bathroom(floor: str | None = None, **properties) -> House:
    house = House()
    room = house.room(
        "bathroom", properties={f"GBT50378.{name}": value for name, value in properties.items()}
    )
    slab = house.element("IfcSlab", made_of=floor) if floor else -1
    house.surface(room, tilt=180, element=slab)
    return house


def test_a_bathroom_floor_with_a_membrane_is_waterproof():
    assert fact(bathroom("聚合物防水涂膜 1.5mm"), "wet_room_floor_waterproof_share").value == 100


def test_a_bathroom_that_states_no_waterproof_layer_fails():
    house = bathroom(WaterproofLayer=False)
    found = fact(house, "wet_room_floor_waterproof_share")
    assert (found.value, found.elements) == (0, (house.space_id(0),))
    assert clause(house, "4.1.6").verdict is Verdict.NOT_MET


def test_a_floor_whose_layers_name_no_membrane_cannot_be_told():
    house = bathroom("混凝土")
    found = fact(house, "wet_room_floor_waterproof_share")
    assert found.value is None
    assert found.needs[0].global_ids == (house.space_id(0),)
    assert "GBT50378.WaterproofLayer" in found.needs[0].how.en


# --- 4.1.7 evacuation -----------------------------------------------------------------------------------------


def exit_door(width: float) -> House:
    house = House()
    house.element("IfcDoor", (0, 0, 0), (width, 0.1, 2.1), properties={"Pset_DoorCommon.FireExit": True})
    return house


def test_an_exit_door_of_seventy_centimetres_fails_for_certain():
    found = fact(exit_door(0.7), "egress_widths_compliant")
    assert (found.value, found.elements) == (False, (gid(0),))
    assert "0.70 m < 0.8 m" in found.formula


def test_wide_exit_doors_do_not_prove_the_egress():
    found = fact(exit_door(1.2), "egress_widths_compliant")
    assert found.value is None
    assert found.needs


# --- 4.2.2 protective measures --------------------------------------------------------------------------------


def with_rail(height: float) -> House:
    house = House()
    house.element("IfcRailing", properties={"Pset_RailingCommon.Height": height})
    return house


@pytest.mark.parametrize(("height", "answer"), [(1.25, "yes"), (1.10, "no")])
def test_the_height_of_the_rails_is_an_indication_that_a_person_must_confirm(height, answer):
    found = fact(with_rail(height), "fall_protection_enhanced")
    assert found.value is None
    assert (
        f"suggests: Raised protection level of balconies, external windows, sills and guard rails: {answer}"
        in found.reason.en
    )
    assert found.needs[-1].how.en == "State [facts.fall_protection_enhanced] with evidence in twin.toml."


def test_without_rails_there_is_not_even_an_indication():
    found = fact(House(), "fall_protection_enhanced")
    assert found.value is None
    assert found.reason.en == ""


def entrance(canopy: bool) -> House:
    house = House()
    room = house.room("lobby")
    wall = house.surface(room, azimuth=180)  # faces -y
    house.window(wall, 2.1, kind="door", low=(1, -0.2, 0), high=(2, 0, 2.1))
    if canopy:
        house.element("IfcSlab", (0.5, -1.8, 2.4), (2.5, -0.2, 2.5))
    return house


@pytest.mark.parametrize(("canopy", "answer"), [(True, ": yes"), (False, ": no")])
def test_a_slab_over_the_entrance_suggests_that_it_is_sheltered(canopy, answer):
    found = fact(entrance(canopy), "all_entrances_have_canopy_protection")
    assert found.value is None
    assert answer in found.reason.en


# --- 4.2.3 safety glass ---------------------------------------------------------------------------------------


def glazed(**properties) -> House:
    house = House()
    wall = house.surface(house.room("living_room"))
    house.window(
        wall, 3.0, sill=0.3, properties={f"Pset_DoorWindowGlazingType.{k}": v for k, v in properties.items()}
    )
    return house


def test_a_low_pane_of_laminated_glass_is_safe():
    assert fact(glazed(IsLaminated=True, IsTempered=False), "safety_glass_used").value is True


def test_a_low_pane_of_plain_glass_is_not_safe():
    found = fact(glazed(IsLaminated=False, IsTempered=False), "safety_glass_used")
    assert (found.value, found.elements) == (False, (gid(1),))


def test_a_low_pane_that_states_nothing_cannot_be_told():
    found = fact(glazed(), "safety_glass_used")
    assert (found.value, found.needs[0].global_ids) == (None, (gid(1),))


def test_a_small_high_window_need_not_be_of_safety_glass():
    house = House()
    house.window(house.surface(house.room("bathroom")), 0.6, sill=1.5)
    assert "shows no large or low panes" in fact(house, "safety_glass_used").needs[0].what.en


def test_the_name_of_the_glass_may_say_that_it_is_tempered():
    house = House()
    house.window(house.surface(house.room("living_room")), 3.0, name="6+12A+6 钢化中空玻璃窗")
    assert fact(house, "safety_glass_used").value is True


@pytest.mark.parametrize(
    ("doors", "verdict"),
    [(("是", "是"), True), (("是", "否"), False), (("是", None), None), ((None, None), None)],
)
def test_doors_are_anti_pinch_when_all_of_them_say_so(doors, verdict):
    house = House()
    for answer in doors:
        house.element("IfcDoor", properties={} if answer is None else {"GBT50378.AntiPinch": answer})
    assert fact(house, "anti_pinch_doors_windows").value is verdict


# --- 4.2.4 slip resistance ------------------------------------------------------------------------------------


def corridors(*grades: str | None) -> House:
    house = House()
    for grade in grades:
        room = house.room("corridor")
        properties = {} if grade is None else {"GBT50378.SlipGradeDry": grade}
        house.element("IfcCovering", type="FLOORING", room=room, properties=properties)
    return house


def test_the_slipperiest_corridor_governs():
    house = corridors("Ad", "Cd")
    found = fact(house, "slip_grade_dry_general")
    assert (found.value, found.elements) == ("Cd", (house.space_id(1),))


def test_one_slippery_corridor_fails_while_others_are_still_silent():
    house = corridors("Cd", None)
    item = clause(house, "4.2.4").items[0]
    assert item.verdict is Verdict.NOT_MET
    assert "at most Cd" in item.reason.en


def test_good_corridors_and_a_silent_one_cannot_be_told():
    house = corridors("Ad", None)
    assert clause(house, "4.2.4").items[0].verdict is Verdict.CANNOT_TELL
    need = next(n for n in clause(house, "4.2.4").items[0].missing if "SlipGradeDry" in n.how.en)
    assert need.global_ids == (house.space_id(1),)


@pytest.mark.parametrize(
    ("strips", "value"), [((True, True), True), ((True, False), False), ((True, None), None)]
)
def test_all_flights_need_their_anti_slip_strips(strips, value):
    house = House()
    for answer in strips:
        properties = {} if answer is None else {"Pset_StairFlightCommon.HasNonSkidSurface": answer}
        house.element("IfcStairFlight", properties=properties)
    assert fact(house, "anti_slip_strips_on_ramp_stair").value is value


@pytest.mark.parametrize(
    ("dry", "wet", "value"), [("Ad", "Aw", True), ("Bd", "Bw", True), ("Cd", "Cw", False), ("Ad", None, None)]
)
def test_a_stair_reaches_the_best_grade_or_one_above_the_floor(dry, wet, value):
    house = corridors("Cd")
    house.properties(house.blocks.add("IfcCovering", None), {})
    bath = house.room("bathroom")
    house.element(
        "IfcCovering", room=bath, properties={"GBT50378.SlipGradeWet": "Cw", "GBT50378.SlipGradeDry": "Cd"}
    )
    grades = {"GBT50378.SlipGradeDry": dry} | ({} if wet is None else {"GBT50378.SlipGradeWet": wet})
    house.element("IfcStairFlight", properties=grades)
    assert fact(house, "slip_grade_ramp_stair_AdAw_or_plus_one").value is value


# --- 4.2.8 durable structure ----------------------------------------------------------------------------------


def columns(*materials: str, **properties) -> House:
    house = House()
    for name in materials:
        stated = {f"GBT50378.{key}": value for key, value in properties.items()}
        house.element("IfcColumn", (0, 0, 0), (0.5, 0.5, 3), made_of=name, properties=stated)
    return house


def test_a_frame_of_weathering_steel_is_durable():
    house = columns("Q355NH 耐候钢", "Q355NH 耐候钢")
    assert fact(house, "steel_weathering_or_weathering_coating").value is True
    assert clause(house, "4.2.8").points == 10


def test_concrete_with_raised_cover_is_durable():
    assert clause(columns("C40 钢筋混凝土", CoverRaised=True), "4.2.8").points == 10


def test_concrete_whose_cover_is_not_raised_is_not():
    house = columns("C40 钢筋混凝土", CoverRaised=False, HighDurabilityConcrete=False)
    found = fact(house, "concrete_cover_raised_or_high_durability")
    assert (found.value, found.elements) == (False, (gid(0),))


def test_plain_concrete_cannot_be_told_and_says_which_property_would_tell():
    house = columns("C40 钢筋混凝土")
    assert clause(house, "4.2.8").verdict is Verdict.CANNOT_TELL
    need = fact(house, "concrete_cover_raised_or_high_durability").needs[0]
    assert (need.global_ids, "GBT50378.CoverRaised" in need.how.en) == ((gid(0),), True)


def test_in_a_mixed_structure_every_part_must_qualify():
    house = columns("C40 混凝土", "Q355NH 耐候钢")
    assert fact(house, "structure_type").value == "mixed"
    assert fact(house, "steel_weathering_or_weathering_coating").value is None  # the concrete says nothing


def test_a_design_life_of_a_hundred_years_earns_the_points_alone():
    house = House()
    house.element("IfcBuilding", properties={"GBT50378.DesignDurabilityYears": 100})
    result = clause(house, "4.2.8", RESIDENTIAL)
    assert (result.points, result.items[0].provenance) == (10, "ifc")


def test_material_families_are_told_by_name():
    for name, family in (
        ("C30 现浇钢筋混凝土", "concrete"), ("Concrete - Cast-in-Place", "concrete"), ("Q355B", "steel"),
        ("混凝土空心砌块", "masonry"), ("Glulam GL24", "timber"), ("塑料", ""), ("HEA 200", "steel"),
    ):  # fmt: skip
        assert material_family(name) == family, name
