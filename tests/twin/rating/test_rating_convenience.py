"""Evaluators of chapter 6: convenience, sensors and meters."""

from __future__ import annotations

import pytest

from tests.twin.rating.house import PUBLIC, House, clause, fact, gid, project
from twin.rating.result import Verdict

# --- 6.1.3 charging -------------------------------------------------------------------------------------------


def test_a_charger_in_the_model_shows_that_parking_is_ready():
    house = House()
    house.element("IfcOutlet", name="交流充电桩 7kW")
    assert fact(house, "ev_charging_or_ready").value is True


def test_without_a_charger_in_the_model_it_cannot_be_told():
    assert fact(House(), "ev_charging_or_ready").value is None


def test_the_share_of_bays_with_a_charger_is_counted():
    house = House()
    for units, charger in ((8, False), (2, True)):
        house.element(
            "IfcSpace", properties={"Pset_SpaceParking.ParkingUnits": units, "GBT50378.EVCharger": charger}
        )
    assert fact(house, "ev_charger_bay_share").value == pytest.approx(20)
    assert fact(house, "parking_bays").value == 10


def test_one_silent_bay_leaves_the_share_open():
    house = House()
    house.element("IfcSpace", properties={"Pset_SpaceParking.ParkingUnits": 8})
    assert fact(house, "ev_charger_bay_share").value is None


# --- 6.1.4 bicycles -------------------------------------------------------------------------------------------


def bicycles(distance: float) -> House:
    house = House()
    wall = house.surface(house.room("lobby"))
    house.window(wall, 2.1, kind="door", low=(0, 0, 0), high=(1, 0.1, 2.1))
    house.element("IfcBuildingElementProxy", (distance, 0, 0), (distance + 2, 2, 2), name="非机动车棚")
    return house


def test_a_bicycle_shed_near_the_entrance_is_an_indication():
    found = fact(bicycles(40), "bicycle_parking_convenient")
    assert found.value is None
    assert "suggests: Bicycle parking well placed with easy access: yes" in found.reason.en


def test_a_bicycle_shed_far_away_tells_nothing():
    assert fact(bicycles(800), "bicycle_parking_convenient").reason.en == ""


# --- 6.2.2 all ages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "value"), [((1.1, 2.1), True), ((1.5, 1.6), True), ((1.1, 1.4), False), (None, None)]
)
def test_the_car_of_the_lift_takes_a_stretcher_or_not(size, value):
    house = House()
    names = ("ClearWidth", "ClearDepth")
    properties = (
        {}
        if size is None
        else {f"Pset_TransportElementElevator.{n}": v for n, v in zip(names, size, strict=True)}
    )
    house.element("IfcTransportElement", type="ELEVATOR", properties=properties)
    assert fact(house, "stretcher_accessible_lift").value is value


@pytest.mark.parametrize(("corners", "value"), [((True, True), True), ((True, False), False), ((), None)])
def test_corners_are_rounded_when_all_that_state_it_are(corners, value):
    house = House()
    for answer in corners:
        house.element("IfcWall", properties={"GBT50378.RoundedCorner": answer})
    house.element("IfcWall")
    assert fact(house, "public_area_corners_rounded").value is value


def test_handrails_on_every_storey_with_a_corridor_meet_the_second_half():
    house = House()
    ground, first = house.storey("一层", 0.0), house.storey("二层", 3.0)
    for storey in (ground, first):
        house.room("corridor", storey=storey)
    house.element("IfcRailing", type="HANDRAIL", storey=ground)
    assert fact(house, "public_area_grab_bars_or_handrails").needs[0].global_ids == (house.space_id(1),)
    house.element("IfcRailing", type="HANDRAIL", storey=first)
    assert fact(house, "public_area_grab_bars_or_handrails").value is True


# --- 6.2.3 public services ------------------------------------------------------------------------------------


def test_an_office_building_cannot_offer_two_public_services():
    house = House()
    house.room("office")
    item = next(i for i in clause(house, "6.2.3", PUBLIC).items if i.id == "6.2.3-P")
    criterion = item.criteria[0]
    assert criterion.verdict is Verdict.NOT_MET
    assert "no public service" in criterion.formula


def test_a_library_and_a_clinic_may_be_public_but_the_model_does_not_say():
    house = House()
    house.room("library")
    house.room("clinic")
    found = fact(house, "public_service_functions_in_building")
    assert (found.value, found.bounds) == (None, (0, 2))


# --- 6.2.5 fitness --------------------------------------------------------------------------------------------


def with_fitness(area: float) -> House:
    house = House()
    house.storey("一层", 0.0)
    house.room("fitness", area=area)
    house.element("IfcBuilding", properties={"GBT50378.FloorAreaAboveGround": 10_000})
    return house


@pytest.mark.parametrize(("area", "verdict"), [(80, Verdict.MET), (40, Verdict.NOT_MET)])
def test_the_fitness_room_is_large_enough_or_not(area, verdict):
    item = next(i for i in clause(with_fitness(area), "6.2.5").items if i.id == "6.2.5-3")
    assert item.verdict is verdict


