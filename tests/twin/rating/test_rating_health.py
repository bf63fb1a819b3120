"""Evaluators of chapter 5: health and comfort."""

from __future__ import annotations

import pytest

from ifc.model import Neighbour
from tests.twin.rating.house import PUBLIC, RESIDENTIAL, House, clause, fact, gid, metric
from twin.rating.acoustics import at_facade, between_rooms, composite, parse_rating
from twin.rating.result import Verdict

# --- 5.1.3 water seals ----------------------------------------------------------------------------------------


def toilets(*depths: object) -> House:
    house = House()
    for depth in depths:
        properties = {} if depth is None else {"GBT50378.WaterSealDepth": depth}
        house.element("IfcSanitaryTerminal", type="TOILETPAN", properties=properties)
    return house


def test_the_shallowest_seal_governs_in_metres_or_millimetres():
    found = fact(toilets(0.06, "50mm"), "toilet_water_seal_depth")
    assert (found.value, found.unit, found.elements) == (50, "mm", (gid(1),))


def test_a_seal_of_forty_millimetres_fails_even_while_another_is_silent():
    house = toilets(40, None)
    item = next(item for item in clause(house, "5.1.3").items if item.id == "5.1.3-3")
    assert item.verdict is Verdict.NOT_MET
    assert gid(0) in item.elements


def test_silent_toilets_cannot_be_told():
    found = fact(toilets(60, None), "toilet_water_seal_depth")
    assert (found.value, found.needs[0].global_ids) == (None, (gid(1),))


def test_a_model_without_toilets_says_so():
    assert "shows no toilets" in fact(House(), "toilet_water_seal_depth").needs[0].what.en


# --- 5.1.8 local control --------------------------------------------------------------------------------------


def offices(*thermostats: bool) -> House:
    house = House()
    for control in thermostats:
        room = house.room("office")
        if control:
            house.element("IfcUnitaryControlElement", type="THERMOSTAT", room=room)
    return house


def test_a_thermostat_in_every_office_is_local_control():
    assert fact(offices(True, True), "rooms_with_local_thermal_control_share").value == 100
    assert clause(offices(True, True), "5.1.8").verdict is Verdict.MET


def test_an_office_without_a_thermostat_cannot_be_told_and_is_named():
    house = offices(True, False)
    found = fact(house, "rooms_with_local_thermal_control_share")
    assert (found.value, found.needs[0].global_ids) == (None, (house.space_id(1),))


def test_a_model_without_controls_tells_nothing():
    assert clause(offices(False, False), "5.1.8").verdict is Verdict.CANNOT_TELL


# --- 5.1.9 garages --------------------------------------------------------------------------------------------


def cellar_garage(*, sensor: bool) -> House:
    house = House()
    house.storey("地下一层", -4.0)
    house.storey("一层", 0.0)
    garage = house.room("garage", storey=0)
    house.room("office", storey=1)
    if sensor:
        house.element("IfcSensor", type="COSENSOR", room=garage)
    return house


def test_a_garage_below_ground_with_a_co_sensor_meets_the_first_half():
    house = cellar_garage(sensor=True)
    assert fact(house, "underground_garage_present").value is True
    assert fact(house, "garage_co_sensor_present").value is True
    assert clause(house, "5.1.9").verdict is Verdict.CANNOT_TELL  # the interlock with the fans is open


def test_a_garage_without_a_sensor_in_the_model_cannot_be_told():
    house = cellar_garage(sensor=False)
    found = fact(house, "garage_co_sensor_present")
    assert (found.value, found.needs[0].global_ids) == (None, (house.space_id(0),))


def test_without_rooms_below_ground_the_clause_does_not_apply():
    house = House()
    house.storey("一层", 0.0)
    house.room("office")
    assert clause(house, "5.1.9").verdict is Verdict.NOT_APPLICABLE


