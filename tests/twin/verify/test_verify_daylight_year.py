"""A year of daylight beside Radiance: the weather it gets, the figures, and a room by both."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.twin.verify.test_verify_daylight import two_rooms
from twin.climate import typical_year
from twin.verify.daylight_year import YearComparison
from twin.verify.daylight_year_report import year_to_dict
from twin.verify.radiance_sky import write_weather

ROOT = Path(__file__).parents[3]


def comparison(ours: float, theirs: float) -> YearComparison:
    """One point at two hours a day from 9 o'clock, all year."""
    hour = np.array([24 * day + of_day for day in range(365) for of_day in (9, 10)])
    sun = np.zeros((1, len(hour)), np.float32)
    values = [np.full((1, len(hour)), value, np.float32) for value in (ours, theirs)]
    return YearComparison(np.zeros(1, np.int32), np.array([300.0]), hour, *values, sun, sun, 1.0, 2.0)


def test_hours_above_the_target_count_for_each_program() -> None:
    ours, theirs = comparison(330.0, 270.0).figures(np.ones(1, bool))
    assert (ours["enough"], theirs["enough"]) == (100.0, 0.0)
    assert ours["enough_hours_per_day"] == pytest.approx(2.0)
    assert ours["autonomy_300"] == pytest.approx(20.0)
    assert ours["udi"] == theirs["udi"] == pytest.approx(20.0)


def test_the_light_of_the_year_is_compared_where_there_is_any() -> None:
    every = np.ones(1, bool)
    assert comparison(330.0, 300.0).light_difference(every) == pytest.approx(10.0, rel=1e-5)
    assert np.isnan(comparison(330.0, 0.0).light_difference(every))


def test_the_figures_are_plain_json() -> None:
    data = year_to_dict(two_rooms().model(), comparison(330.0, 0.0))
    assert data["largest_difference_enough"] == 100.0
    assert data["all"]["light_difference"] is None
    json.dumps(data, allow_nan=False)


def test_radiance_gets_the_irradiances_at_the_middle_of_the_hours(tmp_path: Path) -> None:
    climate = typical_year("Nanchang")
    noon = 31 * 24 + 12  # the first of February
    lines = write_weather(tmp_path / "a.wea", climate, np.array([noon])).read_text().splitlines()
    assert lines[1:4] == [
        f"latitude {climate.latitude_deg:.4f}",
        f"longitude {-climate.longitude_deg:.4f}",
        "time_zone -120.00",
    ]
    direct, diffuse = climate.direct_normal_w_m2[noon], climate.diffuse_horizontal_w_m2[noon]
    assert lines[-1] == f"2 1 12.5 {direct:.3f} {diffuse:.3f}"


@pytest.mark.slow
def test_a_year_in_one_room_agrees_with_radiance() -> None:
    model = ROOT / "twin" / "data" / "one_room.ifc"
    command = [
        sys.executable,
        "-m",
        "twin.cli",
        "verify",
        "daylight",
        str(model),
        "--annual",
        "--points",
        "12",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280)
    data = json.loads(done.stdout)
    assert data["largest_difference_enough"] < 2.0
    assert abs(data["all"]["ours"]["sda"] - data["all"]["peer"]["sda"]) < 10.0
    assert abs(data["all"]["ours"]["autonomy_300"] - data["all"]["peer"]["autonomy_300"]) < 2.0
