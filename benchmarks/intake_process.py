"""A measurement in a process of its own, watched from outside: its answer and its peak memory."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT

_LOOK_S = 0.02
_SEARCH_S = 0.05  # between looks for new children


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process answered."""

    answer: dict[str, Any]
    peak_mb: float | None  # largest memory of it and its children, shared pages by share; None off Linux
    resident_mb: float | None  # the same, but what several processes share counts in each of them

    @property
    def cpu_s(self) -> float:
        """Processor time of what was measured, children included."""
        return float(self.answer["cpu_s"])

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
                resident, peak = _watched(process, limit_s)
            finally:
                if timed_out := process.poll() is None:
                    process.kill()
                    process.wait()
        if timed_out:
            return None
        if process.returncode != 0 or not out.exists():
            raise RuntimeError(f"{' '.join(command)}: {log.read_text('utf-8', 'replace')[-2000:]}")
        answer = json.loads(out.read_text("utf-8"))
        return Measured(answer, peak / 1e6 if peak else None, resident / 1e6 if resident else None)


def _watched(process: subprocess.Popen[bytes], limit_s: float) -> tuple[int, int]:
    """Wait for a process; the largest memory in bytes that it and its children held together.

    Returns:
        the largest sum of their resident, and of their proportional memory.
    """
    now = time.monotonic()
    deadline, searched = now + limit_s, now - _SEARCH_S
    family: list[int] = []
    resident = peak = 0
    while process.poll() is None and now < deadline:
        if now - searched >= _SEARCH_S:
            family, searched = _family(process.pid), now
        held = [_memory_bytes(member) for member in family]
        resident = max(resident, sum(one[0] for one in held))
        peak = max(peak, sum(one[1] for one in held))
        time.sleep(_LOOK_S)
        now = time.monotonic()
    return resident, peak


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


def _memory_bytes(pid: int) -> tuple[int, int]:
    """Resident memory of a process, and its proportional memory: a page of n processes counts 1/n in each."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0  # it has just ended
    stated = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return int(stated.get("Rss", "0")) * 1024, int(stated.get("Pss", "0")) * 1024
