"""Compiled kernels are kept by the state of their sources."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ifc.kernel_cache import use_kernel_cache


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    folder = tmp_path / "kernels"
    folder.mkdir()
    (folder / "callee.py").write_text("def twice(x): return 2 * x\n")
    return folder


def test_changed_sources_get_another_folder_and_the_same_ones_theirs_again(sources: Path, tmp_path) -> None:
    first = use_kernel_cache([sources])
    assert os.environ["NUMBA_CACHE_DIR"] == str(first)
    assert first.parent == tmp_path / "cache"
    (sources / "callee.py").write_text("def twice(x): return 3 * x\n")
    assert use_kernel_cache([sources]).parent == first.parent
    assert use_kernel_cache([sources]) != first
    (sources / "callee.py").write_text("def twice(x): return 2 * x\n")
    assert use_kernel_cache([sources]) == first


def test_a_folder_unused_for_a_month_is_cleared_when_a_new_one_is_made(sources: Path) -> None:
    old = use_kernel_cache([sources])
    os.utime(old, (0, 0))
    (sources / "callee.py").write_text("")
    new = use_kernel_cache([sources])
    assert new.is_dir()
    assert not old.exists()


def test_where_nothing_can_be_written_kernels_live_as_long_as_the_process(sources: Path, tmp_path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    folder = use_kernel_cache([sources])
    assert folder.is_dir()
    assert tmp_path / "cache" not in folder.parents


def test_a_change_in_a_function_that_a_kernel_calls_is_seen_by_the_next_process(tmp_path: Path) -> None:
    """What Numba's own cache misses: the caller's file is the same."""
    package = tmp_path / "sources"
    package.mkdir()
    (package / "callee.py").write_text(
        "import numba\n@numba.njit(cache=True)\ndef factor():\n    return 2.0\n"
    )
    (package / "caller.py").write_text(
        "import numba\nfrom callee import factor\n"
        "@numba.njit(cache=True)\ndef scaled(x):\n    return factor() * x\n"
    )
    program = (
        "import sys; from pathlib import Path; from ifc.kernel_cache import use_kernel_cache\n"
        f"sys.path.insert(0, {str(package)!r}); use_kernel_cache([Path({str(package)!r})])\n"
        "from caller import scaled; print(scaled(1.0))"
    )
    # Python itself takes a file of the same size and second for the same, and would run its old bytecode.
    kept = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, **kept}

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert run() == "2.0"
    (package / "callee.py").write_text((package / "callee.py").read_text().replace("2.0", "3.0"))
    assert run() == "3.0"


def test_numba_is_told_of_the_folder_before_any_kernel_is_made() -> None:
    program = (
        "import os, twin.kernels.rays, ifc.surfaces.rays, numba\n"
        "assert numba.config.CACHE_DIR == os.environ['NUMBA_CACHE_DIR'], numba.config.CACHE_DIR\n"
        "path = twin.kernels.rays.closest.stats.cache_path\n"
        "assert path.startswith(numba.config.CACHE_DIR), path\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