def test_a_model_with_rooms_of_unknown_use_may_hide_a_fitness_room():
    house = House()
    unnamed = house.room("unknown")
    found = fact(house, "indoor_fitness_area")
    assert (found.value, found.needs[0].global_ids) == (None, (house.space_id(unnamed),))


def test_a_stair_far_from_the_entrance_fails_and_a_near_one_stays_open():
    for x, verdict in ((30, Verdict.NOT_MET), (5, Verdict.CANNOT_TELL)):
        house = House()
        wall = house.surface(house.room("lobby"))
        house.window(wall, 2.1, kind="door", low=(0, 0, 0), high=(1, 0.1, 2.1))
        house.element("IfcStairFlight", (x, 0, 0), (x + 2, 4, 3))
        item = next(i for i in clause(house, "6.2.5").items if i.id == "6.2.5-4")
        distance = next(c for c in item.criteria if c.metric == "stair_to_main_entrance_distance")
        assert distance.verdict is verdict


def test_outdoor_fitness_area_is_held_against_the_site():
    house = House()
    stated = project(site={"area_m2": 20_000}, facts={"outdoor_fitness_area": {"value": 120}})
    item = clause(house, "6.2.5", stated).items[0]
    assert (item.value, item.verdict, item.provenance) == (pytest.approx(0.6), Verdict.MET, "declared")
    assert "120 m² / 2 ha" in item.formula


# --- 6.2.6 to 6.2.8 meters and sensors ------------------------------------------------------------------------


def meters(*points: tuple[str, object], type: str = "ENERGYMETER") -> House:
    house = House()
    for name, remote in points:
        properties = {} if remote is None else {"Pset_FlowMeterTypeCommon.RemoteReading": remote}
        house.element("IfcFlowMeter", type=type, name=name, properties=properties)
    return house


@pytest.mark.parametrize(
    ("points", "value"),
    [
        ((("照明电表", True), ("空调电表", True)), True),
        ((("照明电表", True), ("空调电表", False)), False),
        ((("照明电表", True), ("空调电表", None)), None),
        ((("总电表", True),), None),
        ((), None),
    ],
)
def test_sub_meters_that_read_out_remotely_are_a_metering_system(points, value):
    assert fact(meters(*points), "energy_remote_submetering").value is value


def test_the_silent_meter_is_named():
    found = fact(meters(("照明电表", True), ("空调电表", None)), "energy_remote_submetering")
    assert found.needs[0].global_ids == (gid(1),)


@pytest.mark.parametrize(
    ("points", "value"),
    [
        ((("生活水表", True), ("绿化水表", True)), True),
        ((("水表", True), ("水表", False)), False),
        ((("水表", True),), None),
    ],
)
def test_water_meters_by_use_read_out_remotely(points, value):
    assert fact(meters(*points, type="WATERMETER"), "water_remote_metering").value is value


def test_water_quality_sensors_are_counted_but_what_they_watch_is_not_known():
    house = House()
    house.element("IfcSensor", type="PHSENSOR", name="pH")
    found = fact(house, "water_quality_online_monitoring")
    assert found.value is None
    assert "1 water-quality sensors" in found.reason.en


def monitored(*kinds: str) -> House:
    house = House()
    rooms = [house.room("library"), house.room("clinic")]
    for kind in kinds:
        for room in rooms:
            type = "CO2SENSOR" if kind == "CO2" else "USERDEFINED"
            house.element("IfcSensor", type=type, name=f"{kind} 传感器", room=room)
    return house


def test_sensors_of_all_three_kinds_in_all_main_rooms_leave_only_storage_and_display_open():
    item = clause(monitored("PM10", "PM2.5", "CO2"), "6.2.7").items[0]
    told = {criterion.metric: criterion.verdict for criterion in item.criteria}
    assert [told[f"monitors_{kind}"] for kind in ("pm10", "pm25", "co2")] == [Verdict.MET] * 3
    assert told["iaq_data_retention"] is Verdict.CANNOT_TELL


def test_with_storage_and_display_declared_the_points_are_earned(tmp_path):
    (tmp_path / "iaq.pdf").write_text("x")
    stated = project(
        folder=tmp_path,
        facts={
            "iaq_data_retention": {"value": 12, "evidence": "iaq.pdf"},
            "iaq_realtime_display": {"value": True, "evidence": "iaq.pdf"},
        },
    )
    result = clause(monitored("PM10", "PM2.5", "CO2"), "6.2.7", stated)
    assert (result.points, result.items[0].provenance, result.items[0].evidence) == (5, "declared", "iaq.pdf")


def test_a_main_room_without_a_sensor_is_named():
    house = monitored("CO2")
    dark = house.room("office")
    found = fact(house, "monitors_co2")
    assert (found.value, found.needs[0].global_ids) == (None, (house.space_id(dark),))
    assert "2 of 3 main rooms" in found.reason.en


def test_a_kind_that_the_model_does_not_show_cannot_be_told():
    assert "no PM10 sensors" in fact(monitored("CO2"), "monitors_pm10").needs[0].what.en