# --- 5.2.7 sound insulation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        (50, (50, None, None)), ("Rw 50 dB", (50, None, None)), ("50(-1;-5)", (50, -1, -5)),
        ("Rw (C;Ctr) = 45 (−2; −6) dB", (45, -2, -6)), ("Rw+Ctr=45", (45, None, 0)), ("45 dB", (45, None, None)),
    ],
)  # fmt: skip
def test_acoustic_ratings_are_read_in_the_ways_they_are_written(text, rating):
    found = parse_rating(text)
    assert (found.rw, found.c, found.ctr) == rating


@pytest.mark.parametrize("text", ["", "REI 90", "class A", True, 500])
def test_what_is_no_rating_is_not_read_as_one(text):
    assert parse_rating(text) is None


def test_the_field_value_follows_iso_12354():
    # R' = R - 5 dB for flanking at worst; V = 50 m³, S = 12.5 m²: 10 lg(0.32 · 50 / 12.5) = 1.07 dB
    low, high = between_rooms((50, 50), 50, 12.5)
    assert high == pytest.approx(51.07, abs=0.01)
    assert low == pytest.approx(46.07, abs=0.01)
    assert at_facade((40, 40), 30, 10)[1] == pytest.approx(40.0)  # V / (6 · 0.5 · S) = 1


def test_a_weak_window_governs_a_facade():
    # 10 m² of 50 dB and 2 m² of 30 dB: -10 lg((10·1e-5 + 2·1e-3) / 12) = 37.57 dB
    assert composite([(10, (50, 50)), (2, (30, 30))])[0] == pytest.approx(37.57, abs=0.01)


def bedroom_facade(wall: object, window: object) -> House:
    house = House()
    room = house.room("bedroom", area=15, height=2.8)
    element = house.element("IfcWall", properties={"Pset_WallCommon.AcousticRating": wall} if wall else {})
    surface = house.surface(room, area=10, element=element)
    house.window(surface, 3, properties={"Pset_WindowCommon.AcousticRating": window} if window else {})
    return house


def test_a_facade_with_poor_windows_fails_for_certain():
    result = clause(bedroom_facade("50(-1;-5)", "25(-1;-4)"), "5.2.7", RESIDENTIAL)
    assert result.items[0].verdict is Verdict.NOT_MET
    assert "only a failure is sure" in result.items[0].reason.en


def test_a_facade_with_good_windows_is_not_proven_by_laboratory_ratings():
    result = clause(bedroom_facade("55(-1;-3)", "45(-1;-3)"), "5.2.7", RESIDENTIAL)
    assert result.items[0].verdict is Verdict.CANNOT_TELL


def test_a_facade_without_ratings_names_its_room():
    house = bedroom_facade(None, None)
    found = fact(house, "D2m_nT_w_plus_Ctr_bedroom_facade")
    assert (found.value, found.bounds) == (None, None)
    assert house.space_id(0) in found.needs[0].global_ids


def two_flats(rating: object, impact: object = None) -> House:
    house = House()
    rooms = [house.room("bedroom", area=15), house.room("bedroom", area=15)]
    for name, room in zip("AB", rooms, strict=True):
        house.zone(name, room)
    wall = house.element("IfcWall", properties={"Pset_WallCommon.AcousticRating": rating} if rating else {})
    slab = house.element("IfcSlab", properties={"GBT50378.ImpactSound": impact} if impact else {})
    for room, other in (rooms, rooms[::-1]):
        house.surface(room, area=12, neighbour=Neighbour.SPACE, beyond=other, element=wall)
        house.surface(room, tilt=180, area=15, neighbour=Neighbour.SPACE, beyond=other, element=slab)
    return house


def test_a_thin_party_wall_fails_for_certain():
    house = two_flats("45(-1;-4)")
    item = next(item for item in clause(house, "5.2.7", RESIDENTIAL).items if item.id == "5.2.7-R2")
    assert item.verdict is Verdict.NOT_MET
    assert gid(2) in item.elements


def test_a_heavy_party_wall_is_not_proven():
    house = two_flats("60(-1;-4)")
    item = next(item for item in clause(house, "5.2.7", RESIDENTIAL).items if item.id == "5.2.7-R2")
    assert item.verdict is Verdict.CANNOT_TELL


