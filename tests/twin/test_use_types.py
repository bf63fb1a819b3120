import numpy as np
import pytest

from twin.errors import TwinError
from twin.use_types import use_ids, use_type, use_types


def test_a_bedroom_carries_the_reference_operation_of_the_energy_code():
    bedroom = use_type("bedroom")
    assert bedroom.main_function
    assert bedroom.conditioned
    assert bedroom.floor_area_per_person_m2.value == 25
    assert bedroom.lighting_w_m2.value == 5.0
    assert bedroom.equipment_w_m2.value == 3.8
    assert bedroom.air_changes_per_h.value == 1.0
    assert bedroom.schedule.weekday.heating_setpoint_c[0] == 18
    assert np.isnan(bedroom.schedule.weekday.heating_setpoint_c[12])
    assert bedroom.schedule.weekend is not None


def test_an_office_is_empty_and_off_at_the_weekend():
    office = use_type("office").schedule
    assert office.weekday.cooling_setpoint_c[6] == 28
    assert (office.weekday.cooling_setpoint_c[7:18] == 26).all()
    assert office.weekend.occupancy.sum() == 0
    assert np.isnan(office.weekend.heating_setpoint_c).all()


def test_daylight_requirements_follow_the_grades():
    assert use_type("bedroom").daylight.side_factor_percent == 2.0
    assert use_type("classroom").daylight.illuminance_lx == 450
    assert use_type("corridor").daylight.grade == "V"
    assert use_type("shaft").daylight is None


@pytest.mark.parametrize("use_id", use_ids())
def test_every_use_type_is_whole(use_id):
    use = use_type(use_id)
    for day in (use.schedule.weekday, use.schedule.weekend):
        for hours in (day.occupancy, day.lighting, day.equipment, day.fresh_air):
            assert hours.shape == (24,)
            assert (hours >= 0).all()
            assert (hours <= 1).all()
        both = np.isfinite(day.heating_setpoint_c) & np.isfinite(day.cooling_setpoint_c)
        assert (day.heating_setpoint_c[both] < day.cooling_setpoint_c[both]).all()
    assert use.label.en
    assert use.label.zh
    if use.conditioned:
        assert np.isfinite(use.schedule.weekday.heating_setpoint_c).any()
        assert (use.fresh_air_m3_h_person is None) != (use.air_changes_per_h is None)
        assert use.lighting_w_m2 is not None
    if use.main_function:
        assert use.conditioned
        assert use.category in ("dwelling", "public")
    if use.fresh_air_m3_h_person is not None:
        assert use.floor_area_per_person_m2 is not None


def test_an_unknown_id_is_a_clear_error():
    with pytest.raises(TwinError, match="no such room use"):
        use_type("bed room")


def test_the_table_is_read_once():
    assert use_types() is use_types()
