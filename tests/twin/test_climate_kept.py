"""Generated series that are kept between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from twin.climate.kept import kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GREENTWIN_CACHE", str(tmp_path))
    return tmp_path / "climate"


def test_series_are_made_once_and_come_back_bit_by_bit(folder: Path) -> None:
    made = {"a": np.array([0.1, np.nan, 3e-300]), "b": np.arange(3.0)}
    calls = []

    def make() -> dict[str, np.ndarray]:
        calls.append(1)
        return made

    for _ in range(2):
        found = kept("city", make)
        assert {key: values.tobytes() for key, values in found.items()} == {
            key: values.tobytes() for key, values in made.items()
        }
    assert calls == [1]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"no archive at all"])
def test_a_damaged_entry_is_made_again(folder: Path, damage: bytes) -> None:
    kept("city", lambda: {"a": np.zeros(2)})
    (entry,) = folder.iterdir()
    entry.write_bytes(damage)
    assert kept("city", lambda: {"a": np.ones(2)})["a"].sum() == 2


def test_an_entry_whose_values_were_changed_is_made_again(folder: Path) -> None:
    kept("city", lambda: {"a": np.zeros(2)})
    (entry,) = folder.iterdir()
    with np.load(entry) as old:
        digest = old["digest"]
    np.savez(entry, digest=digest, a=np.full(2, 9.0))
    assert kept("city", lambda: {"a": np.ones(2)})["a"].sum() == 2


def test_a_folder_that_cannot_be_written_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("GREENTWIN_CACHE", str(blocked))
    assert kept("city", lambda: {"a": np.ones(2)})["a"].sum() == 2


def test_the_second_process_needs_no_pvlib(folder: Path) -> None:
    code = (
        "import sys; from twin.climate import typical_year; print(typical_year('Nanchang').sha256); "
        "print('pvlib' in sys.modules)"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    )
    assert first[0] == second[0]
    assert (first[1], second[1]) == ("True", "False")