def test_without_dwellings_as_zones_party_walls_cannot_be_told():
    house = House()
    house.room("bedroom")
    need = fact(house, "DnT_w_plus_Ctr_bedroom_neighbour_wall").needs[0]
    assert "IfcZone" in need.what.en


@pytest.mark.parametrize(("level", "points"), [(54, 4), (58, 2), (65, 0)])
def test_stated_impact_levels_earn_their_tier(level, points):
    item = next(i for i in clause(two_flats(None, level), "5.2.7", RESIDENTIAL).items if i.id == "5.2.7-R4")
    assert (item.points, item.attainable_points) == (points, points)


# --- 5.2.8 daylight -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "verdict", "points"), [(61.5, Verdict.MET, 12), (42.0, Verdict.NOT_MET, 0)]
)
def test_the_daylight_of_dwellings_decides_the_clause(share, verdict, points):
    result = clause(House(), "5.2.8", RESIDENTIAL, metric("daylight", daylight_area_share_300lx_8h=share))
    assert (result.verdict, result.points) == (verdict, points)
    assert result.items[0].provenance == "derived"
    assert "daylight 1" in result.items[0].source


def test_a_daylight_share_that_the_metric_cannot_tell_stays_open():
    result = clause(
        House(), "5.2.8", RESIDENTIAL, metric("daylight", daylight_area_share_300lx_8h=(None, "%"))
    )
    assert result.verdict is Verdict.CANNOT_TELL


def test_a_metric_that_failed_leaves_its_clause_open_and_says_so():
    result = clause(House(), "5.2.8", RESIDENTIAL)
    assert "metric daylight has no result" in result.items[0].missing[0].what.en


def test_the_three_public_items_add_up_and_no_inner_zone_earns_its_own():
    shares = {
        "daylight_area_share_required_4h": 70.0,
        "underground_daylit_area_ratio": 4.0,
        "inner_zone_area_m2": (0.0, "m²"),
    }
    result = clause(House(), "5.2.8", PUBLIC, metric("daylight", **shares))
    assert [item.points for item in result.items] == [0, 4, 0, 4]
    assert result.points == 8


# --- 5.2.10 natural ventilation -------------------------------------------------------------------------------


def bedroom_with_window(area: float, window: float, **properties) -> House:
    house = House()
    surface = house.surface(house.room("bedroom", area=area))
    house.window(
        surface, window, properties={f"GBT50378.{name}": value for name, value in properties.items()}
    )
    return house


@pytest.mark.parametrize(
    ("openable", "points"), [(1.2, 0), (1.6, 5), (2.0, 6), (2.4, 7), (3.0, 8)]
)  # 6, 8, 10, 12 and 15 % of 20 m² in zone 3
def test_openable_area_over_floor_area_earns_its_step(openable, points):
    house = bedroom_with_window(20, 4.0, OpenableArea=openable)
    assert clause(house, "5.2.10", RESIDENTIAL).points == points


def test_an_openable_fraction_counts_of_the_window_and_half_when_it_opens_little():
    house = bedroom_with_window(20, 4.0, OpenableFraction=0.5)
    assert fact(house, "vent_opening_floor_ratio").value == pytest.approx(10)
    house = bedroom_with_window(20, 4.0, OpenableFraction="50%", OpeningAngle=30)
    assert fact(house, "vent_opening_floor_ratio").value == pytest.approx(5)


PANEL, LINING = "IfcWindowPanelProperties.OperationType", "IfcWindowLiningProperties"


