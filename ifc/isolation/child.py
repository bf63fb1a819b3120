"""How a child process starts: forked from this one where that is safe, else from a new interpreter.

A new interpreter imports NumPy and this package again, which takes longer than reading a small file. A fork
has them already, and shares their memory. It is safe only while no other thread runs: a lock that another
thread holds stays locked in the child for ever. The threads that NumPy and Numba keep for parallel work are
no hindrance: they hold nothing while they wait, and the child runs no parallel kernel.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

# Stdout is for answers only.
BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); sys.stdout = sys.stderr; "
    "from ifc.reading.worker import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)
_FIRST_OWN = 3  # file descriptors below are stdin, stdout and stderr


@dataclass(frozen=True, slots=True)
class Child:
    """A running child process."""

    requests: IO[str]  # to it
    answers: IO[str]  # from it
    kill: Callable[[], None]  # may be called by any thread, and after the child's end
    wait: Callable[[], object]  # for its end, after kill


def start(log: Path, memory_bytes: int, seconds: int) -> Child:
    """A child that serves requests (:func:`ifc.reading.worker.serve`).

    Args:
        log: file that takes what it and the engine print.
        memory_bytes: of address space that it may take, 0 for no limit.
        seconds: after which it ends by itself.
    """
    with log.open("ab") as sink:
        return (forked if may_fork() else spawned)(sink.fileno(), memory_bytes, seconds)


def may_fork() -> bool:
    """Whether this process can be forked: on Linux, as long as it has no other Python thread."""
    return sys.platform == "linux" and threading.active_count() == 1


def spawned(log: int, memory_bytes: int, seconds: int) -> Child:
    """A child with an interpreter of its own.

    The paths of this process go along, so that it finds the same packages from a script, a notebook or a
    worker of a pool; it never runs the caller's ``__main__``.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", BOOTSTRAP, json.dumps(sys.path), str(memory_bytes), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    return Child(process.stdin, process.stdout, process.kill, process.wait)


def forked(log: int, memory_bytes: int, seconds: int) -> Child:
    """A copy of this process that serves requests and nothing else."""
    import ifc.reading.worker  # noqa: F401  for all children, but not for who reads from the cache

    requests_out, requests_in = os.pipe()
    answers_out, answers_in = os.pipe()
    pid = os.fork()
    if pid == 0:
        _serve(requests_out, answers_in, log, memory_bytes, seconds)
    os.close(requests_out)
    os.close(answers_in)
    ended = threading.Lock()  # held once the child's number may be another process's

    def kill() -> None:
        if ended.acquire(blocking=False):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            ended.release()

    def wait() -> None:
        ended.acquire()
        with suppress(ChildProcessError):  # where the caller ignores SIGCHLD
            os.waitpid(pid, 0)

    return Child(open(requests_in, "w", encoding="utf-8"), open(answers_out, encoding="utf-8"), kill, wait)


def _serve(requests: int, answers: int, log: int, memory_bytes: int, seconds: int) -> NoReturn:
    """The life of a forked child: nothing of the caller's runs in it, and nothing of it is left open."""
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        import fcntl

        # Above the first three, which one of them may be where the caller has closed its own.
        kept = [fcntl.fcntl(own, fcntl.F_DUPFD, _FIRST_OWN) for own in (requests, answers, log)]
        for target, own in enumerate((kept[0], kept[2], kept[2])):
            os.dup2(own, target)
        answers = kept[1]
        os.closerange(_FIRST_OWN, answers)
        os.closerange(answers + 1, os.sysconf("SC_OPEN_MAX"))
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
        from ifc.reading.worker import serve

        serve(sys.stdin, os.fdopen(answers, "w", encoding="utf-8", newline="\n"), memory_bytes, seconds)
        status = 0
    finally:
        os._exit(status)
