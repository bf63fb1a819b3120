"""The benchmarks speak one language, and the intake's runs on the smallest model. Nothing here asserts a time."""

from __future__ import annotations

import dataclasses
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import intake
from benchmarks.__main__ import names
from benchmarks.row import Row

ROOT = Path(__file__).parents[2]
ONE_ROOM = ROOT / "twin" / "data" / "one_room.ifc"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return intake.run([ONE_ROOM], repeats=1)


def errors(rows: list[Row], case: str) -> list[float | None]:
    found = [row.error for row in rows if row.case == f"one_room {case}"]
    assert found, f"no row of {case}"
    return found


@pytest.mark.parametrize("name", names())
def test_every_benchmark_has_a_run_and_says_what_it_is(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert callable(module.run)
    assert module.__doc__


def test_a_row_has_the_documented_keys() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    keys = [field.name for field in dataclasses.fields(Row)]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_rows_can_be_written_as_json(rows: list[Row]) -> None:
    for row in json.loads(json.dumps([dataclasses.asdict(row) for row in rows])):
        assert row["name"] == "intake"
        assert row["ours_s"] > 0


def test_ours_and_the_peer_stand_in_one_row(rows: list[Row]) -> None:
    (cold,) = [row for row in rows if row.case == "one_room cold read" and row.peer == intake.ITERATOR]
    assert cold.peer_s is not None
    assert cold.ratio == pytest.approx(cold.peer_s / cold.ours_s)


def test_a_peer_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(intake, "WEB_IFC", tmp_path)
    peers = [row.peer for row in intake.cold_reads(ONE_ROOM, 1) if row.case == "one_room cold read"]
    assert peers == [intake.ITERATOR, "web-ifc: peer not installed"]


def test_nothing_of_the_one_room_house_is_lost_or_wrong(rows: list[Row]) -> None:
    for case in ("lost", "volume", "box", "same bits"):
        assert errors(rows, case) == [0.0]
    assert errors(rows, "grades") == [0.0, 0.0]  # not A, not A or B


def test_a_bad_model_of_the_one_room_house_loses_nothing_silently(rows: list[Row]) -> None:
    for change in ("shift 5,400 km", "rotate 17°", "noise ±5 mm", "gap 10 cm", "overlap 10 cm"):
        assert errors(rows, f"{change}: interior share") == [0.0]
        assert errors(rows, f"{change}: grades") == [0.0]


def test_an_unknown_benchmark_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "unknown benchmark nonsense" in done.stderr