@pytest.mark.parametrize(
    ("stated", "ratio"),
    [
        ({f"{PANEL} MIDDLE": "SIDEHUNGLEFTHAND"}, (20, 20)),
        ({f"{PANEL} MIDDLE": "TOPHUNG"}, (10, 20)),
        ({f"{PANEL} LEFT": "SIDEHUNGLEFTHAND", f"{PANEL} RIGHT": "FIXEDCASEMENT"}, (10, 10)),
        (
            {
                f"{PANEL} LEFT": "SIDEHUNGLEFTHAND",
                f"{PANEL} RIGHT": "FIXEDCASEMENT",
                f"{LINING}.FirstMullionOffset": 0.3,
            },
            (6, 6),
        ),
        (
            {
                f"{PANEL} TOP": "TILTANDTURNLEFTHAND",
                f"{PANEL} BOTTOM": "FIXEDCASEMENT",
                f"{LINING}.FirstTransomOffset": 0.4,
            },
            (12, 12),
        ),
        ({f"{PANEL} LEFT": "SLIDINGHORIZONTAL", f"{PANEL} RIGHT": "SLIDINGHORIZONTAL"}, (10, 10)),
        ({f"{PANEL} MIDDLE": "NOTDEFINED"}, (0, 20)),
    ],
)  # of a window of 4 m² in a room of 20 m²
def test_the_panels_of_a_window_tell_how_much_of_it_opens(stated, ratio):
    house = House()
    surface = house.surface(house.room("bedroom", area=20))
    house.window(surface, 4.0, properties=stated)
    found = fact(house, "vent_opening_floor_ratio")
    assert found.interval == pytest.approx(ratio)


def test_a_window_too_small_to_ventilate_fails_without_any_statement():
    house = bedroom_with_window(20, 1.0)
    result = clause(house, "5.2.10", RESIDENTIAL)
    assert result.verdict is Verdict.NOT_MET
    assert house.space_id(0) in result.items[0].elements


def test_a_large_window_that_states_nothing_cannot_be_told():
    house = bedroom_with_window(20, 4.0)
    result = clause(house, "5.2.10", RESIDENTIAL)
    assert (result.verdict, result.attainable_points) == (Verdict.CANNOT_TELL, 8)
    assert result.items[0].missing[0].global_ids == (gid(1),)


def test_a_window_onto_a_balcony_ventilates():
    house = House()
    room, balcony = house.room("bedroom"), house.room("balcony", internal=False)
    surface = house.surface(room, neighbour=Neighbour.SPACE, beyond=balcony)
    house.window(surface, 2.0, kind="door", properties={"GBT50378.OpenableArea": 1.6})
    assert fact(house, "vent_opening_floor_ratio").value == pytest.approx(8)


def test_a_room_without_any_opening_in_the_model_is_named_and_not_failed():
    house = bedroom_with_window(20, 4.0, OpenableArea=2.0)
    dark = house.room("study")
    found = fact(house, "vent_opening_floor_ratio")
    assert found.value is None
    assert house.space_id(dark) in found.needs[0].global_ids


# --- 5.2.11 shading -------------------------------------------------------------------------------------------


def shaded_windows(*answers: object) -> House:
    house = House()
    surface = house.surface(house.room("office"))
    for answer in answers:
        house.window(
            surface, 2.0, properties={} if answer is None else {"GBT50378.AdjustableShading": answer}
        )
    return house


@pytest.mark.parametrize(
    ("answers", "points"), [((True, True, False), 9), ((True, True, False, False), 7), ((False,) * 4, 0)]
)
def test_the_shaded_share_of_the_glass_earns_its_tier(answers, points):
    assert clause(shaded_windows(*answers), "5.2.11").points == points


def test_windows_that_say_nothing_about_shading_keep_the_tiers_open():
    result = clause(shaded_windows(True, None, False, False), "5.2.11")
    assert (result.points, result.attainable_points) == (3, 7)
    assert result.items[0].missing[0].global_ids == (gid(2),)


def test_a_movable_device_in_front_of_a_window_shades_it():
    house = House()
    surface = house.surface(house.room("office"))
    house.window(surface, 2.0, low=(0, 0, 1), high=(2, 0.1, 2))
    house.window(surface, 2.0, low=(10, 0, 1), high=(12, 0.1, 2))
    house.element("IfcShadingDevice", (0, -0.3, 1), (2, -0.1, 2),
                  properties={"Pset_ShadingDeviceCommon.MechanicalOperated": True})  # fmt: skip
    found = fact(house, "adjustable_shading_ratio")
    assert (found.value, found.elements) == (pytest.approx(50), (gid(2),))
