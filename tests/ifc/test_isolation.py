"""A crash, a hang or a fit of memory in the reading process costs a part of the file, or is one IfcError."""

from __future__ import annotations

import dataclasses
import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import ifc
from ifc import container
from ifc.errors import IfcError
from ifc.isolation import child, schedule
from ifc.reading import worker
from tests.ifc.reading import codes, read_raw, row
from tests.two_room_house import House

# Worker code that fails for one product, as IfcOpenShell does for some broken shapes.
POISON = """
import os, time
from ifc.reading import worker
def poisoned(build, products_at):
    def checked(file, *arguments):
        for product in arguments[products_at]:
            if file.by_id(product).Name == "East wall":
                %s
        return build(file, *arguments)
    return checked
put(worker, "build_own", poisoned(worker.build_own, 1))
put(worker, "build_geometry", poisoned(worker.build_geometry, 0))
"""
SPAWNED = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
put = setattr
%s
from ifc.reading.worker import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""

READ_ALONE = """
from pathlib import Path
from ifc.reader import read_file
from ifc.step_file import find_source
print(len(read_file(find_source(Path(%r)), lambda *_: None).elements))
"""

# How a child starts. Elsewhere than on Linux it is never forked, so there is nothing to test.
WAYS = ("forked", "spawned") if sys.platform == "linux" else ("spawned",)
on_linux = pytest.mark.skipif(
    sys.platform != "linux",
    reason="looks at what only Linux has: forked children, and open files under /proc",
)
Fault = Callable[[str], None]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch) -> str:
    """Each way to start a child, whatever threads this process has."""
    monkeypatch.setattr(child, "may_fork", lambda: request.param == "forked")
    return str(request.param)


@pytest.fixture
def poison(way, monkeypatch) -> Fault:
    """Let the geometry of one product do something to the child."""

    def poison(failure: str) -> None:
        if way == "forked":
            exec(POISON % failure, {"put": monkeypatch.setattr})
        else:
            monkeypatch.setattr(child, "BOOTSTRAP", SPAWNED % (POISON % failure))

    return poison


@pytest.fixture
def dead(way, monkeypatch) -> Fault:
    """Let the child do something before any geometry."""

    def dead(failure: str) -> None:
        if way == "forked":
            monkeypatch.setattr(worker, "serve", lambda *_: exec(f"import os; {failure}", {}))
        else:
            monkeypatch.setattr(child, "BOOTSTRAP", f"import os, sys; sys.stdin.readline(); {failure}")

    return dead


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
def test_a_product_that_fails_is_found_left_out_and_named(failure: str, code: str, house, poison) -> None:
    poison(failure)
    model = read_raw(house)
    assert codes(model) == [code]
    assert model.diagnostics[0].global_id == model.elements.global_id[row(model, "East wall")]
    assert not model.geometry.has(row(model, "East wall"))
    assert model.geometry.has(row(model, "West wall"))
    assert len(model.geometry.instance_element) == 14


@pytest.fixture
def undisturbed_s(house, way) -> float:
    """How long reading the house takes here and now: the machine may be busy with others."""
    begin = time.monotonic()
    read_raw(house)
    return time.monotonic() - begin


def test_a_product_that_takes_too_long_is_left_out(house, undisturbed_s, poison, monkeypatch) -> None:
    poison("time.sleep(60)")
    monkeypatch.setattr(schedule, "STALL_S", max(0.6, undisturbed_s))
    model = read_raw(house)
    assert codes(model) == ["geometry-timed-out"]
    assert len(model.geometry.instance_element) == 14


def test_what_is_not_built_within_the_time_is_left_out_and_the_rest_is_kept(
    house, undisturbed_s, poison
) -> None:
    poison("time.sleep(60)")
    model = read_raw(house, timeout_s=max(3.0, 3.0 * undisturbed_s))
    assert codes(model) == ["geometry-timed-out"]
    assert len(model.spaces) == 2


