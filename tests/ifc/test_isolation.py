"""A crash, a hang or a fit of memory in the reading process costs a part of the file, or is one IfcError."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

import ifc
from ifc.errors import IfcError
from ifc.isolation import process, schedule
from tests.ifc.reading import codes, read_raw, row
from tests.two_room_house import House

# A worker whose geometry fails for one product, as IfcOpenShell's does for some broken shapes.
POISONED = """
import json, os, sys, time
sys.path[:] = json.loads(sys.argv[1])
from ifc.reading import worker
def fail(file, products):
    for product in products:
        if file.by_id(product).Name == "East wall":
            %s
own, engine = worker.build_own, worker.build_geometry
def build_own(file, path, products, units):
    fail(file, products)
    return own(file, path, products, units)
def build_geometry(file, products, kernel):
    fail(file, products)
    return engine(file, products, kernel)
worker.build_own, worker.build_geometry = build_own, build_geometry
worker.main()
"""

READ_ALONE = """
from pathlib import Path
from ifc.reader import read_file
from ifc.step_file import find_source
print(len(read_file(find_source(Path(%r)), lambda *_: None).elements))
"""

# A worker that fails before any geometry.
DEAD = "import os, sys; sys.stdin.readline(); %s"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return House().write(tmp_path_factory.mktemp("house") / "house.ifc")


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ("os.abort()", "geometry-crashed"),
        ("raise RuntimeError('no')", "geometry-failed"),
        ("raise MemoryError", "geometry-out-of-memory"),
    ],
)
def test_a_product_that_fails_is_found_left_out_and_named(
    failure: str, code: str, house, monkeypatch
) -> None:
    monkeypatch.setattr(process, "BOOTSTRAP", POISONED % failure)
    model = read_raw(house)
    assert codes(model) == [code]
    assert model.diagnostics[0].global_id == model.elements.global_id[row(model, "East wall")]
    assert not model.geometry.has(row(model, "East wall"))
    assert model.geometry.has(row(model, "West wall"))
    assert len(model.geometry.instance_element) == 14


def test_a_product_that_takes_too_long_is_left_out(house, monkeypatch) -> None:
    monkeypatch.setattr(process, "BOOTSTRAP", POISONED % "time.sleep(60)")
    monkeypatch.setattr(schedule, "STALL_S", 0.6)
    model = read_raw(house)
    assert codes(model) == ["geometry-timed-out"]
    assert len(model.geometry.instance_element) == 14


def test_what_is_not_built_within_the_time_is_left_out_and_the_rest_is_kept(house, monkeypatch) -> None:
    monkeypatch.setattr(process, "BOOTSTRAP", POISONED % "time.sleep(60)")
    model = read_raw(house, timeout_s=3)
    assert codes(model) == ["geometry-timed-out"]
    assert len(model.spaces) == 2


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ("os.abort()", "reader-crashed"),
        ("import time; time.sleep(60)", "reader-timed-out"),
    ],
)
def test_a_reader_that_dies_or_hangs_is_one_error(failure: str, code: str, house, monkeypatch) -> None:
    monkeypatch.setattr(process, "BOOTSTRAP", DEAD % failure)
    with pytest.raises(IfcError) as caught:
        ifc.read(house, cache=None, timeout_s=2)
    assert caught.value.code == code
    assert str(house) in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="address space cannot be limited there")
def test_a_reader_that_wants_too_much_memory_is_one_error(house, monkeypatch) -> None:
    monkeypatch.setattr("ifc.reader._LEAST_MEMORY_BYTES", 64 << 20)
    with pytest.raises(IfcError) as caught:
        ifc.read(house, cache=None)
    assert caught.value.code in ("reader-crashed", "reader-out-of-memory", "reader-failed")


def test_a_product_that_took_too_long_is_tried_again_by_the_next_read(house, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(process, "BOOTSTRAP", POISONED % "os.abort()")
    ifc.read(house, cache=tmp_path)
    monkeypatch.undo()
    assert "geometry-crashed" not in codes(ifc.read(house, cache=tmp_path))


def test_no_process_is_left_behind(house) -> None:
    read_raw(house)
    listed = subprocess.run(["ps", "-ef"], capture_output=True, text=True, check=False).stdout
    assert not [line for line in listed.splitlines() if "ifc.reading.worker" in line and str(house) in line]


def read_in_worker(path: str) -> int:
    return len(read_raw(Path(path)).elements)


def test_a_daemonic_worker_process_can_read(house) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(read_in_worker, (str(house),)) == 18


def test_a_script_without_a_main_guard_can_read(house, tmp_path) -> None:
    script = tmp_path / "script.py"
    script.write_text(READ_ALONE % str(house))
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.strip() == "18", done.stderr


def test_importing_ifc_brings_in_neither_ifcopenshell_nor_numpy() -> None:
    code = "import sys, ifc; print(sorted({'ifcopenshell', 'numpy', 'shapely'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_caller_never_imports_ifcopenshell(house) -> None:
    code = READ_ALONE % str(house) + "import sys; print('ifcopenshell' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["18", "False"]


def test_progress_is_reported_by_stage(house) -> None:
    seen: list[tuple[str, float]] = []
    ifc.read(house, cache=None, progress=lambda stage, fraction: seen.append((stage, fraction)))
    assert list(dict(seen))[:3] == ["open", "model", "geometry"]
    assert all(0 <= fraction <= 1 for _, fraction in seen)
