"""Point tables."""

from __future__ import annotations

import pytest

from sensors.errors import SensorError
from sensors.points import Privacy, read_points


def written(path, text):
    path.write_text(text, "utf-8")
    return path


def test_a_csv_line_takes_what_it_leaves_out_from_its_device_type(tmp_path):
    table = read_points(
        written(tmp_path / "p.csv", "id,device,quantity,unit,household\nh1/t,home_temp_humidity,temp,,h1\n")
    )
    (point,) = table
    assert (point.unit, point.privacy, point.interval_s) == ("°C", Privacy.HOUSEHOLD, 300)


def test_an_emergency_button_is_urgent_and_personal(tmp_path):
    (point,) = read_points(written(tmp_path / "p.csv", "id,device\nh1/call,he_emergency_call\n"))
    assert point.urgent
    assert point.privacy is Privacy.PERSONAL_SENSITIVE
    assert point.interval_s is None


def test_a_point_that_says_nothing_of_privacy_is_personal(tmp_path):
    (point,) = read_points(written(tmp_path / "p.yaml", "points: [{id: a, unit: lx}]"))
    assert point.privacy is Privacy.PERSONAL_SENSITIVE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id,unit\na,furlong\n", "unknown-unit"),
        ("id,unit\na,lx\na,lx\n", "duplicate-point"),
        ("id,unit,colour\na,lx,red\n", "unknown-key"),
        ("id,unit\n,lx\n", "missing-key"),
        ("id,name\na,x\n", "missing-key"),
        ("id,unit,interval_s\na,lx,-5\n", "bad-value"),
        ("id,unit,privacy\na,lx,secret\n", "bad-value"),
        ("id,unit,urgent\na,lx,perhaps\n", "bad-value"),
        ("id,device\na,warp_drive\n", "unknown-device"),
        ("id,unit\na,lx,extra\n", "bad-line"),
    ],
)
def test_a_wrong_table_is_refused_with_the_line(tmp_path, text, code):
    with pytest.raises(SensorError) as caught:
        read_points(written(tmp_path / "p.csv", text))
    assert caught.value.code == code
    if code != "duplicate-point":
        assert ":2" in caught.value.where


@pytest.mark.parametrize("text", ["points: 3", "{", "- 5"])
def test_yaml_that_is_no_list_of_points_is_refused(tmp_path, text):
    with pytest.raises(SensorError):
        read_points(written(tmp_path / "p.yaml", text))
