"""The runner of damaged files sees what it is there to see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import fuzz
from benchmarks.fuzz import Caller, Case, cases
from benchmarks.fuzz_mutations import MUTATIONS

ONE_ROOM = fuzz.ROOT / "twin" / "data" / "one_room.ifc"


@pytest.fixture
def caller() -> Iterator[Caller]:
    caller = Caller()
    yield caller
    caller.close()


def test_a_case_is_the_same_file_every_time() -> None:
    case = Case("read", ONE_ROOM, 7)
    assert case.mutation() == case.mutation()
    assert case.mutation()[1] != ONE_ROOM.read_bytes()
    assert "seed 7" in str(case)


def test_every_mutation_and_every_small_model_has_its_turn() -> None:
    found = [case for case in cases(200) if case.seed is not None]
    assert {case.mutation()[0] for case in found} == {mutate.__name__ for mutate in MUTATIONS}
    assert {"one_room.ifc", "community_site.ifc"} <= {case.model.name for case in found}
    assert {case.kind for case in found} == {"read", "evaluate"}


def test_a_sound_model_is_a_result_and_a_broken_one_an_error(caller: Caller, tmp_path: Path) -> None:
    (tmp_path / "broken.ifc").write_text("not a model")
    assert caller.try_case("read", ONE_ROOM).what in fuzz.GOOD
    outcome = caller.try_case("read", tmp_path / "broken.ifc")
    assert (outcome.what, outcome.detail) == ("error", "not-an-ifc-file")


def test_a_caller_that_dies_or_hangs_is_told_and_replaced(caller: Caller, monkeypatch) -> None:
    assert caller._process.pid is not None
    os.kill(caller._process.pid, 9)
    assert caller.try_case("read", ONE_ROOM).what == "crash"
    monkeypatch.setitem(fuzz._LIMIT_S, "read", 0.0)
    assert caller.try_case("read", ONE_ROOM).what == "over time"
    monkeypatch.undo()
    assert caller.try_case("read", ONE_ROOM).what in fuzz.GOOD


def test_a_traceback_is_told(caller: Caller, tmp_path: Path) -> None:
    (tmp_path / "model.ifc").write_bytes(ONE_ROOM.read_bytes())
    (tmp_path / "report.html").mkdir()  # where the report should go
    outcome = caller.try_case("evaluate", tmp_path / "model.ifc")
    assert outcome.what == "traceback"
    assert "IsADirectoryError" in outcome.detail
