"""``twin sunlight``: a massing study as a planner or a script runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.twin.test_cli import assert_refused, run
from tests.two_room_house import House
from twin.cli import app

PROJECT = """
[project]
city = "Nanchang"

[site]
latitude_deg = 28.68

[sunlight]
neighbours_modelled = true
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two-room house, whose windows look south at a tower of 30 m, and its project."""
    folder = tmp_path_factory.mktemp("massing")
    house = House()
    house.box("IfcBuildingElementProxy", "Tower 1", (-20, -20, 0), (48, 8, 30))
    house.write(folder / "house.ifc")
    (folder / "twin.toml").write_text(PROJECT, "utf-8")
    return folder


def study(place: Path, *arguments: str) -> Any:
    """Exit code, stdout and stderr of a study in this process."""
    named = ["sunlight", str(place / "house.ifc"), "--project", str(place / "twin.toml")]
    return CliRunner().invoke(app, [*named, *arguments], env={"LC_ALL": "C.UTF-8", "COLUMNS": "120"})


def test_json_has_every_room_of_every_alternative_and_the_exit_code_is_0_where_all_meet(place: Path) -> None:
    done = study(place, "--move", "Tower*", "--by", "0,-70,0", "--by", "-80,0,0", "--json")
    assert done.exit_code == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["moved"] == {"elements": 1, "rooms": 0}
    assert data["as_it_stands"]["meets"] is False
    assert [each["offset_m"] for each in data["alternatives"]] == [[0, -70, 0], [-80, 0, 0]]
    for each in data["alternatives"]:
        assert each["meets"] is True
        assert each["units"] == each["units_meeting"] == 1  # rooms that no zone groups
        assert [room["name"] for room in each["rooms"]] == ["101", "102"]
        assert all(room["hours"] >= room["required_h"] == 2.0 for room in each["rooms"])
    assert all(room["hours"] < 2.0 for room in data["as_it_stands"]["rooms"])


def test_an_alternative_that_takes_the_sun_is_named_with_its_rooms_and_gives_exit_code_1(place: Path) -> None:
    done = study(place, "--move", "Tower 1", "--by", "0,-70,0", "--by", "0,0,-27", "--by", "0,5,5")
    assert done.exit_code == 1, done.stderr
    rows = [line for line in done.stdout.splitlines() if "│" in line]
    assert [row.split("│")[4].strip() for row in rows] == ["not met", "met", "met", "not met"]
    assert "as it stands" in rows[0]
    assert "no longer meet" not in done.stdout  # they do not now either


def test_a_script_gets_json_exit_code_2_and_the_reason_of_what_cannot_be_studied(place: Path) -> None:
    done = run(
        "sunlight", "house.ifc", "-p", "twin.toml", "--move", "Towr", "--by", "1,0,0", "--json", cwd=place
    )
    assert_refused(done, "No element is named Towr")
    assert json.loads(done.stdout)["error"]["code"] == "no-such-element"


@pytest.mark.parametrize(
    ("move", "by", "reason"),
    [
        ("South wall", "0,-5,0", "do not move together"),
        ("Tower*", "1,0", "1,0 is not three numbers"),
        ("Tower*", "1,nan,0", "no number"),
    ],
)
def test_what_cannot_be_studied_is_one_message(place: Path, move: str, by: str, reason: str) -> None:
    done = study(place, "--move", move, "--by", by)
    assert done.exit_code == 2
    assert reason in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
