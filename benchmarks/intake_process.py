"""A measurement in a process of its own, watched from outside: its answer and its peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT

_LOOK_S = 0.02
_SEARCH_S = 0.2  # between looks for new children
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process answered."""

    answer: dict[str, Any]
    peak_mb: float | None  # largest sum of resident memory of the process and its children; None off Linux

    @property
    def seconds(self) -> float:
        """Wall time of what was measured, imports and the start of the interpreter left out."""
        return float(self.answer["seconds"])


def measure(command: Sequence[str], limit_s: float = 600.0) -> Measured | None:
    """Run a command that writes one JSON object to the path given as its last argument.

    Returns None when it is not done within ``limit_s``; it is ended then.

    Raises:
        RuntimeError: the command failed; its stderr is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="greentwin-benchmark-") as folder:
        out, log = Path(folder, "answer.json"), Path(folder, "log")
        with log.open("wb") as sink:
            process = subprocess.Popen([*command, str(out)], cwd=ROOT, stdout=sink, stderr=sink)
            try:
                peak = _watched(process, limit_s)
            finally:
                if timed_out := process.poll() is None:
                    process.kill()
                    process.wait()
        if timed_out:
            return None
        if process.returncode != 0 or not out.exists():
            raise RuntimeError(f"{' '.join(command)}: {log.read_text('utf-8', 'replace')[-2000:]}")
        return Measured(json.loads(out.read_text("utf-8")), peak / 1e6 if peak else None)


def _watched(process: subprocess.Popen[bytes], limit_s: float) -> int:
    """Wait for a process; the largest memory in bytes that it and its children held together."""
    now = time.monotonic()
    deadline, searched = now + limit_s, now - _SEARCH_S
    family: list[int] = []
    peak = 0
    while process.poll() is None and now < deadline:
        if now - searched >= _SEARCH_S:
            family, searched = _family(process.pid), now
        peak = max(peak, sum(map(_resident_bytes, family)))
        time.sleep(_LOOK_S)
        now = time.monotonic()
    return peak


def _family(pid: int) -> list[int]:
    """A process and everything below it; nothing where the system has no /proc."""
    parent_of: dict[int, int] = {}
    for home in Path("/proc").glob("[0-9]*"):
        try:
            # "pid (name) state parent ..."; a name may hold anything.
            parent_of[int(home.name)] = int(
                (home / "stat").read_text("utf-8", "replace").rsplit(")")[-1].split()[1]
            )
        except OSError:
            continue  # it has just ended
    family = [pid] if pid in parent_of else []
    for member in family:
        family += [child for child, parent in parent_of.items() if parent == member]
    return family


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path("/proc", str(pid), "statm").read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0  # it has just ended