@pytest.mark.parametrize(
    ("failure", "code", "timeout_s"),
    [
        ("os.abort()", "reader-crashed", 60),
        ("import time; time.sleep(60)", "reader-timed-out", 2),
    ],
)
def test_a_reader_that_dies_or_hangs_is_one_error(
    failure: str, code: str, timeout_s: float, house, dead
) -> None:
    dead(failure)
    with pytest.raises(IfcError) as caught:
        ifc.read(house, cache=None, timeout_s=timeout_s)
    assert caught.value.code == code
    assert str(house) in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="address space cannot be limited there")
@pytest.mark.parametrize("forks", [True, False])
def test_a_reader_that_wants_too_much_memory_is_one_error(forks: bool, house) -> None:
    code = f"""
import ifc.reader
from ifc.isolation import child
ifc.reader._LEAST_MEMORY_BYTES = 8 << 20
child.may_fork = lambda: {forks}
try:
    ifc.read({str(house)!r}, cache=None)
except ifc.IfcError as error:
    print(error.code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("reader-crashed", "reader-out-of-memory", "reader-failed")


def test_a_product_that_took_too_long_is_tried_again_by_the_next_read(
    house, poison, monkeypatch, tmp_path
) -> None:
    poison("os.abort()")
    ifc.read(house, cache=tmp_path)
    monkeypatch.undo()
    assert "geometry-crashed" not in codes(ifc.read(house, cache=tmp_path))


@on_linux
def test_no_process_is_left_behind_and_no_file_open(house, way) -> None:
    read_raw(house)
    gc.collect()  # other tests may have left files to be closed, and children to end
    files, children = len(os.listdir("/proc/self/fd")), own_children()
    read_raw(house)
    assert len(os.listdir("/proc/self/fd")) <= files
    assert own_children() <= children


def own_children() -> set[str]:
    """The processes, dead ones too, whose parent this is; other tests may have left some."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return {pid for pid, parent, name in lines if parent == str(os.getpid()) and not name.startswith("ps ")}


def test_both_ways_to_start_a_child_read_the_same(house, monkeypatch, tmp_path) -> None:
    for forks in (True, False):
        monkeypatch.setattr(child, "may_fork", lambda forks=forks: forks)
        container.save(tmp_path / str(forks), dataclasses.replace(read_raw(house), seconds={}))
    assert (tmp_path / "True").read_bytes() == (tmp_path / "False").read_bytes()


def test_a_process_with_threads_is_not_forked(house) -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert not child.may_fork()
        assert len(read_raw(house).elements) == 18
    finally:
        done.set()
        other.join()


@on_linux
def test_a_process_that_ran_parallel_kernels_can_be_forked(house) -> None:
    """Their threads stay, but hold nothing while they wait; and the child runs no parallel kernel."""
    code = (
        "import os, numba, numpy as np\n"
        "@numba.njit(parallel=True)\n"
        "def total(values):\n"
        "    found = 0.0\n"
        "    for row in numba.prange(len(values)):\n"
        "        found += values[row]\n"
        "    return found\n"
        "numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))\n"
        "assert total(np.ones(100_000)) == 100_000\n"
        "from ifc.isolation.child import may_fork\n"
        "assert may_fork()\n" + READ_ALONE % str(house)
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["18"]


@on_linux
def test_a_forked_child_writes_nothing_of_the_callers_and_runs_none_of_its_exits(house) -> None:
    code = (
        "import atexit, sys; atexit.register(lambda: print('exit', flush=True)); "
        "sys.stdout.write('begun '); " + READ_ALONE % str(house)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["begun", "18", "exit"]


@on_linux
def test_a_caller_without_standard_streams_can_read(house, tmp_path) -> None:
    out = tmp_path / "count"
    code = f"import os; os.closerange(0, 3); {READ_ALONE % str(house)}"
    code = code.replace("print(", f"Path({str(out)!r}).write_text(str(").rstrip() + ")"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert out.read_text() == "18"


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
