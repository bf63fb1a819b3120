"""What runs beside the server ends with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import twin
from tests.twin.server.test_background import wait_for

ENDS_WITHIN_S = 30.0


def running(*words):
    """Numbers of the processes with these words on their command line; one that nobody waits for is none."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    found = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return [
        int(number)
        for number, state, *command in found
        if not state.startswith("Z") and all(word in "".join(command) for word in words)
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no ps there to list the processes")
def test_a_server_that_is_killed_leaves_no_evaluation_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENTWIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))  # empty: it compiles for minutes
    shutil.copyfile(Path(twin.__file__).parent / "data" / "one_room.ifc", tmp_path / "model.ifc")
    (tmp_path / "points.csv").write_text("id,unit,privacy\nroom/t,°C,public\n")
    (tmp_path / "twin.toml").write_text('[live]\nmodel = "model.ifc"\npoints = "points.csv"\n')
    words = ("twin.server.evaluation", str(tmp_path))
    command = [sys.executable, "-m", "twin.cli", "serve", str(tmp_path / "twin.toml"), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        # At work on what comes after the picture: before that, it ends because it cannot tell of it.
        wait_for(lambda: running(*words) and any((tmp_path / "kernels").rglob("*.nbi")))
        server.send_signal(signal.SIGKILL)
        server.wait()
        wait_for(lambda: not running(*words), ENDS_WITHIN_S)
    finally:
        server.kill()
        server.wait()
        for number in running(*words):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFO there")
@pytest.mark.parametrize("module", ["evaluation", "site_runoff"])
def test_a_process_that_does_not_read_its_input_ends_with_it(module, tmp_path):
    os.mkfifo(tmp_path / "twin.toml")  # it waits for the first byte of it for ever
    arguments = [tmp_path / "twin.toml", tmp_path / "kept"]
    if module == "evaluation":
        arguments.insert(0, Path(twin.__file__).parent / "data" / "one_room.ifc")
    command = [sys.executable, "-m", f"twin.server.{module}", *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        if module == "evaluation":
            assert process.stdout.readline() == b"stated\n"
        assert process.poll() is None
        process.stdin.close()  # as the end of the server does
        assert process.wait(ENDS_WITHIN_S) != 0
    finally:
        process.kill()
        process.wait()
